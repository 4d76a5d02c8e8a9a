"""What TCP and UDP share: the outcome of one packet, and records as positions."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ingest.columns import Columns
from ingest.protocols.refusal import Extremes, Message, of_all
from ingest.protocols.teltonika.plan import Run

#: What is kept of a packet that cannot be read: of the rest nobody can tell what it holds.
HEAD_BYTES = 2

#: An IMEI has 15 digits; with a software version instead of the check digit 16, without it 14.
IMEI_LENGTHS = range(14, 17)


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet of records. `answer` may leave when all of them are stored or kept for good."""

    message: Message
    answer: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A packet that cannot be read. `payload` is what to keep of it.

    `answer` says that nothing was accepted; None: the stream cannot be followed any further.
    """

    detail: str
    payload: bytes
    answer: bytes | None


@dataclass(frozen=True, slots=True)
class Command:
    """A packet of a codec that carries no positions."""

    codec: int


def imei_of(raw: bytes) -> str | None:
    """The IMEI in a login, or None where there is none."""
    if len(raw) in IMEI_LENGTHS and raw.isdigit():
        return raw.decode("ascii")
    return None


def message_of(
    imei: str, block: bytes, runs: Sequence[Run], frame: Callable[[bytes], bytes]
) -> Message:
    """The positions of a block. `frame` makes a packet of a block, for what goes to quarantine."""
    positions: list[Columns] = []
    known: list[Extremes | None] = []
    for run in runs:
        end = run.start + run.count * run.plan.size
        read, extremes = run.plan.read(imei, block[run.start : end])
        positions.append(read)
        known.append(extremes)

    def original(index: int) -> bytes:
        record = next(islice(_kept_records(block, runs), index, None))
        return frame(block[:1] + b"\x01" + record + b"\x01")

    dropped: Counter[str] = Counter()
    for run in runs:
        for number in run.plan.dropped:
            dropped[f"io_{number}"] += run.count
    return Message(Columns.joined(positions), original, of_all(known), dropped)


def block_without_hidden(block: bytes, runs: Sequence[Run]) -> bytes:
    """The whole block, the values that must not be kept set to 0."""
    return block[:2] + b"".join(_kept_records(block, runs)) + block[-1:]


def _kept_records(block: bytes, runs: Sequence[Run]) -> Iterator[bytes]:
    for run in runs:
        for number in range(run.count):
            start = run.start + number * run.plan.size
            yield run.plan.without_hidden(block[start : start + run.plan.size])
