"""Plans, programmes, initiatives and milestones that people type in themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError, refuse_unseen
from tracker.changing import change, keep_part_change, lock
from tracker.milestone import Level
from tracker.plans import NoPlanError, Resource
from tracker.quarter import Quarter

SQL = statements("plan_typed")

#: The years of plans.
FIRST_YEAR, LAST_YEAR = 1990, 2200


class NoProgrammeError(ExpectedError, LookupError):
    """There is no such programme or initiative, or it is another plan's."""


class TypedRefusedError(ExpectedError, ValueError):
    """A part that was typed has no name or words, the name of another part of the plan, a year that
    is none, or quarters that are no span."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeDetails:
    """The details that people tell of a programme."""

    name: str
    number: str = ""
    purpose: str = ""
    success_criteria: Sequence[str] = ()
    partners_internal: Sequence[str] = ()
    partners_external: Sequence[str] = ()
    resources: Sequence[Resource] = field(default=())


@dataclass(frozen=True, slots=True)
class TypedSpan:
    """The quarters of a year in which a milestone is to be reached; None: in some of the year."""

    year: int
    quarter_from: int | None
    quarter_to: int | None

    @classmethod
    def of(cls, quarter: Quarter) -> "TypedSpan":
        """A single quarter."""
        return cls(quarter.year, quarter.quarter, quarter.quarter)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedMilestone:
    """A milestone as somebody types it. Several `spans` make one that recurs, with an occurrence in
    each; none: it has no quarter. `initiative_id` is None for one in the programme itself, and
    `parent_id` the milestone under which it stands."""

    programme_id: str
    initiative_id: str | None = None
    text: str
    spans: Sequence[TypedSpan] = ()
    parent_id: str | None = None


@unscoped
async def add_typed_plan(pool: Pool, actor: Actor, name: str, year: int) -> int:
    """Add a plan without a document, into which people type.

    Returns:
        Its id.

    Raises:
        TypedRefusedError: it has no name, or a year that is none.
    """
    actor.require(Permission.PLAN_MANAGE)
    if not name.strip() or not FIRST_YEAR <= year <= LAST_YEAR:
        raise TypedRefusedError("say the name of the plan and its year")
    async with pool.acquire() as connection, connection.transaction():
        plan_id = await connection.fetchval(SQL["add_plan"], name.strip(), year)
        content = {"name": name.strip(), "year": year}
        await keep_part_change(connection, actor, plan_id, "plan", str(plan_id), content, {})
    return plan_id


@unscoped
async def change_plan(
    pool: Pool,
    actor: Actor,
    plan_id: int,
    name: str,
    policies: Sequence[str],
    *,
    seen: int | None = None,
) -> None:
    """Say what people call a plan, and which policies it serves.

    Raises:
        NoPlanError: there is none.
        ChangedSinceError: somebody else changed it since.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["lock_plan"], plan_id)
        if row is None:
            raise NoPlanError(f"there is no plan {plan_id}")
        refuse_unseen(seen, row["revision"])
        content = {"name": name.strip(), "policies": _lines(policies)}
        await connection.execute(SQL["set_plan"], plan_id, content["name"], content["policies"])
        before = {"name": row["name"], "policies": row["policies"]}
        await keep_part_change(connection, actor, plan_id, "plan", str(plan_id), content, before)


@unscoped
async def add_programme(pool: Pool, actor: Actor, plan_id: int, details: ProgrammeDetails) -> str:
    """Add a programme to a plan.

    Returns:
        Its id.

    Raises:
        NoPlanError: there is no such plan.
        TypedRefusedError: it has no name.
    """
    actor.require(Permission.PLAN_MANAGE)
    content = _programme(details)
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchrow(SQL["lock_plan"], plan_id) is None:
            raise NoPlanError(f"there is no plan {plan_id}")
        await _require_new(connection, plan_id, _key(content))
        programme_id = await connection.fetchval(SQL["add_programme"], plan_id, content)
        await _set_resources(connection, programme_id, details)
        await keep_part_change(connection, actor, plan_id, "programme", programme_id, content, {})
    return programme_id


@unscoped
async def change_programme(
    pool: Pool,
    actor: Actor,
    programme_id: str,
    details: ProgrammeDetails,
    *,
    seen: int | None = None,
) -> None:
    """Say something else of a programme.

    Raises:
        NoProgrammeError: there is none.
        ChangedSinceError: somebody else changed it since.
        TypedRefusedError: it has no name.
    """
    actor.require(Permission.PLAN_MANAGE)
    content = _programme(details)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["lock_programme"], programme_id)
        if row is None:
            raise NoProgrammeError(f"there is no programme {programme_id}")
        refuse_unseen(seen, row["content"]["revision"])
        was = {name: row["content"][name] for name in content if name != "resources"}
        was["resources"] = row["resources"]
        plan_id, key = row["content"]["plan_id"], _key(content)
        if key != _key(was):
            await _require_new(connection, plan_id, key)
            await connection.execute(SQL["move_section"], programme_id, _key(was), key)
        await connection.execute(SQL["set_programme"], programme_id, content)
        await _set_resources(connection, programme_id, details)
        await keep_part_change(connection, actor, plan_id, "programme", programme_id, content, was)


@unscoped
async def add_initiative(
    pool: Pool, actor: Actor, programme_id: str, name: str, section: str = ""
) -> str:
    """Add an initiative to a programme.

    Returns:
        Its id.

    Raises:
        NoProgrammeError: there is no such programme.
        TypedRefusedError: it has no name.
    """
    actor.require(Permission.PLAN_MANAGE)
    if not name.strip():
        raise TypedRefusedError("say the name of the initiative")
    # Milestones know their initiative by its section.
    content = {"name": name.strip(), "section": section.strip() or name.strip()}
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["lock_programme"], programme_id)
        if row is None:
            raise NoProgrammeError(f"there is no programme {programme_id}")
        plan_id = row["content"]["plan_id"]
        await _require_new(connection, plan_id, content["section"])
        initiative_id = await connection.fetchval(
            SQL["add_initiative"], plan_id, programme_id, content["name"], content["section"]
        )
        await keep_part_change(connection, actor, plan_id, "initiative", initiative_id, content, {})
    return initiative_id


@unscoped
async def add_milestone(pool: Pool, actor: Actor, typed: TypedMilestone) -> Sequence[str]:
    """Add a milestone, or one that recurs, which becomes a strand with an occurrence in each span.

    Returns:
        The ids of its occurrences, in the order of the spans.

    Raises:
        NoProgrammeError: there is no such programme, the initiative is another one's, or the parent
            is.
        TypedRefusedError: it has no words, or quarters that are no span.
    """
    actor.require(Permission.PLAN_MANAGE)
    text = typed.text.strip()
    if not text:
        raise TypedRefusedError("say what is to be reached")
    for span in typed.spans:
        _require_span(span)
    if len(set(typed.spans)) < len(typed.spans):
        raise TypedRefusedError("a milestone recurs once in a quarter")
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(
            SQL["place"], typed.programme_id, typed.initiative_id, typed.parent_id
        )
        if row is None or not row["fits"]:
            raise NoProgrammeError("there is no such programme, initiative or milestone in it")
        spans = typed.spans or (None,)
        added: list[str] = []
        for span in spans:
            milestone_id = await connection.fetchval(
                SQL["add_milestone"],
                row["plan_id"],
                typed.programme_id,
                typed.initiative_id,
                row["section"],
                text,
                (Level.TOP if typed.parent_id is None else Level.SUB).value,
                typed.parent_id,
                None if span is None else span.year,
                None if span is None else span.quarter_from,
                None if span is None else span.quarter_to,
            )
            await connection.execute(SQL["record_added"], milestone_id, str(actor))
            await record(
                connection, actor, Act.CHANGED, Subject.MILESTONE, milestone_id, {"text": text}
            )
            added.append(milestone_id)
        if len(added) > 1:
            await connection.execute(SQL["add_strand"], row["plan_id"], row["section"], text, added)
    return added


@unscoped
async def change_words(
    pool: Pool,
    actor: Actor,
    milestone_id: str,
    text: str,
    span: TypedSpan | None,
    *,
    seen: int | None = None,
) -> None:
    """Say other words of a milestone, or another quarter in the plan itself: a person corrects what
    was typed or read wrong. To say that it comes later is to postpone it.

    Raises:
        NoMilestoneError: there is none.
        ChangedSinceError: somebody else changed it since.
        TypedRefusedError: it has no words, or quarters that are no span.
    """
    actor.require(Permission.PLAN_MANAGE)
    if not text.strip():
        raise TypedRefusedError("say what is to be reached")
    if span is not None:
        _require_span(span)
    async with pool.acquire() as connection, connection.transaction():
        was = await lock(connection, milestone_id, seen)
        content: dict[str, object] = {
            "text": text.strip(),
            "year": None if span is None else span.year,
            "quarter_from": None if span is None else span.quarter_from,
            "quarter_to": None if span is None else span.quarter_to,
        }
        if was["is_inferred"]:
            content["quarter_confirmed_by"] = str(actor)
        await change(connection, actor, was, content)


def _require_span(span: TypedSpan) -> None:
    first, last = span.quarter_from, span.quarter_to
    is_whole = (first is None) == (last is None)
    if first is not None and last is not None:
        is_whole = 1 <= first <= last <= 4
    if not is_whole or not FIRST_YEAR <= span.year <= LAST_YEAR:
        raise TypedRefusedError(f"the quarters {first} to {last} of {span.year} are no span")


def _programme(details: ProgrammeDetails) -> dict[str, object]:
    if not details.name.strip():
        raise TypedRefusedError("say the name of the programme")
    return {
        "name": details.name.strip(),
        "number": details.number.strip(),
        "purpose": details.purpose.strip(),
        "success_criteria": _lines(details.success_criteria),
        "partners_internal": _lines(details.partners_internal),
        "partners_external": _lines(details.partners_external),
        "resources": [[one.centre, one.aarsvaerk] for one in details.resources],
    }


def _key(programme: Mapping[str, object]) -> str:
    """By which name milestones know their programme."""
    return str(programme["number"] or programme["name"])


async def _require_new(connection: PooledConnection, plan_id: int, key: str) -> None:
    if await connection.fetchval(SQL["is_known"], plan_id, key):
        raise TypedRefusedError(f"the plan has a part with the name {key} already")


def _lines(texts: Sequence[str]) -> list[str]:
    return [text.strip() for text in texts if text.strip()]


async def _set_resources(
    connection: PooledConnection, programme_id: str, details: ProgrammeDetails
) -> None:
    await connection.execute(
        SQL["set_resources"],
        programme_id,
        [one.centre for one in details.resources],
        [one.aarsvaerk for one in details.resources],
    )
