"""A vehicle's year: day by day for who sees single trips, and month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from api.pages.frame.context import PageContext
from api.pages.words.calendar_periods import ONE_DAY, CalendarPeriod
from fleet.actor import Actor, Permission
from fleet.localtime import local_now
from fleet.period import Period, whole_weeks
from register.vehicles import Vehicle, VehicleFilter
from trips.use.fleet_use import FleetUse, VehicleUse, period_between
from trips.use.usage import VehicleDay, VehicleFigures, day_by_day, vehicle_figures_in

YEAR_WEEKS = 53

#: The least days of a month whose sums are shown to who sees no single days.
SHORTEST_MONTH = 7


@dataclass(frozen=True, slots=True)
class YearMonth:
    """A month of the year, which begins on its `first` day, with the figures of the vehicle."""

    first: date
    figures: VehicleFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleYear:
    """The year of a vehicle. Who sees no single trips sees months and no `days`. The latest month
    is the first. `earlier` and `later` are the last days of the years before and after, where there
    is data. Before the first trip there is no period."""

    used: VehicleUse[Vehicle]
    period: Period | None
    by_day: bool
    days: Sequence[VehicleDay]
    months: Sequence[YearMonth]
    earlier: date | None
    later: date | None


async def vehicle_year(
    context: PageContext, reader: Actor, vehicle_id: str, asked: date | None
) -> VehicleYear | None:
    """The year of a vehicle that ends on the `asked` day, or with the data; None: the reader sees
    no such vehicle."""
    by_day = reader.may(Permission.TRACKS_READ)
    whole = await period_between(context.pool, None, None)
    period = None
    if whole is not None:
        period = _year(whole, asked) if by_day else _twelve_months(whole, asked)
    if period is not None:
        period = await period_between(context.pool, period.first, period.last)
    fleet = await context.fleet_use(reader, period, VehicleFilter(vehicle_id=vehicle_id))
    if not fleet.vehicles:
        return None
    return VehicleYear(
        used=fleet.vehicles[0],
        period=period,
        by_day=by_day,
        days=day_by_day(fleet.calendar, fleet.rows) if period is not None and by_day else (),
        months=() if period is None else _months(fleet, period, context.settings.coverage_min),
        earlier=None if whole is None or period is None else _before(whole, period),
        later=None if whole is None or period is None else _after(whole, period),
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
