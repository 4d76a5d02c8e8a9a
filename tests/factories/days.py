"""What is kept a device and day, and the same from raw positions."""

import numpy as np
import pytest

from db.connect import Pool
from trips.use.device_days import DeviceDay, device_days


async def stored_days(pool: Pool, device: str) -> list[DeviceDay]:
    rows = await pool.fetch(
        f"SELECT {', '.join(DeviceDay._fields)} FROM device_day WHERE device = $1 ORDER BY day",
        device,
    )
    return [DeviceDay(*row) for row in rows]


async def days_from_raw(pool: Pool, device: str) -> list[DeviceDay]:
    fixes = await pool.fetch("SELECT ts FROM position WHERE device = $1", device)
    trips = await pool.fetch("SELECT start_ts, end_ts, km FROM trip WHERE device = $1", device)
    away = await pool.fetch("SELECT start_ts, end_ts FROM round_trip WHERE device = $1", device)
    work = await pool.fetch(
        "SELECT start_ts, end_ts, hours FROM engine_session WHERE device = $1", device
    )
    return device_days(
        np.array([row["ts"].timestamp() for row in fixes]),
        [(row["start_ts"].timestamp(), row["end_ts"].timestamp(), row["km"]) for row in trips],
        [(row["start_ts"].timestamp(), row["end_ts"].timestamp()) for row in away],
        [(row["start_ts"].timestamp(), row["end_ts"].timestamp(), row["hours"]) for row in work],
    )


def assert_same(found: list[DeviceDay], expected: list[DeviceDay]) -> None:
    assert [row[:4] for row in found] == [row[:4] for row in expected]
    for one, other in zip(found, expected, strict=True):
        assert one[4:] == pytest.approx(other[4:], abs=1e-3)
