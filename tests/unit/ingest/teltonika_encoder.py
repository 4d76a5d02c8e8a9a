"""A tracker's side of Teltonika's protocol, written from the format and not from our decoder."""

import struct
from dataclasses import dataclass, field

IMEI = "356307042441013"

CODEC_8, CODEC_8_EXTENDED, CODEC_16 = 0x08, 0x8E, 0x10


@dataclass(frozen=True)
class Sent:
    """One record as a tracker has it; `io` are values of 1, 2, 4 and 8 bytes by id."""

    timestamp_ms: int = 1_795_255_200_000
    priority: int = 0
    lon_e7: int = 125_000_000
    lat_e7: int = 557_700_000
    altitude_m: int = 20
    course_deg: int = 90
    satellites: int = 9
    speed_kmh: int = 50
    event_io: int = 0
    generation_type: int = 0
    io: tuple[dict[int, int], dict[int, int], dict[int, int], dict[int, int]] = ({}, {}, {}, {})
    variable: dict[int, bytes] = field(default_factory=dict[int, bytes])

    def all_io(self) -> dict[int, int | bytes]:
        values: dict[int, int | bytes] = {}
        for group in self.io:
            values.update(group)
        return {**values, **self.variable}


def driving(count: int, start: int = 0) -> list[Sent]:
    """A vehicle on its way, a record a second from the `start`-th on; 12 elements each, of which
    those change that change on the road."""
    return [
        Sent(
            timestamp_ms=1_795_255_200_000 + 1_000 * second,
            lon_e7=125_000_000 + 1_000 * second,
            lat_e7=557_700_000 + 900 * second,
            course_deg=second % 360,
            speed_kmh=40 + second % 20,
            io=(
                {239: 1, 240: 1, 21: 3 + second % 2, 200: 0, 69: 1},
                {
                    66: 13_800 + 7 * second % 90,
                    67: 4_100 - second % 9,
                    181: 12,
                    182: 8 + second % 3,
                },
                {16: 22_949_000 + 14 * second, 199: 14 * second, 241: 23_801},
                {},
            ),
        )
        for second in range(start, start + count)
    ]


def record(codec: int, sent: Sent) -> bytes:
    wide = codec != CODEC_8
    count_format = ">H" if codec == CODEC_8_EXTENDED else ">B"
    out = struct.pack(
        ">QBiihHBH",
        sent.timestamp_ms,
        sent.priority,
        sent.lon_e7,
        sent.lat_e7,
        sent.altitude_m,
        sent.course_deg,
        sent.satellites,
        sent.speed_kmh,
    )
    out += struct.pack(">H" if wide else ">B", sent.event_io)
    if codec == CODEC_16:
        out += struct.pack(">B", sent.generation_type)
    out += struct.pack(count_format, sum(map(len, sent.io)) + len(sent.variable))
    for group, letter in zip(sent.io, "BHIQ", strict=True):
        out += struct.pack(count_format, len(group))
        for number, value in group.items():
            out += struct.pack((">H" if wide else ">B") + letter, number, value)
    if codec == CODEC_8_EXTENDED:
        out += struct.pack(">H", len(sent.variable))
        for number, value in sent.variable.items():
            out += struct.pack(">HH", number, len(value)) + value
    return out


def block(codec: int, records: list[Sent]) -> bytes:
    count = bytes([len(records)])
    return bytes([codec]) + count + b"".join(record(codec, one) for one in records) + count


def crc(data: bytes) -> int:
    """CRC-16/IBM, one bit at a time."""
    register = 0
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xA001 if register & 1 else 0)
    return register


def frame(body: bytes) -> bytes:
    return bytes(4) + struct.pack(">I", len(body)) + body + struct.pack(">I", crc(body))


def packet(*records: Sent, codec: int = CODEC_8) -> bytes:
    return frame(block(codec, list(records)))


def login(imei: str = IMEI) -> bytes:
    return struct.pack(">H", len(imei)) + imei.encode()


def datagram(body: bytes, imei: str = IMEI, packet_id: int = 0xCAFE, avl_id: int = 5) -> bytes:
    rest = struct.pack(">HBBH", packet_id, 1, avl_id, len(imei)) + imei.encode() + body
    return struct.pack(">H", len(rest)) + rest
