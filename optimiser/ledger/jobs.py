"""Declares the periodic job of the ledger, which makes tasks of what was accepted."""

from db.connect import Pool
from db.job import PeriodicJob
from optimiser.ledger.moved_tasks import Words
from optimiser.ledger.steps import LeadTimes
from optimiser.ledger.undertakings import follow_verdicts


def follow_job(pool: Pool, lead: LeadTimes, words: Words) -> PeriodicJob:
    """The job that brings tasks in line with verdicts, should the server have stopped between the
    two."""

    async def follow() -> None:
        await follow_verdicts(pool, lead, words)

    return PeriodicJob("follow_verdicts", "*/5 * * * *", follow)
