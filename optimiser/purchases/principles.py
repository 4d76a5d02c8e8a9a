"""The principles of purchase and disposal: a text for people, and a rule with its figure. It is
pure."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from costs.assumptions import YEAR_MAX, YEAR_MIN
from optimiser.purchases.faults import TEXT_MAX, Fault, FieldFault

PRINCIPLES_FILE = Path(__file__).with_name("principles.toml")


class Principle(StrEnum):
    """The principles, as the table names them, in the order in which people read them."""

    #: Its figure is the goal: the share of green vehicles among a year's purchases, in per cent.
    GREEN = "green"
    #: Its figure is how many days before its contract ends a vehicle may be replaced.
    CONTRACT_END = "contract_end"
    #: Its figure is the least number of days of use a week.
    LEAST_USE = "least_use"
    #: Its figure is the most days a week on which a vehicle is used that counts as free.
    POOL_FIRST = "pool_first"


#: The most that each figure can be.
FIGURE_MAX: Mapping[Principle, float] = {
    Principle.GREEN: 100.0,
    Principle.CONTRACT_END: 3650.0,
    Principle.LEAST_USE: 7.0,
    Principle.POOL_FIRST: 5.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipleRow:
    """A principle as it is now. It holds from `from_year` on, and only while it is `in_force`.
    `actor` and `at` are of its last change; None: it is as the product ships it."""

    principle: Principle
    text_da: str
    text_en: str
    figure: float
    from_year: int
    source: str
    in_force: bool = True
    actor: str | None = None
    at: datetime | None = None

    def holds(self, year: int) -> bool:
        return self.in_force and year >= self.from_year


@dataclass(frozen=True, slots=True)
class Principles:
    """All principles, each once."""

    rows: Mapping[Principle, PrincipleRow]

    def of(self, principle: Principle) -> PrincipleRow:
        return self.rows[principle]

    def overlaid(self, rows: Iterable[PrincipleRow]) -> "Principles":
        """These principles with others in their place."""
        return replace(self, rows={**self.rows, **{one.principle: one for one in rows}})

    def goal(self, year: int) -> float | None:
        """The share of green vehicles that a year's purchases are to have; None: there is none."""
        green = self.of(Principle.GREEN)
        return green.figure / 100 if green.holds(year) else None


def principle_faults(row: PrincipleRow) -> list[FieldFault]:
    """What is wrong with a principle that somebody changed."""
    found: list[FieldFault] = []
    for name in ("text_da", "text_en", "source"):
        text: str = getattr(row, name)
        if not text.strip():
            found.append(FieldFault(name, Fault.EMPTY))
        elif len(text) > TEXT_MAX:
            found.append(FieldFault(name, Fault.TOO_LONG, most=TEXT_MAX))
    most = FIGURE_MAX[row.principle]
    if not 0 <= row.figure <= most:
        found.append(FieldFault("figure", Fault.OUT_OF_BOUNDS, most=most))
    if not YEAR_MIN <= row.from_year <= YEAR_MAX:
        found.append(FieldFault("from_year", Fault.OUT_OF_BOUNDS, YEAR_MIN, YEAR_MAX))
    return found


@cache
def shipped_principles() -> Principles:
    """The principles that the product ships."""
    content: Mapping[str, Mapping[str, Any]] = tomllib.loads(
        PRINCIPLES_FILE.read_text(encoding="utf-8")
    )
    return Principles({one: PrincipleRow(principle=one, **content[one.value]) for one in Principle})
