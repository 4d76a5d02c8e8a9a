"""Trips found anew."""

from trips.stored.set_aside import TripFailure


def never(device: str, failure: TripFailure) -> None:
    raise AssertionError(f"{device}: {failure}")
