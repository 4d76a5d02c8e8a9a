"""Whether a tracker is heard now, judged by its own habits: a parked car need not say so.

This is the one definition of heard and silent. How far a vehicle's use is known in a period is
another question, which `fleet.known` answers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import asyncpg
import structlog

from db.connect import Pool
from db.job import PeriodicJob
from db.statements import statements
from register.settings import ContactSettings

SQL = statements("contact")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: Last positions that a device's rhythm is learned from.
LEARNED_FROM = 500


class Contact(StrEnum):
    """Whether a tracker is heard, the worst first. LATE: it was under way and should have been
    heard. RESTING: it is silent as it is when it is parked. SILENT: it is silent for longer than it
    ever is."""

    SILENT = "silent"
    LATE = "late"
    NEVER = "never"
    ON_TIME = "on_time"
    RESTING = "resting"

    @property
    def heard(self) -> bool:
        """Whether the tracker counts as heard; one that is late still does."""
        return self in (Contact.ON_TIME, Contact.RESTING, Contact.LATE)


@dataclass(frozen=True, slots=True)
class ContactLimits:
    """The limits of the settings `live_…`: when a tracker is late, and when it is silent."""

    late_intervals: float
    late_min_s: float
    silent_after_h: float

    @classmethod
    def of(cls, settings: ContactSettings) -> "ContactLimits":
        """That of the settings."""
        return cls(
            settings.live_late_intervals, settings.live_late_min_s, settings.live_silent_after_h
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """An enrolled tracker and when it was heard last; the vehicle is None when it sits in none.

    `interval_s` is the usual time between two positions, once learned. What it said last of its
    vehicle and of itself: charge, whether that grows, and the voltage and the charge of batteries.
    """

    device: str
    vehicle_id: str | None
    vehicle_name: str | None
    contact: Contact
    enrolled_at: datetime
    last_heard: datetime | None
    silence_s: float | None
    interval_s: float | None
    protocol: str | None
    soc_pct: float | None
    charging: bool | None
    battery_v: float | None
    tracker_battery_pct: float | None


def contact_state(
    silence: timedelta | None,
    *,
    underway: bool,
    interval_s: float | None,
    silent_days: int,
    patience: ContactLimits,
) -> Contact:
    """The contact of a tracker.

    Args:
        silence: time since its last position; None when there is none.
        underway: whether that one says that it was driving or had its ignition on.
        interval_s: the usual time between two positions, once learned.
        silent_days: whole days that it has been silent for and come back, such as a weekend.
        patience: the limits from which on it is late or silent.
    """
    if silence is None:
        return Contact.NEVER
    if silence > timedelta(days=silent_days, hours=patience.silent_after_h):
        return Contact.SILENT
    late_s = max(patience.late_min_s, patience.late_intervals * (interval_s or 0.0))
    if silence <= timedelta(seconds=late_s):
        return Contact.ON_TIME
    return Contact.LATE if underway else Contact.RESTING


def is_underway(speed_kmh: float | None, ignition: bool | None, moving_kmh: float = 5.0) -> bool:
    """Whether a position was sent on the way: ignition on or, where that is not sent, driving."""
    return ignition if ignition is not None else (speed_kmh or 0.0) > moving_kmh


async def trackers(
    pool: Pool, patience: ContactLimits, now: datetime, vehicle_id: str | None = None
) -> list[Tracker]:
    """Every enrolled tracker, or that of one vehicle, and whether it is heard at `now`."""
    rows = await pool.fetch(SQL["last_pings"], vehicle_id)
    return [_tracker(row, patience, now) for row in rows]


def by_vehicle(found: Iterable[Tracker]) -> dict[str, Tracker]:
    """The trackers that sit in vehicles, by the ids of these."""
    return {one.vehicle_id: one for one in found if one.vehicle_id is not None}


def _tracker(row: asyncpg.Record, patience: ContactLimits, now: datetime) -> Tracker:
    last: datetime | None = row["last_ts"]
    silence = None if last is None else max(now - last, timedelta(0))
    return Tracker(
        device=row["device"],
        vehicle_id=row["vehicle_id"],
        vehicle_name=row["vehicle_name"],
        contact=contact_state(
            silence,
            underway=is_underway(row["speed_kmh"], row["ignition"]),
            interval_s=row["interval_s"],
            silent_days=row["silent_days"],
            patience=patience,
        ),
        enrolled_at=row["enrolled_at"],
        last_heard=last,
        silence_s=None if silence is None else silence.total_seconds(),
        interval_s=row["interval_s"],
        protocol=row["protocol"],
        soc_pct=row["soc_pct"],
        charging=row["charging"],
        battery_v=row["battery_v"],
        tracker_battery_pct=row["tracker_battery_pct"],
    )


async def learn_rhythms(pool: Pool, now: datetime) -> int:
    """Learn how often each device that was heard lately sends; returns how many those are."""
    return int(await pool.fetchval(SQL["learn_rhythms"], LEARNED_FROM, now))


def rhythms_job(pool: Pool) -> PeriodicJob:
    """Learns how often trackers send."""

    async def rhythms() -> None:
        LOG.info("rhythms learned", devices=await learn_rhythms(pool, datetime.now(UTC)))

    return PeriodicJob("rhythms", "*/5 * * * *", rhythms)
