"""Reads the cells of CSV files and of workbooks as rows of texts, numbers and booleans, within
bounds.

`fleet.files.own_process` runs this module, for the libraries that it calls may take more memory
than there is.
"""

import csv
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import orjson
from python_calamine import CalamineError, CalamineWorkbook

from fleet.files import refusal
from fleet.files.heading_row import NOTE_ROWS_ABOVE, heading_at, headings_of
from fleet.files.notation import marks_by_column
from fleet.files.own_process import MB, ReadFile, ReadingBounds, read_in_own_process
from fleet.files.plain_text import (
    PlainText,
    delimiter_note,
    delimiter_of,
    plain_text,
    presumed_sign,
)
from fleet.files.refusal import FileRefusedError
from fleet.files.sheet_parts import (
    CELL_CHARS_MAX,
    SHEETS_MAX,
    SheetPart,
    bound_range,
    column_letters,
    sheet_parts,
)
from fleet.saying import Saying, in_words

Cell = str | int | float | bool

#: Columns of a row; of a list of trips or vehicles some dozens are used.
COLUMNS_MAX = 1_000

#: Characters of a heading.
HEADING_CHARS_MAX = 200

#: Characters of all cells together.
CHARS_MAX = 100 * MB

#: The columns that a list has at least.
LIST_COLUMNS = 3

#: Cells without a value that a note names.
CELLS_NAMED = 5

#: The notes with values, as codes of sayings.
NOTE_OTHER_SHEET = "The first sheet does not look like a list; the sheet %(sheet)s is read"
NOTE_UNVALUED = (
    "A formula without a stored value: %(cells)s. Open the file in Excel, save it, and hand"
    " that over"
)

#: Rows that are shown before a file is imported, its headings among them.
FIRST_ROWS = 11


@dataclass(frozen=True, slots=True)
class FileTable:
    """The rows of a file from the headings on, and the decimal sign that writers of such files use;
    "": either. `heading_row` is the number of the row of headings in the file, and `spanned` are
    those of rows that have a cell which is merged over columns, as headings of groups are."""

    rows: Sequence[Sequence[Cell]]
    presumed_sign: str
    heading_row: int = 1
    spanned: frozenset[int] = frozenset()


def read_cells(
    name: str, content: bytes, bounds: ReadingBounds, say: Callable[[str], None] = lambda _: None
) -> FileTable:
    """Read the rows of a CSV file, or of the first sheet of a workbook, from the headings on, in a
    process of its own.

    `say` is told how the file was read, where that is not plain.

    Raises:
        FileRefusedError: it cannot be read, or is larger than the bounds.
    """
    found = read_in_own_process("fleet.files.cells:read_packed", name, content, bounds)
    for note in found.answer["notes"]:
        say(note)
    for said in sayings_of(found.answer):
        say(in_words(said, str))
    return table_of(found.answer, unpack_rows(found.beside))


def sayings_of(answer: Mapping[str, Any]) -> list[Saying]:
    """The notes with values of an answer of `read_packed`, whose codes are English sentences."""
    return [Saying.from_json(one) for one in answer.get("said", ())]


def table_of(answer: Mapping[str, Any], rows: Iterable[Sequence[Cell]]) -> FileTable:
    """The table of an answer of `read_packed`, which may have been stored by an earlier version,
    with all its rows or the first ones."""
    spanned = frozenset[int](answer.get("spanned", ()))
    return FileTable(
        list(rows), answer.get("presumed_sign", ""), answer.get("heading_row", 1), spanned
    )


def read_packed(
    name: str, content: bytes, bounds: ReadingBounds, columns: int = LIST_COLUMNS
) -> ReadFile:
    """Read a file in full, for a reader that shows its first rows before it is imported. Of a
    workbook it is the first sheet that looks like a list with so many `columns`, or else the first
    one with rows.

    Returns:
        As the answer the first rows, the number of rows that are not empty, the marks of each
        column and whether it is `filled` below its heading, the presumed decimal sign, the number
        of the row of headings, those of rows with a cell that is merged over columns, and notes on
        how the file was read, `said` those with values; beside it all rows from the headings on,
        packed.

    Raises:
        FileRefusedError: as for `read_cells`.
    """
    found = _rows(name, content, bounds, columns)
    rows, notes = found.rows, found.notes
    _bound(rows, bounds)
    at = heading_at(rows)
    if at is None or not any(str(cell).strip() for row in rows[at + 1 :] for cell in row):
        raise FileRefusedError(refusal.NO_ROWS)
    table = [list[Cell](headings_of(rows, at)), *rows[at + 1 :]]
    number = found.first_row + at
    if any(len(str(cell)) > HEADING_CHARS_MAX for cell in table[0]):
        raise FileRefusedError(refusal.CELL_TOO_LONG, row=number, most=HEADING_CHARS_MAX)
    if any(str(cell).strip() for row in rows[:at] for cell in row):
        notes = [*notes, NOTE_ROWS_ABOVE]
    answer = {
        "rows": 1 + sum(any(str(cell).strip() for cell in row) for row in table[1:]),
        "presumed_sign": found.presumed_sign,
        "heading_row": number,
        "spanned": sorted(found.spanned),
        "notes": notes,
        "said": [one.to_json() for one in found.said],
    }
    return ReadFile(answer | rows_to_show(table), pack_rows(table))


def rows_to_show(rows: Sequence[Sequence[Cell]]) -> dict[str, object]:
    """The part of a table that a person sees before the import: its first rows, and of each column
    the marks and whether it is filled."""
    return {
        "first": rows[:FIRST_ROWS],
        "columns": [sorted(marks) for marks in marks_by_column(rows)],
        "filled": filled_columns(rows),
    }


def filled_columns(rows: Sequence[Sequence[object]]) -> list[bool]:
    """Whether each column of a table has a cell below its heading that is not empty. Where none
    has, the headings alone tell what the table is for, and each counts as filled."""
    if not rows:
        return []
    filled = [False] * len(rows[0])
    for row in rows[1:]:
        for at, cell in enumerate(row[: len(filled)]):
            filled[at] = filled[at] or (cell is not None and bool(str(cell).strip()))
    return filled if any(filled) else [True] * len(filled)


def unpack_rows(rows: bytes) -> Iterator[list[Cell]]:
    """The rows that `pack_rows` packed, a piece at a time."""
    unpack = zlib.decompressobj()
    rest = b""
    for at in range(0, len(rows), 65_536):
        *lines, rest = (rest + unpack.decompress(rows[at : at + 65_536])).split(b"\n")
        for line in lines:
            yield orjson.loads(line)


def pack_rows(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as `unpack_rows` reads them."""
    pack = zlib.compressobj(1)
    pieces = [pack.compress(orjson.dumps(row) + b"\n") for row in rows]
    return b"".join((*pieces, pack.flush()))


@dataclass(frozen=True, slots=True)
class _FoundRows:
    """All rows of a file from the first one with a cell on, which is row `first_row` of the file,
    the presumed decimal sign, and notes on how the file was read, `said` those with values.
    `spanned` are the numbers of rows with a cell that is merged over columns."""

    rows: list[list[Cell]]
    presumed_sign: str
    notes: list[str]
    first_row: int = 1
    said: Sequence[Saying] = ()
    spanned: frozenset[int] = frozenset()


def _rows(name: str, content: bytes, bounds: ReadingBounds, columns: int) -> _FoundRows:
    """Read all rows of a file."""
    if name.lower().endswith(".csv"):
        text = plain_text(content)
        delimiter = delimiter_of(text.text)
        notes = [*text.notes, *delimiter_note(delimiter)]
        return _FoundRows(list(_csv(text)), presumed_sign(delimiter), notes)
    parts: Sequence[SheetPart] = ()
    if content.startswith(b"PK"):
        parts = sheet_parts(content, bounds)
        for part in parts[:1]:
            bound_range(part.reach.rows, part.reach.columns, bounds)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return _list_in(book, parts, bounds, columns)
    except (CalamineError, IndexError, OSError, ValueError) as error:
        if isinstance(error, FileRefusedError):
            raise
        raise FileRefusedError(refusal.NO_TABLE) from None


def _list_in(
    book: CalamineWorkbook, parts: Sequence[SheetPart], bounds: ReadingBounds, columns: int
) -> _FoundRows:
    """The rows of the first sheet that looks like a list with so many `columns`; where none does,
    of the first one with rows. A sheet beside the first one that cannot be read is none."""
    rest: _FoundRows | None = None
    for index, name in enumerate(book.sheet_names[:SHEETS_MAX]):
        try:
            found = _sheet_rows(book, index, parts, bounds)
        except (CalamineError, IndexError, OSError, ValueError):
            if index == 0:
                raise
            continue
        if index:
            found = replace(found, said=[Saying(NOTE_OTHER_SHEET, {"sheet": name}), *found.said])
        if _looks_like_list(found.rows, columns):
            return found
        if rest is None or (not _has_rows(rest.rows) and _has_rows(found.rows)):
            rest = found
    if rest is None:
        raise FileRefusedError(refusal.NO_ROWS)
    return rest


def _sheet_rows(
    book: CalamineWorkbook, index: int, parts: Sequence[SheetPart], bounds: ReadingBounds
) -> _FoundRows:
    part = parts[index] if index < len(parts) else SheetPart()
    bound_range(part.reach.rows, part.reach.columns, bounds)
    sheet = book.get_sheet_by_index(index)
    # The library holds the range from the first to the last cell as a whole, however few are
    # filled.
    bound_range(sheet.total_height, sheet.total_width, bounds)
    rows = cast(list[list[object]], sheet.to_python())
    first = sheet.start or (0, 0)
    found = [[_plain(cell) for cell in row] for row in rows]
    merged = sheet.merged_cell_ranges or ()
    _fill_merged(found, merged, first, bounds)
    _fill(found, part.errors, first)
    _fill(found, part.unvalued, first)
    spanned = frozenset(top + 1 for (top, left), (_, right) in merged if right > left)
    return _FoundRows(found, "", [], first[0] + 1, _unvalued_note(part.unvalued), spanned)


def _unvalued_note(cells: Iterable[tuple[int, int]]) -> list[Saying]:
    named = [f"{column_letters(column)}{row + 1}" for row, column in sorted(cells)]
    if not named:
        return []
    more = ["…"] if len(named) > CELLS_NAMED else []
    return [Saying(NOTE_UNVALUED, {"cells": ", ".join([*named[:CELLS_NAMED], *more])})]


def _looks_like_list(rows: Sequence[Sequence[Cell]], columns: int) -> bool:
    at = heading_at(rows)
    if at is None or _filled(rows[at]) < columns:
        return False
    return any(_filled(row) >= min(columns, 2) for row in rows[at + 1 :])


def _has_rows(rows: Sequence[Sequence[Cell]]) -> bool:
    at = heading_at(rows)
    return at is not None and any(map(_filled, rows[at + 1 :]))


def _filled(row: Sequence[Cell]) -> int:
    return sum(1 for cell in row if str(cell).strip())


def _fill_merged(
    rows: list[list[Cell]],
    ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]],
    first: tuple[int, int],
    bounds: ReadingBounds,
) -> None:
    """Repeat the value of a cell that is merged over several rows in each of them: the department
    beside five vehicles is that of all five. A title that is merged over columns is there once."""
    filled = 0
    for (top, left), (bottom, _) in ranges:
        row, column = top - first[0], left - first[1]
        below = rows[row + 1 : bottom - first[0] + 1] if row >= 0 and column >= 0 else []
        filled += len(below)
        if filled > bounds.cells:
            raise FileRefusedError(refusal.TOO_MANY_CELLS, cells=filled, most=bounds.cells)
        for cells in below:
            if column < min(len(rows[row]), len(cells)):
                cells[column] = rows[row][column]


def _fill(
    rows: list[list[Cell]], cells: Mapping[tuple[int, int], str], first: tuple[int, int]
) -> None:
    """Put the errors of formulas, such as `#REF!`, and formulas without a value into their cells,
    which the library leaves empty."""
    for (row, column), text in cells.items():
        at, beside = row - first[0], column - first[1]
        if 0 <= at < len(rows) and 0 <= beside < len(rows[at]):
            rows[at][beside] = text


def _csv(text: PlainText) -> Iterator[list[Cell]]:
    csv.field_size_limit(CELL_CHARS_MAX)
    reader = csv.reader(io.StringIO(text.text, newline=""), delimiter=delimiter_of(text.text))
    try:
        for row in reader:
            yield list[Cell](row)
    except csv.Error:
        row = reader.line_num
        raise FileRefusedError(refusal.CELL_TOO_LONG, row=row, most=CELL_CHARS_MAX) from None


def _plain(cell: object) -> Cell:
    """A cell as a value of JSON; a moment as ISO 8601 has it, without a zone."""
    if isinstance(cell, bool | int | str):
        return cell
    if isinstance(cell, float):
        return cell if abs(cell) < float("inf") else str(cell)
    return str(cell)


def _bound(rows: Sequence[Sequence[Cell]], bounds: ReadingBounds) -> None:
    cells = chars = 0
    for number, row in enumerate(rows, start=1):
        if len(row) > COLUMNS_MAX:
            raise FileRefusedError(refusal.TOO_MANY_COLUMNS, columns=len(row), most=COLUMNS_MAX)
        cells += len(row)
        for cell in row:
            if isinstance(cell, str):
                if len(cell) > CELL_CHARS_MAX:
                    raise FileRefusedError(refusal.CELL_TOO_LONG, row=number, most=CELL_CHARS_MAX)
                chars += len(cell)
        if cells > bounds.cells:
            raise FileRefusedError(refusal.TOO_MANY_CELLS, cells=cells, most=bounds.cells)
        if chars > CHARS_MAX:
            raise FileRefusedError(refusal.TOO_MUCH_TEXT, most=CHARS_MAX // MB)
