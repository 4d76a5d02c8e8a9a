"""Keeps the table `trip` current as positions arrive, late ones included."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import numpy as np
import structlog

from db.columns import fetch_columns
from db.connect import UNAVAILABLE, Pool, PooledConnection
from db.statements import statements
from trips import recut
from trips.aside import CONTENDED, NoSuchClassError, apart
from trips.detect import DetectedTrip, Track, TripParameters
from trips.hidden import Hidden, hidden_spans, in_seconds, seen_runs, seen_sessions, seen_trips
from trips.parameters import parameters_by_class
from trips.places import depots, zones
from trips.quality import Quality
from trips.rollup import refresh_days
from trips.roundtrip import RoundTripRules, round_trips

SQL = statements("trip")
POSITION_SQL = statements("position")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Devices that are refreshed at a time: while one waits for the database, another is detected. A
#: bound, for those who store positions come first.
AT_A_TIME = 3

#: How often a device is tried at once whose rows another transaction is at, and the first pause.
_TRIES = 3
_TRIES_PAUSE_S = 0.2

#: How long a device is set aside for at first and at most.
ASIDE_FIRST = timedelta(minutes=1)
ASIDE_MAX = timedelta(hours=6)

#: A track of fewer fixes is looked at in less time than it takes to hand it to a thread.
_SHORT = 1_000

_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)

_END = datetime(9999, 12, 30, tzinfo=UTC)

_ROUND_TRIP_COLUMNS = (
    "device",
    "start_ts",
    "end_ts",
    "vehicle_id",
    "depot_id",
    "km",
    "legs",
    "left_depot",
    "reached_depot",
)
_TRIP_COLUMNS = (
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
_TRACK_COLUMNS: dict[str, str] = dict.fromkeys(
    ("ts", "lat", "lon", "speed_kmh", "odometer", "ignition", "movement"), "float8"
)
_ENGINE_COLUMNS: dict[str, str] = dict.fromkeys(("ts", "ignition", "engine_hours"), "float8")
_SESSION_COLUMNS = ("device", "start_ts", "end_ts", "hours")


class TripService:
    """Finds the trips of every device whose positions moved since the last round.

    Any number of services may run on one database: a device is refreshed by one at a time.
    `classes` are the parameters by class of vehicle; a device without a vehicle is a car's.
    """

    def __init__(
        self,
        pool: Pool,
        classes: Mapping[str, TripParameters] | None = None,
        rules: RoundTripRules | None = None,
    ) -> None:
        self._pool = pool
        self._classes = classes or parameters_by_class()
        self._rules = rules or RoundTripRules()

    async def run(self, every_s: float) -> None:
        """Refresh, pause, refresh, until cancelled. A database that is away is waited for."""
        while True:
            try:
                await self.refresh()
            except UNAVAILABLE as error:
                LOG.warning("trips are waiting for the database", error=str(error))
            await asyncio.sleep(every_s)

    async def refresh(self) -> int:
        """Bring the trips of every dirty device up to date, the longest-waiting first; returns how
        many devices that were. A device whose trips cannot be found is set aside."""
        await self._pool.execute(POSITION_SQL["settle_notes"])
        rows = await self._pool.fetch(SQL["dirty_devices"])
        waiting = iter(rows)

        async def take_turns() -> None:
            for row in waiting:
                await self._refresh_or_set_aside(row["device"], was_aside=row["aside"])

        turns = [asyncio.create_task(take_turns()) for _ in range(min(AT_A_TIME, len(rows)))]
        try:
            await asyncio.gather(*turns)
        finally:
            for turn in turns:
                turn.cancel()
            await asyncio.gather(*turns, return_exceptions=True)
        return len(rows)

    async def _refresh_or_set_aside(self, device: str, *, was_aside: bool) -> None:
        aside = await apart(self._refresh_persistently(device))
        if aside is not None:
            LOG.error("trips set aside", device=device, **aside._asdict())
            await self._pool.execute(
                SQL["set_aside"], device, aside.trouble, aside.error, ASIDE_FIRST, ASIDE_MAX
            )
        elif was_aside:
            await self._pool.execute(SQL["take_back"], device)

    async def _refresh_persistently(self, device: str) -> None:
        for attempt in range(1, _TRIES):
            try:
                await self.refresh_device(device)
            except CONTENDED:
                await asyncio.sleep(attempt * _TRIES_PAUSE_S)
            else:
                return
        await self.refresh_device(device)

    async def refresh_device(self, device: str) -> None:
        """Bring one device's trips up to date, unless another service is at it."""
        async with self._pool.acquire() as connection, connection.transaction():
            await self.refresh_within(connection, device)

    async def refresh_within(self, connection: PooledConnection, device: str) -> None:
        """As `refresh_device`, in the caller's transaction."""
        if not await connection.fetchval(SQL["lock_device"], device):
            return
        # Read before the positions: what comes in later moves the revision and is seen again.
        state = await connection.fetchrow(SQL["state"], device)
        if state is None:
            return
        parameters = self._classes.get(state["trip_class"])
        if parameters is None:
            raise NoSuchClassError(state["trip_class"])
        hidden = in_seconds(
            await hidden_spans(
                connection, device, state["first_ts"], state["last_ts"] + timedelta(seconds=1)
            )
        )
        changed: list[tuple[datetime, datetime]] = []
        if state["dirty_from"] is not None:
            found = await _refresh_trips(connection, device, parameters, state, hidden)
            if found is not None:
                changed.append(found)
        if state["rounds_from"] is not None:
            changed.append((state["rounds_from"], _END))
        if changed:
            begin, end = min(b for b, _ in changed), max(e for _, e in changed)
            away_from, away_to = await _store_round_trips(
                connection, device, begin, end, self._rules, hidden
            )
            begin, end = min(begin, away_from), max(end, away_to)
        else:  # positions, and no trip is another one
            begin, end = state["dirty_from"], state["dirty_to"]
        await refresh_days(
            connection,
            device,
            max(begin, state["whole_from"]),
            min(end, state["last_ts"]),
        )
        await connection.execute(
            SQL["settle"], device, state["revision"], state["found_as"], state["rounds_from"]
        )


async def _refresh_trips(
    connection: PooledConnection,
    device: str,
    parameters: TripParameters,
    state: asyncpg.Record,
    hidden: Hidden,
) -> tuple[datetime, datetime] | None:
    """Find trips and engine sessions anew where positions changed; returns from when to when, None
    where all of them are as they were."""
    # No position before it is left to find trips from, but the trips themselves are.
    cut_from: datetime = state["cut_from"]
    dirty_from = max(state["dirty_from"], cut_from)
    dirty_to = max(state["dirty_to"], cut_from)
    if state["logged"]:
        await connection.execute(
            SQL["overrule_logged"], device, state["first_ts"], state["last_ts"]
        )
    begin, end, same = await _recut(
        connection, device, parameters, state, (dirty_from, dirty_to), hidden
    )
    if state["measured_in_hours"]:
        worked_from = await _store_sessions(
            connection, device, parameters, cut_from, dirty_from, hidden
        )
        return min(begin, worked_from), _END
    if state["has_sessions"]:  # it was measured in hours before
        await connection.execute(SQL["remove_sessions"], device, cut_from)
    elif same and not state["logged"] and not state["another"] and not hidden:
        # What is hidden may be of a round trip and of no trip.
        return None
    return begin, end


async def _recut(
    connection: PooledConnection,
    device: str,
    parameters: TripParameters,
    state: asyncpg.Record,
    dirty: tuple[datetime, datetime],
    hidden: Hidden,
) -> tuple[datetime, datetime, bool]:
    """Find the trips anew around what changed; returns from when to when, the end excluded, and
    whether they are the same as before."""
    dirty_from, dirty_to = dirty
    cut_from: datetime = state["cut_from"]
    first = max(state["first_ts"], cut_from).timestamp()
    last = state["last_ts"].timestamp()
    seen = recut.TRIPS_SEEN
    before = await connection.fetch(SQL["trips_before"], device, dirty_from, seen)
    after = await connection.fetch(SQL["trips_after"], device, dirty_to, seen)
    earlier = recut.stays_before(
        [_trip(row) for row in before], first, dirty_from.timestamp(), parameters
    )
    later = recut.stays_after([_trip(row) for row in after], last, dirty_to.timestamp(), parameters)
    windows = recut.windows(
        await _shoulders(connection, device, list(earlier), _BEFORE, parameters),
        await _shoulders(connection, device, list(later), _AFTER, parameters),
    )
    for window in windows:
        begin = cut_from if window.before is None else _moment(window.start)
        end = _END if window.after is None else _moment(window.end)
        track = await _track(connection, device, begin, end)
        if len(track) < _SHORT:
            found = _found(track, window, parameters, hidden)
        else:
            found = await asyncio.to_thread(_found, track, window, parameters, hidden)
        if found is not None:
            records = {
                (device, _moment(trip.start), _moment(trip.end), *trip[2:], *quality)
                for trip, quality in found
            }
            stored = await connection.fetch(SQL["between"], device, begin, end)
            same = {tuple(row) for row in stored} == records
            if not same:
                await connection.execute(SQL["remove"], device, begin, end)
                await connection.copy_records_to_table(
                    "trip", records=sorted(records), columns=_TRIP_COLUMNS
                )
            return begin, end, same
    raise AssertionError("a window without cuts is always accepted")


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a change: the statement that looks into its stays, the moment of the farthest
    stay beyond which it need not look, and what makes a shoulder of what it finds."""

    statement: str
    farthest: Callable[[recut.Stay], float]
    cut: Callable[[recut.Stay, float, float, TripParameters], recut.Shoulder | None]


_BEFORE = _Side("cuts_before", lambda stay: stay.since, recut.cut_before)

_AFTER = _Side("cuts_after", lambda stay: stay.until, recut.cut_after)


async def _shoulders(
    connection: PooledConnection,
    device: str,
    stays: Sequence[recut.Stay],
    side: _Side,
    parameters: TripParameters,
) -> list[recut.Shoulder]:
    if not stays:
        return []
    rows = await connection.fetch(
        SQL[side.statement],
        device,
        [_moment(stay.since) for stay in stays],
        [_moment(stay.until) for stay in stays],
        _moment(side.farthest(stays[-1])),
        timedelta(seconds=recut.margin_s(parameters)),
        recut.NEIGHBOURS,
    )
    return [
        shoulder
        for row in rows
        if (
            shoulder := side.cut(
                _stay(row), row["settled"].timestamp(), row["cut"].timestamp(), parameters
            )
        )
    ]


def _stay(row: asyncpg.Record) -> recut.Stay:
    return recut.Stay(row["since"].timestamp(), row["until"].timestamp())


async def _store_sessions(
    connection: PooledConnection,
    device: str,
    parameters: TripParameters,
    cut_from: datetime,
    dirty_from: datetime,
    hidden: Hidden,
) -> datetime:
    """Find the engine sessions anew from the last one that new positions cannot change; returns
    from when.

    That is the last but one that ended before them, since the last one may still go on. The idle
    time between the last one and the new positions is read only where the counter moved in it
    without a session, that is, where it was reset.
    """
    settled = await connection.fetch(SQL["sessions_before"], device, dirty_from)
    begin = max(settled[0]["end_ts"] if len(settled) == 2 else _BEGINNING, cut_from)
    idle_from = idle_to = dirty_from
    if settled:
        idle = await connection.fetchrow(
            SQL["engine_idle"], device, settled[-1]["end_ts"], dirty_from
        )
        if idle is not None and idle["early_hours"] == idle["late_hours"]:
            idle_from, idle_to = idle["early_ts"], idle["late_ts"]
    track = await _engine_track(connection, device, begin, idle_from, idle_to)
    found = await asyncio.to_thread(seen_sessions, track, hidden, parameters)
    await connection.execute(SQL["remove_sessions"], device, begin)
    await connection.copy_records_to_table(
        "engine_session",
        records=[(device, _moment(s.start), _moment(s.end), s.hours) for s in found],
        columns=_SESSION_COLUMNS,
    )
    return begin


async def _store_round_trips(
    connection: PooledConnection,
    device: str,
    changed_from: datetime,
    changed_to: datetime,
    rules: RoundTripRules,
    hidden: Hidden,
) -> tuple[datetime, datetime]:
    """Find the round trips anew around the trips that changed; returns from when to when they or
    the trips are others now. A vehicle that is seldom out is looked at far back, and yet changes
    only where it moved."""
    begin: datetime = (
        await connection.fetchval(SQL["return_before"], device, changed_from) or _BEGINNING
    )
    end: datetime = await connection.fetchval(SQL["departure_after"], device, changed_to) or _END
    rows = await connection.fetch(SQL["tracked"], device, begin, end + timedelta(seconds=1))
    places = depots(await zones(connection))
    found = {
        (
            device,
            _moment(round_trip.start),
            _moment(round_trip.end),
            sat["vehicle_id"],
            sat["depot_id"],
            round_trip.km,
            round_trip.legs,
            round_trip.left,
            round_trip.reached,
        )
        for sat in await connection.fetch(SQL["vehicles"], device)
        for run, ended in seen_runs(
            [_trip(row) for row in rows if sat["begins"] <= row["start_ts"] < sat["ends"]], hidden
        )
        for round_trip in round_trips(run, places, sat["depot_id"], rules, ended=ended)
        # What a vehicle was out on when its tracker left it, nobody saw the end of.
        if _moment(round_trip.start) < end and _moment(round_trip.end) <= sat["ends"]
    }
    stored = {
        tuple(row) for row in await connection.fetch(SQL["round_trips_between"], device, begin, end)
    }
    gone, new = stored - found, found - stored
    await connection.execute(SQL["remove_round_trips"], device, [start for _, start, *_ in gone])
    await connection.copy_records_to_table(
        "round_trip", records=sorted(new), columns=_ROUND_TRIP_COLUMNS
    )
    return (
        min((start for _, start, *_ in gone | new), default=changed_from),
        max((end for _, _, end, *_ in gone | new), default=changed_to),
    )


def _found(
    track: Track, window: recut.Window, parameters: TripParameters, hidden: Hidden
) -> Iterable[tuple[DetectedTrip, Quality]] | None:
    found = recut.recut(track, window, parameters)
    if found is None:
        return None
    return seen_trips(found, track, hidden, parameters)


async def _track(
    connection: PooledConnection, device: str, begin: datetime, end: datetime
) -> Track:
    """The fixes from `begin` to `end`; absent values are NaN."""
    columns = await fetch_columns(
        connection, SQL["track"], device, begin, end, columns=_TRACK_COLUMNS
    )
    speed_kmh = columns.pop("speed_kmh")
    return Track(**columns, speed=speed_kmh / 3.6)


async def _engine_track(
    connection: PooledConnection,
    device: str,
    begin: datetime,
    idle_from: datetime,
    idle_to: datetime,
) -> Track:
    """What tells of the engine; absent values are NaN."""
    columns = await fetch_columns(
        connection,
        SQL["engine_track"],
        device,
        begin,
        idle_from,
        idle_to,
        columns=_ENGINE_COLUMNS,
    )
    nothing = np.full(len(columns["ts"]), np.nan)
    return Track(**columns, lat=nothing, lon=nothing, speed=nothing, odometer=nothing)


def _trip(row: asyncpg.Record) -> DetectedTrip:
    return DetectedTrip(
        row["start_ts"].timestamp(),
        row["end_ts"].timestamp(),
        row["start_lat"],
        row["start_lon"],
        row["end_lat"],
        row["end_lon"],
        row["km"],
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
