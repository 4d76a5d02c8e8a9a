"""Taking out fixes that no vehicle can have been at."""

import numpy as np

from trips.parameters import TripParameters
from trips.track import Bools, Floats, Track, distance, in_order

#: Out and back: the fixes around a wild one are nearer each other than this share of the way to it.
BACK_SHARE = 0.25


def clean(track: Track, parameters: TripParameters) -> tuple[Track, Floats]:
    """The fixes in order of time, one a moment, without wild ones; and the metres between them.

    A fix is wild when the vehicle would have had to go out to it and straight back: both its
    neighbours are near each other and far from it, or cannot be reached at `speed_max_ms`. Two
    wild fixes in a row are told by the fixes on either side of them.
    """
    fixes = in_order(track)
    step = fixes.steps()
    fast = _fast(fixes, step, parameters)
    wild = _wild_pairs(fixes, step, fast, parameters)
    if wild.any():
        fixes, step = _without(fixes, step, wild)
        fast = _fast(fixes, step, parameters)
    wild = _wild_ones(fixes, step, fast, parameters)
    if wild.any():
        fixes, step = _without(fixes, step, wild)
    return fixes, step


def _fast(fixes: Track, step: Floats, parameters: TripParameters) -> Bools:
    return step > parameters.speed_max_ms * (fixes.ts[1:] - fixes.ts[:-1])


def _without(fixes: Track, step: Floats, wild: Bools) -> tuple[Track, Floats]:
    kept = (~wild).nonzero()[0]
    fixes, step = fixes.take(kept), step[kept[:-1]]
    at = (kept[1:] - kept[:-1] > 1).nonzero()[0]
    step[at] = distance(fixes.lat[at], fixes.lon[at], fixes.lat[at + 1], fixes.lon[at + 1])
    return fixes, step


def _wild_ones(fixes: Track, step: Floats, fast: Bools, parameters: TripParameters) -> Bools:
    wild = np.zeros(len(fixes), dtype=np.bool_)
    before, after = step[:-1], step[1:]
    near = np.minimum(before, after)
    at = np.flatnonzero((near > parameters.stop_radius_m) | (fast[:-1] & fast[1:])) + 1
    skip = distance(fixes.lat[at - 1], fixes.lon[at - 1], fixes.lat[at + 1], fixes.lon[at + 1])
    reachable = skip <= parameters.speed_max_ms * (fixes.ts[at + 1] - fixes.ts[at - 1])
    near = near[at - 1]
    out_and_back = (near > parameters.stop_radius_m) & (skip < BACK_SHARE * near)
    wild[at] = out_and_back | (fast[at - 1] & fast[at] & reachable)
    return wild


def _wild_pairs(fixes: Track, step: Floats, fast: Bools, parameters: TripParameters) -> Bools:
    """Two in a row, out and back, at a speed that no vehicle reaches."""
    wild = np.zeros(len(fixes), dtype=np.bool_)
    near = np.minimum(step[:-2], step[2:])
    at = np.flatnonzero((near > parameters.stop_radius_m) & (fast[:-2] | fast[1:-1] | fast[2:]))
    across = distance(fixes.lat[at], fixes.lon[at], fixes.lat[at + 3], fixes.lon[at + 3])
    at = at[across < BACK_SHARE * near[at]]
    wild[at + 1] = True
    wild[at + 2] = True
    return wild
