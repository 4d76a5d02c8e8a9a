"""When the counts are given, a part is cut into pieces of time that do not depend on each other.

A cut is a moment at which every vehicle is home and that no block (see `conflicts`) of any kind
crosses: whatever a vehicle did before, it can do anything after.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from optimiser.duties.conflicts import Block
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import Roster

#: Pieces with fewer trips are joined with their neighbours: a solve has a cost of its own.
_TRIPS_MIN = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Trips `first` to `last` (excluded) of a part, as a part without fixed costs."""

    first: int
    last: int
    arrays: PoolArrays


def cut(
    arrays: PoolArrays, counts: Sequence[int], blocks: Sequence[Sequence[Block]]
) -> list[Piece]:
    """The pieces of `arrays`, in order of time, when each kind has the number in `counts`.

    `blocks` are those of each kind, for all trips for which it is useful. There is one piece, the
    whole, when a cap on CO2e ties all time together.
    """
    if not arrays.trips:
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
        if min(t - cuts[-1], len(arrays.trips) - t) >= _TRIPS_MIN:
            cuts.append(t)
    cuts.append(len(arrays.trips))
    kinds = tuple(replace(kind, fixed_kr_year=0.0) for kind in arrays.kinds)
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
                can=arrays.can[:, first:last],
                kr=arrays.kr[:, first:last],
                fallback_kr=arrays.fallback_kr[first:last],
                co2_t=arrays.co2_t[:, first:last],
                fallback_co2_t=arrays.fallback_co2_t[first:last],
                low=tuple(counts),
                high=tuple(counts),
                co2_max_t=arrays.co2_max_t,
                legs=arrays.legs[first:last],
            ),
        )
        for first, last in pairwise(cuts)
    ]


def roster_in_piece(roster: Roster, piece: Piece) -> Roster:
    """The part of `roster` that is in `piece`, with trips counted from the piece's first one."""
    return Roster(
        [
            [[t - piece.first for t in duty if piece.first <= t < piece.last] for duty in vehicles]
            for vehicles in roster.duties
        ]
    )


def put_together(counts: Sequence[int], pieces: Sequence[tuple[Piece, Roster]]) -> Roster:
    """The rosters of all pieces as one; the vehicle with most trips in each is the same one."""
    whole = Roster([[[] for _ in range(count)] for count in counts])
    for piece, roster in pieces:
        for vehicles, duties in zip(whole.duties, roster.duties, strict=True):
            by_use = sorted(duties, key=len, reverse=True)
            for vehicle, duty in zip(vehicles, by_use, strict=True):
                vehicle.extend(t + piece.first for t in duty)
    return whole
