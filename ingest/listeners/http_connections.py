"""The connections of an HTTP listener: bounds their number and their idle time, and keeps their log
quiet."""

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog
from aiohttp import http_exceptions, web
from aiohttp.typedefs import Handler

from fleet.outage import QUIET_S
from ingest.gate.unexpected import UnexpectedErrors
from ingest.listeners.connection_limit import ConnectionLimit, RefusedConnection, backlog
from ingest.listeners.sockets import ListeningPort, listening_socket
from ingest.listeners.tls import HANDSHAKE_S
from ingest.settings import IngestSettings
from ingest.watch.metrics import Metrics

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Seconds without a request after which a connection is closed.
IDLE_S = 75.0

#: Seconds that open requests may take to end when the server stops.
SHUTDOWN_S = 10.0


class HttpConnections(ConnectionLimit):
    """The connections of one HTTP listener: makes aiohttp's protocols, and notes which are idle.

    A connection is idle from its beginning until its first request is read, headers and body, and
    again between two requests.
    """

    def __init__(
        self, protocol_name: str, most: int, metrics: Metrics, settings: IngestSettings
    ) -> None:
        super().__init__(protocol_name, most, metrics)
        self.head_wait_max_s = settings.head_wait_max_s
        # The handler refuses a slow body with an answer, before this time is over.
        self._body_wait_max_s = settings.head_wait_max_s + 2 * settings.body_wait_max_s
        self._server: web.Server | None = None

    @property
    def behind(self) -> int:
        """The number of connections that aiohttp serves."""
        return 0 if self._server is None else len(self._server.connections)

    def handler(self) -> asyncio.BaseProtocol:
        """A protocol of aiohttp, for a connection that has been admitted."""
        assert self._server is not None
        made = self._server()
        self.mark_idle(made, self.head_wait_max_s)
        return made

    def admitted(self) -> asyncio.BaseProtocol:
        """A protocol of aiohttp for a new connection, if there is room."""
        return self.handler() if self.admits() else RefusedConnection()

    @asynccontextmanager
    async def serving(
        self, app: web.Application, unexpected: UnexpectedErrors
    ) -> AsyncGenerator[None]:
        """Serve an application; on leaving, open requests are answered first."""

        sending: set[asyncio.BaseProtocol] = set()

        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            here = request.protocol
            if request.content.is_eof():
                self.mark_busy(here)
            else:  # until the body is there, the connection may be closed for another
                self.mark_idle(here, self._body_wait_max_s)
                sending.add(here)
                request.content.on_eof(lambda: self.mark_busy(here) if here in sending else None)
            try:
                return await handler(request)
            finally:
                sending.discard(here)
                self.mark_idle(here, IDLE_S)

        app.middlewares.insert(0, watch)
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=_ContentFree(self._protocol_name, self._metrics, unexpected),
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
    async def listening(
        self, settings: IngestSettings, port: int, tls: ssl.SSLContext | None = None
    ) -> AsyncGenerator[ListeningPort]:
        """Listen on a port, 0 for a free one, over TLS where there is a certificate.

        Raises:
            OSError: the port cannot be listened on.
        """
        self.open_now = lambda: self.behind
        server = await asyncio.get_running_loop().create_server(
            self.admitted,
            sock=listening_socket(settings, port),
            backlog=backlog(),
            ssl=tls,
            ssl_handshake_timeout=None if tls is None else HANDSHAKE_S,
        )
        try:
            yield ListeningPort.of(server)
        finally:
            server.close()


#: The errors that aiohttp raises for requests that are not HTTP, and for bodies that do not unpack.
#: It raises them again when it reads the rest of a body that is answered already.
_OF_THE_SENDER = (http_exceptions.HttpProcessingError, web.RequestPayloadError)


class _ContentFree(logging.Logger):
    """aiohttp's log of one listener: counts errors, and logs them without what a sender sent.

    The text that aiohttp logs of a request that it cannot read holds the request, with key and
    position.
    """

    def __init__(self, protocol_name: str, metrics: Metrics, unexpected: UnexpectedErrors) -> None:
        super().__init__(f"flaade.{protocol_name}")
        self._protocol_name = protocol_name
        self._metrics = metrics
        self._unexpected = unexpected
        self._loop = asyncio.get_running_loop()
        self._malformed = 0
        self._said_s = float("-inf")

    def handle(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, _OF_THE_SENDER):
            self._unexpected.note(self._protocol_name, error)
            return
        self._metrics.rejected.labels(self._protocol_name, "malformed").inc()
        self._malformed += 1
        # By a line for each, a stranger could fill the disk.
        if self._loop.time() - self._said_s >= QUIET_S:
            self._said_s = self._loop.time()
            LOG.warning("malformed requests", listener=self._protocol_name, so_far=self._malformed)
