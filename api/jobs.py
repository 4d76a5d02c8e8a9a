"""Background jobs, queued in the database: workers on any number of machines take them."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.jobs import Status

from db.connect import Pool, ensure_partitions_ahead, once
from db.retention import delete_expired
from db.statements import statements
from fleet.settings import Settings
from ingest.contact import learn_rhythms
from ingest.strangers import evict_quarantine
from optimiser.service import (
    Reason,
    answer_part,
    fail_round,
    fail_study,
    prepare_round,
    study_part,
)
from optimiser.workers import open_workers

SQL = statements("round")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: How often a round is begun before it is given up: one that kills its worker must end.
ATTEMPTS_MAX = 3

#: The jobs of a round of proposals, and their queue: it is divided into parts, each is answered,
#: and then studied.
ROUND = "round"
PART = "round_part"
STUDY = "round_study"

#: Answers go before studies.
URGENT = 10


@asynccontextmanager
async def jobs_app(database_url: str, pool: Pool, settings: Settings) -> AsyncGenerator[App]:
    """The job queue with its tasks, its tables made when they are missing."""
    app = App(connector=PsycopgConnector(conninfo=database_url, min_size=1, max_size=4))

    async def divide(round_id: int) -> None:
        for part in await prepare_round(pool, round_id, settings):
            job = app.configure_task(PART, queue=ROUND, priority=URGENT)
            await job.defer_async(round_id=round_id, part=part)

    async def answer(round_id: int, part: int) -> None:
        if await answer_part(pool, round_id, part, settings, workers):
            for row in await pool.fetch(SQL["parts"], round_id):
                job = app.configure_task(STUDY, queue=ROUND)
                await job.defer_async(round_id=round_id, part=row["part"])

    async def work_out(round_id: int, part: int) -> None:
        await study_part(pool, round_id, part, settings, workers)

    async def upkeep(timestamp: int) -> None:
        made = await ensure_partitions_ahead(pool)
        LOG.info("partitions made ahead", partitions=made, due_at=timestamp)
        if settings.position_keep_days:
            deleted = await delete_expired(pool, settings.position_keep_days, datetime.now(UTC))
            LOG.info("retention", keep_days=settings.position_keep_days, **asdict(deleted))

    async def look_after_rounds(timestamp: int) -> None:
        await rescue(app, pool)

    async def rhythms(timestamp: int) -> None:
        devices = await learn_rhythms(pool, datetime.now(UTC))
        LOG.info("rhythms learned", devices=devices, due_at=timestamp)

    async def evict(timestamp: int) -> None:
        evicted = await evict_quarantine(
            pool, settings.quarantine_rows_max, settings.quarantine_bytes_max
        )
        if evicted:
            LOG.warning("quarantine is full", evicted=evicted, due_at=timestamp)

    app.task(name=ROUND, queue=ROUND, lock=ROUND)(divide)
    app.task(name=PART, queue=ROUND)(answer)
    app.task(name=STUDY, queue=ROUND)(work_out)
    app.periodic(cron="17 * * * *")(app.task(name="upkeep", queue="upkeep")(upkeep))
    app.periodic(cron="* * * * *")(app.task(name="rescue", queue="upkeep")(look_after_rounds))
    app.periodic(cron="* * * * *")(app.task(name="evict", queue="upkeep")(evict))
    app.periodic(cron="*/5 * * * *")(app.task(name="rhythms", queue="upkeep")(rhythms))
    async with open_workers() as workers, app.open_async():
        async with once(pool) as connection:
            if await connection.fetchval("SELECT to_regclass('procrastinate_jobs') IS NULL"):
                await app.schema_manager.apply_schema_async()
        yield app


async def run_jobs(app: App) -> None:
    """Take jobs until cancelled; a running one is given the time to end."""
    await app.run_worker_async(
        install_signal_handlers=False,
        shutdown_graceful_timeout=5,
        delete_jobs="successful",
        # A part for each processor, and room for upkeep beside them.
        concurrency=(os.cpu_count() or 1) + 1,
    )


async def rescue(app: App, pool: Pool) -> None:
    """Give the jobs of a worker that died to another one, up to `ATTEMPTS_MAX` times."""
    for name in (ROUND, PART, STUDY):
        for job in await app.job_manager.get_stalled_jobs(task_name=name):
            LOG.warning("a worker died", job=name, **job.task_kwargs, attempts=job.attempts)
            if job.attempts < ATTEMPTS_MAX:
                await app.job_manager.retry_job(job)
                continue
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
            round_id = cast(int, job.task_kwargs["round_id"])
            if name == STUDY:
                part = cast(int, job.task_kwargs["part"])
                await fail_study(pool, round_id, part, Reason.WORKER_DIED)
            else:
                await fail_round(pool, round_id, Reason.WORKER_DIED)


async def queue_round(app: App, round_id: int) -> None:
    """Have a worker answer a round."""
    await app.configure_task(ROUND, lock=ROUND).defer_async(round_id=round_id)
