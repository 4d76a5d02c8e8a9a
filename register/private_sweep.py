"""Deletes what is stored of private periods: raw, refused, found from it, and counted.

A period holds for the writers from the moment at which it is set. What was stored before is deleted
here, a period in a transaction of its own; one that could not be swept, or whose vehicle got
another tracker since, waits until it is.
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
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Clocks of trackers run ahead by less than this: duty hours beyond it have nothing to sweep.
_AHEAD = timedelta(days=2)

#: How often a sweep is tried at once when others go first, and the first pause, in seconds.
_TRIES = 5
_TRIES_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class SweepCounts:
    """How much was stored of a private period and deleted, by kind."""

    positions: int = 0
    quarantined: int = 0
    trips: int = 0
    round_trips: int = 0
    engine_sessions: int = 0
    #: Rows of driving logs that waited or were refused and named the vehicle.
    log_rows: int = 0


async def sweep_period(pool: Pool, private_id: int) -> SweepCounts:
    """Delete all that is stored of one period.

    Writers and the trip service lock the same rows in an order of their own. Where the database
    ends the sweep so that one of them can go on, the sweep is tried again.

    Raises:
        CONTENTION_ERRORS: others went first every time; the worker sweeps later.
    """
    # Logs by themselves: an import holds its log, and waits for what is swept after them.
    log_rows = await retry_when_contended(
        lambda: _sweep_logs(pool, private_id), tries=_TRIES, pause_s=_TRIES_PAUSE_S
    )
    return await retry_when_contended(
        lambda: _sweep_telemetry(pool, private_id, log_rows),
        tries=_TRIES,
        pause_s=_TRIES_PAUSE_S,
    )


async def _sweep_logs(pool: Pool, private_id: int) -> int:
    """Delete the rows of driving logs that may be of a period; returns how many."""
    async with pool.acquire() as connection, connection.transaction():
        waiting = await sweep_waiting(connection)
        names = await connection.fetchval(SQL["names_after_begin"], private_id)
        return waiting + await connection.fetchval(SQL["sweep_log_rows"], names)


async def _sweep_telemetry(pool: Pool, private_id: int, log_rows: int) -> SweepCounts:
    """Delete all else that is stored of a period, and note that it is swept, with `log_rows` among
    the counts."""
    removed: Counter[str] = Counter(log_rows=log_rows)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["lock_period"], private_id)
        assert row is not None, "periods are ended, never deleted"
        vehicle_id, period = row["vehicle_id"], read_period(row)
        now = datetime.now(UTC)
        until = LATEST_MOMENT if period.duty is None else now + _AHEAD
        await connection.execute(POSITION_SQL["allow_decompression"])
        seats = await connection.fetch(SQL["seats_in_vehicle"], vehicle_id)
        # What the trip service found from positions that were there is stored. Before any state
        # is moved, for which it waits in its turn.
        devices = {seat["device"] for seat in seats}
        await connection.fetch(TRIP_SQL["wait_for_devices"], list(devices))
        # Spans of private positions that are pending are applied, or they would come back.
        await connection.execute(POSITION_SQL["apply_pending_spans"])
        begun = period.begins <= now
        for seat in seats:
            spans = list(period.spans(seat["begins"], min(seat["ends"], until)))
            if spans:
                for span in spans:
                    removed += await _sweep_span(connection, seat["device"], span, begun=begun)
                nameless = await connection.execute(SQL["sweep_nameless"], seat["device"])
                removed["quarantined"] += _count(nameless)
        days = _days(period.spans(period.begins, until))
        await connection.execute(SQL["hold_rounds"])
        await connection.execute(SQL["forget_round_days"], vehicle_id, days)
        found = SweepCounts(**removed)
        await connection.execute(SQL["mark_swept"], private_id, asdict(found), days)
    return found


def _days(spans: Iterable[Span]) -> str:
    """The local days that these touch, as the text of a multirange."""
    days: list[tuple[date, date]] = []
    for begins, ends in spans:
        first, last = local_day(begins), local_day(ends - timedelta(microseconds=1))
        if days and first <= days[-1][1] + timedelta(days=1):
            first = days.pop()[0]
        days.append((first, last))
    return f"{{{','.join(f'[{first},{last}]' for first, last in days)}}}"


async def sweep_unswept(pool: Pool) -> int:
    """Sweep every period that is not swept yet; returns how many. What stops one does not stop the
    others."""
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
    """Sweeps the periods that are not swept yet."""

    async def work() -> None:
        if swept := await sweep_unswept(pool):
            LOG.info("private periods swept", periods=swept)

    return PeriodicJob("sweep", "* * * * *", work)


async def _sweep_span(
    connection: PooledConnection, device: str, span: Span, *, begun: bool
) -> Counter[str]:
    """Delete what is stored of a device from one moment until before another."""
    begins, ends = span
    removed: Counter[str] = Counter()
    removed["positions"] = _count(await connection.execute(SQL["sweep_positions"], device, *span))
    removed["quarantined"] = _count(
        await connection.execute(SQL["sweep_quarantine"], device, *span, begun)
    )
    first, last = begins, ends
    # What was found from what was put there goes too, and is found again from where it is put now.
    told = clamped = span
    if (copies := await _sweep_copies(connection, device, span)) is not None:
        last, gone = copies
        told = begins, last
        if gone:
            removed["positions"] += gone
            clamped = begins, last
    beside = await _around(connection, device, told)
    for kind, statement in (
        ("trips", "sweep_trips"),
        ("round_trips", "sweep_round_trips"),
        ("engine_sessions", "sweep_sessions"),
    ):
        for touched in (told, *beside):
            gone = await connection.fetchrow(SQL[statement], device, *touched)
            if gone is not None and gone["items"]:
                removed[kind] += gone["items"]
                first, last = min(first, gone["begins"]), max(last, gone["ends"])
    await _strip_days(connection, device, (first, last), span)
    if removed["positions"] or first < begins or last > ends:
        await connection.execute(SQL["mark_trips_dirty"], device, first, last)
    await connection.execute(SQL["clamp_state"], device, *clamped)
    return removed


async def _sweep_copies(
    connection: PooledConnection, device: str, span: Span
) -> tuple[datetime, int] | None:
    """Put what a device told without a fix after a time, where it had been put where the device
    was in that time, where it was before; or delete it, where nobody knows that.

    Returns until when that is, the next fix, and how many positions were deleted; None: there is
    nothing such.
    """
    begins, ends = span
    told = await connection.fetchrow(SQL["next_position"], device, ends, True)
    if told is None or told["satellites"] != 0:
        return None
    fix = await connection.fetchrow(SQL["next_position"], device, ends, False)
    until: datetime = LATEST_MOMENT if fix is None else fix["ts"]
    before = await connection.fetchrow(SQL["last_position"], device, begins)
    if before is not None:
        place = before["lat"], before["lon"]
        await connection.execute(SQL["move_positions"], device, ends, until, *place)
        return until, 0
    return until, _count(await connection.execute(SQL["sweep_positions"], device, ends, until))


async def _around(connection: PooledConnection, device: str, told: Span) -> list[Span]:
    """Just after the last position before a time, and just before the first one after it: what was
    found across one of these began or ended where the device was in that time, whenever it did."""
    begins, ends = told
    before = await connection.fetchrow(SQL["last_position"], device, begins)
    after = await connection.fetchrow(SQL["next_position"], device, ends, True)
    found = [] if before is None else [(before["ts"] + MICROSECOND, before["ts"] + 2 * MICROSECOND)]
    if after is not None:
        found.append((after["ts"] - 2 * MICROSECOND, after["ts"] - MICROSECOND))
    return found


async def _strip_days(
    connection: PooledConnection, device: str, touched: Span, private: Span
) -> None:
    """Count the local days of a device again that lost something between the ends of `touched`."""
    first, last = (local_day(moment) for moment in touched)
    rows = await connection.fetch(DAY_SQL["days_between"], device, first, last)
    if days := [row["day"] for row in rows]:
        begin = [day_start(day) for day in days]
        end = [day_start(day + timedelta(days=1)) for day in days]
        await connection.execute(DAY_SQL["sweep_days"], device, days, begin, end, *private)


def _count(status: str) -> int:
    """The rows of a command, from the answer of the server: `DELETE 17`."""
    return int(status.rpartition(" ")[2])
