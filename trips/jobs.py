"""Declares the periodic jobs of trips: one deletes uploads and trips, and rounds places, whose time
is over; the other learns consumption."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import structlog

from db.connect import Pool
from db.job import PeriodicJob
from db.retention import delete_uploads
from trips.ageing import age_trips
from trips.consumption.learning import learn_kinds, read_levels
from trips.settings import TripSettings

LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def periodic_jobs(pool: Pool, settings: TripSettings) -> Sequence[PeriodicJob]:
    """The jobs that delete and round what is old, and that learn consumption."""

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

    async def learn() -> None:
        now = datetime.now(UTC)
        trips = await read_levels(pool, now)
        LOG.info("consumption learned", trips=trips, kinds=await learn_kinds(pool, now))

    return [
        PeriodicJob("forget", "27 * * * *", forget),
        PeriodicJob("consumption", "42 * * * *", learn),
    ]
