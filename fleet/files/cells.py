"""Reads the cells of CSV files and of workbooks as rows of texts, numbers and booleans, within
bounds.

`fleet.files.own_process` runs this module, for the libraries that it calls may take more memory
than there is.
"""

import csv
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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

Cell = str | int | float | bool

#: Columns of a row; of a list of trips or vehicles some dozens are used.
COLUMNS_MAX = 1_000

#: Characters of a heading.
HEADING_CHARS_MAX = 200

#: Characters of a cell, as many as Excel holds.
CELL_CHARS_MAX = 32_767

#: Characters of all cells together.
CHARS_MAX = 100 * MB

#: Parts of a workbook: sheets, styles, pictures.
PARTS_MAX = 10_000

#: Rows that are shown before a file is imported, its headings among them.
FIRST_ROWS = 11

#: Matches a cell that is not empty in the XML of a sheet: its column and its row.
_CELL = re.compile(rb'<(?:\w+:)?c\s[^<>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^<>]*(?<!/)>')
#: Matches a cell of such XML whose formula has no value: its column, its row and the error.
_ERROR_CELL = re.compile(
    rb'<(?:\w+:)?c\s[^<>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^<>]*?\bt="e"[^<>]*>'
    rb"(?:<(?:\w+:)?f\b[^<>]*>[^<]*</(?:\w+:)?f>)?<(?:\w+:)?v>(#[^<]{1,20})<"
)
#: The errors that `zipfile` raises for archives that are cut, changed, encrypted or packed in
#: unknown ways.
_BROKEN_ARCHIVE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(NotImplementedError, RuntimeError, EOFError, OSError, ValueError),
)
_PIECE = 1_000_000
_OVERLAP = 4_096


@dataclass(frozen=True, slots=True)
class FileTable:
    """The rows of a file from the headings on, and the decimal sign that writers of such files use;
    "": either. `heading_row` is the number of the row of headings in the file."""

    rows: Sequence[Sequence[Cell]]
    presumed_sign: str
    heading_row: int = 1


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
    return table_of(found.answer, unpack_rows(found.beside))


def table_of(answer: Mapping[str, Any], rows: Iterable[Sequence[Cell]]) -> FileTable:
    """The table of an answer of `read_packed`, which may have been stored by an earlier version,
    with all its rows or the first ones."""
    return FileTable(list(rows), answer.get("presumed_sign", ""), answer.get("heading_row", 1))


def read_packed(name: str, content: bytes, bounds: ReadingBounds) -> ReadFile:
    """Read a file in full, for a reader that shows its first rows before it is imported.

    Returns:
        As the answer the first rows, the number of rows that are not empty, the marks of each
        column, the presumed decimal sign, the number of the row of headings, and notes on how the
        file was read; beside it all rows from the headings on, packed.

    Raises:
        FileRefusedError: as for `read_cells`.
    """
    found = _rows(name, content, bounds)
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
        "notes": notes,
    }
    return ReadFile(answer | rows_to_show(table), pack_rows(table))


def rows_to_show(rows: Sequence[Sequence[Cell]]) -> dict[str, object]:
    """The part of a table that a person sees before the import: its first rows, and the marks of
    each column."""
    return {
        "first": rows[:FIRST_ROWS],
        "columns": [sorted(marks) for marks in marks_by_column(rows)],
    }


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
    the presumed decimal sign, and notes on how the file was read."""

    rows: list[list[Cell]]
    presumed_sign: str
    notes: list[str]
    first_row: int = 1


def _rows(name: str, content: bytes, bounds: ReadingBounds) -> _FoundRows:
    """Read all rows of a file."""
    if name.lower().endswith(".csv"):
        text = plain_text(content)
        delimiter = delimiter_of(text.text)
        notes = [*text.notes, *delimiter_note(delimiter)]
        return _FoundRows(list(_csv(text)), presumed_sign(delimiter), notes)
    errors: Mapping[tuple[int, int], str] = {}
    if content.startswith(b"PK"):
        errors = _bound_archive(content, bounds)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        # The library holds the range from the first to the last cell as a whole, however few are
        # filled.
        _bound_range(sheet.total_height, sheet.total_width, bounds)
        rows = cast(list[list[object]], sheet.to_python())
    except (CalamineError, IndexError, OSError, ValueError) as error:
        if isinstance(error, FileRefusedError):
            raise
        raise FileRefusedError(refusal.NO_TABLE) from None
    first = sheet.start or (0, 0)
    found = [[_plain(cell) for cell in row] for row in rows]
    _fill_merged(found, sheet.merged_cell_ranges or (), first, bounds)
    _fill_errors(found, errors, first)
    return _FoundRows(found, "", [], first[0] + 1)


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


def _fill_errors(
    rows: list[list[Cell]], errors: Mapping[tuple[int, int], str], first: tuple[int, int]
) -> None:
    """Put the errors of formulas, such as `#REF!`, into their cells, which the library leaves
    empty."""
    for (row, column), error in errors.items():
        at, beside = row - first[0], column - first[1]
        if 0 <= at < len(rows) and 0 <= beside < len(rows[at]):
            rows[at][beside] = error


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


def _bound_range(rows: int, columns: int, bounds: ReadingBounds) -> None:
    if rows * columns > bounds.cells:
        raise FileRefusedError(refusal.TOO_MANY_CELLS, cells=rows * columns, most=bounds.cells)


def _bound_archive(content: bytes, bounds: ReadingBounds) -> Mapping[tuple[int, int], str]:
    """Refuse a workbook whose parts are too many or too large, or whose first sheet reaches too
    far. The parts are measured as they unpack, for the sizes that an archive states may be
    wrong.

    Returns:
        The errors of formulas in the first sheet by row and column, from 0.
    """
    errors: dict[tuple[int, int], str] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _bound_parts(parts, bounds)
            first = _first_sheet(archive)
            unzipped = 0
            for part in parts:
                reach = _Reach()
                with archive.open(part) as stream:
                    before = b""
                    while piece := stream.read(_PIECE):
                        unzipped += len(piece)
                        _bound_bytes(unzipped, bounds)
                        if part.filename == first:
                            reach.see(before + piece)
                            errors |= _errors_in(before + piece)
                            before = piece[-_OVERLAP:]
                _bound_range(reach.rows, reach.columns, bounds)
    except FileRefusedError:
        raise
    except _BROKEN_ARCHIVE:
        raise FileRefusedError(refusal.NO_TABLE) from None
    return errors


def _errors_in(text: bytes) -> dict[tuple[int, int], str]:
    """The errors of formulas in a piece of the XML of a sheet, by row and column."""
    return {
        (int(row) - 1, _column_number(column) - 1): error.decode(errors="replace")
        for column, row, error in _ERROR_CELL.findall(text)
    }


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _bound_parts(parts: Sequence[zipfile.ZipInfo], bounds: ReadingBounds) -> None:
    if len(parts) > PARTS_MAX:
        raise FileRefusedError(refusal.TOO_MANY_PARTS, parts=len(parts), most=PARTS_MAX)
    _bound_bytes(sum(part.file_size for part in parts), bounds)


class _Reach:
    """Tells how far the filled cells of a sheet reach, from its XML piece by piece."""

    def __init__(self) -> None:
        self._rows = (2**31, -1)
        self._columns = (2**31, -1)

    def see(self, text: bytes) -> None:
        for column, row in _CELL.findall(text):
            at = int(row)
            self._rows = min(self._rows[0], at), max(self._rows[1], at)
            number = _column_number(column)
            self._columns = min(self._columns[0], number), max(self._columns[1], number)

    @property
    def rows(self) -> int:
        return max(0, self._rows[1] - self._rows[0] + 1)

    @property
    def columns(self) -> int:
        return max(0, self._columns[1] - self._columns[0] + 1)


def _first_sheet(archive: zipfile.ZipFile) -> str:
    """The name of the part of a workbook that holds its first sheet; "" where it is no workbook of
    Excel."""
    try:
        book = archive.read("xl/workbook.xml")
        links = archive.read("xl/_rels/workbook.xml.rels")
    except KeyError:
        return ""
    named = re.search(rb'<(?:\w+:)?sheet\s[^>]*?\b\w+:id="([^"]+)"', book)
    for link in re.findall(rb"<(?:\w+:)?Relationship\s[^>]*>", links):
        if named is not None and b'Id="' + named[1] + b'"' in link:
            target = re.search(rb'Target="/?(?:xl/)?([^"]+)"', link)
            return "" if target is None else "xl/" + target[1].decode(errors="replace")
    return ""


def _bound_bytes(size: int, bounds: ReadingBounds) -> None:
    if size > bounds.unzipped_bytes:
        most = bounds.unzipped_bytes // MB
        raise FileRefusedError(refusal.TOO_LARGE_UNZIPPED, size=round(size / MB), most=most)
