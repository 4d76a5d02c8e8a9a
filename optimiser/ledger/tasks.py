"""The acts on the tasks of accepted proposals: who does each and by when, and that it is done.

When the last step is done, the register follows: a vehicle that goes leaves it on that day, and one
that moves is of its new depot. Both are the register's own acts, in the same transaction. An actor
who may not change the register says only that the step is done, and the ledger tells what is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from access.accounts import name_key
from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.localtime import EARLIEST_DAY, LATEST_DAY, local_now
from optimiser.depot.decision_key import Action
from optimiser.depot.decisions import Decision
from optimiser.ledger.steps import LAST_STEP, Step
from optimiser.rounds.decisions import SharedProposalError, Verdict, is_seen, other_departments
from optimiser.studies.read_bodies import decision_of
from register.inventory.changes import move_within, retire_within
from register.vehicles import scope_of

SQL = statements("ledger")
ROUND_SQL = statements("round")


class NoTaskError(ExpectedError, LookupError):
    """There is no such task, or what it is of was rejected or reopened."""


class TaskChangedError(ExpectedError, ValueError):
    """Somebody changed the task after the actor saw it."""


class UnknownOwnerError(ExpectedError, ValueError):
    """Nobody with an account, and no department, has the name."""


class CarriedOutError(ExpectedError, ValueError):
    """The proposal of the task is carried out, so that none of its tasks is open again."""


class TaskDayError(ExpectedError, ValueError):
    """A task cannot be due, or done, on that day."""


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
        TaskDayError: the day is too far away.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    if not EARLIEST_DAY <= plan.due <= LATEST_DAY:
        raise TaskDayError(f"{plan.due} is too far away")
    async with pool.acquire() as connection, connection.transaction():
        row, _ = await _locked(connection, actor, task_id, seen)
        owner, account_id = await _owner(connection, plan.owner)
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
        TaskDayError: the day lies ahead, or is too far back.
        DetailsRefusedError: the vehicle moves to a depot that is not there any more.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    if not EARLIEST_DAY <= day <= local_now().date():
        raise TaskDayError(f"a task cannot have been done on {day}")
    async with pool.acquire() as connection, connection.transaction():
        row, decision = await _locked(connection, actor, task_id, seen)
        if row["done_on"] is not None:
            raise TaskChangedError(f"task {task_id} is done")
        await connection.execute(SQL["set_done"], task_id, day, str(actor))
        await _record(connection, actor, row, {"done_on": day.isoformat()}, {"done_on": None})
        if Step(row["step"]) is LAST_STEP[decision.action]:
            await _follow(connection, actor, decision, day)
        if row["waiting"] == 1 and not row["is_done"]:
            await _carry_out(connection, actor, row)


@unscoped
async def reopen_task(pool: Pool, actor: Actor, task_id: int, *, seen: int) -> None:
    """Say that a task is not done after all. The register stays as it is.

    Raises:
        NoTaskError: there is no such task, or the actor does not see it.
        SharedProposalError: its proposal is of other departments, too.
        TaskChangedError: it has another revision now.
        CarriedOutError: its proposal is carried out.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    async with pool.acquire() as connection, connection.transaction():
        row, _ = await _locked(connection, actor, task_id, seen)
        if row["is_done"]:
            raise CarriedOutError("the proposal is carried out: reopen the proposal")
        if row["done_on"] is None:
            raise TaskChangedError(f"task {task_id} is not done")
        await connection.execute(SQL["set_done"], task_id, None, None)
        before = {"done_on": row["done_on"].isoformat()}
        await _record(connection, actor, row, {"done_on": None}, before)


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


async def _owner(connection: PooledConnection, name: str) -> tuple[str, int | None]:
    """The owner of a name as it is written, and the account, where it is one's."""
    if not name:
        return "", None
    account = await connection.fetchrow(SQL["owner_account"], name_key(name))
    if account is not None:
        return account["name"], account["account_id"]
    if not await connection.fetchval(SQL["is_department"], name):
        raise UnknownOwnerError(f"there is neither an account nor a department {name}")
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


async def _carry_out(connection: PooledConnection, actor: Actor, row: asyncpg.Record) -> None:
    """Give the verdict that a decision is carried out, as its last task is done."""
    await connection.execute(SQL["carry_out"], row["undertaking_id"])
    proposal_id, verdict = row["proposal_id"], Verdict.DONE.value
    await connection.execute(ROUND_SQL["decide"], proposal_id, verdict, "", str(actor))
    await record(
        connection,
        actor,
        Act.DECIDED,
        Subject.PROPOSAL,
        proposal_id,
        {"key": row["key"], "verdict": verdict, "comment": ""},
        before={"verdict": Verdict.ACCEPTED.value},
    )


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
