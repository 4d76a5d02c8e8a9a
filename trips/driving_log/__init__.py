"""A municipality's own driving log: its rows to trips, and those into the tables."""
