"""Whole weeks, by which sums tell of no single day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fleet.period import whole_weeks

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(DAYS, st.integers(0, 900), DAYS)
def test_weeks_are_whole_and_over_and_hold_the_days_that_can_be_held(
    first: date, length: int, today: date
) -> None:
    last = first + timedelta(days=length)
    found = whole_weeks(first, last, today)
    this_monday = today - timedelta(days=today.weekday())
    if found is None:
        assert first >= this_monday
        return
    monday, sunday = found
    assert (monday.weekday(), sunday.weekday()) == (0, 6)
    assert monday <= first < this_monday
    assert sunday - last < timedelta(days=7)
    assert sunday >= last or sunday == this_monday - timedelta(days=1)


@given(DAYS, DAYS)
def test_all_days_of_a_week_have_the_same_weeks(monday: date, today: date) -> None:
    monday -= timedelta(days=monday.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    assert len({whole_weeks(day, day, today) for day in days}) == 1
