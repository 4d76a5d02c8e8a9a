"""Declares the periodic job of the ledger, which makes tasks of what was accepted."""

from db.connect import Pool
from db.job import PeriodicJob
from optimiser.ledger.steps import LeadTimes
from optimiser.ledger.undertakings import follow_verdicts


def follow_job(pool: Pool, lead: LeadTimes) -> PeriodicJob:
    """The job that brings tasks in line with verdicts, should the server have stopped between the
    two."""

    async def follow() -> None:
        await follow_verdicts(pool, lead)

    return PeriodicJob("follow_verdicts", "*/5 * * * *", follow)
