"""The status of a quarter of a plan: GET /plan/status, its files, and keeping it as it is: POST
/plan/status; and the files of a plan: GET /plan/files/{plan_id}/{form}."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, PageContext
from api.pages.frame.download import attachment
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import field_texts, whole_number
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.plan.choice import quarter_in, quarter_text
from api.pages.plan.figures import plan_figures
from api.pages.plan.overview import plan_name
from api.pages.plan_status.paper import status_paper
from api.pages.plan_status.tables import status_sheets
from api.pages.plan_status.views import PlanOption, StatusPage
from api.pages.reports.documents import file_answer
from api.pages.reports.views import Notice
from api.pages.words.language import Language, language_of
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.files.table_format import TableFormat
from fleet.localtime import local_now
from reports.frozen import ReportKind, freeze_status
from reports.kept import keep_report, kept_reports, last_status, read_report
from reports.pdf import paper_pdf
from reports.plan_status import PlanStatus, read_status
from reports.plan_tables import CSV_END, EXCEL_END, JSON_END, plan_bytes
from reports.workbook import workbook
from tracker.documents.exporting import export_plan
from tracker.indicators import Figures
from tracker.milestones import standings
from tracker.plans import NoPlanError, plans
from tracker.quarter import Quarter

#: The most reports of a part of their list.
KEPT_ROWS = 15


async def show_status(request: web.Request) -> web.StreamResponse:
    """Show the status of a quarter as it is now, and the reports that were kept."""
    context, language = request.config_dict[CONTEXT], language_of(request)
    options = await _plans(context.pool)
    plan = _asked_plan(options, request.query)
    quarter = _asked_quarter(request.query)
    found = None
    if plan is not None:
        found = await plan_status(context, visitor(request), plan.plan_id, quarter)
    reports = () if plan is None else await kept_reports(context.pool, plan.plan_id)
    address = [] if plan is None else [("plan", str(plan.plan_id))]
    return page(
        request,
        StatusPage(
            plans=options,
            plan=plan,
            quarter=quarter,
            quarters=await _quarters(context.pool, plan, quarter),
            blocks=() if found is None else status_paper(found, language).blocks,
            kept=asked_part(reports, request.query, "/plan/status", address, most=KEPT_ROWS),
        ),
    )


async def send_status(request: web.Request) -> web.StreamResponse:
    """Answer with the status as a PDF."""
    found = await _asked_status(request)
    return file_answer(await status_pdf(found, language_of(request)), status_name(found))


async def send_status_tables(request: web.Request) -> web.StreamResponse:
    """Answer with the tables of the status as an Excel workbook."""
    found = await _asked_status(request)
    content = await status_workbook(found, language_of(request))
    return file_answer(content, status_name(found), TableFormat.EXCEL)


async def send_kept(request: web.Request) -> web.StreamResponse:
    """Answer with the tables of a report of a plan as it was when it was kept."""
    found = await read_report(request.config_dict[CONTEXT].pool, id_in_path(request, "report_id"))
    if found is None or found[1].status is None:
        raise web.HTTPNotFound
    content = await status_workbook(found[1].status, language_of(request))
    return file_answer(content, f"flaade-rapport-{found[0].report_id}", TableFormat.EXCEL)


async def keep_status(request: web.Request) -> web.StreamResponse:
    """Keep the status of a quarter as it is now, in every language."""
    context, fields = request.config_dict[CONTEXT], await read_form(request)
    sent = field_texts(fields, ("plan", "quarter"))
    plan_id, quarter = whole_number(sent["plan"], 1, 999_999_999), quarter_in(sent["quarter"])
    if plan_id is None or quarter is None:
        raise web.HTTPBadRequest(text="the form cannot be read\n")
    try:
        report_id = await keep_plan_status(context, visitor(request), plan_id, quarter)
    except NoPlanError:
        raise web.HTTPNotFound from None
    raise see_other(f"/proposals/reports/{report_id}?done={Notice.KEPT}")


async def send_plan(request: web.Request) -> web.StreamResponse:
    """Answer with a plan as a file from which it can be taken again without a difference."""
    plan_id, form = id_in_path(request, "plan_id"), request.match_info["form"]
    end = f".{form}"
    if end not in (EXCEL_END, CSV_END, JSON_END):
        raise web.HTTPNotFound
    try:
        read = await export_plan(request.config_dict[CONTEXT].pool, plan_id)
    except NoPlanError:
        raise web.HTTPNotFound from None
    content = await asyncio.to_thread(plan_bytes, read, end)
    content_type = "application/json" if end == JSON_END else TableFormat(form).content_type
    headers = {
        "Content-Disposition": attachment(f"plan-{plan_id}{end}"),
        "Cache-Control": "no-store",
    }
    return web.Response(body=content, content_type=content_type, headers=headers)


async def plan_status(
    context: PageContext, actor: Actor, plan_id: int, quarter: Quarter
) -> PlanStatus:
    """The status of a quarter of a plan as it is now.

    Raises:
        NoPlanError: there is no such plan.
    """
    figures = await plan_figures(context, actor)
    return await status_now(context.pool, context.settings, plan_id, quarter, figures)


async def status_now(
    pool: Pool, settings: Settings, plan_id: int, quarter: Quarter, figures: Figures
) -> PlanStatus:
    """The status of a quarter of a plan as it is now, compared with the report of the plan that was
    kept last.

    Raises:
        NoPlanError: there is no such plan.
    """
    last, now = await last_status(pool, plan_id), local_now()
    since = settings.silent_since(now.date())
    return await read_status(pool, plan_id, quarter, now, figures, last, since)


async def keep_plan_status(
    context: PageContext, actor: Actor, plan_id: int, quarter: Quarter
) -> int:
    """Keep the status of a quarter as it is now; returns the id of the report.

    Raises:
        NoPlanError: there is no such plan.
        NotAllowedError: the actor may not manage plans, or sees some departments only.
    """
    found = await plan_status(context, actor, plan_id, quarter)
    return await keep_found(context.pool, actor, found)


async def keep_found(pool: Pool, actor: Actor, found: PlanStatus) -> int:
    """Keep a status; returns the id of the report.

    Raises:
        NotAllowedError: the actor may not manage plans, or sees some departments only.
    """
    papers = {language.value: status_paper(found, language).to_json() for language in Language}
    frozen = freeze_status(found, papers)
    return await keep_report(pool, actor, frozen, kind=ReportKind.STATUS)


async def status_pdf(found: PlanStatus, language: Language) -> bytes:
    """The PDF of a status."""
    return await asyncio.to_thread(lambda: paper_pdf(status_paper(found, language)))


async def status_workbook(found: PlanStatus, language: Language) -> bytes:
    """The workbook of a status."""
    return await asyncio.to_thread(lambda: workbook(status_sheets(found, language)))


def status_name(found: PlanStatus) -> str:
    """The name of the file of a status, without its end."""
    return f"plan-{found.plan_id}-status-{quarter_text(found.quarter)}"


async def _asked_status(request: web.Request) -> PlanStatus:
    context = request.config_dict[CONTEXT]
    plan = _asked_plan(await _plans(context.pool), request.query)
    if plan is None:
        raise web.HTTPNotFound
    quarter = _asked_quarter(request.query)
    return await plan_status(context, visitor(request), plan.plan_id, quarter)


async def _plans(pool: Pool) -> Sequence[PlanOption]:
    return [PlanOption(one.plan_id, plan_name(one)) for one in await plans(pool)]


def _asked_plan(options: Sequence[PlanOption], query: Mapping[str, str]) -> PlanOption | None:
    """The plan that an address asks for, or else the latest one."""
    asked = whole_number(query.get("plan", ""), 1, 999_999_999)
    found = [one for one in options if one.plan_id == asked]
    return next(iter(found or options), None)


def _asked_quarter(query: Mapping[str, str]) -> Quarter:
    """The quarter that an address asks for, or else that of today."""
    return quarter_in(query.get("quarter", "")) or Quarter.of(local_now().date())


async def _quarters(pool: Pool, plan: PlanOption | None, chosen: Quarter) -> Sequence[Quarter]:
    """The quarters in which something of the plan is due, with the chosen one and that of today."""
    today: date = local_now().date()
    found = () if plan is None else await standings(pool, plan.plan_id)
    return sorted({chosen, Quarter.of(today), *(one.due for one in found if one.due is not None)})
