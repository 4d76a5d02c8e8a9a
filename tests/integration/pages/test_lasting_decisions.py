"""Decisions last over rounds: until they are carried out, or undecided again."""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.period import Period
from optimiser.carried.since_before import Since
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

    async def told(self, query: str) -> list[dict[str, Any]]:
        """The proposals of the latest round, as /v1 tells them."""
        url = f"{self.client.server.url}/v1/proposals?{query}"
        async with self.client.session.get(url) as answer:
            return (await answer.json())["items"]

    async def send_several(self, typed: dict[str, Any]) -> tuple[int, str]:
        """The answer to the form for several proposals."""
        url = f"{self.client.server.url}/proposals/decisions"
        pairs = [
            (name, text)
            for name, value in typed.items()
            for text in (value if isinstance(value, list) else [value])
        ]
        async with self.client.session.post(url, data=pairs) as answer:
            return answer.status, await answer.text()


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
    second = await site.round()
    later = await site.proposed(second)
    assert OWN not in later
    assert "Planen kan ikke rumme det: en kontrakt" in await site.text("/proposals")
    # Where the other one is to stay, too, none goes.
    await site.decide(later["dispose:own"], Verdict.REJECTED)
    later = await site.proposed(await site.version(second))
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


async def test_a_round_tells_what_is_carried_new_changed_and_gone_and_the_sums_are_equal(
    site: Site,
) -> None:
    first = await site.round()
    proposed = await site.proposed(first)
    await site.decide(proposed[OWN], Verdict.ACCEPTED)
    await site.decide(proposed[STRANGE], Verdict.REJECTED, "Den skal bruges til valget")
    assert "Siden runde" not in await site.text("/proposals")
    # The next round is on newer prices, on which what is new saves another sum.
    await site.pool.execute("UPDATE vehicle SET retired_at = now() WHERE vehicle_id = 'own-both'")
    second = await site.round()
    later = await site.proposed(second)
    told = {since: await site.told(f"since={since}") for since in Since}
    assert {one["verdict"] for one in told[Since.CARRIED]} == {"accepted", "rejected"}
    assert {(one["decided_in"], one["decided_by"]) for one in told[Since.CARRIED]} == {
        (1, str(SOMEBODY))
    }
    gone = {one["id"] for one in told[Since.GONE]}
    assert gone == {
        one.proposal_id for key, one in proposed.items() if key not in {OWN, STRANGE, *later}
    }
    whole = await site.told("")
    own = [one for since in Since for one in told[since] if one["id"] in {p["id"] for p in whole}]
    assert {one["id"] for one in own} == {one["id"] for one in whole}
    found = await latest_round(site.pool)
    assert found is not None
    total = sum(one["saving_kr_year"] for one in whole)
    assert found.saving_kr_year == pytest.approx(total)
    accepted = sum(one["saving_kr_year"] for one in whole if one["verdict"] == "accepted")
    histories = await round_histories(site.pool)
    assert histories[1].accepted.saving_kr_year == pytest.approx(accepted)
    # A page has the words, the round and the person, and its filter the same rows.
    text = await site.text("/proposals")
    assert "Siden runde 1" in text
    assert "i runde 1 af" in text
    assert "Overført, foreslås ikke i denne runde" in text
    for since in Since:
        rows = (await site.client.get(f"/proposals?since={since}"))[1].partition('id="list"')[2]
        shown = set(re.findall(r'class="lead">.*?href="/proposals/(\d+)"', rows))
        assert shown == {str(one["id"]) for one in told[since]}, since
    for round_id in (first, second):
        text = await site.text(f"/proposals/rounds/{round_id}")
        assert "Det, den foreslår" in text
    report = await site.text("/proposals/report")
    assert "i runde 1 af" in report


async def test_what_was_said_to_be_gone_and_is_there_is_told(site: Site) -> None:
    proposed = await site.proposed(await site.round())
    await site.decide(proposed[OWN], Verdict.ACCEPTED)
    await site.decide(proposed[OWN], Verdict.DONE)
    await site.decide(proposed[STRANGE], Verdict.ACCEPTED)
    await site.pool.execute(
        "UPDATE vehicle SET retired_at = now() WHERE vehicle_id = 'strange-idle'"
    )
    await site.round()
    text = await site.text("/proposals")
    assert "køretøjet står stadig i registret, så det er regnet med: Afhænd Egen ledig" in text
    assert "Køretøjet er ikke længere i flåden." in text


async def test_several_are_decided_together_or_none_of_them(site: Site) -> None:
    await site.round()
    found = await latest_round(site.pool)
    assert found is not None
    own, strange = (
        next(one for one in found.own_changes if str(one.decision.key) == key)
        for key in (OWN, STRANGE)
    )
    chosen = [f"{one.proposal_id}-{one.entries}" for one in (own, strange)]
    for typed, reason in (
        ({"verdict": "rejected", "comment": "", "chosen": chosen}, "Skriv, hvorfor"),
        ({"verdict": "done", "comment": "", "chosen": chosen}, "Vælg"),
        ({"verdict": "accepted", "comment": "", "chosen": []}, "Vælg de forslag på listen"),
        ({"verdict": "accepted", "comment": "", "chosen": ["x", "1"]}, "Vælg de forslag"),
    ):
        status, text = await site.send_several(typed)
        assert (status, reason in words(text)) == (422, True)
    # Somebody decides on one of them meanwhile: then nothing is decided on the other.
    await site.decide(strange, Verdict.ACCEPTED)
    typed = {"verdict": "rejected", "comment": "for dyrt", "chosen": chosen}
    status, text = await site.send_several(typed)
    assert status == 409
    assert "Der er ikke besluttet noget endnu" in words(text)
    assert text.count("Nogen har besluttet") == 1
    assert "for dyrt" in text
    assert len(re.findall(r'name="chosen" value="[^"]*" checked', text)) == 2
    assert (await site.proposed(found.round_id))[OWN].open
    typed["chosen"] = [f"{own.proposal_id}-0", f"{strange.proposal_id}-1"]
    status, text = await site.send_several(typed)
    assert status == 200
    assert "De valgte forslag er afvist." in words(text)
    after = await site.proposed(found.round_id)
    assert {after[key].verdict for key in (OWN, STRANGE)} == {Verdict.REJECTED}
    entries = await site.pool.fetchval("SELECT count(*) FROM audit_entry WHERE act = 'decided'")
    assert entries == 3


async def test_the_list_is_of_a_department_and_in_an_order(site: Site) -> None:
    await site.round()
    rows = (await site.client.get("/proposals?department=Egen"))[1].partition('id="list"')[2]
    assert "Egen ledig" in rows
    assert "Fremmed ledig" not in rows
    for order in ("department", "depot", "saving"):
        rows = (await site.client.get(f"/proposals?order={order}"))[1].partition('id="list"')[2]
        assert "Egen ledig" in rows
        assert "Fremmed ledig" in rows
