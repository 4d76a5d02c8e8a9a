"""The page of a vehicle's year: GET /vehicles/{vehicle_id}/year?to=2026-11-21."""

from datetime import date, timedelta
from math import ceil

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, period_view
from api.pages.frame.forms import day_in
from api.pages.frame.render import page
from api.pages.use.use import use_row
from api.pages.vehicles.views import LongDay, YearDay, YearMonth, YearPage
from api.pages.words.calendar_periods import ONE_DAY, CalendarPeriod
from fleet.actor import Permission
from fleet.localtime import local_now
from fleet.period import Period, whole_weeks
from register.vehicles import Vehicle, VehicleFilter
from trips.use.fleet_use import FleetUse, period_between
from trips.use.usage import day_by_day, vehicle_figures_in

YEAR_WEEKS = 53

#: The least days of a month whose sums are shown to who sees no single days.
SHORTEST_MONTH = 7
LONGEST_SHOWN = 5

#: The hours away from which on a day has the darkest colour in the calendar.
LONG_DAY_H = 8.0
LEVELS = 5


async def show_year(request: web.Request) -> web.StreamResponse:
    """Show one vehicle day by day: when it was away, and when its tracker was silent."""
    context = request.config_dict[CONTEXT]
    actor = visitor(request)
    by_day = actor.may(Permission.TRACKS_READ)
    whole = await period_between(context.pool, None, None)
    asked = day_in(request.query.get("to", ""))
    period = None
    if whole is not None:
        period = _year(whole, asked) if by_day else _twelve_months(whole, asked)
    if period is not None:
        period = await period_between(context.pool, period.first, period.last)
    chosen = VehicleFilter(vehicle_id=request.match_info["vehicle_id"])
    fleet = await context.fleet_use(actor, period, chosen)
    if not fleet.vehicles:
        raise web.HTTPNotFound
    days = _days(fleet) if period is not None and by_day else []
    long_days = [LongDay(day.day, day.km, day.hours) for day in days if day.hours or day.km]
    return page(
        request,
        YearPage(
            row=use_row(
                context,
                actor,
                fleet.vehicles[0],
                await context.trackers_by_vehicle([request.match_info["vehicle_id"]]),
            ),
            period=period_view(period),
            by_day=by_day,
            days=days,
            months=[] if period is None else _months(fleet, period, context.settings.coverage_min),
            longest=sorted(long_days, key=lambda day: (-day.km, -day.hours))[:LONGEST_SHOWN],
            earlier=None if whole is None or period is None else _before(whole, period),
            later=None if whole is None or period is None else _after(whole, period),
        ),
    )


def _year(whole: Period, asked: date | None) -> Period:
    """The year that ends on the `asked` day, or with the data; it begins with a week."""
    last = whole.last if asked is None or asked > whole.last else max(asked, whole.first)
    monday = last - timedelta(days=last.weekday())
    return Period(max(monday - timedelta(weeks=YEAR_WEEKS - 1), whole.first), last)


def _twelve_months(whole: Period, asked: date | None) -> Period | None:
    """The months of the year that ends with that of the `asked` day, for who sees no single days:
    up to the last week that is over. A month that has just begun is left out."""
    last = whole.last if asked is None or asked > whole.last else max(asked, whole.first)
    month = CalendarPeriod.MONTH.around(last)
    first = month[0].replace(year=month[0].year - 1)
    over = whole_weeks(whole.last, whole.last, local_now().date())[1]
    if over < month[1]:
        last = over if (over - month[0]).days + 1 >= SHORTEST_MONTH else month[0] - ONE_DAY
    else:
        last = month[1]
    begin, end = max(first, whole.first), min(last, whole.last)
    return Period(begin, end) if begin <= end else None


def _before(whole: Period, period: Period) -> date | None:
    return period.first - timedelta(days=1) if period.first > whole.first else None


def _after(whole: Period, period: Period) -> date | None:
    later = min(period.last + timedelta(weeks=YEAR_WEEKS - 1), whole.last)
    return later if later > period.last else None


def _days(fleet: FleetUse[Vehicle]) -> list[YearDay]:
    """Every day of the period."""
    by_hours = fleet.vehicles[0].vehicle.by_hours
    found: list[YearDay] = []
    for day in day_by_day(fleet.calendar, fleet.rows):
        hours = day.engine_h if by_hours else day.away_h or day.driving_h
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


def _months(fleet: FleetUse[Vehicle], period: Period, coverage_min: float) -> list[YearMonth]:
    """Each month of the period, the latest first."""
    months: list[YearMonth] = []
    first = period.first
    while first <= period.last:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        month = Period(first, min(following - timedelta(days=1), period.last), period.closed)
        uses = vehicle_figures_in(
            fleet.calendar, fleet.rows, month, len(fleet.vehicles), coverage_min
        )
        months.append(YearMonth(month.first, uses[0]))
        first = following
    return months[::-1]
