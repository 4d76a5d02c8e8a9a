"""On cases small enough to try everything, the answer is the optimum and the bound is true."""

import math
import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks.optimiser.brute_force import broken_by
from benchmarks.optimiser.shift_minimisation import shift_problem
from optimiser.model.plan import FleetAnswer, Plan
from optimiser.model.problem import Problem
from optimiser.solve import solve
from tests.unit.optimiser.brute_force import optimum, todays_least, todays_optimum
from tests.unit.optimiser.cases import problems_with, ruled_problem, small_problem

#: Cases in one test; the tests together make 300 without ranges, 200 with, 100 with a cap, and 150
#: under rules that bind a whole fleet, 50 of them with a cap too.
BATCH = 25


def cases(batch: int, *, ranges: bool) -> Iterator[tuple[int, Problem]]:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        yield seed, small_problem(random.Random(seed), ranges=ranges)


def solved(problem: Problem) -> Plan:
    return solve(problem, seconds_max=60, gap=0)


def assert_optimal(answer: FleetAnswer, best_kr: float, seed: int) -> None:
    if math.isinf(best_kr):
        assert answer.status == "infeasible", f"case {seed}: nothing keeps its rules"
        assert answer.reason, f"case {seed}: the reason is given"
        return
    assert answer.cost_kr_year == pytest.approx(best_kr, rel=1e-6), f"case {seed}"
    assert answer.status == "optimal", f"case {seed}"
    assert answer.lower_bound_kr_year is not None
    assert answer.lower_bound_kr_year <= best_kr * (1 + 1e-9), f"case {seed}: bound above optimum"


@pytest.mark.parametrize("batch", range(12))
def test_without_ranges_the_plan_and_the_baseline_are_optimal(batch: int) -> None:
    for seed, problem in cases(batch, ranges=False):
        plan = solved(problem)
        assert problems_with(plan, problem) == [], f"case {seed}"
        assert_optimal(plan.best, optimum(problem), seed)
        assert_optimal(plan.baseline, todays_optimum(problem), seed)


@pytest.mark.parametrize("batch", range(8))
def test_with_ranges_small_cases_are_solved_to_the_optimum_too(batch: int) -> None:
    for seed, problem in cases(batch, ranges=True):
        plan = solved(problem)
        assert problems_with(plan, problem) == [], f"case {seed}"
        assert_optimal(plan.best, optimum(problem), seed)
        assert_optimal(plan.baseline, todays_optimum(problem), seed)


@pytest.mark.parametrize("batch", range(4))
def test_a_cap_on_co2e_is_kept_at_least_cost_or_proven_out_of_reach(batch: int) -> None:
    for seed, free in cases(batch, ranges=batch % 2 == 0):
        without = solved(free).best.co2_t_year
        if without is None:
            continue
        share = random.Random(seed).choice((0.3, 0.6, 0.8, 0.95))
        problem = replace(free, rules=replace(free.rules, co2_max_t_year=without * share))
        plan = solved(problem)
        assert problems_with(plan, problem) == [], f"case {seed}"
        assert_optimal(plan.best, optimum(problem), seed)


@pytest.mark.parametrize("batch", range(4))
def test_rules_on_the_whole_fleet_are_kept_at_least_cost_or_proven_out_of_reach(batch: int) -> None:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        problem = ruled_problem(random.Random(seed))
        plan = solved(problem)
        assert problems_with(plan, problem) == [], f"case {seed}"
        assert_optimal(plan.best, optimum(problem), seed)
        today = todays_least(problem)
        assert_optimal(plan.baseline, today.kr, seed)
        assert broken_by(plan.baseline, problem) == (today.forbidden, today.pools), f"case {seed}"


@pytest.mark.parametrize("batch", range(2))
def test_a_cap_on_co2e_and_the_rules_on_the_whole_fleet_are_kept_together(batch: int) -> None:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        free = ruled_problem(random.Random(seed))
        without = solved(free).best.co2_t_year
        if without is None:
            continue
        problem = replace(free, rules=replace(free.rules, co2_max_t_year=without * 0.8))
        plan = solved(problem)
        assert problems_with(plan, problem) == [], f"case {seed}"
        assert_optimal(plan.best, optimum(problem), seed)


def test_a_hundred_workers_who_are_each_a_kind_of_their_own_are_as_few_as_can_be() -> None:
    problem = shift_problem(100, 400, 0.33, seed=1)
    plan = solve(problem, seconds_max=60, gap=0)
    assert problems_with(plan, problem) == []
    assert plan.best.status == "optimal"
