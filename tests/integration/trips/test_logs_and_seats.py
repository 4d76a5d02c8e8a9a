"""The trips of a driving log are the vehicle's, whatever tracker it got before or after."""

from datetime import UTC, date, datetime

import pytest

from db.connect import Pool
from db.migration import migrations
from fleet.period import Period
from register.devices import enrol_device, move_device
from register.track_reasons import TrackAccess
from tests.factories.actors import SOMEBODY
from tests.factories.driving_logs import fleet as fleet
from tests.factories.driving_logs import take
from trips.driving_log.refusals import RowReason
from trips.files.export import ExportedTable, export_table
from trips.use.fleet_use import fleet_use
from trips.use.month_cache import MonthCache

#: v1 drove on the 2nd and the 10th, v2 on the 3rd.
LOG = """Bil;Start;Slut;Km
V1;02-11-2026 08:00;02-11-2026 10:00;12
V1;10-11-2026 08:00;10-11-2026 09:00;30
V2;03-11-2026 12:00;03-11-2026 13:00;8
"""
MOVED = date(2026, 11, 5)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 14))


async def owners(pool: Pool) -> list[tuple[str, str, float]]:
    """The trips as programs and files get them: device, vehicle and km."""
    table = await export_table(pool, SOMEBODY, TrackAccess(None, ""), ExportedTable.TRIPS, NOVEMBER)
    return sorted((row["device"], row["vehicle_id"], row["km"]) for row in table.to_pylist())


async def days(pool: Pool) -> dict[str, list[tuple[int, float]]]:
    """The days on which each device was heard in every hour, with their km."""
    rows = await pool.fetch(
        "SELECT device, day, km FROM device_day WHERE heard = (1 << 24) - 1 ORDER BY device, day"
    )
    told: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        told.setdefault(row["device"], []).append((row["day"].day, row["km"]))
    return told


async def km_by_vehicle(pool: Pool) -> dict[str, float]:
    used = await fleet_use(pool, MonthCache(), NOVEMBER, 0.5)
    return {one.vehicle.vehicle_id: one.figures.km for one in used.vehicles}


RIGHT = [("d1", "v1", 30.0), ("log:v1", "v1", 12.0), ("log:v2", "v2", 8.0)]
DAYS = {
    "d1": [(5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 30)],
    "log:v1": [(2, 12), (3, 0), (4, 0)],
    "log:v2": [(2, 0), (3, 8), *((day, 0) for day in range(4, 11))],
}


@pytest.mark.parametrize("log_first", [True, False])
async def test_trips_from_before_the_tracker_came_are_the_vehicle_s(
    fleet: Pool, log_first: bool
) -> None:
    await enrol_device(fleet, SOMEBODY, "d1")
    if log_first:
        await take(fleet, LOG)
    await move_device(fleet, SOMEBODY, "d1", "v1", MOVED)
    if not log_first:
        await take(fleet, LOG)
    assert await owners(fleet) == RIGHT
    assert await days(fleet) == DAYS
    assert await km_by_vehicle(fleet) == {"v1": 42, "v2": 8}


@pytest.mark.parametrize("log_first", [True, False])
async def test_trips_are_not_those_of_the_vehicle_that_the_tracker_came_from(
    fleet: Pool, log_first: bool
) -> None:
    await enrol_device(fleet, SOMEBODY, "d1", "v2")
    rows = LOG.replace("03-11", "08-11")
    if log_first:
        await take(fleet, rows)
    await move_device(fleet, SOMEBODY, "d1", "v1", MOVED)
    if not log_first:
        await take(fleet, rows)
    assert await owners(fleet) == RIGHT
    assert await km_by_vehicle(fleet) == {"v1": 42, "v2": 8}


async def test_a_tracker_that_moves_again_or_by_mistake_takes_no_trips_along(fleet: Pool) -> None:
    await enrol_device(fleet, SOMEBODY, "d1")
    await take(fleet, LOG)
    await move_device(fleet, SOMEBODY, "d1", "v1", MOVED)
    assert await owners(fleet) == RIGHT
    await move_device(fleet, SOMEBODY, "d1", "v1", date(2026, 11, 1))  # no log is in its way
    assert await owners(fleet) == [
        ("d1", "v1", 12.0),
        ("d1", "v1", 30.0),
        ("log:v2", "v2", 8.0),
    ]
    await move_device(fleet, SOMEBODY, "d1", "v2", date(2026, 11, 1))
    assert await owners(fleet) == [
        ("d1", "v2", 8.0),
        ("log:v1", "v1", 12.0),
        ("log:v1", "v1", 30.0),
    ]
    assert await fleet.fetchval("SELECT device FROM device WHERE vehicle_id = 'v1'") == "log:v1"
    assert await km_by_vehicle(fleet) == {"v1": 42, "v2": 8}


async def test_the_time_driven_of_a_logged_trip_is_not_known_in_whichever_seat_it_is(
    fleet: Pool,
) -> None:
    """The log says when a vehicle left and was back: what its tracker has of it is no more."""
    await enrol_device(fleet, SOMEBODY, "d1")
    await take(fleet, LOG)
    await move_device(fleet, SOMEBODY, "d1", "v1", MOVED)
    assert await owners(fleet) == RIGHT
    for first, last in ((date(2026, 11, 1), date(2026, 11, 30)), (MOVED, date(2026, 11, 30))):
        found = await fleet_use(fleet, MonthCache(), Period(first, last), 0.8)
        told = {one.vehicle.vehicle_id: one.figures for one in found.vehicles}
        assert (told["v1"].driving_h, told["v1"].away_h > 0) == (None, True)
        group = found.together()
        assert (group.driving_h, group.driving_unknown > 0) == (None, True)


async def test_a_tracker_that_was_heard_in_another_vehicle_refuses_no_row(fleet: Pool) -> None:
    """Nor does one count as silent that was heard in the vehicle and has moved away since."""
    await enrol_device(fleet, SOMEBODY, "d1", "v2")
    heard = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 20)]
    await fleet.execute(
        "INSERT INTO device_state (device, first_ts, last_ts) VALUES ('d1', $1, $2)", *heard
    )
    await move_device(fleet, SOMEBODY, "d1", "v1", MOVED)
    done = await take(fleet, LOG)
    assert done.trips == 1
    assert [(one.row, one.reason) for one in done.refused] == [
        (3, RowReason.TRACKED),
        (4, RowReason.TRACKED),
    ]


async def test_what_was_imported_for_the_wrong_vehicle_goes_where_it_belongs(fleet: Pool) -> None:
    """The migration mends what the former import did: all trips and days to the tracker that the
    vehicle had on the day of the import."""
    await enrol_device(fleet, SOMEBODY, "d1", "v2")
    await move_device(fleet, SOMEBODY, "d1", "v1", MOVED)
    await take(fleet, LOG.replace("V2;03-11", "V1;03-11"))
    right = await owners(fleet), await days(fleet)
    async with fleet.acquire() as connection, connection.transaction():
        for table in ("trip", "round_trip", "device_day"):
            await connection.execute(f"UPDATE {table} SET device = 'd1'")
        await connection.execute(
            "DELETE FROM device_seat WHERE device = 'log:v1';"
            " DROP INDEX round_trip_logged; DROP FUNCTION settle_logs; DROP TABLE logged_span;"
            " CREATE TABLE logged_span (device text NOT NULL, first_day date NOT NULL,"
            " last_day date NOT NULL, PRIMARY KEY (device, first_day, last_day));"
            " INSERT INTO logged_span VALUES ('d1', '2026-11-02', '2026-11-10')"
        )
        [migration] = [one for one in migrations() if one.name == "logs_of_vehicles"]
        await connection.execute(migration.text)
    assert (await owners(fleet), await days(fleet)) == right
    assert right[0] == [("d1", "v1", 30.0), ("log:v1", "v1", 8.0), ("log:v1", "v1", 12.0)]
