"""Finds where and when one vehicle stood.

Candidates are fixes that lie within a box, fixes at which the tracker itself says that the vehicle
stands, and silences. The exact moments of arrival and departure are then found at their edges.
Every step looks at a bounded neighbourhood and works on all stays of a track at once.
"""

from typing import NamedTuple

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from fleet.earth import M_PER_DEG, distance_m
from trips.detect.edges import WINDOW_SHARE, arrivals, mirrored
from trips.detect.parameters import TripParameters
from trips.detect.track import Track, diagonals

#: The greatest speed in m/s at which a tracker is believed that says "ignition off" or "no
#: movement". At a higher speed its wiring is wrong.
OFF_SPEED_MS = 5.0

#: The distance, in times of `drift_radius_m`, by which a poor receiver may misplace one of two
#: fixes of a standing vehicle.
DRIFT_RADII = 3


class StandingFixes(NamedTuple):
    """The fixes of a standing vehicle, as parallel arrays.

    Attributes:
        slow: whether the vehicle stands, as far as speed, ignition, movement or its pace tell.
        surely: whether the tracker itself says that the vehicle stands.
        moved: how many fixes before each one, and before the end, are not `surely` of a standing
            vehicle; one more than fixes.
    """

    slow: Bools
    surely: Bools
    moved: Ints


class Stays(NamedTuple):
    """The stays of one track in order, as parallel arrays.

    `first` and `last` are the outermost standing fixes, `arrival` and `departure` seconds since
    1970: between a moving fix and the standing one next to it.
    """

    first: Ints
    last: Ints
    arrival: Floats
    departure: Floats


def stays(fixes: Track, step: Floats, standing: StandingFixes, parameters: TripParameters) -> Stays:
    """Find the stays that last `stop_s` or more in a clean track of two fixes or more."""
    seconds = fixes.ts[1:] - fixes.ts[:-1]
    slow, surely, moved = standing
    linked = surely[:-1] & surely[1:] & (step < parameters.standing_speed_ms * seconds)
    linked |= _drifting(fixes, step, surely, parameters)
    chains = _chains(linked)
    first, last = _runs(fixes, step, moved, chains, parameters)
    came_at, came = arrivals(fixes, first, last, slow, chains.number, chains.begin, parameters)
    end = len(fixes) - 1
    left_at, left = arrivals(
        mirrored(fixes),
        end - last[::-1],
        end - first[::-1],
        slow[::-1],
        chains.number[::-1],
        end - chains.end,
        parameters,
    )
    left_at, left = end - left_at[::-1], -left[::-1]
    real = (left - came >= parameters.stop_s) & (left_at >= came_at)
    return Stays(came_at[real], left_at[real], came[real], left[real])


def _drifting(fixes: Track, step: Floats, surely: Bools, parameters: TripParameters) -> Bools:
    """Whether each step is drift, though it is as long as a driven one.

    The vehicle is switched off at both ends of the step, and its fixes `stop_s` earlier and later
    are no further away than a poor receiver puts them.
    """
    off = np.zeros(len(fixes), dtype=np.bool_)
    for switch in (fixes.ignition, fixes.movement):
        if switch is not None:
            off |= switch == 0
    off &= surely
    drifts = np.zeros(len(step), dtype=np.bool_)
    far_m = DRIFT_RADII * parameters.drift_radius_m
    at = (off[:-1] & off[1:] & (step < far_m)).nonzero()[0]
    later = np.minimum(np.searchsorted(fixes.ts, fixes.ts[at] + parameters.stop_s), len(fixes) - 1)
    at = at[_apart(fixes, at, later) < far_m]
    sooner = np.maximum(
        np.searchsorted(fixes.ts, fixes.ts[at + 1] - parameters.stop_s, "right") - 1, 0
    )
    drifts[at[_apart(fixes, sooner, at + 1) < far_m]] = True
    return drifts


class _Chains(NamedTuple):
    """Chains of fixes that are linked, each to the next.

    `number` is the chain of each fix, `begin` and `end` are the first and last fix of each chain.
    """

    number: Ints
    begin: Ints
    end: Ints


def _chains(linked: Bools) -> _Chains:
    breaks = (~linked).nonzero()[0]
    number = np.concatenate(([0], (~linked).cumsum()))
    begin = np.concatenate(([0], breaks + 1))
    return _Chains(number, begin, np.concatenate((breaks, [len(linked)])))


def standing_fixes(fixes: Track, step: Floats, parameters: TripParameters) -> StandingFixes:
    """Find the fixes of a standing vehicle by speed, ignition and movement, as far as these are
    sent.

    Where the tracker sends none of them, the slower of the steps before and after decides; a step
    over a silence does so only for a fix that has no other.
    """
    sensed = ~np.isnan(fixes.speed)
    speed = fixes.speed
    if not sensed.all():
        seconds = fixes.ts[1:] - fixes.ts[:-1]
        pace = step / seconds
        heard = np.where(seconds < WINDOW_SHARE * parameters.stop_s, pace, np.inf)
        slower = _slower_side(heard)
        slower = np.where(np.isinf(slower), _slower_side(pace), slower)
        speed = np.where(sensed, speed, slower)
    slow = speed < parameters.standing_speed_ms
    for switch in (fixes.ignition, fixes.movement):
        if switch is not None:
            off = (switch == 0) & (speed < OFF_SPEED_MS)
            slow, sensed = slow | off, sensed | off
    surely = slow & sensed
    return StandingFixes(slow, surely, moved_before(surely))


def moved_before(surely: Bools) -> Ints:
    """How many fixes before each, and before the end, are not surely of a standing vehicle."""
    return np.concatenate(([0], (~surely).cumsum()))


def _slower_side(pace: Floats) -> Floats:
    """The lesser of the values of the steps before and after each fix."""
    return np.minimum(np.append(pace, np.inf), np.append(np.inf, pace))


def _runs(
    fixes: Track,
    step: Floats,
    moved: Ints,
    chains: _Chains,
    parameters: TripParameters,
) -> tuple[Ints, Ints]:
    """Find the longest ranges of fixes that windows of a standing vehicle cover; returns the first
    and the last fix of each.

    A window goes from each fix to the first one `WINDOW_SHARE` of `stop_s` later or more, because
    only the next fix tells what happened in a silence.
    """
    ts, window_s = fixes.ts, WINDOW_SHARE * parameters.stop_s
    # The chains that may have lasted `stop_s`.
    chain, begin, end = chains
    before, after = ts[np.maximum(begin - 1, 0)], ts[np.minimum(end + 1, len(ts) - 1)]
    may_be_stop = after - before >= parameters.stop_s
    standstill = (may_be_stop & (end > begin)).nonzero()[0]

    # The windows, but for those within such a chain, which add nothing to it.
    told_until = np.where(may_be_stop, ts[end], -np.inf)[chain]
    first = (told_until < ts + window_s).nonzero()[0]
    until = np.minimum(np.searchsorted(ts, ts[first] + window_s), len(ts) - 1)
    told = moved[until + 1] == moved[first]
    limit = np.where(told, parameters.drift_radius_m, parameters.stop_radius_m)
    high = np.abs(fixes.lat[until] - fixes.lat[first]) * M_PER_DEG
    near = ((ts[until] - ts[first] >= window_s) & (high <= limit)).nonzero()[0]
    for metres in (_apart, diagonals):  # the cheaper one first
        near = near[metres(fixes, first[near], until[near]) <= limit[near]]

    # A silence through which the vehicle stood is one step of that length, slower than driving; the
    # first fix after it may already be some way down the road.
    seconds = ts[1:] - ts[:-1]
    silent = (seconds >= window_s) & (step < parameters.silence_speed_ms * seconds)
    silence = silent.nonzero()[0]
    return _union(
        np.concatenate((first[near], begin[standstill], silence)),
        np.concatenate((until[near], end[standstill], silence + 1)),
    )


def _union(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Join the ranges [first[i], last[i]] that share a fix; returns the first and the last fix of
    each joined range."""
    order = np.argsort(first, kind="stable")
    first, reach = first[order], np.maximum.accumulate(last[order])
    apart = (first[1:] > reach[:-1]).nonzero()[0]
    return first[np.append(0, apart + 1)[: len(first)]], reach[np.append(apart, -1)[: len(first)]]


def _apart(fixes: Track, first: Ints, last: Ints) -> Floats:
    """Metres from the fix `first[i]` to the fix `last[i]`, for every i."""
    return distance_m(fixes.lat[first], fixes.lon[first], fixes.lat[last], fixes.lon[last])
