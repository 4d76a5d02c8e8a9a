"""A depot's plan as separate decisions: their values add up, and what is decided binds."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fleet.vehicle import Energy
from optimiser.depot.charge_points import ChargePoints
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision, StayReason, pool_decisions
from optimiser.depot.fate import Fate
from optimiser.depot.fleet_changes import bound_by_verdicts
from optimiser.depot.green import Obstacle
from optimiser.depot.pool_cost import cost_function, fleet_counts, pool_cost
from optimiser.depot.pool_problem import fleet_problem
from optimiser.depot.vehicle_pool import DrivenTrip, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.plan import Plan
from optimiser.model.problem import Problem
from optimiser.solve import solve
from tests.unit.optimiser import depots
from tests.unit.optimiser.depots import kind, pool_vehicle

MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)

RULES = replace(depots.RULES, period_days=14.0)

KINDS = {
    found.kind: found
    for found in (
        kind("car", Energy.PETROL, kr_km=2.5, g_km=150),
        kind("van", Energy.DIESEL, "cargo", fixed=60_000, kr_km=2.0, g_km=150),
        kind("ecar", Energy.ELECTRIC, fixed=40_000, kr_km=0.5, offered=True, range_km=150),
        kind("bike", Energy.BICYCLE, fixed=2_000, kr_km=0.0, g_km=0, offered=True),
    )
}

#: No kind takes a charge point.
POINTS = ChargePoints(existing=0, per_vehicle={}, kr=0, kr_year=0, is_known=False)


def depot(seed: int = 1, fates: tuple[Fate, ...] = ()) -> VehiclePool:
    """Five cars and two vans over two weeks, some with trips too long for an electric one."""
    rng = random.Random(seed)
    kinds = ("car", "car", "car", "car", "car", "van", "van")
    own = [
        replace(
            pool_vehicle(i, name, fates[i] if i < len(fates) else Fate.CAN_GO),
            km=100.0 - i,
            department="Hjemmepleje" if i % 2 else "Vej",
        )
        for i, name in enumerate(kinds)
    ]
    trips: list[DrivenTrip] = []
    for day in (d for d in range(14) if d % 7 < 5):
        for i in range(len(kinds)):
            for hour in (0, 4):
                if rng.random() < 0.5:
                    start = MONDAY + timedelta(days=day, hours=hour + rng.random())
                    trips.append(
                        DrivenTrip(
                            trip_id=f"{day} {i} {hour}",
                            vehicle_id=f"v{i}",
                            start=start,
                            end=start + timedelta(hours=rng.uniform(0.5, 3)),
                            km=200.0 if i == 0 and day == 3 else rng.uniform(5, 60),
                        )
                    )
    return VehiclePool("d", own, trips)


def planned(found: VehiclePool, verdicts: Verdicts = Verdicts()) -> tuple[Problem, Plan]:  # noqa: B008
    problem = bound_by_verdicts(found, fleet_problem([found], KINDS, RULES), verdicts)
    return problem, solve(problem, seconds_max=20, gap=0)


def decided(found: VehiclePool, verdicts: Verdicts = Verdicts()) -> list[Decision]:  # noqa: B008
    problem, plan = planned(found, verdicts)
    evaluate = cost_function(problem, plan, "d", seconds_max=20, gap=0)
    return pool_decisions(found, KINDS, problem, plan, verdicts, evaluate, POINTS)


@pytest.mark.parametrize("seed", range(4))
def test_the_attributed_savings_add_up_to_the_plans(seed: int) -> None:
    found = depot(seed)
    problem, plan = planned(found)
    evaluate = cost_function(problem, plan, "d", seconds_max=20, gap=0)
    decisions = pool_decisions(found, KINDS, problem, plan, Verdicts(), evaluate, POINTS)
    today, then = (pool_cost(problem, a, "d") for a in (plan.baseline, plan.best))
    assert sum(d.saving_kr_year for d in decisions) == pytest.approx(
        today.cost_kr_year - then.cost_kr_year
    )
    assert sum(d.saving_co2_t_year for d in decisions) == pytest.approx(
        today.co2_t_year - then.co2_t_year
    )
    assert {d.action for d in decisions} >= {Action.KEEP} or not plan.best.fleet


@pytest.mark.parametrize("seed", range(4))
def test_leaving_one_decision_out_of_the_best_plan_never_pays(seed: int) -> None:
    """Bounds allow both, and the plan is optimal: each decision is worth something by itself."""
    for decision in decided(depot(seed)):
        if decision.action is not Action.KEEP:
            assert (decision.left_out_kr_year or 0) >= -1


def test_every_change_of_the_counts_is_one_decision() -> None:
    found = depot()
    problem, plan = planned(found)
    now, then = fleet_counts(problem, plan, "d")
    decisions = decided(found)
    goes = [d for d in decisions if d.action in (Action.DISPOSE, Action.REPLACE)]
    assert len(goes) == sum(max(0, now[k] - then[k]) for k in now)
    bought = sum(d.count for d in decisions if d.action in (Action.REPLACE, Action.BUY))
    assert bought == sum(max(0, then[k] - now[k]) for k in now)
    assert len({d.key for d in decisions}) == len(decisions)


def test_every_trip_of_a_vehicle_that_goes_is_accounted_for() -> None:
    for decision in decided(depot()):
        if decision.vehicle_id is not None and decision.action is not Action.KEEP:
            taken = sum(taker.trips for taker in decision.taken_over_by)
            assert taken + decision.to_fallback == decision.trips


def test_a_rejected_departure_keeps_the_vehicle_and_says_so() -> None:
    found = depot()
    gone = next(d for d in decided(found) if d.action in (Action.DISPOSE, Action.REPLACE))
    again = decided(found, Verdicts(rejected=frozenset({gone.key})))
    kept = next(d for d in again if d.vehicle_id == gone.vehicle_id)
    assert (kept.action, kept.why) == (Action.KEEP, StayReason.REJECTED)


def test_an_accepted_departure_stays_accepted_when_others_are_rejected() -> None:
    found = depot()
    goes = [d for d in decided(found) if d.action in (Action.DISPOSE, Action.REPLACE)]
    verdicts = Verdicts(
        accepted=frozenset({goes[0].key}), rejected=frozenset(d.key for d in goes[1:])
    )
    again = decided(found, verdicts)
    gone = {d.vehicle_id for d in again if d.action in (Action.DISPOSE, Action.REPLACE)}
    assert gone == {goes[0].vehicle_id}


def test_a_rejected_purchase_is_not_made() -> None:
    found = depot()
    rejected = frozenset(
        {DecisionKey(Action.BUY, "d", "bike"), DecisionKey(Action.BUY, "d", "ecar")}
    )
    again = decided(found, Verdicts(rejected=rejected))
    assert not any(d.action is Action.BUY for d in again)


def test_a_vehicle_that_stays_says_why_and_why_it_is_not_green() -> None:
    found = depot(fates=(Fate.CAN_GO, Fate.CONTRACT, Fate.RULED))
    kept = {d.vehicle_id: d for d in decided(found) if d.action is Action.KEEP}
    assert (kept["v1"].why, kept["v1"].not_green) == (StayReason.CONTRACT, Obstacle.CONTRACT)
    assert (kept["v2"].why, kept["v2"].not_green) == (StayReason.REJECTED, Obstacle.REJECTED)
    vans = [d for d in kept.values() if d.kind == "Van"]
    assert vans
    assert all(d.not_green is Obstacle.NEED for d in vans)


def test_a_rejected_purchase_leaves_accepted_replacements_by_the_same_kind() -> None:
    found = depot()
    bikes = Verdicts(rejected=frozenset({DecisionKey(Action.BUY, "d", "bike")}))
    replaced = [d for d in decided(found, bikes) if d.action is Action.REPLACE]
    assert {d.new_energy for d in replaced} == {Energy.ELECTRIC}
    accepted, others = replaced[0], replaced[1:]
    assert others
    verdicts = Verdicts(
        accepted=frozenset({accepted.key}),
        rejected=bikes.rejected | {DecisionKey(Action.BUY, "d", "ecar"), *(d.key for d in others)},
    )
    again = decided(found, verdicts)
    assert accepted.key in {d.key for d in again}
    assert sum(d.new_energy is Energy.ELECTRIC for d in again) == 1
