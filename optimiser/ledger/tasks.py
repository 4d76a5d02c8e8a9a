"""The acts on the tasks of accepted proposals: who does each and by when, and that it is done.

When the last step is done, the register follows: a vehicle that goes leaves it on that day, and one
that moves is of its new depot. When that step is not done after all, the vehicle comes back, and
when the vehicle comes back, the step is not done. These are the register's own acts, in the same
transaction. An actor who may not change the register says only that the step is done, and the
ledger tells what is left; the proposal is carried out when the register follows.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from access.accounts import name_key
from access.roles import ROLE_PERMISSIONS, Role
from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.localtime import latest_planned, local_day, local_now
from optimiser.depot.decision_key import Action
from optimiser.depot.decisions import Decision
from optimiser.ledger.carried_out import CarriedOutError, carry_out, take_back_done
from optimiser.ledger.steps import LAST_STEP, Step
from optimiser.rounds.decisions import (
    SharedProposalError,
    UnexplainedError,
    is_seen,
    other_departments,
)
from optimiser.studies.read_bodies import decision_of
from register.inventory.changes import move_within, retire_within, take_back_within
from register.vehicles import scope_of

SQL = statements("ledger")
ROUND_SQL = statements("round")


class NoTaskError(ExpectedError, LookupError):
    """There is no such task, or what it is of was rejected or reopened."""


class TaskChangedError(ExpectedError, ValueError):
    """Somebody changed the task after the actor saw it."""


class UnknownOwnerError(ExpectedError, ValueError):
    """Nobody with an account, and no department, has the name."""


class UnseenOwnerError(ExpectedError, ValueError):
    """Who is to do the task does not see it: its proposal is of other departments."""


class UnableOwnerError(ExpectedError, ValueError):
    """Who is to do the task may not say that it is done: they decide on no proposal, or other
    departments share it."""


class TaskDayError(ExpectedError, ValueError):
    """A task cannot be due, or done, on that day. `first`: its proposal was accepted on it, and
    nothing is carried out before."""

    def __init__(self, day: date, first: date) -> None:
        super().__init__(f"{day} is before the acceptance of the proposal on {first}, or too far")
        self.first = first


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """By when a task is to be done, and by whom: the name of an account or a department; "": nobody
    has it yet."""

    due: date
    owner: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TaskChange:
    """One change of a task: what it set, by whom and when."""

    content: Mapping[str, object]
    actor: str
    at: datetime


@unscoped
async def plan_task(pool: Pool, actor: Actor, task_id: int, plan: TaskPlan, *, seen: int) -> None:
    """Say who does a task, and by when. `seen` is the revision that the actor saw.

    Raises:
        NoTaskError: there is no such task, or the actor does not see it.
        SharedProposalError: its proposal is of other departments, too.
        TaskChangedError: it has another revision now.
        UnknownOwnerError: nobody has the owner's name.
        UnseenOwnerError: the owner does not see the task.
        UnableOwnerError: the owner may not finish the task.
        TaskDayError: the day is before the acceptance of the proposal, or too far away.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    async with pool.acquire() as connection, connection.transaction():
        row, decision = await _locked(connection, actor, task_id, seen)
        _require_day(row, plan.due, latest_planned(local_now().date()))
        owner, account_id = await _owner(connection, plan.owner, decision)
        before = {"due": row["due"].isoformat(), "owner": row["owner"], "note": row["note"]}
        content = {"due": plan.due.isoformat(), "owner": owner, "note": plan.note}
        changed = {name: value for name, value in content.items() if value != before[name]}
        if not changed:
            return
        await connection.execute(SQL["plan_task"], task_id, plan.due, owner, account_id, plan.note)
        await _record(connection, actor, row, changed, before)


@unscoped
async def finish_task(pool: Pool, actor: Actor, task_id: int, day: date, *, seen: int) -> None:
    """Say that a task was done on a day. With the last one the decision is carried out.

    Raises:
        NoTaskError: there is no such task, or the actor does not see it.
        SharedProposalError: its proposal is of other departments, too.
        TaskChangedError: it has another revision now.
        TaskDayError: the day lies ahead, or is before the acceptance of the proposal.
        RetiredDayError: the day is before the first on which anything is known of the vehicle.
        DetailsRefusedError: the vehicle moves to a depot that is not there any more.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    async with pool.acquire() as connection, connection.transaction():
        row, decision = await _locked(connection, actor, task_id, seen)
        if row["done_on"] is not None:
            raise TaskChangedError(f"task {task_id} is done")
        _require_day(row, day, local_now().date())
        await connection.execute(SQL["set_done"], task_id, day, str(actor))
        await _record(connection, actor, row, {"done_on": day.isoformat()}, {"done_on": None})
        if Step(row["step"]) is LAST_STEP[decision.action]:
            await _follow(connection, actor, decision, day)
        for done in await connection.fetch(SQL["all_done"], row["undertaking_id"]):
            await carry_out(connection, actor, done)


@unscoped
async def reopen_task(pool: Pool, actor: Actor, task_id: int, reason: str, *, seen: int) -> None:
    """Say that a task is not done after all, and why. Its proposal is not carried out then.

    A vehicle that left the register by this task comes back, if the actor may change the register.

    Raises:
        NoTaskError: there is no such task, or the actor does not see it.
        SharedProposalError: its proposal is of other departments, too.
        TaskChangedError: it has another revision now.
        UnexplainedError: no reason is given.
        CarriedOutError: its proposal was carried out, and something was decided on it or on its
            vehicle since.
        PlateTakenError: another vehicle has the registration number of the one that comes back.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    if not reason.strip():
        raise UnexplainedError("say why the task is not done after all")
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(ROUND_SQL["one_decision_at_a_time"])
        row, decision = await _locked(connection, actor, task_id, seen)
        if row["done_on"] is None:
            raise TaskChangedError(f"task {task_id} is not done")
        await _reopen(connection, actor, row, reason.strip())
        if Step(row["step"]) is LAST_STEP[decision.action]:
            await _follow_back(connection, actor, decision, row["done_on"])


@unscoped
async def take_back_vehicle(pool: Pool, actor: Actor, vehicle_id: str) -> None:
    """Take a vehicle that was retired back into the fleet.

    A proposal by which it was handed over is not carried out after all, and its task waits again.

    Raises:
        NoVehicleError: there is no such vehicle.
        PlateTakenError: another vehicle has its registration number by now.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(ROUND_SQL["one_decision_at_a_time"])
        await take_back_within(connection, actor, vehicle_id)
        task_id = await connection.fetchval(SQL["hand_over_of"], vehicle_id)
        row = None if task_id is None else await connection.fetchrow(SQL["lock_task"], task_id)
        if row is None:
            return
        # Where something was decided since, that stands: the vehicle was taken back for another
        # reason.
        with suppress(CarriedOutError):
            await _reopen(connection, actor, row, "")


async def task_history(pool: Pool, task_id: int) -> list[TaskChange]:
    """The changes of a task, the latest first."""
    return [
        TaskChange(_with_days(row["content"]), row["actor"], row["at"])
        for row in await pool.fetch(SQL["task_changes"], task_id)
    ]


def _with_days(content: Mapping[str, str | None]) -> Mapping[str, object]:
    """The values of a change with days as days, which are stored as texts."""
    return {
        name: date.fromisoformat(value) if name in ("due", "done_on") and value else value
        for name, value in content.items()
    }


async def _reopen(
    connection: PooledConnection, actor: Actor, row: asyncpg.Record, reason: str
) -> None:
    if row["is_done"]:
        await take_back_done(connection, actor, row, reason)
    await connection.execute(SQL["set_done"], row["task_id"], None, None)
    content = {"done_on": None} | ({"reason": reason} if reason else {})
    await _record(connection, actor, row, content, {"done_on": row["done_on"].isoformat()})


async def _locked(
    connection: PooledConnection, actor: Actor, task_id: int, seen: int
) -> tuple[asyncpg.Record, Decision]:
    """The task and its decision, until the transaction ends."""
    row = await connection.fetchrow(SQL["lock_task"], task_id)
    scope = await scope_of(connection, actor)
    decision = None if row is None else decision_of(row["content"])
    if row is None or decision is None or not is_seen(decision, scope):
        raise NoTaskError(f"there is no task {task_id}")
    if scope is not None and other_departments(decision, scope.departments):
        raise SharedProposalError(actor)
    if row["revision"] != seen:
        raise TaskChangedError(f"somebody changed task {task_id} meanwhile")
    return row, decision


def _require_day(row: asyncpg.Record, day: date, last: date) -> None:
    """Raises TaskDayError where a day is before the acceptance of the task's proposal, or after
    `last`."""
    first = local_day(row["accepted_at"])
    if not first <= day <= last:
        raise TaskDayError(day, first)


async def departments_that_see(
    connection: Pool | PooledConnection, decision: Decision
) -> frozenset[str]:
    """The departments whose heads see a decision, as `is_seen` has it."""
    if decision.vehicle_id is not None:
        department = await connection.fetchval(SQL["department_of"], decision.vehicle_id)
        return frozenset({department} if department else ())
    if decision.departments:
        return frozenset(decision.departments)
    rows = await connection.fetch(SQL["departments_at"], decision.depot_id)
    return frozenset(row["department"] for row in rows)


def may_do(decision: Decision, role: Role, departments: frozenset[str]) -> bool:
    """Whether somebody of a role, a head of these `departments`, may finish the tasks of a decision
    that they see."""
    if Permission.PROPOSALS_DECIDE not in ROLE_PERMISSIONS[role]:
        return False
    return role is not Role.DEPARTMENT_HEAD or not other_departments(decision, departments)


async def departments_that_do(
    connection: Pool | PooledConnection, decision: Decision
) -> frozenset[str]:
    """The departments whose heads see a decision and may finish its tasks."""
    return frozenset(
        one
        for one in await departments_that_see(connection, decision)
        if may_do(decision, Role.DEPARTMENT_HEAD, frozenset({one}))
    )


async def _owner(
    connection: PooledConnection, name: str, decision: Decision
) -> tuple[str, int | None]:
    """The owner of a name as it is written, and the account, where it is one's."""
    if not name:
        return "", None
    account = await connection.fetchrow(SQL["owner_account"], name_key(name))
    seeing = await departments_that_see(connection, decision)
    if account is not None:
        role, departments = Role(account["role"]), frozenset(account["departments"])
        if role is Role.DEPARTMENT_HEAD and seeing.isdisjoint(departments):
            raise UnseenOwnerError(f"{account['name']} does not see the task")
        if not may_do(decision, role, departments):
            raise UnableOwnerError(f"{account['name']} may not finish the task")
        return account["name"], account["account_id"]
    if not await connection.fetchval(SQL["is_department"], name):
        raise UnknownOwnerError(f"there is neither an account nor a department {name}")
    if name not in seeing:
        raise UnseenOwnerError(f"the head of {name} does not see the task")
    if not may_do(decision, Role.DEPARTMENT_HEAD, frozenset({name})):
        raise UnableOwnerError(f"the head of {name} may not finish the task")
    return name, None


async def _follow(
    connection: PooledConnection, actor: Actor, decision: Decision, day: date
) -> None:
    """Have the register follow a decision that is carried out."""
    if decision.vehicle_id is None or not actor.may(Permission.REGISTER_CHANGE):
        return
    if decision.action is Action.MOVE and decision.arrival is not None:
        to = decision.arrival
        await move_within(connection, actor, decision.vehicle_id, to.depot_id, to.department)
    elif decision.action in (Action.DISPOSE, Action.REPLACE):
        await retire_within(connection, actor, decision.vehicle_id, day, unless_retired=True)


async def _follow_back(
    connection: PooledConnection, actor: Actor, decision: Decision, day: date
) -> None:
    """Have a vehicle come back that left the register on the day of a hand-over."""
    if decision.vehicle_id is None or not actor.may(Permission.REGISTER_CHANGE):
        return
    if decision.action in (Action.DISPOSE, Action.REPLACE):
        await take_back_within(connection, actor, decision.vehicle_id, left_on=day)


async def _record(
    connection: PooledConnection,
    actor: Actor,
    row: asyncpg.Record,
    content: Mapping[str, object],
    before: Mapping[str, object],
) -> None:
    await connection.execute(SQL["record_task"], row["task_id"], content, str(actor))
    told = {"key": row["key"], "step": row["step"], **content}
    await record(
        connection,
        actor,
        Act.CHANGED,
        Subject.TASK,
        row["task_id"],
        told,
        before=before,
    )
