"""The last ping of every device: GET /intake/live, and GET /v1/devices/live for programs."""

from datetime import datetime

import asyncpg
from aiohttp import web

from api.pages import intake_views, views
from api.pages.context import CONTEXT, Context, now_local
from api.pages.render import page
from api.rest.answers import answer
from api.rest.devices import LiveDevice, LiveDevices
from db.statements import statements
from ingest.contact import Contact, Patience, contact, is_underway

SQL = statements("contact")


async def show_live(request: web.Request) -> web.StreamResponse:
    """Every device with its last ping, those that worry first; `?show=` keeps one state."""
    now = now_local()
    rows = await _rows(request.config_dict[CONTEXT], now)
    shown = next((state for state in Contact if state == request.query.get("show")), None)
    order = list(Contact)
    return page(
        request,
        intake_views.LivePage(
            rows=sorted(
                (row for row in rows if shown in (None, row.contact)),
                key=lambda row: order.index(row.contact),
            ),
            counts={state: sum(row.contact is state for row in rows) for state in Contact},
            shown=shown,
            as_of=now,
        ),
    )


async def list_live(request: web.Request) -> web.StreamResponse:
    """The same as JSON, without a place: where a vehicle is, is not needed to know that it is."""
    rows = await _rows(request.config_dict[CONTEXT], now_local())
    return answer(
        LiveDevices(
            devices=[
                LiveDevice(
                    device=row.device,
                    vehicle=None if row.vehicle is None else row.vehicle.id,
                    contact=row.contact,
                    last_ping=row.last_ping,
                    silence_s=row.silence_s,
                    interval_s=row.interval_s,
                    protocol=row.protocol,
                    soc_pct=row.soc_pct,
                    charging=row.charging,
                    battery_v=row.battery_v,
                    tracker_battery_pct=row.tracker_battery_pct,
                )
                for row in rows
            ]
        )
    )


async def _rows(context: Context, now: datetime) -> list[intake_views.LiveRow]:
    settings = context.settings
    patience = Patience(
        settings.live_late_intervals, settings.live_late_min_s, settings.live_silent_after_h
    )
    return [_row(row, now, patience) for row in await context.pool.fetch(SQL["last_pings"])]


def _row(row: asyncpg.Record, now: datetime, patience: Patience) -> intake_views.LiveRow:
    last: datetime | None = row["last_ts"]
    silence = None if last is None else max(now - last, now - now)
    return intake_views.LiveRow(
        device=row["device"],
        vehicle=None
        if row["vehicle_id"] is None or row["vehicle_name"] is None
        else views.Choice(row["vehicle_id"], row["vehicle_name"]),
        contact=contact(
            silence,
            underway=is_underway(row["speed_kmh"], row["ignition"]),
            interval_s=row["interval_s"],
            silent_days=row["silent_days"],
            patience=patience,
        ),
        last_ping=last,
        silence_s=None if silence is None else silence.total_seconds(),
        interval_s=row["interval_s"],
        protocol=row["protocol"],
        soc_pct=row["soc_pct"],
        charging=row["charging"],
        battery_v=row["battery_v"],
        tracker_battery_pct=row["tracker_battery_pct"],
    )
