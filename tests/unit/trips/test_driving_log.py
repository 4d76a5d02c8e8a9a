"""A driving log: what of it becomes trips, and what each refused row is told."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fleet.files.own_process import ReadingBounds
from fleet.files.refusal import FileRefusedError, TableError
from fleet.files.table_format import TableFormat
from fleet.files.tables import write_table
from trips.driving_log.log_columns import (
    ColumnFault,
    ColumnProblem,
    LogField,
    column_faults,
    missing_columns,
)
from trips.driving_log.log_headings import guess_columns
from trips.driving_log.log_row import LogLimits
from trips.driving_log.log_rows import read_log, reading_notes
from trips.driving_log.log_sheet import LogSheet, read_sheet
from trips.driving_log.refusals import RowReason

LIMITS = LogLimits(now=datetime(2026, 11, 21, tzinfo=UTC))
VEHICLES = {"bil 1": "v1", "v1": "v1", "bil 2": "v2"}
HEAD = "Køretøj;Afgang;Hjemkomst;Kørte km\n"
FIELDS = (LogField.VEHICLE, LogField.START, LogField.END, LogField.KM)
COLUMNS: dict[LogField, str] = dict(zip(FIELDS, HEAD.strip().split(";"), strict=True))


def log(
    *rows: str,
) -> tuple[list[tuple[str, datetime, datetime, float]], list[tuple[int, RowReason]]]:
    sheet = read_sheet("log.csv", (HEAD + "\n".join(rows)).encode(), ReadingBounds())
    taken, refused = read_log(sheet, COLUMNS, VEHICLES, LIMITS)
    return (
        [(t.vehicle_id, t.start, t.end, t.km) for t in taken],
        [(r.row, r.reason) for r in refused],
    )


def test_one_odd_mileage_is_refused_and_divides_no_other() -> None:
    columns = {field: COLUMNS[field] for field in FIELDS[:3]}
    columns |= {LogField.KM_START: "Km ud", LogField.KM_END: "Km hjem"}
    trips = [
        f"Bil 1;{day:02}-11-2026 08:00;{day:02}-11-2026 09:00;{day}.500;{day}.530"
        for day in range(1, 20)
    ]
    trips.append("Bil 1;20-11-2026 08:00;20-11-2026 09:00;20.500;20.5")
    text = "\n".join(["Køretøj;Afgang;Hjemkomst;Km ud;Km hjem", *trips])
    sheet = read_sheet("log.csv", text.encode(), ReadingBounds())
    taken, refused = read_log(sheet, columns, VEHICLES, LIMITS)
    assert [trip.km for trip in taken] == [30.0] * 19
    assert [(one.row, one.reason, one.values["value"]) for one in refused] == [
        (21, RowReason.ODD_NUMBER, "20.5")
    ]


@pytest.mark.parametrize(
    "moment",
    [
        "02-11-2026 08:30",
        "2/11/2026 8.30",
        "02.11.2026 kl. 08:30:00",
        "2026-11-02 08:30",
        "2026-11-02T07:30:00Z",
    ],
)
def test_danish_and_iso_times_are_read_as_local_ones(moment: str) -> None:
    [(_, start, _, _)], refused = log(f"Bil 1;{moment};02-11-2026 10:00;12")
    assert start == datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
    assert refused == []


@pytest.mark.parametrize(
    ("text", "km"),
    [("12,5", 12.5), ("12.5", 12.5), ("1.234,5", 1234.5), ("7", 7.0), ("30 km", 30.0)],
)
def test_danish_numbers_are_read(text: str, km: float) -> None:
    [(_, _, _, found)], _ = log(f"Bil 1;01-11-2026 08:00;02-11-2026 10:00;{text}")
    assert found == km


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Bil 9;02-11-2026 08:00;02-11-2026 10:00;12", RowReason.NO_VEHICLE),
        ("Bil 1;02-11-2026 10:00;02-11-2026 08:00;12", RowReason.END_BEFORE_START),
        ("Bil 1;02-11-2026 08:00;02-11-2026 08:00;0", RowReason.END_BEFORE_START),
        ("Bil 1;29-03-2026 02:30;29-03-2026 03:30;12", RowReason.START_LEFT_OUT),
        ("Bil 1;29-03-2026 02:59;29-03-2026 03:00;1", RowReason.START_LEFT_OUT),
        ("Bil 1;29-03-2026 02:30;29-03-2026 02:30;1", RowReason.END_BEFORE_START),
        ("Bil 1;29-03-2026 02:10;29-03-2026 01:50;1", RowReason.END_BEFORE_START),
        ("Bil 1;29-03-2026 02:30;29-03-2026 01:30;1", RowReason.END_BEFORE_START),
        ("Bil 1;29-03-2026 03:30;29-03-2026 03:10;1", RowReason.END_BEFORE_START),
        ("Bil 1;25-10-2026 02:50;25-10-2026 02:10;12", RowReason.END_TWICE),
        ("Bil 1;25-10-2026 04:00;25-10-2026 02:10;12", RowReason.END_BEFORE_START),
        ("Bil 1;02-11-2026 08:00;02-11-2026 09:00;900", RowReason.TOO_FAST),
        ("Bil 1;02-11-2026 08:00;02-11-2026 08:06;22", RowReason.TOO_FAST_WITHIN_AN_HOUR),
        ("Bil 1;02-11-2026 08:00;02-11-2026 09:00;-1", RowReason.KM_NEGATIVE),
        ("Bil 1;02-11-2026 08:00;02-11-2026 09:00;mange", RowReason.NO_NUMBER),
        ("Bil 1;02-11-2026;02-11-2026 09:00;12", RowReason.NO_TIME),
        ("Bil 1;32-11-2026 08:00;02-11-2026 09:00;12", RowReason.NO_TIME),
        ("Bil 1;;02-11-2026 09:00;12", RowReason.EMPTY),
        ("Bil 1;02-11-2026 08:00", RowReason.EMPTY),
        ("Bil 1;02-11-2026 08:00;02-11-2027 09:00;12", RowReason.TOO_LONG),
        ("Bil 1;20-11-2026 08:00;22-11-2026 09:00;12", RowReason.IN_FUTURE),
        ("Bil 1;02-03-0026 08:00;02-03-0026 09:00;12", RowReason.TOO_EARLY),
        ("Bil 1;31-12-1999 08:00;31-12-1999 09:00;12", RowReason.TOO_EARLY),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_number_and_reason(
    row: str, reason: RowReason
) -> None:
    taken, refused = log("Bil 2;02-11-2026 08:00;02-11-2026 10:00;12", "", row)
    assert len(taken) == 1
    assert refused == [(4, reason)]


def test_one_log_makes_no_more_days_of_vehicles_than_it_may() -> None:
    """Each of its vehicles gets every day from the first trip to the last."""
    sheet = read_sheet(
        "log.csv",
        (
            HEAD + "Bil 1;02-11-2006 08:00;02-11-2006 10:00;12\n"
            "Bil 1;02-11-2026 08:00;02-11-2026 10:00;12\n"
            "Bil 2;03-11-2026 08:00;03-11-2026 10:00;12\n"
        ).encode(),
        ReadingBounds(),
    )
    few = LogLimits(now=LIMITS.now, device_days=2_000)
    taken, refused = read_log(sheet, COLUMNS, VEHICLES, few)
    assert [trip.row for trip in taken] == [3, 4]
    assert [str(refusal) for refusal in refused] == [
        "Afgang: 02-11-2006 08:00 is more than 1000 days before the last trip; import it by itself"
    ]
    assert [trip.row for trip in read_log(sheet, COLUMNS, VEHICLES, LIMITS)[0]] == [2, 3, 4]


def test_of_trips_that_overlap_the_later_is_refused_and_names_the_earlier() -> None:
    sheet = read_sheet(
        "log.csv",
        (
            HEAD
            + "Bil 1;02-11-2026 09:00;02-11-2026 11:00;12\n"
            + "v1;02-11-2026 08:00;02-11-2026 10:00;12\n"
            + "Bil 2;02-11-2026 08:30;02-11-2026 11:00;12\n"
            + "Bil 1;02-11-2026 10:00;02-11-2026 10:30;12\n"
        ).encode("cp1252"),
        ReadingBounds(),
    )
    taken, [refused] = read_log(sheet, COLUMNS, VEHICLES, LIMITS)
    assert [t.row for t in taken] == [3, 4, 5]
    assert str(refused) == "the trip overlaps with the one in row 3"


TEN_DAYS = "Bil 1;01-11-2026 08:00;11-11-2026 08:00;"
ONE_DAY = "Bil 2;02-11-2026 08:00;02-11-2026 10:00;"


def test_a_point_before_three_digits_parts_thousands_where_commas_are_decimal_ones() -> None:
    taken, refused = log(TEN_DAYS + "1.250", ONE_DAY + "12,5")
    assert ([km for *_, km in taken], refused) == ([1250.0, 12.5], [])
    taken, refused = log(TEN_DAYS + "1.250", ONE_DAY + "12.5")
    assert ([km for *_, km in taken], refused) == ([1.25, 12.5], [])
    taken, refused = log(TEN_DAYS + "10.000.000", ONE_DAY + "12,5")
    assert refused == [(2, RowReason.TOO_FAST)]
    taken, refused = log(TEN_DAYS + "1.250", ONE_DAY + "12.5", ONE_DAY.replace("2", "1") + "0,5")
    assert (2, RowReason.AMBIGUOUS) in refused


@pytest.mark.parametrize(
    ("others", "found"),
    [("12.5", 1250.0), ('"12,5"', 1.25), ("12", RowReason.AMBIGUOUS)],
)
def test_where_commas_part_the_columns_the_other_distances_tell_what_one_in_a_number_is(
    others: str, found: float | RowReason
) -> None:
    rows = HEAD + TEN_DAYS + '"1,250"\n' + ONE_DAY
    sheet = read_sheet("log.csv", (rows.replace(";", ",") + others).encode(), ReadingBounds())
    taken, refused = read_log(sheet, COLUMNS, VEHICLES, LIMITS)
    assert ([t.km for t in taken if t.row == 2] or [r.reason for r in refused]) == [found]
    assert any("1,250" in note for note in reading_notes(sheet, COLUMNS)) is (others != "12")


def test_other_columns_in_km_tell_where_the_distances_do_not() -> None:
    rows = "Bil,Start,Slut,Km,Km-stand\nBil 1,01-11-2026 08:00,11-11-2026 08:00,1.250,"
    for mileage, km in (('"84.200,5"', 1250.0), ("84200.5", 1.25)):
        sheet = read_sheet("log.csv", (rows + mileage).encode(), ReadingBounds())
        [trip], _ = read_log(sheet, guess_columns(sheet), VEHICLES, LIMITS)
        assert trip.km == km


def test_cells_of_a_workbook_that_are_text_are_read_by_what_they_show() -> None:
    for others, found in (("12,5", 1250.0), ("12.5", 1.25), ("12", RowReason.AMBIGUOUS)):
        file = BytesIO()
        table = pa.table(
            {
                "Bil": ["Bil 1", "Bil 2"],
                "Fra": ["01-11-2026 08:00"] * 2,
                "Til": ["11-11-2026 08:00"] * 2,
                "Km": ["1.250", others],
            }
        )
        write_table(table, file, TableFormat.EXCEL, "Ture")
        sheet = read_sheet("log.xlsx", file.getvalue(), ReadingBounds())
        taken, refused = read_log(sheet, guess_columns(sheet), VEHICLES, LIMITS)
        assert ([t.km for t in taken if t.row == 2] or [r.reason for r in refused]) == [found]


def test_times_that_the_clock_leaves_out_or_has_twice_are_read_and_noted() -> None:
    rows = "Bil 1;29-03-2026 02:30;29-03-2026 05:00;5\nBil 1;25-10-2026 02:30;25-10-2026 05:00;5"
    sheet = read_sheet("log.csv", (HEAD + rows).encode(), ReadingBounds())
    taken, refused = read_log(sheet, COLUMNS, VEHICLES, LIMITS)
    assert refused == []
    assert [trip.start for trip in taken] == [
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    ]
    notes = reading_notes(sheet, COLUMNS)
    assert any("leaves out" in note for note in notes)
    assert any("twice" in note for note in notes)


def test_columns_are_guessed_from_danish_and_english_headings() -> None:
    assert guessed("Nr.;Reg.nr.;Starttid;Sluttid;Antal km") == {
        LogField.VEHICLE: "Reg.nr.",
        LogField.START: "Starttid",
        LogField.END: "Sluttid",
        LogField.KM: "Antal km",
    }
    assert guessed("vehicle;start;end;distance")[LogField.KM] == "distance"
    assert guessed("a;b") == {}


def guessed(*lines: str) -> dict[LogField, str]:
    """The columns by their headings alone: no cell below them is filled."""
    sheet = read_sheet("log.csv", "\n".join([*lines, "-"]).encode(), ReadingBounds())
    return guess_columns(replace(sheet, rows=(), filled=(True,) * len(sheet.headings)))


def test_excel_is_read_as_csv_is() -> None:
    file = BytesIO()
    start = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
    table = pa.table(
        {
            "Bil": ["Bil 1"],
            "Fra": pa.array([start], pa.timestamp("s", "UTC")),
            "Til": pa.array([start.replace(hour=9)], pa.timestamp("s", "UTC")),
            "Km": [12.5],
        }
    )
    write_table(table, file, TableFormat.EXCEL, "Ture")
    sheet = read_sheet("log.xlsx", file.getvalue(), ReadingBounds())
    [trip], refused = read_log(sheet, guess_columns(sheet), VEHICLES, LIMITS)
    assert (trip.start, trip.km, refused) == (start, 12.5, [])


@pytest.mark.parametrize(
    ("name", "content"), [("l.csv", b"a;b\n"), ("l.csv", b""), ("l.xlsx", b"PK"), ("l.doc", b"x")]
)
def test_a_file_that_holds_no_log_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(FileRefusedError, match=r"no rows|neither CSV nor"):
        read_sheet(name, content, ReadingBounds())


def test_a_field_without_a_column_is_named_with_what_there_is() -> None:
    sheet = read_sheet("log.csv", (HEAD + "a;b;c;d").encode(), ReadingBounds())
    with pytest.raises(TableError, match=r"no column for km \(-\) \(found: Køretøj, Afgang"):
        read_log(sheet, {**COLUMNS, LogField.KM: ""}, VEHICLES, LIMITS)


def test_a_start_that_the_clock_leaves_out_is_refused_by_the_clock() -> None:
    text = HEAD + "Bil 1;29-03-2026 02:30;29-03-2026 03:30;12\n"
    sheet = read_sheet("log.csv", text.encode(), ReadingBounds())
    _, [refusal] = read_log(sheet, COLUMNS, VEHICLES, LIMITS)
    assert str(refusal) == (
        "Afgang: 29-03-2026 02:30 does not exist that night, when the clock is put forward, and was"
        " read as 03:30; the trip ends then or before"
    )


ODOMETERS = (
    "Køretøj;Dato;Afgang;Hjemkomst;Km start;Km slut;Kørte km\n"
    "Bil 1;02-11-2026;08:00;09:00;1000;1012;\n"
    "Bil 1;03-11-2026;08:00;09:00;1012;1030;\n"
)


def test_an_empty_column_is_taken_for_nothing_and_what_is_read_is_no_fault() -> None:
    sheet = read_sheet("log.csv", ODOMETERS.encode(), ReadingBounds())
    columns = guess_columns(sheet)
    assert "Kørte km" not in columns.values()
    assert columns[LogField.KM_START] == "Km start"
    # Somebody may still choose it: rows without a distance have their mileages.
    for chosen in (columns, columns | {LogField.KM: "Kørte km"}):
        taken, refused = read_log(sheet, chosen, VEHICLES, LIMITS)
        assert [trip.km for trip in taken] == [12, 18]
        assert refused == []
        assert column_faults(sheet, chosen, VEHICLES) == {}
    alone = {field: one for field, one in columns.items() if "km_" not in field.value}
    [fault] = column_faults(sheet, alone | {LogField.KM: "Kørte km"}, VEHICLES).items()
    assert fault == (
        LogField.KM,
        ColumnFault(ColumnProblem.NO_NUMBERS, {"column": "Kørte km"}),
    )


def test_no_column_of_any_field_is_guessed_where_it_is_empty() -> None:
    """Each column is emptied in turn; the field then has no column, or another one."""
    head, *rows = [line.split(";") for line in ODOMETERS.replace(";\n", ";12\n").splitlines()]
    for at, heading in enumerate(head):
        kept = [[cell if i != at else "" for i, cell in enumerate(row)] for row in rows]
        text = "\n".join(";".join(line) for line in [head, *kept])
        sheet = read_sheet("log.csv", text.encode(), ReadingBounds())
        assert heading not in guess_columns(sheet).values()


CELLS = st.sampled_from(
    ["", "Bil 1", "02-11-2026", "08:00", "09:30", "02-11-2026 10:00", "12", "–", "x"]
)


@given(
    st.lists(st.lists(CELLS, min_size=8, max_size=8), min_size=1, max_size=4),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
@example([["Bil 1", "", "08:00", "", "09:30", "", "10", "12"]], [True] * 8)
def test_what_a_preview_takes_an_import_takes(rows: list[list[str]], chosen: list[bool]) -> None:
    """Where a row is a trip, nothing is wrong with the columns as a whole."""
    headings = tuple(field.value for field in LogField)
    sheet = LogSheet(headings, tuple(map(tuple, rows)), "", (frozenset(),) * 8)
    pairs = zip(LogField, chosen, strict=True)
    columns = {field: field.value for field, is_chosen in pairs if is_chosen}
    if missing_columns(headings, columns):
        return
    taken, _ = read_log(sheet, columns, VEHICLES, LIMITS)
    if taken:
        assert column_faults(sheet, columns, VEHICLES) == {}
