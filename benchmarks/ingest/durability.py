"""Acknowledged positions are stored exactly once, whichever process is killed: `python -m
benchmarks.ingest.durability [--kills 20] [--database-kills 5] [--cluster]`.

Senders over HTTP and Teltonika TCP send again every position that the server did not acknowledge.
Meanwhile the benchmark kills `flaade serve` and PostgreSQL with SIGKILL and starts them again. With
`--cluster` it kills two listeners, two writers, PostgreSQL and a NATS server, each in turn;
`tests/integration/ingest/test_cluster.py` is a short version of that.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.factories.kills import killing
from tests.factories.nats_servers import NATS_SERVER, NO_NATS


async def main(kills: int, database_kills: int, *, cluster: bool) -> bool:
    with tempfile.TemporaryDirectory(
        prefix="flaade-durability-", ignore_cleanup_errors=True
    ) as directory:
        found = await killing(Path(directory), kills, database_kills, cluster=cluster)
    print(f"killed       {dict(found.killed)} in {found.seconds:.0f} s")
    for name in ("sent", "acknowledged", "stored", "doubled", "lost", "quarantined"):
        print(f"{name:<12} {getattr(found, name):>10,}")
    print("every acknowledged position is stored exactly once" if found.good else "FAILED")
    return found.good


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20, help="of the processes of flaade")
    parser.add_argument("--database-kills", type=int, default=5, help="of PostgreSQL (and NATS)")
    parser.add_argument("--cluster", action="store_true", help="two listeners and two writers")
    given = parser.parse_args()
    if given.cluster and NATS_SERVER is None:
        sys.exit(NO_NATS)
    sys.exit(
        0 if asyncio.run(main(given.kills, given.database_kills, cluster=given.cluster)) else 1
    )
