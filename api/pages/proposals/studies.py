"""Beside the proposals: GET /proposals/curve, /proposals/depots and /proposals/report."""

from collections.abc import Mapping

from aiohttp import web

from api.pages.frame.context import CONTEXT, Context, now_local, period_view
from api.pages.frame.render import page
from api.pages.proposals import views
from api.pages.proposals.round_basis import basis_page
from costs.basis import kept_basis
from costs.kind_figures import KindFigures
from db.connect import Pool
from fleet.vehicle import GREEN
from optimiser.rounds.overview import Round, latest_round
from optimiser.rounds.proposals import read_proposals, sums
from optimiser.rounds.studies import (
    NO_STUDIES,
    RoundStudies,
    depot_names,
    depot_plans,
    round_studies,
)
from optimiser.studies.curve import Point, thinned

#: Fleets on the curve that are shown, both ends among them.
POINTS_SHOWN = 12


async def show_curve(request: web.Request) -> web.StreamResponse:
    """The best fleets from the least cost to the least CO2e."""
    context = request.config_dict[CONTEXT]
    found = await latest_round(context.pool)
    studies = NO_STUDIES if found is None else await round_studies(context.pool, found.round_id)
    return page(
        request,
        views.CurvePage(
            round=found,
            points=[] if found is None else await _points(context.pool, found, studies),
            today=None if found is None else _unpriced(found)[0],
            proposed=None if found is None else _unpriced(found)[1],
            cap_t=None if found is None else found.co2_max_t_year,
            price_max_kr_t=context.settings.curve_price_max_kr_t,
            parts=studies.parts,
            studied=len(studies.done),
            failures=studies.failures,
        ),
    )


async def show_depots(request: web.Request) -> web.StreamResponse:
    """Every depot of the plan: its days, its charging and its backtest."""
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
            rows=await _depot_rows(context.pool, found, studies),
            parts=studies.parts,
            studied=len(studies.done),
            failures=studies.failures,
        ),
    )


async def show_report(request: web.Request) -> web.StreamResponse:
    """All of a round on paper, for a meeting."""
    context: Context = request.config_dict[CONTEXT]
    pool = context.pool
    found = await latest_round(pool)
    if found is None:
        none = sums(())
        empty = views.ReportPage(
            as_of=now_local(),
            round=None,
            period=None,
            rows=(),
            accepted=none,
            every=none,
            depots=(),
            points=(),
        )
        return page(request, empty)
    studies = await round_studies(pool, found.round_id)
    proposals = await read_proposals(pool, found.round_id, studies)
    rows = [proposal for proposal in proposals if proposal.is_change]
    today, proposed = _unpriced(found)
    return page(
        request,
        views.ReportPage(
            as_of=now_local(),
            round=found,
            period=period_view(found.period),
            rows=rows,
            accepted=sums(proposal for proposal in rows if proposal.accepted),
            every=sums(rows),
            depots=await _depot_rows(pool, found, studies),
            points=await _points(pool, found, studies),
            today=today,
            proposed=proposed,
            cap_t=found.co2_max_t_year,
            price_max_kr_t=context.settings.curve_price_max_kr_t,
            basis=await basis_page(request, found.round_id),
        ),
    )


async def _depot_rows(pool: Pool, found: Round, studies: RoundStudies) -> list[views.DepotRow]:
    names = await depot_names(pool)
    charging, backtests = studies.charging, studies.backtests
    return sorted(
        (
            views.DepotRow(
                name=names[plan.depot_id],
                plan=plan,
                charging=charging.get(plan.depot_id),
                backtest=tried.found if (tried := backtests.get(plan.depot_id)) else None,
                no_backtest=tried.reason if tried else "",
            )
            for plan in await depot_plans(pool, found.round_id)
        ),
        key=lambda row: row.name,
    )


async def _points(pool: Pool, found: Round, studies: RoundStudies) -> list[views.CurvePoint]:
    """The curve of all depots together, when every part of the round is worked out."""
    points = studies.curve
    if not points:
        return []
    basis = await kept_basis(pool, found.round_id)
    assert basis is not None, "a round keeps what it is calculated with"
    return [_point(point, basis.kinds) for point in thinned(points, POINTS_SHOWN)]


def _point(point: Point, kinds: Mapping[str, KindFigures]) -> views.CurvePoint:
    counts = point.counts
    return views.CurvePoint(
        cost_kr_year=point.cost_kr_year,
        co2_t_year=point.co2_t_year,
        lower_bound_kr_year=point.lower_bound_kr_year,
        gap=point.gap,
        vehicles=sum(counts.values()),
        green_vehicles=sum(n for kind, n in counts.items() if kinds[kind].energy in GREEN),
        fleet=sorted((kinds[kind].name, n) for kind, n in counts.items() if n),
    )


def _unpriced(found: Round) -> tuple[tuple[float, float], tuple[float, float]]:
    """Today's and the proposed fleet: kr. a year without the price of CO2e, and tonnes a year."""
    today, then = found.baseline, found.proposed
    return (
        (found.unpriced_kr_year(today), today.co2_t_year),
        (found.unpriced_kr_year(then), then.co2_t_year),
    )
