"""Finds the moment at which a vehicle really came to stand, from the first fixes of each of its
stays.

A departure is an arrival of the same track run backwards (`mirrored`).
"""

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from fleet.earth import distance_m
from trips.detect.parameters import TripParameters
from trips.detect.track import Track

#: The share of `stop_s` with which stays are searched for, because the box also holds the first and
#: last metres of driving. The exact duration decides afterwards.
WINDOW_SHARE = 0.7

#: Standing fixes lie within this share of `stop_radius_m` from their middle, or within this many
#: times their median distance from it, whichever is more.
STANDING_SHARE = 0.3
STANDING_SPREAD = 2.5

#: The least speed in m/s that is assumed for the last metres before a stop, and the deceleration in
#: m/s2 of a vehicle in town. They matter where fixes are far apart, and were chosen on
#: `pilot_always_on` and `pilot_ignition` (`python -m benchmarks.trips.accuracy`).
TOWN_SPEED_MS = 8.0
BRAKE_MS2 = 2.0


def mirrored(fixes: Track) -> Track:
    """The track run backwards. Of its sensors, only the speed is kept in the right order."""
    return Track(
        -fixes.ts[::-1], fixes.lat[::-1], fixes.lon[::-1], fixes.speed[::-1], fixes.odometer
    )


def arrivals(
    fixes: Track,
    first: Ints,
    last: Ints,
    slow: Bools,
    chain: Ints,
    chain_first: Ints,
    parameters: TripParameters,
) -> tuple[Ints, Floats]:
    """Find the outermost standing fix of each range [first, last], and when the vehicle came there.

    `slow` marks the standing fixes, of which those in the first window of a range are looked at;
    `chain` is the number of each fix's chain, and `chain_first` the first fix of each chain. The
    moment follows from the last moving fix before: the distance that is left, at that fix's speed,
    and the time to brake. Where no standing fix is near, the vehicle braked into a silence: a drive
    of up to `gap_s` within that silence is made up for.

    Returns:
        The fix at which each stay begins, and its moment in seconds since 1970.
    """
    ts = fixes.ts
    speed = _approach_speed(fixes)
    at = first.copy()
    silence_s = ts[np.minimum(first + 1, last)] - ts[first]
    moment = ts[first] + np.minimum(speed[first] / BRAKE_MS2, silence_s / 2)

    until = np.minimum(
        np.searchsorted(ts, ts[first] + WINDOW_SHARE * parameters.stop_s, "right") - 1, last
    )
    group, standing = _standing_near(first, until, last, slow)
    if not len(group):
        return at, moment
    new = np.concatenate(([True], group[1:] != group[:-1]))
    start, part = new.nonzero()[0], new.cumsum() - 1
    runs = group[start]
    seen_lat, seen_lon = fixes.lat[standing], fixes.lon[standing]
    lat, lon = _medians(seen_lat, part, start), _medians(seen_lon, part, start)
    away = distance_m(seen_lat, seen_lon, lat[part], lon[part])
    spread = STANDING_SPREAD * _medians(away, part, start)
    close = away <= np.maximum(STANDING_SHARE * parameters.stop_radius_m, spread)[part]
    stood = np.minimum.reduceat(np.where(close, standing, len(ts)), start)
    # Fixes that adjoin at a standstill are the same stay, however far they drift.
    stood = np.maximum(chain_first[chain[stood]], first[runs])
    # A standing fix further inside tells the place; the vehicle came there after the last near fix.
    beyond = stood > until[runs]
    stood = np.where(beyond, until[runs] + 1, stood)

    moving = np.maximum(stood - 1, 0)
    rest_m = distance_m(fixes.lat[moving], fixes.lon[moving], lat, lon)
    pace = np.maximum(speed[moving], TOWN_SPEED_MS)
    travel_s = rest_m / pace + pace / (2 * BRAKE_MS2)
    came = ts[moving] + np.minimum(travel_s, ts[stood] - ts[moving])
    believed = ~beyond | (travel_s <= parameters.gap_s)
    at[runs[believed]] = stood[believed]
    moment[runs[believed]] = came[believed]
    return at, moment


def _standing_near(first: Ints, until: Ints, last: Ints, slow: Bools) -> tuple[Ints, Ints]:
    """Find the standing fixes of each range [first, until], or where there is none the first one up
    to `last`.

    Returns:
        The number of the range, and the fix, of each; ordered by range.
    """
    length = until - first + 1
    group = np.repeat(np.arange(len(first)), length)
    index = np.arange(len(group)) + np.repeat(first - np.cumsum(length) + length, length)
    group, index = group[slow[index]], index[slow[index]]
    # A range at the edge of a silence has no standing fix: the next one inside takes its place.
    lone = (np.bincount(group, minlength=len(first)) == 0).nonzero()[0]
    if not len(lone):
        return group, index
    all_slow = np.concatenate((slow.nonzero()[0], [len(slow)]))
    inner = all_slow[np.searchsorted(all_slow, first[lone])]
    inside = inner <= last[lone]
    group = np.concatenate((group, lone[inside]))
    index = np.concatenate((index, inner[inside]))
    order = np.argsort(group, kind="stable")
    return group[order], index[order]


def _approach_speed(fixes: Track) -> Floats:
    """Speed in m/s at each fix, as reported, or as measured from the fix before where none was
    reported."""
    if not np.isnan(fixes.speed).any():
        return fixes.speed
    measured = np.append(0.0, fixes.steps() / np.diff(fixes.ts))
    return np.where(np.isnan(fixes.speed), measured, fixes.speed)


def _medians(values: Floats, group: Ints, start: Ints) -> Floats:
    """The median of `values` in each group; groups are contiguous and begin at `start`."""
    ordered = np.sort(group + 1j * values).imag  # complex numbers sort by their real part first
    twice = start + np.concatenate((start[1:], [len(values)]))
    return (ordered[(twice - 1) // 2] + ordered[twice // 2]) / 2
