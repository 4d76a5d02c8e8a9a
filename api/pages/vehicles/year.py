"""The page of a vehicle's year: GET /vehicles/{vehicle_id}/year?to=2026-11-21."""

from collections.abc import Sequence
from math import ceil

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, period_view
from api.pages.frame.forms import day_in
from api.pages.frame.render import page
from api.pages.use.use import use_row
from api.pages.vehicles.views import LongDay, YearDay, YearPage
from api.pages.vehicles.year_figures import vehicle_year
from trips.use.usage import VehicleDay

LONGEST_SHOWN = 5

#: The hours away from which on a day has the darkest colour in the calendar.
LONG_DAY_H = 8.0
LEVELS = 5


async def show_year(request: web.Request) -> web.StreamResponse:
    """Show one vehicle day by day: when it was away, and when its tracker was silent."""
    context = request.config_dict[CONTEXT]
    actor, vehicle_id = visitor(request), request.match_info["vehicle_id"]
    found = await vehicle_year(context, actor, vehicle_id, day_in(request.query.get("to", "")))
    if found is None:
        raise web.HTTPNotFound
    days = _days(found.days, by_hours=found.used.vehicle.by_hours)
    long_days = [LongDay(day.day, day.km, day.hours) for day in days if day.hours or day.km]
    trackers = await context.trackers_by_vehicle([vehicle_id])
    return page(
        request,
        YearPage(
            row=use_row(context, actor, found.used, trackers),
            period=period_view(found.period),
            by_day=found.by_day,
            has_data=found.has_data,
            days=days,
            months=found.months,
            longest=sorted(long_days, key=lambda day: (-day.km, -day.hours))[:LONGEST_SHOWN],
            earlier=found.earlier,
            later=found.later,
        ),
    )


def _days(days: Sequence[VehicleDay], *, by_hours: bool) -> list[YearDay]:
    """The days as the calendar shows them."""
    found: list[YearDay] = []
    for day in days:
        hours = day.engine_h if by_hours else day.away_h or day.driving_h or 0.0
        level = ceil(LEVELS * min(hours / LONG_DAY_H, 1))
        found.append(
            YearDay(
                day=day.day,
                level=level if day.heard or hours else None,
                hours=hours,
                km=day.km,
                works=day.works,
            )
        )
    return found
