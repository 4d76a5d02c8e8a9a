"""The milestones in the database, as they stand and as they were changed."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

import asyncpg

from db.connect import Pool
from db.statements import statements
from fleet.errors import ExpectedError
from tracker.contacts import owner_standings
from tracker.facts import Fact, FactAnswers
from tracker.facts_stored import fact_answers
from tracker.milestone import (
    STATUS_BY_VALUE,
    Level,
    Milestone,
    MilestoneChange,
    NeededDecision,
    Person,
    Source,
    due_quarter,
    status_in_force,
)
from tracker.plans import strands
from tracker.progress import Progress, Standing, progress
from tracker.quarter import quarter_of

SQL = statements("milestone")

#: The signs that mean others than themselves in a pattern of SQL.
_PATTERN_SIGN = re.compile(r"[%_\\]")

#: The standings of plans that were read last, by their plans, with the versions that they are of.
#: Tens of thousands take longer to read than a page may take, and few plans change between two.
_KEPT: dict[int, tuple[object, Sequence[Standing]]] = {}


class NoMilestoneError(ExpectedError, LookupError):
    """There is no such milestone."""


async def milestones(
    pool: Pool, plan_id: int | None = None, *, with_gone: bool = False
) -> list[Milestone]:
    """The milestones of a plan, or of all of them, by programme and quarter; `with_gone`: also
    those that the last document lacks."""
    answers = await fact_answers(pool)
    rows = await pool.fetch(SQL["milestones"], plan_id, None, with_gone)
    return [_milestone(row, answers) for row in rows]


async def milestones_of(pool: Pool, milestone_ids: Collection[str]) -> dict[str, Milestone]:
    """Some milestones by their ids, in the order in which these are given; those that are not there
    are left out."""
    answers = await fact_answers(pool)
    rows = await pool.fetch(SQL["milestones"], None, list(milestone_ids), True)
    found = {row["milestone_id"]: _milestone(row, answers) for row in rows}
    return {one: found[one] for one in milestone_ids if one in found}


async def revisions_of(pool: Pool, milestone_ids: Collection[str]) -> Mapping[str, int]:
    """The revisions of milestones by their ids; those that are not there are left out."""
    rows = await pool.fetch(SQL["revisions"], list(milestone_ids))
    return {row["milestone_id"]: row["revision"] for row in rows}


async def changed_since(
    pool: Pool, milestone_ids: Collection[str], moment: datetime
) -> Sequence[str]:
    """Those of some milestones that were changed since a moment, the latest first."""
    rows = await pool.fetch(SQL["changed_since"], list(milestone_ids), moment)
    return [row["milestone_id"] for row in rows]


async def ids_in_order(pool: Pool, plan_id: int | None = None) -> list[str]:
    """The ids of the milestones of a plan, or of all of them, by programme and quarter."""
    return [row["milestone_id"] for row in await pool.fetch(SQL["ids_in_order"], plan_id)]


async def standings(pool: Pool, plan_id: int | None = None) -> Sequence[Standing]:
    """The values that count of each milestone of a plan, or of all of them, in the order of the
    document. Only plans of which something changed since they were asked for last are read."""
    answers = await fact_answers(pool)
    holding = frozenset(fact for fact, one in answers.items() if one.holds)
    versions = {
        row["plan_id"]: (*row, holding)
        for row in await pool.fetch(SQL["standing_versions"], plan_id)
    }
    found = {
        one: _KEPT[one]
        for one, version in versions.items()
        if one in _KEPT and _KEPT[one][0] == version
    }
    if len(found) < len(versions):
        # What changes while it is read has another version the next time.
        changed = [one for one in versions if one not in found]
        read: dict[int, list[Standing]] = {one: [] for one in changed}
        for one in _standings(await pool.fetch(SQL["standings"], changed), answers):
            read[one.plan_id].append(one)
        found |= {one: (versions[one], read[one]) for one in changed}
        _KEPT.update(found)
    if plan_id is None:
        for one in _KEPT.keys() - versions.keys():
            del _KEPT[one]
    return [one for plan in versions for one in found[plan][1]]


async def with_words(pool: Pool, plan_id: int | None, words: Sequence[str]) -> set[str] | None:
    """The ids of milestones of a plan, or of all of them, in whose texts, notes or numbers all of
    these words occur; None: there are no words to look for."""
    if not words:
        return None
    patterns = [_pattern(word) for word in words]
    return {row["milestone_id"] for row in await pool.fetch(SQL["with_words"], plan_id, patterns)}


async def decision_days(pool: Pool, plan_id: int | None = None) -> Mapping[str, date]:
    """The days before which something is to be decided of milestones of a plan, or of all of them,
    by the ids of those that have such a day."""
    rows = await pool.fetch(SQL["decision_days"], plan_id)
    return {row["milestone_id"]: row["decision_before"] for row in rows}


async def milestone(pool: Pool, milestone_id: str) -> tuple[Milestone, Sequence[MilestoneChange]]:
    """One milestone with its history.

    Returns:
        The milestone, and its changes, the latest first.

    Raises:
        NoMilestoneError: there is no such milestone.
    """
    row = await pool.fetchrow(SQL["milestones"], None, [milestone_id], True)
    if row is None:
        raise NoMilestoneError(f"there is no milestone {milestone_id}")
    changes = await pool.fetch(SQL["milestone_changes"], milestone_id)
    return _milestone(row, await fact_answers(pool)), [_change(change) for change in changes]


async def changes_since(pool: Pool, plan_id: int, since: datetime) -> list[MilestoneChange]:
    """The changes of the milestones of a plan since a moment, the latest first. Undone one after
    the other, they lead from what holds now to what held then."""
    return [_change(row) for row in await pool.fetch(SQL["changes_since"], plan_id, since)]


async def read_progress(
    pool: Pool, today: date, since: date, plan_id: int | None = None
) -> Progress:
    """How far a plan is, or all plans, whose strands are not told then. `since` is the day from
    which silence counts."""
    return progress(
        await standings(pool, plan_id),
        await owner_standings(pool),
        today=today,
        since=since,
        strands=(
            {}
            if plan_id is None
            else {one.strand_id: one.milestones for one in await strands(pool, plan_id)}
        ),
    )


def _pattern(word: str) -> str:
    """The pattern of the texts in small letters that contain a word."""
    return "%" + _PATTERN_SIGN.sub(r"\\\g<0>", word.lower()) + "%"


def _standings(rows: Sequence[asyncpg.Record], answers: FactAnswers) -> Sequence[Standing]:
    """The values of milestones that count. They are tens of thousands, and so made by columns."""
    if not rows:
        return ()
    (ids, plan_ids, programme_ids, initiative_ids, said, years, quarters, to_years, to_quarters,
     centres, owners, needs, said_at, facts, taken) = zip(*rows, strict=True)  # fmt: skip
    status = [
        STATUS_BY_VALUE[one]
        if fact is None
        else status_in_force(STATUS_BY_VALUE[one], at, answers.get(Fact(fact)))
        for one, at, fact in zip(said, said_at, facts, strict=True)
    ]
    planned, postponed = map(quarter_of, years, quarters), map(quarter_of, to_years, to_quarters)
    due = map(due_quarter, planned, postponed)
    columns = (
        ids, plan_ids, programme_ids, initiative_ids, status, due, centres, owners, needs, said_at,
        taken,
    )  # fmt: skip
    return list(map(Standing._make, zip(*columns, strict=True)))


def _milestone(row: asyncpg.Record, answers: FactAnswers) -> Milestone:
    return Milestone(
        milestone_id=row["milestone_id"],
        plan_id=row["plan_id"],
        programme_id=row["programme_id"],
        programme=row["programme"],
        initiative_id=row["initiative_id"] or "",
        initiative=row["initiative"] or "",
        section=row["section"],
        rank=row["rank"],
        document_id=row["document_id"],
        text=row["text"],
        own_words=row["own_words"],
        level=Level(row["level"]),
        parent_id=row["parent_id"],
        year=row["year"],
        quarter_from=row["quarter_from"],
        quarter_to=row["quarter_to"],
        quarter_as_written=row["quarter_as_written"],
        is_inferred=row["is_inferred"],
        quarter_confirmed_by=row["quarter_confirmed_by"],
        source=Source(row["line_from"], row["line_to"], row["page"]),
        said=STATUS_BY_VALUE[row["status"]],
        note=row["note"],
        postponed=quarter_of(row["postponed_year"], row["postponed_quarter"]),
        merged_into=row["merged_into"],
        said_at=row["said_at"],
        owner=_person(row, "owner"),
        deputy=_person(row, "deputy"),
        centre=row["centre"],
        is_political=row["is_political"],
        decision=(
            NeededDecision(row["decider"], row["decision_before"]) if row["decider"] else None
        ),
        answer=None if row["fact"] is None else answers.get(Fact(row["fact"])),
        gone_at=row["gone_at"],
        follows=row["follows"],
        meeting_id=row["meeting_id"],
        revision=row["revision"],
        is_taken=row["is_taken"],
    )


def _person(row: asyncpg.Record, part: str) -> Person | None:
    contact_id = row[f"{part}_id"]
    if contact_id is None:
        return None
    return Person(contact_id, row[part], row[f"{part}_left_at"] is not None)


def _change(row: asyncpg.Record) -> MilestoneChange:
    return MilestoneChange(
        milestone_id=row["milestone_id"],
        content=row["content"],
        before=row["before"],
        actor=row["actor"],
        at=row["at"],
    )
