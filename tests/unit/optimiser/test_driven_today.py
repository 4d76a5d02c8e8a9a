"""A plan tells what today's fleet really drove beside what it can do at best."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from fleet.vehicle import Energy
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import DrivenTrip, VehiclePool
from optimiser.depot.verdicts import Verdicts
from optimiser.parts.part_plan import PartInput, PartPlan, plan_part
from optimiser.pilot_end.measures import PilotVehicle, measured
from optimiser.rounds.summary import summarise
from tests.unit.optimiser.depots import RULES, kind, pool_vehicle

MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)
KINDS = {
    "clean": kind("clean", Energy.ELECTRIC, g_km=0, kr_km=0.5),
    "dirty": kind("dirty", Energy.PETROL, g_km=200, kr_km=2.0),
}
#: The km a day of each vehicle: the dirty one drove far, and the one nobody knows enough of, too.
KM = {"v0": 10.0, "v1": 90.0, "v2": 30.0}


def planned() -> PartPlan:
    """The plan of a depot that lets the dirty vehicle drive the long trip of each day."""
    trips = [
        DrivenTrip(
            trip_id=f"{day} {vehicle_id}",
            vehicle_id=vehicle_id,
            start=MONDAY + timedelta(days=day),
            end=MONDAY + timedelta(days=day, hours=2),
            km=km,
        )
        for day in range(7)
        for vehicle_id, km in KM.items()
    ]
    vehicles = [
        pool_vehicle(0, "clean", Fate.CONTRACT),
        pool_vehicle(1, "dirty", Fate.CONTRACT),
        pool_vehicle(2, "dirty", Fate.UNKNOWN),
    ]
    asked = PartInput(
        depots=(VehiclePool("home", vehicles, trips),),
        kinds=KINDS,
        rules=RULES,
        verdicts=Verdicts(),
        first=MONDAY,
        last=MONDAY + timedelta(weeks=1),
    )
    return plan_part(lambda: False, asked, seconds_max=10, gap=0)


def test_what_was_driven_is_the_km_of_each_vehicle_by_the_figures_of_its_kind() -> None:
    """At best the clean vehicle takes the long trip, which saves 80 km a day of the dirty one."""
    part = planned()
    [depot] = part.depots
    driven = depot.driven
    assert driven is not None
    assert driven.co2_t_year == pytest.approx(365 * (90 + 30) * 200 / 1e6)
    paid = 3 * 50_000 + 365 * (10 * 0.5 + 90 * 2.0 + 30 * 2.0)
    assert driven.cost_kr_year == pytest.approx(paid + 1500 * driven.co2_t_year)
    assert driven.vehicles == 3
    assert driven.co2_t_year - depot.baseline.co2_t_year == pytest.approx(365 * 80 * 200 / 1e6)
    assert summarise([part]).driven == driven
    assert summarise([replace(part, depots=(replace(depot, driven=None),))]).driven is None


def test_the_evaluation_of_the_same_days_and_vehicles_has_the_same_driving() -> None:
    [depot] = planned().depots
    assert depot.driven is not None
    vehicles = [
        PilotVehicle(
            vehicle_id=vehicle_id,
            department="",
            depot_id="home",
            is_green=False,
            is_heard=True,
            is_known=True,
            days_known=5,
            days_used=5,
            away_h=1.0,
            km=7 * km,
            fixed_kr_year=50_000,
            kr_km=kind.kr_km,
            co2_g_km=kind.co2_g_km,
        )
        for (vehicle_id, km), kind in zip(
            KM.items(), [KINDS["clean"], KINDS["dirty"], KINDS["dirty"]], strict=True
        )
    ]
    days = (date(2026, 11, 16), date(2026, 11, 22))
    found = measured(days, 5, 7, vehicles, None, 1500)
    assert found.co2_t_year == pytest.approx(depot.driven.co2_t_year)
    assert found.paid_kr_year + found.co2_kr_year == pytest.approx(depot.driven.cost_kr_year)
