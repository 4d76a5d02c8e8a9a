"""Measures how far a vehicle drove between two fixes of its track: by odometer, or along its
path."""

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from trips.detect.parameters import TripParameters
from trips.detect.track import Track, range_pairs

#: An odometer is believed if its km are between these shares of the path, give or take `SLACK_KM`.
#: A counter that went backwards or far from the path was reset, or belongs to another vehicle.
LEAST_SHARE, MOST_SHARE, SLACK_KM = 0.8, 1.5, 1.0

#: Steps slower than this share of `standing_speed_ms` are drift, and add nothing to the path.
DRIFT_SHARE = 0.4


def driven_km(
    fixes: Track, step: Floats, begin: Ints, end: Ints, parameters: TripParameters
) -> tuple[Floats, Bools]:
    """Measure the driven km from fix `begin[i]` to fix `end[i]`, for every i.

    `step` holds the metres from each fix to the next. The ranges come in order; `begin[i] <
    end[i]`, and each begins where the one before it ends or later.

    Returns:
        The km, and whether the odometer gave them; otherwise they are the length of the path.
    """
    if not len(begin):
        return np.empty(0), np.empty(0, dtype=np.bool_)
    drift_ms = DRIFT_SHARE * parameters.standing_speed_ms
    drove = step >= drift_ms * (fixes.ts[1:] - fixes.ts[:-1])
    bounds = range_pairs(begin, end)
    path_km = np.add.reduceat(np.append(np.where(drove, step, 0.0), 0.0), bounds)[::2] / 1000
    counted_km = fixes.odometer[end] - fixes.odometer[begin]
    sane = (counted_km >= LEAST_SHARE * path_km - SLACK_KM) & (
        counted_km <= MOST_SHARE * path_km + SLACK_KM
    )
    return np.where(sane, counted_km, path_km), sane
