"""The examples of docs/protocols.md, run as they are written and in their order, from an empty
system: what they answer is what is said."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from tests.conftest import free_port
from tests.factories.command import FLAADE
from tests.factories.teltonika_tracker import ask

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "protocols.md").read_text(encoding="utf-8")

#: The examples in their order: their language, and what is in them. One that needs more than a
#: server has no language.
EXAMPLES: Sequence[tuple[str, str]] = re.findall(
    r"^```([\w-]+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL
)


def exchange(example: str) -> list[tuple[bytes, bytes]]:
    """What is sent and what is answered, in turns."""
    lines = [bytes.fromhex(line[1:]) for line in example.splitlines()]
    return list(zip(lines[::2], lines[1::2], strict=True))


@pytest.fixture
async def given(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Settings]:
    """The settings of a server in whose database there is nothing."""
    ports = ("port", "osmand_port", "teltonika_port", "gt06_port")
    given = settings.model_copy(update={name: free_port() for name in ports})
    async with running_server(given, database_url, [ServerRole.INGEST, ServerRole.API]):
        yield given


class Reader:
    """Somebody who runs the examples one after the other in one shell."""

    def __init__(self, given: Settings, directory: Path, database_url: str) -> None:
        self._given = given
        self._directory = directory
        self._env = {
            **os.environ,
            "PATH": f"{FLAADE.parent}:{os.environ['PATH']}",
            "FLAADE_DATABASE_URL": database_url,
            "FLAADE_DATA_DIR": str(directory / "data"),
        }
        self.answered = 0

    async def run(self, language: str, example: str) -> None:
        """Run one example, and look at what it answers."""
        match language:
            case "sh":
                await self._set_up(example)
            case "console":
                for part in re.split(r"^\$ ", example, flags=re.MULTILINE)[1:]:
                    command, _, answer = part.partition("\n")
                    assert (await self._said(command)).strip() == answer.strip(), command
                    self.answered += 1
            case "gt06-tcp":
                await self._converse(self._given.gt06_port or 0, example)
            case "teltonika-tcp":
                await self._converse(self._given.teltonika_port, example)
            case "teltonika-udp":
                [(sent, answered)] = exchange(example)
                assert await ask(self._given, sent) == answered
                self.answered += 1
            case _:
                pytest.fail(f"an example in {language}, which nobody runs")

    async def _set_up(self, example: str) -> None:
        """Run commands, and keep the variables that they set."""
        kept = self._directory / "variables"
        await self._said(f"set -ea\n{example}env -0 > {kept}")
        pairs = (pair.partition("=") for pair in kept.read_text().split("\0") if pair)
        self._env = {name: value for name, _, value in pairs}

    async def _said(self, command: str) -> str:
        ports = command.replace(":8080", f":{self._given.port}")
        process = await asyncio.create_subprocess_shell(
            ports.replace(":5055", f":{self._given.osmand_port}"),
            env=self._env,
            cwd=self._directory,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, command
        return said.decode()

    async def _converse(self, port: int, example: str) -> None:
        """Send what an example sends, and be answered what it says."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for sent, answered in exchange(example):
            writer.write(sent)
            async with asyncio.timeout(10):
                assert await reader.readexactly(len(answered)) == answered
            self.answered += 1
        writer.close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_all_examples_are_answered_as_documented(
    given: Settings, pool: Pool, tmp_path: Path, database_url: str
) -> None:
    reader = Reader(given, tmp_path, database_url)
    for language, example in EXAMPLES:
        await reader.run(language, example)
    assert reader.answered > 15

    of = "SELECT lat, lon, speed_kmh, ignition, odometer_km, attrs FROM position WHERE device = $1"
    location, alarm, *_ = await pool.fetch(f"{of} ORDER BY ts", "359000000000017")
    place = (pytest.approx(55.77), pytest.approx(12.5), 43, True, None)
    assert [tuple(location), tuple(alarm)] == [(*place, None), (*place, {"alarm": 1})]

    [record] = await pool.fetch(of, "356307042441013")
    assert tuple(record) == (55.77, 12.5, 43, True, 22_949, None)
    everything = await pool.fetchval("SELECT string_agg(p::text, '') FROM position p")
    assert "AB12CD" not in everything.upper()
    kept = await pool.fetch("SELECT payload FROM quarantine")
    assert kept
    assert not [row for row in kept if bytes.fromhex("00ab12cd34ef5601") in row["payload"]]
    assert (
        await pool.fetchval("SELECT count(*) FROM private_period WHERE vehicle_id = 'van-7'") == 1
    )
