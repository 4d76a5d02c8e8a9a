"""What every HTTP listener shares: room for connections, how long they may wait, and quiet logs."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog
from aiohttp import http_exceptions, web
from aiohttp.typedefs import Handler

from ingest.gate.mishaps import Mishaps
from ingest.listeners.connections import Room, TurnedAway, backlog
from ingest.listeners.sockets import Listening, listening_socket
from ingest.settings import IngestSettings
from ingest.watch.metrics import Metrics
from ingest.watch.outage import QUIET_S

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: A connection on which nothing is asked for this long is closed.
IDLE_S = 75.0

#: How long open requests may take to end when the server stops.
SHUTDOWN_S = 10.0


class HttpRoom(Room):
    """Connections of one HTTP listener: makes aiohttp's protocols, and watches which of them wait.

    A connection waits from its beginning until its first request is read, headers and body, and
    again between two requests.
    """

    def __init__(self, spoken: str, most: int, metrics: Metrics, settings: IngestSettings) -> None:
        super().__init__(spoken, most, metrics)
        self.head_wait_max_s = settings.head_wait_max_s
        # Who reads a body gives up a slow one with an answer, before this.
        self._body_wait_max_s = settings.head_wait_max_s + 2 * settings.body_wait_max_s
        self._server: web.Server | None = None

    @property
    def behind(self) -> int:
        """Connections that aiohttp has."""
        return 0 if self._server is None else len(self._server.connections)

    def handler(self) -> asyncio.BaseProtocol:
        """A protocol of aiohttp, for a connection that has been admitted."""
        assert self._server is not None
        made = self._server()
        self.waits(made, self.head_wait_max_s)
        return made

    def admitted(self) -> asyncio.BaseProtocol:
        """A protocol of aiohttp for a new connection, if there is room."""
        return self.handler() if self.admits() else TurnedAway()

    @asynccontextmanager
    async def serving(self, app: web.Application, mishaps: Mishaps) -> AsyncGenerator[None]:
        """Have an application answer; on leaving, open requests are answered first."""

        sending: set[asyncio.BaseProtocol] = set()

        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            here = request.protocol
            if request.content.is_eof():
                self.is_busy(here)
            else:  # until then it is one of those that make room for others
                self.waits(here, self._body_wait_max_s)
                sending.add(here)
                request.content.on_eof(lambda: self.is_busy(here) if here in sending else None)
            try:
                return await handler(request)
            finally:
                sending.discard(here)
                self.waits(here, IDLE_S)

        app.middlewares.insert(0, watch)
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=_ContentFree(self._spoken, self._metrics, mishaps),
            keepalive_timeout=IDLE_S,
            shutdown_timeout=SHUTDOWN_S,
        )
        await runner.setup()
        self._server = runner.server
        sweeping = asyncio.create_task(self.run())
        try:
            yield
        finally:
            sweeping.cancel()
            await runner.cleanup()

    @asynccontextmanager
    async def listening(self, settings: IngestSettings, port: int) -> AsyncGenerator[Listening]:
        """Listen on a port, 0 for a free one.

        Raises:
            OSError: the port cannot be listened on.
        """
        self.open_now = lambda: self.behind
        server = await asyncio.get_running_loop().create_server(
            self.admitted,
            sock=listening_socket(settings, port),
            backlog=backlog(),
        )
        try:
            yield Listening.of(server)
        finally:
            server.close()


#: What aiohttp raises for requests that are not HTTP, and for bodies that do not unpack: once more
#: when it reads the rest of one that is answered already.
_OF_THE_SENDER = (http_exceptions.HttpProcessingError, web.RequestPayloadError)


class _ContentFree(logging.Logger):
    """aiohttp's log of one listener: errors are counted, and said without what a sender sent.

    What aiohttp says of a request that it cannot read holds the request, with key and position.
    """

    def __init__(self, spoken: str, metrics: Metrics, mishaps: Mishaps) -> None:
        super().__init__(f"flaade.{spoken}")
        self._spoken = spoken
        self._metrics = metrics
        self._mishaps = mishaps
        self._loop = asyncio.get_running_loop()
        self._malformed = 0
        self._said_s = float("-inf")

    def handle(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, _OF_THE_SENDER):
            self._mishaps.note(self._spoken, error)
            return
        self._metrics.rejected.labels(self._spoken, "malformed").inc()
        self._malformed += 1
        # A line for each would be a stranger's way to fill the disk.
        if self._loop.time() - self._said_s >= QUIET_S:
            self._said_s = self._loop.time()
            LOG.warning("malformed requests", listener=self._spoken, so_far=self._malformed)
