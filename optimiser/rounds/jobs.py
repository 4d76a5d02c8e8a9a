"""The jobs of a round of proposals: it is divided into parts, each is answered, then studied."""

from collections.abc import Sequence
from typing import Protocol

from db.connect import Pool
from db.job import QueuedJob
from db.statements import statements
from optimiser.rounds.answer_part import answer_part, fail_part
from optimiser.rounds.failure import FailureReason, fail_round
from optimiser.rounds.prepare import prepare_round
from optimiser.rounds.study_part import fail_study, study_part
from optimiser.settings import OptimiserSettings
from optimiser.workers import Workers

SQL = statements("round")

ROUND = "round"
PART = "round_part"
STUDY = "round_study"

#: Answers go before studies.
URGENT = 10


class PartQueue(Protocol):
    """Where the work on a part is asked for; unless it is already."""

    async def __call__(self, job: str, round_id: int, part: int, priority: int = 0) -> None: ...


def round_jobs(
    pool: Pool, settings: OptimiserSettings, workers: Workers, queue: PartQueue
) -> Sequence[QueuedJob]:
    """The jobs: `ROUND` with `round_id`, `PART` and `STUDY` with `round_id` and `part`."""

    async def divide(round_id: int) -> None:
        for part in await prepare_round(pool, round_id, settings):
            await queue(PART, round_id, part, URGENT)

    async def answer(round_id: int, part: int) -> None:
        if await answer_part(pool, round_id, part, settings, workers):
            await _queue_studies(pool, round_id, queue)

    async def work_out(round_id: int, part: int) -> None:
        await study_part(pool, round_id, part, settings, workers)

    return [
        QueuedJob(ROUND, divide, lock=ROUND),
        QueuedJob(PART, answer),
        QueuedJob(STUDY, work_out),
    ]


async def fail_job(
    pool: Pool, queue: PartQueue, job: str, round_id: int, part: int | None, reason: FailureReason
) -> None:
    """Keep why the work of a job is not done, unless it is or that is known. `part` is None of the
    job `ROUND`."""
    if job == ROUND or part is None:
        await fail_round(pool, round_id, reason)
    elif job == STUDY:
        await fail_study(pool, round_id, part, reason)
    elif await fail_part(pool, round_id, part, reason):
        await _queue_studies(pool, round_id, queue)


async def _queue_studies(pool: Pool, round_id: int, queue: PartQueue) -> None:
    for row in await pool.fetch(SQL["parts"], round_id):
        if row["has_plan"]:
            await queue(STUDY, round_id, row["part"])
