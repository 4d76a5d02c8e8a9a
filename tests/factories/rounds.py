"""Rounds of proposals: by the job queue as a server's workers do them, or without it."""

import asyncio

from api.jobs import jobs_app, queue_round
from api.settings import Settings
from db.connect import Pool
from optimiser.rounds.jobs import ROUND_JOB, STUDY_JOB, round_jobs
from optimiser.workers import Workers
from trips.service import TripService

#: Settings of studies that take little of a processor and have every part, for tests that are about
#: something else.
FEW_STUDIES = {"curve_solves": 2, "study_seconds_max": 1.0}

_LEFT = (
    "SELECT EXISTS (SELECT FROM procrastinate_jobs"
    " WHERE queue_name = $1 AND status IN ('todo', 'doing'))"
)


#: Trips that a test made by hand have no positions, and are as they are to be.
_MADE_BY_HAND = """
    UPDATE device_state s SET found_with = a.found_with FROM trip_settings a
    WHERE a.device = s.device AND s.found_with IS DISTINCT FROM a.found_with
      AND NOT EXISTS (SELECT FROM position p WHERE p.device = s.device)"""


async def find_trips(pool: Pool) -> None:
    """Find the trips of all positions, for which a round waits."""
    await pool.execute(_MADE_BY_HAND)
    await TripService(pool).refresh()


async def run_round(database_url: str, pool: Pool, round_id: int, settings: Settings) -> None:
    """Have a round answered and studied, once the trips are found; ends when none of its jobs is
    left."""
    await find_trips(pool)
    async with jobs_app(database_url, pool, settings) as jobs:
        await queue_round(jobs, round_id)
        while await pool.fetchval(_LEFT, ROUND_JOB):
            await jobs.run_worker_async(
                queues=[ROUND_JOB],
                wait=False,
                concurrency=2,
                install_signal_handlers=False,
                delete_jobs="successful",
            )
        # What the periodic ones asked for meanwhile is nobody's here.
        await pool.execute("DELETE FROM procrastinate_jobs WHERE queue_name <> $1", ROUND_JOB)


async def answer_round(
    pool: Pool, round_id: int, settings: Settings, workers: Workers, *, studied: bool = True
) -> None:
    """Do the jobs of a round in their order, once the trips are found; studies take the longest.
    Other rounds use the processes too."""
    waiting: list[tuple[str, int]] = []

    async def queue(job: str, round_id: int, part: int, priority: int = 0) -> None:
        if studied or job != STUDY_JOB:
            waiting.append((job, part))

    await find_trips(pool)
    works = {job.name: job.work for job in round_jobs(pool, settings, workers, queue)}
    await works[ROUND_JOB](round_id=round_id)
    while waiting:
        now, waiting[:] = waiting.copy(), []
        await asyncio.gather(*(works[job](round_id=round_id, part=part) for job, part in now))
