"""Shift minimisation: many vehicles, each a kind of its own, and nothing else costs anything."""

from dataclasses import replace
from random import Random

from benchmarks.optimiser.shift_minimisation import TIGHTNESS, shift_problem
from costs.limits import KindLimits
from optimiser.duties.make_arrays import make_arrays
from optimiser.duties.roster import Roster
from optimiser.model.problem import Problem
from optimiser.search.thinning import thin_out
from optimiser.solve import solve
from tests.unit.optimiser.cases import problems_with


def used(problem: Problem, gap: float) -> tuple[int, float]:
    """Vehicles of a plan within the rules that serves everything, and the bound."""
    plan = solve(problem, seconds_max=60, gap=gap)
    assert problems_with(plan, problem) == []
    assert plan.best.unserved_by_fleet == 0
    assert plan.best.lower_bound_kr_year is not None
    return sum(line.count for line in plan.best.fleet), plan.best.lower_bound_kr_year


def test_two_hundred_shifts_are_done_by_as_few_as_the_busiest_moment_needs() -> None:
    problem = shift_problem(workers=50, jobs=200, qualified=0.33, seed=1)
    assert used(problem, gap=0) == (45, 45)


def test_two_thousand_shifts_are_all_served_and_the_bound_is_near() -> None:
    workers = 200
    problem = shift_problem(workers=workers, jobs=2_000, qualified=0.33, seed=1)
    count, bound = used(problem, gap=0.02)
    assert count <= TIGHTNESS * workers
    assert count <= bound / (1 - 0.02)


def test_a_vehicle_that_takes_the_trips_of_others_keeps_its_own_day() -> None:
    free = shift_problem(workers=20, jobs=48, qualified=0.5, seed=2)
    trips = tuple(replace(trip, km=10) for trip in free.trips)
    kinds = tuple(replace(kind, limits=KindLimits(max_day_km=40)) for kind in free.kinds)
    arrays = make_arrays(free, trips, kinds, [(0, 1)] * len(kinds), None)
    begin = Roster([[] for _ in kinds])
    roster = thin_out(arrays, begin, Random(1), lambda best: 0 < sum(best.counts) <= 18)
    assert sum(roster.counts) == 18
    assert roster.unserved(arrays) == []
    assert max(len(duty) for vehicles in roster.duties for duty in vehicles) <= 4
