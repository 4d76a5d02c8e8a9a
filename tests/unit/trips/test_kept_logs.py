"""Driving logs as people keep them: a title, days and times in columns of their own, mileages."""

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from fleet.files.cells import Cell, FileTable, read_packed
from fleet.files.own_process import ReadingBounds
from fleet.localtime import LOCAL_ZONE
from trips.driving_log.log_columns import ColumnProblem, LogField, column_faults
from trips.driving_log.log_headings import guess_columns
from trips.driving_log.log_row import LoggedTrip, LogLimits
from trips.driving_log.log_rows import NOTE_MILEAGE, NOTE_NEXT_DAY, read_log, reading_notes
from trips.driving_log.log_sheet import LogSheet, read_sheet, sheet_of
from trips.driving_log.refusals import RowReason, RowRefusal

LIMITS = LogLimits(now=datetime(2027, 1, 1, tzinfo=UTC))
VEHICLES = {"bil 1": "v1", "bil 2": "v2"}
HEADINGS = ("Bil", "Dato", "Afgang kl.", "Hjemkomst kl.", "Km start", "Km slut", "Ærinde")
FIELDS = (
    *(LogField.VEHICLE, LogField.DATE, LogField.START, LogField.END),
    *(LogField.KM_START, LogField.KM_END),
)
COLUMNS: dict[LogField, str] = dict(zip(FIELDS, HEADINGS, strict=False))
MONTHS = (
    *("januar", "februar", "marts", "april", "maj", "juni", "juli", "august"),
    *("september", "oktober", "november", "december"),
)
KEPT = f"""Kørebog for Hjemmeplejen, distrikt Nord
Periode: november 2026

{";".join(HEADINGS)}
Bil 1;2/11-26;8.05;15.30;12.500;12.518,5;Møde, rådhuset
Bil 1;02.11.2026;22:30;06:15;12.518,5;12.540;Nattevagt
Bil 2;tirsdag d. 3. november 2026;kl. 8;kl. 08.45;900;907;

I alt;;;;;;
"""


def sheet(text: str) -> LogSheet:
    return read_sheet("log.csv", text.encode(), ReadingBounds())


def read(of: LogSheet) -> tuple[list[LoggedTrip], list[RowRefusal]]:
    return read_log(of, guess_columns(of), VEHICLES, LIMITS)


def row(*cells: Cell) -> LoggedTrip | RowReason:
    """What becomes of one row under HEADINGS."""
    of = sheet_of(FileTable([HEADINGS, cells], ","))
    taken, refused = read_log(of, COLUMNS, VEHICLES, LIMITS)
    return taken[0] if taken else refused[0].reason


def test_a_log_as_people_keep_it_is_read_without_a_word_from_them() -> None:
    of = sheet(KEPT)
    taken, refused = read(of)
    assert [
        (t.row, t.vehicle_id, f"{t.start:%d %H:%M}", f"{t.end:%d %H:%M}", t.km) for t in taken
    ] == [
        (5, "v1", "02 07:05", "02 14:30", 18.5),
        (6, "v1", "02 21:30", "03 05:15", 21.5),
        (7, "v2", "03 07:00", "03 07:45", 7.0),
    ]
    assert [(r.row, r.reason) for r in refused] == [(9, RowReason.EMPTY)]
    assert {NOTE_NEXT_DAY, NOTE_MILEAGE} <= set(reading_notes(of, guess_columns(of)))


def test_a_workbook_with_days_and_times_of_its_own_is_read_with_its_row_numbers() -> None:
    file = BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet()
    day, clock = (book.add_format({"num_format": one}) for one in ("dd-mm-yyyy", "hh:mm"))
    page.write(1, 0, "Kørebog 2026")
    page.write_row(3, 0, ["", "Afgang", "", "Hjemkomst", "", ""])
    page.write_row(4, 0, ["Reg.nr.", "Dato", "Kl.", "Dato", "Kl.", "Kørte km"])
    page.write_string(5, 0, "Bil 1")
    for column, value, form in (
        (1, 46328, day),
        (2, 0.5, clock),
        (3, 46328, day),
        (4, 0.75, clock),
    ):
        page.write_number(5, column, value, form)
    page.write_number(5, 5, 18.5)
    book.close()
    of = read_sheet("log.xlsx", file.getvalue(), ReadingBounds())
    assert guess_columns(of) == {
        LogField.VEHICLE: "Reg.nr.",
        LogField.DATE: "Afgang Dato",
        LogField.START: "Afgang Kl.",
        LogField.END_DATE: "Hjemkomst Dato",
        LogField.END: "Hjemkomst Kl.",
        LogField.KM: "Kørte km",
    }
    start = datetime(2026, 11, 2, 11, tzinfo=UTC)
    assert read(of) == ([LoggedTrip(6, "v1", start, start + timedelta(hours=6), 18.5)], [])


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        (
            "Nummerplade;Startdato;Starttidspunkt;Sluttidspunkt;Kilometer",
            "vehicle date start end km",
        ),
        ("Vogn;Dag;Fra kl.;Til kl.;Kørt", "vehicle date start end km"),
        (
            "Bil;Dato;Ud;Ind;Km-tæller start;Km-tæller slut",
            "vehicle date start end km_start km_end",
        ),
        (
            "Bil;Dato;Startsted;Start;Hjem;KM før;KM efter",
            "vehicle date - start end km_start km_end",
        ),
        (
            "device;date;start;end;odometer start;odometer end",
            "vehicle date start end km_start km_end",
        ),
        ("Tjenestebil;Dato;Afgang;Retur;Km-stand;Antal kørte km", "vehicle date start end - km"),
    ],
)
def test_headings_are_recognised_in_many_words(headings: str, found: str) -> None:
    cells = {
        "vehicle": "Bil 1", "date": "2/11/26", "start": "8:00", "end": "9:00", "km": "5",
        "km_start": "900", "km_end": "905", "-": "Nørregade 12",
    }  # fmt: skip
    fields = found.split()
    of = sheet(f"{headings}\n{';'.join(cells[field] for field in fields)}")
    expected = dict(zip(fields, headings.split(";"), strict=True))
    assert guess_columns(of) == {LogField(f): h for f, h in expected.items() if f != "-"}
    assert not read(of)[1]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (("Bil 1", "", "8.00", "9.00", "1", "2"), RowReason.EMPTY),
        (("Bil 1", "31/11/26", "8.00", "9.00", "1", "2"), RowReason.NO_DAY),
        (("Bil 1", "2/11/26", "8,30", "9.00", "1", "2"), RowReason.NO_CLOCK),
        (("Bil 1", "2/11/26", "8.00", "25.00", "1", "2"), RowReason.NO_CLOCK),
        (("Bil 1", "2/11/26", "8.00", "8.00", "1", "2"), RowReason.END_BEFORE_START),
        (("Bil 1", "2/11/26", "10.00", "9.00", "1", "2"), RowReason.OVERNIGHT),
        (("Bil 1", "25/10/26", "2.50", "2.10", "1", "2"), RowReason.END_TWICE),
        (("Bil 1", "29/3/26", "2.30", "3.10", "1", "2"), RowReason.START_LEFT_OUT),
        (("Bil 1", "2/11/26", "8.00", "9.00", "2", "1"), RowReason.KM_BACKWARDS),
        (("Bil 1", "2/11/26", "8.00", "9.00", "2", ""), RowReason.EMPTY),
        (("Bil 1", "2/11/26", "8.00", "9.00", "2", "mange"), RowReason.NO_NUMBER),
        (("Bil 1", "31/12/9999", "8.00", "24.00", "1", "2"), RowReason.NO_CLOCK),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_reason(
    cells: tuple[str, ...], reason: RowReason
) -> None:
    assert row(*cells) == reason


@pytest.mark.parametrize(
    ("sign", "km"), [("12.500", 10.0), ("12,500", 10.0), ("12500", 10.0), ("12.500,0", 10.0)]
)
def test_a_mileage_has_no_three_decimals(sign: str, km: float) -> None:
    found = row("Bil 1", "2/11/26", "8.00", "9.00", sign, sign.replace("500", "510"))
    assert isinstance(found, LoggedTrip)
    assert found.km == km


days = st.dates(date(2001, 1, 1), date(2026, 12, 30))
clocks = st.times().map(lambda one: one.replace(second=0, microsecond=0))


@given(
    day=days,
    start=clocks,
    end=clocks,
    how_day=st.sampled_from(
        [
            lambda d: f"{d:%d-%m-%Y}",
            lambda d: f"{d:%d.%m.%y}",
            lambda d: f"{d.day}/{d.month}/{d:%y}",
            lambda d: f"{d.day}/{d.month}-{d:%y}",
            lambda d: f"{d:%Y-%m-%d}",
            lambda d: f"{d.day}. {MONTHS[d.month - 1]} {d.year}",
            lambda d: (d - date(1899, 12, 30)).days,
        ]
    ),
    how_clock=st.sampled_from(
        [
            lambda t: f"{t:%H:%M}",
            lambda t: f"{t.hour}.{t.minute:02}",
            lambda t: f"kl. {t:%H.%M}",
            lambda t: f"{t:%H%M}",
            lambda t: (t.hour * 60 + t.minute) / 1440,
            lambda t: f"{t:%H:%M:%S}",
        ]
    ),
)
def test_however_days_and_times_are_written_they_are_the_same_trip(
    day: date, start: time, end: time, how_day, how_clock
) -> None:
    """The return is the first moment after the departure at which the clock shows its time."""
    found = row("Bil 1", how_day(day), how_clock(start), how_clock(end), 900, 900)
    begins = datetime.combine(day, start, LOCAL_ZONE).astimezone(UTC)
    last = day if end >= start else day + timedelta(days=1)
    ends = datetime.combine(last, end, LOCAL_ZONE).astimezone(UTC)
    if isinstance(found, LoggedTrip):
        assert (found.start, found.end) == (begins, ends)
    else:
        hours = (ends - begins) / timedelta(hours=1)
        is_too_long = found is RowReason.OVERNIGHT and hours > LIMITS.overnight_max_h
        assert is_too_long or hours <= 0 or found is RowReason.END_TWICE


@given(
    st.lists(
        st.lists(st.one_of(st.text(max_size=12), st.integers(), st.floats(), st.booleans())),
        max_size=4,
    )
)
def test_any_cells_are_taken_or_refused(rows: list[list[Cell]]) -> None:
    of = sheet_of(FileTable([HEADINGS, *rows], ""))
    taken, refused = read_log(of, COLUMNS, VEHICLES, LIMITS)
    filled = [cells for cells in rows if any(str(cell).strip() for cell in cells)]
    assert len(taken) + len(refused) == len(filled)


def test_a_wrong_choice_of_columns_is_named_at_its_field() -> None:
    of = sheet("Bil;Dato;Fra;Til;Sted;Km\nBil 9;2/11/26;8.00;9.00;Nørregade;5\n")
    right = guess_columns(sheet("Bil;Dato;Fra;Til;Sted;Km\nBil 1;2/11/26;8.00;9.00;x;5\n"))
    names = {"bil 1"}

    def faults(**columns: str) -> dict[str, ColumnProblem]:
        given = right | {LogField(field): heading for field, heading in columns.items()}
        chosen = {field: heading for field, heading in given.items() if heading}
        return {f.value: one.problem for f, one in column_faults(of, chosen, names).items()}

    assert faults() == {"vehicle": ColumnProblem.NO_VEHICLES}
    names.add("bil 9")
    assert faults() == {}
    assert faults(date="") == {"date": ColumnProblem.DAY_NEEDED}
    assert faults(start="Sted") == {"start": ColumnProblem.NO_TIMES}
    assert faults(date="Sted") == {"date": ColumnProblem.NO_DAYS}
    assert faults(km="Sted") == {"km": ColumnProblem.NO_NUMBERS}
    assert faults(km="") == {"km": ColumnProblem.NO_DISTANCE}
    assert faults(km="", km_start="Km") == {"km_end": ColumnProblem.MISSING}
    assert faults(end="Fra") == {"end": ColumnProblem.TWICE}


def test_the_number_of_rows_counts_no_empty_ones() -> None:
    text = "Kørebog\n\nBil;Start\n1;08:00\n;\n2;09:00\n\n ; \n"
    found = read_packed("log.csv", text.encode(), ReadingBounds())
    assert found.answer["rows"] == 3  # with the headings
