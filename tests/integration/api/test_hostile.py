"""Whatever an address, a question or a form has in it, it is answered, and never with a 500.

The routes come from the router and the fields from the templates, so that a new one is tried too.
"""

import asyncio
import re
from collections.abc import AsyncGenerator

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from api.pages.frame.render import TEMPLATES_DIR
from api.settings import Settings
from db.connect import Pool
from register.devices import enrol_device
from tests.factories.access import visitor
from tests.factories.actors import SOMEBODY
from tests.factories.vehicles import put_cars
from tests.factories.whole import served, whole_app

#: Encoded as in an address: what no text has, what no number can be, and what means something else.
HOSTILE = (
    "%00",
    "a%00b",
    "%ED%A0%80",
    "%FF",
    "-1",
    "0",
    str(2**31),
    str(2**63),
    "9" * 30,
    "9" * 5_000,
    "1e400",
    "NaN",
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00",
    "%25s",
    "%7B0%7D",
    "%2F%2E%2E",
    "%C2%BD",
    "x" * 3_000,
)

#: Every value is tried on a third of the routes, and every route with a third of the values.
TURNS = 3

#: What addresses are asked beside what the forms of the templates are named.
ASKED = ("next", "format", "before", "limit", "state", "protocol", "reason", "added", "changed")


def field_names() -> list[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES_DIR.glob("*/*.html"))
    names = set(re.findall(r'\bname="([a-z_-]+)"', text)) | set(re.findall(r"[?&]([a-z]+)=", text))
    return sorted(names | set(ASKED))


@pytest.fixture
async def app(pool: Pool, settings: Settings) -> web.Application:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "1")
    await enrol_device(pool, SOMEBODY, "d1")
    return whole_app(pool, settings)[0]


@pytest.fixture
async def url(app: web.Application) -> AsyncGenerator[str]:
    async with served(app) as url:
        yield url


@pytest.fixture
async def session(pool: Pool, app: web.Application) -> AsyncGenerator[aiohttp.ClientSession]:
    """Of somebody who may everything: who may not is refused before anything is read."""
    async with (await visitor(pool)).client() as session:
        yield session


def routes(app: web.Application) -> list[tuple[str, str]]:
    """Method and canonical path of every route that a handler is behind."""
    found = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method in ("GET", "POST")
    }
    return sorted(found)


async def statuses(
    session: aiohttp.ClientSession, url: str, asked: list[tuple[str, str, dict[str, str] | None]]
) -> list[tuple[int, str, str]]:
    """The status of every request, a few at a time."""
    found: list[tuple[int, str, str]] = []
    few = asyncio.Semaphore(4)

    async def ask(method: str, path: str, form: dict[str, str] | None) -> None:
        body = None if form is None else "&".join(f"{k}={v}" for k, v in form.items())
        headers = {} if form is None else {"Content-Type": "application/x-www-form-urlencoded"}
        async with (
            few,
            session.request(
                method,
                URL(url + path, encoded=True),
                data=body,
                headers=headers,
                allow_redirects=False,
            ) as answer,
        ):
            await answer.read()
            found.append((answer.status, method, path[:80]))

    await asyncio.gather(*(ask(*one) for one in asked))
    return found


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: value[:20])
async def test_no_address_and_no_form_is_answered_with_an_error_of_ours(
    app: web.Application, session: aiohttp.ClientSession, url: str, value: str
) -> None:
    names = field_names()
    query = "&".join(f"{name}={value[:300]}" for name in names)
    asked: list[tuple[str, str, dict[str, str] | None]] = []
    turn = HOSTILE.index(value) % TURNS
    for method, path in routes(app)[turn::TURNS]:
        real = re.sub(r"\{.*?\}", "1", path)
        form = dict.fromkeys(names, value) if method == "POST" else None
        if "{" in path and not path.startswith("/static"):
            asked.append((method, re.sub(r"\{.*?\}", value, path), form))
        asked.append((method, real, form) if form else (method, f"{real}?{query}", None))
    found = await statuses(session, url, asked)
    assert [one for one in found if one[0] >= 500] == []


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&" * 10_000,
        b"a=1&" * 260_000,
        b"a=" + b"x" * 1_040_000,
        b"a=%FF",
        b"\xff\xfe",
    ],
    ids=["fields", "more-fields", "long", "no-utf-8", "bytes"],
)
async def test_a_form_is_bounded_before_it_is_read(
    session: aiohttp.ClientSession, url: str, body: bytes
) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with (
        session.post(f"{url}/intake/keys", data=body, headers=headers) as answer,
    ):
        assert answer.status in (400, 413)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"--x\r\n\r\n",
        b"--x--\r\n",
        b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n",
        b"--x\r\nContent-Disposition: form-data; name=note\r\n\r\n\xff\r\n--x--\r\n",
        b"--x\r\nContent-Disposition: form-data; name=note\r\n\r\na\x00b\r\n--x--\r\n",
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n--x--\r\n",
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" * 2_000 + b"--x--\r\n",
    ],
)
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "multipart/form-data"])
async def test_a_form_in_parts_is_read_or_refused(
    session: aiohttp.ClientSession, url: str, body: bytes, kind: str
) -> None:
    async with (
        session.post(f"{url}/logs", data=body, headers={"Content-Type": kind}) as answer,
    ):
        assert answer.status in (400, 403)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("PUT", "/v1/quarantine", 405),
        ("GET", "/v1/quarantine?device=%00", 400),
        ("GET", "/v1/vehicles/%00/private", 400),
        ("GET", f"/v1/quarantine/{2**63}/payload", 404),
        ("GET", f"/v1/quarantine?cursor={2**63}", 422),
        ("GET", "/v1/quarantine/x/payload", 404),
    ],
)
async def test_what_programs_ask_wrongly_is_refused_in_json(
    session: aiohttp.ClientSession, url: str, method: str, path: str, status: int
) -> None:
    async with (
        session.request(method, URL(url + path, encoded=True)) as answer,
    ):
        assert answer.status == status
        assert (await answer.json())["detail"]


@pytest.mark.parametrize(
    "body",
    [b'{"ids":[false]}', b'{"ids":["1"]}', b'{"ids":[1.5]}', b'{"device":"a\\u0000"}',
     b'{"ids":[9223372036854775808]}', b'{"device":"\\ud800"}', b"[" * 100_000, b"\xff", b""],
    ids=lambda body: body[:20].decode(errors="replace"),
)  # fmt: skip
async def test_a_selection_is_taken_as_what_it_is_or_not_at_all(
    session: aiohttp.ClientSession, url: str, body: bytes
) -> None:
    async with (
        session.post(f"{url}/v1/quarantine/release", data=body) as answer,
    ):
        assert answer.status == 422
        assert (await answer.json())["detail"]
