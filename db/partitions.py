"""Makes the weekly partitions of `position` before they are needed, and has TimescaleDB compress
old ones where its licence allows it."""

from datetime import UTC, datetime, timedelta

import asyncpg

from db.pool import Connection, Pool, PooledConnection
from db.statements import statements

SQL = statements("position")
SCHEMA_SQL = statements("schema")

#: How far ahead of the clock partitions are made, so that no commit waits for one.
PARTITIONS_AHEAD = timedelta(weeks=4)


async def ensure_partitions_ahead(connection: Connection | PooledConnection | Pool) -> int:
    """Make the partitions for this week and the ones ahead; returns how many were new."""
    now = datetime.now(UTC)
    made = await connection.fetchval(SQL["ensure_weeks"], now, now + PARTITIONS_AHEAD)
    return int(made)


async def compress_old_positions(pool: Pool) -> bool:
    """Have the server compress positions older than two weeks from now on; returns whether it did
    not do so before.

    The licence of a server may change after the schema was made, so upkeep asks again. A busy table
    is left for the next run.
    """
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SCHEMA_SQL["wait_briefly"])
            return bool(await connection.fetchval(SQL["compress_old_positions"]))
    except asyncpg.LockNotAvailableError:
        return False
