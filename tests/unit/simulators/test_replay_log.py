"""A log that is replayed is read as any other, and what is not plain is said."""

from pathlib import Path

import pytest

from fleet.files.refusal import TableError
from simulators.replay import read_log


def test_a_log_of_a_danish_system_is_read_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = "device;ts;lat;lon;speed_kmh;fører\nbil ø;2026-11-21 10:00:00;55,67;12,5;N/K;x\n"
    path.write_bytes(rows.encode("cp1252"))
    said: list[str] = []
    [row] = read_log(path, said.append).to_pylist()
    assert (row["device"], row["lat"], row["lon"], row["speed_kmh"]) == ("bil ø", 55.67, 12.5, None)
    for part in (
        "Windows-1252",
        "semicolons",
        "UTC",
        "fører",
        "speed_kmh: values left out that are no numbers: 1",
    ):
        assert any(part in text for text in said), part


def test_a_place_that_is_no_number_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("device,ts,lat,lon\nd,2026-11-21T10:00:00Z,north,12.5\n")
    with pytest.raises(TableError, match="column lat: 'north' in row 2 is not a number"):
        read_log(path)
