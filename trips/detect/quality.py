"""Tells the quality of trips, that is, what may be doubted about each, from the fixes that they
were found from."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from trips.detect.clean import clean_track
from trips.detect.detect import DetectedTrip
from trips.detect.driven import driven_km
from trips.detect.parameters import TripParameters
from trips.detect.track import Track


class TripQuality(NamedTuple):
    """The quality of one trip.

    Attributes:
        silence_max_s: the longest silence of the tracker within the trip.
        gap_inside: that silence is longer than `gap_s`: the way is not known throughout.
        cut_by_silence: no fix within `gap_s` before the departure or after the arrival shows the
            vehicle standing; that it stood is concluded from a silence, or is not known yet.
        odometer_used: km is from the odometer; otherwise it is the length of the path.
    """

    silence_max_s: float
    gap_inside: bool
    cut_by_silence: bool
    odometer_used: bool


def trip_qualities(
    track: Track, trips: Sequence[DetectedTrip], parameters: TripParameters
) -> list[TripQuality]:
    """The quality of each trip that `detect_trips` found in `track` with the same parameters."""
    if not trips:
        return []
    cleaned = clean_track(track, parameters)
    fixes, step, ts = cleaned.fixes, cleaned.step, cleaned.fixes.ts
    starts = np.array([trip.start for trip in trips])
    ends = np.array([trip.end for trip in trips])
    begin = np.searchsorted(ts, starts, side="right") - 1
    end = np.searchsorted(ts, ends, side="left")
    # The silences between the fixes strictly within the trip; those beside its own ends follow
    # below.
    silence_s = np.maximum.reduceat(
        np.append(ts[1:] - ts[:-1], 0.0), np.stack((begin + 1, end - 1), axis=1).ravel()
    )[::2]
    silence_s = np.where(end - begin > 2, silence_s, 0.0)
    silence_s = np.maximum(silence_s, np.minimum(ts[begin + 1], ends) - starts)
    silence_s = np.maximum(silence_s, ends - np.maximum(ts[end - 1], starts))
    next_at = np.searchsorted(ts, ends, side="right")
    seen_after = np.append(ts, np.inf)[next_at] - ends
    seen_before = starts - np.append(-np.inf, ts)[np.searchsorted(ts, starts, side="left")]
    cut = np.maximum(seen_after, seen_before) > parameters.gap_s
    _, from_odometer = driven_km(fixes, step, begin, end, parameters)
    return [
        TripQuality(float(silence), bool(silence > parameters.gap_s), bool(silent), bool(counted))
        for silence, silent, counted in zip(silence_s, cut, from_odometer, strict=True)
    ]
