"""CSV files as rows of text with their line, however a Danish system wrote them.

The first row is the headings. In a file whose columns are parted by semicolons or tabs, a comma in
a number is a decimal one, and points beside it part thousands; `CsvTable.number` reads it so.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from fleet.plain_text import delimiter_note, delimiter_of, plain_text
from fleet.refusal import FileRefusedError, TableError


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The headings, the rows with the line that each ends on, and notes on how they were read."""

    columns: tuple[str, ...]
    rows: list[tuple[int, Mapping[str, str]]]
    notes: list[str]
    decimal_comma: bool

    def number(self, text: str) -> str:
        """A number of this file as programs write it."""
        if self.decimal_comma and "," in text:
            return text.replace(".", "").replace(",", ".")
        return text


def read_csv(path: Path) -> CsvTable:
    """The table in a CSV file. An empty row is none; a cell that is not there is empty.

    Raises:
        TableError: it cannot be read; the message names the file, and the row where there is one.
    """
    try:
        text = plain_text(path.read_bytes())
    except OSError as error:
        raise TableError(f"{path}: {error.strerror}") from None
    except FileRefusedError as error:
        raise TableError(f"{path}: {error}") from None
    delimiter = delimiter_of(text.text)
    lines = _lines(path, text.text, delimiter)
    nothing: tuple[int, list[str]] = (0, [])
    _, headings = next(lines, nothing)
    columns = tuple(heading.strip() for heading in headings)
    if not columns:
        raise TableError(f"{path}: is empty")
    repeated = sorted({name for name in columns if name and columns.count(name) > 1})
    if repeated:
        raise TableError(f"{path}: column {', '.join(repeated)} occurs twice")
    rows: list[tuple[int, Mapping[str, str]]] = []
    for line, cells in lines:
        if len(cells) > len(columns):
            raise TableError(f"{path}: row {line}: has more cells than the header has columns")
        padded = [*cells, *[""] * (len(columns) - len(cells))]
        rows.append((line, dict(zip(columns, padded, strict=True))))
    notes = [f"{path.name}: {note}" for note in (*text.notes, *delimiter_note(delimiter))]
    return CsvTable(columns, rows, notes, decimal_comma=delimiter != ",")


def _lines(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise TableError(f"{path}: row {reader.line_num}: {error}") from None
