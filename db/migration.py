"""Migrates the schema of a database. The number of a schema is that of the last migration that the
database got.

A change of a table locks it, and every later session waits. So a command or a start asks for the
number first, and takes no lock when it is the one of this version. Only `flaade migrate` and the
first start of a version bring a database forward; they give way after a few seconds when another
session holds what they need, and try again. There is no way back: a database of a later version is
refused.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache

import asyncpg
import structlog

from db.errors import DatabaseError
from db.partitions import ensure_partitions_ahead
from db.pool import Connection, PooledConnection
from db.statements import DB_DIR, schema_text, statements

SQL = statements("schema")
POSITION_SQL = statements("position")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: The advisory lock by which processes that start at the same time change the schema one by one.
SCHEMA_LOCK = 0x666C_6161_6465

#: How often a change is tried, and the pause in seconds between two tries. Other processes lock
#: tables in another order, so that a change may lose a deadlock.
ATTEMPTS = 20
PAUSE_S = 1.0

#: A change that waits for longer than this logs which sessions it waits for.
SAY_AFTER_S = 1.0

_GIVE_WAY = (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)


@dataclass(frozen=True, slots=True)
class Migration:
    """A file of `migrations/`, which brings a schema from the number before to its `number`."""

    number: int
    name: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@cache
def migrations() -> tuple[Migration, ...]:
    """All migrations of this version, in their order.

    Raises:
        ValueError: the files are not numbered 1, 2, and so on.
    """
    files = sorted((DB_DIR / "migrations").glob("*.sql"))
    found = [
        Migration(int(number), name, file.read_text(encoding="utf-8"))
        for file in files
        for number, _, name in [file.stem.partition("_")]
    ]
    if [one.number for one in found] != [*range(1, len(found) + 1)]:
        raise ValueError(f"migrations are not numbered 1 to {len(found)}")
    return tuple(found)


async def ensure_schema(
    connection: Connection | PooledConnection,
    url: str,
    *,
    forward: bool,
    known: Sequence[Migration] | None = None,
) -> bool:
    """Bring the database to the schema of this version; returns whether that changed it.

    An empty database is always set up, one with an earlier schema is migrated only if `forward`.
    `known` are the migrations of this version (default: the files).

    Raises:
        DatabaseError: the schema is an earlier one and `forward` is not given; it is a later one,
            or none that this version can bring forward; or other sessions held what the change
            needs for too long.
    """
    steps = migrations() if known is None else known
    has = await _number(connection, steps)
    if has == len(steps):
        return False
    if has and not forward:
        raise DatabaseError(
            f"the database has schema {has} and this version needs {len(steps)}; bring it "
            "forward with `flaade migrate`"
        )
    while await _step_in_turn(connection, url, steps):
        pass
    return True


async def apply_migration(connection: Connection | PooledConnection, migration: Migration) -> None:
    """Apply one migration in a transaction of the caller's, and note that the database has it."""
    await connection.execute(SQL["hide_notices"])
    await connection.execute(migration.text)
    await connection.execute(
        SQL["add_migration"], migration.number, migration.name, migration.digest
    )


async def _number(connection: Connection | PooledConnection, steps: Sequence[Migration]) -> int:
    """The number of the database's schema; 0 of an empty one.

    Raises:
        DatabaseError: it is none of `steps`.
    """
    found = await connection.fetchrow(SQL["schema_state"])
    assert found is not None
    if not found["is_numbered"]:
        if found["is_set_up"]:
            raise DatabaseError(
                "the database has a schema from before schemas were numbered, which no migration "
                "leads on from; set up an empty one"
            )
        return 0
    last = await connection.fetchrow(SQL["last_migration"])
    if last is None:
        raise DatabaseError("the database's table schema_migration is empty: restore a backup")
    number: int = last["number"]
    if number > len(steps):
        raise DatabaseError(
            f"the database has schema {number} of a later version, and this one knows no "
            f"more than {len(steps)}; start the later version"
        )
    if last["digest"] != steps[number - 1].digest:
        raise DatabaseError(
            f"the database got another migration {number} ({last['name']}) than this "
            "version has; start the version that it got it from"
        )
    return number


async def _set_up(connection: Connection | PooledConnection, steps: Sequence[Migration]) -> None:
    """Make the whole schema in an empty database, and note that it has all of `steps`."""
    # The queue of jobs takes half a second to load, and only the first start needs it.
    from procrastinate.schema import SchemaManager

    await connection.execute(SQL["hide_notices"])
    await connection.execute(schema_text())
    await connection.execute(SchemaManager.get_schema())
    await connection.execute(POSITION_SQL["compress_old_positions"])
    await ensure_partitions_ahead(connection)
    for step in steps:
        await connection.execute(SQL["add_migration"], step.number, step.name, step.digest)


async def _step_in_turn(
    connection: Connection | PooledConnection, url: str, steps: Sequence[Migration]
) -> bool:
    """Set the database up, or bring it forward by one migration, in a transaction of its own.

    Other processes may do so at the same time. Returns whether there was something to do.
    """
    for left in reversed(range(ATTEMPTS)):
        try:
            async with connection.transaction(), _telling(connection.get_server_pid(), url):
                await connection.execute(SQL["wait_briefly"])
                await connection.execute(SQL["hold_schema"], SCHEMA_LOCK)
                has = await _number(connection, steps)
                if has == len(steps):  # another process was faster
                    return False
                if has:
                    await apply_migration(connection, steps[has])
                else:
                    await _set_up(connection, steps)
                return True
        except asyncpg.InsufficientPrivilegeError as error:
            raise DatabaseError(f"the schema was not changed: {error}") from error
        except _GIVE_WAY as error:
            if not left:
                raise DatabaseError(
                    "the schema was not changed, for others have had what that needs for too "
                    f"long: {error}; stop them, and try again"
                ) from error
            await asyncio.sleep(PAUSE_S)
    raise AssertionError("the last attempt raises")


@asynccontextmanager
async def _telling(pid: int, url: str) -> AsyncGenerator[None]:
    """Log the sessions that the session `pid` waits for, as long as it waits."""

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
            await telling  # without a connection nothing is logged
