"""A program settles what the pages of the municipality, of costs, of the plan and of single
vehicles settle."""

from db.connect import Pool
from tests.factories.program import Program


async def test_a_program_names_the_municipality_and_its_closing_days(program: Program) -> None:
    known = await program.get("/v1/municipality")
    assert (known["closing_days_known"], known["revision"]) == (False, 0)
    named = await program.done("PUT", "/v1/municipality", known | {"name": "Furesø Kommune"})
    assert (named["name"], named["revision"]) == ("Furesø Kommune", 1)
    stale = await program.refused("PUT", "/v1/municipality", known)
    assert stale == (409, "somebody else changed it meanwhile")

    day = {"day": "2026-12-23", "name": "Dagen før juleaften", "source": "Aftale 2026"}
    status, told = await program.ask("POST", "/v1/closing-days", day)
    assert (status, told["name"]) == (201, day["name"])
    assert await program.get(program.headers["Location"]) == told
    listed = await program.get("/v1/closing-days?year=2026")
    assert listed["items"] == [told]
    assert {"day": "2026-12-25", "name": "Juledag"} in listed["holidays"]
    # What was read can be sent again; a day that is one already keeps its name.
    assert await program.done("POST", "/v1/closing-days", told) == told
    renamed = await program.refused("POST", "/v1/closing-days", told | {"name": "Andet"})
    assert renamed[0] == 409
    holiday = await program.refused("POST", "/v1/closing-days", day | {"day": "2026-12-25"})
    assert holiday[0] == 422
    assert (await program.get("/v1/municipality"))["closing_days_known"] is True
    await program.done("DELETE", "/v1/closing-days/2026-12-23")
    for path in ("2026-12-23", "2026-12-25", "jul"):
        assert (await program.refused("DELETE", f"/v1/closing-days/{path}"))[0] == 404
    assert (await program.get("/v1/municipality"))["closing_days_known"] is False
    none = await program.done("POST", "/v1/municipality/no-closing-days")
    assert none["closing_days_known"] is True


async def test_a_program_changes_an_assumption_and_takes_it_back(program: Program) -> None:
    at = "/v1/assumptions/electricity_kr_kwh"
    shipped = await program.get(at)
    assert (shipped["own"], shipped["revision"], shipped["unit"]) == (False, 0, "kr/kWh")
    listed = await program.get("/v1/assumptions?limit=1000")
    assert shipped in listed["items"]
    figure = {"value": 1.5, "valid_from": 2026, "source": "Elaftale 2026"}
    changed = await program.done("PUT", at, shipped | figure)
    assert (changed["value"], changed["own"], changed["revision"]) == (1.5, True, 1)
    assert (await program.refused("PUT", at, shipped | figure | {"value": 1.6}))[0] == 409
    wrong = await program.refused("PUT", at, changed | {"value": -5})
    assert wrong == (422, "value")
    assert (await program.refused("PUT", at, changed | {"source": ""})) == (422, "source")
    taken = {"revision": 1, "valid_from": 2026, "reason": "Aftalen er udløbet"}
    back = await program.done("POST", f"{at}/withdraw", taken)
    assert (back["value"], back["own"], back["revision"]) == (shipped["value"], False, 2)
    history = (await program.get(f"{at}/history"))["items"]
    assert [one["value"] for one in history] == [None, 1.5]
    assert (await program.refused("GET", "/v1/assumptions/nothing"))[0] == 404


async def test_a_program_adds_and_changes_kinds_and_takes_a_shipped_one_into_use(
    program: Program,
) -> None:
    new = {
        "name": "Elvarebil med lift",
        "energy": "electric",
        "offers": ["cargo", "lift"],
        "offered": True,
        "stated": {"fixed_kr_year": 62_000, "kr_km": 0.85, "co2_g_km": 0, "range_km": 210},
        "source": "Leasingaftale 2026",
        "year": 2026,
        "window": "07:00-18:00",
    }
    status, told = await program.ask("POST", "/v1/kinds", new)
    assert (status, told["id"], told["range_km"]) == (201, "elvarebil-med-lift", 210)
    assert await program.get(program.headers["Location"]) == told
    assert (await program.refused("POST", "/v1/kinds", new))[0] == 409
    changed = await program.done("PUT", f"/v1/kinds/{told['id']}", told | {"offered": False})
    assert (changed["offered"], changed["revision"]) == (False, told["revision"] + 1)
    assert (await program.refused("PUT", f"/v1/kinds/{told['id']}", told | {"year": 2025}))[
        0
    ] == 409
    priced = {"price_kr": 1, "yearly_kr": 1, "wltp_use_100km": 16, "wltp_range_km": 300}
    twice = new | {"name": "X", "stated": None, "specification": priced}
    assert await program.refused("POST", "/v1/kinds", twice) == (422, "specification.price_kr")
    both = new | {"name": "X", "specification": priced}
    assert await program.refused("POST", "/v1/kinds", both) == (422, "specification")
    assert (await program.refused("POST", "/v1/kinds", new | {"stated": None}))[0] == 422

    shipped = (await program.get("/v1/kinds?state=shipped&limit=1000"))["items"]
    assert len(shipped) > 10
    used = await program.done("PUT", f"/v1/kinds/{shipped[0]['id']}", shipped[0])
    assert used["revision"] == 1
    in_use = (await program.get("/v1/kinds?limit=1000"))["items"]
    assert {one["id"] for one in in_use} == {"car", told["id"], used["id"]}
    assert (await program.refused("GET", "/v1/kinds/nothing"))[0] == 404


async def test_a_program_names_capabilities(program: Program) -> None:
    known = await program.get("/v1/capabilities")
    assert {one["code"]: one["name"] for one in known["items"]}["towbar"] is None
    name = {"code": "towbar", "name": "anhængertræk"}
    named = await program.done("PUT", "/v1/capabilities", {"revision": 0, "items": [name]})
    assert {one["code"]: one["name"] for one in named["items"]}["towbar"] == "anhængertræk"
    stale = {"revision": 0, "items": [name | {"name": "krog"}]}
    assert (await program.refused("PUT", "/v1/capabilities", stale))[0] == 409
    for wrong in ({"code": "wings"}, {"code": "lift", "name": "Anhængertræk"}, {"name": "a;b"}):
        body = {"revision": 1, "items": [name | wrong]}
        assert (await program.refused("PUT", "/v1/capabilities", body))[0] == 422
    none = {"revision": 1, "items": [name | {"name": None}]}
    unnamed = await program.done("PUT", "/v1/capabilities", none)
    assert {one["code"]: one["name"] for one in unnamed["items"]}["towbar"] is None


async def test_a_program_reports_on_milestones(program: Program) -> None:
    listed = await program.get("/v1/milestones?limit=2")
    assert (len(listed["items"]), listed["next"] is None) == (2, False)
    first = listed["items"][0]
    more = await program.get(f"/v1/milestones?limit=2&cursor={listed['next']}")
    assert first not in more["items"]
    at = f"/v1/milestones/{first['id']}"
    assert await program.get(at) == first
    report = {"status": "in_progress", "note": "Udbuddet er sendt ud"}
    told = await program.done("PUT", at, report)
    assert {name: told[name] for name in report} == report
    # What was read can be sent again, and is no further report.
    await program.done("PUT", at, told)
    [entry] = (await program.get(f"{at}/history"))["items"]
    assert (entry["status"], entry["note"]) == (report["status"], report["note"])
    assert (await program.refused("PUT", at, {"status": "late"})) == (422, "status")
    assert (await program.refused("PUT", "/v1/milestones/nothing", report))[0] == 404


async def test_a_program_rules_on_a_vehicle_and_chooses_its_trip_class(
    program: Program, pool: Pool
) -> None:
    await pool.execute("UPDATE vehicle_kind SET offers = '{cargo,lift}' WHERE kind = 'car'")
    at = "/v1/vehicles/v1/rulings"
    assert await program.get(at) == {"offers": ["cargo", "lift"], "items": []}
    ruling = {"ruling": "stay", "needs": ["cargo"], "reason": "Kører ud med hjælpemidler"}
    told = await program.done("POST", at, ruling)
    assert {name: told["items"][0][name] for name in ruling} == ruling
    again = await program.done("POST", at, told["items"][0] | {"needs": ["cargo", "lift"]})
    assert [one["needs"] for one in again["items"]] == [None, ["cargo"]]
    beyond = await program.refused("POST", at, ruling | {"needs": ["crane"]})
    assert beyond == (422, "needs")
    assert await program.refused("POST", at, ruling | {"reason": ""}) == (422, "reason")
    assert (await program.refused("POST", "/v1/vehicles/v9/rulings", ruling))[0] == 404

    classed = await program.get("/v1/vehicles/v1/trip-class")
    assert (classed["trip_class"], classed["of_kind"]) == (None, "car")
    chosen = classed | {"trip_class": "van"}
    assert (await program.done("PUT", "/v1/vehicles/v1/trip-class", chosen))["trip_class"] == "van"
    wrong = await program.refused("PUT", "/v1/vehicles/v1/trip-class", {"trip_class": "boat"})
    assert wrong == (422, "trip_class")
    assert (await program.refused("PUT", "/v1/vehicles/v9/trip-class", chosen))[0] == 404


async def test_a_program_makes_lists_and_revokes_keys_and_sets_networks(program: Program) -> None:
    await program.done("POST", "/v1/devices", {"device": "d1"})
    await program.done("POST", "/v1/devices/d1/keys")
    made = await program.done("POST", "/v1/gateways/flespi/keys", {"label": "Gatewayen"})
    assert len(made["key"]) > 30
    # The first one is that of the server's client.
    keys = (await program.get("/v1/keys"))["items"][1:]
    assert [(one["device"], one["gateway"], one["label"]) for one in keys] == [
        ("d1", None, ""),
        (None, "flespi", "Gatewayen"),
    ]
    assert (await program.get("/v1/keys?gateway=flespi"))["items"] == keys[1:]
    assert made["key"] not in str(keys)
    revoked = await program.done("POST", f"/v1/keys/{keys[1]['id']}/revoke")
    assert revoked["revoked_at"] is not None
    assert (await program.refused("POST", f"/v1/keys/{keys[1]['id']}/revoke"))[0] == 404
    assert (await program.refused("POST", "/v1/devices/d9/keys"))[0] == 404

    at = "/v1/devices/d1/networks"
    assert await program.get(at) == {"networks": None}
    networks = {"networks": ["10.20.0.0/16"]}
    assert await program.done("PUT", at, networks) == networks
    assert await program.refused("PUT", at, {"networks": ["alle"]}) == (422, "networks")
    assert await program.done("PUT", at, {"networks": None}) == {"networks": None}
    assert (await program.refused("PUT", "/v1/devices/d9/networks", networks))[0] == 404
    assert (await program.get("/v1/devices/d1"))["contact"] == "never"
    assert (await program.refused("GET", "/v1/devices/d9"))[0] == 404
