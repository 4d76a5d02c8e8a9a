"""When a vehicle is private, in the municipality's own time."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.localtime import LOCAL_ZONE
from register.private_time import DutyError, DutyHours, PrivatePeriod, is_private, parse_duty

START = datetime(2026, 3, 1, tzinfo=UTC)
OFFICE = DutyHours(frozenset(range(5)), time(7), time(16))
NIGHT = DutyHours(frozenset({4}), time(22), time(6))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


@pytest.mark.parametrize(
    ("moment", "private"),
    [
        ("2026-03-27T06:59:59", True),  # a Friday in winter time
        ("2026-03-27T07:00:00", False),
        ("2026-03-27T15:59:59", False),
        ("2026-03-27T16:00:00", True),
        ("2026-03-28T12:00:00", True),  # Saturday
        ("2026-03-30T07:00:00", False),  # Monday, now in summer time
        ("2026-03-30T06:59:59", True),
        ("2026-04-02T12:00:00", True),  # Maundy Thursday
        ("2026-02-27T20:00:00", False),  # before it was agreed
    ],
)
def test_a_car_taken_home_is_private_outside_duty_hours(moment: str, private: bool) -> None:
    assert PrivatePeriod(START, None, OFFICE).covers(local(moment)) is private


@pytest.mark.parametrize(
    ("moment", "private"),
    [
        ("2026-03-27T21:59:59", True),
        ("2026-03-27T22:00:00", False),
        ("2026-03-28T05:59:59", False),
        ("2026-03-28T06:00:00", True),
        ("2026-03-27T05:00:00", True),  # Thursday's night is nobody's
    ],
)
def test_a_night_duty_lasts_into_the_next_day(moment: str, private: bool) -> None:
    assert PrivatePeriod(START, None, NIGHT).covers(local(moment)) is private


def test_a_duty_on_public_holidays_is_one_when_it_is_said() -> None:
    easter = local("2026-04-05T10:00:00")
    shifts = DutyHours(frozenset(range(7)), time(7), time(16), on_holidays=True)
    assert not PrivatePeriod(START, None, shifts).covers(easter)


@given(st.integers(-5_000_000, 5_000_000), st.integers(0, 4_000_000), st.integers(0, 4_000_000))
def test_a_period_without_duty_holds_from_its_begin_until_before_its_end(
    at: int, begins: int, lasts: int
) -> None:
    begin = START + timedelta(seconds=begins)
    end = begin + timedelta(seconds=lasts)
    ts = START + timedelta(seconds=at)
    assert PrivatePeriod(begin, end).covers(ts) is (begin <= ts < end)
    assert PrivatePeriod(begin, None).covers(ts) is (begin <= ts)
    assert is_private(ts, (PrivatePeriod(begin, end), PrivatePeriod(end, None))) is (begin <= ts)
    assert not is_private(ts, ())


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [
        ("mon-fri 07:00-16:00", {0, 1, 2, 3, 4}),
        ("sat-mon 07:00-16:00", {5, 6, 0}),
        ("Tue,thu 07:00-16:00", {1, 3}),
    ],
)
def test_duty_hours_are_read_from_text_and_written_the_same(text: str, weekdays: set[int]) -> None:
    duty = parse_duty(text)
    assert duty == DutyHours(frozenset(weekdays), time(7), time(16))
    assert parse_duty(str(duty)) == duty


@pytest.mark.parametrize(
    "text", ["", "mon-fri", "mon-fri 7-16-20", "man-fre 07:00-16:00", "mon 25:00-16:00"]
)
def test_text_that_says_no_duty_hours_is_quoted(text: str) -> None:
    with pytest.raises(DutyError, match="look like mon-fri"):
        parse_duty(text)
