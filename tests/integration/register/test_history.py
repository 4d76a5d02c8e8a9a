"""Every act on the register leaves a line that says what became of the thing, and by whom."""

from datetime import UTC, date, datetime
from ipaddress import ip_network

import pytest

from db.connect import Pool
from fleet.actor import Actor
from fleet.files.own_process import ReadingBounds
from fleet.period import Period
from fleet.position import SpeedUnit
from register.devices import (
    EnrolmentError,
    allow_networks,
    enrol_device,
    move_device,
    set_speed_unit,
)
from register.history import RegisterSubject, register_changes
from register.keys import list_keys, new_device_key, revoke_key
from register.municipality.closing_days import (
    ClosedAlreadyError,
    NoClosingDayError,
    add_closing_day,
    closing_days,
    remove_closing_day,
)
from register.vehicles import (
    NeedError,
    NoVehicleError,
    Ruling,
    driven_vehicles,
    rule_vehicle,
    rulings,
    set_trip_class,
    trip_class_of,
)
from register.zones import ZoneError, ZoneKind, circle
from register.zones_stored import put_zone, put_zones, remove_zone, zones
from tests.factories.vehicles import put_cars
from trips.driving_log.log_headings import guess_columns
from trips.driving_log.log_import import import_log
from trips.driving_log.log_row import LogLimits
from trips.driving_log.log_sheet import read_sheet

ANNA, BO = Actor.trusted("Anna"), Actor.trusted("Bo")
GRUNDLOVSDAG = date(2026, 6, 5)


async def lines(
    pool: Pool, subject: RegisterSubject, name: str
) -> list[tuple[str, dict[str, object]]]:
    """Who changed a thing, and what it became, the latest first."""
    return [(one.actor, dict(one.content)) for one in await register_changes(pool, subject, name)]


@pytest.fixture
async def fleet(pool: Pool) -> Pool:
    """A depot `home` with the cars `v1` and `v2`."""
    await put_zones(pool, ANNA, [circle("home", "Hjemme", ZoneKind.DEPOT, 55.77, 12.5, 150)])
    await put_cars(pool, "v1", "v2", depot_id="home")
    return pool


async def test_a_closing_day_that_is_taken_back_leaves_its_trace(pool: Pool) -> None:
    await add_closing_day(pool, ANNA, GRUNDLOVSDAG, "Grundlovsdag", "Lokalaftale")
    await add_closing_day(pool, BO, GRUNDLOVSDAG, "Grundlovsdag", "Lokalaftale")
    with pytest.raises(ClosedAlreadyError, match="Grundlovsdag"):
        await add_closing_day(pool, BO, GRUNDLOVSDAG, "Noget andet", "Ingen")
    [day] = [one for one in await closing_days(pool, 2026) if one.day == GRUNDLOVSDAG]
    assert (day.name, day.added_by) == ("Grundlovsdag", "Anna")
    await remove_closing_day(pool, BO, GRUNDLOVSDAG)
    with pytest.raises(NoClosingDayError):
        await remove_closing_day(pool, BO, GRUNDLOVSDAG)
    assert await lines(pool, RegisterSubject.CLOSING_DAY, "2026-06-05") == [
        ("Bo", {"removed": True}),
        ("Anna", {"name": "Grundlovsdag", "source": "Lokalaftale"}),
    ]


async def test_the_class_of_a_vehicle_says_who_chose_it(fleet: Pool) -> None:
    await set_trip_class(fleet, ANNA, "v1", "van")
    assert (await trip_class_of(fleet, "v1")).own == "van"
    await set_trip_class(fleet, BO, "v1", None)
    assert (await trip_class_of(fleet, "v1")).own is None
    with pytest.raises(NoVehicleError):
        await set_trip_class(fleet, BO, "v9", "van")
    assert await lines(fleet, RegisterSubject.VEHICLE, "v1") == [
        ("Bo", {"trip_class": None}),
        ("Anna", {"trip_class": "van"}),
    ]
    assert await lines(fleet, RegisterSubject.VEHICLE, "v9") == []


async def test_a_zone_says_who_drew_moved_and_removed_it(fleet: Pool) -> None:
    site = circle("site", "Plads", ZoneKind.OTHER, 55.8, 12.4, 90)
    await put_zone(fleet, ANNA, site, new=True)
    with pytest.raises(ZoneError):
        await put_zone(fleet, BO, site, new=True)
    await remove_zone(fleet, BO, "site")
    assert [zone.zone_id for zone in await zones(fleet)] == ["home"]
    (removed, drawn) = await lines(fleet, RegisterSubject.ZONE, "site")
    assert removed == ("Bo", {**drawn[1], "removed": True})
    assert drawn[0] == "Anna"
    assert drawn[1] | {"name": "Plads", "lat": 55.8, "lon": 12.4, "radius_m": 90} == drawn[1]


async def test_a_tracker_says_who_enrolled_and_moved_it_and_what_it_may(fleet: Pool) -> None:
    await enrol_device(fleet, ANNA, "t1", "v1")
    await enrol_device(fleet, BO, "t1", "v1")  # twice is as once
    await move_device(fleet, BO, "t1", "v2", date(2026, 11, 2))
    await allow_networks(fleet, ANNA, "t1", [ip_network("10.2.0.0/16")])
    await set_speed_unit(fleet, ANNA, "t1", SpeedUnit.KNOTS)
    with pytest.raises(EnrolmentError):
        await set_speed_unit(fleet, ANNA, "t9", None)
    assert await lines(fleet, RegisterSubject.DEVICE, "t1") == [
        ("Anna", {"speed_unit": "knots"}),
        ("Anna", {"networks": ["10.2.0.0/16"]}),
        ("Bo", {"vehicle_id": "v2", "since": "2026-11-02"}),
        ("Anna", {"enrolled": True, "vehicle_id": "v1"}),
    ]
    assert await lines(fleet, RegisterSubject.DEVICE, "t9") == []


async def test_a_tracker_that_gives_way_to_another_says_so_too(fleet: Pool) -> None:
    await enrol_device(fleet, ANNA, "old", "v1")
    await enrol_device(fleet, BO, "new", "v1")
    [(who, out), _] = await lines(fleet, RegisterSubject.DEVICE, "old")
    assert (who, out["vehicle_id"]) == ("Bo", None)
    [(who, moved_in)] = await lines(fleet, RegisterSubject.DEVICE, "new")
    assert (who, moved_in["vehicle_id"]) == ("Bo", "v1")


async def test_a_key_says_who_made_and_who_revoked_it_and_never_what_it_is(fleet: Pool) -> None:
    await enrol_device(fleet, ANNA, "t1")
    key = await new_device_key(fleet, ANNA, "t1", "værksted")
    [made] = await list_keys(fleet, device="t1")
    await revoke_key(fleet, BO, made.key_id)
    with pytest.raises(EnrolmentError):
        await revoke_key(fleet, BO, made.key_id)
    found = await lines(fleet, RegisterSubject.KEY, str(made.key_id))
    assert found == [
        ("Bo", {"removed": True}),
        ("Anna", {"device": "t1", "gateway": None, "label": "værksted"}),
    ]
    assert key not in str(found)


async def test_a_driving_log_says_who_took_it_and_of_which_days(fleet: Pool) -> None:
    text = "Bil;Start;Slut;Km\nV1;02-11-2026 08:00;02-11-2026 09:00;12\n"
    sheet = read_sheet("log.csv", text.encode(), ReadingBounds())
    limits = LogLimits(now=datetime(2026, 11, 20, tzinfo=UTC))
    for _ in range(2):  # the second time adds nothing
        await import_log(fleet, BO, sheet, guess_columns(sheet), "log.csv", limits)
    assert await lines(fleet, RegisterSubject.DRIVING_LOG, "2026-11-02/2026-11-02") == [
        ("Bo", {"trips": 1, "vehicles": 1})
    ]


async def test_a_ruling_is_kept_with_who_gave_it_and_asks_for_nothing_that_is_not_offered(
    fleet: Pool,
) -> None:
    await fleet.execute("UPDATE vehicle_kind SET offers = '{cargo,towbar}'")
    await rule_vehicle(fleet, ANNA, "v1", Ruling.STAY, ["towbar"], "Kører hver dag")
    await rule_vehicle(fleet, BO, "v1", Ruling.OPEN, None, "Igen efter reglerne")
    with pytest.raises(NeedError, match="v1: crane"):
        await rule_vehicle(fleet, BO, "v1", Ruling.GO, ["crane"], "Kran")
    with pytest.raises(NoVehicleError):
        await rule_vehicle(fleet, BO, "v9", Ruling.GO, None, "Ukendt")
    assert [
        (one.ruling, one.needs, one.reason, one.actor) for one in await rulings(fleet, "v1")
    ] == [
        (Ruling.OPEN, None, "Igen efter reglerne", "Bo"),
        (Ruling.STAY, ("towbar",), "Kører hver dag", "Anna"),
    ]
    day = date(2026, 11, 2)
    found = {one.vehicle_id: one for one in await driven_vehicles(fleet, Period(day, day))}
    assert {name: (one.ruling, one.needs, one.trips) for name, one in found.items()} == {
        "v1": (Ruling.OPEN, None, 0),
        "v2": (Ruling.OPEN, None, 0),
    }
