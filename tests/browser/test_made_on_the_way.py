"""A list of vehicles at places and of kinds that nobody knows, taken in with a real Chromium: what
a new depot or kind is called is asked only where one is made, and nobody leaves the list for it."""

import re
from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from tests.browser.conftest import SIZES, picture, visitor_of
from tests.browser.hands import HANDS
from tests.factories.access import visitor
from tests.integration.pages.test_made_on_the_way import sixty

#: The link by which a depot that waits gets its place.
PLACE = re.compile("Giv det en plads.*Rådhuset")

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(params=SIZES)
async def page(
    request: pytest.FixtureRequest,
    chromium: Browser,
    pool: Pool,
    settings: Settings,
    database_url: str,
) -> AsyncGenerator[Page]:
    """A page of the given size of an empty system, in which no script may fail."""
    free = settings.model_copy(update={"port": 0})
    async with running_server(free, database_url, (ServerRole.API,)) as server:
        context = await visitor_of(chromium, server.url, request.param)
        await (await visitor(pool)).sit_at(context, server.url)
        [page] = context.pages
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.size = request.param  # pyright: ignore[reportAttributeAccessIssue]
        yield page
        await context.close()
        assert wrong == []


async def test_depots_and_kinds_are_made_without_leaving_the_list(page: Page, pool: Pool) -> None:
    size: str = page.size  # pyright: ignore
    await page.goto("/register/lists")
    content = FilePayload(name="flåde.xlsx", mimeType=EXCEL, buffer=sixty())
    await page.locator("#file").set_input_files(content)
    await HANDS.press(page.locator("main form button[type=submit]"))
    await HANDS.press(page.get_by_role("button", name="Gå videre"))
    await expect(page).to_have_url("/register/lists/1/values")
    # The depots of an empty system are made as they are called.
    await expect(page.locator("#name-depot-0")).to_be_visible()
    # A kind is not made unasked.
    kind = page.locator("#value-kind-0")
    await expect(page.locator("#name-kind-0")).to_be_hidden()
    for number, like in enumerate(("elvarebil-lille", "el-ladvogn")):
        await page.locator(f"#value-kind-{number}").select_option("/new")
        await expect(page.locator(f"#name-kind-{number}")).to_be_visible()
        await page.locator(f"#like-kind-{number}").select_option(like)
    await expect(kind).to_have_value("/new")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await picture(page, f"list-made-values-{size}")
    await HANDS.press(page.get_by_role("button", name="Gå videre"))
    await expect(page.get_by_role("heading", name="Det, der oprettes undervejs")).to_be_visible()
    await picture(page, f"list-made-preview-{size}")
    assert await pool.fetchval("SELECT count(*) FROM zone") == 0
    await HANDS.press(page.get_by_role("button", name="Indlæs 60 køretøjer"))
    await expect(page.get_by_text("Oprettede depoter, som venter på deres plads")).to_be_visible()
    await picture(page, f"list-made-outcome-{size}")
    await page.goto("/zones")
    await HANDS.press(page.get_by_role("link", name=PLACE))
    await expect(page.locator("#name")).to_have_value("Rådhuset")
    await picture(page, f"list-made-zones-{size}")
    await page.locator("#centre").fill("55.7701, 12.5012")
    await HANDS.press(page.get_by_role("button", name="Gem zonen"))
    await expect(page.get_by_role("link", name=PLACE)).to_have_count(0)
    assert await pool.fetchval("SELECT count(*) FROM zone WHERE lat IS NULL") == 1
