"""The arithmetic of attempts: nobody guesses fast, and nobody waits for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.attempts import SLOTS, Allowance, TooManyAttemptsError, network_of, slot_of

START = datetime(2026, 11, 29, tzinfo=UTC)

allowances = st.builds(
    Allowance, attempts=st.integers(1, 100), every_s=st.floats(0.001, 86_400, allow_nan=False)
)
#: The pauses between attempts, in seconds: mostly none, sometimes long.
pauses = st.lists(st.one_of(st.just(0.0), st.floats(0, 200_000)), max_size=200)
moments = st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1900 < at.year < 9900)


def passed(allowance: Allowance, gaps: list[float]) -> list[datetime]:
    """The moments of the attempts that an allowance lets through."""
    now, full_at, through = START, None, list[datetime]()
    for gap in gaps:
        now += timedelta(seconds=gap)
        if allowance.wait_s(full_at, now) == 0:
            through.append(now)
            full_at = allowance.after_attempt(full_at, now)
    return through


@given(allowances, pauses)
def test_in_no_time_do_more_attempts_pass_than_the_allowance_says(
    allowance: Allowance, gaps: list[float]
) -> None:
    through = passed(allowance, gaps)
    for first, since in enumerate(through):
        for last in range(first, len(through)):
            seconds = (through[last] - since).total_seconds()
            # Moments are in microseconds, so that each pause may be half of one too short.
            refilled = (seconds + 1e-6 * (last - first + 1)) / allowance.every_s
            assert last - first + 1 <= allowance.attempts + refilled


@given(allowances, st.one_of(st.none(), moments), moments)
def test_whatever_is_stored_the_wait_is_short_and_ends(
    allowance: Allowance, full_at: datetime | None, now: datetime
) -> None:
    wait_s = allowance.wait_s(full_at, now)
    assert 0 <= wait_s <= 2 * allowance.every_s + 1e-6
    assert allowance.wait_s(full_at, now + timedelta(seconds=wait_s)) <= 1e-6 * allowance.attempts


@given(allowances, pauses)
def test_an_attempt_that_is_given_back_was_none(allowance: Allowance, gaps: list[float]) -> None:
    now, full_at = START, None
    for gap in gaps:
        now += timedelta(seconds=gap)
        assert allowance.wait_s(full_at, now) == 0
        full_at = allowance.after_success(allowance.after_attempt(full_at, now), now)


@given(allowances, moments, moments)
def test_a_pause_gives_no_more_than_the_whole_allowance(
    allowance: Allowance, full_at: datetime, now: datetime
) -> None:
    rested = max(now, full_at + timedelta(seconds=1))
    in_a_row = 0
    stored: datetime | None = full_at
    while allowance.wait_s(stored, rested) == 0:
        stored = allowance.after_attempt(stored, rested)
        in_a_row += 1
    assert in_a_row == allowance.attempts


def test_a_stranger_and_an_owner_who_share_an_allowance_both_get_their_turn() -> None:
    """Of 20,000 attempts of a stranger, ten a second, the owner's one a minute is never far."""
    allowance, full_at, waits = Allowance(10, 60.0), None, list[float]()
    strangers = 0
    for tenth in range(20_000):
        now = START + timedelta(seconds=tenth / 10)
        wait_s = allowance.wait_s(full_at, now)
        if tenth % 600 == 0:
            waits.append(wait_s)
        if wait_s == 0:
            strangers += 1
            full_at = allowance.after_attempt(full_at, now)
    assert strangers == 10 + 2_000 // 60
    assert max(waits) <= 60


@given(st.text(max_size=300))
def test_whatever_is_tried_has_one_of_so_many_slots(text: str) -> None:
    assert 0 <= slot_of(text) < SLOTS
    assert slot_of(text) == slot_of(text)
    assert len(network_of(text)) <= 64


@pytest.mark.parametrize(
    ("source", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unix:/run/flaade", ""),
        ("192.0.2.7\x00", ""),
        ("192.0.2.7, 192.0.2.8", ""),
    ],
)
def test_an_address_counts_as_the_network_of_one_customer(source: str, network: str) -> None:
    assert network_of(source) == network


def test_a_wait_is_said_in_whole_seconds_and_is_never_none() -> None:
    assert [TooManyAttemptsError(wait_s).wait_s for wait_s in (0.01, 1.0, 59.2)] == [1, 1, 60]
