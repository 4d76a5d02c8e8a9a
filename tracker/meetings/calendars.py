"""The addresses at which a plan is subscribed to as a calendar: each is shown once, and ended by
hand."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from access.secret import new_secret, secret_sha256
from db.connect import CANNOT_STORE_ERRORS, Pool
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from tracker.changing import keep_part_change
from tracker.plans import plan

SQL = statements("plan_meeting")

#: The most characters in the name of an address.
LABEL_MAX = 100


class NoCalendarError(ExpectedError, LookupError):
    """There is no such calendar, or it has ended."""


class CalendarRefusedError(ExpectedError, ValueError):
    """A calendar is not named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCalendar:
    """An address of a calendar, without its token. `shows_owners`: the names of owners stand in
    it."""

    calendar_id: int
    plan_id: int
    label: str
    language: str
    shows_owners: bool
    made_by: str
    made_at: datetime
    last_used_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CalendarInForce:
    """What an address shows."""

    plan_id: int
    language: str
    shows_owners: bool


@unscoped
async def plan_calendars(pool: Pool, actor: Actor, plan_id: int) -> list[PlanCalendar]:
    """The addresses of a plan: those in force first."""
    actor.require(Permission.PLAN_MANAGE)
    return [PlanCalendar(**row) for row in await pool.fetch(SQL["calendars"], plan_id)]


@unscoped
async def new_calendar(
    pool: Pool, actor: Actor, plan_id: int, label: str, language: str, *, shows_owners: bool
) -> tuple[int, str]:
    """Make an address of a plan's calendar.

    Returns:
        Its id, and its token, which is told only once.

    Raises:
        NoPlanError: there is no such plan.
        CalendarRefusedError: it is not named.
    """
    actor.require(Permission.PLAN_MANAGE)
    shown = " ".join(label.split())
    if not 1 <= len(shown) <= LABEL_MAX:
        raise CalendarRefusedError("say who reads the calendar")
    await plan(pool, plan_id)
    token = new_secret()
    async with pool.acquire() as connection, connection.transaction():
        calendar_id = await connection.fetchval(
            *(SQL["add_calendar"], secret_sha256(token), plan_id),
            *(shown, language, shows_owners, str(actor)),
        )
        content: dict[str, object] = {"label": shown, "shows_owners": shows_owners}
        await keep_part_change(
            connection, actor, plan_id, "calendar", str(calendar_id), content, {}
        )
    return calendar_id, token


@unscoped
async def end_calendar(pool: Pool, actor: Actor, calendar_id: int) -> int:
    """End an address; the next request for it is refused.

    Returns:
        The id of its plan.

    Raises:
        NoCalendarError: there is none in force.
    """
    actor.require(Permission.PLAN_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["end_calendar"], calendar_id)
        if row is None:
            raise NoCalendarError(f"there is no calendar {calendar_id} in force")
        content: dict[str, object] = {"label": row["label"], "ended": True}
        await keep_part_change(
            connection, actor, row["plan_id"], "calendar", str(calendar_id), content, {}
        )
    return row["plan_id"]


async def calendar_in_force(pool: Pool, token: str) -> CalendarInForce:
    """What the address with this token shows; its use is noted.

    Raises:
        NoCalendarError: there is none, or it has ended.
    """
    row = await pool.fetchrow(SQL["calendar_in_force"], secret_sha256(token))
    if row is None:
        raise NoCalendarError("there is no such calendar, or it has ended")
    if row["is_due"]:
        # A database that only reads still answers.
        with suppress(*CANNOT_STORE_ERRORS):
            await pool.execute(SQL["calendar_used"], row["calendar_id"])
    return CalendarInForce(row["plan_id"], row["language"], row["shows_owners"])
