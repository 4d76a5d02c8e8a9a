"""How records of one shape become positions of one model of tracker, worked out once a shape.

A plan has one `struct` for a whole record, knows which value fills which field, and reads records
that follow each other column by column.
"""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import repeat
from math import inf
from struct import Struct
from typing import Any, NamedTuple

import orjson

from fleet.position import POSITION_FIELDS
from ingest.protocols.message import Extremes, Unreadable, extremes_of, of_all
from ingest.protocols.position_columns import Columns
from ingest.protocols.teltonika.records import (
    CODECS,
    FIX_BYTES,
    VALUE_BYTES,
    Shape,
    announced_records,
    shape_at,
    unreadable,
)

#: The last millisecond that a datetime holds. A clock beyond it is refused by the gate as well.
_TIMESTAMP_MAX_MS = 253_402_300_799_999

#: What a model remembers: elements in all its plans, and outcomes of each plan. A fleet sends some
#: dozens of shapes; who makes up others costs time, not memory.
_ELEMENTS_MAX = 20_000
_OUTCOMES_MAX = 8

#: Time, longitude, latitude, altitude, course, satellites and speed; the priority is not read.
_FIX = "QxiihHBH"
_FIX_COLUMNS = 7

#: Letters of `struct` for numbers of so many bytes; all else is bytes.
_NUMBERS = {1: "B", 2: "H", 4: "I", 8: "Q"}

_Column = Sequence[Any]


class Rule(NamedTuple):
    """What an element says: `name`, a field of a position or one of its attributes.

    A raw value outside `lowest` to `highest` says nothing, nor does one of several bytes, all of
    them ones. `divisor` is 0 for a flag; a `text` is bytes of printable ASCII. `size` is the bytes
    that the element must have; 0: any.
    """

    name: str
    in_attrs: bool
    lowest: float = 0
    highest: float = inf
    divisor: int = 1
    text: bool = False
    size: int = 0

    def of_size(self, size: int) -> "Rule":
        """The same for values of so many bytes."""
        if self.text or size < 2:
            return self
        return self._replace(highest=min(self.highest, 256**size - 2))


@dataclass(frozen=True, slots=True)
class Run:
    """Records of one shape that follow each other in a block."""

    plan: "Plan"
    start: int
    count: int


class ModelReader:
    """Reads the records of one model of tracker; of several rules for one field the first one that
    has something to say wins. What is not `known`, as all that has a rule is, is not kept."""

    def __init__(self, rules: Sequence[tuple[int, Rule]], known: Set[int]) -> None:
        self._rules = rules
        self._known = known
        self._plans: dict[Shape, Plan] = {}
        self._elements = 0

    def runs(self, block: bytes, likely: "Plan | None" = None) -> list[Run]:
        """The records of a block; they are `likely` of the shape of those before.

        Raises:
            Unreadable: another codec, counts that differ, or records that do not fill the block.
        """
        total = announced_records(block)
        if likely is not None and likely.fills(block, total):
            return [Run(likely, 2, total)]
        try:
            return self._runs(block, total, always_16=False)
        except Unreadable:
            if CODECS[block[0]].has_variable:
                raise
            try:
                return self._runs(block, total, always_16=True)
            except Unreadable:
                pass  # what the usual reading says of it tells more
            raise

    def _runs(self, block: bytes, total: int, *, always_16: bool) -> list[Run]:
        runs: list[Run] = []
        index, at = 0, 2
        while index < total:
            plan = self._plan(shape_at(block, at, index, always_16=always_16))
            count = plan.alike(block, at, total - index)
            runs.append(Run(plan, at, count))
            index += count
            at += count * plan.size
        if at != len(block) - 1:
            detail = f"{len(block) - 1 - at} bytes differ from the records'"
            raise unreadable(None, "length", detail)
        return runs

    def _plan(self, shape: Shape) -> "Plan":
        plan = self._plans.get(shape)
        if plan is None:
            plan = Plan(shape, self._rules, self._known)
            self._elements += 1 + plan.elements
            if self._elements > _ELEMENTS_MAX:
                self._plans.clear()
                self._elements = 1 + plan.elements
            self._plans[shape] = plan
        return plan


class Plan:
    """All about the records of one shape; `size` is the bytes of each, `elements` their number, and
    `dropped` those that are not known."""

    def __init__(self, shape: Shape, rules: Sequence[tuple[int, Rule]], known: Set[int]) -> None:
        layout = _Layout(shape, known)
        self._codec = shape.codec
        self.size = len(layout.fixed)
        self.elements = layout.elements
        self._struct = Struct("".join(layout.letters))
        self._fixed, self._mask = bytes(layout.fixed), bytes(layout.mask)
        self._hidden = layout.hidden
        self.dropped = tuple(layout.dropped)
        self._values = layout.values
        self._known = [
            (i, rule.of_size(layout.values[i].size))
            for i, rule in rules
            if i in layout.values and rule.size in (0, layout.values[i].size)
        ]
        named = {i for i, _ in self._known}
        self._unnamed = [i for i in layout.values if i not in named]
        self._silent = {i for i, rule in self._known if layout.values[i].is_bytes != rule.text}
        #: Whether these say something is seen by their values.
        self._doubtful = [
            (i, layout.values[i].column, rule)
            for i, rule in self._known
            if i not in self._silent and (rule.text or not layout.values[i].within(rule))
        ]
        self._outcomes: dict[tuple[bool, ...], _Outcome] = {}

    def fills(self, block: bytes, count: int) -> bool:
        """Whether a block is this many records of this shape, at least one."""
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

    def without_hidden(self, record: bytes) -> bytes:
        """A record, the values that must not be kept set to 0."""
        if not self._hidden:
            return record
        kept = bytearray(record)
        for start, length in self._hidden:
            kept[start : start + length] = bytes(length)
        return bytes(kept)

    def read(self, imei: str, records: bytes) -> tuple[Columns, Extremes | None]:
        """The positions in records of this shape, and what is known of them."""
        return self._read(imei, list(zip(*self._struct.iter_unpack(records), strict=True)))

    def _read(self, imei: str, columns: list[_Column]) -> tuple[Columns, Extremes | None]:
        said: list[bool] = []
        for _, column, rule in self._doubtful:
            says = _says(rule, columns[column])
            if says is None:
                half = len(columns[0]) // 2
                first, known = self._read(imei, [values[:half] for values in columns])
                rest, more = self._read(imei, [values[half:] for values in columns])
                return Columns.joined([first, rest]), of_all((known, more))
            said.append(says)
        outcome = self._outcome(tuple(said))
        ms, lon, lat, altitude, course, satellites, speed = columns[:_FIX_COLUMNS]
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
        return Columns(list(found.values())), extremes_of(found)

    def _outcome(self, said: tuple[bool, ...]) -> "_Outcome":
        outcome = self._outcomes.get(said)
        if outcome is None:
            if len(self._outcomes) >= _OUTCOMES_MAX:
                self._outcomes.clear()
            outcome = self._outcomes[said] = self._work_out(said)
        return outcome

    def _work_out(self, said: tuple[bool, ...]) -> "_Outcome":
        """Who fills what, where the doubtful ones say something or not.

        What has no rule of this model, or nothing to say, or a better source beside it, is kept in
        the attributes as `io_<id>`: the raw integer, or hexadecimal text for bytes.
        """
        silent = {i for (i, _, _), says in zip(self._doubtful, said, strict=True) if not says}
        silent |= self._silent
        fields: dict[str, _Filled] = {}
        attrs = {f"io_{i}": self._raw(i) for i in self._unnamed}
        for i, rule in self._known:
            filled = attrs if rule.in_attrs else fields
            if i in silent or rule.name in filled:
                attrs[f"io_{i}"] = self._raw(i)
            else:
                filled[rule.name] = self._values[i].column, _plain(rule)
        return _Outcome(
            [(name, *one) for name, one in fields.items()],
            [(orjson.dumps(name) + b":", *one) for name, one in attrs.items()],
        )

    def _raw(self, number: int) -> "_Filled":
        value = self._values[number]
        return value.column, _hex if value.is_bytes else _same

    def _fits(self, block: bytes, start: int, count: int) -> bool:
        records = block[start : start + count * self.size]
        if len(records) < count * self.size:
            return False
        return int.from_bytes(records) & int.from_bytes(self._mask * count) == int.from_bytes(
            self._fixed * count
        )


class _Value(NamedTuple):
    """Where an element's value is among the unpacked ones, and what it may be."""

    column: int
    size: int
    is_bytes: bool

    def within(self, rule: Rule) -> bool:
        """Whether every number of this size has something to say."""
        return rule.lowest <= 0 and rule.highest >= 256**self.size - 1


class _Layout:
    """A shape as bytes: the letters of `struct`, and what is the same in every record of it."""

    def __init__(self, shape: Shape, known: Set[int]) -> None:
        codec = CODECS[shape.codec]
        before = codec.event_bytes + codec.generation_bytes
        self.letters = [">", _FIX, f"{before}x"]
        #: The bytes that are the same in every record, and 255 where they are; else 0.
        self.fixed, self.mask = bytearray(FIX_BYTES + before), bytearray(FIX_BYTES + before)
        #: Of an element that is there twice the last value counts.
        self.values: dict[int, _Value] = {}
        self.hidden: list[tuple[int, int]] = []
        self.dropped: list[int] = []
        self.elements = sum(map(len, shape.groups)) + len(shape.variable)
        self._known = known
        self._columns = _FIX_COLUMNS
        self._same(self.elements, codec.count.size)
        for size, ids in zip(VALUE_BYTES, shape.groups, strict=False):
            self._same(len(ids), codec.count.size)
            for number in ids:
                self._same(number, codec.id_bytes)
                self._differing(number, size, _NUMBERS.get(size))
        if codec.has_variable:
            self._same(len(shape.variable), codec.count.size)
            for number, size in shape.variable:
                self._same(number, codec.id_bytes)
                self._same(size, codec.count.size)
                self._differing(number, size, None)

    def _same(self, number: int, size: int) -> None:
        self.letters.append(f"{size}x")
        self.fixed += number.to_bytes(size)
        self.mask += b"\xff" * size

    def _differing(self, number: int, size: int, letter: str | None) -> None:
        if number not in self._known:
            self.dropped.append(number)
            self.letters.append(f"{size}x")
            self.hidden.append((len(self.fixed), size))
        else:
            self.letters.append(letter or f"{size}s")
            self.values[number] = _Value(self._columns, size, letter is None)
            self._columns += 1
        self.fixed += bytes(size)
        self.mask += bytes(size)


#: A column, and what makes plain values of what is in it.
_Filled = tuple[int, Callable[[_Column], _Column]]


class _Outcome(NamedTuple):
    """The columns that fill fields of the position, by name, and its attributes, by JSON key."""

    fields: list[tuple[str, int, Callable[[_Column], _Column]]]
    attrs: list[tuple[bytes, int, Callable[[_Column], _Column]]]


def _says(rule: Rule, column: _Column) -> bool | None:
    """Whether all of these say something; None when some do and others do not."""
    if rule.text:
        found = {_printable(raw) != "" for raw in column}
    elif rule.lowest <= min(column) and max(column) <= rule.highest:
        return True
    else:
        found = {rule.lowest <= raw <= rule.highest for raw in column}
    return None if len(found) > 1 else found.pop()


def _plain(rule: Rule) -> Callable[[_Column], _Column]:
    """What makes plain values of the raw ones of a rule."""
    if rule.text:
        return _text
    if rule.divisor == 0:
        return _flags
    if rule.divisor == 1:
        return _same
    return lambda column: [raw / rule.divisor for raw in column]


def _attrs(
    filled: list[tuple[bytes, int, Callable[[_Column], _Column]]], columns: list[_Column]
) -> list[bytes]:
    """The attributes of each record as JSON; what all records have in common is written once."""
    count = len(columns[0])
    between = b"{"
    differing: list[tuple[bytes, _Column]] = []
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


def _json_texts(values: _Column) -> list[bytes]:
    if isinstance(values[0], str):
        return [orjson.dumps(one) for one in values]
    return orjson.dumps(values)[1:-1].split(b",")


def _same(column: _Column) -> _Column:
    return column


def _flags(column: _Column) -> _Column:
    return [raw != 0 for raw in column]


def _text(column: _Column) -> _Column:
    return [_printable(raw) for raw in column]


def _hex(column: _Column) -> _Column:
    return [raw.hex() for raw in column]


def _printable(raw: bytes) -> str:
    """The text in bytes; empty when it is none."""
    found = raw.decode("ascii", errors="replace").strip("\0 ")
    return found if found.isascii() and found.isprintable() else ""
