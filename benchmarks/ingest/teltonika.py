"""Teltonika beside plain COPY: `python -m benchmarks.ingest.teltonika [--records N] [--runs N]`.

500 connections send packets of 10 to 25 records of 12 IO elements. The server answers each packet
after its commit, with fsync on. The limit of `rig` copies the positions of the same packets. The
same run measures decoding alone: records/s on a core, and its share of the server's processor time.
"""

import argparse
import random
import time
from collections.abc import Sequence

import uvloop

from benchmarks.ingest.load import Connection, send
from benchmarks.ingest.rig import Rig, add_processes, median, rig, start_of, verdict
from fleet.position import Position
from ingest.protocols.stream import Packet
from ingest.protocols.teltonika.io_elements import load_elements
from ingest.protocols.teltonika.stream import TeltonikaStream, encode_login, encode_packet
from tests.unit.ingest.teltonika_encoder import CODEC_8, Sent, block

CONNECTIONS = 500
TARGET = 0.7
DEVICES = [f"35630704241{number:04d}" for number in range(CONNECTIONS)]
IO = (
    {239: 1, 240: 1, 21: 4, 200: 0, 69: 1},
    {66: 12_650, 67: 4_100, 181: 12, 182: 8},
    {16: 22_949_000, 199: 120, 241: 23_801},
    {},
)


async def main(records: int, runs: int, processes: int) -> None:
    limits: list[float] = []
    reached: list[float] = []
    decodings: list[float] = []
    shares: list[float] = []
    async with rig(DEVICES, processes) as bench:
        print(f"{'limit':>9s} {'stored':>9s} rows/s   us a record: server (decoding), PostgreSQL")
        for run in range(runs + 1):
            connections = _connections(records, run)
            count = sum(message[9] for one in connections for message in one.messages)
            positions, decode_s = _decoded(connections)
            limit = await bench.limit(positions)
            rate, server_us, postgres_us = await _send(bench, connections, count)
            if run == 0:
                continue  # the first run warms everything up
            decode_us = 1e6 * decode_s / count
            print(
                f"{limit:9,.0f} {rate:9,.0f}          "
                f"{server_us:.1f} ({decode_us:.1f}) {postgres_us:.1f}"
            )
            limits.append(limit)
            reached.append(rate)
            shares.append(decode_us / server_us)
            decodings.append(count / decode_s)
    print(f"medians: limit {median(limits):,.0f}, stored {median(reached):,.0f} rows/s")
    print(
        f"decoding: {median(decodings):,.0f} records/s on a core,"
        f" {median(shares):.0%} of the server"
    )
    print(verdict(median(reached) / median(limits), TARGET))


async def _send(
    bench: Rig, connections: Sequence[Connection], count: int
) -> tuple[float, float, float]:
    before = bench.processor_s()
    load = send("127.0.0.1", bench.teltonika_port, connections)
    after = bench.processor_s()
    assert load.acknowledged == count
    assert await bench.pool.fetchval("SELECT count(*) FROM position") == count
    server, postgres = (1e6 * (now - then) / count for then, now in zip(before, after, strict=True))
    return count / load.seconds, server, postgres


def _connections(records: int, run: int) -> list[Connection]:
    """The packets of every device; those of a later run are later."""
    source = random.Random(run)
    each = records // CONNECTIONS
    start_ms = 1_000 * int(start_of(run, each + 25).timestamp())
    connections: list[Connection] = []
    for imei in DEVICES:
        sent = 0
        frames: list[bytes] = []
        while sent < each:
            size = source.randint(10, 25)
            one = [
                Sent(
                    timestamp_ms=start_ms + 1_000 * (sent + n),
                    lat_e7=557_700_000 + 1_000 * (sent + n),
                    speed_kmh=50,
                    io=IO,
                )
                for n in range(size)
            ]
            frames.append(encode_packet(block(CODEC_8, one)))
            sent += size
        connections.append(Connection(frames, imei))
    return connections


def _decoded(connections: Sequence[Connection]) -> tuple[list[Position], float]:
    """Decodes all packets.

    Returns:
        The positions, and the processor seconds of decoding.
    """
    elements = load_elements()
    positions: list[Position] = []
    began = time.process_time()
    for connection in connections:
        assert connection.imei is not None
        stream = TeltonikaStream(elements, 65_536)
        stream.feed(encode_login(connection.imei))
        for one in connection.messages:
            [found] = stream.feed(one)
            assert isinstance(found, Packet)
            positions += found.message.positions
    return positions, time.process_time() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    add_processes(parser)
    given = parser.parse_args()
    uvloop.run(main(given.records, given.runs, given.processes))
