"""A client that goes away while it is answered is no error of the service, whatever it speaks."""

import asyncio
import gc
import logging
import socket
import struct
from collections.abc import AsyncGenerator, Iterator, Mapping, MutableMapping, Sequence
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs
from yarl import URL

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from tests.conftest import free_port
from tests.factories.driving import DEPOT
from tests.factories.locks import until_waiting
from tests.factories.serving import GOOD, Client, client_of
from tests.factories.teltonika_tracker import records
from tests.factories.vehicles import put_cars
from tests.unit.ingest.teltonika_encoder import IMEI, login, packet


@pytest.fixture
def ports(settings: Settings) -> Settings:
    return settings.model_copy(update={"osmand_port": free_port(), "teltonika_port": free_port()})


@pytest.fixture
async def client(pool: Pool, ports: Settings, database_url: str) -> AsyncGenerator[Client]:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Gården', $1, $2, 150)", *DEPOT)
    await put_cars(pool, "v1")
    roles = ServerRole.API, ServerRole.INGEST
    async with client_of(
        ports, database_url, *roles, devices=("d1", IMEI), given_ports=True
    ) as client:
        yield client


async def hang_up(
    pool: Pool, table: str, port: int, *sent: bytes, answers: Sequence[int] = ()
) -> None:
    """Send to a port of this machine, and reset the connection while what was sent last waits for a
    table, which somebody else has; the answer is made when nobody is there to take it. Of what was
    sent before, answers of some bytes are read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part, size in zip(sent, answers, strict=False):
        writer.write(part)
        await reader.readexactly(size)
    async with pool.acquire() as holder, holder.transaction():
        await holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        writer.write(sent[-1])
        await until_waiting(pool, table)
        reset(writer)
        # The server hears of it before it can go on.
        await asyncio.sleep(0.1)


def reset(writer: asyncio.StreamWriter) -> None:
    own: socket.socket = writer.get_extra_info("socket")
    own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def http(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    told = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[list[MutableMapping[str, Any]]]:
    """That nothing is logged as a warning or an error, by us or by a library, until the end."""
    with capture_logs() as said, caplog.at_level(logging.WARNING):
        yield said
        gc.collect()
    loud = [one for one in said if one["log_level"] in ("warning", "error", "critical")]
    assert loud == []
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []


def port_of(client: Client) -> int:
    return URL(client.server.url).port or 0


FORM = b"since=2026-12-01&token=x"
FILE = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nid;kind\r\n'
    b"--x--\r\n"
)


@pytest.mark.parametrize(
    ("method", "path", "kind", "body"),
    [
        ("GET", "/register", "", b""),
        ("GET", "/register/export/xlsx", "", b""),
        ("POST", "/vehicles/v1/retire", "application/x-www-form-urlencoded", FORM),
        ("POST", "/register/lists", "multipart/form-data; boundary=x", FILE),
    ],
)
@pytest.mark.usefixtures("quiet")
async def test_a_person_who_presses_twice_or_closes_the_page(
    client: Client, method: str, path: str, kind: str, body: bytes
) -> None:
    assert client.visitor is not None
    headers = {"Cookie": client.visitor.cookie, "Content-Type": kind, "Accept": "text/html"}
    whole = http(method, path, headers, body)
    await hang_up(client.server.pool, "account_session", port_of(client), whole)
    # Half of a body never arrives.
    half = http(method, path, headers | {"Content-Length": "9000"}, body)
    if body:
        await hang_up(client.server.pool, "account_session", port_of(client), half)
    await still_answers(client)


@pytest.mark.parametrize("length", [None, "9000"], ids=["whole", "half"])
@pytest.mark.usefixtures("quiet")
async def test_a_program(client: Client, length: str | None) -> None:
    assert client.visitor is not None
    headers = {
        "Authorization": f"Bearer {client.visitor.program}",
        "Content-Type": "application/json",
    }
    headers |= {} if length is None else {"Content-Length": length}
    sent = http("POST", "/v1/vehicles/v1/retire", headers, b'{"since": "2026-12-01"}')
    await hang_up(client.server.pool, "program_token", port_of(client), sent)
    await still_answers(client)


async def still_answers(client: Client) -> None:
    """The answers for those who left are made by now, and others get theirs."""
    await asyncio.sleep(0.3)
    assert (await client.get("/healthz"))[0] == 200
    status, told = await client.post({**GOOD, "ts": "2026-11-20T11:00:00Z"})
    assert (status, told["quarantined"]) == (200, 0)


@pytest.mark.parametrize("length", [None, "9000"], ids=["whole", "half"])
@pytest.mark.usefixtures("quiet")
async def test_a_gateway(client: Client, length: str | None) -> None:
    headers = {"Authorization": f"Bearer {client.key}", "Content-Type": "application/json"}
    if length is None:
        sent = http("POST", "/v1/positions", headers, orjson.dumps(GOOD))
        await hang_up(client.server.pool, "position", port_of(client), sent)
    else:
        sent = http("POST", "/v1/positions", headers | {"Content-Length": length}, b"[")
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(client))
        writer.write(sent)
        await asyncio.sleep(0.1)
        reset(writer)
        assert not reader.at_eof()
    await still_answers(client)


@pytest.mark.usefixtures("quiet")
async def test_a_telephone(client: Client, ports: Settings) -> None:
    query = f"/?key={client.key}&id=d1&lat=55.77&lon=12.5&timestamp=1795255200"
    sent = http("GET", query, {})
    await hang_up(client.server.pool, "position", ports.osmand_port, sent)
    await still_answers(client)


@pytest.mark.usefixtures("quiet")
async def test_a_tracker(client: Client, ports: Settings) -> None:
    pool, sent = client.server.pool, (login(IMEI), packet(*records(3)))
    await hang_up(pool, "position", ports.teltonika_port, *sent, answers=(1,))
    await still_answers(client)
    # What it sent is stored all the same, and it sends it again.
    assert await pool.fetchval("SELECT count(*) FROM position WHERE device = $1", IMEI) == 3
