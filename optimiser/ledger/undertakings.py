"""Makes tasks of accepted proposals, and withdraws those whose acceptance is no longer in force.

When the register has another contract or day of leaving of a vehicle that is to go, the tasks that
wait get other days; where a person chose the day, that one stays.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import asyncpg

from costs.assumptions import FigureKey
from costs.assumptions_stored import read_assumptions
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor
from fleet.localtime import local_day, local_now
from optimiser.depot.decision_key import LEAVING, Action, DecisionKey
from optimiser.depot.decisions import Decision
from optimiser.ledger.carried_out import carry_out
from optimiser.ledger.moved_tasks import MovedTask, Words, tell_owners
from optimiser.ledger.steps import (
    LeadTimes,
    PlannedStep,
    Step,
    VehicleDays,
    begins_by,
    planned_steps,
)
from optimiser.rounds.decisions import Verdict
from optimiser.settings import OptimiserSettings
from optimiser.studies.budget import begins_after, decision_budget
from optimiser.studies.read_bodies import decision_of

SQL = statements("ledger")


def lead_times(settings: OptimiserSettings) -> LeadTimes:
    """The months that steps are ahead, by the settings."""
    return LeadTimes(order_months=settings.order_months)


async def notice_months(pool: Pool, today: date) -> int:
    """The months of notice before a lease ends, by the assumptions."""
    return int((await read_assumptions(pool)).at(today.year)[FigureKey.NOTICE_MONTHS])


@unscoped
async def follow_verdicts(pool: Pool, lead: LeadTimes, words: Words = None) -> None:
    """Bring the undertakings in line with the verdicts in force.

    Each acceptance gets its tasks once. An undertaking whose acceptance is no longer in force is
    withdrawn: its tasks wait for nobody, and their history stays. One whose tasks are all done is
    carried out when the register has its vehicle so, and stays, unless somebody takes back that it
    was. Where somebody accepted since that the same vehicle leaves, it was there yet: the ledger
    has the later acceptance alone, so that what one vehicle saves counts once. Tasks follow the
    days of the register, and their owners are told by a mail in `words`.
    """
    notice = await notice_months(pool, local_now().date())
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_undertakings"])
        accepted = {row["key"]: row for row in await connection.fetch(SQL["accepted"])}
        known: set[tuple[str, object]] = set()
        for row in await connection.fetch(SQL["known_undertakings"]):
            verdict = accepted.get(row["key"])
            known.add((row["key"], row["accepted_at"]))
            stands = verdict is not None and verdict["at"] == row["accepted_at"]
            is_done = verdict is not None and verdict["is_done"]
            leaves_again = _leaves_again(row, row["accepted_at"], accepted.values())
            if row["is_done"] and not leaves_again:
                if row["last_verdict"] != Verdict.DONE:
                    now = "not_carried_out" if stands and not is_done else "withdraw"
                    await connection.execute(SQL[now], row["undertaking_id"])
            elif leaves_again or not stands:
                await connection.execute(SQL["withdraw"], row["undertaking_id"])
            elif is_done:
                await connection.execute(SQL["carry_out"], row["undertaking_id"])
        for key, row in accepted.items():
            is_over = _leaves_again(row, row["at"], accepted.values())
            if (key, row["at"]) not in known and not is_over:
                await _undertake(connection, row, lead, notice)
        # Somebody changed the register after the last task was done.
        for row in await connection.fetch(SQL["all_done"], None):
            await carry_out(connection, Actor(row["done_by"]), row)
        moved: list[MovedTask] = []
        for row in await connection.fetch(SQL["days_moved"]):
            moved += await _place_anew(connection, row, lead, notice)
        await tell_owners(connection, words, moved)


def _leaves_again(
    decision: asyncpg.Record, at: datetime, accepted: Iterable[asyncpg.Record]
) -> bool:
    """Whether somebody accepted after an acceptance of a decision, which was `at` a moment, that
    the same vehicle leaves: so it was there yet. One that moves may leave its new depot."""
    key = DecisionKey.parse(decision["key"])
    if key.action not in LEAVING:
        return False
    return any(
        one["at"] > at
        and (other := DecisionKey.parse(one["key"])).action in LEAVING
        and other.subject == key.subject
        and (key.action is not Action.MOVE or one["depot_id"] == decision["depot_id"])
        for one in accepted
    )


async def _undertake(
    connection: PooledConnection, row: asyncpg.Record, lead: LeadTimes, notice: int
) -> None:
    decision = decision_of(row["content"])
    if decision.action is Action.KEEP:
        return
    accepted = local_day(row["at"])
    begins = _begins(row["finished_at"], accepted)
    promised = decision_budget(decision, begins)
    days = await _registered_days(connection, decision)
    number = await connection.fetchval(
        SQL["undertake"],
        *(row["key"], row["proposal_id"], row["at"], row["actor"], promised.departure.day),
        *(days.contract_end, days.leaves_on),
    )
    if row["is_done"]:
        await connection.execute(SQL["carry_out"], number)
        return
    department = await _department(connection, decision)
    for one in planned_steps(
        decision.action,
        asked_on=accepted,
        takes_hold=days.takes_hold(promised.terms, begins),
        days=days,
        charge_points=decision.charge_points,
        lead=lead,
        notice_months=notice,
    ):
        # Who uses the vehicle tells the users; who does the rest somebody has to say.
        owner = department if one.step is Step.TELL_USERS else ""
        await _add_task(connection, number, one, owner, row["actor"])


async def _add_task(
    connection: PooledConnection,
    number: int,
    one: PlannedStep,
    owner: str,
    actor: str,
    why: Mapping[str, str] | None = None,
) -> None:
    task_id = await connection.fetchval(SQL["add_task"], number, one.step.value, one.due, owner)
    content = {"step": one.step.value, "due": one.due.isoformat(), "owner": owner, **(why or {})}
    await connection.execute(SQL["record_task"], task_id, content, actor)


def _begins(finished_at: datetime, accepted: date) -> date:
    """The month from which what a round proposed may take hold."""
    return begins_by(begins_after(finished_at), accepted)


async def _registered_days(connection: PooledConnection, decision: Decision) -> VehicleDays:
    """The days that the register has of the vehicle that goes by a decision. Where it has no
    contract of it, that on which the proposal counted holds."""
    row = None
    if decision.action in (Action.DISPOSE, Action.REPLACE):
        row = await connection.fetchrow(SQL["days_of"], decision.vehicle_id)
    if row is None:
        return VehicleDays(decision.contract_end)
    return VehicleDays(row["contract_end"] or decision.contract_end, row["retired_at"])


async def _place_anew(
    connection: PooledConnection, row: asyncpg.Record, lead: LeadTimes, notice: int
) -> list[MovedTask]:
    """Give the open tasks of the undertaking in `row` the days that follow from the register, which
    are told in their history as of who changed it. Returns those that are due on another day."""
    moved: list[MovedTask] = []
    decision = decision_of(row["content"])
    number, days = row["undertaking_id"], VehicleDays(row["ends"], row["leaves"])
    why = {"follows": "retired_at" if row["leaves"] != row["leaves_on"] else "contract_end"}
    terms = decision_budget(decision, row["takes_hold"]).terms
    begins = _begins(row["finished_at"], local_day(row["accepted_at"]))
    tasks = {one["step"]: one for one in await connection.fetch(SQL["tasks"], [number])}
    for one in planned_steps(
        decision.action,
        asked_on=local_now().date(),
        takes_hold=days.takes_hold(terms, begins),
        days=days,
        charge_points=decision.charge_points,
        lead=lead,
        notice_months=notice,
        before={Step(step): task["planned"] for step, task in tasks.items()},
    ):
        task = tasks.get(one.step.value)
        if task is None:
            await _add_task(connection, number, one, "", row["changed_by"], why)
        elif task["done_on"] is None and task["planned"] != one.due:
            await connection.execute(SQL["place_task"], task["task_id"], one.due)
            if task["due"] == task["planned"]:
                content = {"due": one.due.isoformat(), **why}
                change_id: int = await connection.fetchval(
                    SQL["record_task"], task["task_id"], content, row["changed_by"]
                )
                moved.append(
                    MovedTask(
                        task_id=task["task_id"],
                        step=one.step,
                        before=task["due"],
                        after=one.due,
                        change_id=change_id,
                    )
                )
    await connection.execute(SQL["keep_days"], number, days.contract_end, days.leaves_on)
    return moved


async def _department(connection: PooledConnection, decision: Decision) -> str:
    """The one department that a decision is about; "" where there are several or none."""
    if decision.vehicle_id is not None:
        return await connection.fetchval(SQL["department_of"], decision.vehicle_id) or ""
    return decision.departments[0] if len(decision.departments) == 1 else ""
