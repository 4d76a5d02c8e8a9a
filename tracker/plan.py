"""The plan in the database: milestones by quarter with their status, note and history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

import asyncpg

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from tracker.content import ProgrammeContent

SQL = statements("plan")


class MilestoneStatus(StrEnum):
    """The status of a milestone as people set it. `Milestone.late` computes whether it is late."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE = "done"


class Quarter(NamedTuple):
    """A quarter of a year; an earlier quarter compares as less than a later one."""

    year: int
    quarter: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter that contains `day`."""
        return cls(day.year, (day.month + 2) // 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A dated result, with the names of the initiative and programme that it belongs to.

    `is_taken`: somebody has said how far a milestone of the programme is, so the programme is the
    municipality's own. The one that comes with the system is nobody's until then.
    """

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
    is_taken: bool

    @property
    def due(self) -> Quarter:
        """The quarter at whose end the milestone is due."""
        return Quarter(self.year, self.quarter)

    def late(self, today: date) -> bool:
        """Whether the milestone is not done although its quarter has ended. In a programme that
        nobody has taken, nothing is late."""
        is_open = self.is_taken and self.status is not MilestoneStatus.DONE
        return is_open and self.due < Quarter.of(today)


@dataclass(frozen=True, slots=True)
class OpenMilestones:
    """Milestones of programmes that are taken which are not done, in the order of their quarters.

    `late` has those whose quarter has ended, `coming` the others.
    """

    late: Sequence[Milestone]
    coming: Sequence[Milestone]


def open_milestones(milestones: Sequence[Milestone], today: date) -> OpenMilestones:
    """Those of `milestones` that are not done on the day `today`, late and coming."""
    left = [one for one in milestones if one.is_taken and one.status is not MilestoneStatus.DONE]
    left.sort(key=lambda one: one.due)
    return OpenMilestones(
        [one for one in left if one.late(today)], [one for one in left if not one.late(today)]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneChange:
    """A change of a milestone: the status and note that the actor set, and when."""

    status: MilestoneStatus
    note: str
    actor: str
    at: datetime


async def load_programme(pool: Pool, content: ProgrammeContent) -> None:
    """Adds a programme, its initiatives and its milestones, and leaves existing ones unchanged."""
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
    return [_milestone(row) for row in await pool.fetch(SQL["milestones"], None)]


async def milestone(pool: Pool, milestone_id: str) -> tuple[Milestone, Sequence[MilestoneChange]]:
    """One milestone with its history.

    Returns:
        The milestone, and its changes, the latest first.

    Raises:
        KeyError: there is no such milestone.
    """
    row = await pool.fetchrow(SQL["milestones"], milestone_id)
    if row is None:
        raise KeyError(milestone_id)
    changes = await pool.fetch(SQL["milestone_changes"], milestone_id)
    return _milestone(row), [
        MilestoneChange(
            status=MilestoneStatus(change["status"]),
            note=change["note"],
            actor=change["actor"],
            at=change["at"],
        )
        for change in changes
    ]


async def change_milestone(
    pool: Pool, actor: Actor, milestone_id: str, status: MilestoneStatus, note: str
) -> None:
    """Sets the status and the note of a milestone, and adds the change to its history.

    Raises:
        KeyError: there is no such milestone.
    """
    actor.require(Permission.PLAN_REPORT)
    async with pool.acquire() as connection, connection.transaction():
        before = await connection.fetchrow(SQL["milestone_now"], milestone_id)
        changed = await connection.fetchval(
            SQL["change_milestone"], milestone_id, status, note, str(actor)
        )
        if changed is None or before is None:
            raise KeyError(milestone_id)
        detail = {"status": status.value, "note": note}
        await record(
            connection,
            actor,
            Act.CHANGED,
            Subject.MILESTONE,
            milestone_id,
            detail,
            before=dict(before),
        )


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
        is_taken=row["is_taken"],
    )
