"""The table `engine_session`: the sessions of a machine, found anew where positions changed."""

import asyncio
from datetime import datetime

from db.connect import PooledConnection
from db.statements import statements
from fleet.moments import BEGINNING, END
from trips.stored.cuts import moment
from trips.stored.dirty import Dirty
from trips.stored.hidden import seen_sessions
from trips.stored.tracks import read_engine_track

SQL = statements("trip")

_COLUMNS = ("device", "start_ts", "end_ts", "hours")


async def refind_sessions(connection: PooledConnection, dirty: Dirty) -> datetime:
    """Find the engine sessions anew from the last one that new positions cannot change; returns
    from when.

    That is the last but one that ended before them, since the last one may still go on. The idle
    time between the last one and the new positions is read only where the counter moved in it
    without a session, that is, where it was reset.
    """
    dirty_from, _ = dirty.cut
    settled = await connection.fetch(SQL["sessions_before"], dirty.device, dirty_from)
    begin = max(settled[0]["end_ts"] if len(settled) == 2 else BEGINNING, dirty.cut_from)
    idle_from = idle_to = dirty_from
    if settled:
        idle = await connection.fetchrow(
            SQL["engine_idle"], dirty.device, settled[-1]["end_ts"], dirty_from
        )
        if idle is not None and idle["early_hours"] == idle["late_hours"]:
            idle_from, idle_to = idle["early_ts"], idle["late_ts"]
    track = await read_engine_track(connection, dirty.device, begin, idle_from, idle_to)
    hidden = dirty.hidden(begin, END)
    found = await asyncio.to_thread(seen_sessions, track, hidden, dirty.parameters)
    await connection.execute(SQL["remove_sessions"], dirty.device, begin)
    await connection.copy_records_to_table(
        "engine_session",
        records=[(dirty.device, moment(s.start), moment(s.end), s.hours) for s in found],
        columns=_COLUMNS,
    )
    return begin


async def remove_sessions(connection: PooledConnection, dirty: Dirty) -> None:
    """Delete the sessions of a device that is not measured in hours any more."""
    await connection.execute(SQL["remove_sessions"], dirty.device, dirty.cut_from)
