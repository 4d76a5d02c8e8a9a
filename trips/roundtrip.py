"""Trips to round trips: out from the depot and back, which is what a vehicle is needed for."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from trips.detect import M_PER_DEG, DetectedTrip


class Depot(NamedTuple):
    """Where a vehicle is at home: a circle, degrees and metres."""

    lat: float
    lon: float
    radius_m: float

    def holds(self, lat: float, lon: float) -> bool:
        """Whether a point lies within the circle."""
        x = (lon - self.lon) * np.cos(np.radians(self.lat))
        return bool(np.hypot(x, lat - self.lat) * M_PER_DEG <= self.radius_m)


class RoundTrip(NamedTuple):
    """From leaving the depot to being back. Seconds since 1970, driven km, number of trips."""

    start: float
    end: float
    km: float
    legs: int


#: A vehicle that stood this long away from its depot did not come back: its round trip ends where
#: it was last seen, and what follows is another one.
AWAY_MAX_S = 24 * 3600.0


def round_trips(trips: Iterable[DetectedTrip], depot: Depot) -> Iterator[RoundTrip]:
    """The round trips in the trips of one vehicle, which come in order.

    All trips from one return to the depot to the next make one round trip, also where the first
    of them was first heard of on the road: the vehicle was away. Trips after the last return
    belong to a round trip that is still under way, and are not returned.
    """
    start: float | None = None
    end, km, legs = 0.0, 0.0, 0
    for trip in trips:
        if start is not None and trip.start - end > AWAY_MAX_S:
            yield RoundTrip(start, end, km, legs)
            start, km, legs = None, 0.0, 0
        start, end = trip.start if start is None else start, trip.end
        km, legs = km + trip.km, legs + 1
        if depot.holds(trip.end_lat, trip.end_lon):
            yield RoundTrip(start, end, km, legs)
            start, km, legs = None, 0.0, 0
