"""Decisions last over rounds: until they are carried out, or undecided again."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date

import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.period import Period
from optimiser.rounds.decisions import (
    NothingDecidedError,
    SupersededError,
    UnexplainedError,
    Verdict,
    decide,
)
from optimiser.rounds.overview import latest_round, round_histories
from optimiser.rounds.proposals import Proposal, decided_proposals, read_proposals
from optimiser.rounds.requests import request_round, request_version
from optimiser.workers import Workers
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.factories.rounds import answer_round
from tests.factories.serving import Client, client_of
from tests.factories.two_departments import FLEET
from trips.use.fleet_use import data_period


@dataclass(frozen=True)
class Site:
    """A fleet of two departments, with its rounds."""

    client: Client
    pool: Pool
    settings: Settings
    workers: Workers
    period: Period

    async def round(self) -> int:
        """Have a new round calculated; returns its id."""
        round_id = await request_round(self.pool, SOMEBODY, self.period)
        await answer_round(self.pool, round_id, self.settings, self.workers, studied=False)
        return round_id

    async def version(self, round_id: int) -> int:
        found = await request_version(self.pool, SOMEBODY, round_id)
        await answer_round(self.pool, found, self.settings, self.workers, studied=False)
        return found

    async def proposed(self, round_id: int) -> dict[str, Proposal]:
        """The changes that a version proposes, by their keys."""
        found = await read_proposals(self.pool, round_id)
        return {str(one.decision.key): one for one in found if one.is_change}

    async def decide(self, one: Proposal, verdict: Verdict, comment: str = "because") -> None:
        await decide(self.pool, SOMEBODY, one.proposal_id, verdict, comment)

    async def text(self, path: str) -> str:
        status, text = await self.client.get(path)
        assert status == 200, path
        return words(text)

    async def send(
        self, one: Proposal, verdict: str, comment: str = "efter aftale"
    ) -> tuple[int, str]:
        """The answer to the form of a proposal."""
        url = f"{self.client.server.url}/proposals/{one.proposal_id}"
        form = {"verdict": verdict, "comment": comment}
        async with self.client.session.post(url, data=form) as answer:
            return answer.status, await answer.text()

    async def post(self, one: Proposal, verdict: str) -> tuple[int, str]:
        """The answer of /v1 to a verdict, with its detail."""
        url = f"{self.client.server.url}/v1/proposals/{one.proposal_id}/decisions"
        body = {"verdict": verdict, "comment": "efter aftale"}
        async with self.client.session.post(url, json=body) as answer:
            return answer.status, (await answer.json()).get("detail", "")


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


OWN, STRANGE = "dispose:own-idle", "dispose:strange-idle"


async def test_a_new_round_begins_from_what_was_decided(site: Site) -> None:
    first = await site.round()
    proposed = await site.proposed(first)
    await site.decide(proposed[OWN], Verdict.ACCEPTED)
    await site.decide(proposed[STRANGE], Verdict.REJECTED, "Den skal bruges til valget")
    second = await site.round()
    later = await site.proposed(second)
    assert (later[OWN].verdict, later[OWN].decided_in) == (Verdict.ACCEPTED, 1)
    assert later[OWN].decided_by == str(SOMEBODY)
    assert STRANGE not in later
    decided = {str(one.decision.key): one for one in await decided_proposals(site.pool, 2)}
    assert decided[STRANGE].verdict is Verdict.REJECTED
    # It may be undecided again where it was proposed last, with a reason.
    with pytest.raises(UnexplainedError):
        await site.decide(proposed[STRANGE], Verdict.REOPENED, " ")
    text = await site.text(f"/proposals/{proposed[STRANGE].proposal_id}")
    assert "Runde 2, den seneste, foreslår det ikke" in text
    assert (await site.send(proposed[STRANGE], "reopened"))[0] == 200
    again = await site.proposed(await site.version(second))
    assert again[STRANGE].verdict is None
    assert again[OWN].verdict is Verdict.ACCEPTED
    # The first round stays as it was at its end.
    then = await site.proposed(first)
    assert (then[OWN].verdict, then[STRANGE].verdict) == (Verdict.ACCEPTED, Verdict.REJECTED)
    assert [one.rejected for one in await round_histories(site.pool)] == [1, 0]


async def test_what_is_carried_out_is_the_register_in_the_next_round(site: Site) -> None:
    proposed = await site.proposed(await site.round())
    await site.decide(proposed[OWN], Verdict.ACCEPTED)
    await site.decide(proposed[OWN], Verdict.DONE)
    await site.decide(proposed[STRANGE], Verdict.ACCEPTED)
    await site.pool.execute("UPDATE vehicle SET retired_at = now() WHERE vehicle_id = 'own-idle'")
    later = await site.proposed(await site.round())
    assert OWN not in later
    assert later[STRANGE].accepted
    assert OWN not in {str(one.decision.key) for one in await decided_proposals(site.pool, 2)}
    # What left the fleet without a word binds nothing.
    await site.pool.execute("UPDATE vehicle SET retired_at = now() WHERE vehicle_id ~ 'idle'")
    last = await site.proposed(await site.round())
    assert {OWN, STRANGE}.isdisjoint(last)
    # A vehicle that was to go and is there is counted as any other.
    await site.pool.execute("UPDATE vehicle SET retired_at = NULL WHERE vehicle_id = 'own-idle'")
    last = await site.proposed(await site.round())
    assert last[OWN].verdict is None


async def test_an_accepted_departure_that_a_contract_forbids_lets_no_other_vehicle_go(
    site: Site,
) -> None:
    proposed = await site.proposed(await site.round())
    await site.decide(proposed[OWN], Verdict.ACCEPTED)
    await site.pool.execute(
        "UPDATE vehicle SET contract_end = $1 WHERE vehicle_id = 'own-idle'", date(2040, 1, 1)
    )
    later = await site.proposed(await site.round())
    assert not [one for one in later.values() if one.depot_id == "home"]


async def test_a_proposal_of_an_earlier_round_leads_to_the_newer_one(site: Site) -> None:
    proposed = await site.proposed(await site.round())
    assert (await site.send(proposed[OWN], "accepted"))[0] == 200
    later = await site.proposed(await site.round())
    with pytest.raises(SupersededError) as refused:
        await site.decide(proposed[OWN], Verdict.REJECTED)
    assert refused.value.newer == later[OWN].proposal_id
    status, text = await site.send(proposed[OWN], "rejected")
    assert status == 409
    assert f'href="/proposals/{later[OWN].proposal_id}"' in text
    assert "efter aftale" in text
    status, detail = await site.post(proposed[OWN], "rejected")
    assert (status, f"decide on proposal {later[OWN].proposal_id}" in detail) == (409, True)
    # What nobody decided on and no later round proposes is gone.
    await site.pool.execute("UPDATE vehicle SET retired_at = now() WHERE vehicle_id ~ 'idle'")
    await site.round()
    assert "Det er udgået" in await site.text(f"/proposals/{later[STRANGE].proposal_id}")
    with pytest.raises(SupersededError) as refused:
        await site.decide(later[STRANGE], Verdict.ACCEPTED)
    assert refused.value.newer is None
    # What was decided can be carried out there.
    assert (await site.post(later[OWN], "done"))[0] == 200


async def test_back_to_undecided_takes_a_decision_and_a_reason(site: Site) -> None:
    proposed = await site.proposed(await site.round())
    assert (await site.post(proposed[OWN], "reopened"))[0] == 409
    with pytest.raises(NothingDecidedError):
        await site.decide(proposed[OWN], Verdict.REOPENED)
    await site.decide(proposed[OWN], Verdict.ACCEPTED)
    status, text = await site.send(proposed[OWN], "reopened", " ")
    assert status == 422
    assert "Skriv, hvorfor det igen er uafgjort" in text
    assert (await site.post(proposed[OWN], "reopened"))[0] == 200
    found = await latest_round(site.pool)
    assert found is not None
    assert found.undecided == len(proposed)
    text = await site.text("/audit")
    assert "Ikke afgjort igen" in text
    assert "Forslaget er ikke afgjort igen." in await site.text(
        f"/proposals/{proposed[OWN].proposal_id}?done=reopened"
    )
    assert (await site.send(proposed[OWN], "accepted"))[0] == 200


async def test_open_questions_are_carried_over(site: Site) -> None:
    proposed = await site.proposed(await site.round())
    await site.decide(proposed[OWN], Verdict.QUESTION, "Hvornår udløber aftalen?")
    later = await site.proposed(await site.round())
    assert (later[OWN].asked, later[OWN].verdict) == (True, None)
    assert "Hvornår udløber aftalen?" in await site.text(f"/proposals/{later[OWN].proposal_id}")
    await site.decide(later[OWN], Verdict.ACCEPTED)
    assert not (await site.proposed(await site.round()))[OWN].asked
