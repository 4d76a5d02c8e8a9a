"""The pages of the municipality: its name, and the way to the first proposals."""

import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor, NotAllowedError
from register.municipality.first_run import Finding, Step, checklist
from register.municipality.first_run_facts import first_run_facts
from register.municipality.own_name import name_municipality
from tests.factories.page_text import words
from tests.factories.serving import client_of
from tests.factories.vehicles import put_cars


async def test_a_name_given_on_the_page_stands_on_every_page_in_place_of_the_settings_one(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    async with client_of(settings, database_url, ServerRole.API) as client:
        url = client.server.url + "/municipality/name"
        _, plan = await client.get("/plan")
        assert "authority-name" not in plan, "it is no other municipality's before that"
        assert ">Kommunen</a>" in plan
        for name, said in (("  ", "Skriv, hvad kommunen hedder"), ("x" * 61, "højst være på 60")):
            async with client.session.post(url, data={"name": name}) as answer:
                assert (answer.status, said in await answer.text()) == (422, True)
        async with client.session.post(url, data={"name": " Dragør  <Kommune> "}) as answer:
            text = await answer.text()
        assert "Navnet er gemt." in text
        _, plan = await client.get("/plan")
        assert '<p class="authority-name">Dragør &lt;Kommune&gt;</p>' in plan
    async with client_of(settings, database_url, ServerRole.API) as client:
        assert "Dragør &lt;Kommune&gt;" in (await client.get("/plan"))[1], "also after a start"
    changes = await pool.fetch("SELECT content FROM register_change WHERE subject = 'municipality'")
    assert [row["content"] for row in changes] == [{"name": "Dragør <Kommune>"}]
    with pytest.raises(NotAllowedError):
        await name_municipality(pool, Actor("reader"), "x")


async def test_a_closing_day_that_is_there_keeps_its_name_and_the_form_says_so(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        url = f"{client.server.url}/municipality/closing-days"
        sent = {"day": "2026-06-05", "day_name": "Grundlovsdag", "source": "aftale"}
        for name, status in (("Grundlovsdag", 200), ("Grundlovsdag", 200), ("Fridag", 422)):
            async with client.session.post(url, data=sent | {"day_name": name}) as answer:
                text = words(await answer.text())
                assert (answer.status, "fjern den først" in text) == (status, status == 422)
        told = {"day": "2026-06-05", "name": "Fridag", "source": "aftale"}
        async with client.session.post(f"{client.server.url}/v1/closing-days", json=told) as answer:
            assert answer.status == 409
    assert await pool.fetchval("SELECT name FROM closing_day") == "Grundlovsdag"


async def test_the_checklist_fills_itself_from_what_is_there(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    async def findings() -> dict[Step, Finding]:
        facts = await first_run_facts(pool, named_in_settings=False)
        return {one.step: one.finding for one in checklist(facts).steps}

    assert set((await findings()).values()) == {
        *(Finding.NO_NAME, Finding.NO_CLOSING_DAYS, Finding.NO_DEPOTS, Finding.NO_VEHICLES),
        *(Finding.NO_SOURCES, Finding.NOTHING_TO_COME, Finding.NO_TRIPS_TO_COUNT),
    }
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        _, overview = await client.get("/")
        assert "0 af 7 trin er taget" in words(overview)
        assert "Hvem kan gøre det: Administrator, Flådeenhed" in words(overview)
        assert 'href="/municipality#closing-days"' in overview, "this visitor may do it"
        assert "Forsinket" not in overview, "a plan is late only for a fleet that is there"
        await client.session.post(client.server.url + "/municipality/no-closing-days")
        await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
        await put_cars(pool, "v1", "v2")
        await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d1', 'v1')")
        assert await findings() == {
            Step.NAME: Finding.NO_NAME,
            Step.CLOSING_DAYS: Finding.CLOSING_DAYS_KNOWN,
            Step.DEPOTS: Finding.DEPOTS_THERE,
            Step.VEHICLES: Finding.VEHICLES_THERE,
            Step.SOURCES: Finding.SOURCES_OF_SOME,
            Step.DATA: Finding.NOTHING_HEARD,
            Step.PROPOSALS: Finding.NO_TRIPS_TO_COUNT,
        }
        _, start = await client.get("/start")
        assert "1 af 2 køretøjer har en chip eller en kørebog" in words(start)
        assert "1 chip er tilmeldt og er aldrig hørt" in words(start)
        await name_municipality(pool, Actor.trusted("x"), "Dragør Kommune")
        await pool.execute(
            "INSERT INTO trip VALUES ('d1', now() - interval '2 hours', now(), 55, 12, 55, 12, 9)"
        )
        await pool.execute(
            "INSERT INTO round (requested_by, period_first, period_last, state)"
            " VALUES ('x', '2026-11-01', '2026-11-20', 'done')"
        )
        assert "Alle trin er taget" in (await client.get("/start"))[1]
