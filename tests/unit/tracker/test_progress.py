"""Progress is computed once, and by whatever it is told, the parts are the whole."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fleet.localtime import day_start, local_day
from tests.factories.milestones import PLAIN
from tracker.milestone import Milestone, MilestoneStatus, NeededDecision, Person
from tracker.progress import OwnerStanding, Progress, Tally, progress, standing
from tracker.quarter import Quarter

TODAY, SINCE = date(2026, 11, 28), date(2026, 10, 1)

#: Owners who answered since, long ago and never, and one who answered and left.
OWNERS: Mapping[int, OwnerStanding] = {
    1: OwnerStanding(False, day_start(SINCE)),
    2: OwnerStanding(False, day_start(SINCE) - timedelta(seconds=1)),
    3: OwnerStanding(False, None),
    4: OwnerStanding(True, day_start(TODAY)),
}


def milestones() -> st.SearchStrategy[Milestone]:
    quarters = st.none() | st.builds(Quarter, st.integers(2025, 2027), st.integers(1, 4))
    moments = st.none() | st.integers(0, 330 * 24).map(
        lambda hours: day_start(TODAY) - timedelta(hours=hours)
    )

    def made(
        planned: Quarter | None, postponed: Quarter | None, owner: int | None, by: str, text: str
    ) -> Milestone:
        return replace(
            PLAIN,
            milestone_id=text,
            year=None if planned is None else planned.year,
            quarter_from=None if planned is None else planned.quarter,
            quarter_to=None if planned is None else planned.quarter,
            postponed=postponed,
            owner=None if owner is None else Person(owner, "N", owner == 4),
            decision=NeededDecision(by, None) if by else None,
        )

    return st.builds(
        lambda one, status, said_at, plan, part, centre, is_taken: replace(
            one,
            said=status,
            said_at=said_at,
            plan_id=plan,
            programme_id=f"p{plan}{part}",
            initiative_id=part,
            centre=centre,
            is_taken=is_taken,
        ),
        st.builds(
            made,
            quarters,
            quarters,
            st.none() | st.sampled_from(sorted(OWNERS)),
            st.sampled_from(["", "Udvalget"]),
            st.uuids().map(str),
        ),
        st.sampled_from(MilestoneStatus),
        moments,
        st.integers(1, 3),
        st.sampled_from(["", "a", "b"]),
        st.sampled_from(["", "Vej", "Park"]),
        st.booleans(),
    )


def counted(own: list[Milestone]) -> Progress:
    return progress([standing(one) for one in own], OWNERS, today=TODAY, since=SINCE)


def added(tallies: Collection[Tally]) -> Tally:
    """The sum of tallies."""
    by_status: Counter[MilestoneStatus] = Counter(dict.fromkeys(MilestoneStatus, 0))
    for one in tallies:
        by_status.update(one.by_status)
    return Tally(
        by_status=dict(by_status),
        late=sum(one.late for one in tallies),
        needs_decision=sum(one.needs_decision for one in tallies),
        silent=sum(one.silent for one in tallies),
        owned=sum(one.owned for one in tallies),
        actively_owned=sum(one.actively_owned for one in tallies),
    )


@given(st.lists(milestones(), max_size=40))
def test_the_parts_of_every_grouping_are_the_whole(own: list[Milestone]) -> None:
    found = counted(own)
    for parts in (
        found.by_plan,
        found.by_programme,
        found.by_initiative,
        found.by_quarter,
        found.by_owner,
        found.by_centre,
    ):
        assert added(parts.values()) == found.whole


@given(st.lists(milestones(), max_size=40))
def test_the_whole_is_what_the_milestones_say_of_themselves(own: list[Milestone]) -> None:
    found = counted(own).whole
    assert found.by_status == {
        status: sum(one.status is status for one in own) for status in MilestoneStatus
    }
    assert (found.total, found.open) == (len(own), sum(one.status.is_open for one in own))
    assert found.late == sum(one.late(TODAY) for one in own)
    assert found.needs_decision == sum(one.needs_decision for one in own)
    assert found.silent == sum(
        one.is_taken
        and one.status.is_open
        and (one.said_at is None or local_day(one.said_at) < SINCE)
        for one in own
    )
    assert found.actively_owned <= found.owned <= found.open
    assert found.late <= found.open


@given(st.lists(milestones(), max_size=40), st.sampled_from(sorted(OWNERS)))
def test_a_part_is_the_whole_of_its_own_milestones(own: list[Milestone], owner: int) -> None:
    theirs = [one for one in own if one.owner is not None and one.owner.contact_id == owner]
    found = counted(own).by_owner.get(owner)
    assert found == (counted(theirs).whole if theirs else None)


def test_an_owner_is_active_who_said_something_since_the_day_and_has_not_left() -> None:
    for owner, (owned, active) in {1: (1, 1), 2: (1, 0), 3: (1, 0), 4: (0, 0)}.items():
        found = counted([replace(PLAIN, owner=Person(owner, "N", owner == 4))]).whole
        assert (found.owned, found.actively_owned) == (owned, active)


def test_silence_ends_with_the_first_word_and_nobody_waits_for_what_is_done() -> None:
    since = day_start(SINCE)
    said = MilestoneStatus.IN_PROGRESS
    for one, silent in (
        (PLAIN, 1),
        (replace(PLAIN, said=said, said_at=since - timedelta(seconds=1)), 1),
        (replace(PLAIN, said=said, said_at=since), 0),
        (replace(PLAIN, said=MilestoneStatus.DONE, said_at=since - timedelta(days=9)), 0),
        (replace(PLAIN, is_taken=False), 0),
    ):
        assert counted([one]).whole.silent == silent


def test_a_strand_counts_its_milestones_and_none_that_are_not_there() -> None:
    own = [replace(PLAIN, milestone_id=str(n)) for n in range(4)]
    found = progress(
        [standing(one) for one in own],
        {},
        today=TODAY,
        since=SINCE,
        strands={7: ["1", "2", "gone"], 8: []},
    )
    assert (found.by_strand[7].total, found.by_strand[8].total) == (2, 0)


def test_of_what_is_to_be_reached_a_share_is_done() -> None:
    ended = [MilestoneStatus.DONE, MilestoneStatus.MERGED, MilestoneStatus.DROPPED]
    own = [replace(PLAIN, said=status, said_at=day_start(TODAY)) for status in ended]
    assert counted([*own, PLAIN]).whole.done_share == 0.5
    assert counted([]).whole.done_share is None
