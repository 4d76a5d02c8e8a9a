"""The table `engine_session`, in which the sessions of a machine are found anew where positions
changed."""

import asyncio
from datetime import datetime

from db.connect import PooledConnection
from db.statements import statements
from fleet.moments import EARLIEST_MOMENT, LATEST_MOMENT, moment_at
from trips.stored.dirty_devices import DirtyDevice
from trips.stored.private_spans import visible_sessions
from trips.stored.tracks import read_engine_track

SQL = statements("trip")

_COLUMNS = ("device", "start_ts", "end_ts", "hours")


async def refind_sessions(connection: PooledConnection, dirty: DirtyDevice) -> datetime:
    """Find the engine sessions of a device anew, after the last one that cannot have changed.

    The last session before the change may go on, so that the one before it is the last that cannot
    have changed. The idle time between the last session and the change is read only where the hour
    counter moved in it without a session, that is, where the counter was reset.

    Returns:
        The moment from which sessions were found anew.
    """
    dirty_from, _ = dirty.changed_kept
    settled = await connection.fetch(SQL["sessions_before"], dirty.device, dirty_from)
    begin = max(
        settled[0]["end_ts"] if len(settled) == 2 else EARLIEST_MOMENT, dirty.positions_from
    )
    idle_from = idle_to = dirty_from
    if settled:
        idle = await connection.fetchrow(
            SQL["engine_idle"], dirty.device, settled[-1]["end_ts"], dirty_from
        )
        if idle is not None and idle["early_hours"] == idle["late_hours"]:
            idle_from, idle_to = idle["early_ts"], idle["late_ts"]
    track = await read_engine_track(connection, dirty.device, begin, idle_from, idle_to)
    private = dirty.private_spans(begin, LATEST_MOMENT)
    found = await asyncio.to_thread(visible_sessions, track, private, dirty.parameters)
    await connection.execute(SQL["remove_sessions"], dirty.device, begin)
    await connection.copy_records_to_table(
        "engine_session",
        records=[(dirty.device, moment_at(s.start), moment_at(s.end), s.hours) for s in found],
        columns=_COLUMNS,
    )
    return begin


async def remove_sessions(connection: PooledConnection, dirty: DirtyDevice) -> None:
    """Delete the sessions of a device that is not measured in hours any more."""
    await connection.execute(SQL["remove_sessions"], dirty.device, dirty.positions_from)
