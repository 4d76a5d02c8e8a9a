"""One run: a server with all its parts, a pilot's load, a blow every few seconds, and the count."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import psutil

from db import embedded
from db.connect import Pool, open_pool
from register.devices import enrol_device
from simulators.pilot_files import POSITIONS_FILE, REGISTER_FILE
from tests.conftest import free_port
from tests.factories.access import Visitor, visitor
from tests.factories.actors import SOMEBODY
from tests.factories.broker import broker_on
from tests.factories.chaos.blows import Blows, Period, Target, environment
from tests.factories.chaos.senders import Addresses, Load, Tracker
from tests.factories.command import FLAADE, run_command
from tests.factories.nats_servers import nats_server
from tests.factories.vehicles import put_cars

#: Trackers of each protocol.
EACH = 8

#: The pilot that rounds rest on.
PILOT_VEHICLES, PILOT_WEEKS = 22, 1

#: What must be stored after the last blow is there after so long, or never.
SETTLE_S = 180.0

#: A request that is not a blow is answered within this time.
ANSWER_S = 30.0

WATCHED = (
    *("/healthz", "/readyz", "/metrics", "/", "/vehicles", "/zones", "/use", "/intake"),
    *("/intake/live", "/proposals", "/proposals/rounds", "/plan", "/logs", "/v1/quarantine"),
)


@dataclass
class Outcome:
    """What became of a run; counts of positions unless a name says otherwise."""

    seconds: float = 0.0
    same_process: bool = False
    struck: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])
    acknowledged: int = 0
    stored: int = 0
    lost: int = 0
    doubled: int = 0
    private_stored: int = 0
    private_periods: int = 0
    pages: Counter[int] = field(default_factory=Counter[int])
    pages_unanswered: list[str] = field(default_factory=list[str])
    health_slowest_s: float = 0.0

    @property
    def good(self) -> bool:
        """Nothing acknowledged was lost or doubled, nothing private stayed, all was answered by
        the process that was started."""
        return (
            self.same_process
            and not self.wrong
            and not (self.lost or self.doubled or self.private_stored)
            and not self.pages_unanswered
            and not self.pages[500]
        )


async def chaos(
    directory: Path, faults: Path, *, seconds: float, seed: int, blow_every_s: float, every_s: float
) -> Outcome:
    """Run it: `seconds` of load of a position every `every_s` from each tracker."""
    outcome = Outcome()
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(
            broker_on(free_port(), directory, log_type="error")
        )
        nats = await stack.enter_async_context(nats_server(free_port(), directory))
        ports = {name: free_port() for name in ("http", "osmand", "teltonika")}
        env = environment(directory, ports | {"broker": broker.port}, nats)
        process = await stack.enter_async_context(_serving(env, directory / "serve.log"))
        server = psutil.Process(process.pid)
        await _healthy(ports["http"])
        trackers = [
            Tracker(name.format(n))
            for n in range(EACH)
            for name in ("http-{}", "osmand-{}", "mqtt-{}", "35630704244{:04d}")
        ]
        vehicles = await _register(Path(env["FLAADE_DATA_DIR"]), env, trackers)
        key = await _flaade(env, "device", "key", "--gateway", "chaos")
        addresses = Addresses(**ports, broker=broker.port, key=key)
        target = Target(addresses, env, directory, faults, server, nats, broker, vehicles)
        load = Load(addresses, trackers, every_s)
        began = time.monotonic()
        timeout = aiohttp.ClientTimeout(total=ANSWER_S * 2)
        async with _database(Path(env["FLAADE_DATA_DIR"])) as pool:
            tester = await visitor(pool)
        async with tester.client(timeout=timeout) as session:
            blows = Blows(target, random.Random(seed), session)
            watching = asyncio.create_task(_watch(tester, addresses.http, outcome))
            sending = asyncio.create_task(load.run())
            await _strike(blows, began + seconds, blow_every_s)
            load.stop()
            async with asyncio.timeout(SETTLE_S):
                await sending
            await _count(Path(env["FLAADE_DATA_DIR"]), trackers, blows.periods, outcome)
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
        outcome.seconds = time.monotonic() - began
        outcome.same_process = process.returncode is None
        outcome.struck, outcome.wrong = blows.struck, blows.wrong
        outcome.private_periods = len(blows.periods)
    return outcome


@asynccontextmanager
async def _serving(env: dict[str, str], log: Path) -> AsyncGenerator[asyncio.subprocess.Process]:
    with log.open("ab") as sink:
        process = await asyncio.create_subprocess_exec(
            FLAADE, "serve", env=env, stdout=sink, stderr=sink
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _healthy(port: int) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(600):
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.2)
    raise RuntimeError("the server was not ready within two minutes")


async def _register(
    data_dir: Path, env: dict[str, str], trackers: Sequence[Tracker]
) -> list[tuple[str, str]]:
    """A small pilot whose trips a round can rest on, and a vehicle for each tracker of the load;
    returns the load's vehicles with their devices."""
    pilot = data_dir / "pilot"
    await _flaade(
        env, "simulate", str(pilot), "--vehicles", f"{PILOT_VEHICLES}", "--weeks", f"{PILOT_WEEKS}"
    )
    await _flaade(env, "register", str(pilot / REGISTER_FILE))
    key = await _flaade(env, "device", "key", "--gateway", "pilot")
    url = f"http://127.0.0.1:{env['FLAADE_PORT']}"
    await _flaade(
        env, "replay", str(pilot / POSITIONS_FILE), "--key", key, "--url", url,
        "--state", str(pilot / "replay.json"),
    )  # fmt: skip
    async with _database(data_dir) as pool:
        depot = await pool.fetchval("SELECT depot_id FROM depot ORDER BY depot_id LIMIT 1")
        vehicles = [(f"car-{one.device}", one.device) for one in trackers]
        await put_cars(pool, *(vehicle for vehicle, _ in vehicles), depot_id=depot)
        for vehicle, device in vehicles:
            await enrol_device(pool, SOMEBODY, device, vehicle)
    return vehicles


@asynccontextmanager
async def _database(data_dir: Path) -> AsyncGenerator[Pool]:
    """Connections to the embedded server of the run, which another process has started."""
    server = await asyncio.to_thread(embedded.start, data_dir)
    try:
        async with open_pool(server.url, connections_max=2) as pool:
            yield pool
    finally:
        await asyncio.to_thread(server.stop)


async def _flaade(env: dict[str, str], *words: str) -> str:
    done = await asyncio.to_thread(run_command, *words, env=env)
    if done.returncode:
        raise RuntimeError(f"flaade {' '.join(words)} ended with {done.returncode}: {done.stderr}")
    return done.stdout.strip()


async def _strike(blows: Blows, until_s: float, every_s: float) -> None:
    """A blow every so often, some beside each other; each kind at least once."""
    names = list(blows.all())
    blows.source.shuffle(names)
    first = iter(names)
    async with asyncio.TaskGroup() as group:
        while time.monotonic() < until_s:
            name = next(first, None) or blows.source.choice(names)
            group.create_task(blows.strike(name))
            await asyncio.sleep(blows.source.uniform(0.2, 1.8) * every_s)


async def _watch(tester: Visitor, port: int, outcome: Outcome) -> None:
    """Ask for pages as people and monitors do; every one is answered."""
    number = 0
    timeout = aiohttp.ClientTimeout(total=ANSWER_S)
    async with tester.client(timeout=timeout) as session:
        while True:
            number += 1
            path = "/healthz" if number % 2 else WATCHED[number // 2 % len(WATCHED)]
            began = time.monotonic()
            try:
                async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                    await answer.read()
                    outcome.pages[answer.status] += 1
                    if answer.status == 500:
                        outcome.pages_unanswered.append(f"{path}: 500")
            except (aiohttp.ClientError, TimeoutError) as error:
                outcome.pages_unanswered.append(f"{path}: {type(error).__name__}")
            if path == "/healthz":
                took_s = time.monotonic() - began
                outcome.health_slowest_s = max(outcome.health_slowest_s, took_s)
            await asyncio.sleep(0.25)


async def _count(
    data_dir: Path, trackers: Sequence[Tracker], periods: Sequence[Period], outcome: Outcome
) -> None:
    """Count when all that was acknowledged is there, or `SETTLE_S` are over."""
    # One whose answer was lost with the database is set all the same.
    async with _database(data_dir) as pool:
        periods = [
            *periods,
            *(
                Period(row["device"], row["begins"], row["ends"])
                for row in await pool.fetch(
                    "SELECT device, begins, ends FROM private_period JOIN device USING (vehicle_id)"
                )
            ),
        ]
    expected = {
        (one.device, ts)
        for one in trackers
        for ts in one.acknowledged
        if not any(_within(one.device, ts, period) for period in periods)
    }
    outcome.acknowledged = len(expected)
    ends = time.monotonic() + SETTLE_S
    while True:
        async with _database(data_dir) as pool:
            rows = await pool.fetch(
                "SELECT device, (extract(epoch FROM ts) * 1000)::bigint AS ms, count(*) AS times"
                " FROM position GROUP BY device, ts"
            )
            there = {(row["device"], row["ms"]) for row in rows}
            missing = expected - there
            private = [
                (device, ms)
                for device, ms in there
                if any(_within(device, ms, period) for period in periods)
            ]
            if not (missing or private) or time.monotonic() > ends:
                kept = 0
                for period in periods:
                    for table in ("trip", "round_trip"):
                        kept += await pool.fetchval(
                            f"SELECT count(*) FROM {table}"
                            " WHERE device = $1 AND start_ts < $3 AND end_ts > $2",
                            *(period.device, period.begins, period.ends),
                        )
                outcome.private_stored = len(private) + kept
                outcome.lost = len(missing)
                outcome.stored = len(there)
                outcome.doubled = sum(row["times"] - 1 for row in rows)
                return
        await asyncio.sleep(2)


def _within(device: str, ts_ms: int, period: Period) -> bool:
    at = datetime.fromtimestamp(ts_ms / 1000, UTC)
    return device == period.device and period.begins <= at < period.ends
