"""Trips, round trips, engine sessions and days found anew from all positions, and where they differ
from what is stored: what `flaade recompute` does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from db.connect import Pool, PooledConnection
from db.statements import statements
from trips.service import TripService
from trips.stored.aside import Aside, apart

SQL = statements("recompute")
TRIP_SQL = statements("trip")


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One local day of a device on which something stored is not what its positions say.

    `what` is what differs, such as `trip`; `vehicle_id` is None where the device has no vehicle.
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
    on_failure: Callable[[str, Aside], None],
) -> list[Difference]:
    """Find everything of every device anew; with `write` what differs is replaced.

    A device is done in a transaction of its own, locked against the service, and brought up to
    date first, so that positions which just came in are no difference. `on_progress` gets how many
    devices are done, and of how many; `on_failure` each device that could not be done, and why.
    """
    devices = await pool.fetch(SQL["devices"])
    service = TripService(pool)
    found: list[Difference] = []
    on_progress(0, len(devices))
    for number, row in enumerate(devices, start=1):
        device: str = row["device"]
        differing: set[tuple[date, str]] = set()
        aside = await apart(_compare(pool, service, device, differing, write=write))
        if aside is not None:
            on_failure(device, aside)
        else:
            found += [Difference(device, *one, row["vehicle_id"]) for one in sorted(differing)]
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
    """Put what is right in the place of what is stored; returns days, and what was wrong."""
    await connection.fetch(TRIP_SQL["wait_for_devices"], [device])
    await service.refresh_within(connection, [device])
    stored = await _derived(connection, device)
    await connection.execute(SQL["distrust"], device)
    await service.refresh_within(connection, [device])
    return {(day, what) for what, day, _ in stored ^ await _derived(connection, device)}


async def _derived(connection: PooledConnection, device: str) -> set[tuple[str, date, str]]:
    return {
        (row["what"], row["day"], row["value"])
        for row in await connection.fetch(SQL["derived"], device)
    }
