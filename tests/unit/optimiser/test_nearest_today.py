"""Of fleets that cost the same, the one nearest today's is proposed."""

from dataclasses import replace

import pytest

from fleet.vehicle import Energy
from optimiser.depot.nearest_today import nearest_today
from optimiser.depot.pool_cost import cost_function
from optimiser.model.plan import Plan
from optimiser.model.problem import Problem
from optimiser.solve import solve
from tests.unit.optimiser.cases import BICYCLE, RULES, problems_with, trip

OLD = replace(
    BICYCLE, type="old", energy=Energy.ELECTRIC, count_now=2, fixed_kr_year=40_000, kr_km=1
)
TRIPS = (
    trip(1, "2026-03-02T08:00", "2026-03-02T09:00", km=200),
    trip(2, "2026-03-02T08:00", "2026-03-02T09:00", km=200),
)


def nearest(problem: Problem, plan: Plan) -> Plan:
    values = {"": cost_function(problem, plan, "", seconds_max=20, gap=0)}
    return nearest_today(problem, plan, values, seconds_max=20, gap=0)[0]


def counts(plan: Plan) -> dict[str, int]:
    return {line.type: line.count for line in plan.best.fleet}


def changed(problem: Problem, **wanted: int) -> Plan:
    """A plan of `problem` with the counts `wanted`, and its true bound."""
    exact = tuple(
        replace(kind, min_count=wanted[kind.type], max_count=wanted[kind.type])
        for kind in problem.kinds
    )
    return solve(replace(problem, kinds=exact), seconds_max=20, gap=0)


@pytest.mark.parametrize(
    ("saves_kr", "then"),
    [(0, {"old": 2, "new": 0}), (0.4, {"old": 2, "new": 0}), (50, {"old": 0, "new": 2})],
)
def test_a_replacement_is_proposed_only_when_it_saves_something(
    saves_kr: float, then: dict[str, int]
) -> None:
    new = replace(OLD, type="new", count_now=0, fixed_kr_year=OLD.fixed_kr_year - saves_kr)
    problem = Problem(trips=TRIPS, kinds=(OLD, new), rules=RULES)
    plan = nearest(problem, changed(problem, old=0, new=2))
    assert counts(plan) == then
    assert problems_with(plan, problem) == []


def test_what_was_decided_is_not_taken_back() -> None:
    new = replace(OLD, type="new", count_now=0)
    gone = replace(OLD, max_count=1)
    problem = Problem(trips=TRIPS, kinds=(gone, new), rules=RULES)
    plan = nearest(problem, changed(problem, old=0, new=2))
    assert counts(plan) == {"old": 1, "new": 1}


@pytest.mark.parametrize(
    ("least_kr", "then", "withdrawn"),
    [
        (0, {"old": 0, "new": 2}, 0),
        (2_999, {"old": 0, "new": 2}, 0),
        (3_001, {"old": 2, "new": 0}, 2),
    ],
)
def test_a_change_that_saves_less_than_the_least_saving_is_withdrawn_and_told(
    least_kr: float, then: dict[str, int], withdrawn: int
) -> None:
    new = replace(OLD, type="new", count_now=0, fixed_kr_year=OLD.fixed_kr_year - 3_000)
    problem = Problem(trips=TRIPS, kinds=(OLD, new), rules=RULES)
    plan = changed(problem, old=0, new=2)
    values = {"": cost_function(problem, plan, "", seconds_max=20, gap=0)}
    near, told = nearest_today(
        problem, plan, values, seconds_max=20, gap=0, least_saving_kr_year=least_kr
    )
    assert counts(near) == then
    assert (told.changes, told.kr_year) == (withdrawn, pytest.approx(withdrawn * 3_000))
    assert problems_with(near, problem) == []
    best, cheapest = near.best, plan.best
    assert best.cost_kr_year == pytest.approx((cheapest.cost_kr_year or 0) + told.kr_year)
    assert (best.lower_bound_kr_year or 0) <= (cheapest.cost_kr_year or 0) + 1e-6


def test_of_many_small_changes_those_that_are_worth_it_stay() -> None:
    """One of two replacements saves much: only the other is withdrawn."""
    dear = replace(OLD, type="dear", count_now=1, fixed_kr_year=60_000)
    plain = replace(OLD, type="old", count_now=1)
    new = replace(OLD, type="new", count_now=0, fixed_kr_year=OLD.fixed_kr_year - 3_000)
    problem = Problem(trips=TRIPS, kinds=(dear, plain, new), rules=RULES)
    plan = changed(problem, dear=0, old=0, new=2)
    values = {"": cost_function(problem, plan, "", seconds_max=20, gap=0)}
    near, told = nearest_today(
        problem, plan, values, seconds_max=20, gap=0, least_saving_kr_year=5_000
    )
    assert counts(near) == {"dear": 0, "old": 1, "new": 1}
    assert (told.changes, told.kr_year) == (1, pytest.approx(3_000))
