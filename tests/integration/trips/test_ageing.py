"""Old trips are known roughly, older ones not at all, and the figures of their days stay."""

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from db.connect import Pool
from db.retention import delete_uploads
from fleet.earth import distance_m
from fleet.localtime import local_day
from register.zones import ZoneIndex, ZoneKind, circle
from register.zones_stored import depot_index, zones
from tests.factories.private_vehicles import add_vehicle, rows
from tests.factories.recomputed import never
from trips.ageing import AgedTrips, PlaceRounding, age_trips
from trips.recompute import recompute
from trips.service import TripService

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
HOME = (55.77, 12.5)
AWAY = (55.801234, 12.543219)


async def put_trip(
    pool: Pool, start: datetime, begin: tuple[float, float], end: tuple[float, float]
) -> None:
    await pool.execute(
        "INSERT INTO trip (device, start_ts, end_ts, start_lat, start_lon, end_lat, end_lon, km)"
        " VALUES ('d1', $1, $2, $3, $4, $5, $6, 7)",
        *(start, start + timedelta(minutes=20), *begin, *end),
    )


async def grow_old(pool: Pool, *, exact_days: int = 60, keep_days: int = 730) -> AgedTrips:
    return await age_trips(pool, NOW, exact_days=exact_days, round_m=100, keep_days=keep_days)


async def test_ends_are_rounded_unless_at_a_depot_and_figures_stay(pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    old, young = NOW - 61 * DAY, NOW - 59 * DAY
    for start in (old, young):
        await put_trip(pool, start, HOME, AWAY)
    await pool.execute(
        "INSERT INTO device_day VALUES ('d1', $1, 60, 7, 1, 7, 1200, 1200, 0)", local_day(old)
    )
    figures = await pool.fetch("SELECT * FROM device_day")
    assert await grow_old(pool) == AgedTrips(trips_rounded=1)
    assert await grow_old(pool) == AgedTrips()
    rounded, exact = await pool.fetch("SELECT * FROM trip ORDER BY start_ts")
    assert (rounded["start_lat"], rounded["start_lon"]) == HOME
    assert (exact["end_lat"], exact["end_lon"]) == AWAY
    moved_m = distance_m(*AWAY, rounded["end_lat"], rounded["end_lon"])
    assert 0 < moved_m <= 71
    assert rounded["km"] == 7
    assert await pool.fetch("SELECT * FROM device_day") == figures
    [proof] = await pool.fetch("SELECT subject, items, keep_days FROM deletion")
    assert tuple(proof) == ("trip_ends", 1, 60)


async def test_what_can_be_found_anew_stays_exact_and_what_cannot_stays_rounded(pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    old = NOW - 70 * DAY
    await put_trip(pool, old, HOME, AWAY)
    await pool.execute("SELECT ensure_position_partitions($1, $1)", old)
    at = "INSERT INTO position (device, ts, lat, lon) VALUES ('d1', $1, 55.78, 12.5)"
    await pool.execute(at, old + timedelta(minutes=1))
    await pool.execute(
        "INSERT INTO device_state (device, first_ts, last_ts) VALUES ('d1', $1, $1)", old
    )
    assert await grow_old(pool) == AgedTrips()
    # As retention leaves it; then a position comes that late.
    await pool.execute("UPDATE device_state SET kept_from = $1", old + 7 * DAY)
    assert (await grow_old(pool)).trips_rounded == 1
    before = await pool.fetch("SELECT * FROM trip")
    await pool.execute(at, old + timedelta(minutes=2))
    await pool.execute("UPDATE device_state SET dirty_from = $1, dirty_to = $1", old)
    await TripService(pool).refresh()
    await recompute(pool, write=True, on_progress=lambda *_: None, on_failure=never)
    assert await pool.fetch("SELECT * FROM trip") == before
    await pool.execute("DELETE FROM position")


async def test_trips_are_deleted_when_their_time_is_over_and_days_stay(pool: Pool) -> None:
    await add_vehicle(pool, "v1", "d1")
    for days in (731, 729):
        start = NOW - days * DAY
        await put_trip(pool, start, HOME, AWAY)
        await pool.execute(
            "INSERT INTO round_trip VALUES ('d1', $1, $1, 'v1', 'home', 7, 1)", start
        )
        await pool.execute("INSERT INTO engine_session VALUES ('d1', $1, $1, 1)", start)
        await pool.execute(
            "INSERT INTO device_day VALUES ('d1', $1, 60, 7, 1, 7, 1200, 1200, 0)", local_day(start)
        )
    assert await grow_old(pool, exact_days=0) == AgedTrips(0, 1, 1, 1)
    for table in ("trip", "round_trip", "engine_session"):
        assert await rows(pool, table) == 1
    assert await rows(pool, "device_day") == 2
    subjects = await pool.fetch("SELECT subject FROM deletion ORDER BY deletion_id")
    assert [row["subject"] for row in subjects] == ["trip", "round_trip", "engine_session"]
    assert await grow_old(pool, exact_days=0, keep_days=0) == AgedTrips()


def test_no_place_is_moved_into_or_out_of_a_zone() -> None:
    """Whatever the zones are; so no round trip and no visit is counted otherwise."""
    chance = random.Random(1)
    for _ in range(4):
        shapes = [
            circle(
                *(f"z{n}", f"Z{n}", chance.choice([ZoneKind.DEPOT, ZoneKind.OTHER])),
                *(55.77 + chance.random() / 100, 12.5 + chance.random() / 50),
                chance.choice([20, 60, 150, 400]),
            )
            for n in range(12)
        ]
        homes, everywhere = depot_index(shapes), ZoneIndex(shapes)
        lat = np.array([55.77 + chance.random() / 100 for _ in range(100)])
        lon = np.array([12.5 + chance.random() / 50 for _ in range(100)])
        days = [NOW.date()] * 100
        to_lat, to_lon = PlaceRounding(homes, everywhere, 100).round(lat, lon, days)
        assert everywhere.at(to_lat, to_lon, days) == everywhere.at(lat, lon, days)
        assert homes.at(to_lat, to_lon, days) == homes.at(lat, lon, days)
        exact = (to_lat == lat) & (to_lon == lon)
        assert exact.tolist() == [one is not None for one in homes.at(lat, lon, days)]
        assert float(distance_m(lat, lon, to_lat, to_lon).max()) < 500


@pytest.mark.parametrize("taken", [False, True])
async def test_uploaded_logs_go_with_their_file_and_refused_rows(pool: Pool, taken: bool) -> None:
    assert await zones(pool) == []
    content, refused = (None, [[2, "EMPTY", {}, ["a name"]]]) if taken else (b"a name", None)
    for days in (31, 29):
        await pool.execute(
            "INSERT INTO log_upload (name, uploaded_at, content, refused) VALUES ('x', $1, $2, $3)",
            *(NOW - days * DAY, content, refused),
        )
    assert await delete_uploads(pool, 30, NOW) == 1
    assert await delete_uploads(pool, 30, NOW) == 0
    assert await rows(pool, "log_upload") == 1
    [proof] = await pool.fetch("SELECT subject, items, keep_days FROM deletion")
    assert tuple(proof) == ("log_upload", 1, 30)
