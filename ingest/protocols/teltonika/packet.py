"""What TCP and UDP share: the outcome of one packet, and records as positions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from fleet.position import Position
from ingest.protocols.refusal import Message
from ingest.protocols.teltonika.elements import ElementTable
from ingest.protocols.teltonika.records import Record, without_hidden

#: An IMEI has 15 digits; with a software version instead of the check digit 16, without it 14.
IMEI_LENGTHS = range(14, 17)

#: The last millisecond that a datetime holds. A clock beyond it is refused by the gate as well.
_TIMESTAMP_MAX_MS = 253_402_300_799_999


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet of records. `answer` may leave when all of them are stored or kept for good."""

    message: Message
    answer: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A packet that cannot be read. `payload` is what to keep of it.

    `answer` says that nothing was accepted; None: the stream cannot be followed any further.
    """

    detail: str
    payload: bytes
    answer: bytes | None


@dataclass(frozen=True, slots=True)
class Command:
    """A packet of a codec that carries no positions."""

    codec: int


def imei_of(raw: bytes) -> str | None:
    """The IMEI in a login, or None where there is none."""
    if len(raw) in IMEI_LENGTHS and raw.isdigit():
        return raw.decode("ascii")
    return None


def message_of(
    imei: str,
    block: bytes,
    records: list[Record],
    table: ElementTable,
    frame: Callable[[bytes], bytes],
) -> Message:
    """The positions of a block. `frame` makes a packet of a block, for what goes to quarantine."""
    positions = [_position(imei, record, table) for record in records]

    def original(index: int) -> bytes:
        record = without_hidden(block, records[index])
        return frame(block[:1] + b"\x01" + record + b"\x01")

    return Message(positions, original)


def block_without_hidden(block: bytes, records: list[Record]) -> bytes:
    """The whole block, the values that must not be kept set to 0."""
    kept = b"".join(without_hidden(block, record) for record in records)
    return block[:2] + kept + block[-1:]


def _position(imei: str, record: Record, table: ElementTable) -> Position:
    fields, attrs = table.read(record.io)
    return Position(
        device=imei,
        ts=datetime.fromtimestamp(min(record.timestamp_ms, _TIMESTAMP_MAX_MS) / 1000, UTC),
        lat=record.lat_e7 / 1e7,
        lon=record.lon_e7 / 1e7,
        speed_kmh=record.speed_kmh,
        heading_deg=record.course_deg,
        altitude_m=record.altitude_m,
        satellites=record.satellites,
        attrs=orjson.dumps(attrs) if attrs else None,
        **fields,
    )
