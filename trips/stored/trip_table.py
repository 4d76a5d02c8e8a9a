"""The table `trip`, in which the trips that changed positions touch are found anew, of many devices
at once."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from db.connect import PooledConnection
from db.statements import statements
from fleet.moments import LATEST_MOMENT, moment_at
from register.private_time import Span
from trips.detect import recut
from trips.detect.detect import DetectedTrip
from trips.detect.quality import TripQuality
from trips.detect.recut import TrackWindow
from trips.detect.track import Track
from trips.stored.cuts import StaySearch, next_windows, stay_searches
from trips.stored.dirty_devices import DirtyDevice
from trips.stored.private_spans import visible_trips
from trips.stored.tracks import read_tracks

SQL = statements("trip")

#: Tracks with fewer fixes together are examined in less time than it takes to hand them to a
#: thread.
_THREAD_FIXES_MIN = 1_000

#: Seconds for which the thread that finds trips sleeps between two tracks. Otherwise the event
#: loop, which stores positions, would wait for it up to 5 ms at each of its turns.
_GIVE_WAY_S = 0.000_2

#: The most seconds that tracks which are read at once span together. They take about 10 MB for a
#: tracker that sends one fix a second.
_READ_TOGETHER_S = 100_000

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


class _FoundTrips(NamedTuple):
    """The trips found in a window that begin from `since` on, with their quality."""

    since: float
    trips: Sequence[tuple[DetectedTrip, TripQuality]]


class RefoundTrips(NamedTuple):
    """The trips of a device that begin in `span` (its end excluded), which were found anew.

    `same`: all of them are as they were before.
    """

    dirty: DirtyDevice
    span: Span
    same: bool


class _CutTrack(NamedTuple):
    """A device, and the window of its track that is read to find its trips."""

    search: StaySearch
    window: TrackWindow

    @property
    def span(self) -> Span:
        """The span that the track is read for."""
        return (
            self.search.dirty.positions_from
            if self.window.before is None
            else moment_at(self.window.start),
            LATEST_MOMENT if self.window.after is None else moment_at(self.window.end),
        )

    @property
    def seconds(self) -> float:
        """How many seconds the track spans."""
        since, until = self.span
        dirty = self.search.dirty
        return (min(until, dirty.last_ts) - max(since, dirty.first_ts)).total_seconds()


async def refind_trips(
    connection: PooledConnection, batch: Sequence[DirtyDevice]
) -> list[RefoundTrips]:
    """Find the trips of each device of a batch anew around what changed, and store them."""
    found: list[tuple[_CutTrack, _FoundTrips]] = []
    pending = await stay_searches(connection, batch)
    for attempt in range(recut.ATTEMPTS):
        windows = await next_windows(connection, pending, attempt)
        cuts = [_CutTrack(*one) for one in zip(pending, windows, strict=True)]
        refused: list[StaySearch] = []
        for part in _read_together(cuts):
            wanted = [(cut.search.dirty.device, *cut.span) for cut in part]
            tracks = await read_tracks(connection, wanted)
            if sum(map(len, tracks)) < _THREAD_FIXES_MIN:
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


def _read_together(cuts: Sequence[_CutTrack]) -> Iterator[list[_CutTrack]]:
    part: list[_CutTrack] = []
    seconds = 0.0
    for cut in cuts:
        if part and seconds + cut.seconds > _READ_TOGETHER_S:
            yield part
            part, seconds = [], 0.0
        part.append(cut)
        seconds += cut.seconds
    if part:
        yield part


def _seen_by_thread(cuts: Sequence[_CutTrack], tracks: Sequence[Track]) -> list[_FoundTrips | None]:
    """The trips in each window, None where it is not accepted; sleeps between two of them."""
    seen: list[_FoundTrips | None] = []
    for cut, track in zip(cuts, tracks, strict=True):
        seen.append(_seen(cut, track))
        time.sleep(_GIVE_WAY_S)
    return seen


def _seen(cut: _CutTrack, track: Track) -> _FoundTrips | None:
    """The visible trips in a window; None where the window is not accepted."""
    dirty = cut.search.dirty
    found = recut.recut_trips(track, cut.window, dirty.parameters)
    if found is None:
        return None
    return _FoundTrips(
        found.since,
        visible_trips(found.trips, track, dirty.private_spans(*cut.span), dirty.parameters),
    )


async def _store(
    connection: PooledConnection, found: Sequence[tuple[_CutTrack, _FoundTrips]]
) -> list[RefoundTrips]:
    """Replace the stored trips of each window by the found ones, as far as they differ."""
    if not found:
        return []
    records = {
        (cut.search.dirty.device, moment_at(trip.start), moment_at(trip.end), *trip[2:], *quality)
        for cut, seen in found
        for trip, quality in seen.trips
    }
    devices = [cut.search.dirty.device for cut, _ in found]
    spans = [_replaced(cut, seen) for cut, seen in found]
    rows = await connection.fetch(
        SQL["trips_between"], devices, [since for since, _ in spans], [until for _, until in spans]
    )
    stored = {tuple(row) for row in rows}
    gone, new = stored - records, records - stored
    if gone:
        await connection.execute(
            SQL["remove_trips"], [device for device, *_ in gone], [start for _, start, *_ in gone]
        )
    if new:
        await connection.copy_records_to_table("trip", records=sorted(new), columns=_COLUMNS)
    changed = {device for device, *_ in gone | new}
    return [
        RefoundTrips(cut.search.dirty, span, cut.search.dirty.device not in changed)
        for (cut, _), span in zip(found, spans, strict=True)
    ]


def _replaced(cut: _CutTrack, seen: _FoundTrips) -> Span:
    """The span in which the trips that begin there are replaced, its end excluded."""
    since, until = cut.span
    return since if cut.window.before is None else moment_at(seen.since), until
