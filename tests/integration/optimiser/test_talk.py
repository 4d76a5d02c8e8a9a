"""What is said about proposals: to whom it goes, what waits, and that silence decides nothing."""

import asyncio
from dataclasses import dataclass
from datetime import date

import pytest

from access.accounts import Account, account_actor, close_account
from access.mail.address import set_address
from access.mail.outbox import Letter
from access.mail.sender import send_due
from access.roles import Role
from api.settings import Settings
from db.connect import Pool
from db.scope.seen import seen_by
from fleet.actor import Actor, NotAllowedError
from optimiser.rounds.decisions import (
    DecidedMeanwhileError,
    NoProposalError,
    SupersededError,
    Verdict,
    decide,
    decision_histories,
)
from optimiser.rounds.proposals import Proposal, read_proposals
from optimiser.rounds.requests import request_round
from optimiser.talk.entries import Entry, EntryKind, thread, waiting
from optimiser.talk.faults import NoEntryError, NothingWaitsError, TalkError, TalkFault
from optimiser.talk.recipients import heads_for
from optimiser.talk.replies import answer, ask, comment
from optimiser.talk.sendings import send
from optimiser.talk.telling import News
from optimiser.workers import Workers
from tests.factories.accounts import access_in_force, person
from tests.factories.mail_server import mail_inbox
from tests.factories.moments import today
from tests.factories.rounds import answer_round
from tests.factories.two_departments import FLEET
from trips.use.fleet_use import data_period

BY_HAND = Actor.trusted("drift")


def words(news: News) -> Letter:
    return Letter(f"{news.kind} of {news.proposals}", f"{news.actor}: {news.text}")


@dataclass(frozen=True)
class Town:
    """A fleet of two departments with a round, its people, and its proposals by vehicle."""

    pool: Pool
    unit: Account
    head: Account
    other: Account
    reader: Account
    proposals: dict[str, Proposal]

    def who(self, account: Account) -> Actor:
        return account_actor(account, "192.0.2.1")

    async def read(self, account: Account, proposal_id: int) -> list[Entry]:
        """The thread as a page reads it."""
        with seen_by(self.who(account).departments):
            return list(await thread(self.pool, self.who(account), proposal_id))

    async def waits_for(self, account: Account) -> tuple[list[Entry], list[Entry]]:
        with seen_by(self.who(account).departments):
            found = await waiting(self.pool, self.who(account))
        return list(found.for_them), list(found.of_others)

    async def mails(self) -> list[str]:
        rows = await self.pool.fetch(
            "SELECT recipient || ' ' || subject FROM mail ORDER BY mail_id"
        )
        return [row[0] for row in rows]


@pytest.fixture
async def town(pool: Pool, settings: Settings, workers: Workers) -> Town:
    async with pool.acquire() as connection:
        await connection.execute(FLEET)
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    unit_actor = Actor.trusted("Flådeenheden")
    round_id = await request_round(pool, unit_actor, period)
    asked = settings.model_copy(update={"workshop_ready": False})
    await answer_round(pool, round_id, asked, workers, studied=False)
    with access_in_force():
        unit = await person(pool, "Flora", Role.FLEET_UNIT)
        head = await person(pool, "Hanne", Role.DEPARTMENT_HEAD, ["Egen"])
        other = await person(pool, "Frank", Role.DEPARTMENT_HEAD, ["Fremmed"])
        reader = await person(pool, "Læser", Role.READER)
    for one in (unit, head, other):
        await set_address(pool, unit_actor, one.account_id, f"{one.name.lower()}@kommune.dk")
    proposals = {
        one.decision.vehicle_id: one
        for one in await read_proposals(pool, round_id)
        if one.decision.vehicle_id
    }
    return Town(pool, unit, head, other, reader, proposals)


async def test_a_proposal_is_sent_to_the_head_it_concerns_who_answers(town: Town) -> None:
    pool, unit, head = town.pool, town.who(town.unit), town.who(town.head)
    own = town.proposals["own-idle"].proposal_id
    more = town.proposals["own"].proposal_id
    sent = await send(
        pool, unit, [own, more, own], town.head.account_id, " Hvad? ", today(7), words
    )
    assert (sent.proposals, sent.already, sent.by_mail) == (2, 0, True)
    assert await town.mails() == ["hanne@kommune.dk sending of 2"]
    mine, _ = await town.waits_for(town.head)
    assert [(one.proposal_id, one.text, one.answer_day) for one in mine] == [
        (own, "Hvad?", today(7)),
        (more, "Hvad?", today(7)),
    ]
    assert await town.waits_for(town.other) == ([], [])
    _, waited = await town.waits_for(town.unit)
    assert len(waited) == 2
    said = await answer(pool, head, own, mine[0].entry_id, "Ja, hvis <b>vi</b> må", words)
    assert await town.mails() == ["hanne@kommune.dk sending of 2", "flora@kommune.dk answer of 1"]
    entries = await town.read(town.unit, own)
    assert [(one.kind, one.actor, one.waits) for one in entries] == [
        (EntryKind.SENDING, "Flora", False),
        (EntryKind.ANSWER, "Hanne", False),
    ]
    assert (entries[1].entry_id, entries[1].answers) == (said, mine[0].entry_id)
    assert await decision_histories(pool, [own]) == {own: []}  # an answer decides nothing
    with pytest.raises(NothingWaitsError):
        await answer(pool, head, own, mine[0].entry_id, "igen", words)
    with pytest.raises(NoEntryError):  # it stands in another thread
        await answer(pool, head, own, mine[1].entry_id, "igen", words)
    # A verdict answers, too.
    await decide(pool, head, more, Verdict.ACCEPTED, "")
    assert await town.waits_for(town.head) == ([], [])
    # What is undecided again waits for the head again, and what they answered does not.
    await decide(pool, unit, more, Verdict.REOPENED, "Prisen er en anden")
    again, _ = await town.waits_for(town.head)
    assert [one.proposal_id for one in again] == [more]
    await decide(pool, head, more, Verdict.ACCEPTED, "")
    assert await town.waits_for(town.head) == ([], [])
    acts = await pool.fetch("SELECT act FROM audit_entry WHERE subject = 'proposal' ORDER BY at")
    assert [row[0] for row in acts] == ["sent", "sent", "answered", *3 * ["decided"]]


async def test_nothing_is_sent_twice(town: Town) -> None:
    pool, unit = town.pool, town.who(town.unit)
    own = town.proposals["own-idle"].proposal_id
    more = town.proposals["own"].proposal_id

    async def sending() -> object:
        return await send(pool, unit, [own], town.head.account_id, "", today(7), words)

    found = await asyncio.gather(*(sending() for _ in range(4)), return_exceptions=True)
    assert [isinstance(one, TalkError) for one in found].count(True) == 3
    with pytest.raises(TalkError) as caught:
        await sending()
    assert caught.value.fault is TalkFault.ALREADY_SENT
    some = await send(pool, unit, [own, more], town.head.account_id, "", today(7), words)
    assert (some.proposals, some.already) == (1, 1)
    assert len(await town.mails()) == 2
    async with mail_inbox() as inbox:
        assert await send_due(pool, inbox.server) == 2
        assert inbox.recipients == ["hanne@kommune.dk"] * 2


async def test_a_question_stays_open_over_rounds_until_it_is_answered(
    town: Town, settings: Settings, workers: Workers
) -> None:
    pool, unit, head = town.pool, town.who(town.unit), town.who(town.head)
    own = town.proposals["own-idle"].proposal_id
    entry = await ask(pool, head, own, "Hvornår?", words)
    assert await town.mails() == ["flora@kommune.dk question of 1"]
    [first] = (await decision_histories(pool, [own]))[own]
    assert (first.verdict, first.comment, first.actor) == (Verdict.QUESTION, "Hvornår?", "Hanne")
    mine, _ = await town.waits_for(town.unit)
    assert [(one.entry_id, one.recipient) for one in mine] == [(entry, None)]
    period = await data_period(pool, settings.period_weeks)
    assert period is not None
    round_id = await request_round(pool, unit, period)
    asked = settings.model_copy(update={"workshop_ready": False})
    await answer_round(pool, round_id, asked, workers, studied=False)
    later = next(
        one.proposal_id
        for one in await read_proposals(pool, round_id)
        if one.decision.vehicle_id == "own-idle"
    )
    assert later != own
    assert [one.waits for one in await town.read(town.head, later)] == [True]
    [asked_about] = [one for one in await read_proposals(pool, round_id) if one.asked]
    assert asked_about.proposal_id == later
    second = await ask(pool, unit, later, "Og hvem?", words, recipient=town.head.account_id)
    await answer(pool, unit, later, entry, "I januar", words)
    assert [one.asked for one in await read_proposals(pool, round_id) if one.asked] == [True]
    await answer(pool, head, later, second, "Os", words)
    assert [one for one in await read_proposals(pool, round_id) if one.asked] == []
    texts = [one.text for one in await town.read(town.head, own)]
    assert texts == ["Hvornår?", "Og hvem?", "I januar", "Os"]
    assert await town.waits_for(town.unit) == ([], [])
    with pytest.raises(DecidedMeanwhileError):
        await ask(pool, head, later, "Og nu?", words, seen=0)
    # People ask where they decide: at the proposal of the later round.
    with pytest.raises(SupersededError):
        await ask(pool, head, own, "Og nu?", words)


async def test_a_day_that_passes_is_told_as_late_to_both_and_decides_nothing(town: Town) -> None:
    pool, unit = town.pool, town.who(town.unit)
    own = town.proposals["own-idle"].proposal_id
    await send(pool, unit, [own], town.head.account_id, "", today(), words)
    tomorrow = today(1)
    for seen in ((await town.waits_for(town.head))[0], (await town.waits_for(town.unit))[1]):
        [one] = seen
        assert (one.is_late(today()), one.is_late(tomorrow)) == (False, True)
    row = await pool.fetchval("SELECT count(*) FROM decision")
    assert row == 0
    [present] = [one for one in await read_proposals(pool, 1) if one.proposal_id == own]
    assert present.open


async def test_heads_say_and_see_what_is_theirs_only_and_readers_nothing(town: Town) -> None:
    pool, head = town.pool, town.who(town.head)
    own = town.proposals["own-idle"].proposal_id
    strange = town.proposals["strange-idle"].proposal_id
    await comment(pool, town.who(town.other), strange, "Fremmed bemærkning")
    await comment(pool, head, own, "Egen bemærkning")
    for act in (
        comment(pool, head, strange, "x"),
        ask(pool, head, strange, "x", words),
        answer(pool, head, strange, 1, "x", words),
    ):
        with pytest.raises(NoProposalError):
            await act
    assert await town.read(town.head, strange) == []
    assert [one.text for one in await town.read(town.unit, strange)] == ["Fremmed bemærkning"]
    reader = town.who(town.reader)
    for refused in (
        comment(pool, reader, own, "x"),
        ask(pool, reader, own, "x", words),
        answer(pool, reader, own, 1, "x", words),
        send(pool, reader, [own], town.head.account_id, "", today(7), words),
        send(pool, head, [own], town.head.account_id, "", today(7), words),
        thread(pool, reader, own),
        waiting(pool, reader),
        heads_for(pool, reader),
    ):
        with pytest.raises(NotAllowedError):
            await refused
    assert await heads_for(pool, head) == []
    assert [one.name for one in await heads_for(pool, town.who(town.unit))] == ["Frank", "Hanne"]


async def test_what_cannot_be_sent_is_refused_with_its_reason(town: Town) -> None:
    pool, unit = town.pool, town.who(town.unit)
    own = town.proposals["own-idle"].proposal_id
    head, other = town.head.account_id, town.other.account_id
    far = date(2300, 1, 1)
    for chosen, recipient, text, day, fault in (
        ([], head, "", today(7), TalkFault.NO_PROPOSALS),
        (list(range(1, 600)), head, "", today(7), TalkFault.TOO_MANY),
        ([own], 999, "", today(7), TalkFault.NO_RECIPIENT),
        ([own], town.reader.account_id, "", today(7), TalkFault.NO_RECIPIENT),
        ([own], other, "", today(7), TalkFault.NOT_CONCERNED),
        ([own], head, "", None, TalkFault.DAY_MISSING),
        ([own], head, "", today(-1), TalkFault.DAY_PAST),
        ([own], head, "", far, TalkFault.DAY_FAR),
        ([own], head, "x" * 100_000, today(7), TalkFault.TEXT_TOO_LONG),
    ):
        with pytest.raises(TalkError) as caught:
            await send(pool, unit, chosen, recipient, text, day, words)
        assert caught.value.fault is fault
    with pytest.raises(NoProposalError):
        await send(pool, unit, [10**9], head, "", today(7), words)
    for text, fault in ((" ", TalkFault.TEXT_EMPTY), ("x" * 2001, TalkFault.TEXT_TOO_LONG)):
        for act in (comment(pool, unit, own, text), ask(pool, unit, own, text, words)):
            with pytest.raises(TalkError) as caught:
                await act
            assert caught.value.fault is fault
    with pytest.raises(TalkError) as caught:
        await ask(pool, town.who(town.head), own, "x", words, recipient=other)
    assert caught.value.fault is TalkFault.FOR_FLEET_UNIT
    assert await pool.fetchval("SELECT count(*) FROM talk_entry") == 0
    assert await town.mails() == []


async def test_without_an_address_or_a_server_it_waits_on_the_page(town: Town) -> None:
    pool, unit, head = town.pool, town.who(town.unit), town.who(town.head)
    own = town.proposals["own-idle"].proposal_id
    await set_address(pool, BY_HAND, town.head.account_id, "")
    sent = await send(pool, unit, [own], town.head.account_id, "", today(7), words)
    assert not sent.by_mail
    assert await ask(pool, head, own, "Hvornår?", None)
    assert await town.mails() == []
    mine, others = await town.waits_for(town.head)
    assert ([one.kind for one in mine], [one.kind for one in others]) == (
        [EntryKind.SENDING],
        [EntryKind.QUESTION],
    )


async def test_what_waits_for_a_closed_account_stays_open_and_another_may_answer(
    town: Town,
) -> None:
    pool, unit = town.pool, town.who(town.unit)
    own = town.proposals["own-idle"].proposal_id
    await send(pool, unit, [own], town.head.account_id, "", today(7), words)
    await close_account(pool, BY_HAND, town.head.account_id)
    with pytest.raises(TalkError) as caught:
        await send(pool, unit, [own], town.head.account_id, "", today(7), words)
    assert caught.value.fault is TalkFault.NO_RECIPIENT
    _, [waited] = await town.waits_for(town.unit)
    await answer(pool, unit, own, waited.entry_id, "Hun svarede i telefonen", words)
    assert await town.waits_for(town.unit) == ([], [])
