"""A block of records, which TCP and UDP share: its positions, and the bytes that quarantine keeps
of it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
from msgspec.structs import asdict

from fleet.position import Position
from ingest.protocols.message import Extremes, Message, join_extremes
from ingest.protocols.position_columns import PositionColumns
from ingest.protocols.teltonika.model_reader import RecordRun
from ingest.protocols.teltonika.records import CODECS, FIX_BYTES

#: The bytes that are kept of a block that cannot be read, for nobody can tell what the others hold.
HEAD_BYTES = 2

#: An IMEI has 15 digits; with a software version instead of the check digit 16, without it 14.
IMEI_LENGTHS = range(14, 17)


def imei_of(raw: bytes) -> str | None:
    """The IMEI in a login, or None where there is none."""
    if len(raw) in IMEI_LENGTHS and raw.isdigit():
        return raw.decode("ascii")
    return None


def message_of(
    imei: str, block: bytes, runs: Sequence[RecordRun], frame: Callable[[bytes], bytes]
) -> Message:
    """The positions of a block. `frame` makes a packet of a block, for what goes to quarantine."""
    positions: list[PositionColumns] = []
    known: list[Extremes | None] = []
    for run in runs:
        end = run.start + run.count * run.reader.size
        read, extremes = run.reader.read(imei, block[run.start : end])
        positions.append(read)
        known.append(extremes)

    def original(indexes: Collection[int]) -> bytes:
        count = bytes([len(indexes)])
        kept = [one for at, one in enumerate(_kept_records(block, runs)) if at in indexes]
        return frame(block[:1] + count + b"".join(kept) + count)

    dropped: Counter[str] = Counter()
    for run in runs:
        for number in run.reader.dropped:
            dropped[f"io_{number}"] += run.count
    read = PositionColumns.joined(positions)
    if len(set(read.ts)) < len(read):
        return _one_per_moment(_events(block, runs), read, original, dropped)
    return Message(read, lambda index: original([index]), join_extremes(known), dropped)


def _events(block: bytes, runs: Sequence[RecordRun]) -> list[bool]:
    """Whether each record was made by an event."""
    event_bytes = CODECS[block[0]].event_bytes
    starts = [run.start + n * run.reader.size for run in runs for n in range(run.count)]
    return [any(block[start + FIX_BYTES : start + FIX_BYTES + event_bytes]) for start in starts]


def _one_per_moment(
    events: Sequence[bool],
    read: PositionColumns,
    original: Callable[[Collection[int]], bytes],
    dropped: Counter[str],
) -> Message:
    """The message with one record of each moment: the first that an event made, else the first.
    Its attributes hold as `superseded` what the other records say otherwise, and its original bytes
    hold all of them."""
    of_moment: dict[datetime, list[int]] = {}
    for index, ts in enumerate(read.ts):
        of_moment.setdefault(ts, []).append(index)
    chosen = {min(all_, key=lambda index: not events[index]): all_ for all_ in of_moment.values()}
    kept = read.chosen([*chosen])
    attrs = [
        _with_superseded(read[index], [read[one] for one in all_ if one != index])
        for index, all_ in chosen.items()
    ]
    originals = [*chosen.values()]
    return Message(
        PositionColumns([*kept.fields[:-1], attrs]),
        lambda index: original(originals[index]),
        None,
        dropped,
    )


def _with_superseded(winner: Position, others: Sequence[Position]) -> bytes | None:
    """The attributes of a position, with the differing values of other records as `superseded`."""
    fields, attrs = _fields_and_attrs(winner)
    superseded: list[dict[str, Any]] = []
    for other in others:
        said, more = _fields_and_attrs(other)
        differing = {n: v for n, v in said.items() if v is not None and v != fields[n]}
        differing |= {n: v for n, v in more.items() if n not in attrs or attrs[n] != v}
        if differing:
            superseded.append(differing)
    return orjson.dumps(attrs | {"superseded": superseded}) if superseded else winner.attrs


def _fields_and_attrs(position: Position) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of a position, and its attributes."""
    fields = asdict(position)
    return fields, orjson.loads(fields.pop("attrs") or b"{}")


def blanked_block(block: bytes, runs: Sequence[RecordRun]) -> bytes:
    """The whole block, with the values that must not be kept set to 0."""
    return block[:2] + b"".join(_kept_records(block, runs)) + block[-1:]


def _kept_records(block: bytes, runs: Sequence[RecordRun]) -> Iterator[bytes]:
    for run in runs:
        for number in range(run.count):
            start = run.start + number * run.reader.size
            yield run.reader.blanked(block[start : start + run.reader.size])
