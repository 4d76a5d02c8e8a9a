"""The types by which a room declares its background jobs; `api` has the queue that runs them."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from db.connect import Pool
from db.statements import statements

SQL = statements("job")


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """Work that a worker does periodically; one worker at a time does it.

    `cron` says when: minute, hour, day, month, weekday, and seconds if there is a sixth field.
    """

    name: str
    cron: str
    work: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """Work that a worker does when a process queues it, with arguments.

    Of the jobs with the same `lock` one runs at a time.
    """

    name: str
    work: Callable[..., Awaitable[None]]
    lock: str | None = None


@asynccontextmanager
async def one_at_a_time(pool: Pool) -> AsyncGenerator[None]:
    """Look after the jobs of dead workers; another process that wants to waits meanwhile."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["one_at_a_time"])
        yield
