"""What every tracker protocol over TCP has: a decoder of one connection, and the events it finds.

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

#: Where nothing contains what nobody foresaw, so that it is raised: in tests and benchmarks.
FORESEEN: AbstractContextManager[None] = nullcontext()


@dataclass(frozen=True, slots=True)
class Login:
    """The tracker says which device it is. `answer` may leave at once."""

    device: str
    answer: bytes


@dataclass(frozen=True, slots=True)
class Rejected:
    """What came is no login of this connection's device; the stream is not followed further."""

    detail: Saying


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet of positions. `answer` may leave when all of them are stored or kept for good."""

    message: Message
    answer: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A packet that cannot be read. `payload` is what quarantine keeps of it.

    `answer` may leave when that is kept for good. It acknowledges the packet where the bytes are
    what the tracker sent, for it would send them for ever; it does not where they are not. None
    means that nothing is answered and that the stream cannot be followed further.
    """

    detail: Saying
    payload: bytes
    answer: bytes | None


@dataclass(frozen=True, slots=True)
class Command:
    """A packet that carries no positions, such as the reply to a command, a text or a question.

    `kind` is the protocol's number of it, by which it is counted.
    """

    kind: str
    answer: bytes = b""


Event = Login | Rejected | Packet | Refused | Command


class StreamDecoder(Protocol):
    """Decodes one connection. After `Rejected`, or `Refused` without an answer, nothing follows."""

    #: Whom the login named; None before it.
    device: str | None

    def feed(self, data: bytes, received_at: datetime, /) -> Sequence[Event]:
        """The events that the bytes so far complete, in their order. An incomplete rest waits for
        the next call; it is never larger than one packet and one read."""
        ...


@dataclass(frozen=True, slots=True)
class StreamProtocol:
    """A tracker protocol over TCP.

    `decoder` makes the decoder of one connection from the largest packet in bytes and from a
    context that makes `Unreadable` of an error nobody foresaw in one packet. `rejection` is what a
    connection is answered that is closed because its login is none.
    """

    #: The name of the family, as it begins in metrics and quarantine, and as people know it.
    family: str
    title: str
    decoder: Callable[[int, AbstractContextManager[None]], StreamDecoder]
    rejection: bytes = b""

    @property
    def name(self) -> str:
        """What metrics and quarantine call the protocol."""
        return f"{self.family}_tcp"

    def read_kept(self, payload: bytes, received_at: datetime) -> Message:
        """The message in a login and one packet: the form in which quarantine keeps a packet.

        Raises:
            Unreadable: the payload is anything else.
        """
        match self.decoder(len(payload), FORESEEN).feed(payload, received_at):
            case [Login(), Packet(message=message)]:
                return message
            case [*_, (Refused(detail=detail) | Rejected(detail=detail))]:
                raise Unreadable([FieldError(None, "packet", detail)])
            case _:
                raise unreadable(None, "packet", Mistake.NO_PACKET)
