"""Rounds of proposals, answered and studied as a server's workers do."""

from api.jobs import jobs_app, queue_round
from api.settings import Settings
from db.connect import Pool
from optimiser.rounds.jobs import ROUND_JOB

_LEFT = (
    "SELECT EXISTS (SELECT FROM procrastinate_jobs"
    " WHERE queue_name = $1 AND status IN ('todo', 'doing'))"
)


async def run_round(database_url: str, pool: Pool, round_id: int, settings: Settings) -> None:
    """Have a round answered and studied; ends when none of its jobs is left."""
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
