"""Finds the trips in a log of positions without a database, as `flaade trips` does."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fleet.arrays import Floats
from fleet.files.spreadsheet import escape_formula
from fleet.files.tables import (
    column_numbers,
    column_timestamps_us,
    read_table,
    table_notes,
    zone_note,
)
from fleet.moments import moment_at
from fleet.position import REQUIRED_FIELDS, SENSOR_BOUNDS, SPEED_MAX_KMH
from trips.detect.detect import DetectedTrip, examine_track
from trips.detect.parameters import TripParameters
from trips.detect.track import Track
from trips.files.trip import Trip


@dataclass(frozen=True, slots=True)
class TripsInLog:
    """The trips of every device in a log of positions, and counts of the rows and values that were
    left out.

    Attributes:
        unusable: how many rows have no device, or coordinates that are no place on earth.
        set_aside: how many fixes no vehicle can have been at, by device.
        left_out: how many optional values no sensor can report, by column.
    """

    trips: list[Trip]
    unusable: int
    set_aside: dict[str, int]
    left_out: Mapping[str, int]


def trips_in_log(
    path: Path,
    parameters: TripParameters,
    say: Callable[[str], None] = lambda _: None,
    speed_max_kmh: float = SPEED_MAX_KMH,
) -> TripsInLog:
    """The trips in a log of positions.

    A position with no satellites was heard without a place. Rows without a device or with
    coordinates that are no place on earth are left out and counted. So is an optional value that no
    sensor can report, as in telemetry, but not the rest of its row. `say` is told how the file was
    read, where that is not plain.

    Raises:
        TableError: the file is not a log of positions; the message names the column.
    """
    table = read_table(path, REQUIRED_FIELDS)
    for note in (*table_notes(table), *zone_note(table, "ts")):
        say(note)
    ts = column_timestamps_us(table, "ts", path) / 1e6
    lat, lon = column_numbers(table, "lat", path), column_numbers(table, "lon", path)
    names, codes = np.unique(_texts(table, "device"), return_inverse=True)
    left_out: Counter[str] = Counter()

    def optional(column: str) -> Floats:
        low, high = SENSOR_BOUNDS.get(column, (0, 1))
        high = speed_max_kmh if column == "speed_kmh" else high
        found = column_numbers(table, column, path, left_out)
        impossible = (found < low) | (found > high)
        if impossible.any():
            left_out[column] += int(np.sum(impossible))
        return np.where(impossible, np.nan, found)

    no_fix = optional("satellites") == 0
    lat, lon = np.where(no_fix, np.nan, lat), np.where(no_fix, np.nan, lon)
    on_earth = (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
    usable = (on_earth | no_fix) & (names[codes] != "")
    track = Track(
        ts,
        lat,
        lon,
        optional("speed_kmh") / 3.6,
        optional("odometer_km"),
        ignition=optional("ignition") if "ignition" in table.column_names else None,
    )
    order = np.argsort(codes, kind="stable")
    order = order[usable[order]]
    bounds = np.searchsorted(codes[order], np.arange(len(names) + 1))
    trips: list[Trip] = []
    set_aside: dict[str, int] = {}
    for number, name in enumerate(names.tolist()):
        part = track.take(order[bounds[number] : bounds[number + 1]])
        found = examine_track(part, parameters)
        trips.extend(_trips(str(name), found.trips))
        if found.clean.set_aside:
            set_aside[str(name)] = found.clean.set_aside
    return TripsInLog(trips, int(np.sum(~usable)), set_aside, left_out)


def write_trips(trips: Iterable[Trip], path: Path) -> None:
    """Write trips as CSV with the columns of `Trip`; times as ISO 8601 in UTC."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([field.name for field in fields(Trip)])
        writer.writerows(_row(trip) for trip in trips)


def _row(trip: Trip) -> list[object]:
    return [_shown(value) for value in astuple(trip)]


def _shown(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, str):
        return escape_formula(value)
    return round(value, 6) if isinstance(value, float) else value


def _trips(device: str, found: Sequence[DetectedTrip]) -> Iterator[Trip]:
    for trip, following in zip_longest(found, found[1:]):
        yield Trip(
            device=device,
            start=moment_at(trip.start),
            end=moment_at(trip.end),
            start_lat=trip.start_lat,
            start_lon=trip.start_lon,
            end_lat=trip.end_lat,
            end_lon=trip.end_lon,
            km=trip.km,
            stop_minutes_after=None if following is None else (following.start - trip.end) / 60,
        )


def _texts(table: pa.Table, column: str) -> npt.NDArray[np.str_]:
    values = table.column(column).cast(pa.string()).fill_null(pa.scalar(""))
    return values.to_numpy().astype(np.str_)
