"""The weekly partitions of `position`, made before they are needed."""

from datetime import UTC, datetime, timedelta

from db.pool import Connection, Pool, PooledConnection
from db.statements import statements

SQL = statements("position")

#: How far ahead of the clock partitions are made, so that no commit has to wait for one.
PARTITIONS_AHEAD = timedelta(weeks=4)


async def ensure_partitions_ahead(connection: Connection | PooledConnection | Pool) -> int:
    """Make the partitions for this week and the ones ahead; returns how many were new."""
    now = datetime.now(UTC)
    made = await connection.fetchval(SQL["ensure_weeks"], now, now + PARTITIONS_AHEAD)
    return int(made)
