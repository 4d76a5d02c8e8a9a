"""The decomposition's bound is true, and with plain vehicles it is the optimum of whole counts."""

import math
import random

import numpy as np
import pytest

from optimiser.bounds.decomposition import Decomposition
from optimiser.bounds.relaxation import Relaxation, RelaxationResult
from optimiser.bounds.time_slices import TimeSlices
from optimiser.duties.conflicts import all_blocks
from optimiser.duties.make_arrays import make_arrays
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.problem import Problem
from tests.unit.optimiser.brute_force import optimum
from tests.unit.optimiser.cases import depot_weeks, never, ruled_problem, small_problem


def whole(problem: Problem) -> PoolArrays:
    """All pools as one part, which is the same problem: kinds serve their own pool's trips."""
    bounds = [(kind.min_count, problem.count_max(kind)) for kind in problem.kinds]
    return make_arrays(problem, problem.trips, problem.kinds, bounds, None)


def made(arrays: PoolArrays) -> Decomposition:
    return Decomposition([arrays], never, lambda *_: None)


def solved(model: Decomposition | Relaxation) -> RelaxationResult:
    return model.solve(seconds_max=60, seconds_bound=60, gap=0, seed=1, stop=lambda _: False)


def test_the_bound_is_never_above_the_optimum() -> None:
    near = 0
    for seed in range(150):
        problem = small_problem(random.Random(seed), ranges=True)
        best = optimum(problem)
        if math.isinf(best):
            continue
        found = solved(made(whole(problem)))
        assert found.complete, f"case {seed}"
        assert found.bound <= best * (1 + 1e-9) + 1e-6, f"case {seed}"
        near += found.bound >= best * 0.999
    assert near > 100


def test_under_rules_on_the_whole_fleet_the_bound_is_never_above_the_optimum_either() -> None:
    near = 0
    for seed in range(100):
        problem = ruled_problem(random.Random(seed))
        best = optimum(problem)
        if math.isinf(best):
            continue
        found = solved(made(whole(problem)))
        assert found.bound <= best * (1 + 1e-9) + 1e-6, f"case {seed}"
        near += found.bound >= best * 0.999
    assert near > 40


def test_what_it_finds_and_its_bound_are_those_of_the_model_as_a_whole() -> None:
    problem = depot_weeks(random.Random(2), vehicles=6, weeks=3)
    arrays = whole(problem)
    split, entire = solved(made(arrays)), solved(Relaxation(arrays, never))
    assert split.counts == entire.counts
    assert split.bound == pytest.approx(entire.bound, rel=1e-4)


def slices_of(arrays: PoolArrays) -> TimeSlices:
    return TimeSlices(
        arrays, all_blocks(arrays, never), arrays.useful, np.arange(len(arrays.kinds))
    )


def test_slices_hold_every_trip_once_in_order() -> None:
    arrays = whole(depot_weeks(random.Random(2), vehicles=6, weeks=3))
    slices = list(slices_of(arrays))
    assert [one.first for one in slices] == [0, *(one.last for one in slices[:-1])]
    assert slices[-1].last == len(arrays.trips)
    first_days = {int(arrays.day[one.first]) for one in slices}
    assert len(first_days) == len(slices) > 5, "each begins with a day of its own"


def test_a_cut_is_nowhere_above_the_value_of_its_slice() -> None:
    arrays = whole(depot_weeks(random.Random(2), vehicles=6, weeks=1))
    one = slices_of(arrays)[0]
    rng = np.random.default_rng(1)
    points = rng.integers(0, 7, (40, len(arrays.kinds))).astype(np.float64)
    values = [one.cut(point).at(point) for point in points]
    for cut in [one.cut(point) for point in points[:10]]:
        for point, value in zip(points, values, strict=True):
            assert cut.at(point) <= value + 1e-6 * abs(value)


def test_time_that_ends_the_search_leaves_a_true_bound() -> None:
    arrays = whole(depot_weeks(random.Random(2), vehicles=6, weeks=3))
    best = solved(made(arrays)).bound
    for calls in (0, 1, 20, 60):
        left = iter(range(calls))
        found = made(arrays).solve(
            seconds_max=60,
            seconds_bound=60,
            gap=0,
            seed=1,
            stop=lambda _, left=left: next(left, None) is None,
        )
        assert not found.complete
        assert 0 < found.bound <= best


def test_a_search_without_time_goes_on_until_it_has_a_good_bound() -> None:
    arrays = whole(depot_weeks(random.Random(2), vehicles=6, weeks=15))
    best = solved(made(arrays)).bound
    found = made(arrays).solve(seconds_max=0, seconds_bound=60, gap=0, seed=1, stop=lambda _: False)
    assert not found.complete
    assert 0.97 * best < found.bound <= best
