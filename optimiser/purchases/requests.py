"""The requests for vehicles, and the acts of asking and of withdrawing what was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import asyncpg

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.localtime import local_now
from fleet.vehicle import Energy
from optimiser.purchases.check import KeptCheck
from optimiser.purchases.faults import (
    NAME_MAX,
    Fault,
    FieldFault,
    FieldsRefusedError,
    NoRequestError,
    RequestAnsweredError,
    day_faults,
    number_faults,
    text_faults,
)
from optimiser.purchases.principles import Principle
from register.vehicles import Scope, scope_of

SQL = statements("purchase")

#: The most days of a week.
DAYS_WEEK_MAX = 7


class RequestState(StrEnum):
    """What became of a request, as the table names it."""

    OPEN = "open"
    APPROVED = "approved"
    #: A vehicle of the fleet was offered instead.
    OFFERED = "offered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """A request for a vehicle of a kind, or of any kind that offers `needs`. `replaces` is the id
    of the vehicle in whose place it comes."""

    department: str
    depot_id: str
    kind: str | None
    needs: frozenset[str]
    energy: Energy
    wanted_from: date
    days_week: float
    reason: str
    replaces: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request with its answer. `needs` are those of its kind, where it has one. `checked` is what
    the principles said when it was answered; `purchase_id` is the purchase that followed."""

    request_id: int
    department: str
    depot_id: str
    depot_name: str
    kind: str | None
    kind_name: str | None
    needs: frozenset[str]
    energy: Energy
    wanted_from: date
    days_week: float
    reason: str
    replaces: str | None
    replaces_name: str | None
    asked_by: str
    asked_at: datetime
    state: RequestState
    answer: str
    principle: Principle | None
    approved_energy: Energy | None
    not_green: str
    offered: str | None
    offered_name: str
    offered_depot: str
    checked: KeptCheck | None
    answered_by: str | None
    answered_at: datetime | None
    revision: int
    purchase_id: int | None

    @property
    def is_open(self) -> bool:
        return self.state is RequestState.OPEN

    @property
    def awaits_purchase(self) -> bool:
        return self.state is RequestState.APPROVED and self.purchase_id is None


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a request or a purchase: what it set, by whom and when."""

    content: Mapping[str, Any]
    actor: str
    at: datetime


async def requests(connection: Pool | PooledConnection) -> Sequence[Request]:
    """Every request that may be seen, the latest first: the head of a department sees those of
    their departments."""
    return [_request(row) for row in await connection.fetch(SQL["requests"], None)]


async def request_of(connection: Pool | PooledConnection, request_id: int) -> Request | None:
    """One request; None: there is none, or it may not be seen."""
    row = await connection.fetchrow(SQL["requests"], request_id)
    return None if row is None else _request(row)


async def count_open(pool: Pool) -> int:
    """How many requests wait for an answer."""
    return await pool.fetchval(SQL["open_requests"])


async def request_history(pool: Pool, request_id: int) -> Sequence[Change]:
    """The changes of a request, the latest first."""
    return [Change(**row) for row in await pool.fetch(SQL["request_changes"], request_id)]


@unscoped
async def ask(pool: Pool, actor: Actor, asked: NewRequest) -> int:
    """Ask for a vehicle; returns the request. It waits until the fleet unit answers.

    Raises:
        NotAllowedError: the department is not the actor's.
        FieldsRefusedError: something of it cannot be.
    """
    actor.require(Permission.VEHICLES_REQUEST)
    actor.require_department(asked.department)
    today = local_now().date()
    async with pool.acquire() as connection, connection.transaction():
        scope = await scope_of(connection, actor)
        found = [*_plain_faults(asked, today), *await _known_faults(connection, asked, scope)]
        if found:
            raise FieldsRefusedError(found)
        request_id = await connection.fetchval(
            SQL["add_request"],
            asked.department,
            asked.depot_id,
            asked.kind,
            sorted(asked.needs),
            asked.energy.value,
            asked.wanted_from,
            asked.days_week,
            asked.reason.strip(),
            asked.replaces,
            str(actor),
        )
        content = {
            "department": asked.department,
            "depot_id": asked.depot_id,
            "kind": asked.kind,
            "needs": sorted(asked.needs),
            "energy": asked.energy.value,
            "wanted_from": asked.wanted_from.isoformat(),
            "days_week": asked.days_week,
            "reason": asked.reason.strip(),
            "replaces": asked.replaces,
        }
        told = {name: value for name, value in content.items() if value not in (None, [])}
        await record_request(connection, actor, request_id, Act.REQUESTED, told)
    return request_id


@unscoped
async def withdraw_request(
    pool: Pool, actor: Actor, request_id: int, reason: str, *, seen: int
) -> None:
    """Withdraw a request that nobody answered yet. `seen` is the revision that the actor saw.

    Raises:
        NoRequestError: there is none, or it is of another department.
        RequestAnsweredError: somebody answered or withdrew it.
        FieldsRefusedError: the reason is too long.
    """
    actor.require(Permission.VEHICLES_REQUEST)
    if found := text_faults("answer", reason, needed=False):
        raise FieldsRefusedError(found)
    async with pool.acquire() as connection, connection.transaction():
        row = await locked_request(connection, actor, request_id, seen)
        values = (reason.strip(), row["principle"], None, "", None, "", "", None, str(actor))
        state = RequestState.WITHDRAWN.value
        await connection.execute(SQL["answer_request"], request_id, state, *values)
        content = {"state": state, "answer": reason.strip()}
        await record_request(connection, actor, request_id, Act.CANCELLED, content)


async def locked_request(
    connection: PooledConnection, by: Actor, request_id: int, seen: int
) -> asyncpg.Record:
    """An open request of a department that somebody acts for, until the transaction ends.

    Raises:
        NoRequestError: there is none, or it is of another department.
        RequestAnsweredError: it has another revision, or is open no more.
    """
    row = await connection.fetchrow(SQL["lock_request"], request_id)
    departments = by.departments
    if row is None or (departments is not None and row["department"] not in departments):
        raise NoRequestError(f"there is no request {request_id}")
    if row["state"] != RequestState.OPEN or row["revision"] != seen:
        who = f" by {row['answered_by']}" if row["answered_by"] else ""
        raise RequestAnsweredError(f"request {request_id} is {row['state']}{who}")
    return row


async def record_request(
    connection: PooledConnection,
    by: Actor,
    request_id: int,
    act: Act,
    content: Mapping[str, object],
    beside: Mapping[str, object] | None = None,
) -> None:
    """Add a change to the history of a request. `beside` is told by the audit log only."""
    await connection.execute(SQL["record_request"], request_id, content, str(by))
    detail = {**content, **(beside or {})}
    await record(connection, by, act, Subject.VEHICLE_REQUEST, request_id, detail)


def _plain_faults(asked: NewRequest, today: date) -> list[FieldFault]:
    """What is wrong with a request whatever the register says."""
    found = [
        *text_faults("reason", asked.reason),
        *day_faults("wanted_from", asked.wanted_from, today=today, ahead=True),
        *number_faults("days_week", asked.days_week, 0, DAYS_WEEK_MAX, above=True),
    ]
    if len(asked.department) > NAME_MAX:
        found.append(FieldFault("department", Fault.TOO_LONG, most=NAME_MAX))
    return found


async def _known_faults(
    connection: PooledConnection, asked: NewRequest, scope: Scope | None
) -> list[FieldFault]:
    """What of a request the register does not know, or does not allow."""
    found: list[FieldFault] = []
    if not await connection.fetchval(SQL["is_department"], asked.department):
        found.append(FieldFault("department", Fault.UNKNOWN))
    depot = await connection.fetchrow(SQL["depot"], asked.depot_id)
    if depot is None or (scope is not None and asked.depot_id not in scope.depot_ids):
        found.append(FieldFault("depot_id", Fault.UNKNOWN))
    elif _is_closed(depot, asked.wanted_from):
        found.append(FieldFault("depot_id", Fault.CLOSED))
    if asked.kind is not None:
        kind = await connection.fetchrow(SQL["kind"], asked.kind)
        if kind is None:
            found.append(FieldFault("kind", Fault.UNKNOWN))
        elif kind["energy"] != asked.energy.value:
            found.append(FieldFault("energy", Fault.ENERGY_DIFFERS))
    if await connection.fetch(SQL["unknown_needs"], sorted(asked.needs)):
        found.append(FieldFault("needs", Fault.UNKNOWN))
    if asked.replaces is not None:
        vehicle = await connection.fetchrow(SQL["vehicle"], asked.replaces)
        if vehicle is None or (scope is not None and asked.replaces not in scope.vehicle_ids):
            found.append(FieldFault("replaces", Fault.UNKNOWN))
    return found


def _is_closed(depot: asyncpg.Record, on: date) -> bool:
    since, until = depot["active_from"], depot["active_to"]
    return (since is not None and on < since) or (until is not None and on > until)


def _request(row: asyncpg.Record) -> Request:
    values: dict[str, Any] = dict(row)
    offers, checked = values.pop("kind_offers"), values["checked"]
    values["needs"] = frozenset(offers if row["kind"] else row["needs"])
    values["energy"] = Energy(row["energy"])
    values["state"] = RequestState(row["state"])
    values["principle"] = Principle(row["principle"]) if row["principle"] else None
    approved = row["approved_energy"]
    values["approved_energy"] = Energy(approved) if approved else None
    values["checked"] = None if checked is None else KeptCheck.from_json(checked)
    return Request(**values)
