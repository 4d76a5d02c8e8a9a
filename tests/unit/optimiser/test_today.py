"""Today's fleet is told to cost no more than it must: what it cost too much would be a saving."""

import math
import random
from dataclasses import replace

import pytest

from optimiser.solve import solve, solve_today
from tests.unit.optimiser.brute_force import todays_optimum
from tests.unit.optimiser.cases import depot_weeks, ruled_problem, small_problem

#: The gap of the search for the best fleet, and the one that today's may have then.
GAP, TODAY_GAP = 0.001, 1e-4


def test_a_coarse_search_for_the_best_fleet_tells_todays_at_its_least_cost() -> None:
    compared = 0
    for seed in range(120):
        rng = random.Random(seed)
        problem = small_problem(rng, ranges=True) if seed % 2 else ruled_problem(rng)
        least = todays_optimum(problem)
        told = solve(problem, seconds_max=60, gap=GAP).baseline.cost_kr_year
        if told is None or math.isinf(least):
            continue
        assert told <= least * (1 + TODAY_GAP) + 1e-6, f"case {seed}"
        compared += 1
    assert compared > 60


@pytest.mark.parametrize("seed", [5, 9, 11])
def test_no_slack_of_the_search_is_told_as_a_saving(seed: int) -> None:
    problem = depot_weeks(random.Random(seed), vehicles=6, weeks=4)
    exact = solve_today(problem, seconds_max=60, gap=0).cost_kr_year
    assert exact is not None
    for told in (
        solve(problem, seconds_max=60, gap=GAP).baseline,
        solve_today(problem, seconds_max=60, gap=GAP),
    ):
        assert told.cost_kr_year is not None
        assert told.cost_kr_year <= exact * (1 + TODAY_GAP)


@pytest.mark.parametrize("weeks", [4, 30])
def test_the_same_vehicles_save_nothing(weeks: int) -> None:
    weeks_of = depot_weeks(random.Random(9), vehicles=6, weeks=weeks)
    fixed = replace(
        weeks_of, kinds=tuple(kind.with_count(kind.count_now) for kind in weeks_of.kinds)
    )
    plan = solve(fixed, seconds_max=60, gap=GAP)
    assert plan.best.cost_kr_year == pytest.approx(plan.baseline.cost_kr_year)
