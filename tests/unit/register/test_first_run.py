"""The steps from an empty system to the first proposals, as facts decide them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from register.municipality.first_run import (
    STEP_NEEDS,
    Finding,
    FirstRunFacts,
    Step,
    checklist,
)
from tests.samples.municipality import ALL_THERE, NOTHING


def found(**facts: object) -> dict[Step, Finding]:
    of = checklist(replace(NOTHING, **facts))  # pyright: ignore[reportArgumentType]
    return {one.step: one.finding for one in of.steps}


def test_an_empty_system_misses_everything_and_begins_with_the_name() -> None:
    empty = checklist(NOTHING)
    assert [one.step for one in empty.steps] == list(Step)
    assert not any(one.is_done for one in empty.steps)
    assert empty.next is not None
    assert empty.next.step is Step.NAME
    done = checklist(ALL_THERE)
    assert done.is_done
    assert done.next is None


def test_each_step_says_what_is_so() -> None:
    assert found(trackers=3)[Step.SOURCES] is Finding.TRACKERS_IN_NO_VEHICLE
    assert found(trackers=3)[Step.DATA] is Finding.NOTHING_HEARD
    assert found(trackers=3, has_refused=True)[Step.DATA] is Finding.ALL_REFUSED
    assert found(has_positions=True, has_refused=True)[Step.DATA] is Finding.NO_TRIPS
    assert found(log_waits=True)[Step.SOURCES] is Finding.LOG_WAITS
    assert found(vehicles=9, vehicles_told_of=2)[Step.SOURCES] is Finding.SOURCES_OF_SOME
    assert found(has_trips=True)[Step.PROPOSALS] is Finding.NO_KIND_ON_OFFER
    offered = found(has_trips=True, kinds_on_offer=True)
    assert offered[Step.PROPOSALS] is Finding.NO_ROUND
    assert found(has_trips=True, latest_round="queued")[Step.PROPOSALS] is Finding.ROUND_WORKS
    assert found(has_trips=True, latest_round="failed")[Step.PROPOSALS] is Finding.ROUND_FAILED
    assert found(latest_round="running", has_proposals=True)[Step.PROPOSALS] is (
        Finding.PROPOSALS_THERE
    )


@given(
    st.builds(
        FirstRunFacts,
        depots=st.integers(0, 3),
        depots_waiting=st.integers(0, 3),
        vehicles=st.integers(0, 3),
        vehicles_told_of=st.integers(0, 3),
        trackers=st.integers(0, 3),
        latest_round=st.sampled_from([None, "queued", "running", "done", "failed", "cancelled"]),
    )
)
def test_whatever_is_there_every_step_has_a_finding_and_somebody_who_can_take_it(
    facts: FirstRunFacts,
) -> None:
    of = checklist(facts)
    assert [one.step for one in of.steps] == list(Step)
    assert all(STEP_NEEDS[one.step] for one in of.steps)
    assert of.is_done == (of.next is None)
