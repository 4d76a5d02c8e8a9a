"""Turns records of one shape into positions of one model of tracker, by a plan that is made once
for a shape.

A reader has one `struct` for a whole record, knows which value fills which field, and reads records
that follow each other column by column.
"""

from collections.abc import Callable, Iterable, Sequence, Set
from datetime import UTC, datetime
from itertools import repeat
from struct import Struct
from typing import Any, NamedTuple

import orjson

from fleet.position import POSITION_FIELDS
from ingest.protocols.message import Extremes, extremes_of, join_extremes
from ingest.protocols.position_columns import PositionColumns
from ingest.protocols.teltonika.element_meaning import (
    Column,
    ElementMeaning,
    hexadecimal,
    plain_values,
    says_something,
    unchanged,
)
from ingest.protocols.teltonika.record_layout import FIX_COLUMNS, RecordLayout
from ingest.protocols.teltonika.records import RecordShape

#: The last millisecond that a datetime holds. A clock beyond it is refused by the gate as well.
_TIMESTAMP_MAX_MS = 253_402_300_799_999

#: Outcomes that a reader remembers. Further ones cost time and not memory, as with shapes.
_OUTCOMES_MAX = 8


class RecordReader:
    """Reads records of one shape. `size` is the bytes of a record, `elements` the number of its
    elements, and `dropped` are those of them that are not known."""

    def __init__(
        self, shape: RecordShape, meanings: Sequence[tuple[int, ElementMeaning]], known: Set[int]
    ) -> None:
        layout = RecordLayout(shape, known)
        self._codec = shape.codec
        self.size = len(layout.fixed)
        self.elements = layout.elements
        self._struct = Struct("".join(layout.letters))
        self._fixed, self._mask = bytes(layout.fixed), bytes(layout.mask)
        self._blanked_spans = layout.blanked_spans
        self.dropped = tuple(layout.dropped)
        self._values = layout.values
        self._known = [
            (i, meaning.of_size(layout.values[i].size))
            for i, meaning in meanings
            if i in layout.values and meaning.size in (0, layout.values[i].size)
        ]
        named = {i for i, _ in self._known}
        self._unnamed = [i for i in layout.values if i not in named]
        self._silent = {
            i for i, meaning in self._known if layout.values[i].is_bytes != meaning.text
        }
        #: The elements of which only the values show whether they say something.
        self._doubtful = [
            (i, layout.values[i].column, meaning)
            for i, meaning in self._known
            if i not in self._silent and (meaning.text or not layout.values[i].within(meaning))
        ]
        self._outcomes: dict[tuple[bool, ...], _Outcome] = {}

    def fills(self, block: bytes, count: int) -> bool:
        """Whether a block consists of `count` records of this shape, and of at least one."""
        return (
            block[0] == self._codec
            and len(block) == 3 + count * self.size
            and count > 0
            and self._fits(block, 2, count)
        )

    def alike(self, block: bytes, start: int, most: int) -> int:
        """How many records from `start` on are of this shape, as the first one is."""
        if self._fits(block, start, most):
            return most
        count = 1
        while self._fits(block, start + count * self.size, 1):
            count += 1
        return count

    def blanked(self, record: bytes) -> bytes:
        """A record with the values that must not be kept set to 0."""
        if not self._blanked_spans:
            return record
        kept = bytearray(record)
        for start, length in self._blanked_spans:
            kept[start : start + length] = bytes(length)
        return bytes(kept)

    def read(self, imei: str, records: bytes) -> tuple[PositionColumns, Extremes | None]:
        """Read records of this shape.

        Returns:
            The positions, and their extremes where these are known.
        """
        return self._read(imei, list(zip(*self._struct.iter_unpack(records), strict=True)))

    def _read(self, imei: str, columns: list[Column]) -> tuple[PositionColumns, Extremes | None]:
        """Read columns of unpacked values; returns as `read`. Where only some values of a doubtful
        element say something, each half of the records is read alone."""
        said: list[bool] = []
        for _, column, meaning in self._doubtful:
            says = says_something(meaning, columns[column])
            if says is None:
                half = len(columns[0]) // 2
                first, known = self._read(imei, [values[:half] for values in columns])
                rest, more = self._read(imei, [values[half:] for values in columns])
                return PositionColumns.joined([first, rest]), join_extremes((known, more))
            said.append(says)
        outcome = self._outcome(tuple(said))
        ms, lon, lat, altitude, course, satellites, speed = columns[:FIX_COLUMNS]
        if max(ms) > _TIMESTAMP_MAX_MS:
            ms = [min(one, _TIMESTAMP_MAX_MS) for one in ms]
        absent: Sequence[Any] = [None] * len(ms)
        found = dict.fromkeys(POSITION_FIELDS, absent) | {
            "device": [imei] * len(ms),
            "ts": [datetime.fromtimestamp(one / 1000, UTC) for one in ms],
            "lat": [one / 1e7 for one in lat],
            "lon": [one / 1e7 for one in lon],
            "speed_kmh": speed,
            "heading_deg": course,
            "altitude_m": altitude,
            "satellites": satellites,
        }
        for name, column, plain in outcome.fields:
            found[name] = plain(columns[column])
        if outcome.attrs:
            found["attrs"] = _attrs(outcome.attrs, columns)
        return PositionColumns(list(found.values())), extremes_of(found)

    def _outcome(self, said: tuple[bool, ...]) -> "_Outcome":
        outcome = self._outcomes.get(said)
        if outcome is None:
            if len(self._outcomes) >= _OUTCOMES_MAX:
                self._outcomes.clear()
            outcome = self._outcomes[said] = self._work_out(said)
        return outcome

    def _work_out(self, said: tuple[bool, ...]) -> "_Outcome":
        """Decide which element fills which field, given whether each doubtful one says something.

        An element that has no meaning for this model, or says nothing, or has a better source
        beside it, is kept in the attributes as `io_<id>`: the raw integer, or hexadecimal text for
        bytes.
        """
        silent = {i for (i, _, _), says in zip(self._doubtful, said, strict=True) if not says}
        silent |= self._silent
        fields: dict[str, _ColumnValues] = {}
        attrs = {f"io_{i}": self._raw(i) for i in self._unnamed}
        for i, meaning in self._known:
            filled = attrs if meaning.in_attrs else fields
            if i in silent or meaning.name in filled:
                attrs[f"io_{i}"] = self._raw(i)
            else:
                filled[meaning.name] = self._values[i].column, plain_values(meaning)
        return _Outcome(
            [(name, *one) for name, one in fields.items()],
            [(orjson.dumps(name) + b":", *one) for name, one in attrs.items()],
        )

    def _raw(self, number: int) -> "_ColumnValues":
        value = self._values[number]
        return value.column, hexadecimal if value.is_bytes else unchanged

    def _fits(self, block: bytes, start: int, count: int) -> bool:
        records = block[start : start + count * self.size]
        if len(records) < count * self.size:
            return False
        return int.from_bytes(records) & int.from_bytes(self._mask * count) == int.from_bytes(
            self._fixed * count
        )


#: The place of a column, and the function that makes plain values of its raw ones.
_ColumnValues = tuple[int, Callable[[Column], Column]]


class _Outcome(NamedTuple):
    """The columns that fill fields of the position, by name, and its attributes, by JSON key."""

    fields: list[tuple[str, int, Callable[[Column], Column]]]
    attrs: list[tuple[bytes, int, Callable[[Column], Column]]]


def _attrs(
    filled: list[tuple[bytes, int, Callable[[Column], Column]]], columns: list[Column]
) -> list[bytes]:
    """The attributes of each record as JSON; a value that all records share is encoded once."""
    count = len(columns[0])
    between = b"{"
    differing: list[tuple[bytes, Column]] = []
    for key, column, plain in filled:
        values = columns[column]
        if values.count(values[0]) == count:
            between += key + orjson.dumps(plain(values[:1])[0]) + b","
        else:
            differing.append((key, plain(values)))
    parts: list[Iterable[bytes]] = []
    for key, values in differing:
        parts += repeat(between + key), _json_texts(values)
        between = b","
    if not parts:
        return [between[:-1] + b"}"] * count
    return list(map(b"".join, zip(*parts, repeat(b"}"), strict=False)))


def _json_texts(values: Column) -> list[bytes]:
    if isinstance(values[0], str):
        return [orjson.dumps(one) for one in values]
    return orjson.dumps(values)[1:-1].split(b",")
