"""The register of vehicles for programs: `/v1/vehicles`."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Day,
    Name,
    Nothing,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    Revision,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import page_of
from db.connect import Pool
from fleet.actor import Permission
from fleet.localtime import local_now
from fleet.vehicle import Energy
from optimiser.ledger.tasks import take_back_vehicle
from register.inventory.changes import (
    add_vehicle,
    change_vehicle,
    retire_vehicle,
)
from register.inventory.details import VehicleDetails, VehicleField, plain_plate, plain_text
from register.inventory.stored import RegisteredVehicle, registered_vehicle, registered_vehicles
from register.vehicles import NoVehicleError, refuse_other_departments

Plate = Annotated[str, Field(max_length=20, pattern=r"^[^\x00]*$")]
Number = Annotated[float, Field(allow_inf_nan=False)]
Measure = Literal["km", "hours"]
FleetState = Literal["in_fleet", "retired", "all"]


class VehiclesQuery(PageQuery):
    """Which vehicles: of a department, a depot, a kind; those in the fleet, retired, or all."""

    department: Name | None = None
    depot_id: Name | None = None
    kind: Name | None = None
    state: FleetState = "in_fleet"


class _Details(RequestBody):
    """The details that a vehicle may have; null stands for what is not known."""

    plate: Plate | None = None
    make: Name | None = None
    model: Name | None = None
    model_year: int | None = None
    first_registered: Day | None = None
    contract_start: Day | None = None
    contract_end: Day | None = None
    contract_km: Number | None = None
    cost_kr_year: Number | None = None
    sale_value_kr: Number | None = None
    exit_cost_kr: Number | None = None
    mileage_km: Number | None = None
    mileage_day: Day | None = None
    kind_name: Told = None
    energy: Told = None
    depot_name: Told = None
    retired_at: Told = None

    def plain(self) -> dict[VehicleField, object]:
        """The given details, as the register has them."""
        given = {field: getattr(self, field) for field in VehicleField if field in self._given()}
        for field, value in given.items():
            if isinstance(value, str):
                plain = plain_plate if field is VehicleField.PLATE else plain_text
                given[field] = plain(value) or None
        return given

    def _given(self) -> set[str]:
        return self.model_fields_set


class NewVehicle(_Details):
    """A vehicle that is added. Without an `id` it gets one that is made of its registration number
    or its name. A `department` that no vehicle of the fleet is of is refused until it is sent with
    `new_department`."""

    model_config = example(
        name="Vej og Park 7",
        plate="AB 12 345",
        kind="elvarebil-lille",
        department="Vej og Park",
        depot_id="raadhuset",
        contract_end="2028-12-31",
    )

    id: Name | None = None
    name: Name
    kind: Name
    department: Name
    depot_id: Name
    measured_in: Measure = "km"
    new_department: bool = False
    revision: Told = None


class VehicleChange(_Details):
    """Other details of a vehicle; what is absent stays. `revision` is that of the vehicle as the
    program read it: if somebody else has changed it since, nothing is changed. A `department` that
    no vehicle of the fleet is of is refused until it is sent with `new_department`."""

    model_config = example(revision=1, mileage_km=48_200, mileage_day="2026-11-27")

    revision: Revision
    id: Told = None
    name: Name | None = None
    kind: Name | None = None
    department: Name | None = None
    depot_id: Name | None = None
    measured_in: Measure | None = None
    new_department: bool = False


class Retirement(RequestBody):
    """The first local day on which a vehicle is no longer in the fleet (absent: today)."""

    model_config = example(since="2027-01-01")

    since: Day | None = None


class Vehicle(ResponseBody):
    """A vehicle of the register; null stands for what is not known. From the day `retired_at` on it
    is not in the fleet."""

    id: str
    revision: int
    name: str
    plate: str | None
    make: str | None
    model: str | None
    model_year: int | None
    first_registered: date | None
    kind: str
    kind_name: str
    energy: Energy
    department: str
    depot_id: str
    depot_name: str
    measured_in: str
    contract_start: date | None
    contract_end: date | None
    contract_km: float | None
    cost_kr_year: float | None
    sale_value_kr: float | None
    exit_cost_kr: float | None
    mileage_km: float | None
    mileage_day: date | None
    retired_at: date | None


class Vehicles(PageBody):
    """Vehicles of the register, in the order of their ids."""

    items: list[Vehicle]


async def list_vehicles(call: Call[VehiclesQuery]) -> Vehicles:
    asked, today, seen = call.asked, local_now().date(), call.actor.departments
    chosen = [
        one
        for one in await registered_vehicles(call.pool)
        if asked.department in (None, one.details.department)
        and asked.depot_id in (None, one.details.depot_id)
        and asked.kind in (None, one.details.kind)
        and (asked.state == "all" or one.is_in_fleet(today) == (asked.state == "in_fleet"))
        and (seen is None or one.details.department in seen)
    ]
    items, more = page_of(chosen, asked, lambda one: one.vehicle_id)
    return Vehicles(items=[_told(one) for one in items], next=more)


async def show_vehicle(call: Call[Query]) -> Vehicle:
    vehicle_id = call.name("vehicle")
    await refuse_other_departments(call.pool, call.actor, vehicle_id)
    return await _vehicle(call.pool, vehicle_id)


async def add(call: Call[NewVehicle]) -> Vehicle:
    empty = VehicleDetails(name="", kind="", department="", depot_id="")
    details = empty.with_values(call.asked.plain())
    vehicle_id = await add_vehicle(
        call.pool, call.actor, details, call.asked.id, new_department=call.asked.new_department
    )
    return await _vehicle(call.pool, vehicle_id)


async def change(call: Call[VehicleChange]) -> Vehicle:
    vehicle_id = call.name("vehicle")
    found = await _registered(call.pool, vehicle_id)
    details = found.details.with_values(call.asked.plain())
    asked = call.asked
    await change_vehicle(
        *(call.pool, call.actor, vehicle_id, asked.revision, details),
        new_department=asked.new_department,
    )
    return await _vehicle(call.pool, vehicle_id)


async def retire(call: Call[Retirement]) -> Vehicle:
    vehicle_id, since = call.name("vehicle"), call.asked.since or local_now().date()
    await retire_vehicle(call.pool, call.actor, vehicle_id, since)
    return await _vehicle(call.pool, vehicle_id)


async def take_back(call: Call[Nothing]) -> Vehicle:
    vehicle_id = call.name("vehicle")
    await take_back_vehicle(call.pool, call.actor, vehicle_id)
    return await _vehicle(call.pool, vehicle_id)


async def _vehicle(pool: Pool, vehicle_id: str) -> Vehicle:
    return _told(await _registered(pool, vehicle_id))


async def _registered(pool: Pool, vehicle_id: str) -> RegisteredVehicle:
    """A vehicle of the register.

    Raises:
        NoVehicleError: there is no such vehicle.
    """
    found = await registered_vehicle(pool, vehicle_id)
    if found is None:
        raise NoVehicleError(vehicle_id)
    return found


def _told(one: RegisteredVehicle) -> Vehicle:
    return Vehicle(
        id=one.vehicle_id,
        revision=one.revision,
        kind_name=one.kind_name,
        energy=one.energy,
        depot_name=one.depot_name,
        retired_at=one.retired_at,
        **{field.value: one.details.of(field) for field in VehicleField},
    )


_ONE = "/v1/vehicles/{vehicle}"

VEHICLES = (
    Operation(
        "GET",
        "/v1/vehicles",
        Permission.FIGURES_READ,
        mark("The vehicles of the register"),
        VehiclesQuery,
        Vehicles,
        list_vehicles,
    ),
    Operation(
        "POST",
        "/v1/vehicles",
        Permission.REGISTER_CHANGE,
        mark("Add a vehicle"),
        NewVehicle,
        Vehicle,
        add,
        located="/v1/vehicles/{id}",
        conflict="another vehicle has the id or the registration number",
    ),
    Operation(
        "GET", _ONE, Permission.FIGURES_READ, mark("One vehicle"), Query, Vehicle, show_vehicle
    ),
    Operation(
        "PATCH",
        _ONE,
        Permission.REGISTER_CHANGE,
        mark("Change details of a vehicle"),
        VehicleChange,
        Vehicle,
        change,
        conflict="somebody changed it meanwhile, or another vehicle has the registration number",
    ),
    Operation(
        "POST",
        "/v1/vehicles/{vehicle}/retire",
        Permission.REGISTER_CHANGE,
        mark("Retire a vehicle; its past stays"),
        Retirement,
        Vehicle,
        retire,
    ),
    Operation(
        "POST",
        "/v1/vehicles/{vehicle}/take-back",
        Permission.REGISTER_CHANGE,
        mark("Take a retired vehicle back into the fleet"),
        Nothing,
        Vehicle,
        take_back,
        conflict="another vehicle has its registration number by now",
    ),
)
