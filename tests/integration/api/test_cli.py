"""The command, run as people run it."""

import asyncio
import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from access.links import account_of_link
from access.tokens import token_actor
from db.connect import Pool
from fleet.actor import Actor, Permission
from fleet.localtime import local_now
from fleet.saying import Saying
from ingest.gate.detail import RefusalDetail
from register.keys import new_device_key
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.conftest import free_port
from tests.factories.accounts import CHEAP_PASSWORDS
from tests.factories.actors import SOMEBODY
from tests.factories.command import flaade, refused
from tests.factories.private_vehicles import add_vehicle
from tests.factories.vehicles import put_cars


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


def test_a_replay_goes_to_the_server_of_the_settings_and_says_where_none_answers(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log.csv"
    log.write_text("device,ts,lat,lon\nd,2026-11-20T10:00:00Z,55,12\n")
    port = str(free_port())
    command = ("replay", log, "--key", "k", "--give-up", "1")
    done = flaade(*command, cwd=tmp_path, FLAADE_PORT=port)
    assert f"no answer of http://127.0.0.1:{port} " in done.stderr
    done = flaade(*command, "--url", "http://127.0.0.1:9", cwd=tmp_path, FLAADE_PORT=port)
    assert "no answer of http://127.0.0.1:9 " in done.stderr


def test_the_fewest_vehicles_of_a_pilot_are_those_of_its_help(tmp_path: Path) -> None:
    done = flaade("simulate", "pilot", "--vehicles", "4", cwd=tmp_path)
    assert done.returncode == 2
    assert "22" in done.stderr
    assert "x>=22" in flaade("simulate", "--help", cwd=tmp_path).stdout.replace("22<=x", "x>=22")


def drift(path: Path, **columns: float) -> None:
    """Twelve hours of a parked tracker whose places scatter by 80 m."""
    chance, n = np.random.default_rng(1), 720
    places = chance.normal(0, 80 / 111_195 / 2, (2, n)) * [[1.0], [1.8]]
    said = {name: [value] * n for name, value in columns.items()}
    ts = [datetime(2026, 9, 21, tzinfo=UTC) + i * timedelta(minutes=1) for i in range(n)]
    table = {"device": ["d"] * n, "ts": ts, "lat": 55.6 + places[0], "lon": 12.5 + places[1]}
    pq.write_table(pa.table(table | said), path)


def test_a_value_that_no_sensor_can_say_costs_itself_and_is_counted(tmp_path: Path) -> None:
    drift(tmp_path / "bare.parquet")
    drift(tmp_path / "said.parquet", speed_kmh=255, odometer_km=4_294_967.295, satellites=255)
    for name in ("bare", "said"):
        log, out = tmp_path / f"{name}.parquet", tmp_path / f"{name}.csv"
        done = flaade("trips", log, "--out", out, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    for column in ("odometer_km", "satellites", "speed_kmh"):
        assert f"{column}: 720 values left out" in done.stderr
    assert (tmp_path / "said.csv").read_text() == (tmp_path / "bare.csv").read_text()


def test_how_files_were_read_is_told(tmp_path: Path) -> None:
    log, fleet = tmp_path / "log.csv", tmp_path / "fleet.csv"
    log.write_bytes(
        "Køretøj;Start;Slut;Km\nv1;02-03-2026 08:00;02-03-2026 09:00;1,5\n".encode("cp1252")
    )
    fleet.write_bytes("Køretøj;Type;Afdeling;Depot\nv1;Bil;Ø;Hj\n".encode("cp1252"))
    done = flaade("utilisation", "--trips", log, "--fleet", fleet, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Windows-1252") == 2
    assert done.stderr.count("semicolons") == 2
    assert "Times without an offset are read as local time" in done.stderr


def test_a_driving_log_with_a_time_of_no_year_is_refused_by_its_column(tmp_path: Path) -> None:
    log = tmp_path / "log.parquet"
    times = [pa.array([at], pa.timestamp("us")) for at in (2**62, 2**62 + 10**9)]
    pq.write_table(pa.table([["v1"], *times, [1.0]], names=["Bil", "Start", "Slut", "Km"]), log)
    refused(flaade("utilisation", "--trips", log, cwd=tmp_path), "column Start")


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


def test_what_todays_fleet_breaks_is_said_and_the_plan_stands_the_check(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "trip_id,start,end,km\n1,2026-11-20T08:00:00Z,2026-11-20T10:00:00Z,10\n"
        "2,2026-11-20T09:00:00Z,2026-11-20T11:00:00Z,10\n"
    )
    (tmp_path / "f.csv").write_text(
        "type,count_now,energy,fixed_kr_year,kr_km,co2_g_km\n"
        "bil,2,petrol,47000,1,120\nelbil,0,electric,52000,1,0\n"
    )
    (tmp_path / "r.toml").write_text("reserve = 1\nno_fallback_pools = ['']\n")
    problem = ("--trips", "t.csv", "--fleet", "f.csv", "--rules", "r.toml")
    done = flaade("optimise", *problem, "--out", "p.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "today's fleet breaks reserve in pool - by 1" in done.stdout
    assert "elbil: 0 -> 1" in done.stdout
    assert flaade("check", "p.json", *problem, cwd=tmp_path).returncode == 0


async def test_devices_are_enrolled_keyed_listed_and_quarantine_shown(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    assert pool

    async def run(*arguments: str) -> CompletedProcess[str]:
        return await asyncio.to_thread(
            flaade, *arguments, cwd=tmp_path, FLAADE_DATABASE_URL=database_url
        )

    assert (await run("device", "enrol", "a", "b")).returncode == 0
    key = (await run("device", "key", "--device", "a")).stdout.strip()
    assert len(key) == 43
    listed = (await run("device", "list")).stdout
    assert "a" in listed
    assert "never" in listed
    assert "1 key revoked" in (await run("device", "revoke", "--device", "a")).stdout
    assert "0 keys revoked" in (await run("device", "revoke", "--device", "a")).stdout
    assert (await run("quarantine", "list", "--json")).stdout.strip() == "[]"
    refused(await run("device", "key", "--device", "c"), "c is not enrolled")


async def test_accounts_are_made_listed_let_in_by_links_and_closed(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    async def said(*arguments: str) -> str:
        cheap = {f"FLAADE_{name.upper()}": str(value) for name, value in CHEAP_PASSWORDS.items()}
        done = await asyncio.to_thread(
            *(flaade, "account", *arguments),
            cwd=tmp_path,
            FLAADE_DATABASE_URL=database_url,
            FLAADE_PAGES_URL="https://flaade.example.dk/",
            **cheap,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1")
    await pool.execute("UPDATE vehicle SET department = 'Vej'")
    made = await said("add", "Materiel", "--role", "administrator")
    head = await said("add", "Regnskab", "--role", "department_head", *("--department", "Vej"))
    for link, name in ((made, "Materiel"), (head, "Regnskab")):
        assert link.startswith("https://flaade.example.dk/link")
        known = await account_of_link(pool, link[-43:])
        assert known is not None
        assert (known.name, known.has_password) == (name, False)
    assert (await said("link", "materiel")).startswith("https://flaade.example.dk/link")
    assert await account_of_link(pool, made[-43:]) is None
    assert "is closed" in await said("close", "Regnskab")
    listed = await said("list")
    assert all(word in listed for word in ("Materiel", "no password yet", "Vej", "closed", "never"))
    assert "is open" in await said("reopen", "regnskab")
    assert "closed" not in await said("list")
    assert (await said("link", "Regnskab")).startswith("https://flaade.example.dk/link")
    ends = str(local_now().date())
    scopes = ("--scope", "figures:read", "--scope", "register:change")
    token = await said("token", "journal", *scopes, "--ends", ends)
    actor = await token_actor(pool, token, "192.0.2.1")
    assert actor is not None
    assert actor.permissions == {Permission.FIGURES_READ, Permission.REGISTER_CHANGE}
    assert "journal" in await said("tokens")
    assert await said("revoke", "1") == "1 token revoked"
    assert await token_actor(pool, token, "192.0.2.1") is None


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("account", "link", "van-8"), ("there is no account van-8",)),
        (("account", "close", "van-8"), ("there is no account van-8",)),
        (("account", "reopen", "van-8"), ("there is no account van-8",)),
        (
            ("account", "add", "Regnskab", "--role", "department_head"),
            ("at least one department",),
        ),
        (
            ("account", "add", "A", "--role", "department_head", "--department", "Vje"),
            ("no vehicle is of the department Vje; known are:",),
        ),
        (
            ("account", "token", "x", "--scope", "all", "--ends", "2030-01-01"),
            ("there is no scope all; one of: ", "figures:read"),
        ),
        (
            ("account", "token", "x", "--scope", "accounts:manage", "--ends", "2099-01-01"),
            ("has nothing that asks for one of these",),
        ),
        (("quarantine", "release", "van-8"), ("nothing in quarantine is of van-8",)),
        (("private", "list", "van-8"), ("there is no vehicle van-8",)),
        (("device", "keys", "--device", "van-8"), ("device van-8 is not enrolled",)),
        (("device", "keys", "--gateway", "van-8"), ("there is no gateway van-8",)),
        (("device", "revoke", "--device", "van-8"), ("device van-8 is not enrolled",)),
        (("device", "revoke", "--gateway", "van-8"), ("there is no gateway van-8",)),
        (("device", "move", "van-8"), ("device van-8 is not enrolled",)),
        (("device", "allow", "van-8"), ("device van-8 is not enrolled",)),
        (("device", "speed", "van-8", "knots"), ("device van-8 is not enrolled",)),
        (("device", "key", "--device", "van-8"), ("device van-8 is not enrolled",)),
        (("device", "enrol", "d1", "--vehicle", "van-8"), ("there is no vehicle van-8",)),
        (("private", "set", "van-8", "--by", "AB"), ("there is no vehicle van-8",)),
        (("private", "end", "8", "--by", "AB"), ("there is no private period 8",)),
        (("export", "trips", "--out", "t.csv", "--vehicle", "van-8"), ("no vehicle van-8",)),
        (("import-log", "log.csv", "--columns", "vehicle"), ("vehicle is no field=heading",)),
    ],
    ids=lambda value: " ".join(value[:3]),
)
def test_a_name_that_nobody_has_is_said_in_one_line(
    command: tuple[str, ...], told: tuple[str, ...], tmp_path: Path, database_url: str
) -> None:
    (tmp_path / "log.csv").write_text("Bil;Start;Slut;Km\n")
    refused(flaade(*command, cwd=tmp_path, FLAADE_DATABASE_URL=database_url), *told)


async def test_a_log_of_vehicles_that_nobody_knows_is_refused_and_its_rows_are_handed_back(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    await add_vehicle(pool, "van-7", "t1")
    log = "Bil;Start;Slut;Km\nvan-8;02-03-2026 08:00;02-03-2026 09:00;12\n"
    (tmp_path / "log.csv").write_text(log)
    command = ("import-log", "log.csv", "--refused", "refused.csv")
    done = await asyncio.to_thread(flaade, *command, cwd=tmp_path, FLAADE_DATABASE_URL=database_url)
    refused(done, "no vehicle in the register has a name of Bil, such as van-8")
    [_, row] = (tmp_path / "refused.csv").read_text("utf-8-sig").splitlines()
    assert "van-8" in row
    assert "no vehicle" in row


async def test_a_name_that_somebody_has_and_nothing_is_of_is_no_mistake(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    await add_vehicle(pool, "van-7", "t1")
    for command, told in (
        (("quarantine", "release", "t1"), "nothing of t1 waits in quarantine\n"),
        (
            ("quarantine", "release", "t1", "--reason", "jump"),
            "nothing of t1 waits in quarantine for jump\n",
        ),
        (("private", "list", "van-7"), "van-7 has no private periods\n"),
        (("device", "revoke", "--device", "t1"), "0 keys revoked\n"),
    ):
        done = await asyncio.to_thread(
            flaade, *command, cwd=tmp_path, FLAADE_DATABASE_URL=database_url
        )
        assert (done.returncode, done.stdout) == (0, told), done.stderr


async def test_what_is_piped_has_every_name_and_reason_whole(
    pool: Pool, database_url: str, tmp_path: Path
) -> None:
    """Nothing is cut at the edge of a screen that a program does not have."""
    long = "vej-og-park-afdelingens-lastbil-nummer-0000000000000000000000000042"
    await add_vehicle(pool, long, long)
    await new_device_key(pool, SOMEBODY, long, f"label-{long}")
    await pool.execute(
        "INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256)"
        " VALUES ('teltonika_tcp', $1, 'same_moment_differs', $2, 'x', 'x')",
        long,
        Saying(RefusalDetail.SAME_MOMENT, {"ts": "2026-11-20T10:00:00+00:00"}).to_json(),
    )
    number = await pool.fetchval("SELECT quarantine_id FROM quarantine")
    set_by = "the fleet office of the technical and environmental department"
    away = datetime.now(UTC) + timedelta(days=7)  # the quarantine stays
    await set_private(
        pool, Actor.trusted(set_by), long, PrivatePeriod(away, away + timedelta(days=1))
    )
    for command, told in (
        (("quarantine", "list"), (long, str(number), "same_moment_differs", "stored for 2026")),
        (("device", "list"), (long,)),
        (("device", "keys"), (long, f"label-{long}")),
        (("private", "list", long), (set_by,)),
        (("settings",), ("FLAADE_BUFFER_DELIVERIES_MAX",)),
    ):
        for columns in ({}, {"COLUMNS": "40"}):
            done = await asyncio.to_thread(
                flaade,
                *command,
                cwd=tmp_path,
                **{"COLUMNS": "", "FLAADE_DATABASE_URL": database_url} | columns,
            )
            assert done.returncode == 0, done.stderr
            for text in told:
                assert any(text in line for line in done.stdout.splitlines()), (command, text)
            assert "…" not in done.stdout.replace(":…@", "")


def test_a_pilot_is_written_and_its_register_loaded(tmp_path: Path) -> None:
    done = flaade(
        *("simulate", "pilot", "--weeks", "1", "--vehicles", "22", "--start", "2026-11-02"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "22 vehicles" in done.stdout
    loaded = flaade("register", "pilot/register.json", cwd=tmp_path)
    assert "22 vehicles at 8 depots" in loaded.stdout, loaded.stderr
    content = json.loads((tmp_path / "pilot/register.json").read_text())
    content["depots"].append(content["depots"][0] | {"id": "twin", "name": "Twin"})
    (tmp_path / "pilot/twin.json").write_text(json.dumps(content))
    asked = flaade("register", "pilot/twin.json", cwd=tmp_path)
    refused(asked, "Are they two depots?", "With --confirmed it is taken.")
    taken = flaade("register", "pilot/twin.json", "--confirmed", cwd=tmp_path)
    assert "22 vehicles at 9 depots" in taken.stdout, taken.stderr
    (tmp_path / "pilot/register.json").write_text('{"depots": []}')
    refused(flaade("register", "pilot/register.json", cwd=tmp_path), "catalogue", "Field required")


def test_settings_are_listed_without_their_passwords(tmp_path: Path) -> None:
    url = "postgresql://flaade:hush-hush@db.example:5432/flaade"
    done = flaade("settings", cwd=tmp_path, FLAADE_DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    assert "postgresql://flaade:…@db.example:5432/flaade" in done.stdout
    assert "hush-hush" not in done.stdout
