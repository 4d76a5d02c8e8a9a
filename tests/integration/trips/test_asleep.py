"""A parked tracker whose GPS sleeps is heard, and stands still where it was."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.settings import Settings
from db.connect import Pool
from tests.factories.moments import at
from tests.factories.serving import Client, client_of
from tests.factories.vehicles import put_cars
from trips.service import TripService
from trips.use.fleet_use import data_period, fleet_use
from trips.use.month_cache import MonthCache

MORNING = datetime(2026, 10, 26, 6, tzinfo=UTC)
DAYS = 28


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url) as client:
        await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
        await put_cars(pool, "v1")
        await pool.execute("UPDATE device SET vehicle_id = 'v1' WHERE device = 'd1'")
        yield client


def asleep(ts: datetime, lat: float = 55.8, **values: Any) -> dict[str, Any]:
    return at(ts, lat, speed_kmh=0, ignition=False, satellites=0, battery_v=12.5) | values


def drive(ts: datetime) -> list[dict[str, Any]]:
    """Half an hour to the north and to a stop."""
    return [
        at(
            ts + timedelta(minutes=minute),
            55.77 + 0.001 * minute,
            speed_kmh=40 if minute < 30 else 0,
            ignition=minute < 30,
            satellites=9,
        )
        for minute in range(31)
    ]


async def test_28_days_of_a_parked_tracker_are_known_and_nothing_is_in_quarantine(
    client: Client, pool: Pool
) -> None:
    hours = [MORNING + timedelta(hours=n) for n in range(-6, 24 * DAYS)]
    sent = [*drive(MORNING), *(asleep(ts) for ts in hours if ts != MORNING)]
    answer = {"stored": len(sent), "duplicate": 0, "quarantined": 0}
    assert await client.post(sent) == (200, answer)
    await TripService(pool).refresh()
    assert await pool.fetchval("SELECT count(*) FROM trip") == 1
    [vehicle] = (
        await fleet_use(pool, MonthCache(), await data_period(pool, 8), coverage_min=0.8)
    ).vehicles
    assert vehicle.figures.covered_share == pytest.approx(1, abs=0.005)
    assert vehicle.figures.days_used_share is not None
    days = await pool.fetch("SELECT day, positions FROM device_day ORDER BY day")
    assert len(days) >= DAYS
    assert await pool.fetchval("SELECT count(*) FROM quarantine") == 0


@pytest.mark.parametrize("place", [{"lat": 0, "lon": 0}, {"lat": 10.0, "lon": 100.0}])
async def test_the_place_without_a_fix_is_that_of_the_last_one(
    client: Client, pool: Pool, place: dict[str, float]
) -> None:
    later = MORNING + timedelta(hours=2)
    assert (await client.post([*drive(MORNING), asleep(later, **place)]))[1]["stored"] == 32
    row = await pool.fetchrow("SELECT lat, lon, battery_v FROM position WHERE ts = $1", later)
    assert row is not None
    assert tuple(row) == pytest.approx((55.8, 12.5, 12.5))
    await TripService(pool).refresh()
    assert await pool.fetchval("SELECT count(*) FROM trip") == 1


async def test_what_never_had_a_place_is_counted_and_not_quarantined(
    client: Client, pool: Pool
) -> None:
    answer = {"stored": 0, "duplicate": 0, "quarantined": 0}
    assert (await client.post([asleep(MORNING, lat=0, lon=0)]))[1] == answer
    assert await pool.fetchval("SELECT count(*) FROM quarantine") == 0
    _, metrics = await client.get("/metrics")
    assert 'flaade_positions_without_place_total{protocol="positions"} 1.0' in metrics


async def test_the_first_that_is_heard_may_be_asleep(client: Client, pool: Pool) -> None:
    hours = [MORNING + timedelta(hours=n) for n in range(48)]
    assert (await client.post([asleep(ts) for ts in hours]))[1]["stored"] == 48
    await TripService(pool).refresh()
    assert await pool.fetchval("SELECT count(*) FROM device_day") >= 2
    assert await pool.fetchval("SELECT count(*) FROM trip") == 0


async def test_a_value_that_no_sensor_can_say_costs_itself_and_is_counted(
    client: Client, pool: Pool
) -> None:
    changes: list[dict[str, Any]] = [
        {"altitude_m": -32768},
        {"heading_deg": 361},
        {"satellites": 255},
        {"accuracy_m": -1},
        {"speed_kmh": -1},
        {"odometer_km": 4294967.295},
        {"fuel_pct": "12,5"},
    ]
    sent = [at(MORNING + timedelta(seconds=n), 55.77) | one for n, one in enumerate(changes)]
    assert (await client.post(sent))[1] == {"stored": 7, "duplicate": 0, "quarantined": 0}
    _, metrics = await client.get("/metrics")
    for change in changes:
        [field] = change
        counted = f'flaade_values_dropped_total{{field="{field}",protocol="positions"}} 1.0'
        assert counted in metrics
        assert await pool.fetchval(f"SELECT count({field}) FROM position") == 0
