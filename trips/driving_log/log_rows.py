"""Reads a municipality's own driving log, CSV or Excel, as trips: each row is a trip, or is refused
with a reason.

Times without an offset are local. Numbers are read as Danes and as programs write them: `1.234,5`,
`12,5`, `12.5`. How `1.250` is read is decided by what the other distances show
(`fleet.files.notation`).
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from fleet.files.notation import NotationMark, clock_mark, clock_notes
from fleet.files.refusal import TableError
from fleet.moments import moment_of
from trips.driving_log.log_columns import LogField, missing_columns
from trips.driving_log.log_numbers import MILEAGE, LogDistances
from trips.driving_log.log_row import LoggedTrip, LogLimits, RowReader
from trips.driving_log.log_sheet import LogSheet, cell_text
from trips.driving_log.log_times import day_in, is_clock, written_return, written_time
from trips.driving_log.refusals import RowReason, RowRefusal
from trips.settings import TripSettings

NOTE_LOCAL = "Times without an offset are read as local time"
NOTE_NEXT_DAY = (
    "A return that is earlier in the day than its departure is read as one of the next day"
)
NOTE_MILEAGE = "The distance is the mileage at return less the mileage at departure"

_OFFSET = re.compile(r"(Z|[-+]\d{2}(:?\d{2})?)\Z")


def log_limits(settings: TripSettings, now: datetime) -> LogLimits:
    """The limits that the settings give."""
    return LogLimits(
        now, settings.log_earliest, settings.log_device_days_max, settings.log_overnight_max_h
    )


def reading_notes(sheet: LogSheet, columns: Mapping[LogField, str]) -> list[str]:
    """Notes on times that have no offset or that the clock leaves out or has twice, on returns
    without a day, and on distances that can be read both ways or that come from mileages."""
    chosen = {field: columns[field] for field in LogField if columns.get(field) in sheet.headings}
    times = [chosen[field] for field in (LogField.START, LogField.END) if field in chosen]
    local = any(_is_local(cell) for heading in times for cell in sheet.column(heading))
    clock = frozenset[NotationMark]().union(*(sheet.marks(heading) for heading in times))
    notes = [NOTE_LOCAL] if local else []
    if LogField.END in chosen and LogField.END_DATE not in chosen:
        by_clock = any(is_clock(cell) for cell in sheet.column(chosen[LogField.END]))
        notes += [NOTE_NEXT_DAY] if by_clock else []
    if LogField.KM not in chosen and all(field in chosen for field in MILEAGE):
        notes.append(NOTE_MILEAGE)
    clock |= _marks_of_parted_times(sheet, chosen)
    return [*notes, *clock_notes(clock), *LogDistances(sheet, chosen).notes()]


def _marks_of_parted_times(
    sheet: LogSheet, columns: Mapping[LogField, str]
) -> frozenset[NotationMark]:
    """The marks of times whose day stands in a column of its own."""
    if not columns.keys() >= {LogField.DATE, LogField.START}:
        return frozenset()
    at = {field: sheet.headings.index(heading) for field, heading in columns.items()}
    marks: set[NotationMark] = set()
    for row in sheet.rows:
        cell = {field: row[i] for field, i in at.items() if i < len(row)}
        start = written_time(cell.get(LogField.START), day_in(cell.get(LogField.DATE)))
        if start is None:
            continue
        end = written_return(cell.get(LogField.END), day_in(cell.get(LogField.END_DATE)), start)
        written = (start, None if end is None else end.moment)
        marks.update(mark for one in written if (mark := clock_mark(one)) is not None)
    return frozenset(marks)


def _is_local(cell: object) -> bool:
    if isinstance(cell, datetime):
        return cell.tzinfo is None
    if is_clock(cell):
        return True
    return moment_of(cell) is not None and _OFFSET.search(cell_text(cell)) is None


def read_log(
    sheet: LogSheet,
    columns: Mapping[LogField, str],
    vehicles: Mapping[str, str | None],
    limits: LogLimits,
) -> tuple[list[LoggedTrip], list[RowRefusal]]:
    """Read the trips of a log. Empty rows are skipped.

    `columns` names the heading of every field that has one; `vehicles` gives the id of each vehicle
    by its name, id or device in lower case, None where several are called so. Of two trips of a
    vehicle that overlap, the one that starts later is refused; where the log covers more days than
    one import may make, the earliest trips are.

    Returns:
        The trips, and the rows that are refused.

    Raises:
        TableError: a field that each trip needs has no column, or one that is not there.
    """
    if missing := missing_columns(sheet.headings, columns):
        given = ", ".join(f"{field} ({columns.get(field) or '-'})" for field in missing)
        raise TableError(f"no column for {given} (found: {', '.join(sheet.headings)})")
    reader = RowReader(sheet, columns, vehicles, limits)
    taken: list[LoggedTrip] = []
    refused: list[RowRefusal] = []
    for number, cells in sheet.numbered():
        if not any(cell_text(cell) for cell in cells):
            continue
        found = reader.read(number, cells)
        if isinstance(found, LoggedTrip):
            taken.append(found)
        else:
            refused.append(found)
    taken = _within_days(taken, refused, sheet, columns[LogField.START], reader, limits)
    return _without_overlaps(taken, refused, sheet)


def _within_days(
    taken: list[LoggedTrip],
    refused: list[RowRefusal],
    sheet: LogSheet,
    column: str,
    reader: RowReader,
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
        cells = sheet.texts(trip.row)
        values = {"column": column, "value": reader.shown_start(cells), "days": days}
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
            values = {"row": before.row}
            refused.append(RowRefusal(trip.row, RowReason.OVERLAP, values, sheet.texts(trip.row)))
            continue
        last[trip.vehicle_id] = trip
        kept.append(trip)
    return kept, sorted(refused, key=lambda r: r.row)
