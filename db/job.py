"""How a room declares its background jobs; `api` has the queue that runs them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """Work that a worker does again and again; one worker at a time does it.

    `cron` says when: minute, hour, day, month, weekday, and seconds if there is a sixth field.
    """

    name: str
    cron: str
    work: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """Work that is done when it is asked for, with arguments.

    Of all jobs with the same `lock` one runs at a time.
    """

    name: str
    work: Callable[..., Awaitable[None]]
    lock: str | None = None
