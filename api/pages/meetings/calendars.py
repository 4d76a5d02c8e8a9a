"""The plan as a calendar: GET and POST /plan/calendars, POST /plan/calendars/{calendar_id}/end, and
what its addresses show: GET /plan/calendar.ics."""

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import field_texts, whole_number
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.meetings.feed import plan_calendar
from api.pages.meetings.views import CalendarsPage, MeetingNotice
from api.pages.plan.overview import plan_name
from api.pages.plan.views import Option
from api.pages.words.language import Language, language_of, mark
from reports.calendar import CONTENT_TYPE
from tracker.meetings.calendars import (
    CalendarRefusedError,
    NoCalendarError,
    calendar_in_force,
    end_calendar,
    new_calendar,
    plan_calendars,
)
from tracker.plans import NoPlanError, plans

LABEL_MISSING = mark("Write who reads the calendar, with at most 100 characters")

#: The path of a calendar. The token stands in the query, for the log tells paths.
CALENDAR_PATH = "/plan/calendar.ics?token={token}"


async def show_calendars(request: web.Request) -> web.StreamResponse:
    """Show the addresses of a plan's calendar."""
    asked = whole_number(request.query.get("plan", ""), 1, 999_999_999)
    return page(request, await _calendars_page(request, asked))


async def add(request: web.Request) -> web.StreamResponse:
    """Make an address, and show it once."""
    context = request.config_dict[CONTEXT]
    typed = field_texts(await read_form(request), ("plan", "label", "owners"))
    plan_id = whole_number(typed["plan"], 1, 999_999_999) or 0
    try:
        _, token = await new_calendar(
            *(context.pool, visitor(request), plan_id, typed["label"]),
            language_of(request).value,
            shows_owners=bool(typed["owners"]),
        )
    except NoPlanError:
        raise web.HTTPNotFound from None
    except CalendarRefusedError:
        errors = {"label": LABEL_MISSING}
        return page(request, await _calendars_page(request, plan_id, errors=errors), status=422)
    address = context.settings.pages_address + CALENDAR_PATH.format(token=token)
    return page(request, await _calendars_page(request, plan_id, address=address))


async def end(request: web.Request) -> web.StreamResponse:
    """End an address."""
    pool = request.config_dict[CONTEXT].pool
    try:
        plan_id = await end_calendar(pool, visitor(request), id_in_path(request, "calendar_id"))
    except NoCalendarError:
        raise web.HTTPNotFound from None
    raise see_other(f"/plan/calendars?plan={plan_id}&done={MeetingNotice.ENDED}")


async def send_calendar(request: web.Request) -> web.StreamResponse:
    """Answer with the calendar of the address whose token is in the query."""
    context = request.config_dict[CONTEXT]
    try:
        found = await calendar_in_force(context.pool, request.query.get("token", ""))
        content = await plan_calendar(
            *(context.pool, context.settings, found.plan_id, Language(found.language)),
            shows_owners=found.shows_owners,
        )
    except (NoCalendarError, NoPlanError):
        raise web.HTTPNotFound from None
    return web.Response(
        body=content,
        content_type=CONTENT_TYPE,
        charset="utf-8",
        headers={"Cache-Control": "no-store"},
    )


async def _calendars_page(
    request: web.Request,
    asked: int | None,
    *,
    address: str = "",
    errors: dict[str, str] | None = None,
) -> CalendarsPage:
    pool = request.config_dict[CONTEXT].pool
    found = await plans(pool)
    known = [one.plan_id for one in found]
    plan_id = asked if asked in known else next(iter(known), None)
    return CalendarsPage(
        plans=[Option(str(one.plan_id), plan_name(one), one.plan_id == plan_id) for one in found],
        plan_id=plan_id,
        calendars=[] if plan_id is None else await plan_calendars(pool, visitor(request), plan_id),
        address=address,
        errors=errors or {},
        notice=notice_in_address(request, MeetingNotice),
    )
