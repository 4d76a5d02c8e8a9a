"""Trips, round trips, engine sessions and days of many devices brought up to date at once.

One device costs as many statements as fifty, and most of them stand still: what is asked of the
database is asked for all of them together. One device alone is a batch of one.
"""

from collections.abc import Mapping, Sequence

from db.connect import PooledConnection
from db.statements import statements
from fleet.moments import BEGINNING, END
from register.private_time import Span
from trips.detect.parameters import TripParameters
from trips.detect.round_trips import RoundTripRules
from trips.stored.days_table import Touched, refresh_days
from trips.stored.dirty import Dirty, lock_dirty
from trips.stored.round_trips import refind_round_trips
from trips.stored.sessions import refind_sessions, remove_sessions
from trips.stored.trips import Refound, refind_trips

SQL = statements("trip")


async def refresh_batch(
    connection: PooledConnection,
    devices: Sequence[str],
    classes: Mapping[str, TripParameters],
    rules: RoundTripRules,
) -> None:
    """Bring the devices up to date in the caller's transaction, but for those that are, and those
    that another service is at.

    Raises:
        NoSuchClassError: a vehicle is of a class that `classes` does not have.
    """
    batch = await lock_dirty(connection, devices, classes)
    if not batch:
        return
    moved = [dirty for dirty in batch if dirty.changed is not None]
    for dirty in moved:
        if dirty.logged:
            await connection.execute(
                SQL["overrule_logged"], dirty.device, dirty.first_ts, dirty.last_ts
            )
    changed: dict[str, Span] = {}
    for refound in await refind_trips(connection, moved):
        if span := await _changed(connection, refound):
            changed[refound.dirty.device] = span
    for dirty in batch:
        if dirty.rounds_from is not None:
            since, _ = changed.get(dirty.device, (dirty.rounds_from, END))
            changed[dirty.device] = min(since, dirty.rounds_from), END
    away = await refind_round_trips(
        connection,
        [(dirty, changed[dirty.device]) for dirty in batch if dirty.device in changed],
        rules,
    )
    await refresh_days(
        connection, [_touched(dirty, changed.get(dirty.device), away) for dirty in batch]
    )
    await connection.fetch(SQL["hold_states"], [dirty.device for dirty in batch])
    await connection.execute(
        SQL["settle"],
        [dirty.device for dirty in batch],
        [dirty.revision for dirty in batch],
        [dirty.found_with for dirty in batch],
        [dirty.rounds_from for dirty in batch],
    )


async def _changed(connection: PooledConnection, refound: Refound) -> Span | None:
    """Bring the engine sessions up to date; returns from when to when they or the trips may be
    others than before, None where all are as they were."""
    dirty, (begin, end), same = refound
    if dirty.measured_in_hours:
        return min(begin, await refind_sessions(connection, dirty)), END
    if dirty.has_sessions:  # it was measured in hours before
        await remove_sessions(connection, dirty)
    elif same and not dirty.logged and not dirty.another and not dirty.private:
        # What is hidden may be of a round trip and of no trip.
        return None
    return begin, end


def _touched(dirty: Dirty, changed: Span | None, away: Mapping[str, Span]) -> Touched:
    """What is to be counted anew of a device's days."""
    if changed is None:  # positions, and no trip is another one
        assert dirty.changed is not None
        begin, end = dirty.changed
    else:
        begin = min(changed[0], away[dirty.device][0])
        end = max(changed[1], away[dirty.device][1])
    return Touched(
        device=dirty.device,
        since=max(begin, dirty.whole_from),
        until=min(end, dirty.last_ts),
        heard=_heard(dirty),
        moved=changed is not None,
    )


def _heard(dirty: Dirty) -> Span | None:
    """When positions came or went; before the first and after the last there are none."""
    if dirty.changed is None:
        return None
    since, until = dirty.changed
    return (
        BEGINNING if since <= dirty.first_ts else since,
        END if until >= dirty.last_ts else until,
    )
