"""Driving logs as commands read them."""

from pathlib import Path

from fleet.refusal import FileRefusedError
from fleet.settings import load_settings
from fleet.tables import TableError, read_table
from trips.driving_log import Sheet, read_sheet


def sheet_in(file: Path) -> Sheet:
    """The headings and rows of a `.csv` or `.parquet` file, or of the first sheet of a workbook.

    Raises:
        TableError: the file cannot be read, or has no rows.
    """
    if file.suffix == ".parquet":
        table = read_table(file, ())
        columns = [column.to_pylist() for column in table.columns]
        return Sheet(tuple(table.column_names), tuple(zip(*columns, strict=True)))
    try:
        return read_sheet(file.name, file.read_bytes(), load_settings().upload_bounds)
    except OSError as error:
        raise TableError(f"{file}: {error.strerror}") from None
    except FileRefusedError as error:
        raise TableError(f"{file}: {error}") from None
