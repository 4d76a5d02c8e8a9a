"""Raw telemetry is deleted by the system itself, shown to be, and takes no trip with it."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest

from db import retention
from db.connect import Pool
from db.retention import RetentionResult, delete_expired
from fleet.position import Position
from ingest.store.writer import PositionWriter
from ingest.watch.metrics import Metrics
from tests.conftest import is_hypertable
from tests.factories.locks import until_waiting
from tests.factories.refused import DETAIL_SQL
from trips.service import TripService

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
#: A Monday whose week, like the seven days from its Thursday on, ended more than 60 days before.
MONDAY = datetime(2026, 9, 14, tzinfo=UTC)
KEEP_DAYS = 60


async def put(
    pool: Pool, ts: datetime, *, received_at: datetime | None = None, lat: float = 55.77
) -> None:
    """A position, its week and its device's state, as the writer puts them."""
    await pool.execute("SELECT ensure_position_partitions($1, $1)", ts)
    await pool.execute(
        "INSERT INTO position (device, ts, lat, lon, received_at) VALUES ('d1', $1, $2, 12.5, $3)",
        *(ts, lat, received_at or ts),
    )
    await pool.execute(
        "INSERT INTO device_state (device, first_ts, last_ts, dirty_from, dirty_to)"
        " VALUES ('d1', $1, $1, $1, $1)"
        " ON CONFLICT (device) DO UPDATE SET first_ts = least(device_state.first_ts, $1),"
        " last_ts = greatest(device_state.last_ts, $1),"
        " dirty_from = least(device_state.dirty_from, $1),"
        " dirty_to = greatest(device_state.dirty_to, $1), revision = device_state.revision + 1",
        ts,
    )


async def drive(pool: Pool, start: datetime, minutes: int = 40) -> None:
    """Stand for twenty minutes, drive north at 60 km/h, and stand again, a fix a minute."""
    for minute in range(-20, minutes + 20):
        driven = min(max(minute, 0), minutes)
        await put(pool, start + timedelta(minutes=minute), lat=55.0 + driven / 111.2)


async def weeks(pool: Pool) -> set[datetime]:
    return {row["from_ts"] for row in await pool.fetch("SELECT from_ts FROM position_parts()")}


@pytest.fixture
async def pool(pool: Pool) -> AsyncGenerator[Pool]:
    yield pool
    await pool.execute("SELECT ensure_position_partitions($1, $1)", datetime.now(UTC))


@pytest.fixture
async def old_week(pool: Pool) -> datetime:
    """When a week began that is over: partitions begin on Mondays, chunks of TimescaleDB on
    Thursdays."""
    return MONDAY + timedelta(days=3 if await is_hypertable(pool) else 0)


async def test_a_week_goes_as_a_whole_when_its_last_position_is_too_old(
    pool: Pool, old_week: datetime
) -> None:
    for day in range(7):
        await put(pool, old_week + timedelta(days=day))
    recent = NOW - timedelta(days=59)
    await put(pool, recent)
    await TripService(pool).refresh()
    assert old_week in await weeks(pool)
    deleted = await delete_expired(pool, KEEP_DAYS, NOW)
    assert deleted.positions == 7
    assert deleted.weeks_left == 0
    assert old_week not in await weeks(pool)
    assert await pool.fetchval("SELECT array_agg(ts) FROM position") == [recent]
    [proof] = await pool.fetch("SELECT subject, from_ts, to_ts, items, keep_days FROM deletion")
    assert tuple(proof) == ("position", old_week, old_week + timedelta(days=7), 7, KEEP_DAYS)
    assert await delete_expired(pool, KEEP_DAYS, NOW) == RetentionResult()


async def test_what_came_in_late_has_its_own_time(pool: Pool, old_week: datetime) -> None:
    """An imported log, or a tracker that was out of reach: kept as long after it came in."""
    await put(pool, old_week)
    came_in = NOW - timedelta(days=10)
    await put(pool, old_week + timedelta(hours=1), received_at=came_in)
    await pool.execute("UPDATE position SET speed_kmh = 7, attrs = '{\"gsm\": 3}'")
    await TripService(pool).refresh()
    kept = await pool.fetch("SELECT * FROM position WHERE received_at = $1", came_in)
    assert await delete_expired(pool, KEEP_DAYS, NOW) == RetentionResult(positions=1)
    assert await pool.fetch("SELECT * FROM position") == kept
    assert await delete_expired(pool, KEEP_DAYS, NOW) == RetentionResult()
    later = came_in + timedelta(days=KEEP_DAYS)
    assert (await delete_expired(pool, KEEP_DAYS, later)).positions == 1
    assert old_week not in await weeks(pool)


@pytest.mark.parametrize("late_max", [2, 3])
async def test_many_that_came_in_late_are_kept_like_few(
    pool: Pool, old_week: datetime, monkeypatch: pytest.MonkeyPatch, late_max: int
) -> None:
    """Up to a number of them are copied aside; beyond it the others are deleted one by one."""
    monkeypatch.setattr(retention, "LATE_POSITIONS_MAX", late_max)
    for hour in range(6):
        came_in = old_week if hour % 2 else NOW
        await put(pool, old_week + timedelta(hours=hour), received_at=came_in)
    await TripService(pool).refresh()
    assert await delete_expired(pool, KEEP_DAYS, NOW) == RetentionResult(positions=3)
    assert await pool.fetchval("SELECT array_agg(DISTINCT received_at) FROM position") == [NOW]
    assert await pool.fetchval("SELECT count(*) FROM position") == 3
    assert await pool.fetchval("SELECT items FROM deletion") == 3


COMES = (
    "INSERT INTO position (device, ts, lat, lon, received_at)"
    " VALUES ('d1', $1::timestamptz + interval '9 hours', 55.77, 12.5, $2)"
)
GOES = "DELETE FROM position WHERE received_at = $2 AND ts >= $1"


@pytest.mark.parametrize(
    ("late", "changes", "stays"),
    [(0, (COMES,), 1), (1, (COMES,), 2), (1, (GOES,), 0), (1, (GOES, COMES), 1)],
)
async def test_what_comes_or_goes_while_a_week_is_copied_is_neither_lost_nor_brought_back(
    pool: Pool, old_week: datetime, late: int, changes: tuple[str, ...], stays: int
) -> None:
    await put(pool, old_week)
    if late:
        await put(pool, old_week + timedelta(hours=1), received_at=NOW)
    await TripService(pool).refresh()
    async with pool.acquire() as other, pool.acquire() as watcher:
        transaction = other.transaction()
        await transaction.start()
        for change in changes:
            await other.execute(change, old_week, NOW)
        deleting = asyncio.create_task(delete_expired(pool, KEEP_DAYS, NOW))
        await until_waiting(watcher, "position")
        await transaction.commit()
        assert await deleting == RetentionResult(weeks_left=1)
    of_late = "SELECT count(*) FROM position WHERE received_at = $1"
    assert await pool.fetchval(of_late, NOW) == stays
    assert (await delete_expired(pool, KEEP_DAYS, NOW)).positions == 1
    assert await pool.fetchval(of_late, NOW) == stays
    assert await pool.fetchval("SELECT count(*) FROM position") == stays


async def test_trips_are_found_before_their_positions_go(pool: Pool, old_week: datetime) -> None:
    await drive(pool, old_week + timedelta(hours=8))
    waiting = await delete_expired(pool, KEEP_DAYS, NOW)
    assert (waiting.positions, waiting.weeks_left) == (0, 1)
    await TripService(pool).refresh()
    assert (await delete_expired(pool, KEEP_DAYS, NOW)).positions == 80
    assert await pool.fetchval("SELECT count(*) FROM trip") == 1


async def test_trips_are_found_as_those_of_their_vehicle_before_their_positions_go(
    pool: Pool, old_week: datetime
) -> None:
    """Also in a database that did not keep yet as whose they were found."""
    await drive(pool, old_week + timedelta(hours=8))
    service = TripService(pool)
    assert (await service.refresh(), await service.refresh()) == (1, 0)
    await pool.execute("UPDATE device_state SET found_with = NULL")
    assert (await delete_expired(pool, KEEP_DAYS, NOW)).weeks_left == 1
    assert (await service.refresh(), await service.refresh()) == (1, 0)
    assert (await delete_expired(pool, KEEP_DAYS, NOW)).positions == 80


async def test_trips_and_days_stay_as_found_whatever_comes_later(
    pool: Pool, old_week: datetime
) -> None:
    """One trip lies in the deleted week, one across its end: neither is lost, cut or doubled."""
    await drive(pool, old_week + timedelta(hours=8))
    await drive(pool, old_week + timedelta(days=6, hours=23, minutes=40))
    service = TripService(pool)
    await service.refresh()
    found = await pool.fetch("SELECT * FROM trip ORDER BY start_ts")
    days = await pool.fetch("SELECT * FROM device_day ORDER BY day")
    assert len(found) == 2
    assert found[1]["start_ts"] < old_week + timedelta(days=7) < found[1]["end_ts"]
    # On a day when the first of the two weeks is too old and the second is not.
    on_the_day = old_week + timedelta(days=7 + KEEP_DAYS, hours=1)
    assert (await delete_expired(pool, KEEP_DAYS, on_the_day)).positions == 120
    # A late position for the deleted week, and everything begun anew.
    await put(pool, old_week + timedelta(days=2), received_at=NOW)
    await pool.execute(
        "UPDATE device_state SET dirty_from = first_ts, dirty_to = last_ts, revision = revision + 1"
    )
    await service.refresh()
    assert await pool.fetch("SELECT * FROM trip ORDER BY start_ts") == found
    assert await pool.fetch("SELECT * FROM device_day ORDER BY day") == days
    # And what is driven from now on is found as ever.
    await drive(pool, NOW)
    await service.refresh()
    assert await pool.fetchval("SELECT count(*) FROM trip") == 3


async def test_a_week_that_went_is_made_again_for_what_comes_later(
    pool: Pool, old_week: datetime
) -> None:
    """By the same writer, which has seen the week before."""
    writer = PositionWriter(
        pool,
        Metrics(),
        rows_max=10,
        queue_rows_max=10,
        queue_bytes_max=100_000_000,
        wait_max_s=5,
        connections=2,
    )
    writing = asyncio.create_task(writer.run())
    for hour in range(2):
        ts = old_week + timedelta(hours=hour)
        receipt = await writer.store([Position(device="d1", ts=ts, lat=55.77, lon=12.5)], [])
        assert receipt.stored == 1
        await TripService(pool).refresh()
        far_ahead = datetime.now(UTC) + timedelta(days=KEEP_DAYS + 1)
        assert (await delete_expired(pool, KEEP_DAYS, far_ahead)).positions == 1
    writer.close()
    await writing


async def test_refused_telemetry_goes_too(pool: Pool) -> None:
    insert = (
        "INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256,"
        f" received_at) VALUES ('positions', 'd1', 'clock', {DETAIL_SQL}, $1, sha256($1), $2)"
    )
    await pool.execute(insert, b"old", NOW - timedelta(days=61))
    await pool.execute(insert, b"new", NOW - timedelta(days=59))
    assert (await delete_expired(pool, KEEP_DAYS, NOW)).quarantined == 1
    assert await pool.fetchval("SELECT array_agg(payload) FROM quarantine") == [b"new"]
    assert await pool.fetchval("SELECT items FROM deletion WHERE subject = 'quarantine'") == 1


async def test_a_busy_table_is_left_for_the_next_run(pool: Pool, old_week: datetime) -> None:
    """A long report must not make writers queue behind the deletion."""
    await put(pool, old_week)
    await TripService(pool).refresh()
    async with pool.acquire() as reader, reader.transaction():
        await reader.execute("SELECT count(*) FROM position")
        deleting = asyncio.create_task(delete_expired(pool, KEEP_DAYS, NOW))
        assert (await deleting).weeks_left == 1
    assert (await delete_expired(pool, KEEP_DAYS, NOW)).positions == 1
