"""The report of a round on paper: GET /proposals/report."""

import asyncio

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, PageContext, period_view
from api.pages.frame.render import page
from api.pages.proposals import views
from api.pages.proposals.curve import curve_view
from api.pages.proposals.depots import depot_rows
from api.pages.proposals.round_basis import basis_page
from fleet.localtime import local_now
from optimiser.rounds.overview import Round, latest_round
from optimiser.rounds.proposals import decided_since, sum_proposals, with_studies
from optimiser.rounds.studies import (
    round_studies,
)
from register.vehicles import scope_of


async def show_report(request: web.Request) -> web.StreamResponse:
    """Show all of a round on one page for print, for a meeting."""
    return page(
        request, await report_page(request, await latest_round(request.config_dict[CONTEXT].pool))
    )


async def report_page(request: web.Request, found: Round | None) -> views.ReportPage:
    """The view of all of a round; None: there is no round yet."""
    context: PageContext = request.config_dict[CONTEXT]
    pool = context.pool
    if found is None:
        none = sum_proposals(())
        return views.ReportPage(
            as_of=local_now(),
            round=None,
            period=None,
            rows=(),
            accepted=none,
            every=none,
            depots=(),
            shared=none,
        )
    studies = await round_studies(pool, found.round_id)
    scope = await scope_of(pool, visitor(request))
    depots, curve, basis = await asyncio.gather(
        depot_rows(pool, found, studies, scope),
        curve_view(context, found, studies),
        basis_page(request, found.round_id),
    )
    rows = with_studies((one for one in found.proposals if one.is_change), studies, scope)
    return views.ReportPage(
        as_of=local_now(),
        round=found,
        period=period_view(found.period),
        rows=rows,
        accepted=sum_proposals(one for one in rows if one.accepted and not one.shared),
        every=found.changes,
        shared=sum_proposals(one for one in rows if one.shared),
        depots=depots,
        curve=curve,
        basis=basis,
        pending=await decided_since(pool, found.round_id),
    )
