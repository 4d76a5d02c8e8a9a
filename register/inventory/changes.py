"""The acts by which people add, change, retire and take back vehicles, each with its history."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from costs.catalogue import starter_catalogue
from costs.catalogue_stored import put_kind_within
from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.localtime import EARLIEST_DAY, LATEST_DAY, local_now
from register.history import RegisterSubject, record_change
from register.inventory.details import (
    Fault,
    FieldFault,
    VehicleDetails,
    VehicleField,
    faults,
)
from register.inventory.stored import RegisteredVehicle, registered_vehicle, registered_vehicles
from register.vehicles import NoVehicleError

SQL = statements("inventory")

#: The name of the column of the day since which a vehicle is retired, in the history.
RETIRED_AT = "retired_at"

#: Characters of an id that is made of a registration number or a name.
_ID_MAX = 60


class DetailsRefusedError(ExpectedError, ValueError):
    """Details of a vehicle cannot be registered. `vehicle` is its name."""

    def __init__(self, vehicle: str, found: Sequence[FieldFault]) -> None:
        said = "; ".join(f"{one.field}: {one.fault}" for one in found)
        super().__init__(f"{vehicle}: {said}")
        self.vehicle = vehicle
        self.faults = found


class PlateTakenError(ExpectedError, ValueError):
    """Another vehicle of the fleet, whose name is `by_name`, has the registration number."""

    def __init__(self, plate: str, by_name: str) -> None:
        super().__init__(f"{plate} is the registration number of {by_name}")
        self.plate = plate
        self.by_name = by_name


class IdTakenError(ExpectedError, ValueError):
    """Another vehicle has the id."""


class ChangedMeanwhileError(ExpectedError):
    """Somebody else has changed vehicles since they were read; `present` are these vehicles now."""

    def __init__(self, present: Sequence[RegisteredVehicle]) -> None:
        names = ", ".join(one.details.name for one in present)
        super().__init__(f"changed meanwhile: {names}")
        self.present = present


class NewDepartmentError(ExpectedError, ValueError):
    """No vehicle of the fleet is of the department, and nobody said that it is a new one."""

    def __init__(self, department: str) -> None:
        super().__init__(f"there is no department {department}")
        self.department = department


class RetiredDayError(ExpectedError, ValueError):
    """A vehicle cannot have left the fleet on that day: it is too far away, or before the day
    `first`, on which the vehicle was registered first or on which it was first heard of."""

    def __init__(self, since: date, first: date) -> None:
        super().__init__(f"{since} is before {first}, the first day of the vehicle, or too far")
        self.first = first


@dataclass(frozen=True, slots=True)
class VehicleChange:
    """A vehicle as it is, and its details as they are to be."""

    before: RegisteredVehicle
    details: VehicleDetails


async def add_vehicle(
    pool: Pool,
    actor: Actor,
    details: VehicleDetails,
    vehicle_id: str | None = None,
    *,
    new_department: bool = False,
) -> str:
    """Add a vehicle. Without an id it gets one that is made of its registration number or its name.
    `new_department` says that its department may be one that no vehicle is of yet. Returns the id.

    Raises:
        NewDepartmentError: no vehicle is of its department, and it may be no new one.
        DetailsRefusedError: something of it cannot be.
        PlateTakenError: another vehicle has its registration number.
        IdTakenError: another vehicle has the given id.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        await lock_inventory(connection)
        await _check(connection, details)
        if vehicle_id is None:
            vehicle_id = await _free_id(connection, details)
        elif await connection.fetchval(SQL["vehicle_exists"], vehicle_id):
            raise IdTakenError(f"there is a vehicle {vehicle_id} already")
        await _refuse_taken_plate(connection, vehicle_id, details.plate)
        if not new_department:
            await _refuse_new_department(connection, actor, details.department)
        await put_details(connection, actor, {vehicle_id: details}, [])
    return vehicle_id


async def change_vehicle(
    pool: Pool,
    actor: Actor,
    vehicle_id: str,
    seen_revision: int,
    details: VehicleDetails,
    *,
    new_department: bool = False,
) -> None:
    """Give a vehicle other details. `seen_revision` is that of the vehicle that the actor saw, and
    `new_department` says that it may get a department that no vehicle is of yet.

    Raises:
        NewDepartmentError: no vehicle is of its new department, and it may be no new one.
        NoVehicleError: there is no such vehicle.
        ChangedMeanwhileError: it has another revision now.
        DetailsRefusedError: something of it cannot be.
        PlateTakenError: another vehicle has its registration number.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        before = await _locked(connection, vehicle_id)
        if before.revision != seen_revision:
            raise ChangedMeanwhileError([before])
        await _check(connection, details)
        if before.is_in_fleet(local_now().date()):
            await _refuse_taken_plate(connection, vehicle_id, details.plate)
        if not new_department and details.department != before.details.department:
            actor.require_department(before.details.department)
            await _refuse_new_department(connection, actor, details.department)
        await put_details(connection, actor, {}, [VehicleChange(before, details)])


async def change_vehicles(
    pool: Pool,
    actor: Actor,
    seen_revisions: Mapping[str, int],
    values: Mapping[VehicleField, Any],
    *,
    new_department: bool = False,
) -> int:
    """Give many vehicles the same values of some fields, all or none; returns how many changed.

    `seen_revisions` are those of the vehicles that the actor saw, by their ids, and
    `new_department` says that they may get a department that no vehicle is of yet.

    Raises:
        NewDepartmentError: no vehicle is of their new department, and it may be no new one.
        NoVehicleError: one of them does not exist.
        ChangedMeanwhileError: some have another revision now.
        DetailsRefusedError: something of one of them cannot be.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        await lock_inventory(connection)
        found = await registered_vehicles(connection, list(seen_revisions))
        if missing := seen_revisions.keys() - {one.vehicle_id for one in found}:
            raise NoVehicleError(min(missing))
        moved = [one for one in found if one.revision != seen_revisions[one.vehicle_id]]
        if moved:
            raise ChangedMeanwhileError(moved)
        changes = [VehicleChange(one, one.details.with_values(values)) for one in found]
        changes = [one for one in changes if one.before.details != one.details]
        for one in changes:
            await _check(connection, one.details)
            actor.require_department(one.before.details.department)
        if changes and not new_department and VehicleField.DEPARTMENT in values:
            await _refuse_new_department(connection, actor, changes[0].details.department)
        await put_details(connection, actor, {}, changes)
    return len(changes)


async def retire_vehicle(pool: Pool, actor: Actor, vehicle_id: str, since: date) -> None:
    """Retire a vehicle: from the day `since` on it is no longer in the fleet. Its past stays.

    Raises:
        NoVehicleError: there is no such vehicle.
        RetiredDayError: the day is before the first day of the vehicle, or too far away.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        await _set_retired(connection, actor, await _locked(connection, vehicle_id), since)


async def take_back_within(
    connection: PooledConnection, actor: Actor, vehicle_id: str, *, left_on: date | None = None
) -> None:
    """Take a vehicle that was retired back into the fleet, in the transaction of another act.
    `left_on`: only if it left on that day.

    Raises:
        NoVehicleError: there is no such vehicle.
        PlateTakenError: another vehicle has its registration number by now.
    """
    actor.require(Permission.REGISTER_CHANGE)
    before = await _locked(connection, vehicle_id)
    if left_on is None or before.retired_at == left_on:
        await _set_retired(connection, actor, before, None)


async def retire_within(
    connection: PooledConnection,
    actor: Actor,
    vehicle_id: str,
    since: date,
    *,
    unless_retired: bool = False,
) -> None:
    """Retire a vehicle as part of another act, in its transaction. `unless_retired`: one that has
    left the fleet by then keeps its day.

    Raises:
        NoVehicleError: there is no such vehicle.
        RetiredDayError: the day is before the first day of the vehicle, or too far away.
    """
    actor.require(Permission.REGISTER_CHANGE)
    before = await _locked(connection, vehicle_id)
    if not unless_retired or before.is_in_fleet(since):
        await _set_retired(connection, actor, before, since)


async def move_within(
    connection: PooledConnection, actor: Actor, vehicle_id: str, depot_id: str, department: str
) -> None:
    """Give a vehicle another depot as part of another act, in its transaction; "": it keeps its
    department.

    Raises:
        NoVehicleError: there is no such vehicle.
        DetailsRefusedError: there is no such depot any more.
    """
    actor.require(Permission.REGISTER_CHANGE)
    before = await _locked(connection, vehicle_id)
    values: dict[VehicleField, Any] = {VehicleField.DEPOT: depot_id}
    if department:
        values[VehicleField.DEPARTMENT] = department
    details = before.details.with_values(values)
    await _check(connection, details)
    if details != before.details:
        await put_details(connection, actor, {}, [VehicleChange(before, details)])


async def plate_holder(
    database: Pool | PooledConnection, vehicle_id: str | None, plate: str | None
) -> str | None:
    """The name of another vehicle of the fleet that has the registration number; None: there is
    none. `vehicle_id` is None for a new vehicle."""
    if plate is None:
        return None
    other = await database.fetchrow(SQL["others_with_plate"], vehicle_id or "", plate)
    return None if other is None else other["name"]


async def lock_inventory(connection: PooledConnection) -> None:
    """Wait for others who change what is registered of vehicles, and have those who come later wait
    until the transaction ends: what is read from now on stays as it is."""
    await connection.execute(SQL["lock_inventory"])


async def put_details(
    connection: PooledConnection,
    actor: Actor,
    new: Mapping[str, VehicleDetails],
    changes: Sequence[VehicleChange],
) -> None:
    """Store new vehicles by their ids and changes of others, with the history of each. Kinds that
    only the product ships are added.

    Call it in the transaction that locked the inventory and checked them.

    Raises:
        NotAllowedError: the actor does not act for one of the departments.
    """
    actor.require(Permission.REGISTER_CHANGE)
    for details in (*new.values(), *(one.details for one in changes)):
        actor.require_department(details.department)
    for one in changes:
        actor.require_department(one.before.details.department)
    await _add_kinds(
        connection, actor, {*(d.kind for d in new.values()), *(c.details.kind for c in changes)}
    )
    await connection.executemany(SQL["add_vehicle"], [_row(*pair) for pair in new.items()])
    await connection.executemany(
        SQL["change_vehicle"], [_row(one.before.vehicle_id, one.details) for one in changes]
    )
    for vehicle_id, details in new.items():
        content = {f.value: details.of(f) for f in VehicleField if details.of(f) is not None}
        await _record(connection, actor, vehicle_id, content | {"added": True})
    for one in changes:
        changed = one.before.details.changes_to(one.details)
        content = {field.value: value for field, value in changed.items()}
        before = {field.value: one.before.details.of(field) for field in changed}
        await _record(connection, actor, one.before.vehicle_id, content, before)


async def _record(
    connection: PooledConnection,
    actor: Actor,
    vehicle_id: str,
    content: Mapping[str, object],
    before: Mapping[str, object] | None = None,
) -> None:
    if content:
        await record_change(connection, actor, RegisterSubject.VEHICLE, vehicle_id, content, before)


async def _set_retired(
    connection: PooledConnection, actor: Actor, before: RegisteredVehicle, since: date | None
) -> None:
    actor.require_department(before.details.department)
    if before.retired_at == since:
        return
    if since is None:
        await _refuse_taken_plate(connection, before.vehicle_id, before.details.plate)
    else:
        first = await connection.fetchval(SQL["first_day"], before.vehicle_id) or EARLIEST_DAY
        if not first <= since <= LATEST_DAY:
            raise RetiredDayError(since, first)
    await connection.execute(SQL["retire"], before.vehicle_id, since)
    was = {RETIRED_AT: before.retired_at}
    await _record(connection, actor, before.vehicle_id, {RETIRED_AT: since}, was)


async def _locked(connection: PooledConnection, vehicle_id: str) -> RegisteredVehicle:
    await lock_inventory(connection)
    found = await registered_vehicle(connection, vehicle_id)
    if found is None:
        raise NoVehicleError(vehicle_id)
    return found


async def _check(connection: PooledConnection, details: VehicleDetails) -> None:
    found = faults(details, local_now().date())
    known = await connection.fetchval(SQL["kind_exists"], details.kind)
    if details.kind and not known and details.kind not in _starter_kinds():
        found.append(FieldFault(VehicleField.KIND, Fault.UNKNOWN))
    if details.depot_id and not await connection.fetchval(SQL["depot_exists"], details.depot_id):
        found.append(FieldFault(VehicleField.DEPOT, Fault.UNKNOWN))
    if found:
        raise DetailsRefusedError(details.name, found)


async def _refuse_new_department(
    connection: PooledConnection, actor: Actor, department: str
) -> None:
    """Refuse a department that no vehicle is of, but for the first vehicle of all."""
    actor.require_department(department)
    if await connection.fetchval(SQL["is_new_department"], department):
        raise NewDepartmentError(department)


async def _refuse_taken_plate(
    connection: PooledConnection, vehicle_id: str, plate: str | None
) -> None:
    holder = await plate_holder(connection, vehicle_id, plate)
    if plate is not None and holder is not None:
        raise PlateTakenError(plate, holder)


async def _free_id(connection: PooledConnection, details: VehicleDetails) -> str:
    """An id that no vehicle has: the registration number, or the name, if need be with a number."""
    wanted = details.plate or re.sub(r"[^\w-]+", "-", details.name.casefold()).strip("-")
    wanted = wanted[:_ID_MAX] or "vehicle"
    taken = {row["vehicle_id"] for row in await connection.fetch(SQL["ids_like"], wanted)}
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(one for one in numbered if one not in taken)


def _starter_kinds() -> Collection[str]:
    return {kind.kind for kind in starter_catalogue()}


async def _add_kinds(connection: PooledConnection, actor: Actor, kinds: Iterable[str]) -> None:
    """Add the kinds that only the product ships, as part of the act that registers vehicles of
    them."""
    by_id = {kind.kind: kind for kind in starter_catalogue()}
    for kind in sorted(set(kinds)):
        if kind in by_id and not await connection.fetchval(SQL["kind_exists"], kind):
            await put_kind_within(connection, actor, by_id[kind])


def _row(vehicle_id: str, details: VehicleDetails) -> tuple[Any, ...]:
    """The parameters of the statements `add_vehicle` and `change_vehicle`."""
    return (
        vehicle_id,
        *(details.name, details.plate, details.make, details.model, details.model_year),
        *(details.first_registered, details.kind, details.department, details.depot_id),
        *(details.measured_in, details.contract_start, details.contract_end),
        *(details.contract_km, details.cost_kr_year, details.sale_value_kr, details.exit_cost_kr),
        *(details.mileage_km, details.mileage_day),
    )
