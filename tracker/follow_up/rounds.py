"""The follow-ups in the database: a plan's quarter is opened, read and closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import asyncpg

from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.localtime import local_day, local_now
from tracker.changing import keep_part_change
from tracker.follow_up.asking import Line, Wanted, group_of
from tracker.follow_up.settings import FollowUpSettings
from tracker.milestone import MilestoneStatus
from tracker.milestones import standings
from tracker.plans import NoPlanError
from tracker.progress import Counted
from tracker.quarter import Quarter

SQL = statements("follow_up")

#: The part of a plan in its history.
PART = "follow_up"


class NoFollowUpError(ExpectedError, LookupError):
    """There is no such follow-up, or no such link in it."""


class FollowUpRefusedError(ExpectedError, ValueError):
    """A quarter of a plan is followed up already, is closed, or its day lies before today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """The follow-up of a plan in a quarter. Answers are asked for by the day `answer_by`, and links
    work until the end of `ends_on`, or until somebody closes it.

    `is_removed`: the plan was removed, and nothing is asked about it any more. `turn_to` is whom
    people turn to, with their address of mail, "" where none is known.
    """

    follow_up_id: int
    plan_id: int
    plan: str
    quarter: Quarter
    answer_by: date
    ends_on: date
    turn_to: str
    turn_to_address: str
    opened_at: datetime
    closed_at: datetime | None
    is_removed: bool = False

    def is_open(self, today: date) -> bool:
        """Whether people answer by their links."""
        return not self.is_removed and self.closed_at is None and today <= self.ends_on


@unscoped
async def follow_ups(
    pool: Pool, plan_id: int | None = None, *, only_open: bool = False
) -> Sequence[FollowUp]:
    """The follow-ups of a plan, or of all of them, the latest quarter first."""
    today = local_now().date()
    found = [_follow_up(row) for row in await pool.fetch(SQL["follow_ups"], plan_id, None)]
    return [one for one in found if one.is_open(today)] if only_open else found


@unscoped
async def follow_up(pool: Pool, follow_up_id: int, *, with_removed: bool = False) -> FollowUp:
    """One follow-up; `with_removed`: also that of a plan which was removed.

    Raises:
        NoFollowUpError: there is none.
    """
    row = await pool.fetchrow(SQL["follow_ups"], None, follow_up_id)
    if row is None or (row["is_removed"] and not with_removed):
        raise NoFollowUpError(f"there is no follow-up {follow_up_id}")
    return _follow_up(row)


@unscoped
async def open_follow_up(
    pool: Pool,
    actor: Actor,
    plan_id: int,
    quarter: Quarter,
    answer_by: date | None,
    settings: FollowUpSettings,
) -> int:
    """Begin the follow-up of a plan in a quarter, or begin one anew that was closed or has ended:
    who was asked is not asked twice. Without `answer_by` the settings say the day.

    Mails go out by `telling.tell_owners`.

    Returns:
        Its id.

    Raises:
        NoPlanError: there is no such plan.
        FollowUpRefusedError: the quarter is followed up already, or the day lies before today.
    """
    actor.require(Permission.PLAN_MANAGE)
    today = local_now().date()
    if answer_by is None:
        asked_by = quarter.last_day + timedelta(days=settings.follow_up_answer_days)
        answer_by = max(asked_by, today + timedelta(days=settings.follow_up_answer_days))
    if answer_by < today:
        raise FollowUpRefusedError("the day by which owners answer lies before today")
    ends_on = answer_by + timedelta(days=settings.follow_up_link_days)
    async with pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval(SQL["lock_plan"], plan_id):
            raise NoPlanError(f"there is no plan {plan_id}")
        row = await connection.fetchrow(SQL["of_quarter"], plan_id, *quarter)
        if row is not None and row["closed_at"] is None and row["ends_on"] >= today:
            raise FollowUpRefusedError("the quarter is followed up already")
        follow_up_id = await connection.fetchval(
            SQL["open"], plan_id, *quarter, answer_by, ends_on, str(actor), actor.account_id
        )
        content = {
            "year": quarter.year,
            "quarter": quarter.quarter,
            "answer_by": answer_by.isoformat(),
        }
        await keep_part_change(connection, actor, plan_id, PART, str(follow_up_id), content, {})
    return follow_up_id


@unscoped
async def close_follow_up(pool: Pool, actor: Actor, follow_up_id: int) -> None:
    """Close a quarter: its links say so, and change nothing any more.

    Raises:
        NoFollowUpError: there is none.
        FollowUpRefusedError: it is closed already.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["lock"], follow_up_id)
        if row is None:
            raise NoFollowUpError(f"there is no follow-up {follow_up_id}")
        if row["closed_at"] is not None:
            raise FollowUpRefusedError("the quarter is closed already")
        await connection.execute(SQL["close"], follow_up_id)
        content = {"closed": True}
        await keep_part_change(
            connection, actor, row["plan_id"], PART, str(follow_up_id), content, {}
        )


async def share_open(connection: PooledConnection, follow_up_id: int, today: date) -> bool:
    """Whether a follow-up is open, which it stays until the transaction ends."""
    return await connection.fetchval(SQL["share_open"], follow_up_id, today) is not None


@unscoped
async def wanted_of(pool: Pool, one: FollowUp) -> Sequence[Wanted]:
    """The milestones of which a follow-up wants to hear, in the order of the document, and those
    that come after its quarter. Silence counts from the day on which it began."""
    since = local_day(one.opened_at)
    found = await standings(pool, one.plan_id)
    kinds = Counted(found, {}, today=local_now().date(), since=since).kinds()
    lines = {
        row["milestone_id"]: Line(row["owner_id"], row["deputy_id"], row["centre_contact_id"])
        for row in await pool.fetch(SQL["lines"], one.plan_id)
    }
    reachable = {row["contact_id"] for row in await pool.fetch(SQL["reachable"])}
    return [
        Wanted(
            milestone_id=standing.milestone_id,
            owner_id=standing.owner_id,
            line=lines[standing.milestone_id].reached(reachable),
            group=group_of(standing.due, one.quarter),
            status=kind.status,
            is_silent=kind.silent,
            is_answered=standing.said_at is not None and local_day(standing.said_at) >= since,
            is_answered_by_fact=(standing.said_at is None and kind.status is MilestoneStatus.DONE),
        )
        for standing, kind in zip(found, kinds, strict=True)
        if standing.milestone_id in lines and standing.is_taken
    ]


def _follow_up(row: asyncpg.Record) -> FollowUp:
    return FollowUp(
        follow_up_id=row["follow_up_id"],
        plan_id=row["plan_id"],
        plan=row["plan"],
        quarter=Quarter(row["year"], row["quarter"]),
        answer_by=row["due_on"],
        ends_on=row["ends_on"],
        turn_to=row["opened_by"],
        turn_to_address=row["address"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        is_removed=row["is_removed"],
    )
