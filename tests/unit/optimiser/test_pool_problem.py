"""A depot's register and trips as a problem, and its answer as decisions."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from fleet.vehicle import Energy
from optimiser.depot.alike import StaysBy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision, StayReason, TripTaker
from optimiser.depot.fate import Fate
from optimiser.depot.green import Obstacle
from optimiser.depot.pool_cost import pool_cost
from optimiser.depot.pool_problem import fleet_problem
from optimiser.depot.vehicle_pool import DrivenTrip, PoolVehicle, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.peak import peak_out
from optimiser.model.problem import Problem, Rules
from optimiser.parts.depot_plan import DepotRule, RuleBreak
from optimiser.parts.part_plan import PartInput, PartPlan, plan_part
from optimiser.solve import solve
from optimiser.wanted import NobodyWaitsError
from tests.unit.optimiser.depots import RULES, kind, pool_vehicle

MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)

KINDS = {
    found.kind: found
    for found in (
        kind("car", Energy.PETROL),
        kind("van", Energy.DIESEL, "cargo"),
        kind("crane", Energy.DIESEL, "crane", fixed=300_000),
        kind("evan", Energy.ELECTRIC, "cargo", offered=True),
        kind("mower", Energy.DIESEL, "mower"),
    )
}


def trip(vehicle: int, day: int, hour: float, hours: float = 1.0) -> DrivenTrip:
    start = MONDAY + timedelta(days=day, hours=hour)
    return DrivenTrip(
        trip_id=f"v{vehicle} {day} {hour}",
        vehicle_id=f"v{vehicle}",
        start=start,
        end=start + timedelta(hours=hours),
        km=10.0,
    )


def depot(candidates: list[PoolVehicle], trips: list[DrivenTrip]) -> VehiclePool:
    return VehiclePool("d", candidates, trips)


def part_problem(found: VehiclePool) -> Problem:
    return fleet_problem([found], KINDS, RULES)


def answer_of(
    *found: VehiclePool, rules: Rules = RULES, verdicts: Verdicts | None = None
) -> PartPlan:
    part_input = PartInput(
        depots=found,
        kinds=KINDS,
        rules=rules,
        verdicts=verdicts or Verdicts(),
        first=MONDAY,
        last=MONDAY + timedelta(days=7),
    )
    return plan_part(lambda: False, part_input, seconds_max=10, gap=0)


def test_a_part_for_which_nobody_waits_any_more_is_not_planned_further() -> None:
    vehicles = [pool_vehicle(v, "car") for v in range(1, 7)]
    trips = [trip(v, day, 0.5 * v) for v in range(1, 7) for day in range(5)]
    part_input = PartInput(
        depots=(depot(vehicles, trips),),
        kinds=KINDS,
        rules=RULES,
        verdicts=Verdicts(),
        first=MONDAY,
        last=MONDAY + timedelta(days=7),
    )
    looks = count()
    plan_part(lambda: next(looks) < 0, part_input, seconds_max=10, gap=0)
    to_the_end = next(looks)
    for wanted in (0, to_the_end // 4, to_the_end // 2, to_the_end - 1):
        looks = count()
        with pytest.raises(NobodyWaitsError):
            plan_part(
                lambda looks=looks, wanted=wanted: next(looks) >= wanted,
                part_input,
                seconds_max=10,
                gap=0,
            )
        assert next(looks) < wanted + to_the_end // 4, "it goes on with what it has begun only"


def gone_of(found: PartPlan) -> list[Decision]:
    return [d for d in found.decisions if d.action is not Action.KEEP]


def test_kinds_on_offer_are_candidates_and_others_may_not_grow() -> None:
    problem = part_problem(depot([pool_vehicle(1, "car")], [trip(1, 0, 0)]))
    bounds = {k.type: (k.count_now, k.min_count, k.max_count) for k in problem.kinds}
    assert bounds == {"car": (1, 0, 1), "evan": (0, 0, None)}


@pytest.mark.parametrize("bound", [Fate.CONTRACT, Fate.UNKNOWN])
def test_who_must_stay_is_the_least_count(bound: Fate) -> None:
    found = depot([pool_vehicle(1, "car", bound), pool_vehicle(2, "car")], [trip(1, 0, 0)])
    assert {k.type: k.min_count for k in part_problem(found).kinds}["car"] == 1


def test_a_machine_and_its_drives_are_left_out() -> None:
    found = depot(
        [pool_vehicle(1, "car"), pool_vehicle(2, "mower", Fate.MACHINE)],
        [trip(1, 0, 0), trip(2, 0, 0)],
    )
    problem = part_problem(found)
    assert [t.vehicle for t in problem.trips] == ["v1"]
    assert "mower" not in {k.type for k in problem.kinds}


def test_a_trip_needs_what_its_vehicle_offers() -> None:
    problem = part_problem(depot([pool_vehicle(1, "van")], [trip(1, 0, 0)]))
    assert problem.trips[0].needs == {"cargo"}


def test_what_one_kind_alone_can_do_is_not_hired_by_the_hour() -> None:
    """Two cranes out at once stay, though hiring would be cheaper; the third may go."""
    found = depot(
        [pool_vehicle(i, "crane") for i in (1, 2, 3)],
        [trip(1, 0, 0), trip(2, 0, 0.5), trip(3, 1, 0)],
    )
    assert {k.type: k.min_count for k in part_problem(found).kinds}["crane"] == 2


def test_the_least_used_goes_and_its_trips_are_taken_over() -> None:
    candidates = [pool_vehicle(1, "van", days_used=5), pool_vehicle(2, "van", days_used=1)]
    trips = [*(trip(1, day, 0) for day in range(5)), trip(2, 0, 3)]
    found = answer_of(depot(candidates, trips))
    [gone] = gone_of(found)
    assert (gone.action, gone.vehicle_id) == (Action.DISPOSE, "v2")
    assert (gone.trips, gone.to_fallback, gone.upfront_kr) == (1, 0, 0.0)
    assert gone.taken_over_by == (TripTaker("Bil 1", 1),)
    assert gone.saving_kr_year == pytest.approx(50_000)
    [plan] = found.depots
    assert (plan.baseline.vehicles, plan.proposed.vehicles, plan.peak) == (2, 1, 1)
    # With one vehicle left, every day on which it is out is tight.
    assert len(plan.tight_days) == 5


def test_a_silent_vehicle_stays_and_gets_no_trips_of_others() -> None:
    """Two known vans take turns, so one of them goes; the third is silent and seems free."""
    vans = [pool_vehicle(1, "van"), pool_vehicle(2, "van", Fate.UNKNOWN), pool_vehicle(3, "van")]
    trips = [*(trip(1, day, 0) for day in range(5)), trip(2, 0, 0), trip(3, 0, 3)]
    found = answer_of(depot(vans, trips), rules=replace(RULES, no_fallback_needs=("cargo",)))
    [gone] = gone_of(found)
    assert gone.vehicle_id in ("v1", "v3")
    assert {taker.name for taker in gone.taken_over_by} <= {"Bil 1", "Bil 3"}
    [plan] = found.depots
    assert (plan.unknown, plan.baseline.vehicles, plan.proposed.vehicles) == (("Bil 2",), 3, 2)
    assert [(c.count_now, c.count) for c in plan.changes] == [(3, 2)]
    kept = {decision.vehicle_id: decision for decision in found.decisions}["v2"]
    assert (kept.why, kept.not_green) == (StayReason.UNKNOWN, Obstacle.UNKNOWN)
    assert kept.left_out_kr_year is None
    # The plan tells of the one that goes that this one is alike and stays.
    assert gone.bound is not None
    assert [(one.name, one.why) for one in gone.bound] == [("Bil 2", StaysBy.UNKNOWN)]
    # Two were out at once, of which the use of one is known.
    assert (plan.peak, plan.vehicles_known) == (1, 2)
    # A van is 50,000 kr. a year, and each of the seven trips a week 10 km of 1 kr. and 10 g.
    km = 365 / 7 * 10 * len(trips)
    assert plan.proposed.co2_t_year == pytest.approx(km * 10 / 1e6)
    cost = 2 * 50_000 + km + RULES.co2_kr_t * km * 10 / 1e6
    assert plan.proposed.cost_kr_year == pytest.approx(cost)
    assert (found.cost_kr_year, found.lower_bound_kr_year) == pytest.approx((cost, cost))


def test_a_fleet_that_is_right_gets_no_proposal_but_reasons() -> None:
    trips = [trip(v, day, 0) for v in (1, 2) for day in range(5)]
    found = answer_of(depot([pool_vehicle(1, "van"), pool_vehicle(2, "van")], trips))
    assert gone_of(found) == []
    assert [d.why for d in found.decisions] == [StayReason.WORTH, StayReason.WORTH]
    assert all((d.left_out_kr_year or 0) > 0 for d in found.decisions)


def test_departments_that_take_turns_are_worth_sharing() -> None:
    """One drives in the morning, the other in the afternoon: together one vehicle will do."""
    own = [
        replace(pool_vehicle(1, "van"), department="Vej"),
        replace(pool_vehicle(2, "van"), department="Park"),
    ]
    trips = [trip(v, day, 4 * v) for v in (1, 2) for day in range(5)]
    found = answer_of(depot(own, trips))
    shared, *gone = gone_of(found)
    assert (shared.action, shared.departments, shared.count) == (Action.POOL, ("Park", "Vej"), 1)
    assert Action.DISPOSE in {decision.action for decision in gone}
    assert shared.left_out_kr_year == pytest.approx(50_000)
    [plan] = found.depots
    total = plan.baseline.cost_kr_year - plan.proposed.cost_kr_year
    assert sum(d.saving_kr_year for d in [shared, *gone]) == pytest.approx(total)


def test_sharing_is_not_charged_for_the_reserve_that_departments_apart_hold_too() -> None:
    """All six vans are out at once, and the depot is to have one to spare, shared or not."""
    own = [
        replace(pool_vehicle(v, "van"), department="Vej" if v < 4 else "Park") for v in range(1, 7)
    ]
    trips = [trip(v, day, 0) for v in range(1, 7) for day in range(5)]
    rules = replace(RULES, reserve={"d": 1, "another depot": 1})
    found = answer_of(depot(own, trips), rules=rules)
    [shared] = [d for d in found.decisions if d.action is Action.POOL]
    assert shared.saving_kr_year == pytest.approx(0)
    assert shared.left_out_kr_year is not None
    assert shared.left_out_kr_year >= -1e-6
    [plan] = found.depots
    assert plan.baseline.cost_kr_year >= plan.proposed.cost_kr_year
    assert found.notes == ()  # nothing is said of depots that are not of this part


def test_departments_that_shall_not_share_are_pools_of_their_own() -> None:
    own = [
        replace(pool_vehicle(1, "van"), department="Vej"),
        replace(pool_vehicle(2, "van"), department="Park"),
    ]
    trips = [trip(v, day, 4 * v) for v in (1, 2) for day in range(5)]
    part_input = PartInput(
        depots=(depot(own, trips),),
        kinds=KINDS,
        rules=RULES,
        verdicts=Verdicts(rejected=frozenset({DecisionKey(Action.POOL, "d")})),
        first=MONDAY,
        last=MONDAY + timedelta(days=7),
    )
    found = plan_part(lambda: False, part_input, seconds_max=10, gap=0)
    assert Action.DISPOSE not in {decision.action for decision in gone_of(found)}
    assert found.depots[0].apart


def test_the_shares_of_the_pools_add_up_to_the_answer() -> None:
    depots = [
        VehiclePool(
            name,
            [pool_vehicle(i, "van"), pool_vehicle(i + 1, "van")],
            [trip(i, 0, 0), trip(i + 1, 1, 0)],
        )
        for i, name in ((1, "a"), (3, "b"))
    ]
    problem = fleet_problem(depots, KINDS, RULES)
    best = solve(problem, seconds_max=10, gap=0).best
    shares = [pool_cost(problem, best, name) for name in ("a", "b")]
    assert best.cost_kr_year == pytest.approx(sum(share.cost_kr_year for share in shares))
    assert best.co2_t_year == pytest.approx(sum(share.co2_t_year for share in shares))


def test_peaks_do_not_count_who_comes_back_as_another_leaves() -> None:
    noon = datetime(2026, 11, 16, 12, tzinfo=UTC)
    hour = timedelta(hours=1)
    assert peak_out([(noon - hour, noon), (noon, noon + hour)]) == (1, noon - hour)
    assert peak_out([(noon - hour, noon + hour), (noon, noon + hour)]) == (2, noon)
    assert peak_out([]) == (0, None)


def test_days_of_a_proposal_are_local() -> None:
    """A trip around midnight in UTC is one of the Danish day after."""
    late = DrivenTrip(
        trip_id="t",
        vehicle_id="v1",
        start=datetime(2026, 11, 16, 23, 30, tzinfo=UTC),
        end=datetime(2026, 11, 17, 0, 30, tzinfo=UTC),
        km=1,
    )
    found = answer_of(
        depot([pool_vehicle(1, "van", Fate.CONTRACT), pool_vehicle(2, "van")], [late])
    )
    assert [tight.day for tight in found.depots[0].tight_days] == [date(2026, 11, 17)]


def test_a_depot_is_tight_when_one_of_its_departments_is_and_they_do_not_share() -> None:
    """The vehicle of A is out on Monday and the one of B is not, so the depot has one free."""
    vehicles = [
        replace(pool_vehicle(i, "van", Fate.CONTRACT), department=name)
        for i, name in ((1, "A"), (2, "B"))
    ]
    trips = [trip(1, 0, 0), trip(2, 1, 0)]
    apart = Verdicts(rejected=frozenset({DecisionKey(Action.POOL, "d")}))
    found = answer_of(depot(vehicles, trips), verdicts=apart)
    assert [(one.day.weekday(), one.department) for one in found.depots[0].tight_days] == [
        (0, "A"),
        (1, "B"),
    ]
    shared = answer_of(depot(vehicles, trips))
    assert shared.depots[0].tight_days == ()


def test_a_trip_needs_no_more_than_its_vehicle_is_said_to_be_needed_for() -> None:
    """The crane truck that only carries cargo is replaceable, and need not stay."""
    truck = replace(pool_vehicle(1, "crane"), needs=frozenset[str]())
    problem = part_problem(depot([truck], [trip(1, 0, 0)]))
    assert problem.trips[0].needs == frozenset()
    assert {k.type: k.min_count for k in problem.kinds}["crane"] == 0


def test_a_vehicle_that_the_fleet_unit_keeps_is_kept() -> None:
    kept = pool_vehicle(1, "van", Fate.RULED, days_used=0)
    found = answer_of(depot([kept, pool_vehicle(2, "van")], [trip(2, 0, 0)]))
    assert [gone.vehicle_id for gone in gone_of(found)] == ["v2"]


def test_green_vehicles_stay_while_a_fossil_one_is_left_and_what_that_costs_is_told() -> None:
    """One trip at a time: one vehicle will do, and the fossil van is the cheaper one."""
    vans = [pool_vehicle(1, "evan"), pool_vehicle(2, "van")]
    trips = [trip(v, day, 4 * v) for v in (1, 2) for day in range(5)]
    dear = KINDS | {"evan": replace(KINDS["evan"], fixed_kr_year=60_000)}
    part_input = PartInput(
        depots=(depot(vans, trips),),
        kinds=dear,
        rules=RULES,
        verdicts=Verdicts(),
        first=MONDAY,
        last=MONDAY + timedelta(days=7),
    )
    free = plan_part(lambda: False, part_input, seconds_max=10, gap=0)
    assert [gone.vehicle_id for gone in gone_of(free)] == ["v1"]
    assert free.policies_kr_year == 0
    rules = replace(RULES, green_keep=True)
    kept = plan_part(lambda: False, replace(part_input, rules=rules), seconds_max=10, gap=0)
    assert [gone.vehicle_id for gone in gone_of(kept)] == ["v2"]
    assert kept.policies_kr_year == pytest.approx(kept.cost_kr_year - free.cost_kr_year)
    assert 9_000 < kept.policies_kr_year < 11_000
    [stays] = [decision for decision in kept.decisions if decision.action is Action.KEEP]
    assert (stays.vehicle_id, stays.why) == ("v1", StayReason.WORTH)


def test_a_green_vehicle_that_nobody_needs_stays_since_a_fossil_one_is_bound() -> None:
    vans = [pool_vehicle(1, "evan"), pool_vehicle(2, "van", Fate.CONTRACT)]
    trips = [trip(v, day, 4 * v) for v in (1, 2) for day in range(5)]
    found = answer_of(depot(vans, trips), rules=replace(RULES, green_keep=True))
    assert gone_of(found) == []
    why = {decision.vehicle_id: decision.why for decision in found.decisions}
    assert why == {"v1": StayReason.GREEN, "v2": StayReason.CONTRACT}


@pytest.mark.parametrize(("reserve", "left"), [(0, 2), (1, 3), (2, 4)])
def test_a_reserve_stands_at_home_at_every_moment(reserve: int, left: int) -> None:
    """At most two vehicles are out at once."""
    vans = [pool_vehicle(number, "van") for number in range(1, 6)]
    hours = {1: 0, 2: 0, 3: 4, 4: 4, 5: 8}
    trips = [trip(v, day, hour) for v, hour in hours.items() for day in range(5)]
    found = answer_of(depot(vans, trips), rules=replace(RULES, reserve={"d": reserve}))
    [plan] = found.depots
    assert (plan.proposed.vehicles, plan.proposed.fallback_trips_year) == (left, 0)
    assert found.policies_kr_year == pytest.approx((left - 2) * 50_000)


#: Two vans are out at once on one day of the week, for which a taxi is the cheaper second one.
AT_ONCE = [*(trip(1, day, 0) for day in range(5)), trip(2, 0, 0)]


@pytest.mark.parametrize(
    "rules",
    [
        replace(RULES, no_fallback_needs=("cargo",)),
        replace(RULES, no_fallback_needs=("department:Home care",)),
        replace(RULES, no_fallback_pools=("d",)),
    ],
)
def test_a_vehicle_stays_for_trips_that_may_not_go_by_taxi_and_its_worth_is_no_amount(
    rules: Rules,
) -> None:
    vans = [replace(pool_vehicle(v, "van"), department="Home care") for v in (1, 2)]
    by_taxi = answer_of(depot(vans, AT_ONCE))
    assert [gone.to_fallback for gone in gone_of(by_taxi)] == [1]
    found = answer_of(depot(vans, AT_ONCE), rules=rules)
    assert gone_of(found) == []
    for stays in found.decisions:
        assert (stays.why, stays.left_out_trips) == (StayReason.TRIPS, 1)
        assert stays.left_out_kr_year is None
    assert found.depots[0].breaks == ()
    assert found.policies_kr_year == pytest.approx(found.cost_kr_year - by_taxi.cost_kr_year)


def test_trips_of_other_departments_at_the_depot_may_go_by_taxi() -> None:
    vans = [
        replace(pool_vehicle(1, "van"), department="Home care"),
        replace(pool_vehicle(2, "van"), department="Roads"),
    ]
    found = answer_of(
        depot(vans, AT_ONCE), rules=replace(RULES, no_fallback_needs=("department:Home care",))
    )
    shared, gone = gone_of(found)
    assert (shared.action, gone.action, gone.to_fallback) == (Action.POOL, Action.DISPOSE, 1)


def test_what_no_fleet_can_do_goes_by_taxi_against_the_rule_and_is_told() -> None:
    """The only crane is out twice at once, and nobody sells cranes; two vans are no problem."""
    own = [pool_vehicle(1, "crane"), pool_vehicle(2, "van")]
    trips = [trip(1, 0, 0), trip(1, 0, 0.5), trip(1, 1, 0), trip(2, 0, 0), trip(2, 0, 0.5)]
    found = answer_of(depot(own, trips), rules=replace(RULES, no_fallback_needs=("cargo", "crane")))
    [plan] = found.depots
    assert plan.breaks == (RuleBreak(rule=DepotRule.OWN_VEHICLE, today=2, proposed=1),)
    assert [(d.action, d.new_kind, d.left_out_trips) for d in gone_of(found)] == [
        (Action.BUY, "Evan", 1)
    ]
    assert plan.proposed.fallback_trips_year == pytest.approx(365 / 7)


def test_what_is_bought_does_its_own_trips_and_not_those_of_its_kind() -> None:
    """One electric van stands there and drives on seven days; on one of them it is out twice."""
    trips = [trip(1, day, 0) for day in range(6)] + [trip(1, 0, 0.5)]
    found = answer_of(
        depot([pool_vehicle(1, "evan")], trips), rules=replace(RULES, no_fallback_needs=("cargo",))
    )
    [bought] = gone_of(found)
    assert (bought.action, bought.new_kind, bought.count) == (Action.BUY, "Evan", 1)
    assert (bought.trips, bought.days_used) == (1, 1)


def test_the_spare_vehicle_of_trips_that_may_not_go_by_taxi_says_that_it_is_the_spare_one() -> None:
    vans = [pool_vehicle(v, "van") for v in (1, 2)]
    trips = [trip(1, day, 0) for day in range(5)]
    rules = replace(RULES, reserve={"d": 1}, no_fallback_needs=("cargo",))
    found = answer_of(depot(vans, trips), rules=rules)
    assert gone_of(found) == []
    whys = {(stays.why, stays.left_out_spare) for stays in found.decisions}
    assert whys == {(StayReason.RESERVE, 1)}
