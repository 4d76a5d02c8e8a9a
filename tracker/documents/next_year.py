"""Takes the plan of the next year: what goes on keeps its owner and all that people know it by."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from db.connect import Pool
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from tracker.changing import change, lock
from tracker.documents.comparing import as_compared, find_going_on, in_order, refuse_same_year
from tracker.documents.matching import NO_ANSWERS, Answers, UnansweredError
from tracker.documents.taking import SourceFile, hold_plans, refuse_known, take_within
from tracker.importer.plan_file import PlanFile
from tracker.plans import NoPlanError

SQL = statements("plan_document")

#: What a milestone that goes on keeps. How far it is, is asked anew.
_KEPT = ("owner_id", "deputy_id", "centre", "own_words", "is_political", "fact")


@dataclass(frozen=True, slots=True)
class TakenNextYear:
    """A plan that was taken: its id, those of its milestones by their ids in the file, and those of
    the milestones of the year before that go on, by the same."""

    plan_id: int
    milestones: Mapping[str, str]
    goes_on: Mapping[str, str]


@unscoped
async def take_next_year(
    pool: Pool,
    actor: Actor,
    plan_id: int,
    source: SourceFile,
    plan: PlanFile,
    *,
    answers: Answers = NO_ANSWERS,
    name: str = "",
    confirmed: Collection[str] = (),
    targets: Collection[str] = (),
) -> TakenNextYear:
    """Take the plan of the next year, which the actor has confirmed, after the plan `plan_id`.

    What surely goes on (`going_on`), or does so by the `answers` of a person, keeps its owner. The
    plan before stays as it is. `targets` are as those of `take_plan`.

    Raises:
        NoPlanError: there is no such plan before.
        KnownDocumentError: it is the document of a plan that is here.
        PlanRefusedError: the file does not hold together, says no year or none after that of the
            plan before, or the answers or targets name what is not there.
        UnansweredError: a person is to be asked more.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        await hold_plans(connection)
        before = await connection.fetchrow(SQL["lock_plan"], plan_id)
        if before is None:
            raise NoPlanError(f"there is no plan {plan_id}")
        await refuse_known(connection, source)
        refuse_same_year(before["year"], plan.year)
        await connection.fetchval(SQL["lock_milestones"], plan_id)
        rows = [row for row in await in_order(connection, plan_id) if row["gone_at"] is None]
        found = await find_going_on(await as_compared(connection, plan_id, rows), plan, answers)
        if found.asked:
            raise UnansweredError(found.asked)
        known = {str(row["milestone_id"]): row for row in rows}
        taken = await take_within(
            connection,
            actor,
            source,
            plan,
            name=name,
            confirmed=confirmed,
            targets=targets,
            follows=plan_id,
        )
        for document_id, old_id in sorted(found.earlier.items()):
            was = await lock(connection, taken.milestones[document_id])
            content = {field: known[old_id][field] for field in _KEPT} | {"follows": old_id}
            await change(connection, actor, was, content)
    return TakenNextYear(taken.plan_id, taken.milestones, found.earlier)
