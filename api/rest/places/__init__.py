"""Depots and other zones for programs."""
