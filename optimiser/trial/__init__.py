"""Tries the proposed fleet on the real days since the proposal, and names each trip it misses."""
