"""What a study finds differs from the plan only where the figures make it so."""

import random
from dataclasses import replace

import pytest

from fleet.vehicle import Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.fate import Fate
from optimiser.model.plan import FleetAnswer
from optimiser.model.problem import Problem
from optimiser.parts.part_plan import PartInput, part_problem
from optimiser.parts.ready_plan import solve_ready
from optimiser.parts.workshop import WorkshopRule
from optimiser.solve import solve
from optimiser.studies.planned_fleet import planned_if_as_good
from optimiser.studies.sensitivity import MovedFigure
from optimiser.studies.study import Scenario, study
from tests.unit.optimiser.cases import workshop_problem
from tests.unit.optimiser.depots import pool_vehicle
from tests.unit.optimiser.test_study import EXTENT, depot, kind, part_input

RULE = WorkshopRule()


def problem_of(seed: int) -> Problem:
    problem = workshop_problem(random.Random(seed), seed)
    more = (
        replace(one, count_now=one.count_now + 1, max_count=(one.max_count or 0) + 1)
        for one in problem.kinds
    )
    return replace(problem, kinds=tuple(more))


@pytest.mark.parametrize("seed", [103, 121, 221, 277, 319])
def test_the_planned_fleet_stands_where_the_first_tries_end_at_a_dearer_one(seed: int) -> None:
    problem = problem_of(seed)
    proven, found = (
        solve_ready(problem, {}, ready=RULE, seconds_max=10, gap=0, proven=proven).pointed
        for proven in (True, False)
    )
    planned = proven.plan.best
    assert (planned.cost_kr_year or 0) < (found.plan.best.cost_kr_year or 0) - 1

    def told(planned: FleetAnswer, problem: Problem = problem) -> FleetAnswer:
        return planned_if_as_good(
            problem, {}, found, planned, ready=RULE, seconds_max=10, gap=0.0
        ).plan.best

    assert told(planned).cost_kr_year == pytest.approx(planned.cost_kr_year)
    assert told(planned).counts_of(problem.kinds) == planned.counts_of(problem.kinds)
    # A fleet that the workshop does not allow stands for nothing, however cheap it is.
    free = solve(problem, seconds_max=10, gap=0).best
    assert (free.cost_kr_year or 0) < (planned.cost_kr_year or 0)
    assert told(free) == found.plan.best
    # Nor does one that the bounds do not allow, or that lacks a kind of the problem.
    fuller = replace(
        problem,
        kinds=tuple(
            replace(one, min_count=count + 1, max_count=count + 1)
            for one in problem.kinds
            for count in [planned.counts_of([one])[one.label]]
        ),
    )
    assert told(planned, fuller) == found.plan.best
    assert told(replace(planned, fleet=planned.fleet[1:])) == found.plan.best


@pytest.mark.parametrize("gone", ["first", "second"])
def test_of_two_that_cost_the_same_the_one_that_the_plan_has_goes_under_every_move(
    gone: str,
) -> None:
    kinds = {name: kind(name, Energy.PETROL, 10_000, 100) for name in ("first", "second")}
    own = depot("nord", Fate.CAN_GO, [50.0] * 4)
    cars = [replace(pool_vehicle(number, name), name=name) for number, name in enumerate(kinds)]
    trips = [replace(trip, vehicle_id=cars[0].vehicle_id) for trip in own.trips]
    asked: PartInput = replace(
        part_input(Fate.CAN_GO, None),
        depots=(replace(own, vehicles=cars, trips=trips),),
        kinds=kinds,
    )
    problem = part_problem(asked).problem
    counts = {name: int(name != gone) for name in kinds}
    fixed = tuple(
        replace(one, min_count=counts[one.type], max_count=counts[one.type])
        for one in problem.kinds
    )
    plan = solve(replace(problem, kinds=fixed), seconds_max=5, gap=1e-4)
    moved = [
        Scenario(
            moved=MovedFigure.DEMAND, factor=factor, kinds=kinds, rules=asked.rules, demand=factor
        )
        for factor in (0.8, 1.0)
    ]
    leaves = next(car.vehicle_id for car in cars if car.name == gone)
    for outcome in study(lambda: False, asked, plan, moved, EXTENT).sensitivity:
        assert DecisionKey(Action.DISPOSE, leaves) in outcome.keys
