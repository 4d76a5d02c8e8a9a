"""Reads a municipality's own driving log, CSV or Excel, as trips: each row is a trip, or is refused
with a reason.

Times without an offset are local. Numbers are read as Danes and as programs write them: `1.234,5`,
`12,5`, `12.5`. How `1.250` is read is decided by what the other distances show
(`fleet.files.notation`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import pyarrow as pa

from fleet.files.cells import FileTable, read_cells
from fleet.files.notation import (
    AmbiguousNumberError,
    DecimalSign,
    NotationMark,
    clock_notes,
    marks_by_column,
    number_text,
)
from fleet.files.own_process import ReadingBounds
from fleet.files.refusal import TableError
from fleet.localtime import LOCAL_ZONE
from fleet.moments import ClockChange, clock_change, moment_of
from trips.settings import TripSettings


class LogField(StrEnum):
    """The fields of a trip that a driving log must have a column for."""

    VEHICLE = "vehicle"
    START = "start"
    END = "end"
    KM = "km"


#: The words that headings of each field contain, Danish and English, the likeliest first.
HEADING_WORDS: Mapping[LogField, tuple[str, ...]] = {
    LogField.VEHICLE: (
        "køretøj",
        "vehicle",
        "regnr",
        "reg.nr",
        "registrering",
        "bil",
        "enhed",
        "device",
    ),
    LogField.START: ("start", "afgang", "fra", "departure", "begin"),
    LogField.END: ("slut", "ankomst", "hjemkomst", "til", "end", "arrival", "retur"),
    LogField.KM: ("km", "kilometer", "distance", "afstand", "kørt"),
}

NOTE_LOCAL = "Times without an offset are read as local time"

_SIGNS = frozenset({NotationMark.DECIMAL_COMMA, NotationMark.DECIMAL_POINT})

_OFFSET = re.compile(r"(Z|[-+]\d{2}(:?\d{2})?)\Z")


class RowReason(StrEnum):
    """The reason for which a row is refused, in English, with the names of a refusal's values in
    braces."""

    EMPTY = "{column} is empty"
    NO_VEHICLE = "there is no vehicle {value} in the register"
    NO_TIME = "{column}: {value} is not a date and a time"
    NO_NUMBER = "{column}: {value} is not a number"
    AMBIGUOUS = (
        "{column}: {value} is a number of thousands or has decimals, and the other distances do not"
        " show which; write it without the sign"
    )
    END_BEFORE_START = "the trip ends at or before its start"
    #: The trip ends at or before its start by the clock of that night, though not as its times are
    #: written.
    START_LEFT_OUT = (
        "{column}: {value} does not exist that night, when the clock is put forward, and was read"
        " as {read}; the trip ends then or before"
    )
    END_TWICE = (
        "{column}: {value} comes twice that night, when the clock is put back, and was read as the"
        " first, at or before the start; write it with its offset"
    )
    TOO_LONG = "the trip lasts more than {most} hours"
    KM_NEGATIVE = "the distance is below 0"
    TOO_FAST = "{km} km in {hours} hours is faster than {most} km/h"
    IN_FUTURE = "the trip ends in the future"
    TOO_EARLY = "{column}: {value} is before {earliest}"
    TOO_MANY_DAYS = (
        "{column}: {value} is more than {days} days before the last trip; import it by itself"
    )
    OVERLAP = "the trip overlaps with the one in row {row}"
    ALREADY = "the trip overlaps with one that was imported before"
    TRACKED = "the vehicle's tracker was heard then, and counts instead"


@dataclass(frozen=True, slots=True)
class LogLimits:
    """The limits of a trip in a log; `now` is the moment of the import.

    A log covers every day from its first trip to its last for each of its vehicles: `device_days`
    is how many days of vehicles one import may make.
    """

    now: datetime
    earliest: datetime = TripSettings.model_fields["log_earliest"].default
    device_days: int = TripSettings.model_fields["log_device_days_max"].default
    speed_max_kmh: float = 130.0
    trip_max_h: float = 24 * 14.0


@dataclass(frozen=True, slots=True)
class LoggedTrip:
    """One row of a log: times in UTC. `row` is its number in the file, where headings are row 1."""

    row: int
    vehicle_id: str
    start: datetime
    end: datetime
    km: float


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """A row that is refused, with its reason and the reason's values; `cells` are as in the
    file."""

    row: int
    reason: RowReason
    values: Mapping[str, object]
    cells: Sequence[str]

    def __str__(self) -> str:
        return self.reason.format(**self.values)


@dataclass(frozen=True, slots=True)
class LogSheet:
    """The first sheet of a file: its headings, and its rows in their own lengths.

    Attributes:
        presumed_sign: the decimal sign that writers of such files use; "": either one.
        shown: the marks of each column in the whole file, of which `rows` may be only the first
            rows.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    presumed_sign: str
    shown: tuple[frozenset[NotationMark], ...]

    def marks(self, heading: str) -> frozenset[NotationMark]:
        """The marks of a column; empty where there is no such column."""
        return self.shown[self.headings.index(heading)] if heading in self.headings else frozenset()


def log_limits(settings: TripSettings, now: datetime) -> LogLimits:
    """The limits that the settings give."""
    return LogLimits(now, settings.log_earliest, settings.log_device_days_max)


def sheet_of(table: FileTable) -> LogSheet:
    """The sheet of a table whose first row is its headings."""
    headings, *others = table.rows
    return LogSheet(
        tuple(str(cell).strip() for cell in headings),
        tuple(map(tuple, others)),
        table.presumed_sign,
        tuple(marks_by_column(table.rows)),
    )


def read_sheet(
    name: str, content: bytes, bounds: ReadingBounds, say: Callable[[str], None] = lambda _: None
) -> LogSheet:
    """Read the first sheet of a file: CSV if its name ends in `.csv`, otherwise a workbook of Excel
    or LibreOffice.

    `say` is told how the file was read, where that is not plain.

    Raises:
        FileRefusedError: it cannot be read, has no row below its headings, or is larger than the
            bounds.
    """
    return sheet_of(read_cells(name, content, bounds, say))


def reading_notes(sheet: LogSheet, columns: Mapping[LogField, str]) -> list[str]:
    """Notes on times that have no offset or that the clock leaves out or has twice, and on
    distances that can be read both ways."""
    times = [columns[field] for field in (LogField.START, LogField.END) if field in columns]
    at = [sheet.headings.index(heading) for heading in times if heading in sheet.headings]
    cells = (row[i] for row in sheet.rows for i in at if i < len(row))
    local = [NOTE_LOCAL] if any(_is_local(cell) for cell in cells) else []
    clock = frozenset[NotationMark]().union(*(sheet.marks(heading) for heading in times))
    numbers = _decimals(sheet, columns).notes() if LogField.KM in columns else []
    return [*local, *clock_notes(clock), *numbers]


def _decimals(sheet: LogSheet, columns: Mapping[LogField, str]) -> DecimalSign:
    """The decimal sign of the distances, or where those show none, the one of other columns in
    km."""
    shown = sheet.marks(columns[LogField.KM])
    if not shown & _SIGNS:
        others = [heading for heading in sheet.headings if "km" in heading.lower()]
        shown |= _SIGNS & frozenset[NotationMark]().union(*(sheet.marks(one) for one in others))
    return DecimalSign(sheet.presumed_sign, shown)


def _is_local(cell: object) -> bool:
    if isinstance(cell, datetime):
        return cell.tzinfo is None
    return moment_of(cell) is not None and _OFFSET.search(_text(cell)) is None


def guess_columns(headings: Sequence[str]) -> dict[LogField, str]:
    """Guess the heading of each field by the words in it; no heading is taken for two fields."""
    found: dict[LogField, str] = {}
    for field, words in HEADING_WORDS.items():
        for word in words:
            fits = [h for h in headings if word in h.lower() and h not in found.values()]
            if fits:
                found[field] = fits[0]
                break
    return found


def read_log(
    sheet: LogSheet,
    columns: Mapping[LogField, str],
    vehicles: Mapping[str, str],
    limits: LogLimits,
) -> tuple[list[LoggedTrip], list[RowRefusal]]:
    """Read the trips of a log. Empty rows are skipped.

    `columns` names the heading of every field; `vehicles` gives the id of each vehicle by its name,
    id or device in lower case. Of two trips of a vehicle that overlap, the one that starts later is
    refused; where the log covers more days than one import may make, the earliest trips are.

    Returns:
        The trips, and the rows that are refused.

    Raises:
        TableError: a field has no column, or one that is not there.
    """
    missing = [field for field in LogField if columns.get(field) not in sheet.headings]
    if missing:
        given = ", ".join(f"{field} ({columns.get(field) or '-'})" for field in missing)
        raise TableError(f"no column for {given} (found: {', '.join(sheet.headings)})")
    at = {field: sheet.headings.index(columns[field]) for field in LogField}
    decimals = _decimals(sheet, columns)
    taken: list[LoggedTrip] = []
    refused: list[RowRefusal] = []
    for number, cells in enumerate(sheet.rows, start=2):
        if not any(_text(cell) for cell in cells):
            continue
        found = _read_row(number, cells, at, columns, vehicles, limits, decimals)
        if isinstance(found, LoggedTrip):
            taken.append(found)
        else:
            refused.append(found)
    taken = _within_days(taken, refused, sheet, columns[LogField.START], at[LogField.START], limits)
    return _without_overlaps(taken, refused, sheet)


def refusal_table(
    headings: Sequence[str],
    refused: Sequence[RowRefusal],
    say: Callable[[RowRefusal], str] = str,
    names: tuple[str, str] = ("row", "reason"),
) -> pa.Table:
    """A table of the refused rows in the order of the file, each with its number, the reason and
    its cells as they were.

    `say` puts the reason into words and `names` are the headings of the two first columns, both in
    the reader's language.
    """
    width = max([len(headings), *(len(refusal.cells) for refusal in refused)])
    headings = [*headings, *[""] * (width - len(headings))]
    cells = [[*r.cells, *[""] * (width - len(r.cells))] for r in refused]
    columns = [
        pa.array([r.row for r in refused], pa.int32()),
        pa.array([say(r) for r in refused], pa.string()),
        *(pa.array([row[i] for row in cells], pa.string()) for i in range(width)),
    ]
    return pa.Table.from_arrays(columns, names=[*names, *headings])


def _read_row(
    number: int,
    cells: Sequence[object],
    at: Mapping[LogField, int],
    columns: Mapping[LogField, str],
    vehicles: Mapping[str, str],
    limits: LogLimits,
    decimals: DecimalSign,
) -> LoggedTrip | RowRefusal:
    def refuse(reason: RowReason, **values: object) -> RowRefusal:
        return RowRefusal(number, reason, values, tuple(_text(cell) for cell in cells))

    cell = {field: cells[i] if i < len(cells) else "" for field, i in at.items()}
    for field in LogField:
        if not _text(cell[field]):
            return refuse(RowReason.EMPTY, column=columns[field])
    name = _text(cell[LogField.VEHICLE])
    vehicle_id = vehicles.get(name.lower())
    if vehicle_id is None:
        return refuse(RowReason.NO_VEHICLE, value=name)
    moments: list[datetime] = []
    for field in (LogField.START, LogField.END):
        moment = moment_of(cell[field])
        if moment is None:
            return refuse(RowReason.NO_TIME, column=columns[field], value=_text(cell[field]))
        moments.append(moment)
    start, end = moments
    try:
        km = _number(cell[LogField.KM], decimals)
    except AmbiguousNumberError as error:
        return refuse(RowReason.AMBIGUOUS, column=columns[LogField.KM], value=error.text)
    if km is None:
        return refuse(
            RowReason.NO_NUMBER, column=columns[LogField.KM], value=_text(cell[LogField.KM])
        )
    hours = (end - start) / timedelta(hours=1)
    if hours <= 0:
        if _fits_but_for_spring(cell, start, end):
            return refuse(
                RowReason.START_LEFT_OUT,
                column=columns[LogField.START],
                value=_text(cell[LogField.START]),
                read=f"{start.astimezone(LOCAL_ZONE):%H:%M}",
            )
        if clock_change(cell[LogField.END]) is ClockChange.TWICE and hours > -1:
            value = _text(cell[LogField.END])
            return refuse(RowReason.END_TWICE, column=columns[LogField.END], value=value)
        return refuse(RowReason.END_BEFORE_START)
    if hours > limits.trip_max_h:
        return refuse(RowReason.TOO_LONG, most=round(limits.trip_max_h))
    if start < limits.earliest:
        return refuse(
            RowReason.TOO_EARLY,
            column=columns[LogField.START],
            value=_text(cell[LogField.START]),
            earliest=f"{limits.earliest:%Y-%m-%d}",
        )
    if end > limits.now:
        return refuse(RowReason.IN_FUTURE)
    if km < 0:
        return refuse(RowReason.KM_NEGATIVE)
    if km > limits.speed_max_kmh * hours:
        most = round(limits.speed_max_kmh)
        return refuse(RowReason.TOO_FAST, km=round(km, 1), hours=round(hours, 2), most=most)
    return LoggedTrip(number, vehicle_id, start, end, km)


def _fits_but_for_spring(cell: Mapping[LogField, object], start: datetime, end: datetime) -> bool:
    """Whether a trip ends at or before its start only because the clock leaves out its start."""
    changes = [clock_change(cell[field]) for field in (LogField.START, LogField.END)]
    if changes[0] is not ClockChange.LEFT_OUT or changes[1] is ClockChange.LEFT_OUT:
        return False
    clock_at_start, clock_at_end = (
        moment.astimezone(LOCAL_ZONE).replace(tzinfo=None) for moment in (start, end)
    )
    return clock_at_end > clock_at_start - timedelta(hours=1)


def _within_days(
    taken: list[LoggedTrip],
    refused: list[RowRefusal],
    sheet: LogSheet,
    column: str,
    at: int,
    limits: LogLimits,
) -> list[LoggedTrip]:
    """The trips of the last days, up to as many days as an import may make. Adds the other trips to
    `refused`."""
    if not taken:
        return taken
    days = max(limits.device_days // len({trip.vehicle_id for trip in taken}), 1)
    since = max(trip.end for trip in taken) - timedelta(days=days)
    kept: list[LoggedTrip] = []
    for trip in taken:
        if trip.start >= since:
            kept.append(trip)
            continue
        cells = tuple(_text(cell) for cell in sheet.rows[trip.row - 2])
        values = {"column": column, "value": cells[at], "days": days}
        refused.append(RowRefusal(trip.row, RowReason.TOO_MANY_DAYS, values, cells))
    return kept


def _without_overlaps(
    taken: list[LoggedTrip], refused: list[RowRefusal], sheet: LogSheet
) -> tuple[list[LoggedTrip], list[RowRefusal]]:
    """Refuse trips that overlap with an earlier one of their vehicle; returns the other trips by
    their start, and all refusals by row."""
    kept: list[LoggedTrip] = []
    last: dict[str, LoggedTrip] = {}
    for trip in sorted(taken, key=lambda t: (t.start, t.row)):
        before = last.get(trip.vehicle_id)
        if before is not None and trip.start < before.end:
            cells = tuple(_text(cell) for cell in sheet.rows[trip.row - 2])
            refused.append(RowRefusal(trip.row, RowReason.OVERLAP, {"row": before.row}, cells))
            continue
        last[trip.vehicle_id] = trip
        kept.append(trip)
    return kept, sorted(refused, key=lambda r: r.row)


def _text(cell: object) -> str:
    return str(cell).strip() if cell is not None else ""


def _number(cell: object, decimals: DecimalSign) -> float | None:
    """The number in a cell; None: it holds none.

    Raises:
        AmbiguousNumberError: it may be one of two.
    """
    if isinstance(cell, bool | date):
        return None
    if isinstance(cell, int | float):
        return _finite(float(cell))
    text = decimals.plain(number_text(cell))
    return _finite(float(text)) if re.fullmatch(r"[-+]?\d+(\.\d*)?", text) else None


def _finite(number: float) -> float | None:
    return number if abs(number) < float("inf") else None
