"""Deletes positions and refused telemetry when their time is over, a whole week at a time.

A position is kept for `keep_days` after it was driven or came in, whichever is later: the positions
of an imported log, or of a tracker that was out of reach, are stored and give trips like all
others. Trips are kept, and positions that come later do not change trips before what was deleted.

Positions of an expired week that came in late are copied, the week is emptied, and the copy is put
back: to delete the others row by row would decompress a compressed week and write it anew. The
table is not locked during the copy, only while the copy is compared with the week, the week
emptied, and the copy put back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import structlog

from db.connect import Pool
from db.statements import statements

SQL = statements("retention")
POSITION_SQL = statements("position")
SCHEMA_SQL = statements("schema")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: The time for which the counts of received positions are kept: pages show those of today and of 24
#: hours.
RECEIVED_KEPT = timedelta(days=2)

#: The most late positions of a week that are put back, which takes about a second while the table
#: is locked. Where there are more, the expired positions are deleted row by row.
LATE_POSITIONS_MAX = 100_000


class _WeekMustWait(Exception):  # noqa: N818 - rolls the week back; the next run takes it up
    """Trips are still to be found from the week's positions, or positions came into it
    meanwhile."""


@dataclass(frozen=True, slots=True)
class RetentionResult:
    """How many positions and quarantined items one run deleted, how many weeks it dropped as a
    whole, and how many it left for the next run."""

    positions: int = 0
    quarantined: int = 0
    weeks_dropped: int = 0
    weeks_left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A deletion at the end of the retention: `items` of a `subject`, kept for `keep_days`, from
    the moment `from_ts` (None: the first) to `to_ts`."""

    deleted_at: datetime
    subject: str
    from_ts: datetime | None
    to_ts: datetime
    items: int
    keep_days: int


async def last_deletions(pool: Pool, most: int) -> list[Deletion]:
    """The last deletions, the latest first."""
    return [Deletion(**row) for row in await pool.fetch(SQL["last_deletions"], most)]


async def delete_expired(pool: Pool, keep_days: int, now: datetime) -> RetentionResult:
    """Delete the positions and the quarantined telemetry whose `keep_days` are over.

    Every deletion leaves a row in the table `deletion`. A week is left for the next run while
    trips are still to be found from it, or when the table is busy.
    """
    cutoff = now - timedelta(days=keep_days)
    positions = dropped = left = 0
    for part in await pool.fetch(SQL["expired_parts"], cutoff):
        try:
            items, whole = await _delete_week(pool, part, cutoff, keep_days)
        except (_WeekMustWait, asyncpg.LockNotAvailableError):
            left += 1
            continue
        except (asyncpg.PostgresError, TimeoutError):
            # An error in one week does not stop the deletion of the weeks after it.
            LOG.exception("a week was not deleted", week=part["from_ts"].isoformat())
            left += 1
            continue
        positions += items
        dropped += whole
    quarantined = int(await pool.fetchval(SQL["delete_quarantine"], cutoff))
    if quarantined:
        await pool.execute(
            SQL["record_deletion"], "quarantine", None, cutoff, quarantined, keep_days
        )
    return RetentionResult(positions, quarantined, dropped, left)


async def forget_received(pool: Pool, now: datetime) -> None:
    """Delete the counts of received positions that are too old for any page. They are about nobody,
    so that the deletion is not recorded."""
    await pool.execute(SQL["forget_received"], now - RECEIVED_KEPT)


async def delete_uploads(pool: Pool, keep_days: int, now: datetime) -> int:
    """Delete the uploads of driving logs that are `keep_days` old, with their files and refused
    rows.

    The imported trips stay. Returns how many uploads were deleted.
    """
    cutoff = now - timedelta(days=keep_days)
    async with pool.acquire() as connection, connection.transaction():
        items = int(await connection.fetchval(SQL["delete_uploads"], cutoff))
        if items:
            await connection.execute(
                SQL["record_deletion"], "log_upload", None, cutoff, items, keep_days
            )
    return items


async def delete_audit(pool: Pool, keep_days: int, now: datetime) -> int:
    """Delete the entries of the audit log that are older than `keep_days`; returns how many.

    Histories of things (who decided what, who changed what) are other tables, and stay.
    """
    cutoff = now - timedelta(days=keep_days)
    async with pool.acquire() as connection, connection.transaction():
        items = int(await connection.fetchval(SQL["delete_audit"], cutoff))
        if items:
            await connection.execute(
                SQL["record_deletion"], "audit_entry", None, cutoff, items, keep_days
            )
    return items


async def _delete_week(
    pool: Pool, part: asyncpg.Record, cutoff: datetime, keep_days: int
) -> tuple[int, bool]:
    """Delete the expired positions of one week.

    Returns:
        How many positions were deleted, and whether the week was dropped as a whole.
    """
    week: tuple[datetime, datetime] = part["from_ts"], part["to_ts"]
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(POSITION_SQL["allow_decompression"])
        contents = await connection.fetch(SQL["count_week"], *week, cutoff)
        expired = sum(row["expired"] for row in contents)
        late = sum(row["late"] for row in contents)
        if late and not expired:
            return 0, False
        if late <= LATE_POSITIONS_MAX:
            copied = await connection.execute(SQL["copy_late"], *week, cutoff)
            late = int(copied.rpartition(" ")[2])  # `SELECT 17`; one may have come meanwhile
        # This comes before the lock of the table, in the order of the sweep of private periods: the
        # other way round the two would wait for each other.
        await connection.execute(POSITION_SQL["apply_pending_spans"])
        if late <= LATE_POSITIONS_MAX:
            await connection.execute(SCHEMA_SQL["wait_briefly"])
            await connection.execute(SQL["lock_position"])
            if not await connection.fetchval(SQL["is_late_copied"], *week, cutoff):
                raise _WeekMustWait
        if expired:
            # This locks the state of these devices, so that none becomes dirty after the check.
            devices = [row["device"] for row in contents if row["expired"]]
            await connection.execute(SQL["keep_trips"], devices, week[1])
            if await connection.fetchval(SQL["trips_to_find"], week[1]):
                raise _WeekMustWait
            await connection.execute(SQL["record_deletion"], "position", *week, expired, keep_days)
        if late > LATE_POSITIONS_MAX:
            await connection.execute(SQL["delete_expired"], *week, cutoff)
        elif late:
            await connection.execute(SQL["leave_late"], part["part"])
        else:
            await connection.execute(SQL["drop_part"], part["part"], *week)
    return expired, not late
