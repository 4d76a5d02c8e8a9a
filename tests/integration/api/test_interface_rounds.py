"""Of a round and of the use of a vehicle a program is told, and does, what pages tell and do."""

import io
import zipfile
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from access.roles import Role
from api.pages.words.formats import Formats
from api.pages.words.language import Language
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from optimiser.rounds.decisions import Verdict, decide
from optimiser.rounds.requests import request_round
from optimiser.workers import Workers
from register.vehicles import Ruling, rulings
from tests.factories.access import Visitor, visitor
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.factories.program import Program
from tests.factories.rounds import FEW_STUDIES, answer_round
from tests.factories.two_departments import FLEET
from tests.factories.whole import served, whole_app
from trips.use.fleet_use import data_period

DANISH = Formats(Language.DANISH)


def said(amount: str) -> str:
    """An amount as `words` has it."""
    return amount.replace("\u00a0", " ")


@dataclass(frozen=True)
class Site:
    """A program at a server with a round of a fleet of two departments."""

    pool: Pool
    program: Program
    head: Program
    round_id: int

    async def page(self, path: str, reader: Program | None = None) -> str:
        program = reader or self.program
        async with program.session.get(program.url + path) as answer:
            assert answer.status == 200
            return await answer.text()

    async def page_after(self, path: str) -> str:
        """The cursor of what comes after the first item of a list."""
        return (await self.program.get(f"{path}?limit=1"))["next"]

    async def file(self, path: str) -> bytes:
        async with self.program.session.get(self.program.url + path) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.read()

    async def proposal(self, key: str) -> int:
        return await self.pool.fetchval("SELECT proposal_id FROM proposal WHERE key = $1", key)

    async def verdicts(self) -> dict[str, str]:
        rows = await self.pool.fetch(
            "SELECT p.key, d.verdict FROM decision d JOIN proposal p USING (proposal_id)"
            " ORDER BY change_id"
        )
        return {row["key"]: row["verdict"] for row in rows}


@pytest.fixture
async def site(pool: Pool, settings: Settings, workers: Workers) -> AsyncGenerator[Site]:
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    round_id = await request_round(pool, Actor.trusted("Flådeenheden"), period)
    # Idle vehicles go, although they would serve while others are in the workshop.
    asked = settings.model_copy(update={"workshop_ready": False, **FEW_STUDIES})
    await answer_round(pool, round_id, asked, workers)
    unit = await visitor(pool, Role.FLEET_UNIT, "Flåden")
    head = await visitor(pool, Role.DEPARTMENT_HEAD, "Leder", ["Egen"])
    async with (
        served(whole_app(pool, settings)[0]) as url,
        unit.client() as own,
        Visitor(head.session, None).client() as heads,
    ):
        yield Site(pool, Program(url, own), Program(url, heads), round_id)


async def test_the_year_of_a_vehicle_is_that_of_its_page(site: Site) -> None:
    year = await site.program.get("/v1/vehicles/own/year")
    page = words(await site.page("/vehicles/own/year"))
    assert sum(month["km"] for month in year["months"]) == 28 * 12
    assert sum(day["km"] for day in year["days"]) == 28 * 12
    assert [year["days"][0]["day"], year["days"][-1]["day"]] == [year["from"], year["to"]]
    for month in year["months"]:
        assert said(DANISH.km(month["km"])) in page
        assert month["days_used_share"] == pytest.approx(1)
    earlier = await site.program.get(f"/v1/vehicles/own/year?to={year['days'][9]['day']}")
    assert (earlier["to"], earlier["later"]) == (year["days"][9]["day"], year["to"])
    assert (await site.program.refused("GET", "/v1/vehicles/none/year"))[0] == 404
    assert await site.program.refused("GET", "/v1/vehicles/own/year?to=x") == (422, "to")


async def test_a_director_is_told_of_months_and_a_head_of_their_own_vehicles(site: Site) -> None:
    director = await visitor(site.pool, Role.READER, "Direktør")
    async with Visitor(director.session, None).client() as session:
        told = await Program(site.program.url, session).get("/v1/vehicles/own/year")
    assert told["days"] is None
    assert (await site.head.get("/v1/vehicles/own/year"))["vehicle_id"] == "own"
    assert (await site.head.refused("GET", "/v1/vehicles/strange/year"))[0] == 404


async def test_the_curve_is_that_of_the_page_and_one_of_its_fleets_is_chosen(site: Site) -> None:
    at = f"/v1/rounds/{site.round_id}"
    curve = await site.program.get(f"{at}/curve")
    assert (curve["studied"], curve["chosen"]) == (curve["parts"], None)
    assert {one["name"] for one in curve["choices"]} >= {"today", "proposed", "cheapest"}
    page = await site.page("/proposals/curve")
    told = words(page)
    for fleet in (*curve["choices"], *curve["points"]):
        assert said(DANISH.kr(fleet["cost_kr_year"])) in told
        assert said(DANISH.tonnes(fleet["co2_t_year"])) in told
    for point in curve["points"]:
        assert sum(one["count"] for one in point["fleet"]) == point["vehicles"]

    key = curve["points"][0]["key"]
    assert await site.program.refused("POST", f"{at}/fleet", {"key": "0"}) == (422, "key")
    both = {"fleet": "greenest", "key": key}
    assert await site.program.refused("POST", f"{at}/fleet", both) == (422, "body")
    chosen = await site.program.done("POST", f"{at}/fleet", {"key": key})
    assert (chosen["version"], chosen["state"]) == (2, "queued")
    row = await site.pool.fetchval(
        "SELECT chosen_prices FROM round WHERE round_id = $1", chosen["id"]
    )
    assert row
    assert (await site.program.refused("GET", "/v1/rounds/999/curve"))[0] == 404


async def test_several_proposals_are_decided_on_together_or_none(site: Site) -> None:
    ids = [await site.proposal(f"dispose:{one}-idle") for one in ("own", "strange")]
    await decide(site.pool, SOMEBODY, ids[0], Verdict.REJECTED, "nej")
    asked: dict[str, Any] = {
        "proposals": [{"id": ids[1], "seen": 0}, {"id": ids[0], "seen": 0}],
        "verdict": "accepted",
    }
    status, refused = await site.program.ask("POST", "/v1/decisions", asked)
    assert (status, refused["detail"]) == (409, "nothing is decided")
    assert [(one["index"], one["field"]) for one in refused["errors"]] == [(1, "proposals")]
    assert await site.verdicts() == {"dispose:own-idle": "rejected"}
    unexplained = asked | {"verdict": "rejected"}
    assert (await site.program.refused("POST", "/v1/decisions", unexplained))[0] == 422
    for wrong in ({"proposals": []}, {"verdict": "question"}, {"proposals": [{"id": 1}] * 2}):
        assert (await site.program.refused("POST", "/v1/decisions", asked | wrong))[0] == 422
    asked["proposals"][1]["seen"] = 1
    done = await site.program.done("POST", "/v1/decisions", asked)
    assert done == {"proposals": [ids[1], ids[0]], "verdict": "accepted"}
    assert await site.verdicts() == {
        "dispose:own-idle": "accepted",
        "dispose:strange-idle": "accepted",
    }


async def test_another_vehicle_goes_instead(site: Site) -> None:
    at = f"/v1/proposals/{await site.proposal('dispose:own-idle')}/instead"
    told = await site.program.get(at)
    assert told == {"items": [{"id": "own", "name": "Egen bil"}], "bound": []}
    strange = {"vehicle_id": "strange", "reason": "slidt"}
    assert await site.program.refused("POST", at, strange) == (422, "vehicle_id")
    late = {"vehicle_id": "own", "reason": "slidt", "seen": 4}
    assert (await site.program.refused("POST", at, late))[0] == 409
    assert await site.verdicts() == {}
    assert (await site.head.refused("GET", at))[0] == 403
    await site.program.done("POST", at, late | {"seen": 0})
    assert await site.verdicts() == {"dispose:own-idle": "rejected"}
    [ruled] = await rulings(site.pool, "own")
    assert (ruled.ruling, ruled.reason) == (Ruling.GO, "slidt")


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """The cells of a workbook by the names of its sheets."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def archived(content: bytes) -> dict[str, int]:
    """The checksums of the files of an archive; none of a document, which tells the minute."""
    files = zipfile.ZipFile(io.BytesIO(content)).infolist()
    return {one.filename: 0 if ".pdf" in one.filename else one.CRC for one in files}


async def test_the_documents_of_a_round_are_those_of_its_pages(site: Site) -> None:
    at = f"/v1/rounds/{site.round_id}"
    tables = sheets(await site.file(f"{at}/report.xlsx"))
    assert tables == sheets(await site.file("/proposals/report.xlsx"))
    english = sheets(await site.file(f"{at}/report.xlsx?language=en"))
    assert set(english) != set(tables)
    of_page = archived(await site.file("/proposals/certificate.zip"))
    assert archived(await site.file(f"{at}/certificate.zip")) == of_page
    assert len(of_page) > 3
    for path in (f"{at}/council.pdf", "/v1/evaluation/report.pdf", "/v1/roll-out/report.pdf"):
        assert (await site.file(path)).startswith(b"%PDF-")
    assert (await site.program.refused("GET", "/v1/rounds/999/council.pdf"))[0] == 404
    refused = await site.program.refused("GET", "/v1/evaluation/report.pdf?after-to=x")
    assert refused == (422, "after-to")


async def test_a_report_is_kept_and_compared_with_a_later_one(site: Site) -> None:
    assert (await site.program.get("/v1/reports"))["items"] == []
    first = await site.program.done("POST", "/v1/reports", {"kind": "round"})
    assert site.program.headers["Location"] == f"/v1/reports/{first['id']}"
    figures = (await site.program.get(f"/v1/rounds/{site.round_id}"))["figures"]
    assert first["figures"]["vehicles_today"] == figures["today"]["vehicles"]
    assert first["figures"]["paid_today_kr"] == figures["today"]["paid_kr_year"]
    assert (first["round_id"], first["made_by"]) == (site.round_id, "token: Flåden")
    assert "programmet Flåden" in words(await site.page("/proposals/reports"))
    own = await site.proposal("dispose:own-idle")
    await decide(site.pool, SOMEBODY, own, Verdict.ACCEPTED, "")
    second = await site.program.done("POST", "/v1/reports", {"kind": "round"})
    compared = await site.program.get(f"/v1/reports/{second['id']}/since/{first['id']}")
    assert [one["id"] for one in (compared["before"], compared["after"])] == [1, 2]
    assert {"name": "accepted", "before": 0, "after": 1} in compared["figures"]
    [changed] = compared["proposals"]
    assert [changed[when]["verdict"] for when in ("before", "after")] == [None, "accepted"]
    assert await site.program.get(f"/v1/reports/{first['id']}") == first
    listed = (await site.program.get("/v1/reports"))["items"]
    assert [one["digest"] for one in listed] == [first["digest"], second["digest"]]
    assert (await site.file(f"/v1/reports/{first['id']}/report.pdf")).startswith(b"%PDF-")

    plan = await site.program.done("POST", "/v1/reports", {"kind": "roll_out"})
    assert (plan["kind"], plan["round_id"]) == ("roll_out", None)
    sorts = await site.program.refused("GET", f"/v1/reports/{plan['id']}/since/{first['id']}")
    assert sorts == (422, "reports of two sorts or plans have no figure in common")
    days = {"kind": "round", "after_to": "2026-11-01"}
    assert await site.program.refused("POST", "/v1/reports", days) == (422, "body")
    # Who sees some departments only is told of none, as on the pages.
    assert (await site.head.get("/v1/reports"))["items"] == []
    assert (await site.head.refused("GET", f"/v1/reports/{first['id']}"))[0] == 404
    assert (await site.program.refused("GET", "/v1/reports/999"))[0] == 404


async def test_the_depots_of_a_round_are_those_of_the_page(site: Site) -> None:
    at = f"/v1/rounds/{site.round_id}/depots"
    told = (await site.program.get(at))["items"]
    assert [one["depot_id"] for one in told] == ["away", "both", "home"]
    figures = (await site.program.get(f"/v1/rounds/{site.round_id}"))["figures"]
    for fleet in ("today", "proposed"):
        assert sum(one[fleet]["vehicles"] for one in told) == figures[fleet]["vehicles"]
        cost = sum(one[fleet]["cost_kr_year"] for one in told)
        assert cost == pytest.approx(figures[fleet]["cost_kr_year"])
    page = words(await site.page("/proposals/depots"))
    for one in told:
        assert one["name"] in page
        assert one["charging_today"] is not None
        years = [year["total_kr"] for year in one["budget"]]
        assert len(years) == 5
    second = await site.program.get(f"{at}?limit=1&cursor=" + (await site.page_after(at)))
    assert [one["depot_id"] for one in second["items"]] == ["both"]
    own = (await site.head.get(at))["items"]
    assert [one["depot_id"] for one in own] == ["home"]


async def test_the_days_at_the_depot_of_a_proposal_are_told_and_that_is_recorded(
    site: Site,
) -> None:
    proposal_id = await site.proposal("dispose:own-idle")
    told = await site.program.get(f"/v1/proposals/{proposal_id}/days")
    assert told["hidden"] is None
    assert any(one["busiest"] for one in told["days"])
    page = words(await site.page(f"/proposals/{proposal_id}/days"))
    for day in told["days"]:
        assert DANISH.day(date.fromisoformat(day["day"])) in page
        trips = sum(len(row["trips"]) for row in day["before"])
        assert trips == sum(len(row["trips"]) for row in day["after"]) == day["trips"]
        for row in day["before"]:
            assert row["name"] in page
    rows = await site.pool.fetch(
        "SELECT subject_id FROM audit_entry WHERE act = 'track_read' AND actor = 'token: Flåden'"
    )
    assert {row["subject_id"] for row in rows} >= {"own"}
    strange = await site.proposal("dispose:strange-idle")
    assert (await site.head.refused("GET", f"/v1/proposals/{strange}/days"))[0] == 404
