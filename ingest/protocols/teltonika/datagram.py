"""Teltonika over UDP: every datagram names its device and is answered with its own numbers.

There is no checksum of the protocol's own; UDP has one.
"""

from contextlib import AbstractContextManager
from datetime import datetime

from fleet.saying import Saying
from ingest.protocols.datagram import Datagram
from ingest.protocols.mistake import Mistake
from ingest.protocols.stream import UNCONTAINED, Packet, PacketRefused, PacketWithoutPositions
from ingest.protocols.teltonika.block import HEAD_BYTES, imei_of, message_of
from ingest.protocols.teltonika.io_elements import IoElements
from ingest.protocols.teltonika.records import BLOCK_MIN_BYTES, COMMAND_CODECS
from ingest.protocols.unreadable import Unreadable, unreadable

#: Length, packet id, type, AVL packet id, length of the IMEI.
_HEADER_BYTES = 8
_ACKNOWLEDGED_TYPE = 1


def decode_datagram(
    elements: IoElements,
    data: bytes,
    _received_at: datetime | None = None,
    contained: AbstractContextManager[None] = UNCONTAINED,
) -> Datagram:
    """The packet in a datagram. `contained` turns an unexpected error in its records into
    `Unreadable`.

    Raises:
        Unreadable: the header is wrong or names no device, so that there is nobody to keep it for.
    """
    imei_end = _HEADER_BYTES + int.from_bytes(data[6:_HEADER_BYTES])
    imei = imei_of(data[_HEADER_BYTES:imei_end])
    if imei is None or len(data) < imei_end + BLOCK_MIN_BYTES:
        raise unreadable(None, "header", Mistake.NO_DEVICE)
    if int.from_bytes(data[:2]) != len(data) - 2:
        stated = int.from_bytes(data[:2])
        detail = Saying(Mistake.STATED, {"stated": stated, "found": len(data) - 2})
        return Datagram(imei, PacketRefused(detail, data[: imei_end + HEAD_BYTES], None))
    block = data[imei_end:]
    if block[0] in COMMAND_CODECS:
        return Datagram(imei, PacketWithoutPositions(f"{block[0]}"))
    answered = data[2:4] + bytes((_ACKNOWLEDGED_TYPE, data[5], block[1]))
    answer = len(answered).to_bytes(2) + answered
    header = data[2:imei_end]

    def frame(one: bytes) -> bytes:
        return (len(header) + len(one)).to_bytes(2) + header + one

    try:
        with contained:
            message = message_of(imei, block, elements.reader(imei).runs(block), frame)
    except Unreadable as error:
        return Datagram(imei, PacketRefused(error.saying, data[: imei_end + HEAD_BYTES], answer))
    return Datagram(imei, Packet(message, answer))
