"""A pilot written to a directory is read back the same."""

from pathlib import Path

import pytest

from fleet.files.refusal import TableError
from simulators.pilot import Pilot
from simulators.pilot_files import read_pilot, write_pilot


def test_what_is_written_is_read_back_the_same(pilot: Pilot, tmp_path: Path) -> None:
    write_pilot(pilot, tmp_path / "new" / "folder")
    assert read_pilot(tmp_path / "new" / "folder") == pilot


def test_writing_twice_gives_the_same_bytes(pilot: Pilot, tmp_path: Path) -> None:
    write_pilot(pilot, tmp_path / "one")
    write_pilot(pilot, tmp_path / "two")
    files = sorted(p.name for p in (tmp_path / "one").iterdir())
    assert files == ["legs.parquet", "positions.parquet", "register.json", "round_trips.parquet"]
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_missing_file_is_named(pilot: Pilot, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"register\.json: no such file"):
        read_pilot(tmp_path)
    write_pilot(pilot, tmp_path)
    (tmp_path / "legs.parquet").unlink()
    with pytest.raises(TableError, match=r"legs\.parquet: no such file"):
        read_pilot(tmp_path)


def test_a_broken_register_is_named_with_the_field(pilot: Pilot, tmp_path: Path) -> None:
    write_pilot(pilot, tmp_path)
    register = tmp_path / "register.json"
    register.write_text(register.read_text().replace('"radius_m": 100.0', '"radius_m": "wide"', 1))
    with pytest.raises(TableError, match=r"register\.json: depots.0.radius_m: "):
        read_pilot(tmp_path)
