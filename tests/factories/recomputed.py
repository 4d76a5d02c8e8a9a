"""Trips found anew."""

from trips.stored.aside import Aside


def never(device: str, aside: Aside) -> None:
    raise AssertionError(f"{device}: {aside}")
