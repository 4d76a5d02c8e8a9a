"""The status of a quarter of a plan: page, files and kept report say the same, and what changed
since the last report is told."""

import io
import re
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from python_calamine import CalamineWorkbook

from access.roles import Role
from access.tokens import new_token
from api.pages.plan_status.pictures import indicator_picture
from api.pages.plan_status.status import status_now
from api.pages.plan_status.words import DocumentWords
from api.pages.words.language import Language
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Permission
from fleet.localtime import LOCAL_ZONE, day_start
from reports.plan_status import StatusIndicator
from tests.factories.access import visitor
from tests.factories.actors import SOMEBODY
from tests.factories.command import flaade
from tests.factories.page_text import words
from tests.factories.serving import Client, client_of
from tracker.finding import Asked, find
from tracker.importer.files.document_file import document_in
from tracker.importer.source import DocumentBounds
from tracker.indicators import IndicatorDetails, IndicatorKind, add_indicator, say_value
from tracker.milestone import MilestoneStatus
from tracker.milestones import milestones, read_progress, standings
from tracker.plans import programmes
from tracker.quarter import Quarter
from tracker.saying import Said, need_decision, say
from tracker.since.past import moves_from, stood_at, stood_now, stood_otherwise
from tracker.typed import (
    ProgrammeDetails,
    TypedMilestone,
    TypedSpan,
    add_milestone,
    add_programme,
    add_typed_plan,
)

TODAY = datetime.now(LOCAL_ZONE).date()
NOW = Quarter.of(TODAY)
NEXT = NOW.next
BEFORE = Quarter.of(NOW.first_day - timedelta(days=1))


@pytest.fixture
async def plan_id(pool: Pool) -> int:
    """A plan with one programme: three milestones are due in this quarter, one was in the last and
    one is in the next."""
    plan_id = await add_typed_plan(pool, SOMEBODY, "Årsplan", NOW.year)
    programme = await add_programme(pool, SOMEBODY, plan_id, ProgrammeDetails(name="Grøn vej"))
    for text, due in (
        ("Standere valgt", NOW),
        ("Standere sat op", NOW),
        ("=Udbud sendt", NOW),
        ("Kortlægning", BEFORE),
        ("Evaluering", NEXT),
    ):
        typed = TypedMilestone(programme_id=programme, text=text, spans=(TypedSpan.of(due),))
        await add_milestone(pool, SOMEBODY, typed)
    return plan_id


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield client


async def ids(pool: Pool, plan_id: int) -> dict[str, str]:
    return {one.text: one.milestone_id for one in await milestones(pool, plan_id)}


async def keep(client: Client, plan_id: int) -> str:
    sent = {"plan": str(plan_id), "quarter": f"{NOW.year}-{NOW.quarter}"}
    async with client.session.post(f"{client.server.url}/plan/status", data=sent) as answer:
        assert answer.status == 200, await answer.text()
        return answer.url.path


async def body(client: Client, path: str) -> bytes:
    async with client.session.get(client.server.url + path) as answer:
        assert answer.status == 200, path
        return await answer.read()


async def test_page_pdf_and_excel_say_what_is_late_promised_and_to_be_decided(
    client: Client, pool: Pool, plan_id: int
) -> None:
    own = await ids(pool, plan_id)
    await say(pool, SOMEBODY, own["Standere valgt"], Said(MilestoneStatus.DONE))
    until = Said(MilestoneStatus.POSTPONED, "Mangler strøm", NEXT)
    await say(pool, SOMEBODY, own["Standere sat op"], until)
    await need_decision(pool, SOMEBODY, own["=Udbud sendt"], "Udvalget", date(2030, 1, 7))
    (programme,) = await programmes(pool, plan_id)
    indicator = await add_indicator(
        pool,
        SOMEBODY,
        IndicatorDetails(
            name="Elbiler", kind=IndicatorKind.OUTCOME, unit="biler", target=35, source="Registret"
        ),
        programme_id=programme.programme_id,
    )
    await say_value(pool, SOMEBODY, indicator, TODAY - timedelta(days=60), 12)
    await say_value(pool, SOMEBODY, indicator, TODAY, 20)
    query = f"plan={plan_id}&quarter={NOW.year}-{NOW.quarter}"
    _, html = (await client.get(f"/plan/status?{query}"))[:2]
    page = words(html)
    pdf = document_in(
        "status.pdf", await body(client, f"/plan/status.pdf?{query}"), DocumentBounds()
    )
    paper = " ".join(" ".join(line.text for line in pdf.lines()).split())
    for said in (page, paper):
        assert "1 af 5 milepæle er nået." in said
        assert "3 var lovet for kvartalet: 1 er nået, og 1 er ikke nået som lovet." in said
        assert "Udvalget" in said
        assert "Mangler strøm" in said
        assert "Kortlægning" in said
    assert 'class="status-picture"' in html
    assert "20 biler" in html
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(await body(client, f"/plan/status.xlsx?{query}"))
    )
    whole, grøn = book.get_sheet_by_name("Fremdrift").to_python()[1:3]
    counted = (await read_progress(pool, TODAY, TODAY, plan_id)).whole
    assert whole[1:5] == [counted.counted, counted.done, counted.done_share, counted.late]
    assert grøn[0] == "Grøn vej"
    assert "=Udbud sendt" in {row[0] for row in book.get_sheet_by_name("Milepæle").to_python()}


async def test_a_kept_report_stays_and_the_next_one_tells_what_changed_since(
    client: Client, pool: Pool, plan_id: int
) -> None:
    own = await ids(pool, plan_id)
    first = await keep(client, plan_id)
    then = await body(client, f"{first}/pdf")
    await say(pool, SOMEBODY, own["Standere valgt"], Said(MilestoneStatus.DONE))
    await say(pool, SOMEBODY, own["Standere sat op"], Said(MilestoneStatus.POSTPONED, "", NEXT))
    assert await body(client, f"{first}/pdf") == then
    second = await keep(client, plan_id)
    page = words((await client.get(second))[1])
    number = first.rpartition("/")[2]
    assert f"Sammenlignet med rapport nr. {number}." in page
    assert re.search(r"Flyttet ud af kvartalet .*Standere sat op", page)
    assert re.search(r"Nået siden da .*Standere valgt", page)
    assert "Kommet ind i kvartalet" not in page
    compared = words((await client.get(f"{second}/since/{number}"))[1])
    assert re.search(r"Milepæle, der er nået 0 1", compared)
    assert re.search(r"Standere sat op Grøn vej Flyttet til et andet kvartal", compared)
    assert await body(client, f"{first}/xlsx")
    listed = words((await client.get(f"/plan/status?plan={plan_id}"))[1])
    assert listed.count("Status for") >= 3
    for path in ("/plan/status.pdf?plan=999", f"/plan/status?plan={plan_id}&quarter=x"):
        assert await body(client, path)
    assert (await client.get(f"/plan/files/{plan_id}/exe"))[0] == 404
    assert (await client.get("/plan/files/999/csv"))[0] == 404
    assert await body(client, f"/plan/files/{plan_id}/csv")


async def test_who_does_not_manage_plans_keeps_no_report(
    client: Client, pool: Pool, plan_id: int
) -> None:
    reader = await visitor(pool, Role.READER, "Læser")
    async with reader.client(base_url=client.server.url) as session:
        async with session.get(f"/plan/status?plan={plan_id}") as answer:
            page = await answer.text()
            assert answer.status == 200
        assert "Gem rapporten" not in page
        async with session.post("/plan/status", data={"plan": str(plan_id)}) as answer:
            assert answer.status == 403
    assert await pool.fetchval("SELECT count(*) FROM report") == 0


async def test_how_a_plan_stood_at_a_moment_is_known_from_its_history(
    pool: Pool, plan_id: int
) -> None:
    own = await ids(pool, plan_id)
    moments = [datetime.now(UTC)]
    states = [stood_now(await standings(pool, plan_id))]
    for key, said in (
        ("Evaluering", Said(MilestoneStatus.POSTPONED, "", NEXT.next)),
        ("Evaluering", Said(MilestoneStatus.POSTPONED, "", NEXT.next.next)),
        ("Kortlægning", Said(MilestoneStatus.DROPPED, "for dyrt")),
        ("Evaluering", Said(MilestoneStatus.NOT_STARTED)),
        ("Kortlægning", Said(MilestoneStatus.DONE)),
    ):
        await say(pool, SOMEBODY, own[key], said)
        moments.append(datetime.now(UTC))
        states.append(stood_now(await standings(pool, plan_id)))
    for moment, state in zip(moments, states, strict=True):
        assert await stood_at(pool, plan_id, moment, states[-1]) == state
        assert dict((await stood_at(pool, None, moment, states[-1])).items()) == state
    yesterday = TODAY - timedelta(days=1)
    then = await stood_otherwise(pool, plan_id, day_start(yesterday))
    moved = moves_from(then, await standings(pool, plan_id))
    assert len(moved) == len(own)  # the plan was not there yesterday


async def test_the_command_and_the_interface_tell_the_same_status(
    client: Client, pool: Pool, plan_id: int, database_url: str, tmp_path: Path
) -> None:
    quarter = f"{NOW.year}-{NOW.quarter}"
    said = flaade(
        *("plan", "report", str(plan_id), "--out", "s.pdf", "--quarter", quarter, "--keep"),
        cwd=tmp_path,
        FLAADE_DATABASE_URL=database_url,
    )
    number = await pool.fetchval("SELECT max(report_id) FROM report")
    assert said.stdout.strip() == f"0 of 5 reached, 1 late, kept as report {number}: s.pdf"
    assert (tmp_path / "s.pdf").read_bytes().startswith(b"%PDF-")
    token = await new_token(
        pool,
        SOMEBODY,
        "Styring",
        [Permission.FIGURES_READ, Permission.PLAN_MANAGE],
        TODAY,
    )
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(client.server.url, headers=headers) as session:
        path = f"/v1/plans/{plan_id}/status?year={NOW.year}&quarter={NOW.quarter}"
        async with session.get(path) as answer:
            told = await answer.json()
        assert (told["whole"]["counted"], len(told["promises"]), told["last_report"]) == (
            *(5, 3),
            number,
        )
        sent = {"year": NOW.year, "quarter": NOW.quarter}
        async with session.post(f"/v1/plans/{plan_id}/reports", json=sent) as answer:
            assert answer.status == 201
            later = (await answer.json())["id"]
        async with session.get(f"/v1/reports/{later}/since/{number}") as answer:
            assert (await answer.json())["milestones"] == []
        async with session.get(f"/v1/reports/{later}") as answer:
            assert (await answer.json())["status"]["last_report"] == number
        for end in ("pdf", "xlsx"):
            async with session.get(f"/v1/reports/{later}/report.{end}") as answer:
                assert answer.status == 200


async def test_the_overview_tells_what_moved_out_of_a_quarter_and_into_it_since_a_day(
    client: Client, pool: Pool, plan_id: int
) -> None:
    own = await ids(pool, plan_id)
    later = Said(MilestoneStatus.POSTPONED, "", NEXT)
    await say(pool, SOMEBODY, own["Standere sat op"], later)
    path = f"/plan?plan={plan_id}&quarter={NOW.year}-{NOW.quarter}&since="
    page = words((await client.get(path + TODAY.isoformat()))[1])
    # The plan was typed in today, so that all that is due in the quarter came into it.
    assert "Kommet ind i kvartalet (2)" in page
    assert "Flyttet ud af kvartalet" not in page
    tomorrow = TODAY + timedelta(days=1)
    assert "Intet er flyttet" in words((await client.get(path + tomorrow.isoformat()))[1])
    for unreadable in ("x", "0001-01-01", ""):
        assert "kvartalet (" not in words((await client.get(path + unreadable))[1])


async def test_the_days_after_which_silence_counts_are_a_setting(
    pool: Pool, settings: Settings, plan_id: int
) -> None:
    own = await ids(pool, plan_id)
    await say(pool, SOMEBODY, own["Standere sat op"], Said(MilestoneStatus.IN_PROGRESS))
    await pool.execute("UPDATE milestone SET said_at = now() - interval '30 days'")
    for days, silent in ((92, 0), (10, 5)):
        told = settings.model_copy(update={"follow_up_silent_days": days})
        found = await status_now(pool, told, plan_id, NOW, {})
        assert found.whole.silent == silent
        since = told.silent_since(TODAY)
        assert (await find(pool, Asked(plan_id=plan_id), TODAY, since)).counted.whole().silent == (
            silent
        )


def test_what_stands_beside_the_line_of_an_indicator_has_room_there() -> None:
    words = DocumentWords(Language.DANISH)
    for unit, beside in (("biler", ["4 biler", "Mål: 5 biler"]), ("u" * 20, ["4", "Mål: 5"])):
        one = StatusIndicator(
            name="Eksempler",
            of="",
            kind=IndicatorKind.OUTPUT,
            unit=unit,
            scale=(),
            target=5,
            target_day=None,
            values=((TODAY - timedelta(days=9), 3), (TODAY, 4)),
            source="",
            quality="",
        )
        picture = indicator_picture(one, words)
        assert picture is not None
        assert re.findall(r">([^<]+)</text>", picture)[:2] == beside
        assert f"4 {unit}; Mål: 5 {unit}" in picture
