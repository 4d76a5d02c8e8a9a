"""The proposed fleet is tried on the last weeks beside the one that the first weeks ask for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fleet.vehicle import Energy
from optimiser.depot.vehicle_pool import DrivenTrip, PoolVehicle, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.plan import Plan
from optimiser.parts.moved_parts import move_between
from optimiser.parts.part_plan import PartInput, PartPlan, counted_input, plan_part
from optimiser.studies.backtest import Backtest
from optimiser.studies.depot_backtest import DepotBacktest, depot_backtests
from optimiser.studies.study import Study, read_study, study_json
from tests.unit.optimiser import depots
from tests.unit.optimiser.depots import kind, pool_vehicle

WEEKS = 4
MONDAY = datetime(2026, 1, 4, 23, tzinfo=UTC)  # midnight in Denmark
KINDS = {
    found.kind: found
    for found in (
        kind("car", Energy.PETROL, fixed=30_000, kr_km=2.0),
        kind("old", Energy.DIESEL, fixed=90_000, kr_km=3.0),
        kind("ecar", Energy.ELECTRIC, fixed=45_000, kr_km=0.5, offered=True),
    )
}


def depot(depot_id: str, vehicles: list[PoolVehicle], busy_week: int) -> VehiclePool:
    """A depot whose vehicles drive one after the other, but all at once in one week."""
    trips = [
        DrivenTrip(
            trip_id=f"{one.vehicle_id} {day}",
            vehicle_id=one.vehicle_id,
            start=(start := MONDAY + timedelta(days=day, hours=7 + hours)),
            end=start + timedelta(hours=2),
            km=10.0,
        )
        for day in range(7 * WEEKS)
        for number, one in enumerate(vehicles)
        for hours in (0 if day // 7 == busy_week else 3 * number,)
    ]
    return VehiclePool(depot_id, vehicles, trips)


def part(found: VehiclePool) -> PartInput:
    return PartInput(
        depots=(found,),
        kinds=KINDS,
        rules=replace(
            depots.RULES, period_days=7.0 * WEEKS, co2_kr_t=0, moves=True, green_keep=True
        ),
        verdicts=Verdicts(),
        first=MONDAY,
        last=MONDAY + timedelta(weeks=WEEKS),
    )


def tried(asked: PartInput, told: PartPlan) -> Backtest:
    counted = counted_input(replace(asked, coming=told.coming, kept=told.kept))
    [found] = depot_backtests(
        counted,
        Plan.from_json(told.fleet_plan),
        share=0.5,
        seconds_max=5,
        gap=0,
        cancelled=lambda: False,
    )
    assert found.found is not None
    return found.found


def planned(asked: PartInput) -> PartPlan:
    return plan_part(lambda: False, asked, seconds_max=10, gap=0)


def test_the_proposed_fleet_is_tried_beside_the_one_of_the_first_weeks() -> None:
    """Both cars are needed in the third week only, of which the first two know nothing."""
    asked = part(depot("a", [pool_vehicle(1, "car"), pool_vehicle(2, "car")], busy_week=2))
    found = tried(asked, planned(asked))
    assert found.proposed is not None
    assert (found.today.vehicles, found.proposed.vehicles, found.chosen.vehicles) == (2, 2, 1)
    assert (found.today.to_fallback, found.proposed.to_fallback) == (0, 0)
    assert (found.chosen.to_fallback, found.chosen.short_days) == (7, 7)
    assert found.workshop_proposed == found.workshop_today
    assert found.workshop_proposed is not None
    assert found.workshop_proposed.to_fallback == 7


def test_todays_fleet_is_tried_with_its_departments_apart() -> None:
    """All three are out at once in the third week. Today one of them is a department's only one:
    with it in the workshop nobody drives its trips, as long as the departments do not share."""
    cars = [
        replace(pool_vehicle(number, "car"), department="Nord" if number < 3 else "Syd")
        for number in (1, 2, 3)
    ]
    asked = part(depot("a", cars, busy_week=2))
    found = tried(asked, planned(asked))
    assert (found.today.vehicles, found.today.to_fallback) == (3, 0)
    assert found.workshop_today is not None
    assert found.workshop_today.to_fallback == 7 * (WEEKS - 2)
    assert found.workshop_proposed is not None
    assert found.proposed is not None
    assert found.proposed.vehicles == 3
    assert found.workshop_proposed.to_fallback == 7


def test_a_vehicle_that_moves_is_tried_at_the_depot_to_which_it_moves() -> None:
    """The old car gives way to one that the other depot can spare: no kind of its own."""
    a = part(depot("a", [pool_vehicle(1, "car"), pool_vehicle(2, "car")], busy_week=-1))
    b = part(depot("b", [pool_vehicle(3, "old")], busy_week=-1))
    plans = move_between(lambda: False, [a, b], [planned(a), planned(b)], seconds_max=10, gap=0)
    assert [plan.moved for plan in plans] == [True, True]
    assert list(plans[1].coming["b"]) == [KINDS["car"]]
    for asked, plan in zip([a, b], plans, strict=True):
        found = tried(asked, plan)
        assert found.proposed is not None
        assert (found.proposed.vehicles, found.proposed.to_fallback) == (1, 0)
        assert found.proposed.co2_t_year == pytest.approx(plan.depots[0].proposed.co2_t_year)


def test_a_study_of_earlier_software_has_no_proposed_fleet_in_its_backtest() -> None:
    asked = part(depot("a", [pool_vehicle(1, "car"), pool_vehicle(2, "car")], busy_week=2))
    found = tried(asked, planned(asked))
    whole = Study(sensitivity=(), charging=(), backtest=(DepotBacktest(depot_id="a", found=found),))
    body = study_json(whole)
    assert read_study(body) == whole
    for name in ("proposed", "workshop_proposed"):
        del body["backtest"][0]["found"][name]
    [read] = read_study(body).backtest
    assert read.found == replace(found, proposed=None, workshop_proposed=None)
