"""One vehicle on its way through the period: may it drive the next trip, and what is it then."""

from collections.abc import Sequence
from typing import NamedTuple

from optimiser.duties.pool_arrays import HOUR, KM_NOISE, PoolArrays


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


def drive(part: PoolArrays, k: int, vehicle: Vehicle, t: int) -> Vehicle | None:
    """`vehicle`, of kind `k`, after trip `t`, which starts no earlier than its last one did.

    None when it is still busy, or the battery or the day does not allow it.
    """
    leg = part.legs[t]
    if vehicle.busy_until > leg.start:
        return None
    kind = part.kinds[k]
    lack_km = 0.0
    if kind.range_km is not None:
        charged = (kind.charge_km_h or 0.0) / HOUR * (leg.start - vehicle.stood_since)
        lack_km = max(0.0, vehicle.lack_km - charged) + leg.km
        if lack_km > kind.range_km + KM_NOISE:
            return None
    day, day_km = 0, 0.0
    if kind.max_day_km is not None:
        day = leg.day
        day_km = leg.km + (vehicle.day_km if vehicle.day == day else 0.0)
        if day_km > kind.max_day_km + KM_NOISE:
            return None
    return Vehicle(leg.busy_until, leg.end, lack_km, day, day_km)


def can_drive_all(part: PoolArrays, k: int, trips: Sequence[int], vehicle: Vehicle = NEW) -> bool:
    """Whether `vehicle`, of kind `k`, can serve `trips`, given in order of start."""
    after: Vehicle | None = vehicle
    for t in trips:
        after = drive(part, k, after, t)
        if after is None:
            return False
    return True


def rested(part: PoolArrays, k: int, before: int, after: int) -> bool:
    """Whether a vehicle of kind `k` is as new at trip `after`, whatever it did up to `before`."""
    kind = part.kinds[k]
    if kind.max_day_km is not None and part.legs[before].day == part.legs[after].day:
        return False
    if kind.range_km is None:
        return True
    stood = part.legs[after].start - part.legs[before].end
    return (kind.charge_km_h or 0.0) / HOUR * stood >= kind.range_km
