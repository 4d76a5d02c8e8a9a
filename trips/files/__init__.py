"""Files of positions and trips: reads logs without a database, and exports tables."""
