"""Nothing of a driving log is kept that was, or may have been, driven in private."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import command_group
from db.connect import Pool
from fleet.actor import Actor
from fleet.files.cells import FileTable, read_packed, unpack_rows
from fleet.files.own_process import ReadingBounds
from register.private_log_rows import EMPTIED_NOTE
from register.private_periods import private_periods, set_private
from register.private_time import PrivatePeriod
from tests.factories.actors import SOMEBODY
from tests.factories.vehicles import put_cars
from trips.driving_log.log_columns import LogField
from trips.driving_log.log_import import import_log
from trips.driving_log.log_row import LogLimits
from trips.driving_log.log_sheet import sheet_of
from trips.driving_log.uploads import (
    ImportedUpload,
    WaitingLog,
    import_upload,
    keep_upload,
    upload_of,
)

BEGINS = datetime(2026, 3, 2, 15, tzinfo=UTC)
PERIOD = PrivatePeriod(BEGINS, BEGINS + timedelta(hours=8))
LIMITS = LogLimits(now=datetime(2026, 11, 20, tzinfo=UTC))
COLUMNS = {
    LogField.VEHICLE: "Bil",
    LogField.START: "Start",
    LogField.END: "Slut",
    LogField.KM: "Km",
}

#: Rows that are private, each but for the first with something wrong in it.
INSIDE = (
    "V1 ;02-03-2026 18:00;02-03-2026 19:00;12,5;secret",
    "v1;02-03-2026 18:30;02-03-2026 18:40;900;secret",
    "v1;02-03-2026 18:41;02-03-2026 18:42;abc;secret",
    "v1;02-03-2026 19:00;02-03-2026 18:40;3;secret",
    "v1;2026-03-02T18:10:00;2026-03-02T18:20:00;3;secret",
    "v1;02-03-2026 14:00;02-03-2026 23:59;3;secret",
    "v1;02-03-2026;02-03-2026;3;secret",
    "v1;;02-03-2026 18:40;3;secret",
    "v1;05-01-2026 08:00;02-04-2026 18:40;3;secret",
)
OUTSIDE = (
    "v1;02-03-2026 08:00;02-03-2026 09:00;12,5;public",
    "v1;03-03-2026 08:00;03-03-2026 08:10;900;public",
    "v2;02-03-2026 18:00;02-03-2026 19:00;2;public",
    "v2;02-03-2026;02-03-2026;2;public",
)


@pytest.fixture
async def fleet(pool: Pool) -> Pool:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1", "v2")
    return pool


async def put(pool: Pool) -> int:
    text = "\n".join(["Bil;Start;Slut;Km;Note", *INSIDE, *OUTSIDE])
    return await keep_upload(
        pool, SOMEBODY, "log.csv", read_packed("log.csv", text.encode(), ReadingBounds())
    )


async def text_of(pool: Pool) -> str:
    found: list[str] = []
    for row in await pool.fetch("SELECT t::text AS text, content FROM log_upload t"):
        found.append(row["text"])
        found += map(str, unpack_rows(row["content"]) if row["content"] else ())
    return "\n".join(found)


@pytest.mark.parametrize("first", ["the log", "the period"])
async def test_a_log_that_waits_keeps_no_private_row(fleet: Pool, first: str) -> None:
    if first == "the period":
        await set_private(fleet, Actor.trusted("x"), "v1", PERIOD)
    number = await put(fleet)
    if first == "the log":
        assert "secret" in await text_of(fleet)
        await set_private(fleet, Actor.trusted("x"), "v1", PERIOD)
        [period] = await private_periods(fleet, "v1")
        assert period.removed.log_rows == len(INSIDE)
    text = await text_of(fleet)
    assert "secret" not in text
    assert text.count("public") >= len(OUTSIDE)
    found = await upload_of(fleet, number, 9)
    assert isinstance(found, WaitingLog)
    assert (found.rows, found.notes[-1]) == (len(INSIDE) + len(OUTSIDE), EMPTIED_NOTE)
    await import_upload(fleet, SOMEBODY, number, "log.csv", COLUMNS, LIMITS)
    done = await upload_of(fleet, number, 9)
    assert isinstance(done, ImportedUpload)
    assert (done.trips, [refusal.row for refusal in done.first]) == (2, [12, 14])
    assert done.private == len(INSIDE)
    assert "secret" not in await text_of(fleet)


async def test_what_is_refused_of_a_log_that_was_private_keeps_no_cell(fleet: Pool) -> None:
    """As a command takes it, in one step."""
    await set_private(fleet, Actor.trusted("x"), "v1", PERIOD)
    rows = [line.split(";") for line in ("Bil;Start;Slut;Km;Note", *INSIDE, *OUTSIDE)]
    done = await import_log(
        fleet, SOMEBODY, sheet_of(FileTable(rows, ",")), COLUMNS, "log.csv", LIMITS
    )
    assert ([refusal.row for refusal in done.refused], done.private) == ([12, 14], len(INSIDE))
    assert all("public" in refusal.cells for refusal in done.refused)


async def test_a_registration_number_names_a_vehicle_in_a_log_and_hides_what_was_private(
    fleet: Pool,
) -> None:
    await fleet.execute("UPDATE vehicle SET plate = 'AB12345' WHERE vehicle_id = 'v1'")
    await set_private(fleet, Actor.trusted("x"), "v1", PERIOD)
    logged = [
        "Bil;Start;Slut;Km;Note",
        "ab 12 345;02-03-2026 18:00;02-03-2026 19:00;abc;secret",
        "AB 12 345;03-03-2026 08:00;03-03-2026 08:30;5,5;public",
        "AB12345;04-03-2026 08:00;04-03-2026 08:30;6,5;public",
    ]
    rows = [line.split(";") for line in logged]
    done = await import_log(
        fleet, SOMEBODY, sheet_of(FileTable(rows, ",")), COLUMNS, "log.csv", LIMITS
    )
    assert (done.trips, done.private, list(done.refused)) == (2, 1, [])


async def test_rows_that_a_later_period_takes_from_a_report_are_counted(fleet: Pool) -> None:
    number = await put(fleet)
    await import_upload(fleet, SOMEBODY, number, "log.csv", COLUMNS, LIMITS)
    before = await upload_of(fleet, number, 99)
    await set_private(fleet, Actor.trusted("x"), "v1", PERIOD)
    after = await upload_of(fleet, number, 99)
    assert isinstance(before, ImportedUpload)
    assert isinstance(after, ImportedUpload)
    assert before.private == 0
    assert after.private == before.refused - after.refused > 0


async def test_the_command_tells_how_many_rows_were_private_and_not_which(
    fleet: Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_private(fleet, Actor.trusted("x"), "v1", PERIOD)
    log, refused = tmp_path / "log.csv", tmp_path / "refused.csv"
    log.write_text("\n".join(["Bil;Start;Slut;Km;Note", *INSIDE, *OUTSIDE]))
    monkeypatch.setenv("FLAADE_DATABASE_URL", database_url)
    arguments = ["import-log", str(log), "--refused", str(refused)]
    done = await asyncio.to_thread(CliRunner().invoke, command_group(), arguments)
    assert "2 trips of 2 vehicles, 2 rows refused" in done.output
    assert f"{len(INSIDE)} rows left out" in done.output
    assert re.findall(r"row (\d+):", done.output) == ["12", "14"]
    assert "secret" not in refused.read_text()
