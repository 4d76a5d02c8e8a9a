"""Trackers of a list are enrolled line by line: the good ones are taken, the others say why not."""

from datetime import date

import pytest

from db.connect import Pool
from register.devices import LOG_PREFIX, EnrolmentError, enrol_device, move_device, seats
from register.enrolment.enrol import EnrolmentReport, Outcome, enrol_listed
from register.enrolment.tracker_list import LineReason, rows_of_text, tracker_list
from register.history import RegisterSubject, register_changes
from tests.factories.actors import SOMEBODY
from tests.factories.vehicles import put_cars

DAY = date(2026, 11, 2)


@pytest.fixture
async def fleet(pool: Pool) -> Pool:
    """Four cars, `v1` to `v4`; the last two are both called Twin."""
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1", "v2", "v3", "v4")
    await pool.execute("UPDATE vehicle SET name = 'Twin' WHERE vehicle_id IN ('v3', 'v4')")
    return pool


async def enrol(pool: Pool, text: str, since: date | None = None) -> EnrolmentReport:
    return await enrol_listed(pool, SOMEBODY, tracker_list(rows_of_text(text)), since)


async def test_good_lines_are_taken_and_bad_ones_are_told_with_their_reasons(fleet: Pool) -> None:
    await enrol_device(fleet, SOMEBODY, "old", "v2")
    report = await enrol(
        fleet, "a;V1\nb\nc;nothing\nd;Twin\ne;v1\nf;v2\nold;v1\ng;v3\na;v3\n3,5E+14"
    )
    assert [(one.tracker.device, one.vehicle_id) for one in report.taken] == [
        ("a", "v1"),
        ("b", None),
        ("g", "v3"),
    ]
    assert [(one.line, one.reason) for one in report.refused] == [
        (3, LineReason.NO_VEHICLE),
        (4, LineReason.SEVERAL_VEHICLES),
        (5, LineReason.VEHICLE_TWICE),
        (6, LineReason.VEHICLE_TAKEN),
        (7, LineReason.SITS_ELSEWHERE),
        (9, LineReason.TWICE),
        (10, LineReason.SHORTENED),
    ]
    rows = await fleet.fetch("SELECT device, vehicle_id FROM device ORDER BY device")
    assert {row["device"]: row["vehicle_id"] for row in rows} == {
        "a": "v1",
        "b": None,
        "g": "v3",
        "old": "v2",
    }


async def test_the_same_list_again_changes_nothing(fleet: Pool) -> None:
    await enrol(fleet, "a;v1\nb")
    changes = await register_changes(fleet, RegisterSubject.DEVICE, "a")
    report = await enrol(fleet, "a;v1\nb\na2")
    assert [one.outcome for one in report.taken] == [
        Outcome.UNCHANGED,
        Outcome.UNCHANGED,
        Outcome.ENROLLED,
    ]
    assert await register_changes(fleet, RegisterSubject.DEVICE, "a") == changes
    [seated] = (await enrol(fleet, "b;v2")).taken
    assert seated.outcome is Outcome.SEATED


async def test_a_vehicle_is_named_by_its_registration_number_as_people_write_it(
    fleet: Pool,
) -> None:
    await fleet.execute("UPDATE vehicle SET plate = 'AB12345' WHERE vehicle_id = 'v3'")
    [taken] = (await enrol(fleet, "IMEI;Reg.nr.\na;ab 12.345")).taken
    assert taken.vehicle_id == "v3"


async def test_a_tracker_sits_in_its_vehicle_from_the_day_of_the_list_on(fleet: Pool) -> None:
    await enrol(fleet, "a;v1", DAY)
    await enrol(fleet, "b;v2")
    assert [(seat.vehicle, seat.since) for seat in await seats(fleet, "a")] == [
        ("v1", DAY),
        (None, None),
    ]
    assert [(seat.vehicle, seat.since) for seat in await seats(fleet, "b")] == [("v2", None)]


async def test_a_seat_that_another_tracker_had_since_then_is_refused_whole(fleet: Pool) -> None:
    await enrol_device(fleet, SOMEBODY, "old", "v1")
    await move_device(fleet, SOMEBODY, "old", None, date(2026, 11, 10))
    [refused] = (await enrol(fleet, "a;v1", DAY)).refused
    assert refused.reason is LineReason.SEAT_TAKEN
    assert refused.values == {"vehicle": "v1", "device": "old", "until": "2026-11-10"}
    assert not await fleet.fetchval("SELECT EXISTS (SELECT FROM device WHERE device = 'a')")


async def test_a_driving_log_makes_room_and_no_tracker_takes_its_name(fleet: Pool) -> None:
    await fleet.execute("INSERT INTO device (device, vehicle_id) VALUES ('log:v1', 'v1')")
    [taken] = (await enrol(fleet, "a;v1")).taken
    assert taken.outcome is Outcome.ENROLLED
    with pytest.raises(EnrolmentError, match=LOG_PREFIX):
        await enrol_device(fleet, SOMEBODY, "log:v2")
