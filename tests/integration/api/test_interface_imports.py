"""A program takes in lists of vehicles and driving logs by the importer of the pages: it is told
what an import would do, and every cell and row that is wrong."""

from db.connect import Pool
from tests.factories.driving_logs import LOG
from tests.factories.flawed_list import FIRST, MISTAKES, the_list
from tests.factories.inventory import put_depots
from tests.factories.program import Program
from tests.factories.vehicles import put_cars

COLUMNS = {"vehicle": "Bil", "start": "Start", "end": "Slut", "km": "Km"}


async def every(program: Program, path: str, limit: int) -> list[dict[str, object]]:
    """All items of a list, read in pages."""
    found: list[dict[str, object]] = []
    cursor = ""
    while True:
        page = await program.get(f"{path}?limit={limit}{cursor}")
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


async def test_of_60_vehicles_with_20_mistakes_a_program_is_told_exactly_those(
    program: Program, pool: Pool
) -> None:
    await pool.execute("DELETE FROM vehicle")
    await pool.execute("DELETE FROM depot")
    await put_depots(pool)
    sent = await program.send("/v1/vehicle-lists", "flåde.xlsx", the_list())
    at = program.headers["Location"]
    assert (sent["is_settled"], sent["outcome"]) == (False, None)
    assert await program.get(at) == sent
    early = await program.refused("GET", f"{at}/preview")
    assert early == (409, "say first what the columns of the list hold")
    held = {one["heading"]: one["holds"] for one in sent["columns"] if one["holds"]}
    assert (held["Reg.nr."], held["Lokation"]) == ("plate", "depot_id")
    for wrong in ({"Farve": "plate"}, {"Mærke": "make"}, {"Nr.": "plate", "Reg.nr.": "plate"}):
        refused = await program.refused("PUT", f"{at}/columns", {"columns": wrong})
        assert refused == (422, "columns")
    settled = await program.done("PUT", f"{at}/columns", {"columns": held})
    assert settled["is_settled"]
    seen = await program.get(f"{at}/preview")
    assert "Materielgården" in [one["word"] for one in seen["asked"] if one["sort"] == "depot"]
    nowhere = {"depot": {"Materielgården": "nowhere"}}
    assert (await program.refused("PUT", f"{at}/words", nowhere))[0] == 422
    words = {
        "kind": {
            "Varebil / Diesel": "dieselvarebil",
            "Kassevogn / El": "elvarebil-lille",
            "Personbil / El": "elbil-mellem",
        },
        "depot": {"Materielgården": "park"},
        "department": {"Vej og Park": "Vej og Park", "Hjemmepleje": "Hjemmepleje", "Mars": ""},
    }
    kinds = (await program.get("/v1/kinds?state=shipped&limit=1000"))["items"]
    [diesel] = [one["id"] for one in kinds if one["name"] == "Varebil, diesel"]
    words["kind"]["Varebil / Diesel"] = diesel
    seen = await program.done("PUT", f"{at}/words", words)
    mistakes = {(FIRST + n, heading) for n, heading in MISTAKES}
    assert (seen["counts"]["new"], seen["counts"]["bad_cells"]) == (40, 20)
    bad = await every(program, f"{at}/bad-cells", 7)
    assert {(one["row"], one["heading"]) for one in bad} == mistakes
    assert len(bad) == 20
    assert all(one["why"] and one["reason"] for one in bad)
    changes = await every(program, f"{at}/changes", 11)
    assert len(changes) == 40
    assert changes[0]["before"] is None
    assert await pool.fetchval("SELECT count(*) FROM vehicle") == 0

    done = await program.done("POST", f"{at}/import")
    assert done["outcome"] == seen["counts"]
    assert await pool.fetchval("SELECT count(*) FROM vehicle") == 40
    assert await every(program, f"{at}/bad-cells", 1_000) == bad
    # Once more it changes nothing, and what was said of the list is settled.
    assert (await program.done("POST", f"{at}/import"))["outcome"] == seen["counts"]
    assert (await program.refused("PUT", f"{at}/columns", {"columns": held}))[0] == 409
    await program.send("/v1/vehicle-lists", "flåde.xlsx", the_list())
    again = await program.get(f"{program.headers['Location']}/preview")
    assert (again["counts"]["new"], again["counts"]["unchanged"]) == (0, 40)
    listed = (await program.get("/v1/vehicle-lists"))["items"]
    assert [one["outcome"] is None for one in listed] == [True, False]
    assert (await program.refused("GET", "/v1/vehicle-lists/99"))[0] == 404


async def test_a_file_that_is_none_is_a_problem(program: Program) -> None:
    for path in ("vehicle-lists", "driving-logs"):
        assert (await program.refused("POST", f"/v1/{path}")) == (422, "name")
        status, told = await program.ask("POST", f"/v1/{path}?name=tom.xlsx", {"a": 1})
        assert (status, told["title"]) == (422, "Unprocessable Entity")


async def test_a_program_takes_in_a_driving_log(program: Program, pool: Pool) -> None:
    await put_cars(pool, "v2")
    sent = await program.send("/v1/driving-logs", "kørebog.csv", LOG.encode())
    at = program.headers["Location"]
    assert (sent["rows"], sent["guessed"]) == (5, COLUMNS)
    assert (await program.refused("GET", f"{at}/refused"))[0] == 409
    none = await program.refused("POST", f"{at}/preview", COLUMNS | {"km": None})
    assert none == (422, "km")
    unknown = await program.refused("POST", f"{at}/import", COLUMNS | {"km": "Kørt"})
    assert unknown == (422, "km")
    read = await program.done("POST", f"{at}/preview", COLUMNS)
    assert [(one["row"], one["vehicle_id"]) for one in read["trips"]] == [
        *((2, "v1"), (4, "v1"), (6, "v2")),
    ]
    assert read["trips"][0]["start"] == "2026-11-02T07:00:00Z"
    assert [(one["row"], one["reason"]) for one in read["refused"]] == [
        *((3, "overlap"), (5, "no_vehicle")),
    ]
    assert await pool.fetchval("SELECT count(*) FROM trip") == 0
    done = await program.done("POST", f"{at}/import", COLUMNS)
    assert done["outcome"] == {"trips": 3, "vehicles": 2, "refused": 2, "private": 0, "known": 0}
    assert await pool.fetchval("SELECT count(*) FROM trip") == 3
    refused = await every(program, f"{at}/refused", 1)
    assert refused == read["refused"]
    assert (await program.done("POST", f"{at}/import", COLUMNS))["outcome"] == done["outcome"]
    await program.send("/v1/driving-logs", "kørebog.csv", LOG.encode())
    again = await program.done("POST", f"{program.headers['Location']}/import", COLUMNS)
    assert (again["outcome"]["trips"], again["outcome"]["known"]) == (0, 3)
    listed = (await program.get("/v1/driving-logs"))["items"]
    assert [one["outcome"]["trips"] for one in listed] == [0, 3]
    assert (await program.refused("GET", "/v1/driving-logs/99"))[0] == 404
