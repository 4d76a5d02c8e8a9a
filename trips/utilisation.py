"""How vehicles are used: periods, shares of working days, hours of the week.

Silence is not idleness: use is stated together with the share of days on which the tracker was
heard, and below `coverage_min` it is unknown.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import asyncpg

from db.connect import Pool
from db.statements import statements
from fleet.localtime import LOCAL
from fleet.period import Period

SQL = statements("fleet")

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class VehicleUse:
    """One vehicle and its use in a period. Shares are of working days, None without any."""

    row: asyncpg.Record
    days_used_share: float | None
    heard_share: float | None

    def is_known(self, coverage_min: float) -> bool:
        """Whether the tracker was heard on enough days to say anything about its use."""
        return self.heard_share is not None and self.heard_share >= coverage_min


async def data_period(pool: Pool, weeks_max: int) -> Period | None:
    """The days that the trips cover, at most `weeks_max` weeks back; None before the first trip."""
    row = await pool.fetchrow(SQL["data_period"], weeks_max)
    return None if row is None else Period(row["first"], row["last"], frozenset(row["closed"]))


async def fleet_use(
    pool: Pool, period: Period | None, vehicle_id: str | None = None
) -> list[VehicleUse]:
    """Every vehicle, or one, with its use; without a period nothing is known of any."""
    if period is None:
        today = datetime.now(LOCAL).date()
        span, days = Period(today, today), list[date]()
    else:
        span, days = period, period.working_days
    rows = await pool.fetch(SQL["vehicles"], span.start, span.end, days, vehicle_id)
    if not days:
        return [VehicleUse(row, None, None) for row in rows]
    return [
        VehicleUse(row, row["days_used"] / len(days), row["days_heard"] / len(days)) for row in rows
    ]


def week_use(
    spans: Iterable[tuple[datetime, datetime]], first: date, last: date
) -> Sequence[Sequence[float]]:
    """Share of the weekdays from `first` to `last` on which the vehicle was out, by local hour.

    `spans` are departures and returns. Seven rows, Monday first, of 24 hours; an hour counts when
    the vehicle was out during any part of it.
    """
    touched: set[tuple[date, int]] = set()
    for start, end in spans:
        moment = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        while moment < end:
            local = moment.astimezone(LOCAL)
            if first <= local.date() <= last:
                touched.add((local.date(), local.hour))
            moment += HOUR
    days = Counter((first + timedelta(days=i)).weekday() for i in range((last - first).days + 1))
    used = Counter((day.weekday(), hour) for day, hour in touched)
    return [
        [used[weekday, hour] / days[weekday] if days[weekday] else 0.0 for hour in range(24)]
        for weekday in range(7)
    ]
