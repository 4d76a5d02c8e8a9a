"""Whatever a page can do, a program does under `/v1/` with its token."""

import asyncio
import json
import os
import re
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from access.roles import Role
from api.pages.interface.examples import command
from api.rest.routes import OPERATIONS
from api.settings import Settings
from db.connect import Pool
from ingest.store.writer import PositionWriter
from optimiser.workers import Workers
from tests.factories.access import PROGRAM, Visitor, visitor
from tests.factories.driving import day_of_driving
from tests.factories.plan_files import PLAN
from tests.factories.program import Program
from tests.factories.rounds import answer_round
from tests.factories.vehicles import put_cars
from trips.service import TripService


async def test_a_vehicle_is_added_changed_retired_and_taken_back(program: Program) -> None:
    new = {
        "name": "Vej og Park 7",
        "plate": "ab 12 345",
        "kind": "car",
        "department": "d",
        "depot_id": "home",
    }
    status, added = await program.ask("POST", "/v1/vehicles", new)
    assert (status, added["id"], added["plate"]) == (201, "AB12345", "AB12345")
    assert program.headers["Location"] == "/v1/vehicles/AB12345"
    assert await program.get("/v1/vehicles/AB12345") == added

    taken = await program.refused("POST", "/v1/vehicles", new)
    assert taken == (409, "AB12345 is the registration number of Vej og Park 7")
    elsewhere = {**new, "plate": None, "department": "nowhere"}
    assert await program.refused("POST", "/v1/vehicles", elsewhere) == (422, "department")
    wrong = {**new, "plate": None, "depot_id": "nowhere"}
    assert await program.refused("POST", "/v1/vehicles", wrong) == (422, "depot_id")

    change = {"revision": added["revision"], "mileage_km": 48_200, "mileage_day": "2026-11-27"}
    changed = await program.done("PATCH", "/v1/vehicles/AB12345", change)
    assert (changed["mileage_km"], changed["mileage_day"]) == (48_200, "2026-11-27")
    assert {name for name in added if added[name] != changed[name]} == {
        "mileage_km",
        "mileage_day",
        "revision",
    }
    unread = {"revision": changed["revision"], "mileage_km": None}
    status, refused = await program.ask("PATCH", "/v1/vehicles/AB12345", unread)
    assert (status, refused["errors"]) == (
        422,
        [{"index": None, "field": "mileage_km", "reason": "no_reading"}],
    )
    unread = {**new, "plate": None, "mileage_day": "2026-11-27"}
    assert await program.refused("POST", "/v1/vehicles", unread) == (422, "mileage_km")
    # Who read it before that change changes nothing.
    stale = await program.refused("PATCH", "/v1/vehicles/AB12345", change)
    assert stale == (409, "changed meanwhile: Vej og Park 7")
    emptied = {"revision": changed["revision"], "name": None}
    assert await program.refused("PATCH", "/v1/vehicles/AB12345", emptied) == (422, "name")
    moved = {"revision": changed["revision"], "department": "Vej"}
    assert await program.refused("PATCH", "/v1/vehicles/AB12345", moved) == (422, "department")
    moved["new_department"] = True
    assert (await program.done("PATCH", "/v1/vehicles/AB12345", moved))["department"] == "Vej"

    since = {"since": "2026-11-01"}
    retired = await program.done("POST", "/v1/vehicles/AB12345/retire", since)
    assert retired["retired_at"] == "2026-11-01"
    assert [one["id"] for one in (await program.get("/v1/vehicles"))["items"]] == ["v1"]
    gone = await program.get("/v1/vehicles?state=retired")
    assert [one["id"] for one in gone["items"]] == ["AB12345"]
    back = await program.done("POST", "/v1/vehicles/AB12345/take-back")
    assert back["retired_at"] is None
    assert (await program.refused("GET", "/v1/vehicles/AB99999"))[0] == 404


async def test_a_list_is_read_in_pages_each_item_once(program: Program, pool: Pool) -> None:
    ids = [f"{number:02}" for number in range(23)]
    await put_cars(pool, *ids)
    found: list[str] = []
    address = "/v1/vehicles?limit=5"
    while True:
        page = await program.get(address)
        assert len(page["items"]) <= 5
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        address = f"/v1/vehicles?limit=5&cursor={page['next']}"
    assert found == [*ids, "v1"]
    assert (await program.get("/v1/vehicles?limit=24"))["next"] is None
    for cursor in ("x", "e30", "AAAA", "bm90IGpzb24"):
        for path in ("vehicles", "depots", "devices", "trips", "rounds", "quarantine"):
            refused = await program.refused("GET", f"/v1/{path}?cursor={cursor}")
            assert refused == (422, "cursor"), path


async def test_a_depot_is_added_moved_removed_and_restored(program: Program) -> None:
    circle = {"lat": 55.78, "lon": 12.49, "radius_m": 200}
    status, depot = await program.ask("POST", "/v1/depots", {"name": "Havnen", **circle})
    assert (status, depot["id"], depot["radius_m"]) == (201, "havnen", 200)
    again = await program.refused("POST", "/v1/depots", {"name": "Havnen", **circle})
    spot = {"name": "Samme sted", **circle}
    status, doubt = await program.ask("POST", "/v1/depots", spot)
    assert status == 422
    assert doubt["detail"] == "Samme sted lies where Havnen lies. Are they two depots?"
    assert [one["field"] for one in doubt["errors"]] == ["confirmed"]
    await program.done("POST", "/v1/depots", spot | {"confirmed": True})
    await program.done("DELETE", "/v1/depots/samme-sted")
    assert again[0] == 422
    corners = [[12.4, 55.7], [12.5, 55.7], [12.5, 55.8], [12.4, 55.7]]
    put = {"name": "Havnen", "polygon": [corners], "revision": depot["revision"]}
    # It reaches into the depot of the vehicles.
    status, doubt = await program.ask("PUT", "/v1/depots/havnen", put)
    assert (status, doubt["errors"][0]["field"]) == (422, "confirmed")
    assert "Part of Havnen lies in other depots: " in doubt["detail"]
    assert " 1 %. Are they two depots?" in doubt["detail"]
    put |= {"confirmed": True}
    moved = await program.done("PUT", "/v1/depots/havnen", put)
    assert (moved["radius_m"], moved["polygon"]) == (None, [corners])
    assert moved["revision"] == depot["revision"] + 1
    # A second program that read the depot before that change is told so, and changes nothing.
    late = await program.refused("PUT", "/v1/depots/havnen", put | {"name": "Kajen"})
    assert late == (409, "somebody else changed it meanwhile")
    assert (await program.refused("PUT", "/v1/depots/havnen", put | {"revision": None}))[0] == 422
    assert await program.get("/v1/depots/havnen") == moved
    assert [one["id"] for one in (await program.get("/v1/depots"))["items"]] == ["havnen", "home"]
    await program.done("DELETE", "/v1/depots/havnen")
    assert (await program.refused("GET", "/v1/depots/havnen"))[0] == 404
    restored = await program.done("POST", "/v1/depots/havnen/restore")
    assert restored == moved | {"revision": restored["revision"]}
    in_use = await program.refused("DELETE", "/v1/depots/home")
    assert in_use == (409, "vehicles or proposals belong to the depot home")


async def test_a_tracker_is_enrolled_and_sends_with_its_key(program: Program) -> None:
    status, told = await program.ask("POST", "/v1/devices", {"device": "d/1", "vehicle_id": "v1"})
    assert (status, told["device"], told["vehicle_id"]) == (201, "d/1", "v1")
    assert await program.get(program.headers["Location"]) == told
    seats = await program.get("/v1/devices/d%2F1/vehicles")
    assert seats["items"] == [{"vehicle_id": "v1", "since": None, "until": None}]
    key = await program.done("POST", "/v1/devices/d%2F1/keys")
    assert len(key["key"]) > 30
    [device] = (await program.get("/v1/devices?contact=never"))["items"]
    assert (device["device"], device["vehicle_id"], device["last_ping"]) == ("d/1", "v1", None)
    assert (await program.get("/v1/devices?contact=silent"))["items"] == []
    unknown = await program.refused("POST", "/v1/devices", {"device": "d2", "vehicle_id": "v9"})
    assert unknown == (422, "there is no vehicle v9")
    assert (await program.refused("POST", "/v1/devices/d9/keys"))[0] == 404


@pytest.fixture
async def driven(program: Program, pool: Pool, writer: PositionWriter) -> Program:
    """The same with three days of driving of v1 and of v2."""
    await put_cars(pool, "v2")
    for number in (1, 2):
        device, vehicle = f"d{number}", f"v{number}"
        await pool.execute(
            "INSERT INTO device (device, vehicle_id) VALUES ($1, $2)", device, vehicle
        )
        await writer.store(day_of_driving(device), [])
    await TripService(pool).refresh()
    return program


async def pages(program: Program, path: str, limit: int) -> list[dict[str, Any]]:
    """All items of a list, read in pages."""
    items: list[dict[str, Any]] = []
    sign = "&" if "?" in path else "?"
    cursor = ""
    while True:
        page = await program.get(f"{path}{sign}limit={limit}{cursor}")
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = f"&cursor={page['next']}"


@pytest.mark.parametrize(("path", "table"), [("trips", "trip"), ("round-trips", "round_trip")])
async def test_trips_are_read_in_pages_and_that_is_recorded(
    driven: Program, pool: Pool, path: str, table: str
) -> None:
    every = await pages(driven, f"/v1/{path}", 1_000)
    assert len(every) == await pool.fetchval(f"SELECT count(*) FROM {table}") > 0
    # The two vehicles drive at the same moments, and a page ends between them.
    assert await pages(driven, f"/v1/{path}", 5) == every
    of_one = await pages(driven, f"/v1/{path}?vehicle_id=v1", 1_000)
    assert of_one == [one for one in every if one["vehicle_id"] == "v1"]
    day = every[0]["start"][:10]
    of_day = await pages(driven, f"/v1/{path}?from={day}&to={day}", 1_000)
    assert of_day == [one for one in every if one["start"][:10] == day]
    rows = await pool.fetch(
        "SELECT subject_id, detail FROM audit_entry WHERE act = 'track_read' AND actor = $1",
        PROGRAM,
    )
    assert {row["subject_id"] for row in rows} == {"", "v1"}
    assert await driven.refused("GET", f"/v1/{path}?from=2026-11-18&to=2026-11-17") == (422, "to")
    assert (await driven.refused("GET", f"/v1/{path}?vehicle_id=v9"))[0] == 404


async def test_use_is_that_of_the_page(driven: Program) -> None:
    told = await driven.get("/v1/use?from=2026-11-16&to=2026-11-18")
    assert (told["from"], told["to"]) == ("2026-11-16", "2026-11-18")
    figures = {one["vehicle_id"]: (one["trips"], one["working_days_used"]) for one in told["items"]}
    assert figures == {"v1": (18, 3), "v2": (18, 3)}
    assert all(one["engine_h"] is None and one["km"] > 0 for one in told["items"])
    assert (await driven.get("/v1/use?department=nobody"))["items"] == []


async def test_a_round_is_of_whole_weeks_so_that_two_rounds_tell_of_no_single_day(
    driven: Program, pool: Pool
) -> None:
    await pool.execute(
        "INSERT INTO device_day (device, day, positions, heard, trips, km, driving_s, away_s,"
        " engine_hours) SELECT device, day, 0, 0, 1, 1, 1, 1, 0 FROM device,"
        " generate_series('2026-11-04'::date, '2026-11-24', '1 day') AS day ON CONFLICT DO NOTHING"
    )
    _, begun = await driven.ask("POST", "/v1/rounds")
    days = await pool.fetchrow("SELECT period_first, period_last FROM round")
    assert tuple(days or ()) == (date(2026, 11, 9), date(2026, 11, 22))
    await driven.done("POST", f"/v1/rounds/{begun['id']}/cancel")
    # Of a week in which nobody drove after Friday nothing is missing.
    await pool.execute("DELETE FROM device_day WHERE day > '2026-11-20'")
    _, begun = await driven.ask("POST", "/v1/rounds")
    days = await pool.fetchrow(
        "SELECT period_first, period_last FROM round ORDER BY round_id DESC LIMIT 1"
    )
    assert tuple(days or ()) == (date(2026, 11, 9), date(2026, 11, 22))
    await driven.done("POST", f"/v1/rounds/{begun['id']}/cancel")


async def test_a_round_is_requested_answered_and_decided_on(
    driven: Program, pool: Pool, settings: Settings, workers: Workers
) -> None:
    assert await driven.get("/v1/proposals") == {"round_id": None, "items": [], "next": None}
    status, begun = await driven.ask("POST", "/v1/rounds")
    assert (status, begun["state"], begun["number"], begun["requested_by"]) == (
        *(201, "queued", 1),
        PROGRAM,
    )
    assert driven.headers["Location"] == f"/v1/rounds/{begun['id']}"
    assert (await driven.refused("POST", "/v1/rounds"))[0] == 409
    await pool.execute("DELETE FROM procrastinate_jobs")
    await answer_round(pool, begun["id"], settings, workers)
    found = await driven.get(f"/v1/rounds/{begun['id']}")
    assert (found["state"], found["parts"], found["planned_parts"]) == ("done", 1, 1)
    figures = found["figures"]
    assert figures["today"]["vehicles"] == 2
    cost = figures["today"]["cost_kr_year"] - figures["proposed"]["cost_kr_year"]
    assert figures["saving_kr_year"] == pytest.approx(cost)
    # Four weeks tell nothing of at least two seasons, and a year has as many trips.
    assert len(figures["seasons_untold"]) >= 2
    assert figures["year_over_period"] == 1
    rules = await pool.fetchval("SELECT rules FROM round WHERE round_id = $1", begun["id"])
    for fleet in (figures["today"], figures["proposed"]):
        value = rules["co2_kr_t"] * fleet["co2_t_year"]
        assert fleet["cost_kr_year"] == pytest.approx(fleet["paid_kr_year"] + value)
    ends = figures["greenest"]
    for which in ("", "cheapest_"):
        paid = ends[f"{which}paid_kr_year"]
        value = rules["co2_kr_t"] * ends[f"{which}co2_t_year"]
        assert ends[f"{which}cost_kr_year"] == paid
        assert ends[f"{which}valued_kr_year"] == pytest.approx(paid + value)

    every = await pages(driven, f"/v1/proposals?round_id={begun['id']}", 1)
    kept = (await driven.get("/v1/proposals?action=keep"))["items"]
    assert len(every) + len(kept) == await pool.fetchval("SELECT count(*) FROM proposal")
    years = [year["year"] for year in figures["budget"]]
    assert (len(years), years) == (5, [years[0] + number for number in range(5)])
    for number, year in enumerate(figures["budget"]):
        own = sum(one["budget"][number]["total_kr"] for one in every)
        assert year["total_kr"] == pytest.approx(own)
    assert all(one["holds_from"][-2:] == "01" and one["leaving"] for one in every)
    assert [(one["holds_from"], one["budget"]) for one in kept] == [(None, [])] * len(kept)
    proposal = (every or kept)[0]
    at = f"/v1/proposals/{proposal['id']}"
    assert await driven.get(at) == proposal
    unexplained = await driven.refused("POST", f"{at}/decisions", {"verdict": "rejected"})
    assert unexplained == (422, "a proposal that gets rejected needs a comment that says why")
    why = {"verdict": "rejected", "comment": "aftalen løber et år endnu"}
    assert (await driven.done("POST", f"{at}/decisions", why))["verdict"] == "rejected"
    await driven.done("POST", f"{at}/decisions", {"verdict": "question", "comment": "hvornår?"})
    history = (await driven.get(f"{at}/decisions"))["items"]
    assert [(one["verdict"], one["actor"]) for one in history] == [
        ("question", PROGRAM),
        ("rejected", PROGRAM),
    ]
    asked = await driven.get(at)
    assert (asked["verdict"], asked["asked"]) == ("rejected", True)
    # A second program that read one entry fewer is told so, and decides nothing.
    late = {"verdict": "accepted", "seen": len(history) - 1}
    assert (await driven.refused("POST", f"{at}/decisions", late))[0] == 409
    assert (await driven.get(f"{at}/decisions"))["items"] == history
    # An entry of the history is written again as it was read.
    await driven.done("POST", f"{at}/decisions", history[1] | {"seen": len(history)})

    version = await driven.done("POST", f"/v1/rounds/{begun['id']}/versions")
    assert (version["number"], version["version"]) == (1, 2)
    cancelled = await driven.done("POST", f"/v1/rounds/{version['id']}/cancel")
    assert (cancelled["state"], cancelled["cancelled_by"]) == ("cancelled", PROGRAM)
    ended = await driven.refused("POST", f"/v1/rounds/{version['id']}/cancel")
    assert ended == (409, "the round has ended")
    states = [one["state"] for one in await pages(driven, "/v1/rounds", 1)]
    assert states == ["cancelled", "done"]
    for path in ("/v1/rounds/999", "/v1/proposals/999", "/v1/proposals?round_id=999"):
        assert (await driven.refused("GET", path))[0] == 404


async def test_a_department_head_reads_of_the_interface_only_theirs(
    driven: Program, pool: Pool
) -> None:
    await pool.execute("UPDATE vehicle SET department = 'Other' WHERE vehicle_id = 'v2'")
    await pool.execute("INSERT INTO depot VALUES ('far', 'Havnen', 55.9, 12.4, 150)")
    await pool.execute("UPDATE vehicle SET depot_id = 'far' WHERE vehicle_id = 'v2'")
    head = await visitor(pool, Role.DEPARTMENT_HEAD, "Leder", ["d"])
    async with Visitor(head.session, None).client() as session:
        own = Program(driven.url, session)
        for path in ("vehicles", "depots", "use", "round-trips?vehicle_id=v1"):
            told = json.dumps(await own.ask("GET", f"/v1/{path}"))
            others = {"v2", "far", "Other", "Havnen"} & set(told.split('"'))
            assert others == set(), path
        assert (await own.refused("GET", "/v1/vehicles/v2"))[0] in (403, 404)
        assert (await own.refused("GET", "/v1/depots/far"))[0] == 404
        for path in ("trips", "round-trips", "trips?vehicle_id=v2"):
            assert (await own.refused("GET", f"/v1/{path}"))[0] == 404
        # A person says why, once a day, on the page of the vehicle.
        await put_cars(pool, "v3")
        assert (await own.refused("GET", "/v1/trips?vehicle_id=v3"))[0] == 403


async def test_what_is_refused_at_the_door_or_unknown_is_a_problem_too(program: Program) -> None:
    status, nothing = await program.refused("GET", "/v1/nothing")
    assert status == 404
    found = re.fullmatch(
        r"there is nothing at /v1/nothing; (/\S+) says what there is", nothing or ""
    )
    assert found is not None
    assert "/v1/vehicles" in (await program.get(found[1]))["paths"]
    assert (await program.refused("PUT", "/v1/vehicles"))[0] == 405
    assert (await program.refused("POST", "/v1/vehicles", [])) == (422, "body")
    as_text = {"data": b"{}", "headers": {"Content-Type": "text/plain"}}
    async with program.session.post(program.url + "/v1/vehicles", **as_text) as answer:
        assert (answer.status, answer.content_type) == (415, "application/problem+json")
        assert (await answer.json())["detail"] == "the body is text/plain; send application/json"
    assert (await program.refused("GET", "/v1/vehicles?colour=red")) == (422, "colour")
    async with aiohttp.ClientSession(headers={"Accept": "text/html"}) as nobody:
        # A browser that opens an address of programs is answered as they are.
        stranger = Program(program.url, nobody)
        assert (await stranger.refused("GET", "/v1/vehicles"))[0] == 401


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if not one.reads], ids=lambda one: one.path
)
def test_every_body_has_an_example_that_fits_it(operation: Any) -> None:
    schema = operation.asked.model_json_schema()
    if schema["properties"] and not operation.takes_file:
        [example] = schema["examples"]
        operation.asked.model_validate_json(json.dumps(example))


async def test_the_commands_of_the_page_of_examples_are_understood(
    program: Program, pool: Pool, tmp_path: Path
) -> None:
    """They may name things that are not there; nothing else is wrong with them."""
    # The depot of the examples would overlap with that of the vehicles.
    await pool.execute("UPDATE zone SET lat = 55.6 WHERE zone_id = 'home'")
    rows = (
        "Reg.nr.;Køretøj;Type;Center;Placering;Bil;Dato;Afgang kl.;Hjemkomst kl.;Km"
        ";Transportmiddel;Afdeling;Beløb",
        "CD12345;Bil 1;El;Vej;Rådhusets P-plads;AB12345;2026-11-02;08:00;10:00;12"
        ";Taxa;Vej og Park;250,00",
    )
    (tmp_path / "list.csv").write_text("\n".join(rows), encoding="utf-8")
    shape = {"type": "Point", "coordinates": [12.4, 55.7]}
    hall = {"type": "Feature", "geometry": shape, "properties": {"name": "H", "radius_m": 80}}
    (tmp_path / "zones.geojson").write_text(json.dumps(hall), encoding="utf-8")
    (tmp_path / "plan.json").write_text(PLAN.model_dump_json(), encoding="utf-8")
    circle = {"lat": 55.79, "lon": 12.5, "radius_m": 150}
    await program.done("POST", "/v1/depots", {"id": "raadhuset", "name": "R", **circle})
    seen = (await program.get("/v1/vehicles/v1"))["revision"]
    department = {"revision": seen, "department": "Vej og Park", "new_department": True}
    await program.done("PATCH", "/v1/vehicles/v1", department)
    wrong: list[tuple[str, str]] = []
    for operation in OPERATIONS:
        tried = command(operation, program.url) + " -s -w '\\n%{http_code}'"
        answered = await asyncio.to_thread(
            subprocess.run,
            ["sh", "-c", tried],
            cwd=tmp_path,
            env={**os.environ, "TOKEN": program.token},
            capture_output=True,
            text=True,
            errors="replace",  # a document is no text
            check=True,
        )
        status = answered.stdout.splitlines()[-1]
        if (
            status not in ("200", "201", "404", "409")
            and "fleets to choose from are not known" not in answered.stdout
        ):
            wrong.append((tried, answered.stdout))
    assert wrong == []
