"""Assigns trips of one kind to single vehicles without overlaps, empty batteries or long days.

Overlaps alone are easy: in order of start, any free vehicle will do. The choice of the vehicle
matters only inside a block (see `conflicts`).
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fleet.arrays import Ints
from optimiser.duties.conflicts import Block, largest_clique
from optimiser.duties.exchange import exchange
from optimiser.duties.limits import AT_START, VehicleState, can_drive_all, drive, is_recovered
from optimiser.duties.pool_arrays import PoolArrays

#: When a vehicle must leave out a trip, it is one of this many latest ones.
_TRIM_LAST = 20

#: A block is packed in groups of this many trips, each to the end of a day: exchanges between
#: longer duties take long and find less.
_GROUP_TRIPS = 120

#: For each trip of a group the number of its vehicle, or None.
VehicleChoice = list[int | None]


class PackingFailure(NamedTuple):
    """A failure of packing: some trips of block `number` from `first` to `last` were left out."""

    number: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """The packed trips: `duties[v]` are those of vehicle v in order; some trips may be in none."""

    duties: list[list[int]]
    failed: list[PackingFailure]


def pack(
    arrays: PoolArrays,
    k: int,
    trips: Ints,
    count: int,
    blocks: Sequence[Block],
    labels: Mapping[int, Mapping[int, int]],
    rng: random.Random,
    time_is_short: Callable[[], bool],
) -> Packing:
    """Packs `trips` (in order of start, hardly ever more than `count` at once) on `count` vehicles.

    `labels` holds, for some blocks by number, the assignment of a model: trips with the same label
    go to the same vehicle. Labels of different blocks are unrelated. The search for better
    assignments ends once `time_is_short()`.
    """
    vehicles = [AT_START] * count
    duties: list[list[int]] = [[] for _ in range(count)]
    driver: dict[int, int] = {}
    failed: list[PackingFailure] = []
    for number, group in _by_block(arrays, trips, blocks):
        chosen: VehicleChoice | None = None
        if number is not None:
            if number in labels:
                chosen = _follow(arrays, k, vehicles, group, labels[number], driver)
            if chosen is None:
                chosen = _balanced(arrays, k, vehicles, group, rng, time_is_short)
        else:
            chosen = _lowest_numbers(arrays, k, vehicles, group)
        for t, v in zip(group, chosen, strict=True):
            after = None if v is None else drive(arrays, k, vehicles[v], t)
            if v is not None and after is not None:
                vehicles[v] = after
                driver[t] = v
                duties[v].append(t)
        if number is not None and None in chosen:
            failed.append(PackingFailure(number, group[0], group[-1]))
    return Packing(duties=duties, failed=failed)


def vehicles_enough(arrays: PoolArrays, k: int, trips: Ints) -> int:
    """A number of vehicles of kind `k` that can serve all of `trips` (in order of start)."""
    vehicles: list[VehicleState] = []
    for t in trips.tolist():
        best = _fullest(arrays, k, vehicles, t)
        if best is None:
            best = len(vehicles)
            vehicles.append(AT_START)
        after = drive(arrays, k, vehicles[best], t)
        assert after is not None, "a trip that a new vehicle cannot serve is not the kind's"
        vehicles[best] = after
    return len(vehicles)


def vehicles_max(arrays: PoolArrays, k: int, trips: Ints, blocks: Sequence[Block]) -> int:
    """The greatest useful number of vehicles of kind `k` for `trips`, within the count's bounds."""
    in_blocks = [vehicles_enough(arrays, k, block.trips) for block in blocks]
    enough = max([len(largest_clique(arrays, trips)), *in_blocks])
    return max(arrays.low[k], min(arrays.high[k], arrays.rules.count_useful(k, enough)))


def _by_block(
    arrays: PoolArrays, trips: Ints, blocks: Sequence[Block]
) -> Iterator[tuple[int | None, list[int]]]:
    """Cuts `trips` where their starts enter or leave a block; long blocks also between days.

    Yields:
        The number of the block, None outside blocks, and the trips of the group.
    """
    group: list[int] = []
    number = 0
    current: int | None = None
    for t in [int(t) for t in trips]:
        start = arrays.plain_trips[t].start
        while number < len(blocks) and blocks[number].finish <= start:
            number += 1
        inside = number < len(blocks) and blocks[number].begin <= start
        key = number if inside else None
        full = (
            len(group) >= _GROUP_TRIPS
            and arrays.plain_trips[t].day != arrays.plain_trips[group[-1]].day
        )
        if group and (key != current or full):
            yield current, group
            group = []
        current = key
        group.append(t)
    if group:
        yield current, group


def _fullest(arrays: PoolArrays, k: int, vehicles: Sequence[VehicleState], t: int) -> int | None:
    """The vehicle with most range and the shortest day after `t`; None if none can serve `t`."""
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
    vehicles: Sequence[VehicleState],
    group: Sequence[int],
    rng: random.Random,
    time_is_short: Callable[[], bool],
) -> VehicleChoice:
    """The fullest vehicle for every trip, improved by exchanges; None for trips left out."""
    state = list(vehicles)
    duties: list[list[int]] = [[] for _ in vehicles]
    overrun = False
    for t in group:
        v = _fullest(arrays, k, state, t)
        if v is None:
            overrun = True
            start = arrays.plain_trips[t].start
            v = next((v for v, vehicle in enumerate(state) if vehicle.busy_until <= start), None)
            if v is None:
                continue
        after = drive(arrays, k, state[v], t)
        away = state[v]._replace(busy_until=arrays.plain_trips[t].busy_until)
        state[v] = away if after is None else after
        duties[v].append(t)
    if overrun:
        duties = exchange(arrays, k, vehicles, duties, rng, time_is_short)
        duties = [_trimmed(arrays, k, *pair) for pair in zip(vehicles, duties, strict=True)]
    driver = {t: v for v, duty in enumerate(duties) for t in duty}
    return [driver.get(t) for t in group]


def _trimmed(arrays: PoolArrays, k: int, vehicle: VehicleState, duty: Sequence[int]) -> list[int]:
    """`duty` without trips that `vehicle` cannot serve too, each time the one that saves least."""
    worth = arrays.fallback_kr - arrays.kr[k]
    kept: list[int] = []
    # The trips since the vehicle was last full, and its state before them.
    recent: list[int] = []
    before = vehicle
    for t in duty:
        if recent and is_recovered(arrays, k, recent[-1], t):
            kept += recent
            recent, before = [], AT_START
        recent.append(t)
        if not can_drive_all(arrays, k, recent, before):
            rests = {i: [u for u in recent if u != i] for i in recent[-_TRIM_LAST:]}
            helping = [i for i, rest in rests.items() if can_drive_all(arrays, k, rest, before)]
            recent = rests[min(helping, key=lambda i: float(worth[i]))]
    return kept + recent


def _lowest_numbers(
    arrays: PoolArrays, k: int, vehicles: Sequence[VehicleState], group: Sequence[int]
) -> VehicleChoice:
    """The lowest-numbered vehicle that can serve each trip; None where there is none."""
    state = list(vehicles)
    chosen: VehicleChoice = []
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
    vehicles: Sequence[VehicleState],
    group: Sequence[int],
    label: Mapping[int, int],
    driver: Mapping[int, int],
) -> VehicleChoice | None:
    """The vehicles for `group` according to `label`; None if they cannot serve it.

    The tolerance of the solver may cause that. Trips of the block that are under way when it begins
    have a vehicle already, by `driver`.
    """
    state = list(vehicles)
    bound = {label[t]: driver[t] for t in label if t in driver}
    chosen: VehicleChoice = []
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
