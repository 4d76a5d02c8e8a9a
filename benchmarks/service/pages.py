"""The pages of a fleet with a year of trips:
`python -m benchmarks.service.pages [--vehicles 300] [--weeks 52] [--keep DIR] [--requests 100]`.

A year is made and loaded as `benchmarks.trips.year` does (with `--keep` unless DIR has one), with
fewer positions, since pages read trips; a round of proposals is worked out, and people do something
with it. Then a server of the pages answers requests for every page in turn with the page of the
sign-in, which reads nothing: the ratio is to that one. A Chromium visits every page for the first
time and again, on a desktop and on a phone.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from playwright.async_api import Browser, async_playwright

from benchmarks.service.pages_data import add_round, add_what_was_done, paths_with_values
from benchmarks.service.server import serving
from benchmarks.trips.year_data import year_database
from simulators.year import YearLog
from tests.browser.conftest import ARGUMENTS, visitor_of
from tests.factories.access import Visitor, visitor
from tests.factories.page_paths import PAGE_PATHS
from tests.factories.page_visits import (
    FIRST_BYTES_MAX,
    LATER_BYTES_MAX,
    LIST_HEIGHT_MAX_PX,
    MAP_BYTES_MAX,
    SHIFT_MAX,
    PageVisit,
    page_visitor,
)
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.shipped import load_programme

#: What is asked of the server, at the 95th percentile.
P95_MS_MAX = 100.0
#: Requests before those that count.
WARM = 5
#: The page that reads nothing.
PEER = "/sign-in"


@dataclass(frozen=True)
class Measured:
    """What was measured of a page: milliseconds of the server, and visits by size of the screen,
    the first and a later one."""

    p50_ms: float
    p95_ms: float
    visits: Mapping[str, tuple[PageVisit, PageVisit]]

    @property
    def first(self) -> PageVisit:
        return self.visits["desktop"][0]

    @property
    def later(self) -> PageVisit:
        return self.visits["desktop"][1]

    @property
    def shift(self) -> float:
        return max(visit.shift for pair in self.visits.values() for visit in pair)

    @property
    def list_height_px(self) -> float:
        return self.visits["phone"][0].list_height_px


async def main(year: YearLog, keep: Path | None, requests: int) -> None:
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if chromium is None:
        raise SystemExit("no chromium on this machine (apt-get install chromium-headless-shell)")
    with tempfile.TemporaryDirectory(prefix="flaade-pages-") as temporary:
        async with year_database(keep or Path(temporary), year) as (pool, url):
            await load_programme(pool, read_programme(FLEET_PROGRAMME))
            if not await pool.fetchval("SELECT EXISTS (SELECT FROM round WHERE state = 'done')"):
                await add_round(pool, url, year.weeks)
            tester = await visitor(pool)
            if not await pool.fetchval("SELECT EXISTS (SELECT FROM decision)"):
                await add_what_was_done(pool, url, tester)
            paths = [*PAGE_PATHS, *await paths_with_values(pool)]
            async with serving(url, "api") as base:
                took = await server_times(tester, base, paths, requests)
                async with async_playwright() as playwright:
                    browser = await playwright.chromium.launch(
                        executable_path=chromium, args=ARGUMENTS
                    )
                    visits = {
                        size: await _visits(browser, tester, base, size, paths)
                        for size in ("desktop", "phone")
                    }
                    await browser.close()
    peer = statistics.median(took[PEER])
    _report(
        peer,
        {
            path: Measured(
                statistics.median(took[path]),
                statistics.quantiles(took[path], n=20)[-1],
                {size: seen[path] for size, seen in visits.items()},
            )
            for path in paths
        },
    )


async def server_times(
    tester: Visitor, base: str, paths: Sequence[str], requests: int
) -> dict[str, list[float]]:
    """Milliseconds of each request for each page, and for the one that reads nothing. The pages
    take turns, so that what else the machine does is spread over all of them."""
    took: dict[str, list[float]] = {path: [] for path in (*paths, PEER)}
    headers = {"Accept": "text/html", "Accept-Encoding": "br"}
    async with (
        tester.client(base_url=base, headers=headers, auto_decompress=False) as session,
        aiohttp.ClientSession(base, headers=headers, auto_decompress=False) as stranger,
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


async def _visits(
    browser: Browser, tester: Visitor, base: str, size: str, paths: Sequence[str]
) -> dict[str, tuple[PageVisit, PageVisit]]:
    context = await visitor_of(browser, base, size)
    await tester.sit_at(context, base)
    async with page_visitor(context) as somebody:
        seen = {
            path: (await somebody.visit(path, first=True), await somebody.visit(path))
            for path in paths
        }
    await context.close()
    return seen


def _report(peer_ms: float, pages: Mapping[str, Measured]) -> None:
    print(f"\n{PEER}, which reads nothing: {peer_ms:.1f} ms; load of the machine {_load()}\n")
    heads = ("p50 ms", "p95 ms", "ratio", "first B", "later B", "shift", "list px")
    print(f"{'page':38s}" + "".join(f"{head:>10s}" for head in heads))
    for path, one in sorted(pages.items(), key=lambda pair: -pair[1].p95_ms):
        print(
            f"{path[:37]:38s}{one.p50_ms:10.1f}{one.p95_ms:10.1f}{one.p50_ms / peer_ms:10.1f}"
            f"{one.first.wire_bytes:10,}{one.later.wire_bytes:10,}{one.shift:10.3f}"
            f"{one.list_height_px:10,.0f}"
        )
    print()
    maps = {path: one for path, one in pages.items() if one.first.has_map}
    others = {path: one for path, one in pages.items() if not one.first.has_map}
    _line("server time at the 95th percentile, ms", pages, lambda one: one.p95_ms, P95_MS_MAX)
    _line("first visit, bytes", others, lambda one: one.first.wire_bytes, FIRST_BYTES_MAX)
    _line("first visit with a map, bytes", maps, lambda one: one.first.wire_bytes, MAP_BYTES_MAX)
    _line("later visit, bytes", pages, lambda one: one.later.wire_bytes, LATER_BYTES_MAX)
    _line("layout shift", pages, lambda one: one.shift, SHIFT_MAX)
    _line("list on a phone, px", pages, lambda one: one.list_height_px, LIST_HEIGHT_MAX_PX)


def _line(
    what: str, pages: Mapping[str, Measured], figure: Callable[[Measured], float], most: float
) -> None:
    """Print whether the page with the highest figure is below what is asked."""
    path, highest = max(((p, figure(one)) for p, one in pages.items()), key=lambda pair: pair[1])
    met = "met" if highest < most else "MISSED"
    print(f"{what:42s} asked below {most:12,.10g}  highest {highest:12,.10g}  {met}  ({path})")


def _load() -> str:
    return " ".join(f"{one:.1f}" for one in os.getloadavg())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="what the pages of a fleet's year cost")
    parser.add_argument("--vehicles", type=int, default=300)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--requests", type=int, default=100, help="for each page")
    parser.add_argument("--keep", type=Path, help="where the database stays")
    given = parser.parse_args()
    wanted = YearLog(
        start=datetime.now(UTC).date() - timedelta(weeks=given.weeks),
        weeks=given.weeks,
        vehicles=given.vehicles,
        cadence_s=60,
        heartbeat_s=3600,
        work_share=0.28,
        seed=1,
    )
    asyncio.run(main(wanted, given.keep, given.requests))
