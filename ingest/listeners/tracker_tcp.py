"""Trackers over TCP: every packet is answered after its commit, and no more is read meanwhile.

The trackers speak a `StreamProtocol`; the listener knows nothing else of their protocol.

All packets of one read are stored together. While they wait for their commit, bytes that come next
are held undecoded and the socket is not read any further, so a slow database slows the senders down
instead of filling memory. Where nothing can be stored, the connection is closed without an answer:
a tracker keeps its records and sends them again.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import cast

from prometheus_client import Counter

from fleet.outage import OutageLog
from fleet.saying import Saying
from fleet.settings import Network
from ingest.gate.detail import RefusalDetail
from ingest.gate.receipt import Overloaded
from ingest.gate.sender import Sender, plain_address
from ingest.gate.stranger_quota import StrangerQuotaExceeded, source_of
from ingest.gate.unexpected import UnexpectedError, digest_of
from ingest.listeners.connection import FINISH_S, Connection, finish_open
from ingest.listeners.connection_limit import ConnectionLimit, RefusedConnection, backlog
from ingest.listeners.listener_context import ListenerContext
from ingest.listeners.sockets import listening_socket
from ingest.listeners.tls import HANDSHAKE_S, certified_name
from ingest.protocols.message import Message, join_messages
from ingest.protocols.stream import (
    Login,
    LoginRejected,
    Packet,
    PacketRefused,
    PacketWithoutPositions,
    StreamEvent,
    StreamProtocol,
)
from ingest.settings import IngestSettings


@asynccontextmanager
async def tracker_tcp(
    protocol: StreamProtocol,
    networks: Sequence[Network],
    context: ListenerContext,
    settings: IngestSettings,
    limit: ConnectionLimit,
    port: int,
    tls: ssl.SSLContext | None = None,
) -> AsyncGenerator[Callable[[], bool]]:
    """Listen, with `tls` over TLS; on leaving, read no more, answer what was taken, and close.
    Yields a function that tells whether it still listens.

    `networks` are those that trackers may send from without a certificate. Plain and TLS
    connections of one protocol share the `limit`.

    Raises:
        OSError: the port cannot be listened on.
    """
    open_connections: set[Connection] = set()
    handshakes: set[_TlsHandshake] = set()
    storing = OutageLog(f"storing for {protocol.name}")
    protocol_name = protocol.name if tls is None else f"{protocol.name}_tls"
    context.metrics.connections.labels(protocol_name).set_function(lambda: len(open_connections))
    before = limit.open_now
    limit.open_now = lambda: before() + len(open_connections) + len(handshakes)

    def tracker() -> Connection:
        return _TrackerConnection(
            protocol, networks, context, settings, limit, open_connections, storing
        )

    def admitted() -> asyncio.BaseProtocol:
        if not limit.admits():
            return RefusedConnection()
        if tls is None:
            return tracker()
        failures = context.metrics.rejected.labels(protocol.name, "tls")
        return _TlsHandshake(tls, tracker, limit, handshakes, failures)

    server = await asyncio.get_running_loop().create_server(
        admitted,
        sock=listening_socket(settings, port),
        backlog=backlog(),
    )
    sweeping = asyncio.create_task(limit.run())
    try:
        yield server.is_serving
    finally:
        server.close()
        sweeping.cancel()
        for one in tuple(handshakes):
            one.force_close()
        await finish_open(open_connections)
        # A tracker that never reads its answers must not keep the server from stopping.
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_S):
                await server.wait_closed()


class _TlsHandshake(asyncio.Protocol):
    """A connection during the TLS handshake, counted like any other; then it is a tracker's."""

    def __init__(
        self,
        tls: ssl.SSLContext,
        tracker: Callable[[], Connection],
        limit: ConnectionLimit,
        handshakes: "set[_TlsHandshake]",
        failures: Counter,
    ) -> None:
        self._tls = tls
        self._tracker = tracker
        self._limit = limit
        self._handshakes = handshakes
        self._failures = failures
        self._early = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.pause_reading()  # the first bytes are for TLS
        self._handshakes.add(self)
        self._limit.mark_idle(self, HANDSHAKE_S)
        self._handshake = asyncio.get_running_loop().create_task(self._shake_hands(self.transport))

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()

    def data_received(self, data: bytes) -> None:
        self._early += data  # a few bytes may come together with the end of the handshake

    def force_close(self) -> None:
        """Close now, to make room for another connection."""
        if self.transport is not None:
            self.transport.abort()

    async def _shake_hands(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        try:
            secured = await loop.start_tls(
                transport, self, self._tls, server_side=True, ssl_handshake_timeout=HANDSHAKE_S
            )
        except OSError:
            self._failures.inc()
            transport.abort()
            return
        finally:
            self._leave()
        if secured is None or secured.is_closing():
            return
        tracker = self._tracker()
        secured.set_protocol(tracker)
        tracker.connection_made(secured)
        if self._early:
            tracker.data_received(self._early)

    def _leave(self) -> None:
        self._handshakes.discard(self)
        self._limit.mark_busy(self)


class _TrackerConnection(Connection):
    """One device's connection."""

    def __init__(
        self,
        protocol: StreamProtocol,
        networks: Sequence[Network],
        context: ListenerContext,
        settings: IngestSettings,
        limit: ConnectionLimit,
        open_connections: set[Connection],
        storing: OutageLog,
    ) -> None:
        super().__init__(open_connections, settings.tracker_idle_s)
        self._protocol = protocol
        self._protocol_name = protocol.name
        self._networks = networks
        self._intake = context.intake
        self._known = context.known
        self._metrics = context.metrics
        self._settings = settings
        self._limit = limit
        self._storing = storing
        self._contained = context.unexpected.contained(self._protocol_name)
        self._decoder = protocol.decoder(settings.tracker_packet_max_bytes, self._contained)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._address = plain_address(transport.get_extra_info("peername")[0])
        self._certified = certified_name(transport)
        super().connection_made(transport)
        self._limit.mark_idle(self, self._settings.tracker_login_wait_max_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._limit.mark_busy(self)
        super().connection_lost(exc)

    def take(self, data: bytes) -> Coroutine[None, None, None] | None:
        try:
            with self._contained:
                events = self._decoder.feed(data, datetime.now(UTC))
        except UnexpectedError as error:  # not in a packet, but in finding packets
            named = self._decoder.device is not None
            kept = digest_of(data)  # nobody can tell what the rest holds
            events = [
                PacketRefused(error.saying, kept, None) if named else LoginRejected(error.saying)
            ]
        if events:
            self._limit.mark_busy(self)  # it has said who it is
        return self._answer(events) if events else None

    async def _answer(self, events: Sequence[StreamEvent]) -> None:
        go_on = False
        try:
            with self._contained:
                go_on = await self._answer_all(events)
        except UnexpectedError:
            pass  # counted; the device sends it again
        except StrangerQuotaExceeded:
            pass  # counted; a line for each would be a stranger's way to fill the disk
        except Overloaded as error:
            self._storing.failed(str(error), self._loop.time())
        else:
            self._storing.worked(self._loop.time())
        finally:
            self.answered()
            if go_on:
                self.read_on()
            else:
                self._transport.close()

    async def _answer_all(self, events: Sequence[StreamEvent]) -> bool:
        """Store or quarantine the packets of one read, then answer all of them in their order.

        Returns:
            Whether the stream goes on.
        """
        messages = [event.message for event in events if isinstance(event, Packet)]
        if messages:
            await self._take(join_messages(messages))
        answers: list[bytes] = []
        for event in events:
            match event:
                case Packet(answer=answer) | Login(answer=answer):
                    answers.append(answer)
                case LoginRejected():
                    self._metrics.rejected.labels(self._protocol_name, "login").inc()
                    answers.append(self._protocol.rejection)
                case PacketRefused(detail=detail, payload=payload, answer=answer):
                    await self._intake.keep_unreadable(
                        *(self._protocol_name, self._device(), detail, payload),
                        await self._sender(),
                        source_of(self._address),
                    )
                    answers.append(answer or b"")
                case PacketWithoutPositions(kind=kind, answer=answer):
                    self._metrics.commands.labels(self._protocol_name, kind).inc()
                    answers.append(answer)
        if self._transport.is_closing():
            return False
        self._transport.write(b"".join(answers))
        match events[-1]:
            case LoginRejected() | PacketRefused(answer=None):
                return False
            case _:
                return True

    async def _take(self, message: Message) -> None:
        await self._intake.take(
            message,
            await self._sender(),
            self._protocol_name,
            stranger=self._stranger(),
            source=source_of(self._address),
        )

    async def _sender(self) -> Sender | None:
        """The device of the certificate, or the named one if its network is allowed."""
        if self._certified is not None:
            return Sender(self._certified, None)
        return await self._known.sender_at(self._address, self._device(), self._networks)

    def _stranger(self) -> Saying:
        """The detail that quarantine keeps where the sender may not send for the device."""
        if self._certified is not None:
            return Saying(RefusalDetail.CERTIFICATE, {"name": repr(self._certified)})
        return Saying(RefusalDetail.NETWORK, {"address": self._address})

    def _device(self) -> str:
        assert self._decoder.device is not None
        return self._decoder.device
