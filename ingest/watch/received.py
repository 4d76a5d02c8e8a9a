"""Reads the positions that were received lately, for people who check whether telemetry comes
in."""

from dataclasses import dataclass
from datetime import datetime

from db.connect import Pool
from db.statements import statements

SQL = statements("received")


@dataclass(frozen=True, slots=True)
class ReceivedSince:
    """The number of positions that came in since a moment, however old they were, and of their
    devices."""

    positions: int
    devices: int


@dataclass(frozen=True, slots=True)
class ReceivedOfDevice:
    """The number of positions of a device that were measured since a moment, and the moment when
    one came in last, however old it was (None: never, or before this was recorded)."""

    measured: int
    last_received: datetime | None


@dataclass(frozen=True, slots=True)
class FirstPosition:
    """The first position of a device that is stored: when it was measured, and when it came in."""

    ts: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestPosition:
    """The last position of a device; the vehicle is None when the device sits in none."""

    device: str
    vehicle_id: str | None
    vehicle_name: str | None
    ts: datetime
    received_at: datetime
    lat: float
    lon: float
    speed_kmh: float | None


async def received_since(pool: Pool, since: datetime) -> ReceivedSince:
    """Count the positions that came in since a moment, and their devices. The count is by the
    minute, and goes no further back than `db.retention.RECEIVED_KEPT`."""
    row = await pool.fetchrow(SQL["received_since"], since)
    assert row is not None
    return ReceivedSince(row["positions"], row["devices"])


async def latest_positions(pool: Pool, devices: int) -> list[LatestPosition]:
    """The last positions of so many devices, the latest first."""
    return [LatestPosition(**row) for row in await pool.fetch(SQL["latest_positions"], devices)]


async def received_of_device(pool: Pool, device: str, since: datetime) -> ReceivedOfDevice:
    """Count the positions of a device that were measured since a moment, and read when one came in
    last."""
    row = await pool.fetchrow(SQL["received_of_device"], device, since)
    assert row is not None
    return ReceivedOfDevice(**row)


async def first_position(pool: Pool, device: str) -> FirstPosition | None:
    """The first position of a device that is stored; None: there is none."""
    row = await pool.fetchrow(SQL["first_of_device"], device)
    return None if row is None else FirstPosition(**row)
