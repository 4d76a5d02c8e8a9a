"""Danish local time, holidays and working days. Times are stored in UTC, but days and hours are
those of the municipality."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Europe/Copenhagen")

#: Days outside of these years are typing errors: no fleet's log is older, and no contract or plan
#: reaches further.
FIRST_YEAR = 1970
LAST_YEAR = 2199

#: The earliest and the latest day that people may type and programs may send. The days around them
#: exist, too, and their moments have moments in UTC.
EARLIEST_DAY = date(1990, 1, 1)
LATEST_DAY = date(2200, 1, 1)

#: The years ahead of today for which people plan: in a later one a digit is wrong.
PLANNED_YEARS = 30


def local_now() -> datetime:
    """The present moment in local time."""
    return datetime.now(LOCAL_ZONE)


def latest_planned(today: date) -> date:
    """The last day by which people may plan that something is done."""
    return date(today.year + PLANNED_YEARS, 12, 31)


def local_day(ts: datetime) -> date:
    """The local calendar day on which `ts` (timezone-aware) falls."""
    return ts.astimezone(LOCAL_ZONE).date()


def day_start(day: date) -> datetime:
    """Local midnight at the start of `day`, also of a day with 23 or 25 hours."""
    return datetime.combine(day, time.min, tzinfo=LOCAL_ZONE)


def public_holidays(year: int) -> dict[date, str]:
    """The Danish public holidays of a year with their Danish names, in order."""
    import holidays  # most commands ask for none, and begin a tenth of a second sooner without it

    return dict(sorted(holidays.country_holidays("DK", years=year, language="da").items()))


@lru_cache(maxsize=64)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(public_holidays(year))


def is_public_holiday(day: date) -> bool:
    """Whether `day` is a Danish public holiday."""
    return day in _public_holidays(day.year)


def is_working_day(day: date, closed: Collection[date] = ()) -> bool:
    """Whether `day` is a Monday to Friday that is neither a Danish public holiday nor one of the
    `closed` days."""
    return day.weekday() < 5 and not is_public_holiday(day) and day not in closed


def working_days(first: date, last: date, closed: Collection[date] = ()) -> list[date]:
    """The working days from `first` to `last`, both included."""
    span = (last - first).days + 1
    days = (first + timedelta(days=i) for i in range(span))
    return [day for day in days if is_working_day(day, closed)]
