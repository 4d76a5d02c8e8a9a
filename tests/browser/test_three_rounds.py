"""Three rounds of proposals in a real Chromium: what is accepted, rejected, asked, carried out and
pinned stands where it belongs at every step, and what the proposals save is one sum wherever it is
told.

The fleet unit decides on a desktop; the head of a department answers on a phone.
"""

import asyncio
import io
import re
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from python_calamine import CalamineWorkbook

from access.roles import Role
from api.server import RunningServer, running_server
from api.settings import Settings
from db.connect import Pool
from simulators.pilot import generate_pilot
from tests.browser.conftest import picture, visitor_of
from tests.browser.hands import HANDS
from tests.conftest import empty_tables
from tests.factories.access import Visitor, visitor
from tests.factories.moments import today
from tests.factories.pilot import load_pilot, store_positions
from tests.factories.rounds import FEW_STUDIES

VEHICLES = 60
WEEKS = 3
SAVES = "Sparer (kr. om året)"

#: The seconds that a round may take on a machine that many others use. One that is never calculated
#: is told by its number, before the whole test takes too long.
ROUND_S = 480
pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True)
class Site:
    """A running server with a pilot, and the fleet unit at its desk."""

    server: RunningServer
    pool: Pool
    directory: Path
    unit: Visitor
    tab: Page

    @property
    def url(self) -> str:
        return self.server.url

    async def drive(self, until: datetime) -> None:
        """Let the vehicles have driven until a moment."""
        start = today() - timedelta(weeks=WEEKS)
        pilot = {"start": start, "weeks": WEEKS, "vehicles": VEHICLES, "until": until}
        if await self.pool.fetchval("SELECT EXISTS (SELECT FROM vehicle)"):
            further = await asyncio.to_thread(generate_pilot, seed=1, **pilot)
            await store_positions(self.pool, further)
        else:
            await load_pilot(self.pool, self.directory, **pilot)

    async def go(self, path: str) -> Page:
        await self.tab.goto(f"{self.url}{path}")
        return self.tab

    async def calculated(self, number: int, version: int) -> None:
        """Wait until a version of a round is calculated, and its studies are done."""
        ends = time.monotonic() + ROUND_S
        while time.monotonic() < ends:
            row = await self.pool.fetchrow(
                "SELECT state, detail, number, version FROM round ORDER BY round_id DESC LIMIT 1"
            )
            assert row is not None
            assert row["state"] != "failed", row["detail"]
            if row["state"] == "done" and (row["number"], row["version"]) == (number, version):
                return
            await asyncio.sleep(0.2)
        pytest.fail(f"round {number}, version {version} was not calculated in {ROUND_S} s")

    async def start_round(self, number: int) -> None:
        tab = await self.go("/proposals")
        await HANDS.press(tab.get_by_role("button", name=re.compile("^Start en ny runde|^Start")))
        await self.calculated(number, 1)

    async def calculate_again(self, number: int, version: int) -> None:
        tab = await self.go("/proposals")
        await HANDS.press(tab.get_by_role("button", name="Beregn igen"))
        await self.calculated(number, version)

    async def answer(self, path: str) -> dict[str, Any]:
        """What the interface answers to the fleet unit's program."""
        async with self.unit.client() as client, client.get(f"{self.url}{path}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def told(self, query: str = "") -> list[dict[str, Any]]:
        """The proposals of the latest round."""
        return (await self.answer(f"/v1/proposals?limit=200&{query}"))["items"]

    async def decide(self, proposal: int, verdict: str, comment: str = "") -> None:
        """Decide on the page of a proposal."""
        tab = await self.go(f"/proposals/{proposal}")
        await HANDS.tick(tab.locator(f"input[name='verdict'][value='{verdict}']"))
        if comment:
            await HANDS.write(tab.locator("#comment"), comment)
        await HANDS.press(tab.get_by_role("button", name="Gem beslutningen"))
        await expect(tab.locator(".alert-success")).to_be_visible()


@pytest.fixture
async def site(
    chromium: Browser, pool: Pool, database_url: str, tmp_path: Path
) -> AsyncGenerator[Site]:
    free = {"port": 0, "osmand_port": 0, "teltonika_port": 0}
    asked = {"data_dir": tmp_path, "workshop_ready": False}
    settings = Settings.model_validate(asked | free | FEW_STUDIES)
    await empty_tables(pool)
    async with running_server(settings, database_url) as server:
        browser = await visitor_of(chromium, server.url, "desktop")
        unit = await visitor(pool, Role.FLEET_UNIT, "Flåde")
        await unit.sit_at(browser, server.url)
        yield Site(server, pool, tmp_path / "pilot", unit, browser.pages[0])
        await browser.close()


def amount(text: str) -> int:
    """The kroner of a text as `−1.234 kr.`"""
    found = re.search(r"([−-]?)([\d.]+) kr\.", text.replace("\xa0", " "))
    assert found is not None, text
    return int(found[2].replace(".", "")) * (-1 if found[1] else 1)


def oere(kroner: float) -> int:
    return round(kroner * 100)


Place = tuple[str, str | None]


def place(one: dict[str, Any]) -> Place:
    """What a proposal is about, whatever round tells it."""
    return one["action"], one["vehicle_id"] or one["depot_id"]


async def by_place(site: Site, query: str = "") -> dict[Place, dict[str, Any]]:
    return {place(one): one for one in await site.told(query)}


async def sheets(site: Site) -> dict[str, list[dict[str, Any]]]:
    """The tables of the report as Excel has them."""
    async with (
        site.unit.client() as client,
        client.get(f"{site.url}/proposals/report.xlsx") as answer,
    ):
        book = CalamineWorkbook.from_filelike(io.BytesIO(await answer.read()))
    tables: dict[str, list[dict[str, Any]]] = {}
    for name in book.sheet_names:
        head, *rows = book.get_sheet_by_name(name).to_python()
        tables[name] = [dict(zip(map(str, head), row, strict=True)) for row in rows]
    return tables


async def sums_are_one(site: Site) -> None:
    """What the latest round saves is the same on each page, in Excel and in the interface: to the
    øre where it is told so, else to the krone."""
    told = await site.told()
    saving = sum(one["saving_kr_year"] for one in told)
    accepted = [one for one in told if one["verdict"] in ("accepted", "done")]
    round_id = (await site.answer("/v1/rounds?limit=1"))["items"][0]["id"]
    latest = await site.answer(f"/v1/rounds/{round_id}")
    assert oere(latest["figures"]["saving_kr_year"]) == oere(saving)
    tables = await sheets(site)
    for name in ("Forslag", "Depoter"):
        assert oere(sum(row[SAVES] for row in tables[name])) == oere(saving), name
    of_proposals = sorted(oere(row[SAVES]) for row in tables["Forslag"])
    assert of_proposals == sorted(oere(one["saving_kr_year"]) for one in told)
    tab = await site.go("/")
    assert amount(await tab.locator(".saving-figure").inner_text()) == round(saving)
    tab = await site.go("/proposals")
    assert amount(await tab.locator(".saving-figure").inner_text()) == round(saving)
    shown = tab.locator(".accepted .sums dd")
    assert re.match(rf"{len(accepted)} af {len(told)}$", await shown.nth(0).inner_text())
    sums = sum(one["saving_kr_year"] for one in accepted)
    assert amount(await shown.nth(1).inner_text()) == round(sums)
    listed = {
        int(str(await row.locator(".lead a").first.get_attribute("href")).rpartition("/")[2]): row
        for row in await tab.locator("#list tbody tr").all()
    }
    for one in told:
        cell = listed[one["id"]].locator("td[data-title='Sparer om året']")
        assert amount(await cell.inner_text()) == round(one["saving_kr_year"])
    tab = await site.go("/proposals/depots")
    cells = tab.locator("#depots td[data-title='Sparer om året']")
    by_depot = sorted(amount(text) for text in await cells.all_inner_texts())
    assert by_depot == sorted(round(row[SAVES]) for row in tables["Depoter"])
    tab = await site.go("/proposals/report")
    total = tab.locator("tr", has_text="I alt").locator("td[data-title='Sparer om året']")
    assert amount(await total.first.inner_text()) == round(saving)
    tab = await site.go("/proposals/rounds")
    row = tab.locator("tbody tr").first
    proposed = row.locator("td[data-title='Foreslået']")
    assert amount(await proposed.inner_text()) == round(saving)


async def carry_out(site: Site, proposal: int) -> None:
    """Say of each task of an accepted proposal that it was done today."""
    for _ in range(6):
        tab = await site.go(f"/proposals/{proposal}")
        tasks = tab.locator("a[href^='/ledger/tasks/']")
        if not await tasks.count():
            return
        await HANDS.press(tasks.first)
        await HANDS.press(tab.locator("button[name='press'][value='done']"))
        await expect(tab.locator(".alert-success")).to_be_visible()
    pytest.fail("a proposal has more tasks than there are")


async def test_three_rounds(site: Site, chromium: Browser) -> None:
    now = datetime.now(UTC)
    await site.drive(now - timedelta(days=7))
    await site.start_round(1)
    await sums_are_one(site)
    first = await by_place(site)
    alone = [at for at, one in first.items() if one["vehicle_id"] and not one["parts"]]
    leaving = {first[at]["depot_id"]: at for at in reversed(alone) if at[0] == "dispose"}
    five = list(leaving.values())[:5]
    assert len(five) == 5
    rejected, pinned, asked = [at for at in alone if at not in five][:3]

    # Five are accepted together in the list.
    tab = await site.go("/proposals")
    for at in five:
        await HANDS.press(tab.locator(f"#choose-{first[at]['id']}"))
    await HANDS.tick(tab.locator("#several input[value='accepted']"))
    await HANDS.press(tab.locator("#several button[type='submit']"))
    await expect(tab.locator(".alert-success")).to_be_visible()
    await picture(tab, "three-rounds-1-accepted")
    done, sold, *kept = five
    await carry_out(site, first[done]["id"])
    await site.decide(first[rejected]["id"], "rejected", "Den skal bruges til valget")

    # The head of its department is asked, and answers where it waits for them.
    department = first[asked]["departments"][0]
    head = await visitor(site.pool, Role.DEPARTMENT_HEAD, "Leder", {department})
    tab = await site.go(f"/proposals/{first[asked]['id']}")
    await HANDS.tick(tab.locator("input[name='verdict'][value='question']"))
    await HANDS.write(tab.locator("#comment"), "Kan den undværes om vinteren?")
    await HANDS.choose(tab.locator("#recipient"), "Leder")
    await HANDS.press(tab.get_by_role("button", name="Gem beslutningen"))
    await expect(tab.get_by_text("Spørgsmål stillet").first).to_be_visible()
    assert (await by_place(site))[asked]["asked"]
    phone = await visitor_of(chromium, site.url, "phone")
    await head.sit_at(phone, site.url)
    theirs = phone.pages[0]
    await theirs.goto(f"{site.url}/")
    await HANDS.press(theirs.get_by_role("link", name="Se, hvad der venter på dig"))
    await expect(theirs.get_by_text("Kan den undværes om vinteren?")).to_be_visible()
    await picture(theirs, "three-rounds-2-asked")
    await HANDS.press(theirs.locator("a[href*='#talk']").first)
    await HANDS.write(theirs.locator("#said"), "Ja, fra marts")
    await HANDS.press(theirs.locator("#talk button[type='submit']").first)
    await expect(theirs.locator(".alert-success")).to_be_visible()
    await theirs.goto(f"{site.url}/proposals/mine")
    await expect(theirs.get_by_text("Intet venter på dig")).to_be_visible()
    assert not (await by_place(site))[asked]["asked"]

    # One is pinned in the register, and the plan is calculated again.
    tab = await site.go(f"/vehicles/{pinned[1]}/future")
    await HANDS.tick(tab.locator("input[name='ruling'][value='stay']"))
    await HANDS.write(tab.locator("textarea"), "Den er bygget om")
    await HANDS.press(tab.locator("form button[type='submit']").last)
    await expect(tab.locator(".alert-success")).to_be_visible()
    await site.calculate_again(1, 2)
    await sums_are_one(site)
    again = await by_place(site)
    assert {at: again[at]["verdict"] for at in (sold, *kept)} == dict.fromkeys(
        (sold, *kept), "accepted"
    )
    assert done not in again  # the vehicle is not in the register any more
    assert rejected not in again
    assert pinned not in again
    await picture(await site.go("/proposals"), "three-rounds-3-again")

    # The second round is on newer data, and begins from what was decided.
    await site.drive(now)
    await site.start_round(2)
    await sums_are_one(site)
    second = await by_place(site)
    carried = await by_place(site, "since=carried")
    assert {
        at: (second[at]["verdict"], second[at]["decided_in"]) for at in (sold, *kept)
    } == dict.fromkeys((sold, *kept), ("accepted", 1))
    assert {done, rejected, pinned}.isdisjoint(second)
    assert carried[rejected]["verdict"] == "rejected"
    if asked in second:
        assert not second[asked]["asked"]
        tab = await site.go(f"/proposals/{second[asked]['id']}")
        await expect(tab.get_by_text("Ja, fra marts")).to_be_visible()
    tab = await site.go(f"/proposals/{first[rejected]['id']}")
    await expect(tab.get_by_text("Den skal bruges til valget").first).to_be_visible()
    await picture(await site.go("/proposals"), "three-rounds-4-second")

    # A vehicle that was to go is sold by somebody who tells the register only.
    tab = await site.go(f"/vehicles/{sold[1]}/register")
    await HANDS.press(tab.get_by_role("button", name="Lad køretøjet udgå"))
    await expect(tab.locator(".alert-success")).to_be_visible()
    await site.start_round(3)
    await sums_are_one(site)
    third = await by_place(site)
    assert {at: third[at]["verdict"] for at in kept} == dict.fromkeys(kept, "accepted")
    assert {done, sold, rejected, pinned}.isdisjoint(third)
    assert (await by_place(site, "since=carried"))[rejected]["verdict"] == "rejected"
    await picture(await site.go("/proposals"), "three-rounds-5-third")
    await picture(await site.go("/ledger"), "three-rounds-6-ledger")

    # Every earlier round stays as it was decided at its end.
    tab = await site.go("/proposals/rounds")
    shown = {
        title: [
            re.split(r"\s", text, maxsplit=1)[0]
            for text in await tab.locator(f"td[data-title='{title}']").all_inner_texts()
        ]
        for title in ("Godkendt", "Gennemført", "Afvist")
    }
    assert shown["Gennemført"] == ["1", "1", "1"]
    assert shown["Afvist"] == ["1", "1", "1"]
    assert shown["Godkendt"] == ["3", "4", "4"]
    carried_out = tab.locator("td[data-title='Gennemført']").last
    assert amount(await carried_out.inner_text()) == round(first[done]["saving_kr_year"])
    await phone.close()
