"""What the pages need, kept a device and day: refreshed with the trips of the same days.

A plain table that our worker keeps serves PostgreSQL and TimescaleDB with the same numbers; a
continuous aggregate could not look from positions into trips. A day counts its positions by the
hour, so that a position of a device that sends one a second costs no count of the whole day.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.localtime import day_start, local_day
from register.private_time import Span

SQL = statements("rollup")


class Touched(NamedTuple):
    """What changed of a device.

    Attributes:
        since, until: the days that this touches are found anew; none where it ends before it
            begins.
        heard: between when and when positions came or went; None: none did.
        moved: trips or round trips are others.
    """

    device: str
    since: datetime
    until: datetime
    heard: Span | None
    moved: bool


class DayTotals(NamedTuple):
    """What all devices together sent and drove on one local day."""

    positions: int
    trips: int


async def day_totals(pool: Pool, day: date) -> DayTotals:
    """What all devices together sent and drove on a local day."""
    row = await pool.fetchrow(SQL["totals"], day)
    assert row is not None
    return DayTotals(row["positions"], row["trips"])


async def refresh_days(connection: PooledConnection, touched: Sequence[Touched]) -> None:
    """Find the local days of devices anew; a device comes once.

    Call it in the transaction that changed positions, trips or round trips of that time, and that
    has the devices locked.
    """
    midnight = cache(day_start)
    rows: list[tuple[str, date, datetime, datetime, datetime | None, datetime | None, bool]] = []
    for one in touched:
        first, last = local_day(one.since), local_day(one.until)
        heard_from, heard_to = one.heard or (None, None)
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            begin, end = midnight(day), midnight(day + timedelta(days=1))
            rows.append((one.device, day, begin, end, heard_from, heard_to, one.moved))
    if rows:
        columns = list(map(list, zip(*rows, strict=True)))
        await connection.execute(
            SQL["refresh_days"],
            *columns,
            min(row[2] for row in rows),
            max(row[3] for row in rows),
        )
