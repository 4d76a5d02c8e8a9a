"""The pages of reports that were kept: GET and POST /proposals/reports, and GET
/proposals/reports/{report_id}, …/pdf and …/since/{other_id}."""

import asyncio

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page, page_html
from api.pages.reports import views
from api.pages.reports.documents import file_answer
from api.pages.reports.paper_of_page import paper_of
from api.pages.reports.report import report_page
from api.pages.reports.views import CouncilPage, Notice
from api.pages.words.language import Language, language_of
from optimiser.rounds.overview import Round, latest_round
from reports.frozen import FrozenReport, differences, freeze
from reports.kept import KeptReport, keep_report, kept_reports, read_report
from reports.paper import Paper
from reports.pdf import paper_pdf


async def show_kept(request: web.Request) -> web.StreamResponse:
    """List the reports that were kept, and offer to keep the one of now."""
    pool = request.config_dict[CONTEXT].pool
    return page(
        request,
        views.KeptReportsPage(
            part=asked_part(await kept_reports(pool), request.query, "/proposals/reports"),
            can_keep=await latest_round(pool) is not None,
        ),
    )


async def keep(request: web.Request) -> web.StreamResponse:
    """Keep the report of the latest round as it is now, in every language."""
    pool = request.config_dict[CONTEXT].pool
    found = await latest_round(pool)
    if found is None:
        raise web.HTTPNotFound
    report_id = await keep_round(request, found)
    raise see_other(f"/proposals/reports/{report_id}?done={Notice.KEPT}")


async def keep_round(request: web.Request, found: Round) -> int:
    """Keep the report of a round as it is now, in every language; returns its id."""
    report = await report_page(request, found)
    view = CouncilPage(report=report)
    papers = {
        language.value: paper_of(
            page_html(request, view, language), language, compact=True
        ).to_json()
        for language in Language
    }
    frozen = freeze(found, report.rows, papers)
    pool = request.config_dict[CONTEXT].pool
    return await keep_report(pool, visitor(request), frozen, round_id=found.round_id)


async def show_report(request: web.Request) -> web.StreamResponse:
    """Show a report as it was when it was kept."""
    kept, report = await _report(request, "report_id")
    others = await kept_reports(request.config_dict[CONTEXT].pool)
    view = views.KeptReportPage(
        kept=kept,
        blocks=_paper(report, language_of(request)).blocks,
        others=[
            one
            for one in others
            if (one.kind, one.plan_id) == (kept.kind, kept.plan_id)
            and one.report_id != kept.report_id
        ],
        notice=notice_in_address(request, Notice),
    )
    return page(request, view)


async def send_report(request: web.Request) -> web.StreamResponse:
    """Answer with the PDF of a report as it was when it was kept."""
    kept, report = await _report(request, "report_id")
    pdf = await kept_pdf(report, language_of(request))
    return file_answer(pdf, f"flaade-rapport-{kept.report_id}")


async def show_compared(request: web.Request) -> web.StreamResponse:
    """Show how a report differs from another one, which is the earlier of the two."""
    one, other = await _report(request, "report_id"), await _report(request, "other_id")
    if (one[0].kind, one[0].plan_id) != (other[0].kind, other[0].plan_id):
        # They have no figure in common.
        raise web.HTTPNotFound
    before, after = sorted((one, other), key=lambda found: found[0].report_id)
    view = views.ComparedReportsPage(
        before=before[0], after=after[0], differences=differences(before[1], after[1])
    )
    return page(request, view)


async def _report(request: web.Request, name: str) -> tuple[KeptReport, FrozenReport]:
    found = await read_report(request.config_dict[CONTEXT].pool, id_in_path(request, name))
    # Of other departments not even that there is a report is told.
    if found is None:
        raise web.HTTPNotFound
    return found


async def kept_pdf(report: FrozenReport, language: Language) -> bytes:
    """The PDF of a report as it was when it was kept."""
    return await asyncio.to_thread(paper_pdf, _paper(report, language))


def _paper(report: FrozenReport, language: Language) -> Paper:
    """The document of a report in a language."""
    return Paper.from_json(report.papers[language.value])
