"""The page of the depots of a plan: GET /proposals/depots."""

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, period_view
from api.pages.frame.render import page
from api.pages.proposals import views
from db.connect import Pool
from fleet.names.order import name_order
from optimiser.rounds.overview import Round, latest_round
from optimiser.rounds.studies import RoundStudies, depot_plans, round_studies
from register.vehicles import Scope, scope_of
from register.zones_stored import depots


async def show_depots(request: web.Request) -> web.StreamResponse:
    """Show every depot of the plan with its days, its charging and its backtest."""
    context = request.config_dict[CONTEXT]
    found = await latest_round(context.pool)
    if found is None:
        return page(request, views.DepotsPage(round=None, rows=(), parts=0, studied=0))
    studies = await round_studies(context.pool, found.round_id)
    return page(
        request,
        views.DepotsPage(
            round=found,
            period=period_view(found.period),
            rows=await depot_rows(
                context.pool, found, studies, await scope_of(context.pool, visitor(request))
            ),
            parts=studies.parts,
            studied=len(studies.done),
            failures=studies.failures,
            query=request.query,
        ),
    )


async def depot_rows(
    pool: Pool, found: Round, studies: RoundStudies, scope: Scope | None
) -> list[views.DepotRow]:
    """The rows of the depots of a plan, by name; those of a `scope` only, where there is one."""
    names = {depot.depot_id: depot.name for depot in await depots(pool)}
    moves = [one.decision for one in found.moving if not one.shared]
    charging, backtests, peaks = studies.charging, studies.backtests, studies.peak_days
    return sorted(
        (
            views.DepotRow(
                name=names[plan.depot_id],
                plan=plan,
                charging=charging.get(plan.depot_id),
                backtest=tried.found if (tried := backtests.get(plan.depot_id)) else None,
                no_backtest=tried.reason if tried else None,
                budget=found.budget_of(plan.depot_id),
                peaks=peaks.get(plan.depot_id, ()),
                going=[one.vehicle or "" for one in moves if one.depot_id == plan.depot_id],
                coming=[
                    one.vehicle or ""
                    for one in moves
                    if one.arrival is not None and one.arrival.depot_id == plan.depot_id
                ],
            )
            for plan in await depot_plans(pool, found.round_id)
            if scope is None or plan.depot_id in scope.depot_ids
        ),
        key=lambda row: name_order(row.name),
    )
