"""Imports driving logs into the tables of trips and round trips, beside the trips of trackers.

A row of a log becomes one trip and one round trip, from the vehicle's depot and back: a log does
not say where it went. A file covers all days from its first trip to its last, for every vehicle
that it names: a vehicle that is seldom used would be unknown otherwise, and no round could propose
to do without it. A trip is of the tracker that sat in the vehicle on its day, whatever sits there
now; of a day without one it is of the vehicle's log, which has a seat like a tracker. Where the
tracker of that day was heard, it counts: such rows are refused, and a tracker that is heard later
overrules them.
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
from register.devices import LOG_PREFIX
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
DEVICE_SQL = statements("device")
TRIP_SQL = statements("trip")

_TRIP_COLUMNS = (
    *("device", "start_ts", "end_ts", "start_lat", "start_lon", "end_lat", "end_lon", "km"),
    "source",
)
_ROUND_TRIP_COLUMNS = (
    *("device", "start_ts", "end_ts", "vehicle_id", "depot_id", "km", "legs"),
    *("left_depot", "reached_depot", "source"),
)

#: The seats of trackers by vehicle, the latest first.
Seats = Mapping[str, Sequence[asyncpg.Record]]

#: How many rows are encoded for the database in one turn of the event loop.
_ROWS_A_TURN = 500


@dataclass(frozen=True, slots=True)
class ImportedLog:
    """The outcome of an import: how many trips of how many vehicles were imported, and the rows
    that were refused.

    `known` rows are trips that were imported before, just as they stand there; nothing is wrong
    with them. `private` rows were left out because they were, or may have been, driven in private.
    Only their number is told.
    """

    trips: int
    vehicles: int
    refused: Sequence[RowRefusal]
    private: int
    known: int


async def preview(
    pool: Pool, sheet: LogSheet, columns: Mapping[LogField, str], limits: LogLimits
) -> tuple[list[LoggedTrip], list[RowRefusal]]:
    """Read the rows of a log as an import would, without comparing them with stored trips.

    Returns:
        The trips, and the rows that are refused.

    Raises:
        TableError: a field has no column.
    """
    vehicles = {row["vehicle_id"]: row for row in await pool.fetch(SQL["vehicles_with_devices"])}
    return _placed(*read_log(sheet, columns, _names(vehicles.values()), limits), vehicles, sheet)


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
        read, refused = _placed(
            *await asyncio.to_thread(read_log, sheet, columns, names, limits), vehicles, sheet
        )
        await connection.execute(PRIVATE_SQL["hold_private"])
        private_by_name = await private_names(connection)
        seats = await _seats(connection, read)
        taken, late, private, known = await _sorted_by_stored(
            connection, read, seats, sheet, private_by_name
        )
        told = [trip for trip in read if trip.row not in private]
        taken.sort(key=lambda trip: trip.vehicle_id)
        # Without this lock the trip service might count days of these devices at the same time, and
        # lose these trips.
        named = sorted({trip.vehicle_id for trip in taken})
        devices = _devices(named, seats)
        await connection.fetch(TRIP_SQL["wait_for_devices"], devices)
        ordered = await asyncio.to_thread(_in_order, private_by_name, refused, late)
        left_out = len(private) + len(refused) + len(late) - len(ordered)
        if not taken:
            return ImportedLog(0, 0, ordered, left_out, known)
        span = min(trip.start for trip in told), max(trip.end for trip in told)
        await connection.execute(SQL["add_logged_days"], named, *map(local_day, span))
        await connection.execute(DEVICE_SQL["settle_logs"], named)
        for vehicle_id, trips in groupby(taken, key=lambda trip: trip.vehicle_id):
            await _store(connection, vehicles[vehicle_id], seats, list(trips), source)
        changes = [DeviceChange(device, *span, None, trips_changed=True) for device in devices]
        await refresh_days(connection, changes)
        content = {"trips": len(taken), "vehicles": len(named)}
        days = f"{local_day(span[0])}/{local_day(span[1])}"
        await record_change(connection, actor, RegisterSubject.DRIVING_LOG, days, content)
    return ImportedLog(len(taken), len(named), ordered, left_out, known)


def _placed(
    read: Sequence[LoggedTrip],
    refused: Sequence[RowRefusal],
    vehicles: Mapping[str, asyncpg.Record],
    sheet: LogSheet,
) -> tuple[list[LoggedTrip], list[RowRefusal]]:
    """The trips of vehicles whose depots have a place, from where a log has its trips begin; the
    others are refused, too."""
    kept: list[LoggedTrip] = []
    late: list[RowRefusal] = []
    for trip in read:
        vehicle = vehicles[trip.vehicle_id]
        if vehicle["lat"] is None:
            values = {"value": vehicle["name"]}
            late.append(RowRefusal(trip.row, RowReason.NO_PLACE, values, sheet.texts(trip.row)))
        else:
            kept.append(trip)
    return kept, sorted([*refused, *late], key=lambda one: one.row)


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


async def _seats(connection: PooledConnection, trips: Iterable[LoggedTrip]) -> Seats:
    """The trackers that ever sat in the vehicles of these trips, by vehicle."""
    rows = await connection.fetch(
        SQL["seats_of_trackers"], sorted({trip.vehicle_id for trip in trips})
    )
    seats: dict[str, list[asyncpg.Record]] = {}
    for row in rows:
        seats.setdefault(row["vehicle_id"], []).append(row)
    return seats


async def _sorted_by_stored(
    connection: PooledConnection,
    taken: Sequence[LoggedTrip],
    seats: Seats,
    sheet: LogSheet,
    private: PrivateNames,
) -> tuple[list[LoggedTrip], list[RowRefusal], set[int], int]:
    """Compare trips with the ones that are stored for their time.

    Returns:
        The trips that overlap with no stored one; the refusals of those that overlap with a time in
        which a tracker was heard, or with another trip of an earlier import; the rows of private
        trips, of which no cell is kept; and how many trips are stored as they are.
    """
    if not taken:
        return [], [], set(), 0
    first, last = min(t.start for t in taken), max(t.end for t in taken)
    vehicles = sorted({trip.vehicle_id for trip in taken})
    rows = await connection.fetch(SQL["logged_trips_between"], vehicles, first, last)
    return await asyncio.to_thread(_sorted_out, taken, seats, sheet, rows, private)


def _sorted_out(
    taken: Sequence[LoggedTrip],
    seats: Seats,
    sheet: LogSheet,
    rows: Sequence[asyncpg.Record],
    private: PrivateNames,
) -> tuple[list[LoggedTrip], list[RowRefusal], set[int], int]:
    """The same as `_sorted_by_stored`, with the `rows` of earlier imports, for a thread; returns as
    that."""
    stored = {tuple(row) for row in rows}
    earlier: dict[str, list[Span]] = {}
    for row in rows:
        earlier.setdefault(row["vehicle_id"], []).append((row["start_ts"], row["end_ts"]))
    known = {vehicle_id: SpanIndex(spans) for vehicle_id, spans in earlier.items()}
    none = SpanIndex(())
    kept: list[LoggedTrip] = []
    refused: list[RowRefusal] = []
    private_rows: set[int] = set()
    same = 0
    for trip in taken:
        seat = _seat(trip, seats)
        # The periods are looked up by vehicle, for one without a tracker has no device before its
        # first log.
        periods = private.get(trip.vehicle_id.lower(), ())
        # A trip that ends when a private period begins counts as private, too.
        if any_private_between(periods, trip.start, trip.end + MICROSECOND):
            private_rows.add(trip.row)
        elif seat is not None and _was_heard(seat, trip):
            refused.append(RowRefusal(trip.row, RowReason.TRACKED, {}, sheet.texts(trip.row)))
        elif (trip.vehicle_id, trip.start, trip.end, trip.km) in stored:
            same += 1
        elif known.get(trip.vehicle_id, none).overlap(trip.start, trip.end):
            refused.append(RowRefusal(trip.row, RowReason.ALREADY, {}, sheet.texts(trip.row)))
        else:
            kept.append(trip)
    return kept, refused, private_rows, same


def _was_heard(seat: asyncpg.Record, trip: LoggedTrip) -> bool:
    heard = seat["first_ts"]
    return heard is not None and trip.start < seat["last_ts"] and trip.end > heard


async def _store(
    connection: PooledConnection,
    vehicle: asyncpg.Record,
    seats: Seats,
    trips: Sequence[LoggedTrip],
    source: str,
) -> None:
    """Store the `trips` of a vehicle, each for the device that sat in it."""
    vehicle_id, depot = vehicle["vehicle_id"], vehicle["depot_id"]
    place = (vehicle["lat"], vehicle["lon"])
    await connection.copy_records_to_table(
        "trip",
        records=_in_turns(
            (_device(t, seats), t.start, t.end, *place, *place, t.km, source) for t in trips
        ),
        columns=_TRIP_COLUMNS,
    )
    await connection.copy_records_to_table(
        "round_trip",
        records=_in_turns(
            (_device(t, seats), t.start, t.end, vehicle_id, depot, t.km, 1, depot, depot, source)
            for t in trips
        ),
        columns=_ROUND_TRIP_COLUMNS,
    )


def _devices(vehicles: Sequence[str], seats: Seats) -> list[str]:
    """The logs of these vehicles, and every tracker that sat in one."""
    devices = {_log(vehicle_id) for vehicle_id in vehicles}
    return sorted(devices | {one["device"] for each in vehicles for one in seats.get(each, ())})


async def _in_turns(rows: Iterable[tuple[object, ...]]) -> AsyncIterator[tuple[object, ...]]:
    """The rows, with a turn of the event loop for others between some of them: the driver would
    encode all rows of a list in one go."""
    for number, row in enumerate(rows):
        if number % _ROWS_A_TURN == 0:
            await asyncio.sleep(0)
        yield row


def _seat(trip: LoggedTrip, seats: Seats) -> asyncpg.Record | None:
    """The seat of the tracker that sat in the vehicle when the trip began."""
    of_vehicle = seats.get(trip.vehicle_id, ())
    return next((one for one in of_vehicle if one["begins"] <= trip.start < one["ends"]), None)


def _device(trip: LoggedTrip, seats: Seats) -> str:
    seat = _seat(trip, seats)
    return _log(trip.vehicle_id) if seat is None else seat["device"]


def _log(vehicle_id: str) -> str:
    return f"{LOG_PREFIX}{vehicle_id}"
