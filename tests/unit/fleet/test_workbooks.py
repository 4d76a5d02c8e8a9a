"""Of a workbook the sheet with the list is read, and a formula without a value is no empty cell."""

import io
import zipfile
from collections.abc import Mapping

import pytest
import xlsxwriter

from fleet.files.cells import read_packed, sayings_of, unpack_rows
from fleet.files.own_process import MB, ReadingBounds
from fleet.files.refusal import FileRefusedError
from fleet.saying import Saying, in_words

BOUNDS = ReadingBounds(cells=100_000, unzipped_bytes=10 * MB, memory_bytes=1_000 * MB, seconds=60)


def text(at: str, value: str) -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{value}</t></is></c>'


def sheet(*rows: str) -> str:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + "".join(f'<row r="{n}">{row}</row>' for n, row in enumerate(rows, 1))
        + "</sheetData></worksheet>"
    )


def workbook(sheets: Mapping[str, str]) -> bytes:
    """A workbook of Excel with these sheets by name, whose XML is as given."""
    plain, content = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(plain) as book:
        for name in sheets:
            book.add_worksheet(name)
    parts = {f"xl/worksheets/sheet{n}.xml": xml for n, xml in enumerate(sheets.values(), 1)}
    with zipfile.ZipFile(plain) as written, zipfile.ZipFile(content, "w") as archive:
        for name in written.namelist():
            archive.writestr(name, parts.get(name) or written.read(name))
    return content.getvalue()


HEADINGS = text("A1", "Reg.nr.") + text("B1", "Navn") + text("C1", "Model")
LIST = sheet(HEADINGS, text("A2", "AB12345") + text("B2", "Bil 1") + text("C2", "Caddy"))
EMPTY = sheet()
COVER = sheet(text("A1", "Kommune") + text("B1", "Nord"), text("A2", "Dato") + text("B2", "I dag"))


def read(content: bytes, columns: int = 3) -> tuple[list[list[object]], list[Saying]]:
    found = read_packed("l.xlsx", content, BOUNDS, columns)
    return [list[object](row) for row in unpack_rows(found.beside)], sayings_of(found.answer)


def said(sayings: list[Saying]) -> list[str]:
    return [in_words(one, str) for one in sayings]


@pytest.mark.parametrize("first", [EMPTY, COVER], ids=["empty", "cover"])
def test_the_list_on_a_later_sheet_is_found_and_its_sheet_named(first: str) -> None:
    rows, notes = read(workbook({"Forside": first, "Biler": LIST, "Mere": LIST}))
    assert rows[1] == ["AB12345", "Bil 1", "Caddy"]
    assert said(notes) == ["The first sheet does not look like a list; the sheet Biler is read"]


def test_the_first_sheet_is_read_where_it_is_a_list_or_none_is() -> None:
    assert read(workbook({"Biler": LIST, "Mere": LIST})) == (read(workbook({"Biler": LIST})))
    rows, notes = read(workbook({"Forside": COVER, "Tom": EMPTY}))
    assert (rows[0][0], notes) == ("Kommune", [])
    # A list of two columns, such as one of trackers, is found by who expects one.
    rows, notes = read(workbook({"Sendere": COVER, "Biler": LIST}), columns=1)
    assert (rows[0][0], notes) == ("Kommune", [])


def test_a_workbook_of_empty_sheets_is_refused() -> None:
    with pytest.raises(FileRefusedError, match="no rows"):
        read(workbook({"A": EMPTY, "B": EMPTY}))


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="C2"><f>A2&amp;B2</f><v></v></c>',
        '<c r="C2"><f>A2&amp;B2</f><v/></c>',
        '<c r="C2" s="4"><f>A2&amp;B2</f></c>',
        '<c r="C2" t="n"><f t="shared" ref="C2:C9" si="0">A2&amp;B2</f></c>',
    ],
)
def test_a_formula_without_a_stored_value_stands_in_its_cell_and_is_named(cell: str) -> None:
    rows, notes = read(workbook({"Biler": sheet(HEADINGS, text("A2", "AB1") + cell)}))
    assert rows[1] == ["AB1", "", "=A2&B2"]
    assert said(notes) == [
        "A formula without a stored value: C2. Open the file in Excel, save it, and hand that over"
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="C2"><f>1+1</f><v>2</v></c>', 2),
        ('<c r="C2" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>', "ab"),
        ('<c r="C2" t="str"><f>IF(A2="","",1)</f><v></v></c>', ""),
        ('<c r="C2"/>', ""),
    ],
)
def test_a_stored_value_is_read_also_an_empty_text(cell: str, value: object) -> None:
    full = sheet(HEADINGS, text("A2", "AB1") + text("B2", "Bil") + cell)
    rows, notes = read(workbook({"Biler": full}))
    assert (rows[1][2], notes) == (value, [])
