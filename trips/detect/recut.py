"""Finds anew the part of a device's trips that new positions can change, however late they come.

Trips are found anew in a window around the change, which is cut within a stay on either side. The
result is exactly what all positions together would give, because of four facts:

1. Detection looks no further than one stop. A fix is cleaned by its nearest neighbours; a window
   that makes a stay goes from a fix to the first one `stop_s` (or less) after it; arrival and
   departure are found within the first and last such window of the stay and the fix beside it.
2. A cut is a fix of the track, with four fixes or more and twice `stop_s` between it and the
   change, and `stop_s` or more between it and the trip on its other side (`Shoulder`). So no window
   that begins on the far side of the cut reaches the change: what lies beyond stays as it was.
3. `recut_trips` accepts a cut only when the fed fixes show, on their own, a stay of `stop_s` or
   more that reaches the cut, with a standing fix between cut and change, and no fix beside the cut
   that may be a wild one, for at an edge that cannot be told. Then every window across the cut lies
   within that stay on both sides, the stay is the one that all positions together show, and its
   near side does not depend on fixes beyond the cut.
4. A cut is a fix with a place of its own, so that a fix without one stands where a fix within the
   window was. Excursions (`trips.detect.excursions`) know no bound, but begin and end
   with a leap, and a stretch of a track that a cut lies in is longer than what bears one out: a
   window without any leap neither ends nor begins one, and one with a leap is not accepted.

A cut that is not accepted is moved to an earlier or later stay, in the end to the end of the data.

A tracker that is silent when its vehicle is parked has no stay with fixes to cut in. Its track is
fed from some trips back (`Lead`), wherever that cuts, and trips are replaced from a stay on that
the cut cannot touch: by fact 1, trips found `_LEAD_FIXES` fixes and twice `stop_s` after the cut
are those of all positions together, but for a run of standing fixes that reaches back further. A
run ends with its stay, so all of the stay after one that ended later than that is beyond the cut.
The change cannot touch it either, by the same with a stay after it. Fact 4 holds as above.
"""

from collections.abc import Iterator, Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from fleet.arrays import Floats
from trips.detect.detect import DetectedTrip, ExaminedTrack, examine_track
from trips.detect.parameters import TripParameters
from trips.detect.track import Track

#: The number of fixes beside a change that may be cleaned otherwise after it.
NEIGHBOURS = 4

#: The number of believed fixes between a cut that is in no stay, or the change, and the stays
#: between which trips are replaced. It is twice `NEIGHBOURS`, because the first fixes may be wild.
_LEAD_FIXES = 2 * NEIGHBOURS

#: How many trips before the change the track begins, at each of the first attempts, where it has no
#: shoulder.
_LEAD_TRIPS = (6, 16)

#: The least length of a stay that is cut, in times of `stop_s`: two towards the change, one beyond.
STAY_STOPS = 3

#: How many trips on each side of a change are searched for stays. Without a stay among them, the
#: track is examined to its end.
TRIPS_SEEN = 16


class Stay(NamedTuple):
    """A time without trips, seconds since 1970."""

    since: float
    until: float


class Shoulder(NamedTuple):
    """A fix at which the track is cut, and the fix nearest to the change that the cut cannot touch;
    seconds since 1970."""

    cut: float
    settled: float


class Lead(NamedTuple):
    """A moment some trips before the change at which the track is cut, and that of the change;
    seconds since 1970."""

    cut: float
    change: float


class TrackWindow(NamedTuple):
    """The fixes that are examined: from `before.cut` to `after.cut`, both included.

    None: from the first fix on, or to the last one.
    """

    before: Shoulder | Lead | None
    after: Shoulder | None

    @property
    def start(self) -> float:
        return -inf if self.before is None else self.before.cut

    @property
    def end(self) -> float:
        return inf if self.after is None else self.after.cut


WHOLE_TRACK = TrackWindow(None, None)


class RecutTrips(NamedTuple):
    """The new trips, which replace those that start from `since` on and before the window's end."""

    since: float
    trips: list[DetectedTrip]


#: The shoulder at which each attempt but the last one cuts, counted from the nearest one.
_TRIED = (0, 2)

#: How many windows are tried at most; the last one is `WHOLE_TRACK`.
ATTEMPTS = len(_TRIED) + 1


def window_of_attempt(
    before: Sequence[Shoulder], leads: Sequence[Lead], after: Sequence[Shoulder], attempt: int
) -> TrackWindow:
    """The window to try at an attempt, of which the first is 0; each is wider than the one before.

    Shoulders and leads come nearest first; a lead serves where there is no shoulder before.
    """
    if attempt == len(_TRIED):
        return WHOLE_TRACK
    at = _TRIED[attempt]
    lead = leads[attempt] if attempt < len(leads) else None
    return TrackWindow(
        before[at] if at < len(before) else lead, after[at] if at < len(after) else None
    )


def leads(trips: Sequence[tuple[float, float]], first: float, change: float) -> list[Lead]:
    """The leads at which a track may begin that has no shoulder before a change, the nearest first.

    The arguments are those of `stays_before`.
    """
    return [
        Lead(trips[-back][0], change)
        for back in _LEAD_TRIPS
        if back <= len(trips) and trips[-back][0] > first
    ]


def stays_before(
    trips: Sequence[tuple[float, float]], first: float, change: float, parameters: TripParameters
) -> Iterator[Stay]:
    """Stays before a change that may be cut, the nearest first.

    `trips` are the starts and ends of the last `TRIPS_SEEN` that begin before the change, in order;
    `first` is the moment of the device's first fix.
    """
    until = change
    for start, end in reversed(trips):
        yield from _long_enough(Stay(end, until), parameters)
        until = start
    if len(trips) < TRIPS_SEEN:
        yield from _long_enough(Stay(first, until), parameters)


def stays_after(
    trips: Sequence[tuple[float, float]], last: float, change: float, parameters: TripParameters
) -> Iterator[Stay]:
    """Stays after a change that may be cut, the nearest first.

    `trips` are the starts and ends of the first `TRIPS_SEEN` that end after the change, in order;
    `last` is the moment of the device's last fix.
    """
    since = change
    for start, end in trips:
        yield from _long_enough(Stay(since, start), parameters)
        since = end
    if len(trips) < TRIPS_SEEN:
        yield from _long_enough(Stay(since, last), parameters)


def _long_enough(stay: Stay, parameters: TripParameters) -> Iterator[Stay]:
    if stay.until - stay.since >= STAY_STOPS * parameters.stop_s:
        yield stay


def cut_before(
    stay: Stay, settled: float, cut: float, parameters: TripParameters
) -> Shoulder | None:
    """The shoulder in a stay before a change; None: the cut is too near the trip before the stay.

    `settled` is the `NEIGHBOURS`th last fix before the end of the stay, `cut` the last fix that is
    `margin_s` or more before that.
    """
    return Shoulder(cut, settled) if cut - stay.since >= parameters.stop_s else None


def cut_after(
    stay: Stay, settled: float, cut: float, parameters: TripParameters
) -> Shoulder | None:
    """The same as `cut_before` on the other side of the change."""
    return Shoulder(cut, settled) if stay.until - cut >= parameters.stop_s else None


def margin_s(parameters: TripParameters) -> float:
    """The least seconds between a cut and its settled fix."""
    return 2 * parameters.stop_s


def recut_trips(fed: Track, window: TrackWindow, parameters: TripParameters) -> RecutTrips | None:
    """Find the trips in the fixes of a window; None: the window is not accepted, as it is not cut
    within stays."""
    found = examine_track(fed, parameters)
    ts, stood = found.clean.fixes.ts, found.stays
    if window != WHOLE_TRACK and (found.clean.leapt or not len(stood.first)):
        return None
    placed = found.clean.fixes
    if found.clean.placed is not None:
        placed = placed.take(found.clean.placed.nonzero()[0])
    since = window.start
    if isinstance(window.before, Lead):
        stay = _untouched(found, placed.ts, window.before, parameters)
        if stay is None:
            return None
        since = (stay.since + stay.until) / 2
    elif window.before is not None:
        cut, settled = window.before
        whole = stood.first[0] == 0 and ts[stood.last[0]] - cut >= parameters.stop_s
        if not (whole and _stands_within(found, cut, settled)):
            return None
        if not _calm(placed.take(slice(NEIGHBOURS)), parameters):
            return None
    if window.after is not None:
        cut, settled = window.after
        whole = stood.last[-1] == len(ts) - 1 and cut - ts[stood.first[-1]] >= parameters.stop_s
        if not (whole and _stands_within(found, settled, cut)):
            return None
        if not _calm(placed.take(slice(-NEIGHBOURS, None)), parameters):
            return None
    return RecutTrips(since, [trip for trip in found.trips if trip.start >= since])


def _untouched(
    found: ExaminedTrack, placed: Floats, lead: Lead, parameters: TripParameters
) -> Stay | None:
    """The last stay that neither the cut nor the change can touch, if there is one.

    `placed` are the moments of the clean fixes with a place of their own.
    """
    ts, stood = found.clean.fixes.ts, found.stays
    before = placed[placed < lead.change]
    if len(before) <= _LEAD_FIXES:
        return None
    clear_from = float(before[_LEAD_FIXES]) + margin_s(parameters)
    clear_to = float(before[-_LEAD_FIXES - 1]) - margin_s(parameters)
    # The stay before the last one that begins before `clear_to`.
    at = int(np.searchsorted(ts[stood.first], clear_to)) - 2
    if at < 1 or ts[stood.last[at - 1]] <= clear_from:
        return None
    return Stay(float(stood.arrival[at]), float(stood.departure[at]))


def _calm(fixes: Track, parameters: TripParameters) -> bool:
    """Whether cleaning would keep all these fixes, whatever other fixes lie beside them."""
    reach = np.minimum(parameters.stop_radius_m, parameters.speed_max_ms * np.diff(fixes.ts))
    return bool((fixes.steps() <= reach).all())


def _stands_within(found: ExaminedTrack, since: float, until: float) -> bool:
    """Whether a fix of a standing vehicle lies between two moments, both included."""
    ts, slow = found.clean.fixes.ts, found.standing.slow
    return bool(slow[1:-1][(ts[1:-1] >= since) & (ts[1:-1] <= until)].any())
