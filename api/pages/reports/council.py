"""The page of a round for the council: GET /proposals/council."""

from aiohttp import web

from api.pages.frame.render import page
from api.pages.reports.report import report_page, round_to_report
from api.pages.reports.views import CouncilPage
from optimiser.rounds.overview import Round


async def show_council(request: web.Request) -> web.StreamResponse:
    """Show on one page what a council needs of the latest round."""
    return page(request, await council_page(request, await round_to_report(request)))


async def council_page(request: web.Request, found: Round | None) -> CouncilPage:
    """The view of a round for the council; None: there is no round yet."""
    return CouncilPage(report=await report_page(request, found))
