"""Mutated frames, bodies and uploads for every reader; a repeatable stream of them from a seed."""

import io
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson
import xlsxwriter

from fleet.files import cells
from fleet.files.own_process import ReadingBounds
from fleet.files.refusal import FileRefusedError
from ingest.gate.plausibility import PlausibleLimits, implausible
from ingest.protocols import flespi, osmand, positions
from ingest.protocols.gt06 import Gt06Stream
from ingest.protocols.message import Message
from ingest.protocols.stream import Packet, StreamDecoder
from ingest.protocols.teltonika import over_udp
from ingest.protocols.teltonika.io_elements import IoElements
from ingest.protocols.teltonika.stream import TeltonikaStream, encode_packet
from ingest.protocols.unreadable import Unreadable
from register.zones import read_zones
from tests.factories import gt06_tracker
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
LIMITS = PlausibleLimits(datetime(2010, 1, 1, tzinfo=UTC), timedelta(minutes=10), 250)
PACKET_MAX_BYTES = 4_096

_IO = ({239: 1, 21: 3, 89: 40}, {66: 12_650}, {16: 22_949_000}, {78: 2**63})
_BLOCKS = [
    block(CODEC_8, [Sent(io=_IO)] * 3),
    block(CODEC_8_EXTENDED, [Sent(io=_IO, variable={256: b"WVWZZZ1KZ6W000001", 385: b"\1\2"})] * 2),
    block(CODEC_16, [Sent(io=_IO, generation_type=5)]),
    bytes([12, 1, 5, 0, 0, 0, 2]) + b"ok" + b"\x01",
]
_GT06_FRAMES = [
    gt06_tracker.location(gt06_tracker.Place()),
    gt06_tracker.location(gt06_tracker.Place(), ignition=True),
    gt06_tracker.alarm(gt06_tracker.Place(), code=6),
    gt06_tracker.heartbeat(),
    gt06_tracker.frame(gt06_tracker.TIME),
    gt06_tracker.frame(gt06_tracker.TEXT, b"DYD=Success!"),
    gt06_tracker.frame(
        gt06_tracker.ALARM, gt06_tracker.Place().content() + bytes(400), 1, is_long=True
    ),
    gt06_tracker.login(),
]
_POSITION = {"device": "d1", "ts": 1_795_255_200, "lat": 55.77, "lon": 12.5, "attrs": {"a": [1]}}
_BODIES: list[tuple[bytes, Callable[[bytes], Iterable[Message]]]] = [
    (orjson.dumps([_POSITION] * 2), positions.read),
    (orjson.dumps(_POSITION) + b"\n" + orjson.dumps(_POSITION), positions.read_lines),
    (
        b"id=d1&lat=55.77&lon=12.5&timestamp=1795255200&speed=10&batt=80&valid=true",
        lambda body: [osmand.decode(body, NOW)],
    ),
    (
        b'{"device_id":"d1","location":{"timestamp":"2026-11-21T10:00:00Z",'
        b'"coords":{"latitude":55.77,"longitude":12.5,"speed":10}}}',
        lambda body: [osmand.decode(body, NOW)],
    ),
    (
        b'[{"ident":"d1","timestamp":1795255200,"position.latitude":55.77,'
        b'"position.longitude":12.5,"position.valid":true,"vehicle.mileage":5}]',
        flespi.read,
    ),
]


_ONE = orjson.dumps({"device": "d1", "ts": "2026-11-20T10:00:00Z", "lat": 55.77, "lon": 12.5})
MB_8 = 8_000_000
READERS: dict[str, Callable[[bytes], Iterator[Message]]] = {
    "array": positions.read,
    "lines": positions.read_lines,
    "flespi": flespi.read,
}
#: Bodies of 8 MB that ask for much; each is made when it is asked for.
HOSTILE: dict[str, Callable[[], bytes]] = {
    "ones": lambda: b"[" + b"1," * (MB_8 // 2) + b"1]",
    "empty objects": lambda: b"[" + b"{}," * (MB_8 // 3) + b"{}]",
    "lines of ones": lambda: b"1\n" * (MB_8 // 2),
    "opened arrays": lambda: b"[" * MB_8,
    "opened objects": lambda: b'{"a":' * (MB_8 // 5),
    "arrays and objects": lambda: b'[{"a":' * (MB_8 // 6),
    "levels": lambda: b"[" + (b"[" * 7 + b"]" * 7 + b",") * (MB_8 // 15) + b"1]",
    "fields": lambda: b"{" + b",".join(b'"%d":1' % n for n in range(MB_8 // 10)) + b"}",
    "an open text": lambda: b'["' + b"a" * MB_8,
    "backslashes": lambda: b'["' + b"\\" * MB_8,
    "digits": lambda: _ONE[:-1] + b',"satellites":' + b"9" * MB_8 + b"}",
    "space": lambda: b" " * MB_8,
    "escapes": lambda: (
        b"[" + b",".join([_ONE.replace(b"d1", b"\\u00641")] * (MB_8 // (len(_ONE) + 6))) + b"]"
    ),
    "epochs": lambda: (
        b"["
        + b",".join([orjson.dumps({**_POSITION, "ts": 1_795_000_000})] * (MB_8 // len(_ONE)))
        + b"]"
    ),
}


def _workbook() -> bytes:
    """A driving log as Excel has it."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Bil", "Afgang", "Ankomst", "Km"])
    sheet.write_row(1, 0, ["v1", "2026-11-20 08:00", "2026-11-20 09:00", 12.5])
    book.close()
    return file.getvalue()


_BOUNDS = ReadingBounds(cells=20_000, unzipped_bytes=2_000_000)
_UPLOADS: list[tuple[str, bytes, Callable[[str, bytes, ReadingBounds], object]]] = [
    (
        "log.csv",
        b"Bil;Afgang;Ankomst;Km\nv1;2026-11-20 08:00;2026-11-20 09:00;12,5\n",
        cells.read_packed,
    ),
    ("log.xlsx", _workbook(), cells.read_packed),
    (
        "zones.geojson",
        b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"A"},'
        b'"geometry":{"type":"Polygon","coordinates":[[[12.5,55.7],[12.6,55.7],[12.6,55.8],'
        b"[12.5,55.7]]]}}]}",
        read_zones,
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


#: A mutation that repeats or nests makes at most so many bytes of it.
_GROWN_BYTES = 60_000


@dataclass
class Fuzzed:
    """How the inputs ended, and the longest step that held its thread, in processor seconds."""

    outcomes: Counter[str] = field(default_factory=Counter[str])
    worst_s: float = 0.0
    worst: str = ""

    def timed(self, what: str, began_s: float) -> None:
        """A step ended that began at this moment of `time.thread_time`."""
        took_s = time.thread_time() - began_s
        if took_s > self.worst_s:
            self.worst_s, self.worst = took_s, what


def fuzz(
    count: int,
    seed: int,
    elements: IoElements,
    real: Sequence[bytes] = (),
    real_gt06: Sequence[bytes] = (),
) -> Fuzzed:
    """Read `count` mutated frames, bodies and uploads.

    `real` are further frames of Teltonika over TCP, and `real_gt06` of GT06. Whatever a decoder
    lets through must be fit for the gate and for the database; anything but a refusal that a reader
    raises is raised here. A server reads uploads in a process of their own, so that their time does
    not count.
    """
    source = random.Random(seed)
    blocks = [*_BLOCKS, *(one[8:-4] for one in real)]
    found = Fuzzed()
    for _ in range(count):
        kind = source.random()
        if kind < 0.4:
            _fuzz_teltonika(source, blocks, elements, found)
        elif kind < 0.55:
            _fuzz_gt06(source, [*_GT06_FRAMES, *real_gt06], found)
        elif kind < 0.75:
            data = mutated(source, datagram(source.choice(blocks)))
            _fuzz_message(data, lambda data: [over_udp(elements).read_kept(data, NOW)], found)
        elif kind < 0.98:
            body, read = source.choice(_BODIES)
            _fuzz_message(mutated(source, body), read, found)
        else:
            name, content, read_upload = source.choice(_UPLOADS)
            try:
                read_upload(name, mutated(source, content), _BOUNDS)
            except FileRefusedError:
                found.outcomes["upload refused"] += 1
            else:
                found.outcomes["upload read"] += 1
    return found


def longest_step(body: bytes, read: Callable[[bytes], Iterable[Message]]) -> float:
    """The processor seconds of the longest step of reading a body."""
    found = Fuzzed()
    _fuzz_message(body, read, found)
    return found.worst_s


def _fuzz_message(data: bytes, read: Callable[[bytes], Iterable[Message]], found: Fuzzed) -> None:
    """Read a body step by step, as a listener does."""
    began_s = time.thread_time()
    try:
        for message in read(data):
            found.timed(f"a body of {len(data):,} bytes", began_s)
            found.outcomes[_checked(message)] += 1
            began_s = time.thread_time()
    except Unreadable as error:
        assert error.errors
        found.outcomes["unreadable"] += 1
    found.timed(f"a body of {len(data):,} bytes", began_s)


def mutated(source: random.Random, data: bytes) -> bytes:
    """The same bytes with one to four things wrong."""
    out = bytearray(data)
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(out) + 1)
        match source.randrange(40):
            case 0:
                out[at:at] = _grown(source, bytes(out))
            case n if n < 7 and at < len(out):
                out[at] ^= 1 << source.randrange(8)
            case n if n < 14 and at < len(out):
                out[at] = source.randrange(256)
            case n if n < 20:
                del out[at : at + source.randint(1, 8)]
            case n if n < 27:
                out[at:at] = out[at : at + source.randint(1, 32)]
            case n if n < 33:
                out[at:at] = source.choice(_TELLING)
            case _:
                out[at : at + 2] = source.choice(_TELLING)
    return bytes(out)


def _grown(source: random.Random, data: bytes) -> bytes:
    """Much of one thing: levels, fields, or a part of what is there again and again."""
    begin = source.randrange(len(data) + 1)
    one = source.choice(
        (b"[", b'{"a":', b'"a":1,', b"&a=1", b"1,", b"\\", data[begin : begin + 40] or b" ")
    )
    return one * source.randint(1, _GROWN_BYTES // len(one))


def _fuzz_teltonika(
    source: random.Random, blocks: Sequence[bytes], elements: IoElements, found: Fuzzed
) -> None:
    one = source.choice(blocks)
    # Half of them with a checksum that holds, or no mutation would get past it.
    data = (
        encode_packet(mutated(source, one))
        if source.random() < 0.5
        else mutated(source, encode_packet(one))
    )
    data = login() + data + b"\xff" + encode_packet(one)
    decoder = TeltonikaStream(elements, PACKET_MAX_BYTES)
    _feed(source, decoder, data, found)
    assert len(decoder._buffer) <= PACKET_MAX_BYTES + len(data)


def _fuzz_gt06(source: random.Random, frames: Sequence[bytes], found: Fuzzed) -> None:
    one = source.choice(frames)
    if source.random() < 0.5:
        # With a length and a checksum that hold, or no mutation would get past them.
        content = mutated(source, one[4:-6])[:250]
        data = gt06_tracker.frame(one[3], content)
    else:
        data = mutated(source, one)
    first = gt06_tracker.login()
    if source.random() < 0.1:
        first = mutated(source, first)
    decoder = Gt06Stream(PACKET_MAX_BYTES)
    data = first + data + source.choice(frames)
    _feed(source, decoder, data, found)
    assert len(decoder._buffer) <= PACKET_MAX_BYTES + len(data)


def _feed(source: random.Random, decoder: StreamDecoder, data: bytes, found: Fuzzed) -> None:
    """Feed a decoder in two pieces, as a socket may."""
    cut = source.randrange(len(data))
    for piece in (data[:cut], data[cut:]):
        began_s = time.thread_time()
        events = list(decoder.feed(piece, NOW))
        found.timed(f"a stream of {len(piece):,} bytes", began_s)
        for event in events:
            told = _checked(event.message) if isinstance(event, Packet) else type(event).__name__
            found.outcomes[told] += 1


def _checked(message: Message) -> str:
    for index, position in enumerate(message.positions):
        if implausible(position, LIMITS, NOW) is None:
            assert "\0" not in position.device
            assert b"\\u0000" not in (position.attrs or b"")
            orjson.loads(position.attrs or b"null")
            assert position.ts.tzinfo is not None
        assert message.original(index)
    return "read"
