"""The records of an AVL packet, as they are on the wire, in the three codecs that carry positions.

A block is: codec, count, records, count again. Values of IO elements are unsigned integers, or
bytes where they are wider than 8; what they mean is for `elements`.

Records of one packet nearly always have the same elements in the same order, so the layout of one
is tried on the next: one `struct` for all of it, and a comparison of the ids and counts.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from struct import Struct
from struct import error as StructError  # noqa: N812
from typing import NamedTuple

from ingest.protocols.refusal import FieldError, Unreadable


@dataclass(frozen=True, slots=True)
class Codec:
    """How one codec differs: the widths of its numbers, in struct's letters, and what it adds."""

    number: int
    event: Struct
    generation: Struct | None
    count: Struct
    pairs: tuple[Struct, ...]
    has_variable: bool


def _pairs(element_id: str) -> tuple[Struct, ...]:
    """(id, value) of each width: 1, 2, 4, 8 and 16 bytes."""
    return tuple(Struct(f">{element_id}{value}") for value in ("B", "H", "I", "Q", "16s"))


CODECS: dict[int, Codec] = {
    codec.number: codec
    for codec in (
        Codec(0x08, Struct(">B"), None, Struct(">B"), _pairs("B"), has_variable=False),
        Codec(0x8E, Struct(">H"), None, Struct(">H"), _pairs("H"), has_variable=True),
        Codec(0x10, Struct(">H"), Struct(">B"), Struct(">B"), _pairs("H"), has_variable=False),
    )
}

#: Codecs 12, 13 and 14 carry commands and text: nothing to store, nothing to answer.
COMMAND_CODECS = frozenset({0x0C, 0x0D, 0x0E})

#: Codec, first count and second count: a block without records.
BLOCK_MIN_BYTES = 3

_FIX = Struct(">QBiihHBH")
_VARIABLE = Struct(">HH")


class Record(NamedTuple):
    """One record. `hidden` are the (start, length) of values that must not be kept."""

    timestamp_ms: int
    priority: int
    lon_e7: int
    lat_e7: int
    altitude_m: int
    course_deg: int
    satellites: int
    speed_kmh: int
    event_io: int
    generation_type: int | None
    io: dict[int, int | bytes]
    start: int
    end: int
    hidden: tuple[tuple[int, int], ...]


def decode_block(block: bytes, hide: Set[int] = frozenset()) -> list[Record]:
    """The records of a block of one of `CODECS`.

    `hide` are element ids whose values' places are reported in `Record.hidden`.

    Raises:
        Unreadable: another codec, counts that differ, or records that do not fill the block.
    """
    if len(block) < BLOCK_MIN_BYTES:
        raise _unreadable(None, "length", f"{len(block)} bytes hold no records")
    codec = CODECS.get(block[0])
    if codec is None:
        raise _unreadable(None, "codec", f"{block[0]:#04x} is not known")
    count = block[1]
    if count != block[-1]:
        raise _unreadable(None, "count", f"is {count} before the records and {block[-1]} after")
    records: list[Record] = []
    at = 2
    layout: _Layout | None = None
    for index in range(count):
        record = None if layout is None else layout.read(block, at)
        if record is None:
            try:
                record, shape = _decode_record(block, at, codec, hide)
            except StructError:
                raise _unreadable(index, "record", "ends after the packet does") from None
            except _CountError as error:
                raise _unreadable(index, "io", str(error)) from None
            layout = _layout(codec.number, shape, frozenset(hide))
        records.append(record)
        at = record.end
    if at != len(block) - 1:
        raise _unreadable(None, "length", f"{len(block) - 1 - at} bytes differ from the records'")
    return records


def without_hidden(block: bytes, record: Record) -> bytes:
    """The bytes of one record of a block, the values that must not be kept set to 0."""
    if not record.hidden:
        return block[record.start : record.end]
    kept = bytearray(block)
    for start, length in record.hidden:
        kept[start : start + length] = bytes(length)
    return bytes(kept[record.start : record.end])


class _CountError(ValueError):
    """The number of IO elements is not the one that was announced."""


#: Ids of each group of pairs, in their order, and (id, length) of the variable group.
_Shape = tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, int], ...]]


def _decode_record(block: bytes, start: int, codec: Codec, hide: Set[int]) -> tuple[Record, _Shape]:
    ts, priority, lon, lat, altitude, course, satellites, speed = _FIX.unpack_from(block, start)
    at = start + _FIX.size
    (event_io,) = codec.event.unpack_from(block, at)
    at += codec.event.size
    generation_type: int | None = None
    if codec.generation is not None:
        (generation_type,) = codec.generation.unpack_from(block, at)
        at += codec.generation.size
    (total,) = codec.count.unpack_from(block, at)
    at += codec.count.size
    io: dict[int, int | bytes] = {}
    hidden: list[tuple[int, int]] = []
    groups: list[tuple[int, ...]] = []
    lengths: list[tuple[int, int]] = []
    found = 0
    for pair in codec.pairs:
        # Some devices add a group of 16-byte values; only the total tells that it is there.
        if pair is codec.pairs[-1] and (codec.has_variable or found >= total):
            break
        (count,) = codec.count.unpack_from(block, at)
        at += codec.count.size
        end = at + count * pair.size
        if end > len(block):
            raise StructError
        pairs = list(pair.iter_unpack(block[at:end]))
        io.update(pairs)
        groups.append(tuple(number for number, _ in pairs))
        if not hide.isdisjoint(io):
            hidden += _places(block, range(at, end, pair.size), pair, hide)
        at = end
        found += count
    if codec.has_variable:
        (count,) = codec.count.unpack_from(block, at)
        at += codec.count.size
        found += count
        for _ in range(count):
            element, length = _VARIABLE.unpack_from(block, at)
            at += _VARIABLE.size
            if at + length > len(block):
                raise StructError
            io[element] = block[at : at + length]
            lengths.append((element, length))
            if element in hide:
                hidden.append((at, length))
            at += length
    if found != total:
        raise _CountError(f"{total} elements are announced and {found} are there")
    record = Record(
        *(ts, priority, lon, lat, altitude, course, satellites, speed),
        *(event_io, generation_type, io, start, at, tuple(hidden)),
    )
    return record, (tuple(groups), tuple(lengths))


class _Layout:
    """One shape of records made ready: a struct for the whole, and what in it is fixed."""

    def __init__(self, codec: Codec, shape: _Shape, hide: Set[int]) -> None:
        groups, lengths = shape
        total = sum(map(len, groups)) + len(lengths)
        # Letters of struct, each with the value that is expected there or None for any.
        parts: list[tuple[str, int | None]] = [(letter, None) for letter in _FIX.format[1:]]
        parts.append((codec.event.format[1:], None))
        if codec.generation is not None:
            parts.append((codec.generation.format[1:], None))
        count = codec.count.format[1:]
        parts.append((count, total))
        values: list[int] = []
        hidden: list[tuple[int, int]] = []

        def add_value(number: int, letters: str) -> None:
            if number in hide:
                before = Struct(">" + "".join(one for one, _ in parts)).size
                hidden.append((before, Struct(">" + letters).size))
            values.append(len(parts))
            parts.append((letters, None))

        for pair, numbers in zip(codec.pairs, groups, strict=False):
            parts.append((count, len(numbers)))
            for number in numbers:
                parts.append((pair.format[1], number))
                add_value(number, pair.format[2:])
        if codec.has_variable:
            parts.append((count, len(lengths)))
            for number, length in lengths:
                parts += [("H", number), ("H", length)]
                add_value(number, f"{length}s")
        fixed = [index for index, (_, expected) in enumerate(parts) if expected is not None]
        self._struct = Struct(">" + "".join(letters for letters, _ in parts))
        self._fixed = _picking(fixed)
        self._expected = tuple(parts[index][1] for index in fixed)
        self._values = _picking(values)
        ids = [number for numbers in groups for number in numbers]
        self._ids = (*ids, *(number for number, _ in lengths))
        self._hidden = tuple(hidden)
        self._has_generation = codec.generation is not None

    def read(self, block: bytes, start: int) -> Record | None:
        """The record that begins at `start`, or None when it is of another shape."""
        end = start + self._struct.size
        if end > len(block):
            return None
        parts = self._struct.unpack_from(block, start)
        if self._fixed(parts) != self._expected:
            return None
        io = dict(zip(self._ids, self._values(parts), strict=True))
        generation_type = parts[9] if self._has_generation else None
        hidden = (
            tuple([(start + at, length) for at, length in self._hidden]) if self._hidden else ()
        )
        return Record._make((*parts[:9], generation_type, io, start, end, hidden))


@lru_cache(maxsize=1_024)
def _layout(codec: int, shape: _Shape, hide: frozenset[int]) -> _Layout:
    return _Layout(CODECS[codec], shape, hide)


def _picking(
    indexes: Sequence[int],
) -> Callable[[tuple[int | bytes, ...]], tuple[int | bytes, ...]]:
    """What picks these from a tuple, as a tuple however many they are."""
    if len(indexes) > 1:
        return itemgetter(*indexes)
    return lambda parts: tuple(parts[index] for index in indexes)


def _places(block: bytes, starts: range, pair: Struct, hide: Set[int]) -> list[tuple[int, int]]:
    """Where in the block the values of a group's hidden elements are."""
    id_bytes = 1 if pair.format[1] == "B" else 2
    return [
        (start + id_bytes, pair.size - id_bytes)
        for start in starts
        if pair.unpack_from(block, start)[0] in hide
    ]


def _unreadable(index: int | None, field: str, reason: str) -> Unreadable:
    return Unreadable([FieldError(index, field, reason)])
