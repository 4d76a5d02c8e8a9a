"""Trackers: their enrolment, the vehicles in which they sit, and the networks they may use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.localtime import local_day
from fleet.position import SpeedUnit
from fleet.settings import Network
from register.history import RegisterSubject, record_change
from register.private_sweep import sweep_unswept

SQL = statements("device")

#: The most characters in the name of a device or gateway, and in the label of a key.
NAME_MAX = 128

#: The most networks of its own that a tracker may have.
NETWORKS_MAX = 50

#: The beginning of the names of driving logs that stand in for trackers.
LOG_PREFIX = "log:"


class EnrolmentError(ExpectedError, ValueError):
    """A device or key cannot be enrolled or changed as requested. The message says why."""


class SeatTakenError(EnrolmentError):
    """A tracker cannot sit in the vehicle from that day on: `other` sat there until before the day
    `until`, and has moved away since then."""

    def __init__(self, vehicle_id: str, other: str, until: date) -> None:
        super().__init__(
            f"tracker {other} sat in {vehicle_id} until {until}: move from that day on, or later"
        )
        self.other = other
        self.until = until


async def enrol_device(
    pool: Pool, actor: Actor, device: str, vehicle_id: str | None = None
) -> None:
    """Let `device` send, and let it sit in `vehicle_id` if that is given.

    A tracker that sits in another vehicle moves today, and so does one that takes the place of
    another tracker. Positions that a tracker without a vehicle sent before become the vehicle's.
    A second enrolment changes nothing.

    Raises:
        EnrolmentError: the name is empty, too long or a driving log's, or there is no such vehicle.
    """
    actor.require(Permission.TELEMETRY_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        await enrol_on(connection, actor, device, vehicle_id)
    await sweep_unswept(pool)


async def enrol_on(
    connection: PooledConnection,
    actor: Actor,
    device: str,
    vehicle_id: str | None,
    since: date | None = None,
) -> None:
    """Enrol a tracker as `enrol_device` does, in a transaction of the caller, who sweeps private
    positions afterwards. With `since` it sits in the vehicle from that local day on only.

    Raises:
        EnrolmentError: as for `enrol_device`, and with `since` as for `move_device`.
    """
    actor.require(Permission.TELEMETRY_MANAGE)
    if not 1 <= len(device) <= NAME_MAX:
        raise EnrolmentError(f"a device's name has 1 to {NAME_MAX} characters")
    if device.startswith(LOG_PREFIX):
        raise EnrolmentError(f"a name that begins with {LOG_PREFIX} is a driving log's")
    before = await connection.fetchrow(SQL["lock_device"], device)
    if vehicle_id is not None:
        if not await connection.fetchval(SQL["vehicle_exists"], vehicle_id):
            raise EnrolmentError(f"there is no vehicle {vehicle_id}")
        if since is None:
            await connection.execute(SQL["free_log"], vehicle_id)
            if await connection.fetchval(SQL["is_seat_taken"], device, vehicle_id):
                since = local_day(datetime.now(UTC))
    if vehicle_id is not None and since is not None:
        await connection.execute(SQL["enrol_device"], device, None)
        await _move_in(connection, actor, device, vehicle_id, since)
        return
    await connection.execute(SQL["enrol_device"], device, vehicle_id)
    if vehicle_id is not None:
        await connection.execute(SQL["settle_logs"], [vehicle_id])
    if before is None or vehicle_id not in (None, before["vehicle_id"]):
        content = {"enrolled": True, "vehicle_id": vehicle_id}
        await record_change(connection, actor, RegisterSubject.DEVICE, device, content)


async def move_device(
    pool: Pool, actor: Actor, device: str, vehicle_id: str | None, since: date
) -> None:
    """Move a tracker to `vehicle_id`, or out of every vehicle, from the local day `since` on.

    Its seats before that day stay. Another tracker that sits in the vehicle leaves it on that day.

    Raises:
        EnrolmentError: there is no such tracker or vehicle.
        SeatTakenError: another tracker that has moved away since then sat in the vehicle on that
            day or later.
    """
    actor.require(Permission.TELEMETRY_MANAGE)
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchrow(SQL["lock_device"], device) is None:
            raise EnrolmentError(f"device {device} is not enrolled")
        if vehicle_id is not None and not await connection.fetchval(
            SQL["vehicle_exists"], vehicle_id
        ):
            raise EnrolmentError(f"there is no vehicle {vehicle_id}")
        await _move_in(connection, actor, device, vehicle_id, since)
    await sweep_unswept(pool)


async def _move_in(
    connection: PooledConnection, actor: Actor, device: str, vehicle_id: str | None, since: date
) -> None:
    """Move a tracker into a vehicle, and the one that sits there out. The trips of driving logs
    then are of the trackers that sat in their vehicles on their days.

    Raises:
        SeatTakenError: another tracker that has moved away since then sat there on that day or
            later.
    """
    changed: list[str] = await connection.fetchval(SQL["vehicles_of_device"], device) or []
    if vehicle_id is not None:
        changed.append(vehicle_id)
        await connection.execute(SQL["free_log"], vehicle_id)
        for other in await connection.fetch(SQL["other_seats"], device, vehicle_id, since):
            if not other["sits"]:
                raise SeatTakenError(vehicle_id, other["device"], other["until"])
            await _move(connection, actor, other["device"], None, max(since, other["since"]))
    await _move(connection, actor, device, vehicle_id, since)
    await connection.execute(SQL["settle_logs"], changed)


async def _move(
    connection: PooledConnection, actor: Actor, device: str, vehicle_id: str | None, since: date
) -> None:
    was = await connection.fetchval(SQL["vehicle_before"], device, since)
    await connection.execute(SQL["forget_seats_after"], device, since)
    if was != vehicle_id:
        await connection.execute(SQL["add_seat"], device, since, was)
    await connection.execute(SQL["set_vehicle"], device, vehicle_id)
    content = {"vehicle_id": vehicle_id, "since": since}
    await record_change(
        connection, actor, RegisterSubject.DEVICE, device, content, {"vehicle_id": was}
    )


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat of a tracker: the vehicle in which it sat, from a local day until before another.

    `vehicle` is None when it sat in none, `since` is None for the first seat, and `until` is None
    for the present one.
    """

    vehicle: str | None
    since: date | None
    until: date | None


async def seats(pool: Pool, device: str) -> list[Seat]:
    """The seats of a tracker, the latest first; empty if the tracker is not enrolled."""
    return [Seat(**row) for row in await pool.fetch(SQL["seats_of_device"], device)]


async def networks_of(pool: Pool, device: str) -> list[Network] | None:
    """The networks of its own that a device without a key may send from; None: those of the
    settings."""
    return await pool.fetchval(SQL["networks_of"], device)


async def device_in_vehicle(pool: Pool, vehicle_id: str, day: date) -> str | None:
    """The tracker that sat in a vehicle on a local day; it may sit in another one today."""
    return await pool.fetchval(SQL["device_in_vehicle_on"], vehicle_id, day)


async def allow_networks(
    pool: Pool, actor: Actor, device: str, networks: Sequence[Network] | None
) -> None:
    """Let a device without a key send from `networks` only; None means those of the settings.

    Raises:
        EnrolmentError: the device is not enrolled.
    """
    actor.require(Permission.TELEMETRY_MANAGE)
    given = None if networks is None else list(networks)
    content = {"networks": None if given is None else [str(one) for one in given]}
    await _set(pool, actor, device, "allow_networks", given, content)


async def set_speed_unit(pool: Pool, actor: Actor, device: str, unit: SpeedUnit | None) -> None:
    """Set the unit in which a device sends its speed; None means the unit of its app.

    Raises:
        EnrolmentError: the device is not enrolled.
    """
    actor.require(Permission.TELEMETRY_MANAGE)
    await _set(pool, actor, device, "set_speed_unit", unit, {"speed_unit": unit})


async def _set(
    pool: Pool,
    actor: Actor,
    device: str,
    statement: str,
    value: object,
    content: Mapping[str, object],
) -> None:
    async with pool.acquire() as connection, connection.transaction():
        before = await connection.fetchrow(SQL[statement], device, value)
        if before is None:
            raise EnrolmentError(f"device {device} is not enrolled")
        await record_change(
            connection, actor, RegisterSubject.DEVICE, device, content, dict(before)
        )
