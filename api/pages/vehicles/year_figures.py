"""A vehicle's year: day by day for who sees single trips, and month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from api.pages.frame.context import PageContext
from api.pages.words.calendar_periods import ONE_DAY, CalendarPeriod, DayRange
from fleet.actor import Actor, Permission
from fleet.period import Period
from register.vehicles import Vehicle, VehicleFilter
from trips.use.fleet_use import FleetUse, VehicleUse, period_between
from trips.use.usage import VehicleDay, VehicleFigures, day_by_day, vehicle_figures_in

YEAR_WEEKS = 53

#: From the Monday of a week to the day that says to which month it is counted.
THURSDAY = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class YearMonth:
    """A month of the year, or what of it is told: the days from the `first` to the `last`, both
    included, with the figures of the vehicle. `month` is the first day of the month."""

    month: date
    first: date
    last: date
    figures: VehicleFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleYear:
    """The year of a vehicle. Who sees no single trips sees no `days`, and months of whole weeks:
    each week is counted to the month that holds its Thursday. The latest month is the first.
    `earlier` and `later` are the last days of the years before and after, where there is data.
    Before the first trip there is no period, and where the reader is told of no week yet
    (`has_data`)."""

    used: VehicleUse[Vehicle]
    period: Period | None
    by_day: bool
    has_data: bool
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
    period = edges = None
    if whole is not None:
        edges = (whole.first, whole.last) if by_day else await context.told_weeks()
    if edges is not None:
        period = await (_year if by_day else _twelve_months)(context, edges, asked)
    fleet = await context.fleet_use(reader, period, VehicleFilter(vehicle_id=vehicle_id))
    if not fleet.vehicles:
        return None
    return VehicleYear(
        used=fleet.vehicles[0],
        period=period,
        by_day=by_day,
        has_data=whole is not None,
        days=day_by_day(fleet.calendar, fleet.rows) if period is not None and by_day else (),
        months=()
        if period is None
        else _months(fleet, period, context.settings.coverage_min, of_weeks=not by_day),
        earlier=None if edges is None or period is None else _before(edges, period),
        later=None if edges is None or period is None else _after(edges, period),
    )


async def _year(context: PageContext, data: DayRange, asked: date | None) -> Period | None:
    """The year that ends on the `asked` day, or with the data; it begins with a week."""
    last = _within(data, asked)
    monday = last - timedelta(days=last.weekday())
    first = max(monday - timedelta(weeks=YEAR_WEEKS - 1), data[0])
    return await period_between(context.pool, first, last)


async def _twelve_months(context: PageContext, told: DayRange, asked: date | None) -> Period | None:
    """The weeks of the months of the year that ends with that of the `asked` day, as far as who
    sees no single days is told of them."""
    _, ends = CalendarPeriod.MONTH.around(_month_of(_within(told, asked)))
    begins = _first_monday(ends.replace(year=ends.year - 1, day=1))
    return await context.weeks_between(begins, _first_monday(ends + ONE_DAY) - ONE_DAY)


def _within(days: DayRange, asked: date | None) -> date:
    """The `asked` day or the last one, moved into the range."""
    return days[1] if asked is None else min(max(asked, days[0]), days[1])


def _month_of(day: date) -> date:
    """The first day of the month to which the week that holds a day is counted."""
    return (day - timedelta(days=day.weekday()) + THURSDAY).replace(day=1)


def _first_monday(month: date) -> date:
    """The Monday of the first week that is counted to a month."""
    return month + timedelta(days=(THURSDAY.days - month.weekday()) % 7) - THURSDAY


def _before(edges: DayRange, period: Period) -> date | None:
    return period.first - ONE_DAY if period.first > edges[0] else None


def _after(edges: DayRange, period: Period) -> date | None:
    later = min(period.last + timedelta(weeks=YEAR_WEEKS - 1), edges[1])
    return later if later > period.last else None


def _months(
    fleet: FleetUse[Vehicle], period: Period, coverage_min: float, *, of_weeks: bool
) -> list[YearMonth]:
    """Each month of the period, the latest first; `of_weeks`: of the weeks that are counted to
    it."""
    months: list[YearMonth] = []
    first = period.first
    while first <= period.last:
        month = _month_of(first) if of_weeks else first.replace(day=1)
        following = (month + timedelta(days=32)).replace(day=1)
        if of_weeks:
            following = _first_monday(following)
        part = Period(first, min(following - ONE_DAY, period.last), period.closed)
        uses = vehicle_figures_in(
            fleet.calendar, fleet.rows, part, len(fleet.vehicles), coverage_min
        )
        months.append(YearMonth(month, part.first, part.last, uses[0]))
        first = following
    return months[::-1]
