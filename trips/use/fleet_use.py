"""Reads the use of the fleet in a period: `trips.use.usage` on the register and the table
`device_day`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Generic, Protocol, TypeVar

import numpy as np

from db.connect import Pool
from db.scope.read_once import read_once
from db.statements import statements
from fleet.localtime import LOCAL_ZONE
from fleet.period import Period
from fleet.period_grid import PeriodCalendar
from register.municipality.closing_days import closed_between
from register.vehicles import Vehicle, VehicleFilter, vehicles
from trips.use.concurrency import DeparturesAndReturns, out_steps
from trips.use.month_cache import EarlierSeat, MonthCache
from trips.use.usage import (
    DayRows,
    GroupUse,
    VehicleFigures,
    group_use,
    vehicle_figures,
    week_shares,
)

SQL = statements("use")

#: A number of weeks above that of any data.
WEEKS_MAX = 10_000


class UsedVehicle(Protocol):
    """A vehicle whose use is shown, from the register or a file; None stands for values that are
    not known."""

    @property
    def vehicle_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def department(self) -> str | None: ...
    @property
    def kind_name(self) -> str | None: ...
    @property
    def depot_name(self) -> str | None: ...
    @property
    def by_hours(self) -> bool: ...
    @property
    def last_heard(self) -> datetime | None: ...


AnyVehicle = TypeVar("AnyVehicle", bound=UsedVehicle, covariant=True)


@dataclass(frozen=True, slots=True)
class VehicleUse(Generic[AnyVehicle]):
    """A vehicle and its figures in a period."""

    vehicle: AnyVehicle
    figures: VehicleFigures


@dataclass(frozen=True, slots=True)
class FleetUse(Generic[AnyVehicle]):
    """The vehicles in the order of their ids with their figures, their days, and when they were
    away."""

    calendar: PeriodCalendar
    vehicles: Sequence[VehicleUse[AnyVehicle]]
    rows: DayRows
    away: DeparturesAndReturns

    def together(self) -> GroupUse:
        """The figures of all vehicles, taken together."""
        figures = [one.figures for one in self.vehicles]
        return group_use(self.calendar, figures, self.rows, self.away)

    def by(self, value_of: Callable[[AnyVehicle], str]) -> dict[str, GroupUse]:
        """The figures of the vehicles of each value, taken together."""
        figures = [one.figures for one in self.vehicles]
        places: dict[str, list[int]] = {}
        for place, one in enumerate(self.vehicles):
            places.setdefault(value_of(one.vehicle), []).append(place)
        return {
            value: group_use(self.calendar, figures, self.rows, self.away, own)
            for value, own in places.items()
        }

    @property
    def week(self) -> tuple[tuple[float, ...], ...]:
        """The mean share of all vehicles, known or not, that was out, by weekday and local hour."""
        return week_shares(self.calendar, out_steps(self.away), len(self.vehicles))


@read_once
async def data_period(pool: Pool, weeks_max: int) -> Period | None:
    """The days that the trips cover, at most `weeks_max` weeks back; None before the first trip."""
    row = await pool.fetchrow(SQL["data_period"], weeks_max)
    return None if row is None else Period(row["first"], row["last"], frozenset(row["closed"]))


async def period_between(pool: Pool, first: date | None, last: date | None) -> Period | None:
    """The days from `first` to `last`, None being where the trips begin and end.

    None before the first trip, and where that leaves no day.
    """
    whole = await pool.fetchrow(SQL["data_period"], WEEKS_MAX)
    if whole is None:
        return None
    begin: date = first or whole["first"]
    end: date = last or whole["last"]
    if begin > end:
        return None
    return Period(begin, end, await closed_between(pool, begin, end))


async def fleet_use(
    pool: Pool,
    months: MonthCache,
    period: Period | None,
    coverage_min: float,
    chosen: VehicleFilter | None = None,
    on: date | None = None,
) -> FleetUse[Vehicle]:
    """Read the use of the chosen vehicles in a period. Without a period all of them are unknown.

    The vehicles are those of the fleet on the day `on`, without one those of the fleet today.
    """
    unknown = period is None
    if period is None:
        today = datetime.now(LOCAL_ZONE).date()
        period = Period(today, today)
    calendar = PeriodCalendar(period, datetime.now(UTC).timestamp())
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        found = await vehicles(connection, chosen, on)
        place = {one.device: i for i, one in enumerate(found) if one.device is not None}
        at = {one.vehicle_id: i for i, one in enumerate(found)}
        seats = [
            EarlierSeat(row["device"], row["until"], at.get(row["vehicle_id"], -1))
            for row in await connection.fetch(SQL["earlier_seats"])
        ]
        rows, away = await months.read(connection, place, seats, period)
    if unknown:
        nothing = np.zeros(0, dtype=np.int64)
        rows, away = rows.where(nothing), away.where(nothing)
    rows = rows.without_km(np.array([one.by_hours for one in found], dtype=np.bool_))
    figures = vehicle_figures(calendar, rows, len(found), coverage_min)
    uses = [VehicleUse(*pair) for pair in zip(found, figures, strict=True)]
    return FleetUse(calendar, uses, rows, away)
