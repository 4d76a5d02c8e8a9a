"""A register file into the database: depots, kinds of vehicle, vehicles with their devices.

The file is JSON with `depots`, `catalogue` (kinds on offer) and `vehicles`; every vehicle carries
the figures of its kind, as a fleet list does. `flaade simulate` writes one.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from db.connect import Pool
from db.statements import statements
from fleet.vehicle import Energy
from ingest.registry import enrol_device

SQL = statements("register")

AtLeastZero = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=128)]


class RegisterError(ValueError):
    """The file is not a register. The message names the field and the reason."""


class _Row(BaseModel):
    # Files hold more than we keep, such as how a simulation was made.
    model_config = ConfigDict(extra="ignore", frozen=True)


class DepotRow(_Row):
    """Where vehicles belong: a circle, degrees and metres."""

    id: Name
    name: Name
    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]
    radius_m: Annotated[float, Field(gt=0)]


class KindRow(_Row):
    """A kind of vehicle on offer; units as in the `vehicle_kind` table."""

    type: Name
    energy: Energy
    offers: str
    fixed_kr_year: AtLeastZero
    kr_km: AtLeastZero
    co2_g_km: AtLeastZero
    range_km: Annotated[float, Field(gt=0)] | None
    charge_km_h: AtLeastZero | None
    source: str


class VehicleRow(_Row):
    """A vehicle with the figures of its kind."""

    vehicle_id: Name
    device: Name | None
    name: Name
    kind: Name
    department: Name
    pool: Name
    energy: Energy
    offers: str
    fixed_kr_year: AtLeastZero
    kr_km: AtLeastZero
    co2_g_km: AtLeastZero
    range_km: Annotated[float, Field(gt=0)] | None
    charge_km_h: AtLeastZero | None
    contract_end: date | None
    unit: Literal["km", "hours"]
    source: str


class Register(_Row):
    """The content of a register file."""

    depots: tuple[DepotRow, ...]
    catalogue: tuple[KindRow, ...]
    vehicles: tuple[VehicleRow, ...]


def read_register(path: Path) -> Register:
    """The register in a file.

    Raises:
        RegisterError: it cannot be read, a field is missing or wrong, or a depot is unknown.
    """
    try:
        register = Register.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RegisterError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RegisterError(f"{path}: {field}: {first['msg']}") from None
    depots = {depot.id for depot in register.depots}
    for vehicle in register.vehicles:
        if vehicle.pool not in depots:
            raise RegisterError(
                f"{path}: vehicle {vehicle.vehicle_id}: there is no depot {vehicle.pool}"
            )
    return register


async def load_register(pool: Pool, register: Register) -> None:
    """Put the register into the database; what is there already is brought up to date."""
    async with pool.acquire() as connection, connection.transaction():
        for depot in register.depots:
            await connection.execute(
                SQL["put_depot"], depot.id, depot.name, depot.lat, depot.lon, depot.radius_m
            )
        offered = {kind.type for kind in register.catalogue}
        owned = {v.kind: v for v in register.vehicles if v.kind not in offered}
        for name, kind in [*owned.items(), *((k.type, k) for k in register.catalogue)]:
            await connection.execute(
                SQL["put_kind"],
                name,
                name[:1].upper() + name[1:],
                kind.energy,
                [offer for offer in kind.offers.split(";") if offer],
                kind.fixed_kr_year,
                kind.kr_km,
                kind.co2_g_km,
                kind.range_km,
                kind.charge_km_h,
                name in offered,
                kind.source,
            )
        for vehicle in register.vehicles:
            await connection.execute(
                SQL["put_vehicle"],
                vehicle.vehicle_id,
                vehicle.name,
                vehicle.kind,
                vehicle.department,
                vehicle.pool,
                vehicle.contract_end,
                vehicle.unit,
            )
    for vehicle in register.vehicles:
        if vehicle.device is not None:
            await enrol_device(pool, vehicle.device, vehicle.vehicle_id)
