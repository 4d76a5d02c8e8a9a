"""The page of the follow-up says what a simulated year came to, and a task is changed by forms."""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
import pytest

from api.server import ServerRole
from api.settings import Settings
from costs.budget import next_month
from db.connect import Pool
from fleet.localtime import local_now
from optimiser.rounds.requests import request_round
from optimiser.workers import Workers
from tests.factories.actors import SOMEBODY
from tests.factories.ledger_year import LedgerYear, accepted_year, simulated_year, taxis
from tests.factories.page_text import words
from tests.factories.rounds import answer_round
from tests.factories.serving import Client, client_of
from tests.factories.two_departments import FLEET as TWO_DEPARTMENTS
from trips.use.fleet_use import data_period


@dataclass(frozen=True)
class Visit:
    client: Client
    pool: Pool

    async def text(self, path: str) -> str:
        status, html = await self.client.get(path)
        assert status == 200, path
        return words(html).replace("\u00a0", " ")

    async def sent(self, path: str, form: object) -> tuple[int, str]:
        url = f"{self.client.server.url}{path}"
        async with self.client.session.post(url, data=form) as answer:
            return answer.status, words(await answer.text()).replace("\u00a0", " ")

    async def items(self, path: str) -> list[dict[str, Any]]:
        found = (await self.told(path))["items"]
        assert isinstance(found, list)
        return cast("list[dict[str, Any]]", found)

    async def told(self, path: str) -> dict[str, object]:
        async with self.client.session.get(f"{self.client.server.url}{path}") as answer:
            assert answer.status == 200, path
            return await answer.json()


@pytest.fixture
async def visit(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Visit]:
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield Visit(client, pool)


async def test_the_page_says_what_the_year_came_to(visit: Visit) -> None:
    await simulated_year(visit.pool)
    text = await visit.text("/ledger")
    assert "Af 180.000 kr. om året, som de godkendte forslag sparer, er 132.000 kr." in text
    assert "4 af 5 forslag er udført." in text
    assert "er der sparet 98.000 kr. af de lovede 180.000 kr." in text
    assert "10.000 kr. mere gik til taxa, leje og egen bil" in text
    assert "1 forslag er forsinket." in text
    _, html = await visit.client.get("/ledger")
    rows = re.findall(r'<tr role="row" id="proposal-\d+">.*?</tr>', html, re.DOTALL)
    shown = [words(row).replace("\u00a0", " ") for row in rows]
    states = ["Udført", "Udført", "Udført", "Forsinket", "Mere kørsel med taxa"]
    achieved = ["36.000 kr.", "16.000 kr.", "6.000 kr.", "0 kr.", "40.000 kr."]
    for row, state, kr in zip(shown, states, achieved, strict=True):
        assert state in row
        assert kr in row
    assert "10.000 kr. brugt på taxa, leje og egen bil" in shown[4]
    south = await visit.text("/ledger?depot=syd")
    assert "er der sparet 40.000 kr. af de lovede 60.000 kr." in south
    # The overview of a fleet whose round has no figures.
    await visit.pool.execute("UPDATE round SET state = 'cancelled'")
    assert "1 godkendt forslag er ikke udført til tiden." in await visit.text("/")


async def test_a_long_list_stands_in_parts_and_a_proposal_in_its_own(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.ledger.ledger.SHOWN_ROWS", 2)
    await simulated_year(visit.pool)

    async def shown(query: str) -> list[str]:
        _, html = await visit.client.get(f"/ledger{query}")
        assert "Af 180.000 kr. om året" in words(html).replace("\u00a0", " ")
        return re.findall(r'<tr role="row" id="proposal-(\d+)">', html)

    parts = [await shown(f"?part={number}") for number in (1, 2, 3)]
    assert [len(part) for part in parts] == [2, 2, 1]
    for part in parts:
        for one in part:
            assert await shown(f"?proposal={one}") == part
    assert await shown("?proposal=x&part=9") == parts[0]


async def test_the_interface_says_the_same_as_the_page(visit: Visit) -> None:
    await simulated_year(visit.pool)
    told = await visit.told("/v1/ledger")
    assert (told["accepted"], told["carried_out"], told["late"]) == (5, 4, 1)
    assert told["achieved_kr"] == pytest.approx(98_000)
    months = told["months"]
    assert isinstance(months, list)
    assert len(months) == 12
    assert sum(month["achieved_kr"] for month in months) == pytest.approx(98_000)
    items = await visit.items("/v1/ledger/proposals")
    assert [one["state"] for one in items] == ["done", "done", "done", "late", "leaking"]
    tasks = await visit.items("/v1/tasks?open=true")
    assert [one["step"] for one in tasks] == ["hand_over", "tell_users"]
    assert all(one["late"] for one in tasks)


async def test_an_acceptance_on_the_page_of_a_proposal_is_followed_there(
    visit: Visit, settings: Settings, workers: Workers
) -> None:
    async with visit.pool.acquire() as connection:
        await connection.execute(TWO_DEPARTMENTS)
    period = await data_period(visit.pool, settings.period_weeks)
    assert period is not None
    asked = settings.model_copy(update={"workshop_ready": False})
    round_id = await request_round(visit.pool, SOMEBODY, period)
    await answer_round(visit.pool, round_id, asked, workers)
    proposal_id = await visit.pool.fetchval(
        "SELECT proposal_id FROM proposal WHERE key = 'dispose:own-idle'"
    )
    at = f"/proposals/{proposal_id}"
    assert "Aflever køretøjet" not in await visit.text(at)
    assert (await visit.sent(at, {"verdict": "accepted", "comment": ""}))[0] == 200
    text = await visit.text(at)
    assert "Planlagt" in text
    assert "Aflever køretøjet" in text
    assert "ingen ansvarlig" in text
    items: list[dict[str, Any]] = []
    for verdict, tasks in (("rejected", 0), ("accepted", 2)):
        decision = {"verdict": verdict, "comment": "efter aftale"}
        url = f"{visit.client.server.url}/v1/proposals/{proposal_id}/decisions"
        async with visit.client.session.post(url, json=decision) as answer:
            assert answer.status == 200
        items = await visit.items("/v1/tasks")
        assert len(items) == tasks
    assert "0 af 1 forslag er udført." in await visit.text("/ledger")
    assert len(await visit.items(f"/v1/tasks/{items[0]['id']}/history")) == 1
    url = f"{visit.client.server.url}/v1/tasks/{items[0]['id']}"
    for change, status in (({"owner": "Fremmed"}, 422), ({"note": "Ring"}, 200), ({}, 409)):
        async with visit.client.session.put(url, json=items[0] | change) as answer:
            assert answer.status == status


async def test_a_task_is_given_an_owner_and_then_done(visit: Visit) -> None:
    year: LedgerYear = await accepted_year(visit.pool)
    task_id, seen = await year.task("v1", "hand_over")
    at = f"/ledger/tasks/{task_id}"
    today = local_now().date().isoformat()
    wrong = {"press": "plan", "seen": seen, "due": today, "owner": "Ingen", "note": "Ring"}
    status, text = await visit.sent(at, wrong)
    assert status == 422
    assert "Hverken en konto eller en afdeling har det navn" in text
    assert "Ring" in text
    status, text = await visit.sent(at, wrong | {"owner": "Jobcenter"})
    assert (status, "et forslag, som vedkommende ikke ser" in text) == (422, True)
    status, text = await visit.sent(at, wrong | {"owner": "Hjemmepleje"})
    assert (status, "Opgaven er gemt." in text) == (200, True)
    done = {"press": "done", "seen": seen + 1, "done_on": today}
    early = wrong | {"owner": "", "due": "2020-01-01", "seen": seen + 1}
    for form in (done | {"done_on": "2199-01-01"}, done | {"done_on": "2001-01-01"}, early):
        status, text = await visit.sent(at, form)
        assert status == 422
        assert re.search(r"Forslaget blev godkendt \w+\. 20\. ", text)
    assert (await visit.sent(at, done | {"seen": seen}))[0] == 409
    far = wrong | {"owner": "", "due": f"{local_now().year + 100}-12-01", "seen": seen + 1}
    status, text = await visit.sent(at, far)
    assert (status, "Dagen ligger for langt ude i fremtiden" in text) == (422, True)
    url, early = f"{visit.client.server.url}{at}", done | {"done_on": "2001-01-01"}
    async with visit.client.session.post(url, data=early) as answer:
        status, html = answer.status, await answer.text()
    assert status == 422
    assert re.search(r'name="owner"[^>]* value="Hjemmepleje"', html)
    assert re.search(r'<textarea[^>]*name="note"[^>]*>\s*Ring', html)
    assert f'name="due" value="{today}"' in html
    status, text = await visit.sent(at, done)
    assert (status, "Opgaven er udført." in text) == (200, True)
    retired = await visit.pool.fetchval("SELECT retired_at FROM vehicle WHERE vehicle_id = 'v1'")
    assert retired == local_now().date()
    assert "Ansvarlig: Hjemmepleje" in await visit.text(at)
    back = {"press": "reopen", "seen": seen + 2, "reason": ""}
    status, text = await visit.sent(at, back)
    assert (status, "Skriv, hvorfor det alligevel ikke er gjort" in text) == (422, True)
    assert "Det står i historikken for opgaven." in text
    assert (await visit.sent(at, back | {"reason": "Forkert bil"}))[0] == 200
    assert "Forkert bil; Det er alligevel ikke gjort" in await visit.text(at)
    assert (await visit.client.get("/ledger/tasks/999"))[0] == 404


async def test_a_list_is_imported_and_bad_rows_are_named(visit: Visit) -> None:
    year = await accepted_year(visit.pool)
    rows = [";".join(map(str, row)) for row in taxis(year)]

    def form(lines: list[str]) -> aiohttp.FormData:
        data = aiohttp.FormData()
        data.add_field("file", "\n".join(lines).encode(), filename="taxa.csv")
        return data

    status, text = await visit.sent("/ledger/journeys", form([*rows, "2026-13;Taxa;X;1;1"]))
    assert status == 200
    assert f"Række {len(rows) + 1}:" in text
    assert "taxa.csv" in text
    assert "Fjern taxa.csv" in text
    [listed] = await visit.items("/v1/journeys")
    assert (listed["source"], listed["rows"]) == ("taxa.csv", len(rows) - 1)
    at = f"/ledger/journeys/{listed['id']}/remove"
    status, text = await visit.sent(at, {})
    assert (status, "Listen er fjernet" in text, "taxa.csv" in text) == (200, True, False)
    assert (await visit.sent(at, {}))[0] == 404
    assert await visit.items("/v1/journeys") == []
    ahead = next_month(local_now().date())
    status, text = await visit.sent(
        "/ledger/journeys", form([rows[0], f"{ahead:%Y-%m};Taxa;Jobcenter;1;1"])
    )
    assert (status, "måneden er ikke kommet endnu" in text) == (422, True)
    status, text = await visit.sent("/ledger/journeys", form(["A;B;C", "1;2;3"]))
    assert status == 422
    assert "Listen skal have kolonner" in text
