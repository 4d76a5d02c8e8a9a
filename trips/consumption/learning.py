"""Learns consumption from the stored positions and trips: what each trip used, and from that the
use of vehicles and kinds by month.

A trip keeps what was read of it, since positions are deleted after some weeks. What is deleted of a
trip, as private or as too old, is not learned from.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import asyncpg
import numpy as np

from costs.measured_range import Level, MonthUse
from db.connect import Pool, PooledConnection
from db.fetch_columns import fetch_columns
from db.statements import statements
from fleet.localtime import day_start, local_day
from trips.consumption.level_use import (
    RULES,
    DrawnLevel,
    LevelReadings,
    LevelTrips,
    TripWay,
    added_up,
    drawn_level,
    uses_by_vehicle,
)

SQL = statements("consumption")

#: How many trips are read in one transaction.
BATCH = 500

#: A trip that ended later may still grow.
_SETTLED = timedelta(minutes=30)

#: What is learned from: a year, so that each season counts as often as it comes.
LEARNED = timedelta(weeks=52)

_COLUMNS = {"place": "int8", "month": "int4"} | dict.fromkeys(
    (
        *("km", "battery_from_pct", "battery_to_pct", "battery_km"),
        *("tank_from_pct", "tank_to_pct", "tank_km", "tank_next_pct"),
    ),
    "float8",
)


async def read_levels(pool: Pool, now: datetime) -> int:
    """Read the levels of all trips that were not looked at; returns how many trips."""
    total = 0
    while True:
        async with pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(SQL["unread_trips"], now - _SETTLED, BATCH)
            if rows:
                drawn = [[*_drawn(row, Level.BATTERY), *_drawn(row, Level.TANK)] for row in rows]
                keys = [row["device"] for row in rows], [row["start_ts"] for row in rows]
                await connection.execute(
                    SQL["store_levels"], *keys, *map(list, zip(*drawn, strict=True))
                )
        total += len(rows)
        if len(rows) < BATCH:
            return total


def _drawn(row: asyncpg.Record, level: Level) -> DrawnLevel | tuple[None, None, None]:
    nothing = None, None, None
    if row["lat"] is None or (level is Level.BATTERY and row["charging"]):
        return nothing
    readings = LevelReadings(
        *(
            np.array(row[name], dtype=np.float64)
            for name in ("lat", "lon", "odometer_km", f"{level}_pct")
        )
    )
    way = TripWay(*(row[name] for name in TripWay._fields))
    return drawn_level(readings, way, RULES[level]) or nothing


async def learn_kinds(pool: Pool, now: datetime) -> int:
    """Store what the vehicles of each kind used in the weeks of the last year that are over.

    Returns:
        Of how many kinds something is known.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["hold_consumption"])
        rows = await connection.fetch(SQL["kinds_of_vehicles"])
        kinds = {row["vehicle_id"]: row["kind"] for row in rows}
        found = await _vehicle_uses(connection, list(kinds), now)
        together: defaultdict[tuple[str, Level], list[MonthUse]] = defaultdict(list)
        for (vehicle_id, level), uses in found.items():
            together[kinds[vehicle_id], level] += uses
        stored = [
            (kind, level.value, use.month, use.km, use.pct, use.trips)
            for (kind, level), uses in together.items()
            for use in added_up(uses)
        ]
        await connection.execute(SQL["forget_kinds"])
        if stored:
            await connection.execute(SQL["store_kinds"], *map(list, zip(*stored, strict=True)))
    return len({kind for kind, _ in together})


async def vehicle_uses(pool: Pool, vehicle_id: str, level: Level, now: datetime) -> list[MonthUse]:
    """What one vehicle used by month, in the weeks of the last year that are over."""
    async with pool.acquire() as connection:
        found = await _vehicle_uses(connection, [vehicle_id], now)
    return list(found.get((vehicle_id, level), ()))


async def _vehicle_uses(
    connection: PooledConnection, vehicle_ids: Sequence[str], now: datetime
) -> Mapping[tuple[str, Level], list[MonthUse]]:
    # Whole weeks: with each other span two answers could differ by one day of one vehicle.
    today = local_day(now)
    until = day_start(today - timedelta(days=today.weekday()))
    columns = await fetch_columns(
        connection, SQL["trip_levels"], vehicle_ids, until - LEARNED, until, columns=_COLUMNS
    )
    found: dict[tuple[str, Level], list[MonthUse]] = {}
    for level in Level:
        trips = LevelTrips(
            vehicle=columns["place"],
            month=columns["month"],
            trip_km=columns["km"],
            from_pct=columns[f"{level}_from_pct"],
            to_pct=columns[f"{level}_to_pct"],
            km=columns[f"{level}_km"],
            next_pct=columns["tank_next_pct"],
        )
        for place, uses in uses_by_vehicle(trips, level).items():
            found[vehicle_ids[place - 1], level] = uses
    return found
