"""Answers are compressed, unless another site could learn from their length."""

import gzip
from collections.abc import AsyncGenerator

import brotli
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from api.delivery.compression import CODINGS, accepted_coding, compress_answers

PAGE = "<p>Et køretøj</p>" * 500
OURS = {"Accept-Encoding": "gzip, deflate, br", "Sec-Fetch-Site": "same-origin", "Cookie": "s=1"}


async def long_page(_: web.Request) -> web.StreamResponse:
    return web.Response(text=PAGE, content_type="text/html", headers={"Vary": "Cookie"})


async def short_page(_: web.Request) -> web.StreamResponse:
    return web.Response(text="<p>kort</p>", content_type="text/html")


async def workbook(_: web.Request) -> web.StreamResponse:
    return web.Response(body=bytes(5_000), content_type="application/vnd.ms-excel")


async def piece_by_piece(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await answer.prepare(request)
    await answer.write(PAGE.encode())
    return answer


@pytest.fixture
async def client() -> AsyncGenerator[TestClient[web.Request, web.Application]]:
    app = web.Application(middlewares=[compress_answers])
    app.router.add_get("/", long_page)
    app.router.add_get("/short", short_page)
    app.router.add_get("/workbook", workbook)
    app.router.add_get("/pieces", piece_by_piece)
    async with TestClient(TestServer(app), auto_decompress=False) as client:
        yield client


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_a_page_that_a_person_or_a_page_of_ours_asked_for_is_compressed(client, site):
    answer = await client.get("/", headers={**OURS, "Sec-Fetch-Site": site})
    assert answer.headers["Content-Encoding"] == "br"
    assert answer.headers["Vary"] == "Cookie, Accept-Encoding"
    body = await answer.read()
    assert brotli.decompress(body).decode() == PAGE
    assert int(answer.headers["Content-Length"]) == len(body) < len(PAGE) / 10


@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
async def test_what_another_site_may_have_asked_for_has_its_plain_length(client, site):
    headers = {name: value for name, value in OURS.items() if name != "Sec-Fetch-Site"}
    answer = await client.get("/", headers=headers | ({"Sec-Fetch-Site": site} if site else {}))
    assert "Content-Encoding" not in answer.headers
    assert (await answer.read()).decode() == PAGE


async def test_a_program_without_a_cookie_is_answered_compressed(client):
    answer = await client.get("/", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(await answer.read()).decode() == PAGE


@pytest.mark.parametrize("path", ["/short", "/workbook", "/pieces"])
async def test_what_gets_no_shorter_and_what_comes_in_pieces_stays_as_it_is(client, path):
    assert "Content-Encoding" not in (await client.get(path, headers=OURS)).headers


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("BR ; Q=0.000, GZIP", "gzip"),
        ("br;q=0.1", "br"),
        ("identity", None),
        ("", None),
    ],
)
def test_the_shortest_coding_that_is_taken_is_used(accepted, coding):
    assert accepted_coding(accepted) == coding


@given(st.text())
def test_any_header_is_read(accepted):
    assert accepted_coding(accepted) in (*CODINGS, None)
