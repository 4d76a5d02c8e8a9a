"""Compression of old positions, which TimescaleDB does where its licence allows it."""

import asyncpg

from db.connect import Pool
from db.statements import statements

SQL = statements("position")
SCHEMA_SQL = statements("schema")


async def compress_old_positions(pool: Pool) -> bool:
    """Have the server compress what is older than two weeks; returns whether it did not before.

    The licence of a server may change after the schema was made, so upkeep asks again. A busy table
    is left for the next run.
    """
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(SCHEMA_SQL["wait_briefly"])
            return bool(await connection.fetchval(SQL["compress_old"]))
    except asyncpg.LockNotAvailableError:
        return False
