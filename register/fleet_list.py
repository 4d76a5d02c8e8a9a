"""Loads a fleet list, CSV or Excel, into the database: one vehicle per row.

`COLUMNS` has the headings, in Danish and English. The depots must exist already; the loader adds a
kind that is only in the starter catalogue. It refuses a list with a wrong row as a whole and names
every wrong row, so that a person can correct the list and send it again.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from costs.catalogue import CatalogueKind, starter_catalogue
from costs.catalogue_stored import read_catalogue
from db.connect import Pool
from fleet.files.cells import Cell, FileTable, read_cells
from fleet.files.notation import (
    AmbiguousNumberError,
    DecimalSign,
    OddNumberError,
    decimals_of_amounts,
    marks_counted,
    number_text,
)
from fleet.files.own_process import ReadingBounds
from fleet.files.refusal import FileRefusedError
from fleet.localtime import FIRST_YEAR, LAST_YEAR
from fleet.position import SENSOR_BOUNDS
from register.inventory.import_plan import ListedDoubts
from register.inventory.list_rows import no_vehicle
from register.register_file import ListedVehicle, RegisterError, put_fleet, split_words
from register.zones_stored import depots as read_depots

Value = TypeVar("Value")

#: The headings that each column may have.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "vehicle_id": ("vehicle_id", "køretøj", "id"),
    "name": ("name", "navn"),
    "kind": ("kind", "type"),
    "department": ("department", "afdeling"),
    "depot": ("depot",),
    "device": ("device", "chip"),
    "contract_end": ("contract_end", "kontrakt udløber"),
    "measured_in": ("measured_in", "måles i"),
    "trip_class": ("class", "klasse"),
    "mileage_km": ("mileage_km", "km-stand"),
    "needs": ("needs", "krav"),
}
REQUIRED = ("vehicle_id", "kind", "department", "depot")
MEASURED_IN = {"": "km", "km": "km", "hours": "hours", "timer": "hours"}


@dataclass(frozen=True, slots=True)
class LoadedList:
    """The number of vehicles in a list, and what a person should look at."""

    vehicles: int
    doubts: ListedDoubts


def read_fleet_list(
    path: Path,
    trip_classes: Collection[str],
    bounds: ReadingBounds,
    depots: Mapping[str, str] | None = None,
    kinds: Mapping[str, CatalogueKind] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> list[ListedVehicle]:
    """The vehicles of a list.

    Args:
        path: the file.
        trip_classes: the trip classes that a vehicle may have.
        bounds: the bounds on the size of the file.
        depots: ids of depots by id and by name in lower case; None takes the text as the id.
        kinds: kinds by id and by name in lower case; None takes the text as the id.
        say: gets a note on each doubtful reading of the file.

    Raises:
        RegisterError: the file cannot be read, lacks a column, or has wrong rows; the message names
            all of them. Rows of sums and headings of groups are no vehicles, and are told.
    """
    table = _table(path, bounds, say)
    headings, *rows = [[_text(cell) for cell in row] for row in table.rows]
    place = {
        name: headings_lower.index(known)
        for headings_lower in [[heading.strip().lower() for heading in headings]]
        for name, alternatives in COLUMNS.items()
        for known in alternatives
        if known in headings_lower
    }
    missing = [name for name in REQUIRED if name not in place]
    if missing:
        raise RegisterError(f"{path}: no column {', '.join(missing)}")
    decimals = _decimals(table, place.get("mileage_km"))
    for note in decimals.notes():
        say(note)
    found: list[ListedVehicle] = []
    wrong: list[str] = []
    seen: set[str] = set()
    for number, cells in enumerate(rows, start=table.heading_row + 1):
        if not any(cell.strip() for cell in cells):
            continue
        row = {name: cells[i].strip() if i < len(cells) else "" for name, i in place.items()}
        filled = [cell for cell in cells if cell.strip()]
        names = [row["vehicle_id"], row.get("name", "")]
        is_spanned = number in table.spanned
        if no_vehicle(names, filled, len(place), is_spanned=is_spanned) is not None:
            say(f"Row {number} is no vehicle and is left out: {filled[0]}")
            continue
        try:
            vehicle = _vehicle(row, trip_classes, depots, kinds, decimals)
            if vehicle.vehicle_id in seen:
                raise ValueError(f"vehicle_id: {vehicle.vehicle_id!r} occurs twice")  # noqa: TRY301
            seen.add(vehicle.vehicle_id)
            found.append(vehicle)
        except ValueError as error:
            wrong.append(f"row {number}: {error}")
    if wrong:
        raise RegisterError(f"{path}: nothing is loaded: {'; '.join(wrong)}")
    return found


async def load_fleet_list(
    pool: Pool,
    path: Path,
    trip_classes: Collection[str],
    bounds: ReadingBounds,
    say: Callable[[str], None] = lambda _: None,
) -> LoadedList:
    """Put a fleet list into the database.

    `say` gets a note on each doubtful reading of the file.

    Raises:
        RegisterError: as `read_fleet_list`.
    """
    depots: dict[str, str] = {}
    for depot in await read_depots(pool):
        depots |= {depot.name.casefold(): depot.depot_id, depot.depot_id: depot.depot_id}
    in_use = {kind.kind: kind for kind in await read_catalogue(pool)}
    by_id = {kind.kind: kind for kind in starter_catalogue()} | in_use
    kinds = {kind.name.casefold(): kind for kind in by_id.values()} | by_id
    vehicles = read_fleet_list(path, trip_classes, bounds, depots, kinds, say)
    new = sorted({vehicle.kind for vehicle in vehicles} - in_use.keys())
    doubts = await put_fleet(pool, [by_id[name] for name in new], vehicles)
    return LoadedList(len(vehicles), doubts)


def _vehicle(
    row: Mapping[str, str],
    trip_classes: Collection[str],
    depots: Mapping[str, str] | None,
    kinds: Mapping[str, CatalogueKind] | None,
    decimals: DecimalSign,
) -> ListedVehicle:
    """The vehicle in a row.

    Raises:
        ValueError: a cell is wrong; the message names the column and its text.
    """
    for name in REQUIRED:
        if not row[name]:
            raise ValueError(f"{name}: is empty")
    kind = None if kinds is None else _known(row, "kind", kinds)
    trip_class = row.get("trip_class") or None
    if trip_class is not None and trip_class not in trip_classes:
        raise ValueError(f"class: there is no {trip_class!r}")
    needs = tuple(split_words(row["needs"])) if row.get("needs") else None
    beyond = set[str]() if kind is None else set(needs or ()) - kind.offers
    if kind is not None and beyond:
        raise ValueError(f"needs: {kind.name} does not offer {', '.join(sorted(beyond))}")
    measured_in = MEASURED_IN.get(row.get("measured_in", "").lower())
    if measured_in is None:
        raise ValueError(f"measured_in: {row['measured_in']!r} is neither km nor hours")
    return ListedVehicle(
        vehicle_id=row["vehicle_id"],
        name=row.get("name") or row["vehicle_id"],
        kind=row["kind"] if kind is None else kind.kind,
        department=row["department"],
        depot=row["depot"] if depots is None else _known(row, "depot", depots),
        device=row.get("device") or None,
        contract_end=_read(row, "contract_end", _date),
        measured_in=measured_in,
        trip_class=trip_class,
        mileage_km=_read(row, "mileage_km", lambda text: _km(text, decimals)),
        needs=needs,
    )


def _known(row: Mapping[str, str], name: str, known: Mapping[str, Value]) -> Value:
    found = known.get(row[name], known.get(row[name].casefold()))
    if found is None:
        raise ValueError(f"{name}: there is no {row[name]!r}")
    return found


def _read(row: Mapping[str, str], name: str, convert: Callable[[str], Value]) -> Value | None:
    text = row.get(name, "")
    if not text:
        return None
    try:
        return convert(text)
    except _BeyondError as beyond:
        raise ValueError(f"{name}: {text[:60]!r} {beyond}") from None
    except (AmbiguousNumberError, OddNumberError) as error:
        raise ValueError(f"{name}: {error}") from None
    except ValueError:
        raise ValueError(f"{name}: {text[:60]!r} cannot be read") from None


class _BeyondError(ValueError):
    """A value can be read and makes no sense. The message states the possible values."""


def _date(text: str) -> date:
    """The day in a text such as 2028-04-30, or as in Danish 30-04-2028, 30.04.2028, 30/04/2028."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        plain = text.replace(".", "-").replace("/", "-")
        day = datetime.strptime(plain, "%d-%m-%Y").date()  # noqa: DTZ007 - a day has no zone
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _BeyondError(f"is not within the years {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _km(text: str, decimals: DecimalSign) -> float:
    km = float(decimals.plain(number_text(text)))
    low, high = SENSOR_BOUNDS["odometer_km"]
    if not low <= km <= high:
        raise _BeyondError(f"is not between {low:,.0f} and {high:,.0f}")
    return km


def _decimals(table: FileTable, mileage: int | None) -> DecimalSign:
    """The decimal sign of the odometers of a list.

    People who keep a list in a workbook write Danish numbers. Where commas separate the columns,
    they tell nothing about the decimal sign.
    """
    cells = () if mileage is None else (row[mileage] for row in table.rows if mileage < len(row))
    presumed = "" if table.presumed_sign == "." else ","
    return decimals_of_amounts(presumed, marks_counted(cells))


def _table(path: Path, bounds: ReadingBounds, say: Callable[[str], None]) -> FileTable:
    """All rows of the file, or of the first sheet of a workbook, the headings first."""
    try:
        return read_cells(path.name, path.read_bytes(), bounds, say)
    except OSError as error:
        raise RegisterError(f"{path}: {error.strerror}") from None
    except FileRefusedError as error:
        raise RegisterError(f"{path}: {error}") from None


def _text(cell: Cell) -> str:
    """The text of a workbook's cell as people would type it."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
