"""Decisions that rest on each other are one, which saves their sum: at least the least saving."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from costs.budget import MoneyTerms, budget, departure
from costs.kind_figures import KindFigures
from fleet.vehicle import Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Bundle, Decision, decision_json, read_decision
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import DrivenTrip, PoolVehicle, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.parts.moved_parts import move_between
from optimiser.parts.part_plan import PartInput, PartPlan, plan_part
from optimiser.parts.workshop import Shifts
from tests.unit.optimiser import depots
from tests.unit.optimiser.depots import kind, pool_vehicle, trips_in_turn

MONDAY = datetime(2026, 11, 16, 5, tzinfo=UTC)
LEAST_KR = 5_000.0

KINDS = {
    found.kind: found
    for found in (
        kind("car", Energy.PETROL, fixed=30_000, kr_km=2.0, g_km=150),
        kind("van", Energy.DIESEL, "cargo", fixed=58_000, kr_km=2.5, g_km=200),
        kind("ecar", Energy.ELECTRIC, fixed=45_000, kr_km=0.6, offered=True),
        kind("evan", Energy.ELECTRIC, "cargo", fixed=52_000, kr_km=0.8, offered=True),
    )
}
RULES = replace(
    depots.RULES, period_days=7.0, co2_kr_t=0, green_keep=True, no_fallback_needs=("cargo",)
)


def asked(found: VehiclePool, **about: object) -> PartInput:
    first = PartInput(
        depots=(found,),
        kinds=KINDS,
        rules=RULES,
        verdicts=Verdicts(),
        first=MONDAY,
        last=MONDAY + timedelta(days=7),
        least_saving_kr_year=LEAST_KR,
    )
    return replace(first, **about)


def planned(*inputs: PartInput, seconds_max: float = 20) -> list[PartPlan]:
    plans = [plan_part(lambda: False, one, seconds_max=seconds_max, gap=0) for one in inputs]
    if not inputs[0].rules.moves:
        return plans
    return move_between(lambda: False, inputs, plans, seconds_max=seconds_max, gap=0)


def changes(plans: list[PartPlan]) -> dict[str, Decision]:
    found = [one for plan in plans for one in plan.decisions if one.action is not Action.KEEP]
    assert len({one.key for one in found}) == len(found)
    return {str(one.key): one for one in found}


def rows(plans: list[PartPlan]) -> list[tuple[Decision, ...]]:
    """The decisions as people take them: those of a bundle together."""
    found = changes(plans)
    taken: list[tuple[Decision, ...]] = []
    for one in found.values():
        if one.bundle is None:
            taken.append((one,))
        elif one.key == one.bundle.keys[0]:
            taken.append(tuple(found[str(key)] for key in one.bundle.keys))
    assert sum(map(len, taken)) == len(found)
    return taken


def town_hall(*, with_contract: bool = False) -> VehiclePool:
    """An electric car and a diesel van that drive 10 km a day each, one after the other. An
    electric van could drive for both."""
    ends = (MONDAY + timedelta(days=90)).date() if with_contract else None
    own = [
        replace(pool_vehicle(1, "ecar"), needs=frozenset[str](), contract_end=ends),
        replace(pool_vehicle(2, "van"), needs=frozenset({"cargo"})),
    ]
    return VehiclePool("hall", own, trips_in_turn(own, MONDAY, hours=4))


#: 3,650 km a year each: 45,000 + 58,000 + 0.6 and 2.5 kr. a km, less 52,000 + 0.8 kr. a km of both.
SAVED_KR = 45_000 + 58_000 - 52_000 + 3_650 * (0.6 + 2.5 - 2 * 0.8)


def test_a_van_leaves_because_an_electric_car_becomes_an_electric_van() -> None:
    """By itself the electric van costs 7,000 and 0.2 kr. a km more than the electric car; without
    it nobody else may drive what the diesel van does."""
    plans = planned(asked(town_hall()))
    found = changes(plans)
    assert set(found) == {"replace:v1", "dispose:v2"}
    becomes, leaves = found["replace:v1"], found["dispose:v2"]
    assert becomes.saving_kr_year < LEAST_KR
    [(first, second)] = rows(plans)
    assert (first, second) == (becomes, leaves)
    bundle = becomes.bundle
    assert bundle is not None
    assert bundle == leaves.bundle
    assert bundle.saving_kr_year == pytest.approx(SAVED_KR)
    assert bundle.saving_kr_year == becomes.saving_kr_year + leaves.saving_kr_year
    assert becomes.whole_saving_kr_year == leaves.whole_saving_kr_year == bundle.saving_kr_year
    # Without both, today's fleet is left, which lacks nothing.
    assert (bundle.left_out_trips, bundle.left_out_spare) == (0, 0)
    assert bundle.left_out_kr_year == pytest.approx(SAVED_KR)
    assert read_decision(decision_json(becomes)) == becomes


def test_two_that_save_too_little_together_are_both_withdrawn() -> None:
    """Neither can be left out alone, so that neither is too small by itself."""
    cheap = {**KINDS, "van": replace(KINDS["van"], fixed_kr_year=58_000 - SAVED_KR + 4_000)}
    found = town_hall()
    [plan] = planned(asked(found, kinds=cheap))
    assert not changes([plan])
    assert plan.withdrawn.changes == 2
    assert plan.withdrawn.kr_year == pytest.approx(4_000)
    [plan] = planned(asked(found, kinds=cheap, least_saving_kr_year=3_999.0))
    assert set(changes([plan])) == {"replace:v1", "dispose:v2"}


def test_what_somebody_accepted_stays_a_decision_by_itself() -> None:
    """The electric van is decided, in an earlier round, so that the diesel van leaves by itself."""
    accepted = Verdicts(accepted=frozenset({DecisionKey(Action.REPLACE, "v1")}))
    plans = planned(asked(town_hall(), verdicts=accepted))
    found = changes(plans)
    assert set(found) == {"replace:v1", "dispose:v2"}
    assert [one.bundle for one in found.values()] == [None, None]
    assert found["dispose:v2"].saving_kr_year >= LEAST_KR
    both = frozenset({DecisionKey(Action.REPLACE, "v1"), DecisionKey(Action.DISPOSE, "v2")})
    [taken] = rows(planned(asked(town_hall(), verdicts=Verdicts(accepted=both))))
    assert [str(one.key) for one in taken] == ["replace:v1", "dispose:v2"]


BECOMES, LEAVES = DecisionKey(Action.REPLACE, "v1"), DecisionKey(Action.DISPOSE, "v2")


def test_an_accepted_replacement_is_of_its_kind_though_another_one_is_cheaper_since() -> None:
    cheap = replace(KINDS["evan"], kind="evan2", name="Elvan 2", fixed_kr_year=40_000)
    more = {**KINDS, "evan2": cheap}
    assert changes(planned(asked(town_hall(), kinds=more)))["replace:v1"].new_kind == cheap.name
    accepted = Verdicts(accepted=frozenset({BECOMES}), new_kinds={"v1": "evan"})
    found = changes(planned(asked(town_hall(), kinds=more, verdicts=accepted)))
    assert found["replace:v1"].new_kind == KINDS["evan"].name
    assert found["replace:v1"].bundle is None


def test_a_replacement_by_another_kind_than_was_accepted_is_undecided() -> None:
    """The kind that was accepted is not in the catalogue any more. By itself the electric van saves
    too little, so that it is joined with what rests on it, unless somebody accepted that."""
    otherwise = Verdicts(accepted=frozenset({BECOMES}), new_kinds={"v1": None})
    [joined] = rows(planned(asked(town_hall(), verdicts=otherwise)))
    assert [one.key for one in joined] == [BECOMES, LEAVES]
    otherwise = replace(otherwise, accepted=frozenset({BECOMES, LEAVES}))
    apart = rows(planned(asked(town_hall(), verdicts=otherwise)))
    assert sorted(str(one.key) for [one] in apart) == ["dispose:v2", "replace:v1"]


@pytest.mark.parametrize("key", ["replace:v1", "dispose:v2"])
def test_where_one_of_them_is_rejected_neither_is_proposed(key: str) -> None:
    rejected = Verdicts(rejected=frozenset({DecisionKey.parse(key)}))
    found = changes(planned(asked(town_hall(), verdicts=rejected)))
    assert not {"replace:v1", "dispose:v2"} & set(found)
    assert all(one.whole_saving_kr_year >= LEAST_KR for one in found.values())


def test_the_vehicle_that_leaves_waits_for_the_one_that_it_rests_on() -> None:
    """The contract of the electric car runs for three months, and the diesel van is needed as
    long."""
    [(becomes, leaves)] = rows(planned(asked(town_hall(with_contract=True))))
    begins = datetime(2026, 12, 1, tzinfo=UTC).date()
    assert becomes.money is not None
    assert leaves.money is not None
    holds = datetime(2027, 3, 1, tzinfo=UTC).date()
    assert departure(becomes.money, begins).day == holds
    assert departure(leaves.money, begins).day == holds
    first = budget(leaves.money, begins)[0]
    assert (first.year, first.running_kr) == (2026, 0)
    alone = replace(leaves.money, after=())
    assert departure(alone, begins).day == begins


def test_a_move_and_the_vehicle_that_it_lets_go_are_one() -> None:
    """The electric car from A serves at B for a petrol one, as green ones are no fewer: what it
    costs more is told together with what it is there for."""
    rules = replace(RULES, moves=True, no_fallback_needs=())
    a = _in_turn("a", [pool_vehicle(1, "ecar"), pool_vehicle(2, "ecar")])
    b = _in_turn("b", [pool_vehicle(3, "car")])
    plans = planned(*(asked(one, rules=rules) for one in (a, b)))
    assert set(changes(plans)) == {"move:b:v2", "dispose:v3"}
    assert all(sum(one.saving_kr_year for one in row) >= LEAST_KR for row in rows(plans))


def _in_turn(depot_id: str, own: list[PoolVehicle]) -> VehiclePool:
    return VehiclePool(depot_id, own, trips_in_turn(own, MONDAY, hours=3))


def generated(seed: int) -> list[PartInput]:
    """The parts of a round of one to three depots under rules that are mixed."""
    rng = random.Random(seed)
    found = [
        _generated_depot(rng, f"d{number}", 20 * number + 1)
        for number in range(rng.choice([1, 1, 2, 3]))
    ]
    reserve = {one.pool_id: 1 for one in found} if rng.random() < 0.3 else 0
    rules = replace(
        RULES,
        co2_kr_t=rng.choice([0, 1_500]),
        moves=len(found) > 1,
        green_keep=rng.random() < 0.6,
        reserve=reserve,
        no_fallback_needs=("cargo",) if rng.random() < 0.6 else (),
    )
    ready = rng.random() < 0.3
    kinds: dict[str, KindFigures] = {
        name: replace(one, range_km=230.0) if one.energy is Energy.ELECTRIC else one
        for name, one in KINDS.items()
    }
    return [
        asked(one, kinds=kinds, rules=rules, workshop=Shifts() if ready else None) for one in found
    ]


def _generated_depot(rng: random.Random, depot_id: str, first: int) -> VehiclePool:
    own: list[PoolVehicle] = []
    trips: list[DrivenTrip] = []
    departments = rng.choice([[""], ["X", "Y"]])
    for number in range(first, first + rng.choice([3, 4, 5, 6])):
        sort = rng.choice(["car", "van", "ecar", "evan", "ecar"])
        fate = rng.choice([Fate.CAN_GO] * 7 + [Fate.CONTRACT])
        needs = {"cargo"} if sort in ("van", "evan") and rng.random() < 0.7 else set[str]()
        vehicle = replace(
            pool_vehicle(number, sort, fate),
            department=rng.choice(departments),
            needs=frozenset(needs),
        )
        own.append(vehicle)
        for day in range(5):
            hour = rng.uniform(0, 3)
            while hour < 9 and rng.random() < 0.55:
                hours = rng.uniform(0.5, 3)
                start = MONDAY + timedelta(days=day, hours=hour)
                trips.append(
                    DrivenTrip(
                        trip_id=f"{vehicle.vehicle_id} {day} {hour:.2f}",
                        vehicle_id=vehicle.vehicle_id,
                        start=start,
                        end=start + timedelta(hours=hours),
                        km=rng.uniform(5, 60),
                    )
                )
                hour += hours + rng.uniform(0.3, 2)
    return VehiclePool(depot_id, own, trips)


@pytest.mark.parametrize("seed", range(6))
def test_no_row_is_below_the_least_saving_and_all_add_up(seed: int) -> None:
    """Only what a rule asks for may save less: without it something lacks that must be there.

    That holds of every plan, proven or not, so that no search for a better one is waited for."""
    inputs = generated(seed)
    plans = planned(*inputs, seconds_max=2)
    fell = sum(
        one.baseline.cost_kr_year - one.proposed.cost_kr_year
        for plan in plans
        for one in plan.depots
    )
    saved = 0.0
    for row in rows(plans):
        kr = sum(one.saving_kr_year for one in row)
        saved += kr
        bundle = row[0].bundle
        told: Decision | Bundle = row[0] if bundle is None else bundle
        assert told.saving_kr_year == pytest.approx(kr, abs=0.001)
        is_needed = told.left_out_trips or told.left_out_spare or told.left_out_workshop
        assert kr >= LEAST_KR - 0.001 or is_needed
        if row[0].action is Action.POOL:
            assert row[0].left_out_kr_year is None or row[0].left_out_kr_year >= LEAST_KR
        if bundle is not None:
            assert {one.bundle for one in row} == {bundle}
            assert sum(one.saving_kr_year for one in bundle.terms) == pytest.approx(kr, abs=0.001)
    assert saved == pytest.approx(fell, abs=0.005)


def test_the_terms_of_what_rests_on_others_are_read_as_they_were_stored() -> None:
    first = MoneyTerms(saving_kr_year=1.0, contract_end=MONDAY.date())
    terms = MoneyTerms(saving_kr_year=2.0, after=(first,))
    key = DecisionKey(Action.DISPOSE, "v1")
    decision = Decision(key=key, action=Action.DISPOSE, depot_id="a", money=terms)
    assert read_decision(decision_json(decision)) == decision
