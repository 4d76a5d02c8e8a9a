"""The vehicles of the register: what each is, and by which class its trips are found."""

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor
from fleet.vehicle import Energy
from register.history import Subject, record

SQL = statements("vehicle")

#: How machines are measured: in engine hours, and not in km.
HOURS = "hours"


class NoVehicleError(LookupError):
    """There is no such vehicle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A vehicle of the fleet, with the names of its kind and its depot.

    `device` is the tracker that sits in it now, or (`is_logged`) the driving log that stands in for
    one; it was last heard at `last_heard`. All three say nothing where it has neither.
    """

    vehicle_id: str
    name: str
    department: str
    kind: str
    kind_name: str
    energy: Energy
    depot_id: str
    depot_name: str
    measured_in: str
    contract_end: date | None
    device: str | None
    is_logged: bool
    last_heard: datetime | None

    @property
    def by_hours(self) -> bool:
        """Whether it is a machine, whose measure is engine hours and not km."""
        return self.measured_in == HOURS


@dataclass(frozen=True, slots=True)
class VehicleFilter:
    """Which vehicles: None is any."""

    department: str | None = None
    depot_id: str | None = None
    kind: str | None = None
    vehicle_id: str | None = None


@dataclass(frozen=True, slots=True)
class FleetChoices:
    """What the vehicles of the fleet can be chosen by; kinds are pairs of id and name, by name."""

    departments: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class VehicleTripClass:
    """By which class a vehicle's trips are found: its own, or (None) that of its kind. `refinding`:
    its trips are still those of another class, measure or depot."""

    own: str | None
    of_kind: str
    refinding: bool


async def vehicles(
    connection: Pool | PooledConnection, chosen: VehicleFilter | None = None
) -> list[Vehicle]:
    """The chosen vehicles of the fleet, or all of them, in the order of their ids."""
    wanted = chosen or VehicleFilter()
    rows = await connection.fetch(
        SQL["fleet"], wanted.department, wanted.depot_id, wanted.kind, wanted.vehicle_id
    )
    return [_vehicle(row) for row in rows]


async def fleet_choices(pool: Pool) -> FleetChoices:
    """What vehicles of the fleet can be chosen by."""
    row = await pool.fetchrow(SQL["choices"])
    assert row is not None
    kinds = sorted(((kind, name) for kind, name in row["kinds"]), key=lambda pair: pair[1])
    return FleetChoices(tuple(row["departments"]), tuple(kinds))


async def vehicle_name(pool: Pool, vehicle_id: str) -> str | None:
    """What a vehicle of the fleet is called; None: there is no such vehicle."""
    return await pool.fetchval(SQL["name"], vehicle_id)


async def trip_class(pool: Pool, vehicle_id: str) -> VehicleTripClass:
    """By which class a vehicle's trips are found.

    Raises:
        NoVehicleError: there is no such vehicle.
    """
    row = await pool.fetchrow(SQL["trip_class"], vehicle_id)
    if row is None:
        raise NoVehicleError(vehicle_id)
    return VehicleTripClass(row["own"], row["of_kind"], row["refinding"])


async def set_trip_class(pool: Pool, actor: Actor, vehicle_id: str, trip_class: str | None) -> None:
    """Choose by which class a vehicle's trips are found, None for that of its kind; the worker
    finds them anew.

    Raises:
        NoVehicleError: there is no such vehicle.
    """
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["set_trip_class"], vehicle_id, trip_class) is None:
            raise NoVehicleError(vehicle_id)
        content = {"trip_class": trip_class}
        await record(connection, actor, Subject.VEHICLE, vehicle_id, content)


def _vehicle(row: asyncpg.Record) -> Vehicle:
    return Vehicle(
        vehicle_id=row["vehicle_id"],
        name=row["name"],
        department=row["department"],
        kind=row["kind"],
        kind_name=row["kind_name"],
        energy=Energy(row["energy"]),
        depot_id=row["depot_id"],
        depot_name=row["depot_name"],
        measured_in=row["measured_in"],
        contract_end=row["contract_end"],
        device=row["device"],
        is_logged=row["is_log"] is True,
        last_heard=row["last_ts"],
    )
