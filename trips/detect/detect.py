"""Finds the trips of one device in its positions: departure, arrival, distance.

The method, in the order of `detect_trips`:

1. `trips.detect.clean` sorts the fixes, keeps one a moment and removes wild ones.
2. `trips.detect.stays` finds where the vehicle stood, seen by fixes or through a silence, and the
   moments at which it really came and left: from distance and speed, not from when it was noticed.
3. The drive between two stays that last `stop_s` or more is a trip, if it went anywhere.
   `trips.detect.carried` removes the parts on a ferry or a trailer, `trips.detect.driven` measures
   the km.

Every step looks at a bounded neighbourhood, so a track may be cut within stays and examined in
parts (`trips.detect.recut`). The module is pure: it takes and returns plain values.
"""

from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from fleet.arrays import Floats
from trips.detect.carried import without_carried
from trips.detect.clean import CleanTrack, clean_track
from trips.detect.driven import driven_km
from trips.detect.parameters import TripParameters
from trips.detect.stays import StandingFixes, Stays, moved_before, standing_fixes, stays
from trips.detect.track import Track, diagonals


class DetectedTrip(NamedTuple):
    """A trip in the units of `Track`; `km` is driven distance."""

    start: float
    end: float
    start_lat: float
    start_lon: float
    end_lat: float
    end_lon: float
    km: float


class ExaminedTrack(NamedTuple):
    """A track with all that was found in it: the clean fixes, the standing ones among them, the
    stays (as indices into the clean fixes), and the trips."""

    clean: CleanTrack
    standing: StandingFixes
    stays: Stays
    trips: list[DetectedTrip]


def detect_trips(track: Track, parameters: TripParameters) -> list[DetectedTrip]:
    """Find the trips in a track, in order. Fixes may come in any order and more than once."""
    return examine_track(track, parameters).trips


def examine_track(track: Track, parameters: TripParameters) -> ExaminedTrack:
    """Find the trips in a track; returns them with all that they were found from."""
    cleaned = clean_track(track, parameters)
    bounds = [0, *cleaned.after_leap.tolist(), len(cleaned.fixes)]
    parts = [
        _examined(cleaned.fixes.take(slice(a, b)), cleaned.step[a : max(a, b - 1)], parameters)
        for a, b in pairwise(bounds)
    ]
    if len(parts) == 1:
        return ExaminedTrack(cleaned, *parts[0])
    standing, stood, trips = zip(*parts, strict=True)
    surely = np.concatenate([one.surely for one in standing])
    whole = StandingFixes(
        np.concatenate([one.slow for one in standing]), surely, moved_before(surely)
    )
    stays_in_all = Stays(
        np.concatenate([one.first + a for one, a in zip(stood, bounds, strict=False)]),
        np.concatenate([one.last + a for one, a in zip(stood, bounds, strict=False)]),
        np.concatenate([one.arrival for one in stood]),
        np.concatenate([one.departure for one in stood]),
    )
    return ExaminedTrack(cleaned, whole, stays_in_all, list(chain.from_iterable(trips)))


def _examined(
    fixes: Track, step: Floats, parameters: TripParameters
) -> tuple[StandingFixes, Stays, list[DetectedTrip]]:
    """Find the standing fixes, the stays and the trips in clean fixes between which the track does
    not leap; returns these three."""
    if len(fixes) < 2:
        still = np.ones(len(fixes), dtype=np.bool_)
        none, never = np.empty(0, dtype=np.int64), np.empty(0)
        standing = StandingFixes(still, still, np.zeros(len(fixes) + 1, dtype=np.int64))
        return standing, Stays(none, none, never, never), []
    standing = standing_fixes(fixes, step, parameters)
    stood = stays(fixes, step, standing, parameters)
    # A trip goes from one stay to the next; the track's own ends take the place of a stay.
    begin = np.concatenate(([0], stood.last))
    end = np.concatenate((stood.first, [len(fixes) - 1]))
    start = np.concatenate((fixes.ts[:1], stood.departure))
    stop = np.concatenate((stood.arrival, fixes.ts[-1:]))
    real = np.flatnonzero((begin < end) & (stop > start))
    # A trip on which the tracker never said that the vehicle moved may be drift of a poor receiver.
    moved = standing.moved[end[real] + 1] > standing.moved[begin[real]]
    least_m = np.where(moved, parameters.trip_min_m, parameters.drift_radius_m)
    real = real[diagonals(fixes, begin[real], end[real]) >= least_m]
    begin, end, start, stop = begin[real], end[real], start[real], stop[real]
    begin, end, start, stop = without_carried(fixes, begin, end, start, stop, parameters)
    km, _ = driven_km(fixes, step, begin, end, parameters)
    columns = (
        start,
        stop,
        fixes.lat[begin],
        fixes.lon[begin],
        fixes.lat[end],
        fixes.lon[end],
        km,
    )
    trips = list(map(DetectedTrip._make, zip(*(c.tolist() for c in columns), strict=True)))
    return standing, stood, trips
