"""The transition year by year is told alike by the page, the interface and Excel, to the øre."""

import io
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from api.pages.words.formats import Formats
from api.pages.words.language import Language
from api.server import ServerRole
from api.settings import Settings
from costs.assumptions import Figure, FigureKey
from costs.assumptions_stored import put_assumption
from costs.budget import BUDGET_YEARS, next_month, notice_day
from costs.catalogue import CatalogueKind, Specification, starter_catalogue
from costs.catalogue_stored import put_kind
from db.connect import Pool
from fleet.localtime import local_now
from fleet.vehicle import Energy
from optimiser.ledger.undertakings import follow_verdicts, lead_times
from optimiser.rounds.decisions import Verdict, decide
from optimiser.rounds.overview import Round, latest_round
from optimiser.rounds.proposals import read_grid_kr
from optimiser.rounds.requests import request_round
from optimiser.rounds.studies import depot_plans, round_studies
from optimiser.rounds.summary import summarise, summary_json
from optimiser.workers import Workers
from tests.factories.actors import SOMEBODY
from tests.factories.ledger_year import LedgerYear, accepted_year, simulated_year
from tests.factories.moments import today
from tests.factories.page_text import words
from tests.factories.rounds import answer_round
from tests.factories.serving import Client, client_of
from tests.factories.two_departments import FLEET
from trips.use.fleet_use import data_period

PAGE = "/proposals/transition"


@dataclass(frozen=True)
class Site:
    client: Client
    pool: Pool

    async def text(self, path: str) -> str:
        status, html = await self.client.get(path)
        assert status == 200, path
        return words(html).replace("\u00a0", " ")

    async def told(self, path: str = "/v1/transition") -> dict[str, Any]:
        async with self.client.session.get(f"{self.client.server.url}{path}") as answer:
            assert answer.status == 200, path
            return await answer.json()

    async def sheets(self, path: str = f"{PAGE}.xlsx") -> dict[str, list[list[Any]]]:
        async with self.client.session.get(f"{self.client.server.url}{path}") as answer:
            assert answer.status == 200, path
            book = CalamineWorkbook.from_filelike(io.BytesIO(await answer.read()))
        return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.fixture
async def site(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Site]:
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield Site(client, pool)


async def a_round(
    pool: Pool, settings: Settings, workers: Workers, offered: CatalogueKind | None = None
) -> Round:
    """A round over two departments, with contracts of several sorts, and with a kind on offer."""
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
    if offered is not None:
        await put_kind(pool, SOMEBODY, replace(offered, offered=True))
        # What stands there is so dear that the kind on offer takes its place.
        await pool.execute("UPDATE vehicle_kind SET fixed_kr_year = 200000 WHERE kind = 'car'")
    soon = next_month(local_now().date() + timedelta(days=200)) - timedelta(days=1)
    for vehicle, column, value in (
        ("own-idle", "contract_end", soon),
        ("own-idle", "cost_kr_year", 40_000.0),
        ("strange-idle", "contract_end", local_now().date() - timedelta(days=40)),
        ("own", "sale_value_kr", 60_000.0),
    ):
        await pool.execute(
            f"UPDATE vehicle SET {column} = $1 WHERE vehicle_id = $2", value, vehicle
        )
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    round_id = await request_round(pool, SOMEBODY, period)
    asked = settings.model_copy(update={"workshop_ready": False})
    await answer_round(pool, round_id, asked, workers)
    found = await latest_round(pool)
    assert found is not None
    return found


async def with_summary(pool: Pool) -> None:
    """Give the round of a simulated year the summary that pages of rounds read."""
    await pool.execute("UPDATE round SET summary = $1", summary_json(summarise([])))


async def contracts(site: Site) -> dict[str, dict[str, Any]]:
    """What the interface says of each vehicle, by its id."""
    items = (await site.told("/v1/transition/contracts"))["items"]
    return {one["vehicle_id"]: one for one in items}


def ore(kr: float) -> int:
    return round(100 * kr)


def kr(amount: float) -> str:
    return Formats(Language.DANISH).kr(amount).replace("\u00a0", " ")


async def test_page_interface_excel_and_report_tell_the_years_of_the_round(
    site: Site, settings: Settings, workers: Workers
) -> None:
    found = await a_round(site.pool, settings, workers)
    budget = found.budget
    told = await site.told()
    assert told["round_id"] == found.round_id
    assert ore(told["paid_kr_year"]) == ore(budget.paid_kr_year)
    names = ("running_kr", "sale_kr", "exit_kr", "price_kr", "charge_points_kr")
    expected = [
        [year.year, *(ore(getattr(year, name)) for name in names), ore(year.total_kr)]
        for year in budget.years
    ]
    assert len(expected) == BUDGET_YEARS
    assert [
        [year["year"], *(ore(year[name]) for name in names), ore(year["planned_kr"])]
        for year in told["years"]
    ] == expected
    assert [ore(year["proposed_kr"]) for year in told["years"]] == [row[-1] for row in expected]
    # In the last year all is in place: the years then save what the round says a budget saves.
    assert expected[-1][1] == ore(budget.paid_kr_year)
    assert ore(
        budget.paid_kr_year + sum(one.budget.terms.unpaid_kr_year for one in found.own_changes)
    ) == ore(found.saving_kr_year)
    # The depots add up to the whole.
    for at, year in enumerate(told["years"]):
        depots = sum(depot["years"][at]["planned_kr"] for depot in told["depots"])
        assert ore(depots) == pytest.approx(ore(year["planned_kr"]), abs=1)
    for path in (f"{PAGE}.xlsx", "/proposals/report.xlsx"):
        rows = (await site.sheets(path))["År for år"][1:]
        assert [[int(row[0]), *(ore(value) for value in row[1:7])] for row in rows] == expected, (
            path
        )
    for path in (f"{PAGE}.xlsx", "/proposals/report.xlsx"):
        notes = " ".join(str(row[0]) for row in (await site.sheets(path))["Om tallene"])
        assert "Ikke med i dem: " in notes, path
    assert "Ikke med i dem: " in await site.text(PAGE)
    for path in (PAGE, "/proposals/report"):
        text = await site.text(path)
        for year in budget.years:
            assert kr(year.total_kr) in text, path
    assert "Årene har de samme tal som rundens budget, øre for øre." in await site.text(PAGE)


async def test_power_charge_points_and_the_grid_come_on_with_the_vehicles(
    site: Site, settings: Settings, workers: Workers
) -> None:
    offered = next(
        one
        for one in starter_catalogue()
        if one.energy is Energy.ELECTRIC
        and isinstance(one.figures, Specification)
        and one.figures.price_kr
        and one.figures.charge_points
    )
    found = await a_round(site.pool, settings, workers, offered)
    assert any(one.decision.charge_points for one in found.own_changes)
    told = await site.told()
    studies = await round_studies(site.pool, found.round_id)
    plans = {plan.depot_id: plan for plan in await depot_plans(site.pool, found.round_id)}
    assert told["depots"]
    for depot in told["depots"]:
        years = depot["years"]
        need = plans[depot["depot_id"]].charge_points
        built = 0 if need is None else need.to_build
        assert sum(year["charge_points"] for year in years) == built
        paid = -sum(year["charge_points_kr"] for year in years)
        assert ore(paid) == (0 if need is None else ore(need.kr))
        charging = studies.charging[depot["depot_id"]]
        more = max(0.0, charging.proposed.unmanaged_kw - charging.today.unmanaged_kw)
        assert sum(year["grid_kw"] for year in years) == pytest.approx(more)
        # The product's figure: 2,050 kr. a kW.
        assert ore(sum(year["grid_kr"] for year in years)) == ore(more * 2_050)
    assert sum(year["grid_kr"] for year in told["years"]) > 0
    assert sum(year["price_kr"] for year in told["years"]) < 0
    text = await site.text(PAGE)
    for year in told["years"]:
        bought = -year["price_kr"] - year["charge_points_kr"]
        assert kr(bought + year["grid_kr"]) in text
    rows = (await site.sheets())["År for år"][1:]
    assert [ore(row[13]) for row in rows] == [ore(year["grid_kr"]) for year in told["years"]]
    # Each proposal tells its share, which is in none of its other amounts.
    grid = await read_grid_kr(site.pool, found.proposals, studies)
    shares = [grid[one.decision.key] or 0.0 for one in found.own_changes]
    assert ore(sum(shares)) == ore(sum(year["grid_kr"] for year in told["years"]))
    for one, share in zip(found.own_changes, shares, strict=True):
        page = await site.text(f"/proposals/{one.proposal_id}")
        assert (f"nettilslutningen omtrent {kr(share)}" in page) is (share >= 0.5)
    head, *rows = (await site.sheets("/proposals/report.xlsx"))["Forslag"]
    column = next(at for at, name in enumerate(head) if "Nettilslutning" in str(name))
    assert sorted(ore(row[column]) for row in rows) == sorted(ore(share) for share in shares)


async def test_every_vehicle_stands_with_its_contract_and_what_is_missing(
    site: Site, settings: Settings, workers: Workers
) -> None:
    found = await a_round(site.pool, settings, workers)
    items = await contracts(site)
    vehicles = await site.pool.fetch("SELECT vehicle_id, contract_end FROM vehicle")
    assert items.keys() >= {row["vehicle_id"] for row in vehicles}
    holdings = {
        "own-idle": "leased",
        "strange-both": "leased",
        "strange-idle": "ended",
        "own": "owned",
        "own-both": "unknown",
    }
    assert {key: items[key]["holding"] for key in holdings} == holdings
    ends = date.fromisoformat(items["own-idle"]["contract_end"])
    assert items["own-idle"]["notice_by"] == notice_day(ends, 3).isoformat()
    assert items["strange-idle"]["notice_by"] is None
    leaving = next(one for one in found.proposals if one.decision.vehicle_id == "own-idle")
    assert items["own-idle"]["holds_from"] == leaving.budget.departure.day.isoformat()
    text = await site.text(PAGE)
    assert "Registrér, hvornår aftalen slutter, eller hvad et salg indbringer" in text
    assert "Spørg, om aftalen løber videre" in text
    _, html = await site.client.get(f"{PAGE}?show=unknown")
    assert "/vehicles/own-both/register" in html
    assert "/vehicles/own-idle/register" not in html
    assert "Egen ledig" not in await site.text(f"{PAGE}?depot=away")
    assert "et depot, der ikke er på listen" in await site.text(f"{PAGE}?depot=nowhere")
    rows = (await site.sheets())["Aftaler og ændringer"][1:]
    listed = {row[0]: row for row in rows}
    assert listed["Egen ledig"][4] == ends
    assert listed["Egen ledig"][5] == notice_day(ends, 3)
    assert listed["Egen fælles"][3] == "Ukendt"


async def test_what_is_rejected_leaves_the_years_and_the_page_says_so(
    site: Site, settings: Settings, workers: Workers
) -> None:
    found = await a_round(site.pool, settings, workers)
    gone = next(one for one in found.own_changes if one.decision.vehicle_id == "own-idle")
    kept = next(one for one in found.own_changes if one.decision.vehicle_id == "strange-idle")
    await decide(site.pool, SOMEBODY, gone.proposal_id, Verdict.REJECTED, "Bruges i ferien")
    await decide(site.pool, SOMEBODY, kept.proposal_id, Verdict.ACCEPTED, "")
    await follow_verdicts(site.pool, lead_times(settings))
    told = await site.told()
    budget, rejected = found.budget, gone.budget
    for at, year in enumerate(told["years"]):
        assert ore(year["proposed_kr"]) == ore(budget.years[at].total_kr)
        assert ore(year["rejected_kr"]) == ore(rejected.years[at].total_kr)
        left = budget.years[at].total_kr - rejected.years[at].total_kr
        assert ore(year["planned_kr"]) == pytest.approx(ore(left), abs=1)
    paid = budget.paid_kr_year - rejected.terms.paid_kr_year
    assert ore(told["planned_kr_year"]) == ore(paid)
    text = await site.text(PAGE)
    assert "Hvorfor årene ikke er dem, som runden foreslog" in text
    assert "sker ikke" in text
    by_id = await contracts(site)
    assert by_id["own-idle"]["holds_from"] is None
    assert by_id["own-idle"]["verdict"] == "rejected"
    first = await site.pool.fetchval("SELECT takes_hold FROM undertaking")
    assert by_id["strange-idle"]["holds_from"] == first.isoformat()
    # The register gets a contract of it: its tasks wait for that, and so do its years.
    later = first.replace(year=first.year + 1)
    await site.pool.execute(
        "UPDATE vehicle SET contract_end = $1 WHERE vehicle_id = 'strange-idle'",
        later - timedelta(days=1),
    )
    await follow_verdicts(site.pool, lead_times(settings))
    assert (await contracts(site))["strange-idle"]["holds_from"] == later.isoformat()
    moved = (await site.told())["years"]
    saved = sum(year["planned_kr"] for year in told["years"])
    assert ore(sum(year["planned_kr"] for year in moved)) == pytest.approx(
        ore(saved - kept.budget.terms.paid_kr_year), abs=5
    )


async def test_what_was_carried_out_saves_from_then_and_what_is_late_from_next_month(
    site: Site,
) -> None:
    year: LedgerYear = await simulated_year(site.pool)
    await with_summary(site.pool)
    soonest = next_month(local_now().date())
    items = await contracts(site)
    expected = {
        "v1": year.month(0),
        "v2": year.month(4),
        "v3": year.month(6),
        "v4": soonest,
        "v5": year.month(2),
    }
    assert {key: date.fromisoformat(items[key]["holds_from"]) for key in expected} == expected
    assert items["v1"]["left_on"] == year.month(0).isoformat()
    assert items["v6"]["holding"] == "unknown"
    told = await site.told()
    # Each saves its DKK a year from its month on, month by month.
    kr_year = {"v1": 36_000, "v2": 24_000, "v3": 12_000, "v4": 48_000, "v5": 60_000}
    for one in told["years"]:
        ends = date(one["year"] + 1, 1, 1)
        saved = sum(
            kr_year[key] / 12 * min(12, max(0, _months(first, ends)))
            for key, first in expected.items()
        )
        assert ore(one["planned_kr"]) == pytest.approx(ore(saved), abs=1)
    text = await site.text(f"{PAGE}?show=changing")
    assert "udført, sparer fra" in text
    assert "forlod flåden" in text


async def test_a_depot_at_which_nothing_stands_any_more_is_told(site: Site) -> None:
    await accepted_year(site.pool)
    await with_summary(site.pool)
    assert "længere. Er det lukket" not in await site.text(PAGE)
    await site.pool.execute("UPDATE vehicle SET retired_at = $1 WHERE depot_id = 'syd'", today(-1))
    assert "Der står ingen køretøjer ved Sydgården længere." in await site.text(PAGE)
    told = await site.told()
    assert {one["depot_id"]: one["empty"] for one in told["depots"]} == {
        "nord": False,
        "syd": True,
    }


async def test_contracts_stand_without_a_round(site: Site) -> None:
    assert "Der er ingen køretøjer endnu." in await site.text(PAGE)
    async with site.pool.acquire() as connection:
        await connection.execute(FLEET)
    text = await site.text(PAGE)
    assert "Der er ingen runde med forslag endnu." in text
    assert re.search(r"Af 6 køretøjer har 1 en aftale", text)
    assert (await site.told())["round_id"] is None


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


async def test_the_report_tells_each_change_at_once(
    site: Site, settings: Settings, workers: Workers
) -> None:
    found = await a_round(site.pool, settings, workers)
    gone = next(
        one
        for whole in found.proposals
        for one in whole.singles
        if one.decision.vehicle_id == "own-idle"
    )
    row = 'class="name" href="/vehicles/own-idle"'

    async def told() -> str:
        seen = [(await site.client.get("/proposals/report"))[1] for _ in range(2)]
        # What is kept of it is what it was drawn as.
        assert [len(one) for one in seen] == [len(seen[0])] * 2
        return words(seen[1]).replace("\u00a0", " ") + seen[1]

    formats = Formats(Language.DANISH)
    assert row in await told()
    later = local_now().date() + timedelta(days=1_111)
    said = f"til {formats.day(later)}".replace("\u00a0", " ")
    assert said not in await told()
    await site.pool.execute(
        "UPDATE vehicle SET contract_end = $1 WHERE vehicle_id = 'own-idle'", later
    )
    assert said in await told()
    await site.pool.execute("UPDATE vehicle SET name = 'Bil X' WHERE vehicle_id = 'own-idle'")
    assert f"{row}>Bil X<" in await told()
    noted = Figure(
        key=FigureKey.NOTICE_MONTHS,
        valid_from=local_now().year,
        value=7.0,
        source="Rammeaftalen",
        note="",
    )
    assert "Rammeaftalen" not in await told()
    await put_assumption(site.pool, SOMEBODY, noted)
    assert "Rammeaftalen" in await told()
    await decide(site.pool, SOMEBODY, gone.proposal_id, Verdict.REJECTED, "Den bruges.")
    assert row not in await told()
    await decide(site.pool, SOMEBODY, gone.proposal_id, Verdict.REOPENED, "Alligevel.")
    assert row in await told()
