"""Keeps trips, sessions and round trips from going on through private spans.

The positions of a private period are not stored, so detection would take the drives before and
after it for one trip, session or round trip with a silence in it. Instead, one ends at the border,
where the vehicle was last seen, and another begins where it was seen again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from db.connect import PooledConnection
from db.statements import statements
from register.private_time import PrivatePeriod, Span, read_period
from trips.detect.detect import DetectedTrip, detect_trips
from trips.detect.engine_hours import EngineSession, engine_sessions
from trips.detect.parameters import TripParameters
from trips.detect.quality import TripQuality, trip_qualities
from trips.detect.track import Track

SQL = statements("private")

#: Private spans: from a moment until before another, in seconds since 1970.
PrivateSpans = Sequence[tuple[float, float]]

TripOrSession = TypeVar("TripOrSession", DetectedTrip, EngineSession)


async def private_periods_in(
    connection: PooledConnection, times: Mapping[str, Span]
) -> dict[str, list[PrivatePeriod]]:
    """The private periods of each device that touch its span in `times`."""
    if not times:
        return {}
    periods: dict[str, list[PrivatePeriod]] = {device: [] for device in times}
    since, until = min(s for s, _ in times.values()), max(u for _, u in times.values())
    for row in await connection.fetch(SQL["periods_of_devices"], list(times), since, until):
        periods[row["device"]].append(read_period(row))
    return periods


def spans_in_seconds(spans: Iterable[Span]) -> PrivateSpans:
    """Spans in the unit of a track: seconds since 1970."""
    return [(begins.timestamp(), ends.timestamp()) for begins, ends in spans]


def visible_trips(
    found: Sequence[DetectedTrip], track: Track, private: PrivateSpans, parameters: TripParameters
) -> list[tuple[DetectedTrip, TripQuality]]:
    """The trips that touch nothing private, with their quality, in order.

    A trip that goes through a private span is replaced by the trips in the fixes on either side.
    """
    whole = [trip for trip in found if not _touches(trip, private)]
    seen = list(zip(whole, trip_qualities(track, whole, parameters), strict=True))
    for trip in found:
        if _touches(trip, private):
            for part in _parts(track, private, trip.start, trip.end):
                # The trips of a part are found from the fixes of that part alone.
                own = [one for one in detect_trips(part, parameters) if not _touches(one, private)]
                seen += zip(own, trip_qualities(part, own, parameters), strict=True)
    return sorted(seen)


def visible_sessions(
    track: Track, private: PrivateSpans, parameters: TripParameters
) -> list[EngineSession]:
    """The engine sessions of a track, none of which goes through a private span."""
    if not private or not len(track):
        return engine_sessions(track, parameters)
    parts = _parts(track, private, float(track.ts.min()), float(track.ts.max()))
    return [
        session
        for part in parts
        for session in engine_sessions(part, parameters)
        if not _touches(session, private)
    ]


def visible_runs(
    trips: Sequence[DetectedTrip], private: PrivateSpans
) -> Iterator[tuple[list[DetectedTrip], bool]]:
    """Runs of `trips`, which come in order, cut where a private span lies between two of them.

    Yields:
        The trips of a run, and whether a private span follows it.
    """
    run: list[DetectedTrip] = []
    for trip in trips:
        if run and any(begins < trip.start and ends > run[-1].end for begins, ends in private):
            yield run, True
            run = []
        run.append(trip)
    last = run[-1].end if run else 0.0
    yield run, any(begins >= last for begins, _ in private)


def _touches(one: TripOrSession, private: PrivateSpans) -> bool:
    return any(one.start < ends and one.end >= begins for begins, ends in private)


def _parts(track: Track, private: PrivateSpans, start: float, end: float) -> Iterator[Track]:
    """The fixes from `start` to `end` in parts, between which private spans lie."""
    begin = start
    for begins, ends in [*private, (end + 1, end + 1)]:
        part = track.take((track.ts >= begin) & (track.ts < begins) & (track.ts <= end))
        if len(part) > 1:
            yield part
        begin = max(begin, ends)
