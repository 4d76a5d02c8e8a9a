"""Reads a plan again from a corrected document: what people said of its milestones stays."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import refuse_unseen
from fleet.localtime import local_now
from tracker.changing import Values, change
from tracker.documents.comparing import (
    as_compared,
    find_again,
    in_order,
    refuse_other_year,
    refuse_shipped,
)
from tracker.documents.matching import NO_ANSWERS, Answers, UnansweredError
from tracker.documents.placing import PlacedPlan, placed
from tracker.documents.taking import (
    Row,
    SourceFile,
    add_milestones,
    add_programme,
    add_strands,
    hold_plans,
    milestone_rows,
    not_placed,
    programme_values,
    record_reading,
    refuse_known,
    set_resources,
)
from tracker.documents.targets import add_targets
from tracker.importer.plan_file import PlanFile
from tracker.plans import NoPlanError

SQL = statements("plan_document")

#: The values of a milestone that are its place in the document, and no change of it.
_PLACE = ("document_id", "rank", "line_from", "line_to", "page")


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """The effect of a corrected document on a plan, by the ids of milestones. `back` are those that
    an earlier reading lacked."""

    same: Sequence[str]
    changed: Sequence[str]
    added: Sequence[str]
    gone: Sequence[str]
    back: Sequence[str]


@unscoped
async def take_again(
    pool: Pool,
    actor: Actor,
    plan_id: int,
    source: SourceFile,
    plan: PlanFile,
    *,
    confirmed: Collection[str] = (),
    answers: Answers = NO_ANSWERS,
    targets: Collection[str] = (),
    seen: int | None = None,
) -> ReadAgain:
    """Take a corrected document of a plan that the actor has confirmed.

    Status, note, owner and all that people said stay with each milestone that is found again
    (`found_again`), also by the `answers` of a person. What the document lacks is not deleted,
    unless it was typed: it is gone, counts no more, and comes back when a later document has it
    again. `seen` is the revision that the actor saw, and `targets` are as those of `take_plan`.

    Raises:
        NoPlanError: there is no such plan.
        ChangedSinceError: somebody else changed it since.
        ShippedPlanError: the plan came with the system.
        KnownDocumentError: it is the document of another plan.
        OtherYearError: it is of another year than the plan.
        PlanRefusedError: the file does not hold together, or the answers or targets name what is
            not there.
        UnansweredError: a person is to be asked more.
    """
    actor.require(Permission.PLAN_MANAGE)
    parts = placed(plan)
    async with pool.acquire() as connection, connection.transaction():
        await hold_plans(connection)
        row = await connection.fetchrow(SQL["lock_plan"], plan_id)
        if row is None:
            raise NoPlanError(f"there is no plan {plan_id}")
        refuse_unseen(seen, row["revision"])
        refuse_shipped(is_shipped=row["is_shipped"])
        await refuse_known(connection, source, plan_id)
        refuse_other_year(row["year"], plan.year)
        await connection.fetchval(SQL["lock_milestones"], plan_id)
        known = await in_order(connection, plan_id)
        before = await as_compared(connection, plan_id, known)
        others = await find_again(before, plan, known, answers)
        if others.asked:
            raise UnansweredError(others.asked)
        await connection.execute(
            SQL["set_plan"], plan_id, plan.title, list(plan.policies), not_placed(plan)
        )
        programme_ids = await _programmes(connection, plan_id, parts)
        initiative_ids = await _initiatives(connection, plan_id, programme_ids, parts)
        rows = milestone_rows(parts, programme_ids, initiative_ids, confirmed, str(actor))
        id_of = {in_file: known_id for known_id, in_file in others.later.items()}
        found = await _milestones(connection, actor, plan_id, plan, rows, known, id_of)
        await _leave(connection, plan_id, programme_ids, initiative_ids)
        await add_strands(connection, plan_id, plan)
        await connection.execute(SQL["strands_last"], plan_id, len(plan.strands))
        await add_targets(connection, actor, plan_id, plan, source.name, targets)
        await record_reading(connection, actor, plan_id, source, plan)
    return found


async def _milestones(
    connection: PooledConnection,
    actor: Actor,
    plan_id: int,
    plan: PlanFile,
    rows: Sequence[Row],
    known: Sequence[Values],
    id_of: Mapping[str, str],
) -> ReadAgain:
    by_id = {str(one["milestone_id"]): one for one in known}
    kept = [row for row in rows if row["document_id"] in id_of]
    new = [row for row in rows if row["document_id"] not in id_of]
    # The places first: the ids of the file are others' now.
    there = set(id_of.values())
    left = [one for one in known if str(one["milestone_id"]) not in there]
    gone = [one for one in left if not one["is_typed"]]
    typed = [one for one in left if one["is_typed"]]
    places = [
        {name: row[name] for name in _PLACE} | {"milestone_id": id_of[str(row["document_id"])]}
        for row in kept
    ]
    taken = {one.id for one in plan.milestones}
    lost = [
        {name: one[name] for name in _PLACE}
        | {
            "milestone_id": one["milestone_id"],
            "document_id": _own_id(f"gone {one['milestone_id']}", taken),
        }
        for one in gone
    ]
    beside = [
        {"milestone_id": one["milestone_id"], "rank": rank}
        | {"document_id": _own_id(str(one["document_id"]), taken)}
        for rank, one in enumerate(typed, start=len(rows) + 1)
    ]
    await connection.execute(SQL["set_places"], [*places, *lost, *beside])
    added = await add_milestones(connection, plan_id, new, str(actor))
    here = {**id_of, **added}
    changed: list[str] = []
    back: list[str] = []
    for row in kept:
        milestone_id = id_of[str(row["document_id"])]
        was = by_id[milestone_id]
        content = _content(row, was, here)
        if was["gone_at"] is not None:
            back.append(milestone_id)
        if await change(connection, actor, was, content) and was["gone_at"] is None:
            changed.append(milestone_id)
    leaving = [str(one["milestone_id"]) for one in gone if one["gone_at"] is None]
    now = local_now().isoformat()
    for milestone_id in leaving:
        await change(connection, actor, by_id[milestone_id], {"gone_at": now})
    seen = {*changed, *back}
    return ReadAgain(
        same=[one for one in id_of.values() if one not in seen],
        changed=changed,
        added=list(added.values()),
        gone=leaving,
        back=back,
    )


def _own_id(wanted: str, taken: set[str]) -> str:
    """An id in the file for a milestone that the document lacks, which no other one has; it is
    `taken` then."""
    own, number = wanted, 0
    while own in taken:
        number += 1
        own = f"{wanted} {number}"
    taken.add(own)
    return own


def _content(row: Row, was: Values, here: Mapping[str, str]) -> dict[str, object]:
    """The values of a milestone that a reading sets, but for its place."""
    content = {name: value for name, value in row.items() if name not in (*_PLACE, "parent")}
    content["parent_id"] = None if row["parent"] is None else here[str(row["parent"])]
    content["gone_at"] = None
    quarters = ("year", "quarter_from", "quarter_to", "is_inferred")
    is_same = all(content[name] == was[name] for name in quarters)
    if is_same and content["quarter_confirmed_by"] is None:
        # Who confirmed the quarter did so of this one.
        content["quarter_confirmed_by"] = was["quarter_confirmed_by"]
    return content


async def _programmes(
    connection: PooledConnection, plan_id: int, parts: PlacedPlan
) -> Sequence[str]:
    """The ids of the programmes of the file: those that are known by their numbers or titles, and
    new ones."""
    known = [one["content"] for one in await connection.fetch(SQL["lock_programmes"], plan_id)]
    typed = {str(one["programme_id"]) for one in known if one["is_typed"]}
    ids: list[str] = []
    for rank in range(1, len(parts.programmes) + 1):
        values = programme_values(parts, rank)
        same = _first(known, ids, "programme_id", values, ("number", "name")) or _first(
            known, ids, "programme_id", values, ("number",) if values["number"] else ("name",)
        )
        is_told = parts.programmes[rank - 1].written is not None
        if same is None and not is_told:
            same = next(
                (
                    str(one["programme_id"])
                    for one in known
                    if one["programme_id"] in typed
                    and (one["number"] or one["name"]) == values["number"]
                    and one["programme_id"] not in ids
                ),
                None,
            )
        if same is None:
            ids.append(await add_programme(connection, plan_id, rank, parts))
        elif same in typed and not is_told:
            # The document only names its section.
            await connection.execute(SQL["programme_stays"], same, rank)
            ids.append(same)
        else:
            await connection.execute(SQL["set_programme"], same, rank, values)
            await set_resources(connection, same, parts, rank)
            ids.append(same)
    return ids


async def _initiatives(
    connection: PooledConnection, plan_id: int, programme_ids: Sequence[str], parts: PlacedPlan
) -> Sequence[str]:
    known = [dict(one) for one in await connection.fetch(SQL["lock_initiatives"], plan_id)]
    ids: list[str] = []
    for rank, one in enumerate(parts.initiatives, start=1):
        values: dict[str, object] = {"section": one.section, "name": one.title}
        same = _first(known, ids, "initiative_id", values, ("section", "name")) or _first(
            known, ids, "initiative_id", values, ("section",) if one.section else ("name",)
        )
        programme_id = programme_ids[one.programme]
        if same is None:
            ids.append(
                await connection.fetchval(
                    SQL["add_initiative"], programme_id, one.title, rank, one.section
                )
            )
        else:
            await connection.execute(
                SQL["set_initiative"], same, programme_id, one.title, rank, one.section
            )
            ids.append(same)
    return ids


def _first(
    known: Sequence[Mapping[str, object]],
    taken: Collection[str],
    key: str,
    values: Mapping[str, object],
    names: Sequence[str],
) -> str | None:
    """The id of the first known part that has these values and is not taken."""
    for one in known:
        if all(one[name] == values[name] for name in names) and one[key] not in taken:
            return str(one[key])
    return None


async def _leave(
    connection: PooledConnection,
    plan_id: int,
    programme_ids: Collection[str],
    initiative_ids: Collection[str],
) -> None:
    """Let programmes and initiatives that the document lacks be gone, but for those in which
    something stands that was typed."""
    own_programmes, own_initiatives = list(programme_ids), list(initiative_ids)
    await connection.execute(SQL["initiatives_gone"], plan_id, own_initiatives)
    await connection.execute(SQL["programmes_gone"], plan_id, own_programmes)
    await connection.execute(SQL["programmes_last"], plan_id, own_programmes)
    await connection.execute(SQL["initiatives_last"], plan_id, own_initiatives)
