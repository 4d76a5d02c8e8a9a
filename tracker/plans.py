"""The plans in the database, with their programmes, initiatives and strands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from db.connect import Pool
from db.statements import statements
from fleet.errors import ExpectedError

SQL = statements("plan")


class NoPlanError(ExpectedError, LookupError):
    """There is no such plan."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The document that a person confirmed last. `digest` is its SHA-256."""

    file_name: str
    digest: str
    confirmed_by: str
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class NotPlaced:
    """Lines of a document that the importer could place nowhere."""

    line_from: int
    line_to: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan of a year. `title` is that of the document, `name` what people call it, "" where they
    say nothing else. `reading` is None for a plan that was typed in or came with the system."""

    plan_id: int
    name: str
    title: str | None
    year: int | None
    policies: Sequence[str]
    not_placed: Sequence[NotPlaced]
    is_shipped: bool
    follows: int | None
    reading: Reading | None
    removed_at: datetime | None
    revision: int


@dataclass(frozen=True, slots=True)
class Resource:
    """The work of a centre that a programme may use. `aarsvaerk`: years of work of one person;
    None: a share without a number."""

    centre: str
    aarsvaerk: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A programme of a plan. `is_written`: the document names it; else it stands for a section of
    which the document tells no programme."""

    programme_id: str
    plan_id: int
    number: str
    name: str
    purpose: str
    success_criteria: Sequence[str]
    partners_internal: Sequence[str]
    partners_external: Sequence[str]
    resources: Sequence[Resource]
    is_written: bool
    gone_at: datetime | None
    revision: int
    is_taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiative:
    """An initiative of a programme, under the heading `section`."""

    initiative_id: str
    programme_id: str
    name: str
    section: str
    gone_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """The same matter through the quarters: its milestones in their order, by their ids."""

    strand_id: int
    plan_id: int
    section: str
    title: str
    milestones: Sequence[str]


async def plans(pool: Pool) -> list[Plan]:
    """Every plan that was not removed, the latest year first."""
    return [_plan(row) for row in await pool.fetch(SQL["plans"], None)]


async def plan(pool: Pool, plan_id: int) -> Plan:
    """One plan, also one that was removed.

    Raises:
        NoPlanError: there is none.
    """
    row = await pool.fetchrow(SQL["plans"], plan_id)
    if row is None:
        raise NoPlanError(f"there is no plan {plan_id}")
    return _plan(row)


async def programmes(pool: Pool, plan_id: int | None = None) -> list[Programme]:
    """The programmes of a plan, or of all of them, in their order."""
    return [
        Programme(
            programme_id=row["programme_id"],
            plan_id=row["plan_id"],
            number=row["number"],
            name=row["name"],
            purpose=row["purpose"],
            success_criteria=row["success_criteria"],
            partners_internal=row["partners_internal"],
            partners_external=row["partners_external"],
            resources=[
                Resource(centre, aarsvaerk)
                for centre, aarsvaerk in zip(row["centres"], row["aarsvaerk"], strict=True)
            ],
            is_written=row["is_written"],
            gone_at=row["gone_at"],
            revision=row["revision"],
            is_taken=row["is_taken"],
        )
        for row in await pool.fetch(SQL["programmes"], plan_id)
    ]


async def initiatives(pool: Pool, plan_id: int | None = None) -> list[Initiative]:
    """The initiatives of a plan, or of all of them, in their order."""
    return [
        Initiative(
            initiative_id=row["initiative_id"],
            programme_id=row["programme_id"],
            name=row["name"],
            section=row["section"],
            gone_at=row["gone_at"],
        )
        for row in await pool.fetch(SQL["initiatives"], plan_id)
    ]


async def strands(pool: Pool, plan_id: int | None = None) -> list[Strand]:
    """The strands of a plan, or of all of them, in their order."""
    return [
        Strand(
            strand_id=row["strand_id"],
            plan_id=row["plan_id"],
            section=row["section"],
            title=row["title"],
            milestones=row["milestones"],
        )
        for row in await pool.fetch(SQL["strands"], plan_id)
    ]


def _plan(row: asyncpg.Record) -> Plan:
    confirmed = row["confirmed_at"] is not None
    return Plan(
        plan_id=row["plan_id"],
        name=row["name"],
        title=row["title"],
        year=row["year"],
        policies=row["policies"],
        not_placed=[
            NotPlaced(one["line_from"], one["line_to"], one["text"]) for one in row["not_placed"]
        ],
        is_shipped=row["is_shipped"],
        follows=row["follows"],
        reading=(
            Reading(row["file_name"], row["digest"], row["confirmed_by"], row["confirmed_at"])
            if confirmed
            else None
        ),
        removed_at=row["removed_at"],
        revision=row["revision"],
    )
