"""The page of a tracker: GET /intake/trackers/{device}, and POST for its vehicle, its networks and
its keys."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.views import COUNTED_MAX, Choice
from api.pages.intake.remedies import quarantine_group
from api.pages.trackers import views
from api.pages.trackers.forms import VEHICLE_UNKNOWN, KeyForm, NetworksForm, SeatForm
from api.pages.trackers.phone_setup import Setup, reach_of, setup_of
from api.pages.trackers.views import Notice
from api.pages.words.formats import Formats
from api.pages.words.language import language_of, mark, translations
from fleet.localtime import local_now
from ingest.quarantine_items import waiting_groups_of
from ingest.watch.received import first_position
from register.contact import ContactLimits, Tracker, tracker_of
from register.devices import (
    EnrolmentError,
    SeatTakenError,
    allow_networks,
    move_device,
    networks_of,
    seats,
)
from register.keys import list_keys, new_device_key, revoke_key
from register.naming.look_up import found_vehicles, vehicle_called
from register.vehicles import vehicle_name

SEAT_TAKEN = mark("Tracker {device} sat in the vehicle until {until}: choose that day, or a later")


async def show_tracker(request: web.Request) -> web.StreamResponse:
    """Show whether a tracker is heard, and if not why; its vehicles, its keys and its networks.
    `?network=` is what the form for networks begins with."""
    values = {"networks": request.query.get("network", "")}
    return page(request, await _page(request, values if values["networks"] else {}, {}))


async def set_vehicle(request: web.Request) -> web.StreamResponse:
    """Set a tracker into a vehicle, or out of every one, from a day on."""
    device = request.match_info["device"]
    pool = request.config_dict[CONTEXT].pool
    try:
        form = SeatForm.read(await read_form(request), local_now().date())
        await _tracker(request)
        vehicle_id = await vehicle_called(pool, form.vehicle, None)
        if form.vehicle and vehicle_id is None:
            raise form.refused("vehicle", VEHICLE_UNKNOWN)
        try:
            await move_device(pool, visitor(request), device, vehicle_id, form.since)
        except SeatTakenError as error:
            raise form.refused("since", _seat_taken(request, error)) from None
        except EnrolmentError:  # the vehicle was removed meanwhile
            raise form.refused("vehicle", VEHICLE_UNKNOWN) from None
    except FormError as error:
        return page(request, await _page(request, error.values, error.errors), status=422)
    raise see_other(_address(device, Notice.MOVED))


async def make_tracker_key(request: web.Request) -> web.StreamResponse:
    """Make a key and show once what an app is set up with; no address leads to it again."""
    context = request.config_dict[CONTEXT]
    device = request.match_info["device"]
    try:
        form = KeyForm.read(await read_form(request))
    except FormError as error:
        return page(request, await _page(request, error.values, error.errors), status=422)
    await _tracker(request)
    label = form.label or form.app.title()
    key = await new_device_key(context.pool, visitor(request), device, label)
    reach = reach_of(context.settings, request.host)
    address = context.settings.pages_address
    setup = setup_of(form.app, device, key, reach, address, context.settings)
    return page(request, await _page(request, {}, {}, setup))


async def revoke_tracker_key(request: web.Request) -> web.StreamResponse:
    """Revoke one of the tracker's keys; the others stay valid."""
    pool = request.config_dict[CONTEXT].pool
    device = request.match_info["device"]
    key_id = id_in_path(request, "key_id")
    await _tracker(request)
    if all(key.key_id != key_id for key in await list_keys(pool, device=device)):
        raise web.HTTPNotFound
    try:
        await revoke_key(pool, visitor(request), key_id)
    except EnrolmentError:  # it was revoked meanwhile
        raise web.HTTPNotFound from None
    raise see_other(_address(device, Notice.KEY_REVOKED))


async def set_networks(request: web.Request) -> web.StreamResponse:
    """Set the networks that a tracker without a key may send from."""
    device = request.match_info["device"]
    try:
        form = NetworksForm.read(await read_form(request))
    except FormError as error:
        return page(request, await _page(request, error.values, error.errors), status=422)
    await _tracker(request)
    pool = request.config_dict[CONTEXT].pool
    await allow_networks(pool, visitor(request), device, form.networks)
    raise see_other(_address(device, Notice.NETWORKS_SET))


def _address(device: str, done: Notice) -> str:
    return f"/intake/trackers/{quote(device, safe='')}?done={done}"


def _seat_taken(request: web.Request, error: SeatTakenError) -> str:
    language = language_of(request)
    text = translations(language).gettext(SEAT_TAKEN)
    return text.format(device=error.other, until=Formats(language).day(error.until))


async def _tracker(request: web.Request) -> Tracker:
    """The tracker in an address.

    Raises:
        web.HTTPNotFound: it is not enrolled, or is a driving log.
    """
    context = request.config_dict[CONTEXT]
    limits = ContactLimits.of(context.settings)
    found = await tracker_of(context.pool, limits, local_now(), request.match_info["device"])
    if found is None:
        raise web.HTTPNotFound
    return found


async def _page(
    request: web.Request,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    setup: Setup | None = None,
) -> views.TrackerPage:
    context = request.config_dict[CONTEXT]
    tracker = await _tracker(request)
    sat_in = await seats(context.pool, tracker.device)
    names = {
        seat.vehicle: await vehicle_name(context.pool, seat.vehicle) or seat.vehicle
        for seat in sat_in
        if seat.vehicle is not None
    }
    typed = values.get("vehicle", "") if "vehicle" in errors else ""
    own = await networks_of(context.pool, tracker.device)
    waiting = await waiting_groups_of(context.pool, tracker.device, counted=COUNTED_MAX + 1)
    return views.TrackerPage(
        tracker=tracker,
        first=await first_position(context.pool, tracker.device),
        refused=[quarantine_group(group) for group in waiting],
        seats=[
            views.SeatRow(
                vehicle=None if seat.vehicle is None else Choice(seat.vehicle, names[seat.vehicle]),
                since=seat.since,
                until=None if seat.until is None else seat.until - timedelta(days=1),
            )
            for seat in sat_in
        ],
        found=await found_vehicles(context.pool, typed, None),
        keys=await list_keys(context.pool, device=tracker.device),
        networks=[str(network) for network in own or ()],
        reach=reach_of(context.settings, request.host),
        ports=[(one.title, one.port) for one in context.ports if one.port is not None],
        today=local_now().date(),
        setup=setup,
        values=values,
        errors=errors,
        notice=notice_in_address(request, Notice),
    )
