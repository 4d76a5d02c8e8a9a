"""How the fleet is used in a period: the register and what is kept a device and day, put to
`trips.use.usage`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

import numpy as np

from db.connect import Pool
from db.statements import statements
from fleet.localtime import LOCAL
from fleet.period import Period
from fleet.period_grid import Calendar
from register.closing_days import closed_between
from trips.use.concurrency import Crossings, levels
from trips.use.day_cache import Months, Past
from trips.use.usage import DayRows, GroupUse, Use, use_of_each, use_together, week_shares

SQL = statements("use")

#: More weeks than any data covers.
WEEKS_MAX = 10_000


class Row(Protocol):
    """Values by the names of columns."""

    def __getitem__(self, name: str, /) -> Any: ...


def by_hours(row: Row) -> bool:
    """Whether a vehicle of the register is a machine, whose measure is engine hours and not km."""
    return row["measured_in"] == "hours"


@dataclass(frozen=True, slots=True)
class VehicleUse:
    """A vehicle of the register, with the columns of `vehicle` in use.sql, and its use."""

    row: Row
    use: Use

    @property
    def by_hours(self) -> bool:
        """Whether its measure is engine hours, and not km."""
        return by_hours(self.row)


@dataclass(frozen=True, slots=True)
class FleetUse:
    """Vehicles in the order of their ids, their use, and when they were away."""

    calendar: Calendar
    vehicles: Sequence[VehicleUse]
    rows: DayRows
    away: Crossings

    def together(self, belongs: Callable[[Row], bool] = lambda _: True) -> GroupUse:
        """The vehicles whose rows of the register belong, as a group."""
        chosen = np.array([belongs(vehicle.row) for vehicle in self.vehicles], dtype=np.bool_)
        uses = [vehicle.use for vehicle in self.vehicles]
        return use_together(self.calendar, uses, self.rows, self.away, chosen)

    @property
    def week(self) -> tuple[tuple[float, ...], ...]:
        """The mean share of the vehicles that was out, by weekday and hour, whoever is known."""
        return week_shares(self.calendar, levels(self.away), len(self.vehicles))


@dataclass(frozen=True, slots=True)
class VehicleFilter:
    """Which vehicles: None is any."""

    department: str | None = None
    depot_id: str | None = None
    kind: str | None = None
    vehicle_id: str | None = None


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
    months: Months,
    period: Period | None,
    coverage_min: float,
    chosen: VehicleFilter | None = None,
) -> FleetUse:
    """The use of the chosen vehicles; without a period nothing is known of any."""
    chosen = chosen or VehicleFilter()
    if period is None:
        today = datetime.now(LOCAL).date()
        period = Period(today, today)
    calendar = Calendar(period, datetime.now(UTC).timestamp())
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        vehicles = await connection.fetch(
            SQL["vehicle"], chosen.department, chosen.depot_id, chosen.kind, chosen.vehicle_id
        )
        place = {row["device"]: i for i, row in enumerate(vehicles) if row["device"] is not None}
        at = {row["vehicle_id"]: i for i, row in enumerate(vehicles)}
        past = [
            Past(row["device"], row["until"], at.get(row["vehicle_id"], -1))
            for row in await connection.fetch(SQL["past"])
        ]
        rows, away = await months.read(connection, place, past, period)
    rows = rows.without_km(np.array([by_hours(row) for row in vehicles], dtype=np.bool_))
    uses = use_of_each(calendar, rows, len(vehicles), coverage_min)
    return FleetUse(calendar, list(map(VehicleUse, vehicles, uses)), rows, away)
