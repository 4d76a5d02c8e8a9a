"""No more trips than today lack a vehicle while one is in the workshop."""

import itertools
import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.vehicle import Energy
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import StayReason
from optimiser.depot.pool_problem import fleet_problem
from optimiser.depot.vehicle_pool import DrivenTrip, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.duties.dispatch import dispatch
from optimiser.model.problem import Problem
from optimiser.parts.moved_parts import move_between
from optimiser.parts.part_plan import (
    PartInput,
    PartPlan,
    counted_input,
    part_plan_json,
    part_problem,
    plan_part,
    read_part_plan,
)
from optimiser.parts.ready_plan import solve_ready
from optimiser.parts.workshop import PoolWorkshop, Shifts, WorkshopRule
from optimiser.studies.backtest import workshop_replay
from tests.unit.optimiser.brute_force import optimum, workshop_optimum
from tests.unit.optimiser.cases import problems_with, workshop_problem
from tests.unit.optimiser.depots import RULES, kind, pool_vehicle

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
KINDS = {"benzin": kind("benzin", Energy.PETROL)}
WEEKS = 4
SHARED = WorkshopRule()


def asked_of(seed: int) -> tuple[Problem, PoolWorkshop, dict[str, int]]:
    """A random pool under random rules, in which some vehicles can be bought, and some counts."""
    rng = random.Random(seed)
    problem = workshop_problem(rng, seed)
    counts = {one.label: rng.randint(0, 3) for one in problem.kinds}
    return problem, PoolWorkshop(problem, ""), counts


def fleets_of(problem: Problem) -> list[dict[str, int]]:
    """All counts that the bounds of the kinds allow."""
    ranges = [range(one.min_count, (one.max_count or 0) + 1) for one in problem.kinds]
    labels = [one.label for one in problem.kinds]
    return [dict(zip(labels, counts, strict=True)) for counts in itertools.product(*ranges)]


def with_counts(problem: Problem, counts: dict[str, int]) -> Problem:
    kinds = tuple(
        replace(one, min_count=counts[one.label], max_count=counts[one.label])
        for one in problem.kinds
    )
    return replace(problem, kinds=kinds)


@given(st.integers(0, 10_000))
def test_what_lacks_is_counted_by_the_rule_of_the_backtest(seed: int) -> None:
    problem, workshop, counts = asked_of(seed)
    now = {one.label: one.count_now for one in problem.kinds}
    for fleet in (now, counts):
        replayed = workshop_replay(problem, fleet)
        # The trips as they were driven are among those that it watches.
        if replayed is not None:
            assert workshop.lacking(fleet)[0] == replayed.to_fallback
    assert workshop.today == workshop.lacking(now)
    assert workshop.is_ready(counts) is (workshop.excess(counts) == 0)
    assert workshop.is_ready(counts, workshop.excess(counts))


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_a_fleet_that_suffices_lacks_no_more_with_one_of_each_kind_away(seed: int) -> None:
    problem, workshop, counts = asked_of(seed)
    now = {one.label: one.count_now for one in problem.kinds}
    motor = [one.label for one in problem.kinds if one.is_motor]

    def lacking(fleet: dict[str, int], label: str) -> int:
        away = {**fleet, label: max(0, fleet[label] - 1)}
        return sum(slot is None for slot in dispatch(problem, away).values())

    assert workshop.is_ready(now)
    worst = max((lacking(now, label) for label in motor if now[label]), default=math.inf)
    if not workshop.is_ready(counts):
        return
    for label in motor:
        if now[label]:
            assert lacking(counts, label) <= lacking(now, label)
        elif counts[label]:
            assert lacking(counts, label) <= worst


def test_a_van_is_kept_though_a_crane_is_missed_more() -> None:
    """With the crane away its 28 trips lack it, today and always. With a van away none lacks one
    today: two of three are out at once. So the third stays."""
    kinds = {
        "kran": kind("kran", Energy.DIESEL, "crane"),
        "varebil": kind("varebil", Energy.DIESEL, kr_km=0.5),
    }
    own = [
        replace(pool_vehicle(n, "varebil" if n else "kran"), needs=frozenset[str]())
        for n in range(4)
    ]
    own[0] = replace(own[0], needs=frozenset({"crane"}))
    trips = [*trips_of(0, 8), *trips_of(1, 8), *trips_of(2, 8)]
    asked = replace(part_input(VehiclePool("home", own, trips)), kinds=kinds)
    assert planned(replace(asked, workshop=None)).depots[0].proposed.vehicles == 3
    found = planned(asked)
    assert [(one.kind, one.least, one.kept) for one in found.kept] == [("varebil", 3, 1)]


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_no_fleet_that_lacks_no_more_than_today_costs_less(seed: int) -> None:
    """The cheapest fleet is known, as all that may be had are tried with all ways to drive them."""
    problem, workshop, _ = asked_of(seed)
    ready = [one for one in fleets_of(problem) if workshop.is_ready(one)]
    least_kr = min((optimum(with_counts(problem, one)) for one in ready), default=math.inf)
    found = solve_ready(problem, {}, ready=SHARED, seconds_max=10, gap=0)
    best, bound = found.pointed.plan.best, found.pointed.lower_bound_kr_year
    if best.cost_kr_year is None or math.isinf(least_kr):
        return
    assert bound is not None
    # A fleet to which one is added may lack more, so rarely that no seed here has it.
    assert best.cost_kr_year == pytest.approx(least_kr)
    assert bound <= least_kr + 1e-6
    assert workshop.is_ready(best.counts_of(problem.kinds))
    assert problems_with(found.pointed.plan, problem) == []
    assert found.first.plan.best.cost_kr_year is not None
    assert best.cost_kr_year >= found.first.plan.best.cost_kr_year - 1e-6


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_a_kind_that_must_be_there_counts_though_a_better_one_may_be_bought(seed: int) -> None:
    """One kind may be bought without a limit, and one that it could stand for must stay."""
    problem, _, _ = asked_of(seed)
    first, *others = problem.kinds[:2]
    better = replace(first, max_count=None)
    stays = replace(
        first,
        type="stays",
        fixed_kr_year=first.fixed_kr_year + 1_000.0,
        kr_km=first.kr_km + 0.5,
        count_now=1,
        min_count=1,
        max_count=1,
    )
    kinds = [better, stays, *others]
    problem = replace(problem, trips=problem.trips[:4], kinds=tuple(kinds))
    workshop = PoolWorkshop(problem, "")
    # One for each trip is enough, and one more is in the workshop.
    most = [5 if one.max_count is None else one.max_count for one in kinds]
    bounded = replace(
        problem,
        kinds=tuple(
            replace(one, max_count=max(one.min_count, limit))
            for one, limit in zip(kinds, most, strict=True)
        ),
    )
    ready = [one for one in fleets_of(bounded) if workshop.is_ready(one)]
    least_kr = min((optimum(with_counts(problem, one)) for one in ready), default=math.inf)
    found = solve_ready(problem, {}, ready=SHARED, seconds_max=10, gap=0)
    best, bound = found.pointed.plan.best, found.pointed.lower_bound_kr_year
    if best.cost_kr_year is None or math.isinf(least_kr):
        return
    assert bound is not None
    assert bound <= least_kr + 1e-6
    assert best.cost_kr_year == pytest.approx(least_kr)


def test_an_exhaustive_search_of_its_own_finds_no_better_fleet() -> None:
    """It hands out vehicles and counts what lacks by code of its own. Where no fleet lacks as few
    trips as today's, the least is that of those that lack as few as any."""
    rule = WorkshopRule(shifts=Shifts(copies=0))
    bound = 0
    for seed in range(40):
        problem = workshop_problem(random.Random(seed), seed)
        least_kr = workshop_optimum(problem)
        found = solve_ready(problem, {}, ready=rule, seconds_max=10, gap=0)
        best, lower = found.pointed.plan.best, found.pointed.lower_bound_kr_year
        if best.cost_kr_year is None or lower is None:
            assert math.isinf(least_kr), f"case {seed}"
            continue
        assert best.cost_kr_year == pytest.approx(least_kr), f"case {seed}"
        assert lower <= least_kr * (1 + 1e-9) + 1e-6, f"case {seed}"
        bound += found.is_bound
    assert bound > 3


def trips_of(number: int, hour: int) -> list[DrivenTrip]:
    """The trips of a vehicle that is out for two hours of every day from an hour on."""
    return [
        DrivenTrip(
            trip_id=f"{day} {number}",
            vehicle_id=f"v{number}",
            start=(start := MONDAY + timedelta(days=day, hours=hour)),
            end=start + timedelta(hours=2),
            km=20,
        )
        for day in range(7 * WEEKS)
    ]


def depot(vehicles: int, at_once: int) -> VehiclePool:
    """A depot of which `at_once` vehicles are out from 8 to 10 on every day."""
    cars = [pool_vehicle(number, "benzin") for number in range(vehicles)]
    return VehiclePool("home", cars, [t for number in range(at_once) for t in trips_of(number, 8)])


def two_departments() -> VehiclePool:
    """A depot of two departments: one has two cars, both out from 8 to 10 on every day, and the
    other one a car that is out from 14 to 16."""
    cars = [
        replace(pool_vehicle(number, "benzin"), department="Nord" if number < 2 else "Syd")
        for number in range(3)
    ]
    return VehiclePool("home", cars, [*trips_of(0, 8), *trips_of(1, 8), *trips_of(2, 14)])


def part_input(own: VehiclePool, verdicts: Verdicts | None = None) -> PartInput:
    return PartInput(
        depots=(own,),
        kinds=KINDS,
        rules=replace(RULES, period_days=7.0 * WEEKS),
        verdicts=verdicts or Verdicts(),
        first=MONDAY,
        last=MONDAY + timedelta(weeks=WEEKS),
        workshop=Shifts(),
    )


def planned(asked: PartInput) -> PartPlan:
    return plan_part(lambda: False, asked, seconds_max=10, gap=0)


def test_a_plan_keeps_a_vehicle_for_the_workshop_and_says_so() -> None:
    """Two of four are out at once. Today one may be in the workshop, so a third is kept."""
    asked = part_input(depot(4, 2))
    free = planned(replace(asked, workshop=None))
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
    # Without any one of the three the same lacks, and none of them is worth its cost by itself.
    alike = StayReason.WORKSHOP_ALIKE
    assert sorted(stay, key=str) == [StayReason.WORKSHOP, alike, alike]
    for one in found.decisions:
        if one.action is Action.KEEP:
            assert one.left_out_kr_year == pytest.approx(-50_000)
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
        **planned(replace(asked, workshop=None)).fleet_plan,
        "seconds": pytest.approx(0, abs=10),
    }


def test_a_stored_plan_of_earlier_software_kept_none_for_the_workshop() -> None:
    stored = part_plan_json(planned(part_input(depot(4, 2))))
    del stored["kept"]
    assert read_part_plan(stored).kept == ()


def test_green_vehicles_are_kept_where_a_fossil_one_would_keep_more_of_them() -> None:
    """Two of five are out at once, so three are to stay. A petrol car costs less than a third
    electric one, but with it all three of these would have to stay."""
    cars = [pool_vehicle(n, "el" if n < 3 else "benzin") for n in range(5)]
    own = VehiclePool("home", cars, [trip for n in range(2) for trip in trips_of(n, 8)])
    kinds = {
        "benzin": kind("benzin", Energy.PETROL, fixed=40_000),
        "el": kind("el", Energy.ELECTRIC, fixed=46_000, kr_km=0.5, g_km=5),
    }
    asked = replace(part_input(own), kinds=kinds)
    asked = replace(asked, rules=replace(asked.rules, green_keep=True))
    found = planned(asked)
    counts = {line["type"]: line["count"] for line in found.fleet_plan["fleet"]}
    assert counts == {"benzin": 0, "el": 3}
    assert [(one.kind, one.least, one.kept) for one in found.kept] == [("el", 3, 1)]
    free = planned(replace(asked, workshop=None))
    assert found.cost_kr_year == pytest.approx(free.cost_kr_year + 46_000)
    assert found.lower_bound_kr_year == pytest.approx(found.cost_kr_year)


def test_an_exchange_that_saves_too_little_is_not_made_for_the_workshop() -> None:
    """Two of three petrol cars are out at once. The third stays for the workshop: an electric one
    in its place would drive 20 km a day for 0.5 kr. less, which is 3,650 kr. a year."""
    kinds = {
        "benzin": kind("benzin", Energy.PETROL),
        "el": kind("el", Energy.ELECTRIC, kr_km=0.5, offered=True),
    }
    rules = replace(RULES, period_days=7.0 * WEEKS, co2_kr_t=0)
    asked = replace(part_input(depot(3, 2)), kinds=kinds, rules=rules)
    made = planned(asked)
    assert {line["type"]: line["count"] for line in made.fleet_plan["fleet"]}["el"] > 0
    found = planned(replace(asked, least_saving_kr_year=5_000))
    assert {one.action for one in found.decisions} == {Action.KEEP}
    assert [(one.kind, one.least, one.kept) for one in found.kept] == [("benzin", 3, 1)]
    depot_plan = found.depots[0]
    assert depot_plan.proposed.cost_kr_year == pytest.approx(depot_plan.baseline.cost_kr_year)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_no_fleet_one_step_nearer_today_costs_too_little_more(seed: int) -> None:
    """All such fleets are tried with all ways to drive them: each is forbidden, lacks more trips
    than today with one in the workshop, or costs the least saving more."""
    rng = random.Random(seed)
    least_kr = rng.choice((1_000, 5_000, 20_000))
    asked = replace(small_depot(rng), least_saving_kr_year=least_kr)
    part = part_problem(counted_input(asked))
    assert part.ready is not None
    [workshop] = part.ready.workshops(part.problem).values()
    found = planned(asked)
    then = {f"home/{line['type']}": line["count"] for line in found.fleet_plan["fleet"]}
    now = {one.label: one.count_now for one in part.problem.kinds}
    assert workshop.excess(then) == 0
    cost = optimum(with_counts(part.problem, then))
    assert found.cost_kr_year == pytest.approx(cost)
    for nearer in nearer_fleets(now, then):
        if workshop.is_ready(nearer):
            assert optimum(with_counts(part.problem, nearer)) >= cost + least_kr - 1


def small_depot(rng: random.Random) -> PartInput:
    """A depot of petrol and electric cars, not all of which are needed, where either may be the
    cheaper one."""
    kinds = {
        "benzin": kind("benzin", Energy.PETROL, fixed=rng.choice((28_000, 30_000, 33_000))),
        "el": kind("el", Energy.ELECTRIC, fixed=32_000, kr_km=rng.choice((0.2, 0.6)), offered=True),
    }
    cars = [pool_vehicle(n, rng.choice(("benzin", "el"))) for n in range(rng.choice((2, 3, 4)))]
    trips = [
        DrivenTrip(
            trip_id=f"t{number}",
            vehicle_id=rng.choice(cars).vehicle_id,
            start=(start := MONDAY + timedelta(days=number % 2, hours=rng.uniform(6, 12))),
            end=start + timedelta(hours=rng.uniform(1, 4)),
            km=rng.uniform(5, 60),
        )
        for number in range(6)
    ]
    rules = replace(RULES, co2_kr_t=0, fallback_kr_trip=2_000)
    return replace(part_input(VehiclePool("home", cars, trips)), kinds=kinds, rules=rules)


def nearer_fleets(now: dict[str, int], then: dict[str, int]) -> list[dict[str, int]]:
    """The fleets in which one that leaves stays, or one that comes does not, or both."""
    gone = [label for label in now if then[label] < now[label]]
    came = [label for label in now if then[label] > now[label]]
    return [
        {label: count + (label == stays) - (label == comes_not) for label, count in then.items()}
        for stays, comes_not in itertools.product([*gone, None], [*came, None])
        if stays or comes_not
    ]


def test_what_lacks_today_is_counted_with_the_departments_apart() -> None:
    """With one of its two cars in the workshop a department lacks one trip a day today, which the
    other one's car would drive if it were shared."""
    found = counted_input(part_input(two_departments()))
    part = part_problem(found)
    assert part.ready is not None
    [workshop] = part.ready.workshops(part.problem).values()
    [label] = [one.label for one in part.problem.kinds]
    assert workshop.today == (7 * WEEKS,) * 3
    assert workshop.lacking({label: 3}) == (0, 0, 0)
    # Sharing, two lack as many as the three do apart.
    assert workshop.is_ready({label: 2})
    assert not workshop.is_ready({label: 1})
    assert SHARED.workshops(part.problem)["home"].today == (0, 0, 0)


def test_departments_that_share_keep_none_that_they_do_not_miss_today() -> None:
    found = planned(part_input(two_departments()))
    assert (found.depots[0].proposed.vehicles, found.kept) == (2, ())
    apart = Verdicts(rejected=frozenset({DecisionKey(Action.POOL, "home")}))
    assert planned(part_input(two_departments(), apart)).depots[0].proposed.vehicles == 3


def test_each_pool_by_itself_has_the_cheapest_fleet_that_suffices() -> None:
    """Three pools: two are short of one car each, and none has to do with the others."""
    [home] = [depot(4, 2)]
    pools = [
        VehiclePool(
            name,
            [replace(one, vehicle_id=f"{name} {one.vehicle_id}") for one in home.vehicles],
            [
                replace(one, trip_id=f"{name} {one.trip_id}", vehicle_id=f"{name} {one.vehicle_id}")
                for one in (home.trips if name != "c" else [])
            ]
            or [replace(one, vehicle_id="c v0") for one in trips_of(0, 8)],
        )
        for name in ("a", "b", "c")
    ]
    problem = fleet_problem(pools, KINDS, replace(RULES, period_days=7.0 * WEEKS))
    found = solve_ready(problem, {}, ready=SHARED, seconds_max=10, gap=0)
    best = found.pointed.plan.best
    assert best.counts_of(problem.kinds) == {"a/benzin": 3, "b/benzin": 3, "c/benzin": 2}
    assert best.cost_kr_year is not None
    assert found.first.plan.best.cost_kr_year == pytest.approx(best.cost_kr_year - 3 * 50_000)
    assert found.pointed.lower_bound_kr_year == pytest.approx(best.cost_kr_year)
    assert problems_with(found.pointed.plan, problem) == []


def test_where_no_fleet_that_may_be_had_suffices_it_lacks_as_few_as_any() -> None:
    """Three of four are out at once, two of them were accepted to go: two stay."""
    gone = frozenset(DecisionKey(Action.DISPOSE, f"v{number}") for number in (2, 3))
    found = planned(part_input(depot(4, 3), Verdicts(accepted=gone)))
    assert found.depots[0].proposed.vehicles == 2


def test_the_trips_with_other_times_are_the_same_in_every_process() -> None:
    problem, _, counts = asked_of(3)
    first, second = SHARED.workshops(problem)[""], SHARED.workshops(problem)[""]
    assert first.lacking(counts) == second.lacking(counts)
    assert first.lacking(counts)[0] >= sum(
        slot is None for slot in dispatch(problem, counts).values()
    )
