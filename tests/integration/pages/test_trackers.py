"""Trackers on their pages: enrolled from a list, set into vehicles, given keys, and waited for."""

import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from aiohttp import FormData
from yarl import URL

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.localtime import local_now
from ingest.gate.detail import RefusalDetail
from ingest.gate.known_devices import MISS_AGE_MAX_S
from ingest.gate.refusal import Reason
from register.devices import enrol_device, networks_of, seats
from tests.factories.actors import SOMEBODY
from tests.factories.serving import GOOD, Client, client_of
from tests.factories.vehicles import put_cars

TRACKERS = "/intake/trackers"


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1", "v2")
    reached = settings.model_copy(update={"osmand_url": "http://gps.example.dk:5055/"})
    parts = ServerRole.INGEST, ServerRole.API
    async with client_of(reached, database_url, *parts, devices=()) as client:
        yield client


async def post(client: Client, path: str, **fields: str) -> tuple[int, str]:
    url = URL(client.server.url + path, encoded=True)
    async with client.session.post(url, data=fields, headers={"Accept": "text/html"}) as answer:
        return answer.status, unescape(await answer.text())


async def test_a_pasted_list_is_enrolled_and_its_bad_lines_come_back_with_their_reasons(
    client: Client, pool: Pool
) -> None:
    status, text = await post(
        client, TRACKERS, list="356307042441013; V1\n3,54018E+14\nphone-1; V9\nphone-2; v2"
    )
    assert status == 200
    assert "2 linjer er taget med, 2 er afvist" in text
    assert "Et regneark har forkortet IMEI-nummeret" in text
    assert "Der er intet køretøj V9" in text
    [left] = re.findall(r'<textarea[^>]* name="list"[^>]*>([^<]*)</textarea>', text)
    assert left == "3,54018E+14\nphone-1; V9"
    _, listed = await client.get(f"{TRACKERS}?q=v1&show=never")
    assert "356307042441013</a>" in listed
    assert "phone-2</a>" not in listed
    assert await pool.fetchval("SELECT count(*) FROM device") == 2


async def test_a_file_is_enrolled_and_one_that_cannot_be_read_is_refused_at_its_field(
    client: Client, pool: Pool
) -> None:
    for name, content, status in (
        ("a.csv", b"IMEI;Bil\n356307042441013;v1\n", 200),
        ("a.xlsx", b"no workbook", 422),
        ("a.csv", b"\n", 422),
    ):
        form = FormData()
        form.add_field("file", content, filename=name)
        async with client.session.post(client.server.url + TRACKERS, data=form) as answer:
            text = await answer.text()
        assert answer.status == status
        assert ('id="file-error"' in text) is (status == 422)
    assert await pool.fetchval("SELECT vehicle_id FROM device") == "v1"


@pytest.mark.parametrize(
    ("fields", "field", "danish"),
    [
        ({}, "list", "Skriv chippene, én på hver linje"),
        ({"list": "a", "since": "9999-01-01"}, "since", "ikke ligger i fremtiden"),
        ({"list": "a\n" * 2_001}, "list", "flere end 2.000 linjer"),
    ],
)
async def test_a_wrong_list_is_refused_at_its_field(
    client: Client, pool: Pool, fields: dict[str, str], field: str, danish: str
) -> None:
    status, text = await post(client, TRACKERS, **fields)
    assert status == 422
    assert danish in text.partition(f'id="{field}-error"')[2].partition("</span>\n")[0]
    assert await pool.fetchval("SELECT count(*) FROM device") == 0


async def test_a_tracker_is_set_into_a_vehicle_moved_and_taken_out(
    client: Client, pool: Pool
) -> None:
    await post(client, TRACKERS, list="a;v1\nb;v2")
    day = local_now().date() - timedelta(days=3)
    here = f"{TRACKERS}/a/vehicle"
    assert (await post(client, here, vehicle="v2", since=day.isoformat()))[0] == 200
    _, text = await post(client, here, vehicle="", since=(day + timedelta(days=2)).isoformat())
    assert "Chippens køretøj er ændret" in text
    assert [seat.vehicle for seat in await seats(pool, "a")] == [None, "v2", "v1"]
    assert [seat.vehicle for seat in await seats(pool, "b")] == [None, "v2"]
    status, text = await post(client, f"{TRACKERS}/b/vehicle", vehicle="v2", since=str(day))
    assert status == 422
    assert "Chip a sad i køretøjet indtil" in text
    for wrong in ({"vehicle": "v9", "since": str(day)}, {"vehicle": "v1", "since": "9999-01-01"}):
        assert (await post(client, here, **wrong))[0] == 422
    assert (await post(client, f"{TRACKERS}/x/vehicle", vehicle="v1", since=str(day)))[0] == 404


#: Names as people write them, and with every sign that means something in an address.
ODD = ["to ord", "chip xx æøå", "100 %+;&=?#", "a/b\\c", " x"]


@pytest.mark.parametrize("name", ODD)
async def test_an_act_on_a_tracker_of_any_name_is_confirmed_on_its_page(
    client: Client, pool: Pool, name: str
) -> None:
    await enrol_device(pool, SOMEBODY, name)
    day = local_now().date().isoformat()
    here = f"{TRACKERS}/{quote(name, safe='')}/vehicle"
    status, text = await post(client, here, vehicle="v1", since=day)
    assert status == 200
    assert "Chippens køretøj er ændret" in text


@pytest.mark.parametrize("name", ODD)
async def test_an_act_on_a_vehicle_of_any_id_is_confirmed_on_its_page(
    client: Client, pool: Pool, name: str
) -> None:
    await put_cars(pool, name)
    here = f"/vehicles/{quote(name, safe='')}"
    _, text = await post(client, f"{here}/trip-class", trip_class="truck")
    assert "Klassen er gemt" in text
    _, text = await post(client, f"{here}/retire", since="2026-11-01")
    assert "Køretøjet er udgået. Dets fortid bliver." in text


async def test_a_phone_is_set_up_by_a_link_and_heard_and_the_page_says_so(client: Client) -> None:
    await post(client, TRACKERS, list="æ/1")
    here = f"{TRACKERS}/%C3%A6%2F1"
    _, text = await client.get(here)
    assert "Siden venter på den første position" in text
    status, text = await post(client, f"{here}/key", app="traccar")
    assert status == 200
    assert "<svg" in text
    [link] = re.findall(r'href="(org\.traccar\.client://[^"]+)"', text)
    given = {name: one for name, [one] in parse_qs(urlsplit(link).query).items()}
    assert (given["id"], given["buffer"]) == ("æ/1", "true")
    assert given["url"].startswith("http://gps.example.dk:5055/?key=")
    [key] = parse_qs(urlsplit(given["url"]).query)["key"]
    assert key not in (await client.get(here))[1]
    await client.server.pool.execute(f"SELECT pg_sleep({2 * MISS_AGE_MAX_S})")
    assert (await client.post({**GOOD, "device": "æ/1"}, key=key))[0] == 200
    _, text = await client.get(here)
    assert "Dens første position er fra" in text
    status, text = await post(client, f"{here}/key", app="osmand")
    assert "http://gps.example.dk:5055/?id=%C3%A6%2F1&key=" in text
    assert "&lat={0}&lon={1}" in text
    assert re.search(r'value="osmand"[^>]*\bchecked', text)
    assert (await post(client, f"{here}/key", app="x"))[0] == 422

    revoke = re.findall(rf'action="({here}/keys/[0-9]+/revoke)"', (await client.get(here))[1])
    status, text = await post(client, revoke[0])
    assert status == 200
    assert "Nøglen er spærret" in text
    assert "<h1>" in text
    assert revoke[0] not in text
    assert revoke[1] in text
    assert (await post(client, revoke[0]))[0] == 404


async def test_a_tracker_that_is_refused_is_told_why_and_what_helps(
    client: Client, pool: Pool
) -> None:
    """An unknown device is enrolled from the list of what was heard, and released; what cannot be
    believed is discarded."""
    wrong = {**GOOD, "device": "v-1", "ts": "1999-01-01T00:00:00Z"}
    await client.post([{**GOOD, "device": "v-1"}, wrong])
    _, text = await client.get("/intake")
    assert f'href="{TRACKERS}?list=v-1#enrol"' in text
    _, text = await client.get(f"{TRACKERS}?list=v-1")
    assert "Hørt, men ikke tilmeldt" in text
    assert ">v-1</textarea>" in text
    await post(client, TRACKERS, list="v-1; v1")
    await client.server.pool.execute(f"SELECT pg_sleep({2 * MISS_AGE_MAX_S})")
    _, text = await client.get(f"{TRACKERS}/v-1")
    assert "Den sender, men alt er afvist indtil nu" in text
    assert "Frigiv dens beskeder" in text
    await post(client, "/intake/release", device="v-1", reason="unknown_device")
    _, text = await client.get(f"{TRACKERS}/v-1")
    assert "Dens første position er fra" in text
    assert "Bed leverandøren stille chippens ur" in text
    _, text = await client.get("/intake")
    assert ">V1</a>" in text
    chosen = {"device": "v-1", "reason": "clock"}
    _, asked = await client.get("/intake/discard?device=v-1&reason=clock")
    assert "Behold dem" in asked
    assert (await post(client, "/intake/discard", **chosen, why=" "))[0] == 422
    _, text = await post(client, "/intake/discard", **chosen, why="uret stod stille")
    assert "Beskederne er kasseret" in text
    discarded = "SELECT discarded_why, payload FROM quarantine WHERE reason = 'clock'"
    assert [tuple(row) for row in await pool.fetch(discarded)] == [("uret stod stille", b"")]
    assert (await client.get("/intake/discard?device=v-1&reason=clock"))[0] == 404


async def test_a_trackers_networks_are_set_and_wrong_ones_refused(
    client: Client, pool: Pool
) -> None:
    await post(client, TRACKERS, list="356307042441013")
    here = f"{TRACKERS}/356307042441013"
    assert ">10.1.2.3</textarea>" in (await client.get(f"{here}?network=10.1.2.3"))[1]
    await post(client, f"{here}/networks", networks="10.20.0.0/16\n2001:db8::7")
    assert list(map(str, await networks_of(pool, "356307042441013") or ())) == [
        "10.20.0.0/16",
        "2001:db8::7/128",
    ]
    for wrong in ("10.20.0.1/16", "here", "10.0.0.1 " * 51):
        status, text = await post(client, f"{here}/networks", networks=wrong)
        assert status == 422
        assert 'id="networks-error"' in text
    await post(client, f"{here}/networks", networks="")
    assert await networks_of(pool, "356307042441013") is None


async def test_every_reason_has_an_action_that_leads_somewhere(client: Client, pool: Pool) -> None:
    await post(client, TRACKERS, list="known; v1")
    await pool.execute(
        "INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256)"
        " SELECT 'positions', device, reason, $2, bytes, sha256(bytes)"
        " FROM unnest($1::text[]) reason, unnest(ARRAY['known', 'stranger']) device,"
        " LATERAL (SELECT convert_to(device || reason, 'UTF8') AS bytes) b",
        [*Reason],
        {"code": RefusalDetail.NETWORK, "values": {"address": "10.1.2.3"}},
    )
    _, text = await client.get("/intake")
    groups = re.findall(r'<div class="actions">(.*?)</div>', text, flags=re.DOTALL)
    assert len(groups) == 2 * len(Reason)
    assert all("<form" in one or "<a " in one for one in groups)
    links = {unescape(one) for one in re.findall(r'href="(/intake[^"#]+)', "".join(groups))}
    assert len(links) > len(Reason)
    for link in links:
        assert (await client.get(link))[0] == 200, link
    assert "Tillad dens netværk" in (await client.get(f"{TRACKERS}/known"))[1]
