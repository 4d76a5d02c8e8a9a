"""Who looks at a vehicle's tracks says why, once a day, and all that they are shown is recorded."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from access.accounts import account_actor
from access.roles import Role
from db.audit.entry import Act
from db.audit.search import AuditFilter, audit_entries, track_readings
from db.connect import Pool
from fleet.actor import Actor, NotAllowedError
from fleet.period import Period
from register.track_reasons import (
    NoTracksError,
    TrackAccess,
    TrackReasonError,
    ask_track,
    record_track,
    track_access,
)
from tests.factories.accounts import person
from tests.factories.actors import SOMEBODY
from tests.factories.vehicles import put_cars
from trips.files.export import ExportedTable, export_table

DAY = date(2026, 11, 20)
BEGINS, ENDS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def materiel(pool: Pool) -> Actor:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1", "v2")
    return account_actor(await person(pool), "192.0.2.7")


async def details(pool: Pool, act: Act) -> list[tuple[str, Any]]:
    found = await audit_entries(pool, AuditFilter(begins=BEGINS, ends=ENDS, act=act), 100)
    return [(entry.subject_id, dict(entry.detail)) for entry in reversed(found)]


async def test_a_reason_holds_for_one_person_one_vehicle_and_one_day(
    pool: Pool, materiel: Actor
) -> None:
    regnskab = account_actor(await person(pool, "Regnskab", Role.FLEET_UNIT), "")
    assert await track_access(pool, materiel, "v1") is None
    await ask_track(pool, materiel, "v1", "  en skade  ")
    assert await track_access(pool, materiel, "v1") == TrackAccess("v1", "en skade")
    for actor, vehicle in ((materiel, "v2"), (materiel, None), (regnskab, "v1")):
        assert await track_access(pool, actor, vehicle) is None
    assert await details(pool, Act.TRACK_ASKED) == [("v1", {"reason": "en skade"})]
    # As on the day before.
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("UPDATE audit_entry SET at = at - interval '1 day'")
    assert await track_access(pool, materiel, "v1") is None


async def test_what_is_shown_is_recorded_once_a_day(pool: Pool, materiel: Actor) -> None:
    access = await ask_track(pool, materiel, "v1", "en skade")
    for day in (DAY, DAY, date(2026, 11, 19)):
        await record_track(pool, materiel, access, day)
    assert await details(pool, Act.TRACK_READ) == [
        ("v1", {"reason": "en skade", "from": f"2026-11-{day}", "to": f"2026-11-{day}"})
        for day in (20, 19)
    ]
    await record_track(pool, SOMEBODY, TrackAccess("v1", ""), DAY)
    assert len(await details(pool, Act.TRACK_READ)) == 3
    (of_materiel, of_program) = await track_readings(pool, BEGINS, ENDS, 10)
    assert (of_materiel.actor, of_materiel.vehicle_id, of_materiel.reason) == (
        "Materiel",
        "v1",
        "en skade",
    )
    assert (of_materiel.days, of_materiel.shown) == (1, 2)
    assert (of_program.days, of_program.shown) == (0, 1)
    # Days of a reading over several count each, and those that were shown before count once.
    await record_track(pool, materiel, access, date(2026, 11, 10), DAY)
    (of_materiel, _) = await track_readings(pool, BEGINS, ENDS, 10)
    assert of_materiel.shown == 11


async def test_a_file_of_tracks_is_recorded_with_its_period(pool: Pool, materiel: Actor) -> None:
    access = await ask_track(pool, materiel, None, "tal til byrådet")
    await export_table(pool, materiel, access, ExportedTable.TRIPS, Period(DAY, DAY))
    shown = {"reason": "tal til byrådet", "from": "2026-11-20", "to": "2026-11-20"}
    assert await details(pool, Act.TRACK_READ) == [("", shown)]


@pytest.mark.parametrize("reason", ["", "  ", "ab", "x" * 201])
async def test_no_reason_is_no_access(pool: Pool, materiel: Actor, reason: str) -> None:
    with pytest.raises(TrackReasonError):
        await ask_track(pool, materiel, "v1", reason)
    assert await track_access(pool, materiel, "v1") is None


async def test_a_role_or_department_without_tracks_gets_none(pool: Pool, materiel: Actor) -> None:
    reader = account_actor(await person(pool, "Lise", Role.READER), "")
    with pytest.raises(NotAllowedError):
        await ask_track(pool, reader, "v1", "en skade")
    with pytest.raises(NotAllowedError):
        await track_access(pool, reader, "v1")
    head = account_actor(await person(pool, "Hans", Role.DEPARTMENT_HEAD, ["Elsewhere"]), "")
    for vehicle in ("v1", None, "no such"):
        with pytest.raises(NoTracksError):
            await ask_track(pool, head, vehicle, "en skade")


async def test_a_program_is_asked_for_no_reason(pool: Pool, materiel: Actor) -> None:
    assert await track_access(pool, SOMEBODY, "v1") == TrackAccess("v1", "")
