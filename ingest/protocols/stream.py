"""A tracker protocol over TCP: a decoder of one connection, and the events that it finds.

A decoder touches no socket and no clock: bytes go in, events come out, and an event carries the
bytes that answer it. `listeners/tracker_tcp.py` knows these events and no protocol.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fleet.saying import Saying
from ingest.protocols.message import Message
from ingest.protocols.mistake import Mistake
from ingest.protocols.unreadable import FieldError, Unreadable, unreadable

#: The context where unexpected errors are not contained but raised: in tests and benchmarks.
UNCONTAINED: AbstractContextManager[None] = nullcontext()


@dataclass(frozen=True, slots=True)
class Login:
    """A login, by which the tracker says which device it is. `answer` may leave at once."""

    device: str
    answer: bytes


@dataclass(frozen=True, slots=True)
class LoginRejected:
    """Bytes that are no login of this connection's device; the stream is not followed further."""

    detail: Saying


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet of positions. `answer` may leave when all of them are stored or kept for good."""

    message: Message
    answer: bytes


@dataclass(frozen=True, slots=True)
class PacketRefused:
    """A packet that cannot be read. `payload` is what quarantine keeps of it.

    `answer` may leave when that is kept for good. Where the bytes are what the tracker sent, the
    answer acknowledges the packet, for the tracker would send it for ever; where the checksum says
    that they are not, it does not. None means that nothing is answered and that the stream cannot
    be followed further.
    """

    detail: Saying
    payload: bytes
    answer: bytes | None


@dataclass(frozen=True, slots=True)
class PacketWithoutPositions:
    """A packet that carries no positions, such as the reply to a command, a text or a question.

    `kind` is the protocol's number of it, by which it is counted.
    """

    kind: str
    answer: bytes = b""


StreamEvent = Login | LoginRejected | Packet | PacketRefused | PacketWithoutPositions


class StreamDecoder(Protocol):
    """Decodes one connection. `LoginRejected`, or `PacketRefused` without an answer, is the last
    event."""

    #: The device that the login named; None before it.
    device: str | None

    def feed(self, data: bytes, received_at: datetime, /) -> Sequence[StreamEvent]:
        """The events that the bytes so far complete, in their order. An incomplete rest waits for
        the next call; it is never larger than one packet and one read."""
        ...


@dataclass(frozen=True, slots=True)
class StreamProtocol:
    """A tracker protocol over TCP.

    `decoder` makes the decoder of one connection from the largest packet in bytes and from a
    context that turns an unexpected error in one packet into `Unreadable`. `rejection` is the
    answer to a connection that is closed because its login is wrong.
    """

    #: The name of the family, with which the names in metrics and quarantine begin, and the name
    #: that people know.
    family: str
    title: str
    decoder: Callable[[int, AbstractContextManager[None]], StreamDecoder]
    rejection: bytes = b""

    @property
    def name(self) -> str:
        """The name of the protocol in metrics and in quarantine."""
        return f"{self.family}_tcp"

    def read_kept(self, payload: bytes, received_at: datetime) -> Message:
        """The message in a login and one packet, which is how quarantine keeps a packet.

        Raises:
            Unreadable: the payload is anything else.
        """
        match self.decoder(len(payload), UNCONTAINED).feed(payload, received_at):
            case [Login(), Packet(message=message)]:
                return message
            case [*_, (PacketRefused(detail=detail) | LoginRejected(detail=detail))]:
                raise Unreadable([FieldError(None, "packet", detail)])
            case _:
                raise unreadable(None, "packet", Mistake.NO_PACKET)
