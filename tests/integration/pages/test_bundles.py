"""Decisions that rest on each other are one: in the list, in documents and interfaces, for verdicts
and tasks, in later versions and rounds."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from access.roles import Role
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor, Permission
from fleet.period import Period
from optimiser.ledger.stored import read_ledger
from optimiser.ledger.undertakings import follow_verdicts, lead_times
from optimiser.rounds.decisions import SharedProposalError, Verdict, decide
from optimiser.rounds.overview import latest_round
from optimiser.rounds.proposals import Proposal, proposed_changes, read_proposals
from optimiser.rounds.requests import request_round, request_version
from optimiser.workers import Workers
from register.vehicles import Scope
from tests.factories.access import visitor
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.factories.rounds import answer_round
from tests.factories.serving import Client, client_of
from tests.factories.two_departments import FLEET
from trips.use.fleet_use import data_period

#: At the depot for both departments one vehicle leaves, as they share the other one: to share them
#: saves nothing by itself.
BOTH = ["pool:both", "dispose:own-both"]


@dataclass(frozen=True)
class Site:
    client: Client
    pool: Pool
    settings: Settings
    workers: Workers
    period: Period

    async def round(self) -> int:
        round_id = await request_round(self.pool, SOMEBODY, self.period)
        await answer_round(self.pool, round_id, self.settings, self.workers, studied=False)
        return round_id

    async def version(self, round_id: int) -> int:
        found = await request_version(self.pool, SOMEBODY, round_id)
        await answer_round(self.pool, found, self.settings, self.workers, studied=False)
        return found

    async def changes(self, round_id: int) -> list[Proposal]:
        return [one for one in await read_proposals(self.pool, round_id) if one.is_change]

    async def joint(self, round_id: int) -> Proposal:
        [found] = [one for one in await self.changes(round_id) if one.parts]
        assert [str(one.decision.key) for one in found.parts] == BOTH
        return found

    async def in_force(self, number: int) -> dict[str, str | None]:
        rows = await self.pool.fetch(
            "SELECT key, verdict FROM decision_in_force WHERE number = $1", number
        )
        return {row["key"]: row["verdict"] for row in rows}

    async def get(self, path: str) -> bytes:
        async with self.client.session.get(f"{self.client.server.url}{path}") as answer:
            assert answer.status == 200, path
            return await answer.read()

    async def told(self, path: str) -> Any:
        async with self.client.session.get(f"{self.client.server.url}{path}") as answer:
            return await answer.json()

    async def post(self, path: str, **form: str) -> int:
        url = f"{self.client.server.url}{path}"
        async with self.client.session.post(url, data=form, allow_redirects=False) as answer:
            return answer.status


@pytest.fixture
async def site(
    pool: Pool, settings: Settings, database_url: str, workers: Workers
) -> AsyncGenerator[Site]:
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    asked = settings.model_copy(update={"workshop_ready": False})
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield Site(client, pool, asked, workers, period)


async def test_a_bundle_is_one_row_everywhere_and_the_sums_are_equal(site: Site) -> None:
    round_id = await site.round()
    joint = await site.joint(round_id)
    found = await latest_round(site.pool)
    assert found is not None
    rows = await site.changes(round_id)
    saving = joint.decision.saving_kr_year
    assert saving == pytest.approx(sum(one.decision.saving_kr_year for one in joint.parts))
    assert min(one.decision.saving_kr_year for one in joint.parts) < 5_000 <= saving
    assert sum(one.decision.saving_kr_year for one in rows) == pytest.approx(
        found.saving_kr_year, abs=0.005
    )
    assert sum(year.total_kr for year in found.budget.years) == pytest.approx(
        sum(year.total_kr for one in rows for year in one.budget.years), abs=0.005
    )
    assert found.undecided == len(rows)

    told = (await site.told("/v1/proposals"))["items"]
    assert [one["id"] for one in told] == [one.proposal_id for one in rows]
    assert sum(one["saving_kr_year"] for one in told) == pytest.approx(found.saving_kr_year)
    [of_joint] = [one for one in told if one["parts"]]
    assert of_joint["saving_kr_year"] == pytest.approx(saving)
    assert [one["vehicle_id"] for one in of_joint["parts"]] == [None, "own-both"]
    for part in joint.parts:
        assert (await site.told(f"/v1/proposals/{part.proposal_id}"))["id"] == joint.proposal_id

    book = CalamineWorkbook.from_filelike(BytesIO(await site.get("/proposals/report.xlsx")))
    sheet = book.get_sheet_by_name(book.sheet_names[1]).to_python()
    column = next(i for i, cell in enumerate(sheet[0]) if str(cell).startswith(("Saves", "Sparer")))
    cells = [float(str(row[column])) for row in sheet[1:]]
    assert cells == pytest.approx([one.decision.saving_kr_year for one in rows], abs=0.005)

    amount = f"{round(saving):,}".replace(",", ".") + " kr."
    title = "Del køretøjer: Egen, Fremmed, og afhænd Egen fælles"
    pages = ["/proposals", "/proposals/report"]
    for path in [*pages, *(f"/proposals/{one.proposal_id}" for one in joint.parts)]:
        text = words((await site.get(path)).decode()).replace("\u00a0", " ")
        assert title in text, path
        assert amount in text, path
    await site.get("/proposals/council")


@pytest.mark.parametrize("part", [0, 1])
async def test_a_verdict_on_a_part_is_on_the_whole_and_gives_each_its_tasks(
    site: Site, part: int
) -> None:
    joint = await site.joint(await site.round())
    path = f"/proposals/{joint.parts[part].proposal_id}"
    assert await site.post(path, verdict="accepted", comment="efter aftale", seen="0") == 303
    assert await site.in_force(1) == dict.fromkeys(BOTH, "accepted")
    ledger = await read_ledger(site.pool, None, site.period.last, 14)
    assert {str(row.proposal.decision.key) for row in ledger.rows} == set(BOTH)
    assert all(row.tasks for row in ledger.rows)
    saved = sum(row.proposal.decision.saving_kr_year for row in ledger.rows)
    assert saved == pytest.approx(joint.decision.saving_kr_year)
    # What was accepted is undertaken once, also where the whole is accepted again.
    before = {row.accepted_at for row in ledger.rows}
    assert await site.post(path, verdict="done", comment="", seen="1") == 303
    await follow_verdicts(site.pool, lead_times(site.settings))
    ledger = await read_ledger(site.pool, None, site.period.last, 14)
    assert {row.accepted_at for row in ledger.rows} == before
    assert all(row.is_closed for row in ledger.rows)


async def test_a_rejected_whole_is_in_no_later_version_and_stands_as_one(site: Site) -> None:
    round_id = await site.round()
    joint = await site.joint(round_id)
    await decide(site.pool, SOMEBODY, joint.proposal_id, Verdict.REJECTED, "Vi deler ikke")
    assert await site.in_force(1) == dict.fromkeys(BOTH, "rejected")
    version = await site.version(round_id)
    keys = {str(key) for one in await site.changes(version) for key in one.keys}
    assert keys.isdisjoint(BOTH)
    text = words((await site.get("/proposals")).decode())
    assert text.count("afhænd Egen fælles") >= 1
    assert all(one.decision.saving_kr_year >= 5_000 for one in await site.changes(version))
    found = await latest_round(site.pool)
    assert found is not None
    total = sum(one.decision.saving_kr_year for one in await site.changes(version))
    assert total == pytest.approx(found.saving_kr_year, abs=0.005)


async def test_a_verdict_of_an_earlier_round_holds_in_later_ones(site: Site) -> None:
    joint = await site.joint(await site.round())
    await decide(site.pool, SOMEBODY, joint.proposal_id, Verdict.ACCEPTED, "")
    later = await site.round()
    assert await site.in_force(2) == dict.fromkeys(BOTH, "accepted")
    again = [one for one in await site.changes(later) if not one.keys.isdisjoint(joint.keys)]
    assert {str(key) for one in again for key in one.keys} == set(BOTH)
    assert all((one.verdict, one.decided_in) == (Verdict.ACCEPTED, 1) for one in again)


async def test_several_take_a_whole_once(site: Site) -> None:
    joint = await site.joint(await site.round())
    chosen = [f"{one.proposal_id}-0" for one in joint.parts]
    url = f"{site.client.server.url}/proposals/decisions"
    form = [("verdict", "accepted"), ("comment", ""), *(("chosen", one) for one in chosen)]
    async with site.client.session.post(url, data=form, allow_redirects=False) as answer:
        assert answer.status == 303
    entries = await site.pool.fetch("SELECT key FROM decision ORDER BY key")
    assert sorted(row["key"] for row in entries) == sorted(BOTH)


async def test_who_sees_some_departments_decides_on_no_whole_of_others(site: Site) -> None:
    joint = await site.joint(await site.round())
    head = Actor(
        "Hanne",
        frozenset({Permission.FIGURES_READ, Permission.PROPOSALS_DECIDE}),
        departments=frozenset({"Egen"}),
    )
    for part in joint.parts:
        with pytest.raises(SharedProposalError):
            await decide(site.pool, head, part.proposal_id, Verdict.ACCEPTED, "")
    assert await site.in_force(1) == {}


async def test_follow_up_has_the_sum_of_the_parts(site: Site) -> None:
    joint = await site.joint(await site.round())
    path = f"/proposals/{joint.proposal_id}"
    assert await site.post(path, verdict="accepted", comment="", seen="0") == 303
    ledger = await read_ledger(site.pool, None, site.period.last, 14)
    paid = sum(row.progress.undertaken.terms.paid_kr_year for row in ledger.rows)
    amount = f"{round(paid):,}".replace(",", ".")
    text = words((await site.get("/ledger")).decode()).replace("\u00a0", " ")
    assert text.count(f"samlet forslag, hvor et budget sparer {amount} kr. om året") == 2


async def test_a_proposal_counts_once_everywhere_with_its_changes_beside_it(site: Site) -> None:
    round_id = await site.round()
    joint = await site.joint(round_id)
    changes = await site.changes(round_id)
    each = sum(len(one.singles) for one in changes)
    text = words((await site.get("/proposals")).decode())
    assert f"{len(changes)} forslag ({each} ændringer)" in text
    path = f"/proposals/{joint.proposal_id}"
    assert await site.post(path, verdict="accepted", comment="", seen="0") == 303
    text = words((await site.get("/proposals")).decode())
    assert f"Godkendte forslag 1 af {len(changes)}" in text
    text = words((await site.get("/ledger")).decode())
    assert "0 af 2 ændringer i 1 forslag er udført." in text
    text = words((await site.get("/proposals/council")).decode())
    assert "1 2 ændringer" in text
    assert "At se til, at det ene godkendte forslag bliver gennemført" in text
    assert "Det er 2 ændringer." in text
    told = await site.told("/v1/ledger")
    assert (told["accepted"], told["proposals"], told["bridge"]["in_round"]) == (2, 1, 1)
    told = await site.told("/v1/evaluation")
    assert (told["decisions"]["proposals"], told["decisions"]["proposed"]) == (len(changes), each)
    # When its day is past, it is late, and the two pages that warn say the same.
    await site.pool.execute("UPDATE task SET due = '2020-01-01'")
    text = words((await site.get("/ledger")).decode())
    assert "1 forslag er forsinket. Det er 2 ændringer." in text
    text = words((await site.get("/")).decode())
    assert "1 godkendt forslag er ikke udført til tiden. Det er 2 ændringer." in text


async def test_a_part_is_held_against_what_it_saved_in_its_whole(site: Site) -> None:
    joint = await site.joint(await site.round())
    later = await site.round()
    # The next round has the parts each by itself.
    await site.pool.execute(
        "UPDATE proposal SET content = content - 'bundle' WHERE round_id = $1", later
    )
    told = {one["id"]: one for one in (await site.told("/v1/proposals"))["items"]}
    parts = {str(one.decision.key): one for one in joint.parts}
    rows = await site.pool.fetch(
        "SELECT proposal_id, key FROM proposal WHERE round_id = $1 AND key = ANY ($2)",
        later,
        list(parts),
    )
    assert len(rows) == 2
    for row in rows:
        saved = told[row["proposal_id"]]["saving_before_kr_year"]
        assert saved == pytest.approx(parts[row["key"]].decision.saving_kr_year)


async def test_an_earlier_saving_is_one_figure_for_the_fleet_unit_and_the_heads(site: Site) -> None:
    """The head of each department sees another part of what is decided together."""
    first = await site.round()
    await site.joint(first)
    await site.pool.execute(
        "UPDATE proposal SET content = jsonb_set(content, '{saving_kr_year}',"
        " to_jsonb((content ->> 'saving_kr_year')::float - 9000))"
        " WHERE round_id = $1 AND key = $2",
        first,
        BOTH[1],
    )
    joint = await site.joint(await site.round())
    now = [one.decision.saving_kr_year for one in joint.parts]
    then = [now[0], now[1] - 9_000]
    # Programs are of no department: a head asks with the session.
    own, other = [
        replace(await visitor(site.pool, Role.DEPARTMENT_HEAD, name, [name]), program=None)
        for name in ("Egen", "Fremmed")
    ]
    async with own.client() as of_own, other.client() as of_other:
        for seen, session in (
            ([0, 1], site.client.session),
            ([0, 1], of_own),
            ([0], of_other),
        ):
            client = Client(session, site.client.server, site.client.key, None)
            asking = replace(site, client=client)
            told = (await asking.told("/v1/proposals"))["items"]
            [whole] = [one for one in told if one["parts"]]
            assert whole["saving_kr_year"] == pytest.approx(sum(now))
            assert whole["saving_before_kr_year"] == pytest.approx(sum(then))
            assert whole["since"] == "changed"
            parts = whole["parts"]
            assert [one["saving_kr_year"] for one in parts] == [now[i] for i in seen]
            assert [one["saving_before_kr_year"] for one in parts] == [then[i] for i in seen]
            text = words((await asking.get("/proposals")).decode()).replace("\u00a0", " ")
            assert f"sparede {_kr(sum(then))} i runde 1" in text
            others = f"1 ændring i andre afdelinger: {_kr(now[1])} om året"
            assert (others in text) == (seen == [0])
            of_part = f"{_kr(now[1])} om året ({_kr(then[1])} i runde 1)"
            assert (of_part in text) == (seen == [0, 1])
            content = BytesIO(await asking.get("/proposals/report.xlsx"))
            head, *rows = CalamineWorkbook.from_filelike(content).get_sheet_by_index(1).to_python()
            at = [i for i, cell in enumerate(head) if str(cell).startswith("Spare")]
            cells = [[row[i] for i in at[:2]] for row in rows]
            assert pytest.approx([sum(now), sum(then)], abs=0.005) in cells


def _kr(amount: float) -> str:
    return f"{round(amount):,} kr.".replace(",", ".").replace("-", "−")


async def test_who_sees_a_part_is_told_how_many_others_there_are(site: Site) -> None:
    round_id = await site.round()
    assert (await site.joint(round_id)).hidden_parts == 0
    # The other department sees the sharing, and not the vehicle that goes for it.
    scope = Scope(frozenset({"Fremmed"}), frozenset({"strange-both"}), frozenset({"both"}))
    seen = await proposed_changes(site.pool, round_id, scope)
    [whole] = [one for one in seen if one.parts]
    assert [str(one.decision.key) for one in whole.parts] == BOTH[:1]
    assert whole.hidden_parts == 1
