"""Plans of years by the interface and by the command: what is taken comes out as it was, and what
programs say of milestones, owners and decisions is told to the next."""

import json
from pathlib import Path
from typing import Any

from access.roles import Role
from db.connect import Pool
from tests.factories.access import visitor
from tests.factories.command import flaade
from tests.factories.plan_files import PLAN
from tests.factories.program import Program
from tracker.importer.plan_file import PlanFile, read_plan_file, write_plan_file

CONTENT = PLAN.model_dump_json().encode()


async def taken(program: Program) -> int:
    return (await program.send("/v1/plans", "plan.json", CONTENT))["id"]


async def test_a_plan_is_taken_told_and_exported_without_a_difference(program: Program) -> None:
    plan_id = await taken(program)
    assert program.headers["Location"] == f"/v1/plans/{plan_id}"
    told = await program.get(f"/v1/plans/{plan_id}")
    assert (told["year"], told["reading"]["file_name"]) == (2026, "plan.json")
    assert [one["number"] for one in told["programmes"]] == ["2.1", "4.1"]
    assert told["programmes"][0]["resources"][0] == {"centre": "Vej", "aarsvaerk": 0.25}
    assert told["not_placed"] == [{"line_from": 30, "line_to": 31, "text": "Hvem ved"}]
    assert {one["id"] for one in (await program.get("/v1/plans"))["items"]} >= {plan_id}
    exported = await program.get(f"/v1/plans/{plan_id}/plan.json")
    assert PlanFile.model_validate_json(json.dumps(exported)) == PLAN
    for end in ("xlsx", "csv"):
        async with program.session.get(f"{program.url}/v1/plans/{plan_id}/plan.{end}") as answer:
            table = await answer.read()
        again = (await program.send("/v1/plans", f"plan.{end}", table))["id"]
        exported = await program.get(f"/v1/plans/{again}/plan.json")
        assert PlanFile.model_validate_json(json.dumps(exported)) == PLAN
    async with program.session.post(
        f"{program.url}/v1/plans?name=p.csv", data=b"part;title\nplan;x\nplan;y\n"
    ) as answer:
        assert answer.status == 422


async def test_progress_and_the_list_of_milestones_tell_the_same(program: Program) -> None:
    plan_id = await taken(program)
    items = (await program.get(f"/v1/milestones?plan_id={plan_id}"))["items"]
    first = items[0]["id"]
    await program.done("PUT", f"/v1/milestones/{first}", {"status": "done", "note": "klar"})
    progress = await program.get(f"/v1/plans/{plan_id}/progress")
    items = (await program.get(f"/v1/milestones?plan_id={plan_id}"))["items"]
    assert progress["whole"]["total"] == len(items) == 5
    late = (await program.get(f"/v1/milestones?plan_id={plan_id}&late=true"))["items"]
    assert progress["whole"]["late"] == len(late) == sum(one["late"] for one in items)
    assert progress["whole"]["by_status"]["done"] == 1
    assert sum(one["tally"]["total"] for one in progress["by_quarter"]) == 5
    page = await program.get(f"/v1/milestones?plan_id={plan_id}&limit=2")
    rest = await program.get(f"/v1/milestones?plan_id={plan_id}&limit=9&cursor={page['next']}")
    assert page["items"] + rest["items"] == items
    changes = (await program.get(f"/v1/plans/{plan_id}/changes"))["items"]
    assert (changes[0]["milestone_id"], changes[0]["status"]) == (first, "done")


async def test_a_corrected_document_is_taken_by_who_saw_the_plan_as_it_is(
    program: Program,
) -> None:
    plan_id = await taken(program)
    revision = (await program.get(f"/v1/plans/{plan_id}"))["revision"]
    path = f"/v1/plans/{plan_id}/readings?name=rettet.json&revision={revision}"
    for status in (200, 409):
        async with program.session.post(program.url + path, data=CONTENT) as answer:
            assert answer.status == status
            if status == 200:
                assert len((await answer.json())["same"]) == 5


async def test_what_surely_goes_on_in_the_next_year_follows_what_was(program: Program) -> None:
    plan_id = await taken(program)
    content = PLAN.model_copy(update={"year": 2027}).model_dump_json().encode()
    path = f"{program.url}/v1/plans?name=next.json&follows={plan_id}"
    async with program.session.post(path, data=content) as answer:
        assert answer.status == 201
        following = (await answer.json())["id"]
    assert (await program.get(f"/v1/plans/{following}"))["follows"] == plan_id
    async with program.session.post(path, data=content) as answer:
        assert answer.status == 409
        assert f"plan {following}" in (await answer.json())["detail"]
    async with program.session.post(path, data=CONTENT + b" ") as answer:
        # The same year does not follow itself.
        assert answer.status == 422


async def test_a_program_is_asked_which_milestones_are_the_same(program: Program) -> None:
    long = "Ladestandere til rådhusets køretøjer er udbudt, og en leverandør er valgt"
    content = PLAN.model_dump(mode="json")
    content["milestones"][0]["text"] = long
    plan_id = (await program.send("/v1/plans", "plan.json", json.dumps(content).encode()))["id"]
    content["milestones"][0]["text"] = "En leverandør af ladestandere er valgt i år"

    async def sent(path: str) -> tuple[int, Any]:
        body = json.dumps(content).encode()
        async with program.session.post(f"{program.url}/v1/plans{path}", data=body) as answer:
            return answer.status, await answer.json()

    status, told = await sent(f"/{plan_id}/readings?name=p.json")
    assert (status, "m001" in told["detail"]) == (422, True)
    status, told = await sent(f"/{plan_id}/comparison?name=p.json")
    assert (status, len(told["same"])) == (200, 4)
    (asked,) = told["questions"]
    assert [one["text"] for one in asked["candidates"]] == [long]
    content["answers"] = {asked["id"]: asked["candidates"][0]["id"]}
    status, told = await sent(f"/{plan_id}/comparison?name=p.json")
    assert (status, len(told["same"]), told["questions"]) == (200, 5, [])
    status, told = await sent(f"/{plan_id}/readings?name=p.json&revision={told['revision']}")
    assert (status, len(told["changed"]), told["added"]) == (200, 1, [])
    content["year"], content["answers"] = 2027, {}
    assert (await sent(f"/{plan_id}/readings?name=next.json"))[0] == 422
    status, told = await sent(f"/{plan_id}/comparison?name=p.json&next_year=true")
    assert (status, told["questions"]) == (200, [])


async def test_a_plan_that_was_taken_by_mistake_is_removed(
    program: Program, database_url: str, tmp_path: Path
) -> None:
    plan_id = await taken(program)
    path = f"/v1/plans/{plan_id}/removal"
    assert (await program.refused("POST", path, {"reason": " "}))[0] == 422
    await program.done("POST", path, {"reason": "Indlæst to gange", "revision": 1})
    assert (await program.get(f"/v1/milestones?plan_id={plan_id}"))["items"] == []
    assert (await program.get(f"/v1/plans/{plan_id}"))["removed_at"] is not None
    again = await taken(program)
    ids = [one["id"] for one in (await program.get(f"/v1/milestones?plan_id={again}"))["items"]]
    await program.done("PUT", f"/v1/milestones/{ids[0]}", {"status": "done"})
    path = f"/v1/plans/{again}/removal"
    assert (await program.refused("POST", path, {"reason": "En fejl"}))[0] == 409
    done = flaade(
        *("plan", "remove", str(again), "--reason", "En fejl"),
        cwd=tmp_path,
        FLAADE_DATABASE_URL=database_url,
    )
    assert (done.returncode, "somebody has reported" in done.stderr) == (2, True)


async def test_what_is_no_plan_is_refused_with_its_field(program: Program) -> None:
    no_quarter = PLAN.model_dump(mode="json")
    no_quarter["milestones"][0]["quarter_to"] = None
    for content in (b"", b"{}", b'{"title": 1}', json.dumps(no_quarter).encode()):
        async with program.session.post(
            f"{program.url}/v1/plans?name=p.json", data=content
        ) as answer:
            assert answer.status == 422
    plans = (await program.get("/v1/plans"))["items"]
    assert [one["is_shipped"] for one in plans] == [True]


async def test_owners_are_added_given_milestones_and_told(program: Program) -> None:
    plan_id = await taken(program)
    road_team = await program.done(
        "POST", "/v1/plan-contacts", {"name": "Vejteamet", "email": "m@k.dk"}
    )
    assert "email" not in road_team
    ids = [one["id"] for one in (await program.get(f"/v1/milestones?plan_id={plan_id}"))["items"]]
    given = {"milestones": ids[:2], "owner_id": road_team["id"], "centre": "Vej"}
    assert await program.done("POST", "/v1/milestone-owners", given) == {"changed": 2}
    seen = given | {"revisions": {ids[0]: 1}}
    status, told = await program.refused("POST", "/v1/milestone-owners", seen)
    assert (status, ids[0] in told) == (409, True)
    seen["revisions"] = {ids[0]: 2}
    assert await program.done("POST", "/v1/milestone-owners", seen) == {"changed": 0}
    own = (await program.get(f"/v1/milestones?owner_id={road_team['id']}"))["items"]
    assert [(one["owner"], one["centre"]) for one in own] == [("Vejteamet", "Vej")] * 2
    left = {"name": "Vejteamet", "has_left": True, "revision": road_team["revision"]}
    path = f"/v1/plan-contacts/{road_team['id']}"
    assert (await program.done("PUT", path, left))["left_at"] is not None
    assert (await program.refused("PUT", path, left))[0] == 409
    assert (await program.refused("POST", "/v1/milestone-owners", given))[0] == 404


async def test_a_report_that_somebody_overtook_is_refused(program: Program) -> None:
    path = "/v1/milestones/markedsdialog"
    revision = (await program.get(path))["revision"]
    first = {"status": "done", "note": "", "revision": revision}
    await program.done("PUT", path, first)
    assert (await program.refused("PUT", path, first | {"status": "in_progress"}))[0] == 409
    later = {"status": "postponed", "note": "", "postponed_to": {"year": 2025, "quarter": 2}}
    told = await program.done("PUT", path, later)
    assert (told["year"], told["quarter"], told["planned_to"]) == (2025, 2, 1)
    for wrong in (
        {"status": "postponed"},
        {"status": "dropped"},
        {"status": "merged", "merged_into": "chips"},
    ):
        assert (await program.refused("PUT", "/v1/milestones/chips", wrong))[0] == 422


async def test_a_reader_takes_no_plan(program: Program, pool: Pool) -> None:
    reader = await visitor(pool, Role.READER, "Læser")
    headers = {"Cookie": reader.cookie, "Authorization": ""}
    async with program.session.post(
        f"{program.url}/v1/plans?name=p.json", data=CONTENT, headers=headers
    ) as answer:
        assert answer.status in (401, 403)
    assert len((await program.get("/v1/plans"))["items"]) == 1


async def test_commands_take_a_plan_and_write_it_again(
    database_url: str, pool: Pool, tmp_path: Path
) -> None:
    write_plan_file(PLAN, tmp_path / "P.json")
    (tmp_path / "plan.txt").write_text("the document", encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str]:
        done = flaade("plan", *arguments, cwd=tmp_path, FLAADE_DATABASE_URL=database_url)
        return done.returncode, done.stdout + done.stderr

    code, said = run("take", "P.json", "--document", "plan.txt", "--name", "Årsplan")
    plan_id = await pool.fetchval("SELECT max(plan_id) FROM plan")
    assert (code, said.strip()) == (0, f"plan {plan_id}: 5 milestones")
    assert run("export", str(plan_id), "--out", "again.json")[0] == 0
    assert read_plan_file(tmp_path / "again.json") == PLAN
    for table in ("again.xlsx", "again.csv"):
        assert run("export", str(plan_id), "--out", table)[0] == 0
    code, said = run("take", "again.csv", "--document", "plan.txt", "--again", str(plan_id))
    assert (code, "5 as before" in said) == (0, True), said
    code, said = run("take", "again.xlsx", "--document", "plan.txt", "--again", str(plan_id))
    assert (code, said.strip()) == (
        0,
        f"plan {plan_id}: 0 added, 0 changed, 0 gone, 0 back, 5 as before",
    )
    following = PLAN.model_copy(update={"year": 2027})
    write_plan_file(following, tmp_path / "next.json")
    (tmp_path / "next.txt").write_text("the next document", encoding="utf-8")
    follows = ("--document", "next.txt", "--follows", str(plan_id))
    code, said = run("take", "next.json", *follows)
    assert (code, "5 milestones, 5 go on" in said) == (0, True), said
    assert run("take", "next.json", *follows, "--again", str(plan_id))[0] == 2
    for wrong in (("export", "999", "--out", "x"), ("take", "no.json", "--document", "plan.txt")):
        assert run(*wrong)[0] == 2
    assert not (tmp_path / "x").exists()


async def test_a_program_and_the_command_take_the_targets_that_they_name(
    program: Program, database_url: str, tmp_path: Path
) -> None:
    content = PLAN.model_dump(mode="json")
    content["milestones"][0]["text"] = "20 standere er valgt, og 50 % af bilerne kører på el"
    (tmp_path / "plan.json").write_text(json.dumps(content))
    body = json.dumps(content | {"targets": ["m001=20 standere"]}).encode()
    plan_id = (await program.send("/v1/plans", "plan.json", body))["id"]
    (made,) = (await program.get(f"/v1/indicators?plan_id={plan_id}"))["items"]
    assert (made["target"], made["unit"], made["target_day"]) == (20, "standere", "2026-03-31")
    (left,) = (await program.get(f"/v1/plans/{plan_id}/targets"))["items"]
    assert (left["target"], left["unit"], left["text"]) == (
        50,
        "%",
        content["milestones"][0]["text"],
    )
    details = {name: left[name] for name in ("name", "unit", "target", "target_day")}
    new = {"milestone_id": left["milestone_id"], "indicator": {"kind": "output", **details}}
    await program.done("POST", "/v1/indicators", new)
    assert (await program.get(f"/v1/plans/{plan_id}/targets"))["items"] == []
    unknown = json.dumps(content | {"year": 2027, "targets": ["m001=21 standere"]}).encode()
    async with program.session.post(f"{program.url}/v1/plans?name=p.json", data=unknown) as answer:
        assert (answer.status, "21 standere" in (await answer.json())["detail"]) == (422, True)
    (tmp_path / "plan.txt").write_text("Et andet dokument")
    done = flaade(
        *("plan", "take", "plan.json", "--document", "plan.txt", "--target", "m001=50 %"),
        cwd=tmp_path,
        FLAADE_DATABASE_URL=database_url,
    )
    assert done.returncode == 0, done.stderr
    units = [one["unit"] for one in (await program.get("/v1/indicators"))["items"]]
    assert sorted(units) == ["%", "%", "standere"]
