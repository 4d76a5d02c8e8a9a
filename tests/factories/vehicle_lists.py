"""Lists of vehicles as municipalities keep them, as tables and as files of Excel."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

from fleet.files.cells import Cell, FileTable


def table(headings: Sequence[str], *rows: Sequence[Cell], heading_row: int = 1) -> FileTable:
    """A table as it is read from a workbook."""
    return FileTable([list(headings), *map(list, rows)], "", heading_row)


def workbook(
    cells: Mapping[str, object],
    *,
    merged: Mapping[str, object] | None = None,
    formulas: Mapping[str, tuple[str, object]] | None = None,
) -> bytes:
    """A workbook with values, merged values and formulas with their results, by their places such
    as `B4` and `A1:F1`."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"default_date_format": "dd-mm-yyyy"}) as book:
        sheet: Any = book.add_worksheet("Flåde")  # pyright: ignore[reportUnknownMemberType]
        write: Callable[..., object] = sheet.write
        for place, value in cells.items():
            write(place, value)
        for place, value in (merged or {}).items():
            sheet.merge_range(place, value)
        for place, (formula, result) in (formulas or {}).items():
            sheet.write_formula(place, formula, None, result)
    return file.getvalue()


def sheet_cells(rows: Sequence[Sequence[object]], first_row: int = 1) -> dict[str, object]:
    """The cells of rows by their places, from column A on."""
    return {
        f"{chr(ord('A') + at)}{number}": value
        for number, row in enumerate(rows, start=first_row)
        for at, value in enumerate(row)
        if value != ""
    }
