"""Packs positions as rows of binary COPY, column by column; drivers pack value by value, which is
slower."""

import struct
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain, compress, repeat
from struct import Struct, unpack
from typing import Any

from msgspec.msgpack import Encoder as MessagePack

from fleet.moments import MICROSECOND
from fleet.position import POSITION_FIELDS
from ingest.protocols.position_columns import PositionColumns

#: Letter of `struct` and bytes of what lies between the device and the attributes, in the order of
#: `POSITION_FIELDS`; times are microseconds. A flag is a number, for anything is a truth value.
_NUMBERS = [
    *(("q", 8), ("d", 8), ("d", 8)),
    *(("f", 4), ("f", 4), ("f", 4), ("f", 4)),
    *(("h", 2), ("B", 1), ("d", 8), ("d", 8)),
    *(("f", 4), ("f", 4), ("B", 1), ("f", 4)),
]

#: The moment from which the server counts times, and the unit.
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_US = 1_000_000 * int(_EPOCH.timestamp())
_MOMENTS = MessagePack()

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"

#: The length of a value that is not there.
_ABSENT = -1
_NO_ATTRS = b"\xff\xff\xff\xff"
#: The head of a jsonb: the length of the rest, and the version of the format.
_JSONB = Struct(">iB")
_JSONB_VERSION = 1

#: The error that `struct` raises for a value that is not there or does not fit.
Unpackable = struct.error


def copy_rows(positions: PositionColumns) -> tuple[list[str], bytes]:
    """Pack positions for COPY.

    Returns:
        The columns that any of the positions fills, and the rows in any order.

    Raises:
        OverflowError: a number does not fit its column.
        UnicodeEncodeError: the name of a device is no text.
    """
    try:
        filled, packed = _pack(positions.fields)
    except Unpackable:
        filled, packed = _pack_by_shape(positions)
    return list(compress(POSITION_FIELDS, filled)), b"".join([_HEADER, *packed, _TRAILER])


def server_microseconds(moments: Sequence[datetime]) -> Sequence[int]:
    """Moments as the server counts them: microseconds since 2000."""
    # In MessagePack a moment without a fraction is two bytes of type and four of seconds. Encoding
    # it takes a tenth of the time that the arithmetic of dates takes.
    packed = _MOMENTS.encode(moments)
    count = len(moments)
    head = 1 if count < 2**4 else 3 if count < 2**16 else 5
    if len(packed) == head + 6 * count:
        seconds = unpack(f">{head}x{'2xI' * count}", packed)
        return [1_000_000 * second - _EPOCH_US for second in seconds]
    return [(moment - _EPOCH) // MICROSECOND for moment in moments]


def _pack(
    fields: Sequence[Sequence[Any]], wanted: Sequence[bool] | None = None
) -> tuple[list[bool], Iterable[bytes]]:
    """Pack rows that are all of one shape.

    Returns:
        Whether the rows have each column, as they do of the filled and the `wanted` ones; and the
        rows in pieces.

    Raises:
        Unpackable: the rows are not of one shape, or a number does not fit.
    """
    texts, moments, *others, attrs = fields
    devices = [device.encode() for device in texts]
    width = len(devices[0])
    if len(set(map(len, devices))) > 1:
        raise Unpackable("the names of devices differ in length")
    numbers = [server_microseconds(moments), *others]
    filled = [True, *[column[0] is not None for column in numbers], any(attrs)]
    chosen = filled if wanted is None else wanted
    letters = [f">hi{width}s"]
    columns: list[Iterable[Any]] = [repeat(sum(chosen)), repeat(width), devices]
    for (letter, size), column, is_filled, is_chosen in zip(
        _NUMBERS, numbers, filled[1:-1], chosen[1:-1], strict=True
    ):
        if is_filled:
            letters.append("i" + letter)
            columns += repeat(size), column
        elif column.count(None) < len(texts):
            raise Unpackable("some have no value")
        elif is_chosen:
            letters.append("i")
            columns.append(repeat(_ABSENT))
    heads = map(_struct("".join(letters)).pack, *columns)
    if not chosen[-1]:
        return filled, list(heads)
    return filled, list(chain.from_iterable(zip(heads, map(_jsonb, attrs), strict=True)))


def _pack_by_shape(positions: PositionColumns) -> tuple[list[bool], Iterable[bytes]]:
    """Pack rows of several shapes, those of one shape together; returns as `_pack`."""
    texts, *others = positions.fields
    wanted = [True, *[column.count(None) < len(texts) for column in others]]
    widths = [len(device.encode()) for device in texts]
    gaps = [[value is None for value in column] for column in others[:-1] if None in column]
    shapes: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, shape in enumerate(zip(widths, *gaps, strict=True)):
        shapes[shape].append(index)
    packed: list[bytes] = []
    for alike in shapes.values():
        try:
            packed += _pack(positions.chosen(alike).fields, wanted)[1]
        except Unpackable as error:
            raise OverflowError(f"a value does not fit its column: {error}") from None
    return wanted, packed


def _jsonb(text: bytes | None) -> bytes:
    return _NO_ATTRS if text is None else _JSONB.pack(len(text) + 1, _JSONB_VERSION) + text


#: The trackers of a fleet send rows of some dozen shapes.
@lru_cache(maxsize=256)
def _struct(letters: str) -> Struct:
    return Struct(letters)
