"""Excel tables have names, units and whole values, and no text of theirs is computed."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from reports.workbook import Column, Figure, Sheet, Unit, workbook


def sheet(*words: str) -> Sheet:
    columns = [Column("Depot"), Column("Saves (kr. a year)", Unit.KR), Column("From", Unit.DAY)]
    return Sheet("A: [b]/c?", columns, [(word, 1234.567, date(2026, 12, 1)) for word in words])


def rows_of(content: bytes) -> Sequence[Sequence[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_a_sheet_has_its_names_with_units_and_unrounded_values() -> None:
    rows = rows_of(workbook([sheet("Rådhuset")]))
    assert rows == [
        ["Depot", "Saves (kr. a year)", "From"],
        ["Rådhuset", 1234.567, date(2026, 12, 1)],
    ]


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@x", "=cmd|' /C calc'!A0", "http://x", "1"])
def test_a_text_stays_a_text(word: str) -> None:
    content = workbook([sheet(word)])
    assert rows_of(content)[1][0] == word
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        assert "<f>" not in zipped.read("xl/worksheets/sheet1.xml").decode()


def test_numbers_are_rounded_for_the_eye_only() -> None:
    one = Sheet("A", [Column("X", Unit.KR)], [(0.4,), (Figure(0.25, Unit.TONNES),), (None,)])
    content = workbook([one])
    assert [row[0] for row in rows_of(content)] == ["X", 0.4, 0.25]
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        formats = re.findall(r'formatCode="([^"]*)"', zipped.read("xl/styles.xml").decode())
    assert {Unit.KR.value, Unit.TONNES.value} <= set(formats)


def test_a_sheet_may_be_called_anything() -> None:
    names = CalamineWorkbook.from_filelike(io.BytesIO(workbook([sheet("x")]))).sheet_names
    assert names == ["A   b  c "]


def test_a_sheet_is_read_and_filtered_as_it_opens() -> None:
    long = (
        "Der er taget stilling til, hvor de sidste ti ladestandere sættes op, og hvem der betaler"
    )
    empty = Sheet("Empty", [Column("Depot")], [])
    with zipfile.ZipFile(io.BytesIO(workbook([sheet("Rådhuset", long), empty]))) as zipped:
        first, second = (
            zipped.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2)
        )
        styles = zipped.read("xl/styles.xml").decode()
    # Days stand as they are written here, and each column of a table with rows has its filter.
    assert 'formatCode="dd-mm-yyyy"' in styles
    assert '<autoFilter ref="A1:C3"/>' in first
    assert "<autoFilter" not in second
    # A text that is longer than the widest column goes on below in its cell.
    style = re.findall(r'<c r="A3" s="(\d+)"', first)[0]
    formats = re.findall(r"<xf [^>]*?(?:/>|>.*?</xf>)", styles.partition("<cellXfs")[2])
    assert 'wrapText="1"' in formats[int(style)]
