"""The page of last pings: GET /intake/live."""

from datetime import datetime

from aiohttp import web

from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT, PageContext
from api.pages.frame.render import page
from api.pages.frame.views import vehicle_choice
from api.pages.intake import views
from fleet.localtime import local_now
from register.contact import Contact, ContactLimits, Tracker, trackers


async def show_live(request: web.Request) -> web.StreamResponse:
    """Show every device with its last ping, silent ones first; `?show=` keeps those of one
    state."""
    now = local_now()
    rows = await _rows(request.config_dict[CONTEXT], now)
    shown = next((state for state in Contact if state == request.query.get("show")), None)
    order = list(Contact)
    return page(
        request,
        views.LivePage(
            part=asked_part(
                sorted(
                    (row for row in rows if shown in (None, row.contact)),
                    key=lambda row: order.index(row.contact),
                ),
                request.query,
                "/intake/live",
                {} if shown is None else {"show": shown.value},
            ),
            counts={state: sum(row.contact is state for row in rows) for state in Contact},
            shown=shown,
            as_of=now,
        ),
    )


async def _rows(context: PageContext, now: datetime) -> list[views.LiveRow]:
    found = await trackers(context.pool, ContactLimits.of(context.settings), now)
    return [_row(tracker) for tracker in found]


def _row(tracker: Tracker) -> views.LiveRow:
    return views.LiveRow(
        device=tracker.device,
        vehicle=vehicle_choice(tracker.vehicle_id, tracker.vehicle_name),
        contact=tracker.contact,
        last_ping=tracker.last_heard,
        silence_s=tracker.silence_s,
        interval_s=tracker.interval_s,
        protocol=tracker.protocol,
        soc_pct=tracker.soc_pct,
        charging=tracker.charging,
        battery_v=tracker.battery_v,
        tracker_battery_pct=tracker.tracker_battery_pct,
    )
