"""The table `trip`: what of it positions that changed make others, of many devices at once."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from db.connect import PooledConnection
from db.statements import statements
from fleet.moments import END
from register.private_time import Span
from trips.detect import recut
from trips.detect.detect import DetectedTrip
from trips.detect.quality import Quality
from trips.detect.recut import Window
from trips.detect.track import Track
from trips.stored.cuts import Search, moment, next_windows, searches
from trips.stored.dirty import Dirty
from trips.stored.hidden import seen_trips
from trips.stored.tracks import read_tracks

SQL = statements("trip")

#: Tracks of fewer fixes together are looked at in less time than it takes to hand them to a thread.
_SHORT = 1_000

#: An event loop waits up to 5 ms for a thread that computes, at each of its turns, unless that
#: sleeps: those who store positions come first.
_GIVE_WAY_S = 0.000_2

#: Tracks are read together up to so many seconds, which are as many fixes of a tracker that sends
#: one a second: about 10 MB.
_READ_S = 100_000

_COLUMNS = (
    "device",
    "start_ts",
    "end_ts",
    "start_lat",
    "start_lon",
    "end_lat",
    "end_lon",
    "km",
    "silence_max_s",
    "gap_inside",
    "cut_by_silence",
    "odometer_used",
)


class _Seen(NamedTuple):
    """The trips that begin from `since` on, and their quality."""

    since: float
    trips: Sequence[tuple[DetectedTrip, Quality]]


class Refound(NamedTuple):
    """The trips of a device that begin in a span were found anew, its end excluded; `same`: all of
    them are as they were."""

    dirty: Dirty
    span: Span
    same: bool


class _Cut(NamedTuple):
    search: Search
    window: Window

    @property
    def span(self) -> Span:
        """From when to when it is fed."""
        return (
            self.search.dirty.cut_from if self.window.before is None else moment(self.window.start),
            END if self.window.after is None else moment(self.window.end),
        )

    @property
    def seconds(self) -> float:
        """How long a track it has."""
        since, until = self.span
        dirty = self.search.dirty
        return (min(until, dirty.last_ts) - max(since, dirty.first_ts)).total_seconds()


async def refind_trips(connection: PooledConnection, batch: Sequence[Dirty]) -> list[Refound]:
    """Find the trips of each device anew around what changed of it."""
    found: list[tuple[_Cut, _Seen]] = []
    pending = await searches(connection, batch)
    for attempt in range(recut.ATTEMPTS):
        windows = await next_windows(connection, pending, attempt)
        cuts = [_Cut(*one) for one in zip(pending, windows, strict=True)]
        refused: list[Search] = []
        for part in _read_together(cuts):
            wanted = [(cut.search.dirty.device, *cut.span) for cut in part]
            tracks = await read_tracks(connection, wanted)
            if sum(map(len, tracks)) < _SHORT:
                seen = [_seen(*one) for one in zip(part, tracks, strict=True)]
            else:
                seen = await asyncio.to_thread(_seen_by_thread, part, tracks)
            for cut, one in zip(part, seen, strict=True):
                if one is None:
                    refused.append(cut.search)
                else:
                    found.append((cut, one))
        pending = refused
        if not pending:
            break
    assert not pending, "a window without cuts is always accepted"
    return await _store(connection, found)


def _read_together(cuts: Sequence[_Cut]) -> Iterator[list[_Cut]]:
    part: list[_Cut] = []
    seconds = 0.0
    for cut in cuts:
        if part and seconds + cut.seconds > _READ_S:
            yield part
            part, seconds = [], 0.0
        part.append(cut)
        seconds += cut.seconds
    if part:
        yield part


def _seen_by_thread(cuts: Sequence[_Cut], tracks: Sequence[Track]) -> list[_Seen | None]:
    """What is found in each window, by a thread that gives way between them."""
    seen: list[_Seen | None] = []
    for cut, track in zip(cuts, tracks, strict=True):
        seen.append(_seen(cut, track))
        time.sleep(_GIVE_WAY_S)
    return seen


def _seen(cut: _Cut, track: Track) -> _Seen | None:
    """What is found in a window; None where it is not accepted."""
    dirty = cut.search.dirty
    found = recut.recut(track, cut.window, dirty.parameters)
    if found is None:
        return None
    return _Seen(
        found.since, seen_trips(found.trips, track, dirty.hidden(*cut.span), dirty.parameters)
    )


async def _store(
    connection: PooledConnection, found: Sequence[tuple[_Cut, _Seen]]
) -> list[Refound]:
    """Put the trips that were found in the place of those that are others."""
    if not found:
        return []
    records = {
        (cut.search.dirty.device, moment(trip.start), moment(trip.end), *trip[2:], *quality)
        for cut, seen in found
        for trip, quality in seen.trips
    }
    devices = [cut.search.dirty.device for cut, _ in found]
    spans = [_replaced(cut, seen) for cut, seen in found]
    rows = await connection.fetch(
        SQL["between"], devices, [since for since, _ in spans], [until for _, until in spans]
    )
    stored = {tuple(row) for row in rows}
    gone, new = stored - records, records - stored
    if gone:
        await connection.execute(
            SQL["remove"], [device for device, *_ in gone], [start for _, start, *_ in gone]
        )
    if new:
        await connection.copy_records_to_table("trip", records=sorted(new), columns=_COLUMNS)
    changed = {device for device, *_ in gone | new}
    return [
        Refound(cut.search.dirty, span, cut.search.dirty.device not in changed)
        for (cut, _), span in zip(found, spans, strict=True)
    ]


def _replaced(cut: _Cut, seen: _Seen) -> Span:
    """From when until before when trips are replaced."""
    since, until = cut.span
    return since if cut.window.before is None else moment(seen.since), until
