"""What some models of Teltonika trackers send otherwise than the others."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from fleet.position import Position
from ingest.protocols.stream import Packet, PacketRefused, PacketWithoutPositions, StreamEvent
from ingest.protocols.teltonika import over_tcp
from ingest.protocols.teltonika.datagram import decode_datagram
from ingest.protocols.teltonika.io_elements import load_elements
from ingest.protocols.teltonika.stream import TeltonikaStream
from tests.unit.ingest.teltonika_encoder import (
    CODEC_8,
    CODEC_8_EXTENDED,
    CODEC_16,
    Sent,
    block,
    datagram,
    frame,
    login,
    record,
)

ELEMENTS = load_elements()
NOW = datetime(2026, 11, 20, tzinfo=UTC)
CODECS = [CODEC_8, CODEC_8_EXTENDED, CODEC_16]


def tcp(body: bytes) -> StreamEvent:
    [_, event] = TeltonikaStream(ELEMENTS, 65_536).feed(login() + frame(body))
    return event


def positions(body: bytes) -> list[Position]:
    event, over_udp = tcp(body), decode_datagram(ELEMENTS, datagram(body)).event
    assert isinstance(event, Packet)
    assert isinstance(over_udp, Packet)
    assert event.answer == body[1].to_bytes(4)
    assert list(event.message.positions) == list(over_udp.message.positions)
    return list(event.message.positions)


def attrs(position: Position) -> dict[str, Any]:
    return orjson.loads(position.attrs or b"{}")


@pytest.mark.parametrize("codec", [CODEC_8, CODEC_16])
def test_an_empty_group_of_16_byte_values_is_read(codec: int) -> None:
    sent = [Sent(timestamp_ms=1_795_255_200_000 + n, io=({239: 1}, {}, {}, {})) for n in range(2)]
    records = b"".join(record(codec, one) + b"\0" for one in sent)
    read = positions(bytes([codec, 2]) + records + b"\2")
    assert read == positions(block(codec, sent))


@pytest.mark.parametrize("codec", [12, 13, 14, 15])
def test_codecs_of_text_are_commands(codec: int) -> None:
    body = bytes([codec, 1, 11]) + b"some text" + b"\1"
    assert tcp(body) == PacketWithoutPositions(f"{codec}")
    assert decode_datagram(ELEMENTS, datagram(body)).event == PacketWithoutPositions(f"{codec}")


@pytest.mark.parametrize(
    "body",
    [
        block(CODEC_8, [Sent()] * 3)[:-5] + b"\3",  # records that end too early
        block(CODEC_8, [Sent()])[:-1] + b"\2",  # counts that differ
        bytes([0x77, 4, 1, 2, 3, 4]),  # a codec that nobody knows
        bytes([CODEC_8, 2, 2]),
    ],
)
def test_what_has_a_good_checksum_and_cannot_be_read_is_kept_and_acknowledged(body: bytes) -> None:
    event = tcp(body)
    assert isinstance(event, PacketRefused)
    assert event.payload.startswith(login())
    assert event.answer == body[1].to_bytes(4)
    over_udp = decode_datagram(ELEMENTS, datagram(body)).event
    assert isinstance(over_udp, PacketRefused)
    assert datagram(body).startswith(over_udp.payload)
    assert over_udp.answer == bytes.fromhex("0005cafe0105") + body[1:2]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("element", [16, 87, 105])
def test_an_odometer_of_all_ones_says_nothing(codec: int, element: int) -> None:
    [none, one] = positions(
        block(
            codec,
            [
                Sent(io=({}, {}, {element: 0xFFFF_FFFF}, {})),
                Sent(timestamp_ms=1_795_255_201_000, io=({}, {}, {element: 22_949_000}, {})),
            ],
        )
    )
    assert (none.odometer_km, one.odometer_km) == (None, 22_949)


def test_an_element_has_a_width() -> None:
    [fuel] = positions(block(CODEC_16, [Sent(io=({87: 96}, {}, {}, {}))]))
    assert (fuel.fuel_pct, fuel.odometer_km) == (96, None)
    [neither] = positions(block(CODEC_16, [Sent(io=({}, {87: 96}, {}, {}))]))
    assert (neither.fuel_pct, neither.odometer_km, attrs(neither)) == (None, None, {"io_87": 96})


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("event_first", [True, False])
def test_of_one_millisecond_the_events_record_wins_and_the_other_is_visible(
    codec: int, event_first: bool
) -> None:
    periodic = Sent(io=({239: 1, 240: 0}, {}, {}, {}))
    event = Sent(event_io=239, io=({239: 0}, {}, {}, {}))
    sent = [event, periodic] if event_first else [periodic, event]
    later = Sent(timestamp_ms=1_795_255_201_000)
    body = block(codec, [*sent, later])
    [first, second] = positions(body)
    assert first.ignition is False
    assert attrs(first) == {"superseded": [{"ignition": True, "movement": False}]}
    assert attrs(second) == {}
    packet = tcp(body)
    assert isinstance(packet, Packet)
    kept = packet.message.original(0)
    assert kept == login() + frame(block(codec, sent))
    assert [*over_tcp(ELEMENTS).read_kept(kept, NOW).positions] == [first]
    assert packet.message.original(1) == login() + frame(block(codec, [later]))
