"""The head of a department sees their own vehicles on every page, and nothing of another."""

from collections.abc import AsyncGenerator

import pytest

from access.roles import ROLE_PERMISSIONS, Role
from api.door.needs import Welcome
from api.pages.routes import SUBJECTS
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from tests.factories.access import visitor
from tests.factories.serving import Client, client_of

#: What stands in names of the other department only.
STRANGE = "Fremmed"

#: What a head may do.
MAY = ROLE_PERMISSIONS[Role.DEPARTMENT_HEAD]


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    """A client of a head of "Egen"; the vehicle of "Fremmed" has a tracker with the same days."""
    await pool.execute(
        "INSERT INTO depot VALUES ('home', 'Gården', 55.77, 12.5, 150);"
        "INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, source)"
        " VALUES ('car', 'Bil', 'petrol', 30000, 1, 100, 'x');"
        "INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id) VALUES"
        " ('own', 'Egen bil', 'car', 'Egen', 'home'),"
        " ('strange', 'Fremmed bil', 'car', 'Fremmed', 'home');"
        "INSERT INTO device (device, vehicle_id) VALUES ('own-d', 'own'), ('Fremmed-d', 'strange');"
        "INSERT INTO device_state (device, first_ts, last_ts)"
        " SELECT device, now() - interval '9 days', now() FROM device;"
        "INSERT INTO trip (device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km)"
        " SELECT device, now() - n * interval '1 day', now() - n * interval '1 day'"
        " + interval '1 hour', 55.77, 12.5, 55.77, 12.5, 12 FROM device, generate_series(1, 9) n;"
        "INSERT INTO device_day SELECT device, now()::date - n, 60, 16777215, 1, 12, 3600, 3600, 0"
        " FROM device, generate_series(1, 9) n;"
        "INSERT INTO device_month SELECT device, date_trunc('month', now())::date, 1 FROM device"
    )
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        head = await visitor(pool, Role.DEPARTMENT_HEAD, "Hanne", ["Egen"])
        async with head.client() as session:
            yield Client(session, client.server, client.key, head)


async def test_no_page_tells_a_head_of_another_department(client: Client) -> None:
    seen: dict[str, int] = {}
    for subject in SUBJECTS:
        for route in subject.routes:
            path = route.definition.path.replace("{form}", "csv").replace("{what}", "trips")
            if route.definition.method == "GET" and route.need in {*MAY, Welcome.SIGNED_IN}:
                for vehicle in ("own", "strange"):
                    address = path.replace("{vehicle_id}", vehicle)
                    seen[address], text = await client.get(address)
                    assert STRANGE not in text, address
    broken = {address: status for address, status in seen.items() if status not in (200, 404)}
    assert broken == {}
    for address, status in seen.items():
        if "/own" in address or "/strange" in address:
            assert (status == 200) is ("/own" in address), address
    assert "Egen bil" in (await client.get("/vehicles"))[1]
    assert "Egen bil" in (await client.get("/use"))[1]
