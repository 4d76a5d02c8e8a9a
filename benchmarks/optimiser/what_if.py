"""What-ifs of one depot beside a round of a fleet's year:
`python -m benchmarks.optimiser.what_if [--vehicles 300] [--weeks 52] [--keep DIR] [--requests 40]`.

A year is made and loaded as `benchmarks.service.pages` does (with `--keep` unless DIR has one), and
a round on all of it is worked out. Then each depot is asked each sort of what-if, through the queue
of a server's worker, from the act until the answer is stored; the first one, which also starts the
worker's process, is told by itself. At last a server answers requests for the page of an answer and
for the form, in turns with the page of the sign-in, which reads nothing: the ratio is to that one.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from api.jobs import jobs_app, queue_round, queue_what_if
from api.settings import Settings
from benchmarks.service.server import serving
from benchmarks.trips.year_data import year_database
from costs.assumptions import FigureKey
from costs.peak_days import PeakDayName
from db.connect import Pool
from fleet.period import Period
from optimiser.rounds.jobs import ROUND_JOB
from optimiser.rounds.proposals import read_proposals
from optimiser.rounds.requests import request_round
from optimiser.what_if.answer import Fate
from optimiser.what_if.changes import ChangedFigure, Changes, MoreOfKind, ReadyFor
from optimiser.what_if.faults import WhatIfError
from optimiser.what_if.offers import what_if_offer
from optimiser.what_if.requests import WhatIfRequest, ask
from simulators.year import YearLog
from tests.factories.access import visitor
from tests.factories.actors import SOMEBODY

#: What is asked: the seconds of an answer at the median, and the milliseconds of a page.
MEDIAN_S_MAX = 5.0
PAGE_MS_MAX = 100.0

#: Requests before those that count, and the page that reads nothing.
WARM = 5
PEER = "/sign-in"
ANSWER_S_MAX = 600.0
ROUND_S_MAX = 3_600.0


@dataclass(frozen=True)
class Answered:
    """A what-if that was asked: of which depot and sort, how it ended, and how long that took."""

    what_if_id: int
    depot_id: str
    sort: str
    state: str
    seconds: float


async def main(year: YearLog, keep: Path | None, requests: int) -> bool:
    """Measure and print; returns whether what is asked is met."""
    with tempfile.TemporaryDirectory(prefix="flaade-what-if-") as temporary:
        async with year_database(keep or Path(temporary), year) as (pool, url):
            settings = Settings.model_validate({"database_url": url})
            round_id = await _round(pool, url, settings, year)
            answered = await answer_all(pool, url, settings, round_id)
            took = await page_times(pool, url, answered[-1].what_if_id, requests)
    return _report(answered, took)


async def _round(pool: Pool, url: str, settings: Settings, year: YearLog) -> int:
    """The round on the whole year, which is worked out unless it is there."""
    last = year.start + timedelta(weeks=year.weeks, days=-1)
    period = Period(year.start, last, frozenset())
    round_id = await pool.fetchval(
        "SELECT max(round_id) FROM round WHERE state = 'done' AND period_first = $1"
        " AND round_id = (SELECT max(round_id) FROM round WHERE state = 'done')",
        period.first,
    )
    if round_id is not None:
        return round_id
    began = time.perf_counter()
    round_id = await request_round(pool, SOMEBODY, period)
    async with serving(url, "worker"):
        async with jobs_app(url, pool, settings) as jobs:
            await queue_round(jobs, round_id)
        state = "queued"
        while state in ("queued", "running"):
            if time.perf_counter() - began > ROUND_S_MAX:
                raise SystemExit(f"the round is not done after {ROUND_S_MAX:.0f} s")
            await asyncio.sleep(1)
            state = await pool.fetchval("SELECT state FROM round WHERE round_id = $1", round_id)
    print(f"a round on {period}: {state} after {time.perf_counter() - began:.0f} s", flush=True)
    return round_id


async def answer_all(
    pool: Pool, url: str, settings: Settings, round_id: int, depots_most: int | None = None
) -> Sequence[Answered]:
    """Each sort of what-if of each depot, or of so many, one after the other, by a worker."""
    proposals = await read_proposals(pool, round_id)
    depots = sorted({one.depot_id for one in proposals})[:depots_most]
    answered: list[Answered] = []
    # The studies of the round are none of this benchmark.
    await pool.execute("DELETE FROM procrastinate_jobs WHERE queue_name = $1", ROUND_JOB)
    async with jobs_app(url, pool, settings) as jobs, serving(url, "worker"):
        for depot_id in depots:
            for sort, changes in (await _sorts(pool, depot_id)).items():
                asked = WhatIfRequest(
                    round_id=round_id, name=sort, depots=(depot_id,), changes=changes
                )
                began = time.perf_counter()
                try:
                    what_if_id = await ask(pool, SOMEBODY, asked)
                except WhatIfError:  # of this depot it cannot be asked
                    continue
                await queue_what_if(jobs, what_if_id)
                state = "queued"
                while state in ("queued", "running"):
                    if time.perf_counter() - began > ANSWER_S_MAX:
                        raise SystemExit(f"no answer after {ANSWER_S_MAX:.0f} s")
                    await asyncio.sleep(0.02)
                    state = await pool.fetchval(
                        "SELECT state FROM what_if WHERE what_if_id = $1", what_if_id
                    )
                seconds = time.perf_counter() - began
                answered.append(Answered(what_if_id, depot_id, sort, state, seconds))
                print(f"  {depot_id:22s} {sort:6s} {state:7s} {seconds:6.2f} s", flush=True)
    return answered


async def _sorts(pool: Pool, depot_id: str) -> dict[str, Changes]:
    """The sorts of what-ifs that a depot can be asked."""
    offer = await what_if_offer(pool, depot_id)
    assert offer is not None
    gone = [one for one in offer.vehicles if one.outcome.fate in (Fate.LEAVES, Fate.REPLACED)]
    stay = [one for one in offer.vehicles if not one.goes and one.is_known]
    kinds = {name: kind for kind, name in offer.kinds}
    dearer = offer.figures[FigureKey.ELECTRICITY_KR_KWH] * 1.5
    figures = (ChangedFigure(key=FigureKey.ELECTRICITY_KR_KWH, value=dearer),)
    found = {
        "price": Changes(figures=figures),
        "peak": Changes(peak=ReadyFor(name=PeakDayName.SNOW)),
    }
    if gone:
        more = MoreOfKind(depot_id=depot_id, kind=kinds.get(gone[0].kind, ""))
        found |= {"stay": Changes(stay=(gone[0].vehicle_id,)), "more": Changes(more=(more,))}
    if stay:
        found["go"] = Changes(go=(stay[0].vehicle_id,))
    return found


async def page_times(
    pool: Pool, url: str, what_if_id: int, requests: int
) -> dict[str, list[float]]:
    """Milliseconds of each request for the pages, in turns."""
    depot_id = await pool.fetchval(
        "SELECT depots[1] FROM what_if WHERE what_if_id = $1", what_if_id
    )
    await pool.execute(
        "UPDATE what_if SET shared_at = now(), kept_at = now() WHERE what_if_id = $1", what_if_id
    )
    paths = (f"/what-ifs/{what_if_id}", f"/what-ifs/new?depot={depot_id}", "/what-ifs", PEER)
    took: dict[str, list[float]] = {path: [] for path in paths}
    tester = await visitor(pool)
    headers = {"Accept": "text/html"}
    async with (
        serving(url, "api") as base,
        tester.client(base_url=base, headers=headers) as session,
        aiohttp.ClientSession(base, headers=headers) as stranger,
    ):
        for _ in range(WARM + requests):
            for path in took:
                client = stranger if path == PEER else session
                began = time.perf_counter()
                async with client.get(path, allow_redirects=False) as answer:
                    await answer.read()
                    assert answer.status == 200, (path, answer.status)
                took[path].append((time.perf_counter() - began) * 1000)
    return {path: each[WARM:] for path, each in took.items()}


def _report(answered: Sequence[Answered], took: dict[str, list[float]]) -> bool:
    first, *rest = answered
    seconds = [one.seconds for one in rest]
    median = statistics.median(seconds)
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    done = sum(one.state == "done" for one in answered)
    print(
        f"\n{len(answered)} what-ifs, {done} answered; the first, with the start of its process,"
        f" {first.seconds:.2f} s; load of the machine {load}"
    )
    for sort in dict.fromkeys(one.sort for one in rest):
        own = [one.seconds for one in rest if one.sort == sort]
        print(f"  {sort:6s} median {statistics.median(own):6.2f} s, longest {max(own):6.2f} s")
    met = median < MEDIAN_S_MAX
    print(
        f"median of all {median:.2f} s, longest {max(seconds):.2f} s, asked below"
        f" {MEDIAN_S_MAX:.0f} s: {'met' if met else 'MISSED'}"
    )
    peer = statistics.median(took[PEER])
    for path, each in took.items():
        p50, p95 = statistics.median(each), statistics.quantiles(each, n=20)[-1]
        met &= p50 < PAGE_MS_MAX
        print(
            f"{path:34s} p50 {p50:6.1f} ms, p95 {p95:6.1f} ms, {p50 / peer:5.1f} times {PEER},"
            f" asked below {PAGE_MS_MAX:.0f} ms: {'met' if p50 < PAGE_MS_MAX else 'MISSED'}"
        )
    return met


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="what a what-if of one depot takes")
    parser.add_argument("--vehicles", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--requests", type=int, default=40, help="for each page")
    parser.add_argument("--keep", type=Path, help="where the database stays")
    parser.add_argument("--start", type=datetime.fromisoformat, help="the first day of the year")
    given = parser.parse_args()
    begins = given.start.date() if given.start else None
    wanted = YearLog(
        start=begins or datetime.now(UTC).date() - timedelta(weeks=given.weeks),
        weeks=given.weeks,
        vehicles=given.vehicles,
        cadence_s=300,
        heartbeat_s=21_600,
        work_share=0.28,
        seed=1,
    )
    raise SystemExit(0 if asyncio.run(main(wanted, given.keep, given.requests)) else 1)
