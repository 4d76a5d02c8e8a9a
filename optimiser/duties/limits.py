"""What the limits of a kind mean for the trips of one vehicle, told once for the whole solver.

Some limits are of a trip by itself: `may_serve`. Others are of the trips that one vehicle serves
one after the other: the km of its day, and its battery, which is full at the start of the period
and regains range whenever the vehicle stands at the depot. `conflicts` derives from those which
trips one vehicle cannot serve together.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from optimiser.duties.pool_arrays import HOUR, KM_NOISE, Leg, PoolArrays
from optimiser.model.problem import Kind, RoundTrip


def most_trip_km(kind: Kind) -> float:
    """The most km that a round trip of a vehicle of `kind` can have: of its range, trip and day."""
    limits = (kind.range_km, kind.limits.max_trip_km, kind.limits.max_day_km)
    return min((limit for limit in limits if limit is not None), default=math.inf)


def may_serve(
    kind: Kind, trips: Sequence[RoundTrip], local: Sequence[tuple[datetime, datetime]]
) -> list[bool]:
    """Whether a full vehicle of `kind` may serve each of `trips` by itself.

    `local` holds the start and end of each trip in local time.
    """
    most_km = most_trip_km(kind)
    fits = [
        trip.km <= most_km and trip.pool == kind.pool and trip.needs <= kind.offers
        for trip in trips
    ]
    window = kind.limits.window
    if window is None:
        return fits
    return [
        fit
        and start.date() == end.date()
        and window.first <= start.time()
        and end.time() <= window.last
        for fit, (start, end) in zip(fits, local, strict=True)
    ]


def max_day_km(kind: Kind) -> float | None:
    """The most km of one vehicle on one local day; None if there is no limit."""
    return kind.limits.max_day_km


def charge_km(kind: Kind) -> float:
    """The km of range that a vehicle regains in a microsecond at the depot."""
    return (kind.charge_km_h or 0.0) / HOUR


def is_free(kind: Kind) -> bool:
    """Whether what a vehicle may serve does not depend on what it served before, but for time."""
    return kind.range_km is None and max_day_km(kind) is None


class Vehicle(NamedTuple):
    """A vehicle after its latest trip; `lack_km` is what its battery is short of full.

    What does not matter to its kind stays 0, so that vehicles that differ only there are equal.
    """

    busy_until: int = -(2**62)
    stood_since: int = -(2**62)
    lack_km: float = 0.0
    day: int = 0
    day_km: float = 0.0


#: A vehicle at the start of the period: at the depot, full.
NEW = Vehicle()


def drive(arrays: PoolArrays, k: int, vehicle: Vehicle, t: int) -> Vehicle | None:
    """`vehicle`, of kind `k`, after trip `t`, which starts no earlier than its last one did.

    None when it is still busy, or the battery or the day does not allow it.
    """
    leg = arrays.legs[t]
    if vehicle.busy_until > leg.start:
        return None
    kind = arrays.kinds[k]
    after = _after(kind, vehicle, leg)
    if kind.range_km is not None and after.lack_km > kind.range_km + KM_NOISE:
        return None
    day_most_km = max_day_km(kind)
    if day_most_km is not None and after.day_km > day_most_km + KM_NOISE:
        return None
    return after


def can_drive_all(arrays: PoolArrays, k: int, trips: Sequence[int], vehicle: Vehicle = NEW) -> bool:
    """Whether `vehicle`, of kind `k`, can serve `trips`, given in order of start."""
    after: Vehicle | None = vehicle
    for t in trips:
        after = drive(arrays, k, after, t)
        if after is None:
            return False
    return True


def excess_km(arrays: PoolArrays, k: int, vehicle: Vehicle, duty: Sequence[int]) -> float:
    """The km, over all trips of `duty`, by which battery and day would have to be larger."""
    kind = arrays.kinds[k]
    day_most_km = max_day_km(kind)
    excess = 0.0
    for t in duty:
        vehicle = _after(kind, vehicle, arrays.legs[t])
        if kind.range_km is not None:
            excess += max(0.0, vehicle.lack_km - kind.range_km)
        if day_most_km is not None:
            excess += max(0.0, vehicle.day_km - day_most_km)
    return excess


def is_as_new(arrays: PoolArrays, k: int, before: int, after: int) -> bool:
    """Whether a vehicle of kind `k` is as new at trip `after`, whatever it did up to `before`."""
    kind = arrays.kinds[k]
    if max_day_km(kind) is not None and arrays.legs[before].day == arrays.legs[after].day:
        return False
    if kind.range_km is None:
        return True
    return charge_km(kind) * (arrays.legs[after].start - arrays.legs[before].end) >= kind.range_km


def _after(kind: Kind, vehicle: Vehicle, leg: Leg) -> Vehicle:
    """`vehicle` after `leg`, whether it may serve it or not."""
    lack_km, day, day_km = 0.0, 0, 0.0
    if kind.range_km is not None:
        charged_km = charge_km(kind) * (leg.start - vehicle.stood_since)
        lack_km = max(0.0, vehicle.lack_km - charged_km) + leg.km
    if kind.limits.max_day_km is not None:
        day = leg.day
        day_km = leg.km + (vehicle.day_km if vehicle.day == day else 0.0)
    return Vehicle(leg.busy_until, leg.end, lack_km, day, day_km)
