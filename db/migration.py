"""When the schema is applied: where its version differs from the database's, and never else.

Whoever changes a table locks it, and all who come after wait. So a command or a start asks for the
version first, with one SELECT. Only `flaade migrate` and the first start of a version change
anything; they give way after a few seconds when somebody else has what they need, and try again.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

import asyncpg
import structlog
from procrastinate.schema import SchemaManager

from db.errors import DatabaseError
from db.partitions import ensure_partitions_ahead
from db.statements import schema, statements

if TYPE_CHECKING:
    from db.connect import Connection, PooledConnection

SQL = statements("schema")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Serialises changes of the schema among processes that start at the same time.
SCHEMA_LOCK = 0x666C_6161_6465

#: How long telemetry may queue behind a lock that a change of the schema waits for.
LOCK_WAIT = "3s"
#: How often a change is tried, and the pause before it is tried again, in seconds: other processes
#: lock the tables in an order of their own, and who loses tries again.
ATTEMPTS = 20
PAUSE_S = 1.0

#: Who waits for longer than this says for whom.
SAY_AFTER_S = 1.0

_GIVE_WAY = (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)


class Update(Enum):
    """What a process may do to a schema of another version; an empty database anybody sets up."""

    NEVER = "never"
    #: Bring it to this version, unless a later one was there already.
    FORWARD = "forward"
    #: Bring it to this version, whatever it was.
    ANY = "any"


@cache
def version() -> str:
    """The version of the schema: a digest of its text."""
    return hashlib.sha256(schema().encode()).hexdigest()


async def ensure_schema(
    connection: "Connection | PooledConnection", url: str, update: Update
) -> bool:
    """Have the schema of this version in the database; returns whether that changed it.

    Raises:
        DatabaseError: the schema is of another version, which `update` leaves alone, or others had
            what the change needs for too long.
    """
    try:
        found = await connection.fetchval(SQL["digest"])
    except asyncpg.UndefinedTableError:
        if await connection.fetchval(SQL["is_set_up"]):
            found = None  # from before versions were noted
            later = False
        else:
            return await _apply_in_turn(connection, url)
    else:
        if found == version():
            return False
        later = await connection.fetchval(SQL["was_applied"], version())
    if update is Update.NEVER:
        raise DatabaseError(
            "the database has the schema of another version; bring it to this one with "
            "`flaade migrate`"
        )
    if later and update is Update.FORWARD:
        raise DatabaseError(
            "the database has the schema of a later version; start that one, or go back to this "
            "one with `flaade migrate`"
        )
    return await _apply_in_turn(connection, url)


async def apply_schema(connection: "Connection | PooledConnection") -> None:
    """Apply the schema in a transaction of the caller's, and note its version."""
    await connection.execute("SET LOCAL client_min_messages = warning")
    await connection.execute(schema())
    if not await connection.fetchval(SQL["has_jobs"]):
        await connection.execute(SchemaManager.get_schema())
    await ensure_partitions_ahead(connection)
    await connection.execute(SQL["note"], version())


async def _apply_in_turn(connection: "Connection | PooledConnection", url: str) -> bool:
    for left in reversed(range(ATTEMPTS)):
        try:
            async with connection.transaction(), _telling(connection.get_server_pid(), url):
                await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
                await connection.execute("SELECT pg_advisory_xact_lock($1)", SCHEMA_LOCK)
                if await _is_current(connection):  # another process was faster
                    return False
                await apply_schema(connection)
                return True
        except _GIVE_WAY as error:
            if not left:
                raise DatabaseError(
                    "the schema was not changed, for others have had what that needs for too "
                    f"long: {error}; stop them, and try again"
                ) from error
            await asyncio.sleep(PAUSE_S)
    raise AssertionError("the last attempt raises")


async def _is_current(connection: "Connection | PooledConnection") -> bool:
    try:
        async with connection.transaction():
            return bool(await connection.fetchval(SQL["digest"]) == version())
    except asyncpg.UndefinedTableError:
        return False


@asynccontextmanager
async def _telling(pid: int, url: str) -> AsyncGenerator[None]:
    """Say for whom the session `pid` waits, while it does."""

    async def tell() -> None:
        await asyncio.sleep(SAY_AFTER_S)
        connection = await asyncpg.connect(url)
        try:
            while True:
                for row in await connection.fetch(SQL["blockers"], pid):
                    LOG.warning("the schema is to change, and others have what it needs", **row)
                await asyncio.sleep(SAY_AFTER_S)
        finally:
            connection.terminate()

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError, OSError, asyncpg.PostgresError):
            await telling  # who cannot be asked is not told of
