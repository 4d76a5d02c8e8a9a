"""Loads a fleet list, CSV or Excel, into the database: one vehicle a row.

Headings are those of `COLUMNS`, in Danish or English. Depots must be there already; a kind that is
only in the starter catalogue is taken into use. A list with a wrong row is refused as a whole, with
every wrong row named, so that it can be put right and sent again.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from costs.catalogue import CatalogueKind, starter_catalogue
from costs.catalogue_stored import read_catalogue
from db.connect import Pool
from fleet.files.cells import Cell, FileTable, read_cells
from fleet.files.notation import AmbiguousNumberError, DecimalSign, marks_in, number_text
from fleet.files.own_process import ReadingBounds
from fleet.files.refusal import FileRefusedError
from fleet.localtime import FIRST_YEAR, LAST_YEAR
from fleet.position import SENSOR_BOUNDS
from register.register_file import ListedVehicle, RegisterError, put_fleet, words
from register.zones_stored import depots as read_depots

Found = TypeVar("Found")

#: What each column may be called.
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


def read_fleet_list(
    path: Path,
    trip_classes: Collection[str],
    bounds: ReadingBounds,
    depots: Mapping[str, str] | None = None,
    kinds: Mapping[str, CatalogueKind] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> list[ListedVehicle]:
    """The vehicles of a list. A vehicle may be of one of the `trip_classes`; `bounds` are those of
    the file.

    `depots` are ids by what people call them; so are `kinds`. None: they are what the list calls
    them. `say` is told how the file was read, where that is not plain.

    Raises:
        RegisterError: the file cannot be read, lacks a column, or has wrong rows; all are named.
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
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = {name: cells[i].strip() if i < len(cells) else "" for name, i in place.items()}
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
) -> int:
    """Put a fleet list into the database; returns how many vehicles it has. `say` is told how the
    file was read, where that is not plain.

    Raises:
        RegisterError: as `read_fleet_list`.
    """
    depots: dict[str, str] = {}
    for depot in await read_depots(pool):
        depots |= {depot.name.casefold(): depot.depot_id, depot.depot_id: depot.depot_id}
    own = {kind.kind: kind for kind in await read_catalogue(pool)}
    every = {kind.kind: kind for kind in starter_catalogue()} | own
    kinds = {kind.name.casefold(): kind for kind in every.values()} | every
    vehicles = read_fleet_list(path, trip_classes, bounds, depots, kinds, say)
    new = sorted({vehicle.kind for vehicle in vehicles} - own.keys())
    await put_fleet(pool, [every[name] for name in new], vehicles)
    return len(vehicles)


def _vehicle(
    row: Mapping[str, str],
    trip_classes: Collection[str],
    depots: Mapping[str, str] | None,
    kinds: Mapping[str, CatalogueKind] | None,
    decimals: DecimalSign,
) -> ListedVehicle:
    """Raises ValueError, naming the column and what it holds."""
    for name in REQUIRED:
        if not row[name]:
            raise ValueError(f"{name}: is empty")
    kind = None if kinds is None else _known(row, "kind", kinds)
    trip_class = row.get("trip_class") or None
    if trip_class is not None and trip_class not in trip_classes:
        raise ValueError(f"class: there is no {trip_class!r}")
    needs = tuple(words(row["needs"])) if row.get("needs") else None
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


def _known(row: Mapping[str, str], name: str, known: Mapping[str, Found]) -> Found:
    found = known.get(row[name], known.get(row[name].casefold()))
    if found is None:
        raise ValueError(f"{name}: there is no {row[name]!r}")
    return found


def _read(row: Mapping[str, str], name: str, convert: Callable[[str], Found]) -> Found | None:
    text = row.get(name, "")
    if not text:
        return None
    try:
        return convert(text)
    except _BeyondError as beyond:
        raise ValueError(f"{name}: {text[:60]!r} {beyond}") from None
    except AmbiguousNumberError as error:
        raise ValueError(f"{name}: {error}") from None
    except ValueError:
        raise ValueError(f"{name}: {text[:60]!r} cannot be read") from None


class _BeyondError(ValueError):
    """What can be read and makes no sense. The message says what would."""


def _date(text: str) -> date:
    """2028-04-30, or 30-04-2028, 30.04.2028 or 30/04/2028 as in Danish."""
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
    """The decimal sign of a list. Those who keep one in a workbook write Danish; commas that part
    columns tell nothing of them."""
    cells = () if mileage is None else (row[mileage] for row in table.rows if mileage < len(row))
    return DecimalSign("" if table.presumed_sign == "." else ",", marks_in(cells))


def _table(path: Path, bounds: ReadingBounds, say: Callable[[str], None]) -> FileTable:
    """All rows, the headings first; those of the first sheet of a workbook."""
    try:
        return read_cells(path.name, path.read_bytes(), bounds, say)
    except OSError as error:
        raise RegisterError(f"{path}: {error.strerror}") from None
    except FileRefusedError as error:
        raise RegisterError(f"{path}: {error}") from None


def _text(cell: Cell) -> str:
    """A cell of a workbook as people would type it."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
