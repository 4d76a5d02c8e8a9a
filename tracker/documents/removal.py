"""Removes a plan on which nobody has reported: one that was taken twice, or by mistake."""

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError, refuse_unseen
from tracker.follow_up.links import end_links
from tracker.plans import NoPlanError

SQL = statements("plan_document")


class UnexplainedRemovalError(ExpectedError, ValueError):
    """A plan is to be removed, and no reason is given."""


class ReportedPlanError(ExpectedError, ValueError):
    """Somebody has reported on a plan, which therefore stays."""


@unscoped
async def remove_plan(
    pool: Pool, actor: Actor, plan_id: int, reason: str, *, seen: int | None = None
) -> int:
    """Remove a plan. It is shown and counted no more, nobody can change it, and its document can be
    taken again; all that was kept of it stays in the database. Links by which people were asked say
    that it was removed, and mails with links that wait are not sent. `seen` is the revision that
    the actor saw.

    Returns:
        How many people had a link that worked.

    Raises:
        UnexplainedRemovalError: there is no reason.
        NoPlanError: there is no such plan.
        ChangedSinceError: somebody else changed it since.
        ReportedPlanError: somebody said how far one of its milestones is, or the value of one of
            its indicators.
    """
    actor.require(Permission.PLAN_MANAGE)
    why = reason.strip()
    if not why:
        raise UnexplainedRemovalError("say why the plan is removed")
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["lock_plan"], plan_id)
        if row is None:
            raise NoPlanError(f"there is no plan {plan_id}")
        refuse_unseen(seen, row["revision"])
        # Whoever reports on a milestone does so before, or finds that it is not there any more.
        await connection.fetchval(SQL["lock_milestones"], plan_id)
        if await connection.fetchval(SQL["is_reported"], plan_id):
            raise ReportedPlanError("somebody has reported on the plan, which therefore stays")
        people = await end_links(connection, plan_id)
        content = {"removed": True, "reason": why}
        await connection.execute(SQL["remove_plan"], plan_id)
        await connection.execute(SQL["remove_milestones"], plan_id, str(actor))
        await connection.execute(
            SQL["record_change"],
            plan_id,
            "plan",
            str(plan_id),
            content,
            {"removed": False},
            str(actor),
        )
        detail = {"part": "plan", "part_id": str(plan_id), "reason": why}
        await record(connection, actor, Act.REMOVED, Subject.PLAN, plan_id, detail)
    return people
