"""Meetings with their agendas, and the plan as a calendar whose address can be ended."""

import io
from collections.abc import AsyncGenerator
from datetime import date, datetime, timedelta

import aiohttp
import pytest
from icalendar import Calendar
from python_calamine import CalamineWorkbook

from access.roles import Role
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.localtime import LOCAL_ZONE
from tests.factories.access import visitor
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.factories.plan_files import PLAN
from tests.factories.serving import Client, client_of
from tests.unit.reports.test_calendar import parsed
from tracker.contacts import ContactDetails, add_contact
from tracker.documents.taking import SourceFile, take_plan
from tracker.meetings.agenda import agendas
from tracker.meetings.meetings import add_meeting, meetings
from tracker.milestones import milestone, milestones
from tracker.saying import Assignment, assign, need_decision, set_political

TODAY = datetime.now(LOCAL_ZONE).date()
FIRST, SECOND = TODAY + timedelta(days=20), TODAY + timedelta(days=50)


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield client


@pytest.fixture
async def ids(pool: Pool) -> list[str]:
    """The milestones of a plan, of which the first is political and the second awaits a decision
    before the second meeting."""
    plan_id = await take_plan(pool, SOMEBODY, SourceFile("p.pdf", "0" * 64), PLAN, name="Årsplan")
    found = [one.milestone_id for one in await milestones(pool, plan_id)]
    await set_political(pool, SOMEBODY, found[0], is_political=True)
    await need_decision(pool, SOMEBODY, found[1], "Udvalget", SECOND)
    return found


async def send(client: Client, path: str, *pairs: tuple[str, str]) -> tuple[int, str, str]:
    url = f"{client.server.url}{path}"
    async with client.session.post(url, data=aiohttp.FormData(pairs)) as answer:
        return answer.status, words(await answer.text()), answer.url.path


async def offered(pool: Pool) -> list[list[str]]:
    return [[one.milestone_id for one in own.offered] for own in await agendas(pool, TODAY)]


async def test_what_is_to_be_decided_is_offered_to_the_last_meeting_before_its_day(
    client: Client, pool: Pool, ids: list[str]
) -> None:
    await add_meeting(pool, SOMEBODY, "Udvalget", TODAY - timedelta(days=1))
    await add_meeting(pool, SOMEBODY, "Udvalget", FIRST)
    await add_meeting(pool, SOMEBODY, "Udvalget", SECOND)
    # The political one is overdue, and so offered to the first meeting that there is.
    assert await offered(pool) == [[], [ids[0]], [ids[1]]]
    first = (await meetings(pool))[1]
    path = f"/plan/meetings/{first.meeting_id}"
    chosen = [("press", "on"), ("milestone", ids[0]), ("milestone", ids[1])]
    status, text, _ = await send(client, f"{path}/agenda", *chosen)
    assert (status, "Dagsordenen er ændret." in text) == (200, True)
    assert await offered(pool) == [[], [], []]
    assert (await milestone(pool, ids[0]))[0].meeting_id == first.meeting_id
    async with client.session.get(f"{client.server.url}{path}/agenda.xlsx") as answer:
        book = CalamineWorkbook.from_filelike(io.BytesIO(await answer.read()))
    rows = book.get_sheet_by_name("Dagsorden").to_python()[1:]
    assert [(row[2], row[3]) for row in rows][1:] == [("Udvalget", SECOND)]
    async with client.session.get(f"{client.server.url}{path}/agenda.pdf") as answer:
        assert (await answer.read()).startswith(b"%PDF-")
    history = words((await client.get(f"/plan/milestones/{ids[0]}"))[1])
    assert "På dagsordenen for et møde: ja" in history
    await send(client, f"{path}/agenda", ("press", "off"), ("milestone", ids[0]))
    assert await offered(pool) == [[], [ids[0]], []]


async def test_meetings_are_added_changed_and_removed_by_who_manages_plans(
    client: Client, pool: Pool, ids: list[str]
) -> None:
    for wrong in (("", "2027-01-12"), ("Udvalget", "x"), ("Udvalget", "")):
        fields = zip(("committee", "day"), wrong, strict=True)
        assert (await send(client, "/plan/meetings", *fields))[0] == 422
    sent = [("committee", "Udvalget"), ("day", FIRST.isoformat())]
    status, _, path = await send(client, "/plan/meetings", *sent)
    assert status == 200
    assert (await send(client, "/plan/meetings", *sent))[0] == 422  # it is known already
    later = [("committee", "Udvalget"), ("day", SECOND.isoformat()), ("seen", "1")]
    assert (await send(client, path, *later))[0] == 200
    assert (await send(client, path, *later))[0] == 409
    reader = await visitor(pool, Role.READER, "Læser")
    async with reader.client(base_url=client.server.url) as session:
        async with session.get(path) as answer:
            assert (answer.status, "Ret mødet" in await answer.text()) == (200, False)
        async with session.post(path, data={"press": "remove"}) as answer:
            assert answer.status == 403
    await send(client, f"{path}/agenda", ("milestone", ids[0]))
    assert (await send(client, path, ("press", "remove"), ("seen", "2")))[0] == 200
    assert await meetings(pool) == []
    assert (await client.get(path))[0] == 404
    acts = await pool.fetch("SELECT act FROM audit_entry WHERE subject = 'plan_meeting'")
    assert [one["act"] for one in acts] == ["changed", "changed", "removed"]


async def test_a_calendar_is_read_by_its_address_until_somebody_ends_it(
    client: Client, pool: Pool, ids: list[str]
) -> None:
    plan_id = (await milestone(pool, ids[0]))[0].plan_id
    owner = await add_contact(pool, SOMEBODY, ContactDetails(name="Byteamet"))
    await assign(pool, SOMEBODY, ids, Assignment(owner_id=owner))
    await add_meeting(pool, SOMEBODY, "Udvalget", FIRST)

    async def made(*pairs: tuple[str, str]) -> str:
        status, text, _ = await send(
            client, "/plan/calendars", ("plan", str(plan_id)), ("label", "Alle"), *pairs
        )
        assert status == 200
        return "/plan/calendar.ics?token=" + text.partition("calendar.ics?token=")[2].split()[0]

    async def read(path: str) -> tuple[int, bytes]:
        async with (
            aiohttp.ClientSession(client.server.url) as stranger,
            stranger.get(path) as answer,
        ):
            return answer.status, await answer.read()

    plain, named = await made(), await made(("owners", "1"))
    status, content = await read(plain)
    days = {day["UID"].partition("@")[0]: day for day in parsed(content)}
    assert status == 200
    assert days[f"milestone-{ids[0]}"]["DTSTART;VALUE=DATE"] == "20260331"
    assert date.fromisoformat(days[f"decision-{ids[1]}"]["DTSTART;VALUE=DATE"]) == SECOND
    assert len([one for one in days if one.startswith("meeting-")]) == 1
    # A reader that is not ours finds the same days.
    others = Calendar.from_ical(content).events
    for name in ("UID", "SUMMARY"):
        assert [str(one[name]) for one in others] == [one[name] for one in days.values()]
    assert {day["UID"] for day in parsed((await read(plain))[1])} == {
        day["UID"] for day in days.values()
    }
    assert b"Byteamet" not in content
    assert b"Byteamet" in (await read(named))[1]
    number = await pool.fetchval("SELECT min(calendar_id) FROM plan_calendar")
    assert (await send(client, f"/plan/calendars/{number}/end"))[0] == 200
    assert (await read(plain))[0] == 404
    assert (await read(named))[0] == 200
    assert (await read("/plan/calendar.ics?token=x"))[0] == 404
    assert (await send(client, f"/plan/calendars/{number}/end"))[0] == 404
    assert (await send(client, "/plan/calendars", ("plan", str(plan_id))))[0] == 422
    stored = await pool.fetchval("SELECT string_agg(plan_calendar::text, ' ') FROM plan_calendar")
    assert plain.rpartition("=")[2] not in stored
