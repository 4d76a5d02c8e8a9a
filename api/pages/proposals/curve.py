"""The page of cost against CO2e: GET /proposals/curve."""

from collections.abc import Mapping

from aiohttp import web

from api.pages.frame.context import CONTEXT, PageContext
from api.pages.frame.render import page
from api.pages.proposals import views
from costs.basis import stored_basis
from costs.kind_figures import KindFigures
from fleet.vehicle import GREEN_ENERGIES
from optimiser.parts.depot_plan import FleetFigures
from optimiser.rounds.overview import Round, latest_round
from optimiser.rounds.studies import NO_STUDIES, RoundEnds, RoundStudies, round_studies
from optimiser.studies.curve import CurvePoint, evenly_spaced

#: The most fleets on the curve that are shown, both ends among them.
POINTS_SHOWN = 12


async def show_curve(request: web.Request) -> web.StreamResponse:
    """Show the best fleets from the least cost to the least CO2e, and those to choose from."""
    context = request.config_dict[CONTEXT]
    found = await latest_round(context.pool)
    studies = NO_STUDIES if found is None else await round_studies(context.pool, found.round_id)
    return page(
        request,
        views.CurvePage(
            round=found,
            curve=None if found is None else await curve_view(context, found, studies),
            parts=studies.parts,
            studied=len(studies.done),
            failures=studies.failures,
        ),
    )


async def curve_view(
    context: PageContext, found: Round, studies: RoundStudies
) -> views.Curve | None:
    """The curve of all depots together; None until the studies of every part are done."""
    points = studies.curve
    if not points:
        return None
    ends = studies.ends(context.settings.greenest_within, found.co2_max_t_year)
    basis = await stored_basis(context.pool, found.round_id)
    assert basis is not None, "a round keeps what it is calculated with"
    return views.Curve(
        points=[_point(point, basis.kinds) for point in evenly_spaced(points, POINTS_SHOWN)],
        choices=_choices(found, studies, ends, basis.kinds),
        ends=ends,
        policies=studies.policies,
        cap_t=found.co2_max_t_year,
        price_max_kr_t=context.settings.curve_price_max_kr_t,
    )


def _choices(
    found: Round, studies: RoundStudies, ends: RoundEnds | None, kinds: Mapping[str, KindFigures]
) -> list[views.FleetChoice]:
    """The fleets to choose from that are known."""
    figures: list[tuple[views.FleetName, FleetFigures]] = []
    if found.summary is not None:
        figures += [
            (views.FleetName.TODAY, found.summary.baseline),
            (views.FleetName.PROPOSED, found.summary.proposed),
        ]
    if studies.policies is not None and studies.policies.costs:
        figures.append((views.FleetName.FREE, studies.policies.free))
    choices = [
        views.FleetChoice(
            name=name,
            cost_kr_year=found.unpriced_kr_year(fleet),
            co2_t_year=fleet.co2_t_year,
            vehicles=fleet.vehicles,
            green_vehicles=fleet.green_vehicles,
        )
        for name, fleet in figures
    ]
    of_curve = (
        []
        if ends is None
        else [
            (views.FleetName.CHEAPEST, ends.cheapest),
            (views.FleetName.GREENEST, ends.greenest),
        ]
    )
    for name, point in of_curve:
        shown = _point(point, kinds)
        choices.append(
            views.FleetChoice(
                name=name,
                cost_kr_year=shown.cost_kr_year,
                co2_t_year=shown.co2_t_year,
                vehicles=shown.vehicles,
                green_vehicles=shown.green_vehicles,
            )
        )
    return sorted(choices, key=lambda choice: list(views.FleetName).index(choice.name))


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
