"""Reads what is registered of each vehicle, and what a vehicle may be registered as."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from costs.catalogue import CatalogueKind, starter_catalogue
from costs.catalogue_stored import read_catalogue
from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.names.order import name_order
from fleet.vehicle import Energy
from register.inventory.details import VehicleDetails, VehicleField
from register.zones_stored import Depot, depots

SQL = statements("inventory")

#: The columns of the details.
_DETAILS: Sequence[str] = [field.value for field in VehicleField]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredVehicle:
    """A vehicle of the register. It may have left the fleet: it is not in it from `retired_at` on.

    `revision` grows with each change of its details.
    """

    vehicle_id: str
    details: VehicleDetails
    kind_name: str
    energy: Energy
    depot_name: str
    retired_at: date | None
    revision: int

    def is_in_fleet(self, day: date) -> bool:
        """Whether it is in the fleet on a day, as `in_fleet` of the schema says."""
        return self.retired_at is None or self.retired_at > day


@dataclass(frozen=True, slots=True)
class RegisterChoices:
    """What a vehicle may be registered as: every kind, also those that the product ships and the
    municipality does not have yet (`shipped`, by id), by name; the depots; the departments that
    there are."""

    kinds: Sequence[CatalogueKind]
    depots: Sequence[Depot]
    departments: Sequence[str]
    shipped: Collection[str] = frozenset()

    @property
    def own_kinds(self) -> Sequence[CatalogueKind]:
        """The kinds of the municipality's catalogue."""
        return [one for one in self.kinds if one.kind not in self.shipped]

    @property
    def other_kinds(self) -> Sequence[CatalogueKind]:
        """The kinds that the product ships, but those that the municipality has by that name."""
        own = {one.name.casefold() for one in self.own_kinds}
        return [
            one for one in self.kinds if one.kind in self.shipped and one.name.casefold() not in own
        ]

    def kind(self, kind: str) -> CatalogueKind | None:
        return next((one for one in self.kinds if one.kind == kind), None)


async def registered_vehicles(
    connection: Pool | PooledConnection, vehicle_ids: Sequence[str] | None = None
) -> list[RegisteredVehicle]:
    """Every vehicle of the register, or those with the given ids, in the order of their ids."""
    asked = None if vehicle_ids is None else list(vehicle_ids)
    return [_registered(row) for row in await connection.fetch(SQL["registered_vehicles"], asked)]


async def registered_vehicle(
    connection: Pool | PooledConnection, vehicle_id: str
) -> RegisteredVehicle | None:
    """A vehicle of the register; None: there is no such vehicle."""
    found = await registered_vehicles(connection, [vehicle_id])
    return found[0] if found else None


async def register_choices(connection: Pool | PooledConnection) -> RegisterChoices:
    """What a vehicle may be registered as."""
    kinds = await read_catalogue(connection)
    own = {kind.kind for kind in kinds}
    shipped = [kind for kind in starter_catalogue() if kind.kind not in own]
    kinds += shipped
    names = [row["department"] for row in await connection.fetch(SQL["departments"])]
    return RegisterChoices(
        sorted(kinds, key=lambda kind: name_order(kind.name)),
        await depots(connection),
        sorted(names, key=name_order),
        frozenset(kind.kind for kind in shipped),
    )


def _registered(row: asyncpg.Record) -> RegisteredVehicle:
    return RegisteredVehicle(
        vehicle_id=row["vehicle_id"],
        details=VehicleDetails(**{name: row[name] for name in _DETAILS}),
        kind_name=row["kind_name"],
        energy=Energy(row["energy"]),
        depot_name=row["depot_name"],
        retired_at=row["retired_at"],
        revision=row["revision"],
    )
