"""What was private, as the finding of trips must know it: nothing goes on through it.

The positions of a private period are not there, and what lies before and after it would be taken
for one trip, one session or one round trip with a silence in it. Each ends at the border instead,
where the vehicle was last seen, and begins anew where it was seen again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from db.connect import PooledConnection
from db.statements import statements
from register.private_time import PrivatePeriod, Span, read_period
from trips.detect.detect import DetectedTrip, detect
from trips.detect.engine_hours import EngineSession, engine_sessions
from trips.detect.parameters import TripParameters
from trips.detect.quality import Quality, qualities
from trips.detect.track import Track

SQL = statements("private")

#: From a moment until before another, in seconds since 1970.
Hidden = Sequence[tuple[float, float]]

Found = TypeVar("Found", DetectedTrip, EngineSession)


async def periods_in(
    connection: PooledConnection, times: Mapping[str, Span]
) -> dict[str, list[PrivatePeriod]]:
    """The private periods of each device that touch the times that are asked for."""
    if not times:
        return {}
    periods: dict[str, list[PrivatePeriod]] = {device: [] for device in times}
    since, until = min(s for s, _ in times.values()), max(u for _, u in times.values())
    for row in await connection.fetch(SQL["of_devices"], list(times), since, until):
        periods[row["device"]].append(read_period(row))
    return periods


def in_seconds(spans: Iterable[Span]) -> Hidden:
    """The same in the unit of a track."""
    return [(begins.timestamp(), ends.timestamp()) for begins, ends in spans]


def seen_trips(
    found: Sequence[DetectedTrip], track: Track, hidden: Hidden, parameters: TripParameters
) -> list[tuple[DetectedTrip, Quality]]:
    """The trips with their quality, and in the place of one that goes through something hidden
    what there is of it on either side."""
    whole = [trip for trip in found if not _touches(trip, hidden)]
    seen = list(zip(whole, qualities(track, whole, parameters), strict=True))
    for trip in found:
        if _touches(trip, hidden):
            for part in _parts(track, hidden, trip.start, trip.end):
                # A part is a trip from its first fix to its last, seen nowhere else.
                own = [one for one in detect(part, parameters) if not _touches(one, hidden)]
                seen += zip(own, qualities(part, own, parameters), strict=True)
    return sorted(seen)


def seen_sessions(track: Track, hidden: Hidden, parameters: TripParameters) -> list[EngineSession]:
    """The engine sessions, none of which goes through something hidden."""
    if not hidden or not len(track):
        return engine_sessions(track, parameters)
    parts = _parts(track, hidden, float(track.ts.min()), float(track.ts.max()))
    return [
        session
        for part in parts
        for session in engine_sessions(part, parameters)
        if not _touches(session, hidden)
    ]


def seen_runs(
    trips: Sequence[DetectedTrip], hidden: Hidden
) -> Iterator[tuple[list[DetectedTrip], bool]]:
    """Trips in order, cut where something hidden lies between them; and whether it ends a run."""
    run: list[DetectedTrip] = []
    for trip in trips:
        if run and any(begins < trip.start and ends > run[-1].end for begins, ends in hidden):
            yield run, True
            run = []
        run.append(trip)
    last = run[-1].end if run else 0.0
    yield run, any(begins >= last for begins, _ in hidden)


def _touches(one: Found, hidden: Hidden) -> bool:
    return any(one.start < ends and one.end >= begins for begins, ends in hidden)


def _parts(track: Track, hidden: Hidden, start: float, end: float) -> Iterator[Track]:
    """The fixes from `start` to `end` in parts, between which something hidden lies."""
    begin = start
    for begins, ends in [*hidden, (end + 1, end + 1)]:
        part = track.take((track.ts >= begin) & (track.ts < begins) & (track.ts <= end))
        if len(part) > 1:
            yield part
        begin = max(begin, ends)
