"""Machines without km: how long the engine ran, from its hour counter or from ignition.

A session is one stretch of work, from engine on to engine off; short pauses do not end it.
"""

from typing import NamedTuple

import numpy as np

from trips.parameters import TripParameters
from trips.track import Floats, Track, in_order

#: A counter is believed up to this many hours an hour: its steps are rounded.
COUNTER_PACE_MAX = 1.05


class EngineSession(NamedTuple):
    """One stretch of work: seconds since 1970, and the hours that the engine ran within it."""

    start: float
    end: float
    hours: float


def engine_sessions(track: Track, parameters: TripParameters) -> list[EngineSession]:
    """The sessions of one machine, in order. Fixes may come in any order and more than once.

    A tracker that sends engine hours is measured by them alone, another one by ignition. A pause
    of `stop_s` or more ends a session. Neither: no sessions.
    """
    fixes = in_order(track)
    if fixes.engine_hours is not None and np.isfinite(fixes.engine_hours).any():
        begin, end = _counted(fixes.ts, fixes.engine_hours)
    elif fixes.ignition is not None:
        begin, end = _switched_on(fixes.ts, fixes.ignition, parameters.stop_s)
    else:
        return []
    if not len(begin):
        return []
    first = np.flatnonzero(np.concatenate(([True], begin[1:] - end[:-1] >= parameters.stop_s)))
    last = np.append(first[1:], len(begin)) - 1
    hours = np.add.reduceat(end - begin, first) / 3600
    columns = (begin[first].tolist(), end[last].tolist(), hours.tolist())
    return list(map(EngineSession._make, zip(*columns, strict=True)))


def _counted(ts: Floats, hours: Floats) -> tuple[Floats, Floats]:
    """From when to when the engine ran, by its counter.

    A counter moves in steps that may be coarse, so it is read where it changes. What it counted
    since the change before is taken to be the last of that time. A counter that goes backwards or
    faster than time was reset or is another machine's, and that change tells nothing.
    """
    known = np.isfinite(hours)
    ts, hours = ts[known], hours[known]
    changed = np.concatenate(([True], hours[1:] != hours[:-1]))
    ts, hours = ts[changed], hours[changed]
    ran_s, passed_s = (hours[1:] - hours[:-1]) * 3600, ts[1:] - ts[:-1]
    sane = (ran_s > 0) & (ran_s <= COUNTER_PACE_MAX * passed_s)
    end = ts[1:][sane]
    return end - np.minimum(ran_s, passed_s)[sane], end


def _switched_on(ts: Floats, ignition: Floats, silence_max_s: float) -> tuple[Floats, Floats]:
    """From when to when ignition was on: from each fix with it on to the next, unless silent."""
    known = np.isfinite(ignition)
    ts, ignition = ts[known], ignition[known]
    on = (ignition[:-1] == 1) & (ts[1:] - ts[:-1] < silence_max_s)
    return ts[:-1][on], ts[1:][on]
