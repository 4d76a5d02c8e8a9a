"""Deletes the stored data of private periods: positions, quarantine, trips, days and log rows.

Writers obey a period from the moment at which it is set. This module deletes the data that was
stored before, each period in a transaction of its own. A period that could not be swept, or whose
vehicle got another tracker since, stays unswept until the worker sweeps it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

import asyncpg
import structlog

from db.connect import Pool, PooledConnection, retry_when_contended
from db.job import PeriodicJob
from db.statements import statements
from fleet.localtime import day_start, local_day
from fleet.moments import LATEST_MOMENT, MICROSECOND
from register.private_log_rows import sweep_waiting
from register.private_time import Span, read_period

SQL = statements("private")
POSITION_SQL = statements("position")
DAY_SQL = statements("device_day")
TRIP_SQL = statements("trip")
CONSUMPTION_SQL = statements("consumption")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: The clocks of trackers run ahead by less than this, so duty hours beyond it have no stored data.
_CLOCK_AHEAD_MAX = timedelta(days=2)

#: The number of attempts of a sweep when other transactions go first, and the first pause.
_TRIES = 5
_TRIES_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class SweepCounts:
    """The numbers of rows that a sweep of a private period deleted, by kind."""

    positions: int = 0
    quarantined: int = 0
    trips: int = 0
    round_trips: int = 0
    engine_sessions: int = 0
    #: Rows of driving logs that waited or were refused and that named the vehicle.
    log_rows: int = 0


async def sweep_period(pool: Pool, private_id: int) -> SweepCounts:
    """Delete all stored data of one period.

    Writers and the trip service lock the same rows in an order of their own. When the database ends
    the sweep so that one of them can go on, the function tries the sweep again.

    Raises:
        CONTENTION_ERRORS: others went first every time; the worker sweeps later.
    """
    # The logs have a transaction of their own: an import holds its log and waits for the rows that
    # the second transaction deletes.
    log_rows = await retry_when_contended(
        lambda: _sweep_logs(pool, private_id), tries=_TRIES, pause_s=_TRIES_PAUSE_S
    )
    return await retry_when_contended(
        lambda: _sweep_telemetry(pool, private_id, log_rows),
        tries=_TRIES,
        pause_s=_TRIES_PAUSE_S,
    )


async def _sweep_logs(pool: Pool, private_id: int) -> int:
    """Delete the rows of driving logs that may be of a period; returns their number."""
    async with pool.acquire() as connection, connection.transaction():
        waiting = await sweep_waiting(connection)
        names = await connection.fetchval(SQL["names_after_begin"], private_id)
        return waiting + await connection.fetchval(SQL["sweep_log_rows"], names)


async def _sweep_telemetry(pool: Pool, private_id: int, log_rows: int) -> SweepCounts:
    """Delete all other data of a period, and mark it as swept; `log_rows` is one of the counts."""
    removed: Counter[str] = Counter(log_rows=log_rows)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["lock_period"], private_id)
        assert row is not None, "periods are ended, never deleted"
        vehicle_id, period = row["vehicle_id"], read_period(row)
        now = datetime.now(UTC)
        until = LATEST_MOMENT if period.duty is None else now + _CLOCK_AHEAD_MAX
        await connection.execute(POSITION_SQL["allow_decompression"])
        seats = await connection.fetch(SQL["seats_in_vehicle"], vehicle_id)
        # The trip service has then stored all trips from positions that were there. This comes
        # before any update of states, for which the trip service waits in its turn.
        devices = {seat["device"] for seat in seats}
        await connection.fetch(TRIP_SQL["wait_for_devices"], list(devices))
        # Pending spans of private positions are applied now: later they would undo the clamping.
        await connection.execute(POSITION_SQL["apply_pending_spans"])
        begun = period.begins <= now
        for seat in seats:
            spans = list(period.spans(seat["begins"], min(seat["ends"], until)))
            if spans:
                for span in spans:
                    removed += await _sweep_span(connection, seat["device"], span, begun=begun)
                nameless = await connection.execute(SQL["sweep_nameless"], seat["device"])
                removed["quarantined"] += _count(nameless)
        if removed["trips"]:
            await connection.execute(CONSUMPTION_SQL["hold_consumption"])
            await connection.execute(CONSUMPTION_SQL["forget_kind_of"], vehicle_id)
        days = _days(period.spans(period.begins, until))
        await connection.execute(SQL["hold_rounds"])
        await connection.execute(SQL["forget_round_days"], vehicle_id, days)
        found = SweepCounts(**removed)
        await connection.execute(SQL["mark_swept"], private_id, asdict(found), days)
    return found


def _days(spans: Iterable[Span]) -> str:
    """The local days that `spans` touch, as the text of a multirange."""
    days: list[tuple[date, date]] = []
    for begins, ends in spans:
        first, last = local_day(begins), local_day(ends - timedelta(microseconds=1))
        if days and first <= days[-1][1] + timedelta(days=1):
            first = days.pop()[0]
        days.append((first, last))
    return f"{{{','.join(f'[{first},{last}]' for first, last in days)}}}"


async def sweep_unswept(pool: Pool) -> int:
    """Sweep every unswept period; returns the number of swept ones.

    An error in one period does not stop the sweep of the others.
    """
    swept = 0
    for row in await pool.fetch(SQL["unswept_periods"]):
        try:
            await sweep_period(pool, row["private_id"])
        except asyncpg.PostgresError:
            LOG.exception("not swept yet", private_id=row["private_id"])
        else:
            swept += 1
    return swept


def sweep_job(pool: Pool) -> PeriodicJob:
    """The job that sweeps the unswept periods."""

    async def work() -> None:
        if swept := await sweep_unswept(pool):
            LOG.info("private periods swept", periods=swept)

    return PeriodicJob("sweep", "* * * * *", work)


async def _sweep_span(
    connection: PooledConnection, device: str, span: Span, *, begun: bool
) -> Counter[str]:
    """Delete the data of a device in `span`; returns the numbers of deleted rows by kind."""
    begins, ends = span
    removed: Counter[str] = Counter()
    removed["positions"] = _count(await connection.execute(SQL["sweep_positions"], device, *span))
    removed["quarantined"] = _count(
        await connection.execute(SQL["sweep_quarantine"], device, *span, begun)
    )
    first, last = begins, ends
    # Positions without a fix have the place of the last fix. After the span they may have a place
    # within it: then the trips from them are deleted too, and detected again from the new places.
    affected = clamped = span
    if (copies := await _sweep_copies(connection, device, span)) is not None:
        last, gone = copies
        affected = begins, last
        if gone:
            removed["positions"] += gone
            clamped = begins, last
    edges = await _edges_around(connection, device, affected)
    for kind, statement in (
        ("trips", "sweep_trips"),
        ("round_trips", "sweep_round_trips"),
        ("engine_sessions", "sweep_sessions"),
    ):
        for touched in (affected, *edges):
            gone = await connection.fetchrow(SQL[statement], device, *touched)
            if gone is not None and gone["items"]:
                removed[kind] += gone["items"]
                first, last = min(first, gone["begins"]), max(last, gone["ends"])
    await _recount_days(connection, device, (first, last), span)
    if removed["positions"] or first < begins or last > ends:
        await connection.execute(SQL["mark_trips_dirty"], device, first, last)
    await connection.execute(SQL["clamp_state"], device, *clamped)
    return removed


async def _sweep_copies(
    connection: PooledConnection, device: str, span: Span
) -> tuple[datetime, int] | None:
    """Move the positions without a fix that follow `span` to the last place before it.

    Each of them was stored at the last known place of the device, which lies within `span`. If no
    place before `span` is known, the function deletes them.

    Returns:
        The moment of the next fix, until which such positions last, and the number of deleted
        positions; None if no such position follows.
    """
    begins, ends = span
    following = await connection.fetchrow(SQL["next_position"], device, ends, True)
    if following is None or following["satellites"] != 0:
        return None
    fix = await connection.fetchrow(SQL["next_position"], device, ends, False)
    until: datetime = LATEST_MOMENT if fix is None else fix["ts"]
    before = await connection.fetchrow(SQL["last_position"], device, begins)
    if before is not None:
        place = before["lat"], before["lon"]
        await connection.execute(SQL["move_positions"], device, ends, until, *place)
        return until, 0
    return until, _count(await connection.execute(SQL["sweep_positions"], device, ends, until))


async def _edges_around(connection: PooledConnection, device: str, span: Span) -> list[Span]:
    """Two short spans: just after the last position before `span`, and just before the next one.

    A trip across one of them began or ended at a place within `span`, even if its own time lies
    outside.
    """
    begins, ends = span
    before = await connection.fetchrow(SQL["last_position"], device, begins)
    after = await connection.fetchrow(SQL["next_position"], device, ends, True)
    edges = [] if before is None else [(before["ts"] + MICROSECOND, before["ts"] + 2 * MICROSECOND)]
    if after is not None:
        edges.append((after["ts"] - 2 * MICROSECOND, after["ts"] - MICROSECOND))
    return edges


async def _recount_days(
    connection: PooledConnection, device: str, touched: Span, private: Span
) -> None:
    """Count the local days of a device within `touched` again, without the time `private`."""
    first, last = (local_day(moment) for moment in touched)
    rows = await connection.fetch(DAY_SQL["days_between"], device, first, last)
    if days := [row["day"] for row in rows]:
        begin = [day_start(day) for day in days]
        end = [day_start(day + timedelta(days=1)) for day in days]
        await connection.execute(DAY_SQL["sweep_days"], device, days, begin, end, *private)


def _count(status: str) -> int:
    """The number of rows in the status of a command, such as `DELETE 17`."""
    return int(status.rpartition(" ")[2])
