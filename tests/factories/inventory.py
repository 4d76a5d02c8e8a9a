"""Vehicles with their details, for tests of the register."""

from datetime import date
from typing import Any

from db.connect import Pool
from register.inventory.details import VehicleDetails

TWO_DEPOTS = (
    "INSERT INTO zone (zone_id, name, lat, lon, radius_m) VALUES"
    " ('park', 'Vej & Park', 55.77, 12.5, 150), ('raad', 'Rådhuset', 55.78, 12.51, 150)"
)


async def put_depots(pool: Pool) -> None:
    """Two depots, `park` and `raad`."""
    await pool.execute(TWO_DEPOTS)


def a_van(name: str = "Vogn 12", **given: Any) -> VehicleDetails:
    """A leased van of the department Vej at the depot `park`."""
    details: dict[str, Any] = {
        "name": name,
        "plate": "AB12345",
        "make": "VW",
        "model": "Caddy",
        "model_year": 2023,
        "first_registered": date(2023, 1, 10),
        "kind": "varebil-diesel",
        "department": "Vej",
        "depot_id": "park",
        "contract_start": date(2023, 1, 10),
        "contract_end": date(2027, 1, 10),
        "contract_km": 80_000.0,
        "cost_kr_year": 42_000.0,
        "sale_value_kr": 60_000.0,
        "exit_cost_kr": 15_000.0,
        "mileage_km": 41_000.0,
        "mileage_day": date(2025, 1, 10),
    }
    return VehicleDetails(**(details | given))
