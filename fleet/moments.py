"""Moments: their bounds and units, and how Danes and programs write them.

A written moment is in local time unless it has an offset.
"""

import re
from datetime import UTC, datetime, timedelta
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

_DANISH = re.compile(
    r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})"
    r"(?:,?\s*(?:kl\.?\s*)?(\d{1,2})[.:](\d{2})(?:[.:](\d{2}))?)?"
)


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
    found = _written(cell)
    try:
        return None if found is None else _utc(found)
    except (ValueError, OverflowError):
        return None


def clock_change(cell: object) -> ClockChange | None:
    """The reason why the local time in a cell is not exactly one moment; None: it is one, or the
    cell holds none."""
    found = _written(cell)
    if found is None or found.tzinfo is not None or not 1 < found.year < LATEST_MOMENT.year:
        return None
    before, after = (found.replace(tzinfo=LOCAL_ZONE, fold=fold).utcoffset() for fold in (0, 1))
    if before is None or after is None or before == after:
        return None
    return ClockChange.LEFT_OUT if before < after else ClockChange.TWICE


def _written(cell: object) -> datetime | None:
    """The moment in a cell as it is written, with an offset or without."""
    if isinstance(cell, datetime):
        return cell
    text = str(cell).strip()
    danish = _DANISH.fullmatch(text)
    try:
        if danish is not None:
            day, month, year, hour, minute, second = danish.groups()
            if hour is None:
                return None
            clock = f"{hour:0>2}:{minute}:{second or '00'}"
            text = f"{year}-{month:0>2}-{day:0>2} {clock}"
        elif len(text) <= len("2026-11-21"):
            return None
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _utc(moment: datetime) -> datetime:
    local = moment if moment.tzinfo is not None else moment.replace(tzinfo=LOCAL_ZONE)
    return local.astimezone(UTC)
