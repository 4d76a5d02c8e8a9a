"""The schema runs again and again, and partitions are never missing."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from db.connect import Pool, await_database, open_pool
from db.errors import DatabaseError
from db.partitions import ensure_partitions_ahead
from db.statements import DB_DIR, statements
from tests.conftest import is_hypertable

SOCKET = ".s.PGSQL.5432"


async def test_set_up_runs_again_and_from_many_processes_at_once(
    pool: Pool, database_url: str
) -> None:
    async def start() -> None:
        async with open_pool(database_url, connections_max=1) as other:
            assert await other.fetchval("SELECT count(*) FROM position") == 0

    await asyncio.gather(*(start() for _ in range(4)))


async def test_the_key_is_device_and_moment(pool: Pool) -> None:
    columns = await pool.fetchval(
        "SELECT array_agg(a.attname ORDER BY k.n) FROM pg_index i,"
        " unnest(i.indkey) WITH ORDINALITY k (attnum, n), pg_attribute a"
        " WHERE i.indrelid = 'position'::regclass AND i.indisprimary"
        " AND a.attrelid = i.indrelid AND a.attnum = k.attnum"
    )
    assert columns == ["device", "ts"]


async def test_partitions_are_there_weeks_ahead(pool: Pool) -> None:
    assert await ensure_partitions_ahead(pool) == 0
    ahead = datetime.now(UTC) + timedelta(weeks=4)
    await pool.execute("INSERT INTO position (device, ts, lat, lon) VALUES ('d', $1, 1, 1)", ahead)


async def test_weeks_are_iso_weeks_in_utc_whatever_the_session_thinks(pool: Pool) -> None:
    """Also in the weeks around new year, where week numbers belong to another year."""
    async with pool.acquire() as connection:
        await connection.execute("SET TIME ZONE 'Asia/Tokyo'")
        first = datetime(2003, 12, 28, 23, 59, 59, tzinfo=UTC)
        last = datetime(2005, 1, 3, 0, 0, tzinfo=UTC)
        made = await connection.fetchval("SELECT ensure_position_partitions($1, $2)", first, last)
        # A hypertable makes its chunks as positions come.
        assert made == (0 if await is_hypertable(pool) else 55)
        moment = first
        while moment <= last:
            await connection.execute(
                "INSERT INTO position (device, ts, lat, lon) VALUES ('d', $1, 1, 1)", moment
            )
            moment += timedelta(hours=37)
        await connection.execute("RESET TIME ZONE")


async def test_two_writers_may_ask_for_the_same_week_at_once(pool: Pool) -> None:
    week = datetime(2011, 5, 4, tzinfo=UTC)
    sql = statements("position")["ensure_week"]
    await asyncio.gather(*(pool.execute(sql, week) for _ in range(6)))
    await pool.execute("INSERT INTO position (device, ts, lat, lon) VALUES ('d', $1, 1, 1)", week)


async def test_a_server_that_cannot_be_reached_is_one_line() -> None:
    with pytest.raises(DatabaseError, match="cannot be reached"):
        async with open_pool("postgresql://nobody@127.0.0.1:1/none"):
            pass


async def test_a_server_that_starts_is_waited_for_and_one_that_stays_away_is_not(
    tmp_path: Path, database_url: str
) -> None:
    query = parse_qs(urlsplit(database_url).query)
    if "host" not in query:
        pytest.skip("the server of the tests has no socket in a folder")
    away = f"postgresql://postgres@/postgres?host={tmp_path}"
    told = asyncio.Event()
    told.set()
    async with asyncio.timeout(10):
        await await_database(away, 0.0, asyncio.Event())
        await await_database(away, 3_600.0, told)
    waiting = asyncio.create_task(await_database(away, 3_600.0, asyncio.Event()))
    await asyncio.wait({waiting}, timeout=0.2)
    assert not waiting.done()
    (tmp_path / SOCKET).symlink_to(Path(query["host"][0]) / SOCKET)
    async with asyncio.timeout(10):
        await waiting


async def test_every_named_statement_is_valid_sql(pool: Pool) -> None:
    """Prepared against the schema: a renamed column cannot hide in a file of statements."""
    async with pool.acquire() as connection:
        for noun in sorted(file.stem for file in (DB_DIR / "queries").glob("*.sql")):
            for name, sql in statements(noun).items():
                try:
                    await connection.prepare(sql)
                except asyncpg.PostgresError as error:
                    pytest.fail(f"queries/{noun}.sql: {name}: {error}")
