"""The records of an AVL packet, as they are on the wire, in the three codecs that carry positions.

A block is: codec, count, records, count again. Values of IO elements are unsigned integers, or
bytes where they are wider than 8; what they mean is for `elements`.
"""

from collections.abc import Set
from dataclasses import dataclass
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
    for index in range(count):
        try:
            record = _decode_record(block, at, codec, hide)
        except StructError:
            raise _unreadable(index, "record", "ends after the packet does") from None
        except _CountError as error:
            raise _unreadable(index, "io", str(error)) from None
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


def _decode_record(block: bytes, start: int, codec: Codec, hide: Set[int]) -> Record:
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
        io.update(pair.iter_unpack(block[at:end]))
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
            if element in hide:
                hidden.append((at, length))
            at += length
    if found != total:
        raise _CountError(f"{total} elements are announced and {found} are there")
    return Record(
        *(ts, priority, lon, lat, altitude, course, satellites, speed),
        *(event_io, generation_type, io, start, at, tuple(hidden)),
    )


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
