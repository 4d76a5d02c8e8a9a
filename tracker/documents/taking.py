"""Takes a plan from a document that a person has confirmed, in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from tracker.documents.placing import PlacedPlan, PlanRefusedError, placed
from tracker.documents.targets import add_targets
from tracker.importer.plan_file import PlanFile, Programme

SQL = statements("plan_document")
PLAN_SQL = statements("plan")


class KnownDocumentError(ExpectedError, ValueError):
    """A document was taken already: the plan `plan_id` is read from it."""

    def __init__(self, plan_id: int) -> None:
        super().__init__(f"the document is that of plan {plan_id}, which is here already")
        self.plan_id = plan_id


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The document that a plan was read from. `digest` is its SHA-256, in hexadecimal digits."""

    name: str
    digest: str


@unscoped
async def take_plan(
    pool: Pool,
    actor: Actor,
    source: SourceFile,
    plan: PlanFile,
    *,
    name: str = "",
    confirmed: Collection[str] = (),
    targets: Collection[str] = (),
) -> int:
    """Take a plan that the actor has confirmed beside its document.

    `name` is what people call it. `confirmed` are the ids of milestones of which the document had
    lost the quarter's number, and whose quarter the actor confirmed or corrected. `targets` are the
    keys of the numbers in milestones that are to be indicators (`offered_targets`).

    Returns:
        The id of the plan.

    Raises:
        KnownDocumentError: it is the document of a plan that is here.
        PlanRefusedError: the file does not hold together, says no year, or names no such target.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        await hold_plans(connection)
        await refuse_known(connection, source)
        taken = await take_within(
            connection,
            actor,
            source,
            plan,
            name=name,
            confirmed=confirmed,
            targets=targets,
            follows=None,
        )
    return taken.plan_id


async def hold_plans(connection: PooledConnection) -> None:
    """Let whoever takes a document at the same time wait until the transaction ends."""
    await connection.execute(PLAN_SQL["hold_plans"])


async def refuse_known(
    connection: PooledConnection, source: SourceFile, but: int | None = None
) -> None:
    """Refuse a document from which a plan was read that is here, unless that is the plan `but`.
    The plans are held.

    Raises:
        KnownDocumentError: there is one.
    """
    plan_id = await connection.fetchval(SQL["plan_with"], source.digest)
    if plan_id not in (None, but):
        raise KnownDocumentError(plan_id)


@dataclass(frozen=True, slots=True)
class Taken:
    """A plan that was taken: its id, and those of its milestones by their ids in the file."""

    plan_id: int
    milestones: Mapping[str, str]


async def take_within(
    connection: PooledConnection,
    actor: Actor,
    source: SourceFile,
    plan: PlanFile,
    *,
    name: str,
    confirmed: Collection[str],
    targets: Collection[str],
    follows: int | None,
) -> Taken:
    """Take a plan in the transaction of an act; `follows` is the plan of the year before.

    Raises:
        PlanRefusedError: the file does not hold together, says no year, or names no such target.
    """
    actor.require(Permission.PLAN_MANAGE)
    parts = placed(plan)
    if plan.year is None:
        raise PlanRefusedError("say of which year the plan is")
    plan_id = await connection.fetchval(
        SQL["add_plan"],
        name.strip(),
        plan.title,
        plan.year,
        list(plan.policies),
        not_placed(plan),
        follows,
    )
    programme_ids = await add_programmes(connection, plan_id, parts)
    initiative_ids = await add_initiatives(connection, programme_ids, parts)
    rows = milestone_rows(parts, programme_ids, initiative_ids, confirmed, str(actor))
    milestones = await add_milestones(connection, plan_id, rows, str(actor))
    await add_strands(connection, plan_id, plan)
    await add_targets(connection, actor, plan_id, plan, source.name, targets)
    await record_reading(connection, actor, plan_id, source, plan)
    return Taken(plan_id, milestones)


def not_placed(plan: PlanFile) -> list[dict[str, object]]:
    """The lines that could not be placed, as the table has them."""
    return [one.model_dump() for one in plan.not_placed]


async def add_programmes(
    connection: PooledConnection, plan_id: int, parts: PlacedPlan
) -> Sequence[str]:
    """Add all programmes of a file with their resources.

    Returns:
        Their ids, in the order of the file.
    """
    return [
        await add_programme(connection, plan_id, rank, parts)
        for rank in range(1, len(parts.programmes) + 1)
    ]


async def add_programme(
    connection: PooledConnection, plan_id: int, rank: int, parts: PlacedPlan
) -> str:
    """Add the programme with a rank.

    Returns:
        Its id.
    """
    values = programme_values(parts, rank)
    programme_id = await connection.fetchval(SQL["add_programme"], plan_id, rank, values)
    await set_resources(connection, programme_id, parts, rank)
    return programme_id


def programme_values(parts: PlacedPlan, rank: int) -> dict[str, object]:
    """The values of the programme with a rank, by the names of their columns."""
    one = parts.programmes[rank - 1]
    written = one.written or Programme(number=one.name, title=one.name)
    return {
        "number": written.number or "",
        "name": written.title or "",
        "purpose": written.purpose or "",
        "success_criteria": list(written.success_criteria),
        "partners_internal": list(written.partners_internal),
        "partners_external": list(written.partners_external),
        "is_written": one.written is not None,
    }


async def set_resources(
    connection: PooledConnection, programme_id: str, parts: PlacedPlan, rank: int
) -> None:
    """Set what a programme may use to what the file says."""
    written = parts.programmes[rank - 1].written
    resources = () if written is None else written.resources
    await connection.execute(
        SQL["set_resources"],
        programme_id,
        [one.centre or "" for one in resources],
        [one.aarsvaerk for one in resources],
    )


async def add_initiatives(
    connection: PooledConnection, programme_ids: Sequence[str], parts: PlacedPlan
) -> Sequence[str]:
    """Add all initiatives of a file.

    Returns:
        Their ids, in the order of the file.
    """
    return [
        await connection.fetchval(
            SQL["add_initiative"], programme_ids[one.programme], one.title, rank, one.section
        )
        for rank, one in enumerate(parts.initiatives, start=1)
    ]


#: The values of a milestone by the names of their columns, and its parent by the id in the file.
Row = dict[str, object]


def milestone_rows(
    parts: PlacedPlan,
    programme_ids: Sequence[str],
    initiative_ids: Sequence[str],
    confirmed: Collection[str],
    by: str,
) -> list[Row]:
    """The milestones of a file as the table has them, with the ids of their parents in the file."""
    rows: list[Row] = []
    for rank, place in enumerate(parts.milestones, start=1):
        one = place.milestone
        is_confirmed = one.inferred and one.id in confirmed
        rows.append(
            {
                "document_id": one.id,
                "programme_id": programme_ids[place.programme],
                "initiative_id": (
                    None if place.initiative is None else initiative_ids[place.initiative]
                ),
                "section": one.section or "",
                "rank": rank,
                "text": one.text,
                "level": one.level,
                "parent": one.parent,
                "year": one.year,
                "quarter_from": one.quarter_from,
                "quarter_to": one.quarter_to,
                "quarter_as_written": one.quarter_as_written,
                "is_inferred": one.inferred,
                "quarter_confirmed_by": by if is_confirmed else None,
                "line_from": one.line_from,
                "line_to": one.line_to,
                "page": one.page,
            }
        )
    return rows


async def add_milestones(
    connection: PooledConnection, plan_id: int, rows: Sequence[Row], by: str
) -> Mapping[str, str]:
    """Add milestones, which say in their history that they were added.

    Returns:
        Their ids by those of the file.
    """
    added = await connection.fetch(SQL["add_milestones"], plan_id, list(rows))
    await connection.execute(SQL["set_parents"], plan_id, list(rows))
    await connection.execute(SQL["record_added"], [row["milestone_id"] for row in added], by)
    return {row["document_id"]: row["milestone_id"] for row in added}


async def add_strands(connection: PooledConnection, plan_id: int, plan: PlanFile) -> None:
    """Set the strands of a plan to those of the file."""
    await connection.execute(SQL["remove_strands"], plan_id)
    for rank, one in enumerate(plan.strands, start=1):
        members = list(dict.fromkeys(one.milestones))
        await connection.execute(
            SQL["add_strand"], plan_id, rank, one.section or "", one.title, members
        )


async def record_reading(
    connection: PooledConnection, actor: Actor, plan_id: int, source: SourceFile, plan: PlanFile
) -> None:
    """Keep what was confirmed, and who did."""
    actor.require(Permission.PLAN_MANAGE)
    await connection.execute(
        SQL["add_reading"],
        plan_id,
        source.name,
        source.digest,
        plan.model_dump(mode="json"),
        str(actor),
    )
    detail = {"file": source.name, "milestones": len(plan.milestones), "year": plan.year}
    await record(connection, actor, Act.IMPORTED, Subject.PLAN, plan_id, detail)
