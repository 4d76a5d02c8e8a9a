"""A small file that asks for much is refused with its reason, and the server goes on."""

import io
import zipfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from api.settings import Settings
from db.connect import Pool
from tests.factories.access import visitor
from tests.factories.vehicles import put_cars
from tests.factories.whole import served, whole_app


@dataclass(frozen=True)
class Site:
    """A server, and somebody who hands files over to it."""

    url: str
    session: aiohttp.ClientSession


@asynccontextmanager
async def site_of(pool: Pool, settings: Settings) -> AsyncGenerator[Site]:
    tester = await visitor(pool)
    async with served(whole_app(pool, settings)[0]) as url, tester.client() as session:
        yield Site(url, session)


@pytest.fixture
async def site(pool: Pool, settings: Settings) -> AsyncGenerator[Site]:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1")
    async with site_of(pool, settings) as site:
        yield site


def workbook(sheet: str, **parts: bytes) -> bytes:
    """A workbook of one sheet, and further parts."""
    file = io.BytesIO()
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets>'
            '<sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{relation}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
        )
        for name, content in parts.items():
            archive.writestr(f"xl/media/{name}", content)
    return file.getvalue()


def cell(place: str) -> str:
    row = "".join(letter for letter in place if letter.isdigit())
    return f'<row r="{row}"><c r="{place}" t="inlineStr"><is><t>b</t></is></c></row>'


async def sent(site: Site, path: str, name: str, content: bytes) -> tuple[int, str]:
    form = aiohttp.FormData()
    form.add_field("file", content, filename=name)
    async with site.session.post(site.url + path, data=form) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("l.xlsx", workbook(cell("A1") + cell("IV60000")), "15.360.000 celler"),
        ("l.xlsx", workbook(cell("A1") + cell("XFD1048576")), "strækker sig over"),
        ("l.xlsx", b"PK\x03\x04" + bytes(100), "hverken CSV eller"),
        ("l.xls", b"\xd0\xcf\x11\xe0" + bytes(4_000), "hverken CSV eller"),
        ("l.csv", b"a;b\n" + b"x" * 40_000, "mere end 32.767 tegn"),
        ("l.csv", (b"a;" * 2_000 + b"\n") * 2, "2.001 kolonner"),
        ("l.csv", b"a;b\n1;2\x00\n", "nul-bytes"),
        ("l.csv", b"a;b\n\x81\x8d;2\n", "hverken UTF-8 eller Windows-1252"),
    ],
    ids=["sparse", "far", "zip", "xls", "cell", "columns", "binary", "encoding"],
)
async def test_a_log_that_is_more_than_may_be_read_is_refused_with_its_reason(
    site: Site, name: str, content: bytes, said: str
) -> None:
    status, text = await sent(site, "/logs", name, content)
    assert status == 422
    assert said in text


async def test_a_log_that_unpacks_to_more_than_may_be_read_is_refused(site: Site) -> None:
    packed = workbook(cell("A1") + cell("A2"), bomb=bytes(210_000_000))
    status, text = await sent(site, "/logs", "l.xlsx", packed)
    assert status == 422
    assert "pakkes ud" in text


async def test_every_sparse_workbook_of_the_folder_is_refused(
    site: Site, shared_data: Path
) -> None:
    files = sorted((shared_data / "faults" / "service").glob("sparse_*.xlsx"))
    assert files
    for file in files:
        status, text = await sent(site, "/logs", file.name, file.read_bytes())
        assert status == 422
        assert "slet de tomme rækker" in text


async def test_a_file_that_takes_too_much_memory_or_time_ends_its_reader_alone(
    pool: Pool, settings: Settings
) -> None:
    far = workbook(cell("A1") + cell("ZZ20000"))
    tight = settings.model_copy(
        update={"upload_cells_max": 10**9, "upload_memory_bytes": 100_000_000}
    )
    async with site_of(pool, tight) as site:
        status, text = await sent(site, "/logs", "l.xlsx", far)
        assert status == 422
        # The library says by itself that it got no memory, or ends, as it happens.
        assert "form-error-message" in text
    slow = settings.model_copy(update={"upload_seconds_max": 0.05})
    async with site_of(pool, slow) as site:
        status, text = await sent(site, "/logs", "l.xlsx", far)
        assert (status, "sekunder" in text) == (422, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            '{"type":"Feature","properties":{"name":"50 % el","kind":"x"},"geometry":null}',
            "50 % el",
        ),
        (
            '{"type":"Feature","properties":{"name":"{0} %s <b>","kind":"%(x)s"},"geometry":null}',
            "{0} %s &lt;b&gt;",
        ),
        ("[" * 100_000, "GeoJSON"),
        ('{"type":"FeatureCollection","features":{}}', "GeoJSON"),
        ('{"type":"FeatureCollection","features":[' + "1," * 5_001 + "1]}", "zoner"),
        (
            '{"type":"Feature","properties":{"name":"A"},"geometry":{"type":"Polygon",'
            '"coordinates":[[' + "[1,1]," * 20_001 + "[1,1]]]}}",
            "hjørner",
        ),
        (
            '{"type":"Feature","properties":{"name":"A"},"geometry":{"type":"Polygon",'
            '"coordinates":[[["nan","nan"],[1,2],[2,2],["nan","nan"]]]}}',
            "koordinater",
        ),
        (
            '{"type":"Feature","properties":{"name":"A","radius_m":50},"geometry":'
            '{"type":"Point","coordinates":[1e999,"inf"]}}',
            "GeoJSON",
        ),
    ],
    ids=["percent", "signs", "deep", "no list", "many", "corners", "nan", "inf"],
)
async def test_zones_that_cannot_be_are_refused_with_what_was_sent_as_it_is(
    site: Site, content: str, said: str
) -> None:
    status, text = await sent(site, "/zones/file", "z.geojson", content.encode())
    assert status == 422
    assert said in text


async def test_a_log_is_read_once_and_its_pages_are_drawn_from_what_was_kept(
    site: Site, pool: Pool
) -> None:
    rows = "".join(
        f"v1;{day:02}-01-2025 08:00;{day:02}-01-2025 09:00;{day},5\n" for day in range(1, 29)
    )
    status, text = await sent(site, "/logs", "l.csv", f"Bil;Start;Slut;Km\n{rows}".encode("cp1252"))
    assert status == 200
    assert "28 rækker" in text
    assert "adskilt af semikolon" in text
    kept = await pool.fetchrow("SELECT content, preview FROM log_upload")
    assert kept is not None
    assert b"v1;" not in kept["content"]
    assert len(kept["preview"]["first"]) == 11
    columns = {"vehicle": "Bil", "start": "Start", "end": "Slut", "km": "Km"}
    async with site.session.post(f"{site.url}/logs/1", data=columns) as answer:
        assert answer.status == 200
    assert await pool.fetchval("SELECT count(*) FROM trip") == 28
