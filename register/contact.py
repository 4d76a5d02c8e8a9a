"""The contact of trackers: whether each is heard now, judged by its own rhythm when parked.

This is the one definition of heard and silent. How far a vehicle's use is known in a period is
another question, which `fleet.known` answers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import asyncpg
import structlog

from db.connect import Pool
from db.job import PeriodicJob
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.names.order import name_order
from register.settings import ContactSettings

SQL = statements("contact")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

#: The number of last positions from which the job learns a device's rhythm.
RHYTHM_POSITIONS = 500


class Contact(StrEnum):
    """The contact of a tracker, the worst first.

    LATE: it was under way and should have sent. RESTING: it is silent for as long as when parked.
    SILENT: it is silent for longer than it ever was.
    """

    SILENT = "silent"
    LATE = "late"
    NEVER = "never"
    ON_TIME = "on_time"
    RESTING = "resting"

    @property
    def heard(self) -> bool:
        """Whether the tracker counts as heard; one that is late still does."""
        return self in (Contact.ON_TIME, Contact.RESTING, Contact.LATE)


class LastingContact(StrEnum):
    """What is told of the contact of a tracker to who sees no single trips: nothing that changes
    when its vehicle sets off or comes home."""

    HEARD = "heard"
    SILENT = "silent"
    NEVER = "never"

    @property
    def heard(self) -> bool:
        return self is LastingContact.HEARD


@dataclass(frozen=True, slots=True)
class ContactLimits:
    """The limits of the settings `live_…`: when a tracker is late, and when it is silent."""

    late_intervals: float
    late_min_s: float
    silent_after_h: float

    @classmethod
    def of(cls, settings: ContactSettings) -> "ContactLimits":
        """The limits in the settings."""
        return cls(
            settings.live_late_intervals, settings.live_late_min_s, settings.live_silent_after_h
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """An enrolled tracker and its contact; the vehicle is None when the tracker sits in none.

    `interval_s` is the usual time between two positions, once learned. `soc_pct`, `charging` and
    `battery_v` are of the vehicle and `tracker_battery_pct` of the tracker, as it last sent them.
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


@dataclass(frozen=True, slots=True)
class ContactTold:
    """What a reader is told of the contact of a tracker, and of when it was heard last, which tells
    when its vehicle drove."""

    contact: Contact | LastingContact
    last_ping: datetime | None


def contact_told(tracker: Tracker, reader: Actor) -> ContactTold:
    """What `reader` is told of the contact of a tracker."""
    if reader.may(Permission.TRACKS_READ):
        return ContactTold(tracker.contact, tracker.last_heard)
    if tracker.contact.heard:
        return ContactTold(LastingContact.HEARD, None)
    return ContactTold(LastingContact(tracker.contact.value), None)


def contact_state(
    silence: timedelta | None,
    *,
    underway: bool,
    interval_s: float | None,
    silent_days: int,
    limits: ContactLimits,
) -> Contact:
    """The contact of a tracker.

    Args:
        silence: time since its last position; None when there is none.
        underway: whether that position says that it was driving or had its ignition on.
        interval_s: the usual time between two positions, once learned.
        silent_days: the longest silence, in whole days, after which it sent again, such as a
            weekend.
        limits: the limits from which on it is late or silent.
    """
    if silence is None:
        return Contact.NEVER
    if silence > timedelta(days=silent_days, hours=limits.silent_after_h):
        return Contact.SILENT
    late_s = max(limits.late_min_s, limits.late_intervals * (interval_s or 0.0))
    if silence <= timedelta(seconds=late_s):
        return Contact.ON_TIME
    return Contact.LATE if underway else Contact.RESTING


def is_underway(speed_kmh: float | None, ignition: bool | None, moving_kmh: float = 5.0) -> bool:
    """Whether the vehicle was under way: ignition on or, if the tracker sends none, driving."""
    return ignition if ignition is not None else (speed_kmh or 0.0) > moving_kmh


async def trackers(
    pool: Pool, limits: ContactLimits, now: datetime, vehicle_ids: Sequence[str] | None = None
) -> list[Tracker]:
    """Every enrolled tracker, or those of some vehicles, with its contact at `now`, by the name of
    its vehicle or its own."""
    rows = await pool.fetch(SQL["last_pings"], vehicle_ids, None)
    found = [_tracker(row, limits, now) for row in rows]
    return sorted(found, key=lambda one: name_order(one.vehicle_name or one.device))


async def tracker_of(
    pool: Pool, limits: ContactLimits, now: datetime, device: str
) -> Tracker | None:
    """One tracker with its contact at `now`; None: no such tracker is enrolled."""
    row = await pool.fetchrow(SQL["last_pings"], None, device)
    return None if row is None else _tracker(row, limits, now)


def trackers_by_vehicle(found: Iterable[Tracker]) -> dict[str, Tracker]:
    """The trackers that sit in vehicles, by the ids of the vehicles."""
    return {one.vehicle_id: one for one in found if one.vehicle_id is not None}


def _tracker(row: asyncpg.Record, limits: ContactLimits, now: datetime) -> Tracker:
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
            limits=limits,
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
    """Learn the rhythm of each device that was heard lately; returns the number of devices."""
    return int(await pool.fetchval(SQL["learn_rhythms"], RHYTHM_POSITIONS, now))


def rhythms_job(pool: Pool) -> PeriodicJob:
    """The job that learns how often trackers send."""

    async def rhythms() -> None:
        LOG.info("rhythms learned", devices=await learn_rhythms(pool, datetime.now(UTC)))

    return PeriodicJob("rhythms", "*/5 * * * *", rhythms)
