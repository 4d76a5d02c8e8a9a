"""The documents of the latest round as files: GET /proposals/report.pdf, /proposals/council.pdf,
/proposals/report.xlsx, /proposals/transition.xlsx, /proposals/certificate.zip."""

import asyncio

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, period_view
from api.pages.frame.download import attachment
from api.pages.frame.render import page_html
from api.pages.frame.views import PageView
from api.pages.reports.council import council_page
from api.pages.reports.notes import notes_sheet
from api.pages.reports.paper_of_page import paper_of
from api.pages.reports.report import whole_report
from api.pages.reports.tables import report_sheets
from api.pages.reports.transition_tables import transition_sheets
from api.pages.reports.views import CertificatePaper
from api.pages.transition.told import transition_told
from api.pages.words.language import Language, language_of
from fleet.files.table_format import TableFormat
from optimiser.rounds.basis import old_figures
from optimiser.rounds.overview import Round, latest_round
from reports.certificate import archive, certify
from reports.pdf import paper_pdf
from reports.workbook import Sheet, workbook

CONTENT_TYPE = "application/pdf"
ARCHIVE_TYPE = "application/zip"


async def send_report(request: web.Request) -> web.StreamResponse:
    """Answer with the whole report."""
    found = await _latest(request)
    pdf = await report_pdf(request, found, language_of(request))
    return file_answer(pdf, f"flaade-runde-{found.number}-{found.version}")


async def send_council(request: web.Request) -> web.StreamResponse:
    """Answer with the page for the council."""
    found = await _latest(request)
    pdf = await council_pdf(request, found, language_of(request))
    return file_answer(pdf, f"flaade-runde-{found.number}-{found.version}-byraad")


async def send_tables(request: web.Request) -> web.StreamResponse:
    """Answer with every table of the report as an Excel workbook."""
    found = await _latest(request)
    content = await report_workbook(request, found, language_of(request))
    return file_answer(content, f"flaade-runde-{found.number}-{found.version}", TableFormat.EXCEL)


async def send_transition(request: web.Request) -> web.StreamResponse:
    """Answer with the tables of the transition as an Excel workbook."""
    found = await _latest(request)
    language = language_of(request)
    sheets = [
        *transition_sheets(await transition_told(request, found), language),
        await _notes(request, found, language),
    ]
    content = await asyncio.to_thread(workbook, sheets)
    name = f"flaade-runde-{found.number}-{found.version}-aar-for-aar"
    return file_answer(content, name, TableFormat.EXCEL)


async def report_pdf(request: web.Request, found: Round, language: Language) -> bytes:
    """The PDF of the report of a round, for who asks for it."""
    return await _pdf(request, await whole_report(request, found), language)


async def council_pdf(request: web.Request, found: Round, language: Language) -> bytes:
    """The PDF of the page of a round for the council, for who asks for it."""
    return await _pdf(request, await council_page(request, found), language, compact=True)


async def report_workbook(request: web.Request, found: Round, language: Language) -> bytes:
    """Every table of the report of a round as an Excel workbook, for who asks for it."""
    view = await whole_report(request, found)
    sheets = [*report_sheets(view, language)]
    if view.transition is not None:
        sheets += transition_sheets(view.transition, language)
    sheets.append(notes_sheet(found, view.out_of_date, language))
    return await asyncio.to_thread(workbook, sheets)


async def certificate_archive(
    request: web.Request, found: Round, language: Language
) -> tuple[str, bytes] | None:
    """The proof certificate of a round with all files by which it is checked again, as a zip with
    its name, for who asks for it; None: nothing is proven of the round."""
    context = request.config_dict[CONTEXT]
    certificate = await certify(context.pool, visitor(request), found.round_id, context.settings)
    period = period_view(found.period)
    if certificate is None or period is None:
        return None
    view = CertificatePaper(certificate=certificate, round=found, period=period)
    pdf = await _pdf(request, view, language)
    return certificate.file_name, await asyncio.to_thread(archive, certificate, pdf)


async def send_certificate(request: web.Request) -> web.StreamResponse:
    """Answer with the proof certificate and all files by which it is checked again."""
    found = await _latest(request)
    content = await certificate_archive(request, found, language_of(request))
    if content is None:
        raise web.HTTPNotFound
    name, body = content
    headers = {"Content-Disposition": attachment(name), "Cache-Control": "no-store"}
    return web.Response(body=body, content_type=ARCHIVE_TYPE, headers=headers)


async def _notes(request: web.Request, found: Round, language: Language) -> Sheet:
    old = await old_figures(request.config_dict[CONTEXT].pool, found.round_id)
    return notes_sheet(found, old, language)


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
