"""The schema is applied where its version differs, and telemetry never waits for a command."""

import asyncio
import os
import uuid
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from db.connect import open_pool
from db.errors import DatabaseError
from db.migration import Update, version
from db.statements import statements
from register.devices import enrol_device
from tests.factories.actors import SOMEBODY
from tests.factories.command import FLAADE
from tests.factories.vehicles import put_cars

WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE relation IS NOT NULL AND NOT granted)"


@pytest.fixture
async def url(server_url: str) -> AsyncGenerator[str]:
    """A database of the test's own, empty."""
    name = f"flaade_test_{uuid.uuid4().hex[:12]}"
    connection = await asyncpg.connect(server_url)
    await connection.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


async def flaade(url: str, *arguments: str) -> tuple[int | None, str]:
    """Run a command to its end; returns its code and all that it printed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("FLAADE_")}
    process = await asyncio.create_subprocess_exec(
        FLAADE,
        *arguments,
        env=env | {"FLAADE_DATABASE_URL": url, "COLUMNS": "300"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_no_command_takes_a_lock_that_telemetry_waits_for(url: str, tmp_path: Path) -> None:
    """Every table is locked as a writer locks it, for as long as the commands run: one that asked
    for more would not come to its end."""
    files = {
        "log.csv": "Bil;Start;Slut;Km\nV1;02-03-2026 08:00;02-03-2026 09:00;1\n",
        "fleet.csv": "vehicle_id,kind,department,depot\nv2,car,d,home\n",
        "zones.geojson": '{"type": "Feature", "properties": {"name": "Yard", "radius_m": 50},'
        ' "geometry": {"type": "Point", "coordinates": [12, 55]}}',
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    async with open_pool(url) as pool:
        await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
        await put_cars(pool, "v1")
        for device in ("d1", "d2"):
            await enrol_device(pool, SOMEBODY, device)
    writing = await asyncpg.connect(url)
    tables = await writing.fetch(
        "SELECT oid::regclass::text AS name FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    )
    room = asyncio.Semaphore(4)

    async def run(*arguments: str) -> None:
        async with room, asyncio.timeout(240):
            code, said = await flaade(url, *arguments)
        # Whether there are trips to tell of depends on which command was first.
        assert code in ((0, 2) if arguments[0] == "utilisation" else (0,)), (arguments, said)
        assert "Traceback" not in said

    async with writing.transaction():
        for table in tables:
            await writing.execute(f"LOCK TABLE {table['name']} IN ROW EXCLUSIVE MODE")
        async with asyncio.TaskGroup() as group:
            for arguments in (
                ("device", "enrol", "d3"),
                ("device", "key", "--device", "d1"),
                ("device", "keys"),
                ("device", "move", "d2", "v1"),
                ("quarantine", "list"),
                ("quarantine", "release", "d1"),
                ("private", "set", "v1", "--by", "x", "--to", "2026-12-01"),
                ("private", "list", "v1"),
                ("register", str(tmp_path / "fleet.csv")),
                ("import-log", str(tmp_path / "log.csv")),
                ("import-zones", str(tmp_path / "zones.geojson")),
                ("export", "trips", "--out", str(tmp_path / "trips.csv"), "--format", "csv"),
                ("retention",),
                ("utilisation", "--out", str(tmp_path / "use.csv")),
                ("recompute", "--write"),
                ("migrate",),
            ):
                group.create_task(run(*arguments))
        locks = await writing.fetch(
            "SELECT mode FROM pg_locks WHERE relation IS NOT NULL AND NOT granted"
        )
        assert not locks
    await writing.close()


async def test_a_database_of_another_version_is_left_alone_but_by_those_who_may(url: str) -> None:
    async with open_pool(url) as pool:
        assert await pool.fetchval(statements("schema")["digest"]) == version()
        await pool.execute("INSERT INTO schema_version (digest) VALUES ('a later one')")
        with pytest.raises(DatabaseError, match="flaade migrate"):
            async with open_pool(url):
                pass
        with pytest.raises(DatabaseError, match="later version"):
            async with open_pool(url, update=Update.FORWARD):
                pass
        async with open_pool(url, update=Update.ANY):
            pass
        await pool.execute("UPDATE schema_version SET digest = 'an earlier one'")
        code, said = await flaade(url, "device", "keys")
        assert (code, said.count("\n")) == (2, 1)
        assert "flaade migrate" in said
        assert (await flaade(url, "migrate"))[0] == 0
        assert (await flaade(url, "device", "keys"))[0] == 0
        await pool.execute("DROP TABLE schema_version")  # as before versions were noted
        assert (await flaade(url, "device", "keys"))[0] == 2
        async with open_pool(url, update=Update.FORWARD):
            assert await pool.fetchval(statements("schema")["digest"]) == version()


async def test_a_change_gives_way_says_to_whom_and_is_made_when_it_can_be(url: str) -> None:
    async with open_pool(url) as pool:
        await pool.execute("UPDATE schema_version SET digest = 'an earlier one'")
        holder = await asyncpg.connect(url, server_settings={"application_name": "a report"})
        async with holder.transaction():
            await holder.execute("SELECT FROM device_state")
            migrating = asyncio.create_task(flaade(url, "migrate"))
            # The change waits for the report, gives way and comes again; a writer passes each time.
            for _ in range(600):
                if await pool.fetchval(WAITS):
                    break
                await asyncio.sleep(0.1)
            for _ in range(20):
                async with asyncio.timeout(60):
                    await pool.execute(
                        "INSERT INTO device_state (device, first_ts, last_ts)"
                        " VALUES (gen_random_uuid()::text, now(), now())"
                    )
                await asyncio.sleep(0.3)
            assert not migrating.done()
        async with asyncio.timeout(180):
            code, said = await migrating
        assert code == 0, said
        assert "a report" in said
        await holder.close()
