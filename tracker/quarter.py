"""Quarters of a year, in which results of a plan are due."""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple


class Quarter(NamedTuple):
    """A quarter of a year; an earlier quarter compares as less than a later one."""

    year: int
    quarter: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter that contains `day`."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.quarter - 2, 1)

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(days=1)

    @property
    def before(self) -> "Quarter":
        """The quarter before it."""
        return Quarter.of(self.first_day - timedelta(days=1))

    @property
    def next(self) -> "Quarter":
        """The quarter after it."""
        if self.quarter == 4:
            return Quarter(self.year + 1, 1)
        return Quarter(self.year, self.quarter + 1)


@lru_cache(maxsize=1024)
def quarter_of(year: int | None, quarter: int | None) -> Quarter | None:
    """A quarter of a year; None: one of them is not known."""
    return None if year is None or quarter is None else Quarter(year, quarter)
