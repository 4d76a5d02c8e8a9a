"""Bytes from trackers to stored positions, acknowledged only when they are committed."""
