"""Measurements beside a peer or a physical limit; each prints its ratio, measured in that run."""
