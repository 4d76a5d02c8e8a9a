"""The time of the page of refused telemetry when quarantine is full:
`python -m benchmarks.service.full_quarantine [--items 200000] [--devices 50000]
[--plans]`.

2,000 of the devices are enrolled, and items of each device wait for three reasons. An item is 2.4
kB that do not compress.
"""

import argparse
import asyncio
import statistics
import time

from api.pages.frame.views import COUNTED_MAX
from api.pages.intake.intake import GROUPS_SHOWN, LATE_ITEMS
from db.connect import Pool, open_pool
from db.statements import statements
from ingest.gate.refusal import Reason
from tests.conftest import own_database, running_server

ENROLLED = 2_000
ITEM_BYTES = 2_400
ROUNDS = 9


async def fill(pool: Pool, items: int, devices: int) -> None:
    await pool.execute(
        "INSERT INTO device (device) SELECT 'device-' || n FROM generate_series(1, $1::integer) n",
        ENROLLED,
    )
    await pool.execute(
        """WITH noise AS MATERIALIZED (
               SELECT string_agg(sha256(n::text::bytea), '') AS bytes
               FROM generate_series(1, 150) n)
           INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256,
                                   received_at)
           SELECT 'positions', 'device-' || n % $2 + 1, ($4::text[])[1 + n / $2 % 3],
                  '{"code": "coordinates", "values": {"lat": 95, "lon": 12}}',
                  substring(bytes FROM 1 + n % 2000 FOR $3),
                  sha256(n::text::bytea), now() - n * interval '1 second'
           FROM generate_series(0, $1 - 1) n, noise""",
        items,
        devices,
        ITEM_BYTES,
        list(Reason)[:3],
    )


async def measure(url: str, items: int, devices: int, *, plans: bool) -> None:
    asked: dict[str, tuple[str, tuple[object, ...]]] = {
        "groups": (
            statements("quarantine")["groups"],
            (LATE_ITEMS, GROUPS_SHOWN, COUNTED_MAX + 1),
        ),
        "today": (statements("quarantine")["waiting_count"], (COUNTED_MAX + 1,)),
    }
    async with open_pool(url) as pool:
        began = time.perf_counter()
        await fill(pool, items, devices)
        print(f"filled {items} in {time.perf_counter() - began:.1f} s")
        for analysed in (False, True):
            if analysed:
                await pool.execute("VACUUM ANALYZE quarantine, device")
            for name, (text, arguments) in asked.items():
                took: list[float] = []
                for _ in range(ROUNDS):
                    began = time.perf_counter()
                    await pool.fetch(text, *arguments)
                    took.append(1000 * (time.perf_counter() - began))
                print(
                    f"{name:<8} {'after ANALYZE' if analysed else 'before':<14}"
                    f" median {statistics.median(took):.0f} ms, worst {max(took):.0f} ms"
                )
                if plans:
                    for [line] in await pool.fetch(
                        f"EXPLAIN (ANALYZE, BUFFERS) {text}", *arguments
                    ):
                        print("   ", line)


async def main(items: int, devices: int, *, plans: bool) -> None:
    with running_server() as server_url:
        async with own_database(server_url) as url:
            await measure(url, items, devices, plans=plans)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=200_000)
    parser.add_argument("--devices", type=int, default=50_000)
    parser.add_argument("--plans", action="store_true")
    given = parser.parse_args()
    asyncio.run(main(given.items, given.devices, plans=given.plans))
