"""Fewer vehicles for the same trips, where it is all one which vehicle serves a trip.

A vehicle is taken out and its trips are given to others, which hand on what is then in the way, and
so on (ejection chains). Trips that are hard to place get heavier, so that they stay where they are.
"""

import random
from bisect import bisect_left
from collections.abc import Callable

import numpy as np

from optimiser.part import Part
from optimiser.roster import Roster, can_insert, insert

#: Trips that may be moved for one vehicle to go.
_MOVES_MAX = 20_000


def only_vehicles_cost(part: Part) -> bool:
    """Whether every vehicle is a kind of its own, and serves a trip at the same cost as others."""
    if max(part.high, default=0) > 1:
        return False
    most = np.where(part.can, part.kr, -np.inf).max(axis=0, initial=-np.inf)
    least = np.where(part.can, part.kr, np.inf).min(axis=0, initial=np.inf)
    return bool(np.all(most <= least))


def thin_out(part: Part, roster: Roster, rng: random.Random, enough: Callable[[], bool]) -> None:
    """Takes vehicles out of `roster` one by one, all its trips kept, until none can go or `enough`.

    Before that today's vehicles take what the fallback has, if they can take all of it. `enough` is
    asked before every vehicle and every so many moves.
    """
    weight = [1] * len(part.trips)
    fuller = roster.copy()
    for vehicles, kind, high in zip(fuller.duties, part.kinds, part.high, strict=True):
        vehicles += [[] for _ in range(min(kind.count_now, high) - len(vehicles))]
    left = [t for t in roster.unserved(part) if part.useful[:, t].any()]
    if left and _placed(part, fuller, left, weight, rng, enough):
        roster.duties = fuller.duties
    going = True
    while going:
        going = False
        owned = [(k, v) for k, vehicles in enumerate(roster.duties) for v in range(len(vehicles))]
        spare = [(k, v) for k, v in owned if len(roster.duties[k]) > part.low[k]]
        for k, v in sorted(spare, key=lambda place: len(roster.duties[place[0]][place[1]])):
            if enough():
                return
            fewer = roster.copy()
            waiting = fewer.duties[k].pop(v)
            if _placed(part, fewer, waiting, weight, rng, enough):
                roster.duties = fewer.duties
                going = True
                break


def _placed(
    part: Part,
    roster: Roster,
    waiting: list[int],
    weight: list[int],
    rng: random.Random,
    enough: Callable[[], bool],
) -> bool:
    """Whether all of `waiting` found a vehicle in `roster`, which is changed in place."""
    useful = part.useful
    for move in range(_MOVES_MAX):
        if not waiting:
            return True
        if move % 100 == 99 and enough():
            return False
        t = waiting.pop(rng.randrange(len(waiting)))
        best: tuple[int, list[int]] | None = None
        for k in np.flatnonzero(useful[:, t]).tolist():
            for duty in roster.duties[k]:
                first, last = _in_the_way(part, duty, t)
                weights = sum(weight[u] for u in duty[first:last])
                if best is None or weights < best[0] or (weights == best[0] and rng.random() < 0.5):
                    if not can_insert(part, k, duty[:first] + duty[last:], t):
                        continue
                    best = (weights, duty)
        if best is None:
            return False
        duty = best[1]
        first, last = _in_the_way(part, duty, t)
        waiting += duty[first:last]
        del duty[first:last]
        insert(duty, t)
        weight[t] += 1
    return not waiting


def _in_the_way(part: Part, duty: list[int], t: int) -> tuple[int, int]:
    """The places in `duty` of the trips that overlap trip `t`: first, and last excluded."""
    legs = part.legs
    first = bisect_left(duty, t)
    last = first
    while first > 0 and legs[duty[first - 1]].busy_until > legs[t].start:
        first -= 1
    while last < len(duty) and legs[t].busy_until > legs[duty[last]].start:
        last += 1
    return first, last
