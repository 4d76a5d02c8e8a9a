"""What tests of a depot's plan share: the rules, kinds of vehicle and the vehicles themselves."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from costs.kind_figures import KindFigures
from fleet.vehicle import Energy
from optimiser.depot.fate import Fate
from optimiser.depot.vehicle_pool import DrivenTrip, PoolVehicle
from optimiser.model.problem import Rules

#: For a week of trips.
RULES = Rules(
    count_most=10_000,
    turnaround_min=10,
    period_days=7.0,
    fallback_kr_trip=500,
    fallback_kr_km=4,
    fallback_co2_g_km=150,
    co2_kr_t=1500,
    green_only_new=True,
    seed=1,
)


def kind(
    name: str,
    energy: Energy,
    *offers: str,
    fixed: float = 50_000,
    kr_km: float = 1.0,
    g_km: float = 10,
    offered: bool = False,
    range_km: float | None = None,
) -> KindFigures:
    return KindFigures(
        kind=name,
        name=name.capitalize(),
        energy=energy,
        offers=frozenset(offers),
        fixed_kr_year=fixed,
        kr_km=kr_km,
        co2_g_km=g_km,
        range_km=range_km,
        charge_km_h=50 if range_km else None,
        offered=offered,
        upfront_kr=200_000 if offered else None,
    )


def pool_vehicle(
    number: int, name: str, fate: Fate = Fate.CAN_GO, days_used: int = 5
) -> PoolVehicle:
    return PoolVehicle(
        vehicle_id=f"v{number}",
        name=f"Bil {number}",
        kind=name,
        fate=fate,
        days_used=days_used,
        trips=days_used,
        km=10.0 * days_used,
    )


def trips_in_turn(
    vehicles: Sequence[PoolVehicle], monday: datetime, *, hours: int
) -> list[DrivenTrip]:
    """A week of trips of two hours and 10 km, one of each vehicle a day, each `hours` after the one
    before."""
    return [
        DrivenTrip(
            trip_id=f"{one.vehicle_id} {day}",
            vehicle_id=one.vehicle_id,
            start=monday + timedelta(days=day, hours=hours * number),
            end=monday + timedelta(days=day, hours=hours * number + 2),
            km=10.0,
        )
        for day in range(7)
        for number, one in enumerate(vehicles)
    ]
