"""Finds excursions that no vehicle can drive: out, for any number of fixes, and back.

A step that cannot be driven is a leap, and leaps divide a track into stretches. A stretch, or
several in a row, is an excursion when the vehicle could have gone from the fix before to the fix
after: only the way out and the way back are impossible. Its fixes are left out, be it three fixes
placed by a mobile mast or a day with the sign of the longitude turned.

A leap from which the track does not come back stays: the tracker was moved while it was off, or the
fixes before it were wrong. Both sides are believed, and no trip crosses it.
"""

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from fleet.earth import distance_m
from fleet.position import CLOCK_ROUNDING_S
from trips.detect.parameters import TripParameters
from trips.detect.track import Track

#: The number of fixes on either side that show that a longer excursion came back. Fewer may be wild
#: themselves: one wrong fix must not make an excursion of all fixes since the first one.
CONFIRMED_BY = 5

#: How many stretches back the search goes for the one from which the vehicle could have come.
STRETCHES_BACK = 1_000


def leaps(fixes: Track, step: Floats, parameters: TripParameters) -> Bools:
    """Whether each step cannot be driven, whatever the receiver's noise and the clock's
    rounding."""
    return ~_reachable(step, fixes.ts[1:] - fixes.ts[:-1], parameters)


def _reachable(metres: Floats, seconds: Floats, parameters: TripParameters) -> Bools:
    return metres <= parameters.drift_radius_m + parameters.speed_max_ms * (
        seconds + CLOCK_ROUNDING_S
    )


def excursions(fixes: Track, leap: Ints, parameters: TripParameters) -> Bools:
    """Whether each fix of a track lies on an excursion; `leap` holds the fix before each leap.

    The fixes come in order of time.
    """
    wild = np.zeros(len(fixes), dtype=np.bool_)
    begin = np.append(0, leap + 1)
    end = np.append(leap, len(fixes) - 1)
    # The chain of stretches that are believed so far: the last fix of each, and its number of
    # fixes.
    chain = np.empty(len(begin), dtype=np.int64)
    fixes_in = np.empty(len(begin), dtype=np.int64)
    chain[0], fixes_in[0] = end[0], end[0] + 1
    length = 1
    for at, last in zip(begin[1:].tolist(), end[1:].tolist(), strict=True):
        own = last - at + 1
        low = max(0, length - 1 - STRETCHES_BACK)
        before = chain[low : length - 1]
        metres = distance_m(fixes.lat[before], fixes.lon[before], fixes.lat[at], fixes.lon[at])
        out = np.cumsum(fixes_in[low + 1 : length][::-1])[::-1]
        least = np.minimum(out, CONFIRMED_BY)
        back = _reachable(metres, fixes.ts[at] - fixes.ts[before], parameters)
        back &= (fixes_in[low : length - 1] >= least) & (own >= least)
        found = back.nonzero()[0]
        if len(found):
            length = low + int(found[-1]) + 1
            wild[chain[length - 1] + 1 : at] = True
            chain[length - 1] = last
            fixes_in[length - 1] += own
        else:
            chain[length], fixes_in[length] = last, own
            length += 1
    return wild
