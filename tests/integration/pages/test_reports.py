"""The documents of a round say what its pages say, and its proof stands a check without the
system."""

import asyncio
import hashlib
import io
import json
import re
import zipfile
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import aiohttp
import asyncpg
import pytest
from pypdfium2 import PdfDocument
from python_calamine import CalamineWorkbook

from access.roles import ROLE_PERMISSIONS, Role
from api.pages.reports.headline_words import say_headline
from api.pages.words.formats import Formats
from api.pages.words.language import Language, translations
from api.settings import Settings
from db.connect import Pool
from db.scope.seen import seen_by
from fleet.actor import Actor, NotAllowedError, Permission
from optimiser.depot.decision_key import Action
from optimiser.model.check import check_files
from optimiser.rounds.decisions import Verdict, decide
from optimiser.rounds.overview import latest_round
from optimiser.rounds.proposals import read_proposals
from optimiser.rounds.requests import request_round
from optimiser.workers import Workers
from reports.certificate import Certificate, Unchecked, archive, certify, check_archive
from reports.frozen import freeze
from reports.kept import keep_report
from tests.factories.access import Visitor, visitor
from tests.factories.command import flaade
from tests.factories.page_text import words as words_of
from tests.factories.rounds import FEW_STUDIES, answer_round
from tests.factories.two_departments import FLEET
from tests.factories.whole import served, whole_app
from trips.use.fleet_use import data_period

PDFS = ("/proposals/report.pdf", "/proposals/council.pdf")
FLEET_UNIT = Actor.trusted("Flådeenheden")


@dataclass(frozen=True)
class Site:
    """A server with a round that is done and studied."""

    url: str
    pool: Pool
    settings: Settings
    round_id: int
    unit: Visitor
    head: Visitor
    reader: Visitor

    async def get(self, who: Visitor, path: str, lang: str = "da") -> tuple[int, str, bytes]:
        cookie = f"{who.cookie}; lang={lang}"
        async with (
            aiohttp.ClientSession(headers={"Cookie": cookie}) as session,
            session.get(self.url + path, allow_redirects=False) as answer,
        ):
            return answer.status, answer.content_type, await answer.read()


@pytest.fixture
async def site(pool: Pool, settings: Settings, workers: Workers) -> AsyncGenerator[Site]:
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
        await connection.execute(
            "UPDATE vehicle SET name = '=#panic(\"x\") $ * _ \\ <b>' WHERE vehicle_id = 'own-idle'"
        )
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    round_id = await request_round(pool, FLEET_UNIT, period)
    asked = settings.model_copy(update={"workshop_ready": False, **FEW_STUDIES})
    await answer_round(pool, round_id, asked, workers)
    async with served(whole_app(pool, settings)[0]) as url:
        yield Site(
            url,
            pool,
            settings,
            round_id,
            await visitor(pool, Role.FLEET_UNIT, "Flåde"),
            await visitor(pool, Role.DEPARTMENT_HEAD, "Hanne", frozenset({"Egen"})),
            await visitor(pool, Role.READER, "Læser"),
        )


@pytest.mark.parametrize("lang", ["da", "en"])
async def test_the_report_and_the_page_for_the_council_are_pdf(site: Site, lang: str) -> None:
    for who in (site.unit, site.head, site.reader):
        for path in PDFS:
            status, content_type, body = await site.get(who, path, lang)
            assert (status, content_type, body[:5]) == (200, "application/pdf", b"%PDF-"), path
            assert len(body) > 10_000
        assert (await site.get(who, "/proposals/council", lang))[0] == 200
        path = f"/v1/rounds/{site.round_id}/report.pdf?language={lang}"
        status, content_type, body = await site.get(who, path)
        assert (status, content_type, body[:5]) == (200, "application/pdf", b"%PDF-")
    assert (await site.get(site.unit, f"/v1/rounds/{site.round_id + 1}/report.pdf"))[0] == 404
    assert (await site.get(site.unit, f"/v1/rounds/{site.round_id}/report.pdf?language=x"))[
        0
    ] == 422


async def test_there_is_no_document_before_the_first_round(pool: Pool, settings: Settings) -> None:
    async with served(whole_app(pool, settings)[0]) as url:
        unit = await visitor(pool, Role.FLEET_UNIT, "Flåde")
        site = Site(url, pool, settings, 0, unit, unit, unit)
        for path in (*PDFS, "/proposals/report.xlsx", "/proposals/certificate.zip"):
            assert (await site.get(unit, path))[0] == 404
        assert (await site.get(unit, "/proposals/council"))[0] == 200


async def sheets(site: Site, who: Visitor) -> dict[str, list[dict[str, object]]]:
    status, _, body = await site.get(who, "/proposals/report.xlsx")
    assert status == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    found: dict[str, list[dict[str, object]]] = {}
    for name in book.sheet_names:
        head, *rows = book.get_sheet_by_name(name).to_python()
        found[name] = [dict(zip(map(str, head), row, strict=True)) for row in rows]
    return found


async def test_excel_has_the_sums_of_the_round_to_the_oere(site: Site) -> None:
    found = await latest_round(site.pool)
    assert found is not None
    told = await sheets(site, site.unit)
    assert list(told) == [
        *("Kort sagt", "Forslag", "Budgetår", "Depoter", "Udgift mod CO₂e"),
        *("År for år", "Depoter år for år", "Aftaler og ændringer", "Om tallene"),
    ]
    column = "Sparer (kr. om året)"
    saving = pytest.approx(found.saving_kr_year, abs=0.005)
    assert sum(float(str(row[column])) for row in told["Forslag"]) == saving
    assert sum(float(str(row[column])) for row in told["Depoter"]) == saving
    total = sum(float(str(row["Sparet i alt (kr.)"])) for row in told["Budgetår"])
    assert total == pytest.approx(sum(year.total_kr for year in found.budget.years), abs=0.005)
    first = found.budget.years[0].year
    by_depot = sum(float(str(row[f"{first} (kr.)"])) for row in told["Depoter"])
    assert by_depot == pytest.approx(found.budget.years[0].total_kr, abs=0.005)
    assert '=#panic("x") $ * _ \\ <b>' in {row["Køretøj"] for row in told["Forslag"]}


async def test_a_head_gets_the_tables_of_their_departments_only(site: Site) -> None:
    for rows in (await sheets(site, site.head)).values():
        assert "fremmed" not in json.dumps(rows, default=str).lower()


def unpacked(content: bytes, folder: Path) -> list[Path]:
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        zipped.extractall(folder)
    return sorted(folder.glob("part-*"))


async def test_a_certificate_is_checked_again_from_its_own_files(
    site: Site, tmp_path: Path
) -> None:
    status, content_type, content = await site.get(site.unit, "/proposals/certificate.zip")
    assert (status, content_type) == (200, "application/zip")
    assert check_archive(content) == []
    (tmp_path / "bevis.zip").write_bytes(content)
    done = await asyncio.to_thread(flaade, "check-certificate", "bevis.zip", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no byte was changed" in done.stdout
    said = " ".join(done.stdout.split())
    (tmp_path / "andet.zip").write_bytes(content.replace(b"%PDF", b"%PDX")[:-9])
    done = await asyncio.to_thread(flaade, "check-certificate", "andet.zip", cwd=tmp_path)
    assert done.returncode == 2
    assert "this is no certificate, or it was changed" in done.stderr
    folders = unpacked(content, tmp_path)
    assert len(folders) == 3
    for folder in folders:
        files = [folder / name for name in ("PLAN.json", "TRIPS.csv", "FLEET.csv", "RULES.toml")]
        plan, trips, fleet, rules = files
        assert check_files(plan, trips, fleet, rules) == []
        assert f"{folder.name}: does not carry the rule of the workshop" in said
        cheaper = trips.read_text().replace(",12.0,", ",11.0,", 1)
        trips.write_text(cheaper)
        assert check_files(plan, trips, fleet, rules) != []
    told = json.loads((tmp_path / "CERTIFICATE.json").read_text())
    found = await latest_round(site.pool)
    assert found is not None
    assert found.summary is not None
    assert told["lower_bound_kr_year"] == pytest.approx(found.summary.lower_bound_kr_year)
    assert told["cost_kr_year"] == pytest.approx(found.summary.proposed.cost_kr_year)
    exported = await site.pool.fetchval(
        "SELECT count(*) FROM audit_entry WHERE subject_id = 'flaade-runde-1-1-bevis.zip'"
    )
    assert exported == 1


async def test_every_changed_byte_of_a_certificate_is_told(site: Site) -> None:
    certificate = await certify(site.pool, FLEET_UNIT, site.round_id, site.settings)
    assert certificate is not None
    content = archive(certificate, b"%PDF-")
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    for name in files:
        if name == "CERTIFICATE.json":
            continue
        body = bytearray(files[name])
        body[len(body) // 2] ^= 1
        assert check_archive(packed(files | {name: bytes(body)})) == [f"{name}: was changed"]
        without = {other: body for other, body in files.items() if other != name}
        assert check_archive(packed(without)) == [f"{name}: is missing"]
    assert check_archive(packed({**files, "more": b""})) == ["more: is not of the certificate"]


async def ready(site: Site, workers: Workers) -> Certificate:
    """The certificate of a round that asks for the rule of the workshop."""
    period = await data_period(site.pool, site.settings.period_weeks)
    assert period is not None
    round_id = await request_round(site.pool, FLEET_UNIT, period)
    asked = site.settings.model_copy(update={"workshop_ready": True, "reserve_vehicles": 0})
    await answer_round(site.pool, round_id, asked, workers, studied=False)
    certificate = await certify(site.pool, FLEET_UNIT, round_id, site.settings)
    assert certificate is not None
    return certificate


async def test_a_certificate_holds_what_lacks_while_a_vehicle_is_in_the_workshop(
    site: Site, workers: Workers, tmp_path: Path
) -> None:
    """The trips that lack one are told of the proposed fleet and of today's, added up over the
    depots, in the paper as in the files; anybody checks it again, and what was changed is
    refused."""
    certificate = await ready(site, workers)
    found = certificate.workshop
    assert found is not None
    own = [one for part in certificate.parts if part.workshop for one in part.workshop.pools]
    # At one of the three depots the departments drive apart.
    assert len(own) == 4
    assert found.proposed == tuple(map(sum, zip(*(one.proposed for one in own), strict=True)))
    assert found.today == tuple(map(sum, zip(*(one.today for one in own), strict=True)))
    assert sum(found.today) > 0
    assert found.more == 0
    assert all(a <= b for a, b in zip(found.proposed, found.today, strict=True))
    _, _, content = await site.get(site.unit, "/proposals/certificate.zip")
    assert check_archive(content) == []
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    pages = PdfDocument(files["CERTIFICATE.pdf"])
    paper = " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())
    assert "Med ét køretøj fra hvert depot på værksted" in paper
    assert f"{found.proposed[0]} med den foreslåede flåde, {found.today[0]} med dagens" in paper

    async def checked(files: Mapping[str, bytes]) -> tuple[int, str, str]:
        (tmp_path / "bevis.zip").write_bytes(packed(files))
        done = await asyncio.to_thread(flaade, "check-certificate", "bevis.zip", cwd=tmp_path)
        return done.returncode, " ".join(done.stdout.split()), " ".join(done.stderr.split())

    code, said, faults = await checked(files)
    assert (code, faults) == (0, "")
    for part in certificate.parts:
        assert part.workshop is not None
        assert all(f"{part.folder}: {one.sentence}" in said for one in part.workshop.pools)
    name = "part-0/WORKSHOP.json"
    told = json.loads(files[name])
    told["today"].append({**told["today"][0], "vehicle": "one more"})
    falsified = files | {name: json.dumps(told).encode()}
    assert await checked(falsified) == (1, "", f"{name}: was changed")
    # Whoever makes up its digest, too, is told by what the other files say.
    digests = json.loads(files["CERTIFICATE.json"])
    digests["parts"][0]["files"][name] = hashlib.sha256(falsified[name]).hexdigest()
    code, _, faults = await checked(falsified | {"CERTIFICATE.json": json.dumps(digests).encode()})
    assert code == 1
    assert re.search(r"part-0: today: \d vehicles of \S+, the fleet file has \d", faults)
    # Earlier software wrote none of it.
    digests = json.loads(files["CERTIFICATE.json"]) | {"format": 1}
    del digests["workshop"], digests["in_sum"]
    for part in digests["parts"]:
        del part["files"][f"part-{part['part']}/WORKSHOP.json"]
    before = {path: body for path, body in files.items() if "WORKSHOP" not in path}
    code, said, faults = await checked(before | {"CERTIFICATE.json": json.dumps(digests).encode()})
    assert (code, faults) == (0, "")
    assert said.count("does not carry the rule of the workshop") == 3
    # In a round that asks for the rule, a part without it is a fault, also without its digest.
    digests = json.loads(files["CERTIFICATE.json"])
    assert digests["workshop"] is True
    del digests["parts"][0]["files"][name]
    before = {path: body for path, body in files.items() if path != name}
    code, _, faults = await checked(before | {"CERTIFICATE.json": json.dumps(digests).encode()})
    assert code == 1
    assert "part-0: lacks WORKSHOP.json, and the round asks for the rule of the workshop" in faults


async def test_a_certificate_names_the_depots_that_its_sums_leave_out(
    site: Site, workers: Workers
) -> None:
    await ready(site, workers)
    await site.pool.execute("DELETE FROM round_trip WHERE vehicle_id = 'own'")
    _, _, content = await site.get(site.unit, "/proposals/certificate.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        pages = PdfDocument(zipped.read("CERTIFICATE.pdf"))
    paper = " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())
    assert "Ikke talt med, da deres planer ikke kan efterprøves: Gården." in paper


def packed(files: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        for name, body in files.items():
            zipped.writestr(name, body)
    return file.getvalue()


async def test_a_plan_whose_trips_were_deleted_cannot_be_checked_any_more(
    site: Site, tmp_path: Path
) -> None:
    await site.pool.execute("DELETE FROM round_trip WHERE vehicle_id = 'own'")
    certificate = await certify(site.pool, FLEET_UNIT, site.round_id, site.settings)
    assert certificate is not None
    told = {tuple(part.depots): part for part in certificate.parts}
    gone = told.pop(("Gården",))
    assert (gone.unchecked, gone.files) == (Unchecked.DATA_CHANGED, {})
    assert [part.unchecked for part in told.values()] == [None, None]
    status, _, content = await site.get(site.unit, "/proposals/certificate.zip")
    assert status == 200
    assert check_archive(content) == []
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        kept = json.loads(zipped.read("CERTIFICATE.json"))["parts"]
        pdf = zipped.read("CERTIFICATE.pdf")
    assert [part["unchecked"] for part in kept].count("data_changed") == 1
    assert hashlib.sha256(pdf).hexdigest()
    (tmp_path / "bevis.zip").write_bytes(content)
    done = await asyncio.to_thread(flaade, "check-certificate", "bevis.zip", cwd=tmp_path)
    assert done.returncode == 1
    assert f"{gone.folder} (Gården): cannot be checked" in " ".join(done.stderr.split())
    assert "each plan keeps every rule" not in done.stdout


async def test_a_certificate_proves_nothing_where_the_check_finds_a_fault(site: Site) -> None:
    async def paper() -> str:
        _, _, content = await site.get(site.unit, "/proposals/certificate.zip")
        with zipfile.ZipFile(io.BytesIO(content)) as zipped:
            pages = PdfDocument(zipped.read("CERTIFICATE.pdf"))
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())

    assert "Det er bevist" in await paper()
    await site.pool.execute(
        "UPDATE round_part SET part_plan = jsonb_set(part_plan, '{fleet_plan,cost_kr_year}', '1')"
        " WHERE part = 0"
    )
    certificate = await certify(site.pool, FLEET_UNIT, site.round_id, site.settings)
    assert certificate is not None
    assert [part.unchecked for part in certificate.parts] == [Unchecked.WRONG, None, None]
    told = await paper()
    assert "Det er bevist" not in told
    assert "så intet er bevist om hele flåden" in told
    assert all(name in told for name in certificate.parts[0].depots)


async def test_single_trips_of_a_certificate_are_for_who_may_read_them(site: Site) -> None:
    for who in (site.reader, site.head):
        assert (await site.get(who, "/proposals/certificate.zip"))[0] == 403
        assert "certificate.zip" not in (await site.get(who, "/proposals/report"))[2].decode()
    assert "certificate.zip" in (await site.get(site.unit, "/proposals/report"))[2].decode()


async def kept(site: Site) -> str:
    """Keep the report as it is now; returns the address of its page."""
    async with (
        aiohttp.ClientSession(headers={"Cookie": f"{site.unit.cookie}; lang=da"}) as session,
        session.post(
            f"{site.url}/proposals/reports",
            data={"form_token": site.unit.form_token},
            allow_redirects=False,
        ) as answer,
    ):
        assert answer.status == 303
        return answer.headers["Location"].partition("?")[0]


def article(body: bytes) -> str:
    """What a report says, without the others to compare it with."""
    text = body.decode().partition("<article")[2].partition("</article>")[0]
    return words_of(re.sub("<details.*?</details>", "", text, flags=re.DOTALL))


def words(body: bytes) -> str:
    return words_of(body.decode())


async def test_a_report_that_was_kept_stays_as_it_was_and_tells_what_differs(site: Site) -> None:
    first = await kept(site)
    shown = article((await site.get(site.unit, first))[2])
    pdf = (await site.get(site.unit, f"{first}/pdf"))[2]
    assert pdf.startswith(b"%PDF-")
    again = await kept(site)
    same = words((await site.get(site.unit, f"{again}/since/{first.rpartition('/')[2]}"))[2])
    assert "De to siger det samme." in same
    proposals = [one for one in await read_proposals(site.pool, site.round_id) if one.is_change]
    await decide(site.pool, FLEET_UNIT, proposals[0].proposal_id, Verdict.ACCEPTED, "")
    await site.pool.execute("UPDATE zone SET name = name || ' ny'")
    await site.pool.execute("UPDATE round SET summary = summary || '{\"gap\": 0.5}'")
    later = await kept(site)
    # Later ones to compare it with are named beside it.
    assert article((await site.get(site.unit, first))[2]) == shown
    assert (await site.get(site.unit, f"{first}/pdf"))[2] == pdf
    path = f"{later}/since/{first.rpartition('/')[2]}"
    told = words((await site.get(site.unit, path))[2])
    for text in ("Accepted savings a year", "Awaits a decision", "Accepted so far"):
        assert translations(Language.DANISH).gettext(text) in told
    assert (
        Formats(Language.DANISH).kr(proposals[0].decision.saving_kr_year).replace("\u00a0", " ")
        in told
    )
    listed = (await site.get(site.reader, "/proposals/reports"))[2].decode()
    assert all(f'"{one}"' in listed for one in (first, again, later))
    # Those of one minute have names of their own, by the number that their files have.
    names = re.findall(r'<a href="/proposals/reports/(\d+)">([^<]*)</a>', listed)
    assert len(names) == 3
    assert all(name.startswith(f"Nr. {number}: ") for number, name in names)
    for one in (first, f"{first}/pdf"):
        assert (await site.get(site.reader, one))[0] == 200
        assert (await site.get(site.head, one))[0] == 404
    assert first not in (await site.get(site.head, "/proposals/reports"))[2].decode()
    assert (await site.get(site.unit, "/proposals/reports/999"))[0] == 404


async def test_no_report_that_was_kept_changes_or_holds_a_day_of_driving(site: Site) -> None:
    await kept(site)
    for changed in ("UPDATE report SET digest = ''", "DELETE FROM report"):
        with pytest.raises(asyncpg.PostgresError):
            await site.pool.execute(changed)
    content = await site.pool.fetchval("SELECT content::text FROM report")
    driven = {row[0] for row in await site.pool.fetch("SELECT start_ts::date FROM round_trip")}
    assert driven
    assert {day for day in driven if day.isoformat() in content} == set()
    actions = "SELECT act, subject, detail FROM audit_entry WHERE subject = 'report'"
    [entry] = await site.pool.fetch(actions)
    assert (entry["act"], entry["detail"]) == ("kept", {"number": 1, "version": 1})


async def test_only_who_requests_rounds_keeps_a_report(site: Site) -> None:
    found = await latest_round(site.pool)
    assert found is not None
    report = freeze(found, [], {})
    for actor in (
        Actor("Læser", ROLE_PERMISSIONS[Role.READER]),
        Actor("Leder", frozenset(Permission), frozenset({"Egen"})),
    ):
        with pytest.raises(NotAllowedError):
            await keep_report(site.pool, actor, report, round_id=site.round_id)


async def test_page_and_interface_have_one_headline(site: Site) -> None:
    found = await latest_round(site.pool)
    assert found is not None
    status, _, body = await site.get(site.unit, f"/v1/rounds/{site.round_id}")
    assert status == 200
    told = json.loads(body)["figures"]["headline"]
    assert told == {one.value: say_headline(found, one) for one in Language}
    for lang, text in told.items():
        page = words((await site.get(site.unit, "/proposals/council", lang))[2])
        assert " ".join(text.split()) in unescape(page)


async def test_a_plan_that_keeps_decisions_says_so(site: Site) -> None:
    await site.pool.execute(
        """UPDATE round_part SET verdicts = '{"accepted": ["dispose:a"], "rejected": ["buy:b"]}',
                                 study = study - 'decisions_kr_year'"""
    )
    found = await latest_round(site.pool)
    assert found is not None
    assert found.verdicts_kept == 6
    assert "6 af jeres godkendelser og afvisninger" in say_headline(found, Language.DANISH)
    # What they cost is known once each study tells it, and is the same wherever it is told.
    assert (found.decisions_kr_year, "koster" in say_headline(found, Language.DANISH)) == (
        None,
        False,
    )
    await site.pool.execute(
        """UPDATE round_part SET study = coalesce(study, '{}') || '{"decisions_kr_year": 4115.5}'"""
    )
    found = await latest_round(site.pool)
    assert found is not None
    assert found.decisions_kr_year == 3 * 4115.5
    assert "12.346" in say_headline(found, Language.DANISH)
    _, _, body = await site.get(site.unit, f"/v1/rounds/{site.round_id}")
    figures = json.loads(body)["figures"]
    assert (figures["decisions_kept"], figures["decisions_kr_year"]) == (6, 3 * 4115.5)
    # They are those of the whole municipality.
    with seen_by(frozenset({"Egen"})):
        narrowed = await latest_round(site.pool)
    assert narrowed is not None
    assert narrowed.decisions_kr_year is None


async def test_what_is_rejected_since_is_told_with_its_sum_wherever_the_sums_of_the_plan_are(
    site: Site,
) -> None:
    """They are those of the plan until it is calculated again, on every page and document alike."""
    every = await read_proposals(site.pool, site.round_id)
    pool = next(one for one in every if one.decision.action is Action.POOL)
    found = await latest_round(site.pool)
    assert found is not None
    before = found.saving_kr_year
    for one in (pool, next(one for one in every if one.is_change and one is not pool)):
        await decide(site.pool, FLEET_UNIT, one.proposal_id, Verdict.REJECTED, "Nej")
    found = await latest_round(site.pool)
    assert found is not None
    keys = {one.key for one in found.rejected_since}
    assert {one.decision.key for one in pool.singles} <= keys
    gone = [one for whole in every for one in whole.singles if one.decision.key in keys]
    amount = sum(one.decision.saving_kr_year for one in gone)
    assert found.rejected_since_kr_year == pytest.approx(amount)
    assert found.saving_kr_year == before
    kr = " ".join(Formats(Language.DANISH).kr(amount).split())
    told = f"{kr} om året af besparelsen, værdien af CO₂e regnet med, er fra {len(gone)} ændr"
    for path in ("/", "/proposals", "/proposals/council", "/proposals/report"):
        page = words((await site.get(site.unit, path))[2])
        assert told in unescape(" ".join(page.split())), path
    _, _, body = await site.get(site.unit, f"/v1/rounds/{site.round_id}")
    figures = json.loads(body)["figures"]
    assert told in " ".join(figures["headline"]["da"].split())
    assert figures["rejected_since_kr_year"] == pytest.approx(amount)
    assert figures["saving_kr_year"] == pytest.approx(before)
    _, _, body = await site.get(site.unit, "/proposals/report.xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    [row] = [row for row in sheet if row[0] == "heraf afvist, siden planen blev beregnet"]
    assert row[3] == pytest.approx(amount, abs=1)
