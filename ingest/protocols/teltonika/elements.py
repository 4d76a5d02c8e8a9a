"""What the IO elements of a Teltonika tracker mean, from a table in data.

The product's own table is `elements.toml`; a file of the municipality's own may add models, which
are told apart by how their IMEIs begin.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, Literal

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

Value = int | float | bool | str


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


@dataclass(frozen=True, slots=True)
class _Rule:
    """A row made ready: `contested` when another row is of the same field."""

    rank: int
    number: int
    field: str
    name: str
    in_attrs: bool
    contested: bool
    value: Callable[[int | bytes], Value | None]


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
        rows_of = Counter(row.field for row in rows)
        self._rules = {
            row.id: _Rule(
                rank,
                row.id,
                row.field,
                row.field.removeprefix(_ATTRS),
                row.field.startswith(_ATTRS),
                rows_of[row.field] > 1,
                _reader(row),
            )
            for rank, row in enumerate(rows)
        }

    def read(self, io: Mapping[int, int | bytes]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The fields and the attributes that the elements of one record say.

        What has no row, or nothing to say, or a better source beside it, is kept in the attributes
        as `io_<id>`: the raw integer, or hexadecimal text for bytes.
        """
        fields: dict[str, Any] = {}
        attrs: dict[str, Any] = {}
        winners: dict[str, _Rule] = {}
        for number, raw in io.items():
            rule = self._rules.get(number)
            value = None if rule is None else rule.value(raw)
            if rule is None or value is None:
                if number not in self._never_stored:
                    attrs[_NAMES[number]] = _plain(raw)
                continue
            if rule.contested:
                other = winners.get(rule.field)
                if other is not None and other.rank < rule.rank:
                    attrs[_NAMES[number]] = _plain(raw)
                    continue
                if other is not None:
                    attrs[_NAMES[other.number]] = _plain(io[other.number])
                winners[rule.field] = rule
            (attrs if rule.in_attrs else fields)[rule.name] = value
        return fields, attrs


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


def _reader(row: Element) -> Callable[[int | bytes], Value | None]:
    """What a raw value says by this row; None when it says nothing."""
    lowest, highest, divisor, is_flag = row.lowest, row.highest, row.divisor, row.kind == "flag"

    def text(raw: int | bytes) -> Value | None:
        if isinstance(raw, int):
            return None
        found = raw.decode("ascii", errors="replace").strip("\0 ")
        return found if found and found.isascii() and found.isprintable() else None

    def number(raw: int | bytes) -> Value | None:
        if isinstance(raw, bytes) or not lowest <= raw <= highest:
            return None
        if is_flag:
            return raw != 0
        return raw if divisor == 1 else raw / divisor

    return text if row.kind == "text" else number


def _plain(raw: int | bytes) -> int | str:
    return raw.hex() if isinstance(raw, bytes) else raw
