"""What the IO elements of a Teltonika tracker mean, from a table in data.

The product's own table is `elements.toml`; a file of the municipality's own may add models, which
are told apart by how their IMEIs begin.
"""

import tomllib
from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

#: Fields of a position that an element may fill; all else goes to `attrs`.
FIELDS = frozenset(
    {
        "ignition",
        "odometer_km",
        "engine_hours_h",
        "fuel_pct",
        "soc_pct",
        "charging",
        "battery_v",
    }
)
_ATTRS = "attrs."
_OWN_TABLE = Path(__file__).with_name("elements.toml")

#: Different sets of elements that are remembered; a fleet sends some dozens.
_PLANS_MAX = 1_024


class Element(BaseModel):
    """One row: the element `id` is `field`, as a number (raw / `divisor`), a flag or text.

    A raw value outside `lowest` to `highest` says that the sensor has nothing to say.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int = Field(ge=0, le=0xFFFF)
    field: str
    kind: Literal["number", "flag", "text"] = "number"
    divisor: int = Field(1, gt=0)
    lowest: float = 0
    highest: float = inf
    comment: str

    @field_validator("field")
    @classmethod
    def _known(cls, field: str) -> str:
        if field not in FIELDS and not field.startswith(_ATTRS):
            raise ValueError(f"is neither one of {', '.join(sorted(FIELDS))} nor attrs.<name>")
        return field


class NeverStored(BaseModel):
    """An element that names a person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int
    comment: str


class Model(BaseModel):
    """A model of tracker. Its elements replace generic ones of the same id or the same field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    imei_prefixes: tuple[str, ...] = Field(min_length=1)
    elements: tuple[Element, ...]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    never_stored: tuple[NeverStored, ...] = ()
    generic: tuple[Element, ...] = ()
    models: tuple[Model, ...] = ()


class ElementError(ValueError):
    """A table of elements is wrong. The message names the file and the place in it."""


class _Rule(NamedTuple):
    """A row made ready. `text` reads bytes; a number is divided, or a flag where that is 0."""

    number: int
    name: str
    in_attrs: bool
    lowest: float
    highest: float
    divisor: int
    text: bool


class _Plan(NamedTuple):
    """What to do with records of the same elements: rules in the order of their rank, and names."""

    rules: list[_Rule]
    unnamed: list[tuple[int, str]]


class _Names(dict[int, str]):
    """The names of elements without a meaning; made once, for every record has some."""

    def __missing__(self, number: int) -> str:
        name = self[number] = f"io_{number}"
        return name


_NAMES = _Names()


class ElementTable:
    """The meaning of each element of one model. Of several for one field, the first row wins."""

    def __init__(self, rows: Sequence[Element], never_stored: frozenset[int]) -> None:
        self._never_stored = never_stored
        self._rules = {row.id: _rule(row) for row in rows}
        self._ranks = {number: rank for rank, number in enumerate(self._rules)}
        self._plans: dict[tuple[int, ...], _Plan] = {}

    def read(self, io: Mapping[int, int | bytes]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The fields and the attributes that the elements of one record say.

        What has no row, or nothing to say, or a better source beside it, is kept in the attributes
        as `io_<id>`: the raw integer, or hexadecimal text for bytes.
        """
        rules, unnamed = self._plans.get(tuple(io)) or self._plan(tuple(io))
        fields: dict[str, Any] = {}
        attrs: dict[str, Any] = {}
        for number, name in unnamed:
            raw = io[number]
            attrs[name] = raw if isinstance(raw, int) else raw.hex()
        for number, name, in_attrs, lowest, highest, divisor, text in rules:
            raw = io[number]
            said = attrs if in_attrs else fields
            if name not in said:
                if isinstance(raw, int):
                    if not text and lowest <= raw <= highest:
                        said[name] = raw / divisor if divisor > 1 else raw if divisor else raw != 0
                        continue
                elif text and (found := _printable(raw)):
                    said[name] = found
                    continue
            attrs[_NAMES[number]] = _plain(raw)
        return fields, attrs

    def _plan(self, numbers: tuple[int, ...]) -> _Plan:
        known = [number for number in numbers if number in self._rules]
        known.sort(key=self._ranks.__getitem__)
        unnamed = [
            (number, _NAMES[number])
            for number in numbers
            if number not in self._rules and number not in self._never_stored
        ]
        plan = _Plan([self._rules[number] for number in known], unnamed)
        if len(self._plans) >= _PLANS_MAX:
            self._plans.clear()
        self._plans[numbers] = plan
        return plan


class Elements:
    """The tables of all models, and the elements that are never stored."""

    def __init__(self, files: Sequence[_File]) -> None:
        self.never_stored = frozenset(row.id for file in files for row in file.never_stored)
        # A later file comes first: its rows outrank the product's.
        generic = _unique([row for file in reversed(files) for row in file.generic])
        kept = [row for row in generic if row.id not in self.never_stored]
        self._generic = ElementTable(kept, self.never_stored)
        self._by_prefix: dict[str, ElementTable] = {}
        for model in (model for file in files for model in file.models):
            ids = {row.id for row in model.elements}
            fields = {row.field for row in model.elements}
            others = [row for row in kept if row.id not in ids and row.field not in fields]
            own = [row for row in model.elements if row.id not in self.never_stored]
            table = ElementTable([*own, *others], self.never_stored)
            self._by_prefix.update(dict.fromkeys(model.imei_prefixes, table))
        self._prefix_lengths = sorted({len(prefix) for prefix in self._by_prefix}, reverse=True)

    def table(self, imei: str) -> ElementTable:
        """The table of the device's model, the longest prefix deciding; else the generic one."""
        for length in self._prefix_lengths:
            found = self._by_prefix.get(imei[:length])
            if found is not None:
                return found
        return self._generic


def load_elements(own: Path | None = None) -> Elements:
    """The product's table, with the file `own` added to it.

    Raises:
        ElementError: a file is missing or wrong.
    """
    return Elements([_read(path) for path in (_OWN_TABLE, own) if path is not None])


def _read(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ElementError(f"{path}: {where}: {first['msg']}") from None
    except (OSError, ValueError) as error:
        raise ElementError(f"{path}: {error}") from None


def _unique(rows: Sequence[Element]) -> list[Element]:
    by_id: dict[int, Element] = {}
    for row in rows:
        by_id.setdefault(row.id, row)
    return list(by_id.values())


def _rule(row: Element) -> _Rule:
    return _Rule(
        row.id,
        row.field.removeprefix(_ATTRS),
        row.field.startswith(_ATTRS),
        row.lowest,
        row.highest,
        0 if row.kind == "flag" else row.divisor,
        row.kind == "text",
    )


def _printable(raw: bytes) -> str:
    """The text in bytes; empty when it is none."""
    found = raw.decode("ascii", errors="replace").strip("\0 ")
    return found if found.isascii() and found.isprintable() else ""


def _plain(raw: int | bytes) -> int | str:
    return raw.hex() if isinstance(raw, bytes) else raw
