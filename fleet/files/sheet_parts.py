"""Measures the parts of a workbook, and reads what their XML tells beside what the library
reads."""

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from html import unescape

from fleet.files import refusal
from fleet.files.own_process import MB, ReadingBounds
from fleet.files.refusal import FileRefusedError

#: Characters of a cell, as many as Excel holds.
CELL_CHARS_MAX = 32_767

#: Parts of a workbook: sheets, styles, pictures.
PARTS_MAX = 10_000

#: Sheets of a workbook among which the one with the list is looked for.
SHEETS_MAX = 20

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
#: Matches a cell of such XML that has a formula and no stored value, as programs write it that do
#: not compute: its column, its row and the formula. An empty text (`t="str"`) is a value.
_UNVALUED_CELL = re.compile(
    rb'<(?:\w+:)?c\s(?![^<>]*\bt="str")[^<>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^<>]*(?<!/)>'
    rb"<(?:\w+:)?f\b[^<>]*?(?:/>|>([^<]*)</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_PIECE = 1_000_000
_OVERLAP = 4_096


class SheetPart:
    """What the XML of a sheet tells beside what the library reads: how far its cells reach, and by
    row and column, from 0, the errors of its formulas and the formulas without a value."""

    def __init__(self) -> None:
        self.reach = _Reach()
        self.errors: dict[tuple[int, int], str] = {}
        self.unvalued: dict[tuple[int, int], str] = {}

    def see(self, text: bytes) -> None:
        self.reach.see(text)
        self.errors |= _errors_in(text)
        self.unvalued |= _unvalued_in(text)


def sheet_parts(content: bytes, bounds: ReadingBounds) -> list[SheetPart]:
    """Refuse a workbook whose parts are too many or too large. They are measured as they unpack,
    for the sizes that an archive states may be wrong.

    Returns:
        What the parts of its sheets tell, in the order of the sheets.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _bound_parts(parts, bounds)
            names = _sheets(archive)
            sheets = {name: SheetPart() for name in names}
            unzipped = 0
            for part in parts:
                sheet = sheets.get(part.filename)
                with archive.open(part) as stream:
                    before = b""
                    while piece := stream.read(_PIECE):
                        unzipped += len(piece)
                        _bound_bytes(unzipped, bounds)
                        if sheet is not None:
                            sheet.see(before + piece)
                            before = piece[-_OVERLAP:]
    except FileRefusedError:
        raise
    except _BROKEN_ARCHIVE:
        raise FileRefusedError(refusal.NO_TABLE) from None
    return [sheets[name] for name in names]


def _errors_in(text: bytes) -> dict[tuple[int, int], str]:
    """The errors of formulas in a piece of the XML of a sheet, by row and column."""
    return {
        (int(row) - 1, _column_number(column) - 1): error.decode(errors="replace")
        for column, row, error in _ERROR_CELL.findall(text)
    }


def _unvalued_in(text: bytes) -> dict[tuple[int, int], str]:
    """The formulas without a value in a piece of the XML of a sheet, by row and column."""
    return {
        (int(row) - 1, _column_number(column) - 1): "="
        + unescape(formula.decode(errors="replace"))[: CELL_CHARS_MAX - 1]
        for column, row, formula in _UNVALUED_CELL.findall(text)
    }


def column_letters(number: int) -> str:
    """The letters of a column, from 0."""
    letters = ""
    while number >= 0:
        letters = chr(ord("A") + number % 26) + letters
        number = number // 26 - 1
    return letters


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


def _sheets(archive: zipfile.ZipFile) -> list[str]:
    """The names of the parts of a workbook that hold its sheets, in their order; none where it is
    no workbook of Excel."""
    try:
        book = archive.read("xl/workbook.xml")
        links = archive.read("xl/_rels/workbook.xml.rels")
    except KeyError:
        return []
    targets: dict[bytes, str] = {}
    for link in re.findall(rb"<(?:\w+:)?Relationship\s[^>]*>", links):
        named = re.search(rb'\bId="([^"]+)"', link)
        target = re.search(rb'Target="/?(?:xl/)?([^"]+)"', link)
        if named is not None and target is not None:
            targets[named[1]] = "xl/" + target[1].decode(errors="replace")
    sheets = re.findall(rb'<(?:\w+:)?sheet\s[^>]*?\b\w+:id="([^"]+)"', book)
    return [targets.get(one, "") for one in sheets[:SHEETS_MAX]]


def _bound_bytes(size: int, bounds: ReadingBounds) -> None:
    if size > bounds.unzipped_bytes:
        most = bounds.unzipped_bytes // MB
        raise FileRefusedError(refusal.TOO_LARGE_UNZIPPED, size=round(size / MB), most=most)


def bound_range(rows: int, columns: int, bounds: ReadingBounds) -> None:
    if rows * columns > bounds.cells:
        raise FileRefusedError(refusal.TOO_MANY_CELLS, cells=rows * columns, most=bounds.cells)
