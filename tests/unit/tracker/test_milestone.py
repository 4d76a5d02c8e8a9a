"""What is late in a plan, and what is next, follows from the day: nobody types it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.milestones import PLAIN
from tracker.content import FLEET_PROGRAMME, ProgrammeFileError, read_programme
from tracker.facts import Fact, FactAnswer
from tracker.milestone import Milestone, MilestoneStatus, open_milestones
from tracker.quarter import Quarter

AN_HOUR = datetime(2025, 1, 1, 12, tzinfo=UTC)


def a_milestone(
    year: int,
    quarter: int,
    status: MilestoneStatus = MilestoneStatus.NOT_STARTED,
    *,
    is_taken: bool = True,
) -> Milestone:
    """One that is due in a quarter."""
    return replace(
        PLAIN,
        milestone_id=f"{year}-{quarter}-{status}",
        year=year,
        quarter_from=quarter,
        quarter_to=quarter,
        said=status,
        said_at=AN_HOUR if status is not MilestoneStatus.NOT_STARTED else None,
        is_taken=is_taken,
    )


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2026, 1, 1), Quarter(2026, 1)),
        (date(2026, 3, 31), Quarter(2026, 1)),
        (date(2026, 4, 1), Quarter(2026, 2)),
        (date(2026, 12, 31), Quarter(2026, 4)),
    ],
)
def test_the_quarter_of_a_day(day: date, quarter: Quarter) -> None:
    assert Quarter.of(day) == quarter


def test_a_milestone_is_late_from_the_day_after_its_quarter_until_it_is_done() -> None:
    for status in (MilestoneStatus.NOT_STARTED, MilestoneStatus.IN_PROGRESS):
        assert not a_milestone(2025, 1, status).late(date(2025, 3, 31))
        assert a_milestone(2025, 1, status).late(date(2025, 4, 1))
        assert a_milestone(2025, 1, status).late(date(2026, 1, 1))
    assert not a_milestone(2025, 1, MilestoneStatus.DONE).late(date(2026, 11, 28))


def test_a_span_is_late_after_its_last_quarter_and_what_has_no_quarter_never_is() -> None:
    span = replace(a_milestone(2025, 4), quarter_from=1)
    assert not span.late(date(2025, 12, 31))
    assert span.late(date(2026, 1, 1))
    for none in (replace(span, quarter_from=None, quarter_to=None), replace(PLAIN, year=2025)):
        assert none.due is None
        assert not none.late(date(2199, 1, 1))


def test_a_postponed_milestone_is_late_after_the_quarter_to_which_it_was_moved() -> None:
    for status in (MilestoneStatus.POSTPONED, MilestoneStatus.IN_PROGRESS):
        moved = replace(a_milestone(2025, 1, status), postponed=Quarter(2025, 3))
        assert not moved.late(date(2025, 9, 30))
        assert moved.late(date(2025, 10, 1))


def test_what_is_merged_or_given_up_is_never_late() -> None:
    for status in (MilestoneStatus.MERGED, MilestoneStatus.DROPPED):
        assert not a_milestone(2025, 1, status).late(date(2026, 1, 1))


def test_a_fact_answers_what_nobody_has_said_anything_of_and_never_overwrites_a_word() -> None:
    answer = FactAnswer(Fact.CHIPS_INSTALLED, True, AN_HOUR, 10)
    told = replace(a_milestone(2025, 1), answer=answer)
    assert told.status is MilestoneStatus.DONE
    assert not told.late(date(2026, 1, 1))
    denied = replace(told, said=MilestoneStatus.IN_PROGRESS, said_at=AN_HOUR)
    assert denied.status is MilestoneStatus.IN_PROGRESS
    assert denied.late(date(2026, 1, 1))
    not_yet = replace(told, answer=replace(answer, holds=False, at=None))
    assert not_yet.status is MilestoneStatus.NOT_STARTED


@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)))
def test_a_quarter_holds_its_days_and_the_next_follows_at_once(day: date) -> None:
    quarter = Quarter.of(day)
    assert quarter.first_day <= day <= quarter.last_day
    assert Quarter.of(quarter.last_day + timedelta(days=1)) == quarter.next
    assert Quarter.of(quarter.first_day - timedelta(days=1)).next == quarter


def test_nothing_of_a_programme_that_nobody_has_taken_is_late_or_next() -> None:
    starter = [a_milestone(2025, 1, is_taken=False), a_milestone(2027, 1, is_taken=False)]
    today = date(2026, 11, 28)
    assert not any(one.late(today) for one in starter)
    found = open_milestones(starter, today)
    assert (found.late, found.coming) == ([], [])


def test_what_is_next_is_neither_done_nor_late() -> None:
    plan = [
        a_milestone(2026, 4),
        a_milestone(2025, 2),
        a_milestone(2025, 1),
        a_milestone(2025, 3, MilestoneStatus.DONE),
        a_milestone(2027, 1),
    ]
    found = open_milestones(plan, date(2026, 11, 28))
    assert [one.due for one in found.late] == [(2025, 1), (2025, 2)]
    assert [one.due for one in found.coming] == [(2026, 4), (2027, 1)]


@given(
    st.lists(
        st.builds(
            a_milestone,
            st.integers(2020, 2030),
            st.integers(1, 4),
            st.sampled_from(MilestoneStatus),
        )
    ),
    st.dates(date(2019, 1, 1), date(2031, 12, 31)),
)
def test_all_that_is_not_done_is_late_or_next_and_never_both(
    plan: list[Milestone], today: date
) -> None:
    found = open_milestones(plan, today)
    left = [one for one in plan if one.status.is_open]
    assert len(found.late) + len(found.coming) == len(left)
    assert all(one.late(today) for one in found.late)
    assert all(one.due is not None and one.due >= Quarter.of(today) for one in found.coming)
    later = open_milestones(plan, today + timedelta(days=100))
    assert len(later.late) >= len(found.late)


def test_the_first_programme_can_be_read_and_a_wrong_one_names_its_field(tmp_path) -> None:
    assert read_programme(FLEET_PROGRAMME).initiative
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        FLEET_PROGRAMME.read_text(encoding="utf-8").replace("quarter = 1", "quarter = 5")
    )
    with pytest.raises(
        ProgrammeFileError, match=r"wrong\.toml: initiative\.0\.milestones\.0\.quarter"
    ):
        read_programme(wrong)
    wrong.write_text("name = ")
    with pytest.raises(ProgrammeFileError, match=r"wrong\.toml"):
        read_programme(wrong)
