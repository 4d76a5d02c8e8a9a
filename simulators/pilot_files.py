"""A generated pilot as files in one directory.

- `positions.parquet`: the positions that the trackers sent, columns of
  `simulators.tracking.SCHEMA`.
- `register.json`: `start`, `weeks`, `seed`, `vehicles`, `depots`, `catalogue` and `silences`,
  with the fields of `Pilot`, `PilotVehicle`, `PilotDepot`, `PilotKind` and `Silence`.
- `legs.parquet`, `round_trips.parquet`: the exact drives, columns of `simulators.truth`.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from fleet.files.refusal import TableError
from fleet.files.tables import read_table
from simulators.kind import PilotKind
from simulators.pilot import Pilot
from simulators.register import PilotDepot, PilotVehicle
from simulators.tracking import SCHEMA
from simulators.truth import LEGS, ROUND_TRIPS, Silence

POSITIONS_FILE = "positions.parquet"
REGISTER_FILE = "register.json"
LEGS_FILE = "legs.parquet"
ROUND_TRIPS_FILE = "round_trips.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Register:
    start: date
    weeks: int
    seed: int
    vehicles: tuple[PilotVehicle, ...]
    depots: tuple[PilotDepot, ...]
    catalogue: tuple[PilotKind, ...]
    silences: tuple[Silence, ...]


_REGISTER = TypeAdapter(_Register)


def write_pilot(pilot: Pilot, directory: Path) -> None:
    """Writes the pilot's files into `directory`, which it creates, and replaces older ones.

    Raises:
        OSError: the directory cannot be created or written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    register = _Register(
        start=pilot.start,
        weeks=pilot.weeks,
        seed=pilot.seed,
        vehicles=pilot.vehicles,
        depots=pilot.depots,
        catalogue=pilot.catalogue,
        silences=pilot.silences,
    )
    (directory / REGISTER_FILE).write_bytes(_REGISTER.dump_json(register, indent=1))
    tables = {
        POSITIONS_FILE: pilot.positions,
        LEGS_FILE: pilot.legs,
        ROUND_TRIPS_FILE: pilot.round_trips,
    }
    for name, table in tables.items():
        # Opened here, for pyarrow takes no name that is not UTF-8.
        with (directory / name).open("wb") as file:
            pq.write_table(table, file)  # pyright: ignore[reportUnknownMemberType]


def read_pilot(directory: Path) -> Pilot:
    """The pilot that `write_pilot` wrote into `directory`.

    Raises:
        TableError: a file is missing or is not what it should be.
    """
    path = directory / REGISTER_FILE
    if not path.is_file():
        raise TableError(f"{path}: no such file")
    try:
        register = _REGISTER.validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise TableError(f"{path}: {where}: {first['msg']}") from None
    return Pilot(
        start=register.start,
        weeks=register.weeks,
        seed=register.seed,
        vehicles=register.vehicles,
        depots=register.depots,
        catalogue=register.catalogue,
        silences=register.silences,
        positions=read_table(directory / POSITIONS_FILE, SCHEMA.names),
        legs=read_table(directory / LEGS_FILE, LEGS.names),
        round_trips=read_table(directory / ROUND_TRIPS_FILE, ROUND_TRIPS.names),
    )
