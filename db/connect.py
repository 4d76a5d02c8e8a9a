"""Connects to the database: by the URL in the settings, or to the embedded server without one."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import asyncpg
import orjson
import structlog

from db import embedded
from db.embedded import EmbeddedServer
from db.errors import DatabaseError
from db.migration import ensure_schema
from db.pool import Connection, Pool, PooledConnection
from db.scope.seen import narrow, widen
from db.settings import DatabaseSettings

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

Result = TypeVar("Result")

#: Seconds before a database that is away is tried again.
_RETRY_S = 0.5

#: Errors that mean "the database is away", not "the statement is wrong".
UNAVAILABLE_ERRORS = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # raised for a connection that broke during COPY
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)

#: Errors of a server that answers but can store nothing: its disk or memory is full, or it is a
#: standby that only reads.
CANNOT_STORE_ERRORS = (
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.PostgresSystemError,
)

#: The errors of a server that can store nothing, and errors that end a statement through no fault
#: of its own: a lock, or an administrator.
PASSING_ERRORS = (
    *CANNOT_STORE_ERRORS,
    asyncpg.OperatorInterventionError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidTransactionStateError,
)

#: Errors of a transaction whose rows another one had locked; it succeeds when that one has ended.
CONTENTION_ERRORS = (
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.SerializationError,
)

#: All errors after which the same statement is to be tried again later.
TRY_LATER_ERRORS = (*UNAVAILABLE_ERRORS, *PASSING_ERRORS)

#: Seconds that a new connection may take.
_CONNECT_S = 10.0

#: The name by which the server lists our sessions.
APPLICATION_NAME = "flaade"


@dataclass(frozen=True)
class Database:
    """A database: its URL, and the embedded server when that holds it."""

    url: str
    embedded: EmbeddedServer | None = None


@asynccontextmanager
async def database_of(settings: DatabaseSettings) -> AsyncGenerator[Database]:
    """The database that the settings name; an embedded server runs for as long as the context is
    open.

    Raises:
        EmbeddedServerError: it cannot be started.
    """
    if settings.database_url is not None:
        yield Database(settings.database_url)
        return
    server = embedded.start(settings.data_dir)
    try:
        yield Database(server.url, server)
    finally:
        server.stop()


async def await_database(url: str, wait_max_s: float, stop: asyncio.Event) -> None:
    """Wait until the server accepts a connection: it may be starting at the same time as we are, or
    recovering.

    The wait ends after `wait_max_s`, and when `stop` is set. `open_pool` then raises what is wrong
    with the server.
    """
    ends = time.monotonic() + wait_max_s
    said = False
    while not stop.is_set():
        try:
            connection = await asyncpg.connect(url)
        except UNAVAILABLE_ERRORS as error:
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
            async with asyncio.timeout(_RETRY_S):
                await stop.wait()


class DatabaseCondition(StrEnum):
    """The condition that a database is in."""

    WELL = "the database answers"
    READS_ONLY = "the database only reads"
    AWAY = "the database is away"


async def database_condition(url: str, within_s: float) -> DatabaseCondition:
    """Ask the server, within `within_s`, whether it answers and whether it may write.

    A standby only reads after a fail-over, and so does a server that an administrator has set to
    read only.
    """
    try:
        async with asyncio.timeout(within_s):
            connection = await asyncpg.connect(url)
            try:
                reads_only = await connection.fetchval("SHOW transaction_read_only") == "on"
            finally:
                connection.terminate()
    except (*UNAVAILABLE_ERRORS, asyncpg.PostgresError):
        return DatabaseCondition.AWAY
    return DatabaseCondition.READS_ONLY if reads_only else DatabaseCondition.WELL


@asynccontextmanager
async def open_pool(
    url: str, *, connections_max: int = 10, forward: bool = False
) -> AsyncGenerator[Pool]:
    """Open a pool of connections to a database with the schema of this version.

    A database with an earlier schema is migrated if `forward`, and refused otherwise.

    Raises:
        DatabaseError: the server cannot be reached, is too old, does not keep what it commits, or
            has the schema of another version.
    """
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=connections_max,
            init=_set_up_connection,
            setup=narrow,
            reset=widen,
            command_timeout=300,
            # A connection keeps the plans of every statement of `db/queries/`, as long as it lives.
            statement_cache_size=1_000,
            max_cached_statement_lifetime=0,
            timeout=_CONNECT_S,
            server_settings={"application_name": APPLICATION_NAME},
        )
    except (*UNAVAILABLE_ERRORS, asyncpg.PostgresError) as error:
        raise DatabaseError(f"the database cannot be reached: {error}") from error
    try:
        try:
            async with pool.acquire() as connection:
                await _refuse_unfit(connection)
                await ensure_schema(connection, url, forward=forward)
        except UNAVAILABLE_ERRORS as error:
            raise DatabaseError(f"the database cannot be reached: {error}") from error
        yield pool
    finally:
        await pool.close()


async def _refuse_unfit(connection: PooledConnection) -> None:
    if connection.get_server_version().major < 15:
        raise DatabaseError("PostgreSQL 15 or newer is needed")
    if await connection.fetchval("SHOW fsync") != "on":
        # An acknowledged position must survive a power cut.
        raise DatabaseError("the server runs with fsync = off; turn it on")


async def _set_up_connection(connection: Connection | PooledConnection) -> None:
    def encode(value: Any) -> bytes:
        # Bytes are JSON text already.
        return b"\x01" + (value if isinstance(value, bytes) else orjson.dumps(value))

    def decode(data: bytes) -> Any:
        return orjson.loads(data[1:])

    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=encode, decoder=decode, format="binary"
    )


async def retry_when_contended(
    work: Callable[[], Awaitable[Result]], *, tries: int, pause_s: float
) -> Result:
    """Do `work`, which has a transaction of its own, again whenever another transaction had locked
    its rows.

    The n-th pause before a further try lasts n times `pause_s`.

    Raises:
        CONTENTION_ERRORS: other transactions had locked the rows at each of the `tries`.
    """
    for attempt in range(1, tries):
        try:
            return await work()
        except CONTENTION_ERRORS:
            await asyncio.sleep(attempt * pause_s)
    return await work()
