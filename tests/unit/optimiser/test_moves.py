"""A vehicle that one depot can spare serves at another one instead of a new one."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from costs.kind_figures import KindFigures
from fleet.vehicle import Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision, StayReason
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import DrivenTrip, PoolVehicle, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.check import check_plan
from optimiser.model.files import kind_cells, trip_cells
from optimiser.model.plan import Plan
from optimiser.model.problem import Problem, Rules
from optimiser.parts.moved_parts import move_between
from optimiser.parts.part_plan import PartInput, PartPlan, plan_part
from optimiser.parts.retold_part import told_problem
from optimiser.parts.workshop import Shifts
from tests.unit.optimiser import depots
from tests.unit.optimiser.depots import kind, pool_vehicle

MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)
RULES = replace(depots.RULES, period_days=7.0, co2_kr_t=0, moves=True, green_keep=True)

KINDS = {
    found.kind: found
    for found in (
        kind("car", Energy.PETROL, fixed=30_000, kr_km=2.0),
        kind("old", Energy.DIESEL, fixed=90_000, kr_km=3.0),
        kind("ecar", Energy.ELECTRIC, fixed=45_000, kr_km=0.5, offered=True),
    )
}


def depot(depot_id: str, vehicles: list[PoolVehicle], out: int = 1) -> VehiclePool:
    """A depot whose vehicles drove 10 km every day of a week, `out` of them at a time."""
    trips = [
        DrivenTrip(
            trip_id=f"{one.vehicle_id} {day}",
            vehicle_id=one.vehicle_id,
            start=MONDAY + timedelta(days=day, hours=3 * (number // out)),
            end=MONDAY + timedelta(days=day, hours=3 * (number // out) + 2),
            km=10.0,
        )
        for day in range(7)
        for number, one in enumerate(vehicles)
    ]
    return VehiclePool(depot_id, vehicles, trips)


def part(
    found: VehiclePool,
    *,
    kinds: dict[str, KindFigures] = KINDS,
    rules: Rules = RULES,
    verdicts: Verdicts = Verdicts(),  # noqa: B008
) -> PartInput:
    return PartInput(
        depots=(found,),
        kinds=kinds,
        rules=rules,
        verdicts=verdicts,
        first=MONDAY,
        last=MONDAY + timedelta(days=7),
        least_saving_kr_year=5_000,
    )


def moved(*inputs: PartInput) -> list[PartPlan]:
    """The plans with their moves, each of which the checker finds right by itself."""
    plans = [plan_part(lambda: False, one, seconds_max=10, gap=0) for one in inputs]
    plans = move_between(lambda: False, inputs, plans, seconds_max=10, gap=0)
    for asked, told in zip(inputs, plans, strict=True):
        assert faults(told_problem(asked, told).problem, told) == []
    return plans


def faults(problem: Problem, told: PartPlan) -> list[str]:
    """What the checker finds wrong in a plan of a part, as the proof certificate has it."""
    rules = {name: value for name, value in asdict(problem.rules).items() if value is not None}
    return check_plan(told.fleet_plan, trip_cells(problem), kind_cells(problem), rules)


def changes(plans: list[PartPlan]) -> dict[str, Decision]:
    return {
        str(one.key): one
        for plan in plans
        for one in plan.decisions
        if one.action is not Action.KEEP
    }


def assert_sums_are_equal(plans: list[PartPlan]) -> None:
    """The decisions save together what the depots do, and each depot what its own part of them
    does."""
    depots = {depot.depot_id: depot for plan in plans for depot in plan.depots}
    saved = dict.fromkeys(depots, 0.0)
    for one in changes(plans).values():
        there = 0.0 if one.arrival is None else one.arrival.saving_kr_year
        saved[one.depot_id] += one.saving_kr_year - there
        if one.arrival is not None:
            saved[one.arrival.depot_id] += there
    for depot_id, found in depots.items():
        fell = found.baseline.cost_kr_year - found.proposed.cost_kr_year
        assert saved[depot_id] == pytest.approx(fell, abs=0.01)
    cost = sum(plan.cost_kr_year for plan in plans)
    assert cost == pytest.approx(sum(one.proposed.cost_kr_year for one in depots.values()))


def test_a_petrol_car_moves_rather_than_that_a_new_electric_one_is_bought() -> None:
    """One of two cars is enough at A. At B an old one, for 90,000 and 3 kr. a km, would give way to
    a new electric one for 45,000; the car from A costs 30,000. In a year 365 trips of 10 km cost
    3 650 x 0.5 kr. by the new one, and 3 650 x 2 kr. by the car from A."""
    a = depot("a", [pool_vehicle(1, "car"), pool_vehicle(2, "car")])
    b = depot("b", [pool_vehicle(3, "old")])
    apart = [plan_part(lambda: False, part(one), seconds_max=10, gap=0) for one in (a, b)]
    assert set(changes(apart)) == {"dispose:v2", "replace:v3"}
    plans = moved(part(a), part(b))
    found = changes(plans)
    assert set(found) == {"move:b:v2", "dispose:v3"}
    move = found["move:b:v2"]
    assert (move.depot_id, move.kind, move.vehicle) == ("a", "Car", "Bil 2")
    assert move.apart == DecisionKey(Action.DISPOSE, "v2")
    assert found["dispose:v3"].apart == DecisionKey(Action.REPLACE, "v3")
    saved = sum(one.cost_kr_year for one in apart) - sum(one.cost_kr_year for one in plans)
    assert saved == pytest.approx(45_000 + 3_650 * 0.5 - 30_000 - 3_650 * 2)
    assert move.arrival is not None
    assert (move.arrival.depot_id, move.arrival.trips, move.arrival.km) == ("b", 7, 70)
    # Nothing is bought or sold, and the car costs no more at B than at A.
    assert move.money is not None
    assert (move.upfront_kr, move.money.price_kr, move.money.sale_kr) == (0, 0, 0)
    assert move.saving_kr_year + found["dispose:v3"].saving_kr_year == pytest.approx(90_000 + 3_650)
    assert_sums_are_equal(plans)
    [told] = plans[1].depots
    assert {(one.kind, one.count_now, one.count) for one in told.changes} == {
        ("Old", 1, 0),
        ("Car", 0, 1),
    }


def test_a_part_to_which_a_vehicle_moves_allows_the_fleet_that_it_has_and_no_more() -> None:
    """A petrol car with a payment of its own comes to B, where nobody may buy one. What binds all
    depots in sum is no rule of B by itself."""
    kinds = {
        name: replace(found, capital_kr_year=20_000.0, kr_year_of_value=0.15)
        for name, found in KINDS.items()
    }
    cheap = [replace(pool_vehicle(n, "car"), cost_kr_year=19_000.0) for n in (1, 2)]
    a, b = depot("a", cheap), depot("b", [pool_vehicle(3, "old")])
    asked = part(b, kinds=kinds)
    [_, told] = moved(part(a, kinds=kinds), asked)
    assert [kind.kind for kind in told.coming["b"]] == ["car 29000"]
    problem = told_problem(asked, told).problem
    assert {kind.type: kind.max_count for kind in problem.kinds} == {
        "car 29000": 1,
        "old": 1,
        "ecar": None,
    }
    assert not problem.rules.green_only_new
    assert not problem.rules.green_keep
    for line in told.fleet_plan["fleet"]:
        line["count"] += line["type"] == "car 29000"
    assert "b/car 29000: 2 is above max_count 1" in faults(problem, told)


def test_moves_of_a_round_that_asks_for_the_rule_of_the_workshop_keep_it() -> None:
    """Three old cars are out by two at B, and A can spare two of its own."""
    kinds = {
        name: replace(found, capital_kr_year=20_000.0, kr_year_of_value=0.15)
        for name, found in KINDS.items()
    }
    cheap = [replace(pool_vehicle(n, "car"), cost_kr_year=19_000.0) for n in range(1, 5)]
    a = depot("a", cheap)
    b = depot("b", [pool_vehicle(n, "old") for n in (13, 14, 15)], out=2)
    asked = [replace(part(one, kinds=kinds), workshop=Shifts()) for one in (a, b)]
    plans = moved(*asked)
    assert [one.arrival is not None for one in changes(plans).values()].count(True) > 0
    for given, told in zip(asked, plans, strict=True):
        found = told_problem(given, told)
        assert found.ready is not None
        counts = Plan.from_json(told.fleet_plan).best.counts_of(found.problem.kinds)
        for workshop in found.ready.workshops(found.problem).values():
            assert workshop.excess(counts) == 0


def test_an_electric_car_moves_rather_than_that_another_is_bought() -> None:
    a = depot("a", [pool_vehicle(1, "ecar"), pool_vehicle(2, "ecar")])
    b = depot("b", [pool_vehicle(3, "old")])
    plans = moved(part(a), part(b))
    found = changes(plans)
    assert set(found) == {"move:b:v2", "dispose:v3"}
    assert found["move:b:v2"].upfront_kr == 0
    assert_sums_are_equal(plans)


def test_a_car_that_costs_more_by_its_own_figures_than_a_new_one_is_not_moved() -> None:
    kinds = {
        name: replace(found, capital_kr_year=20_000.0, kr_year_of_value=0.15)
        for name, found in KINDS.items()
    }
    dear = [pool_vehicle(1, "ecar"), replace(pool_vehicle(2, "ecar"), cost_kr_year=60_000.0)]
    a, b = depot("a", dear), depot("b", [pool_vehicle(3, "old")])
    assert set(changes(moved(part(a, kinds=kinds), part(b, kinds=kinds)))) == {
        "dispose:v2",
        "replace:v3",
    }


def test_a_car_cheap_by_its_own_figures_replaces_a_petrol_one_that_no_new_one_would() -> None:
    """At B an own payment of 2,000 in place of 20,000 makes the electric car from A worth it; a new
    one is not."""
    kinds = {
        name: replace(found, capital_kr_year=20_000.0, kr_year_of_value=0.15)
        for name, found in KINDS.items()
    }
    cheap = [pool_vehicle(n, "ecar") for n in (1, 2)]
    cheap = [replace(one, cost_kr_year=2_000.0) for one in cheap]
    a, b = depot("a", cheap), depot("b", [pool_vehicle(3, "car")])
    free = replace(RULES, green_keep=False)
    plans = moved(part(a, kinds=kinds, rules=free), part(b, kinds=kinds, rules=free))
    found = changes(plans)
    assert set(found) == {"move:b:v2", "dispose:v3"}
    # v2 is let go at A, and at B it costs 27,000 in place of 30,000 and saves 1.5 kr. a km.
    assert sum(one.saving_kr_year for one in found.values()) == pytest.approx(
        27_000 + 3_000 + 1.5 * 3_650
    )
    assert plans[1].coming["b"][0].kind == "ecar 27000"
    assert_sums_are_equal(plans)


def test_nothing_moves_where_nothing_is_needed() -> None:
    a = depot("a", [pool_vehicle(1, "car"), pool_vehicle(2, "car")])
    b = depot("b", [pool_vehicle(3, "car")])
    inputs = [part(a), part(b)]
    plans = [plan_part(lambda: False, one, seconds_max=10, gap=0) for one in inputs]
    assert move_between(lambda: False, inputs, plans, seconds_max=10, gap=0) == plans
    assert set(changes(plans)) == {"dispose:v2"}


@pytest.mark.parametrize("fate", [Fate.CONTRACT, Fate.RULED, Fate.UNKNOWN])
def test_a_vehicle_that_must_stay_is_neither_moved_nor_replaced_by_one_that_moves(
    fate: Fate,
) -> None:
    spare = depot("a", [pool_vehicle(1, "car"), pool_vehicle(2, "car", fate)])
    old = depot("b", [pool_vehicle(3, "old")])
    assert "move:b:v2" not in changes(moved(part(spare), part(old)))
    spare = depot("a", [pool_vehicle(1, "car"), pool_vehicle(2, "car")])
    old = depot("b", [pool_vehicle(3, "old", fate), pool_vehicle(4, "car")], out=2)
    assert set(changes(moved(part(spare), part(old)))) == {"dispose:v2"}


def test_green_vehicles_are_no_fewer_over_all_depots_while_a_fossil_one_is_left() -> None:
    """A has no fossil car and one electric too many, B a petrol car: the one from A takes over its
    trips. It costs 45,000 and 0.5 kr. a km in place of 30,000 and 2 kr., which is 9,525 more; to
    keep it at A unused would cost 45,000 more."""
    a = depot("a", [pool_vehicle(1, "ecar"), pool_vehicle(2, "ecar")])
    b = depot("b", [pool_vehicle(3, "car")])
    apart = [plan_part(lambda: False, part(one), seconds_max=10, gap=0) for one in (a, b)]
    assert set(changes(apart)) == {"dispose:v2"}
    plans = moved(part(a), part(b))
    assert set(changes(plans)) == {"move:b:v2", "dispose:v3"}
    dearer = sum(one.cost_kr_year for one in plans) - sum(one.cost_kr_year for one in apart)
    assert dearer == pytest.approx(45_000 - 30_000 - 1.5 * 3_650)
    assert_sums_are_equal(plans)
    free = replace(RULES, green_keep=False)
    plans = moved(part(a, rules=free), part(b, rules=free))
    assert set(changes(plans)) == {"dispose:v2"}


def test_a_green_vehicle_stays_where_it_is_if_it_helps_nowhere() -> None:
    """Taxis are cheap, so that neither depot needs a vehicle, but a petrol car is bound by its
    contract: the electric ones cost the same at B as at A, and it is no use to move them."""
    a = depot("z", [pool_vehicle(1, "ecar"), pool_vehicle(2, "ecar")])
    b = depot("b", [pool_vehicle(3, "car", Fate.CONTRACT)])
    taxi = replace(RULES, fallback_kr_trip=0.0, fallback_kr_km=0.1)
    inputs = [part(a, rules=taxi), part(b, rules=taxi)]
    apart = [plan_part(lambda: False, one, seconds_max=10, gap=0) for one in inputs]
    assert set(changes(apart)) == {"dispose:v1", "dispose:v2"}
    plans = move_between(lambda: False, inputs, apart, seconds_max=10, gap=0)
    assert not changes(plans)
    assert [one.why for one in plans[0].decisions] == [StayReason.GREEN, StayReason.GREEN]
    assert_sums_are_equal(plans)


def test_a_move_that_was_decided_stands_and_one_that_was_rejected_does_not() -> None:
    a = depot("a", [pool_vehicle(1, "car"), pool_vehicle(2, "car")])
    b = depot("b", [pool_vehicle(3, "old")])
    c = depot("c", [pool_vehicle(4, "old")])
    assert "move:b:v2" in changes(moved(part(a), part(b), part(c)))
    to_c = DecisionKey(Action.MOVE, "v2", to="c")
    accepted = Verdicts(accepted=frozenset({to_c}))
    found = changes(moved(*(part(one, verdicts=accepted) for one in (a, b, c))))
    assert set(found) == {"move:c:v2", "dispose:v4", "replace:v3"}
    rejected = Verdicts(rejected=frozenset({to_c}))
    found = changes(moved(*(part(one, verdicts=rejected) for one in (a, b, c))))
    # It stays where it is; so the other one of the two alike is the one to spare.
    assert set(found) == {"move:b:v1", "dispose:v3", "replace:v4"}


def test_a_fleet_that_people_chose_moves_a_vehicle_before_it_buys_one() -> None:
    """At A one of two electric cars is enough; at B an old one gives way to an electric one. By the
    rules, with no price of CO2e, and at that of a chosen fleet the car from A moves in its place:
    the same fleets, without a purchase."""
    a = depot("a", [pool_vehicle(1, "ecar"), pool_vehicle(2, "ecar")])
    b = depot("b", [pool_vehicle(3, "old")])
    chosen = [replace(part(one), chosen_kr_t=5_000.0) for one in (a, b)]
    apart = [plan_part(lambda: False, one, seconds_max=10, gap=0) for one in chosen]
    assert set(changes(apart)) == {"dispose:v2", "replace:v3"}
    plans = moved(*chosen)
    assert set(changes(plans)) == {"move:b:v2", "dispose:v3"}
    for before, after in zip(apart, plans, strict=True):
        [was], [told] = before.depots, after.depots
        assert told.proposed == was.proposed
    assert_sums_are_equal(plans)


@pytest.mark.parametrize(
    ("spare", "kinds"),
    [
        # A petrol car would be cheaper, but the depot would be less green than people chose.
        ("car", KINDS),
        # A dirtier electric car that is cheaper emits more than the one that is bought.
        (
            "dirty",
            {**KINDS, "dirty": kind("dirty", Energy.ELECTRIC, fixed=30_000, kr_km=0.5, g_km=90)},
        ),
    ],
)
def test_a_fleet_that_people_chose_is_made_no_dirtier_by_a_move(
    spare: str, kinds: dict[str, KindFigures]
) -> None:
    a = depot("a", [pool_vehicle(1, spare), pool_vehicle(2, spare)])
    b = depot("b", [pool_vehicle(3, "old")])
    free = replace(RULES, green_keep=False)
    asked = [replace(part(one, kinds=kinds, rules=free), chosen_kr_t=5_000.0) for one in (a, b)]
    found = changes(moved(*asked))
    assert not any(one.action is Action.MOVE for one in found.values())
    assert found["replace:v3"].new_kind == "Ecar"


def test_of_a_fleet_that_people_chose_nothing_moves_that_saves_no_purchase() -> None:
    """The rules would put the electric car that A lets go in place of the petrol one at B."""
    cheap = {**KINDS, "van": kind("van", Energy.ELECTRIC, fixed=20_000, kr_km=0.5)}
    a = depot("a", [pool_vehicle(1, "van"), pool_vehicle(2, "van")])
    b = depot("b", [pool_vehicle(3, "car")])
    free = replace(RULES, green_keep=False)
    asked = [part(one, kinds=cheap, rules=free) for one in (a, b)]
    assert "move:b:v2" in changes(moved(*asked))
    chosen = [replace(one, chosen_kr_t=0.0) for one in asked]
    assert set(changes(moved(*chosen))) == {"dispose:v2"}
