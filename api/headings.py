"""The Danish names of columns and sheets in the files that commands and pages write for people.
Files for programs keep the names of the columns."""

from collections.abc import Mapping

import pyarrow as pa

from trips.files.export import ExportedTable

EXPORT_HEADINGS: Mapping[ExportedTable, Mapping[str, str]] = {
    ExportedTable.TRIPS: {
        "vehicle_id": "Køretøjets id",
        "vehicle": "Køretøj",
        "department": "Afdeling",
        "device": "Enhed",
        "start_ts": "Start",
        "end_ts": "Slut",
        "start_lat": "Start, breddegrad",
        "start_lon": "Start, længdegrad",
        "end_lat": "Slut, breddegrad",
        "end_lon": "Slut, længdegrad",
        "km": "Km",
        "gap_inside": "Tavs undervejs",
        "cut_by_silence": "Start eller slut udledt",
        "odometer_used": "Km fra kilometertæller",
        "source": "Kørebog",
    },
    ExportedTable.ROUND_TRIPS: {
        "vehicle_id": "Køretøjets id",
        "vehicle": "Køretøj",
        "department": "Afdeling",
        "device": "Enhed",
        "start_ts": "Start",
        "end_ts": "Slut",
        "km": "Km",
        "legs": "Ture",
        "left_depot": "Fra depot",
        "reached_depot": "Til depot",
        "source": "Kørebog",
    },
}

#: The name of the Excel sheet that a command writes.
SHEET_NAMES: Mapping[ExportedTable, str] = {
    ExportedTable.TRIPS: "Ture",
    ExportedTable.ROUND_TRIPS: "Rundture",
}


def with_headings(table: pa.Table, what: ExportedTable) -> pa.Table:
    """The same table with headings for people."""
    return table.rename_columns([EXPORT_HEADINGS[what][name] for name in table.column_names])
