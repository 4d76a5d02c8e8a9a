"""Zones drawn with the mouse on the map, in a real Chromium, and kept in the database."""

import json
import re
from collections.abc import AsyncGenerator
from io import BytesIO

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.async_api import Browser, Page, expect

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from fleet.earth import M_PER_DEG
from tests.browser.conftest import visitor_of
from tests.browser.hands import HANDS
from tests.factories.access import visitor

DEPOT = (55.77, 12.50)

#: The colour of what is being drawn, as shares of red, green and blue.
DRAFT = np.array([0xC2, 0x41, 0x0C]) / 255


@pytest.fixture
async def page(
    chromium: Browser, pool: Pool, settings: Settings, database_url: str
) -> AsyncGenerator[Page]:
    """The page of zones with one depot on its map, ready to be drawn on."""
    await pool.execute("INSERT INTO depot VALUES ('gaard', 'Gården', $1, $2, 150)", *DEPOT)
    free = settings.model_copy(update={"port": 0, "address_url": "http://127.0.0.1:9/?q={q}"})
    async with running_server(free, database_url, (ServerRole.API,)) as server:
        context = await visitor_of(chromium, server.url, "desktop")
        await (await visitor(pool)).sit_at(context, server.url)
        [page] = context.pages
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        await page.goto("/zones")
        await page.locator("#map[data-ready]").wait_for()
        yield page
        await context.close()
        assert wrong == []


async def click_beside_the_depot(page: Page, *offsets_px: tuple[int, int]) -> None:
    """Click so many pixels to the right of and below the depot's dot, which is 16 px wide."""
    await page.locator("#map").scroll_into_view_if_needed()
    label = await page.locator(".map-depot").bounding_box()
    assert label is not None
    for right, down in offsets_px:
        await page.mouse.click(label["x"] + 8 + right, label["y"] + label["height"] / 2 + down)


async def save(page: Page, name: str) -> None:
    await page.get_by_label("Navn").fill(name)
    await HANDS.press(page.get_by_role("button", name="Gem zonen"))


async def test_a_circle_is_drawn_where_the_map_is_clicked(page: Page, pool: Pool) -> None:
    await page.get_by_role("button", name="Tegn en cirkel").click()
    await click_beside_the_depot(page, (60, -40), (0, 0))  # the last click counts
    await page.get_by_label("Radius i meter").fill("87,5")
    await save(page, "Forpladsen")
    # A second depot at a spot is asked about; what was drawn stays meanwhile.
    await page.get_by_label("Ja, gem den der").check()
    await HANDS.press(page.get_by_role("button", name="Gem zonen"))
    await expect(page.get_by_text("Zonen er gemt")).to_be_visible()
    row = await pool.fetchrow("SELECT * FROM zone WHERE name = 'Forpladsen'")
    assert row is not None
    assert row["radius_m"] == 87.5
    assert abs(row["lat"] - DEPOT[0]) * M_PER_DEG < 10
    assert abs(row["lon"] - DEPOT[1]) * M_PER_DEG < 10


async def test_a_circle_is_seen_as_soon_as_it_has_a_middle(page: Page, pool: Pool) -> None:
    """A click is enough, and so are coordinates that are pasted, wherever they are."""
    assert not await is_drawn(page)
    await click_beside_the_depot(page, (60, -40))
    await expect(page.get_by_label("Midten")).to_have_value(re.compile(r"^55\.77\d+, 12\.5\d+$"))
    assert await is_drawn(page)
    await page.get_by_label("Midten").fill("")
    assert not await is_drawn(page)
    await page.get_by_label("Midten").fill("57,0480 9,9190")
    assert await is_drawn(page)
    await page.get_by_label("Adresse").press("Enter")  # asks for an address, and keeps the rest
    await expect(page.locator("#address-error")).to_contain_text("Skriv en adresse")
    await page.get_by_label("Navn").fill("Aalborg")
    await page.get_by_label("Navn").press("Enter")  # saves, and asks no service
    await expect(page.get_by_text("Zonen er gemt")).to_be_visible()
    row = await pool.fetchrow("SELECT lat, lon, radius_m FROM zone WHERE name = 'Aalborg'")
    assert row is not None
    assert tuple(row) == (57.048, 9.919, 150.0)


async def is_drawn(page: Page) -> bool:
    """Whether the map shows what the form says, by its colour, now or within a second."""
    for _ in range(5):
        picture = imread(BytesIO(await page.locator("#map canvas").screenshot()))
        if (np.abs(picture[..., :3] - DRAFT).max(axis=-1) < 0.1).sum() > 50:
            return True
        await page.wait_for_timeout(200)
    return False


async def test_corners_are_drawn_one_by_one_and_taken_back(page: Page, pool: Pool) -> None:
    await page.get_by_role("button", name="Tegn hjørner").click()
    await click_beside_the_depot(page, (-50, -50), (50, -50), (50, 50), (130, 90))
    await page.get_by_role("button", name="Fortryd et punkt").click()
    await click_beside_the_depot(page, (-50, 50))
    ring = json.loads(await page.locator("#shape").input_value())["coordinates"][0]
    assert len(ring) == 4
    await page.get_by_label("Et andet sted").check()
    await save(page, "Pladsen")
    await expect(page.get_by_text("Zonen er gemt")).to_be_visible()
    stored = await pool.fetchval("SELECT polygon FROM zone WHERE name = 'Pladsen'")
    assert json.loads(stored)["coordinates"] == [[*ring, ring[0]]]
    west, north = ring[0]
    east, south = ring[2]
    assert west < DEPOT[1] < east
    assert south < DEPOT[0] < north


async def test_an_outline_that_is_drawn_across_itself_is_refused_and_kept_for_the_drawer(
    page: Page, pool: Pool
) -> None:
    await page.get_by_role("button", name="Tegn hjørner").click()
    await click_beside_the_depot(page, (-50, -50), (50, 50), (50, -50), (-50, 50))
    drawn = await page.locator("#shape").input_value()
    await save(page, "Sløjfen")
    await expect(page.locator("#shape-error")).to_contain_text(
        "Sløjfen: omridset krydser sig selv ved 55.7"
    )
    await expect(page.get_by_label("Navn")).to_have_value("Sløjfen")
    await expect(page.locator("#shape")).to_have_value(drawn)
    assert await pool.fetchval("SELECT count(*) FROM zone") == 1


async def test_a_radius_that_is_refused_is_no_reason_to_say_that_maps_cannot_be_drawn(
    page: Page, pool: Pool
) -> None:
    await page.get_by_label("Radius").fill("99999999")
    await page.locator("#centre").fill("55.77, 12.50")
    await save(page, "Kloden")
    await expect(page.locator("#radius_m-error")).to_be_visible()
    await expect(page.locator("#map canvas")).to_be_visible()
    await expect(page.locator(".map-failed")).to_be_hidden()
    assert await pool.fetchval("SELECT count(*) FROM zone") == 1
