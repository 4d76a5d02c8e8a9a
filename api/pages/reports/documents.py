"""The documents of the latest round as files: GET /proposals/report.pdf, /proposals/council.pdf,
/proposals/report.xlsx, /proposals/certificate.zip."""

import asyncio

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, period_view
from api.pages.frame.download import attachment
from api.pages.frame.render import page_html
from api.pages.frame.views import PageView
from api.pages.proposals.report import report_page
from api.pages.reports.council import council_page
from api.pages.reports.paper_of_page import paper_of
from api.pages.reports.tables import report_sheets
from api.pages.reports.views import CertificatePaper
from api.pages.words.language import Language, language_of
from fleet.files.table_format import TableFormat
from optimiser.rounds.overview import Round, latest_round
from reports.certificate import archive, certify
from reports.pdf import paper_pdf
from reports.workbook import workbook

CONTENT_TYPE = "application/pdf"


async def send_report(request: web.Request) -> web.StreamResponse:
    """Answer with the whole report."""
    found = await _latest(request)
    pdf = await report_pdf(request, found, language_of(request))
    return file_answer(pdf, f"flaade-runde-{found.number}-{found.version}")


async def send_council(request: web.Request) -> web.StreamResponse:
    """Answer with the page for the council."""
    found = await _latest(request)
    view = await council_page(request, found)
    pdf = await _pdf(request, view, language_of(request), compact=True)
    return file_answer(pdf, f"flaade-runde-{found.number}-{found.version}-byraad")


async def send_tables(request: web.Request) -> web.StreamResponse:
    """Answer with every table of the report as an Excel workbook."""
    found = await _latest(request)
    view = await report_page(request, found)
    content = await asyncio.to_thread(lambda: workbook(report_sheets(view, language_of(request))))
    return file_answer(content, f"flaade-runde-{found.number}-{found.version}", TableFormat.EXCEL)


async def report_pdf(request: web.Request, found: Round, language: Language) -> bytes:
    """The PDF of the report of a round, for who asks for it."""
    return await _pdf(request, await report_page(request, found), language)


async def send_certificate(request: web.Request) -> web.StreamResponse:
    """Answer with the proof certificate and all files by which it is checked again."""
    context = request.config_dict[CONTEXT]
    found = await _latest(request)
    certificate = await certify(context.pool, visitor(request), found.round_id, context.settings)
    period = period_view(found.period)
    if certificate is None or period is None:
        raise web.HTTPNotFound
    view = CertificatePaper(certificate=certificate, round=found, period=period)
    pdf = await _pdf(request, view, language_of(request))
    content = await asyncio.to_thread(archive, certificate, pdf)
    name = f"flaade-runde-{found.number}-{found.version}-bevis.zip"
    headers = {"Content-Disposition": attachment(name), "Cache-Control": "no-store"}
    return web.Response(body=content, content_type="application/zip", headers=headers)


async def _latest(request: web.Request) -> Round:
    found = await latest_round(request.config_dict[CONTEXT].pool)
    if found is None:
        raise web.HTTPNotFound
    return found


async def _pdf(
    request: web.Request, view: PageView, language: Language, *, compact: bool = False
) -> bytes:
    html = page_html(request, view, language)
    return await asyncio.to_thread(lambda: paper_pdf(paper_of(html, language, compact=compact)))


def file_answer(content: bytes, name: str, form: TableFormat | None = None) -> web.Response:
    """The answer with a document as an attachment: a PDF, or a table in a `form`."""
    suffix, content_type = (
        (".pdf", CONTENT_TYPE) if form is None else (form.suffix, form.content_type)
    )
    # The document is for this visitor only, and is out of date at once.
    headers = {"Content-Disposition": attachment(name + suffix), "Cache-Control": "no-store"}
    return web.Response(body=content, content_type=content_type, headers=headers)
