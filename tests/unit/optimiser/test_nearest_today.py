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
    return nearest_today(problem, plan, values, seconds_max=20, gap=0)


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
