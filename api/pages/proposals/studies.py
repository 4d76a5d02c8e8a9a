"""Beside the proposals: GET /proposals/curve, /proposals/depots and /proposals/report."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from api.pages.frame.context import CONTEXT, Context, now_local
from api.pages.frame.render import page
from api.pages.proposals import views
from api.pages.proposals.proposals import (
    accepted,
    latest_round,
    proposal_row,
    round_studies,
    study_failures,
    sums,
)
from api.pages.proposals.round_basis import basis_page
from costs.basis import kept_basis
from costs.kind_figures import KindFigures
from db.connect import Pool
from db.statements import statements
from fleet.vehicle import GREEN
from optimiser.depot.answer import read_answer
from optimiser.depot.verdicts import Action
from optimiser.studies.curve import Point, curve, thinned
from optimiser.studies.study import Study

SQL = statements("round")
FLEET_SQL = statements("fleet")

#: Fleets on the curve that are shown, both ends among them.
POINTS_SHOWN = 12


async def show_curve(request: web.Request) -> web.StreamResponse:
    """The best fleets from the least cost to the least CO2e."""
    context = request.config_dict[CONTEXT]
    found = await latest_round(context.pool)
    if found is None:
        parts, studies = 0, []
    else:
        parts, studies = await round_studies(context.pool, found.round_id)
    prices = None if found is None else await _prices(context.pool, found)
    return page(
        request,
        views.CurvePage(
            round=found,
            points=await _points(context.pool, found, parts, studies),
            today=None if prices is None else prices.today,
            proposed=None if prices is None else prices.proposed,
            cap_t=None if prices is None else prices.cap_t,
            price_max_kr_t=context.settings.curve_price_max_kr_t,
            parts=parts,
            studied=len(studies),
            failures=[] if found is None else await study_failures(context.pool, found.round_id),
        ),
    )


async def show_depots(request: web.Request) -> web.StreamResponse:
    """Every depot of the plan: its days, its charging and its backtest."""
    context = request.config_dict[CONTEXT]
    found = await latest_round(context.pool)
    if found is None:
        return page(request, views.DepotsPage(round=None, rows=(), parts=0, studied=0))
    parts, studies = await round_studies(context.pool, found.round_id)
    return page(
        request,
        views.DepotsPage(
            round=found,
            rows=await _depot_rows(context.pool, found, studies),
            parts=parts,
            studied=len(studies),
            failures=await study_failures(context.pool, found.round_id),
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
            as_of=now_local(), round=None, rows=(), accepted=none, every=none, depots=(), points=()
        )
        return page(request, empty)
    parts, studies = await round_studies(pool, found.round_id)
    prices = await _prices(pool, found)
    outcomes = {depot: study.sensitivity for depots, study in studies for depot in depots}
    failures = await study_failures(pool, found.round_id)
    rows = [
        row
        for record in await pool.fetch(SQL["proposals"], found.round_id)
        for row in [proposal_row(record, outcomes.get(record["depot_id"]), failures)]
        if row.decision.action is not Action.KEEP
    ]
    return page(
        request,
        views.ReportPage(
            as_of=now_local(),
            round=found,
            rows=rows,
            accepted=sums(accepted(rows)),
            every=sums(rows),
            depots=await _depot_rows(pool, found, studies),
            points=await _points(pool, found, parts, studies),
            today=prices.today,
            proposed=prices.proposed,
            cap_t=prices.cap_t,
            price_max_kr_t=context.settings.curve_price_max_kr_t,
            basis=await basis_page(request, found.round_id),
        ),
    )


async def _depot_rows(
    pool: Pool, found: views.Round, studies: Sequence[tuple[list[str], Study]]
) -> list[views.DepotRow]:
    names = {row["depot_id"]: row["name"] for row in await pool.fetch(FLEET_SQL["depots"])}
    charging = {c.depot_id: c for _, study in studies for c in study.charging}
    backtest = {b.depot_id: b for _, study in studies for b in study.backtest}
    rows = await pool.fetch(SQL["answers"], found.round_id)
    plans = [plan for row in rows for plan in read_answer(row["answer"]).depots]
    return sorted(
        (
            views.DepotRow(
                name=names[plan.depot_id],
                plan=plan,
                charging=charging.get(plan.depot_id),
                backtest=tried.found if (tried := backtest.get(plan.depot_id)) else None,
                no_backtest=tried.reason if tried else "",
            )
            for plan in plans
        ),
        key=lambda row: row.name,
    )


async def _points(
    pool: Pool,
    found: views.Round | None,
    parts: int,
    studies: Sequence[tuple[list[str], Study]],
) -> list[views.CurvePoint]:
    """The curve of all depots together, when every part of the round is worked out."""
    if found is None or not studies or len(studies) < parts:
        return []
    if not all(study.curves for _, study in studies):
        return []
    basis = await kept_basis(pool, found.round_id)
    assert basis is not None, "a round keeps what it is calculated with"
    points = thinned(curve([one for _, study in studies for one in study.curves]), POINTS_SHOWN)
    return [_point(point, basis.kinds) for point in points]


def _point(point: Point, kinds: Mapping[str, KindFigures]) -> views.CurvePoint:
    counts: Counter[str] = Counter()
    for label, count in point.counts.items():
        counts[label.rpartition("/")[2]] += count
    return views.CurvePoint(
        cost_kr_year=point.cost_kr_year,
        co2_t_year=point.co2_t_year,
        lower_bound_kr_year=point.lower_bound_kr_year,
        gap=point.gap,
        vehicles=counts.total(),
        green_vehicles=sum(n for kind, n in counts.items() if kinds[kind].energy in GREEN),
        fleet=sorted((kinds[kind].name, n) for kind, n in counts.items() if n),
    )


@dataclass(frozen=True, slots=True)
class _Prices:
    """Today's and the proposed fleet without the price of CO2e, with their tonnes; and the most
    tonnes that the plan may emit."""

    today: tuple[float, float]
    proposed: tuple[float, float]
    cap_t: float | None


async def _prices(pool: Pool, found: views.Round) -> _Prices:
    row = await pool.fetchrow(SQL["answered"], found.round_id)
    assert row is not None
    price = row["rules"]["co2_kr_t"]
    today, then = found.baseline, found.proposed
    return _Prices(
        (today.cost_kr_year - price * today.co2_t_year, today.co2_t_year),
        (then.cost_kr_year - price * then.co2_t_year, then.co2_t_year),
        row["rules"].get("co2_max_t_year"),
    )
