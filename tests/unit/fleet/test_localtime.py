"""Danish days: holidays, and days of 23 and 25 hours."""

from datetime import UTC, date, datetime, timedelta

import pytest

from fleet.localtime import day_start, is_working_day, local_day, working_days
from fleet.period import Period


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
        (date(2026, 12, 25), False),
        (date(2026, 4, 3), False),
        (date(2026, 5, 14), False),
    ],
)
def test_working_days_are_weekdays_that_are_no_public_holiday(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def test_a_moment_belongs_to_the_local_day() -> None:
    assert local_day(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == date(2026, 7, 2)
    assert local_day(datetime(2026, 12, 1, 22, 30, tzinfo=UTC)) == date(2026, 12, 1)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_the_days_on_which_the_clock_changes_have_their_length(day: date, hours: int) -> None:
    period = Period(day, day)
    assert period.end - period.start == timedelta(hours=hours)


def test_a_week_has_five_working_days() -> None:
    assert len(working_days(date(2026, 11, 16), date(2026, 11, 22))) == 5
    assert day_start(date(2026, 11, 16)).utcoffset() == timedelta(hours=1)
