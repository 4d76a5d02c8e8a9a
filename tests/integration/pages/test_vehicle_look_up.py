"""A vehicle is looked up by what it is called: no form has a menu of all of them."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.localtime import local_now
from register.devices import enrol_device, seats
from register.naming.look_up import FOUND_MAX, found_vehicles, vehicle_called
from tests.factories.actors import SOMEBODY
from tests.factories.serving import Client, client_of
from tests.factories.vehicles import put_cars
from tests.integration.pages.test_trackers import post

FLEET = 300


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, *(f"v{number:03}" for number in range(FLEET)))
    await pool.execute(
        "UPDATE vehicle SET name = 'Kranbil ' || vehicle_id, plate = 'AB 12 345'"
        " WHERE vehicle_id = 'v007'"
    )
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield client


async def found(client: Client, text: str) -> list[dict[str, Any]]:
    url = client.server.url + "/vehicles/found.json"
    async with client.session.get(url, params={"q": text}) as answer:
        assert answer.status == 200
        return await answer.json()


async def test_what_is_suggested_is_bounded_and_found_by_name_number_or_id(
    client: Client, pool: Pool
) -> None:
    assert len(await found(client, "v")) == FOUND_MAX
    assert await found(client, "") == []
    assert await found(client, "%") == []
    for text in ("kranbil", "ab 12", "V007"):
        assert [one["name"] for one in await found(client, text)] == ["Kranbil v007"], text
    await enrol_device(pool, SOMEBODY, "phone-1", "v007")
    assert (await found(client, "kran"))[0]["note"] == "Home, phone-1"


async def test_a_vehicle_is_called_by_its_name_its_number_or_its_id(
    client: Client, pool: Pool
) -> None:
    for text in ("Kranbil v007", "kranbil V007", "AB 12 345", "v007", " v007 "):
        assert await vehicle_called(pool, text, None) == "v007", text
    for text in ("", "Kranbil", "x" * 300, "\0"):
        assert await vehicle_called(pool, text, None) is None, text
    assert await vehicle_called(pool, "v007", {"Another"}) is None
    assert await found_vehicles(pool, "v007", {"Another"}) == []


async def test_a_tracker_is_fitted_by_a_name_and_its_page_lists_no_fleet(
    client: Client, pool: Pool
) -> None:
    await enrol_device(pool, SOMEBODY, "phone-1", None)
    here = "/intake/trackers/phone-1"
    status, text = await client.get(here)
    assert status == 200
    assert "V123" not in text
    today = local_now().date().isoformat()
    status, text = await post(client, f"{here}/vehicle", vehicle="Kranbil", since=today)
    assert status == 422
    assert "Kranbil v007" in text
    status, text = await post(client, f"{here}/vehicle", vehicle="kranbil v007", since=today)
    assert status == 200
    assert (await seats(pool, "phone-1"))[0].vehicle == "v007"
