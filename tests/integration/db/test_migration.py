"""The schema goes forward by migrations only, and telemetry never waits for a command."""

import asyncio
import re
from collections.abc import AsyncGenerator
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import capture_logs

from db.connect import Connection, open_pool
from db.errors import DatabaseError
from db.migration import Migration, apply_migration, ensure_schema, migrations
from fleet.localtime import local_now
from register.devices import enrol_device
from tests.conftest import own_database
from tests.factories.actors import SOMEBODY
from tests.factories.catalogue import catalogue
from tests.factories.command import own_environment, run_command
from tests.factories.locks import lock_waiters, until_waiting
from tests.factories.vehicles import put_cars


@pytest.fixture
async def url(server_url: str) -> AsyncGenerator[str]:
    """A database of the test's own, empty."""
    async with own_database(server_url) as url:
        yield url


async def flaade(url: str, *arguments: str) -> tuple[int, str]:
    """Run a command to its end; returns its code and all that it printed."""
    env = own_environment() | {"FLAADE_DATABASE_URL": url, "COLUMNS": "300"}
    done = await asyncio.to_thread(run_command, *arguments, env=env)
    return done.returncode, done.stdout + done.stderr


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
                ("account", "add", "Regnskab", "--role", "administrator"),
                (
                    "account",
                    "token",
                    "x",
                    "--scope",
                    "figures:read",
                    "--ends",
                    f"{local_now().date()}",
                ),
                ("device", "enrol", "d3"),
                ("device", "key", "--device", "d1"),
                ("device", "keys"),
                ("device", "move", "d2", "v1"),
                ("quarantine", "list"),
                ("quarantine", "release", "d1"),
                ("private", "set", "v1", "--by", "x", "--to", "2099-01-01"),
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
        assert await lock_waiters(writing) == 0
    await writing.close()


@pytest.fixture
async def connection(url: str) -> AsyncGenerator[Connection]:
    """A connection to the empty database."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


#: What a next version of the software would bring.
NEXT = Migration(
    len(migrations()) + 1, "a_column_more", "ALTER TABLE device_state ADD COLUMN more integer"
)
AFTER_NEXT = Migration(NEXT.number + 1, "an_index", "CREATE INDEX more ON device_state (more)")


async def numbers(connection: Connection) -> list[int]:
    """The migrations that the database has."""
    rows = await connection.fetch("SELECT number FROM schema_migration ORDER BY applied_at, number")
    return [row["number"] for row in rows]


async def test_the_schema_is_what_all_migrations_lead_to(url: str, server_url: str) -> None:
    async with open_pool(url) as at_once, own_database(server_url) as other:
        step_by_step = await asyncpg.connect(other)
        for migration in migrations():
            async with step_by_step.transaction():
                await apply_migration(step_by_step, migration)
        made = await catalogue(at_once)
        assert await catalogue(step_by_step) == made
        assert sum(line.startswith("relation") for line in made) > 50
        assert await numbers(step_by_step) == [one.number for one in migrations()]
        async with at_once.acquire() as connection:
            # One that has them all is not changed again, by nobody.
            assert await ensure_schema(connection, url, forward=True) is False
        assert await ensure_schema(step_by_step, other, forward=True) is False
        await step_by_step.close()


async def test_a_catalogue_tells_whatever_may_differ(url: str, connection: Connection) -> None:
    """Or the comparison above would hold whatever the migrations do."""
    await ensure_schema(connection, url, forward=False)
    whole = await catalogue(connection)
    for change in (
        "ALTER TABLE trip ADD COLUMN more integer",
        "ALTER TABLE trip ALTER COLUMN km TYPE real",
        "ALTER TABLE trip ALTER COLUMN source SET NOT NULL",
        "ALTER TABLE trip ALTER COLUMN gap_inside DROP DEFAULT",
        "ALTER TABLE trip DROP CONSTRAINT trip_km_check",
        "ALTER TABLE device_day RESET (fillfactor)",
        "DROP INDEX trip_start",
        "CREATE OR REPLACE VIEW depot AS"
        " SELECT zone_id AS depot_id, name, lat, lon, radius_m, charge_points FROM zone",
        "DROP TRIGGER private_period_changed ON private_period",
        "ALTER TABLE private_period DISABLE TRIGGER private_period_changed",
        "ALTER SEQUENCE private_revision INCREMENT BY 2",
        "ALTER FUNCTION without_days(jsonb, datemultirange) VOLATILE",
        "CREATE DOMAIN more AS text",
    ):
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(change)
        assert await catalogue(connection) != whole, change
        await transaction.rollback()


async def test_migrations_are_applied_once_in_order_by_those_who_may(
    url: str, connection: Connection
) -> None:
    later = [*migrations(), NEXT, AFTER_NEXT]
    # Anybody sets up an empty database.
    assert await ensure_schema(connection, url, forward=False)
    with pytest.raises(DatabaseError, match=rf"schema {NEXT.number - 1} .*`flaade migrate`"):
        await ensure_schema(connection, url, forward=False, known=later)
    # From many processes at once.
    others = [await asyncpg.connect(url) for _ in range(3)]
    await asyncio.gather(
        *(ensure_schema(other, url, forward=True, known=later) for other in others)
    )
    assert await numbers(connection) == [one.number for one in later]
    [row] = await connection.fetch("SELECT * FROM schema_migration WHERE number = $1", NEXT.number)
    assert (row["name"], row["digest"]) == (NEXT.name, NEXT.digest)
    assert await connection.fetchval("SELECT count(more) FROM device_state") == 0
    assert await ensure_schema(connection, url, forward=True, known=later) is False
    for other in others:
        await other.close()


async def test_a_migration_that_fails_leaves_the_schema_before_it(
    url: str, connection: Connection
) -> None:
    fails = Migration(NEXT.number + 1, "fails", "CREATE TABLE half (); SELECT 1 / 0")
    await ensure_schema(connection, url, forward=False)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await ensure_schema(connection, url, forward=True, known=[*migrations(), NEXT, fails])
    assert (await numbers(connection))[-1] == NEXT.number
    assert await connection.fetchval("SELECT to_regclass('half')") is None


async def test_a_database_that_no_migration_leads_on_from_is_refused_with_a_sentence(
    url: str, connection: Connection
) -> None:
    await ensure_schema(connection, url, forward=True, known=[*migrations(), NEXT])
    last = len(migrations())
    later = rf"schema {NEXT.number} of a later version, .* no more than {last}"
    for forward in (False, True):
        with pytest.raises(DatabaseError, match=later):
            await ensure_schema(connection, url, forward=forward)
    for command in (("migrate",), ("device", "keys"), ("serve",)):
        code, said = await flaade(url, *command)
        assert (code, said.count("\n")) == (2, 1), said
        assert re.search(later, said)
    await connection.execute("DELETE FROM schema_migration WHERE number = $1", NEXT.number)
    assert (await flaade(url, "migrate"))[0] == 0
    await connection.execute("UPDATE schema_migration SET digest = 'x' WHERE number = $1", last)
    with pytest.raises(DatabaseError, match=f"another migration {last} "):
        await ensure_schema(connection, url, forward=True)
    await connection.execute("DROP TABLE schema_migration")
    with pytest.raises(DatabaseError, match="before schemas were numbered"):
        await ensure_schema(connection, url, forward=True)


async def test_a_change_gives_way_says_to_whom_and_is_made_when_it_can_be(url: str) -> None:
    later = [*migrations(), NEXT]
    async with open_pool(url) as pool, pool.acquire() as changing:
        holder = await asyncpg.connect(url, server_settings={"application_name": "a report"})
        async with holder.transaction():
            await holder.execute("SELECT FROM device_state")
            with capture_logs() as said:
                migrating = asyncio.create_task(
                    ensure_schema(changing, url, forward=True, known=later)
                )
                # The change waits for the report, gives way and comes again; a writer passes each
                # time.
                await until_waiting(pool)
                for _ in range(20):
                    async with asyncio.timeout(60):
                        await pool.execute(
                            "INSERT INTO device_state (device, first_ts, last_ts)"
                            " VALUES (gen_random_uuid()::text, now(), now())"
                        )
                    await asyncio.sleep(0.3)
                assert not migrating.done()
        async with asyncio.timeout(180):
            assert await migrating
        assert ("a report", "device_state") in {
            (line.get("application_name"), line.get("waits_for")) for line in said
        }
        await holder.close()
