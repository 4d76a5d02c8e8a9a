"""Background jobs, queued in the database: workers on any number of machines take them."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import cast

import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status

import access.jobs
import db.jobs
import ingest.jobs
import trips.jobs
from api.settings import Settings
from db.away import means_database_away
from db.connect import Pool
from db.job import PeriodicJob
from optimiser.ledger.jobs import follow_job
from optimiser.ledger.undertakings import lead_times
from optimiser.rounds.failure import FailureReason
from optimiser.rounds.jobs import (
    MOVES_JOB,
    PART_JOB,
    ROUND_JOB,
    STUDY_JOB,
    fail_job,
    round_jobs,
)
from optimiser.workers import open_workers
from register.contact import rhythms_job
from register.inventory.lists import lists_job
from register.private_sweep import sweep_job

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: How often a job is begun before it is given up, so that a job that kills its worker ends. A start
#: after a stop of the server counts too, but a stop never ends a job.
ATTEMPTS_MAX = 3

#: Seconds before a job is begun again: after an error times the attempts so far, after a lost
#: database once.
_AGAIN_S = 5

#: Seconds between two looks whether the database is back, for workers that lost it.
_LOST_PAUSE_S = 1.0

#: The seconds between two signs of life of a worker, and those without a sign after which it counts
#: as dead.
_ALIVE_EVERY_S = 5.0
_DEAD_AFTER_S = 20.0

#: Days for which a failed job is kept, for people who look for the reason.
_FAILED_KEEP_DAYS = 30

#: The queue of the jobs that the system does by itself.
UPKEEP_QUEUE = "upkeep"


class _WorkerStoppedError(RuntimeError):
    """A worker ended although nobody told it to, because one of its side tasks failed. These tasks
    only talk to the database. The library logs the error and does not raise it."""


class _GoOn(BaseRetryStrategy):
    """Decides when a job that did not end well is begun again."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):  # the server stops: at its next start
            return RetryDecision()
        if means_database_away(exception):
            return RetryDecision(retry_in={"seconds": _AGAIN_S})
        if job.attempts + 1 < ATTEMPTS_MAX:
            return RetryDecision(retry_in={"seconds": _AGAIN_S * (job.attempts + 1)})
        return None


@asynccontextmanager
async def jobs_app(database_url: str, pool: Pool, settings: Settings) -> AsyncGenerator[App]:
    """Open the job queue with the jobs that the rooms declare; its tables came with the schema."""
    app = App(connector=PsycopgConnector(conninfo=database_url, min_size=1, max_size=4))

    async def forget_jobs() -> None:
        await app.job_manager.delete_old_jobs(
            nb_hours=24 * _FAILED_KEEP_DAYS, include_failed=True, include_aborted=True
        )

    async def look_after_rounds() -> None:
        await rescue_jobs(app, pool)

    for job in (
        *db.jobs.periodic_jobs(pool, settings),
        *access.jobs.periodic_jobs(pool, settings),
        rhythms_job(pool),
        sweep_job(pool),
        lists_job(pool, settings.vehicle_list_days),
        follow_job(pool, lead_times(settings)),
        *ingest.jobs.periodic_jobs(pool, settings),
        *trips.jobs.periodic_jobs(pool, settings),
        PeriodicJob("forget_jobs", "37 * * * *", forget_jobs),
        PeriodicJob("rescue", "* * * * * */5", look_after_rounds),
    ):
        _add_periodic(app, job)
    async with open_workers() as workers:
        for job in round_jobs(pool, settings, workers, partial(_queue_part, app)):
            app.task(name=job.name, queue=ROUND_JOB, lock=job.lock, retry=_GoOn())(job.work)
        async with app.open_async():
            yield app


def _add_periodic(app: App, job: PeriodicJob) -> None:
    async def work(timestamp: int) -> None:
        await job.work()

    # At most one job of a name waits, however long other jobs take.
    app.periodic(cron=job.cron)(
        app.task(name=job.name, queue=UPKEEP_QUEUE, queueing_lock=job.name)(work)
    )


async def run_jobs(app: App) -> None:
    """Take jobs until cancelled. A running job then has a few seconds to end, and is otherwise
    begun again at the next start. A database that is away is waited for.

    Raises:
        ExceptionGroup: the job queue cannot be used for another reason.
    """
    running = asyncio.current_task()
    assert running is not None
    while True:
        try:
            # The group runs in a task of its own, for a group that fails leaves its task cancelled.
            await asyncio.create_task(_take_all(app))
        except ExceptionGroup as ended:
            _, others = ended.split(_is_lost)
            if others is not None:
                raise others from None
            LOG.warning("jobs are waiting for the database")
            if running.cancelling():
                raise asyncio.CancelledError from None
            lost_s = time.monotonic()
            await _await_database(app)
            LOG.info("jobs go on", away_s=round(time.monotonic() - lost_s, 1))


async def _await_database(app: App) -> None:
    """Wait until the job queue's own connections reach the database. Workers that are started
    before that would only fail, and say so each time."""
    while True:
        await asyncio.sleep(_LOST_PAUSE_S)
        with suppress(ConnectorException):
            await app.check_connection_async()
            return


async def _take_all(app: App) -> None:
    async with asyncio.TaskGroup() as both:
        # A part of a round for each processor, and upkeep beside them, however many parts wait.
        both.create_task(_take(app, ROUND_JOB, os.cpu_count() or 1))
        both.create_task(_take(app, UPKEEP_QUEUE, 2))


def _is_lost(error: BaseException) -> bool:
    """Whether a worker ended because its database is away, or was."""
    return isinstance(error, _WorkerStoppedError) or means_database_away(error)


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


async def rescue_jobs(app: App, pool: Pool) -> None:
    """Give the jobs of a worker that died to another one, up to `ATTEMPTS_MAX` times, and note the
    rounds of jobs that failed for good."""
    jobs = app.job_manager
    for name in (ROUND_JOB, PART_JOB, MOVES_JOB, STUDY_JOB):
        for job in await jobs.get_stalled_jobs(
            task_name=name, seconds_since_heartbeat=_DEAD_AFTER_S
        ):
            LOG.warning("a worker died", job=name, **job.task_kwargs, attempts=job.attempts)
            if job.attempts < ATTEMPTS_MAX:
                await jobs.retry_job(job)
                continue
            await jobs.finish_job(job, status=Status.FAILED, delete_job=False)
            await _fail(app, pool, job, FailureReason.WORKER_DIED)
        for job in await jobs.list_jobs_async(task=name, status=Status.FAILED.value):
            await _fail(app, pool, job, FailureReason.UNEXPECTED)


async def _fail(app: App, pool: Pool, failed: Job, reason: FailureReason) -> None:
    asked = cast(Mapping[str, int], failed.task_kwargs)
    queue = partial(_queue_part, app)
    await fail_job(pool, queue, failed.task_name, asked["round_id"], asked.get("part"), reason)


async def _queue_part(app: App, job: str, round_id: int, part: int, priority: int = 0) -> None:
    """Queue the work on a part of a round, unless it is queued already, for example by a worker
    that died right after."""
    task = app.configure_task(
        job, queue=ROUND_JOB, priority=priority, queueing_lock=f"{job} {round_id} {part}"
    )
    try:
        await task.defer_async(round_id=round_id, part=part)
    except AlreadyEnqueued:
        LOG.info("queued already", job=job, round_id=round_id, part=part)


async def queue_round(app: App, round_id: int) -> None:
    """Queue the work on a round."""
    await app.configure_task(ROUND_JOB, lock=ROUND_JOB).defer_async(round_id=round_id)
