"""Reads when a trip of a driving log began and ended: from cells that hold a day and a time of day
together, or from a cell for each."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from fleet.localtime import LOCAL_ZONE
from fleet.moments import ClockChange, clock_change, clock_of, day_of, written_moment

#: The day 0 of the numbers by which workbooks count days, and the numbers of days of trips: those
#: of 1954 to 2119.
_DAY_ZERO = date(1899, 12, 30)
_DAY_NUMBERS = range(20_000, 80_000)

_DAY = timedelta(days=1)
_CLOCK_WORD = re.compile(r"\Akl\.?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WrittenReturn:
    """The moment of a return as it is written. `is_next_day` tells that the file does not name its
    day, which is the one after the departure."""

    moment: datetime
    is_next_day: bool = False


def day_in(cell: object) -> date | None:
    """The day in a cell of a column of days: as people write it, or as the number of a workbook
    whose column is not formatted; None: it holds none."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _DAY_ZERO + timedelta(days=int(cell)) if int(cell) in _DAY_NUMBERS else None
    return day_of(cell)


def clock_in(cell: object) -> timedelta | None:
    """The time of day in a cell of a column of times: `8.30`, also `830` and `8`, or the part of a
    day as a workbook counts it; None: it holds none."""
    clock = clock_of(cell)
    if clock is not None or isinstance(cell, bool):
        return clock
    if isinstance(cell, int | float):
        if 0 <= cell < 1:
            return timedelta(seconds=round(cell * _DAY.total_seconds()))
        text = str(int(cell)) if cell == int(cell) else ""
    else:
        text = _CLOCK_WORD.sub("", str(cell).strip())
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        return None
    hours, minutes = (text, "00") if len(text) <= 2 else (text[:-2], text[-2:])
    return clock_of(f"{hours}:{minutes}")


def written_time(cell: object, day: date | None) -> datetime | None:
    """The moment in a cell as it is written, on `day` where the cell holds only a time of day;
    None: it holds neither, or there is no day."""
    whole = written_moment(cell)
    if whole is not None or day is None:
        return whole
    clock = clock_in(cell)
    try:
        return None if clock is None else datetime.combine(day, time.min) + clock
    except OverflowError:
        return None


def written_return(cell: object, day: date | None, start: datetime) -> WrittenReturn | None:
    """The return that a cell tells of, for a departure at `start`; None: it tells of none.

    A time of day without a `day` is the first one after the departure: of the same day, or of the
    next one where the clock says less. An hour that the clock has twice in that night is no next
    day.
    """
    local = start if start.tzinfo is None else start.astimezone(LOCAL_ZONE).replace(tzinfo=None)
    end = written_time(cell, local.date() if day is None else day)
    if end is None:
        return None
    if day is not None or not is_clock(cell) or end >= local:
        return WrittenReturn(end)
    if clock_change(end) is ClockChange.TWICE and local - end < timedelta(hours=1):
        return WrittenReturn(end)
    try:
        return WrittenReturn(end + _DAY, is_next_day=True)
    except OverflowError:
        return None


def is_clock(cell: object) -> bool:
    """Whether a cell holds a time of day without a day."""
    return written_moment(cell) is None and clock_in(cell) is not None
