"""The page of a vehicle's future: GET and POST /vehicles/{vehicle_id}/future."""

from dataclasses import replace

from aiohttp import web

from api.door.visitor import visitor
from api.pages.costs.capabilities import read_capabilities
from api.pages.frame.context import CONTEXT, notice_in_address, period_view
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, field_texts
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.vehicles import views
from api.pages.vehicles.forms import LEAVING_ACCEPTED, RulingForm
from api.pages.vehicles.views import Notice
from costs.basis import read_basis
from fleet.localtime import local_now
from fleet.period import Period
from optimiser.depot.green import green_check
from optimiser.depot.own_kinds import with_own_kinds
from optimiser.depot.vehicle_pool import VehiclePool
from optimiser.exchange.stays_after_all import let_stay_after_all
from optimiser.rounds.data import read_prospect
from register.vehicles import (
    LeavingAcceptedError,
    NoVehicleError,
    kind_offers,
    leaving_accepted,
    refuse_other_departments,
    rule_vehicle,
    rulings,
)


async def show_future(request: web.Request) -> web.StreamResponse:
    """Show what may be decided on a vehicle and why, whether it could be green, and the form."""
    return page(request, await _future_page(request))


async def rule_on_vehicle(request: web.Request) -> web.StreamResponse:
    """Rule that a vehicle stays, may go or is left to the rules, and what it is needed for."""
    context = request.config_dict[CONTEXT]
    vehicle_id, offers = await _offers(request)
    known = await read_capabilities(request)
    fields = await read_form(request)
    try:
        form = RulingForm.read(fields, offers, known)
    except FormError as error:
        return page(request, await _future_page(request, error), status=422)
    try:
        pool, actor = context.pool, visitor(request)
        if form.takes_back:
            await let_stay_after_all(pool, actor, vehicle_id, form.needs, form.reason)
        else:
            await rule_vehicle(pool, actor, vehicle_id, form.ruling, form.needs, form.reason)
    except LeavingAcceptedError:
        typed = field_texts(fields, ("ruling", "needs", "reason"))
        refused = FormError(typed, {"ruling": LEAVING_ACCEPTED})
        return page(request, await _future_page(request, refused), status=409)
    raise see_other(f"{request.rel_url.raw_path}?done={Notice.RULED}")


async def _offers(request: web.Request) -> tuple[str, frozenset[str]]:
    """The id of the vehicle in the address, and the capabilities that its kind offers."""
    context = request.config_dict[CONTEXT]
    vehicle_id = request.match_info["vehicle_id"]
    try:
        return vehicle_id, await kind_offers(context.pool, vehicle_id)
    except NoVehicleError:
        raise web.HTTPNotFound from None


async def _future_page(request: web.Request, refused: FormError | None = None) -> views.FuturePage:
    context = request.config_dict[CONTEXT]
    settings = context.settings
    period = await context.shown_period(visitor(request))
    today = local_now().date()
    span = period or Period(today, today)
    vehicle_id = request.match_info["vehicle_id"]
    await refuse_other_departments(context.pool, visitor(request), vehicle_id)
    try:
        prospect = await read_prospect(context.pool, span, settings, vehicle_id)
    except NoVehicleError:
        raise web.HTTPNotFound from None
    basis = await read_basis(context.pool, span.last.year)
    vehicle = prospect.vehicle
    offers = basis.kinds[vehicle.kind].offers
    needs = offers if vehicle.needs is None else vehicle.needs
    known = await read_capabilities(request)
    green = None
    if period is not None:
        alone = VehiclePool(vehicle.depot_id, [prospect.pool_vehicle], prospect.trips)
        [depot], kinds = with_own_kinds([alone], basis.kinds)
        green = green_check(depot.vehicles[0], prospect.trips, kinds, 365 / period.days)
        green = replace(green, missing=tuple(known.named(green.missing)))
    given = {"ruling": vehicle.ruling.value, "needs": known.written(needs), "reason": ""}
    return views.FuturePage(
        vehicle_id=vehicle_id,
        name=vehicle.name,
        kind=vehicle.kind,
        kind_name=vehicle.kind_name,
        department=vehicle.department,
        depot=vehicle.depot_name,
        period=period_view(period),
        fate=prospect.pool_vehicle.fate,
        contract_end=vehicle.contract_end,
        keep_until=prospect.keep_until,
        known_share=0.0 if prospect.known is None else prospect.known.known_share,
        coverage_min=settings.coverage_min,
        mileage_km=vehicle.mileage_km,
        offers=known.named(offers),
        needs=None if vehicle.needs is None else known.named(vehicle.needs),
        green=green,
        leaving=await leaving_accepted(context.pool, vehicle_id),
        history=[
            replace(one, needs=None if one.needs is None else tuple(known.named(one.needs)))
            for one in await rulings(context.pool, vehicle_id)
        ],
        values=given if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )
