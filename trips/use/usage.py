"""Computes the figures of vehicles in a period from their days and from the times when they were
away.

Silence is not idleness: a vehicle of which too few working days are known (`fleet.known`) is left
out of every share. A working day of a known vehicle that is not known itself counts neither as used
nor as unused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import TypeVar

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from fleet.known import KnownUse, UseEvidence, known_use_by_vehicle, sums_by_place
from fleet.period import Period
from fleet.period_grid import PeriodCalendar
from trips.use.concurrency import (
    DeparturesAndReturns,
    OutSteps,
    Peak,
    mean_and_most_out,
    out_steps,
    peak,
)
from trips.use.device_days import DeviceDay

#: The quantiles of the km and hours of a day that are shown; the last is that of the longest day.
QUANTILES = (0.5, 0.75, 0.9, 0.95, 1.0)

#: The steps of the curve of a day and of the table of a week, in seconds.
CURVE_SLOT_S = 1800
WEEK_SLOT_S = 3600


Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class DayRows:
    """Days of vehicles as parallel arrays, with the measures of `trips.use.device_days.DeviceDay`.

    `vehicle` is a place in the list of vehicles, `day` one in the calendar. `logged` is 1 where
    trips are from a driving log, which says when a vehicle left and was back: the time in which it
    drove is not known, and `driving_s` only says that it did.
    """

    vehicle: Ints
    day: Ints
    heard: Ints
    trips: Ints
    km: Floats
    driving_s: Floats
    away_s: Floats
    engine_hours: Floats
    logged: Ints

    @classmethod
    def of_days(
        cls, days: Sequence[tuple[int, int, DeviceDay]], *, logged: bool = False
    ) -> "DayRows":
        """The rows of `days`, each with the place of the vehicle, the place of the day, and what
        the vehicle did on it. `logged`: a driving log says so."""
        return cls(
            vehicle=np.array([vehicle for vehicle, _, _ in days], dtype=np.int64),
            day=np.array([number for _, number, _ in days], dtype=np.int64),
            heard=np.array([day.heard for *_, day in days], dtype=np.int64),
            trips=np.array([day.trips for *_, day in days], dtype=np.int64),
            km=np.array([day.km for *_, day in days], dtype=np.float64),
            driving_s=np.array([day.driving_s for *_, day in days], dtype=np.float64),
            away_s=np.array([day.away_s for *_, day in days], dtype=np.float64),
            engine_hours=np.array([day.engine_hours for *_, day in days], dtype=np.float64),
            logged=np.array([logged and day.driving_s > 0 for *_, day in days], dtype=np.int64),
        )

    @property
    def used(self) -> Bools:
        """Whether the vehicle drove or its engine worked, for each row."""
        return (self.driving_s > 0) | (self.engine_hours > 0)

    @property
    def evidence(self) -> UseEvidence:
        """The evidence in the rows of how far the vehicles are known."""
        return UseEvidence(self.vehicle, self.day, self.heard, self.used)

    def without_km(self, machines: Bools) -> "DayRows":
        """The rows with no km of `machines`, a value for each vehicle: hours are their measure."""
        return replace(self, km=np.where(machines[self.vehicle], 0.0, self.km))

    def where(self, kept: Bools | Ints) -> "DayRows":
        """The rows where `kept` is true, or the rows of these numbers."""
        return DayRows(*(getattr(self, name)[kept] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class LongestDay:
    """The longest day of one vehicle by some measure: the value, and the day (None: the vehicle was
    not used)."""

    value: float
    day: date | None


@dataclass(frozen=True, slots=True)
class VehicleFigures(KnownUse):
    """The figures of one vehicle in a period: how far it is known, and what it did. `driving_h` is
    None where a driving log tells of a part of its trips."""

    trips: int
    km: float
    driving_h: float | None
    away_h: float
    engine_h: float
    longest_km: LongestDay
    longest_away_h: LongestDay
    longest_engine_h: LongestDay

    @property
    def days_used_share(self) -> float | None:
        """Share of the known working days; None when the vehicle is unknown."""
        return self.days_used / self.days_known if self.known and self.days_known else None

    def told(self, value: Number | None) -> Number | None:
        """A sum of the vehicle; None where that is zero and the vehicle unknown: it was silent."""
        return value if value or self.known else None


class UseStatus(StrEnum):
    """The use of a vehicle in a period, in a word. UNKNOWN: too little is known of the vehicle to
    say."""

    IN_USE = "in_use"
    SELDOM = "seldom"
    UNKNOWN = "unknown"


def use_status(figures: VehicleFigures, seldom_share: float) -> UseStatus:
    """The status of a vehicle; it is seldom used if it is used on less than `seldom_share` of its
    known working days."""
    if figures.days_used_share is None:
        return UseStatus.UNKNOWN
    return UseStatus.SELDOM if figures.days_used_share < seldom_share else UseStatus.IN_USE


@dataclass(frozen=True, slots=True)
class DayQuantiles:
    """The `QUANTILES` of a measure: over the days of use of all vehicles (`days`), and over the
    longest day of each vehicle (`longest`); None where there was no use."""

    days: tuple[float, ...] | None
    longest: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class DayCurve:
    """Vehicles away over a working day: the mean and the most in each half hour of the local
    clock."""

    mean_out: tuple[float, ...]
    most_out: tuple[int, ...]


@dataclass(frozen=True)
class GroupUse:
    """The figures of some vehicles together.

    `fleet` is how many of them are known: only those count in the share, the peak, the curve and
    the week. The sums are over all of them; `driving_h` is without the `driving_unknown` vehicles
    that drove and of which it is not known, and None where it is known of no other that did.
    Figures that take time are computed when they are asked for, as a row of a table needs only some
    of them.
    """

    vehicles: int
    fleet: int
    days_used_share: float | None
    trips: int
    km: float
    driving_h: float | None
    driving_unknown: int
    away_h: float
    engine_h: float
    _calendar: PeriodCalendar
    _figures: Sequence[VehicleFigures]
    _rows: DayRows
    _away: DeparturesAndReturns
    _chosen: Bools
    _known: Bools

    @property
    def unknown(self) -> int:
        return self.vehicles - self.fleet

    @cached_property
    def _steps(self) -> OutSteps:
        away = self._away.where(self._known[self._away.whose])
        end = min(self._calendar.midnights[-1], self._calendar.until)
        return out_steps(away.clipped(self._calendar.midnights[0], end))

    @cached_property
    def peak(self) -> Peak | None:
        """The most vehicles that were away at once, and when; None: none ever was."""
        return peak(self._steps)

    @cached_property
    def km_a_day(self) -> DayQuantiles:
        return _day_quantiles(
            self._own(self._rows.km), [one.longest_km.value for one in self._figures]
        )

    @cached_property
    def away_h_a_day(self) -> DayQuantiles:
        return _day_quantiles(
            self._own(self._rows.away_s) / 3600,
            [one.longest_away_h.value for one in self._figures],
        )

    @cached_property
    def week(self) -> tuple[tuple[float, ...], ...]:
        """The mean share of the fleet that was away: 7 weekdays, Monday first, by 24 local
        hours."""
        return week_shares(self._calendar, self._steps, self.fleet)

    @cached_property
    def curve(self) -> DayCurve:
        """Vehicles away over a working day."""
        return _curve(self._calendar, self._steps)

    def _own(self, values: Floats) -> Floats:
        return values[self._chosen[self._rows.vehicle]]


_known_values = attrgetter(*(field.name for field in fields(KnownUse)))


def vehicle_figures(
    calendar: PeriodCalendar, rows: DayRows, count: int, coverage_min: float
) -> list[VehicleFigures]:
    """The figures of each of `count` vehicles; `coverage_min` is as in `known_use_by_vehicle`."""
    known = known_use_by_vehicle(calendar, rows.evidence, count, coverage_min)
    trips, km = (
        sums_by_place(rows.vehicle, rows.trips, count),
        sums_by_place(rows.vehicle, rows.km, count),
    )
    driving_h = sums_by_place(rows.vehicle, rows.driving_s / 3600, count)
    logged = sums_by_place(rows.vehicle, rows.logged, count) > 0
    away_h = sums_by_place(rows.vehicle, rows.away_s / 3600, count)
    engine_h = sums_by_place(rows.vehicle, rows.engine_hours, count)
    longest_km = _longest(calendar, rows, rows.km, count)
    longest_away_h = _longest(calendar, rows, rows.away_s / 3600, count)
    longest_engine_h = _longest(calendar, rows, rows.engine_hours, count)
    columns = (
        *(trips.astype(np.int64).tolist(), km.tolist(), _unless(logged, driving_h)),
        *(away_h.tolist(), engine_h.tolist()),
        *(longest_km, longest_away_h, longest_engine_h),
    )
    return [
        VehicleFigures(*_known_values(one), *values)
        for one, *values in zip(known, *columns, strict=True)
    ]


def vehicle_figures_in(
    calendar: PeriodCalendar, rows: DayRows, part: Period, count: int, coverage_min: float
) -> list[VehicleFigures]:
    """The figures of each of `count` vehicles in a `part` of the calendar's period."""
    first = (part.first - calendar.period.first).days
    chosen = rows.where((rows.day >= first) & (rows.day < first + part.days))
    moved = replace(chosen, day=chosen.day - first)
    return vehicle_figures(PeriodCalendar(part, calendar.until), moved, count, coverage_min)


@dataclass(frozen=True, slots=True)
class VehicleDay:
    """One day of one vehicle: whether it was heard at all, and whether it is a working day
    (`works`)."""

    day: date
    heard: bool
    works: bool
    km: float
    driving_h: float | None
    away_h: float
    engine_h: float


def day_by_day(calendar: PeriodCalendar, rows: DayRows) -> list[VehicleDay]:
    """Every day of the calendar, of one vehicle."""
    count = calendar.period.days
    logged = sums_by_place(rows.day, rows.logged, count) > 0
    columns = (
        (sums_by_place(rows.day, rows.heard != 0, count) > 0).tolist(),
        calendar.works.tolist(),
        sums_by_place(rows.day, rows.km, count).tolist(),
        _unless(logged, sums_by_place(rows.day, rows.driving_s / 3600, count)),
        sums_by_place(rows.day, rows.away_s / 3600, count).tolist(),
        sums_by_place(rows.day, rows.engine_hours, count).tolist(),
    )
    values = zip(*columns, strict=True)
    return [
        VehicleDay(calendar.period.first + timedelta(days=i), *row) for i, row in enumerate(values)
    ]


def group_use(
    calendar: PeriodCalendar,
    figures: Sequence[VehicleFigures],
    rows: DayRows,
    away: DeparturesAndReturns,
    places: Sequence[int] | None = None,
) -> GroupUse:
    """The figures of the vehicles at some `places` together; None: of all of them."""
    if places is None:
        places = range(len(figures))
    own = [figures[place] for place in places]
    chosen = np.zeros(len(figures), dtype=np.bool_)
    chosen[list(places)] = True
    known = np.zeros(len(figures), dtype=np.bool_)
    known[[place for place in places if figures[place].known]] = True
    days_known = sum(one.days_known for one in own if one.known)
    days_used = sum(one.days_used for one in own if one.known)
    driven = [one.driving_h for one in own if one.driving_h is not None]
    unknown = sum(one.driving_h is None and one.trips > 0 for one in own)
    return GroupUse(
        vehicles=len(own),
        fleet=int(known.sum()),
        days_used_share=days_used / days_known if days_known else None,
        trips=sum(one.trips for one in own),
        km=sum(one.km for one in own),
        driving_h=sum(driven) if sum(driven) or not unknown else None,
        driving_unknown=unknown,
        away_h=sum(one.away_h for one in own),
        engine_h=sum(one.engine_h for one in own),
        _calendar=calendar,
        _figures=own,
        _rows=rows,
        _away=away,
        _chosen=chosen,
        _known=known,
    )


def week_shares(
    calendar: PeriodCalendar, steps: OutSteps, fleet: int
) -> tuple[tuple[float, ...], ...]:
    """The mean share of `fleet` vehicles that was out, by weekday (Monday first) and local hour."""
    slots = calendar.slots(WEEK_SLOT_S)
    mean, _ = mean_and_most_out(steps, slots.edges)
    cell = calendar.weekday[slots.day] * 24 + slots.clock_s // WEEK_SLOT_S
    total = np.bincount(cell, weights=mean, minlength=7 * 24)
    times = np.bincount(cell, minlength=7 * 24)
    share = total / np.maximum(times, 1) / max(fleet, 1)
    return tuple(tuple(row) for row in share.reshape(7, 24).tolist())


def _curve(calendar: PeriodCalendar, steps: OutSteps) -> DayCurve:
    slots = calendar.slots(CURVE_SLOT_S)
    mean, most = mean_and_most_out(steps, slots.edges)
    works = calendar.works[slots.day]
    slot = slots.clock_s[works] // CURVE_SLOT_S
    count = 24 * 3600 // CURVE_SLOT_S
    times = np.bincount(slot, minlength=count)
    means = np.bincount(slot, weights=mean[works], minlength=count) / np.maximum(times, 1)
    highest = np.zeros(count, dtype=np.int64)
    np.maximum.at(highest, slot, most[works])
    return DayCurve(tuple(means.tolist()), tuple(highest.tolist()))


def _unless(unknown: Bools, values: Floats) -> list[float | None]:
    """The values, None where they are unknown."""
    pairs = zip(unknown.tolist(), values.tolist(), strict=True)
    return [None if is_unknown else value for is_unknown, value in pairs]


def _longest(
    calendar: PeriodCalendar, rows: DayRows, values: Floats, count: int
) -> list[LongestDay]:
    most = np.zeros(count)
    np.maximum.at(most, rows.vehicle, values)
    reached = np.flatnonzero((values > 0) & (values == most[rows.vehicle]))
    first = np.full(count, calendar.period.days)
    np.minimum.at(first, rows.vehicle[reached], rows.day[reached])
    return [
        LongestDay(value, calendar.period.first + timedelta(days=day) if value > 0 else None)
        for value, day in zip(most.tolist(), first.tolist(), strict=True)
    ]


def _day_quantiles(values: Floats, longest: Sequence[float]) -> DayQuantiles:
    return DayQuantiles(_quantiles(values), _quantiles(np.array(longest, dtype=np.float64)))


def _quantiles(values: Floats) -> tuple[float, ...] | None:
    used = values[values > 0]
    return tuple(np.quantile(used, QUANTILES).tolist()) if len(used) else None
