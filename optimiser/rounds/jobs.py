"""The jobs of a round of proposals: divide it into parts, plan each part, then study it."""

from collections.abc import Sequence
from typing import Protocol

from db.connect import Pool
from db.job import QueuedJob
from db.statements import statements
from optimiser.rounds.failure import FailureReason, fail_round
from optimiser.rounds.part_planning import fail_part, plan_round_part
from optimiser.rounds.prepare import prepare_round
from optimiser.rounds.study_part import fail_study, study_part
from optimiser.settings import OptimiserSettings
from optimiser.workers import Workers

SQL = statements("round")

ROUND_JOB = "round"
PART_JOB = "round_part"
STUDY_JOB = "round_study"

#: Plans go before studies.
PLANNING_PRIORITY = 10


class PartQueue(Protocol):
    """A queue to which work on a part is added, unless it waits there already."""

    async def __call__(self, job: str, round_id: int, part: int, priority: int = 0) -> None: ...


def round_jobs(
    pool: Pool, settings: OptimiserSettings, workers: Workers, queue: PartQueue
) -> Sequence[QueuedJob]:
    """The jobs: `ROUND_JOB` takes `round_id`; `PART_JOB`, `STUDY_JOB` take also `part`."""

    async def divide(round_id: int) -> None:
        for part in await prepare_round(pool, round_id, settings):
            await queue(PART_JOB, round_id, part, PLANNING_PRIORITY)

    async def plan(round_id: int, part: int) -> None:
        if await plan_round_part(pool, round_id, part, settings, workers):
            await _queue_studies(pool, round_id, queue)

    async def study(round_id: int, part: int) -> None:
        await study_part(pool, round_id, part, settings, workers)

    return [
        QueuedJob(ROUND_JOB, divide, lock=ROUND_JOB),
        QueuedJob(PART_JOB, plan),
        QueuedJob(STUDY_JOB, study),
    ]


async def fail_job(
    pool: Pool, queue: PartQueue, job: str, round_id: int, part: int | None, reason: FailureReason
) -> None:
    """Store why a job failed, unless its work is done or a reason is stored.

    `part` is None for the job `ROUND_JOB`.
    """
    if job == ROUND_JOB or part is None:
        await fail_round(pool, round_id, reason)
    elif job == STUDY_JOB:
        await fail_study(pool, round_id, part, reason)
    elif await fail_part(pool, round_id, part, reason):
        await _queue_studies(pool, round_id, queue)


async def _queue_studies(pool: Pool, round_id: int, queue: PartQueue) -> None:
    for row in await pool.fetch(SQL["parts"], round_id):
        if row["has_plan"]:
            await queue(STUDY_JOB, round_id, row["part"])
