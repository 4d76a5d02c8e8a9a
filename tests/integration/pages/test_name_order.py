"""Wherever vehicles or depots are listed by name, `Bil 2` stands before `Bil 10`."""

import re
from collections.abc import AsyncGenerator

import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from tests.factories.serving import Client, client_of

VEHICLES = ["Bil 2", "Bil 10", "Østre bil 1"]
DEPOTS = ["Plads 3", "Plads 12", "Ågården"]


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    """The ids are in another order than the names."""
    for number, name in enumerate(reversed(DEPOTS)):
        await pool.execute(
            "INSERT INTO zone (zone_id, name, lat, lon, radius_m) VALUES ($1, $2, $3, 12.5, 150)",
            *(f"p{number}", name, 55.7 + number / 100),
        )
    await pool.execute(
        "INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, source)"
        " VALUES ('car', 'Car', 'petrol', 1, 1, 1, 'test')"
    )
    for number, name in enumerate(reversed(VEHICLES)):
        await pool.execute(
            "INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id)"
            " VALUES ($1, $2, 'car', 'Vej', $3)",
            *(f"v{number}", name, f"p{number}"),
        )
        await pool.execute(
            "INSERT INTO device (device, vehicle_id) VALUES ($1, $2)", f"d{number}", f"v{number}"
        )
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/vehicles", VEHICLES),
        ("/vehicles", DEPOTS),
        ("/register", VEHICLES),
        ("/register/new", DEPOTS),
        ("/use", DEPOTS),
        ("/use/export/csv", VEHICLES),
        ("/intake/trackers", VEHICLES),
        ("/vehicles/found.json?q=Bil", VEHICLES[:2]),
        ("/zones", DEPOTS),
    ],
)
async def test_numbers_in_names_stand_by_their_size(
    client: Client, path: str, names: list[str]
) -> None:
    async with client.session.get(client.server.url + path) as answer:
        text = (await answer.text()).partition("<main")[2] or await answer.text()
    assert answer.status == 200
    found = {name: re.search(rf"{name}(?!\d)", text) for name in names}
    first = {name: one.start() for name, one in found.items() if one is not None}
    assert sorted(first, key=first.__getitem__) == names, f"{path} lists {names}"
