"""Background jobs, queued in the database: workers on any number of machines take them."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, cast

import structlog
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from psycopg_pool import AsyncConnectionPool

import access.jobs
import db.jobs
import ingest.jobs
import trips.jobs
from api.pages.letters.follow_up import follow_up_words
from api.pages.letters.tasks import task_words
from api.settings import Settings
from db.away import means_database_away
from db.connect import Pool
from db.job import PeriodicJob, one_at_a_time
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
from optimiser.trial.jobs import trial_job
from optimiser.what_if.jobs import WHAT_IF_JOB, fail_what_if, forget_job, what_if_job
from optimiser.workers import STOP_MAX_S, open_workers
from register.contact import rhythms_job
from register.inventory.lists import lists_job
from register.private_sweep import sweep_job
from tracker.follow_up.telling import follow_up_job

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: How often a job is begun before it is given up, so that a job that kills its worker ends. A start
#: after a stop of the server counts too, but a stop never ends a job.
ATTEMPTS_MAX = 3

#: Seconds before a job is begun again: after an error times the attempts so far, after a lost
#: database once.
_AGAIN_S = 5

#: Seconds between two looks whether the database is back, for workers that lost it.
_LOST_PAUSE_S = 1.0

#: Seconds for which a database that is away is waited for, so that a job that ended meanwhile is
#: noted as ended and not begun again.
_AWAY_MAX_S = 3600.0

#: The connections to the database: a network that swallows what is sent ends a connection after
#: 10 s, and so does a host that was switched off. The system's own limits are hours, and its pauses
#: before it sends again double.
_CONNECTION = {
    "connect_timeout": 10,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 1,
}

#: The seconds between two signs of life of a worker, and those without a sign after which it may be
#: dead.
_ALIVE_EVERY_S = 5.0
_DEAD_AFTER_S = 10.0

#: Seconds that a running job has to end when its worker stops.
_END_S = 5.0

#: Seconds after which such a worker is looked at again. It counts as dead if it has given no sign
#: until then: a database that stood still took no signs from workers that live, and a worker that
#: lost the database ends its jobs in this time.
_SURE_AFTER_S = _END_S + STOP_MAX_S + 2.0

#: Seconds without a sign of life after which the row of a worker is deleted. Its jobs count as
#: nobody's then.
_FORGET_AFTER_S = 86_400.0

#: Days for which a failed job is kept, for people who look for the reason.
_FAILED_KEEP_DAYS = 30

#: The queue of the jobs that the system does by itself.
UPKEEP_QUEUE = "upkeep"

#: The jobs that people wait for, who are told when one has failed.
_CALCULATIONS = (ROUND_JOB, PART_JOB, MOVES_JOB, STUDY_JOB, WHAT_IF_JOB)


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
    app = App(
        connector=PsycopgConnector(
            conninfo=database_url,
            kwargs=_CONNECTION,
            min_size=1,
            max_size=4,
            timeout=_AWAY_MAX_S,
            reconnect_timeout=_LOST_PAUSE_S,
            reconnect_failed=_connect_again,
        )
    )

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
        follow_job(pool, lead_times(settings), task_words(settings)),
        forget_job(pool, settings),
        follow_up_job(pool, settings, follow_up_words(settings)),
        *ingest.jobs.periodic_jobs(pool, settings),
        *trips.jobs.periodic_jobs(pool, settings),
        PeriodicJob("forget_jobs", "37 * * * *", forget_jobs),
        PeriodicJob("rescue", "* * * * * */5", look_after_rounds),
    ):
        _add_periodic(app, job)
    # A what-if does not wait for rounds: it has a process of its own.
    async with open_workers() as workers, open_workers(1) as beside:
        solving = what_if_job(pool, settings, beside)
        app.task(name=solving.name, queue=WHAT_IF_JOB, retry=_GoOn())(solving.work)
        _add_periodic(app, trial_job(pool, settings, workers, settings.trip_keep_days))
        for job in round_jobs(pool, settings, workers, partial(_queue_part, app)):
            app.task(name=job.name, queue=ROUND_JOB, lock=job.lock, retry=_GoOn())(job.work)
        async with app.open_async():
            yield app


async def _connect_again(pool: AsyncConnectionPool[Any]) -> None:
    """Let a pool that gave up a connection try again.

    The pool doubles its pause before each further try until it gives up, so that a long absence of
    the database would be followed by a long pause. A pool that gives up early and is asked anew
    tries again at once.
    """
    await pool.check()


def _add_periodic(app: App, job: PeriodicJob) -> None:
    async def work(timestamp: int) -> None:
        await job.work()

    # At most one job of a name waits, however long other jobs take.
    app.periodic(cron=job.cron)(
        app.task(name=job.name, queue=UPKEEP_QUEUE, queueing_lock=job.name)(work)
    )


async def run_jobs(app: App, pool: Pool) -> None:
    """Take jobs until cancelled. A running job then has a few seconds to end, and is otherwise
    begun again at the next start. A database that is away is waited for. Jobs that nobody does any
    more are begun first.

    Raises:
        ExceptionGroup: the job queue cannot be used for another reason.
    """
    running = asyncio.current_task()
    assert running is not None
    while True:
        try:
            # The group runs in a task of its own, for a group that fails leaves its task cancelled.
            await asyncio.create_task(_take_all(app, pool))
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


async def _take_all(app: App, pool: Pool) -> None:
    async with asyncio.TaskGroup() as together:
        # First, for workers look at once for waiting jobs, but then only every few seconds for
        # those that were given back.
        await _give_back(app, pool)
        # A part of a round for each processor, and upkeep beside them, however many parts wait.
        together.create_task(_take(app, ROUND_JOB, os.cpu_count() or 1))
        together.create_task(_take(app, WHAT_IF_JOB, 1))
        together.create_task(_take(app, UPKEEP_QUEUE, 2))


def _is_lost(error: BaseException) -> bool:
    """Whether a worker ended because its database is away, or was."""
    return isinstance(error, _WorkerStoppedError) or means_database_away(error)


async def _take(app: App, queue: str, concurrency: int) -> None:
    await app.run_worker_async(
        queues=[queue],
        install_signal_handlers=False,
        shutdown_graceful_timeout=_END_S,
        delete_jobs="successful",
        concurrency=concurrency,
        update_heartbeat_interval=_ALIVE_EVERY_S,
        stalled_worker_timeout=_FORGET_AFTER_S,
    )
    raise _WorkerStoppedError(f"nobody takes jobs of the queue {queue} any more")


async def rescue_jobs(app: App, pool: Pool) -> None:
    """Give the jobs of a worker that died to another one, up to `ATTEMPTS_MAX` times, and note the
    rounds and what-ifs of jobs that failed for good."""
    suspected = {(job.id, job.worker_id) for job in await _left_jobs(app)}
    if any(worker is not None for _, worker in suspected):
        await asyncio.sleep(_SURE_AFTER_S)
    await _give_back(app, pool, suspected)
    for name in _CALCULATIONS:
        for job in await app.job_manager.list_jobs_async(task=name, status=Status.FAILED.value):
            await _fail(app, pool, job, FailureReason.UNEXPECTED)


async def _left_jobs(app: App) -> list[Job]:
    """The running jobs whose worker has ended, which have none then, or has not given a sign of
    life for long."""
    left = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_AFTER_S)
    return list(left)


async def _give_back(
    app: App, pool: Pool, suspected: Collection[tuple[int | None, int | None]] = ()
) -> None:
    """Give back the jobs that are left without a worker, and those jobs with their workers that
    were `suspected` before and still are."""
    jobs = app.job_manager
    # One process at a time, so that none gives back what another one's worker has begun meanwhile.
    async with one_at_a_time(pool):
        for job in await _left_jobs(app):
            if job.worker_id is not None and (job.id, job.worker_id) not in suspected:
                continue
            LOG.warning("a worker died", job=job.call_string, attempts=job.attempts)
            if job.attempts < ATTEMPTS_MAX:
                try:
                    await jobs.retry_job(job)
                except UniqueViolation:  # the next one of a periodic job waits already
                    await jobs.finish_job(job, status=Status.ABORTED, delete_job=True)
                continue
            await jobs.finish_job(job, status=Status.FAILED, delete_job=False)
            if job.task_name in _CALCULATIONS:
                await _fail(app, pool, job, FailureReason.WORKER_DIED)


async def _fail(app: App, pool: Pool, failed: Job, reason: FailureReason) -> None:
    asked = cast(Mapping[str, int], failed.task_kwargs)
    if failed.task_name == WHAT_IF_JOB:
        await fail_what_if(pool, asked["what_if_id"], reason)
        return
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


async def queue_what_if(app: App, what_if_id: int) -> None:
    """Queue the work on a what-if."""
    await app.configure_task(WHAT_IF_JOB, queue=WHAT_IF_JOB).defer_async(what_if_id=what_if_id)
