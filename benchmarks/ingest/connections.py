"""Memory of many connections: `python -m benchmarks.ingest.connections [--minutes M]`.

5,000 idle Teltonika connections, and 1,000 that send a packet of 10 records every 10 seconds, for
10 minutes by default (`--idle N --active N`). The benchmark prints the resident memory of the
server before, with all connected and idle, and every minute. From the second minute on the memory
should not grow.
"""

import argparse
import asyncio
import time

import uvloop

from benchmarks.ingest.rig import Rig, rig
from tests.unit.ingest.teltonika_encoder import CODEC_8, Sent, block, frame, login

EVERY_S = 10.0
RECORDS = 10
GROWTH_MAX = 0.05


async def main(idle: int, active: int, minutes: float) -> None:
    devices = [f"3563070{number:08d}" for number in range(idle + active)]
    async with rig(devices) as bench:
        at_start = _resident_mb(bench)
        sending: list[asyncio.Task[None]] = []
        open_ones: list[asyncio.StreamWriter] = []
        for number, imei in enumerate(devices):
            reader, writer = await asyncio.open_connection("127.0.0.1", bench.teltonika_port)
            writer.write(login(imei))
            assert await reader.readexactly(1) == b"\x01"
            open_ones.append(writer)
            if number >= idle:
                first_s = EVERY_S * (number - idle) / active
                sending.append(asyncio.create_task(_track(reader, writer, first_s)))
        connected = _resident_mb(bench)
        each_kb = 1_000 * (connected - at_start) / len(devices)
        print(f"{at_start:.0f} MB at the start, {connected:.0f} MB with {len(devices)} connections")
        print(f"{each_kb:.1f} kB a connection")
        readings: list[float] = []
        ends = time.monotonic() + 60 * minutes
        while time.monotonic() < ends:
            await asyncio.sleep(min(60.0, 60 * minutes / 4))
            readings.append(_resident_mb(bench))
            print(f"{readings[-1]:.0f} MB", flush=True)
        for task in sending:
            task.cancel()
        ended = [one for one in await asyncio.gather(*sending, return_exceptions=True) if one]
        failed = [one for one in ended if not isinstance(one, asyncio.CancelledError)]
        stored = await bench.pool.fetchval("SELECT count(*) FROM position")
        for writer in open_ones:
            writer.close()
    growth = readings[-1] / readings[len(readings) // 4] - 1
    held = "does not grow" if growth < GROWTH_MAX else "grows"
    print(f"{stored:,} positions stored; {len(failed)} connections failed")
    print(f"memory {growth:+.1%} from a quarter of the time to its end: it {held}")


async def _track(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first_s: float
) -> None:
    await asyncio.sleep(first_s)
    sent_ms = 1_000 * int(time.time() - 86_400)
    while True:
        records = [Sent(timestamp_ms=sent_ms + 1_000 * n) for n in range(RECORDS)]
        sent_ms += 1_000 * RECORDS
        writer.write(frame(block(CODEC_8, records)))
        assert int.from_bytes(await reader.readexactly(4)) == RECORDS
        await asyncio.sleep(EVERY_S)


def _resident_mb(bench: Rig) -> float:
    return bench.servers[0].memory_info().rss / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=5_000)
    parser.add_argument("--active", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=10)
    given = parser.parse_args()
    uvloop.run(main(given.idle, given.active, given.minutes))
