"""A typical and the busiest day at the depot of a proposal: who sees them, and what is recorded of
that; and what a vehicle's own page says of the proposal."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import pytest

from access.accounts import add_account_within
from access.roles import Role
from access.sessions import open_session
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.localtime import local_now
from optimiser.rounds.decisions import Verdict, decide
from optimiser.rounds.requests import request_round
from optimiser.workers import Workers
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.factories.access import Visitor, visitor
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.factories.rounds import answer_round
from tests.factories.two_departments import FLEET
from tests.factories.whole import served, whole_app
from trips.use.fleet_use import data_period

OWN = frozenset({"Egen"})


@dataclass(frozen=True)
class Site:
    """A server with a round on the fleet of two departments."""

    url: str
    pool: Pool
    unit: Visitor

    async def get(self, who: Visitor, path: str) -> tuple[int, str]:
        async with who.client() as session, session.get(self.url + path) as answer:
            return answer.status, unescape(words(await answer.text()))

    async def post(self, who: Visitor, path: str, **form: str) -> tuple[int, str]:
        async with who.client() as session, session.post(self.url + path, data=form) as answer:
            return answer.status, unescape(words(await answer.text()))

    async def proposal(self, key: str) -> int:
        found = await self.pool.fetchval("SELECT proposal_id FROM proposal WHERE key = $1", key)
        assert found is not None, key
        return found

    async def recorded(self, act: str, actor: str) -> set[tuple[str, str, str]]:
        """The vehicles that the audit log names, each with the reason and the day."""
        rows = await self.pool.fetch(
            "SELECT subject_id, detail FROM audit_entry WHERE act = $1 AND actor = $2", act, actor
        )
        return {
            (row["subject_id"], row["detail"]["reason"], row["detail"].get("from", ""))
            for row in rows
        }


@pytest.fixture
async def site(pool: Pool, settings: Settings, workers: Workers) -> AsyncGenerator[Site]:
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    round_id = await request_round(pool, Actor.trusted("Flådeenheden"), period)
    asked = settings.model_copy(update={"workshop_ready": False})
    await answer_round(pool, round_id, asked, workers, studied=False)
    async with served(whole_app(pool, settings)[0]) as url:
        yield Site(url, pool, await visitor(pool, Role.FLEET_UNIT, "Flåden"))


async def newcomer(pool: Pool, role: Role, name: str, *departments: str) -> Visitor:
    """Somebody who has not yet said why they look at tracks."""
    async with pool.acquire() as connection, connection.transaction():
        account = await add_account_within(connection, SOMEBODY, name, role, departments)
    session = await open_session(pool, account.account_id, source="127.0.0.1", agent="test")
    return Visitor(session, None)


async def test_the_busiest_day_has_the_trip_of_the_vehicle_that_goes_at_what_takes_it(
    site: Site,
) -> None:
    goes = await site.proposal("dispose:own-idle")
    status, told = await site.get(site.unit, f"/proposals/{goes}/days")
    assert status == 200
    assert "En typisk dag:" in told
    busiest = local_now().date() - timedelta(days=10)
    _, _, of_busiest = told.partition("Den travleste dag:")
    assert f"{busiest.day}." in of_busiest[:20]
    assert "2 rundture begyndte; højst 2 var ude på én gang." in of_busiest
    decision = await site.pool.fetchval("SELECT content FROM proposal WHERE proposal_id = $1", goes)
    taken = "Taxa, lejet eller egen bil" if decision["to_fallback"] else "Egen bil"
    assert f"Egen ledig {taken}" in of_busiest
    status, told = await site.get(site.unit, f"/proposals/{goes}")
    assert "Se en typisk dag og den travleste, før og efter" in told


async def test_the_busiest_day_is_without_the_vehicles_that_the_round_does_not_count(
    site: Site,
) -> None:
    """A machine drives from the depot too: the proposal counts at most two out, and so does the
    picture, which says that it leaves the machine out."""
    goes = await site.proposal("dispose:own-idle")
    path = f"/proposals/{goes}"
    before = (await site.get(site.unit, f"{path}/days"))[1]
    assert "højst 2 var ude på én gang." in before
    assert "ikke med i beregningen" not in before
    await site.pool.execute(
        """INSERT INTO vehicle (vehicle_id, name, depot_id, department, kind, measured_in)
           SELECT 'machine', 'Maskinen', depot_id, department, kind, 'hours' FROM vehicle
           WHERE vehicle_id = 'own'"""
    )
    await site.pool.execute(
        """INSERT INTO round_trip (device, vehicle_id, depot_id, start_ts, end_ts, km, legs)
           SELECT 'of-machine', 'machine', depot_id, start_ts, end_ts, km, legs FROM round_trip
           WHERE vehicle_id = 'own-idle'"""
    )
    after = (await site.get(site.unit, f"{path}/days"))[1]
    assert "2 rundture begyndte; højst 2 var ude på én gang." in after
    assert "Yderligere 1 køretøj kørte fra depotet; det er ikke med i beregningen" in after
    assert "fundet eller ændret" not in after
    assert "Maskinen" not in after


async def test_who_looks_says_why_and_each_vehicle_and_day_is_recorded(site: Site) -> None:
    head = await newcomer(site.pool, Role.DEPARTMENT_HEAD, "Hanne", "Egen")
    path = f"/proposals/{await site.proposal('dispose:own-idle')}/days"
    status, told = await site.get(head, path)
    assert status == 200
    assert "Skriv derfor, hvorfor du ser på dem" in told
    assert "Som kørt" not in told
    status, told = await site.post(head, path, why="x")
    assert status == 422
    assert "Skriv med 3 til 200 tegn, hvorfor du kigger" in told
    assert await site.recorded("track_read", "Hanne") == set()
    status, told = await site.post(head, path, why="Kan  vi undvære den?")
    assert status == 200
    assert "Som kørt" in told
    asked = await site.recorded("track_asked", "Hanne")
    assert asked == {("own", "Kan vi undvære den?", ""), ("own-idle", "Kan vi undvære den?", "")}
    await site.get(head, path)
    read = await site.pool.fetch(
        "SELECT subject_id FROM audit_entry WHERE act = 'track_read' AND actor = 'Hanne'"
    )
    # The typical day of one vehicle, and the busiest day of both, once each.
    assert sorted(row["subject_id"] for row in read) == ["own", "own", "own-idle"]


async def test_a_reader_sees_no_picture_and_a_head_none_with_vehicles_of_others(
    site: Site,
) -> None:
    goes = await site.proposal("dispose:own-idle")
    reader = await visitor(site.pool, Role.READER, "Læser")
    assert (await site.get(reader, f"/proposals/{goes}/days"))[0] == 403
    assert "den travleste, før og efter" not in (await site.get(reader, f"/proposals/{goes}"))[1]
    head = await visitor(site.pool, Role.DEPARTMENT_HEAD, "Hanne", OWN)
    strange = await site.proposal("dispose:strange-idle")
    assert (await site.get(head, f"/proposals/{strange}/days"))[0] == 404
    assert (await site.post(head, f"/proposals/{strange}/days", why="hvorfor"))[0] == 404
    shared = await site.pool.fetchval(
        "SELECT proposal_id FROM proposal WHERE content ->> 'vehicle_id' = 'own-both'"
    )
    status, told = await site.get(head, f"/proposals/{shared}/days")
    assert status == 200
    assert "Der holder også køretøjer fra andre afdelinger på depotet" in told
    assert (await site.post(head, f"/proposals/{shared}/days", why="hvorfor"))[0] == 404


async def test_private_time_is_not_drawn(site: Site) -> None:
    goes = await site.proposal("dispose:own-idle")
    path = f"/proposals/{goes}/days"
    assert "højst 2 var ude" in (await site.get(site.unit, path))[1]
    ends = local_now() - timedelta(days=9)
    await set_private(
        site.pool, SOMEBODY, "own-idle", PrivatePeriod(ends - timedelta(days=2), ends)
    )
    told = (await site.get(site.unit, path))[1]
    assert "højst 2 var ude" not in told
    assert "Intet køretøj, der udgår, kørte denne dag." in told


async def test_a_round_of_earlier_software_has_no_picture(site: Site) -> None:
    await site.pool.execute("UPDATE round_part SET part_plan = part_plan - 'vehicles'")
    path = f"/proposals/{await site.proposal('dispose:own-idle')}/days"
    assert "Runden er fra en tidligere udgave" in (await site.get(site.unit, path))[1]


async def test_a_vehicle_has_on_its_page_what_is_proposed_for_it_and_decided(site: Site) -> None:
    goes = await site.proposal("dispose:own-idle")
    told = (await site.get(site.unit, "/vehicles/own-idle"))[1]
    assert "Afhænd Egen ledig" in told
    assert "Venter på beslutning" in told
    await decide(site.pool, SOMEBODY, goes, Verdict.REJECTED, "Den skal blive")
    told = (await site.get(site.unit, "/vehicles/own-idle"))[1]
    assert "Afhænd Egen ledig Afvist" in told
    async with site.unit.client() as session, session.get(f"{site.url}/vehicles/own-idle") as got:
        assert f'href="/proposals/{goes}"' in await got.text()
    assert "Behold Egen bil" in (await site.get(site.unit, "/vehicles/own"))[1]
