"""`POST /v1/positions` byte by byte: what is answered at once and what aiohttp answers is alike."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import orjson
import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from tests.factories.locks import until_waiting
from tests.factories.serving import GOOD, Client, client_of


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url, ServerRole.INGEST) as client:
        yield client


def body(number: int) -> bytes:
    return orjson.dumps({**GOOD, "ts": 1_795_000_000 + number})


def request(client: Client, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    all_headers = {
        "Host": "localhost",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Authorization": f"Bearer {client.key}",
        **(headers or {}),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in all_headers.items())
    return b"POST /v1/positions HTTP/1.1\r\n" + lines.encode() + b"\r\n" + body


class Talk:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def answer(self) -> tuple[int, bytes]:
        """The status and body of the next answer."""
        async with asyncio.timeout(10):
            head = await self._reader.readuntil(b"\r\n\r\n")
            lengths = [line for line in head.split(b"\r\n") if line.startswith(b"Content-Length: ")]
            content = await self._reader.readexactly(int(lengths[0].split()[1]))
        return int(head.split()[1]), content

    async def ends(self) -> bool:
        async with asyncio.timeout(10):
            return await self._reader.read() == b""


@asynccontextmanager
async def talk(client: Client) -> AsyncGenerator[Talk]:
    host, _, port = client.server.url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    yield Talk(reader, writer)
    writer.close()
    await writer.wait_closed()


STORED = b'{"stored": 1, "duplicate": 0, "quarantined": 0}'


async def test_requests_of_all_kinds_take_turns_on_one_connection(
    client: Client, pool: Pool
) -> None:
    async with talk(client) as one:
        for number in range(3):
            one.writer.write(request(client, body(number)))
            assert await one.answer() == (200, STORED)
        one.writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert await one.answer() == (200, b"ok\n")
        one.writer.write(request(client, body(3)))
        assert await one.answer() == (200, STORED)
        assert await pool.fetchval("SELECT count(*) FROM position") == 4


async def test_requests_that_come_together_are_answered_in_their_order(
    client: Client, pool: Pool
) -> None:
    async with talk(client) as one:
        one.writer.write(request(client, body(0)))
        one.writer.write(b"".join(request(client, body(number)) for number in range(5)))
        answers = [await one.answer() for _ in range(6)]
        assert [status for status, _ in answers] == [200] * 6
        assert [orjson.loads(content)["duplicate"] for _, content in answers] == [0, 1, 0, 0, 0, 0]
        assert await pool.fetchval("SELECT count(*) FROM position") == 5


@pytest.mark.parametrize("cut", [1, 30, 120, -1])
async def test_a_request_may_come_in_pieces(client: Client, cut: int) -> None:
    async with talk(client) as one:
        whole = request(client, body(0))
        one.writer.write(whole[:cut])
        await one.writer.drain()
        await asyncio.sleep(0.05)
        one.writer.write(whole[cut:])
        assert await one.answer() == (200, STORED)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer nobody"}, 401),
        ({"Authorization": "Basic abc"}, 401),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Encoding": "br"}, 415),
        ({"Content-Length": "-5"}, 400),
        ({"Content-Length": "5, 5"}, 400),
        ({"Bad Header": "x"}, 400),
        ({"X-Forwarded-For": "10.0.0.7", "User-Agent": "tracker/1.0 (any text)"}, 200),
        ({"content-type": "application/json"}, 400),
    ],
)
async def test_what_is_unusual_has_the_answer_that_it_always_had(
    client: Client, headers: dict[str, str], status: int
) -> None:
    async with talk(client) as one:
        one.writer.write(request(client, body(0), headers))
        assert (await one.answer())[0] == status


async def test_a_body_larger_than_allowed_is_refused_also_when_it_came_at_once(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    small = settings.model_copy(update={"body_max_bytes": 200})
    async with client_of(small, database_url, ServerRole.INGEST) as client, talk(client) as one:
        one.writer.write(request(client, body(0)))
        assert await one.answer() == (200, STORED)
        one.writer.write(request(client, b" " * 201 + body(1)))
        assert (await one.answer())[0] == 413


async def test_two_lengths_that_differ_are_refused(client: Client, pool: Pool) -> None:
    """Two servers in a row that read different ones would be led to mix up requests."""
    async with talk(client) as one:
        one.writer.write(request(client, body(0), {"content-length": "5"}))
        assert (await one.answer())[0] == 400
        assert await pool.fetchval("SELECT count(*) FROM position") == 0


async def test_who_asks_to_close_is_closed(client: Client) -> None:
    async with talk(client) as one:
        one.writer.write(request(client, body(0), {"Connection": "close"}))
        assert await one.answer() == (200, STORED)
        assert await one.ends()


async def test_a_body_that_cannot_be_read_says_why_and_the_next_is_stored(client: Client) -> None:
    async with talk(client) as one:
        one.writer.write(request(client, b'{"device": "d1"}'))
        status, content = await one.answer()
        assert status == 422
        assert {error["field"] for error in orjson.loads(content)["errors"]} == {"ts", "lat", "lon"}
        one.writer.write(request(client, body(0)))
        assert await one.answer() == (200, STORED)


async def test_a_server_that_stops_answers_what_it_took(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    async with AsyncExitStack() as stack:
        async with client_of(settings, database_url, ServerRole.INGEST) as client:
            one = await stack.enter_async_context(talk(client))
            async with pool.acquire() as holder, holder.transaction():
                await holder.execute("LOCK TABLE device_state")
                one.writer.write(request(client, body(0)))
                await until_waiting(pool, "device_state")
            # The lock is free now, and the server is told to stop at the same moment.
        assert await one.answer() == (200, STORED)
        assert await one.ends()
