"""Background jobs as the room that owns them declares them; the queue that runs them is `api`'s."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """Work that is done again and again, by one worker at a time.

    `cron` says when: minute, hour, day, month, weekday, and seconds if there is a sixth field.
    """

    name: str
    cron: str
    work: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """Work that is asked for, by its arguments. With a `lock`, one of all that have it is done at
    a time."""

    name: str
    work: Callable[..., Awaitable[None]]
    lock: str | None = None
