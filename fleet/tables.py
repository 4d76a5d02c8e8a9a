"""Reading tables that people hand over: Parquet, or CSV as Excel and loggers write it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

#: A number of this size or more is milliseconds, below it seconds.
EPOCH_SECONDS_MAX = 2**31 - 1


class TableError(ValueError):
    """A file is not the table that it should be. The message names the file and the column."""


def read_table(path: Path, required: Sequence[str]) -> pa.Table:
    """The table in a `.csv` or `.parquet` file, all columns, checked to have the required ones.

    Raises:
        TableError: the file is missing, has another ending, cannot be parsed, or lacks a column.
    """
    if not path.is_file():
        raise TableError(f"{path}: no such file")
    try:
        if path.suffix == ".parquet":
            table = pq.read_table(path)  # pyright: ignore[reportUnknownMemberType]
        elif path.suffix == ".csv":
            table = pacsv.read_csv(path)
        else:
            raise TableError(f"{path}: must end in .csv or .parquet")
    except pa.ArrowInvalid as error:
        raise TableError(f"{path}: {error}") from None
    missing = [name for name in required if name not in table.column_names]
    if missing:
        found = ", ".join(table.column_names)
        raise TableError(f"{path}: no column {', '.join(missing)} (found: {found})")
    return table


def timestamps_us(table: pa.Table, column: str, path: Path) -> npt.NDArray[np.int64]:
    """Column `column` as microseconds since 1970 in UTC.

    Takes timestamps (without a zone read as UTC), ISO 8601 text, and epoch seconds or
    milliseconds, told apart by size as on the wire.

    Raises:
        TableError: the column holds something else, or nothing in some row.
    """
    values = table.column(column)
    if values.null_count:
        row = values.is_null().to_pylist().index(True) + 1
        raise TableError(f"{path}: column {column} is empty in row {row}")
    kind = values.type
    try:
        if (
            pa.types.is_timestamp(kind)
            or pa.types.is_string(kind)
            or pa.types.is_large_string(kind)
        ):
            moments = values.cast(pa.timestamp("us", tz="UTC"), safe=False).cast(pa.int64())
            return moments.to_numpy().astype(np.int64)
        if pa.types.is_integer(kind) or pa.types.is_floating(kind):
            number = values.to_numpy().astype(np.float64)
            scale = np.where(np.abs(number) < EPOCH_SECONDS_MAX, 1e6, 1e3)
            return np.rint(number * scale).astype(np.int64)
    except pa.ArrowInvalid as error:
        raise TableError(f"{path}: column {column}: {error}") from None
    raise TableError(f"{path}: column {column} holds {kind}, not times")
