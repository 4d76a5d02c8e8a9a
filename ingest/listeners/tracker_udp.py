"""Trackers over UDP: every datagram is answered after its commit.

The trackers speak a `DatagramProtocol`; the listener knows nothing else of their protocol. A
datagram that cannot be stored is not answered: the tracker keeps its records and sends them again.
"""

import asyncio
import socket
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import cast

from fleet.outage import OutageLog
from fleet.saying import Saying
from fleet.settings import Network
from ingest.gate.detail import RefusalDetail
from ingest.gate.receipt import Overloaded
from ingest.gate.sender import plain_address
from ingest.gate.stranger_quota import StrangerQuotaExceeded, source_of
from ingest.gate.unexpected import UnexpectedError
from ingest.listeners.connection import FINISH_S
from ingest.listeners.listener_context import ListenerContext
from ingest.listeners.sockets import listening_socket
from ingest.protocols.datagram import Datagram, DatagramProtocol
from ingest.protocols.stream import Packet, PacketRefused, PacketWithoutPositions
from ingest.protocols.unreadable import Unreadable
from ingest.settings import IngestSettings

#: Host and port, and for IPv6 two numbers more.
Address = tuple[str, int] | tuple[str, int, int, int]


@asynccontextmanager
async def tracker_udp(
    protocol: DatagramProtocol,
    networks: Sequence[Network],
    context: ListenerContext,
    settings: IngestSettings,
    port: int,
) -> AsyncGenerator[Callable[[], bool]]:
    """Listen; on leaving, take no more, answer what was taken, and close. Yields a function that
    tells whether it still listens.

    `networks` are those that trackers may send from.

    Raises:
        OSError: the port cannot be listened on.
    """
    transport, listener = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Listener(protocol, networks, context, settings),
        sock=listening_socket(settings, port, socket.SOCK_DGRAM),
    )
    try:
        yield lambda: not transport.is_closing()
    finally:
        await listener.finish()
        transport.close()


class _Listener(asyncio.DatagramProtocol):
    def __init__(
        self,
        protocol: DatagramProtocol,
        networks: Sequence[Network],
        context: ListenerContext,
        settings: IngestSettings,
    ) -> None:
        self._protocol = protocol
        self._protocol_name = protocol.name
        self._networks = networks
        self._intake = context.intake
        self._known = context.known
        self._metrics = context.metrics
        self._contained = context.unexpected.contained(self._protocol_name)
        self._settings = settings
        self._answering: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._storing = OutageLog(f"storing for {self._protocol_name}")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if self._stopping:
            return
        if len(self._answering) >= self._settings.tracker_connections_max:
            self._metrics.rejected.labels(self._protocol_name, "too_many").inc()
            return
        try:
            with self._contained:
                datagram = self._protocol.decode(data, datetime.now(UTC), self._contained)
        except Unreadable:
            self._metrics.rejected.labels(self._protocol_name, "unreadable").inc()
            return
        task = asyncio.create_task(self._answer(datagram, addr))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def finish(self) -> None:
        """Take no more, and let what was taken be answered."""
        self._stopping = True
        if self._answering:
            await asyncio.wait(self._answering, timeout=FINISH_S)

    async def _answer(self, datagram: Datagram, address: Address) -> None:
        try:
            with self._contained:
                await self._take(datagram, address)
        except UnexpectedError:
            pass  # counted; the device sends it again
        except StrangerQuotaExceeded:
            pass  # counted; a line for each would be a stranger's way to fill the disk
        except Overloaded as error:
            self._storing.failed(str(error), time.monotonic())
        else:
            self._storing.worked(time.monotonic())

    async def _take(self, datagram: Datagram, address: Address) -> None:
        device = datagram.device
        host = plain_address(address[0])
        match datagram.event:
            case Packet(message=message, answer=answer):
                sender = await self._known.sender_at(host, device, self._networks)
                stranger = Saying(RefusalDetail.NETWORK, {"address": host})
                await self._intake.take(
                    message, sender, self._protocol_name, stranger=stranger, source=source_of(host)
                )
                self._transport.sendto(answer, address)
            case PacketRefused(detail=detail, payload=payload, answer=answer):
                sender = await self._known.sender_at(host, device, self._networks)
                await self._intake.keep_unreadable(
                    self._protocol_name, device, detail, payload, sender, source_of(host)
                )
                if answer is not None:
                    self._transport.sendto(answer, address)
            case PacketWithoutPositions(kind=kind, answer=answer):
                self._metrics.commands.labels(self._protocol_name, kind).inc()
                if answer:
                    self._transport.sendto(answer, address)
