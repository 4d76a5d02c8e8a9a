"""Reads a municipality's own driving log as trips, and imports them beside those of trackers."""
