"""Vehicles that are private at times, and what is stored of them."""

from db.connect import Pool
from register.devices import enrol_device
from tests.factories.actors import SOMEBODY
from tests.factories.vehicles import put_cars


async def add_vehicle(pool: Pool, vehicle_id: str, device: str) -> None:
    await pool.execute(
        "INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 100) ON CONFLICT DO NOTHING"
    )
    await put_cars(pool, vehicle_id)
    await enrol_device(pool, SOMEBODY, device, vehicle_id)


async def rows(pool: Pool, table: str) -> int:
    return await pool.fetchval(f"SELECT count(*) FROM {table}")
