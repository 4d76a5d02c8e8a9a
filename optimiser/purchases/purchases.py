"""The purchases, and the acts of recording, changing and withdrawing one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.localtime import local_now
from fleet.vehicle import GREEN_ENERGIES, Energy
from optimiser.purchases.faults import (
    KR_MAX,
    NAME_MAX,
    Fault,
    FieldFault,
    FieldsRefusedError,
    NoPurchaseError,
    NotApprovedError,
    PurchaseChangedError,
    PurchaseTakenError,
    day_faults,
    number_faults,
    text_faults,
)
from optimiser.purchases.principles import Principle
from optimiser.purchases.requests import Change, RequestState

SQL = statements("purchase")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPurchase:
    """A vehicle that was bought (`price_kr`) or leased (`lease_kr_year`), and by which principle.
    Its energy is that of its kind; `not_green` says why that is none that is green. `vehicle_id`:
    None until it is in the register."""

    bought_on: date
    kind: str
    department: str
    price_kr: float | None
    lease_kr_year: float | None
    principle: Principle
    reason: str
    not_green: str = ""
    vehicle_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A purchase as it is recorded. It counts unless it was `withdrawn`, of which that is the
    reason."""

    purchase_id: int
    request_id: int | None
    bought_on: date
    vehicle_id: str | None
    vehicle_name: str | None
    kind: str
    kind_name: str
    energy: Energy
    department: str
    price_kr: float | None
    lease_kr_year: float | None
    principle: Principle
    reason: str
    not_green: str
    recorded_by: str
    recorded_at: datetime
    withdrawn: str
    revision: int

    @property
    def counts(self) -> bool:
        return not self.withdrawn


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A vehicle that is new since a day, and of which no purchase is recorded."""

    vehicle_id: str
    name: str
    since: date


async def purchases(connection: Pool | PooledConnection) -> Sequence[Purchase]:
    """Every purchase that may be seen, those that were withdrawn among them, the latest first."""
    return [_purchase(row) for row in await connection.fetch(SQL["purchases"], None)]


async def purchase_of(connection: Pool | PooledConnection, purchase_id: int) -> Purchase | None:
    """One purchase; None: there is none, or it may not be seen."""
    row = await connection.fetchrow(SQL["purchases"], purchase_id)
    return None if row is None else _purchase(row)


async def purchase_history(pool: Pool, purchase_id: int) -> Sequence[Change]:
    """The changes of a purchase, the latest first."""
    return [Change(**row) for row in await pool.fetch(SQL["purchase_changes"], purchase_id)]


async def unrecorded(pool: Pool, since: date) -> Sequence[Unrecorded]:
    """The vehicles that are new since a day, and of which no purchase is recorded."""
    return [Unrecorded(**row) for row in await pool.fetch(SQL["unrecorded"], since)]


@unscoped
async def record_new(
    pool: Pool, actor: Actor, bought: NewPurchase, request_id: int | None = None
) -> int:
    """Record a purchase, of a request that was approved or by itself; returns it.

    Raises:
        FieldsRefusedError: something of it cannot be.
        NotApprovedError: the request was not approved, or has a purchase already.
        PurchaseTakenError: a purchase of the vehicle is recorded already.
    """
    actor.require(Permission.PURCHASES_DECIDE)
    async with pool.acquire() as connection, connection.transaction():
        await _require_approved(connection, request_id)
        energy = await _checked(connection, bought, None)
        content = _content(bought, energy)
        purchase_id = await connection.fetchval(
            SQL["add_purchase"], request_id, *_values(bought, energy), str(actor)
        )
        if request_id is not None:
            content["request_id"] = request_id
        await _record(connection, actor, purchase_id, Act.CHANGED, content, {})
    return purchase_id


@unscoped
async def change_purchase(
    pool: Pool, actor: Actor, purchase_id: int, bought: NewPurchase, *, seen: int
) -> None:
    """Correct a purchase. `seen` is the revision that the actor saw.

    Raises:
        NoPurchaseError: there is none.
        PurchaseChangedError: it has another revision now, or was withdrawn.
        FieldsRefusedError, PurchaseTakenError: as `record_new`.
    """
    actor.require(Permission.PURCHASES_DECIDE)
    async with pool.acquire() as connection, connection.transaction():
        row = await _locked(connection, purchase_id, seen)
        energy = await _checked(connection, bought, purchase_id, kept=row)
        before, content = _stored(row), _content(bought, energy)
        changed = {name: value for name, value in content.items() if value != before[name]}
        if not changed:
            return
        values = _values(bought, energy)
        await connection.execute(SQL["change_purchase"], purchase_id, *values)
        await _record(connection, actor, purchase_id, Act.CHANGED, changed, before)


@unscoped
async def withdraw_purchase(
    pool: Pool, actor: Actor, purchase_id: int, reason: str, *, seen: int
) -> None:
    """Say why a purchase counts no more. Its request can then have another one.

    Raises:
        NoPurchaseError: there is none.
        PurchaseChangedError: it has another revision now, or was withdrawn.
        FieldsRefusedError: no reason is given.
    """
    actor.require(Permission.PURCHASES_DECIDE)
    if found := text_faults("withdrawn", reason):
        raise FieldsRefusedError(found)
    async with pool.acquire() as connection, connection.transaction():
        await _locked(connection, purchase_id, seen)
        await connection.execute(SQL["withdraw_purchase"], purchase_id, reason.strip())
        content = {"withdrawn": reason.strip()}
        await _record(connection, actor, purchase_id, Act.CANCELLED, content, {})


async def _require_approved(connection: PooledConnection, request_id: int | None) -> None:
    if request_id is None:
        return
    row = await connection.fetchrow(SQL["lock_request"], request_id)
    if row is None or row["state"] != RequestState.APPROVED:
        raise NotApprovedError(f"request {request_id} was not approved")
    if (known := await connection.fetchval(SQL["purchase_of_request"], request_id)) is not None:
        raise NotApprovedError(f"purchase {known} is recorded of request {request_id} already")


async def _checked(
    connection: PooledConnection,
    bought: NewPurchase,
    purchase_id: int | None,
    kept: asyncpg.Record | None = None,
) -> Energy:
    """The energy of a purchase, if it can be recorded. That of one whose kind is `kept` stays,
    should the kind run on another now."""
    found = _plain_faults(bought)
    kind = await connection.fetchrow(SQL["kind"], bought.kind)
    energy = Energy.ELECTRIC
    if kind is None:
        found.append(FieldFault("kind", Fault.UNKNOWN))
    else:
        same = kept is not None and kept["kind"] == bought.kind
        energy = Energy(kept["energy"] if kept is not None and same else kind["energy"])
        if energy not in GREEN_ENERGIES and not bought.not_green.strip():
            found.append(FieldFault("not_green", Fault.SAY_WHY_NOT_GREEN))
    if not await connection.fetchval(SQL["is_department"], bought.department):
        found.append(FieldFault("department", Fault.UNKNOWN))
    if bought.vehicle_id is not None:
        vehicle = await connection.fetchrow(SQL["vehicle"], bought.vehicle_id)
        if vehicle is None:
            found.append(FieldFault("vehicle_id", Fault.UNKNOWN))
        elif kind is not None and vehicle["kind"] != bought.kind:
            found.append(FieldFault("kind", Fault.KIND_DIFFERS))
    if found:
        raise FieldsRefusedError(found)
    if bought.vehicle_id is not None:
        # Two who record the same vehicle at once wait for each other.
        await connection.execute(SQL["hold_vehicle"], bought.vehicle_id)
        other = await connection.fetchval(
            SQL["purchase_of_vehicle"], bought.vehicle_id, purchase_id
        )
        if other is not None:
            raise PurchaseTakenError(other)
    return energy


def _plain_faults(bought: NewPurchase) -> list[FieldFault]:
    """What is wrong with a purchase whatever the register says."""
    found = [
        *day_faults("bought_on", bought.bought_on, today=local_now().date(), ahead=False),
        *text_faults("reason", bought.reason),
        *text_faults("not_green", bought.not_green, needed=False),
    ]
    if len(bought.department) > NAME_MAX:
        found.append(FieldFault("department", Fault.TOO_LONG, most=NAME_MAX))
    if (bought.price_kr is None) == (bought.lease_kr_year is None):
        found.append(FieldFault("price_kr", Fault.ONE_AMOUNT))
    for name, amount in (("price_kr", bought.price_kr), ("lease_kr_year", bought.lease_kr_year)):
        if amount is not None:
            found += number_faults(name, amount, 0, KR_MAX)
    return found


async def _locked(connection: PooledConnection, purchase_id: int, seen: int) -> asyncpg.Record:
    """A purchase that counts, until the transaction ends."""
    row = await connection.fetchrow(SQL["lock_purchase"], purchase_id)
    if row is None:
        raise NoPurchaseError(f"there is no purchase {purchase_id}")
    if row["withdrawn"] or row["revision"] != seen:
        raise PurchaseChangedError(f"somebody changed purchase {purchase_id} meanwhile")
    return row


def _values(bought: NewPurchase, energy: Energy) -> tuple[object, ...]:
    """The values of a purchase in the order of the statements."""
    return (
        bought.bought_on,
        bought.vehicle_id,
        bought.kind,
        energy.value,
        bought.department,
        bought.price_kr,
        bought.lease_kr_year,
        bought.principle.value,
        bought.reason.strip(),
        "" if energy in GREEN_ENERGIES else bought.not_green.strip(),
    )


_NAMES = (
    *("bought_on", "vehicle_id", "kind", "energy", "department", "price_kr", "lease_kr_year"),
    *("principle", "reason", "not_green"),
)


def _content(bought: NewPurchase, energy: Energy) -> dict[str, object]:
    """A purchase as its history keeps it."""
    content = dict(zip(_NAMES, _values(bought, energy), strict=True))
    return {**content, "bought_on": bought.bought_on.isoformat()}


def _stored(row: asyncpg.Record) -> dict[str, object]:
    return {**{name: row[name] for name in _NAMES}, "bought_on": row["bought_on"].isoformat()}


async def _record(
    connection: PooledConnection,
    actor: Actor,
    purchase_id: int,
    act: Act,
    content: Mapping[str, object],
    before: Mapping[str, object],
) -> None:
    told = {name: value for name, value in content.items() if value not in (None, "") or before}
    await connection.execute(SQL["record_purchase"], purchase_id, told, str(actor))
    await record(connection, actor, act, Subject.PURCHASE, purchase_id, told, before=before or None)


def _purchase(row: asyncpg.Record) -> Purchase:
    values: dict[str, Any] = dict(row)
    values["energy"] = Energy(row["energy"])
    values["principle"] = Principle(row["principle"])
    return Purchase(**values)
