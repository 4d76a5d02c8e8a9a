"""Brings trips, round trips, engine sessions and days of many devices up to date at once.

One device costs as many statements as fifty, and most devices stand still: each statement asks the
database for all devices of a batch. One device alone is a batch of one.
"""

from collections.abc import Mapping, Sequence

from db.connect import PooledConnection
from db.statements import statements
from fleet.moments import EARLIEST_MOMENT, LATEST_MOMENT
from register.private_time import Span
from trips.detect.parameters import TripParameters
from trips.detect.round_trips import RoundTripRules
from trips.stored.day_table import DeviceChange, refresh_days
from trips.stored.dirty_devices import DirtyDevice, lock_dirty
from trips.stored.round_trip_table import refind_round_trips
from trips.stored.session_table import refind_sessions, remove_sessions
from trips.stored.trip_table import RefoundTrips, refind_trips

SQL = statements("trip")


async def refresh_batch(
    connection: PooledConnection,
    devices: Sequence[str],
    classes: Mapping[str, TripParameters],
    rules: RoundTripRules,
) -> None:
    """Bring the dirty ones among `devices` up to date, in the caller's transaction.

    A device that another service has locked is left to that service.

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
        if dirty.round_trips_from is not None:
            since, _ = changed.get(dirty.device, (dirty.round_trips_from, LATEST_MOMENT))
            changed[dirty.device] = min(since, dirty.round_trips_from), LATEST_MOMENT
    away = await refind_round_trips(
        connection,
        [(dirty, changed[dirty.device]) for dirty in batch if dirty.device in changed],
        rules,
    )
    await refresh_days(
        connection, [_device_change(dirty, changed.get(dirty.device), away) for dirty in batch]
    )
    await connection.fetch(SQL["lock_states"], [dirty.device for dirty in batch])
    await connection.execute(
        SQL["mark_found"],
        [dirty.device for dirty in batch],
        [dirty.revision for dirty in batch],
        [dirty.found_with for dirty in batch],
        [dirty.round_trips_from for dirty in batch],
    )


async def _changed(connection: PooledConnection, refound: RefoundTrips) -> Span | None:
    """Bring the engine sessions of a device up to date.

    Returns:
        The span in which its sessions or trips may differ from before; None: all are as they were.
    """
    dirty, (begin, end), same = refound
    if dirty.measured_in_hours:
        return min(begin, await refind_sessions(connection, dirty)), LATEST_MOMENT
    if dirty.has_sessions:  # it was measured in hours before
        await remove_sessions(connection, dirty)
    elif same and not dirty.logged and not dirty.settings_changed and not dirty.private:
        # Without private periods the round trips are as they were, too. A private span may lie
        # within a round trip, but within none of its trips.
        return None
    return begin, end


def _device_change(
    dirty: DirtyDevice, changed: Span | None, away: Mapping[str, Span]
) -> DeviceChange:
    """The days of a device that are to be counted anew."""
    if changed is None:  # positions were stored or deleted, and every trip is as it was
        assert dirty.changed is not None
        begin, end = dirty.changed
    else:
        begin = min(changed[0], away[dirty.device][0])
        end = max(changed[1], away[dirty.device][1])
    return DeviceChange(
        device=dirty.device,
        since=max(begin, dirty.whole_days_from),
        until=min(end, dirty.last_ts),
        positions_changed=_positions_changed(dirty),
        trips_changed=changed is not None,
    )


def _positions_changed(dirty: DirtyDevice) -> Span | None:
    """The span in which positions were stored or deleted; it is open where no position is before or
    after it."""
    if dirty.changed is None:
        return None
    since, until = dirty.changed
    return (
        EARLIEST_MOMENT if since <= dirty.first_ts else since,
        LATEST_MOMENT if until >= dirty.last_ts else until,
    )
