"""The acts by which people say how far a milestone is, who owns it and what is to be decided."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from types import MappingProxyType

from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.errors import ChangedSinceError, ExpectedError
from tracker.changing import Values, change, lock
from tracker.contacts import NoContactError, note_heard
from tracker.facts import Fact, FactAnswers
from tracker.facts_stored import fact_answers
from tracker.milestone import MilestoneStatus
from tracker.quarter import Quarter

SQL = statements("milestone")
CONTACT_SQL = statements("plan_contact")
PLAN_SQL = statements("plan")


class UnexplainedStatusError(ExpectedError, ValueError):
    """A milestone is given up, or said not to be done against a fact, and no reason is given."""


class PostponedQuarterError(ExpectedError, ValueError):
    """A milestone is postponed to no quarter, or to one that is not after the quarter of the
    plan."""


class MergedMilestoneError(ExpectedError, ValueError):
    """A milestone is merged into none, into one of another plan, or into one that itself goes back
    to it."""


@dataclass(frozen=True, slots=True)
class Said:
    """How far somebody says that a milestone is, and what there is to say of it.

    `until` is the quarter to which it is postponed, `into` the milestone that stands for it; the
    note of one that is dropped is the reason.
    """

    status: MilestoneStatus
    note: str = ""
    until: Quarter | None = None
    into: str | None = None


class Keep(Enum):
    """The mark of a value that stays as it is."""

    KEEP = "keep"


class ChangedMilestonesError(ChangedSinceError):
    """Somebody else changed the milestones `milestone_ids` since the actor saw them."""

    def __init__(self, milestone_ids: Sequence[str]) -> None:
        super().__init__(f"somebody else changed {', '.join(milestone_ids[:3])} meanwhile")
        self.milestone_ids = milestone_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """The people who are given milestones: their owner and deputy by the ids of contacts, None for
    nobody, and the responsible centre, "" for none."""

    owner_id: int | Keep | None = Keep.KEEP
    deputy_id: int | Keep | None = Keep.KEEP
    centre: str | Keep = Keep.KEEP


@unscoped
async def say(
    pool: Pool,
    actor: Actor,
    milestone_id: str,
    said: Said,
    *,
    seen: int | None = None,
    contact_id: int | None = None,
) -> None:
    """Say how far a milestone is. It is kept in the history also where nothing differs: that
    somebody still says so ends its silence.

    A quarter to which it was postponed stays while the milestone goes on, and goes when it is not
    started after all. `seen` is the revision that the actor saw. `contact_id` is who says it by a
    link without an account, who may say it of what they own or stand in for, or of what their
    centre is responsible for, where they are its contact.

    Raises:
        NoMilestoneError: there is no such milestone.
        NotAllowedError: the actor may not report, or the milestone is not the contact's.
        ChangedSinceError: somebody else changed it since.
        UnexplainedStatusError, PostponedQuarterError, MergedMilestoneError: see there.
    """
    actor.require(Permission.PLAN_REPORT)
    answers = await fact_answers(pool)
    async with pool.acquire() as connection, connection.transaction():
        await say_within(
            connection, actor, milestone_id, said, answers, seen=seen, contact_id=contact_id
        )


async def say_within(
    connection: PooledConnection,
    actor: Actor,
    milestone_id: str,
    said: Said,
    answers: FactAnswers,
    *,
    seen: int | None = None,
    contact_id: int | None = None,
) -> None:
    """Say how far a milestone is, in a transaction with other acts; see `say`. `answers` are those
    of the facts."""
    actor.require(Permission.PLAN_REPORT)
    if said.status is MilestoneStatus.MERGED:
        # Of two who merge milestones into each other the second sees what the first did.
        await connection.execute(PLAN_SQL["hold_plans"])
    was = await lock(connection, milestone_id, seen)
    if contact_id is not None:
        of_centre = await connection.fetchval(CONTACT_SQL["of_centre"], was["centre"])
        if contact_id not in (was["owner_id"], was["deputy_id"], of_centre):
            raise NotAllowedError(None, "the milestone is another person's")
    if said.status is MilestoneStatus.DROPPED and not said.note.strip():
        raise UnexplainedStatusError("say why the milestone is given up")
    fact = was["fact"]
    answer = None if fact is None else answers.get(Fact(str(fact)))
    is_denied = answer is not None and answer.holds and said.status is not MilestoneStatus.DONE
    if is_denied and not said.note.strip():
        raise UnexplainedStatusError("say why the milestone is not done against the fact")
    if said.status is MilestoneStatus.MERGED:
        chain = await connection.fetch(SQL["stands_for"], said.into)
        into = await connection.fetchval(SQL["plan_of"], said.into)
        stands_for = {said.into, *(row["merged_into"] for row in chain)}
        if into != was["plan_id"] or milestone_id in stands_for:
            raise MergedMilestoneError("say which other milestone of the plan stands for it")
    await change(connection, actor, was, _values(was, said), says=True)
    await note_heard(connection, contact_id, actor.account_id)


def _values(was: Values, said: Said) -> dict[str, object]:
    """The values of a milestone after somebody said how far it is, of those that it may change."""
    content: dict[str, object] = {"status": said.status.value, "note": said.note.strip()}
    if said.status is MilestoneStatus.POSTPONED:
        year, quarter = was["year"], was["quarter_to"]
        planned = (year, quarter) if isinstance(year, int) and isinstance(quarter, int) else None
        if said.until is None or (planned is not None and said.until <= planned):
            raise PostponedQuarterError("say to which later quarter the milestone is postponed")
        content |= {
            "postponed_year": said.until.year,
            "postponed_quarter": said.until.quarter,
        }
    elif said.status is MilestoneStatus.NOT_STARTED and was["postponed_year"] is not None:
        content |= {"postponed_year": None, "postponed_quarter": None}
    into = said.into if said.status is MilestoneStatus.MERGED else None
    if was["merged_into"] != into:
        content["merged_into"] = into
    return content


@unscoped
async def assign(
    pool: Pool,
    actor: Actor,
    milestone_ids: Collection[str],
    assignment: Assignment,
    *,
    seen: Mapping[str, int] = MappingProxyType({}),
) -> int:
    """Say who owns milestones, who stands in, and which centre is responsible. `seen` are the
    revisions of milestones that the actor saw, by their ids; of others they did not look.

    Returns:
        How many of them changed.

    Raises:
        NoMilestoneError: there is no such milestone.
        ChangedMilestonesError: somebody else changed some of them since.
        NoContactError: there is no such contact, or they have left.
    """
    actor.require(Permission.PLAN_MANAGE)
    values = {
        "owner_id": assignment.owner_id,
        "deputy_id": assignment.deputy_id,
        "centre": assignment.centre,
    }
    content = {name: value for name, value in values.items() if value is not Keep.KEEP}
    people = {one for one in (assignment.owner_id, assignment.deputy_id) if isinstance(one, int)}
    changed = 0
    async with pool.acquire() as connection, connection.transaction():
        # Two who assign the same milestones lock them in the same order, and the contacts after
        # them, as whoever says something of a milestone does.
        locked = [await lock(connection, one) for one in sorted(set(milestone_ids))]
        keys = {str(was["milestone_id"]): was["revision"] for was in locked}
        others = [key for key, revision in keys.items() if seen.get(key, revision) != revision]
        if others:
            raise ChangedMilestonesError(others)
        for contact_id in sorted(people):
            row = await connection.fetchrow(CONTACT_SQL["lock_contact"], contact_id)
            if row is None or row["left_at"] is not None:
                raise NoContactError(f"there is no contact {contact_id} who could own a milestone")
        for was in locked:
            changed += await change(connection, actor, was, content)
    return changed


@unscoped
async def need_decision(
    pool: Pool,
    actor: Actor,
    milestone_id: str,
    by: str,
    before: date | None,
    *,
    seen: int | None = None,
) -> None:
    """Say who is to decide something of a milestone, and before which day; "": nobody any more.

    Raises:
        NoMilestoneError: there is no such milestone.
        ChangedSinceError: somebody else changed it since.
    """
    actor.require(Permission.PLAN_REPORT)
    async with pool.acquire() as connection, connection.transaction():
        await need_decision_within(connection, actor, milestone_id, by, before, seen=seen)


async def need_decision_within(
    connection: PooledConnection,
    actor: Actor,
    milestone_id: str,
    by: str,
    before: date | None,
    *,
    seen: int | None = None,
) -> None:
    """The same in a transaction with other acts; see `need_decision`."""
    actor.require(Permission.PLAN_REPORT)
    needed = by.strip()
    content = {
        "decider": needed,
        "decision_before": before.isoformat() if needed and before else None,
    }
    await change(connection, actor, await lock(connection, milestone_id, seen), content)


@unscoped
async def set_political(
    pool: Pool, actor: Actor, milestone_id: str, *, is_political: bool, seen: int | None = None
) -> None:
    """Say whether a milestone goes to the committee.

    Raises:
        NoMilestoneError: there is no such milestone.
        ChangedSinceError: somebody else changed it since.
    """
    actor.require(Permission.PLAN_MANAGE)
    await _set(pool, actor, milestone_id, {"is_political": is_political}, seen)


@unscoped
async def say_in_own_words(
    pool: Pool, actor: Actor, milestone_id: str, own_words: str, *, seen: int | None = None
) -> None:
    """Say what people call a milestone in short; "": the words of the document.

    Raises:
        NoMilestoneError: there is no such milestone.
        ChangedSinceError: somebody else changed it since.
    """
    actor.require(Permission.PLAN_MANAGE)
    await _set(pool, actor, milestone_id, {"own_words": own_words.strip()}, seen)


@unscoped
async def answer_by(
    pool: Pool, actor: Actor, milestone_id: str, fact: Fact | None, *, seen: int | None = None
) -> None:
    """Let a fact of the system answer a milestone, or none.

    Raises:
        NoMilestoneError: there is no such milestone.
        ChangedSinceError: somebody else changed it since.
    """
    actor.require(Permission.PLAN_MANAGE)
    content = {"fact": None if fact is None else fact.value}
    await _set(pool, actor, milestone_id, content, seen)


async def _set(
    pool: Pool, actor: Actor, milestone_id: str, content: Values, seen: int | None
) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await change(connection, actor, await lock(connection, milestone_id, seen), content)
