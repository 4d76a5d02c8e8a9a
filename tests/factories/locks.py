"""Who waits for a lock in the database of a test.

The server of the tests has a database for each worker, and `pg_locks` tells of all of them: a test
that counts the locks of others begins too early.
"""

import asyncio

from db.pool import Connection, Pool, PooledConnection

_WAITING = """
SELECT count(*)
FROM pg_locks
JOIN pg_stat_activity USING (pid)
WHERE NOT granted
    AND datname = current_database()
    AND ($1::text IS NULL OR relation = to_regclass($1))
"""

Database = Connection | PooledConnection | Pool


async def lock_waiters(database: Database, table: str | None = None) -> int:
    """The number of connections to this database that wait for a lock, or for one on `table`."""
    # A transaction sees connections as they were at its first look.
    await database.execute("SELECT pg_stat_clear_snapshot()")
    return await database.fetchval(_WAITING, table)


async def until_waiting(database: Database, table: str | None = None) -> int:
    """Wait until a connection to this database waits for a lock, and return how many do.

    Raises:
        TimeoutError: none did for a minute.
    """
    async with asyncio.timeout(60):
        while not (waiting := await lock_waiters(database, table)):  # noqa: ASYNC110 - others hold it
            await asyncio.sleep(0.01)
    return waiting
