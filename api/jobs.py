"""Background jobs, queued in the database: workers on any number of machines take them."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import cast

import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job, Status

from db.away import is_away
from db.compression import compress_old_positions
from db.connect import Pool
from db.partitions import ensure_partitions_ahead
from db.retention import delete_expired, delete_uploads
from db.statements import statements
from fleet.settings import Settings
from ingest.quarantine import evict_quarantine
from optimiser.rounds.rounds import (
    Reason,
    answer_part,
    fail_part,
    fail_round,
    fail_study,
    prepare_round,
    study_part,
)
from optimiser.workers import open_workers
from register.contact import learn_rhythms
from register.private_sweep import sweep_all
from trips.ageing import age

SQL = statements("round")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: How often a job is begun before it is given up: one that kills its worker must end. That it was
#: stopped and begun again counts too, but a stop never ends it.
ATTEMPTS_MAX = 3

#: Before a job is begun again that ended with an error, times the attempts, or that waits for the
#: database.
_AGAIN_S = 5

#: Before workers are started again that lost their database, in seconds.
_LOST_PAUSE_S = 1.0

#: How often a worker says that it lives, and when it is taken for dead, in seconds.
_ALIVE_EVERY_S = 5.0
_DEAD_AFTER_S = 20.0

#: Days that a job which failed is kept, for those who look for the reason.
_FAILED_KEEP_DAYS = 30

#: The jobs of a round of proposals, and their queue: it is divided into parts, each is answered,
#: and then studied.
ROUND = "round"
PART = "round_part"
STUDY = "round_study"

#: The queue of what the system does by itself.
UPKEEP = "upkeep"

#: Answers go before studies.
URGENT = 10


class _WorkerStoppedError(RuntimeError):
    """A worker ended that nobody told to. It does where one of its side tasks failed, which only
    talk to the database; the library logs how, and keeps it."""


class _GoOn(BaseRetryStrategy):
    """When a job that did not end well is begun again."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):  # the server stops: at its next start
            return RetryDecision()
        if is_away(exception):
            return RetryDecision(retry_in={"seconds": _AGAIN_S})
        if job.attempts + 1 < ATTEMPTS_MAX:
            return RetryDecision(retry_in={"seconds": _AGAIN_S * (job.attempts + 1)})
        return None


@asynccontextmanager
async def jobs_app(database_url: str, pool: Pool, settings: Settings) -> AsyncGenerator[App]:
    """The job queue with its tasks; its tables came with the schema."""
    app = App(connector=PsycopgConnector(conninfo=database_url, min_size=1, max_size=4))

    async def divide(round_id: int) -> None:
        for part in await prepare_round(pool, round_id, settings):
            await _queue_part(app, PART, round_id, part, URGENT)

    async def answer(round_id: int, part: int) -> None:
        if await answer_part(pool, round_id, part, settings, workers):
            await _queue_studies(app, pool, round_id)

    async def work_out(round_id: int, part: int) -> None:
        await study_part(pool, round_id, part, settings, workers)

    async def upkeep(timestamp: int) -> None:
        made = await ensure_partitions_ahead(pool)
        LOG.info("partitions made ahead", partitions=made, due_at=timestamp)
        if await compress_old_positions(pool):
            LOG.info("old positions are compressed from now on")
        if settings.position_keep_days:
            deleted = await delete_expired(pool, settings.position_keep_days, datetime.now(UTC))
            LOG.info("retention", keep_days=settings.position_keep_days, **asdict(deleted))
        await app.job_manager.delete_old_jobs(
            nb_hours=24 * _FAILED_KEEP_DAYS, include_failed=True, include_aborted=True
        )

    async def look_after_rounds(timestamp: int) -> None:
        await rescue(app, pool)

    async def forget(timestamp: int) -> None:
        now = datetime.now(UTC)
        uploads = await delete_uploads(pool, settings.log_upload_days, now)
        aged = await age(
            pool,
            now,
            exact_days=settings.trip_exact_days,
            round_m=settings.trip_round_m,
            keep_days=settings.trip_keep_days,
        )
        LOG.info("forgotten", uploads=uploads, due_at=timestamp, **asdict(aged))

    async def sweep(timestamp: int) -> None:
        if swept := await sweep_all(pool):
            LOG.info("private periods swept", periods=swept, due_at=timestamp)

    async def rhythms(timestamp: int) -> None:
        devices = await learn_rhythms(pool, datetime.now(UTC))
        LOG.info("rhythms learned", devices=devices, due_at=timestamp)

    async def evict(timestamp: int) -> None:
        evicted = await evict_quarantine(
            pool, settings.quarantine_rows_max, settings.quarantine_bytes_max
        )
        if evicted:
            LOG.warning("quarantine is full", evicted=evicted, due_at=timestamp)

    again = _GoOn()
    app.task(name=ROUND, queue=ROUND, lock=ROUND, retry=again)(divide)
    app.task(name=PART, queue=ROUND, retry=again)(answer)
    app.task(name=STUDY, queue=ROUND, retry=again)(work_out)
    # One of each waits at most, however long another one takes.
    for name, cron, work in (
        ("upkeep", "17 * * * *", upkeep),
        ("evict", "* * * * *", evict),
        ("rhythms", "*/5 * * * *", rhythms),
        ("forget", "27 * * * *", forget),
        ("sweep", "* * * * *", sweep),
        ("rescue", "* * * * * */5", look_after_rounds),
    ):
        app.periodic(cron=cron)(app.task(name=name, queue=UPKEEP, queueing_lock=name)(work))
    async with open_workers() as workers, app.open_async():
        yield app


async def run_jobs(app: App) -> None:
    """Take jobs until cancelled; a running one is given a moment to end, and else goes on at the
    next start. A database that is away is waited for.

    Raises:
        ExceptionGroup: the job queue cannot be used for another reason.
    """
    running = asyncio.current_task()
    assert running is not None
    while True:
        try:
            # The group has a task of its own, for one that fails leaves its task as cancelled.
            await asyncio.create_task(_take_all(app))
        except ExceptionGroup as ended:
            _, others = ended.split(_is_lost)
            if others is not None:
                raise others from None
            LOG.warning("jobs are waiting for the database")
            if running.cancelling():
                raise asyncio.CancelledError from None
        await asyncio.sleep(_LOST_PAUSE_S)


async def _take_all(app: App) -> None:
    async with asyncio.TaskGroup() as both:
        # A part for each processor, and upkeep beside them however many parts wait.
        both.create_task(_take(app, ROUND, os.cpu_count() or 1))
        both.create_task(_take(app, UPKEEP, 2))


def _is_lost(error: BaseException) -> bool:
    """Whether a worker ended because its database is away, or was."""
    return isinstance(error, _WorkerStoppedError) or is_away(error)


async def _take(app: App, queue: str, concurrency: int) -> None:
    await app.run_worker_async(
        queues=[queue],
        install_signal_handlers=False,
        shutdown_graceful_timeout=5,
        delete_jobs="successful",
        concurrency=concurrency,
        update_heartbeat_interval=_ALIVE_EVERY_S,
        stalled_worker_timeout=_DEAD_AFTER_S,
    )
    raise _WorkerStoppedError(f"nobody takes jobs of the queue {queue} any more")


async def rescue(app: App, pool: Pool) -> None:
    """Give the jobs of a worker that died to another one, up to `ATTEMPTS_MAX` times; tell of what
    failed for good."""
    jobs = app.job_manager
    for name in (ROUND, PART, STUDY):
        for job in await jobs.get_stalled_jobs(
            task_name=name, seconds_since_heartbeat=_DEAD_AFTER_S
        ):
            LOG.warning("a worker died", job=name, **job.task_kwargs, attempts=job.attempts)
            if job.attempts < ATTEMPTS_MAX:
                await jobs.retry_job(job)
                continue
            await jobs.finish_job(job, status=Status.FAILED, delete_job=False)
            await _fail(app, pool, job, Reason.WORKER_DIED)
        for job in await jobs.list_jobs_async(task=name, status=Status.FAILED.value):
            await _fail(app, pool, job, Reason.UNEXPECTED)


async def _fail(app: App, pool: Pool, job: Job, reason: Reason) -> None:
    """Keep why the work of a job is not done, unless it is or that is known."""
    round_id = cast(int, job.task_kwargs["round_id"])
    if job.task_name == ROUND:
        await fail_round(pool, round_id, reason)
        return
    part = cast(int, job.task_kwargs["part"])
    if job.task_name == STUDY:
        await fail_study(pool, round_id, part, reason)
    elif await fail_part(pool, round_id, part, reason):
        await _queue_studies(app, pool, round_id)


async def _queue_studies(app: App, pool: Pool, round_id: int) -> None:
    for row in await pool.fetch(SQL["parts"], round_id):
        if row["answered"]:
            await _queue_part(app, STUDY, round_id, row["part"])


async def _queue_part(app: App, name: str, round_id: int, part: int, priority: int = 0) -> None:
    """Queue the work on a part, unless it is queued, as by a worker that died right after."""
    job = app.configure_task(
        name, queue=ROUND, priority=priority, queueing_lock=f"{name} {round_id} {part}"
    )
    try:
        await job.defer_async(round_id=round_id, part=part)
    except AlreadyEnqueued:
        LOG.info("queued already", job=name, round_id=round_id, part=part)


async def queue_round(app: App, round_id: int) -> None:
    """Have a worker answer a round."""
    await app.configure_task(ROUND, lock=ROUND).defer_async(round_id=round_id)
