"""Vehicles of one kind swap stretches of their duties until no battery or day is overrun.

This is a local search (simulated annealing). It starts from duties without overlaps. Each step
swaps a stretch of a duty that overruns a battery or a day. A swap that overruns more is accepted
with a chance that falls with time.
"""

import math
import random
from collections.abc import Callable, Sequence

from optimiser.duties.limits import VehicleState, excess_km
from optimiser.duties.pool_arrays import KM_NOISE, PoolArrays

#: The most swaps that the search tries: for each trip, and in all.
_TRIES_PER_TRIP = 60
_TRIES_MAX = 4_000

#: The temperature at the start: a swap that overruns this many km more is accepted in 1 of e cases.
_WARMTH_KM = 10.0

#: The longest stretch that is swapped, in trips, unless it runs to the end of the duty.
_STRETCH_MAX = 3


def exchange(
    arrays: PoolArrays,
    k: int,
    vehicles: Sequence[VehicleState],
    duties: Sequence[Sequence[int]],
    rng: random.Random,
    time_is_short: Callable[[], bool],
) -> list[list[int]]:
    """The `duties` of `vehicles` (of kind `k`), rearranged to overrun as few km as the search can.

    The duties must be free of overlaps, and the returned ones are. The search ends early once
    `time_is_short()`.
    """
    current = [list(duty) for duty in duties]
    excess = [excess_km(arrays, k, *pair) for pair in zip(vehicles, current, strict=True)]
    best, least = list(current), sum(excess)
    if len(current) < 2:
        return best
    tries = min(_TRIES_MAX, _TRIES_PER_TRIP * sum(len(duty) for duty in current))
    for tried in range(tries):
        overrunning = [v for v, km in enumerate(excess) if km > KM_NOISE]
        if not overrunning:
            return current
        if time_is_short():
            break
        v = rng.choice(overrunning)
        w = rng.randrange(len(current) - 1)
        w += w >= v
        swapped = _swap(arrays, (vehicles[v], vehicles[w]), current[v], current[w], rng)
        if swapped is None:
            continue
        after = [
            excess_km(arrays, k, vehicle, duty)
            for vehicle, duty in zip((vehicles[v], vehicles[w]), swapped, strict=True)
        ]
        more = sum(after) - excess[v] - excess[w]
        warmth = _WARMTH_KM * (1 - tried / tries)
        if more <= 0 or rng.random() < math.exp(-more / warmth):
            current[v], current[w] = swapped
            excess[v], excess[w] = after
            if sum(excess) < least:
                best, least = list(current), sum(excess)
    return best


def _swap(
    arrays: PoolArrays,
    vehicles: tuple[VehicleState, VehicleState],
    first: list[int],
    second: list[int],
    rng: random.Random,
) -> tuple[list[int], list[int]] | None:
    """Both duties after a stretch of `first` changes place with the trips at that time in `second`.

    None if the vehicles cannot serve them without overlaps.
    """
    begin = rng.randrange(len(first))
    finish = begin + rng.randint(1, _STRETCH_MAX)
    to_the_end = finish >= len(first) or rng.random() < 1 / 3
    if to_the_end:
        finish = len(first)
    plain_trips = arrays.plain_trips
    since, until = plain_trips[first[begin]].start, plain_trips[first[finish - 1]].busy_until
    left = 0
    while left < len(second) and plain_trips[second[left]].busy_until <= since:
        left += 1
    right = left
    while right < len(second) and (to_the_end or plain_trips[second[right]].start < until):
        right += 1
    swapped = (
        first[:begin] + second[left:right] + first[finish:],
        second[:left] + first[begin:finish] + second[right:],
    )
    for vehicle, duty in zip(vehicles, swapped, strict=True):
        if not _fits(arrays, vehicle, duty):
            return None
    return swapped


def _fits(arrays: PoolArrays, vehicle: VehicleState, duty: Sequence[int]) -> bool:
    busy_until = vehicle.busy_until
    for t in duty:
        if arrays.plain_trips[t].start < busy_until:
            return False
        busy_until = arrays.plain_trips[t].busy_until
    return True
