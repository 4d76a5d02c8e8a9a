"""A GT06 tracker: its frames, written from the format and not from our decoder, and its side of a
connection."""

import asyncio
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

IMEI = "359000000000017"
START = datetime(2026, 11, 20, 8, tzinfo=UTC)

LOGIN, LOCATION, HEARTBEAT, TEXT, ALARM = 0x01, 0x12, 0x13, 0x15, 0x16
LOCATION_WITH_IGNITION, ALARM_2, TIME, INFORMATION = 0x22, 0x26, 0x8A, 0x94


def checksum(data: bytes) -> int:
    """CRC-ITU, one bit at a time."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x8408 if register & 1 else 0)
    return register ^ 0xFFFF


def frame(number: int, content: bytes = b"", serial: int = 1, *, is_long: bool = False) -> bytes:
    """A frame; a long one has two bytes of length."""
    length = struct.pack(">H" if is_long else ">B", len(content) + 5)
    checked = length + bytes([number]) + content + struct.pack(">H", serial)
    start = b"\x79\x79" if is_long else b"\x78\x78"
    return start + checked + struct.pack(">H", checksum(checked)) + b"\r\n"


def login(imei: str = IMEI, serial: int = 1, more: bytes = b"") -> bytes:
    return frame(LOGIN, bytes.fromhex("0" + imei) + more, serial)


@dataclass(frozen=True)
class Place:
    """Where a tracker is, as it counts it."""

    ts: datetime = START
    lat: float = 55.77
    lon: float = 12.5
    satellites: int = 9
    speed_kmh: int = 43
    course_deg: int = 90
    is_fixed: bool = True

    def content(self) -> bytes:
        flags = self.course_deg
        flags |= 0x0400 if self.lat >= 0 else 0
        flags |= 0x0800 if self.lon < 0 else 0
        flags |= 0x1000 if self.is_fixed else 0
        clock = self.ts.astimezone(UTC).timetuple()
        return struct.pack(
            ">6BBIIBH",
            *(clock[0] - 2000, *clock[1:6]),
            0xC0 | self.satellites,
            round(abs(self.lat) * 1_800_000),
            round(abs(self.lon) * 1_800_000),
            self.speed_kmh,
            flags,
        )


#: Country 238, network 1, area 0x287d, tower 0x001f71.
CELL = bytes.fromhex("00ee01287d001f71")


def location(place: Place, serial: int = 1, *, ignition: bool | None = None) -> bytes:
    """A location, with ignition where it is known."""
    if ignition is None:
        return frame(LOCATION, place.content() + CELL, serial)
    tail = bytes([ignition, 0, 0])
    return frame(LOCATION_WITH_IGNITION, place.content() + CELL + tail, serial)


def alarm(place: Place, code: int, serial: int = 1, *, ignition: bool = True) -> bytes:
    status = bytes([0x40 | 2 * ignition, 6, 4, code, 2])
    return frame(ALARM, place.content() + bytes([len(CELL) + 1]) + CELL + status, serial)


def heartbeat(serial: int = 1, *, ignition: bool = True) -> bytes:
    return frame(HEARTBEAT, bytes([0x44 | 2 * ignition, 6, 4, 0, 2]), serial)


def answer(number: int, serial: int, content: bytes = b"") -> bytes:
    """What acknowledges a frame."""
    return frame(number, content, serial)


def driving(count: int, start: int = 0) -> list[Place]:
    """A vehicle on its way, ten seconds from one place to the next."""
    return [
        Place(ts=START + timedelta(seconds=10 * n), lat=55.77 + n / 2_000, lon=12.5 + n / 2_000)
        for n in range(start, start + count)
    ]


class Gt06Tracker:
    """One tracker's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> bytes:
        """The next frame that the server sends; empty when it closes instead."""
        async with asyncio.timeout(10):
            try:
                head = await self.reader.readexactly(3)
                return head + await self.reader.readexactly(head[2] + 2)
            except (asyncio.IncompleteReadError, ConnectionResetError):
                return b""

    async def is_silent(self, seconds: float) -> bool:
        """Whether the server neither answers nor closes for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def connected(port: int) -> AsyncGenerator[Gt06Tracker]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    yield Gt06Tracker(reader, writer)
    writer.close()


@asynccontextmanager
async def logged_in(port: int, imei: str = IMEI) -> AsyncGenerator[Gt06Tracker]:
    async with connected(port) as tracker:
        await tracker.send(login(imei))
        assert await tracker.answer() == answer(LOGIN, 1)
        yield tracker
