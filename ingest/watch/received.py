"""Reads the positions that were received lately, for people who check whether telemetry comes
in."""

from dataclasses import dataclass
from datetime import datetime

from db.connect import Pool
from db.statements import statements

SQL = statements("received")


@dataclass(frozen=True, slots=True)
class ReceivedSince:
    """How many positions there are since a moment, and of how many devices."""

    positions: int
    devices: int


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


async def received_since(pool: Pool, since: datetime, most: int) -> ReceivedSince:
    """The positions and devices since a moment; positions are counted up to `most`."""
    row = await pool.fetchrow(SQL["positions_since"], since, most)
    assert row is not None
    return ReceivedSince(row["positions"], row["devices"])


async def latest_positions(pool: Pool, devices: int) -> list[LatestPosition]:
    """The last positions of so many devices, the latest first."""
    return [LatestPosition(**row) for row in await pool.fetch(SQL["latest_positions"], devices)]


async def positions_of_device(pool: Pool, device: str, since: datetime) -> int:
    """How many positions of a device there are since a moment."""
    return await pool.fetchval(SQL["positions_of_device"], device, since)
