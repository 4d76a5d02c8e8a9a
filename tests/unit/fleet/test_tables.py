"""Tables that people hand over: what is read, and what a wrong one is told."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.tables import TableError, read_table, timestamps_us

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
    assert timestamps_us(read_table(path, ["ts"]), "ts", path).tolist() == [MOMENT]


@pytest.mark.parametrize(("text", "reason"), [("soon\n", "soon"), ("1\n\n2\n", "empty in row 2")])
def test_times_that_are_none_are_named(tmp_path: Path, text: str, reason: str) -> None:
    path = write(tmp_path / "log.csv", "ts,x\n" + text.replace("\n", ",1\n"))
    with pytest.raises(TableError, match=f"column ts.*{reason}"):
        timestamps_us(read_table(path, ["ts"]), "ts", path)
