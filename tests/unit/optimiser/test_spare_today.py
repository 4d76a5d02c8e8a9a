"""What the reserve costs today's fleet is told apart: nobody pays for it today."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fleet.vehicle import Energy
from optimiser.depot.vehicle_pool import DrivenTrip, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.model.problem import Rules
from optimiser.parts.depot_plan import NO_SPARE_TODAY, DepotPlan
from optimiser.parts.part_plan import PartInput, plan_part
from tests.unit.optimiser.depots import RULES, kind, pool_vehicle

MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)
CAR = kind("car", Energy.PETROL)


def planned(rules: Rules, vehicles: int = 2) -> DepotPlan:
    """The plan of a depot all of whose vehicles are out at once on each of seven days."""
    trips = [
        DrivenTrip(
            trip_id=f"{day} {number}",
            vehicle_id=f"v{number}",
            start=MONDAY + timedelta(days=day),
            end=MONDAY + timedelta(days=day, hours=2),
            km=10.0,
        )
        for day in range(7)
        for number in range(vehicles)
    ]
    cars = [pool_vehicle(number, "car") for number in range(vehicles)]
    asked = PartInput(
        depots=(VehiclePool("home", cars, trips),),
        kinds={"car": CAR},
        rules=rules,
        verdicts=Verdicts(),
        first=MONDAY,
        last=MONDAY + timedelta(weeks=1),
    )
    [found] = plan_part(lambda: False, asked, seconds_max=10, gap=0).depots
    return found


def test_trips_that_only_the_reserve_sends_by_taxi_are_told_with_their_cost() -> None:
    """One of two cars is spare: a trip a day goes by taxi instead of 10 km by car."""
    found = planned(replace(RULES, reserve=1))
    taxi_kr = 500 + 10 * 4 + 10 * 150 / 1e6 * 1500
    car_kr = 10 * CAR.kr_km + 10 * CAR.co2_g_km / 1e6 * 1500
    assert found.spare_today.trips_year == pytest.approx(365)
    assert found.spare_today.kr_year == pytest.approx(365 * (taxi_kr - car_kr))
    assert found.spare_today.co2_t_year == pytest.approx(365 * 10 * (150 - CAR.co2_g_km) / 1e6)
    driven = planned(RULES)
    assert found.baseline.cost_kr_year - found.spare_today.kr_year == pytest.approx(
        driven.baseline.cost_kr_year
    )


def test_without_a_reserve_nothing_is_told() -> None:
    assert planned(RULES).spare_today == NO_SPARE_TODAY
