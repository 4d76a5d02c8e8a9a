"""Weeks, months, quarters and years of the calendar, and the periods beside a period."""

from datetime import date, timedelta
from enum import StrEnum

DayRange = tuple[date, date]

ONE_DAY = timedelta(days=1)


class CalendarPeriod(StrEnum):
    """A sort of period of the calendar."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    def around(self, day: date) -> DayRange:
        """The first and the last day of the period that holds `day`; weeks begin on Monday."""
        if self is CalendarPeriod.WEEK:
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=6)
        months = {CalendarPeriod.MONTH: 1, CalendarPeriod.QUARTER: 3, CalendarPeriod.YEAR: 12}[self]
        first = date(day.year, (day.month - 1) // months * months + 1, 1)
        in_next = first + timedelta(days=31 * months)
        return first, in_next.replace(day=1) - ONE_DAY


def neighbouring_periods(first: date, last: date) -> tuple[DayRange, DayRange]:
    """The periods before and after a period: the neighbours in the calendar of one of the calendar,
    otherwise as many days."""
    for span in CalendarPeriod:
        if (first, last) == span.around(first):
            return span.around(first - ONE_DAY), span.around(last + ONE_DAY)
    days = last - first + ONE_DAY
    return (first - days, first - ONE_DAY), (last + ONE_DAY, last + days)
