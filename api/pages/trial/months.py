"""The tried days of a depot as a calendar: each month as a grid of weeks."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Self

from optimiser.trial.stored import TrialDay


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of a month; `tried` is its trial, None where there is none."""

    day: date
    tried: TrialDay | None

    @property
    def week(self) -> int:
        """The row of its month in which it stands, from 0; weeks begin on Monday."""
        return (self.day.day - 1 + self.day.replace(day=1).weekday()) // 7


@dataclass(frozen=True, slots=True)
class TrialMonth:
    """A month with tried days."""

    first: date
    tried: Sequence[TrialDay]

    @classmethod
    def of(cls, days: Sequence[TrialDay]) -> Sequence[Self]:
        """The months of tried days, which come in order; the latest month first."""
        months = groupby(days, key=lambda one: one.day.replace(day=1))
        return [cls(first, list(own)) for first, own in months][::-1]

    @property
    def days(self) -> Sequence[CalendarDay]:
        """All days of the month, as they stand in its grid."""
        by_day = {one.day: one for one in self.tried}
        _, last = monthrange(self.first.year, self.first.month)
        days = [self.first.replace(day=day) for day in range(1, last + 1)]
        return [CalendarDay(day, by_day.get(day)) for day in days]
