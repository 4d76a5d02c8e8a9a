"""The use of vehicles as a table to hand over: one row a vehicle, units in the names."""

from collections.abc import Sequence

import pyarrow as pa

from trips.utilisation import VehicleUse

MOMENT = pa.timestamp("us", tz="UTC")

SCHEMA = pa.schema(
    [
        ("vehicle_id", pa.string()),
        ("name", pa.string()),
        ("kind", pa.string()),
        ("department", pa.string()),
        ("depot", pa.string()),
        ("known", pa.bool_()),
        ("covered_share", pa.float64()),
        ("expected_h", pa.int64()),
        ("last_ping", MOMENT),
        ("working_days_known", pa.int64()),
        ("working_days_used", pa.int64()),
        ("days_used_share", pa.float64()),
        ("trips", pa.int64()),
        ("km", pa.float64()),
        ("driving_h", pa.float64()),
        ("away_h", pa.float64()),
        ("engine_h", pa.float64()),
        ("longest_day_km", pa.float64()),
        ("longest_day_km_on", pa.date32()),
        ("longest_day_away_h", pa.float64()),
        ("longest_day_away_h_on", pa.date32()),
    ]
)


def use_table(vehicles: Sequence[VehicleUse]) -> pa.Table:
    """A row for each vehicle; what is not known of a vehicle is empty, never zero."""
    rows = [
        {
            "vehicle_id": row["vehicle_id"],
            "name": row["name"],
            "kind": row["kind_name"],
            "department": row["department"],
            "depot": row["depot_name"],
            "known": use.known,
            "covered_share": use.covered_share,
            "expected_h": use.expected_h,
            "last_ping": row["last_ts"],
            "working_days_known": use.days_known,
            "working_days_used": use.days_used,
            "days_used_share": use.days_used_share,
            "trips": use.trips,
            "km": use.km,
            "driving_h": use.driving_h,
            "away_h": use.away_h,
            "engine_h": use.engine_h if row["measured_in"] == "hours" else None,
            "longest_day_km": use.longest_km.value,
            "longest_day_km_on": use.longest_km.day,
            "longest_day_away_h": use.longest_away_h.value,
            "longest_day_away_h_on": use.longest_away_h.day,
        }
        for row, use in ((vehicle.row, vehicle.use) for vehicle in vehicles)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)
