"""The rig of the ingest benchmarks: PostgreSQL with fsync, the real server, and the limit.

The limit is the rate at which asyncpg's `copy_records_to_table` stores the same rows in batches of
5,000 in the same, emptied table. A benchmark measures it in the same run, in turn with the server.
"""

import argparse
import asyncio
import itertools
import os
import signal
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from msgspec.structs import asdict, astuple

from db.connect import Pool, open_pool
from fleet.actor import Actor
from fleet.position import POSITION_FIELDS, Position
from register.keys import new_gateway_key
from tests.conftest import free_port, own_database, running_server

LIMIT_BATCH_ROWS = 5_000
READY_S = 60


@dataclass(frozen=True)
class Rig:
    """One or several `flaade serve --only ingest` on a database of their own."""

    pool: Pool
    servers: Sequence[psutil.Process]
    postgres: psutil.Process
    key: str
    port: int
    teltonika_port: int

    async def empty(self) -> None:
        """Empties the table and makes the disk finish its earlier writes."""
        await self.pool.execute("TRUNCATE position")
        await self.pool.execute("CHECKPOINT")

    async def limit(
        self, positions: Sequence[Position], batch_rows: int = LIMIT_BATCH_ROWS
    ) -> float:
        """Rows a second of plain COPY into the emptied table, `batch_rows` in each commit."""
        await self.empty()
        rows = [astuple(position) for position in positions]
        async with self.pool.acquire() as connection:
            began = time.perf_counter()
            for start in range(0, len(rows), batch_rows):
                await connection.copy_records_to_table(
                    "position",
                    records=rows[start : start + batch_rows],
                    columns=POSITION_FIELDS,
                )
            seconds = time.perf_counter() - began
        await self.empty()
        return len(rows) / seconds

    def post(self, body: bytes) -> bytes:
        """The bytes of a request with the body `body`."""
        return (
            b"POST /v1/positions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %b\r\nContent-Length: %d\r\n\r\n%b"
            % (self.key.encode(), len(body), body)
        )

    def processor_s(self) -> tuple[float, float]:
        """Processor seconds so far.

        Returns:
            The seconds of the servers, and of all processes of PostgreSQL.
        """
        spent = 0.0
        for process in (self.postgres, *self.postgres.children()):
            times = process.cpu_times()
            spent += times.user + times.system
        serving = sum(sum(server.cpu_times()[:2]) for server in self.servers)
        return serving, spent


@asynccontextmanager
async def rig(devices: Sequence[str], processes: int = 1) -> AsyncGenerator[Rig]:
    """Starts PostgreSQL and the servers, and enrols the devices.

    All of them stop at the end or on SIGTERM.

    `FLAADE_TEST_DATABASE_URL` names another server of this machine to measure on.
    """
    signal.signal(signal.SIGTERM, _stop)
    with (
        tempfile.TemporaryDirectory(prefix="flaade-bench-") as directory,
        running_server() as server,
    ):
        async with own_database(server) as url, open_pool(url) as pool:
            await pool.executemany(
                "INSERT INTO device (device) VALUES ($1)", [(one,) for one in devices]
            )
            key = await new_gateway_key(pool, Actor.trusted("benchmark"), "benchmark")
            backend = psutil.Process(await pool.fetchval("SELECT pg_backend_pid()"))
            postgres = psutil.Process(backend.ppid())
            port, teltonika_port = free_port(), free_port()
            kept = {k: v for k, v in os.environ.items() if not k.startswith("FLAADE_")}
            environment = {
                **kept,
                "FLAADE_DATABASE_URL": url,
                "FLAADE_DATA_DIR": directory,
                "FLAADE_PORT": str(port),
                "FLAADE_OSMAND_PORT": str(free_port()),
                "FLAADE_TELTONIKA_PORT": str(teltonika_port),
                "FLAADE_REUSE_PORT": "true",
            }
            started = [
                await asyncio.create_subprocess_exec(
                    *(Path(sys.executable).parent / "flaade", "serve", "--only", "ingest"),
                    env=environment,
                    stderr=asyncio.subprocess.DEVNULL,
                )
                for _ in range(processes)
            ]
            try:
                servers = [psutil.Process(process.pid) for process in started]
                for one in servers:
                    await asyncio.to_thread(_await_listening, one, port)
                yield Rig(pool, servers, postgres, key, port, teltonika_port)
            finally:
                for process in started:
                    process.terminate()
                for process in started:
                    await process.wait()


def _stop(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def _await_listening(server: psutil.Process, port: int) -> None:
    """Waits until `server`, one of those that share the port, listens there."""
    for _ in range(10 * READY_S):
        if any(one.laddr.port == port for one in server.net_connections("tcp") if one.laddr):
            return
        time.sleep(0.1)
    raise RuntimeError(f"a server did not listen within {READY_S} s")


def await_port(port: int) -> None:
    """Waits until a server answers over HTTP that it is ready."""
    for _ in range(10 * READY_S):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz"):
                return
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return  # the server has no such page, but it answers
            time.sleep(0.1)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError(f"the server was not ready within {READY_S} s")


def add_processes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--processes", type=int, default=1, help="servers that share the ports (FLAADE_REUSE_PORT)"
    )


def start_of(run: int, seconds: int) -> datetime:
    """The moment of the first positions of a run, `seconds` after those of the run before."""
    now = datetime.now(UTC).replace(microsecond=0)
    return now - timedelta(days=2) + run * timedelta(seconds=seconds + 60)


def positions_of(
    devices: Sequence[str], rows: int, run: int, *, together: int = 1, attrs: bytes | None = None
) -> list[Position]:
    """Plausible positions, one a second of each device; those of a later run are later.

    The devices take turns with `together` positions at a time.
    """
    each = -(-rows // len(devices) // together) * together
    start = start_of(run, each)
    turns = (
        (device, turn + n)
        for turn in range(0, each, together)
        for device in devices
        for n in range(together)
    )
    return [
        Position(
            device=device,
            ts=start + timedelta(seconds=second),
            lat=round(55.77 + 1e-5 * (second % 999), 7),
            lon=round(12.5 + 1e-5 * (second % 997), 7),
            speed_kmh=float(second % 90),
            heading_deg=float(second % 360),
            altitude_m=20.0,
            satellites=9,
            ignition=True,
            odometer_km=round(12_000 + second / 100, 2),
            battery_v=12.65,
            attrs=attrs,
        )
        for device, second in itertools.islice(turns, rows)
    ]


def body_of(position: Position) -> dict[str, object]:
    """A position as `/v1/positions` accepts it, without absent fields and attributes."""
    return {name: value for name, value in asdict(position).items() if value is not None}


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def verdict(ratio: float, target: float) -> str:
    """A line that compares the ratio with the target."""
    return f"{ratio:.2f} of the limit, {'reaches' if ratio >= target else 'misses'} {target}"
