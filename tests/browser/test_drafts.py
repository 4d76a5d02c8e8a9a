"""What somebody typed into a long form is not lost when their session had ended meanwhile."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from tests.browser.conftest import visitor_of
from tests.browser.hands import HANDS
from tests.conftest import free_port
from tests.factories.accounts import PASSWORD, access_in_force, person
from tests.factories.vehicles import put_cars

TYPED = "Skal blive, til sneen er væk"
RESTORED = "udfyldt igen"


@dataclass(frozen=True)
class Tab:
    """A tab of a browser in which Materiel is signed in."""

    page: Page
    browser: BrowserContext
    pool: Pool

    async def sign_in(self, name: str) -> None:
        await self.page.get_by_label("Navn").fill(name)
        await self.page.get_by_label("Adgangskode").fill(PASSWORD)
        await HANDS.press(self.page.get_by_role("button", name="Log ind"))

    async def end_sessions(self) -> None:
        await self.pool.execute("UPDATE account_session SET seen_at = now() - interval '2 hours'")

    async def type_reason(self) -> None:
        """Type into the form of a vehicle's future."""
        await self.page.goto("/vehicles/v1/future")
        await self.page.get_by_label("bliver", exact=True).check()
        await self.page.locator("textarea[name=reason]").fill(TYPED)

    async def send(self) -> None:
        form = self.page.locator("main form")
        await HANDS.press(form.get_by_role("button", name="Gem"))

    async def kept(self) -> str | None:
        return await self.page.evaluate("sessionStorage.getItem('draft')")


@pytest.fixture
async def tab(
    chromium: Browser, pool: Pool, settings: Settings, database_url: str
) -> AsyncGenerator[Tab]:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1")
    ports = {"port": 0, "osmand_port": free_port(), "teltonika_port": 0}
    with access_in_force():
        await person(pool, "Materiel")
        await person(pool, "Regnskab")
        async with running_server(
            settings.model_copy(update=ports), database_url, (ServerRole.API,)
        ) as server:
            browser = await visitor_of(chromium, server.url, "desktop")
            [page] = browser.pages
            wrong: list[str] = []
            page.on("pageerror", lambda error: wrong.append(str(error)))
            made = Tab(page, browser, pool)
            await page.goto("/sign-in")
            await made.sign_in("Materiel")
            await expect(page.get_by_text("Materiel").first).to_be_visible()
            yield made
            await browser.close()
            assert wrong == []


async def test_the_form_comes_back_filled_after_sign_in(tab: Tab) -> None:
    await tab.type_reason()
    await tab.end_sessions()
    await tab.send()
    await expect(tab.page.get_by_role("heading", name="Log ind")).to_be_visible()
    await tab.sign_in("Materiel")
    await expect(tab.page).to_have_url("/vehicles/v1/future")
    await expect(tab.page.get_by_text(RESTORED)).to_be_visible()
    await expect(tab.page.locator("textarea[name=reason]")).to_have_value(TYPED)
    await expect(tab.page.get_by_label("bliver", exact=True)).to_be_checked()
    await tab.send()
    await expect(tab.page.get_by_text(TYPED)).to_be_visible()
    assert await tab.pool.fetchval("SELECT reason FROM vehicle_ruling") == TYPED
    assert await tab.kept() is None
    await tab.page.goto("/vehicles/v1/future")
    await expect(tab.page.get_by_text(RESTORED)).to_have_count(0)


async def test_who_else_signs_in_there_sees_nothing_of_it(tab: Tab) -> None:
    await tab.type_reason()
    await tab.end_sessions()
    await tab.send()
    await tab.sign_in("Regnskab")
    await expect(tab.page).to_have_url("/vehicles/v1/future")
    await expect(tab.page.locator("textarea[name=reason]")).to_have_value("")
    assert await tab.kept() is None
    assert TYPED not in await tab.page.content()


async def test_a_password_is_kept_nowhere(tab: Tab) -> None:
    await tab.page.goto("/account")
    for field in await tab.page.locator("main input[type=password]").all():
        await field.fill("a secret of many words")
    await tab.end_sessions()
    form = tab.page.locator("main form", has=tab.page.locator("input[type=password]"))
    await HANDS.press(form.get_by_role("button"))
    await expect(tab.page.get_by_role("heading", name="Log ind")).to_be_visible()
    assert "secret" not in str(await tab.kept())


async def test_what_is_older_than_half_an_hour_is_forgotten(tab: Tab) -> None:
    await tab.type_reason()
    await tab.end_sessions()
    await tab.send()
    await expect(tab.page.get_by_role("heading", name="Log ind")).to_be_visible()
    await tab.page.evaluate(
        "sessionStorage.setItem('draft', JSON.stringify({...JSON.parse("
        "sessionStorage.getItem('draft')), at: Date.now() - 31 * 60 * 1000}))"
    )
    await tab.sign_in("Materiel")
    await expect(tab.page).to_have_url("/vehicles/v1/future")
    await expect(tab.page.locator("textarea[name=reason]")).to_have_value("")
    assert await tab.kept() is None
