"""Enrols many trackers at once, from a list that somebody pasted or handed over."""
