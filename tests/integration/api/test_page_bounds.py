"""What pages and the JSON interface take at most: bytes, errors, seconds of a body, and how
long of a database that does not answer."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import structlog

from api.rest.frame.operations import BODY_MAX_BYTES
from api.rest.frame.problems import ERRORS_MAX
from api.server import ServerRole
from api.settings import Settings
from db import embedded
from db.connect import Pool
from ingest.listeners.http import TELEMETRY_PATHS
from tests.factories.event_loop import longest_step
from tests.factories.interface import DOCUMENT
from tests.factories.serving import Client, client_of
from tests.factories.serving_process import postmaster
from tests.factories.vehicles import put_cars

#: What stands for the parts of addresses that are no numbers.
NAMED = {"device": "d1", "vehicle": "v1", "depot": "home", "key": "diesel_kr_l"}

#: What programs change with a body.
CHANGES = [
    (method, re.sub(r"\{(\w+)\}", lambda part: NAMED.get(part[1], "1"), path))
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if path not in TELEMETRY_PATHS
    and "application/json" in operation.get("requestBody", {"content": {}})["content"]
]
PEOPLE = {"Accept": "text/html", "Cookie": "lang=en"}
JSON = {"Content-Type": "application/json"}


def unknown_fields(count: int) -> bytes:
    return b"{" + b",".join(b'"a%d":1' % number for number in range(count)) + b"}"


async def test_a_flood_of_json_is_refused_before_it_is_read(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    assert CHANGES
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1")
    async with (
        client_of(settings, database_url, ServerRole.API) as client,
        longest_step() as longest,
    ):
        for method, path in CHANGES:
            url = client.server.url + path
            for body in (unknown_fields(200_000), b'{"ids":[' + b"1," * 2_000_000 + b"1]}"):
                sent = io.BytesIO(body)
                async with client.session.request(method, url, data=sent, headers=JSON) as answer:
                    assert answer.status == 413, path
                    assert "larger than" in (await answer.json())["detail"]
            body = unknown_fields(8_000)
            assert len(body) < BODY_MAX_BYTES
            async with client.session.request(method, url, data=body, headers=JSON) as answer:
                assert answer.status == 422, path
                told: dict[str, Any] = await answer.json()
                assert len(told["errors"]) == ERRORS_MAX
                assert "of 800" in told["detail"]
                assert len(await answer.read()) < 10_000
            long = b'{"' + b"a" * 50_000 + b'":1}'
            async with client.session.request(method, url, data=long, headers=JSON) as answer:
                assert answer.status == 422, path
                assert len(await answer.read()) < 2_000
    assert longest() < 1.0


@asynccontextmanager
async def unfinished(
    client: Client, path: str, count: int
) -> AsyncIterator[list[asyncio.StreamReader]]:
    """So many requests of which a few bytes of the body arrive."""
    address, visitor = urlsplit(client.server.url), client.visitor
    assert visitor is not None
    content = "application/json" if path.startswith("/v1/") else "application/x-www-form-urlencoded"
    begun = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content}\r\n"
        f"Cookie: {visitor.cookie}\r\nAuthorization: Bearer {visitor.program}\r\n"
        "Content-Length: 1000\r\n\r\nname="
    )
    opened = [await asyncio.open_connection(address.hostname, address.port) for _ in range(count)]
    for _, writer in opened:
        writer.write(begun.encode())
        await writer.drain()
    try:
        yield [reader for reader, _ in opened]
    finally:
        for _, writer in opened:
            writer.close()


@pytest.mark.parametrize("path", ["/zones", "/logs", "/v1/depots"])
async def test_a_body_that_does_not_arrive_is_given_up(
    pool: Pool, settings: Settings, database_url: str, path: str
) -> None:
    quick = settings.model_copy(update={"head_wait_max_s": 1.0})
    async with client_of(quick, database_url, ServerRole.API) as client:
        if path == "/logs":
            content = {"Content-Type": "multipart/form-data; boundary=b"}

            async def stalls() -> AsyncIterator[bytes]:
                yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"'
                yield b"\r\n\r\n"
                await asyncio.sleep(30)

            url = client.server.url + path
            async with client.session.post(url, data=stalls(), headers=content) as answer:
                assert answer.status == 408
            return
        async with unfinished(client, path, 1) as [reader], asyncio.timeout(15):
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 408 ")
            assert (b"application/problem+json" in head) is path.startswith("/v1/")


async def test_bodies_that_do_not_arrive_leave_room_for_others(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    few = settings.model_copy(update={"connections_max": 40, "head_wait_max_s": 60.0})
    async with (
        client_of(few, database_url, ServerRole.API, ServerRole.INGEST) as client,
        unfinished(client, "/zones", 30),
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as other,
    ):
        for path in ("/healthz", "/sign-in"):
            async with other.get(client.server.url + path) as answer:
                assert answer.status == 200


async def test_a_sender_who_hangs_up_is_no_word_of_the_database(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    async with client_of(settings, database_url, ServerRole.API) as client:
        with structlog.testing.capture_logs() as said:
            async with unfinished(client, "/zones", 3):
                await asyncio.sleep(0.3)
            await asyncio.sleep(0.5)
            assert (await client.get("/healthz"))[0] == 200
    assert not [line for line in said if "database" in line["event"] or "failed" in line["event"]]


async def test_a_change_on_a_stopped_database_is_answered(
    settings: Settings, tmp_path: Path
) -> None:
    server = embedded.start(tmp_path / "data")
    try:
        async with client_of(settings, server.url, ServerRole.API) as client:
            url = client.server.url
            first = postmaster(tmp_path / "data")
            stopped = [first, *first.children(recursive=True)]
            for process in stopped:
                process.suspend()
            try:
                discard = client.session.post(
                    url + "/v1/quarantine/discard", json={"device": "d1", "why": "b"}
                )
                draw = client.session.post(
                    url + "/municipality/closing-days",
                    data={"day": "2026-12-28", "day_name": "Closed", "source": "s"},
                    headers=PEOPLE,
                )
                async with asyncio.timeout(45), discard as told, draw as shown:
                    assert (told.status, shown.status) == (503, 503)
                    assert "it is not known whether" in (await told.json())["detail"]
                    assert "It is not known whether" in await shown.text()
            finally:
                for process in stopped:
                    process.resume()
            async with client.session.get(url) as answer:
                assert answer.status == 200
    finally:
        server.stop()
