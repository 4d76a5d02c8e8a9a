"""Teltonika over TCP: every packet is answered after its commit, and not read past meanwhile.

All packets of one read are stored together. While they wait for their commit, what comes next is
held undecoded and the socket is not read any further, so a slow database slows the senders down
instead of filling memory. Where nothing can be stored the connection is closed without an answer:
the device keeps its records and sends them again.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import cast

from fleet.settings import Settings
from ingest.detail import Detail
from ingest.gate import Sender
from ingest.groups import Overloaded
from ingest.intake import TELTONIKA_TCP, Intake, TooMuch
from ingest.outage import Outage
from ingest.protocols.refusal import Message
from ingest.protocols.teltonika.packet import Command, Packet, Refused, together
from ingest.protocols.teltonika.stream import (
    ACCEPTED,
    REJECTED,
    Event,
    Login,
    Rejected,
    StreamDecoder,
)
from ingest.tls import HANDSHAKE_S, certified_name

#: How long packets that were taken may wait for their commit when the listener stops.
DRAIN_S = 10.0


@asynccontextmanager
async def teltonika_tcp(
    intake: Intake, settings: Settings, port: int, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[None]:
    """Listen, with `tls` over TLS; on leaving, read no more, answer what was taken, and close.

    Raises:
        OSError: the port cannot be listened on.
    """
    open_connections: set[_Connection] = set()
    storing = Outage(f"storing for {TELTONIKA_TCP}")
    spoken = TELTONIKA_TCP if tls is None else f"{TELTONIKA_TCP}_tls"
    intake.metrics.connections.labels(spoken).set_function(lambda: len(open_connections))
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(intake, settings, open_connections, storing),
        settings.host,
        port,
        reuse_port=settings.reuse_port,
        ssl=tls,
        ssl_handshake_timeout=None if tls is None else HANDSHAKE_S,
    )
    try:
        yield
    finally:
        server.close()
        answering = {task for one in open_connections if (task := one.stop_reading()) is not None}
        if answering:
            await asyncio.wait(answering, timeout=DRAIN_S)
        for connection in list(open_connections):
            connection.close()
        # A peer that never reads its answers must not keep the server from stopping.
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                await server.wait_closed()


class _Connection(asyncio.Protocol):
    """One device's connection."""

    def __init__(
        self,
        intake: Intake,
        settings: Settings,
        open_connections: set["_Connection"],
        storing: Outage,
    ) -> None:
        self._intake = intake
        self._settings = settings
        self._open = open_connections
        self._storing = storing
        self._loop = asyncio.get_running_loop()
        self._decoder = StreamDecoder(intake.elements, settings.teltonika_packet_max_bytes)
        self._answering: asyncio.Task[None] | None = None
        #: What came while packets were being stored.
        self._held = b""
        self._may_write = True
        self._stopping = False
        self._heard_at = self._loop.time()
        self._idle_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._address: str = transport.get_extra_info("peername")[0]
        self._certified = certified_name(transport)
        if len(self._open) >= self._settings.teltonika_connections_max:
            self._intake.metrics.rejected.labels(TELTONIKA_TCP, "too_many").inc()
            self._transport.abort()
            return
        self._open.add(self)
        self._await_data()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self._open.discard(self)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        if self._answering is not None:
            # Most devices wait for their answer, so that this costs nothing.
            self._held += data
            self._transport.pause_reading()
        elif events := self._decoder.feed(data):
            self._answering = self._loop.create_task(self._answer(events))

    def pause_writing(self) -> None:
        self._may_write = False
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._may_write = True
        self._read_on()

    def stop_reading(self) -> asyncio.Task[None] | None:
        """Read no more; returns the answering that is under way."""
        self._stopping = True
        if not self._transport.is_closing():
            self._transport.pause_reading()
        return self._answering

    def close(self) -> None:
        """Close when the answers that were written are sent."""
        self._transport.close()

    async def _answer(self, events: list[Event]) -> None:
        go_on = False
        try:
            go_on = await self._answer_all(events)
        except TooMuch:
            pass  # counted; a line for each would be a stranger's way to fill the disk
        except Overloaded as error:
            self._storing.failed(str(error), self._loop.time())
        else:
            self._storing.worked(self._loop.time())
        finally:
            self._answering = None
            if go_on:
                self._read_on()
            else:
                self._transport.close()

    async def _answer_all(self, events: list[Event]) -> bool:
        """Keep what is to be kept of one read, then answer all of it in its order. Returns whether
        the stream goes on."""
        messages = [event.message for event in events if isinstance(event, Packet)]
        if messages:
            await self._take(messages[0] if len(messages) == 1 else together(messages))
        answers: list[bytes] = []
        for event in events:
            match event:
                case Packet(answer=answer):
                    answers.append(answer)
                case Login():
                    answers.append(ACCEPTED)
                case Rejected():
                    self._intake.metrics.rejected.labels(TELTONIKA_TCP, "login").inc()
                    answers.append(REJECTED)
                case Refused(detail=detail, payload=payload, answer=answer):
                    await self._intake.keep_unreadable(
                        TELTONIKA_TCP, self._imei(), detail, payload, self._address
                    )
                    answers.append(answer or b"")
                case Command(codec=codec):
                    self._intake.metrics.commands.labels(f"{codec}").inc()
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
            TELTONIKA_TCP,
            stranger=self._stranger,
            source=self._address,
        )

    async def _sender(self) -> Sender | None:
        """The device of the certificate, or the named one if its network is allowed."""
        if self._certified is not None:
            return Sender(self._certified, None)
        return await self._intake.sender_at(self._address, self._imei())

    def _stranger(self) -> str:
        """What to say of a sender that is another than it says."""
        if self._certified is not None:
            return Detail.CERTIFICATE.text(name=repr(self._certified))
        return Detail.NETWORK.text(address=self._address)

    def _imei(self) -> str:
        assert self._decoder.imei is not None
        return self._decoder.imei

    def _read_on(self) -> None:
        waiting = self._answering is not None or not self._may_write
        if waiting or self._stopping or self._transport.is_closing():
            return
        held, self._held = self._held, b""
        if held:
            self.data_received(held)
        self._transport.resume_reading()

    def _await_data(self) -> None:
        """Close when nothing was heard for too long; one timer a connection, moved on when due."""
        left = self._heard_at + self._settings.teltonika_idle_s - self._loop.time()
        if left <= 0 and self._answering is None:
            self._transport.close()
        else:
            self._idle_timer = self._loop.call_later(max(left, 1.0), self._await_data)
