"""No more trips than today lack a vehicle while one is in the workshop."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.vehicle import Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import StayReason
from optimiser.depot.vehicle_pool import DrivenTrip, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.duties.dispatch import dispatch
from optimiser.model.problem import Problem
from optimiser.parts.moved_parts import move_between
from optimiser.parts.part_plan import (
    PartInput,
    PartPlan,
    part_plan_json,
    plan_part,
    read_part_plan,
)
from optimiser.parts.ready_plan import solve_ready
from optimiser.parts.workshop import PoolWorkshop, pool_workshops
from optimiser.studies.backtest import workshop_replay
from tests.unit.optimiser.cases import small_problem
from tests.unit.optimiser.depots import RULES, kind, pool_vehicle

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
KINDS = {"benzin": kind("benzin", Energy.PETROL)}
WEEKS = 4


def asked_of(seed: int) -> tuple[Problem, PoolWorkshop, dict[str, int]]:
    """A random pool, and counts of a fleet that lets some of its vehicles go."""
    rng = random.Random(seed)
    free = small_problem(rng, ranges=rng.random() < 0.5)
    kinds = tuple(
        replace(one, pool="", min_count=0, max_count=None, count_now=rng.randint(0, 4))
        for one in free.kinds
    )
    trips = tuple(replace(trip, pool="") for trip in free.trips)
    problem = replace(free, trips=trips, kinds=kinds)
    counts = {one.label: rng.randint(0, one.count_now) for one in kinds}
    return problem, PoolWorkshop(problem, ""), counts


@given(st.integers(0, 10_000))
def test_the_fleet_with_vehicles_back_is_never_worse_than_todays(seed: int) -> None:
    problem, workshop, counts = asked_of(seed)
    raised = workshop.raised(counts)
    now = {one.label: one.count_now for one in problem.kinds}
    assert workshop.excess(raised) == 0
    assert all(counts[label] <= raised[label] <= now[label] for label in counts)
    # The trips as they were driven are among those that it watches: the backtest says the same.
    today, then = workshop_replay(problem, now), workshop_replay(problem, raised)
    if today is not None and then is not None:
        assert then.to_fallback <= today.to_fallback


@given(st.integers(0, 10_000))
def test_nothing_comes_back_without_need_and_nothing_that_is_of_no_use(seed: int) -> None:
    _, workshop, counts = asked_of(seed)
    raised = workshop.raised(counts)
    if not workshop.excess(counts):
        assert raised == counts
    for label, count in raised.items():
        if count > counts[label]:
            assert workshop.excess({**raised, label: count - 1})


@given(st.integers(0, 10_000))
def test_what_a_verdict_let_go_does_not_come_back(seed: int) -> None:
    problem, _, counts = asked_of(seed)
    bound = tuple(replace(one, max_count=counts[one.label]) for one in problem.kinds)
    workshop = PoolWorkshop(replace(problem, kinds=bound), "")
    assert workshop.raised(counts) == counts


def test_a_vehicle_that_is_bought_counts_and_is_not_taken_away() -> None:
    problem, _, _ = asked_of(7)
    bought = {one.label: one.count_now + 1 for one in problem.kinds}
    assert PoolWorkshop(problem, "").raised(bought) == bought


@given(st.integers(0, 10_000))
def test_a_plan_is_no_worse_than_today_on_the_trips_of_its_problem(seed: int) -> None:
    problem, workshop, _ = asked_of(seed)
    problem = replace(problem, rules=replace(problem.rules, green_only_new=True))
    # None can be bought, so that a plan has vehicles of today only.
    kinds = tuple(replace(one, max_count=one.count_now) for one in problem.kinds)
    problem = replace(problem, kinds=kinds)
    found = solve_ready(problem, {}, ready=True, seconds_max=10, gap=0)
    best = found.pointed.plan.best
    assert best.cost_kr_year is not None
    assert found.first.plan.best.cost_kr_year is not None
    counts = best.counts_of(problem.kinds)
    assert workshop.excess(counts) == 0
    assert all(counts[one.label] <= one.count_now for one in problem.kinds)
    assert best.cost_kr_year >= found.first.plan.best.cost_kr_year - 1e-6
    assert {one.kind: one.own_least for one in found.kept} == {one.kind: 0 for one in found.kept}
    without = solve_ready(problem, {}, ready=False, seconds_max=10, gap=0)
    assert without.kept == ()
    if not workshop.excess(without.pointed.plan.best.counts_of(problem.kinds)):
        assert found.pointed.plan.best.fleet == without.pointed.plan.best.fleet


def depot(vehicles: int, at_once: int) -> VehiclePool:
    """A depot of which `at_once` vehicles are out from 8 to 10 on every day."""
    cars = [pool_vehicle(number, "benzin") for number in range(vehicles)]
    trips = [
        DrivenTrip(
            trip_id=f"{day} {number}",
            vehicle_id=f"v{number}",
            start=(start := MONDAY + timedelta(days=day, hours=8)),
            end=start + timedelta(hours=2),
            km=20,
        )
        for day in range(7 * WEEKS)
        for number in range(at_once)
    ]
    return VehiclePool("home", cars, trips)


def part_input(own: VehiclePool, verdicts: Verdicts | None = None) -> PartInput:
    return PartInput(
        depots=(own,),
        kinds=KINDS,
        rules=replace(RULES, period_days=7.0 * WEEKS),
        verdicts=verdicts or Verdicts(),
        first=MONDAY,
        last=MONDAY + timedelta(weeks=WEEKS),
        workshop_ready=True,
    )


def planned(asked: PartInput) -> PartPlan:
    return plan_part(lambda: False, asked, seconds_max=10, gap=0)


def test_a_plan_keeps_a_vehicle_for_the_workshop_and_says_so() -> None:
    """Two of four are out at once. Today one may be in the workshop, so a third is kept."""
    asked = part_input(depot(4, 2))
    free = planned(replace(asked, workshop_ready=False))
    assert (free.depots[0].proposed.vehicles, free.kept) == (2, ())
    found = planned(asked)
    assert found.depots[0].proposed.vehicles == 3
    [kept] = found.kept
    assert (kept.pool, kept.kind, kept.least, kept.kept, kept.own_least) == (
        "home",
        "benzin",
        3,
        1,
        0,
    )
    assert found.cost_kr_year == pytest.approx(free.cost_kr_year + 50_000)
    # The bound is one of fleets that keep it; so is what the policies cost.
    assert found.lower_bound_kr_year == pytest.approx(found.cost_kr_year)
    assert found.policies_kr_year == pytest.approx(50_000)
    stay = [one.why for one in found.decisions if one.action is Action.KEEP]
    assert sorted(stay, key=str) == [StayReason.WORKSHOP, StayReason.WORTH, StayReason.WORTH]
    assert read_part_plan(part_plan_json(found)) == found
    [again] = move_between(lambda: False, [asked], [found], seconds_max=10, gap=0)
    assert again == found


def test_an_accepted_let_go_is_not_undone_for_the_workshop() -> None:
    gone = frozenset(DecisionKey(Action.DISPOSE, f"v{number}") for number in (2, 3))
    found = planned(part_input(depot(4, 2), Verdicts(accepted=gone)))
    assert found.depots[0].proposed.vehicles == 2
    assert found.kept == ()


def test_a_depot_whose_every_vehicle_is_missed_today_may_let_go_as_before() -> None:
    """One of two out at once: with one in the workshop today lacks one a day, and so does it."""
    asked = part_input(depot(2, 2))
    assert planned(asked).kept == ()
    assert planned(asked).fleet_plan == {
        **planned(replace(asked, workshop_ready=False)).fleet_plan,
        "seconds": pytest.approx(0, abs=10),
    }


def test_a_stored_plan_of_earlier_software_kept_none_for_the_workshop() -> None:
    stored = part_plan_json(planned(part_input(depot(4, 2))))
    del stored["kept"]
    assert read_part_plan(stored).kept == ()


def test_the_trips_with_other_times_are_the_same_in_every_process() -> None:
    problem, _, counts = asked_of(3)
    first, second = pool_workshops(problem)[""], pool_workshops(problem)[""]
    assert first.lacking(counts) == second.lacking(counts)
    assert first.lacking(counts)[0] >= sum(
        slot is None for slot in dispatch(problem, counts).values()
    )
