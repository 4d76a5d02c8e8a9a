"""Zones on their page: one of a name, none overwritten unseen, and the days on which they hold."""

import json
import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from html import unescape

import pytest
from aiohttp import FormData

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from db.statements import statements
from ingest.store.writer import PositionWriter
from register.zones_stored import devices_waiting
from tests.factories.driving import DEPOT, MORNING, day_of_driving
from tests.factories.serving import Client, client_of
from tests.factories.vehicles import put_cars
from trips.service import TripService


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    await pool.execute("INSERT INTO depot VALUES ('gaard', 'Gården', 55.77, 12.5, 150)")
    async with client_of(settings, database_url, ServerRole.API) as client:
        yield client


async def put(client: Client, language: str = "da", **fields: str) -> tuple[int, str]:
    shape = json.dumps({"type": "Point", "coordinates": [12.6, 55.8]})
    form = {"kind": "depot", "shape": shape, "radius_m": "200", "zone_id": ""} | fields
    cookie = {"Cookie": f"lang={language}"}
    url = client.server.url + "/zones"
    async with client.session.post(url, data=form, headers=cookie) as answer:
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


async def test_a_depot_stays_one_while_vehicles_belong_to_it(client: Client, pool: Pool) -> None:
    await put(client, name="Ny plads")
    await put_cars(pool, "v1", depot_id="ny-plads")
    said = "Ny plads bliver ved med at være et depot: der hører køretøjer eller forslag til det"
    refused = await put(client, name="Ny plads", zone_id="ny-plads", kind="other")
    place = {"type": "Point", "coordinates": [12.6, 55.8]}
    properties = {"name": "Ny plads", "kind": "other", "radius_m": 90}
    form = FormData()
    content = json.dumps({"type": "Feature", "geometry": place, "properties": properties})
    form.add_field("file", content, filename="zones.geojson")
    async with client.session.post(client.server.url + "/zones/file", data=form) as answer:
        for status, text in (refused, (answer.status, await answer.text())):
            assert status == 422
            assert said in text
    assert await pool.fetchval("SELECT kind FROM zone WHERE zone_id = 'ny-plads'") == "depot"
    assert (await put(client, name="Gården", zone_id="gaard", kind="other"))[0] == 200
    assert await pool.fetchval("SELECT kind FROM zone WHERE zone_id = 'gaard'") == "other"


async def test_a_zone_is_changed_under_its_own_name_but_not_given_anothers(
    client: Client, pool: Pool
) -> None:
    await put(client, name="Ny plads", shape="", centre="55.9, 12.3")
    assert (await put(client, name="Gården", zone_id="gaard", radius_m="90"))[0] == 200
    assert (await put(client, name="Ny plads", zone_id="gaard"))[0] == 422
    row = await pool.fetchrow("SELECT name, radius_m FROM zone WHERE zone_id = 'gaard'")
    assert row is not None
    assert tuple(row) == ("Gården", 90.0)


async def test_a_zone_holds_on_its_days_only_and_keeps_them_when_it_is_changed(
    client: Client, pool: Pool, writer: PositionWriter
) -> None:
    """A depot that closed after the second day has no round trips after it."""
    await put_cars(pool, "v1", depot_id="gaard")
    await pool.execute("UPDATE device SET vehicle_id = 'v1'")
    await writer.store(day_of_driving("d1", days=3), [])
    service = TripService(pool)
    await service.refresh()
    assert await pool.fetchval("SELECT count(*) FROM round_trip") == 9

    last = (MORNING + timedelta(days=1)).date().isoformat()
    home = json.dumps({"type": "Point", "coordinates": [DEPOT[1], DEPOT[0]]})
    here = {"name": "Gården", "zone_id": "gaard", "shape": home, "radius_m": "150"}
    here["charge_points"] = "6"
    days = {"active_from": "2026-01-01", "active_to": last}
    status, text = await put(client, **here, **days, confirmed="1")
    assert status == 200
    assert "1. jan. 2026" in text
    await service.refresh()
    assert await pool.fetchval("SELECT count(*) FROM round_trip") == 6

    _, form = await client.get("/zones?zone=gaard")
    assert 'name="active_from" value="2026-01-01"' in form
    assert f'name="active_to" value="{last}"' in form
    assert 'name="charge_points" maxlength="5" value="6"' in form
    await put(client, **here, active_from="2026-01-01")
    await service.refresh()
    assert await pool.fetchval("SELECT count(*) FROM round_trip") == 9
    # No round trip is found anew for a charge point.
    assert (await put(client, **(here | {"charge_points": "7"}), active_from="2026-01-01"))[
        0
    ] == 200
    assert await pool.fetchval("SELECT charge_points FROM zone") == 7
    assert await devices_waiting(pool) == 0


@pytest.mark.parametrize(
    ("days", "field", "danish", "english"),
    [
        (
            {"active_from": "2026-05-01", "active_to": "2026-04-30"},
            "active_to",
            "Den sidste dag ligger før den første",
            "The last day lies before the first",
        ),
        (
            {"active_from": "1. maj"},
            "active_from",
            "Skriv en dato, eller lad feltet være tomt",
            "Enter a date, or leave the field empty",
        ),
        (
            {"charge_points": "3,5"},
            "charge_points",
            "Skriv et helt tal, eller lad feltet være tomt",
            "Enter a whole number, or leave the field empty",
        ),
        *(
            (
                {"charge_points": points},
                "charge_points",
                "Skriv et tal fra 0 til 10.000, eller lad feltet være tomt",
                "Enter a number from 0 to 10,000, or leave the field empty",
            )
            for points in ("-1", "−1", "10001", "9" * 40)
        ),
    ],
)
async def test_days_that_cannot_be_are_refused_at_their_field_and_what_was_typed_is_kept(
    client: Client, pool: Pool, days: dict[str, str], field: str, danish: str, english: str
) -> None:
    for language, reason in (("da", danish), ("en", english)):
        status, text = await put(client, language, name="Ny plads", **days)
        assert status == 422
        assert f"{reason}</span>" in text.partition(f'id="{field}-error"')[2]
        assert 'value="Ny plads"' in text
    assert await pool.fetchval("SELECT count(*) FROM zone") == 1


async def test_a_place_where_vehicles_sleep_is_proposed_beside_the_depot_that_it_may_be_a_part_of(
    client: Client, pool: Pool, writer: PositionWriter
) -> None:
    """Two vehicles that sleep 300 m from the depot: the form comes filled in, and makes it one."""
    await put_cars(pool, "v1", "v2", depot_id="gaard")
    await pool.execute("UPDATE device SET vehicle_id = 'v1'")
    await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d2', 'v2')")
    await pool.execute("UPDATE zone SET lat = lat + 300 / 111195.0")
    for device in ("d1", "d2"):
        await writer.store(day_of_driving(device, days=4), [])
    await TripService(pool).refresh()
    _, page = await client.get("/zones")
    assert "Sted 1: 2 køretøjer, 6 nætter" in page
    assert "300 m fra midten af Gården" in page
    assert "Gør Gården større" in page
    [link] = re.findall(r'href="(/zones\?centre=[^"]+)#zone-form"', unescape(page))
    _, form = await client.get(link)
    [centre] = re.findall(r'name="centre"[^>]* value="([^"]+)"', form)
    status, made = await put(client, name="Bagerst", shape="", centre=centre, radius_m="75")
    assert status == 200
    assert "Sted 1" not in made
    await pool.execute("DELETE FROM zone WHERE name = 'Bagerst'")

    [link] = re.findall(r'href="(/zones\?zone=gaard&beside=[^"]+)#zone-form"', unescape(page))
    _, form = await client.get(link)
    fields = dict(re.findall(r'name="(zone_id|centre|radius_m)"[^>]* value="([^"]*)"', form))
    status, page = await put(client, name="Gården", shape="", **fields)
    assert status == 200
    assert "Sted 1" not in page
    assert 150 < await pool.fetchval("SELECT radius_m FROM zone") < 450


async def test_an_outline_that_crosses_itself_is_refused_and_the_place_is_named(
    client: Client, pool: Pool
) -> None:
    bow_tie = [[12.5, 55.77], [12.51, 55.78], [12.51, 55.77], [12.5, 55.78]]
    shape = json.dumps({"type": "Polygon", "coordinates": [bow_tie]})
    status, text = await put(client, name="Sløjfen", shape=shape, radius_m="")
    assert status == 422
    refused = text.partition('id="shape-error"')[2].partition("</div>")[0]
    assert "Sløjfen: omridset krydser sig selv ved 55.77500, 12.50500" in refused
    assert await pool.fetchval("SELECT count(*) FROM zone") == 1


async def test_a_file_tells_how_many_zones_are_new_and_how_many_it_replaced(
    client: Client, pool: Pool
) -> None:
    """The charge points that the file does not state stay."""
    await pool.execute("UPDATE zone SET charge_points = 6 WHERE zone_id = 'gaard'")
    features = [
        {
            "type": "Feature",
            "id": id_,
            "geometry": {"type": "Point", "coordinates": [12.6, 55.8 + number / 100]},
            "properties": {"name": id_, "radius_m": 90},
        }
        for number, id_ in enumerate(("gaard", "plads", "lager"))
    ]
    form = FormData()
    form.add_field(
        "file",
        json.dumps({"type": "FeatureCollection", "features": features}),
        filename="zones.geojson",
    )
    async with client.session.post(client.server.url + "/zones/file", data=form) as answer:
        text = await answer.text()
    assert answer.status == 200
    assert "2 zoner er tilføjet. 1 fandtes allerede og er erstattet af filens." in text
    points = await pool.fetch("SELECT charge_points FROM zone ORDER BY zone_id")
    assert [row["charge_points"] for row in points] == [6, None, None]


async def test_a_changed_zone_finds_its_trips_by_where_they_began_and_ended(pool: Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan TO off")
        rows = await connection.fetch(
            f"EXPLAIN {statements('zone')['mark_round_trips_near']}", 55.70, 12.50, 55.71, 12.51
        )
    plan = "\n".join(row[0] for row in rows)
    assert "trip_left" in plan
    assert "trip_reached" in plan


async def test_a_place_outside_denmark_and_a_second_depot_at_a_spot_are_asked_about_once(
    client: Client, pool: Pool
) -> None:
    paris, spot = ({"shape": "", "centre": at} for at in ("48.85, 2.35", "55.77, 12.5"))
    status, text = await put(client, name="Ude", **paris)
    assert status == 422
    assert "Ude ligger på 48.8500, 2.3500, og det er ikke i Danmark. Er det rigtigt?" in text
    status, text = await put(client, name="Gården 2", **spot)
    assert status == 422
    assert "Gården 2 ligger, hvor Gården ligger. Er det to depoter?" in text
    assert 'name="confirmed"' in text
    assert await pool.fetchval("SELECT count(*) FROM zone") == 1

    assert (await put(client, name="Gården 2", **spot, confirmed="1"))[0] == 200
    # Another name or radius is no other place.
    _, text = await put(client, name="Gården B", zone_id="gaarden-2", **spot, radius_m="90")
    assert "Gården B" in text
    assert 'name="confirmed"' not in text
    assert await pool.fetchval("SELECT count(*) FROM zone") == 2


async def test_a_depot_that_reaches_into_another_one_is_asked_about_until_somebody_confirms(
    client: Client, pool: Pool
) -> None:
    beside = {"shape": "", "centre": "55.7718, 12.5", "radius_m": "150"}  # 200 m to the north
    status, text = await put(client, name="Nord", **beside)
    assert status == 422
    question = "En del af Nord ligger i andre depoter: Gården 22 %. Er det to depoter?"
    assert question in text
    assert 'name="confirmed"' in text
    assert (await put(client, name="Nord", **beside, confirmed="1"))[0] == 200
    same = {"name": "Nord", "zone_id": "nord", **beside}
    assert (await put(client, **same | {"radius_m": "140"}))[0] == 200
    assert (await put(client, **same | {"radius_m": "200"}))[0] == 422
    assert await pool.fetchval("SELECT radius_m FROM zone WHERE zone_id = 'nord'") == 140
    # One that moves towards another one is asked about as well.
    far = {"shape": "", "centre": "55.78, 12.5", "radius_m": "150"}
    assert (await put(client, name="Syd", **far))[0] == 200
    moved = {"shape": "", "centre": "55.774, 12.5", "radius_m": "150"}
    status, text = await put(client, name="Syd", zone_id="syd", **moved)
    assert status == 422
    assert "En del af Syd ligger i andre depoter: Nord " in text


async def test_a_file_with_such_places_is_taken_in_once_that_is_confirmed(
    client: Client, pool: Pool
) -> None:
    def point(name: str, lat: float, lon: float) -> dict[str, object]:
        place = {"type": "Point", "coordinates": [lon, lat]}
        named = {"name": name, "radius_m": 100}
        return {"type": "Feature", "properties": named, "geometry": place}

    features = [point("Nord", 55.9, 12.3), point("Syd", 55.9, 12.3)]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()

    async def send(*confirmed: str) -> tuple[int, str]:
        form = FormData()
        for name in confirmed:
            form.add_field(name, "1")
        form.add_field("file", content, filename="z.geojson")
        async with client.session.post(client.server.url + "/zones/file", data=form) as answer:
            return answer.status, await answer.text()

    status, text = await send()
    assert status == 422
    assert "Syd ligger, hvor Nord ligger. Er det to depoter?" in text
    assert await pool.fetchval("SELECT count(*) FROM zone") == 1
    assert (await send("file_confirmed"))[0] == 200
    assert await pool.fetchval("SELECT count(*) FROM zone") == 3


async def test_a_depot_that_closes_with_vehicles_is_asked_about_once(
    client: Client, pool: Pool
) -> None:
    await pool.execute(
        "INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, source)"
        " VALUES ('bil', 'Bil', 'petrol', 1, 1, 1, 'x')"
    )
    depot_id = await pool.fetchval("SELECT zone_id FROM zone")
    await pool.execute(
        "INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id)"
        " VALUES ('v', 'V', 'bil', 'Teknik', $1)",
        depot_id,
    )
    closing = {"zone_id": depot_id, "name": "Gården", "active_to": "2026-10-31"}
    status, text = await put(client, **closing)
    assert status == 422
    assert "Gården lukker, og der hører køretøjer til det (1)" in text
    assert 'name="confirmed"' in text
    assert await pool.fetchval("SELECT active_to FROM zone") is None
    assert (await put(client, **closing, confirmed="1"))[0] == 200
    assert await pool.fetchval("SELECT active_to FROM zone") is not None
