"""What the pages need, kept a device and day: refreshed with the trips of the same days.

A plain table that our worker keeps serves PostgreSQL and TimescaleDB with the same numbers; a
continuous aggregate could not look from positions into trips.
"""

from datetime import datetime, timedelta

from db.connect import PooledConnection
from db.statements import statements
from fleet.localtime import day_start, local_day

SQL = statements("rollup")


async def refresh_days(
    connection: PooledConnection, device: str, since: datetime, until: datetime
) -> None:
    """Find anew the local days of a device that the time from `since` to `until` touches.

    Call it in the transaction that changed positions, trips or round trips of that time.
    """
    first, last = local_day(since), local_day(until)
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    bounds = [day_start(day) for day in (*days, last + timedelta(days=1))]
    await connection.execute(SQL["remove_days"], device, first, last)
    await connection.execute(SQL["add_days"], device, days, bounds[:-1], bounds[1:])
