"""The pages on a running server with a pilot's data, in a real Chromium, at two sizes.

Every page is also saved as a picture in `screenshots/`, to be looked at, where that folder is.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from api.jobs import jobs_app, queue_round
from api.server import RunningServer, running_server
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from ingest.gate.known_devices import MISS_AGE_MAX_S
from optimiser.rounds.requests import request_round
from register.contact import Contact
from register.devices import enrol_device
from register.keys import new_gateway_key
from simulators.replay import ReplayTarget, read_log, replay
from tests.browser.conftest import SIZES, picture, visit, visitors_of
from tests.browser.hands import HANDS
from tests.conftest import empty_tables
from tests.factories.access import TESTER, Visitor, visitor
from tests.factories.actors import SOMEBODY
from tests.factories.pilot import load_pilot
from tests.factories.rounds import FEW_STUDIES
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.shipped import load_programme
from trips.use.fleet_use import data_period

PAGES = {
    "overview": "/",
    "vehicles": "/vehicles",
    "vehicle": "/vehicles/raadhuset-01",
    "zones": "/zones",
    "year": "/vehicles/raadhuset-01/year",
    "use": "/use",
    "municipality": "/municipality?year=2026",
    "proposals": "/proposals",
    "proposal": "/proposals/1",
    "curve": "/proposals/curve",
    "depots": "/proposals/depots",
    "rounds": "/proposals/rounds",
    "report": "/proposals/report",
    "round-basis": "/proposals/rounds/1",
    "assumptions": "/assumptions",
    "catalogue": "/catalogue",
    "capabilities": "/capabilities",
    "plan": "/plan",
    "milestone": "/plan/milestones/chips",
    "intake": "/intake",
    "live": "/intake/live",
    "trackers": "/intake/trackers",
}


@dataclass(frozen=True)
class Site:
    """A running server with a pilot, its trips, a round of proposals and some quarantine."""

    server: RunningServer
    pool: Pool


@pytest.fixture(scope="module")
async def site(
    shared_pool: Pool, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Site]:
    directory = tmp_path_factory.mktemp("site")
    free = {"port": 0, "osmand_port": 0, "teltonika_port": 0}
    settings = Settings.model_validate({"data_dir": directory} | free | FEW_STUDIES)
    await empty_tables(shared_pool)
    now = datetime.now(UTC)
    start = now.date() - timedelta(days=13)
    await load_pilot(shared_pool, directory / "pilot", start=start, weeks=2, vehicles=30, until=now)
    await load_programme(shared_pool, read_programme(FLEET_PROGRAMME))
    async with running_server(settings, database_url) as server:
        await _round(shared_pool, database_url, settings)
        await _some_quarantine(server, directory)
        yield Site(server, shared_pool)


async def _round(pool: Pool, database_url: str, settings: Settings) -> None:
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    async with jobs_app(database_url, pool, settings) as jobs:
        await queue_round(jobs, await request_round(pool, Actor.trusted("Test"), period))
    for _ in range(600):
        row = await pool.fetchrow("SELECT state, detail FROM round")
        assert row is not None
        if row["state"] == "done":
            return
        assert row["state"] != "failed", row["detail"]
        await pool.execute("SELECT pg_sleep(0.1)")
    pytest.fail("the round was not answered within a minute")


async def _some_quarantine(server: RunningServer, directory: Path) -> None:
    log = directory / "stranger.csv"
    rows = [f"stranger,2026-11-20T10:0{i}:00Z,55.77,12.50" for i in range(5)]
    log.write_text("device,ts,lat,lon\n" + "\n".join(rows) + "\n")
    key = await new_gateway_key(server.pool, SOMEBODY, "test")
    done = await replay(read_log(log), ReplayTarget(url=server.url, key=key), directory / "state")
    assert done.quarantined == 5


@pytest.fixture(scope="module")
async def visitors(chromium: Browser, site: Site) -> dict[str, BrowserContext]:
    return await visitors_of(chromium, site.server.url)


@pytest.fixture(scope="module")
async def tester(site: Site) -> Visitor:
    return await visitor(site.pool)


@pytest.fixture
async def page(
    request: pytest.FixtureRequest,
    visitors: dict[str, BrowserContext],
    site: Site,
    tester: Visitor,
) -> AsyncGenerator[Page]:
    """A page in which no script may fail, on a phone unless a test asks for another size."""
    size: str = getattr(request, "param", "phone")
    browser = visitors[size]
    await tester.sit_at(browser, site.server.url)
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(message.text)

    noting = {"console": note, "pageerror": lambda error: problems.append(str(error))}
    async with visit(browser, noting) as page:
        yield page
    assert [p for p in problems if "422" not in p and "404" not in p] == []


async def test_the_report_fits_the_width_of_an_a4_page(page: Page) -> None:
    """What is wider than the paper less its margins would be cut off in print."""
    paper = await page.context.new_page()
    await paper.emulate_media(media="print")
    await paper.set_viewport_size({"width": 680, "height": 1000})
    await paper.goto("/proposals/report")
    assert await paper.evaluate("document.documentElement.scrollWidth") <= 680
    assert await paper.locator(".report .appendix table").count() > 5
    assert not await paper.locator(".navigation-menu").first.is_visible()
    await paper.close()


@pytest.mark.parametrize("page", SIZES, indirect=True)
@pytest.mark.parametrize("name", PAGES)
async def test_every_page_fits_its_screen_and_is_pictured(
    page: Page, request: pytest.FixtureRequest, name: str
) -> None:
    answer = await page.goto(PAGES[name])
    assert answer is not None
    assert answer.status == 200
    await expect(page.locator("h1")).to_be_visible()
    if name == "vehicle":
        await expect(page.locator("#map")).to_have_attribute("data-ready", "true")
    await picture(page, f"{name}-{request.node.callspec.params['page']}")
    wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0


async def test_the_overview_shows_the_fleet_and_the_saving(page: Page, site: Site) -> None:
    await page.goto("/")
    await expect(page.get_by_role("heading", name="Overblik", level=1)).to_be_visible()
    saving = await site.pool.fetchval(
        "SELECT (summary->'baseline'->>'cost_kr_year')::float"
        " - (summary->'proposed'->>'cost_kr_year')::float FROM round"
    )
    shown = f"{saving:,.0f}".replace(",", ".")
    await expect(page.get_by_text(f"{shown} kr.").first).to_be_visible()
    await expect(page.get_by_text("Det er bevist").first).to_be_visible()


async def test_english_is_behind_a_switch_and_stays(page: Page) -> None:
    await page.goto("/vehicles")
    await HANDS.press(page.get_by_role("contentinfo").get_by_role("link", name="English"))
    await expect(page.get_by_role("heading", name="Vehicles", level=1)).to_be_visible()
    await page.goto("/plan")
    await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_a_proposal_is_rejected_with_a_comment_and_the_decision_is_kept(
    page: Page, site: Site
) -> None:
    await page.goto("/proposals/1")
    await page.get_by_text("Afvis forslaget").click()
    await HANDS.press(page.get_by_role("button", name="Gem beslutningen"))
    # Refused: each field says why, in Danish.
    await expect(page.get_by_text("Skriv, hvorfor forslaget afvises").first).to_be_visible()
    assert await site.pool.fetchval("SELECT count(*) FROM decision") in (0, 1)
    await page.get_by_label("Kommentar").fill("Vi venter på den nye aftale")
    await HANDS.press(page.get_by_role("button", name="Gem beslutningen"))
    await expect(page.get_by_text("Vi venter på den nye aftale").first).to_be_visible()
    row = await site.pool.fetchrow("SELECT * FROM decision ORDER BY change_id DESC LIMIT 1")
    assert row is not None
    assert (row["verdict"], row["actor"]) == ("rejected", TESTER)


async def test_a_milestone_gets_a_status_and_a_note(page: Page, site: Site) -> None:
    await page.goto("/plan")
    await HANDS.press(page.get_by_role("link", name="Chips sat i pilotens køretøjer").first)
    await page.get_by_label("Færdig", exact=True).check(force=True)
    await page.get_by_role("textbox", name="Note").fill("60 køretøjer har fået chip")
    await HANDS.press(page.get_by_role("button", name="Gem"))
    await expect(page.get_by_text("60 køretøjer har fået chip").first).to_be_visible()
    assert (
        await site.pool.fetchval("SELECT status FROM milestone WHERE milestone_id = 'chips'")
        == "done"
    )


async def test_the_plan_has_two_three_one_and_three_milestones(page: Page) -> None:
    await page.goto("/plan")
    text = await page.locator("main").inner_text()
    for title in (
        *("Dialog med markedet", "Indkøb af værktøj til flådestyring"),
        *("Chips sat i", "Data samlet ind", "Flådeenhed udpeget"),
        "Første runde forslag",
        *("Anden runde forslag", "Piloten evalueret", "Plan for udrulning"),
    ):
        assert title in text


async def test_quarantined_telemetry_is_released_after_enrolment(page: Page, site: Site) -> None:
    await site.pool.execute("UPDATE quarantine SET released_at = NULL")
    await site.pool.execute("DELETE FROM position WHERE device = 'stranger'")
    await enrol_device(site.pool, SOMEBODY, "stranger")
    await page.goto("/intake")
    await HANDS.press(page.get_by_role("button", name="Frigiv").first)
    await expect(page.get_by_text("Beskederne er læst igen").first).to_be_visible()
    count = "SELECT count(*) FROM position WHERE device = 'stranger'"
    assert await site.pool.fetchval(count) == 5


async def test_the_list_of_last_pings_keeps_itself_current(page: Page, site: Site) -> None:
    device = "fresh"
    await enrol_device(site.pool, SOMEBODY, device)
    await page.goto(f"/intake/live?show={Contact.NEVER}")
    row = page.get_by_role("row").filter(has_text=device)
    await expect(row.get_by_text("Aldrig hørt")).to_be_visible()
    position = {"device": device, "ts": datetime.now(UTC).timestamp(), "lat": 55.77, "lon": 12.5}
    key = await new_gateway_key(site.pool, SOMEBODY, "live")
    await asyncio.sleep(MISS_AGE_MAX_S)  # for so long a server may believe that it is none
    answer = await page.request.post(
        "/v1/positions", data=position, headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status == 200
    await expect(row).to_have_count(0)


async def test_a_trip_is_chosen_in_the_list_beside_the_map(page: Page) -> None:
    await page.goto("/vehicles/raadhuset-01")
    await expect(page.locator("#map")).to_have_attribute("data-ready", "true")
    trip = page.locator("[data-pick]").first
    await trip.click()
    await expect(trip).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(
    "path", ["/nothing", "/vehicles/nothing", "/proposals/999", "/proposals/x"]
)
async def test_what_is_not_there_is_a_danish_page_with_404(page: Page, path: str) -> None:
    answer = await page.goto(path)
    assert answer is not None
    assert answer.status == 404
    await expect(page.locator("html")).to_have_attribute("lang", "da")
    await expect(page.get_by_role("link", name="Overblik").first).to_be_attached()
