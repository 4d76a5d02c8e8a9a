"""Removes from a trip the parts over which its vehicle was carried: by ferry, by trailer or in
tow."""

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from trips.detect.parameters import TripParameters
from trips.detect.track import Track, diagonals

#: A vehicle counts as carried after so many times `stop_s`. In shorter times ignition may only have
#: been reported late.
RIDE_STOPS = 2


def without_carried(
    fixes: Track,
    begin: Ints,
    end: Ints,
    start: Floats,
    stop: Floats,
    parameters: TripParameters,
) -> tuple[Ints, Ints, Floats, Floats]:
    """Remove the parts over which the vehicle was carried from trips.

    Trip `i` goes from fix `begin[i]` to fix `end[i]`, and from the moment `start[i]` to `stop[i]`.
    A vehicle is carried where it moved for `RIDE_STOPS` times `stop_s` or more with ignition off in
    every fix, and stood when that began or ended. Ignition is believed only within a trip on which
    it was also on: a wire that never reports it is not connected. Ignition that goes off and on
    under way is not believed.

    Returns:
        First and last fix, departure and arrival of each trip that is left.
    """
    if fixes.ignition is None or not (fixes.ignition == 1).any():
        return begin, end, start, stop
    off = fixes.ignition == 0
    slow = ~(fixes.speed >= parameters.standing_speed_ms)
    parts: list[tuple[int, int, float, float]] = []
    carried = False
    for trip in zip(begin.tolist(), end.tolist(), start.tolist(), stop.tolist(), strict=True):
        first, last, departure, arrival = trip
        rides = _rides(fixes.ts, off, slow, first, last, parameters)
        if not rides:
            parts.append(trip)
            continue
        carried = True
        edges = [first, *(fix for ride in rides for fix in ride), last]
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            if a < b:
                left = departure if a == first else float(fixes.ts[a])
                came = arrival if b == last else float(fixes.ts[b])
                parts.append((a, b, left, came))
    if not carried:
        return begin, end, start, stop
    columns = [np.array(column) for column in zip(*parts, strict=True)] or [begin[:0]] * 4
    first, last = columns[0].astype(np.int64), columns[1].astype(np.int64)
    real = (diagonals(fixes, first, last) >= parameters.trip_min_m).nonzero()[0]
    return first[real], last[real], columns[2][real], columns[3][real]


def _rides(
    ts: Floats, off: Bools, slow: Bools, first: int, last: int, parameters: TripParameters
) -> list[tuple[int, int]]:
    """The fixes at which each ride of a trip begins and ends."""
    within = off[first : last + 1]
    if within.all() or not within.any():
        return []
    edges = np.diff(np.concatenate(([False], within, [False])).astype(np.int8)).nonzero()[0]
    return [
        (since, until)
        for since, until in ((first + edges).reshape(-1, 2) - (0, 1)).tolist()
        if ts[until] - ts[since] >= RIDE_STOPS * parameters.stop_s and (slow[since] or slow[until])
    ]
