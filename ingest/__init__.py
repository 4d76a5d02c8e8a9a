"""Turns bytes from trackers into stored positions, and acknowledges them only once committed."""
