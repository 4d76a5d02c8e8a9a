"""Reads the tables of the meanings of a Teltonika tracker's IO elements. Elements without a row are
not kept.

The product's own table is `io_elements.toml`. A file of the municipality may add models, which are
told apart by the first digits of their IMEIs.
"""

import tomllib
from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ingest.protocols.teltonika.element_meaning import ElementMeaning
from ingest.protocols.teltonika.model_reader import ModelReader

#: Fields of a position that an element may fill; any other value goes to `attrs`.
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
_OWN_TABLE = Path(__file__).with_name("io_elements.toml")


class IoElementRow(BaseModel):
    """One row: the element `id` is `field`, as a number (raw / `divisor`), a flag or text.

    A raw value outside `lowest` to `highest` means that the sensor measured nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int = Field(ge=0, le=0xFFFF)
    field: str
    kind: Literal["number", "flag", "text"] = "number"
    #: The number of bytes of the value, for an id may have another meaning in another width. None:
    #: any.
    bytes: Literal[1, 2, 4, 8, 16] | None = None
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
    """An element that names a person: no table can have it kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int
    comment: str


class TrackerModel(BaseModel):
    """A model of tracker. Its elements replace generic ones of the same id or the same field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    imei_prefixes: tuple[str, ...] = Field(min_length=1)
    elements: tuple[IoElementRow, ...]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    never_stored: tuple[NeverStored, ...] = ()
    generic: tuple[IoElementRow, ...] = ()
    models: tuple[TrackerModel, ...] = ()


class IoElementError(ValueError):
    """A table of elements is wrong. The message names the file and the place in it."""


class IoElements:
    """The readers of all models."""

    def __init__(self, files: Sequence[_File]) -> None:
        never_stored = frozenset(row.id for file in files for row in file.never_stored)
        # A later file comes first: its rows outrank the product's.
        generic = _unique([row for file in reversed(files) for row in file.generic])
        kept = [row for row in generic if row.id not in never_stored]
        known = {row.id for row in kept}
        self._generic = ModelReader(_meanings(kept), known)
        self._by_prefix: dict[str, ModelReader] = {}
        for model in (model for file in files for model in file.models):
            ids = {row.id for row in model.elements}
            fields = {row.field for row in model.elements}
            others = [row for row in kept if row.id not in ids and row.field not in fields]
            own = [row for row in model.elements if row.id not in never_stored]
            reader = ModelReader(_meanings([*own, *others]), known | {row.id for row in own})
            self._by_prefix.update(dict.fromkeys(model.imei_prefixes, reader))
        self._prefix_lengths = sorted({len(prefix) for prefix in self._by_prefix}, reverse=True)

    def reader(self, imei: str) -> ModelReader:
        """The reader of the device's model, the longest prefix deciding; else the generic one."""
        for length in self._prefix_lengths:
            found = self._by_prefix.get(imei[:length])
            if found is not None:
                return found
        return self._generic


def load_elements(own: Path | None = None) -> IoElements:
    """The product's table, with the file `own` added to it.

    Raises:
        ElementError: a file is missing or wrong.
    """
    return IoElements([_read(path) for path in (_OWN_TABLE, own) if path is not None])


def _read(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise IoElementError(f"{path}: {where}: {first['msg']}") from None
    except (OSError, ValueError) as error:
        raise IoElementError(f"{path}: {error}") from None


def _unique(rows: Sequence[IoElementRow]) -> list[IoElementRow]:
    kept: dict[tuple[int, int | None], IoElementRow] = {}
    for row in rows:
        # A row for any width outranks the rows for one width that come after it.
        if (row.id, None) not in kept:
            kept.setdefault((row.id, row.bytes), row)
    return list(kept.values())


def _meanings(rows: Sequence[IoElementRow]) -> list[tuple[int, ElementMeaning]]:
    return [
        (
            row.id,
            ElementMeaning(
                row.field.removeprefix(_ATTRS),
                row.field.startswith(_ATTRS),
                row.lowest,
                row.highest,
                0 if row.kind == "flag" else row.divisor,
                row.kind == "text",
                row.bytes or 0,
            ),
        )
        for row in rows
    ]
