"""Vehicles that share trips, and the trips that they drove."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from optimiser.depot.fate import Fate

#: Between a depot's id and a department's name in the id of the department's pool.
_OF_DEPOT = " / "


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A vehicle of today's fleet and its use in the data period.

    `needs` is what its trips need; None: all that its kind offers.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivenTrip:
    """A round trip that a vehicle of the depot drove."""

    trip_id: str
    vehicle_id: str
    start: datetime
    end: datetime
    km: float


def department_pool_id(depot_id: str, department: str) -> str:
    """The id of the pool of one department of a depot."""
    return f"{depot_id}{_OF_DEPOT}{department}"


def is_pool_of(pool_id: str, depot_id: str) -> bool:
    """Whether a pool is a depot, or one of its departments."""
    return pool_id == depot_id or pool_id.startswith(f"{depot_id}{_OF_DEPOT}")


@dataclass(frozen=True, slots=True)
class VehiclePool:
    """The vehicles of a pool and the round trips that they drove.

    A depot is a pool by its id; where its departments do not share, each is a pool of its own.
    """

    pool_id: str
    candidates: Sequence[Candidate]
    trips: Sequence[DrivenTrip]

    @property
    def road(self) -> list[Candidate]:
        """The vehicles that do trips: all but the machines."""
        return [c for c in self.candidates if c.fate is not Fate.MACHINE]

    @property
    def road_trips(self) -> list[DrivenTrip]:
        """The round trips of the road vehicles."""
        road = {c.vehicle_id for c in self.road}
        return [trip for trip in self.trips if trip.vehicle_id in road]
