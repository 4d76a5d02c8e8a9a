"""A tracker that is moved to another vehicle: what it told before stays the vehicle's it sat in."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.period import Period
from ingest.store.writer import PositionWriter
from register.devices import EnrolmentError, enrol_device, move_device
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from register.track_reasons import TrackAccess
from tests.factories.actors import SOMEBODY
from tests.factories.command import flaade, refused
from tests.factories.driving import day_of_driving
from tests.factories.serving import client_of
from tests.factories.vehicles import put_cars
from trips.files.export import ExportedTable, export_table
from trips.recompute import recompute
from trips.service import TripService
from trips.use.fleet_use import fleet_use
from trips.use.month_cache import MonthCache

#: Three days of driving, from Monday on.
DAYS = Period(date(2026, 11, 16), date(2026, 11, 18))
TUESDAY = date(2026, 11, 17)


@pytest.fixture
async def two(pool: Pool, writer: PositionWriter, vehicle: str) -> Pool:
    """The vehicles v1 and v2; the tracker d1 in v1 has three days of three round trips each."""
    await put_cars(pool, "v2")
    await writer.store(day_of_driving(vehicle), [])
    await TripService(pool).refresh()
    return pool


async def trips_of_each(pool: Pool, months: MonthCache) -> dict[str, tuple[int, int]]:
    """Trips, and days used, by vehicle."""
    fleet = await fleet_use(pool, months, DAYS, 0.1)
    assert fleet.together().trips == 18
    peak = fleet.together().peak
    assert peak is not None
    assert peak.out == 1
    return {v.vehicle.vehicle_id: (v.figures.trips, v.figures.days_used) for v in fleet.vehicles}


async def rounds_of_each(pool: Pool) -> dict[str, int]:
    rows = await pool.fetch("SELECT vehicle_id, count(*) FROM round_trip GROUP BY 1")
    return {row["vehicle_id"]: row["count"] for row in rows}


async def test_a_tracker_takes_nothing_along_from_before_the_day_it_was_moved(two: Pool) -> None:
    months, service = MonthCache(), TripService(two)
    assert await trips_of_each(two, months) == {"v1": (18, 3), "v2": (0, 0)}
    await move_device(two, SOMEBODY, "d1", "v2", TUESDAY)
    await service.refresh()
    assert await rounds_of_each(two) == {"v1": 3, "v2": 6}
    assert await trips_of_each(two, months) == {"v1": (6, 1), "v2": (12, 2)}
    own = await export_table(two, SOMEBODY, TrackAccess("v1", ""), ExportedTable.TRIPS, DAYS)
    assert own.num_rows == 6
    assert (
        await recompute(two, write=False, on_progress=lambda *_: None, on_failure=lambda *_: None)
        == []
    )
    # Moved back, as if it never had been.
    await move_device(two, SOMEBODY, "d1", "v1", TUESDAY)
    await service.refresh()
    assert await rounds_of_each(two) == {"v1": 9}
    assert await trips_of_each(two, months) == {"v1": (18, 3), "v2": (0, 0)}
    assert await two.fetchval("SELECT count(*) FROM device_seat") == 0


async def test_late_positions_go_to_the_vehicle_of_their_day(
    pool: Pool, writer: PositionWriter, vehicle: str
) -> None:
    await put_cars(pool, "v2")
    positions, service = day_of_driving(vehicle), TripService(pool)
    border = datetime(2026, 11, 17, tzinfo=UTC)
    await writer.store([p for p in positions if p.ts > border], [])
    await service.refresh()
    await move_device(pool, SOMEBODY, vehicle, "v2", TUESDAY)
    await service.refresh()
    await writer.store([p for p in positions if p.ts <= border], [])
    await service.refresh()
    assert await rounds_of_each(pool) == {"v1": 3, "v2": 6}


async def test_a_tracker_that_takes_anothers_place_leaves_it_its_days(two: Pool) -> None:
    """As when a broken one is replaced: the vehicle has the days of both."""
    await enrol_device(two, SOMEBODY, "d2")
    await move_device(two, SOMEBODY, "d2", "v1", TUESDAY)
    await TripService(two).refresh()
    assert await rounds_of_each(two) == {"v1": 3}
    assert await two.fetchval("SELECT vehicle_id FROM device WHERE device = 'd1'") is None
    with pytest.raises(EnrolmentError, match="tracker d1 sat in v1 until 2026-11-17"):
        await move_device(two, SOMEBODY, "d2", "v1", date(2026, 11, 16))


async def test_enrolling_a_tracker_elsewhere_moves_it_as_of_today(two: Pool) -> None:
    await enrol_device(two, SOMEBODY, "d1", "v2")
    await TripService(two).refresh()
    assert await rounds_of_each(two) == {"v1": 9}
    assert await two.fetchval("SELECT vehicle_id FROM device") == "v2"


async def test_what_is_private_of_a_vehicle_is_not_taken_from_the_one_the_tracker_came_from(
    two: Pool,
) -> None:
    await move_device(two, SOMEBODY, "d1", "v2", TUESDAY)
    kept = await two.fetchval("SELECT count(*) FROM position WHERE ts < '2026-11-16T23:00Z'")
    period = PrivatePeriod(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))
    await set_private(two, Actor.trusted("x"), "v2", period, note="")
    assert await two.fetchval("SELECT count(*) FROM position") == kept > 0


async def test_the_command_moves_a_tracker_or_says_why_not(
    two: Pool, database_url: str, tmp_path: Path
) -> None:
    async def run(*words: str):
        return await asyncio.to_thread(
            flaade, "device", "move", *words, cwd=tmp_path, FLAADE_DATABASE_URL=database_url
        )

    done = await run("d1", "v2", "--from", "2026-11-17")
    assert done.returncode == 0, done.stderr
    assert "d1 sits in v2 from 2026-11-17 on" in done.stdout
    refused(await run("d1", "v9"), "there is no vehicle v9")
    refused(await run("d9", "v1"), "device d9 is not enrolled")
    assert (await run("d1")).returncode == 0
    await TripService(two).refresh()
    assert await rounds_of_each(two) == {"v1": 3, "v2": 6}


async def test_a_program_moves_a_tracker_and_reads_where_it_sat(
    two: Pool, settings: Settings, database_url: str
) -> None:
    async with client_of(settings, database_url, ServerRole.API) as client:
        url = client.server.url + "/v1/devices/d1/vehicles"

        async def move(**body: object) -> tuple[int, dict[str, Any]]:
            async with client.session.post(url, json=body) as answer:
                return answer.status, await answer.json()

        status, body = await move(vehicle_id="v2", since="2026-11-17")
        assert status == 200
        assert body["items"] == [
            {"vehicle_id": "v2", "since": "2026-11-17", "until": None},
            {"vehicle_id": "v1", "since": None, "until": "2026-11-17"},
        ]
        async with client.session.get(url) as answer:
            assert await answer.json() == body
        assert (await move(vehicle_id="v9"))[0] == 422
        assert (await move(since="2026-11-17"))[0] == 422
        async with client.session.get(url.replace("d1", "d9")) as answer:
            assert answer.status == 404
