"""Reads from the history how the milestones of plans stood at a moment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from db.connect import Pool
from db.statements import statements
from fleet.localtime import day_start
from tracker.facts import Fact, FactAnswer, FactAnswers
from tracker.facts_stored import fact_answers
from tracker.milestone import STATUS_BY_VALUE, due_quarter, status_in_force
from tracker.progress import Standing
from tracker.quarter import Quarter, quarter_of
from tracker.since.moves import Moved, Stood, moves
from tracker.since.promises import Promise, promises

SQL = statements("plan_since")


def stood_now(standings: Sequence[Standing]) -> Mapping[str, Stood]:
    """How milestones stand now."""
    return {one.milestone_id: Stood(one.programme_id, one.due, one.status) for one in standings}


async def stood_at(
    pool: Pool, plan_id: int | None, moment: datetime, now: Mapping[str, Stood]
) -> Mapping[str, Stood]:
    """The standing of the milestones of a plan, or of all of them, at a moment, in the order of
    those that stand `now`; what is gone since comes last."""
    then = await stood_otherwise(pool, plan_id, moment)
    return {key: one for key, one in {**now, **then}.items() if one is not None}


async def stood_otherwise(
    pool: Pool, plan_id: int | None, moment: datetime, *, only_moved: bool = False
) -> Mapping[str, Stood | None]:
    """How the milestones of a plan, or of all of them, stood at a moment, as far as they may have
    stood otherwise than now; None: they were not of the plan. `only_moved`: only those that may
    have been due in another quarter, or were not of the plan."""
    answers = _answers_at(await fact_answers(pool), moment)
    rows = await pool.fetch(SQL["stood_otherwise"], plan_id, moment, only_moved)
    stood: dict[str, Stood | None] = {}
    # They are tens of thousands, of which each is taken apart at once.
    for key, programme_id, said, year, quarter, to_year, to_quarter, fact, said_at, was in rows:
        status = STATUS_BY_VALUE[said]
        if fact is not None:
            status = status_in_force(status, said_at, answers.get(Fact(fact)))
        due = due_quarter(quarter_of(year, quarter), quarter_of(to_year, to_quarter))
        stood[key] = Stood(programme_id, due, status) if was else None
    return stood


def moves_from(then: Mapping[str, Stood | None], standings: Sequence[Standing]) -> Sequence[Moved]:
    """The milestones that stand otherwise than `then`, as `stood_otherwise` tells it; `standings`
    are all of now."""
    now = stood_now([one for one in standings if one.milestone_id in then])
    return moves({key: one for key, one in then.items() if one is not None}, now)


@dataclass(frozen=True, slots=True)
class Commitment:
    """What was promised for a quarter of a plan at a moment, and what became of it."""

    promised_at: datetime
    promises: Sequence[Promise]


async def commitment(
    pool: Pool, plan_id: int, quarter: Quarter, at: datetime, now: Mapping[str, Stood]
) -> Commitment:
    """What was promised for a quarter of a plan when it began, and what became of it until the
    moment `at`, at which milestones stand as `now` says. A plan that began later promised
    then; a quarter to come is promised as the plan stands."""
    begins, ends = day_start(quarter.first_day), day_start(quarter.next.first_day)
    began = await pool.fetchval(SQL["plan_began"], plan_id)
    if began is not None and began >= begins:
        begins = began + timedelta(microseconds=1)
    promised_at = min(begins, at)
    promised = await stood_at(pool, plan_id, promised_at, now) if begins < at else now
    is_over = ends <= at
    at_end = await stood_at(pool, plan_id, ends, now) if is_over else now
    return Commitment(promised_at, promises(promised, at_end, now, quarter, is_over=is_over))


async def titles(pool: Pool, milestone_ids: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """What people call milestones, and the names of their programmes, by their ids, those among
    them that are gone."""
    rows = await pool.fetch(SQL["titles"], list(milestone_ids))
    return {row["milestone_id"]: (row["title"], row["programme"]) for row in rows}


def _answers_at(answers: FactAnswers, moment: datetime) -> FactAnswers:
    """What was known of facts at a moment."""
    return {fact: _answer_at(one, moment) for fact, one in answers.items()}


def _answer_at(one: FactAnswer, moment: datetime) -> FactAnswer:
    held = one.holds and one.at is not None and one.at < moment
    return replace(one, holds=held, at=one.at if held else None)
