"""The evaluation and the roll-out plan as files, and keeping them as they are: GET
/evaluation.pdf, /evaluation.xlsx, /roll-out.pdf, /roll-out.xlsx, POST /evaluation/reports and
/roll-out/reports."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page_html
from api.pages.frame.views import PageView
from api.pages.pilot_end.evaluation import evaluation_page
from api.pages.pilot_end.roll_out import roll_out_page
from api.pages.pilot_end.tables import evaluation_sheets, roll_out_sheets
from api.pages.pilot_end.views import EvaluationPage
from api.pages.reports.documents import file_answer
from api.pages.reports.paper_of_page import paper_of
from api.pages.reports.views import Notice
from api.pages.words.language import Language, language_of
from fleet.files.table_format import TableFormat
from reports.frozen import FrozenReport, ReportKind, freeze_evaluation, freeze_roll_out
from reports.kept import keep_report
from reports.pdf import paper_pdf
from reports.workbook import workbook

EVALUATION_NAME = "flaade-evaluering"
ROLL_OUT_NAME = "flaade-udrulningsplan"


async def send_evaluation(request: web.Request) -> web.StreamResponse:
    """Answer with the evaluation as a PDF."""
    view = await evaluation_page(request)
    return file_answer(await view_pdf(request, view, language_of(request)), EVALUATION_NAME)


async def send_evaluation_tables(request: web.Request) -> web.StreamResponse:
    """Answer with every table of the evaluation as an Excel workbook."""
    view, language = await evaluation_page(request), language_of(request)
    content = await asyncio.to_thread(lambda: workbook(evaluation_sheets(view, language)))
    return file_answer(content, EVALUATION_NAME, TableFormat.EXCEL)


async def keep_evaluation(request: web.Request) -> web.StreamResponse:
    """Keep the evaluation as it is now, of the periods in the address."""
    report_id = await keep_evaluation_page(request, await evaluation_page(request))
    if report_id is None:
        raise web.HTTPNotFound
    raise _kept(report_id)


async def keep_evaluation_page(request: web.Request, view: EvaluationPage) -> int | None:
    """Keep an evaluation as it is now; returns its id, None where there is no period before."""
    if view.found.before is None:
        return None
    frozen = freeze_evaluation(view.found, _papers(request, view))
    return await _keep(request, frozen, ReportKind.EVALUATION)


async def send_roll_out(request: web.Request) -> web.StreamResponse:
    """Answer with the roll-out plan as a PDF."""
    view = await roll_out_page(request)
    return file_answer(await view_pdf(request, view, language_of(request)), ROLL_OUT_NAME)


async def send_roll_out_tables(request: web.Request) -> web.StreamResponse:
    """Answer with every table of the plan as an Excel workbook."""
    view, language = await roll_out_page(request), language_of(request)
    content = await asyncio.to_thread(lambda: workbook(roll_out_sheets(view, language)))
    return file_answer(content, ROLL_OUT_NAME, TableFormat.EXCEL)


async def keep_roll_out(request: web.Request) -> web.StreamResponse:
    """Keep the plan as it is now."""
    raise _kept(await keep_roll_out_page(request))


async def keep_roll_out_page(request: web.Request) -> int:
    """Keep the plan as it is now; returns the id of its report."""
    view = await roll_out_page(request)
    frozen = freeze_roll_out(view.plan, _papers(request, view))
    return await _keep(request, frozen, ReportKind.ROLL_OUT)


async def view_pdf(request: web.Request, view: PageView, language: Language) -> bytes:
    """The PDF of a page in a language, for who asks for it."""
    html = page_html(request, view, language)
    return await asyncio.to_thread(lambda: paper_pdf(paper_of(html, language)))


def _papers(request: web.Request, view: PageView) -> Mapping[str, Mapping[str, Any]]:
    """The document of a page in every language."""
    return {
        language.value: paper_of(page_html(request, view, language), language).to_json()
        for language in Language
    }


async def _keep(request: web.Request, frozen: FrozenReport, kind: ReportKind) -> int:
    pool = request.config_dict[CONTEXT].pool
    return await keep_report(pool, visitor(request), frozen, kind=kind)


def _kept(report_id: int) -> web.HTTPSeeOther:
    """The way to a report that was kept."""
    return see_other(f"/proposals/reports/{report_id}?done={Notice.KEPT}")
