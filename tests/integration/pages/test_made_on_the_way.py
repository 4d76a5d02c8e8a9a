"""A list of vehicles makes the depots and kinds that the register lacks, once it is taken in: from
an empty system nobody leaves the list to get all of its vehicles."""

import html
import re
from collections.abc import AsyncGenerator

import aiohttp
import pytest

from api.pages.register.list_views import NEW
from api.pages.words.language import Language
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from register.inventory.stored import registered_vehicles
from tests.factories.program import Program
from tests.factories.serving import Client, client_of
from tests.factories.vehicle_lists import sheet_cells, workbook
from tests.integration.pages.test_vehicle_lists import bad_cells, chosen_in, send, upload

HEADINGS = ("Reg.nr.", "Type", "Drivmiddel", "Center", "Placering")
#: A field of text with what stands in it.
FIELD = r'<input class="form-input" type="text"[^>]* name="([^"]+)"[^>]* value="([^"]*)"'

PLACES = ("Rådhuset", "Materielgården", "rådhuset ")


def sixty(places: tuple[str, ...] = PLACES) -> bytes:
    """A list of 60 vehicles at places and of kinds that nobody knows."""
    rows = [
        *(HEADINGS,),
        *(
            (
                f"AB10{n:03}",
                ("Kassevogn", "Minitraktor")[n % 2],
                "El",
                "Vej",
                places[n % len(places)],
            )
            for n in range(60)
        ),
    ]
    return workbook(sheet_cells(rows))


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield client


async def at_values(client: Client, content: bytes) -> tuple[str, dict[str, str]]:
    """The address of the step of the values of a list that was sent, and its fields."""
    path, page = await upload(client, content)
    path, page = await send(client, path, chosen_in(page))
    fields = chosen_in(page)
    for name, value in re.findall(FIELD, page):
        fields[name] = html.unescape(value)
    assert path.endswith("/values")
    return path, fields


def of_text(fields: dict[str, str], sort: str, text: str) -> str:
    """The number of the fields of a word."""
    of_sort = [name for name in fields if name.startswith(f"text-{sort}")]
    found = [name for name in of_sort if fields[name] == text]
    return found[0].rpartition("-")[2]


async def made(client: Client, content: bytes) -> tuple[str, str]:
    """The preview of a list whose depots are made as is proposed, and its kinds like others."""
    path, fields = await at_values(client, content)
    for text, like in (("Kassevogn / El", "elvarebil-lille"), ("Minitraktor / El", "el-ladvogn")):
        number = of_text(fields, "kind", text)
        fields |= {f"value-kind-{number}": NEW, f"like-kind-{number}": like}
        fields[f"name-kind-{number}"] = text.partition(" / ")[0]
    return await send(client, path, fields)


async def test_from_an_empty_system_all_60_vehicles_come_in_with_their_depots_and_kinds(
    client: Client, pool: Pool
) -> None:
    path, page = await made(client, sixty())
    assert path == "/register/lists/1/preview"
    assert bad_cells(page) == {}
    told = words(page)
    assert "Nye køretøjer 60" in told
    assert "Nye depoter 2" in told
    assert "Nye typer 2" in told
    assert "Rådhuset Et depot, som venter på sin plads på kortet" in told
    # Nothing is made before somebody confirms it.
    for table in ("vehicle", "zone", "vehicle_kind"):
        assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 0
    path, page = await send(client, path, {})
    assert path == "/register/lists/1"
    assert "Oprettede depoter, som venter på deres plads 2" in words(page)
    vehicles = await registered_vehicles(pool)
    assert len(vehicles) == 60
    assert {one.depot_name for one in vehicles} == {"Rådhuset", "Materielgården"}
    assert {one.kind_name for one in vehicles} == {"Kassevogn", "Minitraktor"}
    # The list is sent twice: the browser's second request makes nothing more.
    await send(client, "/register/lists/1/preview", {})
    # The same file is known by now, word by word.
    path, page = await upload(client, sixty())
    assert path == "/register/lists/2/preview"
    assert "Færdig: intet ændres" in page
    await send(client, path, {})
    assert await pool.fetchval("SELECT count(*) FROM zone") == 2
    assert await pool.fetchval("SELECT count(*) FROM vehicle_kind") == 2
    # A new kind has the figures of the one it is like, with their source, and is not on offer.
    rows = await pool.fetch("SELECT name, energy, source, offered FROM vehicle_kind ORDER BY name")
    assert [(row["name"], row["energy"], row["offered"]) for row in rows] == [
        *(("Kassevogn", "electric", False), ("Minitraktor", "electric", False)),
    ]
    assert all(row["source"] for row in rows)


async def test_the_steps_of_the_first_run_say_that_depots_wait_until_they_have_their_places(
    client: Client, pool: Pool
) -> None:
    path, _ = await made(client, sixty())
    await send(client, path, {})
    _, start = await client.get("/start")
    assert "2 depoter af 2 venter på deres plads på kortet" in words(start)
    _, zones = await client.get("/zones")
    assert "Depoter uden en plads" in zones
    assert "Materielgården 20 køretøjer" in words(zones)
    _, form = await client.get("/zones?zone=materielgaarden")
    fields = chosen_in(form) | {"name": "Materielgården", "kind": "depot", "radius_m": "150"}
    assert fields["zone_id"] == "materielgaarden"
    for text in ("55.7853, 12.4936", ""):
        path, _ = await send(client, "/zones", fields | {"centre": text})
    assert path == "/zones"
    # A depot that is drawn with the name of one that waits is that one.
    drawn = {"name": "Rådhuset", "kind": "depot", "centre": "55.7701, 12.5012", "radius_m": "100"}
    path, _ = await send(client, "/zones", drawn)
    assert path == "/zones"
    assert await pool.fetchval("SELECT count(*) FROM zone WHERE lat IS NULL") == 0
    assert await pool.fetchval("SELECT count(*) FROM zone") == 2
    _, start = await client.get("/start")
    assert "venter på deres plads" not in words(start)
    for address in ("/vehicles", "/use", "/proposals", "/register", "/"):
        assert (await client.get(address))[0] == 200


async def test_every_page_is_there_while_depots_wait(client: Client, pool: Pool) -> None:
    path, _ = await made(client, sixty())
    await send(client, path, {})
    vehicle = (await registered_vehicles(pool))[0].vehicle_id
    for address in (
        *("/", "/vehicles", "/use", "/proposals", "/register", "/zones", "/zones?zone=raadhuset"),
        *(f"/vehicles/{vehicle}", f"/vehicles/{vehicle}/future", f"/vehicles/{vehicle}/register"),
        *("/zones/raadhuset/remove", "/v1/depots", "/v1/depots/raadhuset"),
    ):
        assert (await client.get(address))[0] == 200, address
    path, page = await send(client, "/zones/raadhuset/remove", {})
    assert "køretøjer hører til depotet" in words(page)
    # One that nothing belongs to is removed for good, and the log tells of both.
    await pool.execute("UPDATE vehicle SET depot_id = 'materielgaarden'")
    path, page = await send(client, "/zones/raadhuset/remove", {})
    assert "Depotet, som ikke havde nogen plads, er fjernet." in words(page)
    status, page = await client.get("/audit")
    assert (status, "Rådhuset" in page) == (200, True)
    # A driving log of its vehicles says why its rows wait.
    log = f"Bil;Start;Slut;Km\n{vehicle};02-11-2026 08:00;02-11-2026 10:00;12\n"
    form = aiohttp.FormData()
    form.add_field("file", log.encode(), filename="log.csv")
    async with client.session.post(client.server.url + "/logs", data=form) as answer:
        page = await answer.text()
    assert "har ingen plads på kortet endnu" in page


async def test_what_cannot_be_made_is_told_at_its_field(client: Client, pool: Pool) -> None:
    await pool.execute(
        "INSERT INTO zone (zone_id, name, kind, lat, lon, radius_m)"
        " VALUES ('plads', 'Pladsen', 'other', 55.7, 12.4, 90)"
    )
    path, fields = await at_values(client, sixty())
    depot = of_text(fields, "depot", "Rådhuset")
    other = of_text(fields, "depot", "Materielgården")
    kind = of_text(fields, "kind", "Minitraktor / El")
    wrong = fields | {
        f"name-depot-{depot}": "pladsen",
        f"name-depot-{other}": " ",
        f"value-kind-{kind}": NEW,
    }
    path, page = await send(client, path, wrong)
    assert path == "/register/lists/1/values"
    assert f'id="name-depot-{depot}-error"' in page
    assert f'id="name-depot-{other}-error"' in page
    assert f'id="like-kind-{kind}-error"' in page
    assert "Der er ikke gemt noget endnu" in page
    # What was written stands there still.
    assert 'value="pladsen"' in page


@pytest.mark.parametrize(
    ("language", "advice", "link"),
    [
        (
            Language.DANISH,
            "Filen er rigtig: sig, hvad ordene står for.",
            "Sig, hvad ordene står for",
        ),
        (
            Language.ENGLISH,
            "The file is right: say what the words stand for.",
            "Say what the words",
        ),
    ],
)
async def test_words_that_stand_for_nothing_are_no_mistake_of_the_file(
    client: Client, pool: Pool, language: Language, advice: str, link: str
) -> None:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    path, fields = await at_values(client, sixty())
    path, _ = await send(
        client,
        path,
        {name: "" if name.startswith("value") else text for name, text in fields.items()},
    )
    headers = {"Cookie": f"lang={language}"}
    async with client.session.get(client.server.url + path, headers=headers) as answer:
        page = await answer.text()
    told = words(page)
    assert advice in told
    assert link in told
    assert f'href="{path.replace("preview", "values")}"' in page
    assert "Ret dem, og indlæs listen igen" not in told
    assert "Put them right" not in told


async def test_a_program_makes_depots_and_kinds_on_the_way(client: Client, pool: Pool) -> None:
    assert client.visitor is not None
    program = Program(client.server.url, client.session)
    sent = await program.send("/v1/vehicle-lists", "flåde.xlsx", sixty())
    at = program.headers["Location"]
    held = {one["heading"]: one["holds"] for one in sent["columns"] if one["holds"]}
    await program.done("PUT", f"{at}/columns", {"columns": held})
    said = {
        "new_depots": {"Rådhuset": "Rådhuset", "rådhuset": "Rådhuset", "Materielgården": "Gården"},
        "kind": {"Kassevogn / El": "elvarebil-lille"},
        "new_kinds": {"Minitraktor / El": {"name": "Minitraktor", "like": "el-ladvogn"}},
        "department": {"Vej": "Vej"},
    }
    wrong = said | {"new_kinds": {"Minitraktor / El": {"name": "Minitraktor", "like": "nothing"}}}
    assert (await program.refused("PUT", f"{at}/words", wrong))[0] == 422
    seen = await program.done("PUT", f"{at}/words", said)
    assert (seen["counts"]["new"], seen["counts"]["bad_cells"]) == (60, 0)
    assert (sorted(seen["new_depots"]), seen["new_kinds"]) == (
        ["Gården", "Rådhuset"],
        ["Minitraktor"],
    )
    assert await pool.fetchval("SELECT count(*) FROM zone") == 0
    await program.done("POST", f"{at}/import")
    depots = (await program.get("/v1/depots"))["items"]
    assert [(one["id"], one["lat"]) for one in depots] == [("gaarden", None), ("raadhuset", None)]
    # A depot that waits is written back as it was read, and then gets its place.
    assert (await program.done("PUT", "/v1/depots/gaarden", depots[0]))["lat"] is None
    depot = await program.get("/v1/depots/gaarden")
    place = depot | {"lat": 55.78, "lon": 12.49, "radius_m": 120}
    placed = await program.done("PUT", "/v1/depots/gaarden", place)
    gone = placed | {"lat": None, "lon": None, "radius_m": None}
    assert await program.refused("PUT", "/v1/depots/gaarden", gone) == (422, "lat")
    new = {"name": "Havnen"}
    assert (await program.done("POST", "/v1/depots", new))["lat"] is None
    assert (await program.refused("POST", "/v1/depots", new))[0] == 422
    await program.done("DELETE", "/v1/depots/havnen")
