"""The plan on its pages: what is late and what is next, what is changed, and by whom."""

import re
from collections.abc import AsyncGenerator
from datetime import date, datetime

import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.localtime import LOCAL_ZONE
from tests.factories.access import TESTER
from tests.factories.serving import Client, client_of
from tracker.contacts import ContactDetails, add_contact, contacts
from tracker.content import InitiativeContent, MilestoneContent, ProgrammeContent
from tracker.milestone import MilestoneStatus, NeededDecision
from tracker.milestones import NoMilestoneError, milestone, milestones
from tracker.quarter import Quarter
from tracker.saying import Assignment, Said, assign, need_decision, say
from tracker.shipped import load_programme

TRUSTED = Actor.trusted("MB")

THIS_YEAR = datetime.now(LOCAL_ZONE).year

PROGRAMME = ProgrammeContent(
    programme_id="p",
    name="Et program",
    purpose="Hvorfor",
    initiative=(
        InitiativeContent(
            initiative_id="i",
            name="En indsats",
            milestones=(
                MilestoneContent(milestone_id="old", year=2025, quarter=1, title="Det gamle"),
                MilestoneContent(milestone_id="done", year=2025, quarter=2, title="Det gjorte"),
                MilestoneContent(
                    milestone_id="next", year=THIS_YEAR + 1, quarter=1, title="Det næste"
                ),
            ),
        ),
    ),
)


def words(page: str) -> str:
    """The text of a page in one line, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        await load_programme(pool, PROGRAMME)
        await say(pool, Actor.trusted("MB"), "done", Said(MilestoneStatus.DONE, ""))
        yield client


async def test_overview_and_plan_say_what_is_late_and_what_is_next(
    client: Client, pool: Pool
) -> None:
    await pool.execute("INSERT INTO device (device) VALUES ('t1')")  # the system is not empty
    overview = words((await client.get("/"))[1])
    assert re.search(
        r"Milepæle 1 forsinket milepæl Det gamle .*? Forsinket Ikke startet Næste Det næste",
        overview,
    )
    assert "Det gjorte" not in overview
    plan = words((await client.get("/plan"))[1])
    assert re.search(r"Det gamle En indsats Forsinket Ikke startet .*? Det gjorte", plan)
    assert plan.count("Forsinket Ikke startet") == 1
    await say(pool, Actor.trusted("MB"), "old", Said(MilestoneStatus.DONE, ""))
    for path in ("/", "/plan/milestones/old"):
        assert "Forsinket" not in words((await client.get(path))[1])
    assert "Forsinket 0 " in words((await client.get("/plan"))[1])


async def test_the_overview_counts_what_is_chosen_and_lists_what_stands_so(
    client: Client, pool: Pool
) -> None:
    city_team = await add_contact(pool, TRUSTED, ContactDetails(name="Byteamet", centre="Miljø"))
    await assign(pool, TRUSTED, ["old", "next"], Assignment(owner_id=city_team, centre="Miljø"))
    await need_decision(pool, TRUSTED, "next", "Udvalget", None)
    expected = {
        "": ["Det gamle", "Det gjorte", "Det næste"],
        "show=late": ["Det gamle"],
        "show=done": ["Det gjorte"],
        "show=unowned": [],
        "by=decision": ["Det næste"],
        "q=DET+gjor": ["Det gjorte"],
        "q=nowhere": [],
        f"owner={city_team}": ["Det gamle", "Det næste"],
        "owner=none": ["Det gjorte"],
        "centre=none": ["Det gjorte"],
        "quarter=2025-2": ["Det gjorte"],
        "programme=p&by=centre": ["Det gamle", "Det gjorte", "Det næste"],
        "by=quarter&year=2025": ["Det gamle", "Det gjorte"],
        "plan=x&quarter=9&owner=-1&show=x&by=x&part=99": ["Det gamle", "Det gjorte", "Det næste"],
        "by=strand": [],
    }
    for query, titles in expected.items():
        status, text = (await client.get(f"/plan?{query}"))[:2]
        assert status == 200, query
        assert re.findall(r'/plan/milestones/\w+">([^<]+)<', text) == titles, query
    owners = words((await client.get("/plan?by=owner"))[1])
    assert "Efter ansvarlig Ansvarlig Forsinket Færdig Mangler" in owners
    assert "Byteamet 2 milepæle 1 forsinket 0 af 2 1 0 2" in owners


async def test_decisions_stand_by_the_day_before_which_they_are_needed(
    client: Client, pool: Pool
) -> None:
    days = {"old": None, "done": date(2027, 3, 1), "next": date(2027, 1, 5)}
    await say(pool, TRUSTED, "done", Said(MilestoneStatus.IN_PROGRESS, ""))
    for milestone_id, day in days.items():
        await need_decision(pool, TRUSTED, milestone_id, "Udvalget", day)
    _, text = (await client.get("/plan?by=decision"))[:2]
    assert re.findall(r'/plan/milestones/\w+">([^<]+)<', text) == [
        "Det næste",
        "Det gjorte",
        "Det gamle",
    ]


async def test_late_cannot_be_typed_and_every_change_is_kept(client: Client, pool: Pool) -> None:
    url = f"{client.server.url}/plan/milestones/old"
    sent = {"progress": "delayed", "note": ""}
    async with client.session.post(url, data=sent) as answer:
        assert answer.status == 422
    sent = {"progress": "in_progress", "note": "i gang"}
    async with client.session.post(url, data=sent) as answer:
        assert answer.status == 200
    found, changes = await milestone(pool, "old")
    assert (found.status, found.note) == (MilestoneStatus.IN_PROGRESS, "i gang")
    assert [(one.status, one.actor) for one in changes] == [(found.status, TESTER)]
    assert found.late(datetime.now(LOCAL_ZONE).date())


async def post(client: Client, address: str, **fields: str) -> tuple[int, str]:
    """The status and the text of the answer to a form of the milestone `old`."""
    url = f"{client.server.url}/plan/milestones/old{address}"
    async with client.session.post(url, data=fields) as answer:
        return answer.status, words(await answer.text())


async def test_a_milestone_is_postponed_merged_or_given_up_with_what_that_needs(
    client: Client, pool: Pool
) -> None:
    for refused, why in (
        ({"progress": "postponed"}, "Vælg et kvartal efter det, planen har"),
        ({"progress": "postponed", "until": "2025-1"}, "Vælg et kvartal efter det, planen har"),
        ({"progress": "merged"}, "Vælg en anden milepæl i planen"),
        ({"progress": "merged", "into": "old"}, "Vælg en anden milepæl i planen"),
        ({"progress": "dropped"}, "Skriv, hvorfor milepælen er opgivet"),
    ):
        status, text = await post(client, "", **refused)
        assert status == 422, refused
        assert why in text
    assert (await post(client, "", progress="postponed", until="2030-2"))[0] == 200
    found, _ = await milestone(pool, "old")
    assert (found.status, found.due) == (MilestoneStatus.POSTPONED, Quarter(2030, 2))
    assert (await post(client, "", progress="merged", into="next"))[0] == 200
    assert (await milestone(pool, "old"))[0].merged_into == "next"
    status, text = await post(client, "", progress="dropped", note="For dyrt")
    assert (status, "Opgivet" in text, "For dyrt" in text) == (200, True, True)
    assert "Udskudt til: 2. kvartal 2030" in text
    assert "Lagt ind under: Det næste" in text


async def test_the_second_of_two_sees_the_words_of_the_first_and_chooses(
    client: Client, pool: Pool
) -> None:
    seen = {"seen": "1", "seen-progress": "not_started"}
    status, _ = await post(client, "", progress="in_progress", note="Den første", **seen)
    assert status == 200
    status, text = await post(client, "", progress="done", note="Den anden", **seen)
    assert status == 409
    assert "Note: var –, er nu Den første; du har skrevet Den anden" in text
    assert "Status: var Ikke startet, er nu I gang; du har skrevet Færdig" in text
    assert (await milestone(pool, "old"))[0].note == "Den første"
    again = {"seen": "2", "seen-progress": "in_progress", "seen-note": "Den første"}
    assert (await post(client, "", progress="done", note="Den anden", **again))[0] == 200
    assert (await milestone(pool, "old"))[0].note == "Den anden"


async def test_an_owner_a_decision_and_own_words_are_set_each_by_its_form(
    client: Client, pool: Pool
) -> None:
    city_team = await add_contact(pool, TRUSTED, ContactDetails(name="Byteamet"))
    road_team = await add_contact(pool, TRUSTED, ContactDetails(name="Vejteamet"))
    assert (await post(client, "/owner", owner="99", deputy="", centre=""))[0] == 422
    assert (await post(client, "/owner", owner=str(city_team), deputy="", centre=""))[0] == 200
    # Who did not see what another set meanwhile sees it first, and sends the form again.
    seen = {"seen": "1", "seen-owner": "", "seen-deputy": "", "seen-centre": ""}
    sent = {"owner": "", "deputy": str(road_team), "centre": ""}
    status, text = await post(client, "/owner", **sent, **seen)
    assert (status, "Byteamet" in text) == (409, True)
    found, _ = await milestone(pool, "old")
    assert found.deputy is None
    sent["owner"] = str(city_team)
    seen |= {"seen": "2", "seen-owner": str(city_team)}
    assert (await post(client, "/owner", **sent, **seen))[0] == 200
    assert (await post(client, "/decision", decider="", before="2027-01-05"))[0] == 422
    assert (await post(client, "/decision", decider="Udvalget", before="2027-01-05"))[0] == 200
    assert (await post(client, "/words", own_words="Kort sagt"))[0] == 200
    assert (await post(client, "/political", political="1"))[0] == 200
    status, text = await post(client, "/fact", fact="evaluation")
    found, _ = await milestone(pool, "old")
    assert found.owner is not None
    assert found.deputy is not None
    assert (found.owner.name, found.deputy.name) == ("Byteamet", "Vejteamet")
    assert found.decision == NeededDecision("Udvalget", date(2027, 1, 5))
    assert (found.title, found.text, found.is_political) == ("Kort sagt", "Det gamle", True)
    assert status == 200
    assert "Planens ord Det gamle" in text
    assert "Systemet svarer selv, når dette er sket, og det er det ikke endnu" in text
    assert "Ansvarlig: Byteamet" in text


async def test_contacts_are_added_changed_and_given_all_that_was_found(
    client: Client, pool: Pool
) -> None:
    async def send(address: str, **fields: str) -> tuple[int, str]:
        async with client.session.post(f"{client.server.url}{address}", data=fields) as answer:
            return answer.status, words(await answer.text())

    assert (await send("/plan/owners", name="", email="x"))[0] == 422
    assert (await send("/plan/owners", name="Byteamet", email="by teamet@example.org"))[0] == 422
    assert (await send("/plan/owners", name="Byteamet", email="byteamet@example.org"))[0] == 200
    assert (await send("/plan/owners", name="byteamet", email="Byteamet@example.org"))[0] == 422
    city_team = (await contacts(pool))[0]
    status, text = await send(
        "/plan/assign", owner=str(city_team.contact_id), all="1", **{"at-q": "gamle"}
    )
    assert (status, "Milepælene er tildelt." in text) == (200, True)
    owned = {one.milestone_id for one in await milestones(pool) if one.owner is not None}
    assert owned == {"old"}
    await send("/plan/assign", owner=str(city_team.contact_id), milestone="done")
    assert (await milestone(pool, "done"))[0].owner is not None
    await send("/plan/assign", owner="none", centre="Miljø", milestone="done")
    done, _ = await milestone(pool, "done")
    assert (done.owner, done.centre) == (None, "Miljø")
    assert "Intet er ændret" in (await send("/plan/assign", owner="none"))[1]
    assert "Intet er ændret" in (await send("/plan/assign", milestone="done"))[1]
    url = f"{client.server.url}/plan/assign"
    async with client.session.post(url, data={"milestone": "done"}) as answer:
        page = await answer.text()
    assert ("alert-warning" in page, "alert-success" in page) == (True, False)
    address = f"/plan/owners/{city_team.contact_id}"
    seen = {"seen": "1", "seen-name": "Byteamet", "seen-email": "byteamet@example.org"}
    assert (await send(address, name="Bydriften", email="", left="1", **seen))[0] == 200
    assert (await send(address, name="Byteamet B", email="", **seen))[0] == 409
    people = words((await client.get("/plan/owners"))[1])
    assert "Bydriften er stoppet 1 forsinket 1 aldrig" in people
    assert (await client.get("/plan/owners/99"))[0] == 404


async def test_more_than_are_given_in_one_go_are_told_as_that(client: Client, pool: Pool) -> None:
    await pool.execute(
        "INSERT INTO milestone (milestone_id, plan_id, programme_id, rank, document_id, text)"
        " SELECT 'x' || n, plan_id, programme_id, n + 10, 'x' || n, 'En af mange'"
        " FROM (SELECT * FROM programme LIMIT 1) p, generate_series(1, 2001) n"
    )
    fields = {"owner": "none", "all": "1", "at-q": "mange"}
    url = f"{client.server.url}/plan/assign"
    async with client.session.post(url, data=fields) as answer:
        text = await answer.text()
    assert "der gives højst 2.000 milepæle" in text
    assert "alert-success" not in text


async def test_loading_a_programme_again_keeps_what_people_said(client: Client, pool: Pool) -> None:
    await load_programme(pool, PROGRAMME)
    status = {one.milestone_id: one.status for one in await milestones(pool)}
    assert status["done"] is MilestoneStatus.DONE
    with pytest.raises(NoMilestoneError):
        await say(pool, Actor.trusted("MB"), "nothing", Said(MilestoneStatus.DONE, ""))
    with pytest.raises(NoMilestoneError):
        await milestone(pool, "nothing")


async def test_who_gives_milestones_sees_first_what_somebody_else_gave_meanwhile(
    client: Client, pool: Pool
) -> None:
    city_team = await add_contact(pool, TRUSTED, ContactDetails(name="Byteamet"))
    road_team = await add_contact(pool, TRUSTED, ContactDetails(name="Vejteamet"))
    url = f"{client.server.url}/plan/assign"

    async def give(page: str, **fields: str) -> tuple[int, str]:
        """Send the form of a page."""
        hidden = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page))
        async with client.session.post(url, data=hidden | fields) as answer:
            return answer.status, await answer.text()

    async def owners() -> dict[str, str | None]:
        return {one.milestone_id: one.owner and one.owner.name for one in await milestones(pool)}

    page = (await client.get("/plan"))[1]
    before = await owners()
    assert (await give(page, milestone="old", owner=str(city_team)))[0] == 200
    # The second one opened the page before that, and chose the same milestone.
    status, shown = await give(page, milestone="old", owner=str(road_team), centre="Vej")
    assert status == 409
    assert await owners() == {**before, "old": "Byteamet"}
    assert "Det gamle : Ikke startet, ansvarlig: Byteamet" in words(shown), words(shown)[:900]
    assert re.findall(r'name="milestone" value="([^"]*)" checked', shown) == ["old"]
    assert f'<option value="{road_team}" selected>' in shown
    assert 'name="centre" value="Vej"' in shown
    assert (await give(shown, milestone="old", owner=str(road_team), centre="Vej"))[0] == 200
    assert await owners() == {**before, "old": "Vejteamet"}
    # What somebody else changed is no matter where it was not chosen.
    assert (await give(page, milestone="next", owner=str(city_team)))[0] == 200


async def test_who_gives_all_that_was_found_sees_first_what_changed_among_them(
    client: Client, pool: Pool
) -> None:
    await pool.execute(
        "INSERT INTO milestone (milestone_id, plan_id, programme_id, rank, document_id, text)"
        " SELECT 'x' || n, plan_id, programme_id, n + 10, 'x' || n, 'En af mange'"
        " FROM (SELECT * FROM programme LIMIT 1) p, generate_series(1, 40) n"
    )
    city_team = await add_contact(pool, TRUSTED, ContactDetails(name="Byteamet"))
    road_team = await add_contact(pool, TRUSTED, ContactDetails(name="Vejteamet"))
    url = f"{client.server.url}/plan/assign"
    page = (await client.get("/plan?q=mange"))[1]
    hidden = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page))
    await assign(pool, TRUSTED, ["x40"], Assignment(owner_id=city_team))
    sent = {**hidden, "all": "1", "owner": str(road_team)}
    async with client.session.post(url, data=sent) as answer:
        assert answer.status == 409
        page = await answer.text()
    assert "En af mange : Ikke startet, ansvarlig: Byteamet" in words(page), words(page)[:900]
    owned = [one.owner.name for one in await milestones(pool) if one.owner is not None]
    assert owned == ["Byteamet"]
    hidden = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page))
    async with client.session.post(url, data={**sent, **hidden}) as answer:
        assert answer.status == 200
    owned = [one.owner.name for one in await milestones(pool) if one.owner is not None]
    assert owned == ["Vejteamet"] * 40
