"""Imports driving logs into the tables of trips and round trips, beside the trips of trackers.

A row of a log becomes one trip and one round trip, from the vehicle's depot and back: a log does
not say where it went. A file covers all days from its first trip to its last, for every vehicle
that it names: a vehicle that is seldom used would be unknown otherwise, and no round could propose
to do without it. A vehicle without a tracker gets its log as its device. Where its tracker was
heard, the tracker counts: such rows are refused, and a tracker that is heard later overrules them.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

import asyncpg

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.localtime import local_day
from fleet.moments import MICROSECOND
from register.history import RegisterSubject, record_change
from register.inventory.details import shown_plate
from register.private_log_rows import (
    PrivateNames,
    any_private_between,
    is_private_row,
    private_names,
)
from register.private_time import Span
from trips.driving_log.log_columns import ColumnsError, LogField, column_faults
from trips.driving_log.log_row import LoggedTrip, LogLimits
from trips.driving_log.log_rows import read_log
from trips.driving_log.log_sheet import LogSheet
from trips.driving_log.overlaps import SpanIndex
from trips.driving_log.refusals import RowReason, RowRefusal
from trips.driving_log.vehicle_names import vehicle_names
from trips.stored.day_table import DeviceChange, refresh_days

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

#: How many rows are encoded for the database in one turn of the event loop.
_ROWS_A_TURN = 500


@dataclass(frozen=True, slots=True)
class ImportedLog:
    """The outcome of an import: how many trips of how many vehicles were imported, and the rows
    that were refused.

    `private` rows were left out because they were, or may have been, driven in private. Only their
    number is told.
    """

    trips: int
    vehicles: int
    refused: Sequence[RowRefusal]
    private: int


async def preview(
    pool: Pool, sheet: LogSheet, columns: Mapping[LogField, str], limits: LogLimits
) -> tuple[list[LoggedTrip], list[RowRefusal]]:
    """Read the rows of a log as an import would, without comparing them with stored trips.

    Returns:
        The trips, and the rows that are refused.

    Raises:
        TableError: a field has no column.
    """
    return read_log(sheet, columns, _names(await pool.fetch(SQL["vehicles_with_devices"])), limits)


async def import_log(
    pool: Pool,
    actor: Actor,
    sheet: LogSheet,
    columns: Mapping[LogField, str],
    source: str,
    limits: LogLimits,
) -> ImportedLog:
    """Import the rows that fit of a log named `source`; a log that is imported twice adds nothing.

    Raises:
        ColumnsError: by the chosen columns no row could be a trip.
    """
    actor.require(Permission.LOGS_IMPORT)
    async with pool.acquire() as connection, connection.transaction():
        vehicles = {
            row["vehicle_id"]: row for row in await connection.fetch(SQL["vehicles_with_devices"])
        }
        names = _names(vehicles.values())
        faults = await asyncio.to_thread(column_faults, sheet, columns, names)
        if faults:
            raise ColumnsError(faults)
        read, refused = await asyncio.to_thread(read_log, sheet, columns, names, limits)
        await connection.execute(PRIVATE_SQL["hold_private"])
        private_by_name = await private_names(connection)
        taken, late, private = await _sorted_by_stored(
            connection, read, vehicles, sheet, private_by_name
        )
        told = [trip for trip in read if trip.row not in private]
        taken.sort(key=lambda trip: trip.vehicle_id)
        # Without this lock the trip service might count days of these devices at the same time, and
        # lose these trips.
        devices = {_device(vehicles[trip.vehicle_id]) for trip in taken}
        await connection.fetch(TRIP_SQL["wait_for_devices"], list(devices))
        ordered = await asyncio.to_thread(_in_order, private_by_name, refused, late)
        left_out = len(private) + len(refused) + len(late) - len(ordered)
        if not taken:
            return ImportedLog(0, 0, ordered, left_out)
        span = min(trip.start for trip in told), max(trip.end for trip in told)
        by_vehicle = groupby(taken, key=lambda trip: trip.vehicle_id)
        count = 0
        for vehicle_id, trips in by_vehicle:
            await _store(connection, vehicles[vehicle_id], list(trips), span, source)
            count += 1
        content = {"trips": len(taken), "vehicles": count}
        days = f"{local_day(span[0])}/{local_day(span[1])}"
        await record_change(connection, actor, RegisterSubject.DRIVING_LOG, days, content)
    return ImportedLog(len(taken), count, ordered, left_out)


def _in_order(names: PrivateNames, *refused: Sequence[RowRefusal]) -> list[RowRefusal]:
    """The refusals by row, but for rows that were or may have been driven in private."""
    kept = (one for one in chain(*refused) if is_private_row(one.cells, names) is False)
    return sorted(kept, key=lambda refusal: refusal.row)


def _names(vehicles: Iterable[asyncpg.Record]) -> dict[str, str | None]:
    """The ids of the vehicles by the names that a log may use for them, as `names_in_logs` has them
    for private periods; None: several are called so."""
    called: list[tuple[str, str]] = []
    retired: set[str] = set()
    for row in vehicles:
        plate: str | None = row["plate"]
        shown = None if plate is None else shown_plate(plate)
        names = (row["name"], row["device"], row["vehicle_id"], plate, shown)
        called += [(name, row["vehicle_id"]) for name in names if name is not None]
        if row["retired"]:
            retired.add(row["vehicle_id"])
    return vehicle_names(called, retired)


async def _sorted_by_stored(
    connection: PooledConnection,
    taken: Sequence[LoggedTrip],
    vehicles: Mapping[str, asyncpg.Record],
    sheet: LogSheet,
    private: PrivateNames,
) -> tuple[list[LoggedTrip], list[RowRefusal], set[int]]:
    """Compare trips with the ones that are stored for their time.

    Returns:
        The trips that overlap with no stored one; the refusals of those that overlap with a time in
        which a tracker was heard, or with an earlier import; and the rows of private trips, of
        which no cell is kept.
    """
    if not taken:
        return [], [], set()
    first, last = min(t.start for t in taken), max(t.end for t in taken)
    devices = {_device(vehicles[trip.vehicle_id]) for trip in taken}
    rows = await connection.fetch(SQL["logged_trips_between"], list(devices), first, last)
    return await asyncio.to_thread(_sorted_out, taken, vehicles, sheet, rows, private)


def _sorted_out(
    taken: Sequence[LoggedTrip],
    vehicles: Mapping[str, asyncpg.Record],
    sheet: LogSheet,
    rows: Sequence[asyncpg.Record],
    private: PrivateNames,
) -> tuple[list[LoggedTrip], list[RowRefusal], set[int]]:
    """The same as `_sorted_by_stored`, with the `rows` of earlier imports, for a thread; returns as
    that."""
    earlier: dict[str, list[Span]] = {}
    for row in rows:
        earlier.setdefault(row["device"], []).append((row["start_ts"], row["end_ts"]))
    known = {device: SpanIndex(spans) for device, spans in earlier.items()}
    none = SpanIndex(())
    kept: list[LoggedTrip] = []
    refused: list[RowRefusal] = []
    private_rows: set[int] = set()
    for trip in taken:
        vehicle = vehicles[trip.vehicle_id]
        heard, device = vehicle["first_ts"], _device(vehicle)
        # The periods are looked up by vehicle, for one without a tracker has no device before its
        # first log.
        periods = private.get(trip.vehicle_id.lower(), ())
        # A trip that ends when a private period begins counts as private, too.
        if any_private_between(periods, trip.start, trip.end + MICROSECOND):
            private_rows.add(trip.row)
        elif heard is not None and trip.start < vehicle["last_ts"] and trip.end > heard:
            refused.append(RowRefusal(trip.row, RowReason.TRACKED, {}, sheet.texts(trip.row)))
        elif known.get(device, none).overlap(trip.start, trip.end):
            refused.append(RowRefusal(trip.row, RowReason.ALREADY, {}, sheet.texts(trip.row)))
        else:
            kept.append(trip)
    return kept, refused, private_rows


async def _store(
    connection: PooledConnection,
    vehicle: asyncpg.Record,
    trips: Sequence[LoggedTrip],
    span: Span,
    source: str,
) -> None:
    """Store the `trips` of a vehicle, and note that its log covers the days of `span`."""
    device, vehicle_id, depot = _device(vehicle), vehicle["vehicle_id"], vehicle["depot_id"]
    place = (vehicle["lat"], vehicle["lon"])
    if vehicle["device"] is None:
        await connection.execute(SQL["enrol_log"], device, vehicle_id)
    await connection.copy_records_to_table(
        "trip",
        records=_in_turns((device, t.start, t.end, *place, *place, t.km, source) for t in trips),
        columns=_TRIP_COLUMNS,
    )
    await connection.copy_records_to_table(
        "round_trip",
        records=_in_turns(
            (device, t.start, t.end, vehicle_id, depot, t.km, 1, depot, depot, source)
            for t in trips
        ),
        columns=_ROUND_TRIP_COLUMNS,
    )
    since, until = span
    await connection.execute(SQL["add_logged_days"], device, local_day(since), local_day(until))
    await refresh_days(
        connection, [DeviceChange(device, since, until, positions_changed=None, trips_changed=True)]
    )


async def _in_turns(rows: Iterable[tuple[object, ...]]) -> AsyncIterator[tuple[object, ...]]:
    """The rows, with a turn of the event loop for others between some of them: the driver would
    encode all rows of a list in one go."""
    for number, row in enumerate(rows):
        if number % _ROWS_A_TURN == 0:
            await asyncio.sleep(0)
        yield row


def _device(vehicle: asyncpg.Record) -> str:
    return vehicle["device"] or f"log:{vehicle['vehicle_id']}"
