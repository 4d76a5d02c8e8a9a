"""Takes the plan of the next year: what goes on keeps its owner and all that people know it by."""

from collections.abc import Collection, Mapping

from db.connect import Pool
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from tracker.changing import change, lock
from tracker.documents.placing import PlanRefusedError
from tracker.documents.taking import SourceFile, Taken, hold_plans, refuse_known, take_within
from tracker.importer.plan_file import PlanFile
from tracker.plans import NoPlanError

SQL = statements("plan_document")

#: What a milestone that goes on keeps. How far it is, is asked anew.
_KEPT = ("owner_id", "deputy_id", "centre", "own_words", "is_political", "fact")


@unscoped
async def take_next_year(
    pool: Pool,
    actor: Actor,
    plan_id: int,
    source: SourceFile,
    plan: PlanFile,
    goes_on: Mapping[str, str],
    *,
    name: str = "",
    confirmed: Collection[str] = (),
) -> Taken:
    """Take the plan of the next year, which the actor has confirmed, after the plan `plan_id`.

    `goes_on` are the ids in the file of milestones that go on, with those that the milestones of
    the plan before have in its own file (`export_plan`): where the two were compared, what is sure
    (`going_on`) or what the actor said. The plan before stays as it is.

    Raises:
        NoPlanError: there is no such plan before.
        KnownDocumentError: it is the document of a plan that is here.
        PlanRefusedError: the file does not hold together, says no year or none after that of the
            plan before, or `goes_on` names what is not there.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        await hold_plans(connection)
        before = await connection.fetchrow(SQL["lock_plan"], plan_id)
        if before is None:
            raise NoPlanError(f"there is no plan {plan_id}")
        await refuse_known(connection, source)
        if plan.year is not None and before["year"] is not None and plan.year <= before["year"]:
            raise PlanRefusedError(f"the year {plan.year} is not after {before['year']}")
        rows = await connection.fetch(SQL["lock_milestones"], plan_id)
        known = {row["content"]["document_id"]: row["content"] for row in rows}
        in_file = {one.id for one in plan.milestones}
        if unknown := {*(goes_on.keys() - in_file), *(set(goes_on.values()) - known.keys())}:
            raise PlanRefusedError(f"there is no milestone {min(unknown)}")
        taken = await take_within(
            connection, actor, source, plan, name=name, confirmed=confirmed, follows=plan_id
        )
        for document_id, old_id in sorted(goes_on.items()):
            was = await lock(connection, taken.milestones[document_id])
            old = known[old_id]
            content = {field: old[field] for field in _KEPT} | {"follows": old["milestone_id"]}
            await change(connection, actor, was, content)
    return taken
