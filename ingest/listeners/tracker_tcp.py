"""Trackers over TCP: every packet is answered after its commit, and not read past meanwhile.

The trackers speak a `StreamProtocol`, of which the listener knows nothing more.

All packets of one read are stored together. While they wait for their commit, what comes next is
held undecoded and the socket is not read any further, so a slow database slows the senders down
instead of filling memory. Where nothing can be stored the connection is closed without an answer:
a tracker that keeps its records sends them again.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import cast

from prometheus_client import Counter

from fleet.saying import Saying
from fleet.settings import Network
from ingest.gate.detail import Detail
from ingest.gate.mishaps import Unexpected, digest_of
from ingest.gate.plausibility import Sender, plain_address
from ingest.gate.receipt import Overloaded
from ingest.gate.stranger_quota import TooMuch, source_of
from ingest.listeners.connection import FINISH_S, Connection, finish_open
from ingest.listeners.connections import Room, TurnedAway, backlog
from ingest.listeners.reception import Reception
from ingest.listeners.sockets import listening_socket
from ingest.listeners.tls import HANDSHAKE_S, certified_name
from ingest.protocols.message import Message, joined
from ingest.protocols.stream import (
    Command,
    Event,
    Login,
    Packet,
    Refused,
    Rejected,
    StreamProtocol,
)
from ingest.settings import IngestSettings
from ingest.watch.outage import Outage


@asynccontextmanager
async def tracker_tcp(
    protocol: StreamProtocol,
    networks: Sequence[Network],
    reception: Reception,
    settings: IngestSettings,
    room: Room,
    port: int,
    tls: ssl.SSLContext | None = None,
) -> AsyncGenerator[Callable[[], bool]]:
    """Listen, with `tls` over TLS; on leaving, read no more, answer what was taken, and close.
    Gives what says whether it still listens.

    `networks` are those that trackers may send from without a certificate. `room` is what plain and
    TLS connections of one protocol share.

    Raises:
        OSError: the port cannot be listened on.
    """
    open_connections: set[Connection] = set()
    agreeing: set[_Agreeing] = set()
    storing = Outage(f"storing for {protocol.name}")
    spoken = protocol.name if tls is None else f"{protocol.name}_tls"
    reception.metrics.connections.labels(spoken).set_function(lambda: len(open_connections))
    before = room.open_now
    room.open_now = lambda: before() + len(open_connections) + len(agreeing)

    def tracker() -> Connection:
        return _Tracker(protocol, networks, reception, settings, room, open_connections, storing)

    def admitted() -> asyncio.BaseProtocol:
        if not room.admits():
            return TurnedAway()
        if tls is None:
            return tracker()
        disagreed = reception.metrics.rejected.labels(protocol.name, "tls")
        return _Agreeing(tls, tracker, room, agreeing, disagreed)

    server = await asyncio.get_running_loop().create_server(
        admitted,
        sock=listening_socket(settings, port),
        backlog=backlog(),
    )
    sweeping = asyncio.create_task(room.run())
    try:
        yield server.is_serving
    finally:
        server.close()
        sweeping.cancel()
        for one in tuple(agreeing):
            one.force_close()
        await finish_open(open_connections)
        # A peer that never reads its answers must not keep the server from stopping.
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_S):
                await server.wait_closed()


class _Agreeing(asyncio.Protocol):
    """A connection that agrees on a key, counted like any other; then it is a tracker's."""

    def __init__(
        self,
        tls: ssl.SSLContext,
        tracker: Callable[[], Connection],
        room: Room,
        together: "set[_Agreeing]",
        disagreed: Counter,
    ) -> None:
        self._tls = tls
        self._tracker = tracker
        self._room = room
        self._together = together
        self._disagreed = disagreed
        self._early = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.pause_reading()  # the first bytes are for TLS
        self._together.add(self)
        self._room.waits(self, HANDSHAKE_S)
        self._agreement = asyncio.get_running_loop().create_task(self._agree(self.transport))

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()

    def data_received(self, data: bytes) -> None:
        self._early += data  # a few bytes may come together with the end of the agreement

    def force_close(self) -> None:
        """Close now, for others need the room."""
        if self.transport is not None:
            self.transport.abort()

    async def _agree(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        try:
            secured = await loop.start_tls(
                transport, self, self._tls, server_side=True, ssl_handshake_timeout=HANDSHAKE_S
            )
        except OSError:
            self._disagreed.inc()
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
        self._together.discard(self)
        self._room.is_busy(self)


class _Tracker(Connection):
    """One device's connection."""

    def __init__(
        self,
        protocol: StreamProtocol,
        networks: Sequence[Network],
        reception: Reception,
        settings: IngestSettings,
        room: Room,
        open_connections: set[Connection],
        storing: Outage,
    ) -> None:
        super().__init__(open_connections, settings.tracker_idle_s)
        self._protocol = protocol
        self._spoken = protocol.name
        self._networks = networks
        self._intake = reception.intake
        self._known = reception.known
        self._metrics = reception.metrics
        self._settings = settings
        self._room = room
        self._storing = storing
        self._contained = reception.mishaps.contained(self._spoken)
        self._decoder = protocol.decoder(settings.tracker_packet_max_bytes, self._contained)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._address = plain_address(transport.get_extra_info("peername")[0])
        self._certified = certified_name(transport)
        super().connection_made(transport)
        self._room.waits(self, self._settings.tracker_login_wait_max_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._room.is_busy(self)
        super().connection_lost(exc)

    def take(self, data: bytes) -> Coroutine[None, None, None] | None:
        try:
            with self._contained:
                events = self._decoder.feed(data, datetime.now(UTC))
        except Unexpected as error:  # not in a packet, but in finding packets
            named = self._decoder.device is not None
            kept = digest_of(data)  # nobody can tell what the rest holds
            events = [Refused(error.saying, kept, None) if named else Rejected(error.saying)]
        if events:
            self._room.is_busy(self)  # it has said who it is
        return self._answer(events) if events else None

    async def _answer(self, events: Sequence[Event]) -> None:
        go_on = False
        try:
            with self._contained:
                go_on = await self._answer_all(events)
        except Unexpected:
            pass  # counted; the device sends it again
        except TooMuch:
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

    async def _answer_all(self, events: Sequence[Event]) -> bool:
        """Keep what is to be kept of one read, then answer all of it in its order.

        Returns: whether the stream goes on.
        """
        messages = [event.message for event in events if isinstance(event, Packet)]
        if messages:
            await self._take(joined(messages))
        answers: list[bytes] = []
        for event in events:
            match event:
                case Packet(answer=answer) | Login(answer=answer):
                    answers.append(answer)
                case Rejected():
                    self._metrics.rejected.labels(self._spoken, "login").inc()
                    answers.append(self._protocol.rejection)
                case Refused(detail=detail, payload=payload, answer=answer):
                    await self._intake.keep_unreadable(
                        *(self._spoken, self._device(), detail, payload),
                        await self._sender(),
                        source_of(self._address),
                    )
                    answers.append(answer or b"")
                case Command(kind=kind, answer=answer):
                    self._metrics.commands.labels(self._spoken, kind).inc()
                    answers.append(answer)
        if self._transport.is_closing():
            return False
        self._transport.write(b"".join(answers))
        match events[-1]:
            case Rejected() | Refused(answer=None):
                return False
            case _:
                return True

    async def _take(self, message: Message) -> None:
        await self._intake.take(
            message,
            await self._sender(),
            self._spoken,
            stranger=self._stranger(),
            source=source_of(self._address),
        )

    async def _sender(self) -> Sender | None:
        """The device of the certificate, or the named one if its network is allowed."""
        if self._certified is not None:
            return Sender(self._certified, None)
        return await self._known.sender_at(self._address, self._device(), self._networks)

    def _stranger(self) -> Saying:
        """What to say of a sender that is another than it says."""
        if self._certified is not None:
            return Saying(Detail.CERTIFICATE, {"name": repr(self._certified)})
        return Saying(Detail.NETWORK, {"address": self._address})

    def _device(self) -> str:
        assert self._decoder.device is not None
        return self._decoder.device
