"""Joins trips to round trips from a depot and back to one, for which a vehicle is needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import numpy as np

from fleet.localtime import local_day
from fleet.moments import moment_at
from register.zones import ZoneIndex
from trips.detect.detect import DetectedTrip


@dataclass(frozen=True, slots=True)
class RoundTripRules:
    """The rules by which a round trip ends without a return.

    Attributes:
        away_max_s: a vehicle that stood this long away from every depot did not come back: its
            round trip ends where it was last seen, and what follows is another one.
        depot_change_s: a vehicle that stands this long at another depot than it left has moved
            there; a shorter visit is part of the round trip.
    """

    away_max_s: float = 24 * 3600.0
    depot_change_s: float = 6 * 3600.0


class RoundTrip(NamedTuple):
    """A round trip from leaving a depot to being back: seconds since 1970, driven km, number of
    trips (`legs`).

    `left` and `reached` are ids of depots: the same one after an ordinary round trip, two when the
    vehicle moved to another depot, None where it was at none: it was first heard of on the road, or
    did not come back.
    """

    start: float
    end: float
    km: float
    legs: int
    left: str | None
    reached: str | None


def round_trips(
    trips: Sequence[DetectedTrip],
    depots: ZoneIndex,
    home: str,
    rules: RoundTripRules,
    *,
    ended: bool = False,
) -> Iterator[RoundTrip]:
    """Find the round trips in the trips of one vehicle, which come in order; `home` is its own
    depot.

    A round trip ends on coming back to the depot that it left or to the vehicle's own; at another
    depot after `depot_change_s` there; elsewhere after `away_max_s`. All trips until then are part
    of it, also where the first of them was first heard of on the road: the vehicle was away. Trips
    after the last return belong to a round trip that is still under way, and are not returned,
    unless the trips have `ended`: what follows is private, and it ends where it was last seen.
    """
    left_at = _depots(depots, [(t.start, t.start_lat, t.start_lon) for t in trips])
    came_to = _depots(depots, [(t.end, t.end_lat, t.end_lon) for t in trips])
    out: DetectedTrip | None = None
    left: str | None = None
    km, legs = 0.0, 0
    if not trips:
        return
    next_start = [trip.start for trip in trips[1:]] + [inf if ended else 0.0]
    for trip, following, begun, reached in zip(trips, next_start, left_at, came_to, strict=True):
        if out is None:
            out, left, km, legs = trip, begun, 0.0, 0
        km, legs = km + trip.km, legs + 1
        stood = following - trip.end  # below 0 after the last trip, of which it is not known yet
        if reached is None:
            over = stood > rules.away_max_s
        else:
            over = reached in (left, home) or stood > rules.depot_change_s
        if over:
            yield RoundTrip(out.start, trip.end, km, legs, left, reached)
            out = None


def _depots(index: ZoneIndex, places: Sequence[tuple[float, float, float]]) -> list[str | None]:
    ts, lat, lon = np.array(places, dtype=np.float64).reshape(-1, 3).T
    days = [local_day(moment_at(moment)) for moment in ts.tolist()]
    return [None if zone is None else zone.zone_id for zone in index.at(lat, lon, days)]
