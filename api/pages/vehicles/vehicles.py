"""Vehicles: GET /vehicles, GET /vehicles/{vehicle_id}, POST /vehicles/{vehicle_id}/trip-class."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import asyncpg
import numpy as np
from aiohttp import web

from api.pages.frame.context import CONTEXT, LAST_24_HOURS, Context, notice, now_local, period_view
from api.pages.frame.forms import FormError, day_in
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.sent import sent_form
from api.pages.frame.views import COUNTED_MAX, Choice, Counted
from api.pages.vehicles import views
from api.pages.vehicles.forms import VehicleQuery, read_trip_class
from api.pages.vehicles.private import private_now
from api.pages.vehicles.trip_class import TripClass
from api.pages.vehicles.views import Notice
from api.pages.zones.sleeping import asleep
from costs.basis import read_basis
from db.statements import statements
from fleet.localtime import day_start
from fleet.vehicle import Energy
from register.contact import Tracker
from register.private_periods import private_periods
from register.private_rows import touches
from register.zones import Zone, ZoneIndex
from register.zones_stored import zones
from trips.use.fleet_use import VehicleFilter, VehicleUse, period_between
from trips.use.usage import day_by_day

SQL = statements("fleet")
TRIP_SQL = statements("trip")

#: Points of a trip's track on the map; more cannot be told apart there.
TRACK_POINTS_MAX = 400


async def show_vehicles(request: web.Request) -> web.StreamResponse:
    """All vehicles, or a depot's, in the chosen order."""
    context = request.config_dict[CONTEXT]
    query = VehicleQuery.read(request.query)
    period = await context.period()
    fleet = await context.fleet_use(period)
    found = {tracker.vehicle_id: tracker for tracker in await context.trackers(now_local())}
    rows = [_row(context, vehicle, found) for vehicle in fleet.vehicles]
    depots = [
        Choice(row["depot_id"], row["name"]) for row in await context.pool.fetch(SQL["depots"])
    ]
    names = {depot.id: depot.name for depot in depots}
    chosen = names.get(query.depot_id or "")
    return page(
        request,
        views.VehiclesPage(
            rows=query.order([row for row in rows if chosen is None or row.depot == chosen]),
            total=len(rows),
            depots=depots,
            depot_id=None if chosen is None else query.depot_id,
            sort=query.sort,
            descending=query.descending,
            period=period_view(period),
        ),
    )


async def show_vehicle(request: web.Request) -> web.StreamResponse:
    """One vehicle: what it is, when it is out, and where it drove on a day."""
    return page(request, await _vehicle_page(request))


async def set_trip_class(request: web.Request) -> web.StreamResponse:
    """Choose by which class the vehicle's trips are found; the worker finds them anew."""
    try:
        chosen = read_trip_class(await sent_form(request))
    except FormError as refused:
        return page(request, await _vehicle_page(request, refused), status=422)
    vehicle_id = request.match_info["vehicle_id"]
    done = await request.config_dict[CONTEXT].pool.execute(
        SQL["set_trip_class"], vehicle_id, chosen
    )
    if done == "UPDATE 0":
        raise web.HTTPNotFound
    raise see_other(
        f"{request.rel_url.raw_path.removesuffix('/trip-class')}?done={Notice.TRIP_CLASS_SAVED}"
    )


async def _vehicle_page(
    request: web.Request, refused: FormError | None = None
) -> views.VehiclePage:
    context = request.config_dict[CONTEXT]
    period = await context.period()
    fleet = await context.fleet_use(
        period, VehicleFilter(vehicle_id=request.match_info["vehicle_id"])
    )
    if not fleet.vehicles:
        raise web.HTTPNotFound
    use = fleet.vehicles[0]
    basis = await read_basis(context.pool, now_local().year)
    found = await context.trackers(now_local(), use.row["vehicle_id"])
    asked = _asked_day(request)
    depots = await context.pool.fetch(SQL["depots"])
    known_zones = await zones(context.pool)
    _, nights = await asleep(context, known_zones, period, use.row["vehicle_id"])
    classed = await context.pool.fetchrow(SQL["trip_class"], use.row["vehicle_id"])
    assert classed is not None
    days = await context.pool.fetchrow(SQL["trip_days"], use.row["vehicle_id"], asked)
    day: date | None = asked or (None if days is None else days["day"])
    # The tracker of that day, which may sit in another vehicle by now.
    then: str | None = await context.pool.fetchval(SQL["device_on"], use.row["vehicle_id"], day)
    trips = [] if then is None or day is None else await _trips(context, then, day, known_zones)
    return views.VehiclePage(
        row=_row(context, use, {tracker.vehicle_id: tracker for tracker in found}),
        days_known=use.use.days_known,
        range_km=basis.kinds[use.row["kind"]].range_km,
        contract_end=use.row["contract_end"],
        period=period_view(period),
        tracker=await _tracker(context, use, found[0], known=period is not None) if found else None,
        logged=use.row["is_log"] is True,
        week_use=fleet.week if use.use.away_h else None,
        day=day,
        earlier=None if days is None else days["earlier"],
        later=None if days is None else days["later"],
        trips=trips,
        no_trips=None
        if trips or asked is None
        else await _no_trips(context, use.row["vehicle_id"], asked),
        depots=[views.Site(row["name"], row["lat"], row["lon"]) for row in depots],
        tiles_url=context.settings.map_tiles_url,
        trip_class=TripClass(**dict(classed)),
        asleep=nights[0] if nights else None,
        private_now=await private_now(context, request.match_info["vehicle_id"]),
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice(request, Notice),
    )


async def _no_trips(context: Context, vehicle_id: str, day: date) -> views.NoTrips:
    """Why no trips are shown of a day: nobody knows that a vehicle stood while it was silent."""
    if day > now_local().date():
        return views.NoTrips.YET_TO_COME
    begins, ends = day_start(day), day_start(day + timedelta(days=1))
    periods = [one.period for one in await private_periods(context.pool, vehicle_id)]
    if touches(periods, begins, ends):
        return views.NoTrips.PRIVATE
    fleet = await context.fleet_use(
        await period_between(context.pool, day, day), VehicleFilter(vehicle_id=vehicle_id)
    )
    heard = any(one.day == day and one.heard for one in day_by_day(fleet.calendar, fleet.rows))
    return views.NoTrips.STOOD if heard else views.NoTrips.UNKNOWN


def _row(
    context: Context, use: VehicleUse, found: Mapping[str | None, Tracker]
) -> views.VehicleRow:
    """A vehicle as the pages show it; `found` are the trackers by the vehicles they sit in."""
    tracker = found.get(use.row["vehicle_id"])
    return views.VehicleRow(
        vehicle_id=use.row["vehicle_id"],
        name=use.row["name"],
        kind=use.row["kind_name"],
        department=use.row["department"],
        depot=use.row["depot_name"],
        energy=Energy(use.row["energy"]),
        contact=None if tracker is None else tracker.contact,
        last_ping=None if tracker is None else tracker.last_heard,
        days_used_share=use.use.days_used_share,
        by_hours=use.by_hours,
        km=None if use.by_hours else use.use.km,
        engine_h=use.use.engine_h if use.by_hours else None,
        trips=use.use.trips,
        status=context.status(use.use),
    )


def _asked_day(request: web.Request) -> date | None:
    """The day in the address; one that is no date is as none, since addresses are typed."""
    return day_in(request.query.get("day", ""))


async def _tracker(
    context: Context, use: VehicleUse, tracker: Tracker, *, known: bool
) -> views.TrackerHealth:
    health = await context.pool.fetchrow(
        SQL["device_health"],
        tracker.device,
        now_local() - LAST_24_HOURS,
        COUNTED_MAX + 1,
    )
    assert health is not None
    return views.TrackerHealth(
        device=tracker.device,
        contact=tracker.contact,
        last_ping=tracker.last_heard,
        pings_24h=health["pings_24h"],
        interval_s=tracker.interval_s,
        covered_share=use.use.covered_share if known else None,
        quarantined=Counted.up_to_max(health["quarantined"]),
    )


async def _trips(
    context: Context, device: str, day: date, known_zones: Sequence[Zone]
) -> list[views.TripRow]:
    begin, end = day_start(day), day_start(day + timedelta(days=1))
    rows = await context.pool.fetch(TRIP_SQL["of_device"], device, begin, end)
    if not rows:
        return []
    first, last = rows[0]["start_ts"], rows[-1]["end_ts"]
    path = await context.pool.fetch(SQL["path"], device, first, last)

    index = ZoneIndex(known_zones)

    def places(lat: str, lon: str) -> list[str | None]:
        found = index.at(
            np.array([row[lat] for row in rows], dtype=np.float64),
            np.array([row[lon] for row in rows], dtype=np.float64),
            [day] * len(rows),
        )
        return [None if zone is None else zone.name for zone in found]

    def track(row: asyncpg.Record) -> list[tuple[float, float]]:
        points = [
            (fix["lon"], fix["lat"])
            for fix in path
            if row["start_ts"] <= fix["ts"] <= row["end_ts"]
        ]
        step = max(1, len(points) // TRACK_POINTS_MAX)
        ends = (row["start_lon"], row["start_lat"]), (row["end_lon"], row["end_lat"])
        return [ends[0], *points[::step], ends[1]]

    starts, ends = places("start_lat", "start_lon"), places("end_lat", "end_lon")
    return [
        views.TripRow(
            start=row["start_ts"],
            end=row["end_ts"],
            km=row["km"],
            start_place=start_place,
            end_place=end_place,
            track=track(row),
            gap_inside=row["gap_inside"],
            cut_by_silence=row["cut_by_silence"],
        )
        for row, start_place, end_place in reversed(list(zip(rows, starts, ends, strict=True)))
    ]
