"""A municipality without a terminal, in a real Chromium: from an empty data directory to the first
proposals, of which the head of a department then sees their own.

Two people do it on a phone, and on a desktop with the keyboard alone. Every step
begins at the checklist of the overview, as it leads them, and is pictured in `screenshots/` where
that folder is.
"""

import asyncio
import contextlib
import re
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    FilePayload,
    Locator,
    Page,
    expect,
)

from fleet.localtime import LOCAL_ZONE
from simulators.pilot import generate_pilot
from simulators.replay import ReplayTarget, replay
from simulators.tracking import SATELLITES
from tests.browser.conftest import picture, visitor_of
from tests.browser.hands import Hands, Pointing, Typing
from tests.conftest import free_port
from tests.factories.command import FLAADE
from tests.factories.flawed_list import FIRST, MISTAKES, the_list
from tests.factories.page_text import words
from tests.factories.rounds import FEW_STUDIES
from tests.factories.serving_process import environment
from tests.factories.vehicle_lists import sheet_cells, workbook
from tests.factories.ways import ways_on

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PASSWORD = "en sætning kun jeg finder på"
WEEKS = 1

#: The seconds that something of the server may take on a machine that many others use. What never
#: comes is told by what waits for it, before the whole test takes too long.
WAIT_S = 480
pytestmark = pytest.mark.timeout(900)

#: What stands behind the name of a kind that the municipality does not have yet.
SHIPPED = "(fra det katalog, der følger med systemet)"

#: The two depots of the list, where the pilot has its vehicles of these depots.
DEPOTS = {"Rådhuset": "55.7703, 12.5025", "Materielgården": "55.7775, 12.5100"}
PILOT_DEPOTS = {"raadhuset": "Rådhuset", "vej-park": "Materielgården"}

#: The numbers of the vehicles of the list that are taken in. Those with an even number stand at
#: Rådhuset and are of Vej og Park, the others at Materielgården and of Hjemmepleje.
TAKEN = [n for n in range(60) if n not in {flawed for flawed, _ in MISTAKES}]
AT_DEPOT = {
    "Rådhuset": [n for n in TAKEN if n % 2 == 0],
    "Materielgården": [n for n in TAKEN if n % 2 == 1],
}
OWN, OTHER = "Hjemmepleje", "Vej og Park"


def plate(number: int) -> str:
    return f"AB 10 {number:03}"


def imei(number: int) -> str:
    """An IMEI with the last digit that checks the others."""
    digits = f"35630704244{number:03}"
    doubled = "".join(str(int(d) * (1 + at % 2)) for at, d in enumerate(digits))
    return digits + str(-sum(map(int, doubled)) % 10)


@dataclass(frozen=True)
class Trackers:
    """Ten trackers: the vehicle of each by its number in the list, and the positions they send."""

    vehicles: dict[str, int]
    positions: pa.Table


@pytest.fixture(scope="module")
def trackers() -> Trackers:
    """The trackers of five vehicles at each depot, which drive as the pilot's do.

    Strays of a bad reception, which come on some days and not on others, are not sent: what
    becomes of those other tests show.
    """
    now = datetime.now(UTC)
    start = now.astimezone(LOCAL_ZONE).date() - timedelta(weeks=WEEKS)
    pilot = generate_pilot(start=start, weeks=WEEKS, vehicles=60, seed=1, until=now)
    vehicles: dict[str, int] = {}
    name: dict[str, str] = {}
    for pool, depot in PILOT_DEPOTS.items():
        driving = [one.device for one in pilot.vehicles if one.pool == pool][:5]
        for device, number in zip(driving, AT_DEPOT[depot], strict=False):
            name[device] = imei(len(name))
            vehicles[name[device]] = number
    received = pc.field("satellites") >= SATELLITES[0]
    sent = pilot.positions.filter(pc.field("device").isin(list(name)) & received)
    renamed = pa.array([name[str(device)] for device in sent.column("device").to_pylist()])
    return Trackers(vehicles, sent.set_column(0, "device", renamed))


def driving_log(without: set[int]) -> bytes:
    """A driving log as people keep it of the vehicles that have no tracker."""
    today = datetime.now(LOCAL_ZONE).date()
    days = [today - timedelta(days=n) for n in range(7 * WEEKS, 0, -1)]
    rows: list[tuple[object, ...]] = [
        ("Reg.nr.", "Dato", "Afgang kl.", "Hjemkomst kl.", "Start km", "Slut km")
    ]
    for at, number in enumerate(n for n in TAKEN if n not in without):
        km = 41_000
        for day in days:
            if day.weekday() < 5:
                out = f"{8 + at % 4:02}:15"
                rows.append((plate(number), day, out, f"{10 + at % 4}:30", km, km + 18 + at))
                km += 18 + at
    return workbook({"A1": "Kørebog for biler uden chip"} | sheet_cells(rows, 3))


@asynccontextmanager
async def first_start(data_dir: Path) -> AsyncGenerator[tuple[str, str]]:
    """`flaade serve` on an empty data directory: its address, and the link that it prints."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(FLAADE, "serve"),
        env=environment(data_dir, port)
        | {f"FLAADE_{name.upper()}": str(value) for name, value in FEW_STUDIES.items()}
        | {"COLUMNS": "200", "PYTHONUNBUFFERED": "1"},
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(WAIT_S):
            link = ""
            while "/first-administrator?token=" not in link:
                line = await process.stdout.readline()
                assert line, "the server has ended"
                link = line.decode().strip()
        yield f"http://127.0.0.1:{port}", link
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


@dataclass
class Person:
    """Somebody at a screen, on a page of the system."""

    page: Page
    hands: Hands
    on_phone: bool
    pictures: Callable[[Page, str], Awaitable[None]]

    async def press(self, within: Page | Locator, role: str, name: str) -> None:
        await self.hands.press(within.get_by_role(role, name=name, exact=True))  # pyright: ignore[reportArgumentType]

    async def button(self, name: str) -> None:
        await self.press(self.page.locator("main"), "button", name)

    def field(self, label: str) -> Locator:
        """The field with this label; panels may have such a name, too."""
        fields = self.page.locator("input, select, textarea")
        return fields.and_(self.page.get_by_label(label, exact=True))

    async def write(self, label: str, text: str) -> None:
        await self.hands.write(self.field(label), text)

    async def hand_over(self, label: str, name: str, content: bytes) -> None:
        file = FilePayload(name=name, mimeType=EXCEL, buffer=content)
        await self.hands.hand_over(self.field(label), file)

    async def step(self, step: str, link: str) -> None:
        """Go to the overview, and on by a link of a step of its checklist."""
        await self.press(self.page.get_by_role("banner"), "link", "Flådestyring")
        await self.press(self.page.locator(f"#step-{step}"), "link", link)

    async def menu(self, name: str) -> None:
        """Go to a page by the menu."""
        banner = self.page.get_by_role("banner")
        if self.on_phone:
            await self.press(banner, "button", "Menu")
            await self.press(self.page.get_by_role("dialog"), "link", name)
        else:
            await self.press(banner, "link", name)

    async def sees(self, heading: str) -> None:
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    async def picture(self, name: str) -> None:
        await self.pictures(self.page, name)

    async def until(self, shown: Locator) -> None:
        """Load the page again until it shows something."""
        async with asyncio.timeout(WAIT_S):
            while not await shown.count():
                await asyncio.sleep(1)
                await self.page.reload()


@pytest.mark.parametrize(
    ("size", "hands"),
    [("phone", Pointing()), ("desktop", Typing())],
    ids=["phone", "keyboard"],
)
async def test_a_municipality_comes_from_nothing_to_its_first_proposals(
    chromium: Browser,
    tmp_path: Path,
    trackers: Trackers,
    size: str,
    hands: Hands,
) -> None:
    numbers = iter(range(1, 100))
    variant = "keyboard" if isinstance(hands, Typing) else size

    async def pictured(page: Page, name: str) -> None:
        await picture(page, f"first-run-{variant}-{next(numbers):02}-{name}")

    async with first_start(tmp_path / "data") as (url, link):
        async with coming_in(chromium, url, size) as page:
            unit = Person(page, hands, size == "phone", pictured)
            await page.goto(link)
            await become_administrator(unit)
            await name_the_municipality(unit)
            await draw_depots(unit)
            await take_in_the_register(unit)
            await enrol(unit, trackers)
            await send(unit, trackers, url, tmp_path / "progress")
            await take_in_the_log(unit, trackers)
            await propose(unit)
            invitation = await invite_the_head(unit)
        async with coming_in(chromium, url, size) as page:
            head = Person(page, hands, size == "phone", pictured)
            await page.goto(invitation)
            await come_in_as_head(head)
            await sees_own_only(head)
            if head.on_phone:  # on the other one the same pages are behind the same links
                await finds_own_only(head, url)


@asynccontextmanager
async def coming_in(chromium: Browser, url: str, size: str) -> AsyncGenerator[Page]:
    """A browser of its own, in which no script may fail and no page may be missing."""
    context: BrowserContext = await visitor_of(chromium, url, size)
    [page] = context.pages
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(message.text)

    page.on("console", note)
    yield page
    await context.close()
    assert wrong == []


async def become_administrator(unit: Person) -> None:
    await unit.sees("Den første administrator")
    await unit.picture("first-administrator")
    await unit.write("Navn", "Flådeenheden")
    await unit.write("Ny adgangskode", PASSWORD)
    await unit.write("Den samme igen", PASSWORD)
    await unit.button("Opret brugeren og log ind")
    await unit.sees("Overblik")
    await expect(unit.page.locator("main")).to_contain_text("0 af 7 trin er taget")
    await unit.picture("empty-overview")


async def name_the_municipality(unit: Person) -> None:
    await unit.step("name", "Giv navnet")
    await unit.write("Hvad kommunen hedder", "Prøve Kommune")
    await unit.button("Gem navnet")
    await expect(unit.page.get_by_role("status")).to_have_text("Navnet er gemt.")
    await unit.step("closing_days", "Angiv dage")
    await unit.write("Dag", f"{datetime.now(LOCAL_ZONE).year}-06-05")
    await unit.write("Navn", "Grundlovsdag")
    await unit.write("Hvor det er besluttet", "Lokalaftale")
    await unit.button("Gem dagen")
    await expect(unit.page.get_by_role("status")).to_contain_text("Lukkedagen er gemt")
    await unit.picture("municipality")


async def draw_depots(unit: Person) -> None:
    await unit.step("depots", "Tegn depoterne")
    for name, middle in DEPOTS.items():
        await unit.write("Navn", name)
        await unit.write("Midten", middle)
        await unit.button("Gem zonen")
        await expect(unit.page.locator("#zones")).to_contain_text(name)
    await expect(unit.page.locator("#map")).to_have_attribute("data-ready", "true")
    await unit.picture("depots")


async def take_in_the_register(unit: Person) -> None:
    await unit.step("vehicles", "Indlæs en liste")
    await unit.hand_over("Liste over køretøjer", "flådeliste.xlsx", the_list())
    await unit.button("Videre til kolonnerne")
    await unit.sees("Listens kolonner")
    await unit.picture("list-columns")
    await unit.button("Gå videre")
    await unit.sees("Listens værdier")
    await unit.picture("list-values")
    for text, meaning in {
        "Kassevogn / El": f"Elvarebil, lille {SHIPPED}",
        "Personbil / El": f"Elbil, mellem {SHIPPED}",
        "Hest / El": "udelades",
        "Månen": "udelades",
        "Mars": "udelades",
    }.items():
        await unit.hands.choose(unit.field(text), meaning)
    await unit.button("Gå videre")
    await unit.sees("Hvad listen gør")
    planted = {(FIRST + n, heading): reason for (n, heading), (_, reason) in MISTAKES.items()}
    told = await bad_cells(unit.page)
    assert told.keys() == planted.keys()
    assert [cell for cell, reason in told.items() if planted[cell] not in reason] == []
    await unit.picture("list-preview")
    await unit.button("Indlæs 40 køretøjer")
    await unit.sees("Hvad der blev af listen")
    assert await bad_cells(unit.page) == told
    await unit.picture("list-outcome")
    await unit.press(unit.page.locator("main"), "link", "Se registret")
    await unit.sees("Køretøjsregister")
    await unit.picture("register")


async def bad_cells(page: Page) -> dict[tuple[int, str], str]:
    """The cells that are told, by row and heading, with the reason."""
    rows = await page.locator("table.cells tbody tr").all()
    cells = [await row.locator("td").all_text_contents() for row in rows]
    return {(int(row), heading): reason for row, heading, _, reason in cells}


async def enrol(unit: Person, trackers: Trackers) -> None:
    await unit.step("sources", "Tilmeld chips")
    await unit.write(
        "IMEI-numre eller navne, ét på hver linje",
        "\n".join(f"{one}; {plate(number)}" for one, number in trackers.vehicles.items()),
    )
    await unit.button("Tilmeld")
    await expect(unit.page.locator("#report-heading")).to_have_text("10 linjer er taget med")
    await unit.picture("trackers")


async def send(unit: Person, trackers: Trackers, url: str, progress: Path) -> None:
    await unit.step("data", "Se, hvad der kommer ind")
    await unit.press(unit.page.locator("main"), "link", "Nøgler")
    await unit.hands.tick(unit.field("En gateway, for alle tilmeldte enheder"))
    await unit.write("Enhedens eller gatewayens navn", "leverandør")
    await unit.write("Mærkat", "chips i piloten")
    await unit.button("Lav nøglen")
    key = await unit.page.get_by_role("status").locator("code").inner_text()
    await unit.picture("key")
    done = await replay(trackers.positions, ReplayTarget(url=url, key=key), progress)
    assert (done.stored, done.quarantined) == (trackers.positions.num_rows, 0)
    await unit.press(unit.page.get_by_role("banner"), "link", "Flådestyring")
    await unit.until(unit.page.locator("#step-data.step-done"))
    await unit.picture("first-trips")


async def take_in_the_log(unit: Person, trackers: Trackers) -> None:
    await unit.step("sources", "Indlæs en kørebog")
    log = driving_log(set(trackers.vehicles.values()))
    await unit.hand_over("Fil", "kørebog.xlsx", log)
    await unit.button("Videre til kolonnerne")
    await unit.sees("Kørebogens kolonner")
    await unit.picture("log-columns")
    await unit.button("Indlæs turene")
    await unit.sees("Hvad der blev af kørebogen")
    await expect(unit.page.locator("main")).to_contain_text("Ingen: alle rækker passede.")
    await unit.picture("log-outcome")


async def propose(unit: Person) -> None:
    await unit.step("proposals", "Gå til forslagene")
    await unit.button("Start en ny runde")
    await unit.until(unit.page.get_by_role("heading", name="Forslagene sparer"))
    await unit.picture("proposals")
    await unit.press(unit.page.get_by_role("banner"), "link", "Flådestyring")
    await unit.picture("overview")


async def invite_the_head(unit: Person) -> str:
    """Make the account of the head of a department; returns the link to hand over."""
    await unit.menu("Brugere")
    await unit.write("Navn", "Afdelingslederen")
    role = "Afdelingsleder: egne afdelinger, med ture og beslutninger om forslag"
    await unit.hands.tick(unit.field(role))
    await unit.hands.tick(unit.field(OWN))
    await unit.button("Tilføj brugeren")
    await unit.sees("Afdelingslederen")
    await unit.picture("account")
    return await unit.page.get_by_role("status").locator("code").inner_text()


async def come_in_as_head(head: Person) -> None:
    await head.sees("Velkommen, Afdelingslederen")
    await head.picture("head-link")
    await head.write("Ny adgangskode", PASSWORD + " igen")
    await head.write("Den samme igen", PASSWORD + " igen")
    await head.button("Gem adgangskoden og log ind")
    await head.sees("Overblik")
    await head.picture("head-overview")


async def sees_own_only(head: Person) -> None:
    """The lists that the menu leads to are of the own department."""
    await head.menu("Køretøjer")
    shown = await head.page.locator("main").inner_text()
    own = AT_DEPOT["Materielgården"]
    assert plates_in(shown) == {plate(n) for n in own}
    await head.picture("head-vehicles")
    await head.menu("Forslag")
    saving = head.page.get_by_role("heading", name="Forslagene for dine afdelinger sparer")
    await expect(saving).to_be_visible()
    await head.picture("head-proposals")


async def finds_own_only(head: Person, url: str) -> None:
    """Every page that links lead to is of the own department."""
    own = AT_DEPOT["Materielgården"]
    cookies = {one["name"]: one["value"] for one in await head.page.context.cookies()}  # pyright: ignore
    async with aiohttp.ClientSession(cookies=cookies) as session:
        pages = await pages_from(session, url)
    assert "/proposals" in pages
    assert sum(path.startswith("/vehicles/") for path in pages) >= len(own)
    telling = {
        path: told
        for path, page in pages.items()
        if (told := [*re.findall(OTHER, page), *(plates_in(words(page)) - {plate(n) for n in own})])
    }
    assert telling == {}


#: The ends of addresses that answer with files.
FILES = (".pdf", ".xlsx", ".zip", ".ics", "/pdf", "/xlsx", "/csv", "/json")


def plates_in(text: str) -> set[str]:
    plain = re.sub(r"\s", "", text)
    return {f"AB 10 {number}" for number in re.findall(r"AB10(\d{3})", plain)}


async def pages_from(session: aiohttp.ClientSession, url: str) -> dict[str, str]:
    """Every page that links lead to from the overview, by its path, without files."""
    seen: dict[str, str] = {}
    waiting = ["/"]
    while waiting:
        path = waiting.pop().partition("?")[0]
        is_file = "export" in path or path.endswith(FILES)
        if path in seen or path.startswith("/language/") or is_file:
            continue
        async with session.get(url + path, headers={"Accept": "text/html"}) as answer:
            assert answer.status == 200, path
            seen[path] = await answer.text()
        waiting += ways_on(path, seen[path]).links
    return seen
