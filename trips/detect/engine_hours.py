"""Measures how long the engine of a machine ran, from its hour counter or from ignition.

A machine is measured in hours, not in km. An engine session is one stretch of work, from engine on
to engine off; short pauses do not end it.
"""

from typing import NamedTuple

import numpy as np

from fleet.arrays import Floats
from trips.detect.parameters import TripParameters
from trips.detect.track import Track, in_order

#: The most counted hours an hour at which a counter is believed; it is above 1, for clocks are not
#: exact.
COUNTER_PACE_MAX = 1.05


class EngineSession(NamedTuple):
    """One stretch of work: its start and end in seconds since 1970, and the hours that the engine
    ran within it."""

    start: float
    end: float
    hours: float


def engine_sessions(track: Track, parameters: TripParameters) -> list[EngineSession]:
    """The sessions of one machine, in order. Fixes may come in any order and more than once.

    A tracker that sends engine hours is measured by them alone, another one by ignition; one that
    sends neither has no sessions. A pause of `stop_s` or more ends a session.
    """
    fixes = in_order(track)
    if fixes.engine_hours is not None and np.isfinite(fixes.engine_hours).any():
        begin, end, ran_s = _counted(fixes.ts, fixes.engine_hours)
    elif fixes.ignition is not None:
        begin, end = _switched_on(fixes.ts, fixes.ignition, parameters.stop_s)
        ran_s = end - begin
    else:
        return []
    if not len(begin):
        return []
    first = np.flatnonzero(np.concatenate(([True], begin[1:] - end[:-1] >= parameters.stop_s)))
    last = np.append(first[1:], len(begin)) - 1
    begin, end = begin[first], end[last]
    hours = np.minimum(np.add.reduceat(ran_s, first), end - begin) / 3600
    columns = (begin.tolist(), end.tolist(), hours.tolist())
    return list(map(EngineSession._make, zip(*columns, strict=True)))


def _counted(ts: Floats, hours: Floats) -> tuple[Floats, Floats, Floats]:
    """Find the times in which the engine ran by its counter.

    A counter moves in steps that may be coarse, so it is read where it changes. The hours that it
    counted between two changes are taken to be the last ones before the later change. A counter
    that goes backwards or faster than time was reset or is another machine's, and that change is
    passed over. The earlier change came at some moment since the fix before it; so the rounding of
    a counter does not make it run faster than time, and evens out over a session.

    Returns:
        Begin and end in seconds since 1970, and the seconds that the engine ran between them.
    """
    known = np.isfinite(hours)
    ts, hours = ts[known], hours[known]
    fix_s = np.diff(ts, prepend=2 * ts[:1] - ts[1:2] if len(ts) > 1 else ts)
    changed = np.concatenate(([True], hours[1:] != hours[:-1]))
    ts, hours, fix_s = ts[changed], hours[changed], fix_s[changed]
    ran_s, passed_s = (hours[1:] - hours[:-1]) * 3600, ts[1:] - ts[:-1]
    sane = (ran_s > 0) & (ran_s <= COUNTER_PACE_MAX * (passed_s + fix_s[:-1]))
    ran_s, passed_s, end = ran_s[sane], passed_s[sane], ts[1:][sane]
    return end - np.minimum(ran_s, passed_s), end, ran_s


def _switched_on(ts: Floats, ignition: Floats, silence_max_s: float) -> tuple[Floats, Floats]:
    """The times in which ignition was on: from each fix with ignition on to the next fix, unless
    the tracker was silent for `silence_max_s` between the two. Returns begins and ends."""
    known = np.isfinite(ignition)
    ts, ignition = ts[known], ignition[known]
    on = (ignition[:-1] == 1) & (ts[1:] - ts[:-1] < silence_max_s)
    return ts[:-1][on], ts[1:][on]
