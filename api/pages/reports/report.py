"""The report of a round on paper: GET /proposals/report."""

import asyncio
from dataclasses import replace

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, PageContext, period_view
from api.pages.frame.render import page
from api.pages.proposals.curve import curve_view
from api.pages.proposals.depots import depot_rows
from api.pages.proposals.round_basis import basis_page
from api.pages.reports.views import ReportPage
from api.pages.transition.told import transition_told
from fleet.localtime import local_now
from optimiser.carried.saved_before import saved_before
from optimiser.ledger.standing import standing_decisions
from optimiser.ledger.stored import Ledger, read_ledger
from optimiser.rounds.basis import old_figures
from optimiser.rounds.overview import Round, latest_round
from optimiser.rounds.proposals import decided_since, read_grid_kr, sum_proposals, with_studies
from optimiser.rounds.studies import round_studies
from register.vehicles import scope_of


async def show_report(request: web.Request) -> web.StreamResponse:
    """Show all of a round on one page for print, for a meeting."""
    return page(request, await whole_report(request, await round_to_report(request)))


async def round_to_report(request: web.Request) -> Round | None:
    """The latest round that is done, read while the ledger is, which a report asks for as well and
    which takes as long; None: there is none."""
    found, _ = await asyncio.gather(
        latest_round(request.config_dict[CONTEXT].pool), _ledger_seen(request)
    )
    return found


async def _ledger_seen(request: web.Request) -> Ledger:
    """The ledger of today, as far as who asks may see it."""
    context: PageContext = request.config_dict[CONTEXT]
    scope = await scope_of(context.pool, visitor(request))
    silent_days = context.settings.ledger_silent_days
    return await read_ledger(context.pool, scope, local_now().date(), silent_days)


async def whole_report(request: web.Request, found: Round | None) -> ReportPage:
    """The view of all of a round, its transition included; None: there is no round yet."""
    if found is None:
        return await report_page(request, None)
    view, transition = await asyncio.gather(
        report_page(request, found), transition_told(request, found)
    )
    return replace(view, transition=transition)


async def report_page(request: web.Request, found: Round | None) -> ReportPage:
    """The view of all of a round but its transition, which the page for the council and a report
    that is kept do not tell; None: there is no round yet."""
    context: PageContext = request.config_dict[CONTEXT]
    pool = context.pool
    if found is None:
        none = sum_proposals(())
        return ReportPage(
            as_of=local_now(),
            round=None,
            period=None,
            rows=(),
            accepted=none,
            every=none,
            depots=(),
            shared=none,
        )
    studies, scope = await asyncio.gather(
        round_studies(pool, found.round_id), scope_of(pool, visitor(request))
    )
    changes = [one for one in found.proposals if one.is_change]
    # All at once: each waits for the database, and none needs another.
    depots, curve, basis, ledger, grid, out_of_date = await asyncio.gather(
        depot_rows(pool, found, studies, scope),
        curve_view(context, found, studies),
        basis_page(request, found.round_id),
        _ledger_seen(request),
        read_grid_kr(pool, changes, studies),
        old_figures(pool, found.round_id),
    )
    rows = with_studies(changes, studies, scope, grid)
    standing, before, pending = await asyncio.gather(
        standing_decisions(pool, found.number, scope, ledger),
        saved_before(pool, found.number, rows),
        decided_since(pool, found.round_id),
    )
    return ReportPage(
        as_of=local_now(),
        round=found,
        period=period_view(found.period),
        rows=rows,
        accepted=sum_proposals(one for one in rows if one.accepted and not one.shared),
        every=sum_proposals(one for one in rows if not one.shared),
        shared=sum_proposals(one for one in rows if one.shared),
        depots=depots,
        curve=curve,
        basis=basis,
        pending=pending,
        parts=studies.parts,
        studied=len(studies.done),
        failures=studies.failures,
        out_of_date=out_of_date,
        standing=standing,
        accepted_kr_year=ledger.account.accepted_kr_year,
        saved_before=before,
    )
