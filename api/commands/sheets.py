"""Reads driving logs for commands."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from api.console import print_remark
from api.settings import load_settings
from fleet.files.notation import marks_in
from fleet.files.refusal import FileRefusedError, TableError
from fleet.files.tables import read_table
from trips.driving_log.log_columns import LogField
from trips.driving_log.log_headings import guess_columns
from trips.driving_log.log_rows import reading_notes
from trips.driving_log.log_sheet import LogSheet, read_sheet


def read_log_sheet(
    file: Path, given: Mapping[LogField, str] | None = None
) -> tuple[LogSheet, dict[LogField, str]]:
    """Read a `.csv` or `.parquet` file, or the first sheet of a workbook. Notes on how it was read
    are printed.

    Returns:
        The headings and rows, and the heading of each field: as `given`, or guessed.

    Raises:
        TableError: the file cannot be read, or has no rows.
    """
    sheet = _of_parquet(file) if file.suffix == ".parquet" else _of_file(file)
    columns = guess_columns(sheet) | dict(given or {})
    return sheet, columns


def print_reading_notes(sheet: LogSheet, columns: Mapping[LogField, str]) -> None:
    """Print notes on how the cells of imported trips were read."""
    for text in reading_notes(sheet, columns):
        print_remark(text)


def _of_file(file: Path) -> LogSheet:
    try:
        return read_sheet(file.name, file.read_bytes(), load_settings().upload_bounds, print_remark)
    except OSError as error:
        raise TableError(f"{file}: {error.strerror}") from None
    except FileRefusedError as error:
        raise TableError(f"{file}: {error}") from None


def _of_parquet(file: Path) -> LogSheet:
    table = read_table(file, ())
    columns: list[Sequence[object]] = []
    for name in table.column_names:
        values = table.column(name)
        try:
            if pa.types.is_timestamp(values.type):  # Python has no parts of a microsecond
                values = values.cast(pa.timestamp("us", values.type.tz), safe=False)
            columns.append(values.to_pylist())
        except (pa.ArrowException, ValueError, OverflowError) as error:
            raise TableError(f"{file}: column {name} cannot be read: {error}") from None
    rows = tuple(zip(*columns, strict=True))
    shown = tuple(map(marks_in, columns))
    return LogSheet(tuple(table.column_names), rows, presumed_sign=".", shown=shown)
