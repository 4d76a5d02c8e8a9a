"""Another vehicle alike goes in place of the proposed one: both are noted for one reason, and the
next version follows; or nothing is, and the page says why."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from html import unescape

import pytest

from access.roles import Role
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from optimiser.rounds.decisions import Verdict, decide
from optimiser.rounds.requests import request_round, request_version
from optimiser.workers import Workers
from register.vehicles import Ruling, rule_vehicle, rulings
from tests.factories.access import Visitor, visitor
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.factories.rounds import answer_round
from tests.factories.two_departments import FLEET
from tests.factories.whole import served, whole_app
from trips.use.fleet_use import data_period

REASON = "Den anden er slidt"


@dataclass(frozen=True)
class Site:
    """A server with a round that lets one of two vehicles alike go."""

    url: str
    pool: Pool
    unit: Visitor
    round_id: int
    goes: int

    async def page(self) -> str:
        async with (
            self.unit.client() as session,
            session.get(f"{self.url}/proposals/{self.goes}") as answer,
        ):
            assert answer.status == 200
            return unescape(words(await answer.text()))

    async def send(self, who: Visitor, **form: str) -> tuple[int, str]:
        url = f"{self.url}/proposals/{self.goes}/instead"
        async with who.client() as session, session.post(url, data=form) as answer:
            return answer.status, unescape(words(await answer.text()))

    async def verdicts(self) -> list[str]:
        query = "SELECT verdict FROM decision WHERE proposal_id = $1 ORDER BY change_id"
        return [row["verdict"] for row in await self.pool.fetch(query, self.goes)]


@pytest.fixture
async def site(pool: Pool, settings: Settings, workers: Workers) -> AsyncGenerator[Site]:
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    round_id = await request_round(pool, Actor.trusted("Flådeenheden"), period)
    await answer_round(pool, round_id, asked(settings), workers, studied=False)
    goes = await pool.fetchval("SELECT proposal_id FROM proposal WHERE key = 'dispose:own-idle'")
    unit = await visitor(pool, Role.FLEET_UNIT, "Flåden")
    async with served(whole_app(pool, settings)[0]) as url:
        yield Site(url, pool, unit, round_id, goes)


def asked(settings: Settings) -> Settings:
    """Idle vehicles go, although they would serve while others are in the workshop."""
    return settings.model_copy(update={"workshop_ready": False})


async def test_the_other_one_goes_in_the_next_version(
    site: Site, settings: Settings, workers: Workers
) -> None:
    told = await site.page()
    assert "Lad et andet udgå i stedet" in told
    status, told = await site.send(site.unit, instead="own", reason=REASON, seen="0")
    assert status == 200
    assert "Forslaget er afvist, og det andet køretøj må udgå." in told
    assert await site.verdicts() == ["rejected"]
    # The history says which one goes.
    assert "Egen bil udgår i stedet." in told
    [ruled] = await rulings(site.pool, "own")
    assert (ruled.ruling, ruled.reason, ruled.needs) == (Ruling.GO, REASON, None)
    version = await request_version(site.pool, SOMEBODY, site.round_id)
    await answer_round(site.pool, version, asked(settings), workers, studied=False)
    rows = await site.pool.fetch(
        "SELECT key FROM proposal WHERE round_id = $1 AND depot_id = 'home'", version
    )
    assert {row["key"] for row in rows} == {"dispose:own", "keep:own-idle"}


async def test_a_form_that_cannot_be_changes_nothing_and_says_why(site: Site) -> None:
    status, told = await site.send(site.unit, instead="own", reason=" ", seen="0")
    assert status == 422
    assert "Skriv, hvorfor det andet skal udgå" in told
    status, told = await site.send(site.unit, instead="strange", reason=REASON, seen="0")
    assert status == 422
    assert "Vælg et af de køretøjer, der er magen til det og bliver" in told
    status, told = await site.send(site.unit, instead="own", reason=REASON, seen="4")
    assert status == 409
    assert "Forslaget kan ikke afvises, som det står" in told
    assert await site.verdicts() == []
    assert await rulings(site.pool, "own") == []


async def test_a_head_neither_sees_the_form_nor_sends_it(site: Site) -> None:
    head = await visitor(site.pool, Role.DEPARTMENT_HEAD, "Hanne", {"Egen"})
    async with head.client() as session, session.get(f"{site.url}/proposals/{site.goes}") as got:
        assert "Lad et andet udgå" not in unescape(await got.text())
    assert (await site.send(head, instead="own", reason=REASON))[0] == 403
    assert await site.verdicts() == []


async def test_one_of_which_it_was_decided_that_it_stays_does_not_go(site: Site) -> None:
    """The list on the page is that of the round; people may have decided since."""
    await rule_vehicle(site.pool, SOMEBODY, "own", Ruling.STAY, None, "Den skal blive")
    status, told = await site.send(site.unit, instead="own", reason=REASON, seen="0")
    assert status == 409
    assert "Det er besluttet, at dette bliver: fortryd det først" in told
    assert await site.verdicts() == []
    assert len(await rulings(site.pool, "own")) == 1


async def test_a_proposal_that_was_accepted_is_rejected_when_another_goes(site: Site) -> None:
    await decide(site.pool, SOMEBODY, site.goes, Verdict.ACCEPTED, "")
    status, _ = await site.send(site.unit, instead="own", reason=REASON, seen="1")
    assert status == 200
    assert await site.verdicts() == ["accepted", "rejected"]


async def test_its_tasks_wait_for_nobody_as_soon_as_another_one_goes(site: Site) -> None:
    """No page has to know that the ledger follows: what a request changed says so."""
    url = f"{site.url}/proposals/{site.goes}"
    form = {"verdict": "accepted", "comment": "", "seen": "0"}
    async with site.unit.client() as session, session.post(url, data=form) as answer:
        assert answer.status == 200
    waiting = "SELECT count(*) FROM undertaking WHERE withdrawn_at IS NULL"
    assert await site.pool.fetchval(waiting) == 1
    status, _ = await site.send(site.unit, instead="own", reason=REASON, seen="1")
    assert status == 200
    assert await site.pool.fetchval(waiting) == 0
