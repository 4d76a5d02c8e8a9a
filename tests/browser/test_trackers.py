"""A phone from its enrolment to its first position, in a real Chromium, without a terminal."""

import re
from collections.abc import AsyncGenerator
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from playwright.async_api import Browser, Page, expect

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from tests.browser.conftest import visitor_of
from tests.browser.hands import HANDS
from tests.conftest import free_port
from tests.factories.access import visitor
from tests.factories.vehicles import put_cars


@pytest.fixture
async def page(
    chromium: Browser, pool: Pool, settings: Settings, database_url: str
) -> AsyncGenerator[Page]:
    """The page of trackers on a phone, of a fleet of one vehicle that has none."""
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1")
    ports = {"port": 0, "osmand_port": free_port(), "teltonika_port": 0}
    parts = ServerRole.INGEST, ServerRole.API
    async with running_server(settings.model_copy(update=ports), database_url, parts) as server:
        context = await visitor_of(chromium, server.url, "phone")
        await (await visitor(pool)).sit_at(context, server.url)
        [page] = context.pages
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        await page.goto("/intake/trackers")
        yield page
        await context.close()
        assert wrong == []


async def send(address: str, device: str, **more: str) -> int:
    """Send a position as the Traccar Client does; returns the status of the answer."""
    query = {"id": device, "lat": "55.77", "lon": "12.5", "timestamp": "1764000000"} | more
    async with aiohttp.ClientSession() as session, session.get(address, params=query) as answer:
        return answer.status


async def test_a_phone_is_enrolled_set_up_and_waited_for_until_its_first_position_came(
    page: Page, pool: Pool
) -> None:
    await page.get_by_label("IMEI-numre eller navne").fill("phone-1; V1")
    await HANDS.press(page.get_by_role("button", name="Tilmeld", exact=True))
    await HANDS.press(page.get_by_role("link", name="phone-1").first)
    # While somebody types what a vehicle is called, the server suggests those that are called so.
    field = page.get_by_label("Sidder i")
    await field.fill("")
    await field.press_sequentially("v")
    suggested = page.locator("#vehicle-found option")
    await expect(suggested).to_have_count(1)
    await expect(suggested).to_have_attribute("value", "V1")
    await expect(suggested).to_have_text("Home, phone-1")
    await HANDS.press(page.get_by_role("button", name="Lav en nøgle"))
    await expect(page.get_by_role("img", name="QR-kode")).to_be_visible()
    link = await page.get_by_role("link", name="Sæt Traccar Client op").get_attribute("href")
    assert link is not None
    [address] = parse_qs(urlsplit(link).query)["url"]
    heard = page.locator("#live")
    await expect(heard).to_contain_text("Siden venter på den første position")
    assert await send(address.partition("?")[0], "phone-1") == 401  # the key is forgotten
    await expect(heard).to_contain_text("Den sender, men alt er afvist indtil nu")
    await expect(heard.get_by_role("link", name="Lav en nøgle til den")).to_be_visible()
    # A server's other parts know a new key within seconds.
    assert await send(address, "phone-1", timestamp="1764000060") == 200
    await expect(heard).to_contain_text("Dens første position er fra")
    # The code is there still: only the part that waits was fetched again.
    await expect(page.get_by_role("img", name="QR-kode")).to_be_visible()
    assert re.search(r"\?key=[\w-]{43}", address)
    await page.reload()  # shows the tracker, and makes no other key
    await expect(page.get_by_role("button", name="Lav en nøgle")).to_be_visible()
    assert await pool.fetchval("SELECT count(*) FROM api_key WHERE device = 'phone-1'") == 1
    assert await pool.fetchval("SELECT count(*) FROM position WHERE device = 'phone-1'") == 1
