"""Vehicles that a plan moves from one pool to another: let go here, they serve there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from optimiser.depot.vehicle_pool import PoolVehicle


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
