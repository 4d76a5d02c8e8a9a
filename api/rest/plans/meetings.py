"""The meetings of committees and the calendars of plans, for programs: `/v1/plan-meetings` and
`/v1/plan-calendars`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from api.pages.meetings.calendars import CALENDAR_PATH
from api.pages.meetings.feed import plan_calendar
from api.pages.meetings.meetings import agenda_of, agenda_pdf, agenda_workbook
from api.pages.reports.documents import CONTENT_TYPE as PDF_TYPE
from api.pages.words.language import Language, mark
from api.rest.frame.bodies import (
    Day,
    Id,
    Name,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.plans.milestones import MilestoneTold, show_milestone
from fleet.actor import Permission
from fleet.files.table_format import TableFormat
from fleet.localtime import local_now
from reports.calendar import CONTENT_TYPE
from tracker.meetings.agenda import Agenda, agendas
from tracker.meetings.calendars import PlanCalendar, end_calendar, new_calendar, plan_calendars
from tracker.meetings.meetings import add_meeting, change_meeting, put_on_agenda, remove_meeting
from tracker.plans import plan


class MeetingTold(ResponseBody):
    """A meeting of a committee, with the ids of the milestones on its agenda, and of those that are
    offered to it."""

    id: int
    committee: str
    day: date
    revision: int
    items: list[str]
    offered: list[str]


class MeetingsTold(ResponseBody):
    """All meetings, the earliest first."""

    items: list[MeetingTold]


class MeetingBody(RequestBody):
    """A meeting of a committee."""

    model_config = example(committee="Teknik- og Miljøudvalget", day="2027-01-12")

    committee: Annotated[Name, Field(max_length=100)]
    day: Annotated[Day, Field(strict=False)]


class MeetingChangeBody(MeetingBody):
    """Another committee or day of a meeting. `revision` is the one that was read."""

    model_config = example(committee="Teknik- og Miljøudvalget", day="2027-01-12", revision=1)

    revision: Revision | None = None
    id: Told = None
    items: Told = None
    offered: Told = None


class MeetingRemoval(RequestBody):
    """A meeting that is not held. `revision` is the one that was read."""

    model_config = example(revision=1)

    revision: Revision | None = None


class RemovedMeeting(ResponseBody):
    """The meeting that was removed."""

    id: int


class AgendaBody(RequestBody):
    """The meeting on whose agenda a milestone is to stand; null: on none."""

    model_config = example(meeting_id=1)

    meeting_id: Id | None
    revision: Revision | None = None


class LanguageQuery(Query):
    """The language of a file."""

    language: Language = Language.DANISH


class CalendarQuery(LanguageQuery):
    """The language of a calendar; `owners`: the names of owners stand in it."""

    owners: bool = False


class CalendarTold(ResponseBody):
    """An address of a calendar, without its token."""

    id: int
    label: str
    language: Language
    shows_owners: bool
    made_by: str
    made_at: datetime
    last_used_at: datetime | None
    ended_at: datetime | None


class CalendarsTold(ResponseBody):
    """The addresses of the calendar of a plan: those in force first."""

    items: list[CalendarTold]


class NewCalendarBody(RequestBody):
    """Who reads a calendar, and in which language; `shows_owners`: the names of owners stand in
    it."""

    model_config = example(label="Sekretariatet")

    label: Annotated[Name, Field(max_length=100)]
    language: Annotated[Language, Field(strict=False)] = Language.DANISH
    shows_owners: bool = False


class NewCalendarTold(ResponseBody):
    """The address that was made, which is told only once."""

    id: int
    address: str


class CalendarEnd(RequestBody):
    """An address that is to end."""


class EndedCalendar(ResponseBody):
    """The address that has ended."""

    id: int


async def list_meetings(call: Call[Query]) -> MeetingsTold:
    found = await agendas(call.pool, local_now().date())
    return MeetingsTold(items=[_told(one) for one in found])


async def show_meeting(call: Call[Any]) -> MeetingTold:
    return _told(await agenda_of(call.pool, call.id("meeting_id")))


async def add(call: Call[MeetingBody]) -> MeetingTold:
    asked = call.asked
    meeting_id = await add_meeting(call.pool, call.actor, asked.committee, asked.day)
    return _told(await agenda_of(call.pool, meeting_id))


async def change(call: Call[MeetingChangeBody]) -> MeetingTold:
    asked, meeting_id = call.asked, call.id("meeting_id")
    await change_meeting(
        call.pool, call.actor, meeting_id, asked.committee, asked.day, seen=asked.revision
    )
    return await show_meeting(call)


async def remove(call: Call[MeetingRemoval]) -> RemovedMeeting:
    meeting_id = call.id("meeting_id")
    await remove_meeting(call.pool, call.actor, meeting_id, seen=call.asked.revision)
    return RemovedMeeting(id=meeting_id)


async def send_pdf(call: Call[LanguageQuery]) -> bytes:
    return await agenda_pdf(await agenda_of(call.pool, call.id("meeting_id")), call.asked.language)


async def send_workbook(call: Call[LanguageQuery]) -> bytes:
    return await agenda_workbook(
        await agenda_of(call.pool, call.id("meeting_id")), call.asked.language
    )


async def put(call: Call[AgendaBody]) -> MilestoneTold:
    asked = call.asked
    chosen = [call.name("milestone")]
    await put_on_agenda(call.pool, call.actor, chosen, asked.meeting_id, seen=asked.revision)
    return await show_milestone(call)


async def send_calendar(call: Call[CalendarQuery]) -> bytes:
    return await plan_calendar(
        *(call.pool, call.context.settings, call.id("plan_id"), call.asked.language),
        shows_owners=call.asked.owners,
    )


async def list_calendars(call: Call[Query]) -> CalendarsTold:
    one = await plan(call.pool, call.id("plan_id"))
    found = await plan_calendars(call.pool, call.actor, one.plan_id)
    return CalendarsTold(items=[_calendar(calendar) for calendar in found])


async def make_calendar(call: Call[NewCalendarBody]) -> NewCalendarTold:
    asked = call.asked
    calendar_id, token = await new_calendar(
        *(call.pool, call.actor, call.id("plan_id"), asked.label, asked.language.value),
        shows_owners=asked.shows_owners,
    )
    address = call.context.settings.pages_address + CALENDAR_PATH.format(token=token)
    return NewCalendarTold(id=calendar_id, address=address)


async def close_calendar(call: Call[CalendarEnd]) -> EndedCalendar:
    calendar_id = call.id("calendar_id")
    await end_calendar(call.pool, call.actor, calendar_id)
    return EndedCalendar(id=calendar_id)


def _told(one: Agenda) -> MeetingTold:
    return MeetingTold(
        id=one.meeting.meeting_id,
        committee=one.meeting.committee,
        day=one.meeting.day,
        revision=one.meeting.revision,
        items=[milestone.milestone_id for milestone in one.items],
        offered=[milestone.milestone_id for milestone in one.offered],
    )


def _calendar(one: PlanCalendar) -> CalendarTold:
    return CalendarTold(
        id=one.calendar_id,
        label=one.label,
        language=Language(one.language),
        shows_owners=one.shows_owners,
        made_by=one.made_by,
        made_at=one.made_at,
        last_used_at=one.last_used_at,
        ended_at=one.ended_at,
    )


_ALL, _ONE = "/v1/plan-meetings", "/v1/plan-meetings/{meeting_id}"
_CHANGED = mark("somebody changed the meeting since it was read")
_CALENDARS = "/v1/plans/{plan_id}/calendars"
_READ, _MANAGE = Permission.FIGURES_READ, Permission.PLAN_MANAGE

MEETINGS: Sequence[Operation[Any, Any]] = (
    Operation(
        *("GET", _ALL, _READ),
        mark("The meetings of committees, and what stands on their agendas"),
        *(Query, MeetingsTold, list_meetings),
    ),
    Operation(
        *("POST", _ALL, _MANAGE),
        mark("Add a meeting of a committee"),
        *(MeetingBody, MeetingTold, add),
        located="/v1/plan-meetings/{id}",
    ),
    Operation(
        *("GET", _ONE, _READ), mark("The agenda of a meeting"), *(Query, MeetingTold, show_meeting)
    ),
    Operation(
        *("PUT", _ONE, _MANAGE),
        mark("Change a meeting of a committee"),
        *(MeetingChangeBody, MeetingTold, change),
        conflict=_CHANGED,
    ),
    Operation(
        *("POST", f"{_ONE}/removal", _MANAGE),
        mark("Remove a meeting of a committee"),
        *(MeetingRemoval, RemovedMeeting, remove),
        conflict=_CHANGED,
    ),
    Operation(
        *("GET", f"{_ONE}/agenda.pdf", _READ),
        mark("The agenda of a meeting as PDF"),
        *(LanguageQuery, bytes, send_pdf),
        content_type=PDF_TYPE,
    ),
    Operation(
        *("GET", f"{_ONE}/agenda.xlsx", _READ),
        mark("The agenda of a meeting as a workbook of Excel"),
        *(LanguageQuery, bytes, send_workbook),
        content_type=TableFormat.EXCEL.content_type,
    ),
    Operation(
        *("PUT", "/v1/milestones/{milestone}/meeting", _MANAGE),
        mark("Put a milestone on the agenda of a meeting, or take it off"),
        *(AgendaBody, MilestoneTold, put),
        conflict=mark("somebody changed the milestone since it was read"),
    ),
    Operation(
        *("GET", "/v1/plans/{plan_id}/calendar.ics", _READ),
        mark("A plan as a calendar"),
        *(CalendarQuery, bytes, send_calendar),
        content_type=CONTENT_TYPE,
    ),
    Operation(
        *("GET", _CALENDARS, _MANAGE),
        mark("The addresses at which a plan is read as a calendar"),
        *(Query, CalendarsTold, list_calendars),
    ),
    Operation(
        *("POST", _CALENDARS, _MANAGE),
        mark("Make an address at which a plan is read as a calendar"),
        *(NewCalendarBody, NewCalendarTold, make_calendar),
    ),
    Operation(
        *("POST", "/v1/plan-calendars/{calendar_id}/end", _MANAGE),
        mark("End an address of a calendar"),
        *(CalendarEnd, EndedCalendar, close_calendar),
    ),
)
