"""The job queue, whose database is killed and started again, and stands still."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from procrastinate import App, PsycopgConnector, RetryStrategy

from api.jobs import jobs_app, rescue_jobs, run_jobs
from api.settings import Settings
from db import embedded
from db.connect import Pool, open_pool
from db.embedded import EmbeddedServer
from optimiser.rounds.jobs import ROUND_JOB
from optimiser.what_if.jobs import WHAT_IF_JOB
from tests.factories.serving_process import postmaster

#: What a machine that is busy with others may take.
PATIENCE_S = 240.0

#: A queue that doubles its pause before each further try comes to so many tries only long after
#: `PATIENCE_S`.
MANY_TRIES = 24


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@asynccontextmanager
async def opened(
    server: EmbeddedServer, settings: Settings
) -> AsyncGenerator[tuple[App, Pool, PsycopgConnector]]:
    async with (
        open_pool(server.url, forward=True) as pool,
        jobs_app(server.url, pool, settings) as jobs,
    ):
        connector = jobs.connector
        assert isinstance(connector, PsycopgConnector)
        yield jobs, pool, connector


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - the library tells nobody
        await asyncio.sleep(0.1)


async def kill(data_dir: Path) -> None:
    killed = postmaster(data_dir)
    killed.kill()
    await asyncio.to_thread(killed.wait)


@asynccontextmanager
async def started_again(server: EmbeddedServer) -> AsyncGenerator[None]:
    watching = asyncio.create_task(server.watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait({watching})


async def test_tries_follow_each_other_evenly_however_long_the_database_is_away(
    settings: Settings, data_dir: Path
) -> None:
    server = embedded.start(data_dir)
    try:
        async with opened(server, settings) as (jobs, _, connector), asyncio.timeout(PATIENCE_S):
            before = connector.pool.get_stats().get("connections_errors", 0)
            await kill(data_dir)
            waiting = asyncio.create_task(jobs.check_connection_async())
            await until(
                lambda: (
                    connector.pool.get_stats().get("connections_errors", 0) >= before + MANY_TRIES
                )
            )
            assert not waiting.done()
            async with started_again(server):
                assert await waiting
    finally:
        server.stop()


async def test_a_job_that_ran_when_the_database_died_is_begun_once_more_and_never_beside_itself(
    settings: Settings, data_dir: Path
) -> None:
    server = embedded.start(data_dir)
    begun: list[int] = []
    running: set[int] = set()
    may_end = asyncio.Event()

    async def work() -> None:
        begun.append(len(begun))
        assert not running
        running.add(begun[-1])
        try:
            await may_end.wait()
        finally:
            running.clear()

    try:
        async with opened(server, settings) as (jobs, pool, _), asyncio.timeout(PATIENCE_S):
            task = jobs.task(name="long", queue=ROUND_JOB, retry=RetryStrategy(max_attempts=9))
            await task(work).defer_async()
            taking = asyncio.create_task(run_jobs(jobs, pool))
            await until(lambda: bool(running))
            await kill(data_dir)
            async with started_again(server):
                await until(lambda: len(begun) > 1)
                may_end.set()
                left = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'long'"
                while await pool.fetchval(left):  # noqa: ASYNC110 - the worker tells nobody
                    await asyncio.sleep(0.1)
                assert begun == [0, 1]
                taking.cancel()
                await asyncio.wait({taking})
    finally:
        server.stop()


async def test_a_worker_that_gives_a_sign_again_keeps_its_job_and_a_silent_one_does_not(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    """After a database that stood still each worker looks dead, until it gives its next sign."""
    async with jobs_app(database_url, pool, settings) as jobs:
        lives, died = [
            await pool.fetchval(
                "INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - interval '60 seconds') RETURNING id"
            )
            for _ in range(2)
        ]
        for worker in (lives, died, None):
            job = await jobs.configure_task(WHAT_IF_JOB, queue=WHAT_IF_JOB).defer_async(
                what_if_id=0
            )
            await pool.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = $2 WHERE id = $1",
                *(job, worker),
            )
        rescuing = asyncio.create_task(rescue_jobs(jobs, pool))
        await asyncio.sleep(2)  # it has looked, and found each of them silent
        sign = "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = $1"
        while not (await asyncio.wait({rescuing}, timeout=1))[0]:
            await pool.execute(sign, lives)
        rescuing.result()
        rows = await pool.fetch("SELECT status::text, worker_id FROM procrastinate_jobs")
        assert {row["worker_id"]: row["status"] for row in rows} == {
            lives: "doing",
            died: "todo",
            None: "todo",
        }
        await pool.execute("DELETE FROM procrastinate_jobs")
        await pool.execute("DELETE FROM procrastinate_workers")


async def test_a_periodic_job_of_a_dead_worker_goes_when_the_next_one_waits(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    async with jobs_app(database_url, pool, settings) as jobs:
        for status in ("doing", "todo"):
            job = await jobs.configure_task(
                "sweep", queue="upkeep", queueing_lock="sweep"
            ).defer_async(timestamp=0)
            await pool.execute(
                "UPDATE procrastinate_jobs SET status = $2::procrastinate_job_status WHERE id = $1",
                *(job, status),
            )
        await rescue_jobs(jobs, pool)
        left = await pool.fetch("SELECT status::text FROM procrastinate_jobs")
        assert [row["status"] for row in left] == ["todo"]
        await pool.execute("DELETE FROM procrastinate_jobs")
