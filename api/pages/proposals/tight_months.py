"""The tight days of a proposal as a calendar: each month that has some, as a grid of weeks."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from optimiser.depot.tight_days import TightDay


@dataclass(frozen=True, slots=True)
class MarkedDay:
    """A tight day; `found` tells how it is tight, and is None where that is of vehicles that the
    visitor does not see."""

    day: date
    found: TightDay | None

    @property
    def week(self) -> int:
        """The row of its month in which the day stands, from 0; weeks begin on Monday."""
        return (self.day.day - 1 + self.day.replace(day=1).weekday()) // 7


@dataclass(frozen=True, slots=True)
class TightMonth:
    """A month with its tight days."""

    first: date
    marked: Sequence[MarkedDay]

    @property
    def days(self) -> Sequence[MarkedDay]:
        """All days of the month, as they stand in its grid."""
        _, last = monthrange(self.first.year, self.first.month)
        return [MarkedDay(self.first.replace(day=day), None) for day in range(1, last + 1)]


def tight_months(days: Sequence[date], found: Sequence[TightDay]) -> list[TightMonth]:
    """The months of the tight `days`; `found` tells of the days of the depot how they are tight."""
    by_day = {one.day: one for one in found}
    marked = [MarkedDay(day, by_day.get(day)) for day in sorted(days)]
    months = groupby(marked, key=lambda one: one.day.replace(day=1))
    return [TightMonth(first, list(own)) for first, own in months]
