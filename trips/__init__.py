"""Finds trips, round trips and use in positions: a pure core and one thin service."""
