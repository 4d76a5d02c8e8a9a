"""What tests of all rooms share: the data folder, and a real PostgreSQL.

The server is `FLAADE_TEST_DATABASE_URL`, or the embedded one. Every test that asks for `pool` gets
the whole schema, empty, in a database made for this run.
"""

import gc
import logging
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import hypothesis
import psutil
import pytest
import structlog
from hypothesis import HealthCheck

from api.log_lines.library_lines import LibraryLines
from api.settings import Settings
from db import embedded
from db.connect import Pool, open_pool
from fleet.localtime import day_start, local_now
from tests.factories.accounts import CHEAP_PASSWORDS

# Machines that test are shared and noisy: how long one example takes says nothing.
hypothesis.settings.register_profile(
    "noisy", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis.settings.load_profile("noisy")

#: The files that take longest, so that none is left alone at the end while other workers wait.
#: Those that keep a processor busy stand beside those that mostly wait: for a stopped database, a
#: killed worker, a pause. Of the browsers two at most run at a time.
LONGEST_FIRST = (
    "browser/test_design.py",
    "integration/api/test_jobs.py",
    "integration/optimiser/test_rounds.py",
    "integration/api/test_supervised.py",
    "browser/test_first_run.py",
    "integration/api/test_chaos.py",
    "integration/ingest/test_buffer.py",
    "integration/pages/test_ways.py",
    "integration/db/test_data_directory.py",
    "integration/ingest/test_cluster.py",
    "browser/test_pages.py",
    "integration/api/test_page_bounds.py",
    "integration/ingest/test_connections.py",
    "integration/db/test_migration.py",
    "integration/api/test_interface.py",
    "integration/ingest/test_durability.py",
    "unit/optimiser/test_fleet_rules.py",
    "browser/test_weight.py",
    "integration/api/test_command_values.py",
    "integration/pages/test_scope.py",
    "unit/optimiser/test_solve.py",
    "integration/api/test_cli.py",
    "browser/test_zone_drawing.py",
    "integration/ingest/test_bounds.py",
    "integration/api/test_door.py",
    "unit/optimiser/test_workers.py",
    "integration/register/test_private_gone.py",
    "integration/trips/test_device_days.py",
    "integration/test_upload_bounds.py",
    "browser/test_trackers.py",
)

#: The room that the servers of all workers leave free where they are in memory.
MEMORY_BYTES_MIN = 4_000_000_000

#: What most tests take; none begins within it before midnight.
WHILE_BEFORE_MIDNIGHT_S = 20.0

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported stays for good: nobody looks for garbage in it, neither now nor later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first, the others in the order in which they are found."""
    tests = Path(__file__).parent
    turns = {tests / name: turn for turn, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: turns.get(item.path, len(turns)))


def pytest_runtest_setup() -> None:
    """A test that would run across local midnight, and see two days as one, waits for the new one.

    Only those wait that begin in the last seconds of a day, so a run waits once.
    """
    left_s = (day_start(local_now().date() + timedelta(days=1)) - local_now()).total_seconds()
    if left_s < WHILE_BEFORE_MIDNIGHT_S:
        time.sleep(left_s + 0.1)


@pytest.fixture(autouse=True)
def _logs_as_before() -> Generator[None]:  # pyright: ignore[reportUnusedFunction]
    """A command that a test ran in this process does not take the logs of later tests with it."""
    before = structlog.get_config()
    root = logging.getLogger()
    level = root.level
    hooks = threading.excepthook, sys.unraisablehook
    yield
    structlog.configure(**before)
    root.handlers[:] = [one for one in root.handlers if not isinstance(one, LibraryLines)]
    root.setLevel(level)
    logging.captureWarnings(False)
    threading.excepthook, sys.unraisablehook = hooks


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real and generated data beside the checkout; the test skips without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the data folder ../shared/data is not beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of published documents beside the checkout; the test skips without it."""
    folder = SHARED_DATA.parent / "seeds"
    if not folder.is_dir():
        pytest.skip("the folder ../shared/seeds is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def published_plan(seeds: Path) -> Path:
    """The published plan as text; the test skips without it."""
    [plan] = seeds.glob("000_*.txt")
    return plan


#: Ports that a test got already. Nobody may listen on one yet, so that it could be given again.
_GIVEN_PORTS: set[int] = set()


def free_port() -> int:
    """A port on loopback that nobody listens on, another one each time."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _GIVEN_PORTS:
            _GIVEN_PORTS.add(port)
            return port


def _memory() -> Path | None:
    """A folder in memory, where a server need not wait for a disk at every commit; None without
    room for one in each worker. What is killed in tests has a server of its own, on a disk."""
    folder = Path("/dev/shm")
    if not folder.is_dir():
        return None
    room = min(shutil.disk_usage(folder).free, psutil.virtual_memory().available)
    return folder if room > MEMORY_BYTES_MIN else None


@contextmanager
def running_server() -> Generator[str]:
    """URL of a server with the right to create databases: the given one, or an embedded one that
    runs until the end."""
    given = os.environ.get("FLAADE_TEST_DATABASE_URL")
    if given:
        yield given
        return
    # Not in pytest's own folder, which other runs of the same user tidy up.
    with tempfile.TemporaryDirectory(prefix="flaade-test-", dir=_memory()) as directory:
        server = embedded.start(Path(directory))
        try:
            yield server.url
        finally:
            server.stop()


@pytest.fixture(scope="session")
def server_url() -> Generator[str]:
    """URL of a running server, with the right to create databases."""
    with running_server() as url:
        yield url


@asynccontextmanager
async def own_database(server_url: str) -> AsyncGenerator[str]:
    """URL of a new database on the server, dropped at the end. Where the server has loaded
    TimescaleDB, the database has it too: what runs there runs on a hypertable."""
    name = f"flaade_test_{uuid.uuid4().hex[:12]}"
    url = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    server = await asyncpg.connect(server_url)
    await server.execute(f"CREATE DATABASE {name}")
    try:
        if await server.fetchval("SELECT current_setting('timescaledb.disable_load', true)"):
            connection = await asyncpg.connect(url)
            await connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
            await connection.close()
        yield url
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()


@pytest.fixture(scope="session")
async def database_url(server_url: str) -> AsyncGenerator[str]:
    """URL of a database of this run's own."""
    async with own_database(server_url) as url:
        yield url


@pytest.fixture(scope="session")
async def shared_pool(database_url: str) -> AsyncGenerator[Pool]:
    async with open_pool(database_url) as pool:
        yield pool


#: The bytes of a table from which on it takes less time to truncate it than to delete its rows. To
#: truncate a table makes new files of it, of its indexes, and of every table that refers to it.
TRUNCATED_BYTES_MIN = 65_536

#: Almost all tables are empty almost always, and emptying one costs more than looking into it.
EMPTY_TABLES = f"""
DO $$
DECLARE
    one record;
    filled boolean;
    deleted text[] := '{{}}';
    names text[] := '{{}}';
BEGIN
    -- History refuses to be emptied, but to a session that takes the place of a replica; to that
    -- one no row refers to another.
    PERFORM set_config('session_replication_role', 'replica', true);
    FOR one IN
        SELECT oid, relname AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
          AND relname NOT LIKE 'position\\_%'
          AND relname NOT LIKE 'procrastinate%' AND relname <> 'schema_migration'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', one.name) INTO filled;
        IF NOT filled THEN
            CONTINUE;
        ELSIF one.name <> 'position' AND pg_relation_size(one.oid) < {TRUNCATED_BYTES_MIN} THEN
            EXECUTE format('DELETE FROM %I', one.name);
            deleted := deleted || quote_ident(one.name);
        ELSE
            names := names || quote_ident(one.name);
        END IF;
    END LOOP;
    IF names <> '{{}}' THEN
        EXECUTE 'TRUNCATE ' || array_to_string(names, ', ') || ' RESTART IDENTITY CASCADE';
    END IF;
    -- Of rows that came and went.
    PERFORM setval(sequence.oid, 1, false)
    FROM pg_class sequence JOIN pg_depend ON objid = sequence.oid
    WHERE classid = 'pg_class'::regclass AND deptype = 'i' AND relkind = 'S'
      AND relnamespace = 'public'::regnamespace
      AND relname NOT LIKE 'procrastinate%' AND relname NOT LIKE 'schema_migration%';
    PERFORM set_config('test.deleted', array_to_string(deleted, ', '), false);
END
$$
"""


async def empty_tables(pool: Pool) -> None:
    """Every table of ours as after set-up, and no jobs; partitions and the schema's number stay."""
    async with pool.acquire() as connection:
        await connection.execute(EMPTY_TABLES)
        # What was deleted leaves its place, so that rows lie in the order in which they come.
        deleted = await connection.fetchval("SELECT current_setting('test.deleted')")
        if deleted:
            await connection.execute(f"VACUUM (PROCESS_TOAST false) {deleted}")
    # A job that failed is of a round by number, and numbers begin anew.
    await pool.execute("DELETE FROM procrastinate_jobs")


async def is_hypertable(pool: Pool) -> bool:
    """Whether positions are stored in chunks of TimescaleDB, not in partitions by week."""
    kind = await pool.fetchval("SELECT relkind FROM pg_class WHERE oid = 'position'::regclass")
    return kind == b"r"


@pytest.fixture
async def pool(shared_pool: Pool) -> Pool:
    """A pool on empty tables."""
    await empty_tables(shared_pool)
    return shared_pool


@pytest.fixture(scope="session")
def _read_settings() -> Settings:  # pyright: ignore[reportUnusedFunction]
    """The settings of tests, read once: that takes longer than many a test."""
    return Settings.model_validate(CHEAP_PASSWORDS)


@pytest.fixture
def settings(_read_settings: Settings, tmp_path: Path) -> Settings:
    return _read_settings.model_copy(update={"data_dir": tmp_path})
