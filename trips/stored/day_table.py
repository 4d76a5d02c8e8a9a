"""The table `device_day`, which counts what each device did on each local day, for pages and
figures.

The table is refreshed in the transaction that changes the trips of those days. A plain table gives
the same numbers on PostgreSQL and TimescaleDB; a continuous aggregate could not read trips beside
positions. A day counts its positions by the hour, so that one more position of a device that sends
one a second does not make the whole day be counted again.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.localtime import day_start, local_day
from register.private_time import Span

SQL = statements("device_day")


class DeviceChange(NamedTuple):
    """The change of a device, by which its days are counted anew.

    Attributes:
        since, until: the local days from `since` to `until` are counted anew; none where `until` is
            before `since`.
        positions_changed: the span in which positions were stored or deleted; None: none were.
        trips_changed: whether trips, round trips or engine sessions differ from before.
    """

    device: str
    since: datetime
    until: datetime
    positions_changed: Span | None
    trips_changed: bool


async def trips_begun_on(pool: Pool, day: date, departments: Collection[str] | None = None) -> int:
    """How many trips of all devices together began on a local day; with `departments`, of the
    devices that sit in vehicles of these."""
    seen = None if departments is None else sorted(departments)
    return int(await pool.fetchval(SQL["trips_begun_on"], day, seen))


async def refresh_days(connection: PooledConnection, changes: Sequence[DeviceChange]) -> None:
    """Count the local days of devices anew; `changes` holds a device once.

    Call it in the transaction that changed positions, trips or round trips of those days, and that
    holds the locks of the devices.
    """
    midnight = cache(day_start)
    rows: list[tuple[str, date, datetime, datetime, datetime | None, datetime | None, bool]] = []
    for one in changes:
        first, last = local_day(one.since), local_day(one.until)
        changed_from, changed_to = one.positions_changed or (None, None)
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            begin, end = midnight(day), midnight(day + timedelta(days=1))
            rows.append((one.device, day, begin, end, changed_from, changed_to, one.trips_changed))
    if rows:
        columns = list(map(list, zip(*rows, strict=True)))
        await connection.execute(
            SQL["refresh_days"],
            *columns,
            min(row[2] for row in rows),
            max(row[3] for row in rows),
        )
