"""The examples of docs/protocols.md, run as they are written: what they answer is what is said."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from register.devices import enrol_device
from register.keys import new_device_key, new_gateway_key
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.private_vehicles import add_vehicle
from tests.factories.teltonika_tracker import ask

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "protocols.md").read_text(encoding="utf-8")


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def exchange(language: str) -> list[tuple[bytes, bytes]]:
    """What is sent and what is answered, in turns."""
    [example] = examples(language)
    lines = [bytes.fromhex(line[1:]) for line in example.splitlines()]
    return list(zip(lines[::2], lines[1::2], strict=True))


@pytest.fixture
async def server(
    pool: Pool, settings: Settings, database_url: str
) -> AsyncGenerator[tuple[Settings, dict[str, str]]]:
    ports = ("port", "osmand_port", "teltonika_port", "gt06_port")
    given = settings.model_copy(update={name: free_port() for name in ports})
    await add_vehicle(pool, "van-7", "van-7")
    await enrol_device(pool, SOMEBODY, "phone-1")
    await enrol_device(pool, SOMEBODY, "356307042441013")
    await enrol_device(pool, SOMEBODY, "359000000000017")
    keys = {
        "KEY": await new_device_key(pool, SOMEBODY, "van-7"),
        "GATEWAY": await new_gateway_key(pool, SOMEBODY, "gateway"),
    }
    async with running_server(given, database_url, [ServerRole.INGEST, ServerRole.API]):
        yield given, keys


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_what_is_sent_with_curl_is_answered_as_documented(
    server: tuple[Settings, dict[str, str]], pool: Pool
) -> None:
    given, keys = server
    ran = 0
    for example in examples("console"):
        for part in re.split(r"^\$ ", example, flags=re.MULTILINE)[1:]:
            command, _, answer = part.partition("\n")
            here = command.replace(":8080", f":{given.port}").replace(
                ":5055", f":{given.osmand_port}"
            )
            process = await asyncio.create_subprocess_shell(
                here, env={**os.environ, **keys}, stdout=asyncio.subprocess.PIPE
            )
            said, _ = await process.communicate()
            assert said.decode().strip() == answer.strip(), command
            ran += 1
    assert ran > 8
    everything = await pool.fetchval("SELECT string_agg(p::text, '') FROM position p")
    assert "AB12CD" not in everything.upper()


async def converse(port: int, language: str) -> None:
    """Send what an example sends, and be answered what it says."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for sent, answered in exchange(language):
        writer.write(sent)
        async with asyncio.timeout(10):
            assert await reader.readexactly(len(answered)) == answered
    writer.close()


async def test_the_bytes_of_a_gt06_tracker_are_answered_as_documented(
    server: tuple[Settings, dict[str, str]], pool: Pool
) -> None:
    given, _ = server
    await converse(given.gt06_port or 0, "gt06-tcp")
    found = await pool.fetch(
        "SELECT lat, lon, speed_kmh, ignition, attrs FROM position ORDER BY ts"
    )
    place = (pytest.approx(55.77), pytest.approx(12.5), 43, True)
    assert [tuple(row) for row in found[:2]] == [(*place, None), (*place, {"alarm": 1})]


async def test_the_bytes_of_a_tracker_are_answered_as_documented(
    server: tuple[Settings, dict[str, str]], pool: Pool
) -> None:
    given, _ = server
    await converse(given.teltonika_port, "teltonika-tcp")
    [row] = await pool.fetch("SELECT lat, odometer_km, ignition, attrs FROM position")
    assert tuple(row) == (55.77, 22_949, True, None)
    [(sent, answered)] = exchange("teltonika-udp")
    assert await ask(given, sent) == answered
    kept = await pool.fetchval("SELECT payload FROM quarantine")
    assert bytes.fromhex("00ab12cd34ef5601") not in kept
