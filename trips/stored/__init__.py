"""The tables of trips, kept current: what changed, what that touches, and how it is found anew."""
