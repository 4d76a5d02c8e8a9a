"""The pages and the interface of what is said about proposals, and of mails."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest

from access.accounts import account_named
from access.mail.address import set_address
from access.mail.sender import send_due
from access.roles import Role
from api.settings import Settings
from db.connect import Pool
from optimiser.rounds.proposals import read_proposals
from optimiser.rounds.requests import request_round
from optimiser.workers import Workers
from tests.factories.access import Visitor, visitor
from tests.factories.actors import SOMEBODY
from tests.factories.mail_server import SENDER, Inbox, mail_inbox
from tests.factories.moments import today
from tests.factories.page_text import words
from tests.factories.rounds import answer_round
from tests.factories.two_departments import FLEET
from tests.factories.whole import served, whole_app
from trips.use.fleet_use import data_period


@dataclass(frozen=True)
class Site:
    url: str
    pool: Pool
    inbox: Inbox
    unit: Visitor
    head: Visitor
    head_id: int
    proposal_id: int

    async def get(self, who: Visitor, path: str) -> tuple[int, str]:
        async with who.client() as client, client.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def post(self, who: Visitor, path: str, **fields: str) -> tuple[int, str]:
        async with who.client() as client, client.post(self.url + path, data=fields) as answer:
            return answer.status, await answer.text()

    async def call(self, who: Visitor, path: str, body: object) -> tuple[int, dict[str, object]]:
        async with who.client() as client, client.post(self.url + path, json=body) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def site(pool: Pool, settings: Settings, workers: Workers) -> AsyncGenerator[Site]:
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    round_id = await request_round(pool, SOMEBODY, period)
    asked = settings.model_copy(update={"workshop_ready": False})
    await answer_round(pool, round_id, asked, workers)
    proposal_id = next(
        one.proposal_id
        for one in await read_proposals(pool, round_id)
        if one.decision.vehicle_id == "own-idle"
    )
    unit = await visitor(pool, Role.ADMINISTRATOR, "Flora")
    head = await visitor(pool, Role.DEPARTMENT_HEAD, "Hanne", {"Egen"})
    known = await account_named(pool, "Hanne")
    assert known is not None
    async with mail_inbox() as inbox:
        told = {
            "smtp_host": "127.0.0.1",
            "smtp_from": SENDER,
            "pages_url": "https://flaade.kommune.dk",
        }
        app = whole_app(pool, settings.model_copy(update=told))[0]
        async with served(app) as url:
            yield Site(url, pool, inbox, unit, head, known.account_id, proposal_id)


async def test_a_head_gets_a_mail_with_a_link_and_answers_on_the_page(site: Site) -> None:
    saved, page = await site.post(site.head, "/account/email", email="hanne@kommune.dk")
    assert (saved, "E-mailadressen er gemt." in page) == (200, True)
    refused, page = await site.post(site.head, "/account/email", email="<b>hanne</b>")
    assert refused == 422
    assert "&lt;b&gt;hanne" in page
    _, form = await site.get(site.unit, f"/proposals/send?proposal={site.proposal_id}")
    assert 'name="proposal" value="' in form
    assert "Fremmed ledig" not in form
    fields = {
        "recipient": str(site.head_id),
        "proposal": str(site.proposal_id),
        "said": "Hvad siger <script>I</script>?",
        "answer_day": today(7).isoformat(),
    }
    for wrong, said in (
        ({"answer_day": today(-1).isoformat()}, "Dagen er passeret"),
        ({"answer_day": ""}, "Vælg den dag"),
        ({"said": "x" * 100_000}, "Teksten må højst være på 2.000 tegn"),
        ({"recipient": "999"}, "Ingen logger længere ind"),
        ({"proposal": ""}, "Vælg mindst ét forslag"),
    ):
        status, page = await site.post(site.unit, "/proposals/send", **(fields | wrong))
        assert (status, said in page) == (422, True), wrong
    status, page = await site.post(site.unit, "/proposals/send", **fields)
    assert (status, "en mail med et link er på vej" in page) == (200, True)
    status, page = await site.post(site.unit, "/proposals/send", **fields)
    assert (status, "intet sendes to gange" in page) == (422, True)
    assert await send_due(site.pool, site.inbox.server) == 1
    [(recipient, message)] = site.inbox.taken
    assert recipient == "hanne@kommune.dk"
    body = message.get_content()
    assert f"https://flaade.kommune.dk/proposals/{site.proposal_id}#talk" in body
    assert "Flora sender dig 1 forslag" in body
    assert "Hvad siger <script>I</script>?" in body
    assert "Egen ledig" not in body
    assert "1 forslag eller spørgsmål venter på dit svar" in words(
        (await site.get(site.head, "/"))[1]
    )
    _, mine = await site.get(site.head, "/proposals/mine")
    assert "Hvad siger &lt;script&gt;I" in mine
    assert f'href="/proposals/{site.proposal_id}#talk"' in mine
    entry = str(await site.pool.fetchval("SELECT max(change_id) FROM talk_entry"))
    at = f"/proposals/{site.proposal_id}/talk"
    status, page = await site.post(site.head, at, said="", answers=entry)
    assert (status, "Skriv en tekst" in page) == (422, True)
    status, page = await site.post(site.head, at, said="Ja <i>tak</i>", answers=entry)
    assert (status, "Ja &lt;i&gt;tak" in page) == (200, True)
    status, page = await site.post(site.head, at, said="Igen", answers=entry)
    assert (status, "Nogen har svaret" in page) == (409, True)
    assert "Intet venter på dig" in words((await site.get(site.head, "/proposals/mine"))[1])


async def test_a_question_has_a_recipient_and_the_badge_goes_with_the_answer(site: Site) -> None:
    at = f"/proposals/{site.proposal_id}"
    asked = {"verdict": "question", "comment": "Kan den undværes?", "seen": "0"}
    status, page = await site.post(
        site.unit, at, **asked, recipient=str(site.head_id), answer_day=today(7).isoformat()
    )
    assert (status, "til Hanne" in words(page)) == (200, True)
    assert "Spørgsmål stillet" in words(page)
    _, mine = await site.get(site.head, "/proposals/mine")
    assert "Kan den undværes?" in mine
    # Who is asked need not be told who they are.
    told = words(mine)
    assert "til Hanne" not in told
    assert "svar senest" in told
    status, page = await site.post(site.head, f"{at}/talk", said="Ja, fra januar", answers="1")
    assert (status, "Venter på svar" in words(page)) == (200, False)
    # The answer says to whom and to what it is.
    assert "Til Flora: Kan den undværes?" in words(page)
    assert "Spørgsmål stillet" not in words((await site.get(site.head, "/proposals"))[1])


async def test_programs_talk_as_people_do(site: Site) -> None:
    at = f"/v1/proposals/{site.proposal_id}"
    status, told = await site.call(site.unit, f"{at}/comments", {"text": "Set <b>det</b>"})
    assert status == 200, told
    body = {"proposal_ids": [site.proposal_id], "to": "hanne", "answer_by": today(7).isoformat()}
    status, told = await site.call(site.unit, "/v1/sendings", body)
    assert (status, told) == (200, {"proposals": 1, "already": 0, "by_mail": False})
    status, told = await site.call(site.unit, "/v1/sendings", body)
    assert status == 422
    status, _ = await site.call(site.unit, "/v1/sendings", body | {"to": "ingen"})
    assert status == 404
    status, told = await site.call(site.unit, f"{at}/answers", {"entry_id": 2, "text": "Ja"})
    assert status == 200
    items = told["items"]
    assert isinstance(items, list)
    assert [(one["kind"], one["to"], one["waits"]) for one in items] == [
        ("comment", None, False),
        ("sending", "Hanne", False),
        ("answer", None, False),
    ]
    status, told = await site.call(site.unit, f"{at}/answers", {"entry_id": 2, "text": "Ja"})
    assert status == 409


async def test_an_administrator_sees_what_could_not_be_sent_and_decides(site: Site) -> None:
    await set_address(site.pool, SOMEBODY, site.head_id, "hanne@kommune.dk")
    fields = {
        "recipient": str(site.head_id),
        "proposal": str(site.proposal_id),
        "answer_day": today(7).isoformat(),
    }
    await site.post(site.unit, "/proposals/send", **fields)
    site.inbox.refuse["hanne@kommune.dk"] = "550 no <b>such</b> user"
    assert await send_due(site.pool, site.inbox.server) == 0
    status, page = await site.get(site.unit, "/mails")
    assert (status, "Kunne ikke sendes" in page, "no &lt;b&gt;such" in page) == (200, True, True)
    assert (await site.get(site.head, "/mails"))[0] == 403
    status, page = await site.post(
        site.unit, f"/accounts/{site.head_id}/email", email="ny@kommune.dk"
    )
    assert (status, "ny@kommune.dk" in page) == (200, True)
    assert (await site.post(site.unit, "/mails/1/again"))[0] == 200
    assert await send_due(site.pool, site.inbox.server) == 1
    assert site.inbox.recipients == ["ny@kommune.dk"]
    assert "Ingen mail venter" in (await site.get(site.unit, "/mails"))[1]
    assert (await site.post(site.unit, "/mails/1/drop"))[0] == 404
