"""A period of local days, over which use is measured and on which proposals are based."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from fleet.localtime import day_start, working_days


def whole_weeks(first: date, last: date, today: date) -> tuple[date, date] | None:
    """The weeks from Monday to Sunday that hold these days, as far as they are over; None: none of
    them is.

    However many sums over such weeks somebody compares, none of them tells of a single day.
    """
    over = today - timedelta(days=today.weekday() + 1)
    if first > over:
        return None
    sunday = over if last > over else last + timedelta(days=6 - last.weekday())
    return first - timedelta(days=first.weekday()), sunday


@dataclass(frozen=True, slots=True)
class Period:
    """The local days from `first` to `last`, both included. `closed` are the municipality's own
    closing days among them."""

    first: date
    last: date
    closed: frozenset[date] = frozenset()

    @property
    def start(self) -> datetime:
        """The moment at which the period begins, in UTC."""
        return day_start(self.first).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it, in UTC."""
        return day_start(self.last + timedelta(days=1)).astimezone(UTC)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def working_days(self) -> list[date]:
        return working_days(self.first, self.last, self.closed)
