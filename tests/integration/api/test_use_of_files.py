"""`flaade utilisation` of files says what the database says of the same trips."""

import csv
from pathlib import Path

from python_calamine import CalamineWorkbook

from api.pages.use.use import USE_SHEET_NAME
from api.pages.words.language import Language, translations
from db.connect import Pool
from fleet.files.tables import read_table
from tests.factories.command import flaade, refused
from tests.factories.driving_logs import LOG, take
from tests.factories.driving_logs import fleet as fleet
from trips.use.fleet_use import fleet_use, period_between
from trips.use.month_cache import MonthCache
from trips.use.use_table import use_table

FLEET = """vehicle_id,name,kind,department,depot
v1,V1,Car,d,Home
v2,V2,Car,d,Home
"""


async def test_the_table_of_a_log_and_a_fleet_list_is_that_of_the_database(
    fleet: Pool, tmp_path: Path
) -> None:
    await take(fleet)
    period = await period_between(fleet, None, None)
    stored = await fleet_use(fleet, MonthCache(), period, 0.8)
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "fleet.csv").write_text(FLEET)
    done = flaade(
        *("utilisation", "--trips", "log.csv", "--fleet", "fleet.csv", "--out", "u.parquet"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "row 3: the trip overlaps with the one in row 2" in done.stderr
    assert "2 rows left out" in done.stderr
    assert "2 vehicles from 2026-11-02 to 2026-11-04 in u.parquet, 0 of them unknown" in done.stdout
    table = read_table(tmp_path / "u.parquet", ["vehicle_id"])
    unlike = ["last_ping"]  # nothing was heard of a file
    expected = use_table(stored.vehicles).drop_columns(unlike)
    assert table.drop_columns(unlike).to_pylist() == expected.to_pylist()
    assert not (tmp_path / "data").exists()


def test_a_period_that_ends_before_it_begins_is_refused_at_its_option(tmp_path: Path) -> None:
    days = ("--since", "2026-11-05", "--until", "2026-11-04")
    for command in (
        ("utilisation", "--trips", "log.csv"),
        ("utilisation",),
        ("export", "trips", "--out", "trips.csv"),
    ):
        done = flaade(*command, *days, cwd=tmp_path)
        assert done.returncode == 2
        assert "--until" in done.stderr
        assert "lies before --since" in done.stderr
    assert not (tmp_path / "data").exists()


def test_without_a_fleet_list_the_vehicles_are_those_of_the_log(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    done = flaade("utilisation", "--trips", "log.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    cells = [[cell.strip() for cell in line.split("│")] for line in done.stdout.splitlines()]
    [v1] = [row for row in cells if row[1:2] == ["V1"]]
    assert v1[2:8] == ["2", "3", "2", "42 km", "3", "100%"]
    assert "3 vehicles from 2026-11-02 to 2026-11-04, 0 of them unknown" in done.stdout


def test_what_flaade_trips_wrote_is_a_log_too(shared_data: Path, tmp_path: Path) -> None:
    flaade("trips", shared_data / "ved_ev.parquet", "--out", "t.csv", cwd=tmp_path)
    done = flaade(
        *("utilisation", "--trips", "t.csv", "--out", "u.csv", "--format", "csv"), cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    with (tmp_path / "t.csv").open() as found, (tmp_path / "u.csv").open() as used:
        trips, vehicles = list(csv.DictReader(found)), list(csv.DictReader(used))
    assert {row["vehicle_id"] for row in vehicles} == {row["device"] for row in trips}
    assert sum(int(row["trips"]) for row in vehicles) == len(trips)


def test_a_file_without_trips_or_columns_is_refused_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("Bil;Start;Slut\nV1;02-11-2026 08:00;02-11-2026 09:00\n")
    refused(flaade("utilisation", "--trips", "log.csv", cwd=tmp_path), "no column for km")
    (tmp_path / "log.csv").write_text(LOG)
    refused(flaade("utilisation", "--trips", "none.csv", cwd=tmp_path), "none.csv", "No such file")


def test_the_sheet_of_excel_is_called_as_the_page_is(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    out = ("--out", "u.xlsx", "--format", "xlsx")
    done = flaade("utilisation", "--trips", "log.csv", *out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    book = CalamineWorkbook.from_path(tmp_path / "u.xlsx")
    page = translations(Language.DANISH).gettext(USE_SHEET_NAME)
    assert book.sheet_names == [page]
