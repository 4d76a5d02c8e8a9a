"""A list of trackers is read as people have it, and what cannot be a tracker is refused by line."""

import io

import hypothesis.strategies as st
import pytest
import xlsxwriter
from hypothesis import given

from fleet.files.own_process import ReadingBounds
from fleet.files.refusal import FileRefusedError
from register.enrolment.imei import ImeiDoubt
from register.enrolment.tracker_list import (
    LINES_MAX,
    LineReason,
    read_rows,
    rows_of_text,
    tracker_list,
)

BOUNDS = ReadingBounds()


def read(text: str) -> tuple[list[tuple[int, str, str]], list[tuple[int, LineReason]]]:
    found = tracker_list(rows_of_text(text))
    return (
        [(one.line, one.device, one.vehicle) for one in found.trackers],
        [(one.line, one.reason) for one in found.refused],
    )


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("356307042441013", [(1, "356307042441013", "")]),
        ("35 630704-244101 3;Van 7", [(1, "356307042441013", "Van 7")]),
        ("\n'356307042441013\tVan 7\n", [(2, "356307042441013", "Van 7")]),
        ('IMEI,Køretøj\n"phone-1","Van 8"', [(2, "phone-1", "Van 8")]),
        ("Køretøj;Afdeling;Chip\nVan 8;Vej;phone-1", [(2, "phone-1", "Van 8")]),
        ("phone 1", [(1, "phone 1", "")]),
    ],
)
def test_a_line_is_an_imei_or_a_name_and_perhaps_a_vehicle(
    text: str, taken: list[tuple[int, str, str]]
) -> None:
    assert read(text) == (taken, [])


def test_each_line_that_cannot_be_a_tracker_has_its_reason() -> None:
    text = "\n".join(
        ["3,54018E+14", ";Van 7", "x" * 129, "log:v1", "a\u200bb", "phone-1", "phone-1;Van 7"]
    )
    taken, refused = read(text)
    assert taken == [(6, "phone-1", "")]
    assert refused == [
        (1, LineReason.SHORTENED),
        (2, LineReason.NO_NAME),
        (3, LineReason.TOO_LONG),
        (4, LineReason.DRIVING_LOG),
        (5, LineReason.STRANGE),
        (7, LineReason.TWICE),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "phone-1\nphone-1;DZ 28 156",
        "Køretøj;Afdeling;Chip\nDZ 28 156;Vej;phone-1\nDZ 28 156;Vej;phone-1",
        "3,54018E+14;DZ 28 156",
        "Køretøj;Chip\nDZ 28 156;",
        f"{'x' * 200};DZ 28 156",
        "log:v1\tDZ 28 156",
    ],
)
def test_a_refused_line_handed_over_again_still_names_its_vehicle(text: str) -> None:
    [refused] = tracker_list(rows_of_text(text)).refused
    first = tracker_list(rows_of_text("phone-1\n" + refused.text)).refused
    assert [(one.text, one.reason) for one in first] == [(refused.text, refused.reason)]
    assert refused.text.endswith("; DZ 28 156")


@pytest.mark.parametrize(
    ("device", "doubt"),
    [
        ("356307042441013", None),
        ("356307042441014", ImeiDoubt.CHECK_DIGIT),
        ("35630704244", ImeiDoubt.LENGTH),
        ("3563070424410131", ImeiDoubt.LENGTH),
        ("12345678", None),
        ("phone-1", None),
    ],
)
def test_digits_that_are_no_imei_are_taken_and_doubted(
    device: str, doubt: ImeiDoubt | None
) -> None:
    [tracker] = tracker_list([[device]]).trackers
    assert (tracker.device, tracker.doubt) == (device, doubt)


def test_a_workbook_that_keeps_imeis_as_numbers_is_read_like_text() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["IMEI", "Køretøj"])
        sheet.write_row(1, 0, [356307042441013, "Van 7"])
    as_text = "IMEI;Køretøj\n356307042441013;Van 7".encode("cp1252")
    for name, file in (("a.xlsx", content.getvalue()), ("a.csv", as_text), ("a.txt", as_text)):
        [tracker] = tracker_list(read_rows(name, file, BOUNDS).answer).trackers
        assert (tracker.device, tracker.vehicle) == ("356307042441013", "Van 7")


def test_a_list_is_bounded() -> None:
    assert len(rows_of_text("a\n" * LINES_MAX)) == LINES_MAX
    with pytest.raises(FileRefusedError, match=str(LINES_MAX)):
        rows_of_text("a\n" * (LINES_MAX + 1))


@given(st.lists(st.lists(st.text(max_size=200), max_size=4), max_size=20))
def test_every_line_with_something_in_it_is_taken_or_refused_once(rows: list[list[str]]) -> None:
    found = tracker_list(rows)
    lines = [one.line for one in (*found.trackers, *found.refused)]
    assert len(set(lines)) == len(lines)
    assert all(1 <= len(one.device) <= 128 for one in found.trackers)
    filled = [
        n for n, row in enumerate(rows, 1) if any(cell.strip().strip("'\"").strip() for cell in row)
    ]
    assert set(filled) - set(lines) <= set(filled[:1])  # the first may be headings
