"""Positions and trips as files, without a database or out of it."""
