"""Zones, depots and where vehicles sleep: GET and POST /zones; files: GET /export/{what}."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

import numpy as np
import orjson
from aiohttp import web

from api.pages.frame.context import CONTEXT, notice, period_view
from api.pages.frame.download import asked_format, download
from api.pages.frame.forms import day_in
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.sent import SentFile, sent_form
from api.pages.frame.views import Notice
from api.pages.words.language import language_of, mark, translations
from api.pages.words.refusals import refusal_said
from api.pages.zones import views
from api.pages.zones.sleeping import RULES, asleep
from db.statements import statements
from fleet.files.refusal import FileRefusedError
from fleet.files.tables import TableFormat
from register import zones, zones_stored
from register.zones import Zone, ZoneError, ZoneKind
from trips.detect.nights import ProposedDepot, proposed_depots
from trips.files.export import Export, export_table

SQL = statements("zone")

#: A proposed depot this near to one may be its far end rather than another place.
SAME_PLACE_M = 500.0

#: What the sheets of the exports are called.
TITLES = {Export.TRIPS: mark("Trips"), Export.ROUND_TRIPS: mark("Round trips")}

NAME_MISSING = mark("Write a name for the zone")
NAME_TAKEN = mark("There is a zone of this name already: choose another, or change that one")
SHAPE_MISSING = mark("Draw the zone on the map, or write its centre and radius")
RADIUS_MISSING = mark("Write the radius in metres")
DAY_WRONG = mark("Write a date, or leave the field empty")
DAYS_BACKWARDS = mark("The last day lies before the first")
FILE_MISSING = mark("Choose a GeoJSON file")
IN_USE = mark("Vehicles or proposals belong to the depot: move it, or give them another one first")

#: The reasons of `register.zones`, for translation.
REASONS = (
    mark("The file is not GeoJSON: {detail}"),
    mark("The file holds no zones"),
    mark('Zone {number} has no name (property "name")'),
    mark('{name}: a zone is a Polygon, or a Point with the property "radius_m"'),
    mark("{name}: kind must be depot or other, not {kind}"),
    mark("{name}: the radius must be more than 0 and at most {most} metres"),
    mark("{name}: the coordinates are no place on earth (longitude comes before latitude)"),
    mark("Zone {number}: its name or id has more than {most} characters, or one that no name has"),
    mark("The file has {zones} zones, and at most {most} are read"),
    mark("{name}: the outline has more than {most} corners"),
    mark("{name}: a polygon has three corners or more"),
    mark("{name}: the outline crosses itself at {lat}, {lon}"),
    mark("{name}: the outline is no polygon: {detail}"),
)


async def show_zones(request: web.Request) -> web.StreamResponse:
    """All zones on a map, where vehicles sleep, and the depots that this proposes."""
    return page(request, await _page(request, dict(request.query), {}))


async def put_zone(request: web.Request) -> web.StreamResponse:
    """Add or change the zone that was drawn; a refused form comes back as it was."""
    fields = await sent_form(request)
    values = {name: text.strip() for name, text in fields.items() if isinstance(text, str)}
    try:
        zone = _read(values)
        known = await zones_stored.zones(request.config_dict[CONTEXT].pool)
        _check_name(zone, known, new=not values.get("zone_id"))
    except ZoneError as error:
        refused = {_field_of(error): refusal_said(error, language_of(request))}
        return page(request, await _page(request, values, refused), status=422)
    await zones_stored.put_zones(request.config_dict[CONTEXT].pool, [zone])
    raise see_other(f"/zones?done={Notice.ZONE_SAVED}")


async def upload_zones(request: web.Request) -> web.StreamResponse:
    """Add the zones of a GeoJSON file, all or none."""
    fields = await sent_form(request)
    sent = fields.get("file")
    try:
        if not isinstance(sent, SentFile) or not sent.name:
            raise ZoneError(FILE_MISSING)
        context = request.config_dict[CONTEXT]
        found = zones.zones_read(
            await context.read_apart("register.zones:read_zones", sent.name, sent.content)
        )
    except FileRefusedError as error:
        refused = {"file": refusal_said(error, language_of(request))}
        return page(request, await _page(request, {}, refused), status=422)
    put = await zones_stored.put_zones(request.config_dict[CONTEXT].pool, found)
    raise see_other(f"/zones?added={put.added}&changed={put.changed}")


async def remove_zone(request: web.Request) -> web.StreamResponse:
    """Remove a zone that nothing belongs to."""
    try:
        await zones_stored.remove_zone(
            request.config_dict[CONTEXT].pool, request.match_info["zone_id"]
        )
    except KeyError:
        raise web.HTTPNotFound from None
    except zones_stored.ZoneInUseError:
        refused = {"zones": translations(language_of(request)).gettext(IN_USE)}
        return page(request, await _page(request, {}, refused), status=422)
    raise see_other(f"/zones?done={Notice.ZONE_REMOVED}")


async def export(request: web.Request) -> web.StreamResponse:
    """Trips or round trips of the data period as a file: ?format=xlsx&vehicle=…"""
    context = request.config_dict[CONTEXT]
    try:
        what = Export(request.match_info["what"])
    except ValueError:
        raise web.HTTPNotFound from None
    form = asked_format(request.query.get("format", TableFormat.EXCEL))
    period = await context.period()
    if period is None:
        raise web.HTTPNotFound
    table = await export_table(
        context.pool, what, period, request.query.get("vehicle"), for_people=form.for_people
    )
    title = translations(language_of(request)).gettext(TITLES[what])
    return await download(table, form, f"{what}-{period.first}-{period.last}", title)


def _put(query: Mapping[str, str]) -> zones.Put | None:
    """What the upload before this request did, from the address."""
    counts = [query.get(name, "") for name in ("added", "changed")]
    if not all(count.isdecimal() and len(count) < 6 for count in counts):
        return None
    return zones.Put(*map(int, counts))


def _field_of(error: ZoneError) -> str:
    """The field of the form that a zone is refused for."""
    if error.reason in (NAME_MISSING, NAME_TAKEN, zones.BAD_NAME):
        return "name"
    if error.reason in (RADIUS_MISSING, zones.BAD_RADIUS):
        return "radius_m"
    if error.reason in (DAY_WRONG, DAYS_BACKWARDS):
        return str(error.values["field"])
    return "shape"


def _read(values: Mapping[str, str]) -> Zone:
    first, last = (_day(values, name) for name in ("active_from", "active_to"))
    if first is not None and last is not None and first > last:
        raise ZoneError(DAYS_BACKWARDS, field="active_to")
    return replace(_shaped(values), active_from=first, active_to=last)


def _day(values: Mapping[str, str], name: str) -> date | None:
    text = values.get(name, "")
    if not text:
        return None
    day = day_in(text)
    if day is None:
        raise ZoneError(DAY_WRONG, field=name)
    return day


def _shaped(values: Mapping[str, str]) -> Zone:
    name = values.get("name", "")
    if not name:
        raise ZoneError(NAME_MISSING)
    zone_id = values.get("zone_id") or zones.id_of(name)
    kind = ZoneKind.OTHER if values.get("kind") == ZoneKind.OTHER else ZoneKind.DEPOT
    if len(name) > zones.NAME_MAX or len(zone_id) > zones.NAME_MAX:
        raise ZoneError(zones.BAD_NAME, number=1, most=zones.NAME_MAX)
    try:
        shape: Any = orjson.loads(values.get("shape", ""))
    except ValueError:
        raise ZoneError(SHAPE_MISSING) from None
    parts = cast(dict[str, Any], shape) if isinstance(shape, dict) else {}
    if parts.get("type") == "Polygon":
        corners: Any = parts.get("coordinates")
        return zones.polygon(
            zone_id, name, kind, cast(list[Any], corners) if isinstance(corners, list) else []
        )
    try:
        lon, lat = (float(number) for number in parts["coordinates"])
    except (KeyError, TypeError, ValueError, OverflowError):
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


def _proposed(number: int, place: ProposedDepot, known: list[Zone]) -> views.ProposedZone:
    """A proposed depot beside the depot that it may be a part of."""
    depots = [zone for zone in known if zone.kind is ZoneKind.DEPOT]
    points = [(place.lat, place.lon), *((depot.lat, depot.lon) for depot in depots)]
    east, north = zones.metres(*np.array(points, dtype=np.float64).T)
    away_m: list[float] = np.hypot(east[1:] - east[0], north[1:] - north[0]).tolist()
    by_distance = sorted(zip(away_m, (depot.name for depot in depots), strict=True))
    return views.ProposedZone(
        number=number,
        lat=place.lat,
        lon=place.lon,
        radius_m=place.radius_m,
        vehicles=place.vehicles,
        nights=place.nights,
        near=[(name, away) for away, name in by_distance if away <= SAME_PLACE_M],
    )


async def _page(
    request: web.Request, values: Mapping[str, str], errors: Mapping[str, str]
) -> views.ZonesPage:
    context = request.config_dict[CONTEXT]
    known = await zones_stored.zones(context.pool)
    period = await context.period()
    nights, vehicles = await asleep(context, known, period)
    proposed = proposed_depots(nights, zones_stored.depots(known), RULES)
    chosen = next((zone for zone in known if zone.zone_id == values.get("zone")), None)
    if chosen is not None:
        values = {
            "zone_id": chosen.zone_id,
            "name": chosen.name,
            "kind": chosen.kind,
            "shape": json.dumps(chosen.geometry),
            "radius_m": "" if chosen.radius_m is None else f"{chosen.radius_m:g}",
            "active_from": "" if chosen.active_from is None else chosen.active_from.isoformat(),
            "active_to": "" if chosen.active_to is None else chosen.active_to.isoformat(),
        }
    return views.ZonesPage(
        zones=known,
        proposed=[_proposed(number, place, known) for number, place in enumerate(proposed, 1)],
        asleep=vehicles,
        waiting=await context.pool.fetchval(SQL["waiting"]),
        period=period_view(period),
        tiles_url=context.settings.map_tiles_url,
        values=values,
        errors=errors,
        notice=notice(request),
        put=_put(request.query),
    )
