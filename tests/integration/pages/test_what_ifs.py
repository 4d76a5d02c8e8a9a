"""A what-if is asked by a form or by a program, and its page and `/v1` say the same of it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest

from access.roles import Role
from api.pages.words.formats import Formats
from api.pages.words.language import Language
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from optimiser.rounds.decisions import Verdict, decide
from optimiser.rounds.requests import request_round
from optimiser.what_if.answer import read_answer
from optimiser.what_if.jobs import solve_what_if
from optimiser.workers import Workers
from tests.factories.access import visitor
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.factories.rounds import answer_round
from tests.factories.serving import Client, client_of
from tests.factories.two_departments import FLEET
from trips.use.fleet_use import data_period


@dataclass(frozen=True)
class Visit:
    """A fleet of two departments with a round, and somebody of the fleet unit."""

    client: Client
    pool: Pool
    settings: Settings
    workers: Workers
    round_id: int

    async def sent(self, path: str, **form: str) -> tuple[int, str, str]:
        url = f"{self.client.server.url}{path}"
        async with self.client.session.post(url, data=form) as answer:
            text = words(await answer.text()).replace("\u00a0", " ")
            return answer.status, answer.url.path, text

    async def asked(self, **form: str) -> tuple[int, str, str]:
        return await self.sent("/what-ifs/new", round=str(self.round_id), **form)

    async def text(self, path: str) -> str:
        status, html = await self.client.get(path)
        assert status == 200, path
        return words(html).replace("\u00a0", " ")

    async def solve(self, path: str) -> int:
        what_if_id = int(path.rpartition("/")[2])
        await solve_what_if(self.pool, what_if_id, self.settings, self.workers)
        return what_if_id


@pytest.fixture
async def visit(
    pool: Pool, settings: Settings, database_url: str, workers: Workers
) -> AsyncGenerator[Visit]:
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    round_id = await request_round(pool, SOMEBODY, period)
    asked = settings.model_copy(update={"workshop_ready": False})
    await answer_round(pool, round_id, asked, workers, studied=False)
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield Visit(client, pool, settings, workers, round_id)


async def test_a_vehicle_more_is_asked_by_a_form_and_told_as_programs_are_told(
    visit: Visit,
) -> None:
    form = await visit.text("/what-ifs/new?depot=home&vehicle=own-idle")
    assert "Egen ledig" in form
    status, path, text = await visit.asked(name="En bil mere", depot="home", kind="car", count="1")
    assert status == 200, text
    assert "0 af 1 depoter er klar" in text
    await visit.solve(path)
    url = f"{visit.client.server.url}/v1{path}"
    # A program is somebody else: it sees what is shared.
    async with visit.client.session.get(url) as answer:
        assert answer.status == 404
    assert (await visit.sent(path, press="share", seen="1"))[0] == 200
    async with visit.client.session.get(url) as answer:
        told = await answer.json()
    assert told["state"] == "done"
    page = await visit.text(path)
    formats = Formats(Language.DANISH)
    fleets = [told["answer"][name] for name in ("round", "what_if")]
    for fleet in fleets:
        for name in ("paid_kr_year", "co2_kr_year"):
            assert formats.kr(fleet[name]).replace("\u00a0", " ") in page, name
    # One vehicle more costs its fixed 30,000 DKK a year, less what went by taxi before.
    assert [fleet["vehicles"] for fleet in fleets] == [1, 2]
    paid = fleets[1]["paid_kr_year"] - fleets[0]["paid_kr_year"]
    assert 0 < paid < 30_000
    # As in what proposals save, the value of the CO2e is in it.
    more = paid + fleets[1]["co2_kr_year"] - fleets[0]["co2_kr_year"]
    said = f"{formats.kr(more)} dyrere om året end runden, med værdien af CO₂e"
    assert said.replace("\u00a0", " ") in page
    assert {one["in_answer"]["fate"] for one in told["answer"]["vehicles"]} == {"stays"}
    assert "En bil mere" in await visit.text("/what-ifs")
    # Who acts on what somebody changed since is told.
    assert (await visit.sent(path, press="throw", seen="1"))[0] == 409
    other = await visitor(visit.pool, Role.DEPARTMENT_HEAD, "other", ["Fremmed"])
    async with other.client(base_url=visit.client.server.url) as session:
        assert (await session.get(path)).status == 404
    own = await visitor(visit.pool, Role.DEPARTMENT_HEAD, "own", ["Egen"])
    async with own.client(base_url=visit.client.server.url) as session:
        assert (await session.get(path)).status == 200
        assert (await session.post(path, data={"press": "throw"})).status == 403
    assert (await visit.sent(path, press="throw", seen=""))[1] == "/what-ifs"
    assert (await visit.client.get(path))[0] == 404


async def test_the_share_of_a_price_in_the_difference_is_told(visit: Visit) -> None:
    """The fleet of the round stands at its own prices and at the others, which make up all of the
    difference where the fleet stays as it is."""
    form = {"name": "Dyr CO₂e", "depot": "home", "figure-2": "co2_kr_t", "value-2": "3000"}
    status, path, text = await visit.asked(**form)
    assert status == 200, text
    what_if_id = await visit.solve(path)
    content = await visit.pool.fetchval(
        "SELECT answer FROM what_if WHERE what_if_id = $1", what_if_id
    )
    answer, formats = read_answer(content), Formats(Language.DANISH)
    assert answer.unchanged is not None
    before, unchanged, after = (
        one.figures.cost_kr_year for one in (answer.before, answer.unchanged, answer.after)
    )
    assert unchanged > before
    page = await visit.text(path)
    assert "Runden til de andre priser" in page
    for amount in (before, unchanged, after):
        assert formats.kr(amount).replace("\u00a0", " ") in page
    said = f"Heraf er +{formats.kr(unchanged - before)} de andre priser med rundens flåde"
    if round(after - unchanged) == 0:
        said = "Det hele er de andre priser, med rundens flåde."
    assert said.replace("\u00a0", " ") in page


async def test_a_vehicle_that_is_decided_to_leave_is_not_ticked_and_hides_no_other_fault(
    visit: Visit,
) -> None:
    path = "/what-ifs/new?depot=home&vehicle=own-idle"
    box = 'name="stay" value="own-idle"'

    async def ticked() -> str:
        return (await visit.client.get(path))[1].partition(box)[2].partition(">")[0].strip()

    assert await ticked() == "checked"
    goes = await visit.pool.fetchval(
        "SELECT proposal_id FROM proposal WHERE key = 'dispose:own-idle'"
    )
    await decide(visit.pool, SOMEBODY, goes, Verdict.ACCEPTED, "")
    assert await ticked() == "disabled"
    assert "vælg »Tilbage til ikke afgjort« på forslagets side" in await visit.text(path)
    status, _, text = await visit.asked(
        depot="home",
        name="",
        stay="own-idle",
        **{"figure-1": "petrol_kr_l", "value-1": "20", "figure-3": "diesel_kr_l", "value-3": "-5"},
    )
    assert status == 422
    assert "Giv prøveberegningen et navn" in text
    assert "Det er godkendt, at køretøjet Egen ledig udgår" in text
    assert "Værdien skal være fra" in text
    nothing = {"round": str(visit.round_id), "depot": "home", "name": "x"}
    url = f"{visit.client.server.url}/what-ifs/new"
    async with visit.client.session.post(url, data=nothing) as answer:
        assert 'href="#changes"' in await answer.text()


async def test_what_is_wrong_with_a_form_is_said_at_its_field(visit: Visit) -> None:
    home = {"depot": "home"}
    price = {"name": "x", "figure-1": "petrol_kr_l"}
    for form, said in (
        (home | {"stay": "own-idle", "name": ""}, "Giv prøveberegningen et navn"),
        (home | {"name": "x"}, "Vælg mindst én ting, der skal være anderledes"),
        (home | price | {"value-1": "dyrt"}, "Det er ikke et tal"),
        (home | price | {"value-1": ""}, "Skriv den værdi, den skal have"),
        (home | price | {"value-1": "-2"}, "Værdien skal være fra"),
        (home | {"name": "x", "stay": "nobody"}, "Runden har ikke beregnet køretøjet nobody"),
        (home | {"name": "x", "stay": "strange"}, "Køretøjet Fremmed bil hører ikke til dette"),
        ({"depot": "moon", "name": "x", "stay": "own-idle"}, "Runden har ikke beregnet dette"),
    ):
        status, _, text = await visit.asked(**form)
        assert (status, said in text) == (422, True), (form, text)
    await visit.pool.execute("UPDATE vehicle SET retired_at = '2026-01-01' WHERE depot_id = 'away'")
    status, _, text = await visit.asked(depot="away", name="x", stay="strange-idle")
    assert (status, "Fremmedgården: det er lukket" in text) == (422, True)
    await visit.pool.execute(
        "INSERT INTO round (requested_by, period_first, period_last, state, number, rules,"
        " assumptions, kinds, summary) SELECT requested_by, period_first, period_last, 'done', 2,"
        " rules, assumptions, kinds, summary FROM round"
    )
    status, _, text = await visit.asked(depot="home", name="x", stay="own-idle")
    assert status == 409
    body = {"round_id": visit.round_id, "name": "x", "depots": ["home"], "stay": ["own-idle"]}
    url = f"{visit.client.server.url}/v1/what-ifs"
    async with visit.client.session.post(url, json=body) as answer:
        assert answer.status == 409
