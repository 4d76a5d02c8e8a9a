"""Background jobs, queued in the database: workers on any number of machines take them."""

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
from fleet.settings import Settings
from ingest.contact import learn_rhythms
from ingest.strangers import evict_quarantine
from optimiser.service import fail_round, run_round

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: How often a round is begun before it is given up: one that kills its worker must end.
ATTEMPTS_MAX = 3

#: The name of the job that answers one round of proposals.
ROUND = "round"


@asynccontextmanager
async def jobs_app(database_url: str, pool: Pool, settings: Settings) -> AsyncGenerator[App]:
    """The job queue with its tasks, its tables made when they are missing."""
    app = App(connector=PsycopgConnector(conninfo=database_url, min_size=1, max_size=4))

    async def answer_round(round_id: int) -> None:
        await run_round(pool, round_id, settings)

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

    # One at a time: two rounds would only take the processor from each other.
    app.task(name=ROUND, queue=ROUND, lock=ROUND)(answer_round)
    app.periodic(cron="17 * * * *")(app.task(name="upkeep", queue="upkeep")(upkeep))
    app.periodic(cron="* * * * *")(app.task(name="rescue", queue="upkeep")(look_after_rounds))
    app.periodic(cron="* * * * *")(app.task(name="evict", queue="upkeep")(evict))
    app.periodic(cron="*/5 * * * *")(app.task(name="rhythms", queue="upkeep")(rhythms))
    async with app.open_async():
        async with once(pool) as connection:
            if await connection.fetchval("SELECT to_regclass('procrastinate_jobs') IS NULL"):
                await app.schema_manager.apply_schema_async()
        yield app


async def run_jobs(app: App) -> None:
    """Take jobs until cancelled; a running one is given the time to end."""
    await app.run_worker_async(
        install_signal_handlers=False, shutdown_graceful_timeout=5, delete_jobs="successful"
    )


async def rescue(app: App, pool: Pool) -> None:
    """Give the round of a worker that died to another one, up to `ATTEMPTS_MAX` times."""
    for job in await app.job_manager.get_stalled_jobs(task_name=ROUND):
        LOG.warning("a worker died with a round", round_id=job.task_kwargs, attempts=job.attempts)
        if job.attempts < ATTEMPTS_MAX:
            await app.job_manager.retry_job(job)
        else:
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
            await fail_round(
                pool, cast(int, job.task_kwargs["round_id"]), "the worker died with it repeatedly"
            )


async def queue_round(app: App, round_id: int) -> None:
    """Have a worker answer a round."""
    await app.configure_task(ROUND, lock=ROUND).defer_async(round_id=round_id)
