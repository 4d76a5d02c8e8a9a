"""The page of cost against CO2e: GET and POST /proposals/curve."""

from collections.abc import Mapping, Sequence

from aiohttp import web

from api.door.visitor import visitor
from api.jobs import queue_round
from api.pages.frame.context import CONTEXT, PageContext
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import field_texts
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.proposals import views
from api.pages.proposals.rounds import ROUND_ACTIVE
from api.pages.proposals.views import Notice
from api.pages.words.language import mark
from costs.basis import stored_basis
from costs.kind_figures import KindFigures
from fleet.vehicle import GREEN_ENERGIES
from optimiser.parts.depot_plan import FleetFigures
from optimiser.rounds.overview import Round, latest_round
from optimiser.rounds.requests import RoundActive, choose_fleet
from optimiser.rounds.studies import NO_STUDIES, RoundEnds, RoundStudies, round_studies
from optimiser.studies.curve import CurvePoint, evenly_spaced
from optimiser.studies.peak_day import named_once

CURVE_CHANGED = mark("The fleets have changed since you saw them. Choose among those below.")

#: The most fleets on the curve that are shown, both ends among them.
POINTS_SHOWN = 10


async def show_curve(request: web.Request) -> web.StreamResponse:
    """Show the best fleets from the least cost to the least CO2e, and those to choose from."""
    return page(request, await _curve_page(request))


async def choose(request: web.Request) -> web.StreamResponse:
    """Request a new version of the latest round that proposes the chosen fleet; without one, that
    which the rules give."""
    context: PageContext = request.config_dict[CONTEXT]
    key = field_texts(await read_form(request), ("fleet",))["fleet"]
    found = await latest_round(context.pool)
    if found is None:
        raise web.HTTPNotFound
    prices = None
    if key:
        studies = await round_studies(context.pool, found.round_id)
        fleets = studies.fleets(found.within(context.settings.greenest_within))
        fleet = next((one for one in fleets if one.key == key), None)
        if fleet is None or found.co2_max_t_year is not None:
            return page(request, await _curve_page(request, CURVE_CHANGED), status=422)
        prices = fleet.prices_kr_t
    try:
        round_id = await choose_fleet(context.pool, visitor(request), found.round_id, prices)
    except RoundActive:
        return page(request, await _curve_page(request, ROUND_ACTIVE), status=422)
    await queue_round(context.jobs, round_id)
    said = Notice.FLEET_OF_RULES if prices is None else Notice.FLEET_CHOSEN
    raise see_other(f"/proposals?done={said}")


async def _curve_page(request: web.Request, refused: str | None = None) -> views.CurvePage:
    context = request.config_dict[CONTEXT]
    found = await latest_round(context.pool)
    studies = NO_STUDIES if found is None else await round_studies(context.pool, found.round_id)
    return views.CurvePage(
        round=found,
        curve=None if found is None else await curve_view(context, found, studies),
        parts=studies.parts,
        studied=len(studies.done),
        failures=studies.failures,
        refused=refused,
    )


async def curve_view(
    context: PageContext, found: Round, studies: RoundStudies
) -> views.Curve | None:
    """The curve of all depots together; None until the studies of every part are done."""
    points = studies.curve
    if not points:
        return None
    ends = found.ends(studies, context.settings.greenest_within)
    basis = await stored_basis(context.pool, found.round_id)
    assert basis is not None, "a round keeps what it is calculated with"
    return views.Curve(
        points=[_point(point, basis.kinds) for point in _shown(points, ends)],
        choices=_choices(found, studies, ends, basis.kinds),
        ends=ends,
        policies=studies.policies,
        cap_t=found.co2_max_t_year,
        price_max_kr_t=context.settings.curve_price_max_kr_t,
        chosen=next(
            (
                one.key
                for one in studies.fleets(found.within(context.settings.greenest_within))
                if one.prices_kr_t == found.chosen_prices
            ),
            None,
        ),
        proposed=_proposed(found, points, ends),
    )


def _proposed(found: Round, points: Sequence[CurvePoint], ends: RoundEnds | None) -> str | None:
    """The key of the fleet that has the figures of the proposed one as pages show them."""
    if found.summary is None:
        return None
    proposed = found.summary.proposed
    figures = (round(found.paid_kr_year(proposed)), round(proposed.co2_t_year, 1))
    known = [*points, *(() if ends is None else (ends.greenest,))]
    return next(
        (p.key for p in known if (round(p.cost_kr_year), round(p.co2_t_year, 1)) == figures), None
    )


def named_fleets_once(points: Sequence[CurvePoint]) -> list[CurvePoint]:
    """Of the fleets that a reader cannot tell apart, of the same vehicles and tonnes, the cheapest
    one."""
    cheapest: dict[object, CurvePoint] = {}
    for point in points:
        shown = (frozenset(point.counts.items()), round(point.co2_t_year, 1))
        if shown not in cheapest or point.cost_kr_year < cheapest[shown].cost_kr_year:
            cheapest[shown] = point
    return [one for one in points if one in cheapest.values()]


def _shown(points: Sequence[CurvePoint], ends: RoundEnds | None) -> list[CurvePoint]:
    """Some of the fleets on the curve; among them the one that is better than the proposed one, as
    the page names it."""
    points = named_fleets_once(points)
    shown = evenly_spaced(points, POINTS_SHOWN)
    kept = [] if ends is None or ends.better is None else [ends.better]
    return [one for one in points if one in shown or one in kept]


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
            cost_kr_year=found.paid_kr_year(fleet),
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
                key=shown.key,
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
        fleet=named_once((kinds[kind].name, n) for kind, n in counts.items()),
        key=point.key,
    )
