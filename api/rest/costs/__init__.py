"""Assumptions, capabilities and kinds of vehicle for programs."""
