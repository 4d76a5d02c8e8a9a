"""The evaluation and the roll-out plan of a simulated year say on the page, on paper, in Excel and
to programs what one counts by hand."""

import asyncio
import io
import subprocess
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from python_calamine import CalamineWorkbook

from access.roles import Role
from api.pages.words.formats import Formats
from api.pages.words.language import Language
from api.settings import Settings
from costs.budget import next_month
from db.connect import Pool
from fleet.localtime import local_now
from optimiser.ledger.steps import months_before
from register.inventory.changes import add_vehicle
from register.inventory.details import VehicleDetails
from tests.factories.access import Visitor, visitor
from tests.factories.actors import SOMEBODY
from tests.factories.command import flaade
from tests.factories.page_text import words
from tests.factories.pilot_year import KM_AFTER, KM_BEFORE, PilotYear, pilot_year
from tests.factories.whole import served, whole_app
from tracker.indicators import Figure, IndicatorDetails, IndicatorKind, add_indicator
from tracker.typed import ProgrammeDetails, add_programme, add_typed_plan

SAY = Formats(Language.DANISH)

#: What one counts by hand: a car costs 30,000 DKK a year, 1 kr. and 100 g a km.
FIXED, KR_KM, G_KM = 30_000.0, 1.0, 100.0
KM_YEAR = {"before": 6 * KM_BEFORE * 365.0, "after": 2 * KM_AFTER * 365.0}
PAID = {
    side: vehicles * FIXED + KM_YEAR[side] * KR_KM
    for side, vehicles in (("before", 6), ("after", 2))
}
CO2 = {side: km * G_KM / 1e6 for side, km in KM_YEAR.items()}

#: What the vehicles saved a year that left, by their depot: v1, v2 and v3, and v5 less its taxis.
NORTH_KR, SOUTH_KR = 36_000.0 + 24_000.0 + 12_000.0, 60_000.0 - 5 * 2_000.0 / 10 * 12
EACH_KR = (NORTH_KR + SOUTH_KR) / 6


@dataclass(frozen=True)
class Site:
    """A server with the year, and who visits it."""

    url: str
    pool: Pool
    year: PilotYear
    unit: Visitor
    head: Visitor
    stranger: Visitor

    async def get(self, who: Visitor, path: str) -> tuple[int, bytes]:
        async with who.client() as session, session.get(self.url + path) as answer:
            return answer.status, await answer.read()

    async def text(self, who: Visitor, path: str) -> str:
        status, body = await self.get(who, path)
        assert status == 200, path
        return words(body.decode()).replace("\u00a0", " ")

    async def pdf(self, who: Visitor, path: str) -> str:
        status, body = await self.get(who, path)
        assert status == 200, path
        done = await asyncio.to_thread(
            lambda: subprocess.run(
                ["pdftotext", "-layout", "-", "-"], input=body, capture_output=True, check=True
            )
        )
        return " ".join(done.stdout.decode().replace("\u00a0", " ").split())

    async def sheets(self, who: Visitor, path: str) -> Mapping[str, Sequence[Sequence[Any]]]:
        status, body = await self.get(who, path)
        assert status == 200, path
        book = CalamineWorkbook.from_filelike(io.BytesIO(body))
        return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}

    async def told(self, who: Visitor, path: str) -> dict[str, Any]:
        async with who.client() as session, session.get(self.url + path) as answer:
            assert answer.status == 200, path
            return cast("dict[str, Any]", await answer.json())

    async def send(self, who: Visitor, path: str, form: Mapping[str, str]) -> tuple[int, str]:
        async with who.client() as session, session.post(self.url + path, data=form) as answer:
            return answer.status, words(await answer.text()).replace("\u00a0", " ")

    async def put(
        self, who: Visitor, method: str, path: str, body: Mapping[str, object]
    ) -> tuple[int, dict[str, Any]]:
        async with (
            who.client() as session,
            session.request(method, self.url + path, json=body) as answer,
        ):
            return answer.status, cast("dict[str, Any]", await answer.json())


@pytest.fixture
async def site(pool: Pool, settings: Settings) -> AsyncGenerator[Site]:
    year = await pilot_year(pool)
    # A head asks the interface with the session, as the program of a test sees everything.
    head = await visitor(pool, Role.DEPARTMENT_HEAD, "Hanne", frozenset({"Jobcenter"}))
    async with served(whole_app(pool, settings)[0]) as url:
        yield Site(
            url,
            pool,
            year,
            await visitor(pool, Role.FLEET_UNIT, "Flåde"),
            replace(head, program=None),
            await visitor(pool, Role.READER, "Læser"),
        )


def plain(text: str) -> str:
    """A text without the no-break spaces between numbers and units."""
    return text.replace("\u00a0", " ")


def goal(**values: str) -> dict[str, str]:
    usual = {"metric": "fewer_vehicles", "target": "50", "by": "2027-12-31", "source": "Budget"}
    return usual | values


async def test_the_pilot_began_with_what_left_before_its_first_period_was_over(site: Site) -> None:
    await site.year.pool.execute(
        "UPDATE vehicle SET retired_at = $1 WHERE vehicle_id = 'v1'",
        site.year.before[0] + timedelta(days=3),
    )
    query = site.year.query
    assert "Køretøjer i pilotprojektet: 6 før og 2 efter." in await site.text(
        site.unit, f"/evaluation?{query}"
    )


async def test_page_paper_table_and_interface_say_what_one_counts_by_hand(site: Site) -> None:
    query = site.year.query
    page = await site.text(site.unit, f"/evaluation?{query}")
    paper = await site.pdf(site.unit, f"/evaluation.pdf?{query}")
    book = await site.sheets(site.unit, f"/evaluation.xlsx?{query}")
    told = await site.told(site.unit, f"/v1/evaluation?{query}")
    rows = {row[0]: row for row in book["Før og efter"][1:]}
    figures = {one["name"]: one for one in told["figures"]}
    expected: dict[str, tuple[str, float, float]] = {
        "vehicles": ("Køretøjer", 6, 2),
        "heard_share": ("Køretøjer, der er hørt", 1, 1),
        "known_share": ("Køretøjer, hvis brug er kendt", 1, 1),
        "days_with_data_share": ("Dage med data", 1, 1),
        "days_used_share": ("Arbejdsdage, hvor de blev brugt", 1, 1),
        "away_h_year": ("Timer ude om året", 6 * 2 * 365, 2 * 2 * 365),
        "km_year": ("Kørt om året", KM_YEAR["before"], KM_YEAR["after"]),
        "fixed_kr_year": ("Betalt om året for køretøjerne", 6 * FIXED, 2 * FIXED),
        "driving_kr_year": ("Betalt om året for kørsel", KM_YEAR["before"], KM_YEAR["after"]),
        "paid_kr_year": ("Betalt om året i alt", PAID["before"], PAID["after"]),
        "co2_t_year": ("CO₂e om året", CO2["before"], CO2["after"]),
    }
    for name, (label, before, after) in expected.items():
        one, row = figures[name], rows[label]
        assert (one["before"], one["after"]) == pytest.approx((before, after), abs=0.004), name
        assert one["change"] == pytest.approx(after - before, abs=0.004), name
        # To the øre: Excel holds the number that the interface tells.
        assert row[2:5] == pytest.approx([one["before"], one["after"], one["change"]], abs=1e-9)
    for kr in (*PAID.values(), 6 * FIXED, 2 * FIXED):
        assert plain(SAY.kr(kr)) in page
        assert plain(SAY.kr(kr)) in paper
    for tonnes in CO2.values():
        assert plain(SAY.tonnes(tonnes)) in page
        assert plain(SAY.tonnes(tonnes)) in paper
    assert "Køretøjer i pilotprojektet: 6 før og 2 efter." in page
    decisions = told["decisions"]
    counts = {
        "proposals": 7,
        "proposed": 7,
        "accepted": 5,
        "rejected": 1,
        "open": 1,
        "done": 4,
        "late": 1,
    }
    assert {name: decisions[name] for name in counts} == counts
    ledger = await site.told(site.unit, "/v1/ledger")
    for name in ("accepted_kr_year", "carried_kr_year", "promised_kr", "achieved_kr", "leaked_kr"):
        assert decisions[name] == ledger[name]
    assert (decisions["promised_kr"], decisions["achieved_kr"]) == pytest.approx((180_000, 98_000))
    shown = {row[0]: row[2] for row in book["Beslutninger"][1:] if row[1] in ("", "kr.")}
    names = ("Foreslåede ændringer", "Godkendt", "Afvist", "Gennemført")
    assert [shown[name] for name in names] == [7, 5, 1, 4]
    assert shown["Opnået indtil nu"] == pytest.approx(98_000)
    for text in (page, paper):
        assert "98.000 kr." in text
        assert "180.000 kr." in text
        assert "10.000 kr. mere gik til taxa, leje og egen bil" in text
        assert "Aarhus: ruterne for 26 procent af flåden" in text


async def test_goals_are_stated_changed_judged_and_removed(site: Site) -> None:
    unit = site.unit
    for refused in (
        {"target": "0"},
        {"target": "101"},
        {"target": "1.5"},
        {"by": "i morgen"},
        {"by": f"{local_now().year + 31}-01-01"},
        {"source": " "},
        {"metric": "x"},
    ):
        status, text = await site.send(unit, "/evaluation/goals", goal(**refused))
        assert status == 422, refused
        assert "Budget" in text or "source" in refused
    today = local_now().date()
    past = str(today - timedelta(days=1))
    for form in (
        goal(),
        goal(metric="lower_cost", target="70", by=past),
        goal(metric="saved_kr_year", target="132000"),
        goal(metric="carried_out", target="80,5", source="Plan, side 4"),
    ):
        status, text = await site.send(unit, "/evaluation/goals", form)
        assert (status, "Målet er skrevet." in text) == (200, True)
    told = await site.told(unit, f"/v1/evaluation?{site.year.query}")
    lower = 1 - PAID["after"] / PAID["before"]
    assert [(one["value"], one["outcome"]) for one in told["goals"]] == [
        (pytest.approx(4 / 6), "reached"),
        (pytest.approx(lower), "not_reached"),
        (pytest.approx(132_000), "reached"),
        (pytest.approx(0.8), "not_yet"),
    ]
    page = await site.text(unit, f"/evaluation?{site.year.query}")
    paper = await site.pdf(unit, f"/evaluation.pdf?{site.year.query}")
    book = await site.sheets(unit, f"/evaluation.xlsx?{site.year.query}")
    assert [row[2] for row in book["Mål"][1:]] == pytest.approx(
        [one["value"] for one in told["goals"]]
    )
    for text in (page, paper):
        assert plain(SAY.percent(lower, 1)) in text
        assert "Ikke nået endnu" in text
    first = told["goals"][0]
    at = f"/evaluation/goals/{first['id']}"
    assert "Mindst 50,0 %" in await site.text(unit, at)
    change = goal(target="90", seen="0", press="save")
    assert (await site.send(unit, at, change))[0] == 200
    # Somebody else had the page open before.
    status, text = await site.send(unit, at, goal(target="95", seen="0", press="save"))
    assert (status, "Nogen har rettet målet imens" in text) == (409, True)
    body = {"metric": "fewer_vehicles", "target": 0.6, "by": "2027-12-31", "source": "Budget"}
    put = f"/v1/pilot-goals/{first['id']}"
    assert (await site.put(unit, "PUT", put, body | {"revision": 0}))[0] == 409
    status, answer = await site.put(unit, "PUT", put, body | {"revision": 1})
    assert (status, answer["target"], answer["revision"]) == (200, 0.6, 2)
    assert (await site.put(unit, "PUT", put, body | {"revision": 2, "target": 2}))[0] == 422
    history = await site.text(unit, at)
    assert all(text in history for text in ("Mindst 50,0 %", "Mindst 90,0 %", "Mindst 60,0 %"))
    status, text = await site.send(unit, at, {"press": "remove", "seen": "2"})
    assert (status, "Målet er fjernet." in text) == (200, True)
    assert (await site.get(unit, at))[0] == 404
    assert len((await site.told(unit, "/v1/pilot-goals"))["items"]) == 3
    audited = await site.pool.fetch(
        "SELECT act FROM audit_entry WHERE subject = 'pilot_goal' AND subject_id = $1"
        " ORDER BY change_id",
        str(first["id"]),
    )
    assert [row["act"] for row in audited] == ["changed", "changed", "changed", "removed"]


async def test_what_cannot_be_compared_is_said(site: Site) -> None:
    before, after = site.year.before, site.year.after
    # Half of the period after has no data.
    ahead = after[0] - timedelta(days=60)
    query = f"before-from={before[0]}&before-to={before[1]}&after-from={ahead}&after-to={after[1]}"
    told = await site.told(site.unit, f"/v1/evaluation?{query}")
    assert "few_known_after" in told["doubts"]
    figures = {one["name"]: one for one in told["figures"]}
    assert figures["vehicles"]["change"] == -4
    assert figures["km_year"]["change"] is figures["paid_kr_year"]["change"] is None
    page = await site.text(site.unit, f"/evaluation?{query}")
    assert "For få køretøjer er kendt i perioden efter." in page
    assert "Det, de kørte, kostede og udledte, kan ikke sammenlignes." in page
    same = (
        f"before-from={before[0]}&before-to={before[1]}&after-from={before[0]}&after-to={before[1]}"
    )
    assert "overlap" in (await site.told(site.unit, f"/v1/evaluation?{same}"))["doubts"]
    short = f"after-from={after[1]}&after-to={after[1]}"
    assert "short" in (await site.told(site.unit, f"/v1/evaluation?{short}"))["doubts"]
    backwards = f"after-from={after[1]}&after-to={after[0]}"
    assert "Den sidste dag ligger før den første" in await site.text(
        site.unit, f"/evaluation?{backwards}"
    )
    for odd in (
        "before-from=1990-01-01&before-to=2200-01-01",
        "after-from=x",
        "after-to=0001-01-01",
    ):
        assert (await site.get(site.unit, f"/evaluation?{odd}"))[0] == 200
    # Who sees no single trips sees whole weeks.
    weeks = await site.text(site.stranger, f"/evaluation?{site.year.query}")
    assert "Din rolle ser hele, afsluttede uger" in weeks
    # The usual periods: the days of the first round, and the latest weeks.
    usual = await site.told(site.unit, "/v1/evaluation")
    assert (usual["before"]["first"], usual["before"]["last"]) == tuple(map(str, before))
    assert (usual["after"]["first"], usual["after"]["last"]) == tuple(map(str, after))


async def test_the_pilot_is_of_its_depots_with_every_vehicle_that_was_there(site: Site) -> None:
    await site.pool.execute(
        "INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id, first_registered,"
        " cost_kr_year) VALUES ('x1', 'Uden chip', 'car', 'Hjemmepleje', 'nord', NULL, 50000),"
        " ('x2', 'Ny bil', 'car', 'Hjemmepleje', 'nord', $1, NULL),"
        " ('x3', 'Andetsteds', 'car', 'Hjemmepleje', 'ost', NULL, NULL)",
        site.year.before[1] + timedelta(days=1),
    )
    told = await site.told(site.unit, f"/v1/evaluation?{site.year.query}")
    figures = {one["name"]: one for one in told["figures"]}
    # x1 was there, x2 was not yet, and x3 stands where no vehicle of the pilot does.
    assert (figures["vehicles"]["before"], figures["vehicles"]["after"]) == (7, 4)
    assert figures["known_share"]["before"] == pytest.approx(6 / 7)
    assert figures["known_share"]["after"] == pytest.approx(2 / 4)
    # The kind's cost is stated as a whole, and the vehicle's own payment takes its place.
    assert figures["fixed_kr_year"]["before"] == pytest.approx(6 * FIXED + 50_000)
    assert "few_known_after" in told["doubts"]
    assert figures["km_year"]["before"] == pytest.approx(KM_YEAR["before"])


async def test_what_the_register_gets_later_does_not_change_the_beginning(site: Site) -> None:
    path = f"/v1/evaluation?{site.year.query}"
    before = (await site.told(site.unit, path))["before"]
    for number in (1, 2, 3):
        await add_vehicle(
            site.pool,
            SOMEBODY,
            VehicleDetails(
                name=f"Ny {number}",
                kind="car",
                department="Hjemmepleje",
                depot_id="nord",
                cost_kr_year=46_000.0,
            ),
        )
    assert (await site.told(site.unit, path))["before"] == before


async def test_the_roll_out_plan_is_the_same_everywhere(site: Site) -> None:
    unit = site.unit
    start = next_month(local_now().date())
    told = await site.told(unit, "/v1/roll-out")
    assert (told["start"], told["trackers_month"], told["trackers"]) == (str(start), 20, 6)
    rests = told["rests_on"]
    assert rests["kr_year"] == pytest.approx(EACH_KR)
    assert (rests["kr_low"], rests["kr_high"]) == pytest.approx((NORTH_KR / 5, SOUTH_KR / 1))
    names = ("vehicles", "depots", "proposals", "months")
    assert [rests[name] for name in names] == [6, 2, 4, 12 + 8 + 6 + 10]
    form = {"start": f"{start:%Y-%m}", "chips_month": "4", "departments": "", "seen": "0"}
    for refused in (
        {"start": "2027"},
        {"start": "2020-01"},
        {"start": f"{local_now().year + 31}-01"},
        {"chips_month": "0"},
    ):
        assert (await site.send(unit, "/roll-out", form | refused))[0] == 422, refused
    # Which line it is, and why.
    for lines, why in (
        ("Jobcenter\n\n Mars \nVenus", "Linje 3: Intet køretøj hører til en afdeling Mars"),
        ("Jobcenter\n\nJobcenter", "Linje 3 nævner Jobcenter en gang til"),
        (f"Jobcenter\n{'x' * 101}", "Linje 2 er længere end navnet på en afdeling"),
    ):
        status, text = await site.send(unit, "/roll-out", form | {"departments": lines})
        # Above the form and at its field.
        assert (status, text.count(why)) == (422, 2), lines
    status, text = await site.send(unit, "/roll-out", form)
    assert (status, "Planen er gemt." in text) == (200, True)
    status, text = await site.send(unit, "/roll-out", form | {"chips_month": "5"})
    assert (status, "Nogen har rettet planen imens" in text) == (409, True)
    told = await site.told(unit, "/v1/roll-out")
    second = months_before(start, -1)
    assert [
        (one["month"], one["department"], one["trackers"], one["depots"], one["depots_to_draw"])
        for one in told["items"]
    ] == [
        (str(start), "Vej & Park", 4, ["Vestgården", "Østgården"], ["Vestgården"]),
        (str(second), "Vej & Park", 1, ["Østgården"], []),
        (str(second), "Jobcenter", 1, ["Østgården"], []),
    ]
    assert told["kr_year"] == pytest.approx(6 * EACH_KR)
    page, paper = await site.text(unit, "/roll-out"), await site.pdf(unit, "/roll-out.pdf")
    book = await site.sheets(unit, "/roll-out.xlsx")
    rows = book["Udrulningsplan"][1:]
    assert [row[2] for row in rows] == [one["trackers"] for one in told["items"]]
    assert [row[6:9] for row in rows] == [
        pytest.approx([one["kr_year"], one["kr_low"], one["kr_high"]]) for one in told["items"]
    ]
    assert [row[1:] for row in book["Måned for måned"][1:]] == [[4, 4], [2, 6]]
    for text in (page, paper):
        for kr in (6 * EACH_KR, 6 * NORTH_KR / 5, 6 * SOUTH_KR, 4 * EACH_KR, EACH_KR):
            assert plain(SAY.kr(kr)) in text
        assert "skal tegnes: Vestgården" in text
    body = told | {"departments": ["Jobcenter"]}
    status, answer = await site.put(unit, "PUT", "/v1/roll-out", body)
    assert (status, answer["items"][0]["department"], answer["revision"]) == (200, "Jobcenter", 2)
    assert (await site.put(unit, "PUT", "/v1/roll-out", body))[0] == 409
    gone = answer | {"departments": ["Mars"]}
    status, problem = await site.put(unit, "PUT", "/v1/roll-out", gone)
    assert (status, "Mars" in problem["detail"]) == (422, True)


async def test_the_roll_out_plan_tells_what_has_a_tracker_and_what_a_log_alone(site: Site) -> None:
    """Two vehicles of the pilot are left with a tracker, and six wait for one. A driving log is no
    tracker: it is told of apart, also where nothing waits."""
    async with site.pool.acquire() as connection:
        await connection.execute(
            "INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id) VALUES"
            " ('k1', 'Kørebog 1', 'car', 'Vej & Park', 'ost'),"
            " ('k2', 'Kørebog 2', 'car', 'Jobcenter', 'ost'),"
            " ('k3', 'Kørebog 3', 'car', 'Vej & Park', 'ost')"
        )
        await connection.execute(
            "INSERT INTO device (device, vehicle_id) VALUES"
            " ('log:k1', 'k1'), ('log:k2', 'k2'), ('log:k3', 'k3')"
        )
    names = ("with_tracker", "with_log_alone", "trackers")
    for waits, of_all, of_head in ((6, (2, 3, 6), (0, 1, 1)), (0, (8, 3, 0), (1, 1, 0))):
        if not waits:
            await site.pool.execute(
                "INSERT INTO device (device, vehicle_id)"
                " SELECT 'd-' || vehicle_id, vehicle_id FROM vehicle WHERE vehicle_id LIKE 'w%'"
            )
        for who, counts in ((site.unit, of_all), (site.head, of_head)):
            told = await site.told(who, "/v1/roll-out")
            assert tuple(told[name] for name in names) == counts
            book = await site.sheets(who, "/roll-out.xlsx")
            basis = {row[0]: row[2] for row in book["Hvad den bygger på"][1:]}
            assert basis["Køretøjer med chip"] == counts[0]
            assert basis["Køretøjer med kun en kørebog"] == counts[1]
        for text in (
            await site.text(site.unit, "/roll-out"),
            await site.pdf(site.unit, "/roll-out.pdf"),
        ):
            assert f"{of_all[0]} køretøjer har en chip. 3 har kun en kørebog: Planen har" in text
            assert ("6 køretøjer har hverken chip eller kørebog" in text) is (waits == 6)
            assert "intet tilbage" not in text
        own = await site.text(site.head, "/roll-out")
        assert "har en chip. 1 har kun en kørebog: Planen har ingen chip til det" in own


async def test_the_head_of_a_department_sees_their_own_part_of_both(site: Site) -> None:
    for path in (f"/evaluation?{site.year.query}", "/roll-out"):
        text = await site.text(site.head, path)
        for foreign in ("Hjemmepleje", "Vej & Park", "Nordgården", "Vestgården"):
            assert foreign not in text, (path, foreign)
    told = await site.told(site.head, f"/v1/evaluation?{site.year.query}")
    figures = {one["name"]: one for one in told["figures"]}
    assert (figures["vehicles"]["before"], figures["vehicles"]["after"]) == (1, 0)
    # Their vehicle left, so that it is known that nothing was driven.
    assert figures["km_year"]["change"] == pytest.approx(-KM_YEAR["before"] / 6)
    assert told["decisions"]["accepted"] == 1
    await site.send(site.unit, "/evaluation/goals", goal())
    goals = (await site.told(site.head, "/v1/evaluation"))["goals"]
    assert [(one["value"], one["outcome"], one["why"]) for one in goals] == [
        (None, "unknown", "of_all")
    ]
    # The month is that of the whole plan.
    form = {
        "start": f"{next_month(local_now().date()):%Y-%m}",
        "chips_month": "4",
        "departments": "",
        "seen": "0",
    }
    assert (await site.send(site.unit, "/roll-out", form))[0] == 200
    whole = await site.told(site.unit, "/v1/roll-out")
    own = await site.told(site.head, "/v1/roll-out")
    assert [(one["month"], one["department"], one["trackers"]) for one in own["items"]] == [
        (one["month"], one["department"], one["trackers"])
        for one in whole["items"]
        if one["department"] == "Jobcenter"
    ]
    for path in ("/evaluation/goals", "/evaluation/reports", "/roll-out", "/roll-out/reports"):
        assert (await site.send(site.head, path, goal() | form))[0] == 403
        assert (await site.send(site.stranger, path, goal() | form))[0] == 403


async def test_both_are_kept_as_they_were(site: Site) -> None:
    unit = site.unit
    query = site.year.query
    for path in (f"/evaluation/reports?{query}", "/roll-out/reports"):
        status, text = await site.send(unit, path, {})
        assert (status, "Rapporten er gemt, som den er nu." in text) == (200, True)
    rows = await site.pool.fetch("SELECT report_id, kind, round_id FROM report ORDER BY report_id")
    assert [(row["kind"], row["round_id"]) for row in rows] == [
        ("evaluation", None),
        ("roll_out", None),
    ]
    evaluation, roll_out = (row["report_id"] for row in rows)
    listed = await site.text(unit, "/proposals/reports")
    assert "Evaluering af pilotprojektet, som den så ud" in listed
    assert "Udrulningsplan, som den så ud" in listed
    before = await site.pdf(unit, f"/proposals/reports/{evaluation}/pdf")
    assert plain(SAY.kr(PAID["before"])) in before
    await site.pool.execute("UPDATE vehicle_kind SET fixed_kr_year = 99000")
    assert plain(SAY.kr(PAID["before"])) not in await site.text(unit, f"/evaluation?{query}")
    assert await site.pdf(unit, f"/proposals/reports/{evaluation}/pdf") == before
    assert plain(SAY.kr(6 * EACH_KR)) in await site.text(unit, f"/proposals/reports/{roll_out}")
    await site.send(unit, f"/evaluation/reports?{query}", {})
    later = roll_out + 1
    compared = await site.text(unit, f"/proposals/reports/{later}/since/{evaluation}")
    assert "Betalt om året før" in compared
    assert plain(SAY.kr(PAID["before"] + 6 * 69_000)) in compared
    path = f"/proposals/reports/{roll_out}/since/{evaluation}"
    assert (await site.get(unit, path))[0] == 404
    assert (await site.get(site.head, f"/proposals/reports/{evaluation}"))[0] == 404


async def test_an_empty_system_says_that_nothing_can_be_told(
    pool: Pool, settings: Settings
) -> None:
    async with served(whole_app(pool, settings)[0]) as url:
        unit = await visitor(pool, Role.FLEET_UNIT, "Flåde")
        async with unit.client() as session:
            for path in ("evaluation", "roll-out"):
                for end in ("", ".pdf", ".xlsx"):
                    async with session.get(f"{url}/{path}{end}") as answer:
                        assert answer.status == 200, path + end
            async with session.get(f"{url}/v1/evaluation") as answer:
                told = await answer.json()
            assert (told["before"], told["doubts"], told["figures"]) == (None, ["no_before"], [])
            async with session.post(f"{url}/evaluation/reports") as answer:
                assert answer.status == 404


async def test_the_command_reports_a_plan_with_the_figures_that_its_page_tells(
    site: Site, database_url: str, tmp_path: Path
) -> None:
    plan_id = await add_typed_plan(site.pool, SOMEBODY, "Årsplan", local_now().year)
    programme_id = await add_programme(
        site.pool, SOMEBODY, plan_id, ProgrammeDetails(name="Flådestyring")
    )
    for figure in Figure:
        details = IndicatorDetails(name=figure.value, kind=IndicatorKind.IMPACT, figure=figure)
        await add_indicator(site.pool, SOMEBODY, details, programme_id=programme_id)
    told = await site.told(
        site.unit, f"/v1/plans/{plan_id}/status?year={local_now().year}&quarter=1"
    )
    values = {one["name"]: one["value"] for one in told["indicators"]}
    assert values.keys() == set(Figure)
    assert values["vehicles"] == 2
    assert None not in values.values()
    query = f"plan={plan_id}&quarter={local_now().year}-1"
    page = await site.sheets(site.unit, f"/plan/status.xlsx?{query}")
    done = flaade(
        *("plan", "report", str(plan_id), "--out", "s.xlsx", "--quarter", query[-6:]),
        cwd=tmp_path,
        FLAADE_DATABASE_URL=database_url,
    )
    assert done.returncode == 0, done.stderr
    book = CalamineWorkbook.from_path(tmp_path / "s.xlsx")
    assert {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names} == page
