"""A pool: vehicles that share trips, the round trips that they drove, and moves between pools."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    `ruled_to_go`: the fleet unit has said that it may go. `is_use_known`: enough is known of its
    use in the period.
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
    ruled_to_go: bool = False
    is_use_known: bool = True


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


def department_of(pool_id: str, depot_id: str) -> str:
    """The department whose pool this is; empty where it is the whole depot."""
    return "" if pool_id == depot_id else pool_id.removeprefix(f"{depot_id}{_OF_DEPOT}")


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


def department_pools(depot: VehiclePool) -> list[VehiclePool]:
    """The departments of a depot, or of a pool, as pools, each with its own vehicles and trips."""
    pools: list[VehiclePool] = []
    for name in sorted({c.department for c in depot.road_vehicles}):
        own = [c for c in depot.vehicles if c.department == name]
        ids = {c.vehicle_id for c in own}
        trips = [trip for trip in depot.trips if trip.vehicle_id in ids]
        pools.append(VehiclePool(department_pool_id(depot.pool_id, name), own, trips))
    return pools


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleMove:
    """A vehicle that leaves the pool `from_pool` and serves in the pool `to_pool`."""

    vehicle: PoolVehicle
    from_pool: str
    to_pool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolMoves:
    """The moves of one pool: the pools to which vehicles of it move, by the ids of the vehicles,
    and the vehicles that move into it."""

    going: Mapping[str, str] = field(default_factory=dict[str, str])
    coming: Sequence[PoolVehicle] = ()

    @property
    def came(self) -> Counter[str]:
        """The number of vehicles that come, by kind."""
        return Counter(vehicle.kind for vehicle in self.coming)


NO_MOVES = PoolMoves()


def moves_of_pool(pool_id: str, moves: Sequence[VehicleMove]) -> PoolMoves:
    """Those of `moves` that concern a pool."""
    return PoolMoves(
        going={one.vehicle.vehicle_id: one.to_pool for one in moves if one.from_pool == pool_id},
        coming=[one.vehicle for one in moves if one.to_pool == pool_id],
    )
