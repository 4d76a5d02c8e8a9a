"""Every page, drawn from sample views, holds together on a desktop and on a phone, and axe-core
finds nothing serious on it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from api.door.needs import NEEDS
from api.door.visitor import VISITOR
from api.pages.frame.body_pace import BodyPace
from api.pages.frame.frame import install_frame
from api.pages.frame.render import page
from api.pages.routes import VOCABULARY
from tests.browser.conftest import SIZES, picture, visit, visitors_of
from tests.factories.actors import SOMEBODY
from tests.factories.node_packages import node_packages
from tests.factories.page_visits import LIST_HEIGHT_MAX_PX, NOTE_SHIFTS, SHIFT_MAX
from tests.samples.pages import NEEDS_OF_PAGES, PAGES
from tests.samples.places import CAR, ROADS, SILENT, TOWN_HALL

Visitors = dict[str, BrowserContext]

#: What Chromium says of a map that is drawn without a graphics card.
MAP_IN_SOFTWARE = "GPU stall due to ReadPixels"

#: What sticks out of the page to the right; the map moves its own content about, and a wide table
#: and a command are scrolled by themselves.
STICKING_OUT = """
[...document.querySelectorAll("body *")]
  .filter((e) => e.checkVisibility() && !e.closest(".map, .mobile-drawer, .wide-table, .command"))
  .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((e) => e.outerHTML.slice(0, 100))
"""

#: Each name that people chose becomes one word of 60 characters, as German and Danish ones may be.
LONG_WORDS = """
(names) => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest("script, svg, .map")) continue;
    for (const name of names) node.data = node.data.replaceAll(name, "Ladestander".repeat(6));
  }
}
"""
#: The narrowest window in which a desktop's tables are not cards.
LAPTOP_WIDTH = 1024

NAMES = [
    CAR.name,
    SILENT.name,
    TOWN_HALL.name,
    ROADS.name,
    "Vej og Park",
    "Center for Trafik, Miljø og Bæredygtighed",
    "Fællesadministrationen",
    "Varebil, diesel",
    "Elbil, lille",
]

#: The lists that are higher than people read through on a phone.
TOO_HIGH = f"""
[...document.querySelectorAll("main table, main ul, main ol")]
  .filter((e) => !e.closest(".report") && e.getBoundingClientRect().height > {LIST_HEIGHT_MAX_PX})
  .map((e) => e.outerHTML.slice(0, 100))
"""

#: The screens of a phone through which people get of a page that unfolds.
FOLDED_SCREENS_MAX = 6

#: Pairs of neighbours in the flow whose boxes overlap.
OVERLAPPING = """
[...document.querySelectorAll("main *")].flatMap((e) => {
  const next = e.nextElementSibling;
  if (!next || !e.checkVisibility() || !next.checkVisibility() || e.closest(".map, svg")) return [];
  if ([e, next].some((x) => getComputedStyle(x).position === "absolute")) return [];
  if (![e, next].every((x) => getComputedStyle(x).display.match(/block|flex|grid/))) return [];
  const [a, b] = [e.getBoundingClientRect(), next.getBoundingClientRect()];
  const both = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1 &&
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1;
  return both ? [e.outerHTML.slice(0, 100)] : [];
})
"""


#: Pairs of boxes, one below the other, without room between them.
TOUCHING = """
[...document.querySelectorAll("main > *, main > form > *")].flatMap((e) => {
  const isBox = (x) => x?.checkVisibility() && getComputedStyle(x).borderTopWidth !== "0px";
  const next = e.nextElementSibling;
  if (!isBox(e) || !isBox(next)) return [];
  const gap = next.getBoundingClientRect().top - e.getBoundingClientRect().bottom;
  return Math.abs(gap) < 8 ? [e.outerHTML.slice(0, 100)] : [];
})
"""

#: What is wrong with how a page is laid out; asked at once, since each question takes longer to ask
#: than to answer.
LAYOUT = f"""
document.fonts.ready.then(() => ({{
  "width": document.documentElement.scrollWidth,
  "sticking out": {STICKING_OUT.strip()},
  "overlapping": {OVERLAPPING.strip()},
  "touching": {TOUCHING.strip()},
  "too high": {TOO_HIGH.strip()},
}}))
"""
WELL_LAID_OUT: dict[str, list[str]] = {
    "sticking out": [],
    "overlapping": [],
    "touching": [],
    "too high": [],
}

#: What axe-core finds that keeps people out or is hard for them. No page has a frame in it, and no
#: rule that is asked reads the styles by itself.
SERIOUS = """
axe.run(document, {
  resultTypes: ["violations"], iframes: false, preload: false, selectors: false
}).then(({ violations }) => violations
  .filter((one) => ["serious", "critical"].includes(one.impact))
  .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}`)))
"""


@pytest.fixture(scope="session")
async def address() -> AsyncGenerator[str]:
    """A server of the sample pages, each under its name."""

    async def show(request: web.Request) -> web.StreamResponse:
        request[VISITOR] = SOMEBODY
        answer = page(request, PAGES[request.match_info["name"]])
        # A page that goes on by itself stays here to be looked at.
        answer.text = (answer.text or "").replace('http-equiv="refresh"', 'name="refresh"')
        return answer

    app = web.Application()
    app[NEEDS] = dict(NEEDS_OF_PAGES)

    async def answers() -> bool:
        return True

    install_frame(
        app,
        VOCABULARY,
        municipality="Lyngby-Taarbæk Kommune",
        names=(),
        own_tls=False,
        tiles_url=None,
        wait_max_s=30,
        pace=BodyPace(10.0, 0.0),
        database_answers=answers,
    )
    app.router.add_get("/{name}", show)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


@pytest.fixture(scope="session")
async def visitors(chromium: Browser, address: str) -> Visitors:
    """The browsers of visitors. That of a desktop has axe-core in every page; what shifts is
    noted."""
    visitors = await visitors_of(chromium, address)
    axe = await asyncio.to_thread(node_packages) / "axe-core" / "axe.min.js"
    await visitors["desktop"].add_init_script(path=axe)
    for visitor in visitors.values():
        await visitor.add_init_script(NOTE_SHIFTS)
    return visitors


@asynccontextmanager
async def visiting(visitor: BrowserContext) -> AsyncGenerator[tuple[Page, list[str]]]:
    """The tab of a visitor, and what goes wrong in it."""
    wrong: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and MAP_IN_SOFTWARE not in message.text:
            wrong.append(message.text)

    noting = {
        "console": note,
        "pageerror": lambda error: wrong.append(str(error)),
        "requestfailed": lambda request: wrong.append(request.url),
    }
    async with visit(visitor, noting) as tab:
        yield tab, wrong


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
async def test_a_page_fits_its_screen_is_accessible_and_nothing_goes_wrong_in_the_browser(
    visitors: Visitors, name: str, size: str
):
    async with visiting(visitors[size]) as (tab, wrong):
        await tab.goto(name)
        if name == "vehicle":
            await tab.locator("#map[data-ready]").wait_for()
        assert await tab.evaluate(LAYOUT) == {**WELL_LAID_OUT, "width": SIZES[size][0]}
        assert wrong == []
        assert await tab.evaluate("window.shifted") < SHIFT_MAX
        if size == "desktop":
            assert await tab.evaluate(SERIOUS) == []
            await tab.set_viewport_size({"width": LAPTOP_WIDTH, "height": SIZES[size][1]})
            sticking_out = await tab.evaluate(STICKING_OUT)
            await tab.set_viewport_size({"width": SIZES[size][0], "height": SIZES[size][1]})
            assert sticking_out == []
        else:
            await tab.evaluate(LONG_WORDS, NAMES)
            assert await tab.evaluate("document.documentElement.scrollWidth") == SIZES[size][0]
            assert await tab.evaluate(STICKING_OUT) == []


@pytest.mark.parametrize("name", ["assumptions", "report-long", "round-basis"])
async def test_a_long_page_is_folded_on_a_phone_and_whole_on_paper(visitors: Visitors, name: str):
    async with visiting(visitors["phone"]) as (tab, wrong):
        await tab.goto(name)
        await tab.evaluate("document.fonts.ready")
        await picture(tab, f"design-{name}-folded")
        screens = await tab.evaluate("document.documentElement.scrollHeight / innerHeight")
        assert screens <= FOLDED_SCREENS_MAX
        hidden = tab.locator(".folding table, .folding-rows .beyond")
        count = await hidden.count()
        assert count > 5
        await expect(
            tab.locator(".folding table:visible, .folding-rows .beyond:visible")
        ).to_have_count(0)
        for fold in await tab.locator(".fold summary").all():
            await fold.click()
        await expect(
            tab.locator(".folding table:visible, .folding-rows .beyond:visible")
        ).to_have_count(count)
        assert await tab.evaluate(STICKING_OUT) == []
        for fold in await tab.locator(".fold summary").all():
            await fold.click()
        await tab.emulate_media(media="print")
        await expect(tab.locator(".fold:visible")).to_have_count(0)
        await expect(
            tab.locator(".folding table:visible, .folding-rows .beyond:visible")
        ).to_have_count(count)
        await tab.emulate_media(media="screen")
        assert wrong == []


async def test_the_menu_on_a_phone_opens_takes_the_focus_and_closes(visitors: Visitors):
    async with visiting(visitors["phone"]) as (tab, wrong):
        await tab.goto("overview")
        link = tab.locator(".mobile-drawer").get_by_role("link", name="Forslag")
        await expect(link).to_be_hidden()
        await tab.get_by_role("button", name="Menu").click()
        await expect(link).to_be_visible()
        await expect(tab.get_by_role("button", name="Luk")).to_be_focused()
        await picture(tab, "design-menu-phone", full_page=False)
        await tab.keyboard.press("Escape")
        await expect(link).to_be_hidden()
        assert wrong == []


async def test_the_first_stop_of_the_keyboard_skips_to_the_content(visitors: Visitors):
    async with visiting(visitors["desktop"]) as (tab, _):
        await tab.goto("overview")
        await tab.keyboard.press("Tab")
        await expect(tab.get_by_role("link", name="Gå til sidens indhold")).to_be_focused()
        await tab.keyboard.press("Enter")
        await expect(tab.locator("main")).to_be_focused()


async def test_the_language_switch_turns_the_page_and_stays(visitors: Visitors):
    async with visiting(visitors["desktop"]) as (tab, _):
        await tab.goto("plan")
        await tab.locator("header").get_by_role("link", name="English").click()
        await expect(tab).to_have_url("plan")
        await expect(tab.locator("html")).to_have_attribute("lang", "en")
        await tab.goto("intake")
        await expect(tab.get_by_role("heading", level=1)).to_have_text("Intake")


async def test_a_trip_is_picked_and_let_go_with_the_keyboard_and_shown_on_the_map(
    visitors: Visitors,
):
    async with visiting(visitors["desktop"]) as (tab, wrong):
        await tab.goto("vehicle")
        await tab.locator("#map[data-ready]").wait_for()
        pick = tab.locator("[data-pick='1']")
        await pick.focus()
        await tab.keyboard.press("Enter")
        await expect(pick).to_have_attribute("aria-pressed", "true")
        await expect(tab.locator(".map-end")).to_have_text(["Start", "Slut"])
        await picture(tab, "design-vehicle-picked")
        await tab.keyboard.press("Enter")
        await expect(pick).to_have_attribute("aria-pressed", "false")
        await expect(tab.locator(".map-end")).to_have_count(0)
        assert wrong == []


async def test_a_browser_that_cannot_draw_maps_says_so_and_keeps_the_table(visitors: Visitors):
    tab = await visitors["desktop"].new_page()
    await tab.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    await tab.goto("vehicle")
    await expect(tab.locator(".map-failed")).to_be_visible()
    await expect(tab.locator("#map")).to_be_hidden()
    await expect(tab.locator("tr[data-trip]")).to_have_count(6)
    await tab.close()
