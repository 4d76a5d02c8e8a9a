"""Positions to trips, round trips and utilisation: a pure core and one thin service."""
