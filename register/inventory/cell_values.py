"""Reads the cells of a list of vehicles: texts, days and numbers as people and spreadsheets write
them. It is pure."""

import re
from datetime import date, timedelta

from fleet.files.cells import Cell
from fleet.files.notation import DecimalSign
from fleet.files.spreadsheet import is_formula
from fleet.moments import day_of, has_short_year
from register.inventory.details import plain_text

#: Signs by which people say that a cell is empty.
_NOTHING = frozenset({"", "-", "–", "—", "−", "?"})

#: Excel counts days from here; the numbers of the years 1954 to 2119, which a cell holds whose
#: format is not that of a date.
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_DAYS = range(20_000, 80_001)

#: What stands around a number: its unit, and the sign for "no øre".
_UNIT = re.compile(
    r"(kr\.?|dkk|km|kilometer|timer|t\.)(\s*(/|pr\.?|per)\s*(år|md\.?|måned))?$|(?<=\d),-{1,2}$",
    re.IGNORECASE,
)
_CURRENCY = re.compile(r"^(kr\.?|dkk)\s*", re.IGNORECASE)
#: No number here has as many digits; one that is too large is told so, and not that it is none.
_NUMBER = re.compile(r"[-+−]?\d{1,40}(\.\d{0,40})?")


def cell_text(cell: Cell) -> str:
    """The text of a cell as people would type it; empty where a sign says that it is empty.

    An apostrophe that keeps a spreadsheet from computing the text is left out.
    """
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = plain_text(str(cell))
    if text.startswith("'") and is_formula(text[1:]):
        text = text[1:]
    return "" if text in _NOTHING else text


def day_in(cell: Cell, *, latest: date | None = None) -> date | None:
    """The day in a cell, or the day that a number is in Excel; None: it holds none.

    A year of two digits is of this century, or of the last one where the day would be after
    `latest`.
    """
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        whole = int(cell)
        return _EXCEL_EPOCH + timedelta(days=whole) if whole in _EXCEL_DAYS else None
    text = plain_text(cell)
    day = day_of(text)
    if day is None or latest is None or day <= latest or not has_short_year(text):
        return day
    return date(day.year - 100, day.month, min(day.day, 28) if day.month == 2 else day.day)


def amount_text(cell: Cell) -> str:
    """The number in a cell as it is written, without its unit and spaces."""
    text = _CURRENCY.sub("", plain_text(str(cell)))
    return re.sub(r"\s", "", _UNIT.sub("", text).strip())


def number_in(cell: Cell, decimals: DecimalSign) -> float | None:
    """The number in a cell; None: it holds none.

    Raises:
        AmbiguousNumberError: it may be one of two.
        OddNumberError: its decimal sign is the one that parts thousands in its column.
    """
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return float(cell)
    text = decimals.plain(amount_text(cell))
    return float(text.replace("−", "-")) if _NUMBER.fullmatch(text) else None
