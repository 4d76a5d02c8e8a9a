"""Positions at rest on TimescaleDB beside plain PostgreSQL:
`python -m benchmarks.ingest.compressed [--peer URL] [--vehicles N --days N --hours N --minutes N]`.

`FLAADE_TEST_DATABASE_URL` names the TimescaleDB; the peer is the server of `--peer`, or an embedded
one. Each vehicle has a position every `--minutes` for `--hours` of every day, with all fields that
a tracker sends except attributes. The server's policy compresses the old weeks, unless its licence
has no compression.

The benchmark prints in this order:

- the bytes of a position;
- the time to read the last positions of all devices, and those of a fleet in which each device has
  been silent since some day, most of them in compressed weeks;
- the time of retention of a whole week in which one position in 500 came in late (a compressed
  batch has up to 1,000), and how long a reader who looks up a position waits meanwhile;
- the time to set a private period of one vehicle over eight weeks, and of each of the others.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop

from db import embedded
from db.connect import Pool, open_pool
from db.retention import delete_expired
from db.statements import statements
from fleet.actor import Actor
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.conftest import own_database

KEEP_DAYS = 365
PRIVATE = timedelta(weeks=8)

#: The limit below which each measure should stay.
TARGETS = {
    "last_fixes in ms": 20.0,
    "last_pings in ms": 20.0,
    "latest_positions in ms": 20.0,
    "retention of a week in s": 5.0,
    "private period in s": 1.0,
}

WHOLE_BYTES = "SELECT sum(pg_total_relation_size(part))::bigint FROM position_parts()"
COMPRESSED_BYTES = """
SELECT sum(c.after_compression_total_bytes)::float8
       / (SELECT count(*) FROM position WHERE ts < max(p.to_ts))
FROM chunk_compression_stats('position') c
JOIN position_parts() p ON p.part = format('%I.%I', c.chunk_schema, c.chunk_name)::regclass
WHERE c.compression_status = 'Compressed'
"""

#: One statement a day, so that a large fill shows its progress.
FILL = """
INSERT INTO position (device, ts, lat, lon, speed_kmh, heading_deg, altitude_m, satellites,
                      ignition, odometer_km, battery_v, received_at)
SELECT 'v' || d, minute,
       round((55.7 + 0.1 * sin(d + m / 40.0) + 1e-5 * random()) * 1e7) / 1e7,
       round((12.5 + 0.1 * cos(d + m / 37.0) + 1e-5 * random()) * 1e7) / 1e7,
       round(45 + 40 * sin(m / 7.0)), round(180 + 170 * sin(m / 11.0 + d)),
       round(20 + 9 * random()), 7 + (6 * random())::integer, m % 60 < 35,
       (120000 + 10 * d + 4500 * $3::integer + 3 * m) / 10.0,
       round((1260 + 90 * random())::float8) / 100,
       minute + CASE WHEN ($3 * $5 + m + 7 * $4 * d) / $4 % 500 = 0
                     THEN interval '200 days' ELSE interval '1 second' END
FROM generate_series(0, $5::integer - 1, $4::integer) m, generate_series(1, $1::integer) d,
     LATERAL (SELECT $2::timestamptz + m * interval '1 minute' AS minute) t
"""

VEHICLES = """
INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id)
SELECT 'v' || d, 'V' || d, 'car', 'd', 'home' FROM generate_series(1, $1::integer) d
"""

STATE = """
INSERT INTO device_state (device, first_ts, last_ts)
SELECT device, min(ts), max(ts) FROM position WHERE ts >= $1 GROUP BY device
"""

LOOK_UP = "SELECT FROM position WHERE device = 'v1' AND ts > now() - interval '1 day'"

#: Makes each device silent since a day of its own.
SILENT = """
UPDATE device_state SET
    last_ts = first_ts - $1::integer * substr(device, 2)::integer
                         / (SELECT count(*) + 1 FROM device_state) * interval '1 day'
"""

#: Marks all trips as found, so that retention does not wait for them.
FOUND = """
UPDATE device_state s SET dirty_from = NULL, dirty_to = NULL, found_with = a.found_with
FROM trip_settings a WHERE a.device = s.device
"""


@dataclass(frozen=True, slots=True)
class FleetSize:
    """The size of the fleet: vehicles, days, hours of each day, minutes between positions."""

    vehicles: int
    days: int
    hours: int
    minutes: int


async def fill(pool: Pool, size: FleetSize, first: datetime) -> None:
    """Stores a fleet with its positions from the midnight `first` on, not compressed yet."""
    await pool.execute(
        "INSERT INTO zone (zone_id, name, lat, lon, radius_m)"
        " VALUES ('home', 'Home', 55.7, 12.5, 150)"
    )
    await pool.execute(
        "INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, source)"
        " VALUES ('car', 'Car', 'petrol', 1, 1, 1, 'made up')"
    )
    await pool.execute(VEHICLES, size.vehicles)
    await pool.execute(
        "INSERT INTO device (device, vehicle_id) SELECT vehicle_id, vehicle_id FROM vehicle"
    )
    last = first + timedelta(days=size.days)
    await pool.execute("SELECT ensure_position_partitions($1, $2)", first, last)
    for day in range(size.days):
        start = first + timedelta(days=day, hours=(24 - size.hours) // 2)
        await pool.execute(
            FILL, size.vehicles, start, day, size.minutes, 60 * size.hours, timeout=600
        )
    await pool.execute(STATE, last - timedelta(days=1))


async def measure(pool: Pool, size: FleetSize) -> dict[str, float]:
    """The value of each measure by its name, on an empty database with the schema."""
    ends = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    began = time.perf_counter()
    await fill(pool, size, ends - timedelta(days=size.days))
    rows: int = await pool.fetchval("SELECT count(*) FROM position")
    found = {"rows": float(rows), "filled in s": time.perf_counter() - began}
    found["bytes a position"] = await pool.fetchval(WHOLE_BYTES) / rows
    if job := await _policy(pool):
        began = time.perf_counter()
        await pool.execute("CALL run_job($1)", job, timeout=3_600)
        found["compressed in s"] = time.perf_counter() - began
        found["bytes a position, compressed"] = await pool.fetchval(COMPRESSED_BYTES)
    await pool.execute("ANALYZE", timeout=600)
    found |= await _last_positions(pool, size)
    found |= await _retention(pool)
    found |= await _private(pool, size, ends)
    return found


async def _last_positions(pool: Pool, size: FleetSize) -> dict[str, float]:
    found: dict[str, float] = {}
    devices = [f"v{number}" for number in range(1, size.vehicles + 1)]
    for noun, name, *args in (
        ("device", "last_fixes", devices),
        ("contact", "last_pings", None, None),
        ("received", "latest_positions", size.vehicles),
    ):
        sql = statements(noun)[str(name)]
        assert len(await pool.fetch(sql, *args)) == size.vehicles
        found[f"{name} in ms"] = 1_000 * await _median_s(lambda q=sql, a=args: pool.fetch(q, *a))
    await pool.execute(SILENT, size.days - 1)
    last_fixes = statements("device")["last_fixes"]
    assert len(await pool.fetch(last_fixes, devices)) == size.vehicles
    found["last_fixes, all silent, in ms"] = 1_000 * await _median_s(
        lambda: pool.fetch(last_fixes, devices)
    )
    return found


async def _retention(pool: Pool) -> dict[str, float]:
    found: dict[str, float] = {}
    await pool.execute(FOUND)
    # The first week may be incomplete, so the second one is measured.
    for end in await pool.fetch("SELECT to_ts FROM position_parts() ORDER BY to_ts LIMIT 2"):
        done = asyncio.Event()
        reader = asyncio.create_task(_longest_wait_s(pool, done))
        began = time.perf_counter()
        deleted = await delete_expired(pool, KEEP_DAYS, end["to_ts"] + timedelta(KEEP_DAYS))
        found["retention of a week in s"] = time.perf_counter() - began
        done.set()
        found["beside it, a reader waits in s"] = await reader
        found["retention, rows of the week"] = float(deleted.positions)
        assert deleted.positions
        assert not deleted.weeks_left
    return found


async def _longest_wait_s(pool: Pool, done: asyncio.Event) -> float:
    """The duration of the slowest of many look-ups of a device's last day."""
    longest = 0.0
    while not done.is_set():
        began = time.perf_counter()
        await pool.fetch(LOOK_UP)
        longest = max(longest, time.perf_counter() - began)
        await asyncio.sleep(0.01)
    return longest


async def _private(pool: Pool, size: FleetSize, ends: datetime) -> dict[str, float]:
    period = PrivatePeriod(ends - PRIVATE, ends)
    seconds: list[float] = []
    for number in range(1, size.vehicles + 1):
        began = time.perf_counter()
        await set_private(pool, Actor.trusted("benchmark"), f"v{number}", period)
        seconds.append(time.perf_counter() - began)
    assert not await pool.fetchval(
        "SELECT count(*) FROM position WHERE ts >= $1 AND ts < $2", ends - PRIVATE, ends
    )
    return {
        "private period in s": seconds[0],
        "of each vehicle, longest in s": max(seconds),
        "of all of them in s": sum(seconds),
    }


async def _policy(pool: Pool) -> int | None:
    """The id of the job that compresses old chunks; None if there is none."""
    if not await pool.fetchval("SELECT to_regclass('timescaledb_information.jobs')"):
        return None
    return await pool.fetchval(
        "SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = 'policy_compression'"
    )


async def _median_s(ask: Callable[[], Awaitable[object]], times: int = 21) -> float:
    seconds: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        await ask()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


async def main(url: str, peer_url: str | None, size: FleetSize) -> None:
    with ExitStack() as stack:
        if peer_url is None:
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="flaade-bench-"))
            server = embedded.start(Path(directory))
            stack.callback(server.stop)
            peer_url = server.url
        tables: list[dict[str, float]] = []
        for name, one in (("TimescaleDB", url), ("peer", peer_url)):
            print(f"{name}: {size}", flush=True)
            async with own_database(one) as database, open_pool(database) as pool:
                tables.append(await measure(pool, size))
    ours, peer = tables
    print(f"{'':30s} {'TimescaleDB':>12s} {'peer':>12s}")
    for measure_name, value in ours.items():
        beside = f"{peer[measure_name]:12,.2f}" if measure_name in peer else f"{'-':>12s}"
        target = TARGETS.get(measure_name)
        told = "" if target is None else f"  {'reaches' if value < target else 'misses'} {target:g}"
        print(f"{measure_name:30s} {value:12,.2f} {beside}{told}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", help="URL of a plain PostgreSQL; absent: an embedded one")
    parser.add_argument("--vehicles", type=int, default=400)
    # Eight weeks remain after retention deletes the first two.
    parser.add_argument("--days", type=int, default=70)
    parser.add_argument("--hours", type=int, default=10)
    parser.add_argument("--minutes", type=int, default=1)
    given = parser.parse_args()
    named = os.environ.get("FLAADE_TEST_DATABASE_URL")
    if named is None:
        sys.exit("FLAADE_TEST_DATABASE_URL names no server to measure on")
    size = FleetSize(given.vehicles, given.days, given.hours, given.minutes)
    uvloop.run(main(named, given.peer, size))
