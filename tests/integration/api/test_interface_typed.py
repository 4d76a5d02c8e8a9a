"""Plans that programs type in, what they say of a milestone, and what they measure."""

from typing import Any

from fleet.localtime import local_now
from tests.factories.program import Program


async def made(program: Program) -> tuple[int, str, str]:
    """A plan with a programme and a milestone, by their ids."""
    plan = await program.done("POST", "/v1/typed-plans", {"name": "Årsplan", "year": 2027})
    programme = await program.done(
        "POST", f"/v1/plans/{plan['id']}/programmes", {"name": "Flåde", "number": "4"}
    )
    body = {"text": "Ladestandere", "spans": [{"year": 2027, "quarter_from": 1, "quarter_to": 2}]}
    path = f"/v1/programmes/{programme['id']}/milestones"
    (milestone,) = (await program.done("POST", path, body))["milestones"]
    return plan["id"], programme["id"], milestone


async def test_a_plan_is_typed_in_part_by_part(program: Program) -> None:
    plan_id, programme_id, _ = await made(program)
    path = f"/v1/programmes/{programme_id}"
    initiative = await program.done("POST", f"{path}/initiatives", {"name": "Ladning"})
    spans = [{"year": 2027, "quarter_from": q, "quarter_to": q} for q in (1, 2, 3, 4)]
    body = {"text": "Status", "initiative_id": initiative["id"], "spans": spans}
    assert len((await program.done("POST", f"{path}/milestones", body))["milestones"]) == 4
    whole = await program.get(f"/v1/plans/{plan_id}")
    (programme,) = whole["programmes"]
    assert programme["initiatives"] == [
        {"id": initiative["id"], "section": "Ladning", "name": "Ladning"}
    ]
    assert [one["title"] for one in whole["strands"]] == ["Status"]
    renamed = {"name": "Flåden", "revision": programme["revision"]}
    await program.done("PUT", path, renamed)
    assert (await program.refused("PUT", path, renamed))[0] == 409
    named = {"name": "Plan 2027", "policies": ["Klimaplan"], "revision": whole["revision"]}
    await program.done("PUT", f"/v1/plans/{plan_id}", named)
    assert (await program.refused("PUT", f"/v1/plans/{plan_id}", named))[0] == 409
    whole = await program.get(f"/v1/plans/{plan_id}")
    assert (whole["name"], whole["policies"]) == ("Plan 2027", ["Klimaplan"])
    assert whole["programmes"][0]["name"] == "Flåden"
    assert (await program.refused("POST", f"{path}/milestones", {"text": " "}))[0] == 422
    assert (await program.refused("POST", "/v1/plans/999/programmes", {"name": "x"}))[0] == 404


async def test_what_is_said_of_a_milestone_is_told(program: Program) -> None:
    _, _, milestone = await made(program)
    path = f"/v1/milestones/{milestone}"
    revision = (await program.get(path))["revision"]
    span = {"year": 2027, "quarter_from": 3, "quarter_to": 3}
    for part, body, told in (
        ("decision", {"by": "Udvalget", "before": "2027-03-01"}, {"decision_by": "Udvalget"}),
        ("own-words", {"own_words": "Standere"}, {"title": "Standere"}),
        ("political", {"is_political": True}, {"is_political": True}),
        ("words", {"text": "Ladestandere er sat op", "span": span}, {"quarter": 3}),
    ):
        said: dict[str, Any] = body
        found = await program.done("PUT", f"{path}/{part}", said | {"revision": revision})
        assert found.items() >= told.items()
        assert (await program.refused("PUT", f"{path}/{part}", said | {"revision": revision}))[
            0
        ] == 409
        revision = found["revision"]
    found = await program.done("PUT", f"{path}/fact", {"fact": "fleet_unit"})
    assert (found["fact"]["fact"], found["fact"]["holds"]) == ("fleet_unit", False)
    assert (await program.done("PUT", f"{path}/fact", {"fact": None}))["fact"] is None
    waits = (await program.get("/v1/milestones?needs_decision=true"))["items"]
    assert [one["id"] for one in waits] == [milestone]


async def test_values_of_an_indicator_are_said_corrected_and_told(program: Program) -> None:
    plan_id, programme_id, milestone = await made(program)
    body = {
        "programme_id": programme_id,
        "indicator": {"name": "Elbiler", "kind": "output", "target": 30},
    }
    own = await program.done("POST", "/v1/indicators", body)
    path = f"/v1/indicators/{own['id']}"
    assert program.headers["Location"] == path
    today = local_now().date().isoformat()
    for value in (12, 13):
        await program.done("POST", f"{path}/values", {"day": today, "value": value})
    told = await program.get(path)
    assert [(one["day"], one["value"]) for one in told["values"]] == [(today, 13)]
    said = (await program.get(f"{path}/values"))["items"]
    assert [one["value"] for one in said] == [13, 12]
    # A body may be sent as it was read.
    told["target"] = 40
    assert (await program.done("PUT", path, told))["target"] == 40
    assert (await program.refused("PUT", path, told))[0] == 409
    listed = (await program.get(f"/v1/indicators?plan_id={plan_id}"))["items"]
    assert [one["id"] for one in listed] == [own["id"]]
    await program.done("POST", f"{path}/removal", {})
    assert (await program.refused("GET", path))[0] == 404
    both = body | {"milestone_id": milestone}
    assert (await program.refused("POST", "/v1/indicators", both))[0] == 404


async def test_an_indicator_may_read_a_figure_of_the_system(program: Program) -> None:
    _, programme_id, _ = await made(program)
    body = {
        "programme_id": programme_id,
        "indicator": {"name": "Køretøjer", "kind": "impact", "figure": "vehicles"},
    }
    own = await program.done("POST", "/v1/indicators", body)
    # Nothing has driven yet, so that the system knows no figures.
    assert own["values"] == []
    today = local_now().date().isoformat()
    path = f"/v1/indicators/{own['id']}/values"
    assert (await program.refused("POST", path, {"day": today, "value": 1}))[0] == 422
    (listed,) = (await program.get("/v1/indicators"))["items"]
    assert (listed["figure"], listed["values"]) == ("vehicles", [])
