"""Bytes of a stored position: `python -m benchmarks.ingest.bytes_per_position [--rows N]`.

The benchmark measures table and index of sparse rows, and of rich rows with attributes, on plain
PostgreSQL. It measures the same rows with an integer for the device, which shows how much a table
of devices would save, and the speed of COPY into each.
"""

import argparse
import time

import uvloop
from msgspec.structs import astuple

from benchmarks.ingest.rig import Rig, positions_of, rig
from fleet.position import POSITION_FIELDS

DEVICES = [f"35630704243{number:04d}" for number in range(500)]
ATTRS = b'{"movement":true,"io_21":4,"hdop":0.8,"tracker_battery_v":4.1,"trip_odometer_km":0.12}'


async def main(rows: int) -> None:
    async with rig(DEVICES) as bench:
        print(f"{'rows':8s} {'device':8s} {'table':>6s} {'index':>6s} {'sum':>6s}   rows/s")
        for name, attrs in (("sparse", None), ("rich", ATTRS)):
            positions = positions_of(DEVICES, rows, 0, attrs=attrs)
            tuples = [astuple(one) for one in positions]
            text = await _measure(bench, name, "text", tuples)
            numbers = {device: number for number, device in enumerate(DEVICES)}
            numbered: list[tuple[object, ...]] = [
                (numbers[str(row[0])], *row[1:]) for row in tuples
            ]
            integer = await _measure(bench, name, "integer", numbered)
            print(f"{name}: an integer would save {1 - integer / text:.0%}")


async def _measure(bench: Rig, name: str, device: str, rows: list[tuple[object, ...]]) -> float:
    measured = f"measured_{name}_{device}"
    async with bench.pool.acquire() as connection:
        await connection.execute(f"CREATE TABLE {measured} (LIKE position INCLUDING DEFAULTS)")
        if device == "integer":
            await connection.execute(f"ALTER TABLE {measured} ALTER device TYPE integer USING 0")
        await connection.execute(f"ALTER TABLE {measured} ADD PRIMARY KEY (device, ts)")
        began = time.perf_counter()
        for start in range(0, len(rows), 5_000):
            await connection.copy_records_to_table(
                measured, records=rows[start : start + 5_000], columns=POSITION_FIELDS
            )
        rate = len(rows) / (time.perf_counter() - began)
        table = await connection.fetchval(
            "SELECT pg_table_size($1::text::regclass)", measured
        ) / len(rows)
        index = await connection.fetchval(
            "SELECT pg_indexes_size($1::text::regclass)", measured
        ) / len(rows)
    total = table + index
    print(f"{name:8s} {device:8s} {table:6.0f} {index:6.0f} {total:6.0f} {rate:8,.0f}", flush=True)
    return total


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    given = parser.parse_args()
    uvloop.run(main(given.rows))
