"""Single positions over HTTP beside a bare handler: `python -m benchmarks.ingest.single_posts`.

64 connections send one position per request. The server answers after the commit, with fsync on.
The limit is an aiohttp handler in a process of its own that reads the body and answers the same
bytes without storing anything. The same client measures both in turn. A second limit is COPY with
one row of each connection in a commit, for senders that wait for their answers cannot be faster
than the disk flushes. The benchmark then measures the 99th percentile at half the rate that the
server reached. Options: `--requests N --runs N`.
"""

import argparse
import asyncio
import multiprocessing
import statistics

import orjson
import uvloop
from aiohttp import web

from benchmarks.ingest.load import Connection, send
from benchmarks.ingest.rig import (
    Rig,
    add_processes,
    await_port,
    body_of,
    median,
    positions_of,
    rig,
    verdict,
)
from tests.conftest import free_port

CONNECTIONS = 64
TARGET = 0.6
P99_MAX_MS = 100
DEVICES = [f"35630704242{number:04d}" for number in range(CONNECTIONS)]


async def main(requests: int, runs: int, processes: int) -> None:
    limits: list[float] = []
    underways: list[float] = []
    reached: list[float] = []
    bare_port = free_port()
    bare = multiprocessing.get_context("spawn").Process(
        target=_serve_bare, args=(bare_port,), daemon=True
    )
    bare.start()
    try:
        async with rig(DEVICES, processes) as bench:
            await asyncio.to_thread(await_port, bare_port)
            print(f"{'bare':>9s} {'underway':>9s} {'stored':>9s} requests/s")
            for run in range(runs + 1):
                connections = _connections(bench, requests, run)
                limit = requests / send("127.0.0.1", bare_port, connections).seconds
                sent = positions_of(DEVICES, requests, run)
                underway = await bench.limit(sent, CONNECTIONS)
                rate = requests / send("127.0.0.1", bench.port, connections).seconds
                assert await bench.pool.fetchval("SELECT count(*) FROM position") == requests
                if run == 0:
                    continue  # the first run warms everything up
                print(f"{limit:9,.0f} {underway:9,.0f} {rate:9,.0f}")
                underways.append(underway)
                limits.append(limit)
                reached.append(rate)
            half = median(reached) / 2
            load = send(
                "127.0.0.1", bench.port, _connections(bench, requests, runs + 1), per_second=half
            )
    finally:
        bare.terminate()
        bare.join()
    p99_ms = 1_000 * statistics.quantiles(load.answers_s, n=100)[98]
    print(f"medians: bare {median(limits):,.0f}, stored {median(reached):,.0f} requests/s")
    print(verdict(median(reached) / median(limits), TARGET))
    print(f"{median(reached) / median(underways):.2f} of {CONNECTIONS} rows a commit")
    reaches = "reaches" if p99_ms < P99_MAX_MS else "misses"
    print(f"99th percentile {p99_ms:.1f} ms at {half:,.0f} a second, {reaches} {P99_MAX_MS} ms")


def _connections(bench: Rig, requests: int, run: int) -> list[Connection]:
    bodies = [orjson.dumps(body_of(one)) for one in positions_of(DEVICES, requests, run)]
    messages = [bench.post(body) for body in bodies]
    return [Connection(messages[number::CONNECTIONS]) for number in range(CONNECTIONS)]


def _serve_bare(port: int) -> None:
    async def handle(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"stored": 1, "duplicate": 0, "quarantined": 0})

    async def serve() -> None:
        app = web.Application()
        app.router.add_post("/v1/positions", handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()

    uvloop.run(serve())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    add_processes(parser)
    given = parser.parse_args()
    uvloop.run(main(given.requests, given.runs, given.processes))
