"""Whenever a search is cancelled, what it leaves is usable: a plan within the rules, a true bound.

The moment is counted in looks at whether it is cancelled, or in reports of progress where there are
processes, so that a failure can be repeated.
"""

import random
from dataclasses import replace
from functools import cache
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimiser.model.plan import Plan
from optimiser.model.problem import Problem
from optimiser.model.remark import Remark
from optimiser.solve import SolveProgress, solve
from tests.unit.optimiser.cases import depot_weeks, problems_with

#: Up to about as many looks as the searches below take to their end.
MOMENTS = st.integers(0, 40)


@cache
def week() -> Problem:
    return depot_weeks(random.Random(11), vehicles=6, weeks=1)


@cache
def month() -> Problem:
    """Two depots, one long enough to be decomposed and both given to processes."""
    one = depot_weeks(random.Random(8), vehicles=12, weeks=20)
    other = depot_weeks(random.Random(9), vehicles=5, weeks=4)
    trips = tuple(replace(trip, trip_id=f"s{trip.trip_id}", pool="syd") for trip in other.trips)
    kinds = tuple(replace(kind, pool="syd") for kind in other.kinds)
    return replace(one, trips=one.trips + trips, kinds=one.kinds + kinds)


@cache
def least(capped: bool) -> float:
    """What the best plan of the week costs, proven to a thousandth."""
    cost = solve(capped_week() if capped else week(), seconds_max=60, gap=0.001).best.cost_kr_year
    assert cost is not None
    return cost


@cache
def capped_week() -> Problem:
    free = solve(week(), seconds_max=60, gap=0.001).best.co2_t_year
    assert free is not None
    return replace(week(), rules=replace(week().rules, co2_max_t_year=0.6 * free))


def cancelled_at(problem: Problem, look: int) -> Plan:
    """The plan when the search finds itself cancelled at its look number `look`, from 0."""
    looks = count()
    return solve(problem, seconds_max=600, gap=0.001, cancelled=lambda: next(looks) >= look)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(MOMENTS)
def test_a_search_cancelled_at_any_look_leaves_a_plan_and_a_true_bound(look: int) -> None:
    plan = cancelled_at(week(), look)
    assert problems_with(plan, week()) == []
    best = plan.best
    assert best.cost_kr_year is not None
    assert best.lower_bound_kr_year is not None
    assert best.lower_bound_kr_year <= least(capped=False) * (1 + 1e-9)
    assert best.cost_kr_year >= least(capped=False) * (1 - 0.001)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(MOMENTS)
def test_under_a_cap_there_is_a_plan_within_it_or_it_is_said_that_nothing_is_proven(
    look: int,
) -> None:
    plan = cancelled_at(capped_week(), look)
    assert problems_with(plan, capped_week()) == []
    best = plan.best
    if best.cost_kr_year is None:
        assert best.reason is not None
        assert best.reason.code == Remark.CAP_NOT_PROVEN
    else:
        assert best.lower_bound_kr_year is not None
        assert best.lower_bound_kr_year <= least(capped=True) * (1 + 1e-9)


@pytest.mark.parametrize("reports", [0, 1, 2, 5])
def test_cancelled_processes_end_and_leave_a_plan_and_a_bound(reports: int) -> None:
    seen: list[SolveProgress] = []
    plan = solve(
        month(),
        seconds_max=600,
        gap=0.001,
        on_progress=seen.append,
        cancelled=lambda: len(seen) >= reports,
        workers=2,
    )
    assert problems_with(plan, month()) == []
    best = plan.best
    assert best.cost_kr_year is not None
    assert best.lower_bound_kr_year is not None
    assert 0 < best.lower_bound_kr_year <= best.cost_kr_year
    assert len(seen) >= reports
    assert {progress.phase for progress in seen} == {"baseline and plan", "plan"}
