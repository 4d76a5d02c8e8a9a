"""Finds trips, round trips, engine sessions and days anew from all positions, and tells where they
differ from the stored ones, as `flaade recompute` does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from db.connect import Pool, PooledConnection
from db.statements import statements
from trips.service import TripService
from trips.stored.set_aside import TripFailure, failure_of

SQL = statements("recompute")
TRIP_SQL = statements("trip")


@dataclass(frozen=True, slots=True, order=True)
class StoredDifference:
    """One local day of a device on which a stored row differs from the one that its positions give.

    `what` names the table of the row, such as `trip`; `vehicle_id` is None where the device sits in
    no vehicle.
    """

    device: str
    day: date
    what: str
    vehicle_id: str | None


async def recompute(
    pool: Pool,
    *,
    write: bool,
    on_progress: Callable[[int, int], None],
    on_failure: Callable[[str, TripFailure], None],
) -> list[StoredDifference]:
    """Find all rows of every device anew; with `write`, replace those that differ.

    Each device has a transaction of its own, which holds its lock against the service and brings it
    up to date first, so that positions which just came in are no difference. `on_progress` gets how
    many devices are done, and of how many; `on_failure` gets each device that could not be done,
    and why.

    Returns:
        The differences, by device and day.
    """
    devices = await pool.fetch(SQL["devices"])
    service = TripService(pool)
    found: list[StoredDifference] = []
    on_progress(0, len(devices))
    for number, row in enumerate(devices, start=1):
        device: str = row["device"]
        differing: set[tuple[date, str]] = set()
        failure = await failure_of(_compare(pool, service, device, differing, write=write))
        if failure is not None:
            on_failure(device, failure)
        else:
            found += [
                StoredDifference(device, *one, row["vehicle_id"]) for one in sorted(differing)
            ]
        on_progress(number, len(devices))
    return found


async def _compare(
    pool: Pool,
    service: TripService,
    device: str,
    differing: set[tuple[date, str]],
    *,
    write: bool,
) -> None:
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            differing |= await _differing(connection, service, device)
        except BaseException:
            await transaction.rollback()
            raise
        await (transaction.commit() if write and differing else transaction.rollback())


async def _differing(
    connection: PooledConnection, service: TripService, device: str
) -> set[tuple[date, str]]:
    """Replace the stored rows of a device by those that its positions give.

    Returns:
        The days on which a row differed, each with the table.
    """
    await connection.fetch(TRIP_SQL["wait_for_devices"], [device])
    await service.refresh_within(connection, [device])
    stored = await _derived(connection, device)
    await connection.execute(SQL["mark_all_dirty"], device)
    await service.refresh_within(connection, [device])
    return {(day, what) for what, day, _ in stored ^ await _derived(connection, device)}


async def _derived(connection: PooledConnection, device: str) -> set[tuple[str, date, str]]:
    return {
        (row["what"], row["day"], row["value"])
        for row in await connection.fetch(SQL["derived"], device)
    }
