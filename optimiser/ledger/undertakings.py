"""Makes tasks of accepted proposals, and withdraws those whose acceptance is no longer in force."""

from datetime import date

import asyncpg

from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.localtime import local_day
from optimiser.depot.decision_key import Action
from optimiser.depot.decisions import Decision
from optimiser.ledger.steps import LeadTimes, Step, begins_by, planned_steps
from optimiser.settings import OptimiserSettings
from optimiser.studies.budget import begins_after, decision_budget
from optimiser.studies.read_bodies import decision_of

SQL = statements("ledger")


def lead_times(settings: OptimiserSettings) -> LeadTimes:
    """The months that steps are ahead, by the settings."""
    return LeadTimes(notice_months=settings.lease_notice_months, order_months=settings.order_months)


@unscoped
async def follow_verdicts(pool: Pool, lead: LeadTimes) -> None:
    """Bring the undertakings in line with the verdicts in force.

    Each acceptance gets its tasks once. An undertaking whose acceptance is no longer in force is
    withdrawn: its tasks wait for nobody, and their history stays.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_undertakings"])
        accepted = {row["key"]: row for row in await connection.fetch(SQL["accepted"])}
        known: set[tuple[str, object]] = set()
        for row in await connection.fetch(SQL["known_undertakings"]):
            verdict = accepted.get(row["key"])
            known.add((row["key"], row["accepted_at"]))
            if row["is_done"]:
                continue
            if verdict is None or verdict["at"] != row["accepted_at"]:
                await connection.execute(SQL["withdraw"], row["undertaking_id"])
            elif verdict["is_done"]:
                await connection.execute(SQL["carry_out"], row["undertaking_id"])
        for key, row in accepted.items():
            if (key, row["at"]) not in known:
                await _undertake(connection, row, lead)


async def _undertake(connection: PooledConnection, row: asyncpg.Record, lead: LeadTimes) -> None:
    decision = decision_of(row["content"])
    if decision.action is Action.KEEP:
        return
    accepted = local_day(row["at"])
    begins = begins_by(begins_after(row["finished_at"]), accepted)
    takes_hold = decision_budget(decision, begins).departure.day
    number = await connection.fetchval(
        SQL["undertake"], row["key"], row["proposal_id"], row["at"], row["actor"], takes_hold
    )
    if row["is_done"]:
        await connection.execute(SQL["carry_out"], number)
        return
    department = await _department(connection, decision)
    for one in planned_steps(
        decision.action,
        accepted=accepted,
        takes_hold=takes_hold,
        has_contract=decision.contract_end is not None,
        charge_points=decision.charge_points,
        lead=lead,
    ):
        # Who uses the vehicle tells the users; who does the rest somebody has to say.
        owner = department if one.step is Step.TELL_USERS else ""
        task_id = await connection.fetchval(SQL["add_task"], number, one.step.value, one.due, owner)
        content = {"step": one.step.value, "due": _iso(one.due), "owner": owner}
        await connection.execute(SQL["record_task"], task_id, content, row["actor"])


async def _department(connection: PooledConnection, decision: Decision) -> str:
    """The one department that a decision is about; "" where there are several or none."""
    if decision.vehicle_id is not None:
        return await connection.fetchval(SQL["department_of"], decision.vehicle_id) or ""
    return decision.departments[0] if len(decision.departments) == 1 else ""


def _iso(day: date) -> str:
    return day.isoformat()
