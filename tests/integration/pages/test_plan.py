"""The plan on its pages: what is late and what is next, what is changed, and by whom."""

import re
from collections.abc import AsyncGenerator
from datetime import datetime

import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.localtime import LOCAL_ZONE
from tests.factories.access import TESTER
from tests.factories.serving import Client, client_of
from tracker.content import InitiativeContent, MilestoneContent, ProgrammeContent
from tracker.plan import MilestoneStatus, change_milestone, load_programme, milestone, milestones

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
        await change_milestone(pool, Actor.trusted("MB"), "done", MilestoneStatus.DONE, "")
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
    assert plan.count("Forsinket") == 1
    assert "Forsinket Ikke startet Det gamle" in plan
    await change_milestone(pool, Actor.trusted("MB"), "old", MilestoneStatus.DONE, "")
    for path in ("/", "/plan", "/plan/milestones/old"):
        assert "Forsinket" not in words((await client.get(path))[1])


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


async def test_loading_a_programme_again_keeps_what_people_said(client: Client, pool: Pool) -> None:
    await load_programme(pool, PROGRAMME)
    status = {one.milestone_id: one.status for one in await milestones(pool)}
    assert status["done"] is MilestoneStatus.DONE
    with pytest.raises(KeyError):
        await change_milestone(pool, Actor.trusted("MB"), "nothing", MilestoneStatus.DONE, "")
    with pytest.raises(KeyError):
        await milestone(pool, "nothing")
