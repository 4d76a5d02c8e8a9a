"""The sheet of a driving log as it stands in its file: headings, rows, and how numbers are
written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from fleet.files.cells import FileTable, filled_columns, read_cells
from fleet.files.notation import NotationMark, marks_by_column
from fleet.files.own_process import ReadingBounds


@dataclass(frozen=True, slots=True)
class LogSheet:
    """The first sheet of a file: its headings, and its rows in their own lengths.

    Attributes:
        presumed_sign: the decimal sign that writers of such files use; "": either one.
        shown: the marks of each column in the whole file, of which `rows` may be only the first
            rows.
        heading_row: the number of the row of headings in the file.
        filled: whether each column of the whole file has a cell that is not empty.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    presumed_sign: str
    shown: tuple[frozenset[NotationMark], ...]
    heading_row: int = 1
    filled: tuple[bool, ...] = ()

    def marks(self, heading: str | None) -> frozenset[NotationMark]:
        """The marks of a column; empty where there is no such column."""
        if heading is None or heading not in self.headings:
            return frozenset()
        return self.shown[self.headings.index(heading)]

    @property
    def filled_headings(self) -> list[str]:
        """The headings of the columns that are filled, without empty ones."""
        pairs = zip(self.headings, self.filled, strict=False)
        return [heading for heading, is_filled in pairs if heading and is_filled]

    def numbered(self) -> Iterator[tuple[int, tuple[object, ...]]]:
        """The rows below the headings, each with its number in the file."""
        return zip(count(self.heading_row + 1), self.rows, strict=False)

    def texts(self, row: int) -> tuple[str, ...]:
        """The cells of the row with this number in the file, as texts."""
        return tuple(cell_text(cell) for cell in self.rows[row - self.heading_row - 1])

    def column(self, heading: str) -> Iterator[object]:
        """The cells of a column that are not empty."""
        at = self.headings.index(heading)
        return (row[at] for row in self.rows if at < len(row) and cell_text(row[at]))


def sheet_of(table: FileTable) -> LogSheet:
    """The sheet of a table whose first row is its headings."""
    headings, *others = table.rows
    return LogSheet(
        tuple(str(cell).strip() for cell in headings),
        tuple(map(tuple, others)),
        table.presumed_sign,
        tuple(marks_by_column(table.rows)),
        table.heading_row,
        tuple(filled_columns(table.rows)),
    )


def read_sheet(
    name: str, content: bytes, bounds: ReadingBounds, say: Callable[[str], None] = lambda _: None
) -> LogSheet:
    """Read the first sheet of a file: CSV if its name ends in `.csv`, otherwise a workbook of Excel
    or LibreOffice.

    `say` is told how the file was read, where that is not plain.

    Raises:
        FileRefusedError: it cannot be read, has no row below its headings, or is larger than the
            bounds.
    """
    return sheet_of(read_cells(name, content, bounds, say))


def cell_text(cell: object) -> str:
    """The text of a cell as people would type it, without the space around it; empty for none."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()
