"""A pool: vehicles that share trips, and the round trips that they drove."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from optimiser.depot.fate import Fate

#: The text between a depot's id and a department's name in the id of the department's pool.
_OF_DEPOT = " / "


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolVehicle:
    """A vehicle of a pool today, and its use in the data period.

    `needs` are the capabilities that its trips need; None means all that its kind offers.
    `registered_on` is about when it was new, and `mileage_km` its odometer as the register has it.
    `cost_kr_year` is its own yearly payment, `sale_value_kr` what it brings today, and
    `exit_cost_kr` what leaving its contract today costs; None where the register has none.
    """

    vehicle_id: str
    name: str
    kind: str
    fate: Fate
    days_used: int
    trips: int
    km: float
    department: str = ""
    contract_end: date | None = None
    needs: frozenset[str] | None = None
    registered_on: date | None = None
    mileage_km: float | None = None
    cost_kr_year: float | None = None
    sale_value_kr: float | None = None
    exit_cost_kr: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivenTrip:
    """A round trip that a vehicle of the pool drove."""

    trip_id: str
    vehicle_id: str
    start: datetime
    end: datetime
    km: float


def department_pool_id(depot_id: str, department: str) -> str:
    """The id of the pool of one department of a depot."""
    return f"{depot_id}{_OF_DEPOT}{department}"


def is_pool_of(pool_id: str, depot_id: str) -> bool:
    """Whether a pool is the depot, or one of its departments."""
    return pool_id == depot_id or pool_id.startswith(f"{depot_id}{_OF_DEPOT}")


@dataclass(frozen=True, slots=True)
class VehiclePool:
    """The vehicles of a pool and the round trips that they drove.

    A depot is a pool with its own id; if its departments do not share, each of them is a pool. A
    depot has `charge_points` already; None: it is not known how many.
    """

    pool_id: str
    vehicles: Sequence[PoolVehicle]
    trips: Sequence[DrivenTrip]
    charge_points: int | None = None

    @property
    def road_vehicles(self) -> list[PoolVehicle]:
        """The vehicles that make trips: all but the machines."""
        return [c for c in self.vehicles if c.fate is not Fate.MACHINE]

    @property
    def road_trips(self) -> list[DrivenTrip]:
        """The round trips of the road vehicles."""
        road = {c.vehicle_id for c in self.road_vehicles}
        return [trip for trip in self.trips if trip.vehicle_id in road]
