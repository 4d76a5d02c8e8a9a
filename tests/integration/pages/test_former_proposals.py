"""A version of a round proposes the opposite of what an earlier one proposed about a vehicle."""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from optimiser.rounds.decisions import (
    NotAcceptedError,
    SupersededError,
    Verdict,
    decide,
)
from optimiser.rounds.overview import round_histories
from optimiser.rounds.requests import request_round
from optimiser.workers import Workers
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.factories.rounds import answer_round
from tests.factories.serving import Client, client_of
from tests.factories.two_departments import FLEET
from trips.use.fleet_use import data_period

#: An earlier version of the round, which proposed to replace the vehicle that is to go now.
EARLIER = """
UPDATE round SET version = 2;
INSERT INTO round (round_id, requested_by, period_first, period_last, state, finished_at, rules,
                   assumptions, kinds, summary)
    OVERRIDING SYSTEM VALUE
    SELECT 0, requested_by, period_first, period_last, state, finished_at, rules, assumptions,
           kinds, summary FROM round;
INSERT INTO proposal (round_id, rank, depot_id, saving_kr_year, saving_co2_t_year, content, key)
    SELECT 0, 1, depot_id, saving_kr_year, saving_co2_t_year, content
           || '{"key": "replace:own-idle", "action": "replace", "new_kind": "Elbil"}',
           'replace:own-idle'
    FROM proposal WHERE key = 'dispose:own-idle'
"""
REFUSED = "Noget andet er godkendt om køretøjet: sæt først det tilbage til ikke afgjort."
FORMER = "ikke i denne version"


@dataclass(frozen=True)
class Opposites:
    """Two versions of a round, with the ids of their proposals about one vehicle."""

    client: Client
    pool: Pool
    former: int
    present: int

    async def decide(self, proposal_id: int, verdict: Verdict) -> None:
        await decide(self.pool, SOMEBODY, proposal_id, verdict, "because")

    async def accepted_then(self) -> None:
        """The former proposal as somebody accepted it before there was a present version."""
        await self.pool.execute(
            "INSERT INTO decision (proposal_id, verdict, comment, actor)"
            " VALUES ($1, 'accepted', 'because', $2)",
            self.former,
            str(SOMEBODY),
        )

    async def sent(self, proposal_id: int, verdict: Verdict) -> tuple[int, str]:
        """The answer to the form of a proposal."""
        url = f"{self.client.server.url}/proposals/{proposal_id}"
        form = {"verdict": verdict.value, "comment": "efter aftale"}
        async with self.client.session.post(url, data=form) as answer:
            return answer.status, await answer.text()

    async def accepted(self) -> set[int]:
        """How many proposals are accepted, as each place counts them."""
        counts: set[int] = set()
        for path in ("/proposals", "/proposals/report"):
            text = words((await self.client.get(path))[1])
            found = re.search(r"Godkendt indtil nu.*? (\d+) af (\d+)", text)
            assert found is not None
            assert path != "/proposals" or f" {found[2]} forslag " in text
            counts.add(int(found[1]))
        async with self.client.session.get(f"{self.client.server.url}/v1/proposals") as answer:
            told = (await answer.json())["items"]
        counts.add(sum(one["verdict"] in ("accepted", "done") for one in told))
        [history] = await round_histories(self.pool)
        saved = [one["saving_kr_year"] for one in told if one["verdict"] in ("accepted", "done")]
        assert history.accepted.saving_kr_year == pytest.approx(sum(saved))
        return counts | {history.accepted.decisions}


@pytest.fixture
async def opposites(
    pool: Pool, settings: Settings, database_url: str, workers: Workers
) -> AsyncGenerator[Opposites]:
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    # The idle vehicle goes, although it would serve while another one is in the workshop.
    asked = settings.model_copy(update={"workshop_ready": False})
    await answer_round(pool, await request_round(pool, SOMEBODY, period), asked, workers)
    await pool.execute(EARLIER)
    ids = [
        await pool.fetchval("SELECT proposal_id FROM proposal WHERE key = $1", key)
        for key in ("replace:own-idle", "dispose:own-idle")
    ]
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        yield Opposites(client, pool, *ids)


async def test_what_the_present_version_does_not_propose_says_so_and_is_in_no_sum(
    opposites: Opposites,
) -> None:
    assert FORMER not in (await opposites.client.get("/proposals"))[1]
    # Nobody accepts it any more; what was accepted before stays so.
    with pytest.raises(SupersededError):
        await opposites.decide(opposites.former, Verdict.ACCEPTED)
    await opposites.accepted_then()
    await opposites.decide(opposites.former, Verdict.QUESTION)
    assert await opposites.accepted() == {0}
    text = (await opposites.client.get("/proposals?show=accepted"))[1]
    listed = text.partition('id="list"')[2]
    [row] = re.findall(r'<tr role="row">\s*<td.*?</tr>', listed, re.DOTALL)
    assert FORMER in row
    assert re.search(r'data-title="Hvis priser eller ture ændrer sig">–</td>', row)
    await opposites.decide(opposites.former, Verdict.REJECTED)
    await opposites.decide(opposites.present, Verdict.ACCEPTED)
    await opposites.decide(opposites.present, Verdict.DONE)
    assert await opposites.accepted() == {1}
    [history] = await round_histories(opposites.pool)
    assert (history.done.decisions, history.rejected) == (1, 1)


async def test_the_page_of_a_proposal_says_whether_the_present_version_has_it(
    opposites: Opposites,
) -> None:
    async def shown(proposal_id: int) -> str:
        return words((await opposites.client.get(f"/proposals/{proposal_id}"))[1])

    assert "Version 2, den nuværende, foreslår det ikke" in await shown(opposites.former)
    assert "den nuværende" not in await shown(opposites.present)
    # The same decision in the earlier version leads to its own figures of today.
    earlier = await opposites.pool.fetchval(
        "INSERT INTO proposal (round_id, rank, depot_id, saving_kr_year, saving_co2_t_year,"
        " content, key) SELECT 0, 2, depot_id, 1, 1, content, key FROM proposal"
        " WHERE proposal_id = $1 RETURNING proposal_id",
        opposites.present,
    )
    text = (await opposites.client.get(f"/proposals/{earlier}"))[1]
    assert "Version 2 er den nuværende." in words(text)
    assert f'<a href="/proposals/{opposites.present}">' in text


async def test_the_earlier_versions_of_a_round_are_a_link_away(opposites: Opposites) -> None:
    text = (await opposites.client.get("/proposals/rounds"))[1]
    assert 'Tidligere: <a href="/proposals/rounds/0">version 1</a>' in text
    assert (await opposites.client.get("/proposals/rounds/0"))[0] == 200


async def test_what_is_not_accepted_is_not_carried_out(opposites: Opposites) -> None:
    choice = 'value="done"'
    path = f"/proposals/{opposites.present}"
    at = f"{opposites.client.server.url}/v1{path}/decisions"
    for before in (None, Verdict.QUESTION, Verdict.REJECTED):
        if before is not None:
            await opposites.decide(opposites.present, before)
        assert choice not in (await opposites.client.get(path))[1]
        status, text = await opposites.sent(opposites.present, Verdict.DONE)
        assert status == 409
        assert "Kun det, der er godkendt, kan være gennemført: godkend forslaget først." in text
        assert "efter aftale" in text
        async with opposites.client.session.post(at, json={"verdict": "done"}) as answer:
            assert answer.status == 409
            assert (await answer.json())["detail"] == (
                "only what is accepted can be carried out: accept it first"
            )
        with pytest.raises(NotAcceptedError):
            await opposites.decide(opposites.present, Verdict.DONE)
    await opposites.decide(opposites.present, Verdict.ACCEPTED)
    # A question leaves the acceptance in force.
    await opposites.decide(opposites.present, Verdict.QUESTION)
    assert choice in (await opposites.client.get(path))[1]
    assert (await opposites.sent(opposites.present, Verdict.DONE))[0] == 200


@pytest.mark.parametrize(
    ("in_force", "verdict"),
    [(Verdict.ACCEPTED, Verdict.DONE), (Verdict.DONE, Verdict.ACCEPTED)],
)
async def test_of_opposite_proposals_about_a_vehicle_one_is_accepted(
    opposites: Opposites, in_force: Verdict, verdict: Verdict
) -> None:
    await opposites.accepted_then()
    if in_force is Verdict.DONE:
        await opposites.decide(opposites.former, in_force)
    status, text = await opposites.sent(opposites.present, verdict)
    assert status == 409
    assert REFUSED in words(text)
    assert "efter aftale" in text
    at = f"{opposites.client.server.url}/v1/proposals/{opposites.present}/decisions"
    async with opposites.client.session.post(at, json={"verdict": verdict.value}) as answer:
        assert answer.status == 409
        assert (await answer.json())["detail"] == (
            "another decision about the vehicle is accepted (replace): reject it first"
        )
    # A question and a rejection are none of two opposites.
    await opposites.decide(opposites.present, Verdict.QUESTION)
    await opposites.decide(opposites.present, Verdict.REJECTED)
    await opposites.decide(opposites.former, Verdict.REJECTED)
    assert (await opposites.sent(opposites.present, Verdict.ACCEPTED))[0] == 200
    assert (await opposites.sent(opposites.present, verdict))[0] == 200
    with pytest.raises(SupersededError):
        await opposites.decide(opposites.former, Verdict.ACCEPTED)
