"""The head of a department sees their own vehicles on every page, and nothing of another; a reader
sees figures, and nothing of a single trip."""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import unescape

import aiohttp
import pytest
from msgspec.structs import replace

from access.roles import ROLE_PERMISSIONS, Role
from api.door.needs import NEEDS, Welcome
from api.pages.words.formats import Formats
from api.pages.words.language import Language
from api.settings import Settings
from costs.assumptions import FigureKey
from db.connect import Pool
from db.scope.seen import seen_by
from fleet.actor import Actor
from fleet.localtime import local_now
from ingest.store.writer import PositionWriter
from optimiser.ledger.undertakings import follow_verdicts, lead_times
from optimiser.pilot_end.goals import GoalText, Metric, state_goal
from optimiser.rounds.decisions import NoProposalError, SharedProposalError, Verdict, decide
from optimiser.rounds.overview import Round, latest_round
from optimiser.rounds.proposals import read_proposals
from optimiser.rounds.requests import request_round
from optimiser.what_if.changes import ChangedFigure, Changes
from optimiser.what_if.jobs import solve_what_if
from optimiser.what_if.requests import WhatIfRequest, ask, share
from optimiser.workers import Workers
from tests.factories.access import Visitor, visitor
from tests.factories.driving import day_of_driving
from tests.factories.moments import today
from tests.factories.page_text import words
from tests.factories.rounds import answer_round
from tests.factories.two_departments import FLEET
from tests.factories.whole import served, whole_app
from tracker.contacts import ContactDetails, add_contact
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.follow_up.rounds import open_follow_up
from tracker.quarter import Quarter
from tracker.shipped import load_programme
from trips.use.fleet_use import data_period

#: What stands in names of the other department only, and in what its head says.
STRANGE = "fremmed"

DANISH = Formats(Language.DANISH)

THREE_DAYS = timedelta(days=3)

#: What a head may do.
MAY = ROLE_PERMISSIONS[Role.DEPARTMENT_HEAD]

OWN = frozenset({"Egen"})


#: A request for a vehicle of a department ($1) at a depot ($2), and a purchase.
BUYING = """
WITH asked AS (INSERT INTO vehicle_request
                   (department, depot_id, energy, wanted_from, days_week, reason, asked_by)
               VALUES ($1, $2, 'electric', '2030-01-01', 5, $1 || ' rute', $1 || ' leder'))
INSERT INTO purchase (bought_on, kind, energy, department, price_kr, principle, reason, recorded_by)
VALUES ('2026-11-01', 'car', 'petrol', $1, 1, 'green', $1 || ' bil', $1 || ' leder')
"""


@dataclass(frozen=True)
class Site:
    """A server with all addresses, and a round on that fleet, on which people decided."""

    url: str
    pool: Pool
    needs: Mapping[tuple[str, str], object]
    head: Visitor
    reader: Visitor

    async def get(self, who: Visitor, path: str) -> tuple[int, str]:
        # A session and no token: it reads under /v1/, too.
        async with (
            aiohttp.ClientSession(headers={"Cookie": who.cookie}) as session,
            session.get(self.url + path, allow_redirects=False) as answer,
        ):
            return answer.status, await answer.text(errors="replace")


@pytest.fixture
async def site(pool: Pool, settings: Settings, workers: Workers) -> AsyncGenerator[Site]:
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
    fleet_unit = Actor.trusted("Flådeenheden")
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    round_id = await request_round(pool, fleet_unit, period)
    # Idle vehicles go, although they would serve while others are in the workshop.
    asked = settings.model_copy(update={"workshop_ready": False})
    await answer_round(pool, round_id, asked, workers)
    other_head = Actor("Fremmed leder", MAY, frozenset({"Fremmed"}))
    for one in await read_proposals(pool, round_id):
        if one.decision.vehicle_id in ("strange", "strange-idle", "strange-both"):
            await decide(pool, other_head, one.proposal_id, Verdict.ACCEPTED, "Fremmed bemærkning")
    await follow_verdicts(pool, lead_times(settings))
    for department, depot in (("Egen", "home"), ("Fremmed", "away")):
        await pool.execute(BUYING, department, depot)
    goal = GoalText(metric=Metric.USE, target=0.5, by=date(2030, 1, 1), source="Budget")
    await state_goal(pool, fleet_unit, goal)
    await _what_ifs(pool, fleet_unit, round_id, asked, workers)
    # Vehicles that wait for a tracker are in the roll-out plan.
    await pool.execute(
        "INSERT INTO vehicle (vehicle_id, name, kind, department, depot_id) VALUES"
        " ('own-waits', 'Egen venter', 'car', 'Egen', 'home'),"
        " ('strange-waits', 'Fremmed venter', 'car', 'Fremmed', 'away')"
    )
    await load_programme(pool, read_programme(FLEET_PROGRAMME))
    await add_contact(pool, fleet_unit, ContactDetails(name="Vejteamet"))
    plan_id = await pool.fetchval("SELECT min(plan_id) FROM plan")
    await open_follow_up(pool, fleet_unit, plan_id, Quarter(2026, 4), None, settings)
    app = whole_app(pool, settings)[0]
    head = await visitor(pool, Role.DEPARTMENT_HEAD, "Hanne", OWN)
    async with served(app) as url:
        yield Site(url, pool, app[NEEDS], head, await visitor(pool, Role.READER, "Læser"))


async def _what_ifs(
    pool: Pool, fleet_unit: Actor, round_id: int, settings: Settings, workers: Workers
) -> None:
    """What-ifs that the fleet unit shares: of the depot of both departments with that of the other
    one, and of the latter alone; and one that it keeps to itself."""
    figures = (ChangedFigure(key=FigureKey.PETROL_KR_L, value=31.0),)
    for depots, stay, name in (
        (("both", "away"), ("own-both", "strange-both"), "Begge bliver"),
        (("away",), (), "Fremmed pris"),
        (("home",), (), "Ikke fremmed, men ikke delt"),
    ):
        changes = Changes(stay=stay, figures=figures)
        request = WhatIfRequest(round_id=round_id, name=name, depots=depots, changes=changes)
        what_if_id = await ask(pool, fleet_unit, request)
        await solve_what_if(pool, what_if_id, settings, workers)
        if depots != ("home",):
            await share(pool, fleet_unit, what_if_id)


async def addresses(site: Site) -> list[str]:
    """Every address that a head may read, with the ids of all that there is."""
    values: dict[str, list[str]] = {
        "vehicle_id": ["own", "own-both", "strange", "strange-both"],
        "vehicle": ["own", "strange"],
        "depot": ["home", "both", "away"],
        "zone": await found(site.pool, "SELECT zone_id FROM zone"),
        "proposal_id": await found(site.pool, "SELECT proposal_id::text FROM proposal"),
        "round_id": await found(site.pool, "SELECT round_id::text FROM round"),
        "goal_id": await found(site.pool, "SELECT goal_id::text FROM pilot_goal_change"),
        "task_id": await found(site.pool, "SELECT task_id::text FROM task"),
        "request_id": ["1", "2"],
        "purchase_id": ["1", "2"],
        "principle": ["green"],
        "report_id": ["1"],
        "what_if_id": await found(site.pool, "SELECT what_if_id::text FROM what_if"),
        "other_id": ["1"],
        "milestone_id": await found(site.pool, "SELECT milestone_id FROM milestone LIMIT 1"),
        "indicator_id": await found(site.pool, "SELECT indicator_id::text FROM indicator LIMIT 1"),
        "plan_id": await found(site.pool, "SELECT plan_id::text FROM plan LIMIT 1"),
        "contact_id": await found(site.pool, "SELECT contact_id::text FROM plan_contact LIMIT 1"),
        "follow_up_id": ["1"],
        "meeting_id": await found(site.pool, "SELECT meeting_id::text FROM plan_meeting LIMIT 1"),
        "milestone": await found(site.pool, "SELECT milestone_id FROM milestone LIMIT 1"),
        "form": ["csv"],
        "what": ["trips", "round-trips"],
        "key": [next(iter(FigureKey)).value],
        "kind": ["car"],
        "language": ["da"],
        "day": ["2026-12-24"],
    }
    paths = [
        path
        for (method, path), need in site.needs.items()
        if method == "GET" and need in {*MAY, *Welcome} and not path.startswith("/static/")
    ]
    made: list[str] = []
    for path in paths:
        one = [path]
        for name in re.findall(r"\{(\w+)\}", path):
            one = [text.replace(f"{{{name}}}", value) for text in one for value in values[name]]
        made += one
    return [
        *made,
        *(
            f"/export/{what}?vehicle={one}&format=csv"
            for what in values["what"]
            for one in values["vehicle"]
        ),
        "/export/trips?format=csv",
    ]


async def found(pool: Pool, asked: str) -> list[str]:
    return [row[0] for row in await pool.fetch(asked)]


async def test_no_page_tells_a_head_of_another_department(site: Site) -> None:
    seen: dict[str, int] = {}
    for address in await addresses(site):
        seen[address], text = await site.get(site.head, address)
        assert STRANGE not in unescape(text).lower(), address
    broken = {address: status for address, status in seen.items() if status >= 500}
    assert broken == {}
    for address, status in seen.items():
        if address.startswith("/vehicles/") and address != "/vehicles/found.json":
            assert (status == 200) is ("/own" in address), address
    assert "Egen bil" in (await site.get(site.head, "/vehicles"))[1]
    assert "Egen bil" in (await site.get(site.head, "/use"))[1]
    # What is shared and concerns the department is seen, without the other one's vehicles.
    what_ifs = (await site.get(site.head, "/what-ifs"))[1]
    assert "Begge bliver" in what_ifs
    opened = [address for address in seen if re.fullmatch(r"/what-ifs/\d+", address)]
    assert sorted(seen[address] for address in opened) == [200, 404, 404]
    told = (await site.get(site.head, "/v1/what-ifs"))[1]
    assert '"away"' not in told
    # What is looked for is there: who sees all departments is told of it.
    for path in ("/vehicles", "/use", "/proposals", "/zones", "/ledger"):
        assert STRANGE in (await site.get(site.reader, path))[1].lower()


def kr(amount: float) -> str:
    return Formats(Language.DANISH).kr(amount).replace("\u00a0", " ")


async def as_head(pool: Pool) -> Round:
    with seen_by(OWN):
        one = await latest_round(pool)
    assert one is not None
    return one


async def test_the_totals_of_a_round_are_those_of_the_own_department(site: Site) -> None:
    whole = await latest_round(site.pool)
    head = await as_head(site.pool)
    assert whole is not None
    assert whole.summary is not None
    assert head.summary is not None
    # The depot alone: two cars there, of which one may go.
    assert head.narrowed is not None
    assert (list(head.narrowed.alone), list(head.narrowed.shared)) == (["Gården"], ["Fælles plads"])
    assert (head.summary.baseline.vehicles, head.summary.proposed.vehicles) == (2, 1)
    assert whole.summary.baseline.vehicles == 6
    row = await site.pool.fetch(
        "SELECT content FROM proposal WHERE content ->> 'action' <> 'keep'"
        " AND content ->> 'vehicle_id' LIKE 'own%' AND content ->> 'bundle' IS NULL"
    )
    # What another department shares is not theirs to decide, nor a vehicle that leaves as it does.
    assert len([one for one in head.proposals if one.is_change and one.open]) > len(row)
    assert head.undecided == len(row)
    assert whole.undecided == len([one for one in whole.proposals if one.is_change and one.open])
    saving = sum(one["content"]["saving_kr_year"] for one in row)
    assert saving > 0
    assert head.saving_kr_year == pytest.approx(saving)
    assert head.saving_kr_year < whole.saving_kr_year
    for path in ("/", "/proposals", "/proposals/report"):
        shown = words((await site.get(site.head, path))[1])
        assert f"{kr(saving)} om året" in shown, path
        assert kr(whole.saving_kr_year) not in shown, path
        assert "vises for flådeenheden" in shown, path
    for path in ("/proposals", "/proposals/report", "/proposals/curve", "/proposals/rounds"):
        shown = words((await site.get(site.head, path))[1])
        for amount in (
            whole.summary.baseline.cost_kr_year,
            whole.summary.proposed.cost_kr_year,
            whole.summary.lower_bound_kr_year,
        ):
            assert kr(amount) not in shown, path
    seen_by_reader = words((await site.get(site.reader, "/proposals"))[1])
    assert kr(whole.saving_kr_year) in seen_by_reader


async def test_a_proposal_that_departments_share_names_the_own_one_and_is_in_no_sum(
    site: Site,
) -> None:
    query = "SELECT proposal_id FROM proposal WHERE content ->> 'action' = 'pool'"
    pool_id = await site.pool.fetchval(query)
    status, text = await site.get(site.head, f"/proposals/{pool_id}")
    assert status == 200
    shown = words(text)
    assert "Egen og 1 afdeling mere" in shown
    assert "Forslaget er fælles med andre afdelinger" in shown
    everything = words((await site.get(site.reader, f"/proposals/{pool_id}"))[1])
    assert "Egen, Fremmed" in everything
    assert "1 forslag er fælles med andre afdelinger" in words(
        (await site.get(site.head, "/proposals"))[1]
    )


async def test_the_report_of_a_head_says_which_rows_its_total_leaves_out(site: Site) -> None:
    contents = [
        row["content"]
        for row in await site.pool.fetch(
            "SELECT content FROM proposal WHERE content ->> 'action' <> 'keep'"
            " AND (content ->> 'vehicle_id' LIKE 'own%' OR content ->> 'action' = 'pool')"
        )
    ]
    text = (await site.get(site.head, "/proposals/report"))[1]
    table = text.partition("<h2>Forslag</h2>")[2].partition("</table>")[0]
    rows = [words(row) for row in table.split('<tr role="row">')[2:]]
    *listed, shared, total = rows
    # A vehicle leaves as departments share the other one: that is one row.
    own = [one["saving_kr_year"] for one in contents if one["bundle"] is None]
    pooled = [one["saving_kr_year"] for one in contents if one["bundle"] is not None]
    assert (len(listed), len(pooled)) == (len(own) + 1, 2)
    assert "Heraf er 1 forslag fælles med andre afdelinger og ikke med i summen" in shared
    assert kr(sum(pooled)) in shared
    assert "I alt for dine afdelingers egne forslag" in total
    assert kr(sum(own)) in total
    everything = words((await site.get(site.reader, "/proposals/report"))[1])
    assert "Heraf er" not in everything


async def test_a_head_asks_about_a_shared_proposal_and_decides_on_own_ones_only(
    site: Site,
) -> None:
    pool_id, own_id = [
        await site.pool.fetchval(f"SELECT proposal_id FROM proposal WHERE {which}")
        for which in (
            "content ->> 'action' = 'pool'",
            "content ->> 'vehicle_id' = 'own-idle' AND content ->> 'action' = 'dispose'",
        )
    ]
    page = (await site.get(site.head, f"/proposals/{pool_id}"))[1]
    assert 'value="accepted"' not in page
    assert 'value="rejected"' not in page
    assert words(page).count("Flådeenheden tager stilling til dette") == 1
    assert 'value="accepted"' in (await site.get(site.head, f"/proposals/{own_id}"))[1]
    unit = await visitor(site.pool, Role.FLEET_UNIT, "Enheden")
    assert 'value="accepted"' in (await site.get(unit, f"/proposals/{pool_id}"))[1]
    head = Actor("Hanne", MAY, OWN)
    in_force = "SELECT count(*) FROM decision WHERE proposal_id = $1"
    for verdict in set(Verdict) - {Verdict.QUESTION}:
        with pytest.raises(SharedProposalError):
            await decide(site.pool, head, pool_id, verdict, "because")
    async with site.head.client(headers={"Accept": "text/html"}) as client:
        asked = {"verdict": "accepted", "comment": "Det vil vi"}
        address = f"{site.url}/proposals/{pool_id}"
        async with client.post(address, data=asked) as answer:
            assert answer.status == 403
            text = await answer.text()
            assert "Flådeenheden tager stilling til dette" in words(text)
            assert "Det vil vi" in text
        async with client.post(address, data=asked | {"verdict": "question"}) as answer:
            assert answer.status == 200
        stale = asked | {"verdict": "question", "seen": "0"}
        async with client.post(address, data=stale) as answer:
            assert answer.status == 409
            assert "Nogen har besluttet noget om det, mens du så" in words(await answer.text())
            assert 'name="seen" value="1"' in await answer.text()
    assert await site.pool.fetchval(in_force, pool_id) == 1
    foreign = await site.pool.fetchval(
        "SELECT min(proposal_id) FROM proposal WHERE content ->> 'vehicle_id' NOT LIKE 'own%'"
    )
    with pytest.raises(NoProposalError):
        await decide(site.pool, head, foreign, Verdict.QUESTION, "because")
    await decide(site.pool, head, own_id, Verdict.ACCEPTED, "")


async def test_who_takes_over_the_trips_of_an_own_vehicle_is_named_where_it_is_own(
    site: Site,
) -> None:
    gone = await site.pool.fetchval(
        "SELECT proposal_id FROM proposal WHERE content ->> 'vehicle_id' = 'own-both'"
        " AND content ->> 'action' = 'dispose'"
    )
    for who, taker in ((site.head, "Andre afdelingers køretøjer"), (site.reader, "Fremmed fælles")):
        status, text = await site.get(who, f"/proposals/{gone}")
        assert status == 200
        assert f"{taker} 28 rundture" in words(text)


#: When the vehicles of the fleet left and came home, in UTC and as the pages write it.
TIMES = re.compile(r"T(08|09|10|11|12|13|14|15):00:00|kl\. (9|11|13|15)[.:]00")


async def test_no_page_tells_a_reader_when_a_single_vehicle_drove(site: Site) -> None:
    for address in await addresses(site):
        status, text = await site.get(site.reader, address)
        assert status < 500, address
        assert not TIMES.search(text), address
        assert "year-calendar" not in text, address
        # Days and moments lead to the trips of a day.
        assert "?day=" not in text, address
    alone = words((await site.get(site.reader, "/vehicles/own"))[1])
    assert "vises kun for roller, der må se enkelte ture" in alone
    assert "Sidst hørt" not in alone
    year = words((await site.get(site.reader, "/vehicles/own/year"))[1])
    assert "Måned for måned" in year
    # Somebody who may see trips is told of both.
    unit = await visitor(site.pool, Role.FLEET_UNIT, "Enheden")
    assert "year-calendar" in (await site.get(unit, "/vehicles/own/year"))[1]
    assert TIMES.search((await site.get(unit, "/use"))[1])


async def test_no_sums_that_a_reader_compares_tell_of_a_single_day(site: Site) -> None:
    """A day of its own, and two spans that differ by a day, are the same whole weeks."""
    today = local_now().date()
    monday = today - timedelta(days=14 + today.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    asked = [(day, day) for day in days] + [(days[0], days[5]), (days[1], days[6])]
    for path in ("/use", "/use?depot=home", "/"):
        join = "&" if "?" in path else "?"
        seen = {
            figures((await site.get(site.reader, f"{path}{join}from={first}&to={last}"))[1])
            for first, last in asked
        }
        assert len(seen) == 1, path
        # Of the week under way nothing is told yet.
        text = (await site.get(site.reader, f"{path}{join}from={monday}&to=2100-01-01"))[1]
        over = today - timedelta(days=today.weekday() + 1)
        assert f'name="to" value="{over}"' in text
    export = (await site.get(site.reader, f"/use/export/csv?from={days[2]}&to={days[2]}"))[1]
    head = export.splitlines()[0]
    assert "trips" in head
    assert "longest" not in head
    assert "last_ping" not in head
    used = {
        (await site.get(site.reader, f"/v1/use?from={first}&to={last}"))[1] for first, last in asked
    }
    assert len(used) == 1


async def test_the_months_of_a_reader_less_their_weeks_are_no_single_days(site: Site) -> None:
    """Calendar months less the weeks within them would be the days at their ends."""
    year = json.loads((await site.get(site.reader, "/v1/vehicles/own/year"))[1])
    page = words((await site.get(site.reader, "/vehicles/own/year"))[1])
    assert year["months"]
    for month in year["months"]:
        first, last = date.fromisoformat(month["first"]), date.fromisoformat(month["last"])
        assert (first.weekday(), last.weekday()) == (0, 6)
        assert last < today()
        thursdays = {(first + timedelta(days=3)).replace(day=1), (last - THREE_DAYS).replace(day=1)}
        assert thursdays == {date.fromisoformat(month["month"])}
        asked = f"/v1/use?from={first}&to={last}"
        items = json.loads((await site.get(site.reader, asked))[1])["items"]
        [used] = [one for one in items if one["vehicle_id"] == "own"]
        for measure in ("km", "trips", "away_h", "working_days_used"):
            assert month[measure] == used[measure], measure
        assert DANISH.days(first, last).replace("\u00a0", " ") in page
    for asked in ("2020-01-01", "2030-01-01", year["months"][-1]["first"]):
        path = f"/v1/vehicles/own/year?to={asked}"
        told = json.loads((await site.get(site.reader, path))[1])
        assert all(date.fromisoformat(one["first"]).weekday() == 0 for one in told["months"])


async def test_no_page_tells_a_reader_a_figure_of_one_day_of_a_vehicle(site: Site) -> None:
    unit = await visitor(site.pool, Role.FLEET_UNIT, "Enheden")
    for form in ("csv", "csv-da"):
        longest = ("longest", "Længste dag")
        seen = (await site.get(site.reader, f"/use/export/{form}"))[1]
        assert not any(word in seen for word in longest)
        told = (await site.get(unit, f"/use/export/{form}"))[1]
        assert any(word in told for word in longest)
    assert "Længste dag" in words((await site.get(unit, "/use"))[1])
    assert "Længste dag" not in words((await site.get(site.reader, "/use"))[1])
    # The range of the only green kind is shorter than the round trips of 12 km.
    await site.pool.execute(
        "INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, range_km,"
        " charge_km_h, offered, source)"
        " VALUES ('short', 'Elbil', 'electric', 1, 1, 0, 2, 1, true, 'x')"
    )
    own = words((await site.get(site.reader, "/vehicles/own/future"))[1])
    assert "En af dets rundture var længere end 2 km" in own
    assert "12 km" not in own
    assert "kørte det 12 km" in words((await site.get(unit, "/vehicles/own/future"))[1])


async def test_a_reader_who_asks_for_days_of_no_whole_week_is_told_which_weeks_there_are(
    site: Site,
) -> None:
    """A week that is not over, and one that began before the data, are not replaced by another."""
    data = await site.pool.fetchval("SELECT min(day) FROM device_day")
    monday = data + timedelta(days=-data.weekday() % 7)
    over = today() - timedelta(days=today().weekday() + 1)
    weeks = DANISH.days(monday, over).replace("\u00a0", " ")
    days = [today(), *([data] if data < monday else [])]
    for day in days:
        for path in ("/use", "/"):
            text = words((await site.get(site.reader, f"{path}?from={day}&to={day}"))[1])
            assert f"Din rolle ser hele, afsluttede uger: {weeks}." in text, path
            assert "Hverken chips" not in text
        status, told = await site.get(site.reader, f"/v1/use?from={day}&to={day}")
        assert status == 422
        assert f"those from {monday} to {over}" in told
        ends = f"before-from={day}&before-to={day}"
        page = words((await site.get(site.reader, f"/evaluation?{ends}"))[1])
        assert "Ingen af disse dage ligger i en hel, afsluttet uge med data." in page
        assert weeks in page
        assert (await site.get(site.reader, f"/v1/evaluation?{ends}"))[0] == 422
    # Days before all data have no figures of today either, and no zero that stands for them.
    told = json.loads((await site.get(site.reader, "/v1/use?to=1999-12-31"))[1])
    assert (told["from"], told["to"]) == (None, None)
    assert {one["trips"] for one in told["items"]} == {None}


async def test_a_reader_gets_hours_of_all_vehicles_only_so_that_no_difference_is_of_one(
    site: Site,
) -> None:
    """The hours of all, less those of the rest, would be those of a small group."""
    whole = (await site.get(site.reader, "/use"))[1]
    assert 'id="week-heading"' in whole
    # Five of the six vehicles are of this kind: enough of them, and the sixth is the difference.
    await site.pool.execute(
        "INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km, source)"
        " SELECT 'other', 'Anden bil', energy, fixed_kr_year, kr_km, co2_g_km, source"
        " FROM vehicle_kind"
    )
    await site.pool.execute("UPDATE vehicle SET kind = 'other' WHERE vehicle_id = 'own'")
    for choice in ("kind=car", "kind=other", "depot=home", "department=Egen"):
        text = (await site.get(site.reader, f"/use?{choice}"))[1]
        for hours in ("week-heading", "curve-heading", 'class="curve"', 'class="heat'):
            assert hours not in text, choice
        assert "vises kun for alle køretøjer under ét" in words(text), choice
    unit = await visitor(site.pool, Role.FLEET_UNIT, "Enheden")
    assert 'id="week-heading"' in (await site.get(unit, "/use?kind=other"))[1]
    await site.pool.execute("UPDATE vehicle SET retired_at = '2020-01-01' WHERE kind = 'car'")
    few = words((await site.get(site.reader, "/use"))[1])
    assert "Døgnets timer vises ikke for 1 kendt køretøj" in few
    assert "Travleste" not in few


async def test_nothing_that_a_reader_sees_changes_when_a_vehicle_sets_off(
    site: Site, writer: PositionWriter
) -> None:
    """A vehicle stands since yesterday, then should have sent under way, then sends again."""
    paths = ("/", "/use", "/vehicles", "/vehicles?sort=last_ping", "/vehicles/own")
    unit = await visitor(site.pool, Role.FLEET_UNIT, "Enheden")
    standing = (
        "UPDATE device_state SET last_ts = now() - interval '20 hours' WHERE device = 'own-d'"
    )
    await site.pool.execute(standing)
    seen = {path: {figures((await site.get(site.reader, path))[1])} for path in paths}
    told = [words((await site.get(unit, "/vehicles/own"))[1])]
    for hours, trips in ((3, 1), (0, 2)):
        underway = replace(day_of_driving("own-d", days=1)[0], speed_kmh=60.0, ignition=True)
        at = datetime.now(UTC) - timedelta(hours=hours)
        await writer.store([replace(underway, ts=at)], [])
        await site.pool.execute(
            "INSERT INTO device_day VALUES ('own-d', $2, 9, 7, $1, 5, 900, 900, 0)"
            " ON CONFLICT (device, day) DO UPDATE SET trips = excluded.trips",
            trips,
            today(),
        )
        for path in paths:
            seen[path].add(figures((await site.get(site.reader, path))[1]))
        told.append(words((await site.get(unit, "/vehicles/own"))[1]))
    assert {path: len(found) for path, found in seen.items()} == dict.fromkeys(paths, 1)
    for contact, text in zip(("Holder stille", "Forsinket", "I kontakt"), told, strict=True):
        assert contact in text
    hidden = words((await site.get(site.reader, "/"))[1])
    assert "begyndt i dag" not in hidden
    assert "modtaget i dag" not in hidden
    shown = words((await site.get(unit, "/"))[1])
    assert "Ture begyndt i dag" in shown
    assert "Positioner modtaget i dag" in shown
    # A tracker that is silent for long is told of.
    await site.pool.execute("UPDATE device_state SET last_ts = now() - interval '20 days'")
    assert "Tavs" in words((await site.get(site.reader, "/vehicles/own"))[1])


def figures(text: str) -> str:
    """The part of a page that the figures stand in, without what names the request."""
    return re.sub(r'form_token" value="[^"]*"|/language/[^"]*|\d\d[.:]\d\d', "", text)


async def test_the_transition_of_a_head_has_the_years_of_the_own_department(site: Site) -> None:
    head, whole = await as_head(site.pool), await latest_round(site.pool)
    assert whole is not None
    shown = words((await site.get(site.head, "/proposals/transition"))[1])
    for year in head.budget.years:
        assert kr(year.total_kr) in shown
    assert kr(whole.budget.paid_kr_year) not in shown
    assert "Af 4 køretøjer har 0 en aftale" in shown
    assert "Egen ledig" in shown
    everything = words((await site.get(site.reader, "/proposals/transition"))[1])
    assert "Af 8 køretøjer har 1 en aftale" in everything
    assert kr(whole.budget.paid_kr_year) in everything
