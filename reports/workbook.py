"""Tables as an Excel workbook: each with its names and units, and numbers rounded for the eye only,
so that sums stay right."""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import cast

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

from fleet.files.spreadsheet import is_formula
from fleet.files.tables import SHEET_NAME_MAX


class Unit(Enum):
    """What a column holds, with the format of its cells in Excel."""

    WORDS = "@"
    DAY = "dd-mm-yyyy"
    COUNT = "#,##0"
    KR = "#,##0;-#,##0"
    TONNES = "#,##0.0"
    KM = "#,##0.0##"
    KG = "#,##0.0#"
    KW = "#,##0.0;-#,##0.0"
    SHARE = "0.0%"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in another unit than that of its column."""

    number: float
    unit: Unit


Value = str | int | float | date | Figure | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its name, which has the unit in it."""

    name: str
    unit: Unit = Unit.WORDS


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table on a sheet of its own."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]


#: What the name of a sheet may not hold.
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")

_WIDE = 40


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The workbook with `sheets`. A text that looks like a formula stays a text."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        # XlsxWriter declares these without the types of their arguments.
        style = cast(Callable[[dict[str, object]], object], book.add_format)  # pyright: ignore[reportUnknownMemberType]
        heading = style({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1})
        # A text that is longer than its column is wide goes on below.
        words = style({"valign": "top", "text_wrap": True})
        quoted = style({"quote_prefix": True, "valign": "top", "text_wrap": True})
        numbers = {unit: style({"num_format": unit.value, "valign": "top"}) for unit in Unit}
        for one in sheets:
            name = _FORBIDDEN.sub(" ", one.title)[:SHEET_NAME_MAX]
            sheet = book.add_worksheet(name)  # pyright: ignore[reportUnknownMemberType]
            write = cast(Callable[..., int], sheet.write)  # pyright: ignore[reportUnknownMemberType]
            for at, column in enumerate(one.columns):
                texts = [len(row[at]) for row in one.rows if isinstance(row[at], str)]  # pyright: ignore[reportArgumentType]
                width = min(_WIDE, max([12, *texts]) + 1)
                sheet.set_column(at, at, width)
                write(0, at, column.name, quoted if is_formula(column.name) else heading)
            sheet.freeze_panes(1, 1)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
            if one.rows:
                sheet.autofilter(0, 0, len(one.rows), len(one.columns) - 1)
            for number, row in enumerate(one.rows, start=1):
                for at, value in enumerate(row):
                    if isinstance(value, str):
                        write(number, at, value, quoted if is_formula(value) else words)
                    elif isinstance(value, Figure):
                        write(number, at, value.number, numbers[value.unit])
                    elif value is not None:
                        write(number, at, value, numbers[one.columns[at].unit])
    return file.getvalue()
