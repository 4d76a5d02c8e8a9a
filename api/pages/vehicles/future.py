"""A vehicle's future: GET and POST /vehicles/{vehicle_id}/future."""

from dataclasses import replace
from datetime import timedelta

from aiohttp import web

from api.pages.costs.capabilities import read_capabilities
from api.pages.frame.context import CONTEXT, notice, now_local, period_view
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.sent import sent_form
from api.pages.vehicles import views
from api.pages.vehicles.forms import RulingForm
from api.pages.vehicles.views import Notice
from costs.basis import read_basis
from db.statements import statements
from fleet.period import Period
from optimiser.depot.fate import Ruling
from optimiser.depot.green import green_check
from optimiser.depot.vehicle_pool import DrivenTrip
from optimiser.rounds.data import candidate_of, read_known

SQL = statements("ruling")
FLEET_SQL = statements("fleet")


async def show_future(request: web.Request) -> web.StreamResponse:
    """What may be decided on a vehicle and why, whether it could be green, and the form."""
    return page(request, await _future_page(request))


async def rule(request: web.Request) -> web.StreamResponse:
    """Say that a vehicle stays, may go or is left to the rules, and what it is needed for."""
    context = request.config_dict[CONTEXT]
    vehicle_id, offers = await _offers(request)
    known = await read_capabilities(request)
    try:
        form = RulingForm.read(await sent_form(request), offers, known)
    except FormError as error:
        return page(request, await _future_page(request, error), status=422)
    await context.pool.execute(
        SQL["rule"], vehicle_id, form.ruling.value, form.needs, form.reason, form.who
    )
    raise see_other(f"{request.rel_url.raw_path}?done={Notice.RULED}")


async def _offers(request: web.Request) -> tuple[str, frozenset[str]]:
    """The vehicle in the address, and what its kind offers."""
    context = request.config_dict[CONTEXT]
    vehicle_id = request.match_info["vehicle_id"]
    offers = await context.pool.fetchval(SQL["offers"], vehicle_id)
    if offers is None:
        raise web.HTTPNotFound
    return vehicle_id, frozenset(offers)


async def _future_page(request: web.Request, refused: FormError | None = None) -> views.FuturePage:
    context = request.config_dict[CONTEXT]
    settings = context.settings
    period = await context.period()
    today = now_local().date()
    span = period or Period(today, today)
    vehicle_id = request.match_info["vehicle_id"]
    row = await context.pool.fetchrow(FLEET_SQL["vehicles"], span.start, span.end, vehicle_id)
    if row is None:
        raise web.HTTPNotFound
    basis = await read_basis(context.pool, span.last.year)
    known_use = (await read_known(context.pool, span, settings, vehicle_id)).get(vehicle_id)
    vehicle = candidate_of(row, known_use, span, settings)
    trips = [
        DrivenTrip(**dict(trip))
        for trip in await context.pool.fetch(SQL["trips"], vehicle_id, span.start, span.end)
    ]
    offers = basis.kinds[vehicle.kind].offers
    needs = offers if vehicle.needs is None else vehicle.needs
    known = await read_capabilities(request)
    green = None
    if period is not None:
        green = green_check(vehicle, trips, basis.kinds, 365 / period.days)
        green = replace(green, missing=tuple(known.named(green.missing)))
    given = {"ruling": row["ruling"], "needs": known.written(needs), "reason": "", "who": ""}
    return views.FuturePage(
        vehicle_id=vehicle_id,
        name=vehicle.name,
        kind=vehicle.kind,
        kind_name=row["kind_name"],
        department=row["department"],
        depot=row["depot_name"],
        period=period_view(period),
        fate=vehicle.fate,
        contract_end=row["contract_end"],
        keep_until=span.last + timedelta(days=settings.contract_horizon_days),
        known_share=0.0 if known_use is None else known_use.known_share,
        coverage_min=settings.coverage_min,
        mileage_km=row["mileage_km"],
        offers=known.named(offers),
        needs=None if vehicle.needs is None else known.named(vehicle.needs),
        green=green,
        history=[
            views.RulingEntry(
                ruling=Ruling(entry["ruling"]),
                needs=None if entry["needs"] is None else known.named(entry["needs"]),
                reason=entry["reason"],
                ruled_by=entry["ruled_by"],
                ruled_at=entry["ruled_at"],
            )
            for entry in await context.pool.fetch(SQL["history"], vehicle_id)
        ],
        values=given if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice(request, Notice),
    )
