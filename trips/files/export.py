"""Trips and round trips as tables, for files that people and programs take away."""

from enum import StrEnum
from typing import Any

import pyarrow as pa

from db.connect import Pool
from db.statements import statements
from fleet.files.tables import Unit, column
from fleet.period import Period

SQL = statements("export")

_TEXT, _YES = pa.string(), pa.bool_()
_MOMENT = pa.timestamp("ms", "UTC")


class Export(StrEnum):
    """What can be taken away; the value is the name in commands and addresses."""

    TRIPS = "trips"
    ROUND_TRIPS = "round-trips"


#: Names of columns, their types or units, and their headings for people.
COLUMNS: dict[Export, tuple[tuple[str, pa.DataType | Unit, str], ...]] = {
    Export.TRIPS: (
        ("vehicle_id", _TEXT, "Køretøjets id"),
        ("vehicle", _TEXT, "Køretøj"),
        ("department", _TEXT, "Afdeling"),
        ("device", _TEXT, "Enhed"),
        ("start_ts", _MOMENT, "Start"),
        ("end_ts", _MOMENT, "Slut"),
        ("start_lat", Unit.DEGREES, "Start, breddegrad"),
        ("start_lon", Unit.DEGREES, "Start, længdegrad"),
        ("end_lat", Unit.DEGREES, "Slut, breddegrad"),
        ("end_lon", Unit.DEGREES, "Slut, længdegrad"),
        ("km", Unit.KM, "Km"),
        ("gap_inside", _YES, "Tavs undervejs"),
        ("cut_by_silence", _YES, "Start eller slut udledt"),
        ("odometer_used", _YES, "Km fra kilometertæller"),
        ("source", _TEXT, "Kørebog"),
    ),
    Export.ROUND_TRIPS: (
        ("vehicle_id", _TEXT, "Køretøjets id"),
        ("vehicle", _TEXT, "Køretøj"),
        ("department", _TEXT, "Afdeling"),
        ("device", _TEXT, "Enhed"),
        ("start_ts", _MOMENT, "Start"),
        ("end_ts", _MOMENT, "Slut"),
        ("km", Unit.KM, "Km"),
        ("legs", pa.int32(), "Ture"),
        ("left_depot", _TEXT, "Fra depot"),
        ("reached_depot", _TEXT, "Til depot"),
        ("source", _TEXT, "Kørebog"),
    ),
}


async def export_table(
    pool: Pool, what: Export, period: Period, vehicle_id: str | None, *, for_people: bool
) -> pa.Table:
    """What began in a period, of one vehicle or of all; Danish headings `for_people`.

    A period without data is a table without rows.
    """
    rows = await pool.fetch(SQL[what.replace("-", "_")], period.start, period.end, vehicle_id)
    fields = [
        column(heading if for_people else name, kind) for name, kind, heading in COLUMNS[what]
    ]
    kinds = [pa.float64() if isinstance(kind, Unit) else kind for _, kind, _ in COLUMNS[what]]
    arrays: list[pa.Array[Any]] = [
        pa.array([row[name] for row in rows], kind)
        for (name, _, _), kind in zip(COLUMNS[what], kinds, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))
