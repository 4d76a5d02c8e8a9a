"""The page of a link of a follow-up, and the pages of who keeps the plan."""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from html import unescape

import aiohttp
import pytest
from yarl import URL

from access.roles import Role
from access.settings import access_settings
from api.settings import Settings
from db.connect import Pool
from fleet.localtime import local_now
from tests.factories.access import Visitor, visitor
from tests.factories.actors import SOMEBODY
from tests.factories.follow_up import KEEPER, Owned, OwnedPlan, owned_plan, this_quarter
from tests.factories.mail_server import mail_inbox
from tests.factories.page_text import words
from tests.factories.whole import served, whole_app
from tracker.facts import Fact
from tracker.follow_up.rounds import FollowUp, close_follow_up
from tracker.indicators import IndicatorDetails, IndicatorKind, add_indicator, indicator
from tracker.milestone import MilestoneStatus, NeededDecision
from tracker.milestones import milestone
from tracker.saying import Assignment, Said, answer_by, assign, say

PEOPLE = {"Vejteamet": "vej@kommune.dk", "Byteamet": "by@kommune.dk", "Uden adresse": ""}


def milestones() -> dict[str, Owned]:
    now = this_quarter()
    return {
        "Sen": (now.before, "Vejteamet", "Byteamet", "Miljø"),
        "Nu": (now, "Vejteamet", None, "Miljø"),
        "Kommer": (now.next, "Vejteamet", None, ""),
        "Byens": (now, "Byteamet", None, ""),
        "Uden svar": (now, "Uden adresse", None, "Miljø"),
    }


@dataclass(frozen=True)
class Site:
    url: str
    plan: OwnedPlan
    keeper: Visitor

    def key(self, name: str, text: str) -> str:
        """The name of a field of a milestone."""
        return f"{name}-{self.plan.milestones[text]}"

    async def keep(self, path: str, **fields: str) -> tuple[int, str]:
        """What who keeps the plan gets, where there are fields by sending them."""
        async with self.keeper.client() as client:
            sent = (
                client.post(self.url + path, data=fields) if fields else client.get(self.url + path)
            )
            async with sent as answer:
                return answer.status, await answer.text()


class Reader:
    """Somebody who came by a link, in a browser of their own."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self.session = session
        self.address = URL(f"{url}/follow-up?token={token}", encoded=True)
        self.fields: dict[str, str] = {}

    async def open(self) -> str:
        async with self.session.get(self.address) as answer:
            return await self._shown(answer, 200)

    async def send(self, status: int = 200, /, **changed: str) -> str:
        """Send the form that was shown last, with some fields changed."""
        self.fields |= changed
        async with self.session.post(self.address, data=self.fields) as answer:
            return await self._shown(answer, status)

    async def _shown(self, answer: aiohttp.ClientResponse, status: int) -> str:
        page = await answer.text()
        assert answer.status == status, words(page)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        self.fields = dict(fields_of(page.partition("<main")[2]))
        return page


def fields_of(page: str) -> Mapping[str, str]:
    """The fields of the form of a page as a browser would send them."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]+>", page):
        named = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if named.get("type") != "radio" or " checked" in tag:
            found[named["name"]] = unescape(named.get("value", ""))
    for name, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)', page):
        found[name] = unescape(text)
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.findall(r'value="([^"]*)" selected', options)
        found[name] = chosen[0] if chosen else ""
    return found


@pytest.fixture
async def site(pool: Pool, settings: Settings) -> AsyncGenerator[Site]:
    async with mail_inbox() as inbox:
        plan = await owned_plan(pool, settings, inbox, PEOPLE, milestones())
        app = whole_app(pool, plan.settings)[0]
        async with served(app) as url:
            yield Site(url, plan, await visitor(pool, Role.ADMINISTRATOR, "Flora"))


@pytest.fixture
async def one(site: Site) -> FollowUp:
    return await site.plan.begin()


@pytest.fixture
async def reader(site: Site, one: FollowUp) -> AsyncGenerator[Reader]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Reader(session, site.url, site.plan.tokens("vej@kommune.dk")[0])


async def test_all_of_a_page_is_answered_in_one_go(site: Site, reader: Reader) -> None:
    page = await reader.open()
    assert re.search(
        r"Fra tidligere kvartaler .* Sen .* I dette kvartal .* Nu .* Kommer", words(page)
    )
    assert "Byens" not in page
    assert reader.fields[site.key("progress", "Kommer")] == "not_started"
    page = await reader.send(
        200,
        **{
            site.key("progress", "Sen"): "postponed",
            site.key("until", "Sen"): f"{this_quarter().next.year}-{this_quarter().next.quarter}",
            site.key("progress", "Nu"): "decision",
            site.key("decider", "Nu"): "Udvalget",
            site.key("before", "Nu"): local_now().date().isoformat(),
            site.key("note", "Nu"): "Afventer <b>penge</b>",
        },
    )
    assert "Tak, dit svar er gemt." in page
    assert "Afventer &lt;b&gt;penge" in page
    pool, ids = site.plan.pool, site.plan.milestones
    late, _ = await milestone(pool, ids["Sen"])
    assert (late.status, late.postponed) == (MilestoneStatus.POSTPONED, this_quarter().next)
    now, _ = await milestone(pool, ids["Nu"])
    assert now.status is MilestoneStatus.NOT_STARTED
    assert now.decision == NeededDecision("Udvalget", local_now().date())
    coming, _ = await milestone(pool, ids["Kommer"])
    assert coming.said_at is None
    assert reader.fields[site.key("progress", "Nu")] == "decision"
    # Who answers anew takes the need of a decision back.
    await reader.send(200, **{site.key("progress", "Nu"): "done"})
    now, changes = await milestone(pool, ids["Nu"])
    assert (now.status, now.decision) == (MilestoneStatus.DONE, None)
    page = words((await site.keep(f"/plan/milestones/{ids['Nu']}"))[1])
    assert "Vejteamet, med et link i en mail" in page
    assert changes[0].actor == "link: Vejteamet"


async def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(
    site: Site, reader: Reader
) -> None:
    await reader.open()
    page = await reader.send(422)
    for text in ("Sen", "Nu"):
        assert reader.fields.get(site.key("progress", text)) is None
    await reader.open()
    page = await reader.send(
        422,
        **{
            site.key("progress", "Sen"): "dropped",
            site.key("progress", "Nu"): "postponed",
            site.key("note", "Nu"): "Vent på os",
            site.key("note", "Kommer"): "x" * 2_001,
        },
    )
    for name, text, said in (
        ("note", "Sen", "Skriv, hvorfor"),
        ("until", "Nu", "Vælg et kvartal efter"),
        ("note", "Kommer", "Teksten må højst"),
    ):
        error = re.search(rf'id="{site.key(name, text)}-error">(.*?)</span>\s*<', page, re.S)
        assert error is not None, (name, text)
        assert said in error[1]
    assert reader.fields[site.key("note", "Nu")] == "Vent på os"
    assert reader.fields[site.key("progress", "Sen")] == "dropped"
    assert (await milestone(site.plan.pool, site.plan.milestones["Nu"]))[1][0].status is None
    await reader.send(
        200,
        **{
            site.key("progress", "Nu"): "done",
            site.key("note", "Sen"): "Ingen penge",
            site.key("note", "Kommer"): "",
        },
    )
    assert (await milestone(site.plan.pool, site.plan.milestones["Sen"]))[0].status == "dropped"


async def test_the_second_of_two_sees_the_words_of_the_first_and_chooses(
    site: Site, reader: Reader
) -> None:
    pool, ids = site.plan.pool, site.plan.milestones
    await reader.open()
    await say(pool, SOMEBODY, ids["Nu"], Said(MilestoneStatus.DONE, "Færdig i går"))
    await say(pool, SOMEBODY, ids["Kommer"], Said(MilestoneStatus.IN_PROGRESS, "I gang"))
    mine = {
        site.key("progress", "Sen"): "in_progress",
        site.key("progress", "Nu"): "dropped",
        site.key("note", "Nu"): "Opgivet",
    }
    page = await reader.send(409, **mine)
    assert "Færdig i går" in page
    assert reader.fields[site.key("note", "Nu")] == "Opgivet"
    assert (await milestone(pool, ids["Sen"]))[0].said_at is None
    page = await reader.send(422)
    assert "Vælg, hvilket af de to der gælder" in page
    assert reader.fields[site.key("note", "Nu")] == "Opgivet"
    await reader.send(200, **{site.key("stands", "Nu"): "theirs"})
    now, _ = await milestone(pool, ids["Nu"])
    assert (now.status, now.note) == (MilestoneStatus.DONE, "Færdig i går")
    # What the other person said of one that was not touched stands, too.
    assert (await milestone(pool, ids["Kommer"]))[0].note == "I gang"
    assert (await milestone(pool, ids["Sen"]))[0].status is MilestoneStatus.IN_PROGRESS
    await say(pool, SOMEBODY, ids["Nu"], Said(MilestoneStatus.IN_PROGRESS, "Igen"))
    await reader.send(409, **mine)
    await reader.send(200, **{site.key("stands", "Nu"): "mine"})
    now, _ = await milestone(pool, ids["Nu"])
    assert (now.status, now.note) == (MilestoneStatus.DROPPED, "Opgivet")


async def test_what_is_given_to_another_meanwhile_is_told_with_the_words(
    site: Site, reader: Reader
) -> None:
    pool, ids = site.plan.pool, site.plan.milestones
    await reader.open()
    to = Assignment(owner_id=site.plan.people["Byteamet"])
    await assign(pool, KEEPER, [ids["Nu"]], to)
    typed = {site.key("progress", "Nu"): "done", site.key("note", "Nu"): "Mine <i>ord</i>"}
    page = await reader.send(409, **{**typed, site.key("progress", "Sen"): "done"})
    assert "Mine &lt;i&gt;ord" in page
    assert (await milestone(pool, ids["Sen"]))[0].said_at is None
    await reader.send(200)
    assert (await milestone(pool, ids["Sen"]))[0].status is MilestoneStatus.DONE
    assert (await milestone(pool, ids["Nu"]))[0].said_at is None


async def test_a_fact_has_answered_and_is_overruled_with_a_reason(
    site: Site, reader: Reader
) -> None:
    pool, ids = site.plan.pool, site.plan.milestones
    await answer_by(pool, KEEPER, ids["Nu"], Fact.FLEET_UNIT)
    await visitor(pool, Role.FLEET_UNIT, "Enhed")
    page = words(await reader.open())
    assert "Derfor er den færdig, og du behøver ikke svare." in page
    await reader.send(422, **{site.key("progress", "Nu"): "in_progress"})
    await reader.send(
        200, **{site.key("progress", "Nu"): "in_progress", site.key("note", "Nu"): "Kun på papir"}
    )
    assert (await milestone(pool, ids["Nu"]))[0].status is MilestoneStatus.IN_PROGRESS


async def test_values_of_indicators_are_said_with_the_answer(site: Site, reader: Reader) -> None:
    pool, ids = site.plan.pool, site.plan.milestones
    details = IndicatorDetails(name="Ladestandere", kind=IndicatorKind.OUTPUT, unit="stk.")
    counted = await add_indicator(pool, KEEPER, details, milestone_id=ids["Nu"])
    details = IndicatorDetails(
        name="Tilfredshed", kind=IndicatorKind.OUTCOME, scale=("lav", "middel", "høj")
    )
    scaled = await add_indicator(pool, KEEPER, details, milestone_id=ids["Nu"])
    await reader.open()
    wrong = await reader.send(422, **{f"value-{counted}": "mange", f"value-{scaled}": "2"})
    assert "Skriv et tal" in wrong
    assert (reader.fields[f"value-{counted}"], reader.fields[f"value-{scaled}"]) == ("mange", "2")
    page = await reader.send(200, **{f"value-{counted}": "1.200,5", f"from-{counted}": "Optælling"})
    assert "Senest: 1.200,5 stk." in words(page)
    assert "Senest: middel" in words(page)
    latest = (await indicator(pool, counted)).latest
    assert latest is not None
    assert (latest.value, latest.source, latest.actor) == (1200.5, "Optælling", "link: Vejteamet")


async def test_a_link_after_its_quarter_says_so_and_whom_to_turn_to(
    site: Site, reader: Reader, one: FollowUp
) -> None:
    await reader.open()
    fields = {**reader.fields, site.key("progress", "Nu"): "done"}
    await close_follow_up(site.plan.pool, KEEPER, one.follow_up_id)
    for sent in (None, fields):
        method = "GET" if sent is None else "POST"
        async with reader.session.request(method, reader.address, data=sent) as answer:
            page = words(await answer.text())
            assert answer.status == 410
            assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "Kvartalet er lukket" in page
        assert "Henvend dig til Planlægger." in page
    assert (await milestone(site.plan.pool, site.plan.milestones["Nu"]))[0].said_at is None


async def test_strangers_learn_nothing_and_are_stopped(site: Site, reader: Reader) -> None:
    stranger = Reader(reader.session, site.url, "x" * 43)
    statuses: list[int] = []
    for _ in range(access_settings().source_attempts + 1):
        async with stranger.session.get(stranger.address) as answer:
            statuses.append(answer.status)
    assert statuses == [410] * (len(statuses) - 1) + [429]
    assert "Sen" in await reader.open()  # whose link works is not stopped
    # A form without the token of its visit is none of ours.
    async with (
        aiohttp.ClientSession() as other,
        other.post(reader.address, data=reader.fields) as answer,
    ):
        assert answer.status == 403


async def test_who_keeps_the_plan_begins_looks_sends_anew_revokes_and_closes(site: Site) -> None:
    plan = site.plan
    status, page = await site.keep("/plan/follow-up", plan="", quarter="", answer_by="2020-01-01")
    assert status == 422
    assert "Vælg en dag, der ikke er passeret" in page
    quarter = f"{this_quarter().year}-{this_quarter().quarter}"
    begin = {"plan": str(plan.plan_id), "quarter": quarter, "answer_by": ""}
    status, page = await site.keep("/plan/follow-up", **begin)
    assert "Opfølgningen er begyndt, og mailene er på vej." in page
    assert "0 af 3" in words(page)
    assert "ingen adresse, og ingen træder til" in words(page)
    status, page = await site.keep("/plan/follow-up", **begin)
    assert (status, "Der følges allerede op" in page) == (422, True)
    saved = {"centre": "Miljø", "contact": str(plan.people["Byteamet"])}
    assert (await site.keep("/plan/follow-up/centres", **saved))[0] == 200
    for wrong in ({"centre": "Andet"}, {"contact": "x"}):
        assert (await site.keep("/plan/follow-up/centres", **{**saved, **wrong}))[0] == 404
    number = await plan.pool.fetchval("SELECT max(follow_up_id) FROM follow_up")
    address = f"/plan/follow-up/{number}"
    overview = words((await site.keep("/plan"))[1])
    assert "0 af 3 ansvarlige har svaret 3 er tavse" in overview
    vej = f"{address}/people/{plan.people['Vejteamet']}"
    nobody = f"{address}/people/{plan.people['Uden adresse']}"
    assert "Et nyt link er på vej" in (await site.keep(f"{vej}/link", x="1"))[1]
    assert "virker ikke længere" in (await site.keep(f"{vej}/revoke", x="1"))[1]
    assert (await site.keep(f"{vej}/revoke", x="1"))[0] == 404
    shown = (await site.keep(f"{nobody}/link", x="1"))[1]
    assert re.search(r"Et link til Uden adresse.*/follow-up\?token=\S{43}", words(shown))
    assert "Kvartalet er lukket" in (await site.keep(f"{address}/close", x="1"))[1]
    assert "0 af 3 ansvarlige" not in words((await site.keep("/plan"))[1])
    assert (await site.keep("/plan/follow-up/999"))[0] == 404
    parts = [
        row["content"]
        for row in await plan.pool.fetch(
            "SELECT content FROM plan_change WHERE subject = 'follow_up' ORDER BY change_id"
        )
    ]
    assert parts[0]["quarter"] == this_quarter().quarter
    assert parts[-1] == {"closed": True}


async def test_readers_see_the_coverage_and_change_nothing(site: Site, one: FollowUp) -> None:
    reads = await visitor(site.plan.pool, Role.READER, "Læser")
    head = await visitor(site.plan.pool, Role.DEPARTMENT_HEAD, "Chef", {"Egen"})
    address = f"{site.url}/plan/follow-up/{one.follow_up_id}"
    for who in (reads, head):
        async with who.client() as client:
            async with client.get(address) as answer:
                page = await answer.text()
                assert (answer.status, "0 af 3" in words(page)) == (200, True)
                assert '<form method="post" action="/plan' not in page
            async with client.get(f"{site.url}/plan") as answer:
                assert "ansvarlige har svaret" in await answer.text()
            async with client.post(f"{address}/close", data={"x": "1"}) as answer:
                assert answer.status == 403


async def test_programs_do_the_same(site: Site) -> None:
    plan = site.plan
    async with site.keeper.client() as client:

        async def call(
            method: str, path: str, body: object = None
        ) -> tuple[int, dict[str, object]]:
            async with client.request(method, site.url + path, json=body) as answer:
                return answer.status, await answer.json()

        body = {
            "plan_id": plan.plan_id,
            "year": this_quarter().year,
            "quarter": this_quarter().quarter,
        }
        status, told = await call("POST", "/v1/follow-ups", body)
        assert (status, told["owners"], told["silent"]) == (201, 3, 3)
        assert (await call("POST", "/v1/follow-ups", body))[0] == 422
        address = f"/v1/follow-ups/{told['id']}"
        who = {"contact_id": plan.people["Uden adresse"]}
        status, link = await call("POST", f"{address}/links", who)
        assert (status, "/follow-up?token=" in str(link["link"])) == (200, True)
        assert (await call("POST", f"{address}/revocations", who))[0] == 200
        assert (await call("POST", f"{address}/revocations", who))[0] == 404
        to = {"centre": "Miljø", "contact_id": plan.people["Byteamet"]}
        assert (await call("PUT", "/v1/centre-contacts", to))[0] == 200
        assert (await call("GET", "/v1/centre-contacts"))[1] == {"items": [to]}
        assert (await call("POST", f"{address}/close"))[1]["is_open"] is False
        listed = (await call("GET", f"/v1/follow-ups?plan_id={plan.plan_id}"))[1]["items"]
        assert isinstance(listed, list)
        assert len(listed) == 1
        assert (await call("GET", "/v1/follow-ups/999"))[0] == 404


async def test_the_page_of_a_removal_tells_of_links_that_are_out_and_they_say_so_after_it(
    site: Site, reader: Reader
) -> None:
    plan_id = site.plan.plan_id
    await reader.open()
    path = f"/plan/plans/{plan_id}/removal"
    assert "har links til at svare om planen" in words((await site.keep(path))[1])
    _, page = await site.keep(path)
    (revision,) = re.findall(r'name="revision" value="([^"]*)"', page)
    assert (await site.keep(path, reason="Indlæst to gange", revision=revision))[0] == 200
    page = words(await reader.send(410))
    assert "Planen er fjernet" in page
    assert "ingen bliver spurgt om den mere" in page
