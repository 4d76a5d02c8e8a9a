"""A kind that can do all that another one can, at less cost, stands in for it without any loss."""

import math
import random
from dataclasses import replace

import numpy as np
import pytest

from optimiser.bounds.stand_ins import stand_ins
from optimiser.bounds.time_slices import TimeSlices
from optimiser.duties.conflicts import all_blocks
from optimiser.duties.make_arrays import make_arrays
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.problem import Problem
from tests.unit.optimiser.brute_force import optimum
from tests.unit.optimiser.cases import depot_weeks, never, ruled_problem, small_problem


def whole(problem: Problem) -> PoolArrays:
    bounds = [(kind.min_count, problem.count_max(kind)) for kind in problem.kinds]
    return make_arrays(problem, problem.trips, problem.kinds, bounds, None)


def cases() -> list[Problem]:
    """Random cases, to each of which a kind is added that is mostly worse than another one."""
    found: list[Problem] = []
    for seed in range(120):
        rng = random.Random(seed)
        problem = small_problem(rng, ranges=True) if seed % 2 else ruled_problem(rng)
        like = rng.choice(problem.kinds)
        added = replace(
            like,
            type="added",
            count_now=rng.randint(0, 1),
            min_count=0,
            max_count=None,
            fixed_kr_year=like.fixed_kr_year + rng.choice((0, 500, 3_000)),
            kr_km=max(0.0, like.kr_km + rng.choice((-0.1, 0.0, 0.4))),
            offers=rng.choice((like.offers, frozenset[str](), frozenset({"lift", "tow"}))),
        )
        found.append(replace(problem, kinds=(*problem.kinds, added)))
    return found


def test_no_fleet_needs_a_kind_that_has_a_stand_in() -> None:
    replaced = 0
    for number, problem in enumerate(cases()):
        found = stand_ins(whole(problem))
        gone = [k for k, other in enumerate(found.tolist()) if other != k]
        if not gone:
            continue
        fewer = replace(
            problem,
            kinds=tuple(
                replace(kind, max_count=0) if k in gone else kind
                for k, kind in enumerate(problem.kinds)
            ),
        )
        before, after = optimum(problem), optimum(fewer)
        assert math.isinf(before) == math.isinf(after), f"case {number}"
        if math.isfinite(before):
            assert after == pytest.approx(before, rel=1e-9), f"case {number}: without {gone}"
        replaced += len(gone)
    assert replaced > 20


def test_a_stand_in_has_none_itself() -> None:
    for problem in cases():
        found = stand_ins(whole(problem))
        assert np.array_equal(found[found], found)


def weeks_with_a_worse_kind() -> PoolArrays:
    """A depot that may also have a kind that costs more than its first one and drives as far."""
    problem = depot_weeks(random.Random(2), vehicles=6, weeks=1)
    better = problem.kinds[0]
    worse = replace(
        better,
        type="worse",
        fixed_kr_year=better.fixed_kr_year + 1_000,
        kr_km=better.kr_km + 0.1,
        count_now=0,
        min_count=0,
        max_count=None,
    )
    kinds = (replace(better, max_count=None), *problem.kinds[1:], worse)
    return whole(replace(problem, kinds=kinds, rules=replace(problem.rules, green_only_new=False)))


def test_cuts_of_slices_that_leave_out_a_kind_hold_for_all_its_counts() -> None:
    arrays = weeks_with_a_worse_kind()
    worse = len(arrays.kinds) - 1
    found = stand_ins(arrays)
    assert found[worse] != worse
    blocks = all_blocks(arrays, never)
    useful = arrays.useful
    useful[found != np.arange(len(found))] = False
    few = TimeSlices(arrays, blocks, useful, found)[0]
    every = TimeSlices(arrays, blocks, arrays.useful, np.arange(len(found)))[0]
    rng = np.random.default_rng(1)
    points = rng.integers(0, 5, (40, len(arrays.kinds))).astype(np.float64)
    points[:10, worse] = 0
    values = [every.cut(point).at(point) for point in points]
    for at, cut in zip(points, [few.cut(point) for point in points], strict=True):
        for point, value in zip(points, values, strict=True):
            assert cut.at(point) <= value + 1e-6 * abs(value)
        if not at[worse]:
            assert cut.at(at) == pytest.approx(every.cut(at).at(at))


@pytest.mark.parametrize(
    "change",
    [
        {"range_km": 1.0},
        {"fixed_kr_year": 1e6},
        {"kr_km": 1e3},
        {"max_count": 1},
    ],
)
def test_a_kind_that_lacks_something_is_no_stand_in(change: dict[str, float]) -> None:
    problem = depot_weeks(random.Random(2), vehicles=6, weeks=1)
    better = replace(problem.kinds[0], max_count=None, count_now=0, min_count=0)
    worse = replace(better, type="worse", fixed_kr_year=better.fixed_kr_year + 1)
    assert better.range_km is not None, "the first kind is electric"
    for kinds, expected in (
        ((better, worse), [0, 0]),
        ((replace(better, **change), worse), [0, 1]),
    ):
        found = stand_ins(whole(replace(problem, kinds=kinds))).tolist()
        assert found[1] == expected[1]
