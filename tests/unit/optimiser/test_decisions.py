"""A depot's plan as separate decisions: their values add up, and what is decided binds."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from costs.kind_figures import KindFigures
from fleet.vehicle import Energy
from optimiser.bundles.choice import exchangeable
from optimiser.bundles.pool_plan import PoolPlan, bundles_of
from optimiser.depot.charge_points import ChargePoints
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision, StayReason, pool_decisions
from optimiser.depot.fate import Fate
from optimiser.depot.fleet_changes import bound_by_verdicts, fleet_changes
from optimiser.depot.green import Obstacle
from optimiser.depot.pool_cost import cost_function, fleet_counts, pool_cost
from optimiser.depot.pool_problem import fleet_problem
from optimiser.depot.vehicle_pool import DrivenTrip, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.plan import Plan
from optimiser.model.problem import Problem
from optimiser.rounds.part_planning import Proposed, obeys
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

ONE_ECAR, ONE_BIKE = Proposed("Ecar", 1), Proposed("Bike", 1)

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
    now, then = fleet_counts(problem, plan, "d")
    bundles = bundles_of(
        [
            PoolPlan(
                pool=found,
                kinds=KINDS,
                now=now,
                then=then,
                verdicts=verdicts,
                evaluate=evaluate,
                green_keep=False,
            )
        ],
        -inf,
    )
    return pool_decisions(
        found, KINDS, problem, plan, verdicts, evaluate, POINTS, exchangeable(bundles, "d")
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_attributed_savings_add_up_to_the_plans(seed: int) -> None:
    found = depot(seed)
    problem, plan = planned(found)
    decisions = decided(found)
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


def replaced_by(**new_kinds: str) -> Verdicts:
    keys = frozenset(DecisionKey(Action.REPLACE, one) for one in new_kinds)
    return Verdicts(accepted=keys, new_kinds=new_kinds)


def least(
    kind: str,
    verdicts: Verdicts,
    found: VehiclePool | None = None,
    kinds: Mapping[str, KindFigures] = KINDS,
    **rules: bool,
) -> int:
    """The least count of a kind under some verdicts."""
    pool = found or depot()
    problem = fleet_problem([pool], kinds, replace(RULES, **rules))
    bound = bound_by_verdicts(pool, problem, verdicts)
    [one] = [one for one in bound.kinds if one.type == kind]
    return one.min_count


def test_of_a_kind_there_are_as_many_more_as_were_accepted_to_replace_others() -> None:
    verdicts = replaced_by(v0="ecar", v1="ecar", v2="bike")
    assert (least("ecar", Verdicts()), least("ecar", verdicts), least("bike", verdicts)) == (
        0,
        2,
        0,
    )
    bought = DecisionKey(Action.BUY, "d", "ecar")
    assert least("ecar", replace(verdicts, accepted=verdicts.accepted | {bought})) == 3
    # A van carries cargo, a contract keeps a car, and another one goes without a successor.
    assert least("ecar", replaced_by(v5="ecar")) == 0
    assert least("ecar", verdicts, depot(fates=(Fate.CONTRACT,))) == 1
    gone = DecisionKey(Action.DISPOSE, "v0")
    assert least("ecar", replace(verdicts, accepted=verdicts.accepted | {gone})) == 1


def test_an_accepted_kind_that_cannot_come_binds_nothing() -> None:
    verdicts = replaced_by(v0="van")
    vans = least("van", Verdicts())
    offered = {**KINDS, "van": replace(KINDS["van"], offered=True)}
    assert least("van", verdicts) == vans
    assert least("van", verdicts, kinds=offered, green_only_new=True) == vans
    assert least("van", verdicts, kinds=offered, green_only_new=False) == 3
    # Without the electric car there are fewer green ones than today, so that none may be fossil.
    own = depot()
    vehicles = [
        replace(one, kind="ecar") if one.vehicle_id == "v1" else one for one in own.vehicles
    ]
    electric = VehiclePool("d", vehicles, own.trips)
    scarce = {**offered, "ecar": replace(KINDS["ecar"], offered=False)}
    gone = DecisionKey(Action.DISPOSE, "v1")
    leaves = replace(verdicts, accepted=verdicts.accepted | {gone})
    asked = {"green_only_new": False, "green_keep": True}
    assert least("van", verdicts, electric, scarce, **asked) == 3
    assert least("van", leaves, electric, scarce, **asked) < 3


def test_each_accepted_replacement_gets_its_own_kind() -> None:
    kinds = {**KINDS, "ecar2": replace(KINDS["ecar"], kind="ecar2")}
    now = {"car": 5, "van": 2, "ecar": 0, "ecar2": 0, "bike": 0}
    then = {"car": 2, "van": 2, "ecar": 2, "ecar2": 1, "bike": 0}
    verdicts = replaced_by(v3="ecar2", v4="ecar")
    found = {
        one.leaving.vehicle_id: one.new_kind
        for one in fleet_changes(depot(), kinds, now, then, verdicts)
        if one.leaving is not None
    }
    assert (found["v3"], found["v4"]) == ("ecar2", "ecar")
    assert len(found) == 3
    assert verdicts.decides(DecisionKey(Action.REPLACE, "v3"), "ecar2")
    assert not verdicts.decides(DecisionKey(Action.REPLACE, "v3"), "ecar")
    assert Verdicts.from_json(verdicts.to_json()) == verdicts


def test_an_earlier_plan_is_kept_only_if_it_has_the_kind_that_was_accepted() -> None:
    key = DecisionKey(Action.REPLACE, "v0")
    before, verdicts = Verdicts(), replaced_by(v0="ecar")
    assert obeys({key: ONE_ECAR}, before, verdicts, KINDS)
    assert not obeys({key: ONE_BIKE}, before, verdicts, KINDS)
    # Made under them, it has the kind if that could come; under others, it may lack a better one.
    assert obeys({key: ONE_BIKE}, verdicts, verdicts, KINDS)
    assert not obeys({key: ONE_ECAR}, replaced_by(v0="bike"), verdicts, KINDS)
    gone = replace(verdicts, new_kinds={"v0": None})
    assert not obeys({key: ONE_ECAR}, before, gone, KINDS)
    # What was to be bought had replaced the vehicle: now both are to come.
    bought = DecisionKey(Action.BUY, "d", "ecar")
    before = Verdicts(accepted=frozenset({bought}))
    both = replace(verdicts, accepted=verdicts.accepted | {bought})
    assert not obeys({key: ONE_ECAR}, before, both, KINDS)
    assert obeys({key: ONE_ECAR, bought: ONE_ECAR}, before, both, KINDS)
    # It has to buy as many as were accepted, and may not have been made to buy more.
    two = replace(before, to_come={bought: 2})
    assert not obeys({bought: ONE_ECAR}, Verdicts(), two, KINDS)
    assert obeys({bought: ONE_ECAR._replace(vehicles=2)}, Verdicts(), two, KINDS)
    assert obeys({}, two, two, KINDS)
    assert not obeys({bought: ONE_ECAR._replace(vehicles=2)}, two, before, KINDS)


def test_as_many_are_bought_as_were_accepted_as_far_as_the_rules_allow() -> None:
    bought = DecisionKey(Action.BUY, "d", "ecar")
    three = Verdicts(accepted=frozenset({bought}), to_come={bought: 3}, come={bought: 1})
    assert Verdicts.from_json(three.to_json()) == three
    assert (least("ecar", three), least("bike", three)) == (3, 0)
    # Rounds of earlier software kept no count, and what the rules forbid binds nothing.
    assert least("ecar", replace(three, to_come={})) == 1
    vans = DecisionKey(Action.BUY, "d", "van")
    offered = {**KINDS, "van": replace(KINDS["van"], offered=True)}
    fossil = Verdicts(accepted=frozenset({vans}), to_come={vans: 3})
    assert least("van", fossil, kinds=offered, green_only_new=False) == 5
    assert least("van", fossil, kinds=offered, green_only_new=True) == least("van", Verdicts())
    with_replaced = replace(
        replaced_by(v0="ecar"), accepted=three.accepted | {DecisionKey(Action.REPLACE, "v0")}
    )
    assert least("ecar", replace(with_replaced, to_come={bought: 3})) == 4
    # The plan buys them, and what it saves adds up; none of them replaces a vehicle that leaves.
    found = decided(depot(), three)
    [purchase] = [one for one in found if one.action is Action.BUY and one.new_kind_id == "ecar"]
    assert (purchase.count, purchase.come) == (3, 1)
    assert not [one for one in found if one.action is Action.REPLACE]


@pytest.mark.parametrize(
    "accepted", [DecisionKey(Action.DISPOSE, "v0"), DecisionKey(Action.MOVE, "v0", to="e")]
)
def test_what_was_accepted_to_leave_is_not_replaced(accepted: DecisionKey) -> None:
    """More vehicles come than the others that leave: one of them is a purchase of its own."""
    now = {"car": 5, "van": 2, "ecar": 0, "bike": 0}
    then = {"car": 3, "van": 2, "ecar": 2, "bike": 0}
    verdicts = Verdicts(accepted=frozenset({accepted}))
    changes = fleet_changes(depot(), KINDS, now, then, verdicts)
    assert sorted((one.action, one.new_kind, one.count) for one in changes if one.new_kind) == [
        (Action.BUY, "ecar", 1),
        (Action.REPLACE, "ecar", 1),
    ]
    [gone] = [one for one in changes if one.action is Action.DISPOSE]
    assert gone.leaving is not None
    assert gone.leaving.vehicle_id == "v0"
    after = now
    for one in changes:
        after = one.applied_to(after)
    assert after == then


def test_the_money_of_an_accepted_disposal_and_of_the_purchase_adds_up() -> None:
    found = depot()
    accepted = frozenset(DecisionKey(Action.DISPOSE, f"v{i}") for i in range(5))
    bought = DecisionKey(Action.BUY, "d", "ecar")
    verdicts = Verdicts(accepted=accepted | {bought}, to_come={bought: 2})
    problem, plan = planned(found, verdicts)
    decisions = decided(found, verdicts)
    assert accepted | {bought} <= {one.key for one in decisions}
    today, then = (pool_cost(problem, a, "d") for a in (plan.baseline, plan.best))
    saved = today.cost_kr_year - then.cost_kr_year
    assert sum(one.saving_kr_year for one in decisions) == pytest.approx(saved)
