"""A server that is killed: what it acknowledged is there once, and it starts again."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg
import psutil
import pytest

from db import embedded
from ingest.protocols import positions
from simulators.replay import ReplayProgress, ReplayTarget, read_log, replay
from tests.conftest import free_port
from tests.factories.command import FLAADE
from tests.factories.serving_process import environment, flaade, postmaster

#: Above every process id that Linux gives out.
NOBODYS_PID = 2**22 + 1


@asynccontextmanager
async def serving(env: dict[str, str]) -> AsyncGenerator[asyncio.subprocess.Process]:
    """`flaade serve --only ingest` as a process of its own, ready to take positions."""
    log = Path(env["FLAADE_DATA_DIR"]).with_name("serve.log")
    with log.open("a") as stderr:
        process = await asyncio.create_subprocess_exec(
            FLAADE, "serve", "--only", "ingest", env=env, stderr=stderr
        )
    try:
        await _until_ready(env["FLAADE_PORT"])
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def _until_ready(port: str) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(300):
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.1)
    pytest.fail("the server was not ready within 30 s; its log is beside the data directory")


async def test_nothing_acknowledged_is_missing_or_double_after_kills(
    shared_data: Path, tmp_path: Path
) -> None:
    """The server is killed in the middle of a replay, and once its PostgreSQL with it."""
    data_dir, port = tmp_path / "data", free_port()
    env = environment(data_dir, port)
    log = shared_data / "gotrack.parquet"
    await flaade("device", "enrol", "--from-log", str(log), env=env)
    key = (await flaade("device", "key", "--gateway", "test", env=env)).strip()
    table = read_log(log)
    target = ReplayTarget(url=f"http://127.0.0.1:{port}", key=key, batch_rows=50, give_up_s=60)
    acknowledged: list[int] = []

    async def killed_at(rows: int, *, database_too: bool) -> None:
        """Serve, replay on, and kill when so many rows are acknowledged."""
        async with serving(env) as process:
            enough = asyncio.Event()

            def watch(progress: ReplayProgress) -> None:
                acknowledged.append(progress.acknowledged)
                if progress.acknowledged >= rows:
                    enough.set()

            replaying = asyncio.create_task(replay(table, target, tmp_path / "state", watch))
            await enough.wait()
            process.kill()
            if database_too:
                postmaster(data_dir).kill()
            replaying.cancel()
            await asyncio.gather(replaying, return_exceptions=True)
            await process.wait()

    await killed_at(3_000, database_too=False)
    await killed_at(6_000, database_too=True)
    await killed_at(9_000, database_too=False)
    async with serving(env):
        done = await replay(table, target, tmp_path / "state")
    assert acknowledged[-1] < table.num_rows
    assert done.acknowledged == table.num_rows

    server = embedded.start(data_dir)
    connection = await asyncpg.connect(server.url)
    stored = await connection.fetch("SELECT device, ts FROM position")
    refused = await connection.fetch("SELECT reason, payload FROM quarantine")
    await connection.close()
    server.stop()
    sent = table.select(["device", "ts"]).to_pylist()
    assert len(stored) == len({(row["device"], row["ts"]) for row in stored})
    # The log has one fix 5.6 km off its neighbours; such a jump is kept in quarantine. Sent again
    # after a kill, it is late, and late fixes are not judged.
    assert {row["reason"] for row in refused} <= {"jump"}
    kept = [positions.decode(row["payload"]).positions[0] for row in refused]
    there = {(r["device"], r["ts"]) for r in stored}
    assert there | {(p.device, p.ts) for p in kept} == {(r["device"], r["ts"]) for r in sent}
    assert len(kept) <= 1


async def test_the_embedded_server_keeps_what_it_commits_and_stops_with_its_last_user(
    tmp_path: Path,
) -> None:
    first = embedded.start(tmp_path)
    process = postmaster(tmp_path)
    connection = await asyncpg.connect(first.url)
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert await connection.fetchval(f"SHOW {name}") == "on"
    await connection.close()
    # Two users, as `flaade serve` and a command; one of a killed process does not count.
    users_file = tmp_path / "postgres" / ".handle_pids.json"
    users_file.write_text(json.dumps([os.getpid(), NOBODYS_PID]))
    embedded.start(tmp_path)
    first.stop()
    with contextlib.suppress(psutil.NoSuchProcess):
        async with asyncio.timeout(30):
            while process.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110 - no child of ours
                await asyncio.sleep(0.05)


async def test_a_process_id_that_was_given_to_another_program_is_not_the_server(
    tmp_path: Path,
) -> None:
    """After a crash of the machine a stale file may name anybody: here, this test."""
    embedded.start(tmp_path).stop()
    pid_file = tmp_path / "postgres" / "postmaster.pid"
    lines = [str(os.getpid()), str(tmp_path / "postgres"), "1", "5432", "/tmp", "", "1 1", "ready"]
    pid_file.write_text("\n".join(lines) + "\n")
    (tmp_path / "postgres" / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    server = embedded.start(tmp_path)
    connection = await asyncpg.connect(server.url)
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()
    server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
async def test_it_runs_for_an_ordinary_user() -> None:
    """The other tests run as whoever runs the suite; CI is root, so this one is not.

    Privileges are dropped after the imports: an interpreter in root's home is not for others.
    """
    home = Path(tempfile.mkdtemp(prefix="flaade-user-"))
    program = (
        "import os; from pathlib import Path; from db import embedded; import psycopg;"
        f"os.chown('{home}', 65534, 65534);"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534);"
        f"server = embedded.start(Path('{home}/data'));"
        "print(psycopg.connect(server.url).execute('SELECT 6 * 7').fetchone()[0]);"
        "server.stop()"
    )
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program),
            cwd=Path(__file__).parents[3],
            env={"HOME": str(home), "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(home)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert out.strip() == b"42", err.decode()
    finally:
        shutil.rmtree(home)
