"""Vehicles are added, changed, retired and taken back by acts, each with its history.

Of two people who change one vehicle, the second is told what the first did.
"""

import asyncio
from datetime import date, timedelta

import pytest

from db.connect import Pool
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.localtime import LATEST_DAY, local_now
from optimiser.ledger.tasks import take_back_vehicle
from register.contact import ContactLimits, trackers
from register.history import RegisterSubject, register_changes
from register.inventory.changes import (
    ChangedMeanwhileError,
    DetailsRefusedError,
    NewDepartmentError,
    PlateTakenError,
    RetiredDayError,
    add_vehicle,
    change_vehicle,
    change_vehicles,
    retire_vehicle,
)
from register.inventory.details import Fault, VehicleField
from register.inventory.stored import RegisteredVehicle, register_choices, registered_vehicle
from register.vehicles import NoVehicleError, VehicleFilter, vehicles
from tests.factories.inventory import a_van, put_depots

ANNA = Actor.trusted("Anna")


async def the_vehicle(pool: Pool, vehicle_id: str) -> RegisteredVehicle:
    found = await registered_vehicle(pool, vehicle_id)
    assert found is not None
    return found


async def history(pool: Pool, vehicle_id: str) -> list[tuple[str, dict[str, object]]]:
    found = await register_changes(pool, RegisterSubject.VEHICLE, vehicle_id)
    return [(one.actor, dict(one.content)) for one in found]


@pytest.fixture
async def van(pool: Pool) -> str:
    await put_depots(pool)
    return await add_vehicle(pool, ANNA, a_van())


async def test_a_vehicle_is_added_with_the_kind_that_it_brings(pool: Pool, van: str) -> None:
    found = await the_vehicle(pool, van)
    assert (found.vehicle_id, found.details) == ("AB12345", a_van())
    assert (found.kind_name, found.depot_name) == ("Varebil, diesel", "Vej & Park")
    ((actor, content),) = await history(pool, van)
    assert (actor, content["added"], content["contract_end"]) == ("Anna", True, "2027-01-10")
    assert (await register_choices(pool)).departments == ["Vej"]
    other = await add_vehicle(pool, ANNA, a_van("Ladcykel nr. 2", plate=None))
    assert other == "ladcykel-nr-2"
    assert await add_vehicle(pool, ANNA, a_van("Ladcykel nr. 2", plate=None)) == f"{other}-2"


async def test_the_second_of_two_who_change_a_vehicle_sees_what_the_first_did(
    pool: Pool, van: str
) -> None:
    seen = await the_vehicle(pool, van)
    await change_vehicle(
        pool, ANNA, van, seen.revision, a_van(department="Park"), new_department=True
    )
    mine = a_van(make="Volkswagen")
    with pytest.raises(ChangedMeanwhileError) as refused:
        await change_vehicle(pool, Actor.trusted("Bo"), van, seen.revision, mine)
    (present,) = refused.value.present
    assert seen.details.changes_to(present.details) == {VehicleField.DEPARTMENT: "Park"}
    both = present.details.with_values({VehicleField.MAKE: "Volkswagen"})
    await change_vehicle(pool, Actor.trusted("Bo"), van, present.revision, both)
    assert (await the_vehicle(pool, van)).details == both
    assert (await history(pool, van))[:2] == [
        ("Bo", {"make": "Volkswagen"}),
        ("Anna", {"department": "Park"}),
    ]


async def test_what_cannot_be_is_refused_and_nothing_changes(pool: Pool, van: str) -> None:
    with pytest.raises(DetailsRefusedError) as refused:
        await change_vehicle(pool, ANNA, van, 1, a_van(kind="hest", depot_id="mars"))
    assert {(one.field, one.fault) for one in refused.value.faults} == {
        (VehicleField.KIND, Fault.UNKNOWN),
        (VehicleField.DEPOT, Fault.UNKNOWN),
    }
    with pytest.raises(PlateTakenError, match="Vogn 12"):
        await add_vehicle(pool, ANNA, a_van("Vogn 13"))
    with pytest.raises(NoVehicleError):
        await change_vehicle(pool, ANNA, "nobody", 1, a_van())
    assert len(await history(pool, van)) == 1


async def test_a_department_that_no_vehicle_is_of_is_registered_as_a_new_one_only(
    pool: Pool, van: str
) -> None:
    other = a_van("Vogn 13", plate=None, department="Mijø")
    for act in (
        add_vehicle(pool, ANNA, other),
        change_vehicle(pool, ANNA, van, 1, a_van(department="Mijø")),
        change_vehicles(pool, ANNA, {van: 1}, {VehicleField.DEPARTMENT: "Mijø"}),
    ):
        with pytest.raises(NewDepartmentError, match="Mijø"):
            await act
    assert len(await history(pool, van)) == 1
    await add_vehicle(pool, ANNA, other, new_department=True)
    await change_vehicle(pool, ANNA, van, 1, a_van(department="Mijø"))
    # What a vehicle has already, it keeps without a question.
    await change_vehicle(pool, ANNA, van, 2, a_van(department="Mijø", make="Volkswagen"))


async def test_many_are_changed_at_once_or_none(pool: Pool, van: str) -> None:
    other = await add_vehicle(pool, ANNA, a_van("Vogn 13", plate="AB12346"))
    seen = {van: 1, other: 1}
    values = {VehicleField.DEPOT: "raad", VehicleField.DEPARTMENT: "Miljø"}
    assert await change_vehicles(pool, ANNA, seen, values, new_department=True) == 2
    assert {v.depot_name for v in await vehicles(pool)} == {"Rådhuset"}
    assert (await history(pool, other))[0] == (
        "Anna",
        {"depot_id": "raad", "department": "Miljø"},
    )
    with pytest.raises(ChangedMeanwhileError) as refused:
        await change_vehicles(pool, ANNA, {van: 2, other: 1}, {VehicleField.DEPOT: "park"})
    assert [one.vehicle_id for one in refused.value.present] == [other]
    ends = {VehicleField.CONTRACT_END: date(2020, 1, 1)}
    with pytest.raises(DetailsRefusedError, match="Vogn 12"):
        await change_vehicles(pool, ANNA, {van: 2, other: 2}, ends)
    assert {v.depot_name for v in await vehicles(pool)} == {"Rådhuset"}


async def test_a_retired_vehicle_leaves_the_fleet_on_its_day_and_keeps_its_past(
    pool: Pool, van: str
) -> None:
    await pool.execute("INSERT INTO device (device, vehicle_id) VALUES ('d1', $1)", van)
    today = local_now().date()
    await retire_vehicle(pool, ANNA, van, today + timedelta(days=1))
    assert [one.vehicle_id for one in await vehicles(pool)] == [van]
    await retire_vehicle(pool, ANNA, van, today)
    assert await vehicles(pool) == []
    assert len(await vehicles(pool, on=today - timedelta(days=1))) == 1
    (past,) = await vehicles(pool, VehicleFilter(vehicle_id=van))
    assert past.retired_at == today
    (tracker,) = await trackers(pool, ContactLimits(3, 120, 24), local_now())
    assert tracker.vehicle_id is None
    # Its registration number may be another's, and then it cannot simply come back.
    await add_vehicle(pool, ANNA, a_van("Vogn 14"))
    with pytest.raises(PlateTakenError, match="Vogn 14"):
        await take_back_vehicle(pool, ANNA, van)
    await change_vehicle(
        pool, ANNA, van, (await the_vehicle(pool, van)).revision, a_van(plate="AB99999")
    )
    await take_back_vehicle(pool, ANNA, van)
    assert (await history(pool, van))[0] == ("Anna", {"retired_at": None})
    assert len(await vehicles(pool)) == 2


async def test_no_vehicle_left_before_its_first_day(pool: Pool, van: str) -> None:
    registered = a_van().first_registered
    assert registered is not None
    far = timedelta(days=1)
    with pytest.raises(RetiredDayError) as refused:
        await retire_vehicle(pool, ANNA, van, registered - far)
    assert refused.value.first == registered
    await retire_vehicle(pool, ANNA, van, registered)
    await take_back_vehicle(pool, ANNA, van)
    # A log has it drive from this day on.
    heard = registered + timedelta(days=100)
    await pool.execute("INSERT INTO logged_span VALUES ($1, $2, $2)", van, heard)
    with pytest.raises(RetiredDayError) as refused:
        await retire_vehicle(pool, ANNA, van, heard - far)
    assert refused.value.first == heard
    with pytest.raises(RetiredDayError):
        await retire_vehicle(pool, ANNA, van, LATEST_DAY + far)
    assert (await the_vehicle(pool, van)).retired_at is None


async def test_who_may_not_change_the_register_or_a_department_changes_nothing(
    pool: Pool, van: str
) -> None:
    reader = Actor("Reader", frozenset({Permission.FIGURES_READ}))
    head = Actor("Head", frozenset({Permission.REGISTER_CHANGE}), frozenset({"Miljø"}))
    for actor in (reader, head):
        for act in (
            add_vehicle(pool, actor, a_van("Vogn 13", plate=None)),
            change_vehicle(pool, actor, van, 1, a_van(department="Miljø")),
            change_vehicles(pool, actor, {van: 1}, {VehicleField.DEPARTMENT: "Miljø"}),
            retire_vehicle(pool, actor, van, date(2026, 1, 1)),
        ):
            with pytest.raises(NotAllowedError):
                await act
    assert (await the_vehicle(pool, van)).revision == 1


async def test_of_two_who_register_a_number_at_once_one_is_refused(pool: Pool) -> None:
    await put_depots(pool)
    found = await asyncio.gather(
        *(add_vehicle(pool, ANNA, a_van(f"Vogn {n}")) for n in range(4)), return_exceptions=True
    )
    assert found.count("AB12345") == 1
    assert [type(one) for one in found if one != "AB12345"] == [PlateTakenError] * 3
