"""The page of cost against CO2e: GET /proposals/curve."""

from collections.abc import Mapping

from aiohttp import web

from api.pages.frame.context import CONTEXT
from api.pages.frame.render import page
from api.pages.proposals import views
from costs.basis import stored_basis
from costs.kind_figures import KindFigures
from db.connect import Pool
from fleet.vehicle import GREEN_ENERGIES
from optimiser.rounds.overview import Round, latest_round
from optimiser.rounds.studies import (
    NO_STUDIES,
    RoundStudies,
    round_studies,
)
from optimiser.studies.curve import CurvePoint, evenly_spaced

#: The most fleets on the curve that are shown, both ends among them.
POINTS_SHOWN = 12


async def show_curve(request: web.Request) -> web.StreamResponse:
    """Show the best fleets from the least cost to the least CO2e."""
    context = request.config_dict[CONTEXT]
    found = await latest_round(context.pool)
    studies = NO_STUDIES if found is None else await round_studies(context.pool, found.round_id)
    marks = (None, None) if found is None else without_co2_price(found)
    return page(
        request,
        views.CurvePage(
            round=found,
            points=[] if found is None else await curve_points(context.pool, found, studies),
            today=marks[0],
            proposed=marks[1],
            cap_t=None if found is None else found.co2_max_t_year,
            price_max_kr_t=context.settings.curve_price_max_kr_t,
            parts=studies.parts,
            studied=len(studies.done),
            failures=studies.failures,
        ),
    )


async def curve_points(pool: Pool, found: Round, studies: RoundStudies) -> list[views.CurvePoint]:
    """The points of the curve of all depots together; empty until the studies of every part are
    done."""
    points = studies.curve
    if not points:
        return []
    basis = await stored_basis(pool, found.round_id)
    assert basis is not None, "a round keeps what it is calculated with"
    return [_point(point, basis.kinds) for point in evenly_spaced(points, POINTS_SHOWN)]


def _point(point: CurvePoint, kinds: Mapping[str, KindFigures]) -> views.CurvePoint:
    counts = point.counts
    return views.CurvePoint(
        cost_kr_year=point.cost_kr_year,
        co2_t_year=point.co2_t_year,
        lower_bound_kr_year=point.lower_bound_kr_year,
        gap=point.gap,
        vehicles=sum(counts.values()),
        green_vehicles=sum(n for kind, n in counts.items() if kinds[kind].energy in GREEN_ENERGIES),
        fleet=sorted((kinds[kind].name, n) for kind, n in counts.items() if n),
    )


def without_co2_price(
    found: Round,
) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """The cost without the price of CO2e, and the emission, of today's and the proposed fleet.

    Returns:
        For each of the two fleets kr. a year and tonnes a year; None where no figures are shown.
    """
    if found.summary is None:
        return None, None
    today, then = found.summary.baseline, found.summary.proposed
    return (
        (found.unpriced_kr_year(today), today.co2_t_year),
        (found.unpriced_kr_year(then), then.co2_t_year),
    )
