"""Taking out fixes that no vehicle can have been at."""

import numpy as np

from trips.parameters import TripParameters
from trips.track import Bools, Floats, Track, distance, in_order

#: Out and back: the fixes around a wild one are nearer each other than this share of the way to it.
BACK_SHARE = 0.25


def clean(track: Track, parameters: TripParameters) -> Track:
    """The fixes in order of time, one a moment, without wild ones.

    A fix is wild when the vehicle would have had to go out to it and straight back: both its
    neighbours are near each other and far from it, or cannot be reached at `speed_max_ms`. Two
    wild fixes in a row are told by the fixes on either side of them.
    """
    fixes = in_order(track)
    if len(fixes) >= 4:
        fixes = fixes.take(~_wild_pairs(fixes, parameters))
    return fixes.take(~_wild(fixes, parameters)) if len(fixes) >= 3 else fixes


def _wild(fixes: Track, parameters: TripParameters) -> Bools:
    step, seconds = fixes.steps(), np.diff(fixes.ts)
    skip = _across(fixes, 2)
    near = np.minimum(step[:-1], step[1:])
    out_and_back = (near > parameters.stop_radius_m) & (skip < BACK_SHARE * near)
    fast = step > parameters.speed_max_ms * seconds
    reachable = skip <= parameters.speed_max_ms * (seconds[:-1] + seconds[1:])
    wild = np.zeros(len(fixes), dtype=np.bool_)
    wild[1:-1] = out_and_back | (fast[:-1] & fast[1:] & reachable)
    return wild


def _wild_pairs(fixes: Track, parameters: TripParameters) -> Bools:
    """Two in a row, out and back, at a speed that no vehicle reaches."""
    step, seconds = fixes.steps(), np.diff(fixes.ts)
    fast = step > parameters.speed_max_ms * seconds
    near = np.minimum(step[:-2], step[2:])
    out_and_back = (near > parameters.stop_radius_m) & (_across(fixes, 3) < BACK_SHARE * near)
    pair = out_and_back & (fast[:-2] | fast[1:-1] | fast[2:])
    wild = np.zeros(len(fixes), dtype=np.bool_)
    wild[1:-2] = pair
    wild[2:-1] |= pair
    return wild


def _across(fixes: Track, count: int) -> Floats:
    """Metres from each fix to the one `count` further on."""
    return distance(fixes.lat[:-count], fixes.lon[:-count], fixes.lat[count:], fixes.lon[count:])
