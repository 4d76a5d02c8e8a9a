"""Reads the period of a page from its address, `?from=…&to=…`, both days included. Without these,
the latest weeks are shown. Links lead to the week, month, quarter and year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from api.pages.frame.context import PageContext
from api.pages.frame.forms import DaysQuery
from api.pages.frame.views import PeriodChoice, PeriodLink
from api.pages.words.calendar_periods import CalendarPeriod, DayRange, neighbouring_periods
from fleet.actor import Actor, Permission
from fleet.localtime import local_now
from fleet.period import Period
from trips.use.fleet_use import period_between


@dataclass(frozen=True, slots=True)
class AskedDays:
    """The days that an address asks for, beside the days with data.

    Attributes:
        query: the address.
        days: the days that the query asks for.
        data: the days with data, from the first trip to today.
        period: the days that the figures are of: those of `days` with data. Where there are none,
            it is the first day alone, on which nothing was heard.
        in_weeks: whether the days are whole weeks, as for who sees no single trips.
        told: the weeks of which these are told at all; None: of none.
    """

    query: DaysQuery
    days: DayRange
    data: DayRange
    period: Period
    in_weeks: bool = False
    told: DayRange | None = None

    @property
    def outside(self) -> bool:
        """Whether none of the days has data."""
        return not self.data[0] <= self.period.first <= self.data[1]

    @property
    def fleet_day(self) -> date | None:
        """The day whose fleet is shown: of days that somebody asked for the last, so that they keep
        the vehicles that left the fleet since; None stands for today."""
        if self.query.first is None and self.query.last is None:
            return None
        return min(self.days[1], local_now().date())


async def asked_days(context: PageContext, query: DaysQuery, reader: Actor) -> AskedDays | None:
    """Read the days that an address asks for; None before the first trip. Who sees no single trips
    gets the weeks that hold these days, as far as these may be told of."""
    latest = await context.period()
    whole = await period_between(context.pool, None, None)
    if latest is None or whole is None:
        return None
    data = whole.first, max(whole.last, local_now().date())
    if not reader.may(Permission.TRACKS_READ):
        return await _asked_weeks(context, query, latest, data)
    if query.first is None and query.last is None:
        return AskedDays(query, (latest.first, latest.last), data, latest)
    first, last = _days_in(query, data)
    begin, end = max(first, data[0]), min(last, data[1])
    period = await period_between(context.pool, begin, end) if begin <= end else None
    return AskedDays(query, (first, last), data, period or Period(first, first))


async def _asked_weeks(
    context: PageContext, query: DaysQuery, latest: Period, data: DayRange
) -> AskedDays:
    """The weeks that hold the days that an address asks for. Where they may not be told of, the
    days are those that were asked for, and none of them has data."""
    days = latest.first, latest.last
    if query.first is not None or query.last is not None:
        days = _days_in(query, data)
    shown, told = await context.weeks_between(*days), await context.told_weeks()
    if shown is None:
        return AskedDays(query, days, data, await context.unheard_week(), True, told)
    return AskedDays(query, (shown.first, shown.last), data, shown, True, told)


def _days_in(query: DaysQuery, data: DayRange) -> DayRange:
    """The days from the first to the last; one that is not said is that of the data."""
    first = query.first or min(data[0], query.last or data[0])
    return first, query.last or max(data[1], first)


def period_choice(
    asked: AskedDays | None, address: str, kept: Mapping[str, str], weeks: int
) -> PeriodChoice | None:
    """The control for choosing the days of a page; its links keep the parameters `kept`."""
    if asked is None:
        return None

    def link(days: DayRange) -> PeriodLink:
        named = {"from": days[0].isoformat(), "to": days[1].isoformat()}
        return PeriodLink({**kept, **named}, current=days == asked.days)

    earlier, later = neighbouring_periods(*asked.days)
    counted = asked.period.first, asked.period.last
    return PeriodChoice(
        address=address,
        first=asked.days[0],
        last=asked.days[1],
        typed=asked.query.typed or asked.days,
        errors=asked.query.errors,
        latest=PeriodLink(kept, current=asked.query.first is None and asked.query.last is None),
        latest_weeks=weeks,
        spans={span: link(span.around(min(counted[1], asked.data[1]))) for span in CalendarPeriod},
        earlier=link(earlier) if earlier[1] >= asked.data[0] else None,
        later=link(later) if later[0] <= asked.data[1] else None,
        data=asked.data,
        counted=None if asked.outside or counted == asked.days else counted,
        outside=asked.outside,
        in_weeks=asked.in_weeks,
        told=asked.told,
    )
