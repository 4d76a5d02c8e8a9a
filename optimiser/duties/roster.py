"""A roster: a feasible assignment of trips to vehicles, and small moves that make it cheaper."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from optimiser.duties.limits import (
    AT_START,
    VehicleState,
    can_drive_all,
    drive,
    is_recovered,
)
from optimiser.duties.pool_arrays import PoolArrays


@dataclass(slots=True)
class Roster:
    """The duties of all vehicles: `duties[k][v]` are those of vehicle `v` of kind `k`, in order.

    The length of `duties[k]` is the number of vehicles of kind `k`. The fallback serves the trips
    that are in no duty.
    """

    duties: list[list[list[int]]]

    @property
    def counts(self) -> list[int]:
        return [len(vehicles) for vehicles in self.duties]

    def copy(self) -> "Roster":
        """A copy whose duties can be changed without changing these."""
        return Roster([[list(duty) for duty in vehicles] for vehicles in self.duties])

    def served(self, k: int) -> list[int]:
        """The trips that kind `k` serves."""
        return [t for duty in self.duties[k] for t in duty]

    def kr(self, arrays: PoolArrays) -> float:
        """The yearly cost of vehicles, trips and fallback."""
        served = [self.served(k) for k in range(len(self.duties))]
        trips = sum(float(arrays.kr[k][trips].sum()) for k, trips in enumerate(served))
        return (
            arrays.fixed_kr(self.counts)
            + trips
            + float(arrays.fallback_kr[self.unserved(arrays)].sum())
        )

    def co2_t(self, arrays: PoolArrays) -> float:
        """The yearly tonnes of CO2e, fallback included."""
        served = [self.served(k) for k in range(len(self.duties))]
        tonnes = sum(float(arrays.co2_t[k][trips].sum()) for k, trips in enumerate(served))
        return tonnes + float(arrays.fallback_co2_t[self.unserved(arrays)].sum())

    def unserved(self, arrays: PoolArrays) -> list[int]:
        """The trips that the fallback serves, in order of start."""
        served = np.zeros(len(arrays.start), dtype=np.bool_)
        for k in range(len(self.duties)):
            served[self.served(k)] = True
        return np.flatnonzero(~served).tolist()


def first_roster(
    arrays: PoolArrays, counts: Sequence[int], time_is_short: Callable[[], bool]
) -> Roster:
    """A quick roster: begin with `counts` within bounds, serve trips, drop vehicles, buy vehicles.

    The function ignores a cap on CO2e. In a large component it only drops vehicles, many at once,
    and more than once only until `time_is_short()`: dropping and buying well takes long, and the
    decomposition of large components finds better counts.
    """
    bounded = zip(counts, arrays.low, arrays.high, strict=True)
    roster = _served_in_order(arrays, [min(max(count, low), high) for count, low, high in bounded])
    if arrays.is_large:
        return _without_idle(arrays, roster, time_is_short)
    drop_vehicles(arrays, roster, time_is_short)
    buy_vehicles(arrays, roster)
    return roster


def with_counts(arrays: PoolArrays, roster: Roster, counts: Sequence[int]) -> Roster:
    """A quick roster of exactly `counts`: the busiest vehicles of `roster` keep their duties."""
    changed = Roster(
        [
            sorted(vehicles, key=len, reverse=True)[:count]
            + [[] for _ in range(count - len(vehicles))]
            for vehicles, count in zip(roster.copy().duties, counts, strict=True)
        ]
    )
    serve(arrays, changed, changed.unserved(arrays))
    return changed


def _without_idle(arrays: PoolArrays, roster: Roster, time_is_short: Callable[[], bool]) -> Roster:
    """`roster` without the vehicles that cost more than they save on the fallback.

    All trips are assigned again without those vehicles, as long as that is cheaper.
    """
    kr = roster.kr(arrays)
    while True:
        counts = [
            max(low, sum(_saved_kr(arrays, k, duty) > kind.fixed_kr_year for duty in vehicles))
            for k, (kind, low, vehicles) in enumerate(
                zip(arrays.kinds, arrays.low, roster.duties, strict=True)
            )
        ]
        fewer = roster if counts == roster.counts else _served_in_order(arrays, counts)
        fewer_kr = fewer.kr(arrays)
        if fewer_kr >= kr:
            return roster
        roster, kr = fewer, fewer_kr
        if time_is_short():
            return roster


def _saved_kr(arrays: PoolArrays, k: int, duty: Sequence[int]) -> float:
    """The yearly cost that a vehicle of kind `k` saves on the trips of `duty` over the fallback."""
    return float((arrays.fallback_kr[duty] - arrays.kr[k, duty]).sum())


def _served_in_order(arrays: PoolArrays, counts: Sequence[int]) -> Roster:
    """A new roster of `counts` that serves trips in order of start, each by the cheapest vehicle.

    No vehicle has a later trip yet, so its state alone tells whether it can serve a trip.
    """
    roster = Roster([[[] for _ in range(count)] for count in counts])
    states = [[AT_START] * count for count in counts]
    kept = np.flatnonzero(counts)
    order: list[list[int]] = kept[np.argsort(arrays.kr[kept], axis=0, kind="stable")].T.tolist()
    useful: list[list[bool]] = arrays.useful.T.tolist()
    for t, kinds in enumerate(order):
        place = _first_able(arrays, states, [k for k in kinds if useful[t][k]], t)
        if place is not None:
            k, v, after = place
            states[k][v] = after
            roster.duties[k][v].append(t)
    return roster


def _first_able(
    arrays: PoolArrays, states: Sequence[Sequence[VehicleState]], kinds: Sequence[int], t: int
) -> tuple[int, int, VehicleState] | None:
    """The first vehicle of the first of `kinds` that can drive `t`, and its state after it."""
    start = arrays.plain_trips[t].start
    for k in kinds:
        for v, state in enumerate(states[k]):
            if state.busy_until <= start:
                after = drive(arrays, k, state, t)
                if after is not None:
                    return k, v, after
    return None


def serve(arrays: PoolArrays, roster: Roster, trips: Iterable[int]) -> list[int]:
    """Assigns each trip of `trips` that a vehicle can serve to the cheapest such vehicle.

    Returns:
        The trips that no vehicle can serve.
    """
    left: list[int] = []
    for t in trips:
        place = _cheapest_place(arrays, roster, t)
        if place is None:
            left.append(t)
        else:
            insert(roster.duties[place[0]][place[1]], t)
    return left


def drop_vehicles(arrays: PoolArrays, roster: Roster, time_is_short: Callable[[], bool]) -> None:
    """Removes vehicles that cost more than their trips do elsewhere, the least used first.

    The search ends early once `time_is_short()`.
    """
    for k, vehicles in enumerate(roster.duties):
        for duty in sorted(vehicles, key=len):
            if len(vehicles) <= arrays.low[k] or time_is_short():
                break
            vehicles.remove(duty)
            before = float(arrays.kr[k][duty].sum()) + arrays.kinds[k].fixed_kr_year
            undo: list[tuple[list[int], int]] = []
            after = 0.0
            for t in duty:
                if after > before:
                    break
                place = _cheapest_place(arrays, roster, t)
                if place is None:
                    after += float(arrays.fallback_kr[t])
                else:
                    after += float(arrays.kr[place[0], t])
                    other = roster.duties[place[0]][place[1]]
                    insert(other, t)
                    undo.append((other, t))
            if after > before:
                for other, t in undo:
                    other.remove(t)
                vehicles.append(duty)


def buy_vehicles(arrays: PoolArrays, roster: Roster) -> None:
    """Adds vehicles as long as one saves more on the trips of the fallback than it costs."""
    waiting = roster.unserved(arrays)
    for k, vehicles in enumerate(roster.duties):
        saved = np.where(arrays.can_serve[k], arrays.fallback_kr - arrays.kr[k], 0.0)
        while len(vehicles) < arrays.high[k]:
            if float(np.maximum(saved[waiting], 0.0).sum()) <= arrays.kinds[k].fixed_kr_year:
                break
            duty: list[int] = []
            for t in sorted(waiting, key=lambda t: -float(saved[t])):
                if saved[t] > 0 and can_insert(arrays, k, duty, t):
                    insert(duty, t)
            if float(saved[duty].sum()) <= arrays.kinds[k].fixed_kr_year:
                break
            vehicles.append(duty)
            served_now = set(duty)
            waiting = [t for t in waiting if t not in served_now]


def _cheapest_place(arrays: PoolArrays, roster: Roster, t: int) -> tuple[int, int] | None:
    """The cheapest kind and vehicle that can serve `t`; None if the fallback is as cheap."""
    for k in map(int, np.argsort(arrays.kr[:, t], kind="stable")):
        vehicles = roster.duties[k]
        if not vehicles:
            continue
        if arrays.kr[k, t] >= arrays.fallback_kr[t]:
            return None
        if not arrays.can_serve[k, t]:
            continue
        for v, duty in enumerate(vehicles):
            if can_insert(arrays, k, duty, t):
                return k, v
    return None


def can_insert(arrays: PoolArrays, k: int, duty: Sequence[int], t: int) -> bool:
    """Whether a vehicle of kind `k` with `duty` can serve `t` too."""
    at = bisect_left(duty, t)
    plain_trips = arrays.plain_trips
    if at > 0 and plain_trips[duty[at - 1]].busy_until > plain_trips[t].start:
        return False
    if at < len(duty) and plain_trips[t].busy_until > plain_trips[duty[at]].start:
        return False
    first, last = at, at
    while first > 0 and not is_recovered(
        arrays, k, duty[first - 1], duty[first] if first < at else t
    ):
        first -= 1
    while last < len(duty) and not is_recovered(
        arrays, k, duty[last - 1] if last > at else t, duty[last]
    ):
        last += 1
    return can_drive_all(arrays, k, [*duty[first:at], t, *duty[at:last]])


def insert(duty: list[int], t: int) -> None:
    """Inserts `t` in `duty`, in the order of start."""
    duty.insert(bisect_left(duty, t), t)
