"""The limits of a kind of vehicle: how far and when its vehicles may drive. Most are for bicycles.

This module alone defines each limit: its name, unit, bounds and meaning. One `KindLimits` goes
from the catalogue to the solver. `optimiser.duties.limits` applies the limits to the trips of a
vehicle, and `optimiser.model.check_duty` does so a second time for the checker.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import NamedTuple


class Limit(StrEnum):
    """The limits by name; field, column of a fleet file and field of a form share the name."""

    MAX_TRIP_KM = "max_trip_km"
    MAX_DAY_KM = "max_day_km"
    WINDOW = "window"


class LimitQuantity(NamedTuple):
    """The unit of a limit that is a number ("" for a count), and its greatest value.

    Above that value a digit or a unit is wrong. A number is above 0, as 0 would allow no trip.
    """

    unit: str
    most: float


#: The limits that are numbers.
LIMIT_NUMBERS: Mapping[Limit, LimitQuantity] = {
    Limit.MAX_TRIP_KM: LimitQuantity("km", 1e5),
    Limit.MAX_DAY_KM: LimitQuantity("km", 1e5),
}


class DayWindow(NamedTuple):
    """Local hours of the day, from `first` to `last`, both included."""

    first: time
    last: time

    def __str__(self) -> str:
        """As in files and forms: `07:00-15:30`."""
        return f"{self.first:%H:%M}-{self.last:%H:%M}"

    @classmethod
    def parse(cls, text: str) -> "DayWindow":
        """The window in the text of `str`.

        Raises:
            ValueError: `text` is no such window.
        """
        first, last = (time.fromisoformat(part.strip()) for part in text.split("-"))
        return cls(first, last)


class LimitFault(StrEnum):
    """The faults that a limit can have."""

    NO_NUMBER = "no_number"
    NEGATIVE = "negative"
    ZERO = "zero"
    ENDS_BEFORE = "ends_before"


class LimitRefusal(NamedTuple):
    """A refused limit, with its fault and value; a window is text as people write it."""

    limit: Limit
    fault: LimitFault
    value: float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindLimits:
    """The limits of a kind's vehicles; None means no limit.

    `max_trip_km` is the length of the longest round trip. `max_day_km` is the greatest sum of km
    of one vehicle's round trips that start on one local day. `window` holds the local hours of one
    day within which a round trip must start and end.
    """

    max_trip_km: float | None = None
    max_day_km: float | None = None
    window: DayWindow | None = None

    def number(self, limit: Limit) -> float | None:
        """The value of a limit of `LIMIT_NUMBERS`."""
        return getattr(self, limit)

    def refusal(self) -> LimitRefusal | None:
        """The first impossible limit with its fault; None if all are possible."""
        for limit in LIMIT_NUMBERS:
            value = self.number(limit)
            fault = None if value is None else _number_fault(value)
            if value is not None and fault is not None:
                return LimitRefusal(limit, fault, value)
        if self.window is not None and self.window.first >= self.window.last:
            return LimitRefusal(Limit.WINDOW, LimitFault.ENDS_BEFORE, str(self.window))
        return None


def _number_fault(value: float) -> LimitFault | None:
    if not math.isfinite(value):
        return LimitFault.NO_NUMBER
    if value < 0:
        return LimitFault.NEGATIVE
    return LimitFault.ZERO if value == 0 else None
