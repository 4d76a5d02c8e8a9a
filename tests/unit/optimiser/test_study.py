"""What stands beside a plan keeps the cap on CO2e that the plan keeps, over all depots."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from costs.kind_figures import KindFigures
from costs.peak_days import PeakDay, PeakDayName
from fleet.vehicle import Energy
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import DrivenTrip, PoolVehicle, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.problem import Rules
from optimiser.model.remark import Remark
from optimiser.parts.part_plan import PartInput, part_problem
from optimiser.solve import solve
from optimiser.studies.curve import curve
from optimiser.studies.sensitivity import MovedFigure
from optimiser.studies.study import Scenario, Study, StudyEffort, study

FIRST = datetime(2026, 3, 1, 23, tzinfo=UTC)  # a Monday's midnight in Denmark
WEEKS = 4
KM = 50.0
RULES = Rules(
    count_most=10_000,
    turnaround_min=0,
    period_days=7.0 * WEEKS,
    fallback_kr_trip=500,
    fallback_kr_km=4,
    fallback_co2_g_km=300,
    co2_kr_t=0,
    green_only_new=True,
    seed=1,
)
EXTENT = StudyEffort(
    seconds_max=5,
    gap=1e-4,
    curve_solves=4,
    curve_price_max_kr_t=100_000,
    backtest_share=0.5,
    kwh_km=0.2,
    peak_days=(
        PeakDay(name=PeakDayName.ELECTION, more_trips=1.0, missing=0.0, days_year=1),
        PeakDay(name=PeakDayName.SNOW, more_trips=0.0, missing=0.5, days_year=1),
    ),
)
#: Two petrol cars emit as much in a year, 50 km a day each.
TODAY_T = 2 * 365 * KM * 100 / 1e6


def kind(name: str, energy: Energy, fixed_kr_year: float, co2_g_km: float) -> KindFigures:
    return KindFigures(
        kind=name,
        name=name,
        energy=energy,
        offers=frozenset(),
        fixed_kr_year=fixed_kr_year,
        kr_km=1,
        co2_g_km=co2_g_km,
        range_km=None,
        charge_km_h=None,
        offered=energy is Energy.ELECTRIC,
    )


KINDS = {
    "benzin": kind("benzin", Energy.PETROL, 10_000, 100),
    "el": kind("el", Energy.ELECTRIC, 40_000, 0),
}


def depot(name: str, fate: Fate, km_of_week: list[float]) -> VehiclePool:
    car = PoolVehicle(
        vehicle_id=f"{name}-1",
        name=f"{name} 1",
        kind="benzin",
        fate=fate,
        days_used=7 * WEEKS,
        trips=7 * WEEKS,
        km=sum(km_of_week) * 7,
    )
    starts = [FIRST + timedelta(days=day, hours=8) for day in range(7 * WEEKS)]
    trips = [
        DrivenTrip(
            trip_id=f"{name} {start}",
            vehicle_id=car.vehicle_id,
            start=start,
            end=start + timedelta(hours=2),
            km=km_of_week[day // 7],
        )
        for day, start in enumerate(starts)
    ]
    return VehiclePool(name, [car], trips)


def part_input(fate: Fate, cap_t: float | None, km_of_week: list[float] | None = None) -> PartInput:
    km = km_of_week or [KM] * WEEKS
    return PartInput(
        depots=(depot("nord", fate, km), depot("syd", fate, km)),
        kinds=KINDS,
        rules=replace(RULES, co2_max_t_year=cap_t),
        verdicts=Verdicts(),
        first=FIRST,
        last=FIRST + timedelta(weeks=WEEKS),
    )


def studied(asked: PartInput, demand: float = 1.0) -> Study:
    problem = part_problem(asked).problem
    plan = solve(problem, seconds_max=5, gap=1e-4)
    assert plan.best.cost_kr_year is not None
    scenario = Scenario(
        moved=MovedFigure.DEMAND, factor=demand, kinds=asked.kinds, rules=asked.rules, demand=demand
    )
    return study(lambda: False, asked, plan, [scenario], EXTENT)


@pytest.mark.parametrize(("cap_t", "green"), [(None, 0), (0.6 * TODAY_T, 1), (0.1 * TODAY_T, 2)])
def test_the_backtest_tries_a_fleet_that_keeps_the_cap_over_all_depots(
    cap_t: float | None, green: int
) -> None:
    found = [one.found for one in studied(part_input(Fate.CAN_GO, cap_t)).backtest]
    emitted = [one.chosen.co2_t_year for one in found if one and one.chosen.co2_t_year is not None]
    assert len(emitted) == 2
    assert sum(emitted) == pytest.approx(TODAY_T * (2 - green) / 2)
    assert [one.today.co2_t_year for one in found if one] == pytest.approx([TODAY_T / 2] * 2)


def test_a_move_under_which_no_fleet_keeps_the_cap_is_said_to_be_impossible() -> None:
    bound = part_input(Fate.CONTRACT, 1.01 * TODAY_T)
    bound = replace(bound, kinds={"benzin": KINDS["benzin"]})
    [outcome] = studied(bound, demand=1.2).sensitivity
    assert not outcome.possible
    assert outcome.keys == ()
    [outcome] = studied(bound, demand=0.8).sensitivity
    assert outcome.possible


def test_a_cap_that_the_first_weeks_break_leaves_no_fleet_to_try_and_says_so() -> None:
    bound = part_input(Fate.CONTRACT, 1.01 * TODAY_T, [1.5 * KM, 1.5 * KM, 0.5 * KM, 0.5 * KM])
    bound = replace(bound, kinds={"benzin": KINDS["benzin"]})
    for one in studied(bound).backtest:
        assert one.found is None
        assert one.reason is not None
        assert one.reason.code in (Remark.CAP_TOO_LOW, Remark.CAP_NOT_REACHED)


def test_the_curve_goes_on_beyond_the_cap_to_show_what_it_costs() -> None:
    points = curve(studied(part_input(Fate.CAN_GO, 0.6 * TODAY_T)).curves)
    assert [point.co2_t_year for point in points] == pytest.approx([TODAY_T, TODAY_T / 2, 0])
    assert points == curve(studied(part_input(Fate.CAN_GO, None)).curves)


def test_each_depot_has_its_peak_days_and_a_vehicle_in_the_workshop() -> None:
    """A trip a day and a car: another one at the same time finds none, nor does any without it."""
    found = studied(part_input(Fate.CAN_GO, None))
    assert [one.depot_id for one in found.peak_days] == ["nord", "syd"]
    for depot in found.peak_days:
        assert [(one.trips, one.without_vehicle) for one in depot.outcomes] == [(2, 1), (1, 1)]
        assert [one.ready_vehicles for one in depot.outcomes] == [(("el", 1),), (("el", 1),)]
    for depot in found.backtest:
        assert depot.found is not None
        assert depot.found.chosen.to_fallback == 0
        assert depot.found.workshop is not None
        assert depot.found.workshop.to_fallback == depot.found.chosen.trips
        assert depot.found.workshop_today is not None
        assert depot.found.workshop_today.to_fallback == depot.found.chosen.trips


def test_the_planned_fleet_is_on_the_curve_of_its_depot() -> None:
    """Beside what the search finds at no price and at the highest one."""
    one = part_input(Fate.CAN_GO, None)
    asked = replace(one, depots=one.depots[:1], rules=replace(RULES, co2_kr_t=750))
    plan = solve(part_problem(asked).problem, seconds_max=5, gap=1e-4)
    assert plan.best.cost_kr_year is not None
    assert plan.best.co2_t_year is not None
    effort = replace(EXTENT, curve_solves=2)
    [fleets] = study(lambda: False, asked, plan, [], effort).curves
    assert [fleet.price_kr_t for fleet in fleets] == [0, 750, 100_000]
    planned = fleets[1]
    assert planned.total(750) == pytest.approx(plan.best.cost_kr_year)
    assert planned.co2_t_year == pytest.approx(plan.best.co2_t_year)
    assert planned.bound_kr_year <= planned.total(750)
    assert curve([fleets])[0].cost_kr_year <= planned.cost_kr_year
    # A plan of which a trip was cut again since is no fleet for the trips of now.
    less = dict(list(plan.best.assignments.items())[1:])
    other = replace(plan, best=replace(plan.best, assignments=less))
    [fleets] = study(lambda: False, asked, other, [], effort).curves
    assert [fleet.price_kr_t for fleet in fleets] == [0, 100_000]
