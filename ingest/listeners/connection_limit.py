"""Bounds how many connections a listener may have open, and chooses the one that makes room.

Every connection takes a file descriptor of the process, of which there are only so many; pages,
health, the database and files must always find one. A full listener closes the connection that has
waited longest without a login or a request, and refuses the new one only when all of them are busy.
A connection that is idle for too long is closed anyway.
"""

import asyncio
import resource
from collections.abc import Callable
from typing import Protocol

import structlog

from fleet.outage import OutageLog
from ingest.settings import IngestSettings
from ingest.watch.metrics import Metrics

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Seconds between two looks for connections that have been idle for too long.
SWEEP_S = 1.0

#: The most open files that are asked for; more are never needed.
_FILES_MAX = 1_000_000

#: Ports that connections come to, and connections that may wait to be accepted at each. A port
#: accepts all of them at once, before the connections that they displace are closed.
_PORTS = 4
_BACKLOG = 128
#: Below this limit of open files, fewer connections may wait to be accepted at each port.
_FEW_FILES = 4_096
_BACKLOG_FEW = 16


class IdleConnection(Protocol):
    """A connection that waits for a login or a request."""

    @property
    def transport(self) -> asyncio.Transport | None: ...

    def force_close(self) -> None: ...


class ConnectionLimit:
    """Bounds the connections of the listeners of one protocol; `open_now` counts them."""

    def __init__(
        self,
        protocol_name: str,
        most: int,
        metrics: Metrics,
        open_now: Callable[[], int] | None = None,
    ) -> None:
        self.most = most
        self.open_now = open_now or (lambda: 0)
        self._protocol_name = protocol_name
        self._metrics = metrics
        self._full = OutageLog(f"room for more connections of {protocol_name}")
        self._loop = asyncio.get_running_loop()
        #: The moment until which each idle connection may wait; the one that has waited longest is
        #: first.
        self._waiting: dict[IdleConnection, float] = {}

    def admits(self) -> bool:
        """Whether one more connection may be open. Closes an idle one for it where that is needed,
        and counts and logs it."""
        if self.open_now() < self.most:
            self._full.worked(self._loop.time())
            return True
        self._full.failed(f"{self.most} are open", self._loop.time())
        self._metrics.rejected.labels(self._protocol_name, "too_many").inc()
        while self._waiting:
            longest = next(iter(self._waiting))
            del self._waiting[longest]
            if longest.transport is not None and not longest.transport.is_closing():
                longest.force_close()
                return True
        return False

    def mark_idle(self, one: IdleConnection, wait_max_s: float) -> None:
        """Note that a connection is idle from now on, and may stay idle for `wait_max_s`."""
        self._waiting.pop(one, None)
        self._waiting[one] = self._loop.time() + wait_max_s

    def mark_busy(self, one: IdleConnection) -> None:
        """Note that a connection is busy, or gone."""
        self._waiting.pop(one, None)

    async def run(self) -> None:
        """Close connections that are idle for too long, until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_S)
            now_s = self._loop.time()
            for one in [one for one, until in self._waiting.items() if until <= now_s]:
                del self._waiting[one]
                one.force_close()


class RefusedConnection(asyncio.Protocol):
    """The protocol of a connection for which there is no room: it is closed at once."""

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
