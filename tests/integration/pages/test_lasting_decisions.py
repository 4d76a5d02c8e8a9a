"""Decisions last over rounds: until they are carried out, or undecided again."""

import csv
import io
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from api.pages.words.formats import Formats
from api.pages.words.language import Language
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from fleet.period import Period
from optimiser.carried.since_before import Since
from optimiser.rounds.decisions import (
    NothingDecidedError,
    Status,
    SupersededError,
    UnexplainedError,
    Verdict,
    decide,
)
from optimiser.rounds.overview import latest_round, round_histories
from optimiser.rounds.proposals import Proposal, decided_proposals, read_proposals
from optimiser.rounds.requests import request_round, request_version
from optimiser.workers import Workers
from reports.certificate import certify
from tests.factories.actors import SOMEBODY
from tests.factories.moments import today
from tests.factories.page_text import words
from tests.factories.rounds import answer_round
from tests.factories.serving import Client, client_of
from tests.factories.two_departments import FLEET
from tests.factories.vehicles import put_cars
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
    # A vehicle that was gone and came back is asked about as any other.
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
    assert "køretøjets kontrakt løber længere, end da det blev godkendt" in (
        await site.text("/proposals")
    )
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
    assert "Skriv, hvorfor det igen ikke er afgjort" in text
    assert (await site.post(proposed[OWN], "reopened"))[0] == 200
    found = await latest_round(site.pool)
    assert found is not None
    assert found.undecided == len(proposed)
    text = await site.text("/audit")
    assert "Åbnet igen, uden afgørelse" in text
    assert "Forslaget er åbnet igen og venter på en afgørelse." in await site.text(
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


async def _offer(site: Site, prices: dict[str, float]) -> None:
    """Have electric kinds on offer at a price a year each, beside which a petrol car is dear."""
    await site.pool.execute("UPDATE vehicle_kind SET fixed_kr_year = 90000 WHERE kind = 'car'")
    for kind, price in prices.items():
        await site.pool.execute(
            "INSERT INTO vehicle_kind (kind, name, energy, fixed_kr_year, kr_km, co2_g_km,"
            " range_km, charge_km_h, offered, source)"
            " VALUES ($1, $2, 'electric', $3, 1, 0, 400, 50, true, 'x')"
            " ON CONFLICT (kind) DO UPDATE SET fixed_kr_year = excluded.fixed_kr_year",
            kind,
            f"Elbil {kind}",
            price,
        )


REPLACED = "replace:strange"


async def _no_more_on_offer(site: Site, kind: str) -> None:
    await site.pool.execute("UPDATE vehicle_kind SET offered = false WHERE kind = $1", kind)


async def test_an_accepted_replacement_keeps_its_kind(site: Site) -> None:
    await _offer(site, {"lav": 20_000, "stor": 30_000})
    first = await site.round()
    proposed = (await site.proposed(first))[REPLACED]
    assert (await site.send(proposed, "accepted"))[0] == 200
    # The other kind is the cheaper one since, and neither a round nor a version asks again.
    await _offer(site, {"lav": 40_000, "stor": 30_000})
    version = await site.version(first)
    for round_id in (version, await site.round()):
        held = (await site.proposed(round_id))[REPLACED]
        assert (held.decision.new_kind, held.status) == ("Elbil lav", Status.ACCEPTED)
        assert (held.approved, held.open) == (None, False)
    # Who checks the bound finds in the problem that one of the kind has to come.
    assert await _least_of_kind(site, round_id, "lav") == 1


#: A purchase of three vehicles, in the words of what is proposed for another one.
BUYS = """
INSERT INTO proposal (round_id, rank, depot_id, saving_kr_year, saving_co2_t_year, content, key)
    SELECT round_id, 1 + (SELECT max(rank) FROM proposal WHERE round_id = $1), 'home', 0, 0,
           content || '{"key": "buy:home:lav", "action": "buy", "vehicle_id": null, "vehicle": null,
                        "kind": null, "new_kind": "Elbil lav", "new_kind_id": "lav", "count": 3}',
           'buy:home:lav'
    FROM proposal WHERE round_id = $1 AND key = 'dispose:own-idle' RETURNING proposal_id
"""
BOUGHT = "buy:home:lav"


async def _least_of_kind(site: Site, round_id: int, kind: str) -> int:
    """How many of a kind the certificate's problem has to have at the least, at all depots."""
    certificate = await certify(site.pool, SOMEBODY, round_id, site.settings)
    assert certificate is not None
    return sum(
        int(row["min_count"])
        for part in certificate.parts
        for row in csv.DictReader(io.StringIO(part.files["FLEET.csv"].decode()))
        if row["type"] == kind
    )


async def _come(site: Site, *vehicle_ids: str) -> None:
    """Register vehicles of the kind that is bought."""
    await put_cars(site.pool, *vehicle_ids, depot_id="home")
    await site.pool.execute(
        "UPDATE vehicle SET kind = 'lav' WHERE vehicle_id = ANY ($1)", list(vehicle_ids)
    )


async def test_an_accepted_purchase_keeps_its_number_and_what_has_come_counts(site: Site) -> None:
    await _offer(site, {"lav": 20_000})
    first = await site.round()
    proposal_id = await site.pool.fetchval(BUYS, first)
    await decide(site.pool, SOMEBODY, proposal_id, Verdict.ACCEPTED, "")
    second = await site.round()
    held = (await site.proposed(second))[BOUGHT]
    assert (held.decision.count, held.decision.come, held.status) == (3, 0, Status.ACCEPTED)
    assert await _least_of_kind(site, second, "lav") == 3
    # One is registered: the other two are still to come, and nobody is asked about them again.
    await _come(site, "kom")
    third = await site.version(second)
    rest = (await site.proposed(third))[BOUGHT]
    assert (rest.decision.count, rest.decision.come, rest.status) == (2, 1, Status.ACCEPTED)
    assert rest.approved is None
    # It has driven too little to be planned with, so that it stands beside the problem.
    assert await _least_of_kind(site, third, "lav") == 2
    text = await site.text(f"/proposals/{rest.proposal_id}")
    assert "Af de 3 godkendte er 1 kommet i flåden." in text
    [told] = [one for one in await site.told("") if one["id"] == rest.proposal_id]
    assert (told["count"], told["come"], told["verdict"]) == (2, 1, "accepted")
    # With all three of them there is nothing left to buy.
    await _come(site, "kom2", "kom3")
    assert BOUGHT not in await site.proposed(await site.round())


async def test_an_accepted_kind_is_the_same_one_under_another_name(site: Site) -> None:
    await _offer(site, {"lav": 20_000, "stor": 30_000})
    proposed = (await site.proposed(await site.round()))[REPLACED]
    assert (await site.send(proposed, "accepted"))[0] == 200
    await site.pool.execute("UPDATE vehicle_kind SET name = 'Lille elbil' WHERE kind = 'lav'")
    await _offer(site, {"stor": 10_000})
    held = (await site.proposed(await site.round()))[REPLACED]
    assert (held.decision.new_kind, held.status) == ("Lille elbil", Status.ACCEPTED)
    assert held.approved is None
    assert (
        await site.pool.fetchval(
            "SELECT count(*) FROM proposal WHERE key = $1 AND content ->> 'new_kind_id' = 'lav'",
            REPLACED,
        )
        == 2
    )


async def test_an_acceptance_is_of_the_kind_that_was_proposed(site: Site) -> None:
    await _offer(site, {"lav": 20_000, "stor": 30_000})
    proposed = await site.proposed(await site.round())
    assert proposed[REPLACED].decision.new_kind == "Elbil lav"
    assert (await site.send(proposed[REPLACED], "accepted"))[0] == 200
    await _no_more_on_offer(site, "lav")
    second = await site.round()
    changed = (await site.proposed(second))[REPLACED]
    # The plan lets the vehicle go as accepted, and by another kind, which awaits a decision.
    assert changed.decision.new_kind == "Elbil stor"
    assert changed.verdict is None
    assert changed.approved == proposed[REPLACED].decision
    address = f"/proposals/{changed.proposal_id}"
    assert "Godkendt: Elbil lav (i runde 1 af" in await site.text(address)
    assert "Ændret, afventer beslutning Godkendt: Elbil lav" in await site.text("/proposals")
    [told] = [one for one in await site.told("since=changed") if one["id"] == changed.proposal_id]
    assert (told["verdict"], told["accepted_otherwise"]["new_kind"]) == (None, "Elbil lav")
    [history] = [one for one in await round_histories(site.pool) if one.round.number == 2]
    assert history.accepted.decisions == 0
    assert "Erstat Fremmed bil med: Elbil lav" in await site.text("/ledger")
    # What nobody accepted is not carried out; accepted, it takes the place of the other one.
    assert (await site.post(changed, "done"))[0] == 409
    assert (await site.send(changed, "accepted"))[0] == 200
    assert (await site.proposed(second))[REPLACED].accepted
    ledger = await site.text("/ledger")
    assert "Erstat Fremmed bil med: Elbil stor" in ledger
    assert "Elbil lav" not in ledger


async def test_an_accepted_replacement_for_which_no_kind_is_on_offer_says_so(
    site: Site,
) -> None:
    await _offer(site, {"lav": 20_000})
    proposed = await site.proposed(await site.round())
    assert (await site.send(proposed[REPLACED], "accepted"))[0] == 200
    await _no_more_on_offer(site, "lav")
    later = await site.proposed(await site.round())
    goes = "dispose:strange"
    # It leaves as accepted, and nothing replaces it, which nobody accepted: no contract keeps it.
    assert later[goes].verdict is None
    assert REPLACED not in later
    text = await site.text("/proposals")
    assert "Planen lader køretøjet udgå på en anden måde" in text
    assert "Planen kan ikke rumme det" not in text
    assert (await site.send(later[goes], "accepted"))[0] == 409
    assert (await site.send(proposed[REPLACED], "reopened"))[0] == 200
    assert (await site.send(later[goes], "accepted"))[0] == 200
    assert "Afhænd Fremmed bil" in await site.text("/ledger")


async def test_an_earlier_version_leads_to_the_present_one(site: Site) -> None:
    first = await site.round()
    proposed = await site.proposed(first)
    present = await site.proposed(await site.version(first))
    for verdict in ("accepted", "rejected", "question"):
        status, text = await site.send(proposed[OWN], verdict)
        assert (status, "Planen er beregnet igen siden" in words(text)) == (409, True), verdict
        assert f'href="/proposals/{present[OWN].proposal_id}"' in text
        assert "efter aftale" in text
    status, detail = await site.post(proposed[OWN], "accepted")
    assert (status, f"decide on proposal {present[OWN].proposal_id}" in detail) == (409, True)
    chosen = {"verdict": "accepted", "chosen": [f"{proposed[OWN].proposal_id}-0"]}
    status, text = await site.send_several(chosen)
    assert status == 409
    assert f'<a href="/proposals/{present[OWN].proposal_id}">Et af de valgte' in text
    page = (await site.client.get(f"/proposals/{proposed[OWN].proposal_id}"))[1]
    assert 'name="verdict"' not in page
    assert present[OWN].open


async def test_what_the_present_version_does_not_propose_is_taken_back_and_not_accepted(
    site: Site,
) -> None:
    first = await site.round()
    proposed = await site.proposed(first)
    await site.decide(proposed[OWN], Verdict.REJECTED)
    assert OWN not in await site.proposed(await site.version(first))
    status, text = await site.send(proposed[OWN], "accepted")
    assert (status, "Planen er beregnet igen siden" in words(text)) == (409, True)
    page = (await site.client.get(f"/proposals/{proposed[OWN].proposal_id}"))[1]
    assert 'value="accepted"' not in page
    assert (await site.send(proposed[OWN], "reopened"))[0] == 200
    # Nothing is decided on it now, and no version of today proposes it: nothing is accepted there.
    for verdict in ("accepted", "rejected"):
        assert (await site.send(proposed[OWN], verdict))[0] == 409
    assert (await site.proposed(await site.version(first)))[OWN].open


async def test_the_ledger_has_one_row_for_a_vehicle(site: Site) -> None:
    proposed = await site.proposed(await site.round())
    await site.send(proposed[OWN], "accepted")
    await site.send(proposed[OWN], "done")
    # Its vehicle is there yet, and nobody is asked again; said anew, it is still one row.
    again = await site.proposed(await site.round())
    assert again[OWN].verdict is Verdict.DONE
    assert (await site.send(again[OWN], "accepted"))[0] == 200
    _, ledger = await site.client.get("/ledger")
    assert "Afhænd Egen ledig" in words(ledger)
    assert ledger.count('<tr role="row" id="proposal-') == 1


async def test_what_was_accepted_to_leave_is_not_ruled_to_stay(site: Site) -> None:
    proposed = await site.proposed(await site.round())
    assert (await site.send(proposed[OWN], "accepted"))[0] == 200
    url = site.client.server.url
    typed = {"ruling": "stay", "needs": "", "reason": "Den skal bruges til valget"}
    link = f'<a href="/proposals/{proposed[OWN].proposal_id}#verdict">'
    page = (await site.client.get("/vehicles/own-idle/future"))[1]
    assert link in page
    async with site.client.session.post(f"{url}/vehicles/own-idle/future", data=typed) as answer:
        text = await answer.text()
        assert answer.status == 409
    assert "Det er godkendt, at køretøjet udgår: sæt først forslaget tilbage" in words(text)
    assert link in text
    assert "Den skal bruges til valget" in text
    at, ruling = f"{url}/v1/vehicles/own-idle/rulings", {**typed, "needs": None}
    async with site.client.session.post(at, json=ruling) as answer:
        assert answer.status == 409
        detail = (await answer.json())["detail"]
    assert f"say reopened on proposal {proposed[OWN].proposal_id} first" in detail
    assert await site.pool.fetchval("SELECT count(*) FROM vehicle_ruling") == 0
    # With the acceptance taken back it stays; then nobody accepts that it leaves.
    assert (await site.send(proposed[OWN], "reopened"))[0] == 200
    async with site.client.session.post(at, json=ruling) as answer:
        assert answer.status < 300
    assert link not in (await site.client.get("/vehicles/own-idle/future"))[1]
    told = words((await site.client.get(f"/proposals/{proposed[OWN].proposal_id}"))[1])
    assert "Så længe det gælder, kan forslaget ikke godkendes" in told
    assert "Årsagen: Den skal bruges til valget" in told
    other = next(one for key, one in proposed.items() if key != OWN)
    assert (
        "Så længe det gælder" not in (await site.client.get(f"/proposals/{other.proposal_id}"))[1]
    )
    status, text = await site.send(proposed[OWN], "accepted")
    assert (status, "Nogen har siden bestemt, at køretøjet bliver" in words(text)) == (409, True)
    assert (await site.post(proposed[OWN], "accepted"))[0] == 409


async def test_an_acceptance_is_taken_back_and_the_vehicle_stays_in_one_press(site: Site) -> None:
    proposed = await site.proposed(await site.round())
    address = f"{site.client.server.url}/vehicles/own-idle/future"
    assert 'name="takes_back"' not in (await site.client.get("/vehicles/own-idle/future"))[1]
    assert (await site.send(proposed[OWN], "accepted"))[0] == 200
    assert 'name="takes_back"' in (await site.client.get("/vehicles/own-idle/future"))[1]
    typed = {"ruling": "stay", "needs": "", "reason": "", "takes_back": "1"}

    async def sent() -> int:
        async with site.client.session.post(address, data=typed) as answer:
            return answer.status

    # Without a reason neither is done, nor is the acceptance taken back of one that may go.
    assert await sent() == 422
    typed["reason"] = "Den skal bruges til valget"
    typed["ruling"] = "go"
    assert await sent() == 200
    assert "Afhænd Egen ledig" in await site.text("/ledger")
    typed["ruling"] = "stay"
    assert await sent() == 200
    text = await site.text(f"/proposals/{proposed[OWN].proposal_id}")
    # In the history of the proposal, and with the ruling that stands.
    assert text.count("Den skal bruges til valget") == 2
    assert "Den skal bruges til valget" in await site.text("/vehicles/own-idle/future")
    assert "Afhænd Egen ledig" not in await site.text("/ledger")
    assert await site.pool.fetchval("SELECT count(*) FROM vehicle_ruling") == 2
    # Programs do both at once, too, for a vehicle that is to stay.
    assert (await site.post(proposed[STRANGE], "accepted"))[0] == 200
    at = f"{site.client.server.url}/v1/vehicles/strange-idle/rulings"
    body = {"ruling": "open", "needs": None, "reason": "x", "takes_back_acceptance": True}
    for ruling, status in (("open", 422), ("stay", 200)):
        async with site.client.session.post(at, json={**body, "ruling": ruling}) as answer:
            assert answer.status == status
    assert "Fremmed ledig" not in await site.text("/ledger")


async def test_an_acceptance_that_a_ruling_forbids_names_the_ruling(site: Site) -> None:
    proposed = await site.proposed(await site.round())
    await site.decide(proposed[OWN], Verdict.ACCEPTED)
    # Earlier software let somebody rule so.
    await site.pool.execute(
        "INSERT INTO vehicle_ruling (vehicle_id, ruling, reason, actor)"
        " VALUES ('own-idle', 'stay', 'x', $1)",
        str(SOMEBODY),
    )
    assert OWN not in await site.proposed(await site.round())
    text = await site.text("/proposals")
    assert "Planen kan ikke rumme det: det er bestemt, at køretøjet bliver." in text
    assert re.search(rf"{SOMEBODY} bestemte .*, at det bliver: ophæv enten det", text)


async def test_a_round_names_the_depot_that_closes_with_its_vehicles_and_decisions(
    site: Site,
) -> None:
    first = await site.round()
    proposed = await site.proposed(first)
    await site.decide(proposed[OWN], Verdict.ACCEPTED)
    assert "Sidste dag for" not in await site.text("/proposals")
    closes = date(today().year + 1, 3, 31)
    shown = Formats(Language.DANISH).day(closes)
    await site.pool.execute("UPDATE zone SET active_to = $1 WHERE zone_id = 'home'", closes)
    second = await site.round()
    for path in ("/proposals", f"/proposals/rounds/{second}"):
        text = await site.text(path)
        assert f"Sidste dag for Gården: {shown}." in text
        assert "som om depotet blev ved med at være åbent: Egen bil, Egen ledig." in text
        assert "Besluttet eller spurgt om der: Afhænd Egen ledig ." in text
        assert "Sidste dag for Fremmedgården" not in text
    # It is what was so when the round was calculated, and what differs from the round before.
    text = await site.text(f"/proposals/rounds/{second}")
    assert f"Sidste dag for Gården ingen → bliver til {shown}" in text
    assert "Sidste dag for" not in await site.text(f"/proposals/rounds/{first}")
    await site.pool.execute("UPDATE vehicle SET depot_id = 'both' WHERE vehicle_id ~ '^own'")
    assert "Sidste dag for Gården:" in await site.text(f"/proposals/rounds/{second}")
    third = await site.version(second)
    assert "Sidste dag for" not in await site.text(f"/proposals/rounds/{third}")


async def test_what_one_vehicle_saves_counts_once_where_another_goes_in_its_place(
    site: Site,
) -> None:
    url = site.client.server.url

    async def followed() -> tuple[dict[str, bool], float, dict[str, Any]]:
        async with site.client.session.get(f"{url}/v1/ledger/proposals") as answer:
            items = (await answer.json())["items"]
        async with site.client.session.get(f"{url}/v1/ledger") as answer:
            ledger = await answer.json()
        counted = {one["key"]: one["counted"] for one in items}
        assert ledger["accepted_kr_year"] == pytest.approx(
            sum(one["paid_kr_year"] for one in items if one["counted"])
        )
        bridge = ledger["bridge"]
        assert bridge["in_round"] + bridge["earlier"] == sum(counted.values())
        return counted, ledger["accepted_kr_year"], ledger

    proposed = await site.proposed(await site.round())
    for key in (OWN, STRANGE):
        assert (await site.send(proposed[key], "accepted"))[0] == 200
    both = (await followed())[1]
    # A contract keeps one of them, in whose place the other one at the depot goes.
    await site.pool.execute(
        "UPDATE vehicle SET contract_end = $1 WHERE vehicle_id = 'own-idle'", date(2040, 1, 1)
    )
    second = await site.round()
    later = await site.proposed(second)
    instead = "dispose:own"
    assert (await followed())[0] == {OWN: False, STRANGE: True}
    assert (await site.send(later[instead], "accepted"))[0] == 200
    counted, saves, _ = await followed()
    assert counted == {OWN: False, STRANGE: True, instead: True}
    assert saves == pytest.approx(
        both - proposed[OWN].budget.terms.paid_kr_year + later[instead].budget.terms.paid_kr_year
    )
    text = await site.text("/ledger")
    assert "et andet af samme type udgår i stedet: Dette tælles ikke med, før det udgår." in text
    # Taken back, the other one is not in its place, and the plan has no room for it yet.
    assert (await site.send(later[instead], "reopened"))[0] == 200
    assert (await followed())[0] == {OWN: False, STRANGE: True}
    assert (await site.send(later[instead], "accepted"))[0] == 200
    # It left its contract early after all: two vehicles are gone.
    await site.pool.execute(
        "UPDATE vehicle SET retired_at = now()::date WHERE vehicle_id = 'own-idle'"
    )
    assert (await followed())[0] == {OWN: True, STRANGE: True, instead: True}


async def test_follow_up_tells_how_its_sum_comes_from_that_of_the_round(site: Site) -> None:
    first = await site.round()
    proposed = await site.proposed(first)
    for key in (OWN, STRANGE):
        assert (await site.send(proposed[key], "accepted"))[0] == 200
    # One of them leaves the register, so that the next round has the other one only.
    await site.pool.execute(
        "UPDATE vehicle SET retired_at = now()::date WHERE vehicle_id = 'own-idle'"
    )
    second = await site.round()
    present = await site.proposed(second)
    async with site.client.session.get(f"{site.client.server.url}/v1/ledger") as answer:
        ledger = await answer.json()
    bridge = ledger["bridge"]
    assert (bridge["number"], bridge["in_round"], bridge["earlier"]) == (2, 1, 1)
    assert bridge["in_round_kr_year"] == pytest.approx(present[STRANGE].decision.saving_kr_year)
    assert bridge["earlier_kr_year"] == pytest.approx(proposed[OWN].decision.saving_kr_year)
    assert ledger["accepted_kr_year"] == pytest.approx(
        bridge["in_round_kr_year"]
        + bridge["earlier_kr_year"]
        + bridge["moved_kr_year"]
        - bridge["co2_kr_year"]
    )
    text = await site.text("/ledger")
    assert "Godkendt af det, runde 2, version 1, foreslår: 1 forslag, med værdien af CO₂e" in text
    assert "Godkendt tidligere og ikke blandt dem: 1 forslag" in text


async def test_the_years_say_what_a_rejection_costs_and_the_council_what_a_proposal_costs(
    site: Site,
) -> None:
    first = await site.round()
    proposed = await site.proposed(first)
    await site.decide(proposed[OWN], Verdict.REJECTED)
    text = (await site.text("/proposals/transition")).replace("\u00a0", " ")
    assert "Af det afviste er kun dets egen andel af besparelsen trukket fra her." in text
    left_out = proposed[OWN].decision.left_out_kr_year
    assert left_out is not None
    amount = f"{round(left_out):,}".replace(",", ".")
    assert re.search(rf"Afhænd Egen ledig ?: det koster {re.escape(amount)} kr\. om året", text)
    await site.pool.execute(
        "UPDATE proposal SET content = jsonb_set(content - 'bundle'"
        " || '{\"saving_kr_year\": -5109}', '{money,saving_kr_year}', '-5109')"
        " WHERE round_id = $1 AND key NOT LIKE 'keep:%' AND key <> $2",
        first,
        OWN,
    )
    council = (await site.text("/proposals/council")).replace("\u00a0", " ")
    assert re.search(r"tilsammen koster de [\d.]+ kr\. om året", council)
    assert "sparer −" not in council


def _kr(amount: float) -> str:
    return f"{round(amount):,}".replace(",", ".") + " kr."


def _statuses(rows: list[dict[str, Any]]) -> dict[str, str]:
    """The statuses of the decisions that /v1 tells, by action and vehicle."""
    return {
        f"{part['action']}:{part['vehicle_id']}": part["status"]
        for one in rows
        for part in (one["parts"] or [one])
    }


async def _answer(site: Site, path: str) -> Any:
    async with site.client.session.get(f"{site.client.server.url}{path}") as answer:
        assert answer.status == 200, path
        return await answer.json()


async def _sheet(site: Site, name: str) -> list[dict[str, Any]]:
    async with site.client.session.get(f"{site.client.server.url}/proposals/report.xlsx") as answer:
        book = CalamineWorkbook.from_filelike(io.BytesIO(await answer.read()))
    head, *rows = book.get_sheet_by_name(name).to_python()
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


async def _one_status(site: Site, proposal: Proposal, status: Status, words_of: str) -> None:
    """A decision has one status: on its page, in the list, in /v1 and in the documents."""
    key = str(proposal.decision.key)
    newest = await site.pool.fetchval("SELECT max(proposal_id) FROM proposal WHERE key = $1", key)
    assert (await _answer(site, f"/v1/proposals/{newest}"))["status"] == status
    title = (await site.text(f"/proposals/{newest}")).partition("Alle forslag")[2]
    assert re.search(rf"{proposal.decision.vehicle}( med: \w+ \w+)? {words_of}", title[:200])
    told = [one for since in Since for one in await site.told(f"since={since}")]
    found = _statuses(told).get(key)
    assert found in (None, status), key
    ledger = (await _answer(site, "/v1/ledger/proposals"))["items"]
    assert {one["status"] for one in ledger if one["key"] == key} <= {status}
    names = {
        row["Køretøj"]: row["Beslutning"]
        for row in await _sheet(site, "De beslutninger, der gælder")
    }
    if status not in (Status.WAITING, Status.GONE):
        assert names[proposal.decision.vehicle] == words_of


async def _sums_are_the_ledgers(site: Site) -> None:
    """The documents of the round sum what is accepted as follow-up does, to the øre, and what the
    latest plan has no room for apart from it."""
    ledger = await _answer(site, "/v1/ledger")
    accepted, apart = ledger["accepted_kr_year"], ledger["without_room_kr_year"]
    rows = await _sheet(site, "De beslutninger, der gælder")
    [column] = [name for name in rows[0] if name.startswith("Sparer om året")]
    lacking = [row[column] for row in rows if row["Beslutning"] == "Godkendt, men ikke i planen"]
    summed = sum(row[column] for row in rows if row["Beslutning"] != "Afvist") - sum(lacking)
    assert round(100 * summed) == round(100 * accepted)
    assert round(100 * sum(lacking)) == round(100 * apart)
    assert ledger["without_room"] == len(lacking)
    report, follow_up, council = [
        (await site.text(path)).replace("\u00a0", " ")
        for path in ("/proposals/report", "/ledger", "/proposals/council")
    ]
    without = " Uden det, som den seneste plan ikke har plads til" if lacking else ""
    assert f"Alt godkendt, som i opfølgningen{without} {_kr(accepted)}" in report
    assert f"Af {_kr(accepted)} om året, som" in follow_up
    assert follow_up.count("om året, tælles ikke med") == len(lacking)
    told = f"ville spare {_kr(apart)} om året og tælles ikke med"
    assert (told in follow_up, told in council) == (bool(lacking), bool(lacking))


async def test_a_decision_has_one_status_over_three_rounds(site: Site) -> None:
    await _offer(site, {"lav": 20_000})
    first = await site.proposed(await site.round())
    await site.send(first[OWN], "accepted")
    await site.send(first[OWN], "done")
    await site.send(first[STRANGE], "accepted")
    await site.send(first[REPLACED], "rejected", "Den skal bruges til valget")
    await _one_status(site, first[OWN], Status.REPORTED, "Meldt gennemført")
    await _one_status(site, first[STRANGE], Status.ACCEPTED, "Godkendt")
    await _one_status(site, first[REPLACED], Status.REJECTED, "Afvist")
    await _sums_are_the_ledgers(site)

    # Its vehicle is there yet: nobody is asked again, and the council is told so.
    second = await site.proposed(await site.round())
    assert (second[OWN].verdict, second[OWN].decided_in) == (Verdict.DONE, 1)
    await _one_status(site, first[OWN], Status.REPORTED, "Meldt gennemført")
    assert "Opfølgning Meldt gennemført" in await site.text(f"/proposals/{second[OWN].proposal_id}")
    council = await site.text("/proposals/council")
    assert "Meldt gennemført Afhænd Egen ledig" in council
    assert "Afvist Erstat Fremmed bil med: Elbil lav (Den skal bruges til valget)" in council
    assert "1 forslag, der er meldt gennemført" in council
    await _sums_are_the_ledgers(site)

    # It leaves the register: it is delivered. The contract of another one becomes longer.
    await site.pool.execute("UPDATE vehicle SET retired_at = now() WHERE vehicle_id = 'own-idle'")
    await site.pool.execute(
        "UPDATE vehicle SET contract_end = $1 WHERE vehicle_id = 'strange-idle'", date(2040, 1, 1)
    )
    third = await site.proposed(await site.round())
    assert {OWN, STRANGE}.isdisjoint(third)
    await _one_status(site, first[OWN], Status.DONE, "Gennemført")
    await _one_status(site, first[STRANGE], Status.NO_ROOM, "Godkendt, men ikke i planen")
    [delivered] = await site.told("since=delivered")
    assert (delivered["status"], delivered["decided_in"], delivered["decided_by"]) == (
        "done",
        1,
        "Tester",
    )
    [row] = [
        one
        for one in (await _answer(site, "/v1/ledger/proposals"))["items"]
        if one["key"] == STRANGE
    ]
    assert (row["no_room"], "no_room" in row["signs"]) == ("contract", True)
    assert "Den seneste rundes plan har ikke plads til det" in await site.text("/ledger")
    council = await site.text("/proposals/council")
    assert "Afhænd Fremmed ledig (Planen kan ikke rumme det: køretøjets kontrakt" in council
    assert "At tage det ene godkendte forslag tilbage" in council
    assert [one.done.decisions for one in await round_histories(site.pool)] == [1, 1, 1]
    await _sums_are_the_ledgers(site)


async def test_a_figure_that_hardly_moved_is_as_before(site: Site) -> None:
    await site.round()
    # A few kr. more or less are no change.
    await site.pool.execute(
        "UPDATE proposal SET content = jsonb_set(content, '{saving_kr_year}',"
        " to_jsonb((content ->> 'saving_kr_year')::float + 120)) WHERE key = $1",
        OWN,
    )
    await site.pool.execute(
        "UPDATE proposal SET content = jsonb_set(content, '{saving_kr_year}',"
        " to_jsonb((content ->> 'saving_kr_year')::float + 9000)) WHERE key = $1",
        STRANGE,
    )
    await site.round()
    assert OWN in _statuses(await site.told("since=same"))
    assert STRANGE in _statuses(await site.told("since=changed"))


async def test_what_an_earlier_round_proposed_is_proposed_again(site: Site) -> None:
    await site.round()
    ruled = (
        "INSERT INTO vehicle_ruling (vehicle_id, ruling, reason, actor) VALUES ($1, $2, 'x', 'y')"
    )
    await site.pool.execute(ruled, "own-idle", "stay")
    assert OWN not in await site.proposed(await site.round())
    await site.pool.execute(ruled, "own-idle", "open")
    await site.round()
    assert OWN in _statuses(await site.told("since=again"))
