"""The table of trips stays current as positions arrive, in whatever order."""

import asyncio
import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from api.jobs import jobs_app
from api.settings import Settings
from api.worker_metrics import WorkerMetrics
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor
from fleet.position import Position
from ingest.store.writer import PositionWriter
from register.zones import ZoneKind, circle, polygon
from register.zones_stored import ZoneInUseError, put_zones, remove_zone, zones
from tests.conftest import empty_tables
from tests.factories.actors import SOMEBODY
from tests.factories.driving import DEPOT, MORNING, day_of_driving, tables
from tests.factories.vehicles import put_cars
from trips.detect.parameters import TripParameters
from trips.service import SendersFirst, TripService
from trips.stored.set_aside import TripTrouble
from trips.use.fleet_use import data_period, fleet_use
from trips.use.month_cache import MonthCache


async def test_trips_and_round_trips_of_some_days(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    await writer.store(day_of_driving(vehicle), [])
    assert await TripService(pool).refresh() == 1
    assert await pool.fetchval("SELECT count(*) FROM trip") == 18
    rows = await pool.fetch("SELECT * FROM round_trip ORDER BY start_ts")
    assert len(rows) == 9
    for row in rows:
        assert (row["vehicle_id"], row["depot_id"], row["legs"]) == ("v1", "home", 2)
        assert row["km"] == pytest.approx(12, rel=0.03)
        assert row["end_ts"] - row["start_ts"] == pytest.approx(
            timedelta(minutes=85), abs=timedelta(minutes=1)
        )
    assert await pool.fetchval("SELECT count(*) FROM device_day") >= 3
    assert await TripService(pool).refresh() == 0


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_and_repetition_of_arrival_gives_the_same_tables(
    pool: Pool, writer: PositionWriter, vehicle: str, seed: int
) -> None:
    positions = day_of_driving(vehicle)
    await pool.execute("UPDATE vehicle SET measured_in = 'hours'")
    service = TripService(pool)
    await writer.store(positions, [])
    await service.refresh()
    expected = await tables(pool)
    assert all(expected)
    await pool.execute(
        "TRUNCATE position, trip, round_trip, engine_session, device_day, device_state"
    )

    rng = random.Random(seed)
    rng.shuffle(positions)
    at = 0
    while at < len(positions):
        size = rng.choice([1, 40, 200, 400])
        await writer.store(positions[max(0, at - 5) : at + size], [])
        at += size
        if rng.random() < 0.6:
            await service.refresh()
    await service.refresh()
    assert await tables(pool) == expected


#: What a vehicle may come to be while its positions come in.
CHANGES = (
    "UPDATE vehicle SET trip_class = 'mower' WHERE vehicle_id = 'v1'",
    "UPDATE vehicle SET trip_class = NULL WHERE vehicle_id = 'v1'",
    "UPDATE vehicle_kind SET trip_class = 'truck'",
    "UPDATE vehicle SET measured_in = 'hours' WHERE vehicle_id = 'v1'",
    "UPDATE vehicle SET measured_in = 'km' WHERE vehicle_id = 'v1'",
    "UPDATE vehicle SET depot_id = 'far' WHERE vehicle_id = 'v1'",
    "UPDATE device SET vehicle_id = 'v2'",
    "UPDATE device SET vehicle_id = NULL",
    "UPDATE device SET vehicle_id = 'v1'",
    "INSERT INTO device_seat VALUES ('d1', '2026-11-17', 'v2') ON CONFLICT DO NOTHING",
    "INSERT INTO device_seat VALUES ('d1', '2026-11-18', NULL) ON CONFLICT DO NOTHING",
    "DELETE FROM device_seat",
)


@examples(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_whatever_comes_in_and_changes_the_tables_end_as_from_all_at_once(
    pool: Pool, writer: PositionWriter, data: st.DataObject
) -> None:
    """Order, split and repetition of arrival, and changes of class, measure, depot and vehicle."""
    await empty_tables(pool)
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', $1, $2, 150)", *DEPOT)
    await pool.execute("INSERT INTO depot VALUES ('far', 'Far', $1, $2, 150)", 55.824, DEPOT[1])
    await put_cars(pool, "v1")
    await put_cars(pool, "v2", depot_id="far", measured_in="hours")
    await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d1', 'v1')")
    positions = day_of_driving("d1", days=2, hours=(3, 9))
    arriving = positions.copy()
    if data.draw(st.booleans(), label="shuffled"):
        random.Random(data.draw(st.integers(0, 99), label="seed")).shuffle(arriving)
    service = TripService(pool)
    at = 0
    while at < len(arriving):
        size = data.draw(st.sampled_from([20, 90, 300]), label="size")
        await writer.store(arriving[max(0, at - 5) : at + size], [])
        at += size
        if data.draw(st.booleans(), label="change"):
            await pool.execute(data.draw(st.sampled_from(CHANGES), label="what"))
        if data.draw(st.booleans(), label="refresh"):
            await service.refresh()
    await service.refresh()
    assert await service.refresh() == 0
    step_by_step = await tables(pool)
    await pool.execute(
        "TRUNCATE position, trip, round_trip, engine_session, device_day, device_state"
    )
    await writer.store(positions, [])
    await service.refresh()
    assert step_by_step == await tables(pool)


async def test_a_class_that_changes_has_the_trips_found_anew_and_once(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    """Seven minutes at the kerb end a car's trip, but not a lorry's errand."""
    positions = day_of_driving(vehicle, days=1, hours=(2,))
    out = positions[-1].ts + timedelta(hours=2)
    for leg, leave in enumerate((out, out + timedelta(minutes=9))):
        positions += [
            Position(
                device=vehicle,
                ts=leave + timedelta(seconds=12 * step),
                lat=DEPOT[0] + (leg + step / 10) / 60,
                lon=DEPOT[1],
                speed_kmh=0 if step in (0, 10) else 50,
            )
            for step in range(11)
        ]
    await writer.store(positions, [])
    service = TripService(pool)
    await service.refresh()
    as_car = await pool.fetchval("SELECT count(*) FROM trip")
    await pool.execute("UPDATE vehicle SET trip_class = 'truck'")
    assert await service.refresh() == 1
    assert await service.refresh() == 0
    assert await pool.fetchval("SELECT count(*) FROM trip") == as_car - 1


async def test_positions_that_arrive_while_trips_are_found_are_not_forgotten(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    positions = day_of_driving(vehicle)
    service = TripService(pool)

    async def arrive() -> None:
        for at in range(0, len(positions), 25):
            await writer.store(positions[at : at + 25], [])

    arriving = asyncio.create_task(arrive())
    while not arriving.done():
        await asyncio.gather(service.refresh(), TripService(pool).refresh())
    await arriving
    await service.refresh()
    assert await pool.fetchval("SELECT count(*) FROM trip") == 18
    assert (
        await pool.fetchval("SELECT count(*) FROM device_state WHERE dirty_from IS NOT NULL") == 0
    )


async def test_a_device_that_moves_to_a_vehicle_gets_its_round_trips(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    from register.devices import enrol_device

    await enrol_device(pool, SOMEBODY, "d2")
    await writer.store(day_of_driving("d2"), [])
    service = TripService(pool)
    await service.refresh()
    assert await pool.fetchval("SELECT count(*) FROM round_trip") == 0
    await pool.execute("UPDATE device SET vehicle_id = NULL")
    await enrol_device(pool, SOMEBODY, "d2", "v1")
    await service.refresh()
    assert await pool.fetchval("SELECT count(*) FROM round_trip") == 9


async def test_how_long_a_stop_ends_a_trip_is_a_matter_of_the_class_of_the_vehicle(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    await writer.store(day_of_driving(vehicle, days=1), [])
    await pool.execute("UPDATE vehicle SET trip_class = 'patient'")
    await TripService(pool, {"patient": TripParameters(stop_s=90 * 60)}).refresh()
    assert await pool.fetchval("SELECT count(*) FROM trip") == 3


async def test_late_positions_in_the_middle_touch_the_trips_around_them_only(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    """Beyond the stays before and after nothing is even read: the rows stay in place."""
    positions = day_of_driving(vehicle, days=9)
    late = [p for p in positions if timedelta(days=4, hours=2) <= p.ts - MORNING]
    late = [p for p in late if p.ts - MORNING < timedelta(days=4, hours=2, minutes=90)]
    await writer.store([p for p in positions if p not in late], [])
    service = TripService(pool)
    await service.refresh()
    rows = "SELECT ctid, start_ts FROM trip ORDER BY start_ts"
    before = [tuple(row) for row in await pool.fetch(rows)]
    await writer.store(late, [])
    await service.refresh()
    after = [tuple(row) for row in await pool.fetch(rows)]
    assert (len(before), len(after)) == (52, 54)
    stayed = set(before) & set(after)
    assert len(stayed) >= 50
    found = await tables(pool)
    await pool.execute("UPDATE device_state SET dirty_from = first_ts, dirty_to = last_ts")
    await service.refresh()
    assert await tables(pool) == found


async def test_a_machine_is_measured_in_hours_and_a_trip_says_what_is_doubtful(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    await pool.execute("UPDATE vehicle SET measured_in = 'hours'")
    positions = day_of_driving(vehicle, days=1)
    out = MORNING + timedelta(hours=2)
    unseen = [p for p in positions if not 120 < (p.ts - out).total_seconds() < 400]
    await writer.store(unseen, [])
    await TripService(pool).refresh()
    sessions = await pool.fetch("SELECT * FROM engine_session ORDER BY start_ts")
    assert len(sessions) == 6
    assert sum(row["hours"] for row in sessions) == pytest.approx(1, abs=0.1)
    trips = await pool.fetch("SELECT * FROM trip ORDER BY start_ts")
    assert [row["gap_inside"] for row in trips] == [True] + 5 * [False]
    assert trips[0]["silence_max_s"] == pytest.approx(280, abs=20)
    assert not any(row["odometer_used"] for row in trips)


async def test_a_depot_that_moves_takes_the_round_trips_with_it(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    """Drawn elsewhere, no trip comes home to it; drawn back as a polygon, all are found again."""
    await writer.store(day_of_driving(vehicle), [])
    service = TripService(pool)
    await service.refresh()
    before = await tables(pool)
    lat, lon = DEPOT
    await put_zones(
        pool, Actor.trusted("MB"), [circle("home", "Home", ZoneKind.DEPOT, lat + 0.2, lon, 150)]
    )
    assert await service.refresh() == 1
    assert await pool.fetchval("SELECT count(*) FROM round_trip WHERE reached_depot = 'home'") == 0
    corners = [(lon - 0.002, lat - 0.002), (lon + 0.002, lat - 0.002), (lon, lat + 0.003)]
    await put_zones(pool, Actor.trusted("MB"), [polygon("home", "Home", ZoneKind.DEPOT, [corners])])
    assert await service.refresh() == 1
    assert await tables(pool) == before
    assert await service.refresh() == 0


async def test_a_depot_with_vehicles_is_not_removed(pool: Pool, vehicle: str) -> None:
    with pytest.raises(ZoneInUseError):
        await remove_zone(pool, Actor.trusted("MB"), "home")
    await put_zones(pool, Actor.trusted("MB"), [circle("site", "Site", ZoneKind.OTHER, *DEPOT, 50)])
    await remove_zone(pool, Actor.trusted("MB"), "site")
    assert [zone.zone_id for zone in await zones(pool)] == ["home"]


async def test_a_silence_of_days_is_no_trip_and_its_days_are_unknown(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    """The trips on either side stay as they are, and no figure is kept of the days between."""
    before = day_of_driving(vehicle, days=1)
    after = [replace(p, ts=p.ts + timedelta(days=9)) for p in before]
    await writer.store([*before, *after], [])
    await TripService(pool).refresh()
    trips = await pool.fetch("SELECT start_ts, end_ts FROM trip ORDER BY start_ts")
    assert len(trips) == 12
    assert max(row["end_ts"] - row["start_ts"] for row in trips) < timedelta(minutes=15)
    days = [row["day"] for row in await pool.fetch("SELECT day FROM device_day ORDER BY day")]
    first = MORNING.date()
    assert not any(timedelta(days=1) < day - first < timedelta(days=9) for day in days)


async def test_a_vehicle_without_positions_is_unknown_and_never_unused(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    """One without a tracker, and one whose tracker was never heard, beside one that drives."""
    await put_cars(pool, "v2", "v3")
    await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d3', 'v3')")
    await writer.store(day_of_driving(vehicle), [])
    assert await TripService(pool).refresh() == 1
    fleet = await fleet_use(pool, MonthCache(), await data_period(pool, 8), coverage_min=0.5)
    share = {v.vehicle.vehicle_id: v.figures.days_used_share for v in fleet.vehicles}
    assert share["v1"] is not None
    assert share["v2"] is share["v3"] is None


async def test_a_device_whose_trips_cannot_be_found_is_set_aside_and_the_others_go_on(
    pool: Pool, writer: PositionWriter, vehicle: str, database_url: str, settings: Settings
) -> None:
    """Whatever is wrong with it: a class that does not exist, a value that cannot be."""
    await put_cars(pool, "v2")
    await pool.execute("UPDATE vehicle SET trip_class = 'zeppelin' WHERE vehicle_id = 'v2'")
    await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d0', 'v2')")
    positions = day_of_driving(vehicle, days=1)
    for device in ("broken", "d0", vehicle, "z"):
        await writer.store([replace(one, device=device) for one in positions], [])
    # More kilometres than there are: the table refuses the trip that detection makes of it.
    await pool.execute(
        "UPDATE position SET odometer_km = 'Infinity' WHERE device = 'broken' AND speed_kmh > 0"
    )
    await pool.execute("UPDATE position SET lat = 'NaN' WHERE device = 'broken' AND speed_kmh = 0")
    service = TripService(pool)
    await service.refresh()
    for device in (vehicle, "z"):
        assert await pool.fetchval("SELECT count(*) FROM trip WHERE device = $1", device) == 6
    aside = {row["device"]: row for row in await pool.fetch("SELECT * FROM trip_aside")}
    assert aside["d0"]["trouble"] == TripTrouble.NO_CLASS
    figures = WorkerMetrics(registry := CollectorRegistry())
    async with jobs_app(database_url, pool, settings) as jobs:
        await figures.count(jobs, pool)
    assert registry.get_sample_value("flaade_trips_set_aside_devices") == len(aside)
    assert registry.get_sample_value("flaade_trips_waiting_devices") == 0
    assert await service.refresh() == 0  # not before it is time

    early = aside["d0"]["retry_at"]
    await pool.execute("UPDATE trip_aside SET retry_at = now()")
    await service.refresh()
    again = await pool.fetchrow("SELECT * FROM trip_aside WHERE device = 'd0'")
    assert again is not None
    assert again["attempts"] == 2
    assert again["retry_at"] > early + timedelta(seconds=30)  # the pause grows
    await pool.execute("UPDATE vehicle SET trip_class = NULL WHERE vehicle_id = 'v2'")
    await pool.execute("UPDATE trip_aside SET retry_at = now()")
    await service.refresh()
    assert await pool.fetchval("SELECT count(*) FROM trip WHERE device = 'd0'") == 6
    assert "d0" not in {row["device"] for row in await pool.fetch("SELECT device FROM trip_aside")}


async def test_trips_that_deadlock_with_another_transaction_are_found_all_the_same(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    await writer.store(day_of_driving(vehicle, days=1), [])
    async with pool.acquire() as other:
        await other.execute("SET deadlock_timeout = '10s'")  # the service is the one that loses
        blocking = other.transaction()
        await blocking.start()
        await other.execute("SELECT FROM device_state WHERE device = $1 FOR UPDATE", vehicle)
        refreshing = asyncio.create_task(TripService(pool).refresh())
        await asyncio.sleep(1)  # it waits for the row, and holds the rows of its days
        await other.execute("LOCK TABLE device_day IN ACCESS EXCLUSIVE MODE")
        await blocking.rollback()
        await other.execute("RESET deadlock_timeout")
    await refreshing
    assert await pool.fetchval("SELECT count(*) FROM trip") == 6
    assert await pool.fetchval("SELECT count(*) FROM trip_aside") == 0


async def test_the_longest_waiting_device_is_first_and_its_age_is_known(
    pool: Pool, writer: PositionWriter
) -> None:
    positions = day_of_driving("d", days=1)
    for device in ("b", "c", "a"):
        await writer.store([replace(one, device=device) for one in positions[:9]], [])
    await pool.execute(
        "UPDATE device_state SET dirty_since = now() - interval '50 s' WHERE device = 'c'"
    )
    rows = await pool.fetch(statements("trip")["dirty_devices"])
    assert [row["device"] for row in rows] == ["c", "b", "a"]
    waiting = await pool.fetchrow(statements("trip")["backlog"])
    assert waiting is not None
    assert waiting["devices"] == 3
    assert 50 <= waiting["oldest_s"] < 100
    await TripService(pool).refresh()
    assert await pool.fetchval("SELECT count(dirty_since) FROM device_state") == 0


async def test_senders_that_wait_for_a_commit_go_first_and_trips_are_found_all_the_same(
    pool: Pool, writer: PositionWriter
) -> None:
    positions = day_of_driving("d", days=1)
    await writer.store(positions, [])
    waiting_s = 1.0
    senders_first = SendersFirst(lambda: waiting_s, above_s=0.5, most_s=600.0)
    refreshing = asyncio.create_task(TripService(pool, senders_first=senders_first).refresh())
    await asyncio.sleep(0.5)
    assert await pool.fetchval("SELECT count(*) FROM trip") == 0
    waiting_s = 0.0
    async with asyncio.timeout(60):
        await refreshing
    assert await pool.fetchval("SELECT count(*) FROM trip") == 6

    late = [replace(one, ts=one.ts + timedelta(days=1)) for one in positions]
    await writer.store(late, [])
    for_ever = SendersFirst(lambda: 1.0, above_s=0.5, most_s=0.1)
    async with asyncio.timeout(60):
        await TripService(pool, senders_first=for_ever).refresh()
    assert await pool.fetchval("SELECT count(*) FROM trip") == 12
