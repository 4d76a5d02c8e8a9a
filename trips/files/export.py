"""Exports trips and round trips as tables, for files of people and programs."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import asyncpg
import pyarrow as pa

from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.files.tables import ColumnUnit, file_column
from fleet.period import Period
from register.track_reasons import TrackAccess, record_track

SQL = statements("export")

_TEXT, _YES = pa.string(), pa.bool_()
_MOMENT = pa.timestamp("ms", "UTC")


class ExportedTable(StrEnum):
    """The tables that can be exported; the value is the name in commands and addresses."""

    TRIPS = "trips"
    ROUND_TRIPS = "round-trips"


#: What tells the rows of a table apart, in their order: when it began, and its device.
RowKey = tuple[datetime, str]

#: The columns of each table: their names, and their types or units.
EXPORT_COLUMNS: Mapping[ExportedTable, tuple[tuple[str, pa.DataType | ColumnUnit], ...]] = {
    ExportedTable.TRIPS: (
        ("vehicle_id", _TEXT),
        ("vehicle", _TEXT),
        ("department", _TEXT),
        ("device", _TEXT),
        ("start_ts", _MOMENT),
        ("end_ts", _MOMENT),
        ("start_lat", ColumnUnit.DEGREES),
        ("start_lon", ColumnUnit.DEGREES),
        ("end_lat", ColumnUnit.DEGREES),
        ("end_lon", ColumnUnit.DEGREES),
        ("km", ColumnUnit.KM),
        ("gap_inside", _YES),
        ("cut_by_silence", _YES),
        ("odometer_used", _YES),
        ("source", _TEXT),
    ),
    ExportedTable.ROUND_TRIPS: (
        ("vehicle_id", _TEXT),
        ("vehicle", _TEXT),
        ("department", _TEXT),
        ("device", _TEXT),
        ("start_ts", _MOMENT),
        ("end_ts", _MOMENT),
        ("km", ColumnUnit.KM),
        ("legs", pa.int32()),
        ("left_depot", _TEXT),
        ("reached_depot", _TEXT),
        ("source", _TEXT),
    ),
}


async def export_table(
    pool: Pool, actor: Actor, access: TrackAccess, what: ExportedTable, period: Period
) -> pa.Table:
    """The trips or round trips that began in a period, of the vehicle or the vehicles of an
    access. It is recorded that the actor gets them.

    A period without data gives a table without rows.
    """
    actor.require(Permission.TRACKS_READ)
    await record_track(pool, actor, access, period.first, period.last)
    rows = await _rows(pool, actor, access, what, period, None, None)
    fields = [file_column(name, kind) for name, kind in EXPORT_COLUMNS[what]]
    arrays: list[pa.Array[Any]] = [
        pa.array([row[field.name] for row in rows], field.type) for field in fields
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


async def exported_rows(
    pool: Pool,
    actor: Actor,
    access: TrackAccess,
    what: ExportedTable,
    period: Period,
    after: RowKey | None,
    most: int,
) -> list[Mapping[str, Any]]:
    """At most `most` rows of the table that `export_table` makes, those after a key. It is recorded
    that the actor gets them."""
    actor.require(Permission.TRACKS_READ)
    await record_track(pool, actor, access, period.first, period.last)
    rows = await _rows(pool, actor, access, what, period, after, most)
    return [dict(row) for row in rows]


async def _rows(
    pool: Pool,
    actor: Actor,
    access: TrackAccess,
    what: ExportedTable,
    period: Period,
    after: RowKey | None,
    most: int | None,
) -> list[asyncpg.Record]:
    seen = None if actor.departments is None else sorted(actor.departments)
    return await pool.fetch(
        SQL[what.replace("-", "_")],
        period.start,
        period.end,
        access.vehicle_id,
        seen,
        *(after or (None, None)),
        most,
    )
