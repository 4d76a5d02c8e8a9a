"""Reads CSV files, however a Danish system wrote them, as rows of text with their line numbers.

The headings are the first row. `CsvTable.number` reads a number by the decimal sign of the file, as
`fleet.files.notation` finds it.
"""

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from fleet.files.notation import DecimalSign, marks_in
from fleet.files.plain_text import delimiter_note, delimiter_of, plain_text, presumed_sign
from fleet.files.refusal import FileRefusedError, TableError


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The headings, the rows with the line that each ends on, and notes on how they were read."""

    columns: tuple[str, ...]
    rows: list[tuple[int, Mapping[str, str]]]
    notes: list[str]
    decimals: DecimalSign

    def number(self, text: str) -> str:
        """A number of this file as programs write it.

        Raises:
            AmbiguousNumberError: it may be one of two.
        """
        return self.decimals.plain(text.strip())


def read_csv(path: Path, numbers: Collection[str]) -> CsvTable:
    """Read the table in a CSV file. Empty rows are skipped, and a cell that is not there is empty.
    The columns `numbers` tell the decimal sign.

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
    shown = marks_in(row[name] for name in columns if name in numbers for _, row in rows)
    decimals = DecimalSign(presumed_sign(delimiter), shown)
    said = (*text.notes, *delimiter_note(delimiter), *decimals.notes())
    return CsvTable(columns, rows, [f"{path.name}: {note}" for note in said], decimals)


def _lines(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise TableError(f"{path}: row {reader.line_num}: {error}") from None
