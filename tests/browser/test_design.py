"""Every page, drawn from sample views, holds together on a desktop and on a phone, and axe-core
finds nothing serious on it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Page,
    expect,
)

from api.door.needs import NEEDS
from api.door.visitor import VISITOR
from api.pages.frame.body_pace import BodyPace
from api.pages.frame.frame import install_frame
from api.pages.frame.render import page
from api.pages.routes import VOCABULARY
from tests.browser.conftest import SIZES, picture, visit, visitors_of
from tests.browser.hands import HANDS
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

#: What sticks out, and how wide the page is, when each name that people chose is one word of 60
#: characters, as German and Danish ones may be. The page is afterwards as before.
WITH_LONG_WORDS = f"""
(names) => {{
  const before = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {{
    const node = walker.currentNode;
    if (node.parentElement.closest("script, svg, .map")) continue;
    const lengthen = (text, name) => text.replaceAll(name, "Ladestander".repeat(6));
    const long = names.reduce(lengthen, node.data);
    if (long === node.data) continue;
    before.push([node, node.data]);
    node.data = long;
  }}
  const found = [document.documentElement.scrollWidth, {STICKING_OUT.strip()}];
  for (const [node, text] of before) node.data = text;
  return found;
}}
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

#: What unfolds on a phone.
FOLDED = ".folding > :not(h2, .fold, .sr-only), .folding-rows .beyond"

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

#: The words of at most 16 letters and digits, which always have room on a line of their own, that
#: stand on two lines. A heading parts its words between syllables, and a command at its signs.
BROKEN_WORDS = r"""
(() => {
  const broken = [];
  const lines = (range) => {
    const rects = [...range.getClientRects()].filter((r) => r.width > 0);
    return new Set(rects.map((r) => Math.round(r.top / 6))).size;
  };
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const around = node.parentElement;
    if (!node.data.trim() || !around.checkVisibility()) continue;
    if (around.closest("script, svg, .map, .sr-only, code, option, h1, h2, h3, h4")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    if (lines(range) < 2) continue;
    for (const found of node.data.matchAll(/[\p{L}\p{N}.,%]+/gu)) {
      if (found[0].length > 16) continue;
      range.setStart(node, found.index);
      range.setEnd(node, found.index + found[0].length);
      if (lines(range) > 1) broken.push(`${found[0]} in ${around.outerHTML.slice(0, 100)}`);
    }
  }
  return broken;
})()
"""

#: The sections that are folded on a phone, with nothing that unfolds them.
UNREACHABLE = """
[...document.querySelectorAll(".folding")]
  .filter((e) => !e.querySelector(":scope > .fold"))
  .map((e) => e.outerHTML.slice(0, 100))
"""

#: The texts of tables that stand on another text.
COVERED = """
(() => {
  const lines = [];
  for (const table of document.querySelectorAll("main table")) {
    const walker = document.createTreeWalker(table, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const around = node.parentElement;
      if (!node.data.trim() || around.closest(".sr-only, svg, .heat")) continue;
      if (!around.checkVisibility({ visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const r of range.getClientRects()) if (r.width > 3) lines.push([r, node.data.trim()]);
    }
  }
  lines.sort(([a], [b]) => a.top - b.top);
  return lines.flatMap(([a, text], at) => {
    const covers = [];
    for (const [b, other] of lines.slice(at + 1)) {
      if (b.top > a.bottom) break;
      const high = Math.min(a.bottom, b.bottom) - b.top;
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      if (wide > 3 && high > 0.4 * Math.min(a.height, b.height)) covers.push(`${text} / ${other}`);
    }
    return covers;
  });
})()
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
  "unreachable": {UNREACHABLE.strip()},
  "covered": {COVERED.strip()},
}}))
"""
WELL_LAID_OUT: dict[str, list[str]] = {
    "sticking out": [],
    "overlapping": [],
    "touching": [],
    "too high": [],
    "unreachable": [],
    "covered": [],
}

#: What axe-core finds that keeps people out or is hard for them. It is not asked for what each of
#: its rules would find to be less than that. No page has a frame in it, and no rule that is asked
#: reads the styles by itself. What stands around the content is the same on most pages, but for
#: where its links lead: axe-core looks once at each, under the same styles. The one rule that it
#: then leaves out is that the content can be skipped to, by the link that stands around it.
SERIOUS = """
(() => {
const around = [...document.querySelectorAll("body > :not(#main-content)")];
const look = JSON.stringify([
  document.documentElement.lang, [...document.styleSheets].map((one) => one.href),
  around.map((one) => one.outerHTML.replace(/ href="[^"]*"/g, " href")),
]);
const isKnown = sessionStorage.getItem(look) !== null && document.querySelector("#main-content");
return axe.run(isKnown ? { exclude: around } : document, {
  resultTypes: ["violations"], iframes: false, preload: false, selectors: false,
  rules: Object.fromEntries(
    axe._audit.rules
      .filter((rule) => ["minor", "moderate"].includes(rule.impact))
      .map((rule) => [rule.id, { enabled: false }])
  ),
}).then(({ violations }) => {
  const found = violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}`));
  if (!found.length) sessionStorage.setItem(look, "");
  // Nobody looks at the page in the windows that come: that it is not drawn saves as much time.
  document.documentElement.style.opacity = 0;
  return found;
});
})()
"""

#: One page of each template. The others of it have the same scripts and styles.
OF_EACH_TEMPLATE = list({view.template: name for name, view in reversed(PAGES.items())}.values())


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
    """The browsers of visitors. That of a phone has axe-core in every page; what shifts is
    noted."""
    visitors = await visitors_of(chromium, address)
    axe = await asyncio.to_thread(node_packages) / "axe-core" / "axe.min.js"
    await visitors["phone"].add_init_script(path=axe)
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


async def map_is_drawn(tab: Page) -> None:
    """Wait for the map of a page that has one: a visit that ends before lets the map's worker fail,
    and the next visit is told of it."""
    if await tab.locator("#map").count():
        await tab.locator("#map[data-ready]").wait_for()


@pytest.fixture(scope="session")
async def windows(visitors: Visitors) -> CDPSession:
    """What turns the tab of the phone into a window of a desktop, and back."""
    return await visitors["phone"].new_cdp_session(visitors["phone"].pages[0])


async def turn_to(windows: CDPSession, width: int, height: int, *, phone: bool = False) -> None:
    """The same page in a window of another device."""
    touch = {"enabled": phone, **({"maxTouchPoints": 1} if phone else {})}
    await windows.send("Emulation.setTouchEmulationEnabled", touch)
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
    if phone:
        metrics |= {"screenWidth": width, "screenHeight": height}
    await windows.send("Emulation.setDeviceMetricsOverride", metrics)


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_fits_its_screens_is_accessible_and_nothing_goes_wrong_in_the_browser(
    visitors: Visitors, windows: CDPSession, name: str
):
    """Loaded on a phone; then in the windows of a desktop and a laptop, to which its styles fit
    it."""
    (width, height), phone = SIZES["desktop"], SIZES["phone"]
    async with visiting(visitors["phone"]) as (tab, wrong):
        await tab.goto(name)
        await map_is_drawn(tab)
        assert await tab.evaluate(LAYOUT) == {**WELL_LAID_OUT, "width": phone[0]}
        assert await tab.evaluate("window.shifted") < SHIFT_MAX
        assert await tab.evaluate(BROKEN_WORDS) == []
        assert await tab.evaluate(WITH_LONG_WORDS, NAMES) == [phone[0], []]
        try:
            await turn_to(windows, width, height)
            assert await tab.evaluate(LAYOUT) == {**WELL_LAID_OUT, "width": width}
            assert await tab.evaluate(SERIOUS) == []
            await turn_to(windows, LAPTOP_WIDTH, height)
            assert await tab.evaluate("innerWidth") == LAPTOP_WIDTH
            assert await tab.evaluate(STICKING_OUT) == []
            assert wrong == []
        finally:
            await turn_to(windows, *phone, phone=True)


@pytest.mark.parametrize("name", OF_EACH_TEMPLATE)
async def test_a_page_is_loaded_on_a_desktop_and_nothing_goes_wrong(visitors: Visitors, name: str):
    async with visiting(visitors["desktop"]) as (tab, wrong):
        await tab.goto(name)
        await map_is_drawn(tab)
        assert await tab.evaluate(LAYOUT) == {**WELL_LAID_OUT, "width": SIZES["desktop"][0]}
        assert await tab.evaluate("window.shifted") < SHIFT_MAX
        assert wrong == []


@pytest.mark.parametrize(
    "name",
    [
        *(
            "assumptions",
            "catalogue",
            "curve",
            "evaluation",
            "interface",
            "kind",
            "ledger-many",
            "proposal-replace",
        ),
        *("report-long", "report-transition", "round-basis", "use", "zones"),
    ],
)
async def test_a_long_page_is_folded_on_a_phone_and_whole_on_paper(visitors: Visitors, name: str):
    async with visiting(visitors["phone"]) as (tab, wrong):
        await tab.goto(name)
        await tab.evaluate("document.fonts.ready")
        await picture(tab, f"design-{name}-folded")
        screens = await tab.evaluate("document.documentElement.scrollHeight / innerHeight")
        assert screens <= FOLDED_SCREENS_MAX
        hidden = tab.locator(FOLDED)
        count = await hidden.count()
        assert count > 0
        await expect(tab.locator(FOLDED).locator("visible=true")).to_have_count(0)
        for fold in await tab.locator(".fold summary").all():
            await fold.click()
        await expect(tab.locator(FOLDED).locator("visible=true")).to_have_count(count)
        assert await tab.evaluate(STICKING_OUT) == []
        for fold in await tab.locator(".fold summary").all():
            await fold.click()
        await tab.emulate_media(media="print")
        await expect(tab.locator(".fold:visible")).to_have_count(0)
        await expect(tab.locator(FOLDED).locator("visible=true")).to_have_count(count)
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
        await HANDS.press(tab.locator("header").get_by_role("link", name="English"))
        await expect(tab).to_have_url("plan")
        await expect(tab.locator("html")).to_have_attribute("lang", "en")
        await tab.goto("intake")
        await expect(tab.get_by_role("heading", level=1)).to_have_text("Intake")
        await expect(tab.locator(".more-button")).to_have_text("More")


async def test_a_trip_is_picked_and_let_go_with_the_keyboard_and_shown_on_the_map(
    visitors: Visitors,
):
    async with visiting(visitors["desktop"]) as (tab, wrong):
        await tab.goto("vehicle")
        await map_is_drawn(tab)
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
