"""Deletes raw telemetry when its time is over, a whole week at a time.

A position is kept for `keep_days` after it was driven or came in, whichever is later: a log that is
imported, or a tracker that was out of reach, is stored and its trips are found like any other.
Trips are kept; nothing that comes later is cut across what was deleted.

What came in late is copied aside, the week is emptied, and the copy is put back: deleting the rest
one by one would decompress a compressed week and write it anew. Nobody waits for the copy. The
table is locked while the week is compared with what was copied, emptied, and the copy put back.
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

#: As many late positions of a week are put back, in about a second while the table is locked; where
#: there are more, the others are deleted one by one.
LATE_MAX = 100_000


class _HasToWait(Exception):  # noqa: N818 - rolls the week back; the next run takes it up
    """Trips are still to be found from a week's positions, or others came into it meanwhile."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """What one run deleted, and how many weeks it left for the next one, and why."""

    positions: int = 0
    quarantined: int = 0
    weeks_dropped: int = 0
    weeks_left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """What the system deleted because its time was over: so many items of a subject, from a moment
    (None: the first) to another, that were to be kept for so many days."""

    deleted_at: datetime
    subject: str
    from_ts: datetime | None
    to_ts: datetime
    items: int
    keep_days: int


async def deletions(pool: Pool, most: int) -> list[Deletion]:
    """The last deletions, the latest first."""
    return [Deletion(**row) for row in await pool.fetch(SQL["last_deletions"], most)]


async def delete_expired(pool: Pool, keep_days: int, now: datetime) -> Deleted:
    """Delete the positions and the quarantined telemetry whose `keep_days` are over.

    Every deletion leaves a row in the table `deletion`. A week is left for the next run while
    trips are still to be found from it, or when the table is busy.
    """
    cutoff = now - timedelta(days=keep_days)
    positions = dropped = left = 0
    for part in await pool.fetch(SQL["expired_parts"], cutoff):
        try:
            items, whole = await _delete_week(pool, part, cutoff, keep_days)
        except (_HasToWait, asyncpg.LockNotAvailableError):
            left += 1
            continue
        except (asyncpg.PostgresError, TimeoutError) as error:
            # What stops one week does not stop those after it.
            kind = type(error).__name__
            LOG.exception("a week was not deleted", week=part["from_ts"].isoformat(), kind=kind)
            left += 1
            continue
        positions += items
        dropped += whole
    quarantined = int(await pool.fetchval(SQL["delete_quarantine"], cutoff))
    if quarantined:
        await pool.execute(
            SQL["record_deletion"], "quarantine", None, cutoff, quarantined, keep_days
        )
    return Deleted(positions, quarantined, dropped, left)


async def delete_uploads(pool: Pool, keep_days: int, now: datetime) -> int:
    """Delete the driving logs that were uploaded `keep_days` ago, their files and what was refused
    of them; the trips stay. Returns how many."""
    cutoff = now - timedelta(days=keep_days)
    async with pool.acquire() as connection, connection.transaction():
        items = int(await connection.fetchval(SQL["delete_uploads"], cutoff))
        if items:
            await connection.execute(
                SQL["record_deletion"], "log_upload", None, cutoff, items, keep_days
            )
    return items


async def _delete_week(
    pool: Pool, part: asyncpg.Record, cutoff: datetime, keep_days: int
) -> tuple[int, bool]:
    """How many positions of one week were deleted, and whether the week went as a whole."""
    week: tuple[datetime, datetime] = part["from_ts"], part["to_ts"]
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["compressed"])
        contents = await connection.fetch(SQL["count_week"], *week, cutoff)
        expired = sum(row["expired"] for row in contents)
        late = sum(row["late"] for row in contents)
        if late and not expired:
            return 0, False
        if late <= LATE_MAX:
            copied = await connection.execute(SQL["copy_late"], *week, cutoff)
            late = int(copied.rpartition(" ")[2])  # `SELECT 17`; one may have come meanwhile
        # Before the table is locked, as the sweep of private periods does: the other way round the
        # two would wait for each other.
        await connection.execute(POSITION_SQL["apply_pending_spans"])
        if late <= LATE_MAX:
            await connection.execute(SCHEMA_SQL["wait_briefly"])
            await connection.execute(SQL["lock_position"])
            if not await connection.fetchval(SQL["is_late_copied"], *week, cutoff):
                raise _HasToWait
        if expired:
            # Locks the state of these devices, so that none of them becomes dirty after the check.
            devices = [row["device"] for row in contents if row["expired"]]
            await connection.execute(SQL["keep_trips"], devices, week[1])
            if await connection.fetchval(SQL["trips_to_find"], week[1]):
                raise _HasToWait
            await connection.execute(SQL["record_deletion"], "position", *week, expired, keep_days)
        if late > LATE_MAX:
            await connection.execute(SQL["delete_expired"], *week, cutoff)
        elif late:
            await connection.execute(SQL["leave_late"], part["part"])
        else:
            await connection.execute(SQL["drop_part"], part["part"], *week)
    return expired, not late
