"""How far a vehicle drove between two fixes of its track."""

import numpy as np

from trips.track import Bools, Floats, Ints, Track

#: An odometer is believed within these shares of the path, give or take `SLACK_KM`. A counter that
#: went backwards or ran far from the path was reset, or is another vehicle's.
LEAST_SHARE, MOST_SHARE, SLACK_KM = 0.8, 1.5, 1.0


def driven_km(fixes: Track, begin: Ints, end: Ints) -> tuple[Floats, Bools]:
    """Driven km from fix `begin[i]` to fix `end[i]`, and whether the odometer gave it.

    The ranges come in order; `begin[i] < end[i]`, and each begins where the one before it ends or
    later.
    """
    if not len(begin):
        return np.empty(0), np.empty(0, dtype=np.bool_)
    step = np.append(fixes.steps(), 0.0)
    path_km = np.add.reduceat(step, np.stack((begin, end), axis=1).ravel())[::2] / 1000
    counted_km = fixes.odometer[end] - fixes.odometer[begin]
    sane = (counted_km >= LEAST_SHARE * path_km - SLACK_KM) & (
        counted_km <= MOST_SHARE * path_km + SLACK_KM
    )
    return np.where(sane, counted_km, path_km), sane
