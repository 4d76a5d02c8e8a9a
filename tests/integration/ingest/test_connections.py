"""Connections that say nothing, or nonsense: the others are served, and nothing of them is told."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from ingest.gate.sender import sender_by_address
from register.devices import enrol_device
from tests.conftest import free_port
from tests.factories.access import visitor
from tests.factories.actors import SOMEBODY
from tests.factories.serving import GOOD, client_of

IMEI = "356307042441013"
KEY = "ThisKeyIsASecretOfOneTracker"
PLACE = "55.7734512"

#: Fewer connections than may wait to be accepted at a port of a server with few open files.
FEWER_THAN_WAIT = 12


def environment(database_url: str, **more: str) -> dict[str, str]:
    """Of a server in a process of its own, on free ports."""
    own = {
        "FLAADE_DATABASE_URL": database_url,
        "FLAADE_PORT": str(free_port()),
        "FLAADE_OSMAND_PORT": str(free_port()),
        "FLAADE_TELTONIKA_PORT": str(free_port()),
        **more,
    }
    return {**os.environ, **own}


@asynccontextmanager
async def process(given: dict[str, str], log: Path, files: int) -> AsyncGenerator[None]:
    """`flaade serve` with so many open files, until its port answers."""
    limited = f'ulimit -n {files}; exec "$0" "$@"'
    command = sys.executable, "-c", "from api.cli import main; main()", "serve"
    with log.open("wb") as sink:
        server = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", limited, *command),
            env=given,
            stdout=sink,
            stderr=sink,
            cwd=log.parent,
        )
    try:
        for _ in range(3_000):
            if "serving" in said(log) or server.returncode is not None:
                break
            await asyncio.sleep(0.1)
        assert "serving" in said(log), said(log)
        yield
        assert server.returncode is None, said(log)
    finally:
        server.terminate()
        await server.wait()


def said(log: Path) -> str:
    return log.read_text()


async def asked(port: int, path: str, cookie: str = "") -> bytes:
    """An answer over a connection of its own."""
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {cookie}"
        writer.write(head.encode() + b"\r\n\r\n")
        answer = await reader.read(-1)
        writer.close()
    return answer


async def test_400_silent_connections_on_each_port_leave_pages_and_health(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    cookie = (await visitor(pool)).cookie
    log = tmp_path / "log"
    given = environment(database_url)
    silent: list[socket.socket] = []
    async with process(given, log, 256):
        port = int(given["FLAADE_PORT"])
        for name in ("FLAADE_TELTONIKA_PORT", "FLAADE_OSMAND_PORT", "FLAADE_PORT"):
            for number in range(400):
                if number % FEWER_THAN_WAIT == 0:  # one too many waits a second to be seen again
                    assert (await asked(port, "/healthz")).endswith(b"ok\n")
                one = socket.create_connection(("127.0.0.1", int(given[name])), timeout=10)
                silent.append(one)
            for path in ("/healthz", "/", "/intake"):
                answer = await asked(port, path, cookie)
                assert answer.startswith(b"HTTP/1.1 200"), (name, path)
        metrics = (await asked(port, "/metrics")).decode()
        for protocol in ("teltonika_tcp", "osmand", "http"):
            counted = re.search(
                rf'flaade_rejected_total{{cause="too_many",protocol="{protocol}"}} (\d+)', metrics
            )
            assert counted is not None
            assert int(counted[1]) > 100
            assert f"room for more connections of {protocol} is away" in said(log)
        assert "Too many open files" not in said(log)
    for one in silent:
        one.close()


@asynccontextmanager
async def impatient(
    settings: Settings, database_url: str, **more: object
) -> AsyncGenerator[Settings]:
    ports = {name: free_port() for name in ("port", "osmand_port", "teltonika_port")}
    short = {"head_wait_max_s": 0.5, "tracker_login_wait_max_s": 0.5}
    theirs = settings.model_copy(update={**ports, **short, **more})
    async with running_server(theirs, database_url, [ServerRole.INGEST]):
        yield theirs


@pytest.mark.parametrize("said", [b"", b"GET /healthz HTTP/1.1\r\nHost: local", b"POST /v1/pos"])
@pytest.mark.parametrize("listener", ["port", "osmand_port", "teltonika_port"])
async def test_who_does_not_get_to_the_point_is_closed(
    pool: Pool, settings: Settings, database_url: str, listener: str, said: bytes
) -> None:
    assert pool
    async with impatient(settings, database_url) as server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", getattr(server, listener))
        writer.write(said)
        answer = await reader.read(-1)
        assert answer in (b"", b"\x00")
        writer.close()


async def test_who_drips_its_head_is_closed_too(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    assert pool
    async with impatient(settings, database_url) as server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.osmand_port)
        writer.write(b"GET / HTTP/1.1\r\n")
        with suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"X: y\r\n")
                await writer.drain()
                await asyncio.sleep(0.1)
        writer.close()


async def test_an_idle_connection_makes_room_for_one_that_asks(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    assert pool
    few = {"connections_max": 8, "head_wait_max_s": 60.0}  # 2 for pages and positions
    async with impatient(settings, database_url, **few) as server:
        idle = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(6)]
        assert (await asked(server.port, "/healthz")).endswith(b"ok\n")
        for _, writer in idle:
            writer.close()


@pytest.mark.parametrize("host", ["::", "0.0.0.0", "::1", "127.0.0.1"])
async def test_a_server_on_all_addresses_takes_both_kinds_on_every_port(
    pool: Pool, settings: Settings, database_url: str, host: str
) -> None:
    await enrol_device(pool, SOMEBODY, IMEI)
    reached = {"::": {"127.0.0.1", "::1"}, "0.0.0.0": {"127.0.0.1"}}.get(host, {host})
    async with impatient(settings, database_url, host=host) as server:
        for address in ("127.0.0.1", "::1"):
            for port in (server.port, server.osmand_port, server.teltonika_port):
                try:
                    reader, writer = await asyncio.open_connection(address, port)
                except OSError:
                    assert address not in reached
                    continue
                assert address in reached
                if port == server.teltonika_port:
                    writer.write(b"\x00\x0f" + IMEI.encode())
                    assert await reader.read(1) == b"\x01"
                    # Its networks are those of IPv4, also where it comes in a form of IPv6.
                    block = b"\x08\x00\x00"
                    writer.write(bytes(4) + b"\x00\x00\x00\x03" + block + bytes(4))
                writer.close()
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with socket.socket(family, socket.SOCK_DGRAM) as sender:
                sender.settimeout(2)
                sender.sendto(_datagram(), (address, server.teltonika_port))
                answered = await asyncio.to_thread(_received, sender)
            assert answered == (address in reached)


def _datagram() -> bytes:
    """A packet without records, which is answered."""
    rest = b"\x00\x01\x01\x05\x00\x0f" + IMEI.encode() + b"\x08\x00\x00"
    return len(rest).to_bytes(2) + rest


def _received(sender: socket.socket) -> bool:
    try:
        return bool(sender.recv(100))
    except OSError:
        return False


def test_an_address_of_ipv4_in_the_form_of_ipv6_is_in_its_networks() -> None:
    networks = Settings(teltonika_networks="10.1.0.0/16").teltonika_networks  # pyright: ignore[reportArgumentType, reportCallIssue]
    assert sender_by_address("::ffff:10.1.2.3", "d1", networks)
    assert not sender_by_address("::ffff:10.2.2.3", "d1", networks)


HEADERS = st.sampled_from(
    [
        *("X-Bad Header: x", "X: a\nY: b", "Content-Length: -5", "Content-Length: 5, 6"),
        *("Transfer-Encoding: nonsense", "Content-Encoding: br", ": empty", "X: \x00", "\x7f: y"),
        *("Content-Encoding: gzip", "Host: a b", "Connection: \x01", "Expect: 200-maybe"),
    ]
)
REQUEST_LINES = st.sampled_from(
    [
        "POST /v1/positions HTTP/1.1",
        "POST /v1/positions HTTP/9.9",
        "P\x00ST /v1/positions HTTP/1.1",
        f"GET /?key={KEY}&lat={PLACE} HTTP/1.1",
        f"GET /\udcff?key={KEY}&lat={PLACE} HTTP/1.1",
        f"GET http://[::?key={KEY}&lat={PLACE} HTTP/1.1",
        f"{KEY} {PLACE}",
        "\n",
    ]
)


async def test_what_is_malformed_is_counted_and_nothing_of_it_is_told(
    pool: Pool,
    settings: Settings,
    database_url: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert pool
    loop = asyncio.get_running_loop()
    caplog.set_level("DEBUG")
    ports = settings.model_copy(update={"osmand_port": free_port()})
    async with client_of(ports, database_url, ServerRole.INGEST, given_ports=True) as client:
        web_port = int(client.server.url.rpartition(":")[2])

        async def send(port: int, raw: bytes) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(raw)
                async with asyncio.timeout(1):
                    await reader.read(1_000)
            except (OSError, TimeoutError):
                pass
            finally:
                writer.close()

        @examples(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
        @given(
            line=REQUEST_LINES,
            headers=st.lists(HEADERS, max_size=3),
            bare=st.booleans(),
            on=st.sampled_from([web_port, ports.osmand_port, ports.teltonika_port]),
        )
        def malformed(line: str, headers: list[str], on: int, *, bare: bool) -> None:
            end = "\n" if bare else "\r\n"
            known = [f"Authorization: Bearer {KEY}", f"X-Place: {PLACE}", "Host: localhost"]
            body = f'{{"device":"d1","lat":{PLACE}}}'
            known += [f"Content-Length: {len(body)}", "Content-Type: application/json"]
            head = end.join([line, *known, *headers]) + end + end
            raw = (head + body).encode("utf-8", errors="surrogateescape")
            asyncio.run_coroutine_threadsafe(send(on, raw), loop).result(20)

        await asyncio.to_thread(malformed)
        await send(web_port, b"GET /?key=" + KEY.encode() + b" HTTP/1.1\nX: y\n\n")
        metrics = (await client.get("/metrics"))[1]
        assert 'flaade_rejected_total{cause="malformed",protocol="http"}' in metrics
        assert (await client.post(GOOD))[0] == 200
    told = "".join(capfd.readouterr()) + caplog.text
    assert "malformed requests" in told
    assert KEY not in told
    assert PLACE not in told
    assert "Traceback" not in told
