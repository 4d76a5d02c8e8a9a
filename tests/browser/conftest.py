"""A real Chromium (Debian's), kept from every network but this machine."""

import shutil
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

# A browser that draws maps without a graphics card beside other tests is slow: how long it takes to
# show something says nothing. What never comes fails all the same.
TIMEOUT_MS = 60_000
expect.set_options(timeout=TIMEOUT_MS)

#: Where pictures of pages go, for people to look at. Who wants them makes the folder: a picture of
#: a long page takes more of a processor than the page.
SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"

ARGUMENTS = [
    "--no-sandbox",  # tests may run as root
    "--use-angle=swiftshader",  # WebGL for the maps on a machine without a graphics card
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",  # without the card it costs twice the processor time
    # A page is left before its scripts are worth optimising: that takes a sixth of its time.
    "--js-flags=--no-opt --no-maglev --single-threaded-gc",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
async def chromium() -> AsyncGenerator[Browser]:
    """The browser; the test skips where there is none. The one that has no windows takes half the
    processor time."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium on this machine (apt-get install chromium-headless-shell)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


#: Width and height in pixels.
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


async def visitor_of(chromium: Browser, base_url: str, size: str) -> BrowserContext:
    """A Danish visitor's browser with a screen of this size, which keeps what it loaded once, and
    has one tab: each further one starts a process, which takes longer than to draw a page."""
    width, height = SIZES[size]
    context = await chromium.new_context(
        base_url=base_url,
        viewport={"width": width, "height": height},
        locale="da-DK",
        timezone_id="Europe/Copenhagen",
        is_mobile=size == "phone",
        has_touch=size == "phone",
        reduced_motion="reduce",
    )
    context.set_default_timeout(TIMEOUT_MS)
    await context.new_page()
    return context


async def visitors_of(chromium: Browser, base_url: str) -> dict[str, BrowserContext]:
    """The browser of a visitor by size of its screen."""
    return {size: await visitor_of(chromium, base_url, size) for size in SIZES}


@asynccontextmanager
async def visit(
    visitor: BrowserContext, noting: Mapping[Any, Callable[[Any], None]]
) -> AsyncGenerator[Page]:
    """The tab of a visitor, who remembers nothing afterwards; each event in it is told to its
    function in `noting`."""
    tab = visitor.pages[0]
    for event, note in noting.items():
        tab.on(event, note)
    try:
        yield tab
    finally:
        await tab.evaluate("window.stop()")  # what it still asks for is not the next visit's
        for event, note in noting.items():
            tab.remove_listener(event, note)
        await visitor.clear_cookies()


async def picture(tab: Page, name: str, *, full_page: bool = True) -> None:
    """Take a picture of what a tab shows, where there is a folder for it."""
    if SCREENSHOTS.is_dir():
        await tab.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=full_page)
