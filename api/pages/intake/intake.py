"""Intake: GET /intake, POST /intake/release."""

from datetime import timedelta

from aiohttp import web

from api.pages.frame.context import CONTEXT, LAST_24_HOURS, notice, now_local
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.sent import sent_form
from api.pages.frame.views import COUNTED_MAX, Choice, Counted
from api.pages.intake import views
from api.pages.intake.views import Notice
from db.statements import statements
from ingest.gate.refusal import Reason
from trips.stored.aside import Trouble

FLEET_SQL = statements("fleet")
QUARANTINE_SQL = statements("quarantine")
TRIP_SQL = statements("trip")

LATEST_SHOWN = 12
SET_ASIDE_SHOWN = 100
DROPPED_SHOWN = 30

#: What the page shows of the quarantine: groups of a device and a reason. Of devices that nobody
#: knows, only what is among the latest items is looked for.
GROUPS_SHOWN = 100
LATE_ITEMS = 2_000

#: Positions are counted so far: a page of a large fleet does not wait for the last million.
PINGS_COUNTED_MAX = 1_000_000

#: Reasons that a person can do away with by enrolling the device or giving it a key.
_CURABLE = {Reason.UNKNOWN_DEVICE, Reason.NOT_AUTHORISED}


async def show_intake(request: web.Request) -> web.StreamResponse:
    """The latest pings, and what was refused and why."""
    context = request.config_dict[CONTEXT]
    month_ago = now_local().date() - timedelta(days=30)
    day_ago = now_local() - LAST_24_HOURS
    recent = await context.pool.fetchrow(FLEET_SQL["since"], day_ago, PINGS_COUNTED_MAX + 1)
    assert recent is not None
    latest = await context.pool.fetch(FLEET_SQL["latest_pings"], LATEST_SHOWN)
    groups = await context.pool.fetch(
        QUARANTINE_SQL["groups"], LATE_ITEMS, GROUPS_SHOWN, COUNTED_MAX + 1
    )
    return page(
        request,
        views.IntakePage(
            pings_24h=min(recent["positions"], PINGS_COUNTED_MAX),
            more_pings=recent["positions"] > PINGS_COUNTED_MAX,
            devices_24h=recent["devices"],
            latest=[
                views.PingRow(
                    device=row["device"],
                    vehicle=None
                    if row["vehicle_id"] is None
                    else Choice(row["vehicle_id"], row["vehicle_name"]),
                    ts=row["ts"],
                    received_at=row["received_at"],
                    lat=row["lat"],
                    lon=row["lon"],
                    speed_kmh=row["speed_kmh"],
                )
                for row in latest
            ],
            quarantine=[
                views.QuarantineGroup(
                    device=group["device"],
                    reason=Reason(group["reason"]),
                    detail=group["example"],
                    messages=(messages := Counted.up_to_max(group["items"])),
                    sent=Counted(group["times_sent"], more=messages.more),
                    last_received=group["last_at"],
                    releasable=group["reason"] in _CURABLE and group["enrolled"],
                )
                for group in groups
            ],
            evicted=[
                views.Evicted(row["protocol"], Reason(row["reason"]), row["items"])
                for row in await context.pool.fetch(QUARANTINE_SQL["evicted"], month_ago)
            ],
            set_aside=[
                views.SetAside(
                    device=row["device"],
                    vehicle=None
                    if row["vehicle_id"] is None
                    else Choice(row["vehicle_id"], row["vehicle_name"]),
                    trouble=Trouble(row["trouble"]),
                    error=row["error"],
                    attempts=row["attempts"],
                    since=row["since"],
                    retry_at=row["retry_at"],
                )
                for row in await context.pool.fetch(TRIP_SQL["aside"], SET_ASIDE_SHOWN)
            ],
            dropped=[
                views.Dropped(protocol, name, times)
                for (protocol, name), times in context.metrics.dropped_names.most_common(
                    DROPPED_SHOWN
                )
            ],
            notice=notice(request, Notice),
        ),
    )


async def release(request: web.Request) -> web.StreamResponse:
    """Send what one device has in quarantine for one reason through the normal path again."""
    context = request.config_dict[CONTEXT]
    fields = await sent_form(request)
    device, reason = fields.get("device"), fields.get("reason")
    if not isinstance(device, str) or not isinstance(reason, str) or reason not in set(Reason):
        raise web.HTTPBadRequest(text="the form names no device or no reason\n")
    await context.quarantine.release(device, reason)
    raise see_other(f"/intake?done={Notice.RELEASED}")
