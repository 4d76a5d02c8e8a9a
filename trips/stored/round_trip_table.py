"""The table `round_trip`, in which round trips that changed trips or depots touch are found
anew."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from db.connect import PooledConnection
from db.statements import statements
from fleet.moments import EARLIEST_MOMENT, LATEST_MOMENT, moment_at
from register.private_time import Span
from register.zones_stored import depot_index, zones
from trips.detect.detect import DetectedTrip
from trips.detect.round_trips import RoundTripRules, round_trips
from trips.stored.dirty_devices import DirtyDevice
from trips.stored.private_spans import visible_runs

SQL = statements("trip")

_COLUMNS = (
    "device",
    "start_ts",
    "end_ts",
    "vehicle_id",
    "depot_id",
    "km",
    "legs",
    "left_depot",
    "reached_depot",
)

#: The values of `_COLUMNS`.
_Record = tuple[str, datetime, datetime, *tuple[Any, ...]]


async def refind_round_trips(
    connection: PooledConnection, changed: Sequence[tuple[DirtyDevice, Span]], rules: RoundTripRules
) -> dict[str, Span]:
    """Find the round trips of each device anew around the trips that changed.

    The round trips of a vehicle that is seldom out are read from far back, but only those that
    differ are replaced.

    Returns:
        The span in which the round trips of each device differ from before, or where none does its
        trips.
    """
    if not changed:
        return {}
    devices = [dirty.device for dirty, _ in changed]
    around = await connection.fetch(
        SQL["round_trips_around"],
        devices,
        [since for _, (since, _) in changed],
        [until for _, (_, until) in changed],
    )
    begins = [row["returned"] or EARLIEST_MOMENT for row in around]
    ends = [row["departed"] or LATEST_MOMENT for row in around]
    found = await _found(connection, changed, begins, ends, rules)
    stored: defaultdict[str, set[_Record]] = defaultdict(set[_Record])
    for row in await connection.fetch(SQL["round_trips_between"], devices, begins, ends):
        stored[row["device"]].add(tuple(row))
    touched: dict[str, Span] = {}
    all_gone: list[tuple[str, datetime]] = []
    all_new: list[_Record] = []
    for dirty, (since, until) in changed:
        device = dirty.device
        gone, new = stored[device] - found[device], found[device] - stored[device]
        spans = [(start, end) for _, start, end, *_ in gone | new]
        touched[device] = (
            min((start for start, _ in spans), default=since),
            max((end for _, end in spans), default=until),
        )
        all_gone += [(device, start) for _, start, *_ in gone]
        all_new += new
    if all_gone:
        await connection.execute(
            SQL["remove_round_trips"],
            [device for device, _ in all_gone],
            [start for _, start in all_gone],
        )
    if all_new:
        await connection.copy_records_to_table(
            "round_trip", records=sorted(all_new), columns=_COLUMNS
        )
    return touched


async def _found(
    connection: PooledConnection,
    changed: Sequence[tuple[DirtyDevice, Span]],
    begins: Sequence[datetime],
    ends: Sequence[datetime],
    rules: RoundTripRules,
) -> Mapping[str, set[_Record]]:
    """The round trips of each device by its trips from its `begins` on, those that begin before its
    `ends`."""
    found: defaultdict[str, set[_Record]] = defaultdict(set[_Record])
    devices = [dirty.device for dirty, _ in changed]
    seats: defaultdict[str, list[asyncpg.Record]] = defaultdict(list[asyncpg.Record])
    for row in await connection.fetch(SQL["seats_of_devices"], devices):
        seats[row["device"]].append(row)
    if not seats:
        return found
    trips: defaultdict[str, list[asyncpg.Record]] = defaultdict(list[asyncpg.Record])
    until = [end + timedelta(seconds=1) for end in ends]
    for row in await connection.fetch(SQL["trips_between"], devices, begins, until):
        trips[row["device"]].append(row)
    places = depot_index(await zones(connection))
    for (dirty, _), begin, end in zip(changed, begins, ends, strict=True):
        device = dirty.device
        private = dirty.private_spans(begin, LATEST_MOMENT)
        found[device] = {
            (
                device,
                moment_at(round_trip.start),
                moment_at(round_trip.end),
                sat["vehicle_id"],
                sat["depot_id"],
                round_trip.km,
                round_trip.legs,
                round_trip.left,
                round_trip.reached,
            )
            for sat in seats[device]
            for run, ended in visible_runs(
                [
                    _trip(row)
                    for row in trips[device]
                    if sat["begins"] <= row["start_ts"] < sat["ends"]
                ],
                private,
            )
            for round_trip in round_trips(run, places, sat["depot_id"], rules, ended=ended)
            # Where the tracker left the vehicle during a round trip, its end was not seen: it does
            # not count.
            if moment_at(round_trip.start) < end and moment_at(round_trip.end) <= sat["ends"]
        }
    return found


def _trip(row: asyncpg.Record) -> DetectedTrip:
    return DetectedTrip(
        row["start_ts"].timestamp(),
        row["end_ts"].timestamp(),
        row["start_lat"],
        row["start_lon"],
        row["end_lat"],
        row["end_lon"],
        row["km"],
    )
