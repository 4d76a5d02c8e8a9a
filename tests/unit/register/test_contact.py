"""Whether a tracker is in contact is judged by its own habits."""

from datetime import timedelta

import pytest

from register.contact import Contact, ContactLimits, contact_state, is_underway

LIMITS = ContactLimits(late_intervals=3, late_min_s=120, silent_after_h=24)


@pytest.mark.parametrize(
    ("silence", "underway", "interval_s", "silent_days", "state"),
    [
        (timedelta(seconds=100), True, 10.0, 0, Contact.ON_TIME),
        (timedelta(seconds=130), True, 10.0, 0, Contact.LATE),
        (timedelta(seconds=130), True, 60.0, 0, Contact.ON_TIME),
        (timedelta(hours=12), False, 10.0, 0, Contact.RESTING),
        (timedelta(hours=25), False, 10.0, 0, Contact.SILENT),
        (timedelta(hours=63), False, 10.0, 2, Contact.RESTING),  # it stands still at weekends
        (timedelta(hours=73), False, 10.0, 2, Contact.SILENT),
        (timedelta(hours=12), True, None, 0, Contact.LATE),
        (None, False, None, 0, Contact.NEVER),
    ],
)
def test_the_state_of_a_device(
    silence: timedelta | None,
    underway: bool,
    interval_s: float | None,
    silent_days: int,
    state: Contact,
) -> None:
    found = contact_state(
        silence,
        underway=underway,
        interval_s=interval_s,
        silent_days=silent_days,
        limits=LIMITS,
    )
    assert found is state


def test_the_ignition_says_whether_it_is_under_way_and_the_speed_where_there_is_none() -> None:
    assert is_underway(0.0, True)
    assert not is_underway(60.0, False)
    assert is_underway(60.0, None)
    assert not is_underway(None, None)
