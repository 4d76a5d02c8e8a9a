"""What is done to a service that must live through it: killed processes, cut connections, commands,
files, bodies and connections that nobody wants."""

import asyncio
import contextlib
import gzip
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import orjson
import psutil

from tests.factories.broker import Broker
from tests.factories.chaos.senders import Addresses
from tests.factories.command import FLAADE
from tests.factories.nats_servers import NatsServer, buffer_environment
from tests.unit.ingest.fuzzing import mutated
from tests.unit.ingest.teltonika_encoder import CODEC_8, Sent, block, datagram, frame, login

#: A command or a request may take so long while everything is struck at once.
PATIENCE_S = 120.0

#: How long silent connections are held.
SILENT_S = 15.0

#: A private period reaches so far back, and ahead.
PRIVATE_BACK_S, PRIVATE_AHEAD_S = 20.0, 20.0

#: The page that takes each kind of file, and the field of its form.
UPLOADS = {"/logs": "file", "/zones/file": "file"}

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("device", "list"),
    ("device", "keys"),
    ("device", "enrol", "stranger-{n}"),
    ("quarantine", "list"),
    ("retention",),
    ("settings",),
    ("recompute", "--check"),
    ("utilisation",),
    ("export", "trips", "--out", "{directory}/trips-{n}.csv", "--format", "csv"),
    ("migrate",),
)


@dataclass(frozen=True)
class Period:
    """A private period that was set, and by whom: its device drove in it."""

    device: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Target:
    """The service and what it stands on."""

    addresses: Addresses
    env: dict[str, str]
    directory: Path
    faults: Path
    server: psutil.Process
    nats: NatsServer
    broker: Broker
    vehicles: Sequence[tuple[str, str]]  # vehicle and its device

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.addresses.http}"


@dataclass
class Blows:
    """Every blow of one run; what went wrong is told in `wrong`, a line each."""

    target: Target
    source: random.Random
    session: aiohttp.ClientSession
    struck: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])
    periods: list[Period] = field(default_factory=list[Period])

    def all(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Blows by name."""
        return {
            "solver killed": self.kill_solver,
            "database killed": self.kill_database,
            "buffer killed": self.kill_buffer,
            "command": self.command,
            "file command": self.file_command,
            "upload": self.upload,
            "bad body": self.bad_body,
            "bad request": self.bad_request,
            "bad message": self.bad_message,
            "bad packet": self.bad_packet,
            "silent connections": self.silent_connections,
            "private period": self.private_period,
            "round": self.ask_for_round,
        }

    async def strike(self, name: str) -> None:
        """One blow, bounded in time; an error of the blow itself is told as wrong."""
        self.struck[name] += 1
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.all()[name]()
        except TimeoutError:
            self.wrong.append(f"{name}: no end within {PATIENCE_S:.0f} s")

    async def kill_solver(self) -> None:
        """A process of the solver, of those that run now."""
        solvers = [
            child
            for child in self.target.server.children(recursive=True)
            if "spawn_main" in " ".join(_command_line(child))
        ]
        if solvers:
            self.source.choice(solvers).kill()

    async def kill_database(self) -> None:
        """The postmaster of the embedded server; its children follow it."""
        pid_file = Path(self.target.env["FLAADE_DATA_DIR"]) / "postgres" / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, psutil.NoSuchProcess, IndexError, ValueError):
            psutil.Process(int(pid_file.read_text().splitlines()[0])).kill()

    async def kill_buffer(self) -> None:
        """NATS, which is away for a moment, and with it every connection to it."""
        await self.target.nats.kill()
        await asyncio.sleep(self.source.uniform(0.5, 4))
        await self.target.nats.start()

    async def command(self) -> None:
        """One of the commands that operators run beside a server."""
        number = self.source.randrange(10**9)
        words = self.source.choice(COMMANDS)
        await self._run([word.format(n=number, directory=self.target.directory) for word in words])

    async def file_command(self) -> None:
        """A command that reads files, on files with faults."""
        faults = self.target.faults
        plan = str(self.target.directory / f"plan-{self.source.randrange(10**9)}.json")
        optimiser = self.source.choice(sorted(faults.glob("optimiser_*")))
        tables = sorted([*faults.rglob("*.csv"), *(faults / "trips" / "latin1").glob("*")])
        table = str(self.source.choice(tables))
        commands = (
            ["trips", table, "--out", f"{plan}.csv"],
            ["import-log", table],
            [
                *("optimise", "--trips", str(optimiser / "trips.csv")),
                *("--fleet", str(optimiser / "fleet.csv")),
                *("--rules", str(optimiser / "rules.toml"), "--out", plan),
            ],
        )
        await self._run(self.source.choice(commands))

    async def _run(self, words: Sequence[str]) -> None:
        process = await asyncio.create_subprocess_exec(
            FLAADE,
            *words,
            env=self.target.env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            out, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        # The database may be away: that is a sentence and 2, never a traceback. `recompute` says
        # by 1 that days differ.
        if b"Traceback" in out or process.returncode not in (0, 1, 2):
            said = out.decode(errors="replace")[-600:]
            self.wrong.append(f"flaade {' '.join(words)}: {process.returncode}: {said}")

    async def upload(self) -> None:
        """A file with a fault, to a page that takes files."""
        files = [path for path in self.target.faults.rglob("*") if path.is_file()]
        path = self.source.choice(sorted(files))
        page, name = self.source.choice(sorted(UPLOADS.items()))
        form = aiohttp.FormData()
        form.add_field(name, path.read_bytes(), filename=path.name)
        await self._answered(f"{path.name} to {page}", "POST", f"{self.target.url}{page}", form)

    async def bad_body(self) -> None:
        """A body that no tracker should send, with a key or without, by one of the ways of HTTP."""
        addresses = self.target.addresses
        bodies = {
            path.name: path.read_bytes()
            for path in self.target.faults.rglob("*")
            if path.suffix in (".json", ".ndjson", ".gz", ".txt")
        }
        bodies["deep"] = b"[" * 100_000
        bodies["wide"] = orjson.dumps([1] * 1_000_000)
        refused = {"device": "http-0", "ts": 1_000, "lat": 99.0, "lon": 12.5}
        bodies["alike"] = orjson.dumps([refused] * 100_000)
        name = self.source.choice(sorted(bodies))
        data = bodies[name]
        headers = {"Content-Type": self.source.choice(("application/json", "application/x-ndjson"))}
        if name.endswith(".gz"):
            headers["Content-Encoding"] = "gzip"
        elif self.source.random() < 0.3:
            data, headers["Content-Encoding"] = gzip.compress(mutated(self.source, data)), "gzip"
        if self.source.random() < 0.7:
            headers["Authorization"] = f"Bearer {addresses.key}"
        port, path = self.source.choice(
            [
                (addresses.http, "/v1/positions"),
                (addresses.http, "/v1/flespi"),
                (addresses.osmand, "/"),
            ]
        )
        if port == addresses.osmand and self.source.random() < 0.5:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        await self._answered(
            f"{name} to {path}", "POST", f"http://127.0.0.1:{port}{path}", data, headers
        )

    async def _answered(
        self,
        what: str,
        method: str,
        url: str,
        data: object = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        try:
            async with self.session.request(
                method, url, data=data, headers=headers, allow_redirects=False
            ) as answer:
                await answer.read()
                # Away is said as 503; an error of ours would be 500.
                if answer.status >= 500 and answer.status != 503:
                    self.wrong.append(f"{what}: {answer.status}")
        except aiohttp.ServerDisconnectedError:
            self.wrong.append(f"{what}: no answer")
        except (aiohttp.ClientError, OSError):
            pass  # refused in the middle of sending: the connection was closed with its answer

    async def bad_request(self) -> None:
        """Bytes that are no request, on a port that speaks HTTP."""
        addresses = self.target.addresses
        seed = (
            b"POST /v1/positions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + addresses.key.encode()
            + b"\r\nContent-Length: 5\r\n\r\n[1,2]"
        )
        await self._send(
            self.source.choice((addresses.http, addresses.osmand)),
            self.source.choice((mutated(self.source, seed), seed.replace(b"\r\n", b"\n"))),
        )

    async def bad_packet(self) -> None:
        """Teltonika frames and datagrams that are wrong somewhere."""
        port = self.target.addresses.teltonika
        good = block(CODEC_8, [Sent(timestamp_ms=1_700_000_000_000)])
        if self.source.random() < 0.5:
            data = frame(mutated(self.source, good))
            await self._send(port, login() + mutated(self.source, data))
            return
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", port)
        )
        transport.sendto(mutated(self.source, datagram(good)))
        transport.close()

    async def _send(self, port: int, data: bytes) -> None:
        """Bytes to a port, and whatever comes back for a moment."""
        with contextlib.suppress(OSError, TimeoutError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(data)
                async with asyncio.timeout(2):
                    await reader.read(1_000)
            finally:
                writer.close()

    async def bad_message(self) -> None:
        """A message that cannot be read, from a device that is enrolled or not."""
        nested = (self.target.faults / "service" / "nested_1000.json").read_bytes()
        body = self.source.choice((nested, b"\xff", b"[" * 60_000, b'{"device": 1e999}'))
        device = self.source.choice(("mqtt-0", "nobody"))
        await self.target.broker.publish(f"flaade/{device}/positions", body)

    async def silent_connections(self) -> None:
        """500 connections that say nothing."""
        addresses = self.target.addresses
        writers: list[asyncio.StreamWriter] = []
        for _ in range(500):
            port = self.source.choice((addresses.teltonika, addresses.http, addresses.osmand))
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writers.append(writer)
        try:
            await asyncio.sleep(SILENT_S)
        finally:
            for writer in writers:
                writer.close()

    async def private_period(self) -> None:
        """A vehicle becomes private, from a moment ago until a moment from now."""
        vehicle_id, device = self.source.choice(self.target.vehicles)
        now = datetime.now(UTC)
        begins = now - timedelta(seconds=PRIVATE_BACK_S)
        ends = now + timedelta(seconds=PRIVATE_AHEAD_S)
        body = {"begins": begins.isoformat(), "ends": ends.isoformat()}
        with contextlib.suppress(aiohttp.ClientError):
            async with self.session.post(
                f"{self.target.url}/v1/vehicles/{vehicle_id}/private", json=body
            ) as answer:
                if answer.status == 200:
                    self.periods.append(Period(device, begins, ends))
                elif answer.status != 503:
                    self.wrong.append(f"private period: {answer.status} {await answer.text()}")

    async def ask_for_round(self) -> None:
        """A round of proposals, so that there are processes of the solver."""
        await self._answered("a round", "POST", f"{self.target.url}/proposals/rounds")


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def environment(directory: Path, ports: dict[str, int], buffer: NatsServer) -> dict[str, str]:
    """Settings of the server and of the commands beside it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLAADE_")}
    return kept | {
        "FLAADE_DATA_DIR": str(directory / "data"),
        "FLAADE_PORT": str(ports["http"]),
        "FLAADE_OSMAND_PORT": str(ports["osmand"]),
        "FLAADE_TELTONIKA_PORT": str(ports["teltonika"]),
        "FLAADE_MQTT_URL": f"mqtt://127.0.0.1:{ports['broker']}",
        **buffer_environment(buffer),
    }
