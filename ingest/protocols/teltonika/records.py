"""The shape of an AVL packet's records, in the three codecs that carry positions.

A block is: codec, count, records, count again. Records of one device nearly always have the same
elements in the same order: their shape is found by looking at ids and counts alone, and
`record_reader` has one `struct` for all records of a shape.
"""

from dataclasses import dataclass
from struct import Struct
from struct import error as StructError  # noqa: N812
from typing import NamedTuple

from ingest.protocols.mistake import Mistake
from ingest.protocols.unreadable import unreadable


@dataclass(frozen=True, slots=True)
class Codec:
    """The differences of a codec from the others: the bytes of its numbers, and the parts that it
    adds."""

    number: int
    event_bytes: int
    generation_bytes: int
    count: Struct
    id_bytes: int
    has_variable: bool


CODECS: dict[int, Codec] = {
    codec.number: codec
    for codec in (
        Codec(0x08, 1, 0, Struct(">B"), 1, has_variable=False),
        Codec(0x8E, 2, 0, Struct(">H"), 2, has_variable=True),
        Codec(0x10, 2, 1, Struct(">B"), 2, has_variable=False),
    )
}

#: Codecs 12 to 15 carry commands and text, which are neither stored nor answered.
COMMAND_CODECS = frozenset({0x0C, 0x0D, 0x0E, 0x0F})

#: Codec, first count and second count: a block without records.
BLOCK_MIN_BYTES = 3

#: Time, priority, longitude, latitude, altitude, course, satellites and speed.
FIX_BYTES = 24

#: The bytes of a value in each group of elements. Some devices add the last group to codecs 8 and
#: 16. The total number of elements shows that it is there; an empty one shows only in the length of
#: the block.
VALUE_BYTES = (1, 2, 4, 8, 16)

_VARIABLE = Struct(">HH")


class RecordShape(NamedTuple):
    """The codec, the ids of each group's elements, and (id, bytes) of those of variable length."""

    codec: int
    groups: tuple[tuple[int, ...], ...]
    variable: tuple[tuple[int, int], ...]


def announced_records(block: bytes) -> int:
    """How many records a block of one of `CODECS` announces.

    Raises:
        Unreadable: the block is of another codec, or its counts differ.
    """
    if len(block) < BLOCK_MIN_BYTES:
        raise unreadable(None, "length", Mistake.NO_RECORDS, found=len(block))
    if block[0] not in CODECS:
        raise unreadable(None, "codec", Mistake.CODEC, codec=f"{block[0]:#04x}")
    if block[1] != block[-1]:
        raise unreadable(None, "count", Mistake.COUNTS, before=block[1], after=block[-1])
    return block[1]


def shape_at(block: bytes, start: int, index: int, *, always_16: bool) -> RecordShape:
    """The shape of the record that begins at `start`, the `index`-th of its block; `always_16`: it
    has a group of values of 16 bytes even where that is empty.

    Raises:
        Unreadable: the block ends before it does, or its elements are not as many as announced.
    """
    try:
        shape, announced = _shape_at(block, start, CODECS[block[0]], always_16)
    except StructError:
        raise unreadable(index, "record", Mistake.CUT) from None
    found = sum(map(len, shape.groups)) + len(shape.variable)
    if found != announced:
        raise unreadable(index, "io", Mistake.ELEMENTS, stated=announced, found=found)
    return shape


def _shape_at(block: bytes, start: int, codec: Codec, always_16: bool) -> tuple[RecordShape, int]:
    """The shape of the record that begins at `start`, and the number of elements that it announces.

    Raises:
        StructError: the block ends before the record does.
    """
    at = start + FIX_BYTES + codec.event_bytes + codec.generation_bytes
    (announced,) = codec.count.unpack_from(block, at)
    at += codec.count.size
    groups: list[tuple[int, ...]] = []
    found = 0
    for value_bytes in VALUE_BYTES:
        if value_bytes == 16 and (codec.has_variable or (found >= announced and not always_16)):
            break
        (count,) = codec.count.unpack_from(block, at)
        at += codec.count.size
        step = codec.id_bytes + value_bytes
        end = at + count * step
        if end > len(block):
            raise StructError
        ids = block[at:end:step]
        if codec.id_bytes == 1:
            groups.append(tuple(ids))
        else:
            lower = block[at + 1 : end : step]
            groups.append(tuple([256 * high + low for high, low in zip(ids, lower, strict=True)]))
        at = end
        found += count
    variable: list[tuple[int, int]] = []
    if codec.has_variable:
        (count,) = codec.count.unpack_from(block, at)
        at += codec.count.size
        for _ in range(count):
            element, length = _VARIABLE.unpack_from(block, at)
            at += _VARIABLE.size + length
            variable.append((element, length))
        if at > len(block):
            raise StructError
    return RecordShape(codec.number, tuple(groups), tuple(variable)), announced
