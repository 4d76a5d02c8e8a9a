"""Milestones are found late ones first, and counted by the same definition as progress."""

from collections.abc import Sequence
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tracker.finding import NEVER, Asked, Matter, Without, found_among
from tracker.milestone import MilestoneStatus
from tracker.progress import OwnerStanding, Standing
from tracker.quarter import Quarter

TODAY = date(2026, 11, 15)
DAYS = {"today": TODAY, "since": date(2026, 8, 15)}
OWNERS = {1: OwnerStanding(False, None), 2: OwnerStanding(True, None)}

STANDINGS = st.lists(
    st.builds(
        Standing,
        st.just(""),
        st.just(1),
        st.sampled_from(["p", "q"]),
        st.just(""),
        st.sampled_from(MilestoneStatus),
        st.sampled_from([None, Quarter(2026, 2), Quarter(2026, 4)]),
        st.sampled_from(["", "A"]),
        st.sampled_from([None, 1, 2]),
        st.booleans(),
        st.none(),
        st.booleans(),
    ),
    max_size=12,
).map(lambda found: [one._replace(milestone_id=f"m{n}") for n, one in enumerate(found)])


@given(STANDINGS, st.sampled_from(Matter))
def test_as_many_are_found_of_a_matter_as_are_counted(
    standings: Sequence[Standing], matter: Matter
) -> None:
    found = found_among(standings, OWNERS, Asked(matter=matter), named=None, **DAYS)
    whole = found.counted.whole()
    assert whole.total == len(standings)
    assert (
        len(found.ids)
        == {
            Matter.LATE: whole.late,
            Matter.NEEDS_DECISION: whole.needs_decision,
            Matter.UNOWNED: whole.open - whole.owned,
            Matter.SILENT: whole.silent,
            Matter.OPEN: whole.open,
            Matter.DONE: whole.done,
        }[matter]
    )
    assert sorted(one for ids in found.by_quarter.values() for one in ids) == sorted(found.ids)


@given(STANDINGS)
def test_late_ones_come_first_and_those_of_a_quarter_as_the_document_has_them(
    standings: Sequence[Standing],
) -> None:
    found = found_among(standings, OWNERS, Asked(), named=None, **DAYS)
    late = found_among(standings, OWNERS, Asked(matter=Matter.LATE), named=None, **DAYS)
    by_id = {one.milestone_id: one for one in standings}
    keys = [
        (one not in late.ids, by_id[one].due or NEVER, int(one.removeprefix("m")))
        for one in found.ids
    ]
    assert keys == sorted(keys)


@given(STANDINGS)
def test_what_is_asked_for_narrows_what_is_counted(standings: Sequence[Standing]) -> None:
    asked = Asked(programme_id="p", owner=Without.NONE, centre="", quarter=Without.NONE)
    found = found_among(standings, OWNERS, asked, named=None, **DAYS)
    expected = [
        one.milestone_id
        for one in standings
        if (one.programme_id, one.owner_id, one.centre, one.due) == ("p", None, "", None)
    ]
    assert sorted(found.ids) == sorted(expected)
    assert found.counted.whole().total == len(expected)
    none = found_among(standings, OWNERS, asked, named=set(), **DAYS)
    assert list(none.ids) == []
