"""Verifies the trips of one vehicle of a `PLAN.json`: limits of its kind, overlaps, battery.

Like `check`, this module shares no code with the solver: it defines each limit of a kind anew.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import isnan
from typing import Any
from zoneinfo import ZoneInfo

#: The time zone of local days and windows.
ZONE = ZoneInfo("Europe/Copenhagen")

#: The difference that the rounding of sums of km explains: a metre.
KM_TOLERANCE = 1e-3

#: The columns of limits that are numbers.
LIMIT_NUMBERS = ("max_trip_km", "max_day_km")

Cells = Mapping[str, str]


class Journey:
    """A trip in the trips file."""

    def __init__(self, row: Cells) -> None:
        self.id = row["trip_id"]
        self.start, self.end = _moment(row["start"]), _moment(row["end"])
        self.km = number(row["km"])
        self.pool = row.get("pool", "").strip()
        self.needs = words(row.get("needs", ""))

    @property
    def day(self) -> str:
        return self.start.astimezone(ZONE).date().isoformat()


def check_duty(duty: list[Journey], kind: Cells, rules: Mapping[str, Any]) -> list[str]:
    """The faults in the trips of one vehicle of `kind`, a sentence each."""
    wrong: list[str] = []
    duty.sort(key=lambda journey: (journey.start, journey.end))
    offers = words(kind.get("offers", ""))
    max_trip, max_day = limit(kind, "max_trip_km"), limit(kind, "max_day_km")
    window = kind.get("window", "").strip()
    for journey in duty:
        if journey.pool != kind.get("pool", "").strip():
            wrong.append(f"{journey.id}: is of pool {journey.pool!r}")
        if not journey.needs <= offers:
            wrong.append(f"{journey.id}: needs {sorted(journey.needs - offers)}")
        if journey.km > max_trip + KM_TOLERANCE:
            wrong.append(f"{journey.id}: {journey.km} km is above max_trip_km")
        if window and not is_inside(journey.start, journey.end, window):
            wrong.append(f"{journey.id}: is outside the window {window}")
    day_km: defaultdict[str, float] = defaultdict(float)
    for journey in duty:
        day_km[journey.day] += journey.km
    wrong += [f"{day}: {km:.3f} km" for day, km in day_km.items() if km > max_day + KM_TOLERANCE]
    pause = timedelta(minutes=rules["turnaround_min"])
    wrong += [
        f"{after.id}: starts before {before.id} is over"
        for before, after in pairwise(duty)
        if after.start < before.end + pause
    ]
    return wrong + _check_battery(duty, kind)


def _check_battery(duty: Sequence[Journey], kind: Cells) -> list[str]:
    full = limit(kind, "range_km")
    charge_km_h = number(kind.get("charge_km_h", "").strip() or "0")
    left = full
    before: Journey | None = None
    for journey in duty:
        if before is not None:
            hours = (journey.start - before.end) / timedelta(hours=1)
            left = min(full, left + charge_km_h * hours)
        left -= journey.km
        if left < -KM_TOLERANCE:
            return [f"{journey.id}: the battery is {-left:.3f} km short"]
        before = journey
    return []


def is_inside(start: datetime, end: datetime, window: str) -> bool:
    """Whether a trip lies in a window such as 07:00-15:30, on one local day."""
    first, last = window.split("-")
    start, end = start.astimezone(ZONE), end.astimezone(ZONE)
    clock = start.strftime("%H:%M:%S.%f"), end.strftime("%H:%M:%S.%f")
    one_day = start.date() == end.date()
    return (
        one_day
        and f"{first.strip()}:00.000000" <= clock[0]
        and clock[1] <= (f"{last.strip()}:00.000000")
    )


def limit(kind: Cells, column: str) -> float:
    """The limit of a kind in a column; inf where it has none."""
    return number(kind.get(column, "").strip() or "inf")


def number(text: str) -> float:
    """A number of a file.

    Raises:
        ValueError: it is none, or NaN, which breaks no limit.
    """
    value = float(text)
    if isnan(value):
        raise ValueError(f"{text!r} is no number")
    return value


def words(text: str) -> frozenset[str]:
    """The words of a cell."""
    return frozenset(word.strip() for word in text.split(";") if word.strip())


def _moment(text: str) -> datetime:
    ts = datetime.fromisoformat(text.strip())
    return ts if ts.tzinfo else ts.replace(tzinfo=ZONE).astimezone(UTC)
