"""Compares a document with a plan that is here, as whoever takes it will."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from tracker.documents.matching import (
    NO_ANSWERS,
    Answers,
    FoundAgain,
    GoingOn,
    Question,
    found_again,
    going_on,
)
from tracker.documents.placing import PlanRefusedError
from tracker.importer.plan_file import Initiative, Milestone, PlanFile, Programme
from tracker.plans import NoPlanError

SQL = statements("plan_document")


class OtherYearError(PlanRefusedError):
    """A document is of another year than the plan: it is that of the next year's plan, perhaps."""


class ShippedPlanError(ExpectedError, ValueError):
    """A plan came with the system, and has no document that could be corrected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A document beside a plan that is here. `earlier` has the ids of milestones of the plan by
    those that they have in the document, and `asked` what a person is to be asked. `known` are the
    milestones of the plan that count, and `typed` the ids of those that nobody read from a
    document. `revision` is that of the plan."""

    revision: int
    year: int | None
    known: Sequence[Milestone]
    typed: frozenset[str]
    earlier: Mapping[str, str]
    asked: Sequence[Question]


@unscoped
async def compare_again(
    pool: Pool, actor: Actor, plan_id: int, plan: PlanFile, answers: Answers = NO_ANSWERS
) -> Compared:
    """Compare a corrected document with its plan.

    Raises:
        NoPlanError: there is no such plan.
        ShippedPlanError: the plan came with the system.
        OtherYearError: the document is of another year.
        PlanRefusedError: the answers name what is not there.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        row = await known_plan(connection, plan_id)
        refuse_shipped(is_shipped=row["is_shipped"])
        refuse_other_year(row["year"], plan.year)
        rows = await in_order(connection, plan_id)
        before = await as_compared(connection, plan_id, rows)
    found = await find_again(before, plan, rows, answers)
    return _compared(row, rows, {new: old for old, new in found.later.items()}, found.asked)


@unscoped
async def compare_next(
    pool: Pool, actor: Actor, plan_id: int, plan: PlanFile, answers: Answers = NO_ANSWERS
) -> Compared:
    """Compare the document of the next year with the plan before.

    Raises:
        NoPlanError: there is no such plan.
        PlanRefusedError: the document is of no later year, or the answers name what is not there.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        row = await known_plan(connection, plan_id)
        refuse_same_year(row["year"], plan.year)
        rows = await in_order(connection, plan_id)
        before = await as_compared(connection, plan_id, _there(rows))
    found = await find_going_on(before, plan, answers)
    return _compared(row, rows, found.earlier, found.asked)


async def find_again(
    before: PlanFile, plan: PlanFile, rows: Sequence[Mapping[str, Any]], answers: Answers
) -> FoundAgain:
    """Find the milestones of a plan, of which `rows` are the values, in a corrected document.

    Large plans take seconds: they are compared in a thread.

    Raises:
        PlanRefusedError: the answers name what is not there.
    """
    _refuse_unknown(before, plan, answers)
    if len(set(answers.same.values())) < len(answers.same):
        raise PlanRefusedError("two milestones cannot be the same one")
    gone = [str(row["milestone_id"]) for row in rows if row["gone_at"] is not None]
    return await asyncio.to_thread(found_again, before, plan, gone, answers)


async def find_going_on(before: PlanFile, plan: PlanFile, answers: Answers) -> GoingOn:
    """Find what goes on in the next year, in a thread.

    Raises:
        PlanRefusedError: the answers name what is not there.
    """
    _refuse_unknown(before, plan, answers)
    return await asyncio.to_thread(going_on, before, plan, answers)


def refuse_shipped(*, is_shipped: bool) -> None:
    """Refuse to correct what came with the system.

    Raises:
        ShippedPlanError: the plan did.
    """
    if is_shipped:
        raise ShippedPlanError("this plan came with the system, and has no document")


def refuse_other_year(of_plan: int | None, of_document: int | None) -> None:
    """Refuse a document of another year than the plan whose corrected document it is to be.

    Raises:
        OtherYearError: it is.
    """
    if None not in (of_plan, of_document) and of_plan != of_document:
        raise OtherYearError(
            f"the document is of {of_document} and the plan of {of_plan}: take it as the plan of"
            " another year, which follows this one"
        )


def refuse_same_year(of_plan: int | None, of_document: int | None) -> None:
    """Refuse a document that is of no later year than the plan that it is to follow.

    Raises:
        PlanRefusedError: it is of none.
    """
    if of_plan is not None and of_document is not None and of_document <= of_plan:
        raise PlanRefusedError(f"the year {of_document} is not after {of_plan}")


async def known_plan(connection: PooledConnection, plan_id: int) -> Mapping[str, Any]:
    """The row of a plan.

    Raises:
        NoPlanError: there is none.
    """
    row = await connection.fetchrow(SQL["known_plan"], plan_id)
    if row is None:
        raise NoPlanError(f"there is no plan {plan_id}")
    return dict(row)


async def in_order(connection: PooledConnection, plan_id: int) -> list[dict[str, Any]]:
    """The values of all milestones of a plan in their order; those that are gone come last."""
    return [
        cast("dict[str, Any]", row["content"])
        for row in await connection.fetch(SQL["known_milestones"], plan_id)
    ]


async def as_compared(
    connection: PooledConnection, plan_id: int, rows: Sequence[Mapping[str, Any]]
) -> PlanFile:
    """A plan as a file, whose milestones, of which `rows` are the values, have the ids that they
    have here."""
    there = {row["milestone_id"] for row in rows}
    return PlanFile(
        title=None,
        year=None,
        programmes=tuple(
            Programme(number=one["number"] or None, title=one["name"] or None)
            for one in await connection.fetch(SQL["known_programmes"], plan_id)
        ),
        initiatives=tuple(
            Initiative(section=one["section"] or None, title=one["name"], programme=None)
            for one in await connection.fetch(SQL["known_initiatives"], plan_id)
        ),
        milestones=tuple(
            Milestone(
                id=one["milestone_id"],
                section=one["section"] or None,
                text=one["text"],
                year=one["year"],
                quarter_from=one["quarter_from"],
                quarter_to=one["quarter_to"],
                level=one["level"],
                parent=one["parent_id"] if one["parent_id"] in there else None,
                line_from=1,
                line_to=1,
            )
            for one in rows
        ),
    )


def _there(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["gone_at"] is None]


def _compared(
    row: Mapping[str, Any],
    rows: Sequence[dict[str, Any]],
    earlier: Mapping[str, str],
    asked: Sequence[Question],
) -> Compared:
    there = _there(rows)
    return Compared(
        revision=row["revision"],
        year=row["year"],
        known=[
            Milestone(
                id=one["milestone_id"],
                section=one["section"] or None,
                text=one["text"],
                year=one["year"],
                quarter_from=one["quarter_from"],
                quarter_to=one["quarter_to"],
                line_from=1,
                line_to=1,
            )
            for one in there
        ],
        typed=frozenset(str(one["milestone_id"]) for one in there if one["is_typed"]),
        earlier=earlier,
        asked=asked,
    )


def _refuse_unknown(before: PlanFile, plan: PlanFile, answers: Answers) -> None:
    here, there = {one.id for one in before.milestones}, {one.id for one in plan.milestones}
    named = set(answers.same.values())
    if unknown := {*({*answers.same, *answers.new} - there), *(named - here)}:
        raise PlanRefusedError(f"there is no milestone {min(unknown)}")
    if both := answers.same.keys() & {*answers.new}:
        raise PlanRefusedError(f"milestone {min(both)} is the same and another")
