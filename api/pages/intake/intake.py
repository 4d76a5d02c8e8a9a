"""The page of intake: GET /intake, POST /intake/release, GET and POST /intake/discard."""

from collections.abc import Mapping
from datetime import timedelta

from aiohttp import web

from api.door.visitor import visitor
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, LAST_24_HOURS, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import COMMENT_MAX, TEXT_TOO_LONG, field_texts
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.views import COUNTED_MAX, vehicle_choice
from api.pages.intake import views
from api.pages.intake.remedies import quarantine_group
from api.pages.intake.views import Notice
from api.pages.words.language import mark
from fleet.localtime import local_now
from ingest.gate.refusal import Reason
from ingest.quarantine_items import (
    ChosenItems,
    discard_items,
    evicted_items,
    waiting_groups,
    waiting_groups_of,
)
from ingest.watch.received import latest_positions, received_since
from trips.stored.set_aside import DeviceSetAside, devices_set_aside

LATEST_SHOWN = 12
SET_ASIDE_SHOWN = 100
DROPPED_SHOWN = 30

#: The most groups of quarantine, by device and reason, that the page shows, and the latest items
#: among which groups of unknown devices are searched for.
GROUPS_SHOWN = 100
LATE_ITEMS = 2_000

WHY_MISSING = mark("Write why the messages are discarded")


async def show_intake(request: web.Request) -> web.StreamResponse:
    """Show the latest pings, and the refused telemetry with its reasons."""
    context = request.config_dict[CONTEXT]
    month_ago = local_now().date() - timedelta(days=30)
    day_ago = local_now() - LAST_24_HOURS
    recent = await received_since(context.pool, day_ago)
    groups = await waiting_groups(
        context.pool, strange_items=LATE_ITEMS, groups=GROUPS_SHOWN, counted=COUNTED_MAX + 1
    )
    return page(
        request,
        views.IntakePage(
            received_24h=recent.positions,
            devices_24h=recent.devices,
            latest=[
                views.PingRow(
                    device=one.device,
                    vehicle=vehicle_choice(one.vehicle_id, one.vehicle_name),
                    ts=one.ts,
                    received_at=one.received_at,
                )
                for one in await latest_positions(context.pool, LATEST_SHOWN)
            ],
            quarantine=asked_part(groups, request.query, "/intake", {}).shown_as(quarantine_group),
            evicted=await evicted_items(context.pool, month_ago),
            set_aside=asked_part(
                await devices_set_aside(context.pool, SET_ASIDE_SHOWN),
                request.query,
                "/intake",
                name="aside",
            ).shown_as(_set_aside_row),
            dropped=[
                views.DroppedAttribute(protocol, name, times)
                for (protocol, name), times in context.metrics.dropped_names.most_common(
                    DROPPED_SHOWN
                )
            ],
            notice=notice_in_address(request, Notice),
        ),
    )


def _set_aside_row(one: DeviceSetAside) -> views.SetAsideRow:
    return views.SetAsideRow(
        device=one.device,
        vehicle=vehicle_choice(one.vehicle_id, one.vehicle_name),
        trouble=one.trouble,
        error=one.error,
        attempts=one.attempts,
        since=one.since,
        retry_at=one.retry_at,
    )


async def release_quarantined(request: web.Request) -> web.StreamResponse:
    """Release the telemetry that one device has in quarantine for one reason."""
    context = request.config_dict[CONTEXT]
    chosen = _chosen(await read_form(request))
    await context.quarantine.release(visitor(request), chosen)
    raise see_other(f"/intake?done={Notice.RELEASED}")


async def ask_discard(request: web.Request) -> web.StreamResponse:
    """Ask before the telemetry that one device has in quarantine for one reason is discarded."""
    return page(request, await _discard_page(request, _chosen(request.query), {}, {}))


async def discard_quarantined(request: web.Request) -> web.StreamResponse:
    """Discard the telemetry that one device has in quarantine for one reason."""
    fields = await read_form(request)
    chosen = _chosen(fields)
    values = field_texts(fields, ("why",))
    errors: dict[str, str] = {}
    if not values["why"]:
        errors["why"] = WHY_MISSING
    elif len(values["why"]) > COMMENT_MAX:
        errors["why"] = TEXT_TOO_LONG
    if errors:
        refused = await _discard_page(request, chosen, values, errors)
        return page(request, refused, status=422)
    pool = request.config_dict[CONTEXT].pool
    await discard_items(pool, visitor(request), chosen, values["why"])
    raise see_other(f"/intake?done={Notice.DISCARDED}")


def _chosen(fields: Mapping[str, object]) -> ChosenItems:
    """The items that an address or a form names.

    Raises:
        web.HTTPBadRequest: it names no device or no reason.
    """
    device, reason = fields.get("device"), fields.get("reason")
    if not isinstance(device, str) or not isinstance(reason, str) or reason not in set(Reason):
        raise web.HTTPBadRequest(text="the form names no device or no reason\n")
    return ChosenItems(device=device, reason=reason)


async def _discard_page(
    request: web.Request,
    chosen: ChosenItems,
    values: Mapping[str, str],
    errors: Mapping[str, str],
) -> views.DiscardPage:
    """Raises web.HTTPNotFound: nothing of the device waits for that reason."""
    pool = request.config_dict[CONTEXT].pool
    found = await waiting_groups_of(pool, chosen.device or "", counted=COUNTED_MAX + 1)
    group = next((one for one in found if one.reason == chosen.reason), None)
    if group is None:
        raise web.HTTPNotFound
    return views.DiscardPage(group=quarantine_group(group), values=values, errors=errors)
