"""Where and when one vehicle stood: candidates by box, by the tracker's word and by silence; then
the exact moments of arrival and departure at their edges.

Everything looks at a bounded neighbourhood and works on all stays of a track at once.
"""

from typing import NamedTuple

import numpy as np

from trips.parameters import TripParameters
from trips.track import M_PER_DEG, Bools, Floats, Ints, Track, distance

#: A stay is first looked for with this share of `stop_s`, because the box also holds the first and
#: last metres of driving; the exact duration decides afterwards.
WINDOW_SHARE = 0.7

#: Standing fixes lie within this share of `stop_radius_m` from their middle, or within this many
#: times their median distance from it, whichever is more.
STANDING_SHARE = 0.3
STANDING_SPREAD = 2

#: A tracker that says "ignition off" or "no movement" is believed up to this speed in m/s; faster,
#: its wiring is wrong.
OFF_SPEED_MS = 5.0

#: Speed in m/s at which the last metres before a stop are taken to be driven at least, and the
#: acceleration in m/s2 of a vehicle in town.
CRAWL_MS = 4.0
BRAKE_MS2 = 2.0


class Stays(NamedTuple):
    """The stays of one track in order, as parallel arrays.

    `first` and `last` are the outermost standing fixes, `arrival` and `departure` seconds since
    1970: between a moving fix and the standing one next to it.
    """

    first: Ints
    last: Ints
    arrival: Floats
    departure: Floats


def stays(fixes: Track, parameters: TripParameters) -> Stays:
    """The stays that last `stop_s` or more in a clean track of two fixes or more."""
    step = fixes.steps()
    slow, sensed = _standing(fixes, step, parameters)
    first, last = _runs(fixes, step, slow & sensed, parameters)
    arrival_at, arrival = _edges(fixes, first, last, slow, parameters, inward=1)
    departure_at, departure = _edges(fixes, first, last, slow, parameters, inward=-1)
    long_enough = (departure - arrival >= parameters.stop_s) & (departure_at >= arrival_at)
    return Stays(
        arrival_at[long_enough],
        departure_at[long_enough],
        arrival[long_enough],
        departure[long_enough],
    )


def _standing(fixes: Track, step: Floats, parameters: TripParameters) -> tuple[Bools, Bools]:
    """Which fixes are of a standing vehicle, and for which the tracker itself tells.

    Without the tracker's word, the slower of the steps before and after tells.
    """
    sensed = ~np.isnan(fixes.speed)
    speed = fixes.speed
    if not sensed.all():
        pace = step / np.diff(fixes.ts)
        slower = np.minimum(np.append(pace, np.inf), np.append(np.inf, pace))
        speed = np.where(sensed, speed, slower)
    slow = speed < parameters.standing_speed_ms
    for switch in (fixes.ignition, fixes.movement):
        if switch is not None:
            off = (switch == 0) & (speed < OFF_SPEED_MS)
            slow, sensed = slow | off, sensed | off
    return slow, sensed


def _runs(
    fixes: Track, step: Floats, surely: Bools, parameters: TripParameters
) -> tuple[Ints, Ints]:
    """First and last fix of the longest ranges that windows of a standing vehicle cover.

    A window goes from each fix to the first one after `WINDOW_SHARE` of `stop_s`: to that one when
    it lies in the box too, else to the one before it; its edge tells how long the vehicle stood.
    """
    ts, here = fixes.ts, np.arange(len(fixes))
    window_s = WINDOW_SHARE * parameters.stop_s
    until = np.minimum(np.searchsorted(ts, ts + window_s), len(fixes) - 1)
    before = np.maximum(until - 1, here)
    long_enough = (ts[until] - ts >= window_s) & (before > here)

    low_lat, high_lat = _window_range(fixes.lat, here, before)
    low_lon, high_lon = _window_range(fixes.lon, here, before)
    m_per_deg_lon = M_PER_DEG * np.cos(np.radians(fixes.lat))
    diagonal = np.hypot((high_lat - low_lat) * M_PER_DEG, (high_lon - low_lon) * m_per_deg_lon)
    height = np.maximum(high_lat, fixes.lat[until]) - np.minimum(low_lat, fixes.lat[until])
    width = np.maximum(high_lon, fixes.lon[until]) - np.minimum(low_lon, fixes.lon[until])
    whole = np.hypot(height * M_PER_DEG, width * m_per_deg_lon)

    moving = np.concatenate(([0], np.cumsum(~surely)))
    limit = np.where(
        moving[before + 1] == moving[here], parameters.drift_radius_m, parameters.stop_radius_m
    )
    whole_limit = np.where(
        moving[until + 1] == moving[here], parameters.drift_radius_m, parameters.stop_radius_m
    )
    ends = np.where(long_enough & (diagonal <= limit), before, -1)
    ends = np.where((ts[until] - ts >= window_s) & (whole <= whole_limit), until, ends)

    # A silence that the vehicle did not drive through: one step of that length, slower than
    # driving, though the first fix after it may be some way down the road.
    seconds = np.diff(ts)
    silent = (seconds >= window_s) & (step < parameters.silence_speed_ms * seconds)
    ends[:-1] = np.where(silent, np.maximum(ends[:-1], here[1:]), ends[:-1])

    # Union of the windows [i, ends[i]]: a run ends where no window from before reaches further.
    reach = np.maximum.accumulate(ends)
    inside = reach >= here
    joined = reach[:-1] >= here[1:]
    first = np.flatnonzero(inside & np.concatenate(([True], ~joined)))
    last = np.flatnonzero(inside & np.concatenate((~joined, [True])))
    return first, last


def _edges(
    fixes: Track, first: Ints, last: Ints, slow: Bools, parameters: TripParameters, *, inward: int
) -> tuple[Ints, Floats]:
    """The outermost standing fix of each run, and when the vehicle came to stand or left there.

    `inward` is 1 for arrivals, at the first fixes, and -1 for departures. The moment is found from
    the last moving fix outside: the distance that is left, at that fix's speed, and the time to
    brake or accelerate.
    """
    ts = fixes.ts
    window_s = WINDOW_SHARE * parameters.stop_s
    edge = first if inward == 1 else last
    if inward == 1:
        begin, end = first, np.minimum(np.searchsorted(ts, ts[first] + window_s, "right") - 1, last)
    else:
        begin, end = np.maximum(np.searchsorted(ts, ts[last] - window_s), first), last
    run, standing = _slow_in(begin, end, slow)
    count = np.bincount(run, minlength=len(edge))
    # At the edge of a silence there is none: the next standing fix inside tells.
    inner = _next_slow(edge, slow, inward)
    lone = np.flatnonzero((count == 0) & (inner >= first) & (inner <= last))
    order = np.argsort(np.concatenate((run, lone)), kind="stable")
    run = np.concatenate((run, lone))[order]
    standing = np.concatenate((standing, inner[lone]))[order]

    at, moment = edge.copy(), ts[edge]
    known, start = np.unique(run, return_index=True)
    if not len(known):
        return at, moment
    lat = _medians(fixes.lat[standing], run, start)
    lon = _medians(fixes.lon[standing], run, start)
    part = np.searchsorted(known, run)
    away = distance(fixes.lat[standing], fixes.lon[standing], lat[part], lon[part])
    limit = np.maximum(
        STANDING_SHARE * parameters.stop_radius_m, STANDING_SPREAD * _medians(away, run, start)
    )
    close = away <= limit[part]
    if inward == 1:
        outermost = np.minimum.reduceat(np.where(close, standing, len(fixes)), start)
    else:
        outermost = np.maximum.reduceat(np.where(close, standing, -1), start)
    at[known] = outermost
    moment[known] = ts[outermost]

    moving = outermost - inward
    seen = (moving >= 0) & (moving < len(fixes))
    known, moving, outermost, lat, lon = (
        array[seen] for array in (known, moving, outermost, lat, lon)
    )
    rest_m = distance(fixes.lat[moving], fixes.lon[moving], lat, lon)
    speed = np.maximum(_speed_at(fixes, moving, -inward), CRAWL_MS)
    travel_s = rest_m / speed + speed / (2 * BRAKE_MS2)
    gap_s = np.abs(ts[outermost] - ts[moving])
    moment[known] = ts[moving] + inward * np.minimum(travel_s, gap_s)
    return at, moment


def _speed_at(fixes: Track, at: Ints, outward: int) -> Floats:
    """m/s as reported at the fixes `at`, else measured to the fix beyond."""
    beyond = np.clip(at + outward, 0, len(fixes) - 1)
    seconds = np.abs(fixes.ts[beyond] - fixes.ts[at])
    metres = distance(fixes.lat[at], fixes.lon[at], fixes.lat[beyond], fixes.lon[beyond])
    measured = metres / np.where(beyond == at, 1.0, seconds)
    return np.where(np.isnan(fixes.speed[at]), measured, fixes.speed[at])


def _slow_in(begin: Ints, end: Ints, slow: Bools) -> tuple[Ints, Ints]:
    """The slow fixes of the ranges [begin, end]: number of the range, index of the fix."""
    length = end - begin + 1
    number = np.repeat(np.arange(len(begin)), length)
    index = np.arange(len(number)) - np.repeat(np.cumsum(length) - length, length) + begin[number]
    keep = slow[index]
    return number[keep], index[keep]


def _next_slow(edge: Ints, slow: Bools, inward: int) -> Ints:
    """The slow fix next to each edge, going inwards; -1 when there is none."""
    index = np.flatnonzero(slow)
    padded = np.concatenate((index, [-1]))
    if inward == 1:
        return padded[np.searchsorted(index, edge)]
    return padded[np.searchsorted(index, edge, "right") - 1]


def _medians(values: Floats, group: Ints, start: Ints) -> Floats:
    """The median of `values` in each group; groups are contiguous and begin at `start`."""
    ordered = values[np.lexsort((values, group))]
    count = np.diff(np.append(start, len(values)))
    return (ordered[start + (count - 1) // 2] + ordered[start + count // 2]) / 2


def _window_range(values: Floats, first: Ints, last: Ints) -> tuple[Floats, Floats]:
    """Least and greatest of `values[first[i] : last[i] + 1]` for every i, by doubling windows."""
    least, greatest = values.copy(), values.copy()
    length = last - first + 1
    longest = int(length.max())
    low, high = values, values
    width = 1
    while 2 * width <= longest:
        low = np.minimum(low[:-width], low[width:])
        high = np.maximum(high[:-width], high[width:])
        width *= 2
        # Two windows of `width` cover a range of `width` to 2 `width`.
        at = np.flatnonzero((length >= width) & (length < 2 * width))
        a, b = first[at], last[at] - width + 1
        least[at] = np.minimum(low[a], low[b])
        greatest[at] = np.maximum(high[a], high[b])
    return least, greatest
