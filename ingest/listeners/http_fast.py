"""Answers usual HTTP requests fast: one position or a batch of them, complete in one read.

aiohttp spends as much time on a request as all other work on a position takes. A request as
trackers and gateways usually send it is therefore read and answered here. A connection with any
other request on it (another path, a body in pieces, an unknown key) is handed over to aiohttp as it
came, and stays there.
"""

import asyncio
import re
import ssl
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from functools import lru_cache
from typing import NamedTuple, cast

from db.connect import TRY_LATER_ERRORS
from ingest.gate.receipt import Overloaded, Receipt, overloaded_by
from ingest.listeners.connection import Connection, finish_open
from ingest.listeners.connection_limit import RefusedConnection, backlog
from ingest.listeners.http_bodies import PendingBodies
from ingest.listeners.http_connections import IDLE_S, HttpConnections
from ingest.listeners.listener_context import ListenerContext
from ingest.listeners.problem import PROBLEM_TYPE, problem_json
from ingest.listeners.sockets import ListeningPort, listening_socket
from ingest.listeners.tls import HANDSHAKE_S
from ingest.protocols import positions
from ingest.protocols.json_pieces import PIECE_BYTES
from ingest.protocols.message import Message
from ingest.protocols.protocol_names import POSITIONS
from ingest.protocols.unreadable import Unreadable
from ingest.settings import IngestSettings
from register.keys import key_sha256

#: Seconds after which a sender that gets 503 is asked to send again.
RETRY_AFTER_S = 5


class BodyReader(NamedTuple):
    """How bodies of one content type are read: small ones in one step, others piece by piece."""

    at_once: Callable[[bytes], Message]
    in_pieces: Callable[[bytes], Iterator[Message]]


#: Readers of positions by content type.
POSITIONS_READERS: dict[str, BodyReader] = {
    "application/json": BodyReader(positions.decode, positions.read),
    "application/x-ndjson": BodyReader(positions.decode_lines, positions.read_lines),
}

_JSON = "application/json; charset=utf-8"
_REQUEST = b"POST /v1/positions HTTP/1.1"
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([!-~](?:[ \t!-~]*[!-~])?)[ \t]*")
_HEAD_MAX_BYTES = 4_096
#: Headers without which a request is handed over; none of them may be there twice.
_WANTED = (b"host", b"content-type", b"content-length", b"authorization")
#: Headers with which a request is handed over: they change the body or the answer, or only browsers
#: send them.
_TELLING = frozenset(
    {
        *(b"transfer-encoding", b"content-encoding", b"expect", b"upgrade", b"te", b"trailer"),
        *(b"origin", b"sec-fetch-site", b"cookie"),
    }
)


class FastRequestHead(NamedTuple):
    """The head of a usual request; `length` is the body's, in bytes."""

    key_sha256: bytes
    length: int
    reader: BodyReader


@lru_cache(maxsize=4_096)  # a sender's heads are the same but for a few lengths
def read_fast_head(head: bytes) -> FastRequestHead | None:
    """Read the head of a request (without the empty line); None when aiohttp is to read it."""
    request, *lines = head.split(b"\r\n")
    if request != _REQUEST or len(head) > _HEAD_MAX_BYTES:
        return None
    found: dict[bytes, bytes] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            return None
        name, value = header[1].lower(), header[2]
        if name in _TELLING or (name in found and name in _WANTED):
            return None
        if name == b"connection" and value.lower() != b"keep-alive":
            return None
        found[name] = value
    if not all(name in found for name in _WANTED):
        return None
    scheme, _, key = found[b"authorization"].decode().partition(" ")
    kind = found[b"content-type"].decode().partition(";")[0].strip().lower()
    length = found[b"content-length"]
    if scheme.lower() != "bearer" or kind not in POSITIONS_READERS or not length.isdigit():
        return None
    return FastRequestHead(key_sha256(key.strip()), int(length), POSITIONS_READERS[kind])


@asynccontextmanager
async def listen_fast(
    connections: HttpConnections,
    context: ListenerContext,
    bodies: PendingBodies,
    settings: IngestSettings,
    port: int,
    tls: ssl.SSLContext | None = None,
) -> AsyncGenerator[ListeningPort]:
    """Listen on the port of aiohttp, and answer usual requests before it sees them. On leaving,
    answer the requests that were read, and close.

    Raises:
        OSError: the port cannot be listened on.
    """
    open_connections: set[Connection] = set()
    connections.open_now = lambda: len(open_connections) + connections.behind
    server = await asyncio.get_running_loop().create_server(
        lambda: (
            _FastConnection(connections, context, bodies, open_connections)
            if connections.admits()
            else RefusedConnection()
        ),
        sock=listening_socket(settings, port),
        backlog=backlog(),
        ssl=tls,
        ssl_handshake_timeout=None if tls is None else HANDSHAKE_S,
    )
    try:
        yield ListeningPort.of(server)
    finally:
        server.close()
        await finish_open(open_connections)


class _FastConnection(Connection):
    """One sender's connection, until it is handed over to aiohttp."""

    def __init__(
        self,
        connections: HttpConnections,
        context: ListenerContext,
        bodies: PendingBodies,
        open_connections: set[Connection],
    ) -> None:
        super().__init__(open_connections, IDLE_S)
        self._connections = connections
        self._intake = context.intake
        self._known = context.known
        self._contained = context.unexpected.contained(POSITIONS)
        self._bodies = bodies

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connections.mark_idle(self, self._connections.head_wait_max_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.mark_busy(self)
        super().connection_lost(exc)

    def take(self, data: bytes) -> Coroutine[None, None, None] | None:
        self._connections.mark_busy(self)
        text, _, body = data.partition(b"\r\n\r\n")
        head = read_fast_head(text) if text.startswith(_REQUEST) else None
        if head is None or len(body) != head.length or len(body) > self._bodies.each_max_bytes:
            self._hand_over(data)
            return None
        return self._answer(head, body, data)

    async def _answer(self, head: FastRequestHead, body: bytes, data: bytes) -> None:
        answered = False
        try:
            answer = await self._stored(head, body)
            if answer is not None and not self._transport.is_closing():
                self._transport.write(answer)
            answered = True
        finally:
            self.answered()
            if not answered:
                self._transport.close()
        if answer is None:
            self._hand_over(data)
        else:
            self._connections.mark_idle(self, IDLE_S)
            self.read_on()

    async def _stored(self, head: FastRequestHead, body: bytes) -> bytes | None:
        """The answer after the commit; None for a request that aiohttp is to answer."""
        try:
            sender = await self._known.sender(head.key_sha256)
            if sender is None:
                return None
            self._bodies.hold(body)
            try:
                if head.length <= PIECE_BYTES:
                    with self._contained:
                        message = head.reader.at_once(body)
                    receipt = await self._intake.take(message, sender, POSITIONS)
                else:
                    pieces = head.reader.in_pieces(body)
                    messages = await self._intake.read(pieces, POSITIONS)
                    receipt = await self._intake.take_all(messages, sender, POSITIONS)
            finally:
                self._bodies.answered(body)
        except Unreadable:
            return None
        except Overloaded as error:
            return _retry_later(str(error))
        except TRY_LATER_ERRORS as error:
            return _retry_later(str(overloaded_by(error)))
        return _response(b"200 OK", receipt_json(receipt))

    def _hand_over(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        self.leave()
        protocol = cast(asyncio.Protocol, self._connections.handler())
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        if self._held:
            self._transport.resume_reading()
        protocol.data_received(data + self._held)


def receipt_json(receipt: Receipt) -> bytes:
    """The answer to a sender: how many of its positions were stored, duplicate or quarantined."""
    return b'{"stored": %d, "duplicate": %d, "quarantined": %d}' % (
        *(receipt.stored, receipt.duplicate, receipt.quarantined),
    )


def _retry_later(reason: str) -> bytes:
    return _response(
        b"503 Service Unavailable\r\nRetry-After: %d" % RETRY_AFTER_S,
        problem_json(503, reason),
        PROBLEM_TYPE,
    )


def _response(status: bytes, body: bytes, content_type: str = _JSON) -> bytes:
    headers = _headers(int(time.time()), content_type)
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status, headers, len(body), body)


@lru_cache(maxsize=2)
def _headers(now_s: int, content_type: str) -> bytes:
    date = formatdate(now_s, usegmt=True)
    return f"Content-Type: {content_type}\r\nDate: {date}\r\n".encode()
