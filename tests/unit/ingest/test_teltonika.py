"""Teltonika: every real frame reads as documented, and no bytes at all upset the decoder."""

import json
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastcrc import crc16
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from fleet.position import Position
from ingest.protocols.mistake import mistake_in_english
from ingest.protocols.stream import (
    Login,
    LoginRejected,
    Packet,
    PacketRefused,
    PacketWithoutPositions,
    StreamEvent,
)
from ingest.protocols.teltonika import over_tcp, over_udp
from ingest.protocols.teltonika.datagram import decode_datagram
from ingest.protocols.teltonika.io_elements import load_elements
from ingest.protocols.teltonika.stream import LOGIN_ACCEPTED, TeltonikaStream
from ingest.protocols.unreadable import Unreadable
from tests.unit.ingest import teltonika_reference as reference
from tests.unit.ingest.teltonika_encoder import (
    CODEC_8,
    CODEC_8_EXTENDED,
    CODEC_16,
    IMEI,
    Sent,
    block,
    crc,
    datagram,
    frame,
    login,
    packet,
)

ELEMENTS = load_elements()
TCP, UDP = over_tcp(ELEMENTS), over_udp(ELEMENTS)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
PACKET_MAX_BYTES = 65_536


def stream() -> TeltonikaStream:
    decoder = TeltonikaStream(ELEMENTS, PACKET_MAX_BYTES)
    assert decoder.feed(login()) == [Login(IMEI, LOGIN_ACCEPTED)]
    return decoder


def only(events: list[StreamEvent]) -> Packet:
    [event] = events
    assert isinstance(event, Packet)
    return event


def refused(events: list[StreamEvent]) -> PacketRefused:
    [event] = events
    assert isinstance(event, PacketRefused)
    return event


def frames(shared_data: Path) -> list[dict[str, Any]]:
    lines = (shared_data / "teltonika_frames.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def stored(positions: Sequence[Position]) -> list[dict[str, Any]]:
    """What is there of each position but its device, the attributes as an object."""
    found: list[dict[str, Any]] = []
    for one in positions:
        fields = {name: value for name, value in asdict(one).items() if value is not None}
        assert fields.pop("device") == IMEI
        found.append(fields | ({"attrs": orjson.loads(one.attrs)} if one.attrs else {}))
    return found


def test_every_frame_decodes_to_its_records(shared_data: Path) -> None:
    for known in frames(shared_data):
        data = bytes.fromhex(known["frame"])
        body = data[23:] if known["kind"] == "udp_codec08" else data[8:-4]
        assert reference.records(body) == known["records"]
        [event] = stream().feed(frame(body))
        assert isinstance(event, Packet)
        assert stored(event.message.positions) == reference.positions(body)


def test_every_frame_gets_its_answer_and_the_one_with_a_bad_checksum_is_refused_and_kept(
    shared_data: Path,
) -> None:
    answered = bad = 0
    for known in frames(shared_data):
        data = bytes.fromhex(known["frame"])
        if known["kind"] == "udp_codec08":
            event = decode_datagram(ELEMENTS, data).event
        else:
            [event] = stream().feed(data)
        if known["crc_ok"] is False:
            assert isinstance(event, PacketRefused)
            assert event.answer == bytes(4)
            # As it came, but for elements that are on no list, which are blanked.
            came = login() + data
            assert len(event.payload) == len(came)
            assert all(kept in (one, 0) for kept, one in zip(event.payload, came, strict=True))
            assert "checksum 0x09a5" in mistake_in_english(event.detail)
            bad += 1
        else:
            assert isinstance(event, Packet)
            count = len(known["records"])
            expected = known["ack"] or f"{count:08x}"
            assert event.answer.hex().upper() == expected.upper()
            assert len(event.message.positions) == count
            answered += 1
    assert (answered, bad) == (14, 1)


def test_a_record_becomes_a_position_in_our_units() -> None:
    sent = Sent(io=({239: 1}, {66: 12_650}, {16: 22_949_000}, {}))
    [position] = only(stream().feed(packet(sent))).message.positions
    assert position.device == IMEI
    assert position.ts.isoformat() == "2026-11-21T10:00:00+00:00"
    assert (position.lat, position.lon) == (55.77, 12.5)
    assert (position.speed_kmh, position.heading_deg, position.altitude_m) == (50, 90, 20)
    assert (position.satellites, position.ignition) == (9, True)
    assert (position.battery_v, position.odometer_km) == (12.65, 22_949)
    assert position.attrs is None


@st.composite
def shapes(draw: st.DrawFn, codec: int) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """Ids of elements by the size of their values, and (id, length) of variable ones.

    Half of them have a meaning, and some of those are there twice.
    """
    known = [row["id"] for row in reference.TABLE["generic"]] + sorted(reference.NEVER)
    most = 255 if codec == CODEC_8 else 0xFFFF
    ids = st.integers(0, most) | st.sampled_from([one for one in known if one <= most])
    groups = [draw(st.lists(ids, max_size=4, unique=True)) for _ in range(4)]
    lengths = st.tuples(ids, st.integers(0, 20))
    variable = draw(st.lists(lengths, max_size=2, unique_by=lambda one: one[0]))
    return groups, variable if codec == CODEC_8_EXTENDED else []


@st.composite
def sent_records(
    draw: st.DrawFn, codec: int, shape: tuple[list[list[int]], list[tuple[int, int]]]
) -> Sent:
    groups, variable = shape
    # Small values say something more often than others.
    io = [
        {one: draw(st.integers(0, 2) | st.integers(0, 256**size - 1)) for one in group}
        for group, size in zip(groups, (1, 2, 4, 8), strict=True)
    ]
    return Sent(
        timestamp_ms=draw(st.integers(0, 2**64 - 1)),
        priority=draw(st.integers(0, 255)),
        lon_e7=draw(st.integers(-(2**31), 2**31 - 1)),
        lat_e7=draw(st.integers(-(2**31), 2**31 - 1)),
        altitude_m=draw(st.integers(-(2**15), 2**15 - 1)),
        course_deg=draw(st.integers(0, 2**16 - 1)),
        satellites=draw(st.integers(0, 255)),
        speed_kmh=draw(st.integers(0, 2**16 - 1)),
        event_io=draw(st.integers(0, 255)),
        generation_type=draw(st.integers(0, 255)) if codec == CODEC_16 else 0,
        io=(io[0], io[1], io[2], io[3]),
        variable={
            one: draw(
                st.binary(min_size=length, max_size=length)
                | st.text('Az% ,"\\\0', min_size=length, max_size=length).map(str.encode)
            )
            for one, length in variable
        },
    )


@st.composite
def blocks(draw: st.DrawFn) -> tuple[int, list[Sent]]:
    """A codec, and records of one or two shapes that alternate or follow each other."""
    codec = draw(st.sampled_from([CODEC_8, CODEC_8_EXTENDED, CODEC_16]))
    of = draw(st.lists(shapes(codec), min_size=1, max_size=2))
    chosen = draw(st.lists(st.sampled_from(of), max_size=6))
    return codec, [draw(sent_records(codec, shape)) for shape in chosen]


BLOCKS = blocks()


def _moment(position: dict[str, Any]) -> datetime:
    return position["ts"]


@given(st.lists(BLOCKS, min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
def test_what_a_tracker_encodes_is_what_a_plain_reading_finds(
    sent: list[tuple[int, list[Sent]]],
) -> None:
    decoder = stream()
    for codec, records in sent:
        found = only(decoder.feed(packet(*records, codec=codec)))
        plain = reference.positions(block(codec, records))
        alone = [list(same) for _, same in groupby(sorted(plain, key=_moment), key=_moment)]
        # What is said of one moment twice has tests of its own.
        said = [one for one, *others in alone if not others]
        moments = {one["ts"] for one in said}
        read = sorted(stored(found.message.positions), key=_moment)
        assert [one for one in read if one["ts"] in moments] == said
        assert len(read) == len(alone)
        assert found.answer == len(records).to_bytes(4)


def test_elements_of_sixteen_bytes_in_the_short_codecs_are_kept() -> None:
    body = bytearray(block(CODEC_8, [Sent(io=({21: 3}, {}, {}, {}))])[:-1])
    body[27] = 2  # one more is announced than the four groups have
    body += bytes([1, 69]) + bytes(range(16)) + b"\x01"
    found = only(stream().feed(frame(bytes(body)))).message.positions
    assert stored(found) == reference.positions(bytes(body))
    assert stored(found)[0]["attrs"]["io_69"] == bytes(range(16)).hex()


def test_shapes_that_nobody_repeats_leave_nothing_behind_in_memory() -> None:
    def one(number: int) -> bytes:
        ids = range(number, number + 200)
        return packet(Sent(io=(dict.fromkeys(ids, 1), {}, {}, {})), codec=CODEC_8_EXTENDED)

    decoder = stream()
    for number in range(100):
        decoder.feed(one(number))
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(100, 400):
        decoder.feed(one(number))
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 10_000_000


@given(st.lists(BLOCKS, min_size=1, max_size=4), st.data())
def test_in_whatever_pieces_it_comes_it_is_the_same(
    sent: list[tuple[int, list[Sent]]], data: st.DataObject
) -> None:
    bytes_sent = b"\xff".join([login(), *(packet(*rs, codec=codec) for codec, rs in sent)])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(bytes_sent)), max_size=12)))
    at_once = TeltonikaStream(ELEMENTS, PACKET_MAX_BYTES).feed(bytes_sent)
    decoder = TeltonikaStream(ELEMENTS, PACKET_MAX_BYTES)
    in_pieces: list[StreamEvent] = []
    for start, end in zip([0, *cuts], [*cuts, len(bytes_sent)], strict=True):
        in_pieces += decoder.feed(bytes_sent[start:end])
    assert [_plain(event) for event in in_pieces] == [_plain(event) for event in at_once]
    assert len(at_once) == 1 + len(sent)


def _plain(event: StreamEvent) -> object:
    return event.message.positions if isinstance(event, Packet) else event


@given(st.binary(max_size=300))
def test_the_checksum_is_the_documented_one(data: bytes) -> None:
    assert crc16.arc(data) == crc(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_events_or_nothing(data: bytes) -> None:
    TeltonikaStream(ELEMENTS, PACKET_MAX_BYTES).feed(data)
    stream().feed(data)
    stream().feed(frame(data))
    for read_kept in (TCP.read_kept, UDP.read_kept):
        try:
            read_kept(data, NOW)
        except Unreadable as error:
            assert error.errors


@pytest.mark.parametrize("codec", [12, 13, 14])
def test_commands_are_recognised_and_the_stream_goes_on(codec: int) -> None:
    text = frame(bytes([codec, 1, 5, 0, 0, 0, 2]) + b"ok" + b"\x01")
    found = stream().feed(text + packet(Sent()))
    assert found[0] == PacketWithoutPositions(f"{codec}")
    assert isinstance(found[1], Packet)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (block(CODEC_8, [Sent()])[:-1] + b"\x02", "count: is 1 before the records and 2 after"),
        (bytes([8, 2]) + block(CODEC_8, [Sent()])[2:-1] + b"\x02", "ends after the packet does"),
        (bytes([8, 0]) + block(CODEC_8, [Sent()])[2:-1] + b"\x00", "differ from the records'"),
        (b"\x09\x01\x01", "codec: 0x09 is not known"),
        (block(CODEC_8, [Sent(io=({1: 1}, {}, {}, {}))]).replace(b"\x01\x01\x01", b"\x00\x01\x01"),
         "elements announced: 0, there: 1"),
    ],
)  # fmt: skip
def test_a_packet_that_contradicts_itself_is_refused_and_the_stream_goes_on(
    body: bytes, reason: str
) -> None:
    decoder = stream()
    found = refused(decoder.feed(frame(body)))
    assert reason in mistake_in_english(found.detail)
    # Who, how long, codec and count: of the rest nobody knows what it says of whom.
    assert found.payload == login() + frame(body)[:10]
    # Acknowledged, for the checksum is right and the device would send it for ever.
    assert found.answer == body[1].to_bytes(4)
    damaged = bytearray(frame(body))
    damaged[-1] ^= 1
    assert refused(decoder.feed(bytes(damaged))).answer == bytes(4)
    assert only(decoder.feed(packet(Sent()))).answer == b"\0\0\0\1"


@pytest.mark.parametrize(
    "first", [b"\x00\x00", b"\x00\x03abc", b"GET / HTTP/1.1\r\n\r\n", b"\x13\x88"]
)
def test_what_is_no_login_is_rejected_at_once(first: bytes) -> None:
    decoder = TeltonikaStream(ELEMENTS, PACKET_MAX_BYTES)
    [event] = decoder.feed(first)
    assert isinstance(event, LoginRejected)
    assert decoder.feed(login()) == []


def test_a_length_that_lies_ends_the_stream_and_grows_nothing() -> None:
    decoder = stream()
    found = refused(decoder.feed(bytes(4) + b"\xff\xff\xff\xff" + bytes(1_000_000)))
    assert found.answer is None
    assert len(found.payload) < PACKET_MAX_BYTES + 20
    assert decoder.feed(bytes(1_000_000)) == []


def test_counts_that_lie_leave_nothing_behind_in_memory() -> None:
    fix = block(CODEC_8_EXTENDED, [Sent()])[:28]  # up to the event; total and counts follow
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for count in range(64, 65_536, 64):
        lie = fix + count.to_bytes(2) * 2 + bytes(40) + b"\x01"
        assert "ends after" in mistake_in_english(refused(stream().feed(frame(lie))).detail)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 200_000


def test_out_of_step_the_stream_ends() -> None:
    assert refused(stream().feed(b"\x00\x01" + packet(Sent()))).answer is None


def test_an_original_holds_one_record_and_reads_to_the_same_position() -> None:
    records = [Sent(timestamp_ms=1_795_255_200_000 + n, io=({}, {}, {16: n}, {})) for n in range(3)]
    message = only(stream().feed(packet(*records))).message
    udp = decode_datagram(ELEMENTS, datagram(block(CODEC_8, records))).event
    assert isinstance(udp, Packet)
    for index, position in enumerate(message.positions):
        assert message.original(index) == login() + packet(records[index])
        assert list(TCP.read_kept(message.original(index), NOW).positions) == [position]
        kept = udp.message.original(index)
        assert kept == datagram(block(CODEC_8, [records[index]]))
        assert list(UDP.read_kept(kept, NOW).positions) == [position]


def test_a_drivers_key_is_in_no_position_and_in_nothing_that_is_kept() -> None:
    key = 0xFEDCBA9876543210
    name = b"a driver's name"
    sent = Sent(io=({1: 1}, {}, {}, {78: key}), variable={403: name, 256: b"WVWZZZ1KZ6W000001"})
    message = only(stream().feed(packet(sent, codec=CODEC_8_EXTENDED))).message
    assert orjson.loads(message.positions[0].attrs or b"") == {"vin": "WVWZZZ1KZ6W000001"}
    wrong = bytearray(packet(sent, codec=CODEC_8_EXTENDED))
    wrong[-1] ^= 1
    for kept in (message.original(0), refused(stream().feed(bytes(wrong))).payload):
        assert key.to_bytes(8) not in kept
        assert name not in kept
        assert len(kept) == len(login() + wrong)


def test_a_datagram_is_answered_with_its_own_numbers() -> None:
    found = decode_datagram(ELEMENTS, datagram(block(CODEC_16, [Sent()] * 2), packet_id=0x1234))
    assert isinstance(found.event, Packet)
    assert (found.device, found.event.answer.hex()) == (IMEI, "00051234010502")


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_datagram_that_is_cut_short_is_refused_without_an_answer(cut: int) -> None:
    whole = datagram(block(CODEC_8, [Sent()]))
    found = decode_datagram(ELEMENTS, whole[:-cut]).event
    assert isinstance(found, PacketRefused)
    assert (found.answer, found.payload) == (None, whole[: 8 + len(IMEI) + 2])


def test_a_datagram_without_a_device_is_nobodys() -> None:
    with pytest.raises(Unreadable, match="names no device"):
        decode_datagram(ELEMENTS, datagram(block(CODEC_8, [Sent()]), imei="not-an-imei-no!"))


def test_a_clock_beyond_all_calendars_is_read_for_the_gate_to_refuse() -> None:
    [position] = only(stream().feed(packet(Sent(timestamp_ms=2**64 - 1)))).message.positions
    assert position.ts.year == 9999
