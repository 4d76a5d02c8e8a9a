"""Whether a tracker is in contact, judged by its own habits: a parked car need not say so."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from db.connect import Pool
from db.statements import statements

SQL = statements("contact")

#: Last positions that a device's rhythm is learned from.
LEARNED_FROM = 500


class Contact(StrEnum):
    """The worst first. LATE: it was under way and should have been heard. RESTING: it is silent as
    it is when it is parked. SILENT: longer than it ever is."""

    SILENT = "silent"
    LATE = "late"
    NEVER = "never"
    ON_TIME = "on_time"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class Patience:
    """The settings `live_…`: how much longer than usual is late, and when silence is an alarm."""

    late_intervals: float
    late_min_s: float
    silent_after_h: float


def contact(
    silence: timedelta | None,
    *,
    underway: bool,
    interval_s: float | None,
    silent_days: int,
    patience: Patience,
) -> Contact:
    """The state of a device.

    Args:
        silence: time since its last position; None when there is none.
        underway: whether that one says that it was driving or had its ignition on.
        interval_s: the usual time between two positions, once learned.
        silent_days: whole days that it has been silent for and come back, such as a weekend.
        patience: see there.
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


async def learn_rhythms(pool: Pool, now: datetime) -> int:
    """Learn how often each device that was heard lately sends; returns how many those are."""
    return int(await pool.fetchval(SQL["learn"], LEARNED_FROM, now))
