"""What is stored wrongly is named by device and day, and mended when that is asked for."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.compute as pc

from db.connect import Pool
from fleet.files.tables import read_table
from register.devices import enrol_device
from tests.factories.actors import SOMEBODY
from tests.factories.command import flaade, refused
from tests.factories.days import stored_days
from tests.factories.driving import day_of_driving
from tests.factories.pilot import load_pilot
from tests.factories.recomputed import never
from tests.factories.vehicles import put_cars
from tests.factories.writers import writing
from trips.recompute import StoredDifference, recompute
from trips.service import TripService
from trips.use.device_days import DeviceDay


def unseen(done: int, total: int) -> None:
    """Progress that nobody watches."""


async def test_a_wrong_row_is_named_and_mended_and_nothing_else_is(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    pilot = await load_pilot(
        pool, tmp_path, start=datetime(2026, 10, 19, tzinfo=UTC).date(), weeks=1, vehicles=22
    )
    assert await recompute(pool, write=False, on_progress=unseen, on_failure=never) == []

    day = date(2026, 10, 21)
    one, other = await pool.fetch(
        "SELECT device, vehicle_id FROM device_day JOIN device USING (device)"
        " WHERE day = $1 AND trips > 0 ORDER BY device LIMIT 2",
        day,
    )
    await pool.execute(
        "UPDATE device_day SET km = km + 1 WHERE device = $1 AND day = $2", one["device"], day
    )
    trip = await pool.fetchrow(
        "DELETE FROM trip WHERE (device, start_ts) = (SELECT device, min(start_ts) FROM trip"
        " WHERE device = $1 AND start_ts > $2 GROUP BY device) RETURNING *",
        other["device"],
        datetime(2026, 10, 20, 22, tzinfo=UTC),
    )
    wrong = [
        StoredDifference(one["device"], day, "day", one["vehicle_id"]),
        StoredDifference(other["device"], day, "trip", other["vehicle_id"]),
    ]
    assert await recompute(pool, write=False, on_progress=unseen, on_failure=never) == wrong
    command = await asyncio.to_thread(
        flaade, "recompute", cwd=tmp_path, FLAADE_DATABASE_URL=database_url
    )
    assert command.returncode == 1, command.stderr
    assert f"{day}  {one['device']} ({one['vehicle_id']}): day" in command.stdout
    assert "2 differences found" in command.stdout
    told: list[tuple[int, int]] = []
    mended = await recompute(
        pool, write=True, on_progress=lambda *so_far: told.append(so_far), on_failure=never
    )
    assert mended == wrong
    assert told[-1] == (len(pilot.vehicles), len(pilot.vehicles))
    assert await recompute(pool, write=False, on_progress=unseen, on_failure=never) == []
    assert trip is not None
    assert trip == await pool.fetchrow(
        "SELECT * FROM trip WHERE device = $1 AND start_ts = $2", trip["device"], trip["start_ts"]
    )


async def test_whichever_figure_of_a_day_is_wrong_is_named(pool: Pool) -> None:
    figures = DeviceDay._fields[1:]
    async with writing(pool) as writer:
        await writer.store(day_of_driving("d1", days=len(figures), hours=(2,)), [])
    await TripService(pool).refresh()
    days = [day.day for day in await stored_days(pool, "d1")][: len(figures)]
    for figure, day in zip(figures, days, strict=True):
        await pool.execute(f"UPDATE device_day SET {figure} = {figure} + 1 WHERE day = $1", day)
    wrong = [StoredDifference("d1", day, "day", None) for day in days]
    assert await recompute(pool, write=False, on_progress=unseen, on_failure=never) == wrong


async def test_the_use_of_every_vehicle_is_written_to_a_file(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    nothing = await asyncio.to_thread(
        flaade, "utilisation", "--out", "u.csv", cwd=tmp_path, FLAADE_DATABASE_URL=database_url
    )
    refused(nothing, "no trips in the period")
    pilot = await load_pilot(
        pool, tmp_path, start=datetime(2026, 10, 19, tzinfo=UTC).date(), weeks=1, vehicles=22
    )
    done = await asyncio.to_thread(
        flaade,
        *("utilisation", "--out", "u.csv", "--format", "csv"),
        cwd=tmp_path,
        FLAADE_DATABASE_URL=database_url,
    )
    assert done.returncode == 0, done.stderr
    table = read_table(tmp_path / "u.csv", ["vehicle_id", "trips", "days_used_share"])
    assert table.num_rows == len(pilot.vehicles)
    assert pc.sum(table.column("trips")).as_py() == await pool.fetchval("SELECT count(*) FROM trip")


async def test_a_device_that_cannot_be_done_is_told_and_no_other_is(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 100)")
    await put_cars(pool, "v0")
    await pool.execute("UPDATE vehicle SET trip_class = 'zeppelin' WHERE vehicle_id = 'v0'")
    await enrol_device(pool, SOMEBODY, "d0", "v0")
    async with writing(pool) as writer:
        for device in ("d0", "d1"):
            await writer.store(day_of_driving(device, days=1), [])
    command = await asyncio.to_thread(
        flaade, "recompute", "--write", cwd=tmp_path, FLAADE_DATABASE_URL=database_url
    )
    assert command.returncode == 1, command.stderr
    assert "d0: not done: no_class" in command.stderr
    assert "d1" not in command.stderr
    assert "0 differences mended" in command.stdout
