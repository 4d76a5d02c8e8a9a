"""The service under random faults: `python -m benchmarks.service.chaos [--minutes 15] [--seed 1]`.

`flaade serve` with all its parts accepts a pilot's load over HTTP, Teltonika, MQTT and OsmAnd at
once. Meanwhile the benchmark kills solver processes, the database and NATS at random, runs
commands, sends faulty files and bodies, keeps 500 connections silent, and makes vehicles private.
The service must keep running and lose nothing.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.conftest import SHARED_DATA
from tests.factories.broker import MOSQUITTO, NO_MOSQUITTO
from tests.factories.chaos.run import chaos
from tests.factories.nats_servers import NATS_SERVER, NO_NATS


async def main(minutes: float, seed: int) -> bool:
    with tempfile.TemporaryDirectory(
        prefix="flaade-chaos-", ignore_cleanup_errors=True
    ) as directory:
        found = await chaos(
            Path(directory),
            SHARED_DATA / "faults",
            seconds=60 * minutes,
            seed=seed,
            blow_every_s=4,
            every_s=2,
        )
    print(f"{found.seconds:.0f} s, seed {seed}")
    for name, times in sorted(found.struck.items()):
        print(f"  {name:<20} {times:>6}")
    for name in ("acknowledged", "stored", "lost", "doubled", "private_stored", "private_periods"):
        print(f"{name:<22} {getattr(found, name):>6}")
    print(f"pages and health       {dict(sorted(found.pages.items()))}")
    print(f"slowest /healthz       {found.health_slowest_s:.2f} s")
    print(f"the same process       {found.same_process}")
    for line in (*found.wrong, *found.pages_unanswered):
        print(f"WRONG {line}")
    print("nothing ended it and nothing was lost" if found.good else "FAILED")
    return found.good


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for missing, said in ((MOSQUITTO, NO_MOSQUITTO), (NATS_SERVER, NO_NATS)):
        if missing is None:
            sys.exit(said)
    if not SHARED_DATA.is_dir():
        sys.exit(f"{SHARED_DATA} is not there: the files with faults are in it")
    sys.exit(0 if asyncio.run(main(given.minutes, given.seed)) else 1)
