"""Depots by coordinates and by address, and a removal that asks first and is undone."""

import asyncio
import re
from collections.abc import AsyncGenerator
from html import unescape

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from register.zones import grid_metres
from tests.factories.serving import GOOD, Client, client_of
from tests.factories.vehicles import put_cars

TORV = {"betegnelse": "Lyngby Torv 1, 2800 Kgs. Lyngby", "x": 12.503, "y": 55.7705}


class AddressService:
    """A service of addresses on this machine, which notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        question = request.query["q"]
        self.asked.append(question)
        if question == "slow":
            await asyncio.sleep(30)
        if question == "elsewhere":
            raise web.HTTPFound("/addresses?q=torv")
        if question == "broken":
            raise web.HTTPInternalServerError
        if question == "long":
            return web.Response(body=b" " * 200_000)
        if question == "html":
            return web.Response(text="<html>")
        if question == "many":
            return web.json_response([TORV, {**TORV, "betegnelse": "Lyngby Torv 2", "x": 12.504}])
        return web.json_response([TORV] if "torv" in question.lower() else [])


@pytest.fixture
async def service() -> AsyncGenerator[tuple[AddressService, str]]:
    found = AddressService()
    app = web.Application()
    app.router.add_get("/addresses", found.answer)
    async with TestServer(app) as server:
        yield found, str(server.make_url("/addresses"))


@pytest.fixture
async def client(
    pool: Pool, settings: Settings, database_url: str, service: tuple[AddressService, str]
) -> AsyncGenerator[Client]:
    asks = {
        "address_url": f"{service[1]}?q={{q}}",
        "address_wait_max_s": 0.5,
        "address_answer_max_bytes": 100_000,
    }
    parts = ServerRole.INGEST, ServerRole.API
    async with client_of(settings.model_copy(update=asks), database_url, *parts) as client:
        yield client


async def post(client: Client, path: str, **fields: str) -> tuple[int, str]:
    async with client.session.post(client.server.url + path, data=fields) as answer:
        return answer.status, unescape(await answer.text())


@pytest.mark.parametrize(
    "centre", ["55.7705, 12.503", "55,7705 12,503", "55°46'13.8\"N 12°30'10.8\"E", "grid"]
)
async def test_a_depot_is_made_by_coordinates_as_people_have_them(
    client: Client, pool: Pool, centre: str
) -> None:
    if centre == "grid":
        [east], [north] = grid_metres([55.7705], [12.503])  # pyright: ignore[reportArgumentType]
        centre = f"{east:.0f} {north:.0f}"
    status, _ = await post(client, "/zones", name="Torvet", centre=centre, radius_m="90")
    assert status == 200
    row = await pool.fetchrow("SELECT lat, lon, radius_m FROM zone")
    assert row is not None
    assert tuple(row) == pytest.approx((55.7705, 12.503, 90.0), abs=1e-5)


@pytest.mark.parametrize(
    ("fields", "field", "danish"),
    [
        ({"centre": "Lyngby Torv"}, "centre", "Skriv koordinater som 55.7701, 12.5012"),
        ({"centre": ""}, "centre", "Klik på kortet, hvor midten er"),
        ({"centre": "55.7, 12.5", "radius_m": "x"}, "radius_m", "Skriv radius"),
        ({"centre": "55.7, 12.5", "radius_m": "1e9"}, "radius_m", "radius"),
    ],
)
async def test_a_depot_without_a_place_is_refused_at_the_field(
    client: Client, pool: Pool, fields: dict[str, str], field: str, danish: str
) -> None:
    status, text = await post(client, "/zones", **{"name": "Torvet", "radius_m": "90"} | fields)
    assert status == 422
    assert danish in text.partition(f'id="{field}-error"')[2].partition("</span>\n")[0]
    assert await pool.fetchval("SELECT count(*) FROM zone") == 0


async def test_an_address_is_asked_for_by_its_button_only_and_put_into_the_form(
    client: Client, service: tuple[AddressService, str]
) -> None:
    await client.get("/zones?address=torv&centre=1,1")
    typed = {"name": "Torvet", "radius_m": "80", "active_from": "2026-01-01"}
    await post(client, "/zones", **typed, address="torv")
    assert service[0].asked == []
    status, text = await post(client, "/zones/address", **typed, address="Lyngby Torv 1 & 3")
    assert status == 200
    assert service[0].asked == ["Lyngby Torv 1 & 3"]
    assert "Fundet og tegnet på kortet: Lyngby Torv 1" in text
    for kept in ("Torvet", "80", "2026-01-01", "55.770500, 12.503000", "Lyngby Torv 1 & 3"):
        assert f'value="{kept}"' in text
    _, text = await post(client, "/zones/address", **typed, address="many")
    links = re.findall(r'href="(/zones\?[^"]+)#zone-form">Lyngby Torv', text)
    assert len(links) == 2
    _, form = await client.get(links[1])
    assert 'value="55.770500, 12.504000"' in form
    assert 'value="Torvet"' in form
    _, text = await post(client, "/zones/address", **typed, address="ingen")
    assert "Tjenesten kender ingen sådan adresse" in text


@pytest.mark.parametrize(
    ("question", "status", "danish"),
    [
        ("slow", 502, "Adressetjenesten svarer ikke"),
        ("broken", 502, "Adressetjenesten svarer ikke"),
        ("elsewhere", 502, "Adressetjenesten svarer ikke"),
        ("long", 502, "svarer med andet end adresser"),
        ("html", 502, "svarer med andet end adresser"),
        (" ", 422, "Skriv en adresse"),
    ],
)
async def test_a_service_that_fails_is_told_at_the_field_and_the_form_is_kept(
    client: Client, service: tuple[AddressService, str], question: str, status: int, danish: str
) -> None:
    answer, text = await post(client, "/zones/address", name="Torvet", address=question)
    assert answer == status
    assert danish in text.partition('id="address-error"')[2].partition("</span>\n")[0]
    assert 'value="Torvet"' in text
    assert len(service[0].asked) == (question != " ")


async def test_without_a_service_there_is_no_field_and_no_address(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    async with client_of(settings, database_url, ServerRole.API) as client:
        assert 'name="address"' not in (await client.get("/zones"))[1]
        assert (await post(client, "/zones/address", address="torv"))[0] == 404


async def test_a_removal_asks_first_and_is_undone(client: Client, pool: Pool) -> None:
    await post(client, "/zones", name="Torvet", centre="55.7705, 12.503", radius_m="90")
    corners = '{"type":"Polygon","coordinates":[[[12.5,55.77],[12.51,55.77],[12.5,55.78]]]}'
    days = {"active_from": "2026-01-01", "active_to": "2026-12-31"}
    await post(client, "/zones", name="Marken", shape=corners, kind="other", **days)
    before = await pool.fetch("SELECT * FROM zone ORDER BY zone_id")
    for zone_id in ("torvet", "marken"):
        _, asked = await client.get(f"/zones/{zone_id}/remove")
        assert "Behold zonen" in asked
        assert await pool.fetchval("SELECT EXISTS (SELECT FROM zone WHERE zone_id = $1)", zone_id)
        _, text = await post(client, f"/zones/{zone_id}/remove")
        assert "Zonen er fjernet" in text
        assert f'action="/zones/{zone_id}/restore"' in text
    assert await pool.fetchval("SELECT count(*) FROM zone") == 0
    assert (await client.get("/zones/torvet/remove"))[0] == 404
    for zone_id in ("torvet", "marken"):
        _, text = await post(client, f"/zones/{zone_id}/restore")
        assert "tilbage, som den var" in text
        assert (await post(client, f"/zones/{zone_id}/restore"))[0] == 404
    assert await pool.fetch("SELECT * FROM zone ORDER BY zone_id") == before


async def test_a_zone_does_not_come_back_beside_another_of_its_name(
    client: Client, pool: Pool
) -> None:
    await post(client, "/zones", name="Torvet", centre="55.7705, 12.503", radius_m="90")
    await post(client, "/zones/torvet/remove")
    await post(client, "/zones", name="Plads", centre="55.7705, 12.503", radius_m="90")
    await pool.execute("UPDATE zone SET name = 'Torvet'")
    status, text = await post(client, "/zones/torvet/restore")
    assert status == 422
    assert "Der findes allerede en zone med det navn" in text


async def test_a_depot_with_vehicles_says_so_before_it_is_removed(
    client: Client, pool: Pool
) -> None:
    await post(client, "/zones", name="Torvet", centre="55.7705, 12.503", radius_m="90")
    await put_cars(pool, "v1", "v2", depot_id="torvet")
    _, text = await client.get("/zones/torvet/remove")
    assert "2 køretøjer hører til depotet" in text
    assert (await post(client, "/zones/torvet/remove"))[0] == 422
    await pool.execute("UPDATE vehicle SET retired_at = now()")
    status, text = await post(client, "/zones/torvet/remove")
    assert status == 422
    assert "Giv det en sidste dag" in text


async def test_a_map_without_zones_begins_at_the_municipality(
    client: Client, settings: Settings, database_url: str
) -> None:
    assert '"start": null' in unescape((await client.get("/zones"))[1])
    await client.post(GOOD)
    assert '"start": [55.8, 12.5]' in unescape((await client.get("/zones"))[1])
    named = settings.model_copy(update={"map_middle": "56,15; 10,2"})
    async with client_of(named, database_url, ServerRole.API) as other:
        assert '"start": [56.15, 10.2]' in unescape((await other.get("/zones"))[1])
