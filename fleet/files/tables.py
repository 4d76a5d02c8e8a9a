"""Tables that people hand over and get: Parquet, CSV and Excel, in and out."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from io import BytesIO, TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

from fleet.files.notation import (
    AmbiguousNumberError,
    DecimalSign,
    NotationMark,
    number_mark,
    shown_pattern,
    three_pattern,
)
from fleet.files.plain_text import delimiter_note, delimiter_of, plain_text, presumed_sign
from fleet.files.refusal import FileRefusedError, TableError
from fleet.files.spreadsheet import escape_formula, is_formula
from fleet.files.table_format import TableFormat
from fleet.localtime import FIRST_YEAR, LAST_YEAR, LOCAL_ZONE
from fleet.moments import EPOCH_MS_MAX, EPOCH_SECONDS_MAX
from fleet.position import SENSOR_BOUNDS

#: Columns and rows of a file, and its bytes when it is unpacked: more than a log of years has.
COLUMNS_MAX = 1_000
ROWS_MAX = 500_000_000
UNPACKED_MAX_BYTES = 50_000_000_000

#: Characters from the beginning of a file among which its headings are.
HEADING_CHARS = 100_000

NOTE_UTC = "Times without an offset are read as UTC"

#: The seconds of each unit of timestamps.
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_FIRST_S = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp()
_LAST_S = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp()

#: The metadata of a table that tell how its file was read: notes, the presumed decimal sign, and
#: the marks that its cells show.
_NOTES, _PRESUMED, _SHOWN = b"notes", b"presumed", b"shown"

#: Rows that one sheet of Excel holds, its headings among them.
EXCEL_ROWS_MAX = 1_048_576


#: Characters that the name of a sheet may have.
SHEET_NAME_MAX = 31


class ColumnUnit(Enum):
    """The unit of a column of numbers: its decimals in CSV and Excel, and the format of its cells
    in Excel. Sums of floats end in digits that nobody measured."""

    KM = (3, "#,##0.0")
    HOURS = (2, "#,##0.00")
    SHARE = (4, "0.0%")
    DEGREES = (6, "0.000000")

    def __init__(self, decimals: int, excel: str) -> None:
        self.decimals = decimals
        self.excel = excel


#: Decimals of a number in a column without a unit.
DECIMALS_WITHOUT_UNIT = 6

_UNIT = b"unit"


def file_column(name: str, kind: pa.DataType | ColumnUnit) -> "pa.Field[Any]":
    """A column for the schema of a table that is written to files; a column of numbers is given by
    its unit."""
    if isinstance(kind, ColumnUnit):
        return pa.field(name, pa.float64(), metadata={_UNIT: kind.name.encode()})
    return pa.field(name, kind)


def _unit_of(field: "pa.Field[Any]") -> ColumnUnit | None:
    known: dict[bytes, bytes] = field.metadata or {}
    return ColumnUnit[known[_UNIT].decode()] if _UNIT in known else None


def read_table(path: Path, required: Sequence[str]) -> pa.Table:
    """Read the table in a `.csv` or `.parquet` file with all its columns, and check that it has the
    required ones.

    Raises:
        TableError: the file is missing, has another ending, cannot be parsed, lacks a column, or
            has two of one name.
    """
    if not path.is_file():
        raise TableError(f"{path}: no such file")
    try:
        if path.suffix == ".parquet":
            _bound_parquet(path)
            table = pq.read_table(path)  # pyright: ignore[reportUnknownMemberType]
        elif path.suffix == ".csv":
            table = _read_csv(path)
        else:
            raise TableError(f"{path}: must end in .csv or .parquet")
    except OSError as error:
        raise TableError(f"{path}: {error.strerror or error}") from None
    except (pa.ArrowException, FileRefusedError) as error:
        raise TableError(f"{path}: {error}") from None
    missing = [name for name in required if name not in table.column_names]
    if missing:
        found = ", ".join(table.column_names)
        raise TableError(f"{path}: no column {', '.join(missing)} (found: {found})")
    return table


def table_notes(table: pa.Table) -> list[str]:
    """The notes on how the file of a table was read."""
    said = (table.schema.metadata or {}).get(_NOTES, b"")
    return said.decode().splitlines()


def _read_csv(path: Path) -> pa.Table:
    content = path.read_bytes()
    text = plain_text(content)
    delimiter = delimiter_of(text.text[:HEADING_CHARS])
    if text.notes:  # it is not UTF-8, which is all that Arrow reads
        content = text.text.encode()
    parse = pacsv.ParseOptions(delimiter=delimiter)
    table = pacsv.read_csv(BytesIO(content), parse_options=parse)
    _refuse_repeated(path, table)
    presumed = presumed_sign(delimiter)
    if presumed == ",":
        # The points that Arrow takes for decimal points may part thousands.
        texts = {name: pa.string() for name in _floats(table)}
        convert = pacsv.ConvertOptions(column_types=texts, strings_can_be_null=True)
        written = pacsv.read_csv(BytesIO(content), parse_options=parse, convert_options=convert)
        decimals = DecimalSign(presumed, _shown(written))
        if decimals.sign != ".":
            table = written
    else:
        decimals = DecimalSign(presumed, _shown(table))
    notes = [*text.notes, *delimiter_note(delimiter), *decimals.notes()]
    return table.replace_schema_metadata(
        {
            _NOTES: "\n".join(notes).encode(),
            _PRESUMED: presumed.encode(),
            _SHOWN: "\n".join(sorted(decimals.shown)).encode(),
        }
    )


def _refuse_repeated(path: Path, table: pa.Table) -> None:
    """Refuse a table with two columns of one name, of which either may be meant."""
    times = Counter(name for name in table.column_names if name)
    repeated = sorted(name for name, count in times.items() if count > 1)
    if repeated:
        raise TableError(f"{path}: column {', '.join(repeated)} occurs twice")


def _floats(table: pa.Table) -> list[str]:
    names = [name for name in table.column_names if name in SENSOR_BOUNDS]
    return [name for name in names if pa.types.is_floating(table.column(name).type)]


def _shown(table: pa.Table) -> frozenset[NotationMark]:
    """The marks of decimal signs in the columns of measured numbers."""
    shown: set[NotationMark] = {NotationMark.DECIMAL_POINT} if _floats(table) else set()
    for name in SENSOR_BOUNDS.keys() & set(table.column_names):
        column = table.column(name)
        if not _is_text(column.type):
            continue
        for sign, decimal, three in (
            (",", NotationMark.DECIMAL_COMMA, NotationMark.COMMA_OF_THREE),
            (".", NotationMark.DECIMAL_POINT, NotationMark.POINT_OF_THREE),
        ):
            if _any(column, shown_pattern(sign)):
                shown.add(decimal)
            if _any(column, three_pattern(sign)):
                # In numbers that never reach a thousand, no sign parts thousands.
                shown.add(decimal if SENSOR_BOUNDS[name][1] < 1_000 else three)
    return frozenset(shown)


def _any(column: "pa.ChunkedArray[Any]", pattern: str) -> bool:
    found = pc.match_substring_regex(column, rf"^\s*(?:{pattern})\s*$")
    return bool(pc.any(found).as_py())


def _decimals(table: pa.Table) -> DecimalSign:
    known = table.schema.metadata or {}
    shown = known.get(_SHOWN, b"").decode().splitlines()
    return DecimalSign(known.get(_PRESUMED, b".").decode(), frozenset(map(NotationMark, shown)))


def _bound_parquet(path: Path) -> None:
    """Refuse a file whose metadata say that it is larger, unpacked, than any log."""
    found = pq.read_metadata(path)  # pyright: ignore[reportUnknownMemberType]
    if found.num_columns > COLUMNS_MAX:
        raise TableError(f"{path}: {found.num_columns} columns, and at most {COLUMNS_MAX} are read")
    groups = range(found.num_row_groups)
    unpacked = sum(found.row_group(number).total_byte_size for number in groups)
    if unpacked > UNPACKED_MAX_BYTES or found.num_rows > ROWS_MAX:
        raise TableError(
            f"{path}: {found.num_rows:,} rows of {unpacked:,} bytes unpacked, and at most"
            f" {ROWS_MAX:,} of {UNPACKED_MAX_BYTES:,} are read: split the file"
        )


def column_numbers(
    table: pa.Table, column: str, path: Path, left_out: Counter[str] | None = None
) -> npt.NDArray[np.float64]:
    """The values of a column as numbers, read by the decimal sign of the file
    (`fleet.files.notation`); NaN where the column is empty or not there.

    `left_out`, where it is given, counts the values that are no numbers, and they are NaN.

    Raises:
        TableError: a value is no number and not counted, is a number that may be one of two, or has
            a decimal comma in a file whose columns are separated by commas.
    """
    if column not in table.column_names:
        return np.full(table.num_rows, np.nan)
    values = table.column(column)
    if not _is_text(values.type):
        try:
            return values.cast(pa.float64()).to_numpy().astype(np.float64)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            pass
    found = np.full(table.num_rows, np.nan)
    decimals = _decimals(table)
    for row, value in enumerate(values.to_pylist()):
        text = "" if value is None else str(value).strip()
        if decimals.presumed == "." and number_mark(text) is NotationMark.DECIMAL_COMMA:
            raise TableError(
                f"{path}: column {column}: {text[:60]!r} in row {row + 2} has a decimal comma,"
                " which is read where the columns are separated by semicolons or tabs"
            )
        try:
            found[row] = float(decimals.plain(text)) if text else np.nan
        except AmbiguousNumberError as error:
            raise TableError(f"{path}: column {column}: row {row + 2}: {error}") from None
        except ValueError:
            if left_out is None:
                raise TableError(
                    f"{path}: column {column}: {text[:60]!r} in row {row + 2} is not a number"
                ) from None
            left_out[column] += 1
    return found


def zone_note(table: pa.Table, column: str) -> list[str]:
    """The note on times in `column` that have no offset."""
    values = table.column(column)
    kind = values.type
    if pa.types.is_timestamp(kind):
        return [NOTE_UTC] if kind.tz is None else []
    if _is_text(kind):
        with_offset = pc.match_substring_regex(values, r"(Z|[-+]\d{2}(:?\d{2})?)\s*$")
        return [NOTE_UTC] if pc.any(pc.invert(with_offset)).as_py() else []
    return []


def column_timestamps_us(table: pa.Table, column: str, path: Path) -> npt.NDArray[np.int64]:
    """The values of a column as microseconds since 1970 in UTC.

    The column holds timestamps, ISO 8601 text (UTC where it has no offset), or epoch seconds,
    milliseconds or microseconds, told apart by their size as on the wire.

    Raises:
        TableError: the column holds something else, a row has no value, or a time is not within the
            years that a log may be of.
    """
    values = table.column(column)
    if values.null_count:
        row = values.is_null().to_pylist().index(True) + 2
        raise TableError(f"{path}: column {column} is empty in row {row}")
    kind = values.type
    if _is_text(kind):
        return _moments_us(values.to_pylist(), column, path)
    if pa.types.is_timestamp(kind):
        per_s = 1 / _SECONDS[kind.unit]
        number = values.cast(pa.int64()).to_numpy()
        _check_years(number / per_s, column, path)
        return np.floor_divide(number, 1_000) if per_s > 1e6 else number * round(1e6 / per_s)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        number = values.to_numpy().astype(np.float64)
        size = np.abs(number)
        is_micro = (size >= EPOCH_MS_MAX) & (size < EPOCH_MS_MAX * 1_000)
        seconds = number / np.where(size < EPOCH_SECONDS_MAX, 1, np.where(is_micro, 1e6, 1e3))
        _check_years(seconds, column, path)
        return np.rint(seconds * 1e6).astype(np.int64)
    raise TableError(f"{path}: column {column} holds {kind}, not times")


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _moments_us(texts: Sequence[object], column: str, path: Path) -> npt.NDArray[np.int64]:
    """Moments in ISO 8601, some with an offset and some without."""
    seconds = np.empty(len(texts))
    for row, text in enumerate(texts):
        try:
            moment = datetime.fromisoformat(str(text).strip())
            aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            seconds[row] = aware.timestamp()
        except (ValueError, OverflowError):
            raise TableError(
                f"{path}: column {column}: {str(text)[:60]!r} in row {row + 2} is not a time"
            ) from None
    _check_years(seconds, column, path)
    return np.rint(seconds * 1e6).astype(np.int64)


def _check_years(seconds: npt.NDArray[np.float64], column: str, path: Path) -> None:
    within = (seconds >= _FIRST_S) & (seconds < _LAST_S)
    if not within.all():
        row = int(np.argmin(within)) + 2
        raise TableError(
            f"{path}: column {column}: the time in row {row} is not within the years"
            f" {FIRST_YEAR} to {LAST_YEAR}"
        )


def write_table(table: pa.Table, file: IO[bytes], form: TableFormat, title: str) -> None:
    """Write a table with the names of its columns as headings. Times in it have a time zone.

    Numbers are rounded to the decimals of their unit, but not in Parquet. `title` becomes the name
    of the sheet in Excel.

    Raises:
        TableError: an Excel sheet cannot hold that many rows.
    """
    match form:
        case TableFormat.PARQUET:
            pq.write_table(table, file)  # pyright: ignore[reportUnknownMemberType]
        case TableFormat.CSV:
            pacsv.write_csv(_without_formulas(_rounded(table)), file)
        case TableFormat.DANISH_CSV:
            _write_danish_csv(_rounded(table), file)
        case TableFormat.EXCEL:
            _write_excel(_rounded(table), file, title)


def _fields(table: pa.Table) -> "list[pa.Field[Any]]":
    return list(cast("Iterable[pa.Field[Any]]", table.schema))


def _rounded(table: pa.Table) -> pa.Table:
    """The table with its numbers rounded by their units."""
    for at, field in enumerate(_fields(table)):
        if pa.types.is_floating(field.type):
            unit = _unit_of(field)
            decimals = DECIMALS_WITHOUT_UNIT if unit is None else unit.decimals
            table = table.set_column(at, field, pc.round(table.column(at), decimals))
    return table


def _rows(table: pa.Table) -> Iterator[tuple[object, ...]]:
    """The rows as Python values, a batch at a time; times local and without a zone."""
    for batch in table.to_batches(max_chunksize=10_000):
        arrays = cast(list[Any], batch.columns)  # pyright: ignore[reportUnknownMemberType]
        columns: list[list[object]] = [array.to_pylist() for array in arrays]
        for row in zip(*columns, strict=True):
            yield tuple(_local(value) for value in row)


def _local(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(LOCAL_ZONE).replace(tzinfo=None, microsecond=0)
    return value


def _write_danish_csv(table: pa.Table, file: IO[bytes]) -> None:
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=";")
    for row in chain([table.column_names], _rows(table)):
        writer.writerow([_danish(value) for value in row])
    text.detach()


def _without_formulas(table: pa.Table) -> pa.Table:
    """The table without text that a spreadsheet would compute."""
    names = [escape_formula(name) for name in table.column_names]
    columns = [
        pa.array([None if text is None else escape_formula(text) for text in column.to_pylist()])
        if (pa.types.is_string(column.type) or pa.types.is_large_string(column.type))
        and any(is_formula(text or "") for text in column.unique().to_pylist())
        else column
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, names=names)


def _danish(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.{DECIMALS_WITHOUT_UNIT}f}".rstrip("0").rstrip(".").replace(".", ",")
    if isinstance(value, str):
        return escape_formula(value)
    if isinstance(value, bool):
        return "ja" if value else "nej"
    return value


def _write_excel(table: pa.Table, file: IO[bytes], title: str) -> None:
    if table.num_rows >= EXCEL_ROWS_MAX:
        raise TableError(
            f"{table.num_rows:,} rows are more than a sheet of Excel holds: "
            "choose a shorter period, or CSV or Parquet"
        )
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        # XlsxWriter declares these without the types of their arguments.
        sheet = book.add_worksheet(title[:SHEET_NAME_MAX])  # pyright: ignore[reportUnknownMemberType]
        style = cast(Callable[[dict[str, object]], object], book.add_format)  # pyright: ignore[reportUnknownMemberType]
        write = cast(Callable[..., int], sheet.write)  # pyright: ignore[reportUnknownMemberType]
        heading = style({"bold": True})
        moment = style({"num_format": "yyyy-mm-dd hh:mm:ss"})
        day = style({"num_format": "yyyy-mm-dd"})
        # The cell stays text, also when somebody opens it for editing and closes it again.
        quoted = style({"quote_prefix": True})
        units = [_unit_of(field) for field in _fields(table)]
        numbers = {unit: style({"num_format": unit.excel}) for unit in units if unit is not None}
        for at, name in enumerate(table.column_names):
            is_moment = pa.types.is_timestamp(table.column(at).type)
            sheet.set_column(at, at, max(20 if is_moment else 10, len(name) + 2))
            write(0, at, name, heading)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(_rows(table), start=1):
            for at, value in enumerate(row):
                if isinstance(value, date):
                    write(number, at, value, moment if isinstance(value, datetime) else day)
                elif isinstance(value, str) and is_formula(value):
                    write(number, at, value, quoted)
                elif value is not None:
                    unit = units[at]
                    write(number, at, value, None if unit is None else numbers[unit])
