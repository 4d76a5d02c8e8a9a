"""Judges each message: decides which positions are stored, refused, or dropped as private."""
