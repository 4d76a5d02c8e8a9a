"""What is acknowledged is stored exactly once, whoever is killed: `python -m
benchmarks.ingest.durability [--kills 20] [--database-kills 5] [--cluster]`.

Senders over HTTP and Teltonika TCP send again what was not acknowledged, while `flaade serve` and
PostgreSQL are killed with SIGKILL and started again; with `--cluster` two listeners, two writers,
PostgreSQL and a NATS server, each in turn. All of it on loopback, in a folder that goes with the
run; only children of this process are killed, by their ids.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import signal
import struct
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import asyncpg
import orjson
import psutil

from db import embedded
from db.connect import open_pool
from ingest.registry import enrol_device, new_gateway_key
from tests.conftest import free_port
from tests.integration.nats import NATS_SERVER, NO_NATS, NatsServer
from tests.unit.ingest.teltonika_encoder import CODEC_8, Sent, block, frame, login

FLAADE = Path(sys.executable).parent / "flaade"

HTTP_SENDERS, TCP_SENDERS = 6, 6
ROWS_HTTP, ROWS_TCP = 50, 15
#: Every device drives from this moment on, one fix a second.
START_S = 1_790_000_000
#: Between two kills: long enough for thousands of acknowledgements, short enough to hit commits.
BETWEEN_S = 1.5
ANSWER_S = 20.0


@dataclass
class Sender:
    """One device: how many of its fixes were sent at least once, and acknowledged."""

    device: str
    sent: int = 0
    acknowledged: int = 0


@dataclass
class Load:
    """All senders, until they are told to stop; the last batch of each is then acknowledged."""

    key: str
    http_ports: list[int]
    tcp_ports: list[int]
    stopping: bool = False
    senders: list[Sender] = field(default_factory=list)

    async def http(self, sender: Sender) -> None:
        turn = 0
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S)) as session:
            while not self.stopping:
                first = sender.acknowledged
                body = orjson.dumps(
                    [
                        {
                            "device": sender.device,
                            "ts": START_S + n,
                            "lat": 55.7 + n * 1e-6,
                            "lon": 12.5,
                        }
                        for n in range(first, first + ROWS_HTTP)
                    ]
                )
                sender.sent = first + ROWS_HTTP
                while True:
                    port = self.http_ports[turn % len(self.http_ports)]
                    try:
                        async with session.post(
                            f"http://127.0.0.1:{port}/v1/positions",
                            data=body,
                            headers={
                                "Authorization": f"Bearer {self.key}",
                                "Content-Type": "application/json",
                            },
                        ) as answer:
                            if answer.status == 200:
                                counts = await answer.json()
                                assert counts["quarantined"] == 0, counts
                                sender.acknowledged = sender.sent
                                break
                    except (aiohttp.ClientError, TimeoutError):
                        pass
                    turn += 1
                    await asyncio.sleep(0.1)

    async def tcp(self, sender: Sender) -> None:
        turn = 0
        while not self.stopping or sender.acknowledged < sender.sent:
            turn += 1
            writer = None
            try:
                async with asyncio.timeout(ANSWER_S):
                    reader, writer = await asyncio.open_connection(
                        "127.0.0.1", self.tcp_ports[turn % len(self.tcp_ports)]
                    )
                    writer.write(login(sender.device))
                    assert await reader.readexactly(1) == b"\x01"
                while not self.stopping or sender.acknowledged < sender.sent:
                    first = sender.acknowledged
                    records = [
                        Sent(timestamp_ms=(START_S + n) * 1000, lat_e7=557_000_000 + 10 * n)
                        for n in range(first, first + ROWS_TCP)
                    ]
                    sender.sent = first + ROWS_TCP
                    writer.write(frame(block(CODEC_8, records)))
                    async with asyncio.timeout(ANSWER_S):
                        (count,) = struct.unpack(">I", await reader.readexactly(4))
                    assert count == ROWS_TCP
                    sender.acknowledged = sender.sent
            except (OSError, EOFError):
                await asyncio.sleep(0.1)
            finally:
                if writer is not None:
                    writer.close()

    async def run(self) -> None:
        http = [Sender(f"http-{n}") for n in range(HTTP_SENDERS)]
        tcp = [Sender(f"35630704244{n:04d}") for n in range(TCP_SENDERS)]
        self.senders = [*http, *tcp]
        async with asyncio.TaskGroup() as group:
            for one in http:
                group.create_task(self.http(one))
            for one in tcp:
                group.create_task(self.tcp(one))


class Served:
    """`flaade serve --only PART` as a child that may be killed and started again."""

    def __init__(self, part: str, env: dict[str, str], log: Path) -> None:
        self.part = part
        self.port, self.tcp_port = free_port(), free_port()
        self._log = log
        self._env = {
            **env,
            "FLAADE_PORT": str(self.port),
            "FLAADE_OSMAND_PORT": str(free_port()),
            "FLAADE_TELTONIKA_PORT": str(self.tcp_port),
        }

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                FLAADE, "serve", "--only", self.part, env=self._env, stderr=log, stdout=log
            )
        async with aiohttp.ClientSession() as session:
            for _ in range(600):
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{self.port}/healthz") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)
        raise RuntimeError(f"{self.part} did not start: {self._log.read_text()[-2000:]}")

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """Told to stop, as a service manager would; it drains."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            await self._process.wait()


class Database:
    """A PostgreSQL of this run's own, whose postmaster may be killed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def start(self) -> None:
        self._server = await asyncio.to_thread(embedded.start, self._directory)
        self.url = self._server.url

    async def kill(self) -> None:
        pid_file = self._directory / "postgres" / "postmaster.pid"
        process = psutil.Process(int(pid_file.read_text().splitlines()[0]))
        process.kill()
        await asyncio.to_thread(process.wait, 30)

    async def stop(self) -> None:
        await asyncio.to_thread(self._server.stop)


async def main(kills: int, database_kills: int, *, cluster: bool) -> bool:
    directory = Path(tempfile.mkdtemp(prefix="flaade-durability-"))
    try:
        return await _run(directory, kills, database_kills, cluster=cluster)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _run(directory: Path, kills: int, database_kills: int, *, cluster: bool) -> bool:
    database = Database(directory)
    await database.start()
    env = {name: value for name, value in os.environ.items() if not name.startswith("FLAADE_")}
    env |= {"FLAADE_DATABASE_URL": database.url, "FLAADE_WRITER_WAIT_MAX_S": "5"}
    nats = None
    if cluster:
        nats = NatsServer(free_port(), directory)
        await nats.start()
        env |= {"FLAADE_BUFFER_URL": nats.url, "FLAADE_BUFFER_ACK_WAIT_S": "2"}
    listeners = [Served("ingest", env, directory / f"ingest{n}.log") for n in range(1 + cluster)]
    writers = [Served("writer", env, directory / f"writer{n}.log") for n in range(2 * cluster)]
    served = [*listeners, *writers]
    began = time.monotonic()
    try:
        async with open_pool(database.url) as pool:
            for n in range(HTTP_SENDERS):
                await enrol_device(pool, f"http-{n}")
            for n in range(TCP_SENDERS):
                await enrol_device(pool, f"35630704244{n:04d}")
            key = await new_gateway_key(pool, "load")
        for one in served:
            await one.start()
        load = Load(key, [one.port for one in listeners], [one.tcp_port for one in listeners])
        running = asyncio.create_task(load.run())
        # PostgreSQL, and NATS, in between, evenly.
        order: list[Served | Database | NatsServer] = [
            served[n % len(served)] for n in range(kills)
        ]
        for n in range(database_kills):
            at = (n + 1) * len(order) // (database_kills + 1)
            order.insert(at, database)
            if nats is not None:
                order.insert(at, nats)
        for victim in order:
            await asyncio.sleep(BETWEEN_S)
            await victim.kill()
            await victim.start()
        await asyncio.sleep(BETWEEN_S)
        load.stopping = True
        await running
        for one in listeners:
            await one.stop()
        return await _verdict(database.url, load, order, time.monotonic() - began)
    finally:
        for one in served:
            await one.stop()
        if nats is not None:
            await nats.kill()
        await database.stop()


async def _verdict(
    url: str, load: Load, order: list[Served | Database | NatsServer], seconds: float
) -> bool:
    """Count, when the writers have had the time to drain what was acknowledged."""
    sent = sum(one.sent for one in load.senders)
    acknowledged = sum(one.acknowledged for one in load.senders)
    connection = await asyncpg.connect(url)
    stored = distinct = 0
    for _ in range(120):
        stored = await connection.fetchval("SELECT count(*) FROM position")
        distinct = await connection.fetchval(
            "SELECT count(*) FROM (SELECT DISTINCT device, ts FROM position) once"
        )
        if distinct >= acknowledged:
            break
        await asyncio.sleep(0.5)
    lost = 0
    for one in load.senders:
        there = await connection.fetchval(
            "SELECT count(*) FROM position WHERE device = $1 AND ts < to_timestamp($2)"
            " AND abs(lat - (55.7 + 1e-6 * (extract(epoch FROM ts) - $3))) < 1e-9",
            one.device,
            float(START_S + one.acknowledged),
            float(START_S),
        )
        lost += one.acknowledged - there
    quarantined = await connection.fetchval("SELECT count(*) FROM quarantine")
    await connection.close()
    killed = {type(one).__name__: 0 for one in order}
    for one in order:
        killed[type(one).__name__] += 1
    print(f"killed       {killed} in {seconds:.0f} s")
    print(f"sent         {sent:>10,}")
    print(f"acknowledged {acknowledged:>10,}")
    print(f"stored       {stored:>10,}")
    print(f"doubled      {stored - distinct:>10,}")
    print(f"lost         {lost:>10,}")
    print(f"quarantined  {quarantined:>10,}")
    good = lost == 0 and stored == distinct and quarantined == 0 and distinct <= sent
    print("every acknowledged position is stored exactly once" if good else "FAILED")
    return good


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
