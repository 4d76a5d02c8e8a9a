"""A tracker protocol over UDP, in which each datagram names its device and is answered alone.

`listeners/tracker_udp.py` knows these values and no protocol.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from ingest.protocols.message import Message
from ingest.protocols.mistake import Mistake
from ingest.protocols.stream import UNCONTAINED, Packet, PacketRefused, PacketWithoutPositions
from ingest.protocols.unreadable import FieldError, Unreadable, unreadable


@dataclass(frozen=True, slots=True)
class Datagram:
    """A datagram: the device that it names, and what it holds."""

    device: str
    event: Packet | PacketRefused | PacketWithoutPositions


@dataclass(frozen=True, slots=True)
class DatagramProtocol:
    """A tracker protocol over UDP.

    `decode` reads one datagram that was received at a moment. It raises `Unreadable` where the
    datagram names no device, so that there is nobody to keep it for; its context turns an
    unexpected error in the records into `Unreadable`.
    """

    #: The name of the family, with which the names in metrics and quarantine begin, and the name
    #: that people know.
    family: str
    title: str
    decode: Callable[[bytes, datetime, AbstractContextManager[None]], Datagram]

    @property
    def name(self) -> str:
        """The name of the protocol in metrics and in quarantine."""
        return f"{self.family}_udp"

    def read_kept(self, payload: bytes, received_at: datetime) -> Message:
        """The message in a datagram that quarantine kept.

        Raises:
            Unreadable: the datagram holds no records that can be read.
        """
        match self.decode(payload, received_at, UNCONTAINED).event:
            case Packet(message=message):
                return message
            case PacketRefused(detail=detail):
                raise Unreadable([FieldError(None, "datagram", detail)])
            case PacketWithoutPositions(kind=kind):
                raise unreadable(None, "datagram", Mistake.NO_POSITIONS, codec=kind)
