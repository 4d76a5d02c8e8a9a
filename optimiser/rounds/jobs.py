"""The jobs of a round of proposals: divide it into parts, plan each part, move vehicles between
the parts, then study each part.
"""

from collections.abc import Sequence
from typing import Protocol

from db.connect import Pool
from db.job import QueuedJob
from db.statements import statements
from optimiser.rounds.failure import FailureReason, fail_round
from optimiser.rounds.part_planning import (
    NextStep,
    end_without_moves,
    fail_part,
    move_vehicles,
    plan_round_part,
)
from optimiser.rounds.prepare import prepare_round
from optimiser.rounds.study_part import fail_study, study_part
from optimiser.settings import OptimiserSettings
from optimiser.workers import Workers

SQL = statements("round")

ROUND_JOB = "round"
PART_JOB = "round_part"
MOVES_JOB = "round_moves"
STUDY_JOB = "round_study"

#: Plans go before studies.
PLANNING_PRIORITY = 10


class PartQueue(Protocol):
    """A queue to which work on a part is added, unless it waits there already."""

    async def __call__(self, job: str, round_id: int, part: int, priority: int = 0) -> None: ...


def round_jobs(
    pool: Pool, settings: OptimiserSettings, workers: Workers, queue: PartQueue
) -> Sequence[QueuedJob]:
    """The jobs: `ROUND_JOB` takes `round_id`; the others take also `part`, which of `MOVES_JOB` is
    the first one, as it is of all."""

    async def divide(round_id: int) -> None:
        for part in await prepare_round(pool, round_id, settings):
            await queue(PART_JOB, round_id, part, PLANNING_PRIORITY)

    async def plan(round_id: int, part: int) -> None:
        step = await plan_round_part(pool, round_id, part, settings, workers)
        await _queue_next(pool, round_id, step, queue)

    async def move(round_id: int, part: int) -> None:
        step = await move_vehicles(pool, round_id, settings, workers)
        await _queue_next(pool, round_id, step, queue)

    async def study(round_id: int, part: int) -> None:
        await study_part(pool, round_id, part, settings, workers)

    return [
        QueuedJob(ROUND_JOB, divide, lock=ROUND_JOB),
        QueuedJob(PART_JOB, plan),
        QueuedJob(MOVES_JOB, move),
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
    elif job == MOVES_JOB:
        await _queue_next(pool, round_id, await end_without_moves(pool, round_id), queue)
    else:
        await _queue_next(pool, round_id, await fail_part(pool, round_id, part, reason), queue)


async def _queue_next(pool: Pool, round_id: int, step: NextStep, queue: PartQueue) -> None:
    if step is NextStep.MOVES:
        await queue(MOVES_JOB, round_id, 0, PLANNING_PRIORITY)
    if step is NextStep.STUDIES:
        for row in await pool.fetch(SQL["parts"], round_id):
            if row["has_plan"]:
                await queue(STUDY_JOB, round_id, row["part"])
