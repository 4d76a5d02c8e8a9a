"""GT06: every real frame reads as documented, and no bytes at all upset the decoder."""

import json
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isnan
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastcrc import crc16
from hypothesis import given
from hypothesis import strategies as st

from fleet.moments import NO_MOMENT
from fleet.position import Position
from fleet.saying import Saying
from ingest.protocols.gt06 import GT06, Gt06Stream
from ingest.protocols.mistake import Mistake, mistake_in_english
from ingest.protocols.stream import (
    Login,
    LoginRejected,
    Packet,
    PacketRefused,
    PacketWithoutPositions,
    StreamEvent,
)
from ingest.protocols.unreadable import Unreadable
from tests.factories.gt06_tracker import (
    ALARM,
    CELL,
    HEARTBEAT,
    IMEI,
    INFORMATION,
    LOCATION,
    LOCATION_WITH_IGNITION,
    LOGIN,
    TEXT,
    TIME,
    Place,
    alarm,
    answer,
    checksum,
    driving,
    frame,
    heartbeat,
    location,
    login,
)

NOW = datetime(2026, 11, 20, 9, 30, 15, tzinfo=UTC)
PACKET_MAX_BYTES = 4_096


def stream() -> Gt06Stream:
    decoder = Gt06Stream(PACKET_MAX_BYTES)
    assert decoder.feed(login(), NOW) == [Login(IMEI, answer(LOGIN, 1))]
    return decoder


def only(events: Sequence[StreamEvent]) -> StreamEvent:
    [event] = events
    return event


def packet(data: bytes) -> tuple[Position, bytes]:
    """The one position in a frame, and the frame's answer."""
    event = only(stream().feed(data, NOW))
    assert isinstance(event, Packet)
    [position] = event.message.positions
    return position, event.answer


def refused(data: bytes) -> PacketRefused:
    event = only(stream().feed(data, NOW))
    assert isinstance(event, PacketRefused)
    return event


def frames(shared_data: Path) -> list[dict[str, Any]]:
    lines = (shared_data / "gt06_frames.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_every_real_frame_is_read_and_answered_as_known(shared_data: Path) -> None:
    for known in frames(shared_data):
        data = bytes.fromhex(known["frame"])
        expected = bytes.fromhex(known.get("answer", ""))
        number = int(known["protocol"], 16)
        if number == LOGIN:
            decoder = Gt06Stream(PACKET_MAX_BYTES)
            assert decoder.feed(data, NOW) == [Login(known["imei"], expected)]
        elif number == TIME:
            event = only(stream().feed(data, NOW))
            asked = answer(TIME, 6, bytes((26, 11, 20, 9, 30, 15)))
            assert event == PacketWithoutPositions("0x8a", asked)
        elif number == INFORMATION:
            assert stream().feed(data, NOW) == [PacketWithoutPositions("0x94")]
        elif "bad checksum" in known["meaning"]:
            event = refused(data)
            assert (event.answer, event.payload[-len(data) :]) == (b"", data)
            assert "checksum" in mistake_in_english(event.detail)
        else:
            position, answered = packet(data)
            assert answered == expected
            if "ts" in known:
                assert position.ts == datetime.fromisoformat(known["ts"])
                assert position.lat == pytest.approx(known["lat"], abs=1e-6)
                assert position.lon == pytest.approx(known["lon"], abs=1e-6)
                assert position.speed_kmh == known["speed_kmh"]
                assert position.heading_deg == known["heading_deg"]
                told = known["satellites"] or None
                assert position.satellites == (told if known["fix"] else 0)
            if "ignition" in known:
                assert position.ignition == known["ignition"]


@given(st.binary(max_size=300))
def test_the_checksum_is_the_documented_one(data: bytes) -> None:
    assert crc16.ibm_sdlc(data) == checksum(data)


@pytest.mark.parametrize("lat", [55.77, -33.9])
@pytest.mark.parametrize("lon", [12.5, -70.25])
def test_north_and_west_are_flags(lat: float, lon: float) -> None:
    position, _ = packet(location(Place(lat=lat, lon=lon)))
    assert (position.lat, position.lon) == pytest.approx((lat, lon), abs=1e-6)


def test_a_place_without_a_fix_has_no_satellites_and_a_fix_may_count_none() -> None:
    without_fix, _ = packet(location(Place(satellites=7, is_fixed=False)))
    assert without_fix.satellites == 0
    uncounted, _ = packet(location(Place(satellites=0)))
    assert uncounted.satellites is None


@pytest.mark.parametrize("ignition", [True, False])
@pytest.mark.parametrize("cell", [CELL, b"\x81\x36\x01\x04\xcb\x8a\x00\xbe\xf3"])
def test_ignition_stands_after_the_cell_whose_network_may_have_two_bytes(
    cell: bytes, *, ignition: bool
) -> None:
    content = Place().content() + cell + bytes([ignition, 0, 0])
    position, answered = packet(frame(LOCATION_WITH_IGNITION, content))
    assert (position.ignition, answered) == (ignition, b"")
    cut, _ = packet(frame(LOCATION_WITH_IGNITION, Place().content() + cell))
    assert cut.ignition is None


def test_a_heartbeat_is_heard_now_without_a_place() -> None:
    position, answered = packet(heartbeat(serial=7, ignition=False))
    assert (position.ts, position.ignition, position.satellites) == (NOW, False, 0)
    assert isnan(position.lat)
    assert isnan(position.lon)
    assert answered == answer(HEARTBEAT, 7)


def test_an_alarm_is_a_position_with_its_code() -> None:
    position, answered = packet(alarm(Place(), code=6, serial=9, ignition=True))
    assert (position.ts, position.ignition) == (Place().ts, True)
    assert orjson.loads(position.attrs or b"") == {"alarm": 6}
    assert answered == answer(ALARM, 9)


def test_an_alarm_that_is_divided_otherwise_is_a_position_alone() -> None:
    other = Place().content() + bytes([8]) + CELL + bytes(12)
    position, answered = packet(frame(ALARM, other))
    assert (position.lat, position.ignition, position.attrs) == (
        pytest.approx(55.77),
        None,
        None,
    )
    assert answered == answer(ALARM, 1)


def test_a_long_frame_is_read_and_answered_as_one() -> None:
    data = frame(ALARM, Place().content() + bytes(400), serial=3, is_long=True)
    position, answered = packet(data)
    assert position.lat == pytest.approx(55.77)
    assert answered == frame(ALARM, b"", 3, is_long=True)


@pytest.mark.parametrize("month", [0, 13])
def test_a_time_that_is_none_is_told_apart(month: int) -> None:
    content = bytearray(Place().content() + CELL)
    content[1] = month
    position, _ = packet(frame(LOCATION, bytes(content)))
    assert position.ts == NO_MOMENT


@pytest.mark.parametrize("number", [TEXT, INFORMATION])
def test_texts_are_neither_stored_nor_answered(number: int) -> None:
    found = stream().feed(frame(number, b"driver: Anna") + location(Place()), NOW)
    assert found[0] == PacketWithoutPositions(f"{number:#04x}")
    assert isinstance(found[1], Packet)


def test_a_number_that_is_not_known_is_acknowledged_and_kept_without_its_content() -> None:
    event = refused(frame(0x17, b"card 0011223344", serial=0x0A0B))
    assert mistake_in_english(event.detail) == "protocol: 0x17 is not known"
    assert event.answer == answer(0x17, 0x0A0B)
    assert b"0011" not in event.payload
    with pytest.raises(Unreadable, match="0x17 is not known"):
        GT06.read_kept(event.payload, NOW)


@pytest.mark.parametrize("number", [LOCATION, LOCATION_WITH_IGNITION, ALARM, HEARTBEAT])
def test_what_is_too_short_is_acknowledged_and_kept(number: int) -> None:
    event = refused(frame(number, b"", serial=5))
    assert event.answer == answer(number, 5)
    assert "ends after the packet does" in mistake_in_english(event.detail)


@pytest.mark.parametrize(
    "data",
    [
        location(Place()),
        location(Place(), ignition=True),
        alarm(Place(), code=2),
        heartbeat(),
        frame(ALARM, Place().content() + bytes(300), is_long=True),
    ],
)
def test_what_quarantine_keeps_reads_as_it_came(data: bytes) -> None:
    event = only(stream().feed(data, NOW))
    assert isinstance(event, Packet)
    kept = event.message.original(0)
    again = GT06.read_kept(kept, NOW)
    assert repr(list(again.positions)) == repr(list(event.message.positions))
    assert again.original(0) == kept


@pytest.mark.parametrize("number", [LOCATION, LOCATION_WITH_IGNITION, ALARM])
@pytest.mark.parametrize("is_good", [True, False])
def test_what_is_not_read_is_blanked_in_what_is_kept(number: int, *, is_good: bool) -> None:
    sent = bytearray(frame(number, Place().content() + CELL + bytes(20) + b"Anna" * 5))
    if not is_good:
        sent[-3] ^= 1
    event = only(stream().feed(bytes(sent), NOW))
    kept = event.message.original(0) if isinstance(event, Packet) else b""
    if isinstance(event, PacketRefused):
        kept = event.payload
        assert event.answer == b""
    assert b"Anna" not in kept
    assert len(kept) == len(login()) + len(sent)


def test_only_a_login_begins_a_connection() -> None:
    broken = bytearray(login())
    broken[-3] ^= 1
    for first in (
        location(Place()),
        heartbeat(),
        b"GET / HTTP/1.1\r\n",
        b"\x78\x78\x05\x12",
        bytes(broken),
        frame(LOGIN, bytes.fromhex("1359000000000017")),
        frame(LOGIN, bytes.fromhex("035900000000001f")),
        frame(LOGIN, b"\x03\x59"),
        b"\x78\x78\x04\x01",
    ):
        decoder = Gt06Stream(PACKET_MAX_BYTES)
        assert decoder.feed(first, NOW) == [LoginRejected(Saying(Mistake.NO_LOGIN))]
        assert decoder.feed(login(), NOW) == []


def test_a_newer_login_has_more_and_a_second_one_must_be_the_same_devices() -> None:
    decoder = Gt06Stream(PACKET_MAX_BYTES)
    [first] = decoder.feed(login(more=b"\x10\x0f\x19\x0a"), NOW)
    assert first == Login(IMEI, answer(LOGIN, 1))
    [again] = decoder.feed(login(serial=4), NOW)
    assert again == Login(IMEI, answer(LOGIN, 4))
    [other] = decoder.feed(login("359000000000025"), NOW)
    assert isinstance(other, LoginRejected)
    assert decoder.device == IMEI
    assert decoder.feed(location(Place()), NOW) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x78\x78\x04\x12\0\0\0\0\r\n", "a packet whose size in bytes is 4"),
        (b"\x79\x79\xff\xff\x12", "a packet whose size in bytes is 65535"),
        (location(Place())[:-2] + b"\n\r", "a packet whose size in bytes is 31"),
        (b"\x00\x00\x00\x20", "no packet begins with 0000"),
        (b"\x78\x79\x00\x20", "no packet begins with 7879"),
    ],
)
def test_a_stream_that_cannot_be_followed_ends(data: bytes, reason: str) -> None:
    decoder = stream()
    event = only(decoder.feed(data + location(Place()), NOW))
    assert isinstance(event, PacketRefused)
    assert (mistake_in_english(event.detail), event.answer) == (reason, None)
    assert event.payload == login(serial=0) + (data + location(Place()))[:5]
    assert decoder.feed(location(Place()), NOW) == []


@given(
    st.lists(
        st.sampled_from(
            [
                *(location(place, n) for n, place in enumerate(driving(5))),
                location(Place(), ignition=True),
                alarm(Place(), code=1),
                heartbeat(),
                frame(TEXT, b"ok"),
                frame(0x42, b"?"),
                frame(LOCATION, Place().content() + bytes(700), is_long=True),
            ]
        ),
        max_size=8,
    ),
    st.data(),
)
def test_frames_may_come_glued_and_in_pieces(sent: list[bytes], data: st.DataObject) -> None:
    whole = login() + b"".join(sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    at_once = Gt06Stream(PACKET_MAX_BYTES).feed(whole, NOW)
    decoder = Gt06Stream(PACKET_MAX_BYTES)
    in_pieces: list[StreamEvent] = []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        in_pieces += decoder.feed(whole[start:end], NOW)
    assert [_plain(event) for event in in_pieces] == [_plain(event) for event in at_once]
    assert len(at_once) == 1 + len(sent)


def _plain(event: StreamEvent) -> object:
    # By its text, for a place that is not known is no number, which equals nothing.
    return repr(list(event.message.positions)) if isinstance(event, Packet) else event


@given(
    st.builds(
        Place,
        ts=st.datetimes(datetime(2010, 1, 1), datetime(2099, 12, 31)).map(  # noqa: DTZ001
            lambda one: one.replace(microsecond=0, tzinfo=UTC)
        ),
        lat=st.floats(-90, 90),
        lon=st.floats(-180, 180),
        satellites=st.integers(1, 15),
        speed_kmh=st.integers(0, 255),
        course_deg=st.integers(0, 359),
        is_fixed=st.booleans(),
    ),
    st.none() | st.booleans(),
)
def test_what_a_tracker_says_is_what_is_read(place: Place, ignition: bool | None) -> None:
    position, _ = packet(location(place, ignition=ignition))
    assert position.ts == place.ts
    assert (position.lat, position.lon) == pytest.approx((place.lat, place.lon), abs=1e-6)
    assert (position.speed_kmh, position.heading_deg) == (place.speed_kmh, place.course_deg)
    assert position.satellites == (place.satellites if place.is_fixed else 0)
    assert position.ignition == ignition


@given(st.binary(max_size=200), st.integers(0, 255))
def test_any_bytes_are_events_or_nothing(data: bytes, number: int) -> None:
    Gt06Stream(PACKET_MAX_BYTES).feed(data, NOW)
    stream().feed(data, NOW)
    [event, *_] = stream().feed(frame(number, data), NOW)
    if isinstance(event, Packet):
        assert event.message.original(0)
    try:
        GT06.read_kept(data, NOW)
    except Unreadable as error:
        assert error.errors


def test_a_stream_holds_no_more_than_one_frame_and_one_read() -> None:
    decoder = stream()
    tracemalloc.start()
    try:
        decoder.feed(b"\x79\x79\x0f\xff\x15", NOW)
        for _ in range(1_000):
            decoder.feed(bytes(4_000), NOW)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 100_000


def test_a_moment_is_utc_to_the_second() -> None:
    place = replace(Place(), ts=NOW + timedelta(seconds=1))
    position, _ = packet(location(place))
    assert position.ts == datetime(2026, 11, 20, 9, 30, 16, tzinfo=UTC)
