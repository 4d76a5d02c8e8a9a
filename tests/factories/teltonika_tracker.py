"""A Teltonika tracker over TCP."""

import asyncio
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from api.settings import Settings
from db.connect import Pool
from tests.unit.ingest.teltonika_encoder import (
    IMEI,
    Sent,
    login,
)


def records(count: int, start: int = 0) -> list[Sent]:
    return [Sent(timestamp_ms=START_MS + 1_000 * n) for n in range(start, start + count)]


class Tracker:
    """A device's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, length: int = 4) -> bytes:
        """What the server answers; empty when it closes instead."""
        async with asyncio.timeout(10):
            try:
                return await self.reader.readexactly(length)
            except (asyncio.IncompleteReadError, ConnectionResetError):
                return b""

    async def counted(self) -> int:
        return struct.unpack(">I", await self.answer())[0]

    async def silent(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return not await self.reader.read(1)
        except TimeoutError:
            return True


@asynccontextmanager
async def logged_in(server: Settings, imei: str = IMEI) -> AsyncGenerator[Tracker]:
    async with connected(server) as tracker:
        await tracker.send(login(imei))
        assert await tracker.answer(1) == b"\x01"
        yield tracker


async def stored(pool: Pool) -> int:
    return await pool.fetchval("SELECT count(*) FROM position")


async def ask(server: Settings, data: bytes) -> bytes | None:
    """The answer to a datagram, or None when none comes within 2 s."""
    transport, asking = await asyncio.get_running_loop().create_datagram_endpoint(
        _Asking, remote_addr=("127.0.0.1", server.teltonika_port)
    )
    try:
        transport.sendto(data)
        async with asyncio.timeout(2):
            return await asking.reply
    except TimeoutError:
        return None
    finally:
        transport.close()


START_MS = 1_795_255_200_000


@asynccontextmanager
async def connected(server: Settings) -> AsyncGenerator[Tracker]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.teltonika_port)
    yield Tracker(reader, writer)
    writer.close()


class _Asking(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.reply.set_result(data)
