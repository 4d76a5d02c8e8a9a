"""The way to the database: the URL in the settings, or the embedded server when there is none."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson
import structlog

from db import embedded
from db.statements import schema
from fleet.settings import Settings

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record]
    PooledConnection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection
    PooledConnection = asyncpg.pool.PoolConnectionProxy

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Before a database that is away is tried again.
_RETRY_S = 0.5

#: Errors that mean "the database is away", not "the statement is wrong".
UNAVAILABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver says of a connection that broke during COPY
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)

#: Serialises schema set-up among processes that start at the same time.
_SCHEMA_LOCK = 0x666C_6161_6465

#: Commits of other processes lock the tables in an order of their own; who loses tries again.
_SCHEMA_ATTEMPTS = 5

#: How far ahead of the clock partitions are made, so that no commit has to wait for one.
PARTITIONS_AHEAD = timedelta(weeks=4)


class DatabaseError(RuntimeError):
    """The database cannot be used as it is. The message says why."""


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncGenerator[str]:
    """The URL of the database; the embedded server runs for as long as the context is open."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    server = embedded.start(settings.data_dir)
    try:
        yield server.url
    finally:
        server.stop()


async def await_database(url: str, wait_max_s: float, told: asyncio.Event) -> None:
    """Until the server lets us in, for it may start at the same time as we do or recover; no longer
    than `wait_max_s`, nor when `told` is set. What is wrong then, `open_pool` says."""
    ends = time.monotonic() + wait_max_s
    said = False
    while not told.is_set():
        try:
            connection = await asyncpg.connect(url)
        except UNAVAILABLE as error:
            if time.monotonic() >= ends:
                return
            if not said:
                LOG.warning("waiting for the database", at_most_s=wait_max_s, error=str(error))
                said = True
        except asyncpg.PostgresError:
            return
        else:
            await connection.close()
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), _RETRY_S)


@asynccontextmanager
async def open_pool(url: str, *, connections_max: int = 10) -> AsyncGenerator[Pool]:
    """A pool of connections to a database with the current schema.

    Raises:
        DatabaseError: the server cannot be reached, is too old, or does not keep what it commits.
    """
    try:
        pool = await asyncpg.create_pool(
            url, min_size=1, max_size=connections_max, init=_set_up_connection, command_timeout=300
        )
    except (*UNAVAILABLE, asyncpg.PostgresError) as error:
        raise DatabaseError(f"the database cannot be reached: {error}") from error
    try:
        try:
            async with pool.acquire() as connection:
                await apply_schema(connection)
        except UNAVAILABLE as error:
            raise DatabaseError(f"the database cannot be reached: {error}") from error
        yield pool
    finally:
        await pool.close()


async def apply_schema(connection: "Connection | PooledConnection") -> None:
    """Bring the schema up to date, once, however many processes start together."""
    if connection.get_server_version().major < 15:
        raise DatabaseError("PostgreSQL 15 or newer is needed")
    if await connection.fetchval("SHOW fsync") != "on":
        # An acknowledged position must survive a power cut.
        raise DatabaseError("the server runs with fsync = off; turn it on")
    for left in reversed(range(_SCHEMA_ATTEMPTS)):
        try:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _SCHEMA_LOCK)
                await connection.execute("SET LOCAL client_min_messages = warning")
                await connection.execute(schema())
                await ensure_partitions_ahead(connection)
        except asyncpg.DeadlockDetectedError:
            if not left:
                raise
        else:
            return


@asynccontextmanager
async def once(pool: Pool) -> AsyncGenerator[PooledConnection]:
    """A connection that holds the schema lock: what is done inside, one process does at a time."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _SCHEMA_LOCK)
        yield connection


async def ensure_partitions_ahead(connection: "Connection | PooledConnection | Pool") -> int:
    """Make the partitions for this week and the ones ahead; returns how many were new."""
    now = datetime.now(UTC)
    made = await connection.fetchval(
        "SELECT ensure_position_partitions($1, $2)", now, now + PARTITIONS_AHEAD
    )
    return int(made)


async def _set_up_connection(connection: "Connection | PooledConnection") -> None:
    def encode(value: Any) -> bytes:
        # Bytes are JSON text already.
        return b"\x01" + (value if isinstance(value, bytes) else orjson.dumps(value))

    def decode(data: bytes) -> Any:
        return orjson.loads(data[1:])

    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=encode, decoder=decode, format="binary"
    )
