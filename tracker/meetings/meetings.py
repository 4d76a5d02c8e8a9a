"""The meetings of committees, which people keep, and the milestones on their agendas."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError, refuse_unseen
from fleet.localtime import EARLIEST_DAY, LATEST_DAY
from tracker.changing import change, lock

SQL = statements("plan_meeting")

#: The most characters in the name of a committee.
COMMITTEE_MAX = 100


class NoMeetingError(ExpectedError, LookupError):
    """There is no such meeting."""


class MeetingRefusedError(ExpectedError, ValueError):
    """A meeting names no committee, has a day that is none, or is known already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting of a committee on a day."""

    meeting_id: int
    committee: str
    day: date
    revision: int


async def meetings(pool: Pool) -> list[Meeting]:
    """The meetings that are kept, the earliest first."""
    return [Meeting(**row) for row in await pool.fetch(SQL["meetings"], None)]


async def meeting(pool: Pool, meeting_id: int) -> Meeting:
    """One meeting.

    Raises:
        NoMeetingError: there is none.
    """
    row = await pool.fetchrow(SQL["meetings"], meeting_id)
    if row is None:
        raise NoMeetingError(f"there is no meeting {meeting_id}")
    return Meeting(**row)


@unscoped
async def add_meeting(pool: Pool, actor: Actor, committee: str, day: date) -> int:
    """Add a meeting.

    Returns:
        Its id.

    Raises:
        MeetingRefusedError: see there.
    """
    actor.require(Permission.PLAN_MANAGE)
    name = _name(committee, day)
    async with pool.acquire() as connection, connection.transaction():
        meeting_id = await connection.fetchval(SQL["add_meeting"], name, day)
        if meeting_id is None:
            raise MeetingRefusedError("this meeting is known already")
        await _keep(connection, actor, meeting_id, Act.CHANGED, _told(name, day), {})
    return meeting_id


@unscoped
async def change_meeting(
    pool: Pool, actor: Actor, meeting_id: int, committee: str, day: date, *, seen: int | None = None
) -> None:
    """Say another committee or day of a meeting. `seen` is the revision that the actor saw.

    Raises:
        NoMeetingError: there is none.
        ChangedSinceError: somebody else changed it since.
        MeetingRefusedError: see there.
    """
    actor.require(Permission.PLAN_MANAGE)
    name = _name(committee, day)
    async with pool.acquire() as connection, connection.transaction():
        before = await _lock(connection, meeting_id, seen)
        if await connection.fetchval(SQL["is_known"], meeting_id, name, day):
            raise MeetingRefusedError("this meeting is known already")
        await connection.execute(SQL["change_meeting"], meeting_id, name, day)
        await _keep(connection, actor, meeting_id, Act.CHANGED, _told(name, day), before)


@unscoped
async def remove_meeting(
    pool: Pool, actor: Actor, meeting_id: int, *, seen: int | None = None
) -> None:
    """Remove a meeting; what stood on its agenda is offered to others again.

    Raises:
        NoMeetingError: there is none.
        ChangedSinceError: somebody else changed it since.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        before = await _lock(connection, meeting_id, seen)
        await connection.execute(SQL["remove_meeting"], meeting_id)
        await _keep(connection, actor, meeting_id, Act.REMOVED, {}, before)


@unscoped
async def put_on_agenda(
    pool: Pool,
    actor: Actor,
    milestone_ids: Collection[str],
    meeting_id: int | None,
    *,
    seen: int | None = None,
) -> int:
    """Put milestones on the agenda of a meeting, or take them off; None: of none. `seen` is the
    revision of a single one that the actor saw.

    Returns:
        How many of them changed.

    Raises:
        NoMeetingError: there is no such meeting.
        NoMilestoneError: there is no such milestone.
        ChangedSinceError: somebody else changed it since.
    """
    actor.require(Permission.PLAN_MANAGE)
    changed = 0
    async with pool.acquire() as connection, connection.transaction():
        if meeting_id is not None:
            await _lock(connection, meeting_id, None)
        for milestone_id in sorted(set(milestone_ids)):
            was = await lock(connection, milestone_id, seen)
            changed += await change(connection, actor, was, {"meeting_id": meeting_id})
    return changed


def _name(committee: str, day: date) -> str:
    name = " ".join(committee.split())
    if not name or len(name) > COMMITTEE_MAX:
        raise MeetingRefusedError("say which committee meets")
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise MeetingRefusedError(f"{day} is too far away")
    return name


def _told(committee: str, day: date) -> dict[str, object]:
    return {"committee": committee, "day": day.isoformat()}


async def _lock(
    connection: PooledConnection, meeting_id: int, seen: int | None
) -> dict[str, object]:
    row = await connection.fetchrow(SQL["lock_meeting"], meeting_id)
    if row is None:
        raise NoMeetingError(f"there is no meeting {meeting_id}")
    refuse_unseen(seen, row["revision"])
    return _told(row["committee"], row["day"])


async def _keep(
    connection: PooledConnection,
    actor: Actor,
    meeting_id: int,
    act: Act,
    content: dict[str, object],
    before: dict[str, object],
) -> None:
    await connection.execute(SQL["record_change"], meeting_id, content, before, str(actor))
    await record(
        connection, actor, act, Subject.PLAN_MEETING, meeting_id, content or before, before=before
    )
