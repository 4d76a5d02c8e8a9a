"""Files handed over in a real Chromium: what a visitor sees while they are read, and of what."""

from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser, FilePayload, Page, Route, expect

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from tests.browser.conftest import SIZES, picture, visitor_of
from tests.browser.hands import HANDS
from tests.factories.access import visitor
from tests.factories.vehicles import put_cars

LOG = """Køretøj;Start;Slut;Km
V1;01-02-2024 08:00;11-02-2024 08:00;1.250
V1;31-03-2024 02:30;31-03-2024 05:00;12,5
V9;04-11-2024 08:00;04-11-2024 09:00;30
"""


@pytest.fixture(params=SIZES)
async def page(
    request: pytest.FixtureRequest,
    chromium: Browser,
    pool: Pool,
    settings: Settings,
    database_url: str,
) -> AsyncGenerator[Page]:
    """A page of the given size of a server with one vehicle, in which no script may fail."""
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1")
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


async def unanswered(route: Route) -> None:
    """The page stays as it is while it waits for its answer."""
    if route.request.method == "POST":
        await route.fulfill(status=204)
    else:
        await route.continue_()


async def test_a_form_says_that_its_file_is_read_and_cannot_be_sent_twice(page: Page) -> None:
    size: str = page.size  # pyright: ignore
    content = FilePayload(name="log.csv", mimeType="text/csv", buffer=LOG.encode())
    await page.route("**/logs", unanswered)
    await page.goto("/logs")
    await page.locator("#file").set_input_files(content)
    button = page.get_by_role("button", name="Videre til kolonnerne")
    await button.click()
    await expect(page.get_by_role("status")).to_have_text("Filen læses …")
    await expect(button).to_be_disabled()
    await picture(page, f"log-working-{size}")
    await page.unroute("**/logs")
    await page.goto("/logs")
    await page.locator("#file").set_input_files(content)
    await HANDS.press(button)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Kørebogens kolonner")
    await expect(page.locator("td[data-title=Km]").first).to_have_text("1.250")
    await expect(page.get_by_text("punktummet adskiller tusinder")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await picture(page, f"log-columns-{size}")
    await HANDS.press(page.get_by_role("button", name="Vis rækkerne igen"))
    await expect(page.get_by_role("button", name="Indlæs turene")).to_be_enabled()
    await page.go_back()
    await page.go_back()
    await expect(button).to_be_enabled()


async def test_the_form_of_zones_says_so_too(page: Page) -> None:
    await page.route("**/zones/file", unanswered)
    await page.goto("/zones")
    form = page.locator("form[action='/zones/file']")
    await form.locator("button").click()
    await expect(form.get_by_role("status")).to_have_text("Filen læses …")
    await expect(form.locator("button")).to_be_disabled()
