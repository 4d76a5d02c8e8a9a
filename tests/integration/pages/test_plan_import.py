"""A published plan is imported by pages: it is shown beside its source, and stored when a person
confirms it."""

import re
from asyncio import gather
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from api.pages.words.language import LANGUAGE_COOKIE
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.factories.pdf_files import protected_pdf, scanned_pdf, text_pdf
from tests.factories.plan_files import PLAN
from tests.factories.serving import Client, client_of
from tests.factories.word_files import lying_bomb, zip_bomb
from tracker.documents.drafts import Draft, keep_draft
from tracker.documents.taking import SourceFile, take_plan
from tracker.importer.plan_file import PlanFile
from tracker.indicators import indicators
from tracker.milestones import milestones
from tracker.plans import plan, plans
from tracker.quarter import Quarter
from tracker.typed import change_plan

SAMPLES = Path(__file__).parents[2] / "samples"
GOALS = (SAMPLES / "plan_goals.txt").read_text()
INVOICE = (SAMPLES / "no_plan_invoice.txt").read_bytes()


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield client


async def upload(
    client: Client, name: str, content: bytes, of: str = "", language: str = "da"
) -> tuple[int, str]:
    form = aiohttp.FormData()
    form.add_field("of", of)
    form.add_field("file", content, filename=name)
    cookies = {LANGUAGE_COOKIE: language}
    url = f"{client.server.url}/plan/import"
    async with client.session.post(url, data=form, cookies=cookies) as answer:
        return answer.status, await answer.text()


async def confirm(client: Client, page: str, **fields: str) -> tuple[int, str]:
    """Send the form of the page."""
    hidden = dict(
        re.findall(r'type="hidden" name="(digest|again|follows|revision)" value="([^"]*)"', page)
    )
    return await send(client, hidden | fields)


async def send(client: Client, sent: Mapping[str, str]) -> tuple[int, str]:
    url = f"{client.server.url}/plan/import/confirm"
    async with client.session.post(url, data=sent) as answer:
        return answer.status, await answer.text()


async def test_nothing_is_stored_before_it_is_confirmed_and_a_corrected_document_shows_its_changes(
    client: Client, pool: Pool
) -> None:
    status, page = await upload(client, "plan.txt", GOALS.encode())
    assert status == 200
    assert "Intet er gemt endnu" in page, re.sub(r"<[^>]+>", " ", page)[:1500]
    assert not await milestones(pool)
    status, _ = await confirm(client, page, name="Vores plan")
    assert status == 200
    stored = await milestones(pool)
    assert stored
    assert all(one.text in page.replace("&#39;", "'") for one in stored)
    corrected = GOALS.replace(stored[0].text.split()[0], "Nyt", 1).encode()
    status, page = await upload(client, "rettet.txt", corrected, f"again-{stored[0].plan_id}")
    assert status == 200
    assert "Hvad det rettede dokument ændrer" in page
    assert (await confirm(client, page))[0] == 200
    assert len(await milestones(pool, with_gone=True)) >= len(stored)


async def test_a_second_click_on_confirm_leads_to_the_plan_that_is_there(
    client: Client, pool: Pool
) -> None:
    _, page = await upload(client, "plan.txt", GOALS.encode())
    (_, first), (_, second) = await gather(confirm(client, page), confirm(client, page))
    assert len(await plans(pool)) == 1
    known = "Dokumentet hører til denne plan, som allerede er gemt."
    assert sorted(known in shown for shown in (first, second)) == [False, True]


async def waiting(pool: Pool, plan_file: PlanFile) -> str:
    """Let a plan wait that was read; returns the digest of its document."""
    digest = uuid4().hex * 2
    lines = dict[int, str]()
    draft = Draft(file_name="plan.txt", digest=digest, plan=plan_file, lines=lines)
    await keep_draft(pool, SOMEBODY, draft, 14)
    return digest


async def test_a_lost_quarter_is_confirmed_though_the_document_tells_no_year(
    client: Client, pool: Pool
) -> None:
    undated = tuple(one.model_copy(update={"year": None}) for one in PLAN.milestones)
    read = await waiting(pool, PLAN.model_copy(update={"year": None, "milestones": undated}))
    status, page = await send(client, {"digest": read, "again": "", "year": "2031"})
    assert status == 422
    assert "Udledt: 2. kvartal" in page
    assert '<option value="3">3. kvartal</option>' in page
    assert (await confirm(client, page, year="2031", **{"quarter-m002": "3"}))[0] == 200
    stored = await milestones(pool)
    assert {one.planned.year for one in stored if one.planned is not None} == {2031}
    (lost,) = [one for one in stored if one.is_inferred]
    assert lost.planned == Quarter(2031, 3)
    assert lost.quarter_confirmed_by is not None


async def test_a_page_shows_what_the_corrected_document_then_does(
    client: Client, pool: Pool
) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SourceFile("plan.txt", "0" * 64), PLAN)
    first, second, *others = PLAN.milestones
    reworded = second.model_copy(update={"text": "Standere er sat op", "inferred": False})
    milestones_there = (first, reworded, *others[:-1])
    corrected = PLAN.model_copy(update={"milestones": milestones_there, "strands": ()})
    digest = await waiting(pool, corrected)
    sent = {"digest": digest, "again": str(plan_id), "revision": "999"}
    status, page = await send(client, sent)
    assert (status, "En anden har ændret planen imens" in page) == (409, True)
    added, gone, changed = re.findall(r"<summary>[^<]*: (\d+)</summary>", page)
    assert (added, gone, changed) == ("0", "1", "1")
    # Somebody else changes the plan while the page is looked at: the page comes back once more.
    await change_plan(pool, SOMEBODY, plan_id, "Planen", ["Klimaplan"])
    status, page = await confirm(client, page)
    assert status == 409
    assert (await confirm(client, page))[0] == 200
    stored = await milestones(pool, with_gone=True)
    assert [one.text for one in stored if one.gone_at is not None] == [others[-1].text]
    assert {one.text for one in stored if one.gone_at is None} == {
        one.text for one in milestones_there
    }
    assert (await plan(pool, plan_id)).name == "Planen"


async def test_what_is_no_plan_is_refused_in_words(client: Client, pool: Pool) -> None:
    for name, content, why in (
        ("faktura.txt", INVOICE, "der er ingen plan i den"),
        ("plan.exe", INVOICE, "En plan læses fra en fil af en af typerne"),
    ):
        status, page = await upload(client, name, content)
        assert (status, why in page) == (422, True), name
    url = f"{client.server.url}/plan/import/confirm"
    async with client.session.post(url, data={"digest": "x"}) as answer:
        assert "Dokumentet har ventet for længe" in await answer.text()
    assert not await milestones(pool)


async def test_a_document_that_is_larger_than_the_setting_is_refused(
    settings: Settings, database_url: str, pool: Pool
) -> None:
    small = settings.model_copy(update={"plan_file_max_bytes": len(GOALS.encode()) - 1})
    async with client_of(small, database_url, ServerRole.API, devices=()) as client:
        status, page = await upload(client, "plan.txt", GOALS.encode())
    assert (status, "og der læses højst" in page) == (422, True)


async def test_a_page_asks_which_milestones_are_the_same(client: Client, pool: Pool) -> None:
    first, *others = PLAN.milestones
    long = "Ladestandere til rådhusets køretøjer er udbudt, og en leverandør er valgt"
    stored = first.model_copy(update={"text": long})
    plan_file = PLAN.model_copy(update={"milestones": (stored, *others)})
    plan_id = await take_plan(pool, SOMEBODY, SourceFile("plan.txt", "0" * 64), plan_file)
    (known,) = [one.milestone_id for one in await milestones(pool) if one.text == long]
    doubtful = first.model_copy(update={"text": "En leverandør af ladestandere er valgt i år"})
    corrected = PLAN.model_copy(update={"milestones": (doubtful, *others)})
    digest = await waiting(pool, corrected)
    status, page = await show(client, f"/plan/import/{digest}?again={plan_id}")
    assert (status, "Er det den samme milepæl?" in page) == (200, True)
    quarter = {"quarter-m002": "2"}
    status, page = await confirm(client, page, **quarter)
    assert (status, page.count("Sig, hvilken milepæl det er")) == (422, 2)
    status, page = await confirm(client, page, **quarter, **{"same-m001": known})
    assert status == 200
    (found,) = [one for one in await milestones(pool) if one.milestone_id == known]
    assert found.text == doubtful.text


async def test_a_document_of_a_later_year_is_offered_as_the_plan_of_that_year(
    client: Client, pool: Pool
) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SourceFile("plan.txt", "0" * 64), PLAN)
    digest = await waiting(pool, PLAN.model_copy(update={"year": 2027}))
    status, page = await show(client, f"/plan/import/{digest}?again={plan_id}")
    assert (status, "Dokumentet er fra et andet år" in page) == (200, True)
    assert "Jeg har set den igennem: gem den" not in page
    (address,) = re.findall(r'href="(/plan/import/[^"]*follows=[^"]*)"', page)
    status, page = await show(client, address)
    assert (status, "5 milepæle går videre" in page) == (200, True)
    assert (await confirm(client, page, **{"quarter-m002": "2"}))[0] == 200
    following = max(await plans(pool), key=lambda one: one.plan_id)
    assert (following.year, following.follows) == (2027, plan_id)
    # A document that is of no later year says so, and can be taken as another plan.
    digest = await waiting(pool, PLAN)
    status, page = await show(client, f"/plan/import/{digest}?follows={plan_id}")
    assert (status, "Dokumentet er fra et andet år" in page) == (200, True)


async def test_a_large_plan_is_confirmed_by_a_small_form(client: Client, pool: Pool) -> None:
    words = " ".join(uuid4().hex for _ in range(60))
    many = tuple(
        PLAN.milestones[0].model_copy(update={"id": f"x{n}", "text": f"{uuid4().hex} {words}"})
        for n in range(1_500)
    )
    plan_file = PLAN.model_copy(update={"milestones": many, "strands": ()})
    digest = await waiting(pool, plan_file)
    status, page = await show(client, f"/plan/import/{digest}")
    assert len(plan_file.model_dump_json()) > 1_000_000
    assert (status, (await confirm(client, page))[0]) == (200, 200)
    assert len(await milestones(pool)) == len(many)


async def test_a_plan_is_removed_by_a_page_with_a_reason(client: Client, pool: Pool) -> None:
    plan_id = await take_plan(pool, SOMEBODY, SourceFile("plan.txt", "0" * 64), PLAN)
    address = f"/plan/plans/{plan_id}/removal"
    assert address in (await show(client, f"/plan?plan={plan_id}"))[1]
    assert (await show(client, address))[0] == 200
    url = f"{client.server.url}{address}"
    async with client.session.post(url, data={"reason": ""}) as answer:
        assert (answer.status, "Sig, hvorfor planen fjernes" in await answer.text()) == (422, True)
    async with client.session.post(url, data={"reason": "dobbelt", "revision": "1"}) as answer:
        assert (answer.status, "Planen er fjernet." in await answer.text()) == (200, True)
    assert await plans(pool) == []
    assert (await show(client, address))[0] == 404


async def show(client: Client, address: str) -> tuple[int, str]:
    async with client.session.get(f"{client.server.url}{address}") as answer:
        return answer.status, await answer.text()


async def test_numbers_in_milestones_are_offered_and_only_those_chosen_are_targets(
    client: Client, pool: Pool
) -> None:
    first, *others = PLAN.milestones
    text = "20 standere er valgt, og 50 % af bilerne kører på el"
    numbered = (first.model_copy(update={"text": text}), *others)
    digest = await waiting(pool, PLAN.model_copy(update={"milestones": numbered}))
    asked = {"digest": digest, "name": "Planen", "target": "m001=20 standere"}
    # A refused form keeps what was chosen.
    status, page = await send(client, asked)
    assert status == 422
    assert "Tal, der kan være mål" in page
    assert re.findall(r'name="target" value="([^"]*)"[^>]* checked', page) == ["m001=20 standere"]
    assert re.search(r">20 standere, senest [^<]*31[^<]*2026<span", page), page
    assert "m001=50 %" in page
    status, _ = await send(client, {**asked, "quarter-m002": "2"})
    assert status == 200
    (made,) = await indicators(pool)
    assert (made.details.target, made.details.unit) == (20, "standere")
    # A corrected document offers what is left.
    other = await waiting(pool, PLAN.model_copy(update={"milestones": numbered}))
    path = f"{client.server.url}/plan/import/{other}?again={made.plan_id}"
    async with client.session.get(path) as answer:
        page = await answer.text()
    assert re.findall(r'name="target" value="([^"]*)"', page) == ["m001=50 %"]


def refused_files(seeds: Path) -> Mapping[str, tuple[bytes, str, str]]:
    """Files that hold no plan that can be read, with what is said of each in Danish and English."""
    (paper,) = seeds.glob("004_*.txt")
    no_plan = "der er ingen plan i den", "holds no plan"
    return {
        paper.name: (paper.read_bytes(), *no_plan),
        "faktura.txt": (INVOICE, *no_plan),
        "tom.txt": (b"", *no_plan),
        "faktura.pdf": (text_pdf("Faktura 17 for leje af stole"), *no_plan),
        "skannet.pdf": (scanned_pdf(), "teksten genkendt", "recognised first"),
        "laast.pdf": (protected_pdf(), "adgangskode", "password"),
        "ude-af-form.pdf": (b"%PDF-1.7 og ikke mere", "kan ikke læses", "cannot be read"),
        "bombe.docx": (zip_bomb(), "pakket", "packed"),
        "loegn.docx": (lying_bomb(), "kan ikke læses", "cannot be read"),
        "plan.odt": (GOALS.encode(), "af typerne", "of the kinds"),
        "plan.docx": (b"PK\x03\x04", "kan ikke læses", "cannot be read"),
        "gammel.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99, ".docx", ".docx"),
        "plan.txt": (b"Plan\x00\x01\x02" * 99, "ikke tekst", "no text"),
    }


async def test_every_refused_file_says_its_reason_in_the_language_of_the_visitor(
    client: Client, pool: Pool, seeds: Path
) -> None:
    unsaid: dict[str, str] = {}
    for number, (name, (content, danish, english)) in enumerate(refused_files(seeds).items()):
        # Each file takes its time, and the other language has the same reasons.
        told = {"da": danish, "en": english} if number % 4 == 0 else {"da": danish}
        for language, expected in told.items():
            status, page = await upload(client, name, content, language=language)
            said = words(page.partition("form-error-message")[2].partition("<input")[0])
            if status != 422 or expected not in said:
                unsaid[f"{name} {language}"] = f"{status} {said}"
    assert unsaid == {}
    assert not await milestones(pool)


async def test_no_file_of_any_sort_fails_the_page(
    client: Client, pool: Pool, fault_files: Sequence[Path]
) -> None:
    for file in fault_files:
        status, page = await upload(client, file.name, file.read_bytes())
        assert status == 422, file
        assert "form-error-message" in page, file
    assert not await milestones(pool)


@pytest.fixture
def fault_files(seeds: Path) -> Sequence[Path]:
    """The inputs that once failed this system or another one; they are not part of it."""
    folder = seeds.parent / "data" / "faults"
    # One of each kind: a file is read in a process of its own, which takes its time to start.
    found = {one.suffix: one for one in sorted(folder.rglob("*")) if one.is_file()}
    if not found:
        pytest.skip("the files of faults are not beside this checkout")
    return list(found.values())
