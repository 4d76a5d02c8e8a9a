"""The table of trips stays current as positions arrive, in whatever order."""

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from db.connect import Pool
from fleet.position import Position
from ingest.metrics import Metrics
from ingest.writer import PositionWriter
from trips.detect import TripParameters
from trips.service import TripService

MORNING = datetime(2026, 11, 16, 6, tzinfo=UTC)
DEPOT = (55.77, 12.50)


@pytest.fixture
async def writer(pool: Pool) -> AsyncGenerator[PositionWriter]:
    writer = PositionWriter(
        pool, Metrics(), rows_max=5_000, queue_rows_max=100_000, wait_max_s=30, connections=2
    )
    task = asyncio.create_task(writer.run())
    yield writer
    writer.close()
    await task


@pytest.fixture
async def vehicle(pool: Pool) -> str:
    """A vehicle with a tracker at a depot; returns the device."""
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', $1, $2, 150)", *DEPOT)
    await pool.execute(
        "INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, source)"
        " VALUES ('car', 'Car', 'petrol', 1, 1, 1, 'test')"
    )
    await pool.execute(
        "INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id)"
        " VALUES ('v1', 'V1', 'car', 'd', 'home')"
    )
    await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d1', 'v1')")
    return "d1"


def day_of_driving(device: str, days: int = 3, hours: Sequence[int] = (2, 5, 9)) -> list[Position]:
    """Each day some visits: out for ten minutes, an hour there, and back; heartbeats between."""
    positions: list[Position] = []

    def add(ts: datetime, north_km: float, kmh: float) -> None:
        lat = DEPOT[0] + north_km / 111.195
        positions.append(Position(device=device, ts=ts, lat=lat, lon=DEPOT[1], speed_kmh=kmh))

    for day in range(days):
        start = MORNING + timedelta(days=day)
        for minute in range(0, 24 * 60, 20):
            ts = start + timedelta(minutes=minute)
            if not any(0 <= minute - 60 * hour <= 90 for hour in hours):
                add(ts, 0, 0)
        for hour in hours:
            leave = start + timedelta(hours=hour)
            for step in range(31):
                add(leave + timedelta(seconds=20 * step), step / 30 * 6, 0 if step == 30 else 36)
            back = leave + timedelta(minutes=75)
            for step in range(31):
                add(back + timedelta(seconds=20 * step), 6 - step / 30 * 6, 0 if step == 30 else 36)
    return positions


async def tables(pool: Pool) -> list[list[tuple[object, ...]]]:
    names = ("trip", "round_trip", "device_day")
    found = [await pool.fetch(f"SELECT * FROM {name} ORDER BY 1, 2") for name in names]
    return [[tuple(row) for row in rows] for rows in found]


async def test_trips_and_round_trips_of_some_days(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    await writer.store(day_of_driving(vehicle), [])
    assert await TripService(pool).refresh() == 1
    assert await pool.fetchval("SELECT count(*) FROM trip") == 18
    rows = await pool.fetch("SELECT * FROM round_trip ORDER BY start_ts")
    assert len(rows) == 9
    for row in rows:
        assert (row["vehicle_id"], row["depot_id"], row["legs"]) == ("v1", "home", 2)
        assert row["km"] == pytest.approx(12, rel=0.03)
        assert row["end_ts"] - row["start_ts"] == pytest.approx(
            timedelta(minutes=85), abs=timedelta(minutes=1)
        )
    assert await pool.fetchval("SELECT count(*) FROM device_day") >= 3
    assert await TripService(pool).refresh() == 0


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_and_repetition_of_arrival_gives_the_same_tables(
    pool: Pool, writer: PositionWriter, vehicle: str, seed: int
) -> None:
    positions = day_of_driving(vehicle)
    service = TripService(pool)
    await writer.store(positions, [])
    await service.refresh()
    expected = await tables(pool)
    await pool.execute("TRUNCATE position, trip, round_trip, device_day, device_state")

    rng = random.Random(seed)
    rng.shuffle(positions)
    at = 0
    while at < len(positions):
        size = rng.choice([1, 40, 200, 400])
        await writer.store(positions[max(0, at - 5) : at + size], [])
        at += size
        if rng.random() < 0.6:
            await service.refresh()
    await service.refresh()
    assert await tables(pool) == expected


async def test_positions_that_arrive_while_trips_are_found_are_not_forgotten(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    positions = day_of_driving(vehicle)
    service = TripService(pool)

    async def arrive() -> None:
        for at in range(0, len(positions), 25):
            await writer.store(positions[at : at + 25], [])

    arriving = asyncio.create_task(arrive())
    while not arriving.done():
        await asyncio.gather(service.refresh(), TripService(pool).refresh())
    await arriving
    await service.refresh()
    assert await pool.fetchval("SELECT count(*) FROM trip") == 18
    assert (
        await pool.fetchval("SELECT count(*) FROM device_state WHERE dirty_from IS NOT NULL") == 0
    )


async def test_a_device_that_moves_to_a_vehicle_gets_its_round_trips(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    from ingest.registry import enrol_device

    await enrol_device(pool, "d2")
    await writer.store(day_of_driving("d2"), [])
    service = TripService(pool)
    await service.refresh()
    assert await pool.fetchval("SELECT count(*) FROM round_trip") == 0
    await pool.execute("UPDATE device SET vehicle_id = NULL")
    await enrol_device(pool, "d2", "v1")
    await service.refresh()
    assert await pool.fetchval("SELECT count(*) FROM round_trip") == 9


async def test_a_shorter_stop_limit_is_a_parameter_of_the_service(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    await writer.store(day_of_driving(vehicle, days=1), [])
    await TripService(pool, TripParameters(stop_s=90 * 60)).refresh()
    assert await pool.fetchval("SELECT count(*) FROM trip") == 3
