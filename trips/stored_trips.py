"""The table `trip`: what of it positions that changed make others, of many devices at once."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from db.connect import PooledConnection
from db.statements import statements
from ingest.private import Span
from trips import recut
from trips.cuts import Search, moment, next_windows, searches
from trips.detect import DetectedTrip, Track
from trips.dirty import Dirty
from trips.hidden import seen_trips
from trips.quality import Quality
from trips.recut import Window
from trips.tracks import read_tracks

SQL = statements("trip")

#: Tracks of fewer fixes together are looked at in less time than it takes to hand them to a thread.
_SHORT = 1_000

#: Tracks are read together up to so many seconds, which are as many fixes of a tracker that sends
#: one a second: about 10 MB.
_READ_S = 100_000

_END = datetime(9999, 12, 30, tzinfo=UTC)

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

_Trips = Sequence[tuple[DetectedTrip, Quality]]


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
        """From when until before when trips are replaced."""
        return (
            self.search.dirty.cut_from if self.window.before is None else moment(self.window.start),
            _END if self.window.after is None else moment(self.window.end),
        )

    @property
    def seconds(self) -> float:
        """How long a track it has."""
        since, until = self.span
        dirty = self.search.dirty
        return (min(until, dirty.last_ts) - max(since, dirty.first_ts)).total_seconds()


async def refind_trips(connection: PooledConnection, batch: Sequence[Dirty]) -> list[Refound]:
    """Find the trips of each device anew around what changed of it."""
    found: list[tuple[_Cut, _Trips]] = []
    pending = await searches(connection, batch)
    for attempt in range(recut.ATTEMPTS):
        windows = await next_windows(connection, pending, attempt)
        cuts = [_Cut(*one) for one in zip(pending, windows, strict=True)]
        refused: list[Search] = []
        for part in _read_together(cuts):
            wanted = [(cut.search.dirty.device, *cut.span) for cut in part]
            tracks = await read_tracks(connection, wanted)
            if sum(map(len, tracks)) < _SHORT:
                seen = _seen(part, tracks)
            else:
                seen = await asyncio.to_thread(_seen, part, tracks)
            for cut, trips in zip(part, seen, strict=True):
                if trips is None:
                    refused.append(cut.search)
                else:
                    found.append((cut, trips))
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


def _seen(cuts: Sequence[_Cut], tracks: Sequence[Track]) -> list[_Trips | None]:
    """The trips of each window; None where it is not cut within stays."""
    seen: list[_Trips | None] = []
    for cut, track in zip(cuts, tracks, strict=True):
        dirty = cut.search.dirty
        found = recut.recut(track, cut.window, dirty.parameters)
        seen.append(
            None if found is None else seen_trips(found, track, dirty.hidden, dirty.parameters)
        )
    return seen


async def _store(
    connection: PooledConnection, found: Sequence[tuple[_Cut, _Trips]]
) -> list[Refound]:
    """Put the trips that were found in the place of those that are others."""
    if not found:
        return []
    records = {
        (cut.search.dirty.device, moment(trip.start), moment(trip.end), *trip[2:], *quality)
        for cut, trips in found
        for trip, quality in trips
    }
    devices = [cut.search.dirty.device for cut, _ in found]
    begins, ends = zip(*(cut.span for cut, _ in found), strict=True)
    rows = await connection.fetch(SQL["between"], devices, begins, ends)
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
        Refound(cut.search.dirty, cut.span, cut.search.dirty.device not in changed)
        for cut, _ in found
    ]
