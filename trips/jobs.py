"""Declares the periodic job of trips, which deletes uploads and trips, and rounds places, whose
time is over."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import structlog

from db.connect import Pool
from db.job import PeriodicJob
from db.retention import delete_uploads
from trips.ageing import age_trips
from trips.settings import TripSettings

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def periodic_jobs(pool: Pool, settings: TripSettings) -> Sequence[PeriodicJob]:
    """The job that deletes uploads and trips, and rounds places, whose time is over."""

    async def forget() -> None:
        now = datetime.now(UTC)
        uploads = await delete_uploads(pool, settings.log_upload_days, now)
        aged = await age_trips(
            pool,
            now,
            exact_days=settings.trip_exact_days,
            round_m=settings.trip_round_m,
            keep_days=settings.trip_keep_days,
        )
        LOG.info("forgotten", uploads=uploads, **asdict(aged))

    return [PeriodicJob("forget", "27 * * * *", forget)]
