"""Trips of one kind are given to single vehicles without overlaps, empty batteries or long days.

Overlaps alone are easy: in order of start, any free vehicle will do. The choice matters only inside
a block (see `conflicts`).
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fleet.arrays import Ints
from optimiser.duties.conflicts import Block, most_at_once
from optimiser.duties.exchange import exchange
from optimiser.duties.limits import NEW, Vehicle, can_drive_all, drive, is_as_new
from optimiser.duties.pool_arrays import PoolArrays

#: How many of its latest trips are candidates when a vehicle must leave one out.
_TRIM_LAST = 20

#: A block is packed in stretches of so many trips, each to the end of a day: exchanges between
#: longer duties take long and find less.
_GROUP_TRIPS = 120

#: For each trip of a group the number of its vehicle, or None.
Choice = list[int | None]


class Failure(NamedTuple):
    """Trips of block `number` that start with or after `first` up to `last`: some were left out."""

    number: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """`duties[v]`: the trips of vehicle v in order; trips that found no vehicle are in none."""

    duties: list[list[int]]
    failed: list[Failure]


def pack(
    arrays: PoolArrays,
    k: int,
    trips: Ints,
    count: int,
    blocks: Sequence[Block],
    labels: Mapping[int, Mapping[int, int]],
    rng: random.Random,
    hurry: Callable[[], bool],
) -> Packing:
    """`trips` (in order of start, hardly ever more than `count` at once) on `count` vehicles.

    `labels` holds, for some blocks by number, who drives what there: trips with the same label
    go to the same vehicle. The numbers of the vehicles are given anew for every block. No
    time is spent on better ways once `hurry()`.
    """
    vehicles = [NEW] * count
    duties: list[list[int]] = [[] for _ in range(count)]
    driver: dict[int, int] = {}
    failed: list[Failure] = []
    for number, group in _by_block(arrays, trips, blocks):
        chosen: Choice | None = None
        if number is not None:
            if number in labels:
                chosen = _follow(arrays, k, vehicles, group, labels[number], driver)
            if chosen is None:
                chosen = _balanced(arrays, k, vehicles, group, rng, hurry)
        else:
            chosen = _lowest_numbers(arrays, k, vehicles, group)
        for t, v in zip(group, chosen, strict=True):
            after = None if v is None else drive(arrays, k, vehicles[v], t)
            if v is not None and after is not None:
                vehicles[v] = after
                driver[t] = v
                duties[v].append(t)
        if number is not None and None in chosen:
            failed.append(Failure(number, group[0], group[-1]))
    return Packing(duties=duties, failed=failed)


def vehicles_enough(arrays: PoolArrays, k: int, trips: Ints) -> int:
    """A number of vehicles of kind `k` that can serve all of `trips` (in order of start)."""
    vehicles: list[Vehicle] = []
    for t in trips.tolist():
        best = _fullest(arrays, k, vehicles, t)
        if best is None:
            best = len(vehicles)
            vehicles.append(NEW)
        after = drive(arrays, k, vehicles[best], t)
        assert after is not None, "a trip that a new vehicle cannot serve is not the kind's"
        vehicles[best] = after
    return len(vehicles)


def vehicles_max(arrays: PoolArrays, k: int, trips: Ints, blocks: Sequence[Block]) -> int:
    """The most vehicles of kind `k` that are of use for `trips`, within the bounds on its count."""
    in_blocks = [vehicles_enough(arrays, k, block.trips) for block in blocks]
    enough = max([len(most_at_once(arrays, trips)), *in_blocks])
    return max(arrays.low[k], min(arrays.high[k], enough))


def _by_block(
    arrays: PoolArrays, trips: Ints, blocks: Sequence[Block]
) -> Iterator[tuple[int | None, list[int]]]:
    """`trips` cut where their starts enter or leave a block, with the block's number.

    Long blocks are cut too, between days.
    """
    group: list[int] = []
    number = 0
    current: int | None = None
    for t in [int(t) for t in trips]:
        start = arrays.legs[t].start
        while number < len(blocks) and blocks[number].finish <= start:
            number += 1
        inside = number < len(blocks) and blocks[number].begin <= start
        key = number if inside else None
        full = len(group) >= _GROUP_TRIPS and arrays.legs[t].day != arrays.legs[group[-1]].day
        if group and (key != current or full):
            yield current, group
            group = []
        current = key
        group.append(t)
    if group:
        yield current, group


def _fullest(arrays: PoolArrays, k: int, vehicles: Sequence[Vehicle], t: int) -> int | None:
    """The vehicle that after `t` has most range and the shortest day; None if none can serve it."""
    best: tuple[float, float, int] | None = None
    for v, vehicle in enumerate(vehicles):
        after = drive(arrays, k, vehicle, t)
        if after is not None:
            rank = (after.lack_km, after.day_km, v)
            best = rank if best is None else min(best, rank)
    return None if best is None else best[2]


def _balanced(
    arrays: PoolArrays,
    k: int,
    vehicles: Sequence[Vehicle],
    group: Sequence[int],
    rng: random.Random,
    hurry: Callable[[], bool],
) -> Choice:
    """The fullest vehicle for every trip, then exchanges; None for trips that cannot be kept."""
    state = list(vehicles)
    duties: list[list[int]] = [[] for _ in vehicles]
    overrun = False
    for t in group:
        v = _fullest(arrays, k, state, t)
        if v is None:
            overrun = True
            start = arrays.legs[t].start
            v = next((v for v, vehicle in enumerate(state) if vehicle.busy_until <= start), None)
            if v is None:
                continue
        after = drive(arrays, k, state[v], t)
        away = state[v]._replace(busy_until=arrays.legs[t].busy_until)
        state[v] = away if after is None else after
        duties[v].append(t)
    if overrun:
        duties = exchange(arrays, k, vehicles, duties, rng, hurry)
        duties = [_trimmed(arrays, k, *pair) for pair in zip(vehicles, duties, strict=True)]
    driver = {t: v for v, duty in enumerate(duties) for t in duty}
    return [driver.get(t) for t in group]


def _trimmed(arrays: PoolArrays, k: int, vehicle: Vehicle, duty: Sequence[int]) -> list[int]:
    """`duty` less trips that `vehicle` cannot serve too, each time the one worth least."""
    worth = arrays.fallback_kr - arrays.kr[k]
    kept: list[int] = []
    # The trips since it was as new, and the vehicle before them.
    recent: list[int] = []
    before = vehicle
    for t in duty:
        if recent and is_as_new(arrays, k, recent[-1], t):
            kept += recent
            recent, before = [], NEW
        recent.append(t)
        if not can_drive_all(arrays, k, recent, before):
            rests = {i: [u for u in recent if u != i] for i in recent[-_TRIM_LAST:]}
            helping = [i for i, rest in rests.items() if can_drive_all(arrays, k, rest, before)]
            recent = rests[min(helping, key=lambda i: float(worth[i]))]
    return kept + recent


def _lowest_numbers(
    arrays: PoolArrays, k: int, vehicles: Sequence[Vehicle], group: Sequence[int]
) -> Choice:
    """The lowest-numbered vehicle that can serve each trip, None where there is none."""
    state = list(vehicles)
    chosen: Choice = []
    for t in group:
        for v, vehicle in enumerate(state):
            after = drive(arrays, k, vehicle, t)
            if after is not None:
                state[v] = after
                chosen.append(v)
                break
        else:
            chosen.append(None)
    return chosen


def _follow(
    arrays: PoolArrays,
    k: int,
    vehicles: Sequence[Vehicle],
    group: Sequence[int],
    label: Mapping[int, int],
    driver: Mapping[int, int],
) -> Choice | None:
    """The vehicles that drive `group` as `label` says; None if they cannot, by solver tolerance.

    Trips of the block that are under way when it begins have a vehicle already.
    """
    state = list(vehicles)
    bound = {label[t]: driver[t] for t in label if t in driver}
    chosen: Choice = []
    for t in group:
        v = bound.get(label[t])
        if v is None:
            in_use = set(bound.values())
            free = (v for v in range(len(state)) if v not in in_use)
            v = next((v for v in free if drive(arrays, k, state[v], t) is not None), None)
        after = None if v is None else drive(arrays, k, state[v], t)
        if v is None or after is None:
            return None
        bound[label[t]] = v
        state[v] = after
        chosen.append(v)
    return chosen
