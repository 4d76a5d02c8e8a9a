"""The pages of vehicles: GET /vehicles, GET /vehicles/{vehicle_id}, POST
/vehicles/{vehicle_id}/trip-class."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from aiohttp import web

from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import (
    CONTEXT,
    LAST_24_HOURS,
    PageContext,
    notice_in_address,
    period_view,
)
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, day_in
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.views import COUNTED_MAX, BoundedCount, Choice
from api.pages.vehicles import views
from api.pages.vehicles.forms import VehicleQuery, read_trip_class
from api.pages.vehicles.tracks import keep_reason, tracks_shown
from api.pages.vehicles.trip_class import TripClass
from api.pages.vehicles.views import Notice
from costs.basis import Basis, read_basis
from costs.measured_range import MeasuredRange, level_of
from costs.measured_stored import range_under
from costs.own_cost import no_sale, own_fixed_kr_year, unpaid_kr_year
from fleet.actor import Actor, Permission
from fleet.localtime import day_start, local_now
from ingest.quarantine_items import waiting_count_of
from ingest.watch.received import received_of_device
from optimiser.rounds.overview import latest_number
from optimiser.rounds.proposals import proposal_of_vehicle
from register import vehicles as register
from register.contact import Tracker, contact_told
from register.inventory.stored import registered_vehicle
from register.private_log_rows import any_private_between
from register.private_periods import is_private_now, private_periods
from register.track_reasons import TrackAccess
from register.vehicles import Vehicle, VehicleFilter
from register.zones import Zone
from register.zones_stored import zones
from trips.consumption.learning import vehicle_uses
from trips.stored.sleeping import fleet_nights
from trips.stored.vehicle_days import TripDays, trip_days, trips_on
from trips.use.fleet_use import VehicleUse, period_between
from trips.use.usage import day_by_day

#: The most points of a trip's track on the map; more cannot be told apart there.
TRACK_POINTS_MAX = 400


async def show_vehicles(request: web.Request) -> web.StreamResponse:
    """Show all vehicles, or those of a depot, in the chosen order."""
    context = request.config_dict[CONTEXT]
    query = VehicleQuery.read(request.query)
    actor = visitor(request)
    period = await context.shown_period(actor)
    fleet = await context.fleet_use(actor, period)
    trackers = await context.trackers_by_vehicle([one.vehicle.vehicle_id for one in fleet.vehicles])
    rows = [_row(context, actor, one, trackers) for one in fleet.vehicles]
    choices = [
        Choice(depot.depot_id, depot.name) for depot in await context.depots(visitor(request))
    ]
    names = {depot.id: depot.name for depot in choices}
    chosen = names.get(query.depot_id or "")
    return page(
        request,
        views.VehiclesPage(
            part=asked_part(
                query.order([row for row in rows if chosen is None or row.depot == chosen]),
                request.query,
                "/vehicles",
                query.in_address,
            ),
            total=len(rows),
            depots=choices,
            depot_id=None if chosen is None else query.depot_id,
            no_depot=chosen is None and query.depot_id is not None,
            sort=query.sort,
            descending=query.descending,
            period=period_view(period),
        ),
    )


async def show_vehicle(request: web.Request) -> web.StreamResponse:
    """Show one vehicle: what it is, when it is out, and where it drove on a day."""
    return page(request, await _vehicle_page(request))


async def give_reason(request: web.Request) -> web.StreamResponse:
    """Keep why the visitor looks at the vehicle's trips, and show them."""
    vehicle_id = request.match_info["vehicle_id"]
    try:
        await keep_reason(request, vehicle_id)
    except FormError as refused:
        return page(request, await _vehicle_page(request, refused), status=422)
    raise see_other(f"{request.rel_url.raw_path.removesuffix('/tracks')}{_day_asked(request)}")


async def set_trip_class(request: web.Request) -> web.StreamResponse:
    """Set the class by which the vehicle's trips are found; the worker finds them anew."""
    try:
        chosen = read_trip_class(await read_form(request))
    except FormError as refused:
        return page(request, await _vehicle_page(request, refused), status=422)
    vehicle_id = request.match_info["vehicle_id"]
    pool = request.config_dict[CONTEXT].pool
    try:
        await register.set_trip_class(pool, visitor(request), vehicle_id, chosen)
    except register.NoVehicleError:
        raise web.HTTPNotFound from None
    raise see_other(
        f"{request.rel_url.raw_path.removesuffix('/trip-class')}?done={Notice.TRIP_CLASS_SAVED}"
    )


async def _vehicle_page(
    request: web.Request, refused: FormError | None = None
) -> views.VehiclePage:
    context = request.config_dict[CONTEXT]
    actor = visitor(request)
    sees_trips = actor.may(Permission.TRACKS_READ)
    period = await context.shown_period(actor)
    fleet = await context.fleet_use(
        actor, period, VehicleFilter(vehicle_id=request.match_info["vehicle_id"])
    )
    if not fleet.vehicles:
        raise web.HTTPNotFound
    used = fleet.vehicles[0]
    vehicle = used.vehicle
    basis = await read_basis(context.pool, local_now().year)
    registered = await registered_vehicle(context.pool, vehicle.vehicle_id)
    trackers = await context.trackers_by_vehicle([vehicle.vehicle_id])
    kind = basis.kinds[vehicle.kind]
    kind_kr_year = kind.fixed_kr_year - kind.all_charge_points_kr_year
    with_own_kr_year = own_kr_year = sale_bar = None
    if registered is not None:
        own = registered.details
        figures = (own.cost_kr_year, own.sale_value_kr, own.contract_end)
        with_own_kr_year = own_fixed_kr_year(kind, *figures)
        own_kr_year = unpaid_kr_year(kind, *figures)
        if own.cost_kr_year is not None:
            own_kr_year = own.cost_kr_year
        sale_bar = no_sale(kind, own.cost_kr_year, own.contract_end)
    asked = _asked_day(request)
    known_zones = await zones(context.pool)
    last = None if period is None else period.last
    asleep = await fleet_nights(context.pool, known_zones, last, vehicle.vehicle_id)
    classed = await register.trip_class_of(context.pool, vehicle.vehicle_id)
    shown, access = await tracks_shown(request, vehicle.vehicle_id)
    days = TripDays(None, None, None)
    trips: list[views.TripRow] = []
    if access is not None:
        days = await trip_days(context.pool, vehicle.vehicle_id, asked)
        if (day := asked or days.day) is not None:
            trips = await _trips(request, access, day, known_zones)
    tracker = trackers.get(vehicle.vehicle_id)
    return views.VehiclePage(
        row=_row(context, actor, used, trackers),
        days_known=used.figures.days_known,
        range_km=kind.range_km,
        measured=await _measured(context, vehicle, basis),
        contract_end=vehicle.contract_end,
        own=None if registered is None else registered.details,
        kr_year=kind_kr_year if with_own_kr_year is None else with_own_kr_year,
        own_kr_year=own_kr_year,
        no_sale=sale_bar,
        period=period_view(period),
        tracker=None
        if tracker is None
        else await _tracker(
            context, actor, tracker, None if period is None else used.figures.covered_share
        ),
        logged=vehicle.is_logged,
        week_use=fleet.week if used.figures.away_h and sees_trips else None,
        day=asked or days.day,
        earlier=days.earlier,
        later=days.later,
        trips=trips,
        no_trips=None
        if trips or asked is None or access is None
        else await _no_trips(request, vehicle.vehicle_id, asked),
        depots=[
            views.DepotOnMap(one.name, one.lat, one.lon)
            for one in await context.depots(visitor(request))
            if one.lat is not None and one.lon is not None
        ],
        tiles_url=context.settings.map_tiles_url,
        tracks=shown,
        trip_class=TripClass(classed.own, classed.of_kind, classed.refinding),
        asleep=asleep.vehicles[0] if asleep.vehicles and access is not None else None,
        retired_at=vehicle.retired_at,
        is_in_fleet=vehicle.retired_at is None or vehicle.retired_at > local_now().date(),
        private_now=await is_private_now(context.pool, vehicle.vehicle_id),
        round_number=await latest_number(context.pool),
        proposal=await proposal_of_vehicle(context.pool, vehicle.vehicle_id),
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )


async def _measured(context: PageContext, vehicle: Vehicle, basis: Basis) -> MeasuredRange | None:
    """How far a vehicle came on a full battery or tank in the last year."""
    level = level_of(vehicle.energy)
    if level is None:
        return None
    uses = await vehicle_uses(context.pool, vehicle.vehicle_id, level, local_now())
    return range_under(basis.figures, uses)


async def _no_trips(request: web.Request, vehicle_id: str, day: date) -> views.NoTrips:
    """The reason why a day has no trips. A vehicle that was silent is not said to have stood."""
    context = request.config_dict[CONTEXT]
    if day > local_now().date():
        return views.NoTrips.YET_TO_COME
    begins, ends = day_start(day), day_start(day + timedelta(days=1))
    periods = [one.period for one in await private_periods(context.pool, vehicle_id)]
    if any_private_between(periods, begins, ends):
        return views.NoTrips.PRIVATE
    fleet = await context.fleet_use(
        visitor(request),
        await period_between(context.pool, day, day),
        VehicleFilter(vehicle_id=vehicle_id),
    )
    heard = any(one.day == day and one.heard for one in day_by_day(fleet.calendar, fleet.rows))
    return views.NoTrips.STOOD if heard else views.NoTrips.UNKNOWN


def _row(
    context: PageContext,
    reader: Actor,
    used: VehicleUse[Vehicle],
    trackers: Mapping[str, Tracker],
) -> views.VehicleRow:
    """The row of a vehicle as a reader sees it; `trackers` are by the ids of the vehicles that they
    sit in."""
    vehicle, figures = used.vehicle, used.figures
    tracker = trackers.get(vehicle.vehicle_id)
    told = None if tracker is None else contact_told(tracker, reader)
    return views.VehicleRow(
        vehicle_id=vehicle.vehicle_id,
        name=vehicle.name,
        kind=vehicle.kind_name,
        department=vehicle.department,
        depot=vehicle.depot_name,
        energy=vehicle.energy,
        contact=None if told is None else told.contact,
        last_ping=None if told is None else told.last_ping,
        days_used_share=figures.days_used_share,
        by_hours=vehicle.by_hours,
        km=None if vehicle.by_hours else figures.km,
        engine_h=figures.engine_h if vehicle.by_hours else None,
        trips=figures.trips,
        status=context.status(figures),
    )


def _day_asked(request: web.Request) -> str:
    """The end of the address of a vehicle's trips, on the asked day."""
    asked = _asked_day(request)
    return "#trips" if asked is None else f"?day={asked}#trips"


def _asked_day(request: web.Request) -> date | None:
    """The day in the address; a text that is no date counts as absent, since addresses are
    typed."""
    return day_in(request.query.get("day", ""))


async def _tracker(
    context: PageContext, reader: Actor, tracker: Tracker, covered_share: float | None
) -> views.TrackerHealth:
    day_ago = local_now() - LAST_24_HOURS
    received = await received_of_device(context.pool, tracker.device, day_ago)
    quarantined = await waiting_count_of(context.pool, tracker.device, COUNTED_MAX + 1)
    told = contact_told(tracker, reader)
    return views.TrackerHealth(
        device=tracker.device,
        contact=told.contact,
        last_ping=told.last_ping,
        measured_24h=received.measured,
        last_received=received.last_received,
        interval_s=tracker.interval_s,
        covered_share=covered_share,
        quarantined=BoundedCount.up_to_max(quarantined),
    )


async def _trips(
    request: web.Request, access: TrackAccess, day: date, known_zones: Sequence[Zone]
) -> list[views.TripRow]:
    """The trips of a day, the latest first."""
    pool = request.config_dict[CONTEXT].pool
    found = await trips_on(pool, visitor(request), access, day, known_zones)
    return [
        views.TripRow(
            start=trip.start,
            end=trip.end,
            km=trip.km,
            start_place=trip.start_zone,
            end_place=trip.end_zone,
            track=_thinned(trip.path),
            gap_inside=trip.gap_inside,
            cut_by_silence=trip.cut_by_silence,
        )
        for trip in reversed(found)
    ]


def _thinned(path: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Thin a path to the points that can be told apart on the map; its ends stay."""
    between = path[1:-1]
    step = max(1, len(between) // TRACK_POINTS_MAX)
    return [path[0], *between[::step], path[-1]]
