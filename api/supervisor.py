"""Keeps the parts of a server running: a part that fails is noted, and starts again after a pause.

The process never ends because a part failed. The log tells the kind of a failure and its place in
the code, but not the message of the error, which may hold a position or a key.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from fleet.error_place import kind_of, log_values_of

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Seconds between two checks of whether a listener still listens.
LOOK_EVERY_S = 1.0

#: Seconds after which a part that was told to end, and did not, is told again; jobs have 5 s to
#: end.
CANCEL_AGAIN_S = 10.0

#: The kind of failure of a part that ended although it was not told to.
ENDED = "ended"


class PartName(StrEnum):
    """The parts that a server may have beside the ports of trackers, which name themselves. The
    settings decide which of them it has."""

    DATABASE = "database"
    WRITER = "writer"
    TRANSFER = "drain"
    NOTES = "notes"
    HTTP = "http"
    OSMAND = "osmand"
    TLS = "tls"
    HTTPS = "https"
    MQTT = "mqtt"
    JOBS = "jobs"
    FIGURES = "figures"
    TRIPS = "trips"


RunPart = Callable[[], Coroutine[Any, Any, None]]

#: Opens a listener, which listens while the context is open; yields a function that tells whether
#: it still does.
OpenListener = Callable[[], AbstractAsyncContextManager[Callable[[], bool]]]


class NotListeningError(RuntimeError):
    """The socket of a listener was closed, and not by us."""


@dataclass
class PartState:
    """The state of a part: `kind` and `failed_at` are of its last failure."""

    name: str
    #: Without it no telemetry is taken, so that a load balancer should go elsewhere.
    needed: bool
    up: bool = True
    failures: int = 0
    kind: str | None = None
    failed_at: datetime | None = None
    #: The name of the part for people, where `name` is none of `PartName`.
    title: str | None = None


class Supervisor:
    """Starts parts, and starts a part that failed again.

    The pause after a failure is `pause_s` and doubles with each further one up to `pause_max_s`; a
    part that ran for longer than that begins with the first pause again.
    """

    def __init__(self, registry: CollectorRegistry, *, pause_s: float, pause_max_s: float) -> None:
        self.pause_s = pause_s
        self.pause_max_s = pause_max_s
        self.failures = Counter(
            "flaade_part_failures",
            "times that a part of the server failed and was started again",
            ["part", "kind"],
            registry=registry,
        )
        self.up = Gauge(
            "flaade_part_up", "whether a part of the server runs", ["part"], registry=registry
        )
        self._parts: list[SupervisedPart] = []

    @property
    def states(self) -> Sequence[PartState]:
        """The states of all parts, in the order of their start."""
        return [part.state for part in self._parts]

    def keep(self, name: PartName, run: RunPart, *, needed: bool = False) -> "SupervisedPart":
        """Run a part, which ends when it is told to and by nothing else."""
        part = SupervisedPart(self, PartState(name, needed), run)
        self._parts.append(part)
        return part

    async def keep_open(
        self, name: str, opened: OpenListener, *, needed: bool = False, title: str | None = None
    ) -> "SupervisedPart":
        """Open a listener, and return when it listens. Open it again when the socket is lost.
        `title` is the name for people where `name` is none of `PartName`.

        Raises:
            whatever `opened` raises the first time: then there is no such part.
        """
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def listen() -> None:
            async with opened() as listens:
                if not started.done():
                    started.set_result(None)
                while listens():  # noqa: ASYNC110 - nobody tells us when a socket is lost
                    await asyncio.sleep(LOOK_EVERY_S)
            raise NotListeningError(name)

        part = SupervisedPart(self, PartState(name, needed, title=title), listen, started)
        try:
            await started
        except asyncio.CancelledError:
            await part.cancel()
            raise
        self._parts.append(part)
        return part


class SupervisedPart:
    """A part that is kept running."""

    def __init__(
        self,
        supervisor: Supervisor,
        state: PartState,
        run: RunPart,
        started: asyncio.Future[None] | None = None,
    ) -> None:
        self.state = state
        self._supervisor = supervisor
        self._run = run
        #: The result of the first start, which a caller awaits, for a part whose first start must
        #: succeed.
        self._started = started
        self._closing = asyncio.Event()
        self._keeping = asyncio.create_task(self._keep(), name=f"keep {state.name}")

    async def cancel(self) -> None:
        """End the part at once, and wait until it has ended."""
        self._closing.set()
        self._keeping.cancel()
        await asyncio.wait({self._keeping})

    async def finish(self, close: Callable[[], None]) -> None:
        """Tell the part by `close` to finish the work that it has, and wait until it has ended. A
        part that pauses after a failure gets the chance to finish, too."""
        self._closing.set()
        close()
        await asyncio.wait({self._keeping})

    async def _keep(self) -> None:
        pause_s = self._supervisor.pause_s
        while True:
            began_s = time.monotonic()
            self._up(True)
            finishing = self._closing.is_set()
            running = asyncio.create_task(self._run(), name=self.state.name)
            try:
                await asyncio.wait({running})
            except asyncio.CancelledError:
                while not running.done():  # the code in it may swallow a cancellation
                    running.cancel()
                    await asyncio.wait({running}, timeout=CANCEL_AGAIN_S)
                if not running.cancelled() and running.exception() is not None:
                    self._note(running, 0.0)
                raise
            error = None if running.cancelled() else running.exception()
            if self._started is not None and not self._started.done() and error is not None:
                self._started.set_exception(error)
                return
            failed = running.cancelled() or error is not None
            if self._closing.is_set() and not failed:
                return
            if time.monotonic() - began_s > self._supervisor.pause_max_s:
                pause_s = self._supervisor.pause_s
            self._note(running, pause_s)
            if finishing:
                return
            await _set_within(self._closing, pause_s)
            pause_s = min(2 * pause_s, self._supervisor.pause_max_s)

    def _note(self, ended: asyncio.Task[None], pause_s: float) -> None:
        error = None if ended.cancelled() else ended.exception()
        if ended.cancelled():
            kind = asyncio.CancelledError.__name__
        else:
            kind = ENDED if error is None else kind_of(error)
        told = {} if error is None else log_values_of(error)
        self._up(False)
        self.state.failures += 1
        self.state.kind = kind
        self.state.failed_at = datetime.now(UTC)
        self._supervisor.failures.labels(self.state.name, kind).inc()
        LOG.error(
            "a part failed",
            part=self.state.name,
            failures=self.state.failures,
            pause_s=pause_s,
            **{"kind": kind, **told},
        )

    def _up(self, up: bool) -> None:
        self.state.up = up
        self._supervisor.up.labels(self.state.name).set(up)


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
