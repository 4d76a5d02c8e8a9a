"""What is kept a device and day equals what the raw data says, in whatever order it came."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.connect import Pool
from fleet.period import Period
from fleet.position import Position
from ingest.store.writer import PositionWriter
from tests.conftest import empty_tables
from tests.factories.days import assert_same, days_from_raw, stored_days
from tests.factories.pilot import load_pilot
from tests.factories.vehicles import put_cars
from trips.service import TripService
from trips.stored.day_table import DeviceChange, refresh_days
from trips.use.concurrency import DeparturesAndReturns, out_steps, peak
from trips.use.month_cache import DAY_COLUMNS, MonthCache

HOME = (55.77, 12.50)
OUT = (55.80, 12.50)

#: The night to 25 October 2026 has an hour twice: the local day lasts 25 hours. That to 29 March
#: lacks one.
MIDNIGHT = datetime(2026, 10, 24, 22, tzinfo=UTC)
SPRING = datetime(2026, 3, 28, 23, tzinfo=UTC)


async def test_every_day_of_a_pilot_is_kept_as_its_raw_data_says(
    pool: Pool, tmp_path: Path
) -> None:
    start = datetime(2026, 10, 19, tzinfo=UTC).date()  # over the end of summer time
    pilot = await load_pilot(pool, tmp_path, start=start, weeks=1, vehicles=30)
    total = 0
    for vehicle in pilot.vehicles:
        days = await stored_days(pool, vehicle.device)
        assert_same(days, await days_from_raw(pool, vehicle.device))
        total += sum(day.trips for day in days)
    assert total == await pool.fetchval("SELECT count(*) FROM trip")


async def enrol_one(pool: Pool, measured_in: str) -> None:
    await empty_tables(pool)
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', $1, $2, 150)", *HOME)
    await put_cars(pool, "v1", measured_in=measured_in)
    await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d1', 'v1')")


#: Over the border of two months, and in the middle of the days that positions are made of.
PERIOD = Period(date(2026, 10, 23), date(2026, 11, 1))


async def read(
    pool: Pool, months: MonthCache
) -> tuple[list[dict[str, float]], DeparturesAndReturns]:
    """Days of the one device in their order, and when it left and came back, as `months` remembers
    them."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        rows, away = await months.read(connection, {"d1": 0}, [], PERIOD)
    columns = {name: getattr(rows, name)[np.argsort(rows.day)].tolist() for name in DAY_COLUMNS}
    days = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return days, away


async def test_a_time_away_over_the_end_of_a_month_is_one_time_away(pool: Pool) -> None:
    await enrol_one(pool, "km")
    left, back = datetime(2026, 10, 30, 8, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO round_trip (device, start_ts, end_ts, vehicle_id, depot_id, km, legs)"
            " VALUES ('d1', $1, $2, 'v1', 'home', 9, 2)",
            left,
            back,
        )
        await refresh_days(
            connection, [DeviceChange("d1", left, back, positions_changed=None, trips_changed=True)]
        )
    days, away = await read(pool, MonthCache())
    assert sum(day["away_s"] for day in days) == (back - left).total_seconds()
    highest = peak(out_steps(away))
    assert highest is not None
    assert highest.stretches == [(left.timestamp(), back.timestamp())]


#: Half hours at which the vehicle is away, of five days around the end of summer time.
AWAY = st.lists(st.booleans(), min_size=240, max_size=240)


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    away=AWAY,
    engine=st.booleans(),
    midnight=st.sampled_from([MIDNIGHT, SPRING]),
    order=st.randoms(use_true_random=False),
)
async def test_whatever_the_order_of_arrival_the_days_end_as_the_raw_data_says(
    pool: Pool,
    writer: PositionWriter,
    away: list[bool],
    engine: bool,
    midnight: datetime,
    order: object,
) -> None:
    await enrol_one(pool, "hours" if engine else "km")
    begin = midnight - timedelta(days=2)
    positions = [
        Position(
            device="d1",
            ts=begin + timedelta(minutes=30 * i),
            lat=(OUT if out else HOME)[0],
            lon=12.50,
            engine_hours_h=0.25 * sum(away[: i + 1]) if engine else None,
        )
        for i, out in enumerate(away)
    ]
    order.shuffle(positions)  # pyright: ignore
    service, remembered = TripService(pool), MonthCache()
    for at in range(0, len(positions), 60):
        await writer.store(positions[at : at + 60], [])
        await service.refresh()
        days, passed = await read(pool, remembered)
        days_now, passed_now = await read(pool, MonthCache())
        assert days == days_now
        assert passed.at.tolist() == passed_now.at.tolist()
        assert passed.change.tolist() == passed_now.change.tolist()
    assert_same(await stored_days(pool, "d1"), await days_from_raw(pool, "d1"))
