"""A municipality's own driving log: read as trips, and imported beside what trackers tell."""
