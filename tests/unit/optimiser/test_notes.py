"""What is odd about a problem is said by row, with what was done about it, and kept in the plan."""

from dataclasses import replace
from datetime import timedelta

from optimiser.model.plan import Plan
from optimiser.model.problem import Problem
from optimiser.model.remark import in_english
from optimiser.notes import notes
from optimiser.solve import solve
from tests.unit.optimiser.cases import MORNING, TRIP, problem, problems_with


def said(found: Problem) -> list[str]:
    return [in_english(note) for note in notes(found)]


def test_an_ordinary_problem_has_none_and_its_plan_says_nothing() -> None:
    assert said(problem(TRIP)) == []
    assert "notes" not in solve(problem(TRIP), seconds_max=5, gap=0).to_json()


def test_a_trip_longer_than_every_range_is_named() -> None:
    [note] = said(problem(replace(TRIP, km=120)))
    assert note.startswith("trip 't1': 120 km is more than any kind")
    assert note.endswith("it goes to the fallback")


def test_a_need_that_nobody_offers_is_named() -> None:
    [note] = said(problem(replace(TRIP, needs=frozenset({"crane"}))))
    assert "'t1': no kind offers crane" in note


def test_a_pool_without_vehicles_is_named() -> None:
    [note] = said(problem(replace(TRIP, pool="syd")))
    assert "no kind of vehicle is in its pool 'syd'" in note


def test_a_pool_that_only_a_rule_knows_is_named() -> None:
    found = problem(TRIP)
    rules = replace(found.rules, reserve={"": 1, "nrod": 1}, no_fallback_pools=("sdy", ""))
    assert said(replace(found, rules=rules)) == [
        "reserve: no kind and no trip is of the pool 'nrod'",
        "no_fallback_pools: no kind and no trip is of the pool 'sdy'",
    ]


def test_a_capability_that_only_a_rule_knows_is_named() -> None:
    found = problem(TRIP)
    rules = replace(found.rules, no_fallback_needs=("krane",))
    assert said(replace(found, rules=rules)) == [
        "no_fallback_needs: no kind offers 'krane', and no trip needs it"
    ]


def test_an_unbelievable_speed_is_named() -> None:
    [note] = said(problem(replace(TRIP, end=MORNING + timedelta(minutes=3))))
    assert "400 km/h" in note


def test_trips_of_one_vehicle_at_the_same_time_are_named_and_both_planned() -> None:
    later = replace(TRIP, trip_id="t2", start=MORNING + timedelta(hours=1))
    other = replace(later, trip_id="t3", vehicle="CD 12 345")
    both = problem(TRIP, later, other)
    [note] = said(both)
    assert "'t2': begins before 't1' of the same vehicle 'AB 12 345'" in note
    plan = solve(both, seconds_max=5, gap=0)
    assert [in_english(one) for one in plan.notes] == [note]
    assert problems_with(plan, both) == []
    back = Plan.from_json(plan.to_json())
    assert [in_english(one) for one in back.notes] == [note]
