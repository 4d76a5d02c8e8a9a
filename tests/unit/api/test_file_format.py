"""A file is of the format that its name says, unless another is asked for."""

from pathlib import Path

import pytest

from api.commands.context import format_of
from fleet.files.table_format import TableFormat


@pytest.mark.parametrize(
    ("name", "asked", "written"),
    [
        ("trips.csv", None, TableFormat.CSV),
        ("TRIPS.XLSX", None, TableFormat.EXCEL),
        ("trips.parquet", None, TableFormat.PARQUET),
        ("trips", None, TableFormat.PARQUET),
        ("trips.csv", TableFormat.DANISH_CSV, TableFormat.DANISH_CSV),
    ],
)
def test_the_name_says_the_format(
    name: str, asked: TableFormat | None, written: TableFormat
) -> None:
    assert format_of(Path(name), asked) is written
