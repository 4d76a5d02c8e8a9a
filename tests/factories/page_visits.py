"""What a page costs who visits it in a real Chromium: bytes over the wire, how far it shifts while
it is drawn, and how high its lists are."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import BrowserContext, CDPSession, Page

#: The most that is asked of a page: bytes of a first visit, of one to a page with a map, and of a
#: later one; the sum of its layout shifts; the height of a list on a phone.
FIRST_BYTES_MAX, MAP_BYTES_MAX, LATER_BYTES_MAX = 600_000, 1_200_000, 60_000
SHIFT_MAX = 0.1
LIST_HEIGHT_MAX_PX = 6_000

#: Sums in `window.shifted` how far the page has shifted, from its first pixel on.
NOTE_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.shifted += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""

#: The height of the highest list; a report is to be printed, and no list to look something up in.
_HIGHEST_LIST = """
Math.max(0, ...[...document.querySelectorAll("main table, main ul, main ol")]
  .filter((e) => !e.closest(".report") && e.checkVisibility())
  .map((e) => e.getBoundingClientRect().height))
"""


@dataclass(frozen=True)
class PageVisit:
    """What one visit to a page cost."""

    wire_bytes: int
    shift: float
    list_height_px: float
    has_map: bool


class PageVisitor:
    """Visits pages in one tab, and counts what comes over the wire."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self.page = page
        self._session = session
        self._bytes = 0
        session.on("Network.loadingFinished", self._count)

    async def visit(self, path: str, *, first: bool = False) -> PageVisit:
        """Visit a page until it is drawn; `first`: as somebody who never was here."""
        if first:
            await self._session.send("Network.clearBrowserCache")
        self._bytes = 0
        answer = await self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        await self.page.evaluate("document.fonts.ready")
        has_map = await self.page.locator("#map").count() > 0
        if has_map:
            await self.page.locator("#map[data-ready]").wait_for()
        # What was drawn is told one frame later.
        await self.page.evaluate("new Promise((done) => setTimeout(done, 100))")
        return PageVisit(
            wire_bytes=self._bytes,
            shift=await self.page.evaluate("window.shifted"),
            list_height_px=await self.page.evaluate(_HIGHEST_LIST),
            has_map=has_map,
        )

    def _count(self, event: dict[str, Any]) -> None:
        self._bytes += int(event["encodedDataLength"])


@asynccontextmanager
async def page_visitor(context: BrowserContext) -> AsyncGenerator[PageVisitor]:
    """A visitor in the first tab of a browser."""
    [page] = context.pages
    await page.add_init_script(NOTE_SHIFTS)
    session = await context.new_cdp_session(page)
    await session.send("Network.enable")
    yield PageVisitor(page, session)
    await session.detach()
