"""Computes the use of vehicles from the trips of a file, without a database, by the same core as
from tables.

A log covers every day from its first trip to its last, for each vehicle that it names: a day
without an entry is a day without use. The log does not say where trips went, so each counts as a
round trip, as in the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from fleet.localtime import local_day
from fleet.period import Period
from fleet.period_grid import PeriodCalendar
from trips.driving_log.log_row import LoggedTrip
from trips.use.concurrency import departures_and_returns
from trips.use.device_days import DeviceDay, device_days
from trips.use.fleet_use import FleetUse, VehicleUse
from trips.use.usage import DayRows, vehicle_figures

#: The value of `DeviceDay.heard` for a day of which the vehicle is known in every hour.
HEARD_ALL_DAY = (1 << 24) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedVehicle:
    """A vehicle that a driving log names; None where no list of the fleet tells of it."""

    vehicle_id: str
    name: str
    department: str | None = None
    kind_name: str | None = None
    depot_name: str | None = None
    device: str | None = None
    by_hours: bool = False

    @property
    def last_heard(self) -> None:
        """None, for a log has no tracker that could be heard."""
        return


def use_in_log(
    vehicles: Mapping[str, LoggedVehicle],
    trips: Sequence[LoggedTrip],
    period: Period,
    coverage_min: float,
    now: datetime,
) -> FleetUse[LoggedVehicle]:
    """The use of `vehicles` (by id) in a period, from their `trips`, which do not overlap."""
    place = {vehicle_id: i for i, vehicle_id in enumerate(vehicles)}
    own: list[list[LoggedTrip]] = [[] for _ in vehicles]
    for trip in trips:
        own[place[trip.vehicle_id]].append(trip)
    told = _told(trips)
    days = [
        (vehicle, (day.day - period.first).days, day)
        for vehicle, driven in enumerate(own)
        for day in _days(driven, told)
        if period.first <= day.day <= period.last
    ]
    machines = np.array([one.by_hours for one in vehicles.values()], dtype=np.bool_)
    rows = DayRows.of_days(days, logged=True).without_km(machines)
    calendar = PeriodCalendar(period, now.timestamp())
    spans = np.array([_span(trip) for trip in trips], dtype=np.float64).reshape(-1, 2)
    whose = np.array([place[trip.vehicle_id] for trip in trips], dtype=np.int64)
    away = departures_and_returns(spans, whose).clipped(
        period.start.timestamp(), period.end.timestamp()
    )
    figures = vehicle_figures(calendar, rows, len(vehicles), coverage_min)
    uses = [VehicleUse(*pair) for pair in zip(vehicles.values(), figures, strict=True)]
    return FleetUse(calendar, uses, rows, away)


def days_driven(
    trips: Sequence[LoggedTrip], first: date | None, last: date | None
) -> Period | None:
    """The days from `first` to `last`; where these are None, from the first trip or to the last.

    Returns:
        None: there are no trips, or no days between the two.
    """
    days = [local_day(trip.start) for trip in trips]
    if not days:
        return None
    begin, end = first or min(days), last or max(days)
    return Period(begin, end) if begin <= end else None


def _told(trips: Sequence[LoggedTrip]) -> Period | None:
    """The days that the log covers; None without trips."""
    if not trips:
        return None
    return Period(local_day(min(t.start for t in trips)), local_day(max(t.end for t in trips)))


def _days(driven: Sequence[LoggedTrip], told: Period | None) -> list[DeviceDay]:
    """Every day that the log covers, if the vehicle drove at all; otherwise none."""
    if not driven or told is None:
        return []
    spans = [_span(trip) for trip in driven]
    legs = [(*span, trip.km) for span, trip in zip(spans, driven, strict=True)]
    found = {day.day: day for day in device_days(np.zeros(0), legs, spans)}
    every = (told.first + timedelta(days=i) for i in range(told.days))
    return [found.get(day, DeviceDay(day))._replace(heard=HEARD_ALL_DAY) for day in every]


def _span(trip: LoggedTrip) -> tuple[float, float]:
    return trip.start.timestamp(), trip.end.timestamp()
