"""Teltonika: every real frame reads as documented, and no bytes at all upset the decoder."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastcrc import crc16
from hypothesis import given
from hypothesis import strategies as st

from ingest.protocols.refusal import Unreadable
from ingest.protocols.teltonika.datagram import decode_datagram, decode_kept_datagram
from ingest.protocols.teltonika.elements import load_elements
from ingest.protocols.teltonika.packet import Command, Packet, Refused
from ingest.protocols.teltonika.records import Record, decode_block
from ingest.protocols.teltonika.stream import (
    Event,
    Login,
    Rejected,
    StreamDecoder,
    decode_stream,
)
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
PACKET_MAX_BYTES = 65_536


def stream() -> StreamDecoder:
    decoder = StreamDecoder(ELEMENTS, PACKET_MAX_BYTES)
    assert decoder.feed(login()) == [Login(IMEI)]
    return decoder


def only(events: list[Event]) -> Packet:
    [event] = events
    assert isinstance(event, Packet)
    return event


def refused(events: list[Event]) -> Refused:
    [event] = events
    assert isinstance(event, Refused)
    return event


def frames(shared_data: Path) -> list[dict[str, Any]]:
    lines = (shared_data / "teltonika_frames.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def as_documented(record: Record) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "timestamp_ms": record.timestamp_ms,
        "priority": record.priority,
        "lon": record.lon_e7 / 1e7,
        "lat": record.lat_e7 / 1e7,
        "altitude_m": record.altitude_m,
        "course_deg": record.course_deg,
        "satellites": record.satellites,
        "speed_kmh": record.speed_kmh,
        "event_io": record.event_io,
        "io_total": len(record.io),
        "io": {
            str(number): value.hex() if isinstance(value, bytes) else value
            for number, value in record.io.items()
        },
    }
    if record.generation_type is not None:
        fields["generation_type"] = record.generation_type
    return fields


def test_every_frame_decodes_to_its_records(shared_data: Path) -> None:
    for known in frames(shared_data):
        data = bytes.fromhex(known["frame"])
        body = data[23:] if known["kind"] == "udp_codec08" else data[8:-4]
        assert [as_documented(record) for record in decode_block(body)] == known["records"]


def test_every_frame_gets_its_answer_and_the_one_with_a_bad_checksum_is_refused_and_kept(
    shared_data: Path,
) -> None:
    answered = bad = 0
    for known in frames(shared_data):
        data = bytes.fromhex(known["frame"])
        if known["kind"] == "udp_codec08":
            event = decode_datagram(data, ELEMENTS).event
        else:
            [event] = stream().feed(data)
        if known["crc_ok"] is False:
            assert isinstance(event, Refused)
            assert (event.answer, event.payload) == (bytes(4), login() + data)
            assert "checksum 0x09a5" in event.detail
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
def sent_records(draw: st.DrawFn, codec: int) -> Sent:
    ids = st.integers(0, 255 if codec == CODEC_8 else 0xFFFF)
    chosen = iter(draw(st.lists(ids, unique=True, max_size=10)))
    groups: list[dict[int, int]] = []
    for width in (1, 2, 4, 8):
        values = draw(st.lists(st.integers(0, 256**width - 1), max_size=3))
        groups.append(dict(zip(chosen, values, strict=False)))
    variable: dict[int, bytes] = {}
    if codec == CODEC_8_EXTENDED:
        texts = draw(st.lists(st.binary(max_size=40), max_size=2))
        variable = dict(zip(chosen, texts, strict=False))
    return Sent(
        timestamp_ms=draw(st.integers(0, 2**64 - 1)),
        priority=draw(st.integers(0, 255)),
        lon_e7=draw(st.integers(-(2**31), 2**31 - 1)),
        lat_e7=draw(st.integers(-(2**31), 2**31 - 1)),
        altitude_m=draw(st.integers(-(2**15), 2**15 - 1)),
        course_deg=draw(st.integers(0, 2**16 - 1)),
        satellites=draw(st.integers(0, 255)),
        speed_kmh=draw(st.integers(0, 2**16 - 1)),
        event_io=draw(ids),
        generation_type=draw(st.integers(0, 255)) if codec == CODEC_16 else 0,
        io=(groups[0], groups[1], groups[2], groups[3]),
        variable=variable,
    )


CODECS = st.sampled_from([CODEC_8, CODEC_8_EXTENDED, CODEC_16])
BLOCKS = CODECS.flatmap(
    lambda codec: st.tuples(st.just(codec), st.lists(sent_records(codec), max_size=4))
)


@given(BLOCKS)
def test_what_a_tracker_encodes_is_what_is_decoded(sent: tuple[int, list[Sent]]) -> None:
    codec, records = sent
    found = decode_block(block(codec, records))
    assert [(r.timestamp_ms, r.lon_e7, r.lat_e7, r.altitude_m) for r in found] == [
        (s.timestamp_ms, s.lon_e7, s.lat_e7, s.altitude_m) for s in records
    ]
    assert [(r.course_deg, r.satellites, r.speed_kmh, r.event_io) for r in found] == [
        (s.course_deg, s.satellites, s.speed_kmh, s.event_io) for s in records
    ]
    assert [r.io for r in found] == [s.all_io() for s in records]
    assert only(stream().feed(packet(*records, codec=codec))).answer == len(records).to_bytes(4)


@given(st.lists(BLOCKS, min_size=1, max_size=4), st.data())
def test_in_whatever_pieces_it_comes_it_is_the_same(
    sent: list[tuple[int, list[Sent]]], data: st.DataObject
) -> None:
    bytes_sent = b"\xff".join([login(), *(packet(*rs, codec=codec) for codec, rs in sent)])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(bytes_sent)), max_size=12)))
    at_once = StreamDecoder(ELEMENTS, PACKET_MAX_BYTES).feed(bytes_sent)
    decoder = StreamDecoder(ELEMENTS, PACKET_MAX_BYTES)
    in_pieces: list[Event] = []
    for start, end in zip([0, *cuts], [*cuts, len(bytes_sent)], strict=True):
        in_pieces += decoder.feed(bytes_sent[start:end])
    assert [_plain(event) for event in in_pieces] == [_plain(event) for event in at_once]
    assert len(at_once) == 1 + len(sent)


def _plain(event: Event) -> object:
    return event.message.positions if isinstance(event, Packet) else event


@given(st.binary(max_size=300))
def test_the_checksum_is_the_documented_one(data: bytes) -> None:
    assert crc16.arc(data) == crc(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_events_or_nothing(data: bytes) -> None:
    StreamDecoder(ELEMENTS, PACKET_MAX_BYTES).feed(data)
    stream().feed(data)
    stream().feed(frame(data))
    for decode in (decode_datagram, decode_stream, decode_kept_datagram):
        try:
            decode(data, ELEMENTS)
        except Unreadable as error:
            assert error.errors


@pytest.mark.parametrize("codec", [12, 13, 14])
def test_commands_are_recognised_and_the_stream_goes_on(codec: int) -> None:
    text = frame(bytes([codec, 1, 5, 0, 0, 0, 2]) + b"ok" + b"\x01")
    found = stream().feed(text + packet(Sent()))
    assert found[0] == Command(codec)
    assert isinstance(found[1], Packet)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (block(CODEC_8, [Sent()])[:-1] + b"\x02", "count: is 1 before the records and 2 after"),
        (bytes([8, 2]) + block(CODEC_8, [Sent()])[2:-1] + b"\x02", "ends after the packet does"),
        (bytes([8, 0]) + block(CODEC_8, [Sent()])[2:-1] + b"\x00", "differ from the records'"),
        (b"\x09\x01\x01", "codec: 0x09 is not known"),
        (block(CODEC_8, [Sent(io=({1: 1}, {}, {}, {}))]).replace(b"\x01\x01\x01", b"\x00\x01\x01"),
         "0 elements are announced and 1 are there"),
    ],
)  # fmt: skip
def test_a_packet_that_contradicts_itself_is_refused_and_the_stream_goes_on(
    body: bytes, reason: str
) -> None:
    decoder = stream()
    found = refused(decoder.feed(frame(body)))
    assert reason in found.detail
    assert (found.answer, found.payload) == (bytes(4), login() + frame(body))
    assert only(decoder.feed(packet(Sent()))).answer == b"\0\0\0\1"


@pytest.mark.parametrize(
    "first", [b"\x00\x00", b"\x00\x03abc", b"GET / HTTP/1.1\r\n\r\n", b"\x13\x88"]
)
def test_what_is_no_login_is_rejected_at_once(first: bytes) -> None:
    decoder = StreamDecoder(ELEMENTS, PACKET_MAX_BYTES)
    [event] = decoder.feed(first)
    assert isinstance(event, Rejected)
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
        assert "ends after" in refused(stream().feed(frame(lie))).detail
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 200_000


def test_out_of_step_the_stream_ends() -> None:
    assert refused(stream().feed(b"\x00\x01" + packet(Sent()))).answer is None


def test_an_original_holds_one_record_and_reads_to_the_same_position() -> None:
    records = [Sent(timestamp_ms=1_795_255_200_000 + n, io=({}, {}, {16: n}, {})) for n in range(3)]
    message = only(stream().feed(packet(*records))).message
    udp = decode_datagram(datagram(block(CODEC_8, records)), ELEMENTS).event
    assert isinstance(udp, Packet)
    for index, position in enumerate(message.positions):
        assert message.original(index) == login() + packet(records[index])
        assert decode_stream(message.original(index), ELEMENTS).positions == [position]
        kept = udp.message.original(index)
        assert kept == datagram(block(CODEC_8, [records[index]]))
        assert decode_kept_datagram(kept, ELEMENTS).positions == [position]


def test_a_drivers_key_is_in_no_position_and_in_nothing_that_is_kept() -> None:
    key = 0xFEDCBA9876543210
    name = b"a driver's name"
    sent = Sent(io=({1: 1}, {}, {}, {78: key}), variable={403: name, 256: b"WVWZZZ1KZ6W000001"})
    message = only(stream().feed(packet(sent, codec=CODEC_8_EXTENDED))).message
    assert orjson.loads(message.positions[0].attrs or b"") == {
        "io_1": 1,
        "vin": "WVWZZZ1KZ6W000001",
    }
    wrong = bytearray(packet(sent, codec=CODEC_8_EXTENDED))
    wrong[-1] ^= 1
    for kept in (message.original(0), refused(stream().feed(bytes(wrong))).payload):
        assert key.to_bytes(8) not in kept
        assert name not in kept
        assert len(kept) == len(login() + wrong)


def test_a_datagram_is_answered_with_its_own_numbers() -> None:
    found = decode_datagram(datagram(block(CODEC_16, [Sent()] * 2), packet_id=0x1234), ELEMENTS)
    assert isinstance(found.event, Packet)
    assert (found.imei, found.event.answer.hex()) == (IMEI, "00051234010502")


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_datagram_that_is_cut_short_is_refused_without_an_answer(cut: int) -> None:
    whole = datagram(block(CODEC_8, [Sent()]))
    found = decode_datagram(whole[:-cut], ELEMENTS).event
    assert isinstance(found, Refused)
    assert (found.answer, found.payload) == (None, whole[:-cut])


def test_a_datagram_without_a_device_is_nobodys() -> None:
    with pytest.raises(Unreadable, match="names no device"):
        decode_datagram(datagram(block(CODEC_8, [Sent()]), imei="not-an-imei-no!"), ELEMENTS)


def test_a_clock_beyond_all_calendars_is_read_for_the_gate_to_refuse() -> None:
    [position] = only(stream().feed(packet(Sent(timestamp_ms=2**64 - 1)))).message.positions
    assert position.ts.year == 9999
