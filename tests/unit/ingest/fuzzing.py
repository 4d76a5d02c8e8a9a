"""Mutated frames and bodies for every decoder; a repeatable stream of them from a seed."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import orjson

from ingest.gate import Limits, implausible
from ingest.protocols import flespi, osmand, positions
from ingest.protocols.refusal import Message, Unreadable
from ingest.protocols.teltonika.datagram import decode_kept_datagram
from ingest.protocols.teltonika.elements import Elements
from ingest.protocols.teltonika.packet import Packet
from ingest.protocols.teltonika.stream import StreamDecoder, packet
from tests.unit.ingest.teltonika_encoder import (
    CODEC_8,
    CODEC_8_EXTENDED,
    CODEC_16,
    Sent,
    block,
    datagram,
    login,
)

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
LIMITS = Limits(datetime(2010, 1, 1, tzinfo=UTC), timedelta(minutes=10), 250)
PACKET_MAX_BYTES = 4_096

_IO = ({239: 1, 21: 3, 89: 40}, {66: 12_650}, {16: 22_949_000}, {78: 2**63})
_BLOCKS = [
    block(CODEC_8, [Sent(io=_IO)] * 3),
    block(CODEC_8_EXTENDED, [Sent(io=_IO, variable={256: b"WVWZZZ1KZ6W000001", 385: b"\1\2"})] * 2),
    block(CODEC_16, [Sent(io=_IO, generation_type=5)]),
    bytes([12, 1, 5, 0, 0, 0, 2]) + b"ok" + b"\x01",
]
_POSITION = {"device": "d1", "ts": 1_795_255_200, "lat": 55.77, "lon": 12.5, "attrs": {"a": [1]}}
_BODIES: list[tuple[bytes, Callable[[bytes], Message]]] = [
    (orjson.dumps([_POSITION] * 2), positions.decode),
    (orjson.dumps(_POSITION) + b"\n" + orjson.dumps(_POSITION), positions.decode_lines),
    (
        b"id=d1&lat=55.77&lon=12.5&timestamp=1795255200&speed=10&batt=80&valid=true",
        lambda body: osmand.decode(body, NOW),
    ),
    (
        b'{"device_id":"d1","location":{"timestamp":"2026-11-21T10:00:00Z",'
        b'"coords":{"latitude":55.77,"longitude":12.5,"speed":10}}}',
        lambda body: osmand.decode(body, NOW),
    ),
    (
        b'[{"ident":"d1","timestamp":1795255200,"position.latitude":55.77,'
        b'"position.longitude":12.5,"position.valid":true,"vehicle.mileage":5}]',
        flespi.decode,
    ),
]
_TELLING = (
    b"\0",
    b"\xff",
    b"\x7f\xff",
    b"\xff\xff\xff\xff",
    b'"',
    b"{",
    b"-1e400",
    b"\xed\xa0\x80",
)


def fuzz(count: int, seed: int, elements: Elements, real: Sequence[bytes] = ()) -> Counter[str]:
    """Decode `count` mutated frames and bodies; returns how many ended in which way.

    `real` are further frames of the TCP form. Whatever a decoder lets through must be fit for the
    gate and for the database; anything but `Unreadable` that a decoder raises is raised here.
    """
    source = random.Random(seed)
    blocks = [*_BLOCKS, *(one[8:-4] for one in real)]
    outcomes: Counter[str] = Counter()
    for _ in range(count):
        kind = source.random()
        if kind < 0.6:
            outcomes.update(_fuzz_stream(source, blocks, elements))
            continue
        if kind < 0.8:
            data = mutated(source, datagram(source.choice(blocks)))
            decode = partial(decode_kept_datagram, elements=elements)
        else:
            body, decode = source.choice(_BODIES)
            data = mutated(source, body)
        try:
            message = decode(data)
        except Unreadable as error:
            assert error.errors
            outcomes["unreadable"] += 1
        else:
            outcomes[_checked(message)] += 1
    return outcomes


def mutated(source: random.Random, data: bytes) -> bytes:
    """The same bytes with one to four things wrong."""
    out = bytearray(data)
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(out) + 1)
        match source.randrange(6):
            case 0 if at < len(out):
                out[at] ^= 1 << source.randrange(8)
            case 1 if at < len(out):
                out[at] = source.randrange(256)
            case 2:
                del out[at : at + source.randint(1, 8)]
            case 3:
                out[at:at] = out[at : at + source.randint(1, 32)]
            case 4:
                out[at:at] = source.choice(_TELLING)
            case _:
                out[at : at + 2] = source.choice(_TELLING)
    return bytes(out)


def _fuzz_stream(
    source: random.Random, blocks: Sequence[bytes], elements: Elements
) -> Iterator[str]:
    one = source.choice(blocks)
    # Half of them with a checksum that holds, or no mutation would get past it.
    data = packet(mutated(source, one)) if source.random() < 0.5 else mutated(source, packet(one))
    data = login() + data + b"\xff" + packet(one)
    decoder = StreamDecoder(elements, PACKET_MAX_BYTES)
    cut = source.randrange(len(data))
    for piece in (data[:cut], data[cut:]):
        for event in decoder.feed(piece):
            yield _checked(event.message) if isinstance(event, Packet) else type(event).__name__
    assert len(decoder._buffer) <= PACKET_MAX_BYTES + len(data)


def _checked(message: Message) -> str:
    for index, position in enumerate(message.positions):
        if implausible(position, LIMITS, NOW) is None:
            assert "\0" not in position.device
            assert b"\\u0000" not in (position.attrs or b"")
            orjson.loads(position.attrs or b"null")
            assert position.ts.tzinfo is not None
        assert message.original(index)
    return "read"
