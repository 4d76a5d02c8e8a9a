"""Zones on their page: one of a name, and none overwritten unseen."""

import json
from collections.abc import AsyncGenerator

import pytest

from api.server import Part
from db.connect import Pool
from fleet.settings import Settings
from tests.integration.serving import Client, client_of


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    await pool.execute("INSERT INTO depot VALUES ('gaard', 'Gården', 55.77, 12.5, 150)")
    async with client_of(settings, database_url, Part.API) as client:
        yield client


async def put(client: Client, **fields: str) -> tuple[int, str]:
    shape = json.dumps({"type": "Point", "coordinates": [12.6, 55.8]})
    form = {"kind": "depot", "shape": shape, "radius_m": "200", "zone_id": ""} | fields
    async with client.session.post(client.server.url + "/zones", data=form) as answer:
        return answer.status, await answer.text()


async def test_a_new_zone_of_a_name_that_is_used_is_refused_and_the_old_one_stays(
    client: Client, pool: Pool
) -> None:
    for name in ("Gården", "Ny plads"):
        await put(client, name=name)
    status, text = await put(client, name="Ny plads", radius_m="500")
    assert status == 422
    assert "Der findes allerede en zone med det navn" in text
    rows = await pool.fetch("SELECT name, radius_m FROM zone ORDER BY name")
    assert [tuple(row) for row in rows] == [("Gården", 150.0), ("Ny plads", 200.0)]


async def test_a_zone_is_changed_under_its_own_name_but_not_given_anothers(
    client: Client, pool: Pool
) -> None:
    await put(client, name="Ny plads")
    assert (await put(client, name="Gården", zone_id="gaard", radius_m="90"))[0] == 200
    assert (await put(client, name="Ny plads", zone_id="gaard"))[0] == 422
    row = await pool.fetchrow("SELECT name, radius_m FROM zone WHERE zone_id = 'gaard'")
    assert row is not None
    assert tuple(row) == ("Gården", 90.0)
