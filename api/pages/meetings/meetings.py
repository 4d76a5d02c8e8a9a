"""The pages of meetings: GET and POST /plan/meetings, GET and POST /plan/meetings/{meeting_id},
POST …/agenda, and GET …/agenda.pdf and …/agenda.xlsx."""

import asyncio
from collections.abc import Sequence
from datetime import date

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import day_in, field_texts, whole_number
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.meetings.agenda_paper import agenda_paper, agenda_sheet
from api.pages.meetings.views import AgendaRow, MeetingNotice, MeetingPage, MeetingRow, MeetingsPage
from api.pages.plan.views import MilestoneRow
from api.pages.reports.documents import file_answer
from api.pages.words.language import Language, language_of, mark
from db.connect import Pool
from fleet.errors import ChangedSinceError
from fleet.files.table_format import TableFormat
from fleet.localtime import local_now
from reports.pdf import paper_pdf
from reports.workbook import workbook
from tracker.meetings.agenda import Agenda, agendas, deadline
from tracker.meetings.meetings import (
    MeetingRefusedError,
    NoMeetingError,
    add_meeting,
    change_meeting,
    put_on_agenda,
    remove_meeting,
)
from tracker.milestone import Milestone
from tracker.milestones import NoMilestoneError

MEETING_WRONG = mark("Write which committee meets and on which day, once for each meeting")
MEETING_CHANGED = mark("Somebody else changed the meeting meanwhile: look at it again")

FIELDS = ("committee", "day")
#: The meetings of a part of their list.
ROWS = 20
#: The most milestones that are put on an agenda in one go.
CHOSEN_MAX = 500


async def show_meetings(request: web.Request) -> web.StreamResponse:
    """Show the meetings, those to come first."""
    return page(request, await _meetings_page(request))


async def add(request: web.Request) -> web.StreamResponse:
    """Add a meeting."""
    typed = field_texts(await read_form(request), FIELDS)
    try:
        day = _day(typed["day"])
        pool = request.config_dict[CONTEXT].pool
        meeting_id = await add_meeting(pool, visitor(request), typed["committee"], day)
    except MeetingRefusedError:
        errors = {"committee": MEETING_WRONG}
        return page(request, await _meetings_page(request, typed, errors), status=422)
    raise see_other(f"/plan/meetings/{meeting_id}?done={MeetingNotice.SAVED}")


async def show_meeting(request: web.Request) -> web.StreamResponse:
    """Show a meeting with its agenda."""
    return page(request, _meeting_page(request, await _agenda(request)))


async def change(request: web.Request) -> web.StreamResponse:
    """Change a meeting, or remove it."""
    fields = await read_form(request)
    typed = field_texts(fields, (*FIELDS, "seen", "press"))
    found = await _agenda(request)
    pool, actor, meeting_id = (
        request.config_dict[CONTEXT].pool,
        visitor(request),
        found.meeting.meeting_id,
    )
    seen = whole_number(typed["seen"], 1, 999_999_999)
    is_removed = typed["press"] == "remove"
    try:
        if is_removed:
            await remove_meeting(pool, actor, meeting_id, seen=seen)
        else:
            day = _day(typed["day"])
            await change_meeting(pool, actor, meeting_id, typed["committee"], day, seen=seen)
    except MeetingRefusedError:
        errors = {"committee": MEETING_WRONG}
        return page(request, _meeting_page(request, found, typed, errors), status=422)
    except ChangedSinceError:
        errors = {"committee": MEETING_CHANGED}
        return page(request, _meeting_page(request, found, typed, errors), status=409)
    if is_removed:
        raise see_other(f"/plan/meetings?done={MeetingNotice.REMOVED}")
    raise see_other(f"/plan/meetings/{meeting_id}?done={MeetingNotice.SAVED}")


async def change_agenda(request: web.Request) -> web.StreamResponse:
    """Put the chosen milestones on the agenda, or take them off."""
    fields = await read_form(request)
    meeting_id = id_in_path(request, "meeting_id")
    chosen = [str(one) for one in fields.getall("milestone", [])][:CHOSEN_MAX]
    to = None if fields.get("press") == "off" else meeting_id
    pool = request.config_dict[CONTEXT].pool
    try:
        await put_on_agenda(pool, visitor(request), chosen, to)
    except (NoMeetingError, NoMilestoneError):
        raise web.HTTPNotFound from None
    raise see_other(f"/plan/meetings/{meeting_id}?done={MeetingNotice.AGENDA}")


async def send_pdf(request: web.Request) -> web.StreamResponse:
    """Answer with the agenda as a PDF."""
    found = await _agenda(request)
    return file_answer(await agenda_pdf(found, language_of(request)), agenda_name(found))


async def send_workbook(request: web.Request) -> web.StreamResponse:
    """Answer with the agenda as an Excel workbook."""
    found = await _agenda(request)
    content = await agenda_workbook(found, language_of(request))
    return file_answer(content, agenda_name(found), TableFormat.EXCEL)


async def agenda_pdf(found: Agenda, language: Language) -> bytes:
    """The PDF of an agenda."""
    return await asyncio.to_thread(lambda: paper_pdf(agenda_paper(found, language)))


async def agenda_workbook(found: Agenda, language: Language) -> bytes:
    """The workbook of an agenda."""
    return await asyncio.to_thread(lambda: workbook([agenda_sheet(found, language)]))


def agenda_name(found: Agenda) -> str:
    """The name of the file of an agenda, without its end."""
    return f"dagsorden-{found.meeting.day}-{found.meeting.meeting_id}"


async def agenda_of(pool: Pool, meeting_id: int) -> Agenda:
    """The agenda of a meeting.

    Raises:
        NoMeetingError: there is no such meeting.
    """
    found = await agendas(pool, local_now().date())
    for one in found:
        if one.meeting.meeting_id == meeting_id:
            return one
    raise NoMeetingError(f"there is no meeting {meeting_id}")


def _day(text: str) -> date:
    """The day in a field.

    Raises:
        MeetingRefusedError: it cannot be read.
    """
    day = day_in(text)
    if day is None:
        raise MeetingRefusedError("say on which day the committee meets")
    return day


async def _agenda(request: web.Request) -> Agenda:
    pool = request.config_dict[CONTEXT].pool
    try:
        return await agenda_of(pool, id_in_path(request, "meeting_id"))
    except NoMeetingError:
        raise web.HTTPNotFound from None


async def _meetings_page(
    request: web.Request,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> MeetingsPage:
    today = local_now().date()
    found = await agendas(request.config_dict[CONTEXT].pool, today)
    coming = [one for one in found if one.meeting.day >= today]
    past = [one for one in reversed(found) if one.meeting.day < today]
    part = asked_part([*coming, *past], request.query, "/plan/meetings", most=ROWS)
    return MeetingsPage(
        part=part.shown_as(
            lambda one: MeetingRow(
                one.meeting, len(one.items), len(one.offered), one.meeting.day < today
            )
        ),
        values=values or {},
        errors=errors or {},
        notice=notice_in_address(request, MeetingNotice),
    )


def _meeting_page(
    request: web.Request,
    found: Agenda,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> MeetingPage:
    return MeetingPage(
        meeting=found.meeting,
        items=_rows(found.items),
        offered=_rows(found.offered),
        values=values
        or {"committee": found.meeting.committee, "day": found.meeting.day.isoformat()},
        errors=errors or {},
        notice=notice_in_address(request, MeetingNotice),
    )


def _rows(found: Sequence[Milestone]) -> Sequence[AgendaRow]:
    today = local_now().date()
    return [AgendaRow(MilestoneRow.of(one, today), deadline(one)) for one in found]
