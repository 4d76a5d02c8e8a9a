"""The types by which a room declares its background jobs; `api` has the queue that runs them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


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
