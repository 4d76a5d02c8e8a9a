"""Parts of a running server fail, and it goes on: in this process, and as a process whose embedded
database is killed and stopped."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import asyncpg
import psutil
import pytest

from api.server import ServerRole
from api.settings import Settings
from api.supervisor import PartName
from db import embedded
from db.connect import UNAVAILABLE_ERRORS, Pool
from fleet.position import Position
from ingest.gate.receipt import Overloaded, Receipt
from ingest.store.writer import PositionWriter
from ingest.watch.metrics import Metrics
from tests.conftest import free_port
from tests.factories.command import FLAADE
from tests.factories.serving import GOOD, client_of
from tests.factories.serving_process import environment, flaade, postmaster

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)

#: What a machine that is busy with others may take.
PATIENCE_S = 240.0
#: Characters of a line of the log; a traceback has ten times as many.
LINE_MAX = 1_000
#: The queues of jobs, of which each has a worker.
QUEUES = 3
PEOPLE = {"Accept": "text/html", "Cookie": "lang=en"}


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.1)


async def test_a_part_that_fails_is_shown_and_goes_on_when_its_cause_is_gone(
    pool: Pool, database_url: str, settings: Settings
) -> None:
    # Down for long enough to be seen, up again soon.
    slow = {"restart_pause_s": 10.0, "restart_pause_max_s": 10.0}
    quick = settings.model_copy(update=slow)
    parts = (ServerRole.INGEST, ServerRole.API, ServerRole.WORKER)
    async with client_of(quick, database_url, *parts) as client:
        [trips] = [s for s in client.server.supervisor.states if s.name is PartName.TRIPS]
        await pool.execute("ALTER FUNCTION apply_pending_spans() RENAME TO gone")
        try:

            async def down() -> bool:
                return not trips.up

            await until(down)
            status, told = await client.get("/readyz")
            assert status == 200
            assert told == "ready; trips failed (UndefinedFunctionError)\n"
            _, figures = await client.get("/metrics")
            assert 'flaade_part_up{part="trips"} 0.0' in figures
            assert 'flaade_part_failures_total{kind="UndefinedFunctionError",part="trips"}' in (
                figures
            )
            async with client.session.get(client.server.url + "/", headers=PEOPLE) as answer:
                shown = await answer.text()
            assert "A part of the server does not run" in shown
            assert "UndefinedFunctionError" in shown
            assert (await client.post(GOOD))[0] == 200
        finally:
            await pool.execute("ALTER FUNCTION gone() RENAME TO apply_pending_spans")

        async def found() -> bool:
            return trips.up and not await pool.fetchval(
                "SELECT count(*) FROM device_state WHERE dirty_from IS NOT NULL"
            )

        await until(found)
        assert (await client.get("/readyz")) == (200, "ready\n")
        async with client.session.get(client.server.url + "/", headers=PEOPLE) as answer:
            assert "A part of the server failed, and runs again" in await answer.text()


async def test_a_writer_that_failed_tells_who_waited_and_takes_the_next(pool: Pool) -> None:
    writer = PositionWriter(
        pool,
        Metrics(),
        rows_max=5_000,
        queue_rows_max=100_000,
        queue_bytes_max=100_000_000,
        wait_max_s=60,
        connections=2,
    )
    unforeseen = Position("d1", NOW.replace(tzinfo=None), 55.0, 12.5)
    for round_ in range(2):
        running = asyncio.create_task(writer.run())
        sent = [
            asyncio.create_task(writer.store([one], []))
            for one in (unforeseen, Position("d1", NOW, 55.0, 12.5))
        ]
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(ExceptionGroup):
                await running
            for one in sent:
                with pytest.raises(Overloaded):
                    await one
        running = asyncio.create_task(writer.run())
        async with asyncio.timeout(PATIENCE_S):
            good = Position("d1", NOW.replace(minute=round_), 55.0, 12.5)
            assert await writer.store([good], []) == Receipt(1, 0, 0)
        running.cancel()
        await asyncio.wait({running})


@contextmanager
def suspended(postmaster: psutil.Process) -> Generator[None]:
    """Let a database server stand still meanwhile. A process of it that ends first is left out."""
    everyone = [postmaster, *postmaster.children(recursive=True)]
    try:
        for one in everyone:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.suspend()
        yield
    finally:
        for one in everyone:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.resume()


@asynccontextmanager
async def served(env: dict[str, str]) -> AsyncGenerator[asyncio.subprocess.Process]:
    """`flaade serve` with all parts and the embedded database."""
    log = Path(env["FLAADE_DATA_DIR"]).with_name("serve.log")
    with log.open("a") as stderr:
        process = await asyncio.create_subprocess_exec(FLAADE, "serve", env=env, stderr=stderr)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def test_the_embedded_database_is_started_again_and_meanwhile_said_to_be_away(
    tmp_path: Path,
) -> None:
    data_dir, port = tmp_path / "data", free_port()
    data_dir.mkdir()
    env = environment(data_dir, port) | {"FLAADE_RESTART_PAUSE_S": "3"}
    url = f"http://127.0.0.1:{port}"
    async with served(env) as process, aiohttp.ClientSession() as session:

        async def get(path: str, **headers: str) -> tuple[int, str]:
            async with session.get(url + path, headers=headers) as answer:
                if answer.status == 503 and path != "/readyz":
                    assert answer.headers["Retry-After"] == "5"
                return answer.status, await answer.text()

        async def ready() -> bool:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                return await get("/readyz") == (200, "ready\n")
            return False

        await until(ready)
        until_day = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}"
        made = await flaade(
            *("account", "token", "test", "--ends", until_day, "--scope", "telemetry:manage"),
            env=env,
        )
        program = {"Authorization": f"Bearer {made.strip()}"}
        await flaade("device", "enrol", "d1", env=env)
        key = (await flaade("device", "key", "--device", "d1", env=env)).strip()

        async def post(minute: int) -> int:
            body = GOOD | {"ts": f"2026-11-20T10:{minute:02}:00Z"}
            headers = {"Authorization": f"Bearer {key}"}
            async with session.post(url + "/v1/positions", json=body, headers=headers) as answer:
                return answer.status

        assert await post(0) == 200
        before = postmaster(data_dir)
        before.kill()
        await asyncio.to_thread(before.wait)

        async def away() -> bool:
            return (await get("/readyz"))[0] == 503

        await until(away)
        status, shown = await get("/", **PEOPLE)
        assert status == 503
        assert "The database is unavailable" in shown
        assert "GT06 trackers and apps without a memory do not" in shown
        status, shown = await get("/", Accept="text/html")
        assert status == 503
        assert "Databasen er væk" in shown
        assert "GT06-chips og apps uden hukommelse gør det ikke" in shown
        assert await get("/v1/devices", **program) == (
            503,
            '{"title": "Service Unavailable", "status": 503, "detail": "the database is away"}',
        )
        assert await post(1) == 503
        assert (await get("/healthz"))[0] == 200
        await until(ready)
        assert postmaster(data_dir).pid != before.pid
        assert await post(1) == 200
        assert (await get("/", **PEOPLE))[0] == 200
        _, figures = await get("/metrics")
        assert 'flaade_part_failures_total{kind="EmbeddedServerDiedError",part="database"} 1.0' in (
            figures
        )

        with suspended(postmaster(data_dir)):
            for path, expected in (("/readyz", 503), ("/healthz", 200), ("/metrics", 200)):
                began = time.monotonic()
                assert (await get(path))[0] == expected
                assert time.monotonic() - began < 10.0  # 2 s, on a machine of its own
        await until(ready)
        assert process.returncode is None
        os.kill(process.pid, 0)
        _, figures = await get("/metrics")
        assert 'flaade_library_errors_total{kind="OperationalError",' in figures
    assert process.returncode == 0
    said = data_dir.with_name("serve.log").read_text().splitlines()
    assert [line for line in said if not line.startswith("timestamp=")] == []
    of_libraries = [line for line in said if "library=" in line]
    assert of_libraries, "the job queue lost its connections, and its library says so"
    assert len(of_libraries) < 20
    assert any("kind='OperationalError' at='" in line for line in of_libraries)
    assert not [line for line in said if len(line) > LINE_MAX]


async def test_a_server_that_is_told_to_stop_ends_though_its_database_stands_still(
    tmp_path: Path,
) -> None:
    data_dir, port = tmp_path / "data", free_port()
    data_dir.mkdir()
    env = environment(data_dir, port) | {"FLAADE_STOP_MAX_S": "4"}
    url = f"http://127.0.0.1:{port}/readyz"

    async def ready() -> bool:
        with contextlib.suppress(aiohttp.ClientConnectionError):
            async with session.get(url) as answer:
                return answer.status == 200
        return False

    async with aiohttp.ClientSession() as session:
        async with served(env) as process:
            await until(ready)
            with suspended(postmaster(data_dir)):
                process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(PATIENCE_S):
                    assert await process.wait() == 1
        said = data_dir.with_name("serve.log").read_text()
        assert "not everything stopped in time; the process ends all the same" in said
        # The next one finds the database that was left.
        async with served(env) as process:
            await until(ready)
        assert process.returncode == 0


async def test_jobs_wait_for_a_database_that_was_killed_and_no_part_has_failed(
    settings: Settings, tmp_path: Path
) -> None:
    server = embedded.start(tmp_path / "data")
    try:
        async with client_of(settings, server.url, ServerRole.API, ServerRole.WORKER) as client:

            async def away() -> bool:
                return await client.get("/readyz") == (503, "the database is away\n")

            async def workers() -> set[int]:
                connection = await asyncpg.connect(server.url)
                try:
                    rows = await connection.fetch("SELECT id FROM procrastinate_workers")
                    return {row["id"] for row in rows}
                finally:
                    await connection.close()

            async def work() -> bool:
                """Whether there is a new worker of each queue."""
                with contextlib.suppress(*UNAVAILABLE_ERRORS):
                    return len(await workers() - before) == QUEUES
                return False

            before: set[int] = set()
            await until(work)
            for _ in range(2):
                before = await workers()
                killed = postmaster(tmp_path / "data")
                killed.kill()
                await asyncio.to_thread(killed.wait)
                await until(away)
                starting = asyncio.create_task(server.watch())
                await until(work)
                assert await client.get("/readyz") == (200, "ready\n")
                starting.cancel()
                await asyncio.wait({starting})
            failed = {s.name: s.kind for s in client.server.supervisor.states if s.failures}
            assert failed == {}
            async with client.session.get(client.server.url, headers=PEOPLE) as answer:
                assert "A part of the server" not in await answer.text()
    finally:
        server.stop()


async def test_a_page_of_a_stopped_database_says_that_it_is_away(
    settings: Settings, tmp_path: Path
) -> None:
    server = embedded.start(tmp_path / "data")
    try:
        impatient = settings.model_copy(update={"page_wait_max_s": 2.0})
        async with client_of(impatient, server.url, ServerRole.API) as client:
            first = postmaster(tmp_path / "data")
            stopped = [first, *first.children(recursive=True)]
            for process in stopped:
                process.suspend()
            try:
                async with (
                    asyncio.timeout(20),
                    client.session.get(client.server.url, headers=PEOPLE) as answer,
                ):
                    assert answer.status == 503
            finally:
                for process in stopped:
                    process.resume()
            async with client.session.get(client.server.url) as answer:
                assert answer.status == 200
    finally:
        server.stop()
