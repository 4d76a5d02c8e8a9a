"""Deletes raw telemetry when its time is over, a whole week at a time where it can.

A position is kept for `keep_days` after it was driven or came in, whichever is later: a log that is
imported, or a tracker that was out of reach, is stored and its trips are found like any other.
Trips are kept; nothing that comes later is cut across what was deleted.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import structlog

from db.connect import Pool, PooledConnection
from db.statements import statements

SQL = statements("retention")
POSITION_SQL = statements("position")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Writers queue behind a table lock that is waited for, so it is given up soon; the next run tries
#: again.
LOCK_WAIT = "3s"


class _HasToWait(Exception):  # noqa: N818 - rolls the week back; the next run takes it up
    """Trips are still to be found from a week's positions."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """What one run deleted, and how many weeks it left for the next one, and why."""

    positions: int = 0
    quarantined: int = 0
    weeks_dropped: int = 0
    weeks_left: int = 0


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
        except asyncpg.PostgresError as error:
            # What stops one week does not stop those after it.
            LOG.exception("a week was not deleted", week=part["from_ts"].isoformat(), error=error)
            left += 1
            continue
        positions += items
        dropped += whole
    quarantined = int(await pool.fetchval(SQL["delete_quarantine"], cutoff))
    if quarantined:
        await pool.execute(SQL["log"], "quarantine", None, cutoff, quarantined, keep_days)
    return Deleted(positions, quarantined, dropped, left)


async def delete_uploads(pool: Pool, keep_days: int, now: datetime) -> int:
    """Delete the driving logs that were uploaded `keep_days` ago, their files and what was refused
    of them; the trips stay. Returns how many."""
    cutoff = now - timedelta(days=keep_days)
    async with pool.acquire() as connection, connection.transaction():
        items = int(await connection.fetchval(SQL["delete_uploads"], cutoff))
        if items:
            await connection.execute(SQL["log"], "log_upload", None, cutoff, items, keep_days)
    return items


async def _delete_week(
    pool: Pool, part: asyncpg.Record, cutoff: datetime, keep_days: int
) -> tuple[int, bool]:
    """How many positions of one week were deleted, and whether the week went as a whole."""
    week: tuple[datetime, datetime] = part["from_ts"], part["to_ts"]
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["compressed"])
        expired, late = await _counts(connection, week, cutoff)
        if not late:
            await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
            await connection.execute(SQL["lock_position"])
            expired, late = await _counts(connection, week, cutoff)  # one may have come meanwhile
        if expired:
            await connection.execute(POSITION_SQL["settle_notes"])
            # Locks the state of these devices, so that none of them becomes dirty after the check.
            await connection.execute(SQL["keep_trips"], *week, cutoff)
            if await connection.fetchval(SQL["trips_to_find"], week[1]):
                raise _HasToWait
            await connection.execute(SQL["log"], "position", *week, expired, keep_days)
        if late:
            await connection.execute(SQL["delete_expired"], *week, cutoff)
        else:
            await connection.execute(SQL["drop_part"], part["part"], *week)
    return expired, not late


async def _counts(
    connection: PooledConnection, week: tuple[datetime, datetime], cutoff: datetime
) -> tuple[int, int]:
    row = await connection.fetchrow(SQL["counts"], *week, cutoff)
    assert row is not None
    return row["expired"], row["late"]
