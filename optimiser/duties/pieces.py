"""Cuts a component with given counts into pieces of time that do not depend on each other.

A cut is a moment at which every vehicle is home and that no block (see `conflicts`) of any kind
crosses: whatever a vehicle served before it, the vehicle can serve any trip after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from optimiser.duties.conflicts import Block
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import Roster

#: A piece has at least this many trips, because every solve has an overhead.
_TRIPS_MIN = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The trips `first` to `last` (excluded) of a component, as a component without fixed costs."""

    first: int
    last: int
    arrays: PoolArrays


def cut_by_time(
    arrays: PoolArrays, counts: Sequence[int], blocks: Sequence[Sequence[Block]]
) -> list[Piece]:
    """The pieces of `arrays`, in order of time, if the kinds have the given `counts`.

    `blocks` are those of each kind, for all trips for which it is useful. A cap on CO2e ties all
    time together, so there is then one piece, the whole.
    """
    if not len(arrays.start):
        return []
    home_by = np.maximum.accumulate(arrays.busy_until)[:-1]
    is_cut = home_by <= arrays.start[1:]
    if arrays.co2_max_t is not None:
        is_cut[:] = False
    for of_kind in blocks:
        for block in of_kind:
            is_cut &= (arrays.start[1:] <= block.begin) | (arrays.start[1:] >= block.finish)
    cuts = [0]
    for t in (np.flatnonzero(is_cut) + 1).tolist():
        if min(t - cuts[-1], len(arrays.start) - t) >= _TRIPS_MIN:
            cuts.append(t)
    cuts.append(len(arrays.start))
    kinds = tuple(replace(kind, fixed_kr_year=0.0) for kind in arrays.kinds)
    rules = replace(arrays.rules, limits=(), greens=())
    return [
        Piece(
            first=first,
            last=last,
            arrays=PoolArrays(
                trips=arrays.trips[first:last],
                kinds=kinds,
                start=arrays.start[first:last],
                end=arrays.end[first:last],
                busy_until=arrays.busy_until[first:last],
                day=arrays.day[first:last],
                km=arrays.km[first:last],
                can_serve=arrays.can_serve[:, first:last],
                kr=arrays.kr[:, first:last],
                fallback_kr=arrays.fallback_kr[first:last],
                co2_t=arrays.co2_t[:, first:last],
                fallback_co2_t=arrays.fallback_co2_t[first:last],
                low=tuple(counts),
                high=tuple(counts),
                co2_max_t=arrays.co2_max_t,
                rules=replace(rules, must_serve=rules.must_serve[first:last]),
                plain_trips=arrays.plain_trips[first:last],
            ),
        )
        for first, last in pairwise(cuts)
    ]


def days_of(arrays: PoolArrays, every: int) -> PoolArrays:
    """Every `every`-th day of `arrays`, whose trips cost as much more as there are fewer days."""
    chosen = np.flatnonzero(arrays.day % every == 0)
    kept: list[int] = chosen.tolist()
    return replace(
        arrays,
        trips=tuple(arrays.trips[t] for t in kept),
        start=arrays.start[chosen],
        end=arrays.end[chosen],
        busy_until=arrays.busy_until[chosen],
        day=arrays.day[chosen],
        km=arrays.km[chosen],
        can_serve=arrays.can_serve[:, chosen],
        kr=every * arrays.kr[:, chosen],
        fallback_kr=every * arrays.fallback_kr[chosen],
        co2_t=every * arrays.co2_t[:, chosen],
        fallback_co2_t=every * arrays.fallback_co2_t[chosen],
        rules=replace(arrays.rules, must_serve=arrays.rules.must_serve[chosen]),
        plain_trips=tuple(arrays.plain_trips[t] for t in kept),
    )


def roster_in_piece(roster: Roster, piece: Piece) -> Roster:
    """The duties of `roster` in `piece`, with trips counted from the first one of the piece."""
    return Roster(
        [
            [[t - piece.first for t in duty if piece.first <= t < piece.last] for duty in vehicles]
            for vehicles in roster.duties
        ]
    )


def joined_roster(counts: Sequence[int], pieces: Sequence[tuple[Piece, Roster]]) -> Roster:
    """The rosters of all pieces as one; the busiest vehicles of the pieces become one vehicle."""
    whole = Roster([[[] for _ in range(count)] for count in counts])
    for piece, roster in pieces:
        for vehicles, duties in zip(whole.duties, roster.duties, strict=True):
            by_use = sorted(duties, key=len, reverse=True)
            for vehicle, duty in zip(vehicles, by_use, strict=True):
                vehicle.extend(t + piece.first for t in duty)
    return whole
