"""The speed of the pages with a year of a fleet:
`python -m benchmarks.trips.year [--vehicles 300] [--weeks 52] [--keep DIR] [--plans FILE]`.

The benchmark generates the fleet's positions and loads them by COPY to save time; it loads a day at
1/4, 1/2 and the whole of the year with the writer that senders use. It finds the trips with the
trip service, starts the server, and times the warm pages over HTTP. The limit of a page is 100 ms
at the 95th percentile. With --keep the database stays in DIR; if DIR has a database already, the
benchmark only times its pages.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

import aiohttp

from benchmarks.trips.year_data import load_year
from db import embedded
from db.connect import Pool, open_pool
from db.statements import statements
from fleet.period import Period
from simulators.year import YearLog
from tests.conftest import free_port
from tests.factories.access import visitor
from trips.use.fleet_use import data_period

LIMIT_MS = 100.0
REQUESTS = 100
WARM = 10


async def main(year: YearLog, keep: Path | None, plans: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="flaade-year-") as temporary:
        directory = keep or Path(temporary)
        is_new = not (directory / "postgres").is_dir()
        directory.mkdir(parents=True, exist_ok=True)
        server = embedded.start(directory)
        try:
            async with open_pool(server.url) as pool:
                if is_new:
                    await _load(pool, year)
                text = await _measure(pool, server.url, year.weeks)
            plans.write_text(text, encoding="utf-8")  # noqa: ASYNC240 - nothing else runs
            print(f"query plans in {plans}")
        finally:
            server.stop()


async def _load(pool: Pool, year: YearLog) -> None:
    done = await load_year(pool, year)
    print(
        f"{year.vehicles} vehicles, {year.weeks} weeks: {done.positions:,} positions generated in"
        f" {done.generate_s:.0f} s, loaded with COPY in {done.copy_s:.0f} s"
        f" ({done.positions / done.copy_s:,.0f}/s), trips found in {done.trips_s:.0f} s"
    )


async def _measure(pool: Pool, url: str, weeks: int) -> str:
    """Times the pages and prints the times; returns the plans of their queries."""
    counts = await pool.fetchrow(statements("trip")["trip_counts"])
    period = await data_period(pool, weeks)
    assert counts is not None
    assert period is not None
    size = await pool.fetchval("SELECT pg_size_pretty(pg_database_size(current_database()))")
    print(f"{counts['trips']:,} trips, {counts['round_trips']:,} round trips, {size}, {period}")
    largest = await pool.fetchrow(
        "SELECT department, min(vehicle_id) FROM vehicle GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    assert largest is not None
    department, vehicle = largest
    year = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    pages = {
        "overview": "/",
        "overview, the year": "/?" + urlencode(year),
        "a department's year": "/use?" + urlencode({"department": department} | year),
        "a vehicle's year": f"/vehicles/{quote(vehicle, safe='')}/year",
        "the fleet's year": "/use?" + urlencode(year),
    }
    tester = await visitor(pool)
    async with _serving(url) as base, tester.client(base_url=base) as session:
        for name, path in pages.items():
            took = [await _request(session, path) for _ in range(WARM + REQUESTS)][WARM:]
            p95 = statistics.quantiles(took, n=20)[-1]
            print(
                f"{name:22s} median {statistics.median(took):6.1f} ms, 95 % under {p95:6.1f} ms,"
                f" {p95 / LIMIT_MS:5.2f} of the limit",
                flush=True,
            )
    return await _plans(pool, period, department, vehicle)


async def _request(session: aiohttp.ClientSession, path: str) -> float:
    begin = time.perf_counter()
    async with session.get(path) as answer:
        await answer.read()
        assert answer.status == 200, (path, answer.status)
    return (time.perf_counter() - begin) * 1000


@asynccontextmanager
async def _serving(url: str) -> AsyncGenerator[str]:
    """Starts a server of the pages in a process of its own; yields its address."""
    port = free_port()
    environment = os.environ | {"FLAADE_DATABASE_URL": url, "FLAADE_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from api.cli import main; main()", "serve", "--only", "api"),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession(base) as session:
            for _ in range(300):
                try:
                    async with session.get("/"):
                        break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.1)
                if process.returncode is not None:
                    raise SystemExit("the server did not start")
        yield base
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _plans(pool: Pool, period: Period, department: str, vehicle: str) -> str:
    sql = {**statements("use"), "fleet": statements("vehicle")["vehicles"]}
    parts: list[str] = []
    for what, chosen in (
        ("the fleet", (None, None, None, None)),
        ("a department", (department, None, None, None)),
        ("a vehicle", (None, None, None, vehicle)),
    ):
        devices = [row["device"] for row in await pool.fetch(sql["fleet"], *chosen)]
        places = list(range(len(devices)))
        for name, arguments in (
            ("data_period", (52,)),
            ("fleet", chosen),
            ("month_revisions", (period.first, period.last)),
            ("device_revisions", (period.last.replace(day=1),)),
            ("days_of_devices", (devices, places, period.last.replace(day=1))),
            ("round_trips_of_devices", (devices, places, period.start, period.end)),
        ):
            rows = await pool.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {sql[name]}", *arguments)
            parts.append(f"== {name}, {what}\n" + "\n".join(row[0] for row in rows))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="a year of a fleet, and how fast its pages are")
    parser.add_argument("--vehicles", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--cadence", type=int, default=5, help="seconds between fixes on the road")
    parser.add_argument("--heartbeat", type=int, default=600, help="seconds between fixes parked")
    parser.add_argument("--work", type=float, default=0.28, help="how much, as share of the pilot")
    parser.add_argument("--keep", type=Path, help="where the database stays")
    parser.add_argument("--plans", type=Path, default=Path("year-plans.txt"))
    given = parser.parse_args()
    wanted = YearLog(
        start=datetime.now(UTC).date() - timedelta(weeks=given.weeks),
        weeks=given.weeks,
        vehicles=given.vehicles,
        cadence_s=given.cadence,
        heartbeat_s=given.heartbeat,
        work_share=given.work,
        seed=1,
    )
    asyncio.run(main(wanted, given.keep, given.plans))
