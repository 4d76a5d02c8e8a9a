"""Moments: their bounds and units, and how Danes and programs write them, whole or as a day and a
time of day.

A written moment is in local time unless it has an offset.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum

from fleet.localtime import LOCAL_ZONE

#: Moments before and after all that is stored. They are a day within the range of `datetime`, so
#: that every time zone can express them.
EARLIEST_MOMENT = datetime(1, 1, 2, tzinfo=UTC)
LATEST_MOMENT = datetime(9999, 12, 30, tzinfo=UTC)

#: The stand-in for a moment that cannot be read, by which its position is recognised and refused.
NO_MOMENT = EARLIEST_MOMENT

#: The least time between two moments, as Python and the database count.
MICROSECOND = timedelta(microseconds=1)

#: A number of this size or more is milliseconds since 1970, and a smaller one is seconds.
EPOCH_SECONDS_MAX = 2**31 - 1

#: Milliseconds from 1970 to the year 2200; a number of this size or more is microseconds.
EPOCH_MS_MAX = 7_258_118_400_000

_WEEKDAY = r"(?:(?:ma|ti|on|to|fr|lø|sø)[a-zø]*\.?,?\s*(?:den|d\.)?\s*)?"
_DAY = _WEEKDAY + r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})"
_DAY_OF_NAMED_MONTH = re.compile(_WEEKDAY + r"(\d{1,2})\.?\s*([a-z]{3})[a-z]*\.?,?\s*(\d{4}|\d{2})")
_CLOCK = r"(?:kl\.?\s*)?(\d{1,2})[.:](\d{2})(?:[.:](\d{2}))?"
_DANISH = re.compile(_DAY + r"(?:,?\s*" + _CLOCK + ")?", re.IGNORECASE)
_TIME_OF_DAY = re.compile(_CLOCK + r"(\.\d+)?", re.IGNORECASE)

#: The first three letters of each month, in Danish, and in English where these differ.
_MONTHS = {
    name: number
    for names in (
        ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    )
    for number, name in enumerate(names, start=1)
}


class ClockChange(Enum):
    """The reason why a local time is not exactly one moment: the clock is changed in that night."""

    #: The clock leaves the time out in spring: it is read as if the clock had not been changed yet.
    LEFT_OUT = "left out"
    #: The clock has the time twice in autumn: the first of the two is taken.
    TWICE = "twice"


def moment_at(seconds: float) -> datetime:
    """The moment in UTC that is `seconds` after the beginning of 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def moment_of(cell: object) -> datetime | None:
    """The moment in a cell, in UTC; None: the cell holds none. A day alone is no moment."""
    found = written_moment(cell)
    try:
        return None if found is None else _utc(found)
    except (ValueError, OverflowError):
        return None


def clock_change(cell: object) -> ClockChange | None:
    """The reason why the local time in a cell is not exactly one moment; None: it is one, or the
    cell holds none."""
    found = written_moment(cell)
    if found is None or found.tzinfo is not None or not 1 < found.year < LATEST_MOMENT.year:
        return None
    before, after = (found.replace(tzinfo=LOCAL_ZONE, fold=fold).utcoffset() for fold in (0, 1))
    if before is None or after is None or before == after:
        return None
    return ClockChange.LEFT_OUT if before < after else ClockChange.TWICE


def written_moment(cell: object) -> datetime | None:
    """The moment in a cell as it is written, with an offset or without; None: the cell holds
    none."""
    if isinstance(cell, datetime):
        return cell
    text = str(cell).strip()
    danish = _DANISH.fullmatch(text)
    try:
        if danish is not None:
            day, month, year, hour, minute, second = danish.groups()
            if hour is None:
                return None
            clock = time(int(hour), int(minute), int(second or 0))
            return datetime.combine(date(_year(year), int(month), int(day)), clock)
        if len(text) <= len("2026-11-21"):
            return None
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def day_of(cell: object) -> date | None:
    """The day in a cell, alone or with a time of day; None: the cell holds none. Two digits of a
    year are of this century."""
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    text = str(cell).strip().lower()
    danish, named = _DANISH.fullmatch(text), _DAY_OF_NAMED_MONTH.fullmatch(text)
    try:
        if danish is not None:
            return date(_year(danish[3]), int(danish[2]), int(danish[1]))
        if named is not None:
            return date(_year(named[3]), _MONTHS.get(named[2], 0), int(named[1]))
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None


def has_short_year(text: str) -> bool:
    """Whether the day in a text is written with two digits of its year."""
    text = text.strip().lower()
    found = _DANISH.fullmatch(text) or _DAY_OF_NAMED_MONTH.fullmatch(text)
    return found is not None and len(found[3]) == 2


def clock_of(cell: object) -> timedelta | None:
    """The time of day in a cell, as the time since midnight by the clock and to the second; None:
    the cell holds none. `24:00` is the midnight at the end of the day, and a number is no time."""
    if isinstance(cell, int | float):
        return None
    found = _TIME_OF_DAY.fullmatch(str(cell).strip())
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
    if hours > 24 or minutes > 59 or seconds > 59:
        return None
    clock = timedelta(hours=hours, minutes=minutes, seconds=seconds + round(float(found[4] or 0)))
    return clock if clock <= timedelta(days=1) else None


def _year(text: str) -> int:
    return int(text) + 2000 if len(text) == 2 else int(text)


def _utc(moment: datetime) -> datetime:
    local = moment if moment.tzinfo is not None else moment.replace(tzinfo=LOCAL_ZONE)
    return local.astimezone(UTC)
