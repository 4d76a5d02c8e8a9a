"""What the columns of a driving log hold, and what is wrong with a choice of columns.

A log has the day and the time of a departure in one column or in two, and the distance in a column
or as the mileage at departure and at return.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fleet.files.refusal import TableError
from fleet.moments import written_moment
from trips.driving_log.log_sheet import LogSheet, cell_text
from trips.driving_log.log_times import clock_in, day_in


class LogField(StrEnum):
    """What a column of a driving log may hold, in the order of the form."""

    VEHICLE = "vehicle"
    #: The day of departure, where START holds only the time of day.
    DATE = "date"
    START = "start"
    #: The day of return, where END holds only the time of day; otherwise that is the day of
    #: departure, or the next one.
    END_DATE = "end_date"
    END = "end"
    KM = "km"
    #: The mileage at departure and at return, for rows without a distance.
    KM_START = "km_start"
    KM_END = "km_end"


_ALWAYS = (LogField.VEHICLE, LogField.START, LogField.END)
_NUMBER = re.compile(r"[-+]?[.,]?\d")


class ColumnProblem(StrEnum):
    """What is wrong with the column of a field, in English, with the names of values in braces."""

    MISSING = "choose the column that holds this"
    NO_DISTANCE = "choose the column of the distance, or both columns of the mileage"
    DAY_NEEDED = "the times have no date: choose the column of the date"
    TWICE = "the column {column} is chosen for two things"
    NO_TIMES = "no cell of {column} is a time"
    NO_DAYS = "no cell of {column} is a date"
    NO_NUMBERS = "no cell of {column} is a number"
    NO_VEHICLES = "no vehicle in the register has a name of {column}, such as {value}"


_UNFIT = {
    LogField.DATE: ColumnProblem.NO_DAYS,
    LogField.START: ColumnProblem.NO_TIMES,
    LogField.END_DATE: ColumnProblem.NO_DAYS,
    LogField.END: ColumnProblem.NO_TIMES,
    LogField.KM: ColumnProblem.NO_NUMBERS,
    LogField.KM_START: ColumnProblem.NO_NUMBERS,
    LogField.KM_END: ColumnProblem.NO_NUMBERS,
}


@dataclass(frozen=True, slots=True)
class ColumnFault:
    """What is wrong with the column of a field, and the values of the sentence."""

    problem: ColumnProblem
    values: Mapping[str, str]

    def __str__(self) -> str:
        return self.problem.format(**self.values)


class ColumnsError(TableError):
    """The chosen columns hold no trips. `faults` are by field, and there is at least one."""

    def __init__(self, faults: Mapping[LogField, ColumnFault]) -> None:
        super().__init__("; ".join(f"{field}: {fault}" for field, fault in faults.items()))
        self.faults = faults


def missing_columns(
    headings: Collection[str], columns: Mapping[LogField, str]
) -> dict[LogField, ColumnFault]:
    """The fields that need a column and have none, or one that another field has."""
    chosen = {field: columns[field] for field in LogField if columns.get(field) in headings}
    faults = {field: _fault(ColumnProblem.MISSING) for field in _ALWAYS if field not in chosen}
    mileage = [field for field in (LogField.KM_START, LogField.KM_END) if field in chosen]
    if LogField.KM not in chosen and not mileage:
        faults[LogField.KM] = _fault(ColumnProblem.NO_DISTANCE)
    elif len(mileage) == 1:
        [other] = {LogField.KM_START, LogField.KM_END} - set(mileage)
        faults[other] = _fault(ColumnProblem.MISSING)
    taken: set[str] = set()
    for field, heading in chosen.items():
        if heading in taken:
            faults[field] = _fault(ColumnProblem.TWICE, column=heading)
        taken.add(heading)
    return {field: faults[field] for field in LogField if field in faults}


def column_faults(
    sheet: LogSheet, columns: Mapping[LogField, str], vehicles: Collection[str]
) -> dict[LogField, ColumnFault]:
    """What is wrong with the columns of a sheet as a whole: none of its rows could be a trip. A
    column that rows can do without may be empty.

    `vehicles` are the names of vehicles in lower case.
    """
    faults = missing_columns(sheet.headings, columns)
    if faults:
        return faults
    chosen = {field: columns[field] for field in LogField if columns.get(field) in sheet.headings}
    if not any(cell_text(cell) for row in sheet.rows for cell in row):
        return {}
    names = {cell_text(cell): None for cell in sheet.column(chosen[LogField.VEHICLE])}
    if not any(name.lower() in vehicles for name in names):
        values = {"column": chosen[LogField.VEHICLE], "value": next(iter(names), "–")}
        faults[LogField.VEHICLE] = ColumnFault(ColumnProblem.NO_VEHICLES, values)
    for field, heading in chosen.items():
        if field not in _UNFIT or any(holds(field, cell) for cell in sheet.column(heading)):
            continue
        if not _can_do_without(field, sheet, chosen):
            faults[field] = _fault(_UNFIT[field], column=heading)
    if LogField.DATE not in chosen and LogField.START not in faults:
        starts = sheet.column(chosen[LogField.START])
        if not any(written_moment(cell) is not None for cell in starts):
            faults[LogField.DATE] = _fault(ColumnProblem.DAY_NEEDED)
    return faults


def _can_do_without(field: LogField, sheet: LogSheet, chosen: Mapping[LogField, str]) -> bool:
    """Whether a row may be a trip though no cell of the column of a field holds what it should: the
    cell is not read, or is empty."""

    def has_moments(times: LogField) -> bool:
        return any(written_moment(cell) is not None for cell in sheet.column(chosen[times]))

    match field:
        case LogField.DATE:
            return has_moments(LogField.START)
        case LogField.END_DATE:
            return has_moments(LogField.END) or _has_empty_cell(sheet, chosen[field])
        case LogField.KM:
            return LogField.KM_START in chosen and _has_empty_cell(sheet, chosen[field])
        case LogField.KM_START | LogField.KM_END:
            kms = sheet.column(chosen[LogField.KM]) if LogField.KM in chosen else ()
            return any(holds(LogField.KM, cell) for cell in kms)
        case _:
            return False


def _has_empty_cell(sheet: LogSheet, heading: str) -> bool:
    """Whether a row that is not empty has nothing in a column."""
    rows = sum(any(cell_text(cell) for cell in row) for row in sheet.rows)
    return sum(1 for _ in sheet.column(heading)) < rows


def holds(field: LogField, cell: object) -> bool:
    """Whether a cell may be of a field by itself."""
    match field:
        case LogField.VEHICLE:
            return True
        case LogField.DATE | LogField.END_DATE:
            return day_in(cell) is not None
        case LogField.START | LogField.END:
            return written_moment(cell) is not None or clock_in(cell) is not None
        case _:
            return _NUMBER.match(cell_text(cell)) is not None


def _fault(problem: ColumnProblem, **values: str) -> ColumnFault:
    return ColumnFault(problem, values)
