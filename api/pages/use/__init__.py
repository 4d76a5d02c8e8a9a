"""Use of the fleet, and the days on which it is closed."""
