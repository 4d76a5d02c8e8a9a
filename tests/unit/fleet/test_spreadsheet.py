"""No text in a file that a spreadsheet opens is computed, whoever wrote it and however."""

import csv
import unicodedata
from io import BytesIO, StringIO

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.files.spreadsheet import escape_formula, is_formula
from fleet.files.table_format import TableFormat
from fleet.files.tables import write_table

SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫⁺⁻₊₋⁼₌−"


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize(
    "before", ["", " ", "\t", "\r", "\n", "\ufeff", "\u200b", "\u00a0", "\u3000"]
)
def test_a_formula_in_any_spelling_becomes_text(sign: str, before: str) -> None:
    text = f"{before}{sign}HYPERLINK(1)"
    assert is_formula(text)
    assert escape_formula(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Bil 3", "a=b", "12-34", "LTK-009", "'=1", "æøå", "1+1", " "])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert escape_formula(text) == text


@given(
    st.lists(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00")), min_size=1)
)
@pytest.mark.parametrize("form", [TableFormat.CSV, TableFormat.DANISH_CSV])
def test_no_cell_or_heading_of_an_export_is_a_formula(form: TableFormat, texts: list[str]) -> None:
    file = BytesIO()
    write_table(
        pa.table(
            {f"{number}": [text] for number, text in enumerate(texts)} | {f"=x{texts[0]}": ["a"]}
        ),
        file,
        form,
        "Ture",
    )
    delimiter = ";" if form is TableFormat.DANISH_CSV else ","
    rows = list(
        csv.reader(StringIO(file.getvalue().decode("utf-8-sig"), newline=""), delimiter=delimiter)
    )
    assert len(rows) == 2
    for cell in (*rows[0], *rows[1]):
        first = unicodedata.normalize("NFKC", cell.strip())[:1]
        assert first not in tuple("=+-@−")
        assert not is_formula(cell)
    assert rows[1][:-1] == [escape_formula(text) for text in texts]
