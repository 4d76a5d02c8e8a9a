"""Loads a generated year into a database: the register, positions by COPY, trips by the service."""

import asyncio
import io
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from db import embedded
from db.connect import Pool, open_pool
from db.statements import statements
from fleet.localtime import LOCAL_ZONE, day_start
from fleet.position import Position
from ingest.store.writer import PositionWriter
from ingest.watch.metrics import Metrics
from register.register_file import Register, load_register
from simulators.tracking import SCHEMA
from simulators.year import YearLog
from trips.service import TripService

#: The shares of the year after which one day is added on its own, to measure the time of a day.
MARKS = (0.25, 0.5, 1.0)

SIZE = "SELECT pg_size_pretty(pg_database_size(current_database()))"

STATE = """
INSERT INTO device_state AS s (device, first_ts, last_ts, dirty_from, dirty_to, revision)
VALUES ($1, $2, $3, $2, $3, 1)
ON CONFLICT (device) DO UPDATE SET
    first_ts = least(s.first_ts, excluded.first_ts),
    last_ts = greatest(s.last_ts, excluded.last_ts),
    dirty_from = least(s.dirty_from, excluded.dirty_from),
    dirty_to = greatest(s.dirty_to, excluded.dirty_to),
    revision = s.revision + 1
"""


@dataclass
class LoadedYear:
    """The loaded rows, and the seconds of each part of loading."""

    positions: int = 0
    generate_s: float = 0.0
    copy_s: float = 0.0
    trips_s: float = 0.0
    added_days: list[str] = field(default_factory=list)


@asynccontextmanager
async def year_database(directory: Path, year: YearLog) -> AsyncGenerator[tuple[Pool, str]]:
    """A database in a directory with a year, which is loaded unless it is there already; its pool
    and its URL. Prints how large it is."""
    is_new = not (directory / "postgres").is_dir()
    directory.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing else runs
    server = embedded.start(directory)
    try:
        async with open_pool(server.url, forward=True) as pool:
            if is_new:
                done = await load_year(pool, year)
                print(
                    f"{year.vehicles} vehicles, {year.weeks} weeks: {done.positions:,} positions"
                    f" generated in {done.generate_s:.0f} s, loaded with COPY in"
                    f" {done.copy_s:.0f} s ({done.positions / done.copy_s:,.0f}/s), trips found in"
                    f" {done.trips_s:.0f} s"
                )
            counts = await pool.fetchrow(statements("trip")["trip_counts"])
            assert counts is not None
            size = await pool.fetchval(SIZE)
            print(f"{counts['trips']:,} trips, {counts['round_trips']:,} round trips, {size}")
            yield pool, server.url
    finally:
        server.stop()


async def load_year(pool: Pool, year: YearLog) -> LoadedYear:
    """Fills an empty database and prints its progress."""
    municipality = year.municipality
    register = Register.model_validate(
        {
            "depots": [asdict(depot) for depot in municipality.depot],
            "catalogue": [asdict(kind) for kind in municipality.catalogue()],
            "vehicles": [asdict(enrolled.entry) for enrolled in year.fleet()],
        }
    )
    await load_register(pool, register)
    done = LoadedYear()
    marks = list(MARKS)
    day = year.start
    last_day = year.start + timedelta(weeks=year.weeks, days=-1)
    for block in _timed(year.blocks(), done):
        begin, end = day, _end(block)
        if begin > year.start and (begin - year.start).days >= 7 * year.weeks * marks[0]:
            await _find_trips(pool, done)
            await _add_day(pool, _days(block, begin, begin), f"{marks.pop(0):.0%}", done)
            begin += timedelta(days=1)
        day = end + timedelta(days=1)
        await _copy(pool, _days(block, begin, min(end, last_day - timedelta(days=1))), done)
        print(f"  {end}: {done.positions:,} positions", flush=True)
        if end == last_day:
            await _find_trips(pool, done)
            await _add_day(pool, _days(block, last_day, last_day), f"{marks.pop():.0%}", done)
    await pool.execute("VACUUM (ANALYZE) position, trip, round_trip, device_day")
    return done


def _timed(blocks: Iterator[pa.Table], done: LoadedYear) -> Iterator[pa.Table]:
    while True:
        begin = time.perf_counter()
        block = next(blocks, None)
        done.generate_s += time.perf_counter() - begin
        if block is None:
            return
        yield block


def _end(block: pa.Table) -> date:
    return pc.max(block.column("ts")).as_py().astimezone(LOCAL_ZONE).date()


def _days(block: pa.Table, first: date, last: date) -> pa.Table:
    begin, end = day_start(first), day_start(last + timedelta(days=1))
    ts = pc.field("ts")
    return block.filter((ts >= pa.scalar(begin)) & (ts < pa.scalar(end)))


async def _copy(pool: Pool, table: pa.Table, done: LoadedYear) -> None:
    begin = time.perf_counter()
    ends = table.group_by("device").aggregate([("ts", "min"), ("ts", "max")]).to_pylist()
    first, last = min(r["ts_min"] for r in ends), max(r["ts_max"] for r in ends)
    await pool.execute("SELECT ensure_position_partitions($1, $2)", first, last)
    async with pool.acquire() as connection, connection.transaction():
        for batch in table.to_batches(max_chunksize=200_000):
            sink = io.BytesIO()
            pacsv.write_csv(pa.table(batch), sink, pacsv.WriteOptions(include_header=False))
            sink.seek(0)
            await connection.copy_to_table(
                "position", source=sink, columns=SCHEMA.names, format="csv"
            )
        await connection.executemany(STATE, [(r["device"], r["ts_min"], r["ts_max"]) for r in ends])
    done.positions += table.num_rows
    done.copy_s += time.perf_counter() - begin


async def _find_trips(pool: Pool, done: LoadedYear) -> None:
    begin = time.perf_counter()
    await TripService(pool).refresh()
    done.trips_s += time.perf_counter() - begin


async def _add_day(pool: Pool, day: pa.Table, mark: str, done: LoadedYear) -> None:
    """Adds a day of the whole fleet with the writer that senders use, and refreshes its trips."""
    await pool.execute("VACUUM (ANALYZE) trip, round_trip, device_day")
    positions = [Position(**row) for row in day.to_pylist()]
    writer = PositionWriter(
        pool,
        Metrics(),
        rows_max=5_000,
        queue_rows_max=10**9,
        queue_bytes_max=10**10,
        wait_max_s=600,
        connections=2,
    )
    writing = asyncio.create_task(writer.run())
    begin = time.perf_counter()
    await asyncio.gather(
        *(writer.store(positions[i : i + 500], []) for i in range(0, len(positions), 500))
    )
    stored_s = time.perf_counter() - begin
    writer.close()
    await writing
    begin = time.perf_counter()
    devices = await TripService(pool).refresh()
    refresh_s = time.perf_counter() - begin
    done.positions += day.num_rows
    done.added_days.append(
        f"a day added at {mark} of the year: {day.num_rows:,} positions stored in {stored_s:.1f} s,"
        f" everything of {devices} devices refreshed in {refresh_s:.1f} s"
    )
    print("  " + done.added_days[-1], flush=True)
