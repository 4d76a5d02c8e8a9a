"""Zones, depots and where vehicles sleep: GET and POST /zones; files: GET /export/{what}."""

import json
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from itertools import groupby
from typing import Any, cast

from aiohttp import web

from api.pages import views, zone_views
from api.pages.context import CONTEXT, Context, notice, period_view
from api.pages.language import Language, language_of, mark, translations
from api.pages.render import page
from db.statements import statements
from fleet.period import Period
from fleet.tables import TableFormat, write_table
from trips import places, zones
from trips.export import Export, export_table
from trips.nights import (
    Night,
    NightRules,
    Sleeps,
    Stop,
    nights_of,
    proposed_depots,
    where_it_sleeps,
)
from trips.zones import Zone, ZoneError, ZoneKind

SQL = statements("zone")

#: A vehicle that has not moved for this long before the period is not placed in its first nights.
LOOK_BACK = timedelta(days=30)

NAME_MISSING = mark("Write a name for the zone")
NAME_TAKEN = mark("There is a zone of this name already: choose another, or change that one")
SHAPE_MISSING = mark("Draw the zone on the map, or write its centre and radius")
RADIUS_MISSING = mark("Write the radius in metres")
FILE_MISSING = mark("Choose a GeoJSON file")
IN_USE = mark("Vehicles or proposals belong to the depot: move it, or give them another one first")

#: The reasons of `trips.zones`, for translation.
REASONS = (
    mark("The file is not GeoJSON: {detail}"),
    mark("The file holds no zones"),
    mark('Zone {number} has no name (property "name")'),
    mark('{name}: a zone is a Polygon, or a Point with the property "radius_m"'),
    mark("{name}: kind must be depot or other, not {kind}"),
    mark("{name}: the radius must be more than 0 and at most {most} metres"),
    mark("{name}: the coordinates are no place on earth (longitude comes before latitude)"),
    mark("{name}: a polygon has three corners or more"),
    mark("{name}: the outline crosses itself at {lat}, {lon}"),
    mark("{name}: the outline is no polygon: {detail}"),
)


async def show_zones(request: web.Request) -> web.StreamResponse:
    """All zones on a map, where vehicles sleep, and the depots that this proposes."""
    return page(request, await _page(request, dict(request.query), {}))


async def put_zone(request: web.Request) -> web.StreamResponse:
    """Add or change the zone that was drawn; a refused form comes back as it was."""
    fields = await request.post()
    values = {name: text.strip() for name, text in fields.items() if isinstance(text, str)}
    try:
        zone = _read(values)
        known = await places.zones(request.config_dict[CONTEXT].pool)
        _check_name(zone, known, new=not values.get("zone_id"))
    except ZoneError as error:
        field = "radius_m" if error.reason in (RADIUS_MISSING, zones.BAD_RADIUS) else "shape"
        field = "name" if error.reason in (NAME_MISSING, NAME_TAKEN) else field
        refused = {field: _said(error, language_of(request))}
        return page(request, await _page(request, values, refused), status=422)
    await places.put_zones(request.config_dict[CONTEXT].pool, [zone])
    raise web.HTTPSeeOther(f"/zones?done={views.Notice.ZONE_SAVED}")


async def upload_zones(request: web.Request) -> web.StreamResponse:
    """Add the zones of a GeoJSON file, all or none."""
    fields = await request.post()
    sent = fields.get("file")
    try:
        found = _read_file(sent)
    except ZoneError as error:
        refused = {"file": _said(error, language_of(request))}
        return page(request, await _page(request, {}, refused), status=422)
    await places.put_zones(request.config_dict[CONTEXT].pool, found)
    raise web.HTTPSeeOther(f"/zones?done={views.Notice.ZONE_SAVED}")


async def remove_zone(request: web.Request) -> web.StreamResponse:
    """Remove a zone that nothing belongs to."""
    try:
        await places.remove_zone(request.config_dict[CONTEXT].pool, request.match_info["zone_id"])
    except KeyError:
        raise web.HTTPNotFound from None
    except places.ZoneInUseError:
        refused = {"zones": translations(language_of(request)).gettext(IN_USE)}
        return page(request, await _page(request, {}, refused), status=422)
    raise web.HTTPSeeOther(f"/zones?done={views.Notice.ZONE_REMOVED}")


async def export(request: web.Request) -> web.StreamResponse:
    """Trips or round trips of the data period as a file: ?format=xlsx&vehicle=…"""
    context = request.config_dict[CONTEXT]
    try:
        what = Export(request.match_info["what"])
        form = TableFormat(request.query.get("format", TableFormat.EXCEL))
    except ValueError:
        raise web.HTTPNotFound from None
    period = await context.period()
    if period is None:
        raise web.HTTPNotFound
    table = await export_table(
        context.pool, what, period, request.query.get("vehicle"), for_people=form.for_people
    )
    file = BytesIO()
    write_table(table, file, form)
    name = f"{what}-{period.first}-{period.last}{form.suffix}"
    return web.Response(
        body=file.getvalue(),
        content_type=form.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _read_file(sent: object) -> list[Zone]:
    if not isinstance(sent, web.FileField) or not sent.filename:
        raise ZoneError(FILE_MISSING)
    return zones.read_geojson(sent.file.read())


def _read(values: Mapping[str, str]) -> Zone:
    name = values.get("name", "")
    if not name:
        raise ZoneError(NAME_MISSING)
    zone_id = values.get("zone_id") or zones.id_of(name)
    kind = ZoneKind.OTHER if values.get("kind") == ZoneKind.OTHER else ZoneKind.DEPOT
    try:
        shape: Any = json.loads(values.get("shape", ""))
    except ValueError:
        raise ZoneError(SHAPE_MISSING) from None
    parts = cast(dict[str, Any], shape) if isinstance(shape, dict) else {}
    if parts.get("type") == "Polygon":
        return zones.polygon(zone_id, name, kind, parts.get("coordinates") or [])
    try:
        lon, lat = (float(number) for number in parts["coordinates"])
    except (KeyError, TypeError, ValueError):
        raise ZoneError(SHAPE_MISSING) from None
    try:
        radius_m = float(values.get("radius_m", "").replace(",", "."))
    except ValueError:
        raise ZoneError(RADIUS_MISSING) from None
    return zones.circle(zone_id, name, kind, lat, lon, radius_m)


def _check_name(zone: Zone, known: list[Zone], *, new: bool) -> None:
    """Raises ZoneError when another zone has the name, or the id that a new one gets from it."""
    for other in known:
        same_id, same_name = other.zone_id == zone.zone_id, other.name == zone.name
        if (same_id and new) or (same_name and not same_id):
            raise ZoneError(NAME_TAKEN)


def _said(error: ZoneError, language: Language) -> str:
    return translations(language).gettext(error.reason).format(**error.values)


async def _page(
    request: web.Request, values: Mapping[str, str], errors: Mapping[str, str]
) -> zone_views.ZonesPage:
    context = request.config_dict[CONTEXT]
    known = await places.zones(context.pool)
    period = await context.period()
    nights, asleep, proposed = await _nights(context, known, period)
    chosen = next((zone for zone in known if zone.zone_id == values.get("zone")), None)
    if chosen is not None:
        values = {
            "zone_id": chosen.zone_id,
            "name": chosen.name,
            "kind": chosen.kind,
            "shape": json.dumps(chosen.geometry),
            "radius_m": "" if chosen.radius_m is None else f"{chosen.radius_m:g}",
        }
    return zone_views.ZonesPage(
        zones=known,
        proposed=proposed,
        asleep=asleep,
        nights=nights,
        waiting=await context.pool.fetchval(SQL["waiting"]),
        period=period_view(period),
        tiles_url=context.settings.map_tiles_url,
        values=values,
        errors=errors,
        notice=notice(request),
    )


async def _nights(
    context: Context, known: list[Zone], period: Period | None
) -> tuple[int, list[zone_views.Asleep], list[zone_views.ProposedZone]]:
    """How many nights are known, where each vehicle sleeps, and the proposed depots."""
    if period is None:
        return 0, [], []
    rules, depots = NightRules(), places.depots(known)
    names = {zone.zone_id: zone.name for zone in known}
    rows = await context.pool.fetch(SQL["night_trips"], period.start - LOOK_BACK, period.end, None)
    every: list[Night] = []
    asleep: list[zone_views.Asleep] = []
    for vehicle_id, group in groupby(rows, key=lambda row: cast(str, row["vehicle_id"])):
        own = list(group)
        trips = [Stop(r["start_ts"], r["end_ts"], r["end_lat"], r["end_lon"]) for r in own]
        nights = nights_of(vehicle_id, trips, period, rules)
        every += nights
        sleeps, depot = where_it_sleeps(nights, depots, own[0]["depot_id"], rules)
        asleep.append(
            zone_views.Asleep(
                vehicle=views.Choice(vehicle_id, own[0]["name"]),
                own_depot=names.get(own[0]["depot_id"], ""),
                sleeps=sleeps,
                depot=None if depot is None else names[depot],
            )
        )
    proposed = [
        zone_views.ProposedZone(
            lat=p.lat, lon=p.lon, radius_m=p.radius_m, vehicles=p.vehicles, nights=p.nights
        )
        for p in proposed_depots(every, depots, rules)
    ]
    return len(every), [row for row in asleep if row.sleeps is not Sleeps.UNKNOWN], proposed
