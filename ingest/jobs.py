"""Declares the periodic job of ingest, which makes room in a full quarantine."""

from collections.abc import Sequence

import structlog

from db.connect import Pool
from db.job import PeriodicJob
from ingest.quarantine import evict_quarantine
from ingest.settings import IngestSettings

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def periodic_jobs(pool: Pool, settings: IngestSettings) -> Sequence[PeriodicJob]:
    """The job that keeps quarantine within its bounds."""

    async def evict() -> None:
        evicted = await evict_quarantine(
            pool, settings.quarantine_rows_max, settings.quarantine_bytes_max
        )
        if evicted:
            LOG.warning("quarantine is full", evicted=evicted)

    return [PeriodicJob("evict", "* * * * *", evict)]
