"""Reads the distance of a row of a driving log: as it is written, or as the difference of two
mileages."""

import re
from collections.abc import Mapping
from datetime import date

from fleet.files.notation import (
    AmbiguousNumberError,
    DecimalSign,
    NotationMark,
    OddNumberError,
    decimals_of_amounts,
    marks_counted,
    number_mark,
    number_text,
)
from trips.driving_log.log_columns import LogField
from trips.driving_log.log_sheet import LogSheet, cell_text
from trips.driving_log.refusals import RowReason, RowRefusedError

_SIGNS = frozenset({NotationMark.DECIMAL_COMMA, NotationMark.DECIMAL_POINT})
_OF_THREE = (NotationMark.POINT_OF_THREE, NotationMark.COMMA_OF_THREE)

MILEAGE = (LogField.KM_START, LogField.KM_END)


class LogDistances:
    """Reads the distances of the rows of a sheet by the chosen columns."""

    def __init__(self, sheet: LogSheet, columns: Mapping[LogField, str]) -> None:
        self._columns = columns
        self._has_mileage = all(field in columns for field in MILEAGE)
        self._decimals = _decimals_of_distances(sheet, columns)
        self._mileage_decimals = _decimals_of_mileages(sheet, columns)

    def notes(self) -> list[str]:
        """The notes on distances that read both ways."""
        return self._decimals.notes() if LogField.KM in self._columns else []

    def km(self, cell: Mapping[LogField, object]) -> float:
        """The distance of a row.

        Raises:
            RowRefusedError: its cells tell of none.
        """
        if cell_text(cell.get(LogField.KM)) or not self._has_mileage:
            return self._number(cell, LogField.KM)
        begin, end = (self._number(cell, field) for field in MILEAGE)
        if end < begin:
            raise RowRefusedError(
                RowReason.KM_BACKWARDS,
                column=self._columns[LogField.KM_END],
                value=cell_text(cell[LogField.KM_END]),
            )
        return round(end - begin, 3)

    def _number(self, cell: Mapping[LogField, object], field: LogField) -> float:
        column, text = self._columns[field], cell_text(cell.get(field))
        if not text:
            raise RowRefusedError(RowReason.EMPTY, column=column)
        plain = self._plain if field is LogField.KM else self._plain_mileage
        try:
            number = _number(cell[field], plain(number_text(text)))
        except AmbiguousNumberError as error:
            raise RowRefusedError(RowReason.AMBIGUOUS, column=column, value=error.text) from None
        except OddNumberError as error:
            raise RowRefusedError(RowReason.ODD_NUMBER, column=column, value=error.text) from None
        if number is None:
            raise RowRefusedError(RowReason.NO_NUMBER, column=column, value=text)
        return number

    def _plain(self, text: str) -> str:
        return self._decimals.plain(text)

    def _plain_mileage(self, text: str) -> str:
        """A mileage as programs write it. One sign before three digits parts thousands unless other
        mileages show something else, for no mileage has three decimals."""
        if number_mark(text) in _OF_THREE and not self._mileage_decimals.shown & _SIGNS:
            return re.sub("[.,]", "", text)
        return self._mileage_decimals.plain(text)


def _decimals_of_distances(sheet: LogSheet, columns: Mapping[LogField, str]) -> DecimalSign:
    """The decimal sign of the distances, or where those show none, the one of other columns in
    km."""
    shown = sheet.marks(columns.get(LogField.KM))
    if not shown & _SIGNS:
        others = [heading for heading in sheet.headings if "km" in heading.lower()]
        shown |= _SIGNS & frozenset[NotationMark]().union(*(sheet.marks(one) for one in others))
    return DecimalSign(sheet.presumed_sign, shown)


def _decimals_of_mileages(sheet: LogSheet, columns: Mapping[LogField, str]) -> DecimalSign:
    """The decimal sign of the mileages at departure and return, by the rows that are there and the
    marks of the whole file."""
    headings = [one for field in MILEAGE if (one := columns.get(field)) in sheet.headings]
    counted = marks_counted(cell for one in headings for cell in sheet.column(one))
    shown = frozenset[NotationMark]().union(*(sheet.marks(one) for one in headings))
    return decimals_of_amounts("", counted, shown)


def _number(cell: object, text: str) -> float | None:
    """The number in a cell, whose text is `text` as programs write it; None: it holds none."""
    if isinstance(cell, bool | date):
        return None
    if isinstance(cell, int | float):
        return _finite(float(cell))
    return _finite(float(text)) if re.fullmatch(r"[-+]?\d+(\.\d*)?", text) else None


def _finite(number: float) -> float | None:
    return number if abs(number) < float("inf") else None
