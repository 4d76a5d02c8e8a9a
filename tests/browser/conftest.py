"""A real Chromium (Debian's), kept from every network but this machine."""

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

# A browser that draws maps without a graphics card beside other tests is slow: how long it takes to
# show something says nothing. What never comes fails all the same.
expect.set_options(timeout=60_000)

SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"

ARGUMENTS = [
    "--no-sandbox",  # tests may run as root
    "--use-angle=swiftshader",  # WebGL for the maps on a machine without a graphics card
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
async def chromium() -> AsyncGenerator[Browser]:
    """The browser; the test skips where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium on this machine (apt-get install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where the pictures go, for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS
