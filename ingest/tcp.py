"""Teltonika over TCP: every packet is answered after its commit, and not read past meanwhile.

All packets of one read are stored together. While they wait for their commit, what comes next is
held undecoded and the socket is not read any further, so a slow database slows the senders down
instead of filling memory. Where nothing can be stored the connection is closed without an answer:
the device keeps its records and sends them again.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import cast

from fleet.settings import Settings
from ingest.connection import DRAIN_S, Connection, drain
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


@asynccontextmanager
async def teltonika_tcp(
    intake: Intake, settings: Settings, port: int, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[None]:
    """Listen, with `tls` over TLS; on leaving, read no more, answer what was taken, and close.

    Raises:
        OSError: the port cannot be listened on.
    """
    open_connections: set[Connection] = set()
    storing = Outage(f"storing for {TELTONIKA_TCP}")
    spoken = TELTONIKA_TCP if tls is None else f"{TELTONIKA_TCP}_tls"
    intake.metrics.connections.labels(spoken).set_function(lambda: len(open_connections))
    server = await asyncio.get_running_loop().create_server(
        lambda: _Tracker(intake, settings, open_connections, storing),
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
        await drain(open_connections)
        # A peer that never reads its answers must not keep the server from stopping.
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                await server.wait_closed()


class _Tracker(Connection):
    """One device's connection."""

    def __init__(
        self,
        intake: Intake,
        settings: Settings,
        open_connections: set[Connection],
        storing: Outage,
    ) -> None:
        super().__init__(open_connections, settings.teltonika_idle_s)
        self._intake = intake
        self._settings = settings
        self._storing = storing
        self._decoder = StreamDecoder(intake.elements, settings.teltonika_packet_max_bytes)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._address: str = transport.get_extra_info("peername")[0]
        self._certified = certified_name(transport)
        if len(self._together) >= self._settings.teltonika_connections_max:
            self._intake.metrics.rejected.labels(TELTONIKA_TCP, "too_many").inc()
            cast(asyncio.Transport, transport).abort()
            return
        super().connection_made(transport)

    def take(self, data: bytes) -> Coroutine[None, None, None] | None:
        events = self._decoder.feed(data)
        return self._answer(events) if events else None

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
            self.answered()
            if go_on:
                self.read_on()
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
