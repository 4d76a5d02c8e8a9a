"""Moments as Danes and programs write them, in local time unless they say otherwise."""

import re
from datetime import UTC, datetime

from fleet.localtime import LOCAL

#: Before and after all that is stored, a day within what a moment can be in any time zone.
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
END = datetime(9999, 12, 30, tzinfo=UTC)

#: What stands for a moment that cannot be read, so that the position beside it is told apart.
NO_MOMENT = BEGINNING

#: A number of this size or more is milliseconds since 1970, below it seconds.
EPOCH_SECONDS_MAX = 2**31 - 1

#: Milliseconds of the year 2200, after which a number is microseconds.
EPOCH_MS_MAX = 7_258_118_400_000

_DANISH = re.compile(
    r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})"
    r"(?:,?\s*(?:kl\.?\s*)?(\d{1,2})[.:](\d{2})(?:[.:](\d{2}))?)?"
)


def moment_of(cell: object) -> datetime | None:
    """A moment in UTC; a day alone is none."""
    if isinstance(cell, datetime):
        return _utc(cell)
    text = str(cell).strip()
    danish = _DANISH.fullmatch(text)
    try:
        if danish is not None:
            day, month, year, hour, minute, second = danish.groups()
            if hour is None:
                return None
            parts = (year, month, day, hour, minute, second or 0)
            return _utc(datetime(*(int(part) for part in parts), tzinfo=LOCAL))
        if len(text) <= len("2026-11-21"):
            return None
        return _utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def _utc(moment: datetime) -> datetime:
    local = moment if moment.tzinfo is not None else moment.replace(tzinfo=LOCAL)
    return local.astimezone(UTC)
