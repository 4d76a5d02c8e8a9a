"""The periodic jobs of the database: partitions, compression, and positions whose time is over."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import structlog

from db.connect import Pool
from db.job import PeriodicJob
from db.partitions import compress_old_positions, ensure_partitions_ahead
from db.retention import delete_audit, delete_expired, forget_received
from db.settings import DatabaseSettings

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def periodic_jobs(pool: Pool, settings: DatabaseSettings) -> Sequence[PeriodicJob]:
    """The job that makes and compresses partitions, and deletes positions and entries of the audit
    log whose time is over."""

    async def upkeep() -> None:
        made = await ensure_partitions_ahead(pool)
        LOG.info("partitions made ahead", partitions=made)
        if await compress_old_positions(pool):
            LOG.info("old positions are compressed from now on")
        await forget_received(pool, datetime.now(UTC))
        if settings.position_keep_days:
            deleted = await delete_expired(pool, settings.position_keep_days, datetime.now(UTC))
            LOG.info("retention", keep_days=settings.position_keep_days, **asdict(deleted))
        if settings.audit_keep_days:
            entries = await delete_audit(pool, settings.audit_keep_days, datetime.now(UTC))
            LOG.info("retention", keep_days=settings.audit_keep_days, audit_entries=entries)

    return [PeriodicJob("upkeep", "17 * * * *", upkeep)]
