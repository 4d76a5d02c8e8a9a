"""Tables that people hand over: what is read, and what a wrong one is told."""

from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from fleet.files.table_format import TableFormat
from fleet.files.tables import (
    ColumnUnit,
    TableError,
    column_numbers,
    column_timestamps_us,
    file_column,
    read_table,
    table_notes,
    write_table,
    zone_note,
)

MOMENT = datetime(2026, 11, 21, 10, tzinfo=UTC).timestamp() * 1e6


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", "device,ts,lat\nd,2026-11-21T10:00:00Z,55\n")
    with pytest.raises(TableError, match=r"no column lon \(found: device, ts, lat\)"):
        read_table(path, ["device", "ts", "lat", "lon"])


@pytest.mark.parametrize("name", ["absent.csv", "log.txt"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    write(tmp_path / "log.txt", "a\n1\n")
    with pytest.raises(TableError, match=name):
        read_table(tmp_path / name, [])


def test_a_broken_parquet_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "log.parquet", "not parquet")
    with pytest.raises(TableError, match=r"log\.parquet"):
        read_table(path, [])


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T10:00:00Z",
        "2026-11-21 10:00:00",
        "2026-11-21T11:00:00+01:00",
        "1795255200",
        "1795255200000",
    ],
)
def test_times_in_every_form(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "log.csv", f"ts\n{text}\n")
    assert column_timestamps_us(read_table(path, ["ts"]), "ts", path).tolist() == [MOMENT]


@pytest.mark.parametrize(("text", "reason"), [("soon\n", "soon"), ("1\n\n2\n", "empty in row 3")])
def test_times_that_are_none_are_named(tmp_path: Path, text: str, reason: str) -> None:
    path = write(tmp_path / "log.csv", "ts,x\n" + text.replace("\n", ",1\n"))
    with pytest.raises(TableError, match=f"column ts.*{reason}"):
        column_timestamps_us(read_table(path, ["ts"]), "ts", path)


TABLE = pa.table(
    {
        "vehicle": ["Bil æøå", "=HYPERLINK(1)", "-"],
        "start": pa.array(
            [datetime(2026, 7, 1, 10, 0, 0, 500_000, UTC)] * 2 + [None], pa.timestamp("us", "UTC")
        ),
        "km": [1234.5, -2.0, None],
    }
)


def written(form: TableFormat, table: pa.Table = TABLE) -> BytesIO:
    file = BytesIO()
    write_table(table, file, form, "Ture")
    return BytesIO(file.getvalue())


def test_parquet_and_csv_read_back_as_they_were(tmp_path: Path) -> None:
    assert pq.read_table(written(TableFormat.PARQUET)).equals(TABLE)
    path = tmp_path / "t.csv"
    path.write_bytes(written(TableFormat.CSV).read())
    back = read_table(path, ["vehicle"])
    assert back.column("km").to_pylist() == [1234.5, -2.0, None]
    assert back.column("vehicle").to_pylist()[0] == "Bil æøå"


def test_the_danish_csv_opens_in_a_danish_excel() -> None:
    """Semicolons, decimal commas, local time, a byte order mark, and no text that is a formula."""
    data = written(TableFormat.DANISH_CSV).read()
    assert data.startswith("\ufeffvehicle;start;km\r\n".encode())
    assert data.decode("utf-8-sig").splitlines()[1:] == [
        "Bil æøå;2026-07-01 12:00:00;1234,5",
        "'=HYPERLINK(1);2026-07-01 12:00:00;-2",
        "'-;;",
    ]


def test_excel_gets_numbers_times_and_text_of_their_own_kind() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC).replace(tzinfo=None)
    sheet = CalamineWorkbook.from_filelike(written(TableFormat.EXCEL)).get_sheet_by_index(0)
    assert sheet.to_python() == [
        ["vehicle", "start", "km"],
        ["Bil æøå", noon, 1234.5],
        ["=HYPERLINK(1)", noon, -2.0],
        ["-", "", ""],
    ]


def test_more_rows_than_a_sheet_holds_are_refused_before_any_is_written() -> None:
    with pytest.raises(TableError, match="more than a sheet of Excel holds"):
        written(TableFormat.EXCEL, pa.table({"n": pa.nulls(1_048_576)}))


def test_a_log_in_latin_1_with_semicolons_and_decimal_commas_is_read_and_noted(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes("device;ts;lat\nbil ø;2026-01-05 08:00:00;55,77\n".encode("cp1252"))
    table = read_table(path, ["device", "ts", "lat"])
    assert table.column("device").to_pylist() == ["bil ø"]
    assert column_numbers(table, "lat", path).tolist() == [55.77]
    latin, semicolons = table_notes(table)
    assert "Windows-1252" in latin
    assert "semicolons" in semicolons
    assert zone_note(table, "ts") == ["Times without an offset are read as UTC"]


def test_what_is_no_number_is_named_with_its_row(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", "lat\n55.7\nnord\n")
    with pytest.raises(TableError, match="column lat: 'nord' in row 3 is not a number"):
        column_numbers(read_table(path, ["lat"]), "lat", path)


def test_a_decimal_comma_where_commas_part_the_columns_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", 'lat,speed_kmh\n55.7,"12,5"\n"55,67",x\n')
    table = read_table(path, ["lat"])
    left_out: Counter[str] = Counter()
    with pytest.raises(TableError, match="column lat: '55,67' in row 3 has a decimal comma"):
        column_numbers(table, "lat", path)
    with pytest.raises(TableError, match="column speed_kmh: '12,5' in row 2 has a decimal comma"):
        column_numbers(table, "speed_kmh", path, left_out)


@pytest.mark.parametrize(
    ("rows", "odometer_km"),
    [
        ("55,77;1.250\n55,78;12", [1250.0, 12.0]),
        ("55,77;1.250\n55,78;1.251,5", [1250.0, 1251.5]),
        ("55,77;1.250.000\n55,78;", [1_250_000.0, np.nan]),
        ("55.77;1.250\n55.78;12", [1.25, 12.0]),
        ("55.777;1.250\n55.778;12", [1.25, 12.0]),
    ],
)
def test_a_point_before_three_digits_is_read_as_the_other_cells_of_a_log_show(
    tmp_path: Path, rows: str, odometer_km: list[float]
) -> None:
    path = write(tmp_path / "log.csv", "lat;odometer_km\n" + rows + "\n")
    table = read_table(path, ["lat"])
    found = column_numbers(table, "odometer_km", path).tolist()
    assert found == pytest.approx(odometer_km, nan_ok=True)
    assert 55.7 < column_numbers(table, "lat", path)[0] < 55.8
    assert any("1.250" in note for note in table_notes(table)) is ("000" not in rows)


def test_a_comma_before_three_digits_is_refused_where_no_cell_shows_what_it_is(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "log.csv", 'lat,odometer_km\n55.7,"1,250"\n')
    assert column_numbers(read_table(path, ["lat"]), "odometer_km", path).tolist() == [1250.0]
    path = write(tmp_path / "log.csv", 'lat,odometer_km\n55,"1,250"\n')
    with pytest.raises(TableError, match=r"column odometer_km: row 2: '1,250' is 1250 or 1\.250"):
        column_numbers(read_table(path, ["lat"]), "odometer_km", path, Counter())


def test_an_optional_value_that_is_no_number_is_left_out_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", "lat,speed_kmh\n55.7,12.5\n55.8,N/K\n")
    left_out: Counter[str] = Counter()
    found = column_numbers(read_table(path, ["lat"]), "speed_kmh", path, left_out)
    assert found.tolist() == pytest.approx([12.5, np.nan], nan_ok=True)
    assert left_out == {"speed_kmh": 1}


def test_times_with_and_without_an_offset_in_one_column_are_read_and_noted(tmp_path: Path) -> None:
    path = write(
        tmp_path / "log.csv",
        "ts\n2026-11-21T10:00:00Z\n2026-11-21T10:00:00\n2026-11-21T11:00:00+01:00\n",
    )
    table = read_table(path, ["ts"])
    assert column_timestamps_us(table, "ts", path).tolist() == [MOMENT] * 3
    assert zone_note(table, "ts") == ["Times without an offset are read as UTC"]
    path = write(tmp_path / "log.csv", "ts\n2026-11-21T10:00:00Z\nsoon\n")
    with pytest.raises(TableError, match="column ts: 'soon' in row 3 is not a time"):
        column_timestamps_us(read_table(path, ["ts"]), "ts", path)


@pytest.mark.parametrize(
    "times",
    [
        pa.array([0, 2**62], pa.timestamp("us")),
        pa.array([0, 2**50], pa.timestamp("s")),
        pa.array([0, -(2**62)], pa.timestamp("ms", "UTC")),
        pa.array([0, 2**62]),
        pa.array([0.0, 1e300]),
        pa.array([0.0, float("nan")]),
        pa.array(["2026-01-01", "0001-01-01T10:00:00Z"]),
        pa.array(["2026-01-01", "9999-12-31T23:59:59-01:00"]),
    ],
    ids=str,
)
def test_a_time_of_no_year_is_refused_by_row_and_column(tmp_path: Path, times: pa.Array) -> None:
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table({"ts": times}), path)
    with pytest.raises(TableError, match=r"column ts: .*row 3"):
        column_timestamps_us(read_table(path, ["ts"]), "ts", path)


def test_parts_of_a_microsecond_are_read(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pq.write_table(
        pa.table({"ts": pa.array([1_795_255_200_000_000_789], pa.timestamp("ns"))}), path
    )
    assert column_timestamps_us(read_table(path, ["ts"]), "ts", path).tolist() == [MOMENT]


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("ts;lat;lat\n2026-11-21T10:00:00Z;55,7;55,8\n")
    with pytest.raises(TableError, match="column lat occurs twice"):
        read_table(path, ["ts", "lat"])


@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from(["device", "ts", "lat", ";", ",", "\n", "ø", "1,5", "9" * 400, '"']),
            max_size=30,
        ).map(lambda parts: "".join(parts).encode("cp1252")),
    )
)
def test_whatever_a_log_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "log.csv"
    path.write_bytes(content)
    try:
        table = read_table(path, ["ts", "lat"])
        column_timestamps_us(table, "ts", path)
        column_numbers(table, "lat", path)
    except TableError as refused:
        assert "log.csv" in str(refused)


MEASURED = pa.table(
    [[506.3129999999946], [12.505000000000003], [0.6370000000001], [55.77090000000001], [1 / 3]],
    schema=pa.schema(
        [
            file_column("km", ColumnUnit.KM),
            file_column("away_h", ColumnUnit.HOURS),
            file_column("share", ColumnUnit.SHARE),
            file_column("lat", ColumnUnit.DEGREES),
            pa.field("other", pa.float64()),
        ]
    ),
)


def test_numbers_are_rounded_by_their_units_also_under_other_headings() -> None:
    renamed = MEASURED.rename_columns(["Kørt (km)", "Ude (timer)", "Andel", "Bredde", "Andet"])
    assert written(TableFormat.CSV, MEASURED).read().splitlines()[1] == (
        b"506.313,12.51,0.637,55.7709,0.333333"
    )
    assert written(TableFormat.DANISH_CSV, renamed).read().decode().splitlines()[1] == (
        "506,313;12,51;0,637;55,7709;0,333333"
    )
    book = CalamineWorkbook.from_filelike(written(TableFormat.EXCEL, renamed))
    assert book.sheet_names == ["Ture"]
    assert book.get_sheet_by_index(0).to_python()[1] == [506.313, 12.51, 0.637, 55.7709, 0.333333]
    with ZipFile(written(TableFormat.EXCEL, renamed)) as parts:
        styles = parts.read("xl/styles.xml").decode()
    for unit in (ColumnUnit.KM, ColumnUnit.SHARE, ColumnUnit.DEGREES):
        assert f'formatCode="{unit.excel}"' in styles


def test_parquet_keeps_what_was_measured() -> None:
    assert pq.read_table(written(TableFormat.PARQUET, MEASURED))["km"].to_pylist() == [
        506.3129999999946
    ]
