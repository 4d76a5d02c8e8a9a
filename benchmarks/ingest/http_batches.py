"""HTTP batches beside plain COPY: `python -m benchmarks.ingest.http_batches [--rows N] [--runs N]`.

8 connections send batches of 100 positions of 10 devices (`--devices-in-batch N`). The server
answers after the commit, with fsync on. Then the connections send all batches again. The limit is
that of `rig`. A second limit commits as many rows at a time as these connections can have under
way, for a slow disk delays every sender that waits for its answer. The benchmark prints medians,
and the processor time per row of the server and of PostgreSQL.
"""

import argparse

import orjson
import uvloop

from benchmarks.ingest.load import Connection, send
from benchmarks.ingest.rig import Rig, add_processes, body_of, median, positions_of, rig, verdict
from fleet.position import Position

CONNECTIONS = 8
BATCH = 100
TARGET = 0.7
DEVICES = [f"35630704240{number:04d}" for number in range(500)]


async def main(rows: int, runs: int, devices_in_batch: int, processes: int) -> None:
    limits: list[float] = []
    underways: list[float] = []
    firsts: list[float] = []
    agains: list[float] = []
    async with rig(DEVICES, processes) as bench:
        print(f"{'limit':>9s} {'underway':>9s} {'first':>9s} {'again':>9s} rows/s", end="")
        print("   us a row: server, PostgreSQL")
        for run in range(runs + 1):
            positions = positions_of(DEVICES, rows, run, together=BATCH // devices_in_batch)
            limit = await bench.limit(positions)
            underway = await bench.limit(positions, CONNECTIONS * BATCH)
            connections = _connections(bench, positions)
            first, server_us, postgres_us = await _send(bench, connections, rows)
            again, server_again_us, postgres_again_us = await _send(bench, connections, rows)
            if run == 0:
                continue  # the first run warms everything up
            print(
                f"{limit:9,.0f} {underway:9,.0f} {first:9,.0f} {again:9,.0f}         "
                f" first {server_us:.1f} {postgres_us:.1f}"
                f" again {server_again_us:.1f} {postgres_again_us:.1f}"
            )
            limits.append(limit)
            underways.append(underway)
            firsts.append(first)
            agains.append(again)
    print(f"medians: limit {median(limits):,.0f}, first {median(firsts):,.0f}, ", end="")
    print(f"again {median(agains):,.0f} rows/s")
    print(f"first: {verdict(median(firsts) / median(limits), TARGET)}")
    print(f"first: {median(firsts) / median(underways):.2f} of {CONNECTIONS * BATCH} rows a commit")
    print(f"again: {median(agains) / median(firsts):.2f} of the first time, at least 1 is wanted")


async def _send(bench: Rig, connections: list[Connection], rows: int) -> tuple[float, float, float]:
    """Sends the messages of all connections.

    Returns:
        Rows a second, and microseconds a row of the server and of PostgreSQL.
    """
    before = bench.processor_s()
    load = send("127.0.0.1", bench.port, connections)
    after = bench.processor_s()
    assert load.acknowledged == rows
    assert await bench.pool.fetchval("SELECT count(*) FROM position") == rows
    server, postgres = (1e6 * (now - then) / rows for then, now in zip(before, after, strict=True))
    return rows / load.seconds, server, postgres


def _connections(bench: Rig, positions: list[Position]) -> list[Connection]:
    bodies = [
        orjson.dumps([body_of(one) for one in positions[start : start + BATCH]])
        for start in range(0, len(positions), BATCH)
    ]
    messages = [bench.post(body) for body in bodies]
    return [Connection(messages[number::CONNECTIONS]) for number in range(CONNECTIONS)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--devices-in-batch", type=int, default=10)
    add_processes(parser)
    given = parser.parse_args()
    uvloop.run(main(given.rows, given.runs, given.devices_in_batch, given.processes))
