"""The municipality itself: its name, its closing days, and how far its first run has come."""
