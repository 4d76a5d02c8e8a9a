"""Danish local time: times are stored in UTC, but days and hours are the municipality's."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

LOCAL = ZoneInfo("Europe/Copenhagen")


def local_day(ts: datetime) -> date:
    """The local calendar day on which `ts` (timezone-aware) falls."""
    return ts.astimezone(LOCAL).date()


def day_start(day: date) -> datetime:
    """Local midnight at the start of `day`; days of 23 and 25 hours are respected."""
    return datetime.combine(day, time.min, tzinfo=LOCAL)


@lru_cache(maxsize=64)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("DK", years=year).keys())


def is_working_day(day: date) -> bool:
    """Monday to Friday and not a Danish public holiday."""
    return day.weekday() < 5 and day not in _public_holidays(day.year)


def working_days(first: date, last: date) -> list[date]:
    """The working days from `first` to `last`, both included."""
    span = (last - first).days + 1
    return [d for d in (first + timedelta(days=i) for i in range(span)) if is_working_day(d)]
