"""The pages and the interface of purchases and disposals, as a head and the fleet unit see them."""

import io
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from html import unescape
from typing import Any
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from access.roles import Role
from api.settings import Settings
from db.connect import Pool
from register.inventory.changes import retire_vehicle
from tests.factories.access import Visitor, visitor
from tests.factories.actors import SOMEBODY
from tests.factories.moments import today
from tests.factories.page_text import words
from tests.factories.two_departments import FLEET
from tests.factories.whole import served, whole_app


def a_form() -> dict[str, str]:
    return {
        "department": "Egen",
        "depot_id": "home",
        "energy": "electric",
        "wanted_from": today(60).isoformat(),
        "days_week": "4,5",
        "reason": "En <b>ny</b> rute",
        "replaces": "own",
    }


ANSWER = {"state": "refused", "reason": "Brug den ledige", "principle": "pool_first", "seen": "1"}


@dataclass(frozen=True)
class Site:
    url: str
    pool: Pool
    unit: Visitor
    head: Visitor
    strange: Visitor
    reader: Visitor

    async def get(self, who: Visitor, path: str) -> tuple[int, str]:
        async with who.client() as client, client.get(self.url + path) as answer:
            return answer.status, unescape(await answer.text()).replace("\u00a0", " ")

    async def post(self, who: Visitor, path: str, fields: dict[str, str]) -> tuple[int, str]:
        headers = {"Accept": "text/html"}
        async with (
            who.client(headers=headers) as client,
            client.post(self.url + path, data=fields) as answer,
        ):
            return answer.status, words(await answer.text()).replace("\u00a0", " ")

    async def call(
        self, who: Visitor, method: str, path: str, body: object = None
    ) -> tuple[int, dict[str, Any]]:
        async with (
            who.client() as client,
            client.request(method, self.url + path, json=body) as answer,
        ):
            return answer.status, await answer.json()


@pytest.fixture
async def site(pool: Pool, settings: Settings) -> AsyncGenerator[Site]:
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
    await pool.execute(
        "INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, offered,"
        " offers, source) VALUES ('evan', 'Elvarebil', 'electric', 1, 1, 0, true, '{cargo}', 'x')"
    )
    people = [
        await visitor(pool, Role.ADMINISTRATOR, "Flora"),
        await visitor(pool, Role.DEPARTMENT_HEAD, "Hanne", {"Egen"}),
        await visitor(pool, Role.DEPARTMENT_HEAD, "Frede", {"Fremmed"}),
        await visitor(pool, Role.READER, "Læser"),
    ]
    async with served(whole_app(pool, settings)[0]) as url:
        yield Site(url, pool, *people)


async def asked(site: Site, **other: str) -> str:
    """Ask for a vehicle as the head; returns the address of the request."""
    status, _ = await site.post(site.head, "/purchases/requests", a_form() | other)
    assert status == 200
    number = await site.pool.fetchval("SELECT max(request_id) FROM vehicle_request")
    return f"/purchases/requests/{number}"


async def test_a_head_asks_and_sees_what_the_principles_say_and_nothing_of_others(
    site: Site,
) -> None:
    at = await asked(site)
    status, html = await site.get(site.head, at)
    text = words(html)
    assert status == 200
    # Of 28 days 20 are working days at the least; the idle ones were out on one day.
    assert "højst 1 af ugens 5 arbejdsdage: 2." in text
    assert "Egen ledig" in text
    assert "1 sådant køretøj hører til en anden afdeling" in text
    assert "fremmed" not in text.lower()
    assert "Egen bil, som det afløser, blev brugt 5 af ugens 5 arbejdsdage" in text
    assert "Registret siger ikke, hvornår kontrakten på Egen bil udløber." in text
    assert "Forslag til svar: Tilbyd et af flådens køretøjer" in text
    assert "En <b>ny</b> rute" in html
    assert "Svar</button>" not in html
    _, seen = await site.get(site.unit, at)
    assert "Fremmed ledig" in seen
    assert "sådant køretøj" not in seen
    assert (await site.get(site.strange, at))[0] == 404
    assert "Anmodninger, der venter" in (await site.get(site.strange, "/purchases"))[1]
    assert at not in (await site.get(site.strange, "/purchases"))[1]
    assert at in (await site.get(site.reader, "/purchases"))[1]
    waits = "1 anmodning om et køretøj venter på svar."
    assert waits in words((await site.get(site.unit, "/"))[1])
    assert waits not in words((await site.get(site.head, "/"))[1])
    assert (await site.post(site.reader, "/purchases/requests", a_form()))[0] == 403
    assert (await site.post(site.head, at, ANSWER))[0] == 403


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"wanted_from": "2026-11-01"}, "Den dag er passeret"),
        ({"wanted_from": "i morgen"}, "Skriv en dag"),
        ({"days_week": "mange"}, "Skriv et tal"),
        ({"days_week": "9"}, "Skriv et tal fra 0 til 7"),
        ({"days_week": "NaN"}, "Skriv et tal"),
        ({"depot_id": "nowhere"}, "Det findes ikke længere"),
        ({"depot_id": "away"}, "Det findes ikke længere"),
        ({"replaces": "strange"}, "Det findes ikke længere"),
        ({"kind": "car"}, "Den valgte type kører på en anden energi"),
        ({"energy": "coal"}, "Vælg en mulighed på listen"),
        ({"reason": ""}, "Skriv noget her"),
        ({"department": "Fremmed"}, ""),
    ],
)
async def test_a_request_that_cannot_be_comes_back_with_what_was_typed(
    site: Site, wrong: dict[str, str], said: str
) -> None:
    status, text = await site.post(site.head, "/purchases/requests", a_form() | wrong)
    assert status == (422 if said else 403)
    assert said in text
    assert await site.pool.fetchval("SELECT count(*) FROM vehicle_request") == 0


async def test_the_fleet_unit_answers_once_and_offers_nothing_that_was_sold(site: Site) -> None:
    at = await asked(site)
    offer = ANSWER | {"state": "offered", "vehicle_id": "own-idle"}
    for wrong, said in (
        ({"principle": ""}, "Vælg en mulighed"),
        ({"reason": " "}, "Skriv noget her"),
        ({"vehicle_id": ""}, "Skriv noget her"),
        ({"vehicle_id": "own"}, "Det er køretøjet, der skal afløses"),
        ({"state": "approved", "energy": "diesel"}, "Skriv, hvorfor intet grønt er muligt"),
    ):
        status, text = await site.post(site.unit, at, offer | wrong)
        assert (status, said in text) == (422, True), wrong
        assert "Brug den ledige" in text or "reason" in wrong
    await retire_vehicle(site.pool, SOMEBODY, "own-idle", today())
    status, text = await site.post(site.unit, at, offer)
    assert (status, "Køretøjet er imens gået ud af flåden" in text) == (409, True)
    status, text = await site.post(site.unit, at, offer | {"vehicle_id": "strange-idle"})
    assert (status, "Svaret er gemt." in text) == (200, True)
    status, text = await site.post(site.unit, at, ANSWER)
    assert (status, "har imens svaret" in text) == (409, True)
    text = words((await site.get(site.head, at))[1])
    assert "Tilbudt: Fremmed ledig, Fremmedgården." in text
    assert "Brug den ledige" in text
    assert "Hvad principperne sagde, da der blev svaret" in text
    assert (await site.post(site.head, f"{at}/withdraw", {"seen": "1"}))[0] == 409
    other = await asked(site)
    status, text = await site.post(site.unit, other, offer | {"vehicle_id": "strange-idle"})
    assert (status, "imens tilbudt en anden" in text) == (409, True)
    status, text = await site.post(site.head, f"{other}/withdraw", {"seen": "1"})
    assert (status, "Anmodningen er trukket tilbage." in text) == (200, True)


async def test_an_approval_becomes_a_purchase_that_counts_towards_the_goal(site: Site) -> None:
    at = await asked(site, kind="evan")
    approval = ANSWER | {"state": "approved", "principle": "contract_end", "reason": "Ja"}
    await site.post(site.unit, at, approval)
    number = at.rsplit("/", 1)[1]
    _, html = await site.get(site.unit, f"/purchases/new?request={number}")
    assert f'name="request" value="{number}"' in html
    assert '<option value="evan" selected>' in html
    form = {
        "bought_on": today().isoformat(),
        "kind": "evan",
        "department": "Egen",
        "price_kr": "250.000",
        "principle": "contract_end",
        "reason": "Ja",
        "request": number,
    }
    for wrong, said in (
        ({"bought_on": today(60).isoformat()}, "Den dag er ikke kommet endnu"),
        ({"price_kr": "mange"}, "Skriv et tal"),
        ({"price_kr": ""}, "Skriv enten en pris"),
        ({"price_kr": "-1"}, "Skriv et tal fra 0"),
        ({"kind": "car"}, "Skriv, hvorfor intet grønt er muligt"),
        ({"vehicle_id": "ukendt"}, "Det findes ikke længere"),
    ):
        status, text = await site.post(site.unit, "/purchases", form | wrong)
        assert (status, said in text) == (422, True), wrong
    status, text = await site.post(site.unit, "/purchases", form)
    assert (status, "Købet er gemt." in text) == (200, True)
    status, text = await site.post(site.unit, "/purchases", form)
    assert (status, "allerede registreret" in text) == (409, True)
    petrol = form | {"kind": "car", "not_green": "Ingen el-kran", "request": ""}
    assert (await site.post(site.unit, "/purchases", petrol))[0] == 200
    text = words((await site.get(site.unit, "/purchases"))[1])
    assert f"{today().year} Under målet" in text
    assert "50 %" in text
    assert "Ingen el-kran" in text
    year = (await site.call(site.unit, "GET", "/v1/green-purchases"))[1]["items"][0]
    assert (year["motor"], year["green"], year["goal"], year["state"]) == (2, 1, 1.0, "missed")
    # Who corrects a purchase that somebody else corrected is told.
    one = await site.pool.fetchval("SELECT max(purchase_id) FROM purchase")
    at = f"/purchases/{one}"
    assert (await site.post(site.unit, at, petrol | {"seen": "1", "reason": "Nej"}))[0] == 200
    status, text = await site.post(site.unit, at, petrol | {"seen": "1"})
    assert (status, "En anden har ændret det imens" in text) == (409, True)
    gone = {"seen": "2", "withdrawn": "To gange"}
    assert (await site.post(site.unit, f"{at}/withdraw", gone))[0] == 200
    assert "Målet er nået" in words((await site.get(site.unit, "/purchases"))[1])
    assert (await site.get(site.strange, at))[0] == 404


async def test_needs_have_their_names_in_the_form_the_request_and_the_file(site: Site) -> None:
    _, form = await site.get(site.head, "/purchases/requests/new")
    assert re.search('<label[^>]*for="need-1">gods</label>', form)
    at = await asked(site, needs="cargo")
    text = words((await site.get(site.unit, at))[1])
    assert "Skal kunne gods" in text
    assert "cargo" not in text
    told: list[str] = []
    for form in ("csv-da", "csv"):
        async with (
            site.unit.client() as client,
            client.get(f"{site.url}/purchases/requests/export/{form}") as answer,
        ):
            told.append((await answer.read()).decode("utf-8-sig"))
    assert ";gods;" in told[0]
    # Programs know a need by its code.
    assert ',"cargo",' in told[1]


async def test_the_register_tells_of_both_and_is_taken_as_a_file(site: Site) -> None:
    await retire_vehicle(site.pool, SOMEBODY, "own-idle", today())
    await site.pool.execute(
        "UPDATE vehicle SET first_registered = $1 WHERE vehicle_id = 'own'", today()
    )
    text = words((await site.get(site.unit, "/purchases/register"))[1])
    assert "1 køretøj er nyt siden 1. jan. 2024, uden at købet er registreret: Egen bil" in text
    assert "Egen ledig" in text
    assert "det har ingen skrevet" in text
    at = "/purchases/disposals/own-idle"
    said = {"principle": "least_use", "reason": "Stod stille", "seen": "0"}
    assert (await site.post(site.unit, at, said | {"reason": ""}))[0] == 422
    assert (await site.post(site.unit, at, said))[0] == 200
    assert (await site.post(site.unit, at, said | {"reason": "Nej"}))[0] == 409
    assert (await site.post(site.head, at, said))[0] == 403
    assert (await site.get(site.strange, at))[0] == 404
    assert (await site.get(site.unit, "/purchases/disposals/own"))[0] == 404
    for path, name in (("register", "Egen ledig"), ("requests", "")):
        async with (
            site.unit.client() as client,
            client.get(f"{site.url}/purchases/{path}/export/xlsx") as answer,
        ):
            assert answer.status == 200
            content = await answer.read()
        assert ZipFile(io.BytesIO(content)).testzip() is None
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        assert "Afgjort efter princippet" in rows[0]
        if name:
            [row] = rows[1:]
            told = dict(zip(map(str, rows[0]), row, strict=True))
            assert told["Køretøj"] == name
            assert told["Afgjort efter princippet"] == "Bruges ofte nok"
            assert told["Kendt fra"] == "skrevet af flådeenheden"
            assert told["Årsag"] == "Stod stille"


async def test_a_principle_is_changed_and_two_do_not_overwrite_each_other(site: Site) -> None:
    at = "/purchases/principles/least_use"
    form = {
        "text_da": "Mindst så mange dage.",
        "text_en": "At least so many days.",
        "figure": "2,5",
        "from_year": "2024",
        "in_force": "1",
        "source": "Byrådet",
        "seen": "0",
    }
    for wrong, said in (
        ({"figure": "8"}, "Skriv et tal fra 0 til 7"),
        ({"figure": "x"}, "Skriv et tal"),
        ({"from_year": "år"}, "Skriv et årstal med fire cifre"),
        ({"from_year": "2026,5"}, "Skriv et årstal med fire cifre"),
        ({"from_year": "-1"}, "Skriv et tal fra 2000 til 2100"),
        ({"from_year": "20260"}, "Skriv et tal fra 2000 til 2100"),
        ({"source": ""}, "Skriv noget her"),
        ({"text_da": "x" * 2001}, "Teksten må højst være på 2.000 tegn"),
    ):
        status, text = await site.post(site.unit, at, form | wrong)
        assert (status, said in text) == (422, True), wrong
    assert (await site.post(site.head, at, form))[0] == 403
    assert (await site.post(site.unit, at, form))[0] == 200
    assert (await site.post(site.unit, at, form | {"figure": "3"}))[0] == 409
    text = words((await site.get(site.head, "/purchases/principles"))[1])
    assert "Mindst så mange dage." in text
    assert (await site.get(site.unit, "/purchases/principles/none"))[0] == 404


async def test_programs_ask_answer_and_record_by_the_same_acts(site: Site) -> None:
    body = {
        "department": "Egen",
        "depot_id": "home",
        "energy": "petrol",
        "wanted_from": today(60).isoformat(),
        "days_week": 2,
        "reason": "En ny rute",
    }
    status, told = await site.call(site.unit, "POST", "/v1/vehicle-requests", body)
    assert (status, told["state"], told["revision"]) == (201, "open", 1)
    at = f"/v1/vehicle-requests/{told['id']}"
    _, found = await site.call(site.unit, "GET", f"{at}/check")
    assert found["advice"] == "offer"
    assert {one["vehicle_id"] for one in found["free"]} == {"own-idle", "strange-idle"}
    assert {one["principle"]: one["verdict"] for one in found["findings"]} == {
        "green": "broken",
        "contract_end": "no_matter",
        "least_use": "broken",
        "pool_first": "broken",
    }
    wrong = body | {"depot_id": "nowhere", "wanted_from": "2020-01-01"}
    status, told = await site.call(site.unit, "POST", "/v1/vehicle-requests", wrong)
    assert status == 422
    assert {(one["field"], one["reason"]) for one in told["errors"]} == {
        ("wanted_from", "day_past"),
        ("depot_id", "unknown"),
    }
    answer = {"state": "approved", "reason": "Ja", "principle": "least_use", "revision": 1}
    assert (await site.call(site.unit, "POST", f"{at}/answer", answer))[0] == 422
    answer |= {"energy": "electric"}
    status, told = await site.call(site.unit, "POST", f"{at}/answer", answer)
    assert (status, told["state"], told["approved_energy"]) == (200, "approved", "electric")
    assert (await site.call(site.unit, "POST", f"{at}/answer", answer))[0] == 409
    _, kept = await site.call(site.unit, "GET", f"{at}/check")
    assert (kept["others"], kept["free"]) == (2, [])
    purchase = {
        "bought_on": today().isoformat(),
        "kind": "evan",
        "department": "Egen",
        "lease_kr_year": 42_000,
        "principle": "least_use",
        "reason": "Ja",
        "request_id": told["id"],
    }
    status, bought = await site.call(site.unit, "POST", "/v1/purchases", purchase)
    assert (status, bought["energy"]) == (201, "electric")
    assert (await site.call(site.unit, "POST", "/v1/purchases", purchase))[0] == 409
    path = f"/v1/purchases/{bought['id']}"
    status, same = await site.call(site.unit, "PUT", path, bought)
    assert (status, same) == (200, bought)
    assert (await site.call(site.unit, "GET", "/v1/purchases/99"))[0] == 404
    status, row = await site.call(site.unit, "GET", "/v1/purchase-principles/green")
    status, same = await site.call(site.unit, "PUT", "/v1/purchase-principles/green", row)
    assert (status, same) == (200, row)
    assert (await site.call(site.unit, "GET", "/v1/disposals"))[1]["items"] == []


async def test_forms_take_a_vehicle_by_what_it_is_called_and_list_no_fleet(site: Site) -> None:
    await site.pool.execute("UPDATE vehicle SET name = 'Ledig nr. 1' WHERE vehicle_id = 'own-idle'")
    for path in ("/purchases/requests/new", "/purchases/new"):
        status, text = await site.get(site.unit, path)
        assert (status, "Ledig nr. 1" in text) == (200, False), path
    at = await asked(site)
    offer = ANSWER | {"state": "offered", "vehicle_id": "Ledig"}
    status, text = await site.post(site.unit, at, offer)
    assert (status, "Er det et af disse? Ledig nr. 1" in text) == (422, True)
    status, text = await site.post(site.unit, at, offer | {"vehicle_id": "ledig NR. 1"})
    assert (status, "Svaret er gemt." in text) == (200, True)
    assert await site.pool.fetchval("SELECT offered FROM vehicle_request") == "own-idle"
