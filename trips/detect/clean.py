"""Cleans a track: removes fixes that no vehicle can have been at, and puts a fix without a place
where the vehicle stood."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from fleet.earth import distance_m
from trips.detect.excursions import excursions, leaps
from trips.detect.parameters import TripParameters
from trips.detect.track import Track, in_order, join_tracks

#: The fixes before and after wild ones are nearer to each other than this share of the shorter step
#: to them.
BACK_SHARE = 0.25


class CleanTrack(NamedTuple):
    """The believed fixes of a track.

    Attributes:
        fixes: in order of time, one a moment.
        step: metres from each fix to the next.
        after_leap: the fixes before which the track leaps, as no vehicle can, and does not come
            back.
        leapt: whether the track leaps at all, also where it comes back.
        placed: which fixes had a place of their own; None: all of them.
        set_aside: how many fixes had a place that is not believed, and are left out.
    """

    fixes: Track
    step: Floats
    after_leap: Ints
    leapt: bool
    placed: Bools | None
    set_aside: int


def clean_track(track: Track, parameters: TripParameters) -> CleanTrack:
    """Sort the fixes of a track by time, keep one a moment, and remove wild ones.

    A fix is wild when the vehicle would have had to go out to it and straight back: its two
    neighbours are near each other and far from it, or the vehicle could not have reached it from
    them at `speed_max_ms`. Two wild fixes in a row are recognised by the fixes on either side of
    them, longer rows by `trips.detect.excursions`. Latitude 0, longitude 0 is no place.

    A fix without a place (NaN) gets the place of the last fix that has one, unless it says that the
    vehicle moves or its ignition is on; then it is left out.
    """
    fixes = in_order(track)
    away = np.isnan(fixes.lat)
    silent = fixes.take(away.nonzero()[0]) if away.any() else None
    if silent is not None:
        fixes = fixes.take((~away).nonzero()[0])
    count = len(fixes)
    if not fixes.lat.all():
        fixes = fixes.take(((fixes.lat != 0) | (fixes.lon != 0)).nonzero()[0])
    fixes, step = _without_wild_ones_and_pairs(fixes, fixes.steps(), parameters)
    leap = leaps(fixes, step, parameters).nonzero()[0]
    leapt = len(leap) > 0
    if leapt:
        wild = excursions(fixes, leap, parameters)
        if wild.any():
            fixes, step = _without(fixes, step, wild)
            leap = leaps(fixes, step, parameters).nonzero()[0]
    set_aside = count - len(fixes)
    if silent is None:
        return CleanTrack(fixes, step, leap + 1, leapt, None, set_aside)
    both, placed = _standing_still(fixes, silent, parameters)
    after_leap = np.searchsorted(both.ts, fixes.ts[leap + 1])
    return CleanTrack(both, both.steps(), after_leap, leapt, placed, set_aside)


def _without_wild_ones_and_pairs(
    fixes: Track, step: Floats, parameters: TripParameters
) -> tuple[Track, Floats]:
    """Remove fixes that are wild alone or two in a row.

    Returns:
        The other fixes, and the steps between them.
    """
    fast = _fast(fixes, step, parameters)
    wild = _wild_pairs(fixes, step, fast, parameters)
    if wild.any():
        fixes, step = _without(fixes, step, wild)
        fast = _fast(fixes, step, parameters)
    wild = _wild_ones(fixes, step, fast, parameters)
    if wild.any():
        fixes, step = _without(fixes, step, wild)
    return fixes, step


def _standing_still(fixes: Track, silent: Track, parameters: TripParameters) -> tuple[Track, Bools]:
    """Add the `silent` fixes that stand still to the others, each at the place of the fix before
    it.

    Returns:
        The fixes in order of time, and which of them have a place of their own.
    """
    moves = silent.speed >= parameters.standing_speed_ms
    for switch in (silent.ignition, silent.movement):
        if switch is not None:
            moves |= switch == 1
    at = np.searchsorted(fixes.ts, silent.ts) - 1
    still = (~moves & (at >= 0)).nonzero()[0]
    placed = np.concatenate((np.ones(len(fixes), np.bool_), np.zeros(len(still), np.bool_)))
    carried = silent.take(still)
    carried = replace(carried, lat=fixes.lat[at[still]], lon=fixes.lon[at[still]])
    both = join_tracks(fixes, carried)
    order = np.argsort(both.ts, kind="stable")
    return both.take(order), placed[order]


def _fast(fixes: Track, step: Floats, parameters: TripParameters) -> Bools:
    """Whether each step is faster than any vehicle."""
    return step > parameters.speed_max_ms * (fixes.ts[1:] - fixes.ts[:-1])


def _without(fixes: Track, step: Floats, wild: Bools) -> tuple[Track, Floats]:
    """Remove the `wild` fixes.

    Returns:
        The other fixes, and the steps between them.
    """
    kept = (~wild).nonzero()[0]
    fixes, step = fixes.take(kept), step[kept[:-1]]
    at = (kept[1:] - kept[:-1] > 1).nonzero()[0]
    step[at] = distance_m(fixes.lat[at], fixes.lon[at], fixes.lat[at + 1], fixes.lon[at + 1])
    return fixes, step


def _wild_ones(fixes: Track, step: Floats, fast: Bools, parameters: TripParameters) -> Bools:
    """Whether each fix is wild alone, between two believed ones."""
    wild = np.zeros(len(fixes), dtype=np.bool_)
    before, after = step[:-1], step[1:]
    near = np.minimum(before, after)
    at = np.flatnonzero((near > parameters.stop_radius_m) | (fast[:-1] & fast[1:])) + 1
    skip = distance_m(fixes.lat[at - 1], fixes.lon[at - 1], fixes.lat[at + 1], fixes.lon[at + 1])
    reachable = skip <= parameters.speed_max_ms * (fixes.ts[at + 1] - fixes.ts[at - 1])
    near = near[at - 1]
    out_and_back = (near > parameters.stop_radius_m) & (skip < BACK_SHARE * near)
    wild[at] = out_and_back | (fast[at - 1] & fast[at] & reachable)
    return wild


def _wild_pairs(fixes: Track, step: Floats, fast: Bools, parameters: TripParameters) -> Bools:
    """Whether each fix is one of two wild ones in a row, out and back at a speed that no vehicle
    reaches."""
    wild = np.zeros(len(fixes), dtype=np.bool_)
    near = np.minimum(step[:-2], step[2:])
    at = np.flatnonzero((near > parameters.stop_radius_m) & (fast[:-2] | fast[1:-1] | fast[2:]))
    across = distance_m(fixes.lat[at], fixes.lon[at], fixes.lat[at + 3], fixes.lon[at + 3])
    at = at[across < BACK_SHARE * near[at]]
    wild[at + 1] = True
    wild[at + 2] = True
    return wild
