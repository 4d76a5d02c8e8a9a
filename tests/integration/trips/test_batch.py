"""Many devices at once get exactly what each of them gets alone."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain

from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from msgspec.structs import replace

from db.connect import Pool
from fleet.actor import Actor
from fleet.position import Position
from ingest.store.writer import PositionWriter
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.conftest import empty_tables
from tests.factories.days import assert_same, days_from_raw, stored_days
from tests.factories.driving import DEPOT, MORNING, day_of_driving, tables
from tests.factories.vehicles import put_cars
from trips.service import BATCH_WEIGHT_MAX, TripService, WaitingDevice, batches
from trips.stored.set_aside import TripTrouble

HOUR = timedelta(hours=1)

#: A car, a mower, a machine measured in hours, one that is private at times, one of a class that
#: does not exist, one of which the table refuses what is found, one with a driving log.
CARS = ("car", "mower", "machine", "private", "zeppelin", "broken", "logged")
#: And one in no vehicle.
DEVICES = (*CARS, "stranger")

BROKEN = {"zeppelin": TripTrouble.NO_CLASS, "broken": TripTrouble.UNEXPECTED}


async def enrol(pool: Pool) -> None:
    await empty_tables(pool)
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', $1, $2, 150)", *DEPOT)
    await put_cars(pool, *(car for car in CARS if car != "machine"))
    await put_cars(pool, "machine", measured_in="hours")
    await pool.execute(
        "UPDATE vehicle SET trip_class = vehicle_id WHERE vehicle_id IN ('mower', 'zeppelin')"
    )
    await pool.execute(
        "INSERT INTO device (device, vehicle_id) SELECT d, d FROM unnest($1::text[]) d", CARS
    )
    logged = MORNING + timedelta(days=1, hours=1)
    await pool.execute(
        "INSERT INTO trip (device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km,"
        " source) VALUES ('logged', $1, $2, 55, 12, 55, 12, 3, 'log')",
        logged,
        logged + HOUR,
    )


#: What comes in: the seed of its order, whether it is in order of time, in parts of how many
#: positions, after which of them is refreshed, and after how many of them one vehicle comes to be
#: private and another a mower.
ARRIVALS = st.tuples(
    st.integers(0, 99),
    st.booleans(),
    st.lists(st.tuples(st.integers(100, 900), st.booleans()), min_size=2, max_size=6),
    st.integers(0, 5),
)
Arrivals = tuple[int, bool, list[tuple[int, bool]], int]


async def let_arrive(
    pool: Pool, writer: PositionWriter, arrivals: Arrivals, devices: Sequence[str]
) -> tuple[list[list[tuple[object, ...]]], list[tuple[object, ...]]]:
    """Store what comes in of some devices, refreshed now and then; returns what is found of them,
    and which are set aside."""
    seed, in_order, parts, changes_at = arrivals
    await enrol(pool)
    positions = [
        replace(one, device=device)
        for device in DEVICES
        for one in day_of_driving(device, days=2, hours=(3, 9))
    ]
    random.Random(seed).shuffle(positions)
    if in_order:
        positions.sort(key=lambda one: one.ts)
    service = TripService(pool)
    at = 0
    for number, (size, refreshed) in enumerate([*parts, (len(positions), True)]):
        arriving = [one for one in positions[max(0, at - 9) : at + size] if one.device in devices]
        await writer.store(arriving, [])
        at += size
        # More kilometres than there are: the table refuses the trip that detection makes of it.
        await pool.execute(
            "UPDATE position SET lat = CASE WHEN speed_kmh = 0 THEN 'NaN' ELSE lat END,"
            " odometer_km = 'Infinity' WHERE device = 'broken'"
        )
        if number == changes_at:
            hidden = PrivatePeriod(MORNING + 8 * HOUR, MORNING + 10 * HOUR)
            await set_private(pool, Actor.trusted("driver"), "private", hidden)
            await pool.execute("UPDATE vehicle SET trip_class = 'mower' WHERE vehicle_id = 'car'")
        if refreshed:
            await pool.execute("UPDATE trip_aside SET retry_at = now()")
            await service.refresh()
    aside = await pool.fetch("SELECT device, trouble, error FROM trip_aside ORDER BY device")
    return await tables(pool), [tuple(row) for row in aside]


@examples(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(arrivals=ARRIVALS)
async def test_a_batch_of_devices_gives_what_each_alone_gives(
    pool: Pool, writer: PositionWriter, arrivals: Arrivals
) -> None:
    """With late positions, private periods, other classes and measures, and broken devices."""
    alone: list[list[tuple[object, ...]]] = [[] for _ in range(4)]
    aside_alone: list[tuple[object, ...]] = []
    for device in DEVICES:
        found, aside = await let_arrive(pool, writer, arrivals, [device])
        alone = [
            [*rows, *(row for row in more if row[0] == device)]
            for rows, more in zip(alone, found, strict=True)
        ]
        aside_alone += aside
    found, aside = await let_arrive(pool, writer, arrivals, DEVICES)
    assert found == [sorted(rows, key=lambda row: row[:2]) for rows in alone]
    assert aside == sorted(aside_alone)
    assert {device: trouble for device, trouble, _ in aside} == BROKEN
    assert {row[0] for row in found[0]} == set(DEVICES) - set(BROKEN)
    for device in sorted(set(DEVICES) - set(BROKEN)):
        assert_same(await stored_days(pool, device), await days_from_raw(pool, device))


def test_a_device_with_a_long_backlog_or_set_aside_goes_alone() -> None:
    usual = [WaitingDevice(f"d{n}", False, 0.01) for n in range(BATCH_WEIGHT_MAX)]
    late = WaitingDevice("late", False, 24 * 30)
    aside = WaitingDevice("aside", True, 0)
    parts = list(batches([*usual, late, *usual, aside, aside]))
    assert [len(part) for part in parts] == [49, 1, 1, 49, 1, 1, 1]
    assert parts[2] == [late]
    assert list(chain.from_iterable(parts)) == [*usual, late, *usual, aside, aside]
    assert list(batches([])) == []


async def test_only_the_hours_that_changed_are_counted_again(
    pool: Pool, writer: PositionWriter
) -> None:
    """What a device that sends once a second did in the morning is not read at every position."""
    positions = [one for one in day_of_driving("d1", days=1) if one.ts < MORNING + 17 * HOUR]
    await writer.store(positions[:-1], [])
    service = TripService(pool)
    await service.refresh()
    await pool.execute("DELETE FROM position WHERE ts < $1", MORNING + 2 * HOUR)  # nobody is told
    await writer.store(positions[-1:], [])
    await service.refresh()
    day = await pool.fetchrow("SELECT positions, hourly FROM device_day")
    assert day is not None
    assert day["positions"] == sum(day["hourly"]) == len(positions)
    # A day of which the hours are not known, as before they were kept, is counted as a whole.
    await pool.execute("UPDATE device_day SET hourly = NULL")
    await pool.execute("UPDATE device_state SET dirty_from = last_ts, dirty_to = last_ts")
    await service.refresh()
    left = await pool.fetchval("SELECT count(*) FROM position")
    assert await pool.fetchval("SELECT positions FROM device_day") == left < len(positions)


async def test_a_month_is_read_again_only_when_a_figure_of_it_changed(
    pool: Pool, writer: PositionWriter
) -> None:
    standing = day_of_driving("d1", days=1, hours=())
    await writer.store(standing[:2], [])
    service = TripService(pool)
    await service.refresh()
    revisions: list[int] = [await pool.fetchval("SELECT revision FROM device_month")]
    for number in (2, 3):  # in the first hour, and in the next one
        await writer.store(standing[number : number + 1], [])
        await service.refresh()
        revisions.append(await pool.fetchval("SELECT revision FROM device_month"))
    assert await pool.fetchval("SELECT positions FROM device_day") == 4
    assert revisions[0] == revisions[1] < revisions[2]


async def test_a_tracker_that_is_silent_when_parked_is_not_read_from_its_beginning(
    pool: Pool, writer: PositionWriter
) -> None:
    """No stay of it has fixes to cut in; what was driven days ago is not even looked at."""
    driven = [one for one in day_of_driving("d1", days=6) if _hears_driving(one)]
    await writer.store(driven[:-40], [])
    service = TripService(pool)
    await service.refresh()
    found = await tables(pool)
    nobody_is_told = MORNING + timedelta(days=2)
    await pool.execute("DELETE FROM position WHERE ts < $1", nobody_is_told)
    await writer.store(driven[-40:], [])
    await service.refresh()
    early = [row for row in found[0] if isinstance(row[1], datetime) and row[1] < nobody_is_told]
    trips, *_ = await tables(pool)
    assert len(early) == 12
    assert trips[:12] == early
    assert len(trips) == 36


def _hears_driving(one: Position) -> bool:
    """Within a drive or as it ends, and not the heartbeats between."""
    minute = (one.ts - MORNING).total_seconds() / 60 % (24 * 60)
    return any(0 <= minute - 60 * hour <= 90 for hour in (2, 5, 9))
