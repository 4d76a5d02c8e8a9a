"""A period as arrays: its local days, the working days among them, and the local clock within
them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from fleet.localtime import LOCAL_ZONE, day_start
from fleet.period import Period

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class TimeSlots:
    """Equal slots of time: their `edges` (one more than slots), the place of each slot's day in the
    period, and the local clock at its start in seconds after midnight.

    In the night when clocks go back two slots have the same clock; when they go forward, none has.
    """

    edges: Floats
    day: Ints
    clock_s: Ints


@dataclass(frozen=True)
class PeriodCalendar:
    """The days of `period`. Data may be expected up to the moment `until` (seconds since 1970);
    later hours are no silence."""

    period: Period
    until: float

    @cached_property
    def midnights(self) -> Floats:
        """The moments at which the days begin, and the end of the last."""
        days = range(self.period.days + 1)
        begin = self.period.first
        return np.array([day_start(begin + timedelta(days=i)).timestamp() for i in days])

    @cached_property
    def hours(self) -> Ints:
        """The number of hours of each day that had begun by `until`: up to 25, and 0 of a day to
        come."""
        ends = np.minimum(self.midnights[1:], self.until)
        return np.ceil(np.maximum(ends - self.midnights[:-1], 0) / HOUR_S).astype(np.int64)

    @cached_property
    def works(self) -> Bools:
        """Whether each day is a working day of which some hours have passed."""
        working = set(self.period.working_days)
        days = (self.period.first + timedelta(days=i) for i in range(self.period.days))
        return np.array([day in working for day in days]) & (self.hours > 0)

    @cached_property
    def weekday(self) -> Ints:
        """The weekday of each day, 0 for Monday."""
        return (np.arange(self.period.days) + self.period.first.weekday()) % 7

    def slots(self, seconds: int) -> TimeSlots:
        """The time from the first day to `until` in slots of `seconds`, a divisor of an hour."""
        if seconds <= 0 or 3600 % seconds:
            raise ValueError(f"seconds must divide an hour, got {seconds}")
        count = self.hours * (3600 // seconds)
        day = np.repeat(np.arange(len(count)), count)
        within = np.arange(len(day)) - np.repeat(np.cumsum(count) - count, count)
        start = self.midnights[day] + within * seconds
        clock_s = within * seconds
        for odd in np.flatnonzero(np.diff(self.midnights) != 24 * HOUR_S):
            for slot in np.flatnonzero(day == odd):
                local = datetime.fromtimestamp(float(start[slot]), UTC).astimezone(LOCAL_ZONE)
                clock_s[slot] = local.hour * 3600 + local.minute * 60 + local.second
        end = start[-1:] + seconds if len(start) else self.midnights[:1]
        return TimeSlots(np.concatenate((start, end)), day, clock_s)
