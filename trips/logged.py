"""Driving logs into the tables of trips and round trips, beside what trackers tell.

A row of a log is one trip and one round trip, from the vehicle's depot and back: a log does not
say where it went. A file tells of all its days, from its first trip to its last, for every vehicle
that it names: one that is used seldom would else be unknown, and never be proposed away. A vehicle
without a tracker gets its log as its device. Where its tracker was heard, the tracker counts: such
rows are refused, and one that comes to be heard later overrules them.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import asyncpg

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.localtime import local_day
from trips.driving_log import Field, Limits, LoggedTrip, Reason, Refusal, Sheet, read_log
from trips.hidden import hidden_spans
from trips.rollup import Touched, refresh_days

SQL = statements("driving_log")
PRIVATE_SQL = statements("private")
TRIP_SQL = statements("trip")

_TRIP_COLUMNS = (
    *("device", "start_ts", "end_ts", "start_lat", "start_lon", "end_lat", "end_lon", "km"),
    "source",
)
_ROUND_TRIP_COLUMNS = (
    *("device", "start_ts", "end_ts", "vehicle_id", "depot_id", "km", "legs"),
    *("left_depot", "reached_depot", "source"),
)


@dataclass(frozen=True, slots=True)
class Import:
    """What became of a log: how many trips of how many vehicles, and the rows refused."""

    trips: int
    vehicles: int
    refused: Sequence[Refusal]


async def preview(
    pool: Pool, sheet: Sheet, columns: Mapping[Field, str], limits: Limits
) -> tuple[list[LoggedTrip], list[Refusal]]:
    """How the rows of a log would be read, each by itself; what is stored is not looked at.

    Raises:
        TableError: a field has no column.
    """
    return read_log(sheet, columns, _names(await pool.fetch(SQL["vehicles"])), limits)


async def import_log(
    pool: Pool, sheet: Sheet, columns: Mapping[Field, str], source: str, limits: Limits
) -> Import:
    """Take what fits of a log named `source`; the same log twice adds nothing.

    Raises:
        TableError: a field has no column.
    """
    async with pool.acquire() as connection, connection.transaction():
        vehicles = {row["vehicle_id"]: row for row in await connection.fetch(SQL["vehicles"])}
        names = _names(vehicles.values())
        read, refused = await asyncio.to_thread(read_log, sheet, columns, names, limits)
        taken, late = await _beside_known(connection, read, vehicles, sheet)
        private = {refusal.row for refusal in late if refusal.reason is Reason.PRIVATE}
        told = [trip for trip in read if trip.row not in private]
        taken.sort(key=lambda trip: trip.vehicle_id)
        # What the trip service counts of their days meanwhile would be lost.
        devices = {_device(vehicles[trip.vehicle_id]) for trip in taken}
        await connection.fetch(TRIP_SQL["wait_for_devices"], list(devices))
        by_vehicle = groupby(taken, key=lambda trip: trip.vehicle_id)
        count = 0
        for vehicle_id, trips in by_vehicle:
            await _store(connection, vehicles[vehicle_id], list(trips), told, source)
            count += 1
    return Import(len(taken), count, sorted((*refused, *late), key=lambda refusal: refusal.row))


def _names(vehicles: Iterable[asyncpg.Record]) -> dict[str, str]:
    names: dict[str, str] = {}
    for row in vehicles:
        for name in (row["name"], row["device"], row["vehicle_id"]):
            if name is not None:
                names[name.lower()] = row["vehicle_id"]
    return names


async def _beside_known(
    connection: PooledConnection,
    taken: Sequence[LoggedTrip],
    vehicles: Mapping[str, asyncpg.Record],
    sheet: Sheet,
) -> tuple[list[LoggedTrip], list[Refusal]]:
    """Those that overlap neither with what a tracker told nor with an earlier import, and with
    nothing private, of which no cell is kept."""
    if not taken:
        return [], []
    first, last = min(t.start for t in taken), max(t.end for t in taken)
    devices = {_device(vehicles[trip.vehicle_id]) for trip in taken}
    known: dict[str, list[tuple[datetime, datetime]]] = {}
    for row in await connection.fetch(SQL["logged_between"], list(devices), first, last):
        known.setdefault(row["device"], []).append((row["start_ts"], row["end_ts"]))
    await connection.execute(PRIVATE_SQL["hold"])
    private = await hidden_spans(
        connection, dict.fromkeys(devices, (first, last + timedelta(seconds=1)))
    )
    kept: list[LoggedTrip] = []
    refused: list[Refusal] = []
    for trip in taken:
        vehicle = vehicles[trip.vehicle_id]
        heard = vehicle["first_ts"]
        spans = known.get(_device(vehicle), [])
        cells = tuple(str(cell) for cell in sheet.rows[trip.row - 2])
        if any(trip.start < end and trip.end >= start for start, end in private[_device(vehicle)]):
            refused.append(Refusal(trip.row, Reason.PRIVATE, {}, ()))
        elif heard is not None and trip.start < vehicle["last_ts"] and trip.end > heard:
            refused.append(Refusal(trip.row, Reason.TRACKED, {}, cells))
        elif any(trip.start < end and trip.end > start for start, end in spans):
            refused.append(Refusal(trip.row, Reason.ALREADY, {}, cells))
        else:
            kept.append(trip)
    return kept, refused


async def _store(
    connection: PooledConnection,
    vehicle: asyncpg.Record,
    trips: Sequence[LoggedTrip],
    told: Sequence[LoggedTrip],
    source: str,
) -> None:
    """Store the `trips` of a vehicle; `told` are those of all vehicles in the log."""
    device, vehicle_id, depot = _device(vehicle), vehicle["vehicle_id"], vehicle["depot_id"]
    place = (vehicle["lat"], vehicle["lon"])
    if vehicle["device"] is None:
        await connection.execute(SQL["stand_in"], device, vehicle_id)
    await connection.copy_records_to_table(
        "trip",
        records=[(device, t.start, t.end, *place, *place, t.km, source) for t in trips],
        columns=_TRIP_COLUMNS,
    )
    await connection.copy_records_to_table(
        "round_trip",
        records=[
            (device, t.start, t.end, vehicle_id, depot, t.km, 1, depot, depot, source)
            for t in trips
        ],
        columns=_ROUND_TRIP_COLUMNS,
    )
    since, until = min(t.start for t in told), max(t.end for t in told)
    await connection.execute(SQL["tell"], device, local_day(since), local_day(until))
    await refresh_days(connection, [Touched(device, since, until, heard=None, moved=True)])


def _device(vehicle: asyncpg.Record) -> str:
    return vehicle["device"] or f"log:{vehicle['vehicle_id']}"
