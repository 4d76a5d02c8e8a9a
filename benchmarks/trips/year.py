"""A year of a fleet in a database: `python -m benchmarks.trips.year [--vehicles 300] [--weeks 52]
[--keep DIR] [--plans FILE]`.

The benchmark generates the fleet's positions and loads them by COPY to save time; it loads a day at
1/4, 1/2 and the whole of the year with the writer that senders use. It finds the trips with the
trip service, and writes down how the database answers the queries of the pages. With --keep the
database stays in DIR; if DIR has one already, only the queries are asked. How fast the pages are
with it, `benchmarks.service.pages` measures.
"""

import argparse
import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.trips.year_data import year_database
from db.connect import Pool
from db.statements import statements
from fleet.period import Period
from simulators.year import YearLog
from trips.use.fleet_use import data_period


async def main(year: YearLog, keep: Path | None, plans: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="flaade-year-") as temporary:
        async with year_database(keep or Path(temporary), year) as (pool, _):
            text = await _query_plans(pool, year.weeks)
        plans.write_text(text, encoding="utf-8")  # noqa: ASYNC240 - nothing else runs
        print(f"query plans in {plans}")


async def _query_plans(pool: Pool, weeks: int) -> str:
    period = await data_period(pool, weeks)
    assert period is not None
    largest = await pool.fetchrow(
        "SELECT department, min(vehicle_id) FROM vehicle GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    assert largest is not None
    return await _plans(pool, period, *largest)


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
    parser = argparse.ArgumentParser(description="a year of a fleet in a database")
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
