"""The limits of a kind on the trips of one vehicle, defined once for the whole solver.

Some limits concern a trip by itself: `may_serve`. Others concern the trips that one vehicle serves
one after the other: the km of its day, and its battery, which is full at the start of the period
and regains range whenever the vehicle stands at the depot. `conflicts` derives from these the sets
of trips that one vehicle cannot serve together.
"""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from optimiser.duties.pool_arrays import KM_NOISE, MICROSECONDS_PER_HOUR, PlainTrip, PoolArrays
from optimiser.model.problem import Kind, RoundTrip


def most_trip_km(kind: Kind) -> float:
    """The most km of a round trip of `kind`: the least of its range, trip limit and day limit."""
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
    return (kind.charge_km_h or 0.0) / MICROSECONDS_PER_HOUR


def only_overlaps_bind(kind: Kind) -> bool:
    """Whether nothing but overlaps keeps a vehicle of `kind` from serving a trip after others."""
    return kind.range_km is None and max_day_km(kind) is None


class VehicleState(NamedTuple):
    """The state of a vehicle after its latest trip; `lack_km` is missing from its full battery.

    A field that does not matter to the kind stays 0, so that vehicles that differ only there are
    equal.
    """

    busy_until: int = -(2**62)
    stood_since: int = -(2**62)
    lack_km: float = 0.0
    day: int = 0
    day_km: float = 0.0


#: The state of a vehicle at the start of the period: at the depot, with a full battery.
AT_START = VehicleState()


def drive(arrays: PoolArrays, k: int, vehicle: VehicleState, t: int) -> VehicleState | None:
    """The state of `vehicle`, of kind `k`, after trip `t`, which starts after its last one.

    None if the vehicle is still busy, or if its battery or day does not allow the trip.
    """
    trip = arrays.plain_trips[t]
    if vehicle.busy_until > trip.start:
        return None
    kind = arrays.kinds[k]
    after = _after(kind, vehicle, trip)
    range_km, day_most_km = kind.range_km, kind.limits.max_day_km
    if range_km is not None and after.lack_km > range_km + KM_NOISE:
        return None
    if day_most_km is not None and after.day_km > day_most_km + KM_NOISE:
        return None
    return after


def can_drive_all(
    arrays: PoolArrays, k: int, trips: Sequence[int], vehicle: VehicleState = AT_START
) -> bool:
    """Whether `vehicle`, of kind `k`, can serve `trips`, given in order of start."""
    after: VehicleState | None = vehicle
    for t in trips:
        after = drive(arrays, k, after, t)
        if after is None:
            return False
    return True


def excess_km(arrays: PoolArrays, k: int, vehicle: VehicleState, duty: Sequence[int]) -> float:
    """The excess of `duty` over battery and day limit: the sum over its trips, in km."""
    kind = arrays.kinds[k]
    day_most_km = max_day_km(kind)
    excess = 0.0
    for t in duty:
        vehicle = _after(kind, vehicle, arrays.plain_trips[t])
        if kind.range_km is not None:
            excess += max(0.0, vehicle.lack_km - kind.range_km)
        if day_most_km is not None:
            excess += max(0.0, vehicle.day_km - day_most_km)
    return excess


def is_recovered(arrays: PoolArrays, k: int, before: int, after: int) -> bool:
    """Whether a vehicle of kind `k` is full at trip `after`, whatever it served up to `before`.

    Under a day limit the two trips must also be of different days.
    """
    kind = arrays.kinds[k]
    if (
        max_day_km(kind) is not None
        and arrays.plain_trips[before].day == arrays.plain_trips[after].day
    ):
        return False
    if kind.range_km is None:
        return True
    return (
        charge_km(kind) * (arrays.plain_trips[after].start - arrays.plain_trips[before].end)
        >= kind.range_km
    )


def _after(kind: Kind, vehicle: VehicleState, trip: PlainTrip) -> VehicleState:
    """The state of `vehicle` after `trip`, whether it may serve the trip or not."""
    lack_km, day, day_km = 0.0, 0, 0.0
    if kind.range_km is not None:
        charged_km = charge_km(kind) * (trip.start - vehicle.stood_since)
        lack_km = max(0.0, vehicle.lack_km - charged_km) + trip.km
    if kind.limits.max_day_km is not None:
        day = trip.day
        day_km = trip.km + (vehicle.day_km if vehicle.day == day else 0.0)
    return VehicleState(trip.busy_until, trip.end, lack_km, day, day_km)
