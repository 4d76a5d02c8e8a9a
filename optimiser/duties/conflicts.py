"""Sets of trips that one vehicle of a kind cannot serve together: overlaps, batteries and days.

Overlaps are cliques. A battery or a day's km is a *knapsack*: a set of trips, a weight for each,
and a bound on the sum of one vehicle's weights. Most knapsacks can never be violated, because too
few trips fit beside each other; the others are critical. Critical knapsacks that overlap in time
form a *block*. Outside the blocks of its kind, overlaps alone bind a vehicle.
"""

import heapq
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from fleet.arrays import Floats, Ints
from optimiser.duties.limits import charge_km, max_day_km
from optimiser.duties.pool_arrays import KM_NOISE, PoolArrays

#: A longer stretch in which a battery may run empty becomes a block as a whole: to find where in it
#: that can really happen would take too long.
_STRETCH_MAX = 1_500

#: The number of first trips of windows that are followed at once; it bounds the memory.
_CHUNK = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Knapsack:
    """A knapsack: the weights of one vehicle's trips add up to at most `capacity`, in km."""

    trips: Ints
    weights: Floats
    capacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A stretch of time [begin, finish), in microseconds, that contains whole critical knapsacks.

    `trips` are all trips of the kind that touch the block, also those in no knapsack: who assigns
    vehicles to the trips of a block must know which vehicles are away.
    """

    begin: int
    finish: int
    trips: Ints


def maximal_cliques(arrays: PoolArrays, trips: Ints) -> list[Ints]:
    """The largest sets of `trips` (in order of start) that are all under way at one moment."""
    if not len(trips):
        return []
    start, busy_until = arrays.start[trips], arrays.busy_until[trips]
    ended = np.searchsorted(np.sort(busy_until), start, side="right")
    # The clique at a departure is maximal if one of its trips is over by the next departure.
    last = np.append(np.diff(ended) > 0, True)
    # Of departures at the same moment, the last one has all trips in its clique.
    return [trips[: t + 1][busy_until[: t + 1] > start[t]] for t in np.flatnonzero(last).tolist()]


def largest_clique(arrays: PoolArrays, trips: Ints) -> Ints:
    """The largest of the `maximal_cliques`."""
    if not len(trips):
        return trips
    start, busy_until = arrays.start[trips], arrays.busy_until[trips]
    ended = np.searchsorted(np.sort(busy_until), start, side="right")
    peak = int(np.argmax(np.arange(1, len(trips) + 1) - ended))
    return trips[: peak + 1][busy_until[: peak + 1] > start[peak]]


def all_blocks(arrays: PoolArrays, time_is_short: Callable[[], bool]) -> list[list[Block]]:
    """The `critical_blocks` of each kind, for all trips for which the kind is useful."""
    return [
        critical_blocks(arrays, k, np.flatnonzero(useful), time_is_short)
        for k, useful in enumerate(arrays.useful)
    ]


def critical_blocks(
    arrays: PoolArrays, k: int, trips: Ints, time_is_short: Callable[[], bool]
) -> list[Block]:
    """The blocks of kind `k`, in order of time, if it may serve `trips` (in order of start).

    Blocks that the search did not reach before `time_is_short()` are larger than necessary.
    """
    stretches: list[tuple[int, int]] = []
    for stretch in _stretches(arrays, k, trips):
        if len(stretch) > _STRETCH_MAX or time_is_short():
            stretches.append((int(arrays.start[stretch[0]]), int(arrays.end[stretch].max())))
        else:
            windows = _draining(arrays, k, stretch)
            stretches += [
                (int(arrays.start[firsts[0]]), int(arrays.end[j])) for firsts, j in windows
            ]
    stretches += [
        (int(arrays.start[day[0]]), int(arrays.start[day[-1]]) + 1)
        for day in _long_days(arrays, k, trips)
    ]
    merged: list[tuple[int, int]] = []
    for begin, finish in sorted(stretches):
        if merged and begin < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(finish, merged[-1][1]))
        else:
            merged.append((begin, finish))
    return [
        Block(
            begin=begin,
            finish=finish,
            trips=trips[(arrays.start[trips] < finish) & (arrays.busy_until[trips] > begin)],
        )
        for begin, finish in merged
    ]


def block_knapsacks(arrays: PoolArrays, k: int, block: Block) -> Iterator[Knapsack]:
    """All knapsacks that keep one vehicle of kind `k` within its battery and day in `block`."""
    for firsts, j in _draining(arrays, k, block.trips):
        for i in firsts.tolist():
            yield _window(arrays, k, block.trips, i, j)
    yield from day_knapsacks(arrays, k, block.trips)


def day_knapsacks(arrays: PoolArrays, k: int, trips: Ints) -> Iterator[Knapsack]:
    """The critical knapsacks on the km of a day of kind `k`, if it may serve `trips`."""
    for day in _long_days(arrays, k, trips):
        yield _day(arrays, k, day)


def violated_knapsacks(
    arrays: PoolArrays, k: int, block: Block, served: Ints, count: int, windows_max: int
) -> list[Knapsack]:
    """The knapsacks in `block` that `count` vehicles together violate if they serve `served`.

    Of the windows the function returns at most `windows_max`: those with the largest excess in km,
    of different first trips.
    """
    if not len(block.trips):
        return []
    kind = arrays.kinds[k]
    near = served[np.searchsorted(served, block.trips[0]) :]
    near = near[: np.searchsorted(near, block.trips[-1], side="right")]
    inside = np.intersect1d(near, block.trips, assume_unique=True)
    knapsacks: list[Knapsack] = []
    day_most_km = max_day_km(kind)
    if day_most_km is not None:
        for day in np.unique(arrays.day[inside]):
            km = arrays.km[inside[arrays.day[inside] == day]].sum()
            if km > count * day_most_km + KM_NOISE:
                knapsacks.append(_day(arrays, k, block.trips[arrays.day[block.trips] == day]))
    if kind.range_km is not None:
        charge = charge_km(kind)
        by_end = inside[np.argsort(arrays.end[inside], kind="stable")]
        weights = arrays.km[by_end] + charge * (arrays.end[by_end] - arrays.start[by_end])
        windows: list[tuple[float, int, int]] = []
        for i in inside.tolist():
            later = arrays.start[by_end] >= arrays.start[i]
            drained = np.cumsum(np.where(later, weights, 0.0))
            capacity = kind.range_km + charge * (arrays.end[by_end] - arrays.start[i])
            excess = np.where(later, drained - count * capacity, -np.inf)
            worst = int(np.argmax(excess))
            if excess[worst] > KM_NOISE:
                windows.append((float(excess[worst]), i, int(by_end[worst])))
        knapsacks += [
            _window(arrays, k, block.trips, i, j)
            for _, i, j in heapq.nlargest(windows_max, windows)
        ]
    return knapsacks


def _window(arrays: PoolArrays, k: int, trips: Ints, i: int, j: int) -> Knapsack:
    """The knapsack of the window from the start of trip `i` to the end of trip `j`.

    A vehicle that begins the window full, charges whenever it stands and drives the window's trips
    ends it with range + charge x (length - driving) - km, which must not be negative. If this holds
    for every window, the vehicle never runs empty, and the other way round.
    """
    kind = arrays.kinds[k]
    charge = charge_km(kind)
    inside = trips[(arrays.start[trips] >= arrays.start[i]) & (arrays.end[trips] <= arrays.end[j])]
    return Knapsack(
        trips=inside,
        weights=arrays.km[inside] + charge * (arrays.end[inside] - arrays.start[inside]),
        capacity=(kind.range_km or 0.0) + charge * float(arrays.end[j] - arrays.start[i]),
    )


def _day(arrays: PoolArrays, k: int, trips: Ints) -> Knapsack:
    """The knapsack on the km of `trips`, which are those of one local day."""
    return Knapsack(
        trips=trips, weights=arrays.km[trips], capacity=max_day_km(arrays.kinds[k]) or 0.0
    )


def _draining(arrays: PoolArrays, k: int, trips: Ints) -> Iterator[tuple[Ints, int]]:
    """The windows in which a vehicle that starts full can run empty.

    The function omits a first trip i if the battery would be full again between i and j, because a
    shorter window is then the stricter one. Without charging the whole period is the only window.

    The function follows many i at once. `lack` is the greatest number of km that can be missing
    from the battery after a chain of trips from i. `refilled` is the maximum of `lack` over the
    chains that have ended, each with the charge up to its end added.

    Yields:
        First trips i (in order), and the last trip j of their windows.
    """
    range_km = arrays.kinds[k].range_km
    if range_km is None or not len(trips):
        return
    charge = charge_km(arrays.kinds[k])
    if charge == 0:
        if arrays.km[trips].sum() > range_km + KM_NOISE:
            yield trips[:1], int(trips[np.argmax(arrays.end[trips])])
        return
    by_end = trips[np.argsort(arrays.busy_until[trips], kind="stable")].tolist()
    origin = arrays.start[trips[0]]
    for lowest in range(0, len(trips), _CHUNK):
        firsts = trips[lowest : lowest + _CHUNK]
        refilled = np.full(len(firsts), -np.inf)
        lacks: dict[int, Floats] = {}
        ended = 0
        for position, j in enumerate(trips[lowest:].tolist()):
            while arrays.busy_until[by_end[ended]] <= arrays.start[j]:
                p = by_end[ended]
                ended += 1
                if p in lacks:
                    np.maximum(
                        refilled, lacks.pop(p) + charge * (arrays.end[p] - origin), out=refilled
                    )
            lack = refilled - charge * (arrays.start[j] - origin)
            lack = np.where(lack > 0, lack + arrays.km[j], -np.inf)
            if position < len(firsts):
                lack[position] = arrays.km[j]
            if np.any(lack > -np.inf):
                lacks[j] = lack
            elif not lacks:
                break
            drained = np.flatnonzero(lack > range_km + KM_NOISE)
            if len(drained):
                yield firsts[drained], j


def _stretches(arrays: PoolArrays, k: int, trips: Ints) -> Iterator[Ints]:
    """The runs of `trips` in which a vehicle of kind `k` that begins full can run empty.

    Between two runs every vehicle is home and full, whatever trips it served.
    """
    range_km = arrays.kinds[k].range_km
    if range_km is None or not len(trips):
        return
    charge = charge_km(arrays.kinds[k])
    lacks: list[tuple[int, float]] = []
    refilled = -np.inf
    first, drained = 0, False
    order: list[int] = trips.tolist()
    for position, t in enumerate(order):
        leg = arrays.plain_trips[t]
        while lacks and lacks[0][0] <= leg.start:
            refilled = max(refilled, heapq.heappop(lacks)[1])
        lack = refilled - charge * leg.start
        if lack <= 0 and not lacks:
            if drained:
                yield trips[first:position]
            first, drained = position, False
        lack = max(lack, 0.0) + leg.km
        drained |= lack > range_km + KM_NOISE
        heapq.heappush(lacks, (leg.busy_until, lack + charge * leg.end))
    if drained:
        yield trips[first:]


def _long_days(arrays: PoolArrays, k: int, trips: Ints) -> Iterator[Ints]:
    """The trips of each local day on which one vehicle could serve more than its kind may."""
    limit_km = max_day_km(arrays.kinds[k])
    if limit_km is None:
        return
    for day in np.unique(arrays.day[trips]):
        inside = trips[arrays.day[trips] == day]
        if _most_km(arrays, inside) > limit_km + KM_NOISE:
            yield inside


def _most_km(arrays: PoolArrays, trips: Ints) -> float:
    """The most km that one vehicle can drive with trips of `trips` that do not overlap."""
    ends: list[int] = []
    best: list[float] = [0.0]
    for t in trips[np.argsort(arrays.busy_until[trips], kind="stable")].tolist():
        before = bisect_right(ends, int(arrays.start[t]))
        best.append(max(best[-1], best[before] + float(arrays.km[t])))
        ends.append(int(arrays.busy_until[t]))
    return best[-1]
