"""The pages of use: their periods, closing days, and the tables to take away."""

import re
from collections.abc import AsyncGenerator
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace
from pyarrow import csv
from python_calamine import CalamineWorkbook

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.localtime import LOCAL_ZONE
from ingest.store.writer import PositionWriter
from register.inventory.changes import retire_vehicle
from tests.factories.access import TESTER
from tests.factories.actors import SOMEBODY
from tests.factories.driving import DEPOT, MORNING, day_of_driving
from tests.factories.page_text import words
from tests.factories.serving import Client, client_of
from tests.factories.vehicles import put_cars
from trips.service import TripService

#: V1 drives on the weekdays from Monday 2 to Friday 6 November 2026.
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 6)


@pytest.fixture
async def client(
    pool: Pool, settings: Settings, database_url: str, writer: PositionWriter
) -> AsyncGenerator[Client]:
    """V1 drives three times a day, V2 stands and is heard from Monday at seven, so that it was out
    on none of four known days; nothing was heard of V3. All belong to Gården."""
    await pool.execute("INSERT INTO depot VALUES ('gaard', 'Gården', $1, $2, 150)", *DEPOT)
    await put_cars(pool, "v1", "v2", "v3", depot_id="gaard")
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        await pool.execute(
            "INSERT INTO device (device, vehicle_id) SELECT 'd' || n, 'v' || n"
            " FROM generate_series(1, 3) n"
        )
        moved = datetime.combine(FIRST, MORNING.timetz()) - MORNING
        for device, hours in (("d1", (2, 5, 9)), ("d2", ())):
            days = day_of_driving(device, days=5, hours=hours)
            await writer.store([replace(p, ts=p.ts + moved) for p in days], [])
        await TripService(pool).refresh()
        yield client


async def get(client: Client, path: str, language: str = "da") -> str:
    headers = {"Cookie": f"lang={language}"}
    async with client.session.get(client.server.url + path, headers=headers) as answer:
        assert answer.status == 200, path
        return await answer.text()


async def post(
    client: Client, path: str, fields: dict[str, str], language: str = "da"
) -> tuple[int, str]:
    async with client.session.post(
        client.server.url + path, data=fields, headers={"Cookie": f"lang={language}"}
    ) as answer:
        return answer.status, await answer.text()


# Periods ----------------------------------------------------------------------------------------


async def test_a_vehicle_that_left_the_fleet_keeps_the_figures_of_its_days(
    client: Client, pool: Pool
) -> None:
    await retire_vehicle(pool, SOMEBODY, "v1", LAST + timedelta(days=1))
    assert "V1" not in await get(client, "/use")
    assert "V1" in await get(client, f"/use?from={FIRST}&to={LAST}")
    assert "V1" not in await get(client, f"/use?from={FIRST}&to={LAST + timedelta(days=1)}")
    assert "udgået siden" in await get(client, "/vehicles/v1")


@pytest.mark.parametrize("path", ["/", "/use"])
async def test_the_days_of_a_page_stand_in_its_address_and_are_chosen_alike(
    client: Client, path: str
) -> None:
    plain = await get(client, path)
    for span, first, last in [
        ("Uge", "2026-11-02", "2026-11-08"),
        ("Måned", "2026-11-01", "2026-11-30"),
        ("Kvartal", "2026-10-01", "2026-12-31"),
        ("År", "2026-01-01", "2026-12-31"),
    ]:
        assert f'href="{path}?from={first}&amp;to={last}">{span}</a>' in plain
        chosen = await get(client, f"{path}?from={first}&to={last}")
        assert f'aria-current="true">{span}</a>' in chosen
        assert f'name="from" value="{first}"' in chosen
        assert f'name="to" value="{last}"' in chosen
    one_day = await get(client, f"{path}?from=2026-11-04&to=2026-11-04")
    assert "4. nov. 2026 – 4. nov. 2026 (1 arbejdsdag)" in words(one_day).replace("\xa0", " ")
    assert f'href="{path}?from=2026-11-03&amp;to=2026-11-03"' in one_day
    assert f'href="{path}?from=2026-11-05&amp;to=2026-11-05"' in one_day


async def test_days_before_the_first_trip_are_left_out_and_that_is_said(
    client: Client,
) -> None:
    for path in ("/", "/use"):
        page = words(await get(client, f"{path}?from=2026-01-01&to={LAST}")).replace("\xa0", " ")
        assert (
            "Tallene gælder 2. nov. 2026 – 6. nov. 2026. Resten af perioden er der ingen data"
            in page
        )
        whole = words(await get(client, f"{path}?from={FIRST}&to={LAST}")).replace("\xa0", " ")
        share = re.compile(r"Arbejdsdage i brug (\d+) %")
        assert share.findall(page) == share.findall(whole) == ["56"]


async def test_a_period_without_data_says_so_and_where_there_are_data(client: Client) -> None:
    for days in (
        "from=2025-01-01&to=2025-03-31",
        "from=9999-12-01&to=9999-12-31",
        "to=0001-01-01",
        "from=2026-10-01&to=2026-10-31",
    ):
        for path in ("/", "/use"):
            page = words(await get(client, f"{path}?{days}")).replace("\xa0", " ")
            assert "der kan ikke siges noget om deres brug. Der er data fra 2. nov." in page
            assert "Der er ikke noget at vise for perioden." in page
            assert "0 af 3" not in page
        table = parquet_table(await download(client, f"/use/export/parquet?{days}"))
        assert table["known"].to_pylist() == [False] * 3
    english = words(await get(client, "/use?from=2025-01-01&to=2025-03-31", "en"))
    assert "nothing can be said of their use. There are data from 2 Nov" in english


async def test_days_the_wrong_way_round_are_told_and_the_latest_weeks_are_shown(
    client: Client,
) -> None:
    days = f"from={LAST}&to={FIRST}"
    error = 'id="to-error"><span class="sr-only">Fejl: </span>Den sidste dag ligger før'
    for path in ("/", "/use"):
        page = await get(client, f"{path}?{days}")
        assert "Den sidste dag ligger før den første. De seneste uger vises" in words(page)
        assert error in page
        assert f'id="from" name="from" value="{LAST}"' in page
        assert re.search(rf'id="to" name="to" value="{FIRST}" aria-invalid="true"', page)
        assert "56 %" in words(page).replace("\xa0", " ")
    page = await get(client, f"/audit?{days}")
    assert "Den sidste dag ligger før den første. De seneste dage vises" in words(page)
    assert re.search(rf'id="to" name="to" value="{FIRST}" aria-invalid="true"', page)
    for file in ("/use/export/csv", "/audit/export/csv"):
        async with client.session.get(f"{client.server.url}{file}?{days}") as answer:
            assert answer.status == 422
            assert f'value="{FIRST}" aria-invalid="true"' in await answer.text()


async def test_programs_are_told_the_field_of_a_period_that_ends_before_it_begins(
    client: Client,
) -> None:
    shape = {"name": "X", "lat": 55.9, "lon": 12.1, "radius_m": 100}
    shape |= {"active_from": f"{LAST}", "active_to": f"{FIRST}", "revision": 1}
    private = {"begins": "2026-11-06T10:00:00Z", "ends": "2026-11-05T10:00:00Z"}
    for method, path, body, field in (
        ("GET", f"/v1/use?from={LAST}&to={FIRST}", None, "to"),
        ("PUT", "/v1/depots/x", shape, "active_to"),
        ("POST", "/v1/vehicles/v1/private", private, "ends"),
    ):
        async with client.session.request(method, client.server.url + path, json=body) as answer:
            told = await answer.json()
            assert (answer.status, [one["field"] for one in told["errors"]]) == (422, [field])


# Closing days -----------------------------------------------------------------------------------

CLOSED = {
    "day": "2026-11-04",
    "day_name": "Fælles kursusdag",
    "source": "Lokalaftale af 1. maj",
}


async def test_a_closing_day_is_no_working_day_in_any_figure_until_it_is_removed(
    client: Client, pool: Pool
) -> None:
    days = f"/use?from={FIRST}&to={LAST}"
    assert "(5 arbejdsdage)" in words(await get(client, days))
    status, page = await post(client, "/municipality/closing-days?year=2026", CLOSED)
    assert status == 200
    assert "Lukkedagen er gemt" in page
    assert f"Fælles kursusdag · Lokalaftale af 1. maj · {TESTER}" in page
    assert "Skærtorsdag" in page
    assert "(4 arbejdsdage)" in words(await get(client, days))
    used = "SELECT count(*) FROM closing_day"
    assert await pool.fetchval(used) == 1

    # The same day again keeps what it is called.
    await post(client, "/municipality/closing-days?year=2026", CLOSED | {"day_name": "Noget andet"})
    assert await pool.fetchval("SELECT name FROM closing_day") == "Fælles kursusdag"

    status, page = await post(client, "/municipality/closing-days/2026-11-04/remove", {})
    assert status == 200
    assert "Lukkedagen er fjernet" in page
    assert "(5 arbejdsdage)" in words(await get(client, days))
    assert (await post(client, "/municipality/closing-days/2026-11-04/remove", {}))[0] == 404
    assert (await post(client, "/municipality/closing-days/i-gaar/remove", {}))[0] == 404


WRONG = [
    ("day", "", "Vælg en dag", "Choose a day"),
    ("day", "31-02-2026", "Vælg en dag", "Choose a day"),
    ("day", "2026-12-25", "Den dag tæller som lukket i forvejen", "counts as closed already"),
    ("day", "2026-12-26", "Den dag tæller som lukket i forvejen", "counts as closed already"),
    ("day_name", " ", "Skriv, hvad dagen hedder", "Write what the day is called"),
    ("day_name", "x" * 101, "Navnet må højst være på 100 tegn", "at most 100 characters"),
    ("source", "", "Skriv, hvor det er besluttet", "Write where it is decided"),
]


async def test_a_closing_day_that_is_refused_says_which_field_and_why_and_keeps_the_others(
    client: Client, pool: Pool
) -> None:
    for field, value, danish, english in WRONG:
        for language, reason in (("da", danish), ("en", english)):
            sent = CLOSED | {field: value}
            status, page = await post(
                client, "/municipality/closing-days?year=2026", sent, language
            )
            assert status == 422
            assert reason in page.partition(f'id="{field}-error"')[2].partition("</div>")[0]
            for other in set(CLOSED) - {field}:
                assert f'value="{CLOSED[other]}"' in page
    assert await pool.fetchval("SELECT count(*) FROM closing_day") == 0


# Files ------------------------------------------------------------------------------------------


async def download(client: Client, path: str) -> bytes:
    async with client.session.get(client.server.url + path) as answer:
        assert answer.status == 200, path
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["Cache-Control"] == "no-store"  # it says who drove where
        return await answer.read()


def parquet_table(content: bytes) -> pa.Table:
    return pq.read_table(BytesIO(content))


def excel_rows(content: bytes) -> tuple[list[Any], list[list[Any]]]:
    headings, *rows = (
        CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    )
    return headings, rows


async def test_trips_in_every_format_are_those_of_the_database(client: Client, pool: Pool) -> None:
    rows = await pool.fetch("SELECT device, start_ts, end_ts, km FROM trip ORDER BY start_ts")
    assert len(rows) == 30
    stored = [(row["start_ts"], row["end_ts"], pytest.approx(row["km"], abs=1e-3)) for row in rows]

    parquet = parquet_table(await download(client, "/export/trips?format=parquet"))
    assert [
        tuple(row.values()) for row in parquet.select(["start_ts", "end_ts", "km"]).to_pylist()
    ] == [
        (
            pytest.approx(s, abs=timedelta(milliseconds=1)),
            pytest.approx(e, abs=timedelta(milliseconds=1)),
            km,
        )
        for s, e, km in stored
    ]
    assert set(parquet["vehicle_id"].to_pylist()) == {"v1"}

    plain = csv.read_csv(BytesIO(await download(client, "/export/trips?format=csv")))
    assert plain.column_names == parquet.column_names
    assert plain["km"].to_pylist() == [km for *_, km in stored]

    # For people: Danish headings, local time, and a comma in Danish CSV.
    headings, excel = excel_rows(await download(client, "/export/trips?format=xlsx"))
    danish = csv.read_csv(
        BytesIO(await download(client, "/export/trips?format=csv-da")),
        parse_options=csv.ParseOptions(delimiter=";"),
        convert_options=csv.ConvertOptions(decimal_point=","),
    )
    assert headings == danish.column_names
    start, km = headings.index("Start"), headings.index("Km")
    for column in ([row[km] for row in excel], danish["Km"].to_pylist()):
        assert column == [kilometres for *_, kilometres in stored]
    local = [row["start_ts"].astimezone(LOCAL_ZONE).replace(tzinfo=None) for row in rows]
    assert [row[start] for row in excel] == [
        pytest.approx(moment, abs=timedelta(seconds=1)) for moment in local
    ]


async def test_in_files_a_machine_that_is_measured_in_hours_has_no_km(
    client: Client, pool: Pool
) -> None:
    await pool.execute("UPDATE vehicle SET measured_in = 'hours' WHERE vehicle_id = 'v1'")
    try:
        for what in ("trips", "round-trips"):
            table = parquet_table(await download(client, f"/export/{what}?format=parquet"))
            assert table["km"].null_count == table.num_rows > 0
    finally:
        await pool.execute("UPDATE vehicle SET measured_in = 'km' WHERE vehicle_id = 'v1'")


async def test_round_trips_of_one_vehicle_are_those_of_the_database_and_of_another_none(
    client: Client, pool: Pool
) -> None:
    path = "/export/round-trips?format=parquet&vehicle="
    table = parquet_table(await download(client, path + "v1"))
    count, km = await pool.fetchrow("SELECT count(*), sum(km) FROM round_trip") or (0, 0)
    assert (table.num_rows, pc.sum(table["km"]).as_py()) == (count, pytest.approx(km))
    assert count == 15
    assert set(table["left_depot"].to_pylist()) == {"Gården"}
    empty = parquet_table(await download(client, path + "v3"))
    assert (empty.num_rows, empty.column_names) == (0, table.column_names)
    for wrong in ("/export/nothing", "/export/trips?format=pdf", "/use/export/pdf"):
        assert (await client.get(wrong))[0] == 404


async def test_the_use_of_vehicles_in_every_format_is_that_of_the_database_and_the_page(
    client: Client, pool: Pool
) -> None:
    days = f"from={FIRST}&to={LAST}"
    parquet = parquet_table(await download(client, f"/use/export/parquet?{days}"))
    by_vehicle = {row["vehicle_id"]: row for row in parquet.to_pylist()}
    summed = await pool.fetchrow(
        "SELECT sum(km) AS km, sum(trips) AS trips, sum(away_s) / 3600 AS away_h,"
        " sum(driving_s) / 3600 AS driving_h FROM device_day WHERE device = 'd1'"
    )
    assert summed is not None
    for column in ("km", "trips", "away_h", "driving_h"):
        assert by_vehicle["v1"][column] == pytest.approx(float(summed[column]))
    assert by_vehicle["v1"]["working_days_used"] == by_vehicle["v1"]["working_days_known"] == 5
    assert (by_vehicle["v2"]["known"], by_vehicle["v2"]["days_used_share"]) == (True, 0.0)
    assert (by_vehicle["v3"]["known"], by_vehicle["v3"]["days_used_share"]) == (False, None)

    plain = csv.read_csv(BytesIO(await download(client, f"/use/export/csv?{days}")))
    assert plain["km"].to_pylist() == pytest.approx(parquet["km"].to_pylist(), abs=1e-3)
    headings, rows = excel_rows(await download(client, f"/use/export/xlsx?{days}"))
    assert headings[:2] == ["Køretøjets id", "Køretøj"]
    column = headings.index("Kørt (km)")
    km = parquet["km"].to_pylist()
    # The third vehicle was silent: nothing is told of it, and no zero.
    assert [row[column] for row in rows[:2]] == pytest.approx(km[:2], abs=1e-3)
    assert (rows[2][column], km[2], by_vehicle["v3"]["trips"]) == ("", None, None)
    assert (by_vehicle["v2"]["km"], by_vehicle["v2"]["driving_h"]) == (0.0, 0.0)
    page = words(await get(client, f"/use?{days}")).replace("\xa0", " ")
    assert f"Kørt {by_vehicle['v1']['km']:.0f} km" in page
