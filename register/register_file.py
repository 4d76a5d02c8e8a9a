"""Loads a register file into the database: depots, kinds of vehicle, vehicles with their devices.

The file is JSON with `depots`, `catalogue` (kinds on offer) and `vehicles`; every vehicle has the
figures of its kind. `flaade simulate` writes such a file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, from_json

from costs.catalogue import FIGURES_MAX, CatalogueError, CatalogueKind, Specification, StatedFigures
from costs.catalogue_stored import kinds_changed_by_others, put_kind_within
from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor
from fleet.errors import ExpectedError
from fleet.localtime import FIRST_YEAR, LAST_YEAR, LOCAL_ZONE, local_now
from fleet.position import SENSOR_BOUNDS
from fleet.vehicle import Energy
from register.devices import enrol_device
from register.inventory.details import VehicleDetails
from register.inventory.import_plan import (
    ChangedVehicle,
    ListedDoubts,
    NewVehicle,
    RegisterIndex,
    listed_doubts,
)
from register.inventory.stored import RegisteredVehicle, registered_vehicles
from register.zones import RADIUS_MAX_M, Zone, ZoneKind, circle
from register.zones_stored import put_circles_within

SQL = statements("register")

#: The actor of changes that come with a register file.
REGISTER_ACTOR = Actor.trusted("register")

#: The tables of a file: the noun for a row of each, and the field that identifies the row.
_ROW_NAMES: Mapping[str, tuple[str, str]] = {
    "depots": ("depot", "id"),
    "catalogue": ("kind", "type"),
    "vehicles": ("vehicle", "vehicle_id"),
}

#: The most mistakes of a file that a message names.
ERRORS_SHOWN_MAX = 20
#: The most characters of a wrong value that a message shows.
VALUE_SHOWN_MAX = 60


def _at_least_0(most: float) -> Any:
    return Field(ge=0, le=most, allow_inf_nan=False)


def _above_0(most: float) -> Any:
    return Field(gt=0, le=most, allow_inf_nan=False)


KrYear = Annotated[float, _at_least_0(FIGURES_MAX["fixed_kr_year"])]
KrKm = Annotated[float, _at_least_0(FIGURES_MAX["kr_km"])]
RangeKm = Annotated[float, _above_0(FIGURES_MAX["range_km"])]
#: A day; strict, because pydantic would otherwise accept a number of seconds.
Day = Annotated[date, Field(strict=True, ge=date(FIRST_YEAR, 1, 1), le=date(LAST_YEAR, 12, 31))]
Name = Annotated[str, Field(min_length=1, max_length=128)]


class RegisterError(ExpectedError, ValueError):
    """A file is no register. The message names the field and the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVehicle:
    """A vehicle of a register file or of a fleet list; None where the file states nothing."""

    vehicle_id: str
    name: str
    kind: str
    department: str
    depot: str
    device: str | None
    contract_end: date | None
    measured_in: str
    trip_class: str | None
    mileage_km: float | None
    needs: tuple[str, ...] | None

    def details(self, before: VehicleDetails | None) -> VehicleDetails:
        """The details of the vehicle, those that the row does not state as they were `before`."""
        stands = before or VehicleDetails(name="", kind="", department="", depot_id="")
        return replace(
            stands,
            name=self.name,
            kind=self.kind,
            department=self.department,
            depot_id=self.depot,
            contract_end=self.contract_end,
            measured_in=self.measured_in,
            mileage_km=stands.mileage_km if self.mileage_km is None else self.mileage_km,
        )


class _Row(BaseModel):
    # A file may have further fields, such as the settings of a simulation.
    model_config = ConfigDict(extra="ignore", frozen=True)


class DepotRow(_Row):
    """A depot in a file: a circle, in degrees and metres."""

    id: Name
    name: Name
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    radius_m: Annotated[float, _above_0(RADIUS_MAX_M)]


class _KindColumns(_Row):
    """The figures of a kind; units as in the table `vehicle_kind`.

    With `use_km` (litres, kWh or kg per km in real traffic) and `upkeep_kr_km`, the product
    computes the cost and the CO2e of a km under the assumptions; without them the stated figures
    hold. `store` is litres or usable kWh. `wltp_range_km` is the range from which the planning
    range follows.
    """

    energy: Energy
    offers: str
    fixed_kr_year: KrYear
    kr_km: KrKm
    co2_g_km: Annotated[float, _at_least_0(FIGURES_MAX["co2_g_km"])]
    range_km: RangeKm | None
    charge_km_h: Annotated[float, _at_least_0(FIGURES_MAX["charge_km_h"])] | None
    use_km: Annotated[float, _at_least_0(FIGURES_MAX["real_use_100km"] / 100)] | None = None
    upkeep_kr_km: KrKm | None = None
    store: Annotated[float, _above_0(FIGURES_MAX["battery_kwh"])] | None = None
    charge_kw: Annotated[float, _above_0(FIGURES_MAX["charge_kw"])] | None = None
    wltp_range_km: RangeKm | None = None
    source: str

    def catalogue_kind(self, kind: str, *, offered: bool) -> CatalogueKind:
        """The kind as the catalogue has it."""
        figures: StatedFigures | Specification
        if self.use_km is None or self.upkeep_kr_km is None:
            figures = StatedFigures(
                fixed_kr_year=self.fixed_kr_year,
                kr_km=self.kr_km,
                co2_g_km=self.co2_g_km,
                range_km=self.range_km,
                charge_km_h=self.charge_km_h,
            )
        else:
            figures = Specification(
                yearly_kr=self.fixed_kr_year,
                service_kr_km=self.upkeep_kr_km,
                real_use_100km=self.use_km * 100,
                wltp_range_km=self.wltp_range_km,
                battery_kwh=None if self.wltp_range_km is None else self.store,
                charge_kw=self.charge_kw,
            )
        return CatalogueKind(
            kind=kind,
            name=kind[:1].upper() + kind[1:],
            energy=self.energy,
            offers=frozenset(split_words(self.offers)),
            offered=offered,
            figures=figures,
            source=self.source,
            year=datetime.now(LOCAL_ZONE).year,
        )


class KindRow(_KindColumns):
    """A kind of vehicle on offer."""

    type: Name


class VehicleRow(_KindColumns):
    """A vehicle with the figures of its kind.

    `trip_class` is a class of `trips/detect/vehicle_classes.toml`, and `mileage_km` its odometer.
    `needs` are the capabilities that its trips need; None means all that its kind offers.
    """

    vehicle_id: Name
    device: Name | None
    name: Name
    kind: Name
    department: Name
    pool: Name
    contract_end: Day | None
    unit: Literal["km", "hours"]
    trip_class: Name | None = None
    mileage_km: Annotated[float, _at_least_0(SENSOR_BOUNDS["odometer_km"][1])] | None = None
    needs: str | None = None

    def listed(self) -> ListedVehicle:
        """The vehicle without the figures of its kind."""
        return ListedVehicle(
            vehicle_id=self.vehicle_id,
            name=self.name,
            kind=self.kind,
            department=self.department,
            depot=self.pool,
            device=self.device,
            contract_end=self.contract_end,
            measured_in=self.unit,
            trip_class=self.trip_class,
            mileage_km=self.mileage_km,
            needs=None if self.needs is None else tuple(split_words(self.needs)),
        )


class Register(_Row):
    """The content of a register file."""

    depots: tuple[DepotRow, ...]
    catalogue: tuple[KindRow, ...]
    vehicles: tuple[VehicleRow, ...]


def split_words(cell: str) -> list[str]:
    """The words of a cell, which `;` separates, in order."""
    return sorted({word.strip() for word in cell.split(";")} - {""})


def read_register(path: Path) -> Register:
    """The register in a file.

    Raises:
        RegisterError: the file cannot be read, a field is missing or wrong, or a depot is unknown.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RegisterError(f"{path}: {error.strerror}") from None
    try:
        register = Register.model_validate_json(content)
    except ValidationError as error:
        wrong = [_mistake(one, content) for one in error.errors()[:ERRORS_SHOWN_MAX]]
        if error.error_count() > ERRORS_SHOWN_MAX:
            wrong.append(f"and {error.error_count() - ERRORS_SHOWN_MAX} more")
        raise RegisterError(f"{path}: nothing is loaded: {'; '.join(wrong)}") from None
    depots = {depot.id for depot in register.depots}
    for row in (*register.catalogue, *register.vehicles):
        name = row.type if isinstance(row, KindRow) else row.kind
        try:
            row.catalogue_kind(name, offered=True)
        except CatalogueError as error:
            raise RegisterError(f"{path}: kind {name}: {error}") from None
    for vehicle in register.vehicles:
        beyond = set(split_words(vehicle.needs or "")) - set(split_words(vehicle.offers))
        if beyond:
            raise RegisterError(
                f"{path}: vehicle {vehicle.vehicle_id}: needs: its kind does not offer "
                f"{', '.join(sorted(beyond))}"
            )
        if vehicle.pool not in depots:
            raise RegisterError(
                f"{path}: vehicle {vehicle.vehicle_id}: there is no depot {vehicle.pool}"
            )
    return register


def _mistake(error: ErrorDetails, content: bytes) -> str:
    """The words for a mistake: the vehicle, kind or depot, the field, the reason and the value."""
    match error["loc"]:
        case (str(table), int(index), *fields) if table in _ROW_NAMES:
            noun, id_field = _ROW_NAMES[table]
            row: object = from_json(content)[table][index]
            named = cast(dict[str, object], row).get(id_field) if isinstance(row, dict) else None
            where = f"{noun} {named if isinstance(named, str) else index + 1}"
            place = [where, ".".join(map(str, fields))]
        case loc:
            place = [".".join(map(str, loc))]
    value = repr(error["input"])
    is_plain = error["type"] != "missing" and not isinstance(error["input"], dict | list | bytes)
    shown = f" ({value[:VALUE_SHOWN_MAX]})" if is_plain else ""
    return ": ".join([*filter(None, place), error["msg"] + shown])


async def load_register(pool: Pool, register: Register, *, confirmed: bool = False) -> ListedDoubts:
    """Put a register into the database; existing rows get its values, and vehicles that are retired
    stay so. Returns what a person should look at.

    Raises:
        DoubtfulPlaceError: a depot is in a place that somebody must confirm; nothing is stored.
        RegisterError: it changes a vehicle that is retired; nothing is stored.
    """
    kinds = {v.kind: v.catalogue_kind(v.kind, offered=False) for v in register.vehicles}
    kinds |= {k.type: k.catalogue_kind(k.type, offered=True) for k in register.catalogue}
    # Kinds that a person changed on the pages stay as they are.
    put = sorted(kinds.keys() - await kinds_changed_by_others(pool, REGISTER_ACTOR))
    vehicles = [vehicle.listed() for vehicle in register.vehicles]
    depots = [
        circle(one.id, one.name, ZoneKind.DEPOT, one.lat, one.lon, one.radius_m)
        for one in register.depots
    ]
    return await put_fleet(
        pool, [kinds[name] for name in put], vehicles, depots, confirmed=confirmed
    )


def _planned(
    vehicles: Iterable[ListedVehicle], present: Iterable[RegisteredVehicle], today: date
) -> tuple[list[NewVehicle], list[ChangedVehicle]]:
    """The vehicles that a file adds, and those that it changes and in what.

    Raises:
        RegisterError: one that it changes is retired.
    """
    known = {one.vehicle_id: one for one in present}
    new: list[NewVehicle] = []
    changed: list[ChangedVehicle] = []
    retired: list[str] = []
    for row, one in enumerate(vehicles, start=1):
        before = known.get(one.vehicle_id)
        if before is None:
            new.append(NewVehicle(row, one.vehicle_id, one.details(None)))
            continue
        details = one.details(before.details)
        fields = tuple(before.details.changes_to(details))
        if fields and not before.is_in_fleet(today):
            retired.append(one.vehicle_id)
        elif fields:
            changed.append(ChangedVehicle(row, before, details, fields))
    if retired:
        raise RegisterError(
            "nothing is loaded: retired, and to be taken back first if they are in use:"
            f" {', '.join(retired)}"
        )
    return new, changed


async def put_fleet(
    pool: Pool,
    kinds: Iterable[CatalogueKind],
    vehicles: Sequence[ListedVehicle],
    depots: Sequence[Zone] = (),
    *,
    confirmed: bool = False,
) -> ListedDoubts:
    """Put depots, kinds and vehicles into the database, all or none; then enrol the trackers.
    Returns what a person should look at.

    Raises:
        DoubtfulPlaceError: as `load_register`.
        RegisterError: as `load_register`.
    """
    today = local_now().date()
    async with pool.acquire() as connection, connection.transaction():
        present = await registered_vehicles(connection)
        new, changed = _planned(vehicles, present, today)
        gone = {one.vehicle_id for one in present if not one.is_in_fleet(today)}
        vehicles = [one for one in vehicles if one.vehicle_id not in gone]
        await put_circles_within(connection, REGISTER_ACTOR, depots, confirmed=confirmed)
        for kind in kinds:
            await put_kind_within(connection, REGISTER_ACTOR, kind)
        held = {"vehicles": len(vehicles)}
        await record(connection, REGISTER_ACTOR, Act.IMPORTED, Subject.FILE, "register", held)
        for vehicle in vehicles:
            await connection.execute(
                SQL["put_vehicle"],
                vehicle.vehicle_id,
                vehicle.name,
                vehicle.kind,
                vehicle.department,
                vehicle.depot,
                vehicle.contract_end,
                vehicle.measured_in,
                vehicle.trip_class,
                vehicle.mileage_km,
                vehicle.needs,
            )
    for vehicle in vehicles:
        if vehicle.device is not None:
            await enrol_device(pool, REGISTER_ACTOR, vehicle.device, vehicle.vehicle_id)
    return listed_doubts(RegisterIndex(present, today), new, changed, today)
