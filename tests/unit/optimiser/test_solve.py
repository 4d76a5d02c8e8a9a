"""What `solve` promises beside the optimum: rules of the clock, names, limits of time, reasons."""

import random
from dataclasses import replace
from datetime import time, timedelta

import pytest

from costs.limits import DayWindow, KindLimits
from fleet.vehicle import Energy
from optimiser.model.plan import Plan
from optimiser.model.problem import Kind, Problem, RoundTrip
from optimiser.model.remark import in_english
from optimiser.model.vehicle_slot import VehicleSlot
from optimiser.solve import SolveProgress, solve
from tests.unit.optimiser.cases import BICYCLE, RULES, depot_weeks, problems_with, trip, utc


def solved(*trips: RoundTrip, kinds: tuple[Kind, ...] = (BICYCLE,), **rules: float) -> Plan:
    problem = Problem(trips=trips, kinds=kinds, rules=replace(RULES, **rules))
    plan = solve(problem, seconds_max=60, gap=0)
    assert problems_with(plan, problem) == []
    return plan


def counts(plan: Plan) -> list[int]:
    return [line.count for line in plan.best.fleet]


def test_two_trips_of_one_vehicle_may_touch_but_not_within_the_turnaround() -> None:
    touching = (
        trip(1, "2026-03-02T08:00", "2026-03-02T09:00"),
        trip(2, "2026-03-02T09:00", "2026-03-02T10:00"),
    )
    assert counts(solved(*touching)) == [1]
    assert counts(solved(*touching, turnaround_min=1)) == [2]


@pytest.mark.parametrize(
    ("first", "second", "vehicles"),
    [
        # Summer: 22:00 UTC is midnight.
        ("2026-07-01T21:00", "2026-07-01T22:30", 1),
        ("2026-07-01T22:30", "2026-07-01T23:30", 2),
        # Winter: 23:00 UTC is midnight.
        ("2026-01-01T22:30", "2026-01-01T23:30", 1),
        ("2026-01-01T21:00", "2026-01-01T22:30", 2),
    ],
)
def test_a_day_of_km_is_a_local_calendar_day(first: str, second: str, vehicles: int) -> None:
    trips = [
        RoundTrip(trip_id=s, start=utc(s), end=utc(s) + timedelta(minutes=20), km=6)
        for s in (first, second)
    ]
    kind = replace(BICYCLE, limits=KindLimits(max_day_km=10))
    assert counts(solved(*trips, kinds=(kind,))) == [vehicles]


def test_a_trip_over_midnight_counts_on_the_day_of_its_start() -> None:
    over = trip(1, "2026-01-01T22:00", "2026-01-02T03:00", km=9)
    after = trip(2, "2026-01-02T10:00", "2026-01-02T11:00", km=9)
    kind = replace(BICYCLE, limits=KindLimits(max_day_km=10))
    assert counts(solved(over, after, kinds=(kind,))) == [1]


@pytest.mark.parametrize(
    ("start", "end", "by_bicycle"),
    [
        ("2026-03-27T06:00", "2026-03-27T14:30", True),  # 07:00 to 15:30, winter
        ("2026-03-27T05:59", "2026-03-27T14:30", False),
        ("2026-03-30T05:00", "2026-03-30T13:30", True),  # 07:00 to 15:30, summer
        ("2026-03-30T05:00", "2026-03-30T13:31", False),
        ("2026-03-30T10:00", "2026-03-31T10:00", False),  # another day
    ],
)
def test_a_window_is_local_time_of_one_day(start: str, end: str, by_bicycle: bool) -> None:
    kind = replace(BICYCLE, limits=KindLimits(window=DayWindow(time(7), time(15, 30))))
    plan = solved(trip(1, start, end), kinds=(kind,))
    assert plan.best.assignments["t1"] == (VehicleSlot("", "cykel", 1) if by_bicycle else None)


def test_a_battery_charges_real_hours_also_when_the_clock_changes() -> None:
    kind = replace(BICYCLE, type="el", energy=Energy.ELECTRIC, range_km=60, charge_km_h=10)
    # Both nights last from 23:00 to 05:00 on the clock.
    spring = (
        trip(1, "2026-03-28T20:00", "2026-03-28T22:00", km=60),
        trip(2, "2026-03-29T03:00", "2026-03-29T04:00", km=55),
    )
    autumn = (
        trip(1, "2026-10-24T19:00", "2026-10-24T21:00", km=60),
        trip(2, "2026-10-25T04:00", "2026-10-25T05:00", km=55),
    )
    assert counts(solved(*spring, kinds=(kind,))) == [2], "five hours give 50 km"
    assert counts(solved(*autumn, kinds=(kind,))) == [1], "seven hours give 60 km"


def test_without_charging_a_range_is_for_the_whole_period() -> None:
    kind = replace(BICYCLE, range_km=25)
    days = [trip(i, f"2026-03-0{i}T08:00", f"2026-03-0{i}T09:00") for i in range(1, 6)]
    assert counts(solved(*days, kinds=(kind,))) == [3]


def test_the_period_is_the_local_days_of_the_trips_or_what_the_rules_say() -> None:
    # 23:30 local on 1 March, to 00:30 local on 3 March.
    trips = (
        trip(1, "2026-03-01T22:30", "2026-03-01T22:45"),
        trip(2, "2026-03-02T23:30", "2026-03-02T23:45"),
    )
    assert solved(*trips).period_days == 3
    assert solved(*trips, period_days=30).period_days == 30


def test_vehicles_are_named_by_pool_type_and_number() -> None:
    kinds = (BICYCLE, replace(BICYCLE, pool="nord", count_now=1))
    plan = solved(
        trip(1, "2026-03-02T08:00", "2026-03-02T09:00"),
        trip(2, "2026-03-02T08:00", "2026-03-02T09:00", pool="nord"),
        trip(3, "2026-03-02T08:00", "2026-03-02T09:00", pool="syd"),
        kinds=kinds,
    )
    assert plan.best.assignments == {
        "t1": VehicleSlot("", "cykel", 1),
        "t2": VehicleSlot("nord", "cykel", 1),
        "t3": None,
    }
    assert plan.best.unserved_by_fleet == 1
    assert plan.baseline.assignments == {
        "t1": None,
        "t2": VehicleSlot("nord", "cykel", 1),
        "t3": None,
    }


def test_a_kind_whose_pool_has_no_trips_still_costs_what_its_contracts_cost() -> None:
    kinds = (replace(BICYCLE, pool="tom", count_now=3, min_count=2),)
    plan = solved(trip(1, "2026-03-02T08:00", "2026-03-02T09:00"), kinds=kinds)
    assert counts(plan) == [2]
    assert plan.best.cost_kr_year == pytest.approx(2 * 10 + 365 * 40)


def test_without_any_kind_everything_goes_to_the_fallback() -> None:
    plan = solved(trip(1, "2026-03-02T08:00", "2026-03-02T09:00"), kinds=())
    assert plan.best.status == "optimal"
    assert plan.best.cost_kr_year == pytest.approx(365 * 40)


def test_the_baseline_keeps_todays_counts_whatever_the_bounds_and_the_cap_say() -> None:
    kind = replace(BICYCLE, count_now=2, max_count=1, co2_g_km=100)
    plan = solved(
        trip(1, "2026-03-02T08:00", "2026-03-02T09:00"), kinds=(kind,), co2_max_t_year=1.0
    )
    assert [line.count for line in plan.baseline.fleet] == [2]
    assert plan.baseline.cost_kr_year == pytest.approx(20)


def test_a_minimum_that_the_purchase_policy_forbids_is_infeasible_and_says_which() -> None:
    kind = replace(BICYCLE, type="diesel", energy=Energy.DIESEL, count_now=1, min_count=2)
    plan = solved(trip(1, "2026-03-02T08:00", "2026-03-02T09:00"), kinds=(kind,))
    assert plan.best.status == "infeasible"
    assert plan.best.reason is not None
    assert "'diesel'" in in_english(plan.best.reason)
    assert "min_count 2" in in_english(plan.best.reason)
    assert plan.baseline.cost_kr_year == pytest.approx(10)


def test_a_cap_out_of_reach_is_infeasible_and_says_what_could_be_reached() -> None:
    kind = replace(BICYCLE, co2_g_km=100, limits=KindLimits(max_trip_km=20))
    trips = (
        trip(1, "2026-03-02T08:00", "2026-03-02T09:00", km=10),
        trip(2, "2026-03-02T08:00", "2026-03-02T09:00", km=40),
    )
    least_t = 365 * (10 * 100 + 40 * 130) / 1e6
    plan = solved(*trips, kinds=(kind,), co2_max_t_year=least_t * 0.999)
    assert plan.best.status == "infeasible"
    assert plan.best.reason is not None
    assert f"{least_t:.3f} t" in in_english(plan.best.reason)
    assert in_english(plan.best.reason).endswith("all of it by 't2' (1.898 t), 't1' (0.365 t)")
    just = solved(*trips, kinds=(kind,), co2_max_t_year=least_t)
    assert just.best.co2_t_year == pytest.approx(least_t)


def test_a_depots_weeks_with_batteries_are_solved_and_stand_the_check() -> None:
    problem = depot_weeks(random.Random(3), vehicles=8, weeks=2)
    plan = solve(problem, seconds_max=60, gap=0.01)
    assert problems_with(plan, problem) == []
    assert plan.best.gap is not None
    assert plan.best.gap <= 0.01
    assert plan.best.cost_kr_year is not None
    assert plan.baseline.cost_kr_year is not None
    assert plan.best.cost_kr_year < plan.baseline.cost_kr_year


def test_weak_batteries_that_cannot_be_planned_to_the_optimum_still_never_run_empty() -> None:
    problem = depot_weeks(random.Random(3), vehicles=8, weeks=2)
    el, *others = problem.kinds
    weak = replace(el, range_km=110, charge_km_h=8)
    problem = replace(problem, kinds=(weak, *others))
    plan = solve(problem, seconds_max=4, gap=0)
    assert problems_with(plan, problem) == []


def test_the_same_problem_gives_the_same_plan() -> None:
    problem = depot_weeks(random.Random(4), vehicles=6, weeks=2)
    first, second = (solve(problem, seconds_max=60, gap=0.01) for _ in range(2))
    assert first.best == second.best
    assert first.baseline == second.baseline


def test_without_any_time_there_is_a_plan_that_keeps_the_rules_and_a_true_bound() -> None:
    problem = depot_weeks(random.Random(5), vehicles=6, weeks=1)
    at_once = solve(problem, seconds_max=0, gap=0)
    assert problems_with(at_once, problem) == []
    assert at_once.best.status == "feasible"
    better = solve(problem, seconds_max=60, gap=0.01).best
    assert better.cost_kr_year is not None
    assert better.lower_bound_kr_year is not None
    assert at_once.best.cost_kr_year is not None
    assert at_once.best.lower_bound_kr_year is not None
    assert at_once.best.lower_bound_kr_year <= better.cost_kr_year
    assert better.lower_bound_kr_year <= at_once.best.cost_kr_year


def test_a_cancelled_search_gives_the_plan_that_it_had() -> None:
    problem = depot_weeks(random.Random(6), vehicles=6, weeks=1)
    plan = solve(problem, seconds_max=3600, gap=0, cancelled=lambda: True)
    assert problems_with(plan, problem) == []
    assert plan.seconds < 60


def test_progress_tells_cost_and_bound_of_each_phase() -> None:
    problem = depot_weeks(random.Random(7), vehicles=6, weeks=1)
    seen: list[SolveProgress] = []
    solve(problem, seconds_max=60, gap=0.01, on_progress=seen.append)
    assert {progress.phase for progress in seen} == {"baseline", "plan"}
    for progress in seen:
        assert progress.lower_bound_kr_year <= progress.cost_kr_year * (1 + 1e-9)
        assert 0 <= progress.done <= progress.tasks


def test_without_any_time_a_cap_is_kept_where_a_quick_plan_can() -> None:
    problem = depot_weeks(random.Random(5), vehicles=6, weeks=1)
    free = solve(problem, seconds_max=0, gap=0).best.co2_t_year
    assert free is not None
    capped = replace(problem, rules=replace(RULES, co2_max_t_year=free / 2))
    at_once = solve(capped, seconds_max=0, gap=0)
    assert problems_with(at_once, capped) == []
    assert at_once.best.status == "feasible"


@pytest.fixture(scope="module")
def long_problem() -> Problem:
    """A depot's months, long enough to be decomposed, and another's."""
    one = depot_weeks(random.Random(8), vehicles=12, weeks=20)
    other = depot_weeks(random.Random(9), vehicles=5, weeks=4)
    return replace(
        one,
        trips=one.trips
        + tuple(replace(t, trip_id=f"s{t.trip_id}", pool="syd") for t in other.trips),
        kinds=one.kinds + tuple(replace(kind, pool="syd") for kind in other.kinds),
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_long_pools_are_proven_near_the_optimum_and_the_same_in_every_run(
    long_problem: Problem, workers: int
) -> None:
    seen: list[SolveProgress] = []
    first, second = (
        solve(long_problem, seconds_max=600, gap=0.02, workers=workers, on_progress=seen.append)
        for _ in range(2)
    )
    assert problems_with(first, long_problem) == []
    assert first.best.gap is not None
    assert first.best.gap <= 0.02
    assert (first.best, first.baseline) == (second.best, second.baseline)
    # Today's fleet and the best one are improved at once where there are processes.
    assert ("baseline and plan" in {progress.phase for progress in seen}) == (workers > 1)


def test_a_long_pool_without_any_time_is_rid_of_the_vehicles_that_are_hardly_used(
    long_problem: Problem,
) -> None:
    plan = solve(long_problem, seconds_max=0, gap=0)
    assert problems_with(plan, long_problem) == []
    assert plan.best.cost_kr_year is not None
    assert plan.baseline.cost_kr_year is not None
    assert plan.best.cost_kr_year < plan.baseline.cost_kr_year
    assert all(line.count <= line.count_now for line in plan.best.fleet)
    assert any(line.count < line.count_now for line in plan.best.fleet)


def test_a_cap_over_long_pools_is_kept_near_a_proven_bound(long_problem: Problem) -> None:
    free = solve(long_problem, seconds_max=0, gap=0).best.co2_t_year
    assert free is not None
    capped = replace(long_problem, rules=replace(RULES, co2_max_t_year=free * 0.6))
    plan = solve(capped, seconds_max=120, gap=0.02, workers=2)
    assert problems_with(plan, capped) == []
    assert plan.best.gap is not None
    assert plan.best.gap <= 0.02


def test_a_long_search_cancelled_at_any_moment_leaves_a_plan_that_keeps_the_rules(
    long_problem: Problem,
) -> None:
    for calls in (1, 30, 120, 500):
        left = iter(range(calls))
        plan = solve(
            long_problem,
            seconds_max=120,
            gap=0,
            cancelled=lambda left=left: next(left, None) is None,
        )
        assert problems_with(plan, long_problem) == [], f"cancelled at look {calls}"
        assert plan.best.lower_bound_kr_year is not None
