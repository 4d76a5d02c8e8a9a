"""What protects every page, and how errors look to people and to programs."""

import asyncio
import errno
import os
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api.door.guard import content_security_policy
from api.door.needs import NEEDS
from api.pages.frame.body_pace import BodyPace
from api.pages.frame.frame import install_frame
from api.pages.frame.render import page
from api.pages.routes import VOCABULARY
from tests.samples.pages import NEEDS_OF_PAGES, PAGES

WAIT_MAX_S = 2.0

HTML = {"Accept": "text/html,application/xhtml+xml"}


async def overview(request: web.Request) -> web.StreamResponse:
    return page(request, PAGES["overview"])


async def broken(_: web.Request) -> web.StreamResponse:
    raise RuntimeError("the handler failed")


async def full_disk(_: web.Request) -> web.StreamResponse:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def no_database(_: web.Request) -> web.StreamResponse:
    await asyncpg.connect(host=str(Path(__file__).parent), timeout=1)
    return web.Response()


async def stuck(_: web.Request) -> web.StreamResponse:
    """As the driver does with a server that is stopped: it waits on when it is cancelled."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(60)
    await asyncio.sleep(3 * WAIT_MAX_S)
    return web.Response()


async def long(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    await asyncio.sleep(2 * WAIT_MAX_S)
    await answer.write(b"all of it")
    return answer


async def change(_: web.Request) -> web.StreamResponse:
    return web.Response(text="changed")


async def answers() -> bool:
    return True


@pytest.fixture
async def client() -> AsyncGenerator[TestClient[web.Request, web.Application]]:
    app = web.Application()
    app[NEEDS] = dict(NEEDS_OF_PAGES)
    install_frame(
        app,
        VOCABULARY,
        municipality="Prøve Kommune",
        names=["flaade.example"],
        own_tls=False,
        tiles_url=None,
        wait_max_s=WAIT_MAX_S,
        pace=BodyPace(10.0, 0.0),
        database_answers=answers,
    )
    app.router.add_get("/", overview)
    app.router.add_get("/broken", broken)
    app.router.add_get("/full-disk", full_disk)
    app.router.add_get("/no-database", no_database)
    app.router.add_get("/stuck", stuck)
    app.router.add_get("/long", long)
    app.router.add_post("/change", change)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_a_page_that_waits_for_long_says_that_the_database_is_away(client):
    async with asyncio.timeout(2 * WAIT_MAX_S):
        answer = await client.get("/stuck", headers=HTML)
    assert answer.status == 503
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("headers", [HTML, {}])
async def test_an_error_of_a_file_is_not_said_to_be_one_of_the_database(client, headers):
    assert (await client.get("/full-disk", headers=headers)).status == 500
    assert (await client.get("/no-database", headers=headers)).status == 503


async def test_an_answer_that_has_begun_may_take_its_time(client):
    assert await (await client.get("/long", headers=HTML)).text() == "all of it"


async def test_every_answer_carries_the_policy_even_an_error(client):
    for path in ("/", "/nothing"):
        answer = await client.get(path, headers=HTML)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_policy_opens_for_the_tile_server_of_the_settings_and_for_nothing_else():
    assert "http" not in content_security_policy(None)
    assert "http" not in content_security_policy("/tiles/{z}/{x}/{y}.png")
    policy = content_security_policy("https://tiles.example/{z}/{x}/{y}.png?key=1")
    assert "img-src 'self' data: blob: https://tiles.example;" in policy
    assert "connect-src 'self' https://tiles.example;" in policy
    assert "script-src 'self';" in policy


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8080", "", "[::1"])
async def test_a_name_that_is_not_ours_is_refused(client, host):
    assert (await client.get("/", headers={"Host": host})).status in (400, 403)


@pytest.mark.parametrize(
    "host", ["localhost:8080", "127.0.0.1", "[::1]:8080", "flaade.example", "Flaade.example:443"]
)
async def test_our_own_names_are_served(client, host):
    assert (await client.get("/", headers={"Host": host})).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
async def test_a_change_that_another_site_started_is_refused(client, headers):
    assert (await client.post("/change", headers=headers)).status == 403


async def test_a_change_from_our_own_page_or_from_a_program_is_let_through(client):
    origin = str(client.make_url("/")).rstrip("/")
    for headers in ({"Sec-Fetch-Site": "same-origin", "Origin": origin}, {"Origin": origin}, {}):
        assert (await client.post("/change", headers=headers)).status == 200


async def test_a_person_gets_an_error_page_in_their_language_and_a_program_gets_plain_text(client):
    answer = await client.get("/nothing", headers=HTML)
    assert answer.status == 404
    assert "Siden findes ikke" in await answer.text()
    answer = await client.get("/nothing", headers=HTML, cookies={"lang": "en"})
    assert "Page not found" in await answer.text()
    assert (await client.get("/nothing")).content_type == "text/plain"


async def test_a_fault_of_ours_is_a_500_page_that_shows_nothing_of_the_inside(client):
    answer = await client.get("/broken", headers=HTML)
    assert answer.status == 500
    text = await answer.text()
    assert "Noget gik galt" in text
    assert "the handler failed" not in text


async def test_pages_are_never_kept_and_static_files_are_kept_for_good(client):
    answer = await client.get("/")
    assert answer.headers["Cache-Control"] == "no-store"
    text = await answer.text()
    style = text.split('<link rel="stylesheet" href="')[2].split('"')[0]
    assert style.endswith("/flaade.css")
    answer = await client.get(style)
    assert answer.status == 200
    assert "immutable" in answer.headers["Cache-Control"]
