"""The vehicles of the register with their trip classes, and the fleet unit's rulings on them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import asyncpg

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.names.order import name_order
from fleet.period import Period
from fleet.vehicle import Energy
from register.history import RegisterSubject, record_change

SQL = statements("vehicle")
DEVICE_SQL = statements("device")
RULING_SQL = statements("ruling")

#: The measure of machines: engine hours, and not km.
MEASURED_IN_HOURS = "hours"


class NoVehicleError(ExpectedError, LookupError):
    """There is no such vehicle."""

    def __init__(self, vehicle_id: str) -> None:
        super().__init__(f"there is no vehicle {vehicle_id}")


class RuledToStayError(ExpectedError, ValueError):
    """It was ruled that a vehicle stays of which somebody accepts that it leaves, or which they let
    go in place of another one."""


class LeavingAcceptedError(ExpectedError, ValueError):
    """It was accepted that the vehicle leaves, so it cannot be ruled that it stays: the acceptance
    is taken back first, on the proposal with the id `proposal_id`."""

    def __init__(self, vehicle_id: str, proposal_id: int) -> None:
        super().__init__(
            f"{vehicle_id}: it was accepted that it leaves; say reopened on proposal {proposal_id}"
            " first"
        )
        self.proposal_id = proposal_id


class NeedError(ValueError):
    """A ruling states a need that the vehicle's kind does not offer."""


class Ruling(StrEnum):
    """The rulings of the fleet unit on a vehicle: it stays, it may go, or the rules decide."""

    STAY = "stay"
    GO = "go"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A vehicle of the fleet, with the names of its kind and its depot.

    `name` is the one by which people are shown it, which is no other vehicle's. `device` is the
    tracker that sits in it now, or, if `is_logged`, the driving log that stands in
    for one. The device was last heard at `last_heard`. A vehicle without a device has None, False
    and None. From the day `retired_at` on it is no longer in the fleet.
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
    retired_at: date | None = None

    @property
    def by_hours(self) -> bool:
        """Whether it is a machine, which is measured in engine hours and not in km."""
        return self.measured_in == MEASURED_IN_HOURS


@dataclass(frozen=True, slots=True)
class VehicleFilter:
    """A filter of vehicles; None means any. A reader sees those of some `departments` only."""

    department: str | None = None
    depot_id: str | None = None
    kind: str | None = None
    vehicle_id: str | None = None
    departments: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class FleetChoices:
    """The values by which people can filter vehicles; kinds are pairs of id and name, by name."""

    departments: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class VehicleTripClass:
    """The trip class of a vehicle: its own, or that of its kind if `own` is None.

    `refinding` is true while the stored trips are those of another class, measure or depot.
    """

    own: str | None
    of_kind: str
    refinding: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivenVehicle:
    """A vehicle of the fleet with its trips and km in a period, and the ruling in force on it.

    `needs` are the capabilities that its trips need; None means all that its kind offers.
    `registered_on` is the day of its first registration, or the first of its model year. The three
    amounts are those of `register.inventory.details`; None where the register has none.
    """

    vehicle_id: str
    name: str
    department: str
    kind: str
    kind_name: str
    depot_id: str
    depot_name: str
    measured_in: str
    contract_end: date | None
    registered_on: date | None
    mileage_km: float | None
    needs: frozenset[str] | None
    ruling: Ruling
    trips: int
    km: float
    cost_kr_year: float | None = None
    sale_value_kr: float | None = None
    exit_cost_kr: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingEntry:
    """A ruling in a vehicle's history; `needs` is None for all that its kind offers."""

    ruling: Ruling
    needs: tuple[str, ...] | None
    reason: str
    actor: str
    at: datetime


async def vehicles(
    connection: Pool | PooledConnection,
    chosen: VehicleFilter | None = None,
    on: date | None = None,
) -> list[Vehicle]:
    """The chosen vehicles of the fleet, or all of them, in the order of their ids.

    The fleet is that of the day `on`, without one that of today. A vehicle that is chosen by its id
    may have left the fleet.
    """
    wanted = chosen or VehicleFilter()
    seen = wanted.departments
    rows = await connection.fetch(
        SQL["vehicles"],
        wanted.department,
        wanted.depot_id,
        wanted.kind,
        wanted.vehicle_id,
        on,
        None if seen is None else sorted(seen),
    )
    return [_vehicle(row) for row in rows]


async def fleet_choices(pool: Pool) -> FleetChoices:
    """The values by which people can filter the vehicles of the fleet."""
    row = await pool.fetchrow(SQL["filter_choices"])
    assert row is not None
    kinds = sorted(
        ((kind, name) for kind, name in row["kinds"]), key=lambda pair: name_order(pair[1])
    )
    return FleetChoices(tuple(sorted(row["departments"], key=name_order)), tuple(kinds))


async def vehicle_name(pool: Pool, vehicle_id: str) -> str | None:
    """The name of a vehicle, which may have left the fleet; None if there is no such vehicle."""
    return await pool.fetchval(SQL["vehicle_name"], vehicle_id)


async def refuse_unknown_vehicle(pool: Pool, vehicle_id: str) -> None:
    """Refuse an id that is no vehicle's; one that left the fleet is known.

    Raises:
        NoVehicleError: there is no such vehicle.
    """
    if not await pool.fetchval(DEVICE_SQL["vehicle_exists"], vehicle_id):
        raise NoVehicleError(vehicle_id)


@unscoped
async def trip_class_of(pool: Pool, vehicle_id: str) -> VehicleTripClass:
    """The trip class of a vehicle that the caller has seen. What its tracker sat in before, which
    may be of others, bears on whether its trips are to be found again.

    Raises:
        NoVehicleError: there is no such vehicle.
    """
    row = await pool.fetchrow(SQL["trip_class"], vehicle_id)
    if row is None:
        raise NoVehicleError(vehicle_id)
    return VehicleTripClass(row["own"], row["of_kind"], row["refinding"])


async def set_trip_class(pool: Pool, actor: Actor, vehicle_id: str, trip_class: str | None) -> None:
    """Set a vehicle's own trip class, or None for that of its kind.

    The trip service then detects its trips again.

    Raises:
        NoVehicleError: there is no such vehicle.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        before = await connection.fetchrow(SQL["set_trip_class"], vehicle_id, trip_class)
        if before is None:
            raise NoVehicleError(vehicle_id)
        content = {"trip_class": trip_class}
        await record_change(
            connection, actor, RegisterSubject.VEHICLE, vehicle_id, content, dict(before)
        )


async def driven_vehicles(
    pool: Pool, period: Period, vehicle_id: str | None = None
) -> list[DrivenVehicle]:
    """Every vehicle of the fleet, or one, with its use in a period, in the order of the ids."""
    rows = await pool.fetch(SQL["vehicles_driven"], period.start, period.end, vehicle_id)
    return [_driven(row) for row in rows]


async def kind_offers(connection: Pool | PooledConnection, vehicle_id: str) -> frozenset[str]:
    """The capabilities that the kind of a vehicle offers.

    Raises:
        NoVehicleError: there is no such vehicle.
    """
    offers = await connection.fetchval(RULING_SQL["offers_of_kind"], vehicle_id)
    if offers is None:
        raise NoVehicleError(vehicle_id)
    return frozenset(offers)


async def rulings(pool: Pool, vehicle_id: str) -> list[RulingEntry]:
    """The rulings on a vehicle, the latest first."""
    return [_ruling(row) for row in await pool.fetch(RULING_SQL["rulings"], vehicle_id)]


async def ruled_to_stay(pool: Pool, vehicle_ids: Collection[str]) -> dict[str, RulingEntry]:
    """The ruling in force that it stays, of each of some vehicles that has one."""
    rows = await pool.fetch(RULING_SQL["ruled_to_stay"], list(vehicle_ids)) if vehicle_ids else ()
    return {row["vehicle_id"]: _ruling(row) for row in rows}


def _ruling(row: asyncpg.Record) -> RulingEntry:
    return RulingEntry(
        ruling=Ruling(row["ruling"]),
        needs=None if row["needs"] is None else tuple(row["needs"]),
        reason=row["reason"],
        actor=row["actor"],
        at=row["at"],
    )


async def rule_vehicle(
    pool: Pool,
    actor: Actor,
    vehicle_id: str,
    ruling: Ruling,
    needs: Collection[str] | None,
    reason: str,
) -> None:
    """Rule that a vehicle stays, may go or is left to the rules, and set the needs of its trips.

    `needs` is None for all that its kind offers. The ruling is added to the vehicle's history.

    Raises:
        NoVehicleError: there is no such vehicle.
        NeedError: its kind does not offer one of the needs.
        LeavingAcceptedError: it is to stay, and it was accepted that it leaves.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(RULING_SQL["one_decision_at_a_time"])
        await rule_within(connection, actor, vehicle_id, ruling, needs, reason)


async def rule_within(
    connection: PooledConnection,
    actor: Actor,
    vehicle_id: str,
    ruling: Ruling,
    needs: Collection[str] | None,
    reason: str,
) -> None:
    """Rule as `rule_vehicle` does, within the transaction of an act that has waited for other
    decisions."""
    actor.require(Permission.REGISTER_CHANGE)
    if beyond := set(needs or ()) - await kind_offers(connection, vehicle_id):
        raise NeedError(f"{vehicle_id}: {', '.join(sorted(beyond))}")
    if ruling is Ruling.STAY:
        leaving = await leaving_accepted(connection, vehicle_id)
        if leaving is not None:
            raise LeavingAcceptedError(vehicle_id, leaving)
    await _rule(connection, actor, vehicle_id, ruling, needs, reason)


async def leaving_accepted(connection: Pool | PooledConnection, vehicle_id: str) -> int | None:
    """The proposal on which it is taken back that the vehicle leaves; None: that is not accepted,
    or carried out in an earlier round."""
    return await connection.fetchval(RULING_SQL["leaving_accepted"], vehicle_id)


async def refuse_ruled_to_stay(connection: PooledConnection, vehicle_id: str) -> None:
    """Raises RuledToStayError where the ruling in force on a vehicle is that it stays."""
    before = await connection.fetchrow(RULING_SQL["ruling_in_force"], vehicle_id)
    if before is not None and before["ruling"] == Ruling.STAY.value:
        raise RuledToStayError(f"{vehicle_id}: it was ruled that it stays")


async def let_go_within(
    connection: PooledConnection, actor: Actor, vehicle_id: str, reason: str
) -> None:
    """Rule within the caller's transaction that a vehicle may go. The needs of its trips stay.

    Raises:
        NoVehicleError: there is no such vehicle.
        RuledToStayError: the ruling in force is that it stays.
    """
    actor.require(Permission.REGISTER_CHANGE)
    row = await connection.fetchrow(RULING_SQL["needs_of"], vehicle_id)
    if row is None:
        raise NoVehicleError(vehicle_id)
    await refuse_ruled_to_stay(connection, vehicle_id)
    await _rule(connection, actor, vehicle_id, Ruling.GO, row["needs"], reason)


async def _rule(
    connection: PooledConnection,
    actor: Actor,
    vehicle_id: str,
    ruling: Ruling,
    needs: Collection[str] | None,
    reason: str,
) -> None:
    kept = None if needs is None else sorted(needs)
    before = await connection.fetchrow(RULING_SQL["ruling_in_force"], vehicle_id)
    await connection.execute(
        RULING_SQL["add_ruling"], vehicle_id, ruling.value, kept, reason, str(actor)
    )
    await record(
        connection,
        actor,
        Act.RULED,
        Subject.VEHICLE,
        vehicle_id,
        {"ruling": ruling.value, "needs": kept, "reason": reason},
        before=None if before is None else dict(before),
    )


def _driven(row: asyncpg.Record) -> DrivenVehicle:
    return DrivenVehicle(
        vehicle_id=row["vehicle_id"],
        name=row["name"],
        department=row["department"],
        kind=row["kind"],
        kind_name=row["kind_name"],
        depot_id=row["depot_id"],
        depot_name=row["depot_name"],
        measured_in=row["measured_in"],
        contract_end=row["contract_end"],
        registered_on=row["registered_on"],
        mileage_km=row["mileage_km"],
        needs=None if row["needs"] is None else frozenset(row["needs"]),
        ruling=Ruling(row["ruling"]),
        trips=row["trips"],
        km=row["km"],
        cost_kr_year=row["cost_kr_year"],
        sale_value_kr=row["sale_value_kr"],
        exit_cost_kr=row["exit_cost_kr"],
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """The departments of an actor, with the vehicles of these, retired ones among them, and the
    depots of those vehicles."""

    departments: frozenset[str]
    vehicle_ids: frozenset[str]
    depot_ids: frozenset[str]


async def scope_of(connection: Pool | PooledConnection, reader: Actor) -> Scope | None:
    """What an actor of some departments sees; None: the actor sees all of them."""
    if reader.departments is None:
        return None
    row = await connection.fetchrow(SQL["scope"], sorted(reader.departments))
    assert row is not None
    return Scope(reader.departments, frozenset(row["vehicle_ids"]), frozenset(row["depot_ids"]))


async def refuse_other_departments(
    connection: Pool | PooledConnection, who: Actor, vehicle_id: str
) -> None:
    """Check that a vehicle belongs to a department of the actor's, or that there is none.

    Raises:
        NotAllowedError: it belongs to another department.
    """
    department = await connection.fetchval(SQL["department"], vehicle_id)
    if department is not None:
        who.require_department(department)


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
        retired_at=row["retired_at"],
    )
