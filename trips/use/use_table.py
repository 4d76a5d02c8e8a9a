"""The use of vehicles as a table to hand over, with one row a vehicle and units in the names of
columns."""

from collections.abc import Sequence

import pyarrow as pa

from fleet.files.tables import ColumnUnit, file_column
from trips.use.fleet_use import UsedVehicle, VehicleUse

MOMENT = pa.timestamp("us", tz="UTC")

SCHEMA = pa.schema(
    [
        file_column("vehicle_id", pa.string()),
        file_column("name", pa.string()),
        file_column("kind", pa.string()),
        file_column("department", pa.string()),
        file_column("depot", pa.string()),
        file_column("known", pa.bool_()),
        file_column("covered_share", ColumnUnit.SHARE),
        file_column("expected_h", pa.int64()),
        file_column("last_ping", MOMENT),
        file_column("working_days_known", pa.int64()),
        file_column("working_days_used", pa.int64()),
        file_column("days_used_share", ColumnUnit.SHARE),
        file_column("trips", pa.int64()),
        file_column("km", ColumnUnit.KM),
        file_column("driving_h", ColumnUnit.HOURS),
        file_column("away_h", ColumnUnit.HOURS),
        file_column("engine_h", ColumnUnit.HOURS),
        file_column("longest_day_km", ColumnUnit.KM),
        file_column("longest_day_km_on", pa.date32()),
        file_column("longest_day_away_h", ColumnUnit.HOURS),
        file_column("longest_day_away_h_on", pa.date32()),
        file_column("longest_day_engine_h", ColumnUnit.HOURS),
        file_column("longest_day_engine_h_on", pa.date32()),
    ]
)


def use_table(vehicles: Sequence[VehicleUse[UsedVehicle]]) -> pa.Table:
    """Make the table, with a row for each vehicle. A value that is not known is empty, never zero,
    and the time driven is not known where a driving log tells of trips.
    So is a value that is not the vehicle's measure: km of a machine, engine hours of the others."""
    rows = [
        {
            "vehicle_id": vehicle.vehicle_id,
            "name": vehicle.name,
            "kind": vehicle.kind_name,
            "department": vehicle.department,
            "depot": vehicle.depot_name,
            "known": use.known,
            "covered_share": use.covered_share,
            "expected_h": use.expected_h,
            "last_ping": vehicle.last_heard,
            "working_days_known": use.days_known,
            "working_days_used": use.days_used,
            "days_used_share": use.days_used_share,
            "trips": use.told(use.trips),
            "km": None if vehicle.by_hours else use.told(use.km),
            "driving_h": use.told(use.driving_h),
            "away_h": use.told(use.away_h),
            "engine_h": use.told(use.engine_h) if vehicle.by_hours else None,
            "longest_day_km": None if vehicle.by_hours else use.told(use.longest_km.value),
            "longest_day_km_on": use.longest_km.day,
            "longest_day_away_h": use.told(use.longest_away_h.value),
            "longest_day_away_h_on": use.longest_away_h.day,
            "longest_day_engine_h": use.told(use.longest_engine_h.value)
            if vehicle.by_hours
            else None,
            "longest_day_engine_h_on": use.longest_engine_h.day if vehicle.by_hours else None,
        }
        for vehicle, use in ((one.vehicle, one.figures) for one in vehicles)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)
