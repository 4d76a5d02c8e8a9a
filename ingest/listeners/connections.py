"""How many connections a listener may have open, and who makes room when there are too many.

Every connection takes a file of the process, of which there are only so many; pages, health, the
database and files must always find one. A listener that is full closes the connection that has
waited longest without a login or a request, and turns the new one away only when all of them are at
work. Who says nothing for too long is closed anyway.
"""

import asyncio
import resource
from collections.abc import Callable
from typing import Protocol

import structlog

from ingest.settings import IngestSettings
from ingest.watch.metrics import Metrics
from ingest.watch.outage import Outage

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: How often it is looked who has waited too long, in seconds.
SWEEP_S = 1.0

#: More open files than this are never needed.
_FILES_MAX = 1_000_000

#: Ports that connections come to, and how many may wait to be accepted at each. All of those are
#: accepted at once, before any that they push out is closed.
_PORTS = 4
_BACKLOG = 128
#: The same where open files are few.
_FEW_FILES = 4_096
_BACKLOG_FEW = 16


class Waiting(Protocol):
    """A connection that has nothing under way."""

    @property
    def transport(self) -> asyncio.Transport | None: ...

    def force_close(self) -> None: ...


class Room:
    """The connections of the listeners of one protocol; `open_now` counts them."""

    def __init__(
        self, spoken: str, most: int, metrics: Metrics, open_now: Callable[[], int] | None = None
    ) -> None:
        self.most = most
        self.open_now = open_now or (lambda: 0)
        self._spoken = spoken
        self._metrics = metrics
        self._full = Outage(f"room for more connections of {spoken}")
        self._loop = asyncio.get_running_loop()
        #: Until when each may wait, the one that waits longest first.
        self._waiting: dict[Waiting, float] = {}

    def admits(self) -> bool:
        """Whether one more may be open; counted and logged when one has to go for it."""
        if self.open_now() < self.most:
            self._full.worked(self._loop.time())
            return True
        self._full.failed(f"{self.most} are open", self._loop.time())
        self._metrics.rejected.labels(self._spoken, "too_many").inc()
        while self._waiting:
            longest = next(iter(self._waiting))
            del self._waiting[longest]
            if longest.transport is not None and not longest.transport.is_closing():
                longest.force_close()
                return True
        return False

    def waits(self, one: Waiting, wait_max_s: float) -> None:
        """It has nothing under way from now on, and may wait so long."""
        self._waiting.pop(one, None)
        self._waiting[one] = self._loop.time() + wait_max_s

    def is_busy(self, one: Waiting) -> None:
        """It has something under way, or is gone."""
        self._waiting.pop(one, None)

    async def run(self) -> None:
        """Close who waits too long, until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_S)
            now_s = self._loop.time()
            for one in [one for one, until in self._waiting.items() if until <= now_s]:
                del self._waiting[one]
                one.force_close()


class TurnedAway(asyncio.Protocol):
    """What a connection gets for which there is no room."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.abort()


def connections_max(settings: IngestSettings) -> int:
    """How many connections trackers and gateways may have open together, by the settings and by the
    limit of open files, which is raised as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = _FILES_MAX if hard == resource.RLIM_INFINITY else min(hard, _FILES_MAX)
    if soft != resource.RLIM_INFINITY and soft < highest:
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest, hard))
        soft = highest
    files = highest if soft == resource.RLIM_INFINITY else min(soft, _FILES_MAX)
    reserve = settings.files_reserve + _PORTS * (_BACKLOG_FEW if files < _FEW_FILES else _BACKLOG)
    left = max(files - min(reserve, files // 2), 4)
    most = min(left, settings.connections_max)
    LOG.info("connections", at_most=most, open_files=files)
    return most


def backlog() -> int:
    """How many connections may wait to be accepted at one port."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _BACKLOG_FEW if 0 <= files < _FEW_FILES else _BACKLOG
