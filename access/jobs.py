"""Declares the periodic job of access, which deletes what has ended and records refusals."""

from collections.abc import Sequence

from access.attempts_stored import forget_attempts, record_refusals
from access.links import forget_links
from access.sessions import forget_sessions
from db.connect import Pool
from db.job import PeriodicJob


def periodic_jobs(pool: Pool) -> Sequence[PeriodicJob]:
    """The job that deletes sessions, links, places and allowances whose time is over, and records
    the attempts to sign in that were refused."""

    async def forget() -> None:
        await forget_sessions(pool)
        await forget_links(pool)
        await forget_attempts(pool)
        await record_refusals(pool)

    return [PeriodicJob("forget_sessions", "*/10 * * * *", forget)]
