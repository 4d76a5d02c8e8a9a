"""On TimescaleDB, given by `FLAADE_TEST_TIMESCALE_URL`: the same tables, chunked and compressed."""

import os
import uuid
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from db.connect import Pool, open_pool
from db.retention import delete_expired

URL = os.environ.get("FLAADE_TEST_TIMESCALE_URL", "")

pytestmark = pytest.mark.skipif(
    not URL, reason="FLAADE_TEST_TIMESCALE_URL names no TimescaleDB to test on"
)

OLD = datetime(2026, 9, 14, tzinfo=UTC)


@pytest.fixture
async def timescale() -> AsyncGenerator[Pool]:
    """A database of this test's own, with the extension and the schema."""
    name = f"flaade_test_{uuid.uuid4().hex[:12]}"
    server = await asyncpg.connect(URL)
    await server.execute(f"CREATE DATABASE {name}")
    url = urlunsplit(urlsplit(URL)._replace(path=f"/{name}"))
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
    await connection.close()
    async with open_pool(url, connections_max=3) as pool:
        yield pool
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()


async def test_position_is_a_hypertable_that_is_compressed_where_the_licence_allows(
    timescale: Pool,
) -> None:
    tables = "SELECT count(*) FROM timescaledb_information.hypertables"
    assert await timescale.fetchval(f"{tables} WHERE hypertable_name = 'position'") == 1
    licensed = await timescale.fetchval("SHOW timescaledb.license") == "timescale"
    jobs = "SELECT count(*) FROM timescaledb_information.jobs"
    found = await timescale.fetchval(f"{jobs} WHERE proc_name = 'policy_compression'")
    assert found == int(licensed)


async def test_old_chunks_go_as_a_whole_and_leave_a_proof(timescale: Pool) -> None:
    insert = (
        "INSERT INTO position (device, ts, lat, lon, received_at) VALUES ('d1', $1, 55, 12, $1)"
    )
    for day in (0, 1, 60):
        await timescale.execute(insert, OLD + timedelta(days=day))
    deleted = await delete_expired(timescale, 30, OLD + timedelta(days=61))
    assert deleted.positions == 2
    assert await timescale.fetchval("SELECT count(*) FROM position") == 1
    assert await timescale.fetchval("SELECT sum(items) FROM deletion") == 2
