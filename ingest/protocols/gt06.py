"""GT06 over TCP, which many cheap trackers speak: a login, then frames that each have a checksum.

The decoder reads only those parts of public descriptions that real frames confirm. It acknowledges
a frame without a position, or of an unknown number, all the same: its tracker would repeat it.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import nan
from struct import Struct
from typing import Any

import orjson
from fastcrc import crc16

from fleet.moments import NO_MOMENT
from fleet.position import POSITION_FIELDS
from fleet.saying import Saying
from ingest.protocols.message import Message, extremes_of
from ingest.protocols.mistake import Mistake
from ingest.protocols.position_columns import PositionColumns
from ingest.protocols.stream import (
    UNCONTAINED,
    Login,
    LoginRejected,
    Packet,
    PacketRefused,
    PacketWithoutPositions,
    StreamEvent,
    StreamProtocol,
)
from ingest.protocols.unreadable import Unreadable, unreadable

_LOGIN, _HEARTBEAT, _TIME = 0x01, 0x13, 0x8A
_LOCATION, _LOCATION_WITH_IGNITION = 0x12, 0x22
_ALARMS = frozenset({0x16, 0x26})
_WITH_PLACE = _ALARMS | {_LOCATION, _LOCATION_WITH_IGNITION}
#: Texts and information, which are neither stored nor answered.
_WITHOUT_POSITION = frozenset({0x15, 0x94})

#: The first bytes of a frame, and the number of bytes that state its length.
_LENGTH_BYTES: Mapping[bytes, int] = {b"\x78\x78": 1, b"\x79\x79": 2}
_SHORT = b"\x78\x78"
_STOP = b"\r\n"

#: The length counts the protocol number, the serial number and the checksum, beside the content.
_LENGTH_MIN = 5
_SERIAL_BYTES = _CHECKSUM_BYTES = 2

#: The bytes that are kept of a stream that cannot be followed: start, length and protocol number.
_HEAD_BYTES = 5

#: Year to second, satellites, latitude, longitude, speed, course and flags.
_PLACE = Struct(">6BBIIBH")
_DEGREE = 1_800_000
_COURSE, _NORTH, _WEST, _FIXED = 0x03FF, 0x0400, 0x0800, 0x1000

#: The cell: country, network, area and tower. A set first bit says that the network has 2 bytes.
_CELL_BYTES = 8
_WIDE_NETWORK = 0x80

#: An alarm: the cell after its length, which counts itself; terminal information, voltage, signal,
#: alarm and language.
_ALARM_CELL_BYTES = 1 + _CELL_BYTES
_ALARM_BYTES = _ALARM_CELL_BYTES + 5

_IGNITION = 0x02

_IMEI_BYTES = 8


@dataclass(frozen=True, slots=True)
class _Frame:
    """A whole frame; `stated` is the checksum in it, `computed` that of its bytes."""

    start: bytes
    number: int
    content: bytes
    serial: bytes
    stated: int
    computed: int

    def answer(self, content: bytes = b"") -> bytes:
        """The frame that acknowledges this one."""
        return encode_frame(self.number, content, self.serial, self.start)


class Gt06Stream:
    """The decoder of one connection."""

    def __init__(
        self, packet_max_bytes: int, contained: AbstractContextManager[None] = UNCONTAINED
    ) -> None:
        self.device: str | None = None
        self._packet_max_bytes = packet_max_bytes
        self._contained = contained
        self._buffer = b""
        self._ended = False

    def feed(self, data: bytes, received_at: datetime, /) -> list[StreamEvent]:
        """The events that the bytes so far complete; an incomplete rest waits for the next call."""
        events: list[StreamEvent] = []
        if self._buffer:
            data = self._buffer + data
        at = 0
        while not self._ended and (found := self._next(data, at, received_at)) is not None:
            event, at = found
            events.append(event)
        self._buffer = b"" if self._ended else data[at:]
        return events

    def _next(self, data: bytes, at: int, received_at: datetime) -> tuple[StreamEvent, int] | None:
        """The event of the frame that begins at `at`, and where the frame ends."""
        start = data[at : at + 2]
        length_bytes = _LENGTH_BYTES.get(start)
        if length_bytes is None:
            if any(known.startswith(start) for known in _LENGTH_BYTES):
                return None
            return self._broken(data, at, Saying(Mistake.START, {"start": start.hex()}))
        begin = at + 2 + length_bytes
        if len(data) <= begin:
            return None
        length = int.from_bytes(data[at + 2 : begin])
        # The first frame is rejected before it is complete, if its number is not that of a login.
        if self.device is None and data[begin] != _LOGIN:
            return self._broken(data, at, Saying(Mistake.NO_LOGIN))
        if not _LENGTH_MIN <= length <= self._packet_max_bytes:
            return self._broken(data, at, Saying(Mistake.SIZE, {"found": length}))
        stop = begin + length
        end = stop + len(_STOP)
        if len(data) < end:
            return None
        if data[stop:end] != _STOP:
            return self._broken(data, at, Saying(Mistake.SIZE, {"found": length}))
        checked = data[at + 2 : stop - _CHECKSUM_BYTES]
        found = _Frame(
            start,
            data[begin],
            data[begin + 1 : stop - _SERIAL_BYTES - _CHECKSUM_BYTES],
            checked[-_SERIAL_BYTES:],
            int.from_bytes(data[stop - _CHECKSUM_BYTES : stop]),
            crc16.ibm_sdlc(checked),
        )
        if self.device is None or found.number == _LOGIN:
            return self._login(found), end
        return self._event(self.device, found, received_at), end

    def _login(self, found: _Frame) -> StreamEvent:
        imei = imei_of(found.content) if found.stated == found.computed else None
        # A tracker may log in again, but only as itself: the connection is one device's.
        if imei is None or self.device not in (None, imei):
            self._ended = True
            return LoginRejected(Saying(Mistake.NO_LOGIN))
        self.device = imei
        return Login(imei, found.answer())

    def _event(self, imei: str, found: _Frame, received_at: datetime) -> StreamEvent:
        if found.stated != found.computed:
            values = {"stated": f"{found.stated:#06x}", "found": f"{found.computed:#06x}"}
            detail = Saying(Mistake.CHECKSUM, values)
            kept = _frame(found.start, found.number, _known(found), found.serial, found.stated)
            return PacketRefused(detail, encode_login(imei) + kept, b"")
        if found.number == _TIME:
            return PacketWithoutPositions(f"{_TIME:#04x}", found.answer(_clock(received_at)))
        if found.number in _WITHOUT_POSITION:
            return PacketWithoutPositions(f"{found.number:#04x}")
        try:
            with self._contained:
                return self._packet(imei, found, received_at)
        except Unreadable as error:
            # Only the number is kept, for content that cannot be divided into its parts may name a
            # person.
            return PacketRefused(
                error.saying, encode_login(imei) + encode_frame(found.number), found.answer()
            )

    def _packet(self, imei: str, found: _Frame, received_at: datetime) -> Packet:
        """Raises Unreadable: the number is not known, or its content is too short."""
        if found.number == _HEARTBEAT:
            fields = _heartbeat(found.content, received_at)
        elif found.number in _WITH_PLACE:
            fields = _place(found)
        else:
            raise unreadable(None, "protocol", Mistake.CODEC, codec=f"{found.number:#04x}")

        def original(_: int) -> bytes:
            return encode_login(imei) + encode_frame(
                found.number, _known(found), found.serial, found.start
            )

        nothing: dict[str, Any] = dict.fromkeys(POSITION_FIELDS)
        columns = {name: (one,) for name, one in (nothing | fields | {"device": imei}).items()}
        message = Message(PositionColumns(list(columns.values())), original, extremes_of(columns))
        is_answered = found.number == _HEARTBEAT or found.number in _ALARMS
        return Packet(message, found.answer() if is_answered else b"")

    def _broken(self, data: bytes, at: int, detail: Saying) -> tuple[StreamEvent, int]:
        """End the stream; returns the last event, and the end of the data."""
        self._ended = True
        if self.device is None:
            return LoginRejected(Saying(Mistake.NO_LOGIN)), len(data)
        rest = data[at : at + _HEAD_BYTES]
        return PacketRefused(detail, encode_login(self.device) + rest, None), len(data)


GT06 = StreamProtocol("gt06", "GT06", Gt06Stream)


def imei_of(content: bytes) -> str | None:
    """The IMEI in a login: 15 decimal digits, two in a byte after a 0; None where there is none."""
    digits = content[:_IMEI_BYTES].hex()
    is_imei = len(digits) == 2 * _IMEI_BYTES and digits.isdecimal() and digits[0] == "0"
    return digits[1:] if is_imei else None


def encode_login(imei: str) -> bytes:
    """The bytes of a login."""
    return encode_frame(_LOGIN, bytes.fromhex(f"0{imei}"))


def encode_frame(
    number: int, content: bytes = b"", serial: bytes = b"\0\0", start: bytes = _SHORT
) -> bytes:
    """A frame of a protocol number, with its checksum."""
    length = (len(content) + _LENGTH_MIN).to_bytes(_LENGTH_BYTES[start])
    checksum = crc16.ibm_sdlc(length + bytes((number,)) + content + serial)
    return _frame(start, number, content, serial, checksum)


def _frame(start: bytes, number: int, content: bytes, serial: bytes, checksum: int) -> bytes:
    length = (len(content) + _LENGTH_MIN).to_bytes(_LENGTH_BYTES[start])
    end = checksum.to_bytes(_CHECKSUM_BYTES) + _STOP
    return start + length + bytes((number,)) + content + serial + end


def _place(found: _Frame) -> dict[str, Any]:
    """The fields of a position in a location or an alarm."""
    content = found.content
    if len(content) < _PLACE.size:
        raise unreadable(None, "location", Mistake.CUT)
    *clock, satellites, lat, lon, speed_kmh, flags = _PLACE.unpack_from(content)
    is_fixed = bool(flags & _FIXED)
    fields: dict[str, Any] = {
        "ts": _moment(clock),
        "lat": (lat if flags & _NORTH else -lat) / _DEGREE,
        "lon": (-lon if flags & _WEST else lon) / _DEGREE,
        "speed_kmh": speed_kmh,
        "heading_deg": flags & _COURSE,
        # No satellites is how the gate knows that there is no fix; some count none with one.
        "satellites": ((satellites & 0x0F) or None) if is_fixed else 0,
    }
    at = _PLACE.size
    if found.number == _LOCATION_WITH_IGNITION:
        at += _cell_bytes(content)
        fields["ignition"] = content[at] == 1 if at < len(content) else None
    elif found.number in _ALARMS and _has_alarm(content):
        at += _ALARM_CELL_BYTES
        fields["ignition"] = bool(content[at] & _IGNITION)
        fields["attrs"] = orjson.dumps({"alarm": content[at + 3]})
    return fields


def _heartbeat(content: bytes, received_at: datetime) -> dict[str, Any]:
    """The fields of a position without a fix: a heartbeat tells the ignition, but no time."""
    if not content:
        raise unreadable(None, "heartbeat", Mistake.CUT)
    ignition = bool(content[0] & _IGNITION)
    return {"ts": received_at, "lat": nan, "lon": nan, "satellites": 0, "ignition": ignition}


def _moment(clock: list[int]) -> datetime:
    """The moment of year to second, in UTC; `NO_MOMENT` where they are none."""
    year, *rest = clock
    try:
        return datetime(2000 + year, *rest, tzinfo=UTC)
    except ValueError:
        return NO_MOMENT


def _clock(moment: datetime) -> bytes:
    """The six bytes of a moment in UTC, from year to second."""
    return bytes((moment.year - 2000, *moment.timetuple()[1:6]))


def _cell_bytes(content: bytes) -> int:
    is_wide = len(content) > _PLACE.size and content[_PLACE.size] & _WIDE_NETWORK
    return _CELL_BYTES + 1 if is_wide else _CELL_BYTES


def _has_alarm(content: bytes) -> bool:
    """Whether an alarm's content is divided as the descriptions say; some models do otherwise."""
    has_room = len(content) >= _PLACE.size + _ALARM_BYTES
    return has_room and content[_PLACE.size] == _ALARM_CELL_BYTES


def _known(found: _Frame) -> bytes:
    """The content of a frame for quarantine, in its full length. Bytes that are not read may name a
    person, and are 0."""
    content = found.content
    if found.number == _HEARTBEAT:
        known = 1
    elif found.number not in _WITH_PLACE:
        known = 0
    elif found.number in _ALARMS:
        known = _PLACE.size + (_ALARM_BYTES if _has_alarm(content) else 0)
    else:
        known = _PLACE.size + _cell_bytes(content) + (found.number == _LOCATION_WITH_IGNITION)
    return content[:known] + bytes(max(len(content) - known, 0))
