"""The page of trackers: GET and POST /intake/trackers."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, enum_member
from api.pages.frame.render import page
from api.pages.frame.views import COUNTED_MAX
from api.pages.intake.remedies import quarantine_group
from api.pages.trackers import views
from api.pages.trackers.forms import ListForm
from api.pages.trackers.views import Notice
from api.pages.words.language import language_of, mark
from api.pages.words.refusals import refusal_text
from fleet.files.refusal import FileRefusedError
from fleet.localtime import local_now
from ingest.gate.refusal import Reason
from ingest.quarantine_items import waiting_groups
from register.contact import Contact, Tracker
from register.enrolment.enrol import EnrolmentReport, enrol_listed
from register.enrolment.tracker_list import TOO_MANY_LINES, rows_of_text, tracker_list

#: The devices that sent lately and are not enrolled, of which so many are shown, and the latest
#: items of quarantine among which they are searched for.
STRANGERS_SHOWN = 5
LATE_ITEMS = 2_000

EMPTY_LIST = mark("There is no tracker in the list")

#: The reason of `register.enrolment` for which a list is refused, for translation.
LIST_REASONS = (mark("The list has more than {most} lines: hand it over in parts"),)
assert LIST_REASONS == (TOO_MANY_LINES,)


async def show_trackers(request: web.Request) -> web.StreamResponse:
    """Show the enrolled trackers, a part of them at a time: ?q=…&show=never&part=2. `?list=` is
    what the form for a list begins with."""
    values = {"list": request.query.get("list", "")}
    return page(request, await _page(request, values, {}))


async def enrol_trackers(request: web.Request) -> web.StreamResponse:
    """Enrol the trackers of a list. The good lines are taken; the refused ones come back in the
    form, each with its reason."""
    context = request.config_dict[CONTEXT]
    fields = await read_form(request)
    language = language_of(request)
    try:
        form = ListForm.read(fields, local_now().date())
    except FormError as error:
        return page(request, await _page(request, error.values, error.errors), status=422)
    values = {"list": form.text, "since": form.since.isoformat() if form.since else ""}
    try:
        if form.file is None:
            rows = await asyncio.to_thread(rows_of_text, form.text)
        else:
            read = await context.read_in_own_process(
                "register.enrolment.tracker_list:read_rows", form.file.name, form.file.content
            )
            rows = read.answer
    except FileRefusedError as refused:
        field = "list" if form.file is None else "file"
        errors = {field: refusal_text(refused, language)}
        return page(request, await _page(request, values, errors), status=422)
    listed = await asyncio.to_thread(tracker_list, rows)
    if not listed.trackers and not listed.refused:
        errors = {"list" if form.file is None else "file": EMPTY_LIST}
        return page(request, await _page(request, values, errors), status=422)
    report = await enrol_listed(context.pool, visitor(request), listed, form.since)
    left = {"list": "\n".join(line.text for line in report.refused), "since": values["since"]}
    status = 200 if report.taken else 422
    return page(request, await _page(request, left, {}, report), status=status)


async def _page(
    request: web.Request,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    report: EnrolmentReport | None = None,
) -> views.TrackersPage:
    context = request.config_dict[CONTEXT]
    every = await context.trackers(local_now())
    asked = request.query.get("q", "").strip()
    shown = enum_member(Contact, request.query.get("show", ""))
    found = [one for one in every if shown in (None, one.contact) and _matches(one, asked)]
    groups = await waiting_groups(
        context.pool, strange_items=LATE_ITEMS, groups=COUNTED_MAX, counted=1
    )
    strangers = [
        quarantine_group(group)
        for group in groups
        if group.reason is Reason.UNKNOWN_DEVICE and group.device and not group.enrolled
    ]

    query = {"q": asked, "show": "" if shown is None else shown.value}
    in_address = {name: value for name, value in query.items() if value}
    return views.TrackersPage(
        part=asked_part(found, request.query, "/intake/trackers", in_address),
        enrolled=len(every),
        asked=asked,
        shown=shown,
        counts={state: sum(one.contact is state for one in every) for state in Contact},
        strangers=strangers[:STRANGERS_SHOWN],
        report=report,
        values=values,
        errors=errors,
        notice=notice_in_address(request, Notice),
    )


def _matches(tracker: Tracker, asked: str) -> bool:
    texts = (tracker.device, tracker.vehicle_id or "", tracker.vehicle_name or "")
    return any(asked.casefold() in text.casefold() for text in texts)
