"""The page of zones: GET and POST /zones, POST /zones/file, POST /zones/{zone_id}/remove."""

import json
from collections.abc import Mapping

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, notice_in_address, period_view
from api.pages.frame.form_body import UploadedFile, read_form
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.words.language import language_of, mark, translations
from api.pages.words.refusals import refusal_text
from api.pages.zones import views
from api.pages.zones.forms import field_of, read_zone
from api.pages.zones.views import Notice
from fleet.files.refusal import FileRefusedError
from register import zones, zones_stored
from register.zones import Zone, ZoneError
from trips.detect.nights import ProposedDepot, depots_near, proposed_depots
from trips.stored.sleeping import NIGHT_RULES, fleet_nights

FILE_MISSING = mark("Choose a GeoJSON file")
IN_USE = mark("Vehicles or proposals belong to the depot: move it, or give them another one first")


async def show_zones(request: web.Request) -> web.StreamResponse:
    """Show all zones on a map, where vehicles sleep, and the depots that are proposed from that."""
    return page(request, await _page(request, dict(request.query), {}))


async def put_zone(request: web.Request) -> web.StreamResponse:
    """Add or change the zone that was drawn. A refused form comes back as it was."""
    fields = await read_form(request)
    values = {name: text.strip() for name, text in fields.items() if isinstance(text, str)}
    try:
        zone = read_zone(values)
        pool = request.config_dict[CONTEXT].pool
        await zones_stored.put_zone(pool, visitor(request), zone, new=not values.get("zone_id"))
    except ZoneError as error:
        refused = {field_of(error): refusal_text(error, language_of(request))}
        return page(request, await _page(request, values, refused), status=422)
    raise see_other(f"/zones?done={Notice.ZONE_SAVED}")


async def upload_zones(request: web.Request) -> web.StreamResponse:
    """Add the zones of a GeoJSON file, all or none."""
    fields = await read_form(request)
    sent = fields.get("file")
    try:
        if not isinstance(sent, UploadedFile) or not sent.name:
            raise ZoneError(FILE_MISSING)
        context = request.config_dict[CONTEXT]
        found = zones.zones_of_answer(
            await context.read_in_own_process("register.zones:read_zones", sent.name, sent.content)
        )
    except FileRefusedError as error:
        refused = {"file": refusal_text(error, language_of(request))}
        return page(request, await _page(request, {}, refused), status=422)
    put = await zones_stored.put_zones(context.pool, visitor(request), found)
    raise see_other(f"/zones?added={put.added}&changed={put.changed}")


async def remove_zone(request: web.Request) -> web.StreamResponse:
    """Remove a zone to which no vehicle or proposal belongs."""
    try:
        await zones_stored.remove_zone(
            request.config_dict[CONTEXT].pool, visitor(request), request.match_info["zone_id"]
        )
    except KeyError:
        raise web.HTTPNotFound from None
    except zones_stored.ZoneInUseError:
        refused = {"zones": translations(language_of(request)).gettext(IN_USE)}
        return page(request, await _page(request, {}, refused), status=422)
    raise see_other(f"/zones?done={Notice.ZONE_REMOVED}")


def _file_counts(query: Mapping[str, str]) -> zones.ZoneCounts | None:
    """The counts of the upload before this request, from the address."""
    counts = [query.get(name, "") for name in ("added", "changed")]
    if not all(count.isdecimal() and len(count) < 6 for count in counts):
        return None
    return zones.ZoneCounts(*map(int, counts))


def _proposed(number: int, place: ProposedDepot, known: list[Zone]) -> views.ProposedZone:
    """The view of a proposed depot, with the depots that it may be a part of."""
    return views.ProposedZone(
        number=number,
        lat=place.lat,
        lon=place.lon,
        radius_m=place.radius_m,
        vehicles=place.vehicles,
        nights=place.nights,
        near=depots_near(place, known),
    )


async def _page(
    request: web.Request, values: Mapping[str, str], errors: Mapping[str, str]
) -> views.ZonesPage:
    context = request.config_dict[CONTEXT]
    known = await zones_stored.zones(context.pool)
    period = await context.period()
    asleep = await fleet_nights(context.pool, known, period)
    proposed = proposed_depots(asleep.nights, zones_stored.depot_index(known), NIGHT_RULES)
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
        asleep=asleep.vehicles,
        waiting=await zones_stored.devices_waiting(context.pool),
        period=period_view(period),
        tiles_url=context.settings.map_tiles_url,
        values=values,
        errors=errors,
        notice=notice_in_address(request, Notice),
        file_counts=_file_counts(request.query),
    )
