"""On TimescaleDB, which `FLAADE_TEST_DATABASE_URL` may name: old positions in compressed chunks.

Where the licence of the server has no compression, the same is tested on chunks as they are.
"""

from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.connect import Pool, open_pool
from db.partitions import compress_old_positions
from db.retention import delete_expired
from db.statements import statements
from fleet.actor import Actor
from fleet.position import Position
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.conftest import is_hypertable
from tests.factories.recomputed import never
from tests.factories.vehicles import put_cars
from tests.factories.writers import writing
from trips.recompute import recompute
from trips.service import TripService

#: A chunk begins on this Thursday: half of what the devices send lies before it.
CHUNK = datetime(2026, 9, 17, tzinfo=UTC)
START = CHUNK - timedelta(hours=4)
MINUTES = 480
DEVICES = [f"d{number}" for number in range(8)]
#: Far less than what the statements of these tests would decompress, as a whole fleet exceeds the
#: server's own limit.
FEW_ROWS = "timescaledb.max_tuples_decompressed_per_dml_transaction=100"

#: Compressed batches that this connection read lately; the names of their tables differ by release.
BATCHES_READ = """
SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::bigint
FROM pg_stat_xact_all_tables WHERE relname LIKE '%compress%' AND schemaname LIKE '%internal'
"""


@pytest.fixture
async def pool(pool: Pool, database_url: str) -> AsyncGenerator[Pool]:
    """Connections that may not decompress more than a few rows, unless a statement says so."""
    if not await is_hypertable(pool):
        pytest.skip("FLAADE_TEST_DATABASE_URL names no server that has loaded TimescaleDB")
    async with open_pool(f"{database_url}?{FEW_ROWS}", connections_max=4) as limited:
        yield limited


async def licensed(pool: Pool) -> bool:
    return await pool.fetchval("SHOW timescaledb.license") == "timescale"


async def compress(pool: Pool) -> None:
    """All that is stored, where the licence allows it."""
    if not await licensed(pool):
        return
    await pool.fetch("SELECT compress_chunk(chunk) FROM show_chunks('position') chunk")
    assert await compressed_chunks(pool) > 0


async def compressed_chunks(pool: Pool) -> int:
    return await pool.fetchval(
        "SELECT count(*) FROM timescaledb_information.chunks"
        " WHERE hypertable_name = 'position' AND is_compressed"
    )


def drives(device: str) -> Iterator[Position]:
    """An hour's stand, an hour's drive to the north, and so on, a position a minute."""
    driven = 0
    for minute in range(MINUTES):
        moves = minute // 60 % 2 == 1
        driven += moves
        yield Position(
            device=device,
            ts=START + timedelta(minutes=minute),
            lat=round(55.1 + driven / 111.2, 6),
            lon=12.5,
            speed_kmh=60.0 if moves else 0.0,
        )


async def store(pool: Pool, positions: list[Position]) -> int:
    """How many of them were not there yet."""
    async with writing(pool) as writer:
        return (await writer.store(positions, [])).stored


async def fleet(pool: Pool, *, without: slice | None = None) -> list[Position]:
    """Eight vehicles with their drives, trips found and compressed; returns what was left out."""
    await pool.execute(
        "INSERT INTO zone (zone_id, name, lat, lon, radius_m)"
        " VALUES ('home', 'Home', 55.1, 12.5, 150)"
    )
    await put_cars(pool, *(device.replace("d", "v") for device in DEVICES))
    await pool.execute(
        "INSERT INTO device (device, vehicle_id) SELECT replace(vehicle_id, 'v', 'd'), vehicle_id"
        " FROM vehicle"
    )
    sent: list[Position] = []
    late: list[Position] = []
    for device in DEVICES:
        positions = list(drives(device))
        if without is not None:
            late += positions[without]
            del positions[without]
        sent += positions
    assert await store(pool, sent) == len(sent)
    await TripService(pool).refresh()
    await compress(pool)
    return late


async def trips(pool: Pool) -> list[Any]:
    return [
        tuple(row)
        for row in await pool.fetch("SELECT device, start_ts, end_ts, km FROM trip ORDER BY 1, 2")
    ]


async def test_position_is_a_hypertable_with_its_key_as_the_only_index(pool: Pool) -> None:
    tables = "SELECT count(*) FROM timescaledb_information.hypertables"
    assert await pool.fetchval(f"{tables} WHERE hypertable_name = 'position'") == 1
    indexes = "SELECT array_agg(indexname) FROM pg_indexes WHERE tablename = 'position'"
    assert await pool.fetchval(indexes) == ["position_pkey"]


async def test_compression_is_added_once_the_licence_has_it(pool: Pool) -> None:
    jobs = (
        "SELECT count(*) FROM timescaledb_information.jobs"
        " WHERE proc_name = 'policy_compression' AND hypertable_name = 'position'"
    )
    assert await pool.fetchval(jobs) == int(await licensed(pool))
    if not await licensed(pool):
        assert not await compress_old_positions(pool)
        return
    # As a server under the Apache licence left it.
    await pool.execute("TRUNCATE position")
    await pool.execute("SELECT remove_compression_policy('position')")
    await pool.execute("ALTER TABLE position SET (timescaledb.compress = false)")
    async with pool.acquire() as reader, reader.transaction():
        await reader.execute("SELECT count(*) FROM position")
        assert not await compress_old_positions(pool)
    assert await compress_old_positions(pool)
    assert not await compress_old_positions(pool)
    assert await pool.fetchval(jobs) == 1
    await fleet(pool)


async def test_a_private_period_is_gone_from_compressed_chunks(pool: Pool) -> None:
    await fleet(pool)
    begins, ends = START + timedelta(minutes=100), START + timedelta(minutes=400)
    await set_private(pool, Actor.trusted("driver"), "v3", PrivatePeriod(begins, ends))
    rows = "SELECT count(*) FROM position"
    of_it = f"{rows} WHERE device = 'd3' AND ts >= $1 AND ts < $2"
    assert await pool.fetchval(of_it, begins, ends) == 0
    assert await pool.fetchval(f"{rows} WHERE device = 'd3'") == MINUTES - 300
    assert await pool.fetchval(rows) == MINUTES * len(DEVICES) - 300
    await TripService(pool).refresh()
    assert await pool.fetchval("SELECT count(*) FROM trip WHERE device = 'd3'") < 4
    assert await pool.fetchval("SELECT count(*) FROM trip WHERE device = 'd4'") == 4


async def test_retention_leaves_in_compressed_chunks_what_came_in_late(pool: Pool) -> None:
    await fleet(pool)
    if await licensed(pool):
        await pool.fetch("SELECT decompress_chunk(chunk) FROM show_chunks('position') chunk")
    late = CHUNK + timedelta(days=300)
    await pool.execute(
        "UPDATE position"
        " SET received_at = CASE WHEN date_part('minute', ts) = 30 THEN $1 ELSE ts END",
        late,
    )
    await compress(pool)
    kept = MINUTES // 60 * len(DEVICES)
    done = await delete_expired(pool, 30, CHUNK + timedelta(days=60))
    assert (done.positions, done.weeks_left) == (MINUTES * len(DEVICES) - kept, 0)
    assert await pool.fetchval("SELECT count(*) FROM position") == kept
    assert (await delete_expired(pool, 30, late + timedelta(days=31))).weeks_dropped == 2
    assert await pool.fetchval("SELECT sum(items) FROM deletion") == MINUTES * len(DEVICES)


async def test_old_chunks_go_as_a_whole_and_leave_a_proof(pool: Pool) -> None:
    await fleet(pool)
    await pool.execute("UPDATE device_state SET dirty_from = NULL, dirty_to = NULL")
    done = await delete_expired(pool, 30, datetime.now(UTC) + timedelta(days=60))
    assert (done.positions, done.weeks_dropped, done.weeks_left) == (MINUTES * len(DEVICES), 2, 0)
    assert await compressed_chunks(pool) == 0
    assert await pool.fetchval("SELECT sum(items) FROM deletion") == MINUTES * len(DEVICES)


async def test_late_positions_are_stored_once_and_their_trips_cut_as_if_they_were_in_time(
    pool: Pool,
) -> None:
    late = await fleet(pool, without=slice(90, 390))
    cut_short = await trips(pool)
    sent = [position for device in DEVICES for position in drives(device)]
    # All of it again, of which the late part is new: most of it lies in compressed batches.
    assert await store(pool, sent) == len(late)
    assert await store(pool, sent) == 0
    assert await pool.fetchval("SELECT count(*) FROM position") == len(sent)
    await TripService(pool).refresh()
    whole = await trips(pool)
    assert len(whole) == 4 * len(DEVICES) > 0
    assert whole != cut_short
    assert await recompute(pool, write=False, on_progress=lambda *_: None, on_failure=never) == []
    await compress(pool)
    await pool.execute(
        "UPDATE device_state SET dirty_from = first_ts, dirty_to = last_ts, revision = revision + 1"
    )
    await TripService(pool).refresh()
    assert await trips(pool) == whole


async def test_the_last_position_of_each_device_is_looked_up_in_its_own_batch(pool: Pool) -> None:
    await fleet(pool)
    last = START + timedelta(minutes=MINUTES - 1)
    for noun, name, *args in (
        ("device", "last_fixes", DEVICES),
        ("contact", "last_pings", None, None),
        ("received", "latest_positions", len(DEVICES)),
    ):
        async with pool.acquire() as connection, connection.transaction():
            before = await connection.fetchval(BATCHES_READ)
            rows = await connection.fetch(statements(noun)[str(name)], *args)
            read = await connection.fetchval(BATCHES_READ) - before
        assert {row["device"] for row in rows} == set(DEVICES), name
        assert {row.get("ts") or row["last_ts"] for row in rows} == {last}, name
        # A batch for each device, and not one in each chunk.
        assert read == (len(DEVICES) if await licensed(pool) else 0), name
