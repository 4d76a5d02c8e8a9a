"""Declares the periodic job of the trial, which tries the proposed fleet on the day before."""

from dataclasses import asdict
from datetime import UTC, datetime

import structlog

from db.connect import Pool
from db.job import PeriodicJob
from optimiser.settings import OptimiserSettings
from optimiser.trial.nightly import try_days
from optimiser.workers import Workers

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def trial_job(
    pool: Pool, settings: OptimiserSettings, workers: Workers, keep_days: int
) -> PeriodicJob:
    """The job that tries what is due. It looks once an hour, so that data that come late are tried
    soon, and a night on which no server ran is made up for."""

    async def work() -> None:
        run = await try_days(pool, settings, workers, datetime.now(UTC), keep_days=keep_days)
        if run.tried or run.left:
            LOG.info("proposed fleet tried", **asdict(run))

    return PeriodicJob("trial", "13 * * * *", work)
