"""What is being calculated goes on when the server is stopped, or killed, and started again."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import psutil
import pytest

from api.jobs import jobs_app, queue_round
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from optimiser.rounds.jobs import PART_JOB, STUDY_JOB
from optimiser.rounds.requests import request_round
from tests.conftest import empty_tables, free_port
from tests.factories.pilot import load_pilot
from tests.factories.rounds import FEW_STUDIES
from trips.use.fleet_use import data_period

#: Other people's work may slow this machine down a lot.
WAIT_S = 240


@asynccontextmanager
async def serving(database_url: str, directory: Path) -> AsyncGenerator[asyncio.subprocess.Process]:
    """`flaade serve --only worker`; killed at the end if it is still there."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("FLAADE_")}
    process = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).parent / "flaade", "serve", "--only", "worker"),
        env={
            **kept,
            "FLAADE_DATABASE_URL": database_url,
            "FLAADE_DATA_DIR": str(directory),
            "FLAADE_PORT": str(free_port()),
            "FLAADE_OPTIMISER_SECONDS_MAX": "5",
            **{f"FLAADE_{name.upper()}": str(value) for name, value in FEW_STUDIES.items()},
        },
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until(pool: Pool, query: str, *args: object) -> None:
    async with asyncio.timeout(WAIT_S):
        while not await pool.fetchval(query, *args):  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(0.1)


DOING = "SELECT count(*) > 0 FROM procrastinate_jobs WHERE task_name = $1 AND status = 'doing'"
STUDIED = (
    "SELECT r.state = 'done' AND bool_and(p.study IS NOT NULL) FROM round r"
    " JOIN round_part p USING (round_id) WHERE round_id = $1 GROUP BY r.state"
)


@pytest.fixture(scope="module")
async def fleet(shared_pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Pool:
    """The trips of a week, on which a round takes long enough to be stopped."""
    await empty_tables(shared_pool)
    directory = tmp_path_factory.mktemp("pilot")
    await load_pilot(shared_pool, directory, start=date(2026, 10, 5), weeks=1, vehicles=22)
    return shared_pool


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_round_and_its_studies_go_on_after_a_stop(
    fleet: Pool, settings: Settings, database_url: str, tmp_path: Path, number: int
) -> None:
    pool = fleet
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    round_id = await request_round(pool, Actor.trusted("test"), period)
    async with jobs_app(database_url, pool, settings) as jobs:
        await queue_round(jobs, round_id)
    for interrupted in (PART_JOB, STUDY_JOB):
        async with serving(database_url, tmp_path) as process:
            await until(pool, DOING, interrupted)
            solvers = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(number)
            async with asyncio.timeout(60):
                await process.wait()
            # Solvers notice that their server is gone, and do not go on beside the next one.
            _, alive = await asyncio.to_thread(psutil.wait_procs, solvers, 30)
            assert not alive
    async with serving(database_url, tmp_path):
        await until(pool, STUDIED, round_id)
    assert not await pool.fetchval(
        "SELECT count(*) FROM round_part WHERE reason IS NOT NULL OR study_reason IS NOT NULL"
    )
    for table in ("procrastinate_jobs", "proposal", "round_part", "round"):
        await pool.execute(f"DELETE FROM {table}")
