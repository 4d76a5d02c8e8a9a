"""Zones, depots and where vehicles sleep."""
