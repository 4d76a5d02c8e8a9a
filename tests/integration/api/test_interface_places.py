"""A program has the zones that the page of zones has, and does with them what it does."""

import json
from typing import Any

from access.roles import Role
from db.connect import Pool
from tests.factories.access import PROGRAM, Visitor, visitor
from tests.factories.program import Program
from tests.factories.vehicles import put_cars


async def test_a_zone_that_is_no_depot_is_added_changed_removed_and_restored(
    program: Program,
) -> None:
    circle = {"lat": 55.78, "lon": 12.49, "radius_m": 80}
    status, added = await program.ask("POST", "/v1/zones", {"name": "Værkstedet", **circle})
    assert (status, added["id"], added["radius_m"]) == (201, "vaerkstedet", 80)
    assert program.headers["Location"] == "/v1/zones/vaerkstedet"
    assert await program.get("/v1/zones/vaerkstedet") == added
    assert (await program.get("/v1/zones"))["items"] == [added]
    assert [one["id"] for one in (await program.get("/v1/depots"))["items"]] == ["home"]
    taken = await program.ask("POST", "/v1/zones", {"name": "Værkstedet", **circle})
    assert taken[0] == 422
    assert await program.refused("POST", "/v1/zones", {"name": "Intet sted"}) == (422, "lat")
    away = {"name": "Malmø", "lat": 55.6, "lon": 13.0, "radius_m": 80}
    assert await program.refused("POST", "/v1/zones", away) == (422, "confirmed")

    change = {"name": "Hallen", **circle, "active_to": "2027-12-31", "revision": added["revision"]}
    changed = await program.done("PUT", "/v1/zones/vaerkstedet", change)
    assert (changed["name"], changed["active_to"]) == ("Hallen", "2027-12-31")
    late = await program.refused("PUT", "/v1/zones/vaerkstedet", change)
    assert late == (409, "somebody else changed it meanwhile")
    # The depots have addresses of their own.
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/restore")):
        assert (await program.refused(method, f"/v1/zones/home{path}"))[0] == 404
        assert (await program.refused(method, f"/v1/depots/vaerkstedet{path}"))[0] == 404

    await program.done("DELETE", "/v1/zones/vaerkstedet")
    assert (await program.get("/v1/zones"))["items"] == []
    [removed] = (await program.get("/v1/removed-zones"))["items"]
    told = [removed[name] for name in ("id", "name", "kind", "removed_by")]
    assert told == ["vaerkstedet", "Hallen", "other", PROGRAM]
    assert (await program.refused("POST", "/v1/depots/vaerkstedet/restore"))[0] == 404
    restored = await program.done("POST", "/v1/zones/vaerkstedet/restore")
    assert restored == changed | {"revision": restored["revision"]}
    assert (await program.get("/v1/removed-zones"))["items"] == []


async def test_a_depot_to_which_vehicles_belong_closes_once_that_is_confirmed(
    program: Program,
) -> None:
    home = await program.get("/v1/depots/home")
    change = {name: home[name] for name in ("name", "lat", "lon", "radius_m", "revision")}
    change["active_to"] = "2027-12-31"
    assert await program.refused("PUT", "/v1/depots/home", change) == (422, "confirmed")
    changed = await program.done("PUT", "/v1/depots/home", change | {"confirmed": True})
    assert changed["active_to"] == "2027-12-31"


async def test_a_zone_becomes_a_depot_and_a_depot_to_which_nothing_belongs_another_zone(
    program: Program, pool: Pool
) -> None:
    circle = {"lat": 55.78, "lon": 12.49, "radius_m": 80}
    added = await program.done("POST", "/v1/zones", {"name": "Hallen", **circle})
    change = {"name": "Hallen", **circle, "revision": added["revision"]}
    await program.done("PUT", "/v1/zones/hallen", change | {"kind": "depot"})
    depot = await program.get("/v1/depots/hallen")
    assert (depot["lat"], (await program.get("/v1/zones"))["items"]) == (55.78, [])
    await put_cars(pool, "v2", depot_id="hallen")
    change |= {"revision": depot["revision"], "kind": "other"}
    _, refused = await program.ask("PUT", "/v1/depots/hallen", change)
    assert refused["detail"] == "Hallen stays a depot: vehicles or proposals belong to it"
    await pool.execute("UPDATE vehicle SET depot_id = 'home'")
    await program.done("PUT", "/v1/depots/hallen", change)
    assert [one["id"] for one in (await program.get("/v1/zones"))["items"]] == ["hallen"]


def geojson(*zones: tuple[str, str, float, float]) -> bytes:
    """A file of circles with these names, kinds and places."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {"name": name, "kind": kind, "radius_m": 90},
        }
        for name, kind, lat, lon in zones
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


async def send(program: Program, content: bytes, query: str = "") -> tuple[int, dict[str, Any]]:
    address = f"{program.url}/v1/zone-files?name=zones.geojson{query}"
    async with program.session.post(address, data=content) as answer:
        return answer.status, json.loads(await answer.read())


async def test_a_file_of_zones_is_taken_in_all_or_none(program: Program) -> None:
    hall, yard = ("Hallen", "other", 55.78, 12.49), ("Materielgården", "depot", 55.79, 12.48)
    assert await send(program, geojson(hall, yard)) == (200, {"added": 2, "changed": 0})
    depots = (await program.get("/v1/depots"))["items"]
    assert [one["id"] for one in depots] == ["home", "materielgaarden"]
    assert [one["id"] for one in (await program.get("/v1/zones"))["items"]] == ["hallen"]
    away = ("Malmø", "other", 55.6, 13.0)
    status, refused = await send(program, geojson(("Laden", "other", 55.78, 12.4), away))
    assert (status, refused["errors"]) == (
        422,
        [{"index": None, "field": "confirmed", "reason": "send true if the place is right"}],
    )
    assert [one["id"] for one in (await program.get("/v1/zones"))["items"]] == ["hallen"]
    confirmed = await send(program, geojson(hall, away), "&confirmed=true")
    assert confirmed == (200, {"added": 1, "changed": 1})
    status, refused = await send(program, b"{}")
    assert (status, refused["detail"]) == (422, 'The file is not GeoJSON: it has no "type"')


async def test_a_department_head_sees_other_zones_and_changes_none(
    program: Program, pool: Pool
) -> None:
    circle = {"lat": 55.78, "lon": 12.49, "radius_m": 80}
    await program.done("POST", "/v1/zones", {"name": "Hallen", **circle})
    head = await visitor(pool, Role.DEPARTMENT_HEAD, "Leder", ["d"])
    async with Visitor(head.session, None).client() as session:
        own = Program(program.url, session)
        assert [one["id"] for one in (await own.get("/v1/zones"))["items"]] == ["hallen"]
        assert (await own.refused("GET", "/v1/removed-zones"))[0] == 403
