"""Trips of one kind onto single vehicles: no overlaps, no empty battery, no day too long.

Overlaps alone are easy: in order of start, any free vehicle will do. Only inside a block (see
`limits`) the choice matters.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from optimiser.exchange import exchange
from optimiser.limits import Block
from optimiser.part import Ints, Part
from optimiser.vehicle import NEW, Vehicle, drive

#: For each trip of a group the number of its vehicle, or None.
Choice = list[int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """`duties[v]`: the trips of vehicle v in order; trips that found no vehicle are in none.

    `failed` are the numbers of the blocks in which trips were left out.
    """

    duties: list[list[int]]
    failed: list[int]


def pack(
    part: Part,
    k: int,
    trips: Ints,
    count: int,
    blocks: Sequence[Block],
    labels: Mapping[int, Mapping[int, int]],
    rng: random.Random,
) -> Packing:
    """`trips` (in order of start, never more than `count` at once) on `count` vehicles.

    `labels` holds, for some blocks by number, who drives what there: trips with the same label
    go to the same vehicle. The numbers of the vehicles are given anew for every block.
    """
    vehicles = [NEW] * count
    duties: list[list[int]] = [[] for _ in range(count)]
    driver: dict[int, int] = {}
    failed: list[int] = []
    for number, group in _by_block(part, trips, blocks):
        chosen: Choice | None = None
        if number is not None:
            if number in labels:
                chosen = _follow(part, k, vehicles, group, labels[number], driver)
            chosen = chosen or _balanced(part, k, vehicles, group, rng)
        chosen = chosen or _lowest_numbers(part, k, vehicles, group)
        for t, v in zip(group, chosen, strict=True):
            after = None if v is None else drive(part, k, vehicles[v], t)
            if v is not None and after is not None:
                vehicles[v] = after
                driver[t] = v
                duties[v].append(t)
        if number is not None and None in chosen:
            failed.append(number)
    return Packing(duties=duties, failed=failed)


def vehicles_enough(part: Part, k: int, trips: Ints) -> int:
    """A number of vehicles of kind `k` that can serve all of `trips` (in order of start)."""
    vehicles: list[Vehicle] = []
    for t in trips.tolist():
        best = _fullest(part, k, vehicles, t)
        if best is None:
            best = len(vehicles)
            vehicles.append(NEW)
        after = drive(part, k, vehicles[best], t)
        assert after is not None, "a trip that a new vehicle cannot serve is not the kind's"
        vehicles[best] = after
    return len(vehicles)


def _by_block(
    part: Part, trips: Ints, blocks: Sequence[Block]
) -> Iterator[tuple[int | None, list[int]]]:
    """`trips` cut where their starts enter or leave a block, with the block's number."""
    group: list[int] = []
    number = 0
    current: int | None = None
    for t in trips.tolist():
        start = part.start[t]
        while number < len(blocks) and blocks[number].finish <= start:
            number += 1
        inside = number < len(blocks) and blocks[number].begin <= start
        key = number if inside else None
        if key != current and group:
            yield current, group
            group = []
        current = key
        group.append(t)
    if group:
        yield current, group


def _fullest(part: Part, k: int, vehicles: Sequence[Vehicle], t: int) -> int | None:
    """The vehicle that after `t` has most range and the shortest day; None if none can serve it."""
    best: tuple[float, float, int] | None = None
    for v, vehicle in enumerate(vehicles):
        after = drive(part, k, vehicle, t)
        if after is not None:
            rank = (after.lack_km, after.day_km, v)
            best = rank if best is None else min(best, rank)
    return None if best is None else best[2]


def _balanced(
    part: Part, k: int, vehicles: Sequence[Vehicle], group: Sequence[int], rng: random.Random
) -> Choice:
    """The fullest vehicle for every trip, then exchanges; None for trips that cannot be kept."""
    state = list(vehicles)
    duties: list[list[int]] = [[] for _ in vehicles]
    overrun = False
    for t in group:
        v = _fullest(part, k, state, t)
        if v is None:
            overrun = True
            v = next((v for v, one in enumerate(state) if one.busy_until <= part.start[t]), None)
            assert v is not None, "no more trips than vehicles are under way"
        after = drive(part, k, state[v], t)
        busy_until = int(part.busy_until[t])
        state[v] = state[v]._replace(busy_until=busy_until) if after is None else after
        duties[v].append(t)
    if overrun:
        duties = exchange(part, k, vehicles, duties, rng)
        duties = [_trimmed(part, k, *pair) for pair in zip(vehicles, duties, strict=True)]
    driver = {t: v for v, duty in enumerate(duties) for t in duty}
    return [driver.get(t) for t in group]


def _trimmed(part: Part, k: int, vehicle: Vehicle, duty: Sequence[int]) -> list[int]:
    """`duty` less trips that `vehicle` cannot serve too, each time the one worth least."""
    worth = part.fallback_kr - part.kr[k]
    kept = list(duty)
    while (able := _able_until(part, k, vehicle, kept)) < len(kept):
        rests = {i: kept[:i] + kept[i + 1 :] for i in range(able + 1)}
        helping = [i for i, rest in rests.items() if _able_until(part, k, vehicle, rest) >= able]
        kept = rests[min(helping, key=lambda i: float(worth[kept[i]]))]
    return kept


def _able_until(part: Part, k: int, vehicle: Vehicle, duty: Sequence[int]) -> int:
    """How many trips at the head of `duty` `vehicle` can serve."""
    after: Vehicle | None = vehicle
    for served, t in enumerate(duty):
        after = drive(part, k, after, t)
        if after is None:
            return served
    return len(duty)


def _lowest_numbers(
    part: Part, k: int, vehicles: Sequence[Vehicle], group: Sequence[int]
) -> Choice:
    """The lowest-numbered vehicle that can serve each trip, None where there is none."""
    state = list(vehicles)
    chosen: Choice = []
    for t in group:
        for v, vehicle in enumerate(state):
            after = drive(part, k, vehicle, t)
            if after is not None:
                state[v] = after
                chosen.append(v)
                break
        else:
            chosen.append(None)
    return chosen


def _follow(
    part: Part,
    k: int,
    vehicles: Sequence[Vehicle],
    group: Sequence[int],
    label: Mapping[int, int],
    driver: Mapping[int, int],
) -> Choice | None:
    """The vehicles that `label` tells for `group`; None if they cannot (by a solver's tolerance).

    Trips of the block that are under way when it begins have their vehicle already.
    """
    state = list(vehicles)
    bound = {label[t]: driver[t] for t in label if t in driver}
    chosen: Choice = []
    for t in group:
        v = bound.get(label[t])
        if v is None:
            taken = set(bound.values())
            free = (v for v in range(len(state)) if v not in taken)
            v = next((v for v in free if drive(part, k, state[v], t) is not None), None)
        after = None if v is None else drive(part, k, state[v], t)
        if v is None or after is None:
            return None
        bound[label[t]] = v
        state[v] = after
        chosen.append(v)
    return chosen
