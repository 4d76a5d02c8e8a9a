"""The writer's promises when the database is slow, away or refuses a value."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Thread

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.connect import Pool, open_pool
from fleet.position import Position
from ingest.gate.receipt import Overloaded, Receipt
from ingest.gate.refusal import Reason, Refusal
from ingest.store.writer import REFUSED_VALUE, PositionWriter
from ingest.watch.metrics import Metrics
from tests.conftest import empty_tables
from tests.factories.locks import until_waiting
from tests.factories.refused import DETAIL
from tests.factories.writers import writing
from trips.service import TripService

#: A writer that soon tells who waits to come back.
writing_for_seconds = partial(writing, rows_max=1_000, queue_rows_max=10_000, wait_max_s=5)

START = datetime(2026, 11, 20, 10, tzinfo=UTC)


def positions(count: int, device: str = "d1") -> list[Position]:
    return [
        Position(device=device, ts=START + timedelta(seconds=i), lat=55.77, lon=12.5)
        for i in range(count)
    ]


async def test_a_full_queue_tells_senders_to_come_back(pool: Pool) -> None:
    writer = PositionWriter(
        pool,
        Metrics(),
        rows_max=10,
        queue_rows_max=15,
        queue_bytes_max=100_000_000,
        wait_max_s=5,
        connections=2,
    )
    first = asyncio.create_task(writer.store(positions(10), []))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded, match="10 rows are waiting"):
        await writer.store(positions(10, "d2"), [])
    task = asyncio.create_task(writer.run())
    assert (await first).stored == 10
    writer.close()
    await task


async def test_a_queue_full_of_bytes_tells_senders_to_come_back(pool: Pool) -> None:
    writer = PositionWriter(
        pool,
        Metrics(),
        rows_max=10,
        queue_rows_max=1_000,
        queue_bytes_max=10_000,
        wait_max_s=5,
        connections=1,
    )
    large = Refusal("positions", "d1", Reason.VALUE, DETAIL, bytes(9_900))
    first = asyncio.create_task(writer.store([], [large]))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded, match="1 rows are waiting"):
        await writer.store(positions(1), [])
    task = asyncio.create_task(writer.run())
    assert (await first).quarantined == 1
    writer.close()
    await task


async def test_where_another_writer_was_faster_the_same_rows_are_duplicates(pool: Pool) -> None:
    """The first writer believes that nothing is later than what it stored itself."""
    async with (
        writing_for_seconds(pool) as first,
        writing_for_seconds(pool) as second,
    ):
        await first.store(positions(3), [])
        assert (await second.store(positions(8), [])).stored == 5
        receipt = await first.store(positions(10), [])
    assert (receipt.stored, receipt.duplicate) == (2, 8)
    assert await pool.fetchval("SELECT count(*) FROM position") == 10


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False), st.integers(1, 40))
async def test_in_whatever_order_and_pieces_and_however_often_it_comes_the_table_is_the_same(
    pool: Pool, source: random.Random, rows_in_piece: int
) -> None:
    """Two writers at once, each row sent one to three times; as if sent once and in order."""
    await empty_tables(pool)
    rows = [one for device in ("d1", "d2", "d3") for one in positions(40, device)]
    sent = [one for one in rows for _ in range(source.randint(1, 3))]
    source.shuffle(sent)
    pieces = [sent[at : at + rows_in_piece] for at in range(0, len(sent), rows_in_piece)]
    async with (
        writing_for_seconds(pool) as first,
        writing_for_seconds(pool) as second,
    ):
        receipts = await asyncio.gather(
            *(source.choice((first, second)).store(piece, []) for piece in pieces)
        )
    assert sum(one.stored for one in receipts) == len(rows)
    assert sum(one.duplicate for one in receipts) == len(sent) - len(rows)
    stored = await pool.fetch("SELECT device, ts FROM position ORDER BY device, ts")
    assert [tuple(row) for row in stored] == [(one.device, one.ts) for one in rows]
    state = await pool.fetch("SELECT first_ts, last_ts, dirty_from FROM device_state")
    last = START + timedelta(seconds=39)
    assert [tuple(row) for row in state] == [(START, last, START)] * 3


async def test_a_few_late_positions_among_very_many_are_told_from_repeats(pool: Pool) -> None:
    """Too many lie between them for all of those to be looked at."""
    async with writing_for_seconds(pool) as writer:
        gap = [500, 501, 899]
        kept = [one for n, one in enumerate(positions(1_000)) if n not in gap]
        assert (await writer.store(kept, [])).stored == len(kept)
        some = [positions(1_000)[n] for n in (3, 500, 7, 900, 899, 3)]
        assert await writer.store(some, []) == Receipt(stored=2, duplicate=4, quarantined=0)
        assert await writer.store(some, []) == Receipt(stored=0, duplicate=6, quarantined=0)
    assert await pool.fetchval("SELECT count(*) FROM position") == 999


async def test_a_table_that_grew_is_never_read_whole_to_find_repeats(pool: Pool) -> None:
    """Plans are made while it is small, and its statistics come a minute later."""
    devices = [f"d{number}" for number in range(30)]
    few, many = ([one for device in devices for one in positions(n, device)] for n in (2, 200))
    async with writing_for_seconds(pool) as writer:
        await writer.store(few, [])
        await pool.execute("VACUUM ANALYZE position")
        for _ in range(40):
            assert (await writer.store(few, [])).stored == 0
        await writer.store(many, [])
        await asyncio.sleep(1.5)  # so that nothing of before is told with what is counted
        before = await _read_whole(pool)
        for _ in range(20):
            assert (await writer.store(few, [])).stored == 0
        await asyncio.sleep(1.5)  # what a connection did is told once a second
        await writer.store(few, [])
        # Each look for each device would be one; other connections tell late of what they read.
        assert await _read_whole(pool) - before < 20 * len(devices) / 2


async def _read_whole(pool: Pool) -> int:
    """How often the partitions that hold positions were read from one end to the other, by anyone.
    The others are left out: what empties the table for a test reads each of them."""
    return await pool.fetchval(
        "SELECT sum(seq_scan)::int FROM pg_stat_user_tables"
        " WHERE relid IN (SELECT tableoid FROM position)"
    )


async def test_a_value_that_the_database_refuses_does_not_fail_its_neighbours(pool: Pool) -> None:
    async with writing_for_seconds(pool) as writer:
        bad = Position(device="d2", ts=START, lat=1, lon=1, satellites=99_999)
        good, refused = await asyncio.gather(
            writer.store(positions(5), []), writer.store([bad], []), return_exceptions=True
        )
    assert good.stored == 5  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    assert isinstance(refused, REFUSED_VALUE)


async def test_a_device_may_have_any_name(pool: Pool) -> None:
    names = ['a "b"', "c\\d", "it's, {not} NULL", "måler", "null", "\\'"]
    async with writing_for_seconds(pool) as writer:
        rows = [one for name in names for one in positions(2, name)]
        assert (await writer.store(rows, [])).stored == len(rows)
        assert (await writer.store(rows, [])).duplicate == len(rows)
    states = await pool.fetch("SELECT device, first_ts, last_ts FROM device_state")
    expected = {(name, START, START + timedelta(seconds=1)) for name in names}
    assert {tuple(row) for row in states} == expected


async def test_closing_commits_what_is_queued_first(pool: Pool) -> None:
    writer = PositionWriter(
        pool,
        Metrics(),
        rows_max=10,
        queue_rows_max=10_000,
        queue_bytes_max=100_000_000,
        wait_max_s=5,
        connections=2,
    )
    waiting = [
        asyncio.create_task(writer.store(positions(10, f"d{number}"), [])) for number in range(20)
    ]
    await asyncio.sleep(0)
    writer.close()
    await writer.run()
    receipts = await asyncio.gather(*waiting)
    assert sum(receipt.stored for receipt in receipts) == 200


async def test_a_group_whose_connection_is_lost_is_taken_by_another_one(pool: Pool) -> None:
    async with writing_for_seconds(pool) as writer:
        await writer.store(positions(3), [])
        async with pool.acquire() as other:
            lock = other.transaction()
            await lock.start()
            await other.execute("LOCK TABLE position IN ACCESS EXCLUSIVE MODE")
            waiting = asyncio.create_task(writer.store(positions(6), []))
            await until_waiting(pool, "position")
            assert await other.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
            await asyncio.sleep(0.3)
            assert not waiting.done()
            await lock.rollback()
        receipt = await waiting
        assert (receipt.stored, receipt.duplicate) == (3, 3)
    assert await pool.fetchval("SELECT count(*) FROM position") == 6


async def end_all_connections(database_url: str) -> None:
    outside = await asyncpg.connect(database_url)
    await outside.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    await outside.close()


async def test_the_first_group_after_all_connections_died_is_stored(
    pool: Pool, database_url: str
) -> None:
    async with writing_for_seconds(pool) as writer:
        for times in range(3):
            # More connections than a group is tried, and none of them hears of its end before its
            # next statement: the loop is held meanwhile.
            await asyncio.gather(*(pool.execute("SELECT pg_sleep(0.1)") for _ in range(8)))
            killing = Thread(target=asyncio.run, args=(end_all_connections(database_url),))
            killing.start()
            killing.join()
            both = [writer.store(positions(3, f"d{times}{n}"), []) for n in range(2)]
            assert [one.stored for one in await asyncio.gather(*both)] == [3, 3]
    await pool.expire_connections()  # those that nobody used since are dead still


async def test_a_database_that_is_away_is_told_to_senders(database_url: str) -> None:
    async with (
        open_pool(database_url) as pool,
        writing_for_seconds(pool) as writer,
    ):
        await writer.store(positions(1, "away"), [])
        pool.set_connect_args(dsn="postgresql://postgres@127.0.0.1:1/nobody")
        await pool.expire_connections()
        await end_all_connections(database_url)
        with pytest.raises(Overloaded, match="the database is away"):
            await writer.store(positions(2, "away"), [])


async def test_each_commit_moves_the_state_of_its_devices(pool: Pool) -> None:
    async with writing_for_seconds(pool) as writer:
        await writer.store(positions(5), [])
        await pool.execute("UPDATE device_state SET dirty_from = NULL, dirty_to = NULL")
        await writer.store(positions(5), [])
        assert await pool.fetchval("SELECT dirty_from FROM device_state") is None
        late = [Position(device="d1", ts=START - timedelta(days=3), lat=55.77, lon=12.5)]
        await writer.store(late, [])
    row = await pool.fetchrow("SELECT first_ts, last_ts, dirty_from FROM device_state")
    assert row is not None
    assert row["first_ts"] == row["dirty_from"] == START - timedelta(days=3)
    assert row["last_ts"] == START + timedelta(seconds=4)


async def test_under_load_commits_only_note_what_they_stored_until_it_is_applied(
    pool: Pool,
) -> None:
    async with writing_for_seconds(pool) as writer:
        async with pool.acquire() as other, other.transaction():
            await other.execute(
                "SELECT pg_advisory_xact_lock(hashtext('flaadestyring.pending_spans'))"
            )
            many = [writer.store(positions(20, f"d{number}"), []) for number in range(100)]
            assert sum(one.stored for one in await asyncio.gather(*many)) == 2_000
            assert await pool.fetchval("SELECT count(*) FROM pending_span") > 0
        await writer.store(positions(21, "d0"), [])
    assert await pool.fetchval("SELECT count(*) FROM pending_span") == 0
    states = await pool.fetch("SELECT device, first_ts, last_ts FROM device_state")
    last = {f"d{number}": START + timedelta(seconds=19) for number in range(100)}
    last["d0"] += timedelta(seconds=1)
    assert {tuple(row) for row in states} == {(device, START, ts) for device, ts in last.items()}


async def test_what_a_dead_writer_noted_is_applied_by_the_trip_service(pool: Pool) -> None:
    await pool.execute(
        "INSERT INTO pending_span"
        " SELECT ARRAY['d1', 'd2'], ARRAY[us, us + 5], ARRAY[us + 7, us + 9]"
        " FROM unnest(ARRAY[10, 20]::bigint[]) AS us"
    )
    await TripService(pool).refresh()
    states = await pool.fetch(
        "SELECT device, extract(microseconds FROM first_ts)::int,"
        " extract(microseconds FROM last_ts)::int, revision FROM device_state ORDER BY device"
    )
    assert [tuple(row) for row in states] == [("d1", 10, 27, 1), ("d2", 15, 29, 1)]


async def test_who_waits_longest_for_a_commit_is_known_until_it_came(
    pool: Pool, writer: PositionWriter
) -> None:
    assert writer.waiting_s() == 0
    async with pool.acquire() as holder:
        locking = holder.transaction()
        await locking.start()
        await holder.execute("LOCK TABLE pending_span, device_state IN ACCESS EXCLUSIVE MODE")
        position = Position(device="d", ts=datetime(2026, 11, 16, tzinfo=UTC), lat=55.0, lon=12.0)
        storing = asyncio.create_task(writer.store([position], []))
        await asyncio.sleep(0.3)
        assert writer.waiting_s() >= 0.2
        await locking.rollback()
    await storing
    assert writer.waiting_s() == 0
