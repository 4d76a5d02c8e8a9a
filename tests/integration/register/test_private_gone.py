"""A private period holds in the transaction that stores, and a sweep leaves nothing of it."""

import asyncio
import random
from datetime import UTC, datetime, time, timedelta
from functools import partial

import pytest
from msgspec.structs import replace

from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor
from fleet.files.cells import read_packed, unpack_rows
from fleet.files.own_process import ReadingBounds
from fleet.localtime import LOCAL_ZONE, day_start
from fleet.position import Position
from ingest.gate.refusal import Reason, Refusal
from ingest.store.writer import PositionWriter
from register.devices import enrol_device, move_device
from register.private_periods import private_periods, set_private
from register.private_sweep import SweepCounts, sweep_unswept
from register.private_time import DutyHours, PrivatePeriod, private_spans
from tests.factories.actors import SOMEBODY
from tests.factories.locks import until_waiting
from tests.factories.private_vehicles import add_vehicle, rows
from tests.factories.recomputed import never
from tests.factories.refused import DETAIL, DETAIL_SQL
from tests.factories.writers import writing
from trips.driving_log.uploads import keep_upload
from trips.recompute import recompute
from trips.service import TripService

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)
#: Some local midnight in the past.
MIDNIGHT = day_start((NOW - 3 * DAY).astimezone(LOCAL_ZONE).date()).astimezone(UTC)

#: Commits of few rows, so that periods are set between them.
writing_small_groups = partial(writing, rows_max=500, wait_max_s=60)


def fix(device: str, ts: datetime, km: float = 0.0) -> Position:
    return Position(device=device, ts=ts, lat=55.77 + km / 111.2, lon=12.5, satellites=9)


def drive(device: str, start: datetime, minutes: int, from_km: float = 0.0) -> list[Position]:
    """Ten minutes standing, `minutes` at 60 km/h, ten minutes standing, a fix every 20 s."""
    found: list[Position] = []
    for second in range(-600, 60 * minutes + 600, 20):
        driven = min(max(second, 0), 60 * minutes)
        found.append(fix(device, start + timedelta(seconds=second), from_km + driven / 60))
    return found


async def touching(pool: Pool, begins: datetime, ends: datetime) -> dict[str, int]:
    """How many rows of each kind touch a time."""
    found = {
        "position": await pool.fetchval(
            "SELECT count(*) FROM position WHERE ts >= $1 AND ts < $2", begins, ends
        )
    }
    for table in ("trip", "round_trip", "engine_session"):
        found[table] = await pool.fetchval(
            f"SELECT count(*) FROM {table} WHERE start_ts < $2 AND end_ts >= $1", begins, ends
        )
    return {table: count for table, count in found.items() if count}


async def test_what_waits_when_a_period_is_set_is_not_stored(pool: Pool) -> None:
    """The writer has sifted by the periods before it already."""
    await add_vehicle(pool, "v1", "d1")
    async with writing_small_groups(pool) as writer:
        await writer.store([fix("d1", NOW - 5 * HOUR)], [])
        await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(NOW - 2 * HOUR, NOW - HOUR))
        inside = [fix("d1", NOW - 1.5 * HOUR + timedelta(seconds=n)) for n in range(50)]
        refused = [
            Refusal("positions", "d1", Reason.JUMP, DETAIL, b"inside", NOW - 1.5 * HOUR),
            Refusal("positions", "d1", Reason.UNREADABLE, DETAIL, b"when?"),
            Refusal("buffer", "", Reason.UNREADABLE, DETAIL, b"something of d1"),
            Refusal("positions", "d1", Reason.JUMP, DETAIL, b"outside", NOW - 3 * HOUR),
        ]
        receipt = await writer.store([*inside, fix("d1", NOW - HOUR)], refused)
    assert (receipt.stored, receipt.duplicate, receipt.quarantined) == (1, 0, 1)
    assert await pool.fetchval("SELECT array_agg(payload) FROM quarantine") == [b"outside"]
    assert await rows(pool, "position") == 2
    assert await pool.fetchval("SELECT sum(positions) FROM private_day") == 50


async def test_a_period_of_years_ago_holds_for_what_comes_that_late(pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    ago = NOW - 3 * 365 * DAY
    await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(ago, ago + HOUR))
    async with writing_small_groups(pool) as writer:
        await writer.store([fix("d1", NOW)], [])
        receipt = await writer.store([fix("d1", ago + HOUR / 2), fix("d1", ago + 2 * HOUR)], [])
    assert receipt.stored == 1
    await pool.execute("DELETE FROM position")


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_is_left_however_commits_and_periods_meet(pool: Pool, seed: int) -> None:
    chance = random.Random(seed)
    devices = [f"d{n}" for n in range(4)]
    for number, device in enumerate(devices):
        await add_vehicle(pool, f"v{number}", device)
    set_at: list[tuple[str, datetime, datetime]] = []

    async def send(writer: PositionWriter, sender: int) -> None:
        for turn in range(60):
            begin = NOW - chance.randrange(600) * timedelta(minutes=1)
            batch = [
                fix(chance.choice(devices), begin + timedelta(seconds=20 * n, milliseconds=sender))
                for n in range(chance.choice((1, 3, 40)))
            ]
            late = [
                Refusal(
                    "positions", p.device, Reason.JUMP, DETAIL, f"{sender} {turn}".encode(), p.ts
                )
                for p in batch[:1]
            ]
            await writer.store(batch, late if turn % 3 else [])
            await asyncio.sleep(chance.random() * 0.01)

    async def hide() -> None:
        for _ in range(15):
            await asyncio.sleep(chance.random() * 0.08)
            number = chance.randrange(len(devices))
            begin = NOW - chance.randrange(600) * timedelta(minutes=1)
            end = begin + chance.randrange(1, 60) * timedelta(minutes=1)
            await set_private(pool, Actor.trusted("x"), f"v{number}", PrivatePeriod(begin, end))
            set_at.append((devices[number], begin, end))

    async with (
        writing_small_groups(pool) as one,
        writing_small_groups(pool) as other,
        asyncio.TaskGroup() as together,
    ):
        together.create_task(hide())
        for sender in range(8):
            together.create_task(send((one, other)[sender % 2], sender))
    for device, begin, end in set_at:
        for table in ("position", "quarantine"):
            assert not await pool.fetchval(
                f"SELECT count(*) FROM {table} WHERE device = $1 AND ts >= $2 AND ts < $3",
                *(device, begin, end),
            )
    assert await rows(pool, "position") > 0


async def test_a_trip_ends_at_the_border_of_what_is_private(pool: Pool) -> None:
    """Also where it goes on beyond, and nothing brings back what was between."""
    await add_vehicle(pool, "v1", "d1")
    start = MIDNIGHT + 10 * HOUR
    async with writing_small_groups(pool) as writer:
        await writer.store(drive("d1", start, 60), [])
    service = TripService(pool)
    await service.refresh()
    assert await pool.fetchval("SELECT km FROM trip") == pytest.approx(60, rel=0.02)
    begins, ends = start + HOUR / 3, start + 2 * HOUR / 3
    await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(begins, ends))
    assert await touching(pool, begins, ends) == {}
    [period] = await private_periods(pool, "v1")
    assert (period.removed.positions, period.removed.trips) == (60, 1)
    for again in (
        service.refresh,
        lambda: recompute(pool, write=True, on_progress=_nothing, on_failure=never),
    ):
        await again()
        assert await touching(pool, begins, ends) == {}
        kms = [row["km"] for row in await pool.fetch("SELECT km FROM trip ORDER BY start_ts")]
        assert kms == pytest.approx([20, 20], abs=1)
        assert await pool.fetchval("SELECT km FROM device_day") == pytest.approx(40, abs=2)


def _nothing(done: int, total: int) -> None: ...


async def test_a_period_whose_positions_are_gone_takes_its_trips_and_figures(pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    morning, evening = MIDNIGHT + 8 * HOUR, MIDNIGHT + 18 * HOUR
    async with writing_small_groups(pool) as writer:
        out_and_back = [
            *drive("d1", morning, 30),
            *drive("d1", morning + 2 * HOUR, 30, -30.0),
            *drive("d1", evening, 40),
        ]
        await writer.store(out_and_back, [])
    service = TripService(pool)
    await service.refresh()
    before = await pool.fetchrow("SELECT * FROM device_day")
    assert before is not None
    trips = await rows(pool, "trip")
    # As retention leaves it.
    await pool.execute("TRUNCATE position")
    await pool.execute("UPDATE device_state SET kept_from = $1", MIDNIGHT + DAY)
    begins, ends = evening - HOUR, evening + 2 * HOUR
    await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(begins, ends))
    for _ in range(2):
        assert await touching(pool, begins, ends) == {}
        assert await rows(pool, "trip") == trips - 1
        after = await pool.fetchrow("SELECT * FROM device_day")
        assert after is not None
        assert after["km"] == pytest.approx(before["km"] - 40, rel=0.05)
        assert after["positions"] < before["positions"]
        assert after["heard"] & 0b111 << 17 == 0
        assert after["heard"] & 1 << 8
        await service.refresh()
    await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(MIDNIGHT - DAY, None))
    for table in ("trip", "round_trip", "device_day"):
        assert await rows(pool, table) == 0
    state = await pool.fetchrow("SELECT first_ts, last_ts FROM device_state")
    assert state is not None
    assert set(state) == {MIDNIGHT - DAY}


@pytest.mark.parametrize(
    ("begins", "ends", "hours"),
    [
        (22.5, None, {22: 2}),  # nothing of it is stored yet
        (22.15, None, {22: 1}),
        (22.15, 22.75, {22: 2}),
        (22.5, 22.75, {22: 3}),
        (21.5, 22.15, {22: 2}),
    ],
)
async def test_an_hour_that_a_period_shares_is_counted_from_what_is_left_of_it(
    pool: Pool, begins: float, ends: float | None, hours: dict[int, int]
) -> None:
    """And the hours beside it stay as they were counted: what is found anew is no different."""
    await add_vehicle(pool, "v1", "d1")
    late = [] if ends is None else [fix("d1", MIDNIGHT + 22 * HOUR + 50 * HOUR / 60)]
    async with writing_small_groups(pool) as writer:
        kept = [fix("d1", MIDNIGHT + 8 * HOUR), fix("d1", MIDNIGHT + 8.5 * HOUR)]
        shared = [fix("d1", MIDNIGHT + 22 * HOUR + n * HOUR / 60) for n in (5, 10)]
        await writer.store([*kept, *shared, *late], [])
    await TripService(pool).refresh()
    until = None if ends is None else MIDNIGHT + ends * HOUR
    await set_private(
        pool, Actor.trusted("x"), "v1", PrivatePeriod(MIDNIGHT + begins * HOUR, until)
    )
    for _ in range(2):
        row = await pool.fetchrow("SELECT positions, heard, hourly FROM device_day")
        assert row is not None
        told = {hour: count for hour, count in enumerate(row["hourly"]) if count}
        assert told == {8: 2, **hours}
        assert row["positions"] == sum(told.values())
        assert row["heard"] == sum(1 << hour for hour in told)
        differing = await recompute(pool, write=False, on_progress=_nothing, on_failure=never)
        assert differing == []
        await TripService(pool).refresh()


async def test_when_a_tracker_was_received_is_not_told_of_private_time(pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    now = datetime.now(UTC)
    async with writing_small_groups(pool) as writer:
        await writer.store([fix("d1", now - HOUR), fix("d1", now)], [])
    received = "SELECT received_at FROM device_state"
    before = await pool.fetchval(received)
    assert before >= now
    await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(now - 2 * HOUR, now - HOUR / 2))
    assert await pool.fetchval(received) == before
    await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(now - HOUR / 4, None))
    assert await pool.fetchval(received) is None


async def test_the_last_place_is_that_of_before_the_period(pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    async with writing_small_groups(pool) as writer:
        await writer.store([fix("d1", NOW - hours * HOUR, hours) for hours in (50, 40, 2, 1)], [])

        async def last_places() -> list[list[tuple[datetime, float]]]:
            return [
                [(row["ts"], row["lat"]) for row in await pool.fetch(statements(noun)[name], *args)]
                for noun, name, args in (
                    ("device", "last_fixes", (["d1"],)),
                    ("received", "latest_positions", (9,)),
                )
            ]

        await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(NOW - 3 * HOUR, NOW))
        assert await last_places() == [[(NOW - 40 * HOUR, fix("d1", NOW, 40).lat)]] * 2
        [seen] = await pool.fetch(statements("contact")["last_pings"], ["v1"], None)
        assert seen["last_ts"] == NOW - 40 * HOUR
        # What comes late replaces nothing that is newer, and what comes again is dropped again.
        await writer.store([fix("d1", NOW - 45 * HOUR), fix("d1", NOW - HOUR)], [])
        await pool.execute(statements("position")["apply_pending_spans"])
        assert await last_places() == [[(NOW - 40 * HOUR, fix("d1", NOW, 40).lat)]] * 2
        await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(NOW - 60 * HOUR, None))
        assert await last_places() == [[], []]
        state = await pool.fetchrow("SELECT first_ts, last_ts FROM device_state")
        assert set(state or ()) == {NOW - 60 * HOUR}


async def test_refused_telemetry_goes_by_its_own_time_or_when_nobody_knows_it(pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    begins, ends = NOW - 5 * HOUR, NOW - 4 * HOUR
    kept = [
        ("inside", "d1", begins, NOW),
        ("came in it", "d1", begins - 9 * HOUR, begins),
        ("when?", "d1", None, NOW),
        ("of d1 to nobody", "", None, NOW),
        ("before", "d1", begins - HOUR, NOW),
        ("at its end", "d1", ends, NOW),
        ("of d2", "d2", None, NOW),
    ]
    await pool.executemany(
        "INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256, ts,"
        f" received_at, released_at) VALUES ('x', $2, 'jump', {DETAIL_SQL}, convert_to($1, 'UTF8'),"
        " sha256(convert_to($1, 'UTF8')), $3, $4, now())",
        kept,
    )
    await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(begins, ends))
    left = await pool.fetch("SELECT convert_from(payload, 'UTF8') AS text FROM quarantine")
    assert {row["text"] for row in left} == {"before", "at its end", "of d2"}
    assert (await private_periods(pool, "v1"))[0].removed == SweepCounts(quarantined=4)


async def test_a_tracker_that_moves_into_a_private_vehicle_leaves_nothing_there(pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    await add_vehicle(pool, "v2", "d2")
    await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(MIDNIGHT, MIDNIGHT + DAY))
    async with writing_small_groups(pool) as writer:
        moments = [MIDNIGHT - HOUR, MIDNIGHT + HOUR, MIDNIGHT + 25 * HOUR]
        await writer.store([fix("d2", ts) for ts in moments], [])
        await move_device(pool, SOMEBODY, "d1", None, MIDNIGHT.astimezone(LOCAL_ZONE).date())
        await move_device(pool, SOMEBODY, "d2", "v1", MIDNIGHT.astimezone(LOCAL_ZONE).date())
        await writer.store([fix("d2", MIDNIGHT + 2 * HOUR)], [])
        left = await pool.fetch("SELECT ts FROM position ORDER BY ts")
        assert [row["ts"] for row in left] == [moments[0], moments[2]]
        # One that is new in it, and told before that.
        await writer.store([fix("d3", MIDNIGHT + HOUR)], [])
        await enrol_device(pool, SOMEBODY, "d3")
        await pool.execute("UPDATE device SET vehicle_id = NULL WHERE device = 'd2'")
        await enrol_device(pool, SOMEBODY, "d3", "v1")
    assert await pool.fetchval("SELECT count(*) FROM position WHERE device = 'd3'") == 0


async def test_what_could_not_be_swept_is_swept_later(pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    async with writing_small_groups(pool) as writer:
        await writer.store([fix("d1", NOW - HOUR)], [])
    await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(NOW - 9 * HOUR, NOW - 8 * HOUR))
    assert await sweep_unswept(pool) == 0
    await pool.execute(
        "UPDATE private_period SET swept_at = NULL, begins = $1, ends = $2", NOW - 2 * HOUR, NOW
    )
    assert await sweep_unswept(pool) == 1
    assert await rows(pool, "position") == 0


async def test_what_is_private_outside_duty_hours_is_what_the_gate_drops() -> None:
    """Every quarter of an hour of two years, over summer time and public holidays."""
    for begins, ends in ((time(7), time(16)), (time(22), time(6)), (time(2, 30), time(2, 30))):
        for on_holidays in (False, True):
            duty = DutyHours(frozenset({0, 2, 5, 6}), begins, ends, on_holidays=on_holidays)
            since = datetime(2026, 1, 1, tzinfo=UTC)
            period = PrivatePeriod(since, None, duty)
            spans = private_spans([period], since, since + 2 * 365 * DAY)
            at, number = since, 0
            while at < since + 2 * 365 * DAY:
                while number < len(spans) and spans[number][1] <= at:
                    number += 1
                swept = number < len(spans) and spans[number][0] <= at
                # In the nights in which clocks are changed rather more is swept.
                assert swept == period.covers(at) or (swept and _clocks_change(at))
                at += timedelta(minutes=15)


def _clocks_change(at: datetime) -> bool:
    offsets = {(at + hours * HOUR).astimezone(LOCAL_ZONE).utcoffset() for hours in (-2, 2)}
    return len(offsets) == 2


async def everything(pool: Pool) -> dict[str, str]:
    """All that the database has, by table: rows as text, bytes also as what they say, and logs that
    wait unpacked. Only the periods themselves are left out."""
    tables = await pool.fetch(
        "SELECT c.oid::regclass::text AS name,"
        "       array(SELECT attname::text FROM pg_attribute a WHERE a.attrelid = c.oid"
        "             AND attnum > 0 AND NOT attisdropped AND atttypid = 'bytea'::regtype) AS bytes"
        " FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        "   AND NOT relispartition AND relname <> 'private_period'"
    )
    found: dict[str, str] = {}
    for table in tables:
        columns = ["t::text AS text", *table["bytes"]]
        rows = await pool.fetch(f"SELECT {', '.join(columns)} FROM {table['name']} t")
        texts = [row["text"] for row in rows]
        texts += [str(row[name]) for row in rows for name in table["bytes"]]
        if table["name"] == "log_upload":
            texts += [str([*unpack_rows(row["content"])]) for row in rows if row["content"]]
        found[table["name"].strip(chr(34))] = "\n".join(texts)
    return found


async def test_no_table_has_a_place_or_a_moment_of_a_period(pool: Pool) -> None:
    """In telemetry, in what is found from it, refused, asleep, and in a log that waits."""
    await add_vehicle(pool, "v1", "d1")
    start = MIDNIGHT + 10 * HOUR + timedelta(seconds=37)
    begins, ends = start - HOUR / 6, start + 2 * HOUR
    private = [replace(one, lat=one.lat + 0.51234) for one in drive("d1", start, 60)]
    local = start.astimezone(LOCAL_ZONE)
    log = f"Bil;Start;Slut;Km\nV1;{local:%Y-%m-%d %H:%M:%S};{local + HOUR:%Y-%m-%d %H:%M:%S};61.7\n"
    asleep = [replace(private[-1], ts=ends + HOUR / 2, satellites=0)]
    async with writing_small_groups(pool) as writer:
        refused = Refusal("positions", "d1", Reason.JUMP, DETAIL, b"56.28234", start, True)
        moments = (start - 3 * HOUR, start + 4 * HOUR)
        await writer.store([*private, *asleep, *(fix("d1", ts) for ts in moments)], [refused])
    await TripService(pool).refresh()
    await keep_upload(
        pool, SOMEBODY, "log.csv", read_packed("log.csv", log.encode(), ReadingBounds())
    )

    def told(tables: dict[str, str]) -> set[str]:
        places = "56.28234", f"{private[90].lat}", f"{private[-1].lat}"
        inside = [start + n * timedelta(seconds=1) for n in range(3_601)]
        zones = (UTC, LOCAL_ZONE)
        words = {f"{ts.astimezone(zone):%d %H:%M:%S}" for ts in inside for zone in zones}
        words |= {*places, "61.7"}
        return {name for name, text in tables.items() if any(word in text for word in words)}

    before = told(await everything(pool))
    assert {"position", "trip", "quarantine", "log_upload"} <= before
    await set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(begins, ends))
    for _ in range(2):
        assert told(await everything(pool)) == set()
        await TripService(pool).refresh()
    assert await rows(pool, "position") == 3
    table = await pool.fetch("SELECT DISTINCT lat FROM position")
    assert [row["lat"] for row in table] == [fix("d1", start).lat]


#: When the transaction began that waits for a lock.
_WAITING_SINCE = (
    "SELECT min(xact_start) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def test_a_sweep_that_loses_to_another_transaction_is_done_all_the_same(
    pool: Pool, writer: PositionWriter
) -> None:
    """The other one holds what the sweep needs, and then asks for what the sweep holds."""
    for number in (1, 2, 3):
        await add_vehicle(pool, f"v{number}", f"d{number}")
        await writer.store([fix(f"d{number}", NOW)], [])
    # Spans of d2 and d3 are pending, which the sweep applies before it deletes anything.
    await pool.execute("INSERT INTO pending_span VALUES ('{d2,d3}', '{0,0}', '{0,0}')")
    lock = "SELECT FROM device_state WHERE device = $1 FOR UPDATE"
    async with pool.acquire() as other:
        await other.execute("SET deadlock_timeout = '60s'")  # the sweep is the one that loses
        holding = other.transaction()
        await holding.start()
        await other.execute(lock, "d3")
        setting = asyncio.create_task(
            set_private(pool, Actor.trusted("x"), "v1", PrivatePeriod(NOW - HOUR, NOW + HOUR))
        )
        await until_waiting(pool)
        first_began = await pool.fetchval(_WAITING_SINCE)
        await other.execute(lock, "d2")
        # Until another transaction waits; the time limit of the test ends it.
        while await pool.fetchval(_WAITING_SINCE) in (None, first_began):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await holding.rollback()
        await other.execute("RESET deadlock_timeout")
    assert await setting == 1
    assert await pool.fetchval("SELECT array_agg(device ORDER BY device) FROM position") == [
        *("d2", "d3")
    ]
