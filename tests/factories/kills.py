"""Senders that send again what was not acknowledged, while what they send to is killed.

They speak HTTP and Teltonika TCP to `flaade serve` as children of this process, on a PostgreSQL
and, in a cluster, a NATS server of the run's own; all of it on loopback, in a folder of the caller.
Only these children are killed, by their ids, with SIGKILL.
"""

import asyncio
import contextlib
import os
import signal
import struct
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import asyncpg
import orjson
import psutil

from db import embedded
from db.connect import open_pool
from register.devices import enrol_device
from register.keys import new_gateway_key
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.command import FLAADE
from tests.factories.nats_servers import NatsServer, buffer_environment
from tests.unit.ingest.teltonika_encoder import CODEC_8, Sent, block, frame, login

HTTP_SENDERS, TCP_SENDERS = 6, 6
ROWS_HTTP, ROWS_TCP = 50, 15
#: Every device drives from this moment on, one fix a second.
START_S = 1_790_000_000
ANSWER_S = 20.0
#: Writers that stored nothing for so long have nothing left, or never will.
STILL_S = 60.0


@dataclass(frozen=True)
class Outcome:
    """What became of a run; counts of positions but for `killed`, by kind, and `seconds`."""

    killed: Counter[str]
    seconds: float
    sent: int
    acknowledged: int
    stored: int
    doubled: int
    lost: int
    quarantined: int

    @property
    def good(self) -> bool:
        """Every acknowledged position is stored exactly once, and nothing that was not sent."""
        return not (self.lost or self.doubled or self.quarantined) and self.stored <= self.sent


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
        await self._spawn()
        async with aiohttp.ClientSession() as session:
            for _ in range(600):
                if self._process.returncode is not None and self._database_was_away():
                    await self._spawn()  # as what supervises it does
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{self.port}/healthz") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)
        raise RuntimeError(f"{self.part} did not start: {self._log.read_text()[-2000:]}")

    async def _spawn(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                FLAADE, "serve", "--only", self.part, env=self._env, stderr=log, stdout=log
            )

    def _database_was_away(self) -> bool:
        """Whether it ended because the database was killed when it had just found it."""
        return "the database cannot be reached" in self._log.read_text()[-300:]

    async def kill(self) -> None:
        if self._process.returncode is not None:
            raise RuntimeError(f"{self.part} ended by itself: {self._log.read_text()[-2000:]}")
        self._process.kill()
        await self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def ended(self) -> int:
        """Its exit code, when it has ended."""
        return await self._process.wait()

    async def stop(self) -> None:
        """Told to stop, as a service manager would; it drains."""
        if self._process.returncode is None:
            self.signal(signal.SIGTERM)
            await self.ended()


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


def environment(database_url: str, buffer: NatsServer | None) -> dict[str, str]:
    """For `flaade serve` on this database and buffer, with nothing else set."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("FLAADE_")}
    env |= {"FLAADE_DATABASE_URL": database_url, "FLAADE_WRITER_WAIT_MAX_S": "5"}
    if buffer is not None:
        env |= buffer_environment(buffer) | {"FLAADE_BUFFER_ACK_WAIT_S": "2"}
    return env


async def killing(
    directory: Path,
    kills: int,
    server_kills: int,
    *,
    cluster: bool,
    database_url: str | None = None,
    between_s: float = 1.5,
) -> Outcome:
    """Run it: so many kills of `flaade`'s processes, in turn, and of PostgreSQL (and NATS).

    `between_s` is the pause between two kills: long enough for thousands of acknowledgements, short
    enough to hit commits. The PostgreSQL of a `database_url` is another's and is not killed.
    """
    database = None
    if database_url is None:
        database = Database(directory)
        await database.start()
        database_url = database.url
    nats = None
    if cluster:
        nats = NatsServer(free_port(), directory)
        await nats.start()
    env = environment(database_url, nats)
    listeners = [Served("ingest", env, directory / f"ingest{n}.log") for n in range(1 + cluster)]
    writers = [Served("writer", env, directory / f"writer{n}.log") for n in range(2 * cluster)]
    served = [*listeners, *writers]
    began = time.monotonic()
    try:
        async with open_pool(database_url) as pool:
            for n in range(HTTP_SENDERS):
                await enrol_device(pool, SOMEBODY, f"http-{n}")
            for n in range(TCP_SENDERS):
                await enrol_device(pool, SOMEBODY, f"35630704244{n:04d}")
            key = await new_gateway_key(pool, SOMEBODY, "load")
        await asyncio.gather(*(one.start() for one in served))
        load = Load(key, [one.port for one in listeners], [one.tcp_port for one in listeners])
        running = asyncio.create_task(load.run())
        # PostgreSQL, and NATS, in between, evenly.
        order: list[Served | Database | NatsServer] = [
            served[n % len(served)] for n in range(kills)
        ]
        for n in range(server_kills):
            at = (n + 1) * len(order) // (server_kills + 1)
            order[at:at] = [server for server in (database, nats) if server is not None]
        starting: dict[int, asyncio.Task[None]] = {}
        for victim in order:
            await asyncio.sleep(between_s)
            if id(victim) in starting:
                await starting[id(victim)]
            await victim.kill()
            starting[id(victim)] = asyncio.create_task(victim.start())
        await asyncio.gather(*starting.values())
        await asyncio.sleep(between_s)
        load.stopping = True
        await running
        for one in listeners:
            await one.stop()
        return await _outcome(database_url, load, order, began)
    finally:
        for one in served:
            await one.stop()
        if nats is not None:
            await nats.kill()
        if database is not None:
            await database.stop()


async def _outcome(
    url: str, load: Load, order: list[Served | Database | NatsServer], began: float
) -> Outcome:
    """Count, when the writers have had the time to store what was acknowledged."""
    sent = sum(one.sent for one in load.senders)
    acknowledged = sum(one.acknowledged for one in load.senders)
    connection = await asyncpg.connect(url)
    stored = distinct = before = 0
    came_s = time.monotonic()
    while time.monotonic() - came_s < STILL_S:
        # In one look: the writers may still be at it.
        stored, distinct = await connection.fetchrow(
            "SELECT coalesce(sum(times), 0)::bigint, count(*)"
            " FROM (SELECT count(*) AS times FROM position GROUP BY device, ts) AS each"
        ) or (0, 0)
        if distinct >= acknowledged:
            break
        if distinct > before:
            before, came_s = distinct, time.monotonic()
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
    return Outcome(
        killed=Counter(type(one).__name__ for one in order),
        seconds=time.monotonic() - began,
        sent=sent,
        acknowledged=acknowledged,
        stored=stored,
        doubled=stored - distinct,
        lost=lost,
        quarantined=quarantined,
    )
