"""Periods of the calendar, and those beside a period."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.words.calendar_periods import CalendarPeriod, neighbouring_periods

DAYS = st.dates(date(1990, 1, 1), date(2200, 1, 1))


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        (CalendarPeriod.WEEK, date(2024, 2, 26), date(2024, 3, 3)),
        (CalendarPeriod.MONTH, date(2024, 2, 1), date(2024, 2, 29)),
        (CalendarPeriod.QUARTER, date(2024, 1, 1), date(2024, 3, 31)),
        (CalendarPeriod.YEAR, date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_the_week_month_quarter_and_year_of_a_leap_day(
    span: CalendarPeriod, first: date, last: date
):
    assert span.around(date(2024, 2, 29)) == (first, last)


@given(st.sampled_from(list(CalendarPeriod)), DAYS)
def test_periods_of_the_calendar_hold_their_day_and_follow_each_other(
    span: CalendarPeriod, day: date
):
    first, last = span.around(day)
    assert first <= day <= last
    assert span.around(first) == span.around(last) == (first, last)
    earlier, later = neighbouring_periods(first, last)
    assert earlier == span.around(first - timedelta(days=1))
    assert later == span.around(last + timedelta(days=1))


@given(DAYS, st.integers(0, 400))
def test_a_free_period_stands_between_two_as_long_unless_it_is_one_of_the_calendar(
    first: date, more: int
):
    last = first + timedelta(days=more)
    (_, before), (after, _) = neighbouring_periods(first, last)
    assert before == first - timedelta(days=1)
    assert after == last + timedelta(days=1)
    if all((first, last) != span.around(first) for span in CalendarPeriod):
        (since, _), (_, until) = neighbouring_periods(first, last)
        assert first - since == until - last == timedelta(days=more + 1)
