"""The plan in the database: milestones by quarter, their status and note, and who changed them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import asyncpg

from db.connect import Pool
from db.statements import statements
from tracker.content import ProgrammeContent

SQL = statements("plan")


class MilestoneStatus(StrEnum):
    """Where a milestone stands."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A dated result, with the names of the initiative and programme that it belongs to."""

    milestone_id: str
    title: str
    year: int
    quarter: int
    status: MilestoneStatus
    note: str
    initiative: str
    programme_id: str
    programme: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneChange:
    """One change of a milestone; they are added and never altered."""

    status: MilestoneStatus
    note: str
    changed_by: str
    changed_at: datetime


async def load_programme(pool: Pool, content: ProgrammeContent) -> None:
    """Add a programme's content. What is there already keeps its status and note."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            SQL["add_programme"], content.programme_id, content.name, content.purpose
        )
        rank = 0
        for initiative_rank, initiative in enumerate(content.initiative, start=1):
            await connection.execute(
                SQL["add_initiative"],
                initiative.initiative_id,
                content.programme_id,
                initiative.name,
                initiative_rank,
            )
            for milestone in initiative.milestones:
                rank += 1
                await connection.execute(
                    SQL["add_milestone"],
                    milestone.milestone_id,
                    initiative.initiative_id,
                    milestone.year,
                    milestone.quarter,
                    rank,
                    milestone.title,
                )


async def milestones(pool: Pool) -> Sequence[Milestone]:
    """Every milestone, by programme, quarter and rank."""
    return [_milestone(row) for row in await pool.fetch(SQL["milestones"])]


async def milestone(pool: Pool, milestone_id: str) -> tuple[Milestone, Sequence[MilestoneChange]]:
    """One milestone and its changes, the latest first.

    Raises:
        KeyError: there is no such milestone.
    """
    row = await pool.fetchrow(SQL["milestone"], milestone_id)
    if row is None:
        raise KeyError(milestone_id)
    changes = await pool.fetch(SQL["changes"], milestone_id)
    return _milestone(row), [
        MilestoneChange(
            status=MilestoneStatus(change["status"]),
            note=change["note"],
            changed_by=change["changed_by"],
            changed_at=change["changed_at"],
        )
        for change in changes
    ]


async def change_milestone(
    pool: Pool, milestone_id: str, status: MilestoneStatus, note: str, changed_by: str
) -> None:
    """Set a milestone's status and note, and keep who did it.

    Raises:
        KeyError: there is no such milestone.
    """
    changed: Any = await pool.fetchval(SQL["change"], milestone_id, status, note, changed_by)
    if changed is None:
        raise KeyError(milestone_id)


def _milestone(row: asyncpg.Record) -> Milestone:
    return Milestone(
        milestone_id=row["milestone_id"],
        title=row["title"],
        year=row["year"],
        quarter=row["quarter"],
        status=MilestoneStatus(row["status"]),
        note=row["note"],
        initiative=row["initiative"],
        programme_id=row["programme_id"],
        programme=row["programme"],
        purpose=row["purpose"],
    )
