"""The page of zones: GET and POST /zones, POST /zones/file, POST /zones/address, POST
/zones/{zone_id}/restore."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median
from urllib.parse import urlsplit

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, PageContext, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import SEEN, FieldChange, FormError, Seen, day_in, merged_form
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.uploads import read_upload
from api.pages.words.formats import Formats
from api.pages.words.language import language_of, mark
from api.pages.words.refusals import refusal_text
from api.pages.zones import views
from api.pages.zones.forms import FIELDS, field_of, read_zone, values_of
from api.pages.zones.labels import LABELS
from api.pages.zones.views import Notice
from fleet.actor import Permission
from fleet.errors import ChangedSinceError
from ingest.watch.received import latest_positions
from register import zones, zones_stored
from register.history import RegisterSubject, count_changes
from register.places.addresses import AddressError, AddressTrouble, find_addresses
from register.places.coordinates import read_coordinates
from register.places.doubts import DoubtfulPlaceError
from register.places.enlarging import enlarged
from register.places.waiting import WaitingDepot, waiting_depots
from register.vehicles import scope_of
from register.zones import Zone, ZoneError, ZoneKind
from trips.detect.nights import ProposedDepot, depots_near
from trips.stored.sleeping import NIGHT_RULES, fleet_nights

FILE_MISSING = mark("Choose a GeoJSON file")
ADDRESS_MISSING = mark("Enter an address, such as a street and a number")

#: The fields of the form that an address which is chosen leaves as they are.
KEPT_FIELDS = (
    *("zone_id", "seen", "name", "kind", "radius_m", "active_from", "active_to", "charge_points"),
    "address",
)

#: The removed zones that can be taken back on the page.
REMOVED_SHOWN = 10

#: The trackers by whose last positions a map without zones begins.
HEARD_FOR_START = 100


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
        await zones_stored.put_zone(
            *(pool, visitor(request), zone),
            new=not values.get("zone_id"),
            confirmed="confirmed" in values,
            seen=Seen.read(values).changes,
        )
    except ChangedSinceError:
        return page(request, await _merged_page(request, values), status=409)
    except ZoneError as error:
        refused = {field_of(error): refusal_text(error, language_of(request))}
        return page(request, await _page(request, values, refused), status=422)
    raise see_other(f"/zones?done={Notice.ZONE_SAVED}")


async def upload_zones(request: web.Request) -> web.StreamResponse:
    """Add the zones of a GeoJSON file, all or none."""
    try:
        _, read = await read_upload(request, "register.zones:read_zones", FILE_MISSING)
    except FormError as refused:
        return page(request, await _page(request, {}, refused.errors), status=422)
    pool, confirmed = (
        request.config_dict[CONTEXT].pool,
        bool((await read_form(request)).get("file_confirmed")),
    )
    try:
        put = await zones_stored.put_zones(
            pool, visitor(request), zones.zones_of_answer(read), confirmed=confirmed
        )
    except DoubtfulPlaceError as doubt:
        refused = {"file_confirmed": refusal_text(doubt, language_of(request))}
        return page(request, await _page(request, {}, refused), status=422)
    except ZoneError as error:
        refused = {"file": refusal_text(error, language_of(request))}
        return page(request, await _page(request, {}, refused), status=422)
    raise see_other(f"/zones?added={put.added}&changed={put.changed}")


async def find_address(request: web.Request) -> web.StreamResponse:
    """Ask the service of the settings for an address. What it finds is offered for the form, which
    is as it was; the only one found is put into it."""
    settings = request.config_dict[CONTEXT].settings
    if settings.address_url is None:
        raise web.HTTPNotFound
    fields = await read_form(request)
    values = {name: text.strip() for name, text in fields.items() if isinstance(text, str)}
    if not values.get("address"):
        return page(request, await _page(request, values, {"address": ADDRESS_MISSING}), status=422)
    try:
        found = await find_addresses(settings, values["address"])
    except AddressError as error:
        errors = {"address": LABELS[AddressTrouble][error.trouble]}
        return page(request, await _page(request, values, errors), status=502)
    kept = {name: text for name in KEPT_FIELDS if (text := values.get(name, ""))}
    # The corners that the form showed are too long for an address.
    kept |= {SEEN + name: text for name, text in Seen.read(values).texts.items() if name != "shape"}
    offered = [
        views.FoundAddress(one.text, {**kept, "centre": f"{one.lat:.6f}, {one.lon:.6f}"})
        for one in found
    ]
    if len(offered) == 1:
        values = {**values, **offered[0].form, "shape": ""}
    return page(request, await _page(request, values, {}, offered))


async def restore_zone(request: web.Request) -> web.StreamResponse:
    """Take a removed zone back."""
    pool, zone_id = request.config_dict[CONTEXT].pool, request.match_info["zone_id"]
    try:
        await zones_stored.restore_zone(pool, visitor(request), zone_id)
    except KeyError:
        raise web.HTTPNotFound from None
    except ZoneError as error:
        refused = {"removed": refusal_text(error, language_of(request))}
        return page(request, await _page(request, {}, refused), status=422)
    raise see_other(f"/zones?done={Notice.ZONE_RESTORED}")


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
    request: web.Request,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    found: Sequence[views.FoundAddress] | None = None,
) -> views.ZonesPage:
    context = request.config_dict[CONTEXT]
    known = await zones_stored.zones(context.pool)
    actor = visitor(request)
    period = await context.period()
    last_day = None if period is None else period.last
    asleep = await fleet_nights(context.pool, known, last_day)
    # A place where vehicles stand at night may be where somebody lives.
    proposed: Sequence[ProposedDepot] = ()
    if actor.may(Permission.REGISTER_CHANGE):
        proposed = asleep.proposed
    scope = await scope_of(context.pool, actor)
    sleepers = [
        one
        for one in asleep.vehicles
        if actor.may(Permission.TRACKS_READ)
        and (scope is None or one.vehicle_id in scope.vehicle_ids)
    ]
    chosen = next((zone for zone in known if zone.zone_id == values.get("zone")), None)
    if chosen is not None:
        try:
            own = values_of(_with_place_beside(chosen, values.get("beside", "")))
        except ZoneError as error:
            own = values_of(chosen)
            errors = {"radius_m": refusal_text(error, language_of(request))}
        values = {**own, **(await _seen(request, chosen)).fields}
    placeless = await waiting_depots(context.pool)
    waiting = next((one for one in placeless if one.depot_id == values.get("zone")), None)
    if waiting is not None:
        values = await _without_place(request, waiting, values)
    url = context.settings.address_url
    return views.ZonesPage(
        zones=known,
        proposed=[_proposed(number, place, known) for number, place in enumerate(proposed, 1)],
        asleep=sleepers,
        waiting=await zones_stored.devices_waiting(context.pool),
        rules=NIGHT_RULES,
        last_day=last_day,
        tiles_url=context.settings.map_tiles_url,
        start=None if known or proposed else await _start(context),
        address_host=None if url is None else urlsplit(url).hostname,
        removed=await zones_stored.removed_zones(context.pool, REMOVED_SHOWN),
        found=found,
        values=values,
        errors=errors,
        notice=notice_in_address(request, Notice),
        file_counts=_file_counts(request.query),
        placeless=placeless,
        query=request.query,
    )


async def _merged_page(request: web.Request, values: Mapping[str, str]) -> views.ZonesPage:
    """The page with the form of a zone that somebody else changed while the form was open; of one
    that was removed, the form is as it was sent."""
    known = await zones_stored.zones(request.config_dict[CONTEXT].pool)
    zone_id, shown = values.get("zone_id", ""), Seen.read(values).texts
    present = next((zone for zone in known if zone.zone_id == zone_id), None)
    now = shown if present is None else values_of(present)
    form = merged_form({name: values.get(name, "") for name in FIELDS}, shown, now)
    changes = await count_changes(request.config_dict[CONTEXT].pool, RegisterSubject.ZONE, zone_id)
    merged = {**form.values, "zone_id": zone_id, **Seen(changes, now).fields}
    formats = Formats(language_of(request))
    meanwhile = [_with_days(one, formats) for one in form.meanwhile]
    return replace(await _page(request, merged, {}), meanwhile=meanwhile)


def _with_days(change: FieldChange, formats: Formats) -> FieldChange:
    """A change with its days as people write them."""
    if not change.field.startswith("active_"):
        return change

    def say(text: str) -> str:
        day = day_in(text)
        return text if day is None else formats.day(day)

    return change.worded(say)


async def _without_place(
    request: web.Request, depot: WaitingDepot, asked: Mapping[str, str]
) -> dict[str, str]:
    """The form of a depot that waits for its place, with the place in the address where it has
    one."""
    points = depot.charge_points
    own = {
        "zone_id": depot.depot_id,
        "name": depot.name,
        "kind": ZoneKind.DEPOT.value,
        "charge_points": "" if points is None else str(points),
    }
    changes = await count_changes(
        request.config_dict[CONTEXT].pool, RegisterSubject.ZONE, depot.depot_id
    )
    place = {name: asked[name] for name in ("centre", "radius_m") if name in asked}
    return {**own, **place, **Seen(changes, own).fields}


async def _seen(request: web.Request, zone: Zone) -> Seen:
    """What is seen by who opens the form of a zone."""
    pool = request.config_dict[CONTEXT].pool
    return Seen(await count_changes(pool, RegisterSubject.ZONE, zone.zone_id), values_of(zone))


def _with_place_beside(zone: Zone, beside: str) -> Zone:
    """The zone, made larger by a place (`lat;lon;radius`) where one is named.

    Raises:
        ZoneError: it would be too large.
    """
    try:
        lat, lon, radius_m = (float(part) for part in beside.split(";"))
    except ValueError:
        return zone
    return enlarged(zone, lat, lon, radius_m)


async def _start(context: PageContext) -> tuple[float, float] | None:
    """Where a map without zones begins: at the middle that the settings name, or about where
    trackers were heard last; that of one of them is not to be seen from it."""
    if context.settings.map_middle is not None:
        return read_coordinates(context.settings.map_middle)
    heard = await latest_positions(context.pool, HEARD_FOR_START)
    if not heard:
        return None
    lat, lon = (median(getattr(one, name) for one in heard) for name in ("lat", "lon"))
    return round(lat, 1), round(lon, 1)
