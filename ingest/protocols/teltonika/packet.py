"""What TCP and UDP share: the outcome of one packet, and records as positions."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from msgspec.structs import asdict

from fleet.position import Position
from ingest.columns import Columns
from ingest.protocols.refusal import Extremes, Message, of_all
from ingest.protocols.teltonika.plan import Run
from ingest.protocols.teltonika.records import CODECS, FIX_BYTES

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

    `answer` may leave when that is kept for good: that all of it was accepted where the bytes are
    what the device sent, for it would send them for ever, and that nothing was where they are not.
    None: no answer, and a stream cannot be followed any further.
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
    read = Columns.joined(positions)
    if len(set(read.ts)) < len(read):
        return _one_a_moment(block, runs, read, original, dropped)
    return Message(read, original, of_all(known), dropped)


def _one_a_moment(
    block: bytes,
    runs: Sequence[Run],
    read: Columns,
    original: Callable[[int], bytes],
    dropped: Counter[str],
) -> Message:
    """The message with one record of each moment: that of an event before a periodic one, else the
    first. What the others say otherwise is kept in its attributes as `superseded`."""
    event_bytes = CODECS[block[0]].event_bytes
    starts = [run.start + n * run.plan.size for run in runs for n in range(run.count)]
    events = [any(block[start + FIX_BYTES : start + FIX_BYTES + event_bytes]) for start in starts]
    best: dict[datetime, int] = {}
    for index, ts in enumerate(read.ts):
        if ts not in best or (events[index] and not events[best[ts]]):
            best[ts] = index
    chosen = sorted(best.values())
    attrs = {index: read.attrs[index] for index in chosen}
    for index, ts in enumerate(read.ts):
        winner = best[ts]
        if index != winner:
            said = _otherwise(read[index], read[winner])
            if said:
                attrs[winner] = _with_superseded(attrs[winner], said)
    kept = read.chosen(chosen)
    fields = [*kept.fields[:-1], [attrs[index] for index in chosen]]
    return Message(Columns(fields), lambda index: original(chosen[index]), None, dropped)


def _otherwise(one: Position, other: Position) -> dict[str, Any]:
    """What one position says that the other does not."""
    mine, theirs = asdict(one), asdict(other)
    attrs = orjson.loads(mine.pop("attrs") or b"{}")
    their_attrs = orjson.loads(theirs.pop("attrs") or b"{}")
    said = {name: value for name, value in mine.items() if value not in (None, theirs[name])}
    return said | {n: v for n, v in attrs.items() if n not in their_attrs or their_attrs[n] != v}


def _with_superseded(attrs: bytes | None, said: dict[str, Any]) -> bytes:
    found = orjson.loads(attrs or b"{}")
    found.setdefault("superseded", []).append(said)
    return orjson.dumps(found)


def block_without_hidden(block: bytes, runs: Sequence[Run]) -> bytes:
    """The whole block, the values that must not be kept set to 0."""
    return block[:2] + b"".join(_kept_records(block, runs)) + block[-1:]


def _kept_records(block: bytes, runs: Sequence[Run]) -> Iterator[bytes]:
    for run in runs:
        for number in range(run.count):
            start = run.start + number * run.plan.size
            yield run.plan.without_hidden(block[start : start + run.plan.size])
