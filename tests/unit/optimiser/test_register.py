"""Rows of the database as what the optimiser works on."""

from dataclasses import replace
from datetime import date

from api.settings import Settings
from fleet.period import Period
from optimiser.rounds.data import pool_vehicle
from register.vehicles import DrivenVehicle, Ruling


def test_a_vehicle_is_the_same_in_whatever_order_the_database_added_its_km() -> None:
    """Else its depot would be solved anew, though nothing changed but the plan of a query."""
    days_km = [0.1, 0.2, 0.3]
    vehicle = DrivenVehicle(
        vehicle_id="v1",
        name="Vogn 1",
        department="",
        kind="elbil",
        kind_name="Elbil",
        depot_id="home",
        depot_name="Hjemme",
        measured_in="km",
        contract_end=None,
        registered_on=None,
        mileage_km=None,
        needs=None,
        ruling=Ruling.OPEN,
        trips=3,
        km=0.0,
    )
    period = Period(date(2026, 3, 2), date(2026, 3, 4))
    settings = Settings()  # pyright: ignore[reportCallIssue]
    one, other = (
        pool_vehicle(replace(vehicle, km=sum(km)), None, period, settings)
        for km in (days_km, days_km[::-1])
    )
    assert sum(days_km) != sum(days_km[::-1])
    assert one == other
