"""The command, run as people run it."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

FLAADE = Path(sys.executable).parent / "flaade"


def flaade(*arguments: str | Path, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLAADE_")}
    return subprocess.run(
        [FLAADE, *map(str, arguments)],
        cwd=cwd,
        env={**kept, "FLAADE_DATA_DIR": str(cwd / "data"), "COLUMNS": "200", **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """It ended with code 2 and one line on stderr that has these words."""
    assert done.returncode == 2, done.stderr
    [line] = done.stderr.strip().splitlines()
    assert all(word in line for word in words), line


def test_trips_of_a_log_in_the_agreed_columns(shared_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "trips.csv"
    done = flaade("trips", shared_data / "gotrack.parquet", "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        *("device", "start", "end", "start_lat", "start_lon", "end_lat", "end_lon"),
        *("km", "stop_minutes_after"),
    ]
    assert f"{len(rows)} trips" in done.stdout


def test_a_log_without_a_needed_column_names_it(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("device,ts,lat\nd,2026-11-20T10:00:00Z,55\n")
    for command in (["trips", log, "--out", tmp_path / "t.csv"], ["replay", log, "--key", "k"]):
        refused(flaade(*command, cwd=tmp_path), "log.csv", "no column lon")


def test_rows_that_cannot_be_used_are_counted(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("device,ts,lat,lon\nd,2026-11-20T10:00:00Z,95,12\n,2026-11-20T10:01:00Z,55,12\n")
    done = flaade("trips", log, "--out", tmp_path / "t.csv", cwd=tmp_path)
    assert "2 rows left out" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("FLAADE_PORT", "eighty"), ("FLAADE_SPEED", "1"), ("FLAADE_HOST", "0.0.0.0")],
)
def test_a_wrong_setting_stops_the_start_with_one_line(
    tmp_path: Path, name: str, value: str
) -> None:
    refused(flaade("serve", cwd=tmp_path, **{name: value}), name)


def test_a_database_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    nowhere = "postgresql://x@127.0.0.1:1/x"
    settings = {"FLAADE_DATABASE_URL": nowhere, "FLAADE_DATABASE_WAIT_MAX_S": "0"}
    refused(flaade("serve", cwd=tmp_path, **settings), "the database cannot be reached")


def test_a_fleet_file_with_a_negative_count_names_row_and_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "trip_id,start,end,km,pool,needs\n1,2026-11-20T08:00:00Z,2026-11-20T09:00:00Z,10,,\n"
    )
    (tmp_path / "f.csv").write_text(
        "type,pool,count_now,min_count,max_count,offers,energy,fixed_kr_year,kr_km,co2_g_km,"
        "range_km,charge_km_h,max_trip_km,max_day_km,window\ncar,,-1,0,,,petrol,47000,1,120,,,,,\n"
    )
    done = flaade(
        *("optimise", "--trips", "t.csv", "--fleet", "f.csv", "--out", "p.json"), cwd=tmp_path
    )
    refused(done, "f.csv", "count_now", "-1")


def test_devices_are_enrolled_keyed_listed_and_quarantine_shown(tmp_path: Path) -> None:
    assert flaade("device", "enrol", "a", "b", cwd=tmp_path).returncode == 0
    key = flaade("device", "key", "--device", "a", cwd=tmp_path).stdout.strip()
    assert len(key) == 43
    listed = flaade("device", "list", cwd=tmp_path).stdout
    assert "a" in listed
    assert "never" in listed
    assert "1 keys revoked" in flaade("device", "revoke", "--device", "a", cwd=tmp_path).stdout
    assert flaade("quarantine", "list", "--json", cwd=tmp_path).stdout.strip() == "[]"
    refused(flaade("device", "key", "--device", "c", cwd=tmp_path), "c is not enrolled")


def test_a_pilot_is_written_and_its_register_loaded(tmp_path: Path) -> None:
    done = flaade(
        *("simulate", "pilot", "--weeks", "1", "--vehicles", "22", "--start", "2026-11-02"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "22 vehicles" in done.stdout
    loaded = flaade("register", "pilot/register.json", cwd=tmp_path)
    assert "22 vehicles at 8 depots" in loaded.stdout, loaded.stderr
    (tmp_path / "pilot/register.json").write_text('{"depots": []}')
    refused(flaade("register", "pilot/register.json", cwd=tmp_path), "catalogue", "Field required")


def test_settings_are_listed_without_their_passwords(tmp_path: Path) -> None:
    url = "postgresql://flaade:secret@db.example:5432/flaade"
    done = flaade("settings", cwd=tmp_path, FLAADE_DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    assert "postgresql://flaade:…@db.example:5432/flaade" in done.stdout
    assert "secret" not in done.stdout
