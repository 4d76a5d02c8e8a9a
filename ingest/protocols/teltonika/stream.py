"""Teltonika over TCP: a login, then packets, each with its checksum and its answer.

A length that is too large ends the stream instead of growing the buffer.
"""

from contextlib import AbstractContextManager
from datetime import datetime

from fastcrc import crc16

from fleet.saying import Saying
from ingest.protocols.mistake import Mistake
from ingest.protocols.stream import (
    UNCONTAINED,
    Login,
    LoginRejected,
    Packet,
    PacketRefused,
    PacketWithoutPositions,
    StreamEvent,
)
from ingest.protocols.teltonika.block import (
    HEAD_BYTES,
    IMEI_LENGTHS,
    blanked_block,
    imei_of,
    message_of,
)
from ingest.protocols.teltonika.io_elements import IoElements
from ingest.protocols.teltonika.record_reader import RecordReader
from ingest.protocols.teltonika.records import BLOCK_MIN_BYTES, COMMAND_CODECS
from ingest.protocols.unreadable import Unreadable

LOGIN_ACCEPTED = b"\x01"
LOGIN_REJECTED = b"\x00"
NO_RECORDS_ACCEPTED = bytes(4)

_KEEPALIVE = b"\xff"
_PREAMBLE = bytes(4)
_HEADER_BYTES = 8
_CHECKSUM_BYTES = 4


class TeltonikaStream:
    """The decoder of one connection.

    `contained` turns an unexpected error in one packet into `Unreadable`, so that the packet is
    acknowledged: its tracker would send it for ever.
    """

    def __init__(
        self,
        elements: IoElements,
        packet_max_bytes: int,
        contained: AbstractContextManager[None] = UNCONTAINED,
    ) -> None:
        self.device: str | None = None
        self._elements = elements
        self._packet_max_bytes = packet_max_bytes
        self._contained = contained
        self._buffer = b""
        self._likely: RecordReader | None = None
        self._ended = False

    def feed(self, data: bytes, _received_at: datetime | None = None) -> list[StreamEvent]:
        """The events that the bytes so far complete; an incomplete rest waits for the next call."""
        events: list[StreamEvent] = []
        if self._ended:
            return events
        if self._buffer:
            data = self._buffer + data
        at = 0
        while not self._ended:
            while data.startswith(_KEEPALIVE, at):
                at += 1
            device = self.device
            found = self._login(data, at) if device is None else self._packet(device, data, at)
            if found is None:
                break
            event, at = found
            events.append(event)
        self._buffer = data[at:]
        return events

    def _login(self, data: bytes, at: int) -> tuple[StreamEvent, int] | None:
        """The event of the login that begins at `at`, and where it ends; None: it is incomplete."""
        if len(data) < at + 2:
            return None
        length = int.from_bytes(data[at : at + 2])
        end = at + 2 + length
        raw = data[at + 2 : end]
        # A login that is no IMEI by its first bytes is rejected before it is complete.
        if len(raw) < length and length in IMEI_LENGTHS and (not raw or raw.isdigit()):
            return None
        self.device = imei_of(raw)
        if self.device is None:
            self._ended = True
            return LoginRejected(Saying(Mistake.NO_LOGIN)), len(data)
        return Login(self.device, LOGIN_ACCEPTED), end

    def _packet(self, imei: str, data: bytes, at: int) -> tuple[StreamEvent, int] | None:
        """The event of the packet that begins at `at`, and where it ends; None: it is
        incomplete."""
        preamble = data[at : at + 4]
        if preamble != _PREAMBLE[: len(preamble)]:
            return self._broken(imei, data, at, Saying(Mistake.START, {"start": preamble.hex()}))
        start = at + _HEADER_BYTES
        if len(data) < start:
            return None
        length = int.from_bytes(data[at + 4 : start])
        if not BLOCK_MIN_BYTES <= length <= self._packet_max_bytes:
            return self._broken(imei, data, at, Saying(Mistake.SIZE, {"found": length}))
        end = start + length + _CHECKSUM_BYTES
        if len(data) < end:
            return None
        stated = int.from_bytes(data[end - _CHECKSUM_BYTES : end])
        return self._read(imei, data[start : start + length], stated), end

    def _read(self, imei: str, block: bytes, stated: int) -> StreamEvent:
        computed = crc16.arc(block)
        if stated == computed and block[0] in COMMAND_CODECS:
            return PacketWithoutPositions(f"{block[0]}")
        try:
            with self._contained:
                return self._understood(imei, block, stated, computed)
        except Unreadable as error:
            # Only codec and count are kept, for records that cannot be divided into elements may
            # name a person.
            kept = encode_login(imei) + _PREAMBLE + len(block).to_bytes(4) + block[:HEAD_BYTES]
            if stated == computed:
                return PacketRefused(error.saying, kept, block[1].to_bytes(4))
            return PacketRefused(_mismatch(stated, computed), kept, NO_RECORDS_ACCEPTED)

    def _understood(self, imei: str, block: bytes, stated: int, computed: int) -> StreamEvent:
        """Raises Unreadable: the block cannot be divided into records."""
        runs = self._elements.reader(imei).runs(block, self._likely)
        if stated != computed:
            kept = _packet(blanked_block(block, runs), stated)
            return PacketRefused(
                _mismatch(stated, computed), encode_login(imei) + kept, NO_RECORDS_ACCEPTED
            )
        if runs:
            self._likely = runs[-1].reader
        message = message_of(imei, block, runs, lambda one: encode_login(imei) + encode_packet(one))
        return Packet(message, block[1].to_bytes(4))

    def _broken(self, imei: str, data: bytes, at: int, detail: Saying) -> tuple[StreamEvent, int]:
        """End the stream; returns the last event, and the end of the data."""
        self._ended = True
        rest = data[at : at + _HEADER_BYTES + HEAD_BYTES]
        return PacketRefused(detail, encode_login(imei) + rest, None), len(data)


def encode_login(imei: str) -> bytes:
    """The bytes of a login."""
    return len(imei).to_bytes(2) + imei.encode("ascii")


def encode_packet(block: bytes) -> bytes:
    """The packet of a block."""
    return _packet(block, crc16.arc(block))


def _packet(block: bytes, checksum: int) -> bytes:
    return _PREAMBLE + len(block).to_bytes(4) + block + checksum.to_bytes(_CHECKSUM_BYTES)


def _mismatch(stated: int, computed: int) -> Saying:
    values = {"stated": f"{stated:#06x}", "found": f"{computed:#06x}"}
    return Saying(Mistake.CHECKSUM, values)
