"""What other municipalities and analyses found, each with its source, beside the pilot's own
figures. `elsewhere.toml` has the rows that the product ships."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

_FILE = Path(__file__).with_name("elsewhere.toml")


class Elsewhere(StrEnum):
    """Who found something, and of which fleet."""

    AARHUS_ROUTES = "aarhus_routes"
    AARHUS_VEHICLES = "aarhus_vehicles"
    FREDERICIA = "fredericia"
    BORNHOLM = "bornholm"
    SYDDJURS = "syddjurs"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundElsewhere:
    """What was found: the shares by which vehicles, cost and CO2e are less, as far as they are
    known. `is_result`: it is what came of it, and no calculation of what could."""

    key: Elsewhere
    is_result: bool
    source: str
    vehicles: float | None = None
    cost: float | None = None
    co2: float | None = None


_ROWS = TypeAdapter(dict[str, tuple[FoundElsewhere, ...]])


@cache
def found_elsewhere() -> Sequence[FoundElsewhere]:
    """The rows that the product ships."""
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return _ROWS.validate_python(content)["found"]
