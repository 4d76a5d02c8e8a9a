"""Reads the rows of a list of vehicles: each is about a vehicle, is left out because it is none, or
has cells that cannot be read. It is pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from fleet.files.cells import Cell, FileTable
from fleet.files.notation import (
    AmbiguousNumberError,
    DecimalSign,
    OddNumberError,
    decimals_of_amounts,
    number_mark,
)
from fleet.localtime import EARLIEST_DAY, LATEST_DAY
from register.inventory.cell_values import amount_text, cell_text, day_in, number_in
from register.inventory.details import VehicleField, plain_plate
from register.inventory.list_fields import FIELD_OF_DETAIL, IDENTIFYING, ListField

_DAYS = (
    *(ListField.FIRST_REGISTERED, ListField.CONTRACT_START),
    *(ListField.CONTRACT_END, ListField.MILEAGE_DAY),
)
#: The days over which the km that a contract allows a year are counted.
_CONTRACT_DAYS = (ListField.CONTRACT_START, ListField.CONTRACT_END)
_PAST_DAYS = (ListField.FIRST_REGISTERED, ListField.MILEAGE_DAY)
_NUMBERS = (
    *(ListField.MODEL_YEAR, ListField.CONTRACT_KM, ListField.CONTRACT_KM_YEAR),
    *(ListField.COST_KR_YEAR, ListField.COST_KR_MONTH, ListField.MILEAGE_KM),
    *(ListField.SALE_VALUE_KR, ListField.EXIT_COST_KR),
)
_TEXTS = (ListField.NAME, ListField.MAKE, ListField.MODEL)

#: Fields that state a detail in another unit, from which it is computed.
_OTHER_UNIT = {
    ListField.COST_KR_MONTH: VehicleField.COST_KR_YEAR,
    ListField.CONTRACT_KM_YEAR: VehicleField.CONTRACT_KM,
}
_YEAR_DAYS = 365.25

_MEASURES = {"km": "km", "kilometer": "km", "timer": "hours", "hours": "hours", "t": "hours"}

#: How a row of sums begins, or ends where it names the group that it is the sum of.
_TOTAL = re.compile(
    r"(i ?alt|total|sum|subtotal|samlet|antal|gns|gennemsnit)\b|.*\w\W+(i ?alt|total)\W*$",
    re.IGNORECASE,
)

#: What parts the energy from the kind in the text that stands for a kind.
KIND_PARTED = " / "

#: Characters of a cell that are shown and kept of a bad one.
CELL_SHOWN_MAX = 100


class BadReason(StrEnum):
    """The reason why a cell keeps its row out or is not used, beside the faults of
    `details.Fault`."""

    NO_DAY = "no_day"
    NO_NUMBER = "no_number"
    NO_WHOLE_NUMBER = "no_whole_number"
    AMBIGUOUS = "ambiguous"
    ODD_NUMBER = "odd_number"
    NO_MEASURE = "no_measure"
    NO_CONTRACT_DAYS = "no_contract_days"
    FORMULA = "formula"
    ERROR = "error"
    NOTHING = "nothing"
    TWICE = "twice"
    TAKEN = "taken"
    OTHER_DEPARTMENT = "other_department"
    RETIRED = "retired"
    NO_KIND = "no_kind"
    NO_DEPOT = "no_depot"
    NO_DEPARTMENT = "no_department"
    NO_KIND_COLUMN = "no_kind_column"
    NO_DEPOT_COLUMN = "no_depot_column"
    NO_DEPARTMENT_COLUMN = "no_department_column"


#: The reasons of cells whose words stand for nothing in the register, as nobody said what for.
UNKNOWN_WORDS = frozenset({BadReason.NO_KIND, BadReason.NO_DEPOT, BadReason.NO_DEPARTMENT})

#: The reasons of new vehicles that lack a value because no column of the list is taken for it.
NO_COLUMNS = (
    *(BadReason.NO_KIND_COLUMN, BadReason.NO_DEPOT_COLUMN, BadReason.NO_DEPARTMENT_COLUMN),
)


class LeftOutReason(StrEnum):
    """The reason why a row that is not empty is no vehicle."""

    TOTAL = "total"
    SECTION = "section"


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that keeps its row out, or whose value is not used.

    Attributes:
        row: its row in the file.
        heading: the heading of its column; "": the list has no column for what is missing.
        text: the cell as it stands in the file.
        reason: a member of `BadReason` or `Fault`, by its value.
        values: numbers and texts that belong to the reason.
    """

    row: int
    heading: str
    text: str
    reason: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """A row that is no vehicle, with the text that it begins with."""

    row: int
    text: str
    reason: LeftOutReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRow:
    """A row about a vehicle. `values` are the details that it states; the texts for the kind, the
    depot and the department stand for values of the register. `texts` are its cells by field, and
    `section` is the heading of the group in which it stands; "": in none."""

    row: int
    vehicle_id: str
    plate: str
    name: str
    kind_text: str
    depot_text: str
    department_text: str
    values: Mapping[VehicleField, Any]
    texts: Mapping[ListField, str]
    section: str = ""


@dataclass(frozen=True, slots=True)
class ReadList:
    """The rows of a list, in its order, and the headings of the fields that it has. A row with a
    bad cell is not among the `rows` but, if it says which vehicle it is about, among the `refused`,
    so that all that is wrong in it is told at once; one with an unused cell is among the `rows`,
    without its value."""

    headings: Mapping[ListField, str]
    rows: Sequence[ListedRow]
    bad: Sequence[BadCell]
    left_out: Sequence[LeftOutRow]
    unused: Sequence[BadCell] = ()
    refused: Sequence[ListedRow] = ()


def decimal_signs(
    table: FileTable, columns: Mapping[str, ListField]
) -> Mapping[ListField, DecimalSign]:
    """The decimal sign of each column of numbers, by its own numbers and the marks of the others.

    People who keep a list in a workbook write Danish numbers. Where commas part the columns, they
    tell nothing about the decimal sign.
    """
    presumed = "" if table.presumed_sign == "." else ","
    counted = {
        one: Counter(
            mark
            for row in table.rows[1:]
            if index < len(row) and isinstance(cell := row[index], str)
            if (mark := number_mark(amount_text(cell))) is not None
        )
        for index, (_, one) in enumerate(_columns(table, columns))
        if one is not None and one in _NUMBERS
    }
    shown = frozenset(mark for marks in counted.values() for mark in marks)
    return {one: decimals_of_amounts(presumed, marks, shown) for one, marks in counted.items()}


def number_notes(table: FileTable, columns: Mapping[str, ListField]) -> list[str]:
    """The notes on numbers of a list that read both ways."""
    signs = decimal_signs(table, columns).values()
    return list(dict.fromkeys(note for decimals in signs for note in decimals.notes()))


def read_rows(table: FileTable, columns: Mapping[str, ListField], today: date) -> ReadList:
    """Read the rows of a list whose headings hold the fields `columns`. Empty rows are skipped."""
    places = {
        one: index for index, (_, one) in enumerate(_columns(table, columns)) if one is not None
    }
    headings = {one: str(table.rows[0][index]) for one, index in places.items()}
    decimals = decimal_signs(table, columns)
    rows: list[ListedRow] = []
    bad: list[BadCell] = []
    left_out: list[LeftOutRow] = []
    unused: list[BadCell] = []
    refused: list[ListedRow] = []
    section = ""
    for number, cells in enumerate(table.rows[1:], start=table.heading_row + 1):
        filled = [text for cell in cells if (text := cell_text(cell))]
        if not filled:
            continue
        here = {one: cells[at] if at < len(cells) else "" for one, at in places.items()}
        names = [cell_text(here[one]) for one in IDENTIFYING if one in here]
        reason = no_vehicle(names, filled, len(places), is_spanned=number in table.spanned)
        if reason is not None:
            # A row of sums ends the group above it.
            section = filled[0] if reason is LeftOutReason.SECTION else ""
            left_out.append(LeftOutRow(number, filled[0][:CELL_SHOWN_MAX], reason))
            continue
        reader = _RowReader(number, here, headings, decimals, today)
        row = replace(reader.read(), section=section)
        bad += reader.bad
        if not reader.bad:
            rows.append(row)
            unused += reader.unused
        elif row.vehicle_id or row.plate or row.name:
            refused.append(row)
    return ReadList(headings, rows, bad, left_out, unused, refused)


def bad_cell(
    headings: Mapping[ListField, str],
    row: int,
    texts: Mapping[ListField, str],
    one: ListField,
    reason: str,
    **values: object,
) -> BadCell:
    """The bad cell of a field in a row."""
    text = texts.get(one, "")[:CELL_SHOWN_MAX]
    return BadCell(row, headings.get(one, ""), text, reason, values)


def _columns(
    table: FileTable, columns: Mapping[str, ListField]
) -> Iterator[tuple[str, ListField | None]]:
    for heading in table.rows[0]:
        yield str(heading), columns.get(str(heading))


def no_vehicle(
    names: Sequence[str], filled: Sequence[str], columns: int, *, is_spanned: bool
) -> LeftOutReason | None:
    """The reason why a row is no vehicle: it begins as sums do and has no number of a vehicle, or
    few cells; or it is the heading of a section, which stands alone, and over several columns or
    without a digit: registration numbers and ids have digits."""
    marks = [name for name in names if name and _TOTAL.match(name) is None]
    if _TOTAL.match(filled[0]) and (not marks or 2 * len(filled) <= columns):
        return LeftOutReason.TOTAL
    is_alone = len(filled) == 1 and columns > 2
    if is_alone and (is_spanned or not marks or not any(map(str.isdigit, marks[0]))):
        return LeftOutReason.SECTION
    return None


class _RowReader:
    """Reads one row; `bad` are the cells of it that cannot be read, `unused` those whose value says
    nothing without another cell."""

    def __init__(
        self,
        number: int,
        here: Mapping[ListField, Cell],
        headings: Mapping[ListField, str],
        decimals: Mapping[ListField, DecimalSign],
        today: date,
    ) -> None:
        self._number = number
        self._here = here
        self._headings = headings
        self._decimals = decimals
        self._today = today
        self._texts = {one: cell_text(cell) for one, cell in here.items()}
        self.bad: list[BadCell] = []
        self.unused: list[BadCell] = []

    def read(self) -> ListedRow:
        """The row; it is of use where nothing is bad."""
        for one, text in self._texts.items():
            if text.startswith("="):
                self._refuse(one, BadReason.FORMULA)
            elif text.startswith("#") and text[1:2].isupper():
                self._refuse(one, BadReason.ERROR)
        known = {one: text for one, text in self._texts.items() if text and not self._is_bad(one)}
        if not any(self._texts.get(one) for one in IDENTIFYING):
            first = next(one for one in IDENTIFYING if one in self._here)
            self._refuse(first, BadReason.NOTHING)
        return ListedRow(
            row=self._number,
            vehicle_id=known.get(ListField.ID, ""),
            plate=plain_plate(known.get(ListField.PLATE, "")),
            name=known.get(ListField.NAME, ""),
            kind_text=kind_text(known.get(ListField.KIND, ""), known.get(ListField.ENERGY, "")),
            depot_text=known.get(ListField.DEPOT, ""),
            department_text=known.get(ListField.DEPARTMENT, ""),
            values=self._values(known),
            texts=self._texts,
        )

    def _values(self, known: Mapping[ListField, str]) -> dict[VehicleField, Any]:
        values: dict[VehicleField, Any] = {}
        details = {listed: detail for detail, listed in FIELD_OF_DETAIL.items()}
        for one, text in known.items():
            found: Any = None
            if one in _TEXTS:
                found = text
            elif one is ListField.PLATE:
                found = plain_plate(text)
            elif one is ListField.MEASURED_IN:
                found = _MEASURES.get(text.casefold().strip("."))
                if found is None:
                    self._refuse(one, BadReason.NO_MEASURE)
            elif one in _DAYS:
                found = self._day(one)
            elif one in _NUMBERS:
                found = self._amount(one)
            if found is not None:
                values.setdefault(_OTHER_UNIT.get(one) or details[one], found)
        if self._is_of_years(known):
            self._over_the_contract(values)
        return values

    def _is_of_years(self, known: Mapping[ListField, str]) -> bool:
        """Whether the row states the km that its contract allows by the year only."""
        return ListField.CONTRACT_KM_YEAR in known and ListField.CONTRACT_KM not in known

    def _over_the_contract(self, values: dict[VehicleField, Any]) -> None:
        """Make the km that the contract allows in all of those that it allows a year."""
        start, end = (
            values.get(day) for day in (VehicleField.CONTRACT_START, VehicleField.CONTRACT_END)
        )
        a_year = values.pop(VehicleField.CONTRACT_KM, None)
        if a_year is None or any(self._is_bad(day) for day in _CONTRACT_DAYS):
            return
        if start is None or end is None:
            self.unused.append(self._cell(ListField.CONTRACT_KM_YEAR, BadReason.NO_CONTRACT_DAYS))
        elif EARLIEST_DAY <= start <= end <= LATEST_DAY:  # else the days are at fault, and told
            values[VehicleField.CONTRACT_KM] = float(
                round(a_year * max(1, (end - start).days) / _YEAR_DAYS)
            )

    def _day(self, one: ListField) -> date | None:
        latest = self._today if one in _PAST_DAYS else None
        day = day_in(self._here[one], latest=latest)
        if day is None:
            self._refuse(one, BadReason.NO_DAY)
        return day

    def _amount(self, one: ListField) -> float | int | None:
        try:
            number = number_in(self._here[one], self._decimals[one])
        except AmbiguousNumberError:
            self._refuse(one, BadReason.AMBIGUOUS)
            return None
        except OddNumberError:
            self._refuse(one, BadReason.ODD_NUMBER)
            return None
        if number is None:
            self._refuse(one, BadReason.NO_NUMBER)
            return None
        if one is ListField.MODEL_YEAR:
            if not number.is_integer():
                self._refuse(one, BadReason.NO_WHOLE_NUMBER)
                return None
            return int(number)
        return number * 12 if one is ListField.COST_KR_MONTH else number

    def _refuse(self, one: ListField, reason: BadReason) -> None:
        self.bad.append(self._cell(one, reason))

    def _cell(self, one: ListField, reason: BadReason) -> BadCell:
        return bad_cell(self._headings, self._number, self._texts, one, reason)

    def _is_bad(self, one: ListField) -> bool:
        heading = self._headings.get(one)
        return heading is not None and any(bad.heading == heading for bad in self.bad)


def kind_text(kind: str, energy: str) -> str:
    """The text that stands for a kind: its own, with the energy where the list has one."""
    return KIND_PARTED.join(part for part in (kind, energy) if part)


def proposed_name(text: str) -> str:
    """What something new is called that a text of a list stands for, as kinds are called."""
    return text.replace(KIND_PARTED, ", ")
