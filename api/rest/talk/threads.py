"""What is said about proposals for programs: threads, questions, answers, comments and sendings."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from access.accounts import account_named
from api.pages.talk.letters import mail_words
from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Day,
    FreeText,
    Id,
    Name,
    Query,
    RequestBody,
    ResponseBody,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.problems import Problem
from db.scope.seen import unscoped
from fleet.actor import Permission
from fleet.localtime import local_now
from optimiser.rounds.decisions import NoProposalError
from optimiser.rounds.proposals import read_proposal
from optimiser.talk.entries import Entry, EntryKind, thread, waiting
from optimiser.talk.faults import SENT_MAX, TalkError, TalkFault
from optimiser.talk.replies import answer, ask, comment
from optimiser.talk.sendings import send
from register.vehicles import scope_of


class EntryTold(ResponseBody):
    """What somebody said about the decision `key`, on the page of the proposal `proposal_id`. A
    sending and a question are to the account `to`; null: the fleet unit. An answer is to the entry
    `answers`. `waits`: it awaits an answer or a verdict; `late`: by `answer_by`, which decides
    nothing when it is over."""

    id: int
    kind: EntryKind
    key: str
    proposal_id: int
    text: str
    to: str | None
    answer_by: date | None
    answers: int | None
    waits: bool
    late: bool
    actor: str
    at: datetime


class Thread(ResponseBody):
    """What was said about the decision of a proposal in all rounds, the earliest first."""

    items: list[EntryTold]


class WaitingTold(ResponseBody):
    """What waits for an answer: of the program (or person) itself, and of others."""

    for_them: list[EntryTold]
    of_others: list[EntryTold]


class NewComment(RequestBody):
    """A comment."""

    model_config = example(text="Bilen bruges også af aftenvagten.")

    text: FreeText


class NewQuestion(RequestBody):
    """A question about a proposal: to the head of a department by the name of their account, or
    without one to the fleet unit. It stands in the proposal's history, too."""

    model_config = example(text="Kan turene flyttes til om eftermiddagen?", answer_by="2027-12-01")

    text: FreeText
    to: Name | None = None
    answer_by: Day | None = None


class NewAnswer(RequestBody):
    """An answer to a question or a sending. It decides nothing."""

    model_config = example(entry_id=1, text="Ja, de kan køres efter kl. 13.")

    entry_id: Id
    text: FreeText


class NewSending(RequestBody):
    """Proposals that are sent to the head of a department that they concern, by the name of the
    account, with the day by which the answer is asked for."""

    model_config = example(
        proposal_ids=[1], to="Afdelingslederen", answer_by="2027-12-01", text="Hvad siger I?"
    )

    proposal_ids: Annotated[list[Id], Field(min_length=1, max_length=SENT_MAX)]
    to: Name
    answer_by: Day
    text: FreeText = ""


class SentTold(ResponseBody):
    """How many proposals were sent, how many waited for the same head already, and whether a mail
    tells of it; if not, they wait on the head's page."""

    proposals: int
    already: int
    by_mail: bool


async def show_thread(call: Call[Query]) -> Thread:
    proposal_id = await _seen(call, call.id("proposal_id"))
    return Thread(items=_told(await thread(call.pool, call.actor, proposal_id)))


async def show_waiting(call: Call[Query]) -> WaitingTold:
    found = await waiting(call.pool, call.actor)
    return WaitingTold(for_them=_told(found.for_them), of_others=_told(found.of_others))


async def add_comment(call: Call[NewComment]) -> Thread:
    proposal_id = call.id("proposal_id")
    await comment(call.pool, call.actor, proposal_id, call.asked.text)
    return Thread(items=_told(await thread(call.pool, call.actor, proposal_id)))


async def add_question(call: Call[NewQuestion]) -> Thread:
    proposal_id, asked = call.id("proposal_id"), call.asked
    await ask(
        call.pool,
        call.actor,
        proposal_id,
        asked.text,
        mail_words(call.context.settings),
        recipient=None if asked.to is None else await _account(call, asked.to),
        answer_day=asked.answer_by,
    )
    return Thread(items=_told(await thread(call.pool, call.actor, proposal_id)))


async def add_answer(call: Call[NewAnswer]) -> Thread:
    proposal_id, asked = call.id("proposal_id"), call.asked
    words = mail_words(call.context.settings)
    await answer(call.pool, call.actor, proposal_id, asked.entry_id, asked.text, words)
    return Thread(items=_told(await thread(call.pool, call.actor, proposal_id)))


async def add_sending(call: Call[NewSending]) -> SentTold:
    asked = call.asked
    sent = await send(
        call.pool,
        call.actor,
        asked.proposal_ids,
        await _account(call, asked.to),
        asked.text,
        asked.answer_by,
        mail_words(call.context.settings),
    )
    return SentTold(proposals=sent.proposals, already=sent.already, by_mail=sent.by_mail)


@unscoped
async def _account(call: Call[NewQuestion] | Call[NewSending], name: str) -> int:
    """The account of this name; the act checks whether it is a head's.

    Raises:
        NotAllowedError: the caller takes no part in decisions.
        TalkError: the caller does not learn whether there is one.
        Problem: there is none.
    """
    call.actor.require(Permission.PROPOSALS_DECIDE)
    if call.actor.departments is not None:
        raise TalkError(TalkFault.FOR_FLEET_UNIT)
    found = await account_named(call.pool, name)
    if found is None:
        raise Problem(404, f"there is no account {name}")
    return found.account_id


async def _seen(call: Call[Query], proposal_id: int) -> int:
    """The proposal, if the caller sees it.

    Raises:
        NoProposalError: there is none. Of other departments not even that is told.
    """
    scope = await scope_of(call.pool, call.actor)
    if await read_proposal(call.pool, proposal_id, scope) is None:
        raise NoProposalError(f"there is no proposal {proposal_id}")
    return proposal_id


def _told(entries: Sequence[Entry]) -> list[EntryTold]:
    today = local_now().date()
    return [
        EntryTold(
            id=one.entry_id,
            kind=one.kind,
            key=str(one.key),
            proposal_id=one.proposal_id,
            text=one.text,
            to=one.recipient_name or None,
            answer_by=one.answer_day,
            answers=one.answers,
            waits=one.waits,
            late=one.is_late(today),
            actor=one.actor,
            at=one.at,
        )
        for one in entries
    ]


_AT = "/v1/proposals/{proposal_id}"

TALK = (
    Operation(
        "GET",
        f"{_AT}/thread",
        Permission.PROPOSALS_DECIDE,
        mark("What was said about a proposal"),
        Query,
        Thread,
        show_thread,
    ),
    Operation(
        "POST",
        f"{_AT}/comments",
        Permission.PROPOSALS_DECIDE,
        mark("Comment on a proposal"),
        NewComment,
        Thread,
        add_comment,
    ),
    Operation(
        "POST",
        f"{_AT}/questions",
        Permission.PROPOSALS_DECIDE,
        mark("Ask a department head, or the fleet unit, about a proposal"),
        NewQuestion,
        Thread,
        add_question,
    ),
    Operation(
        "POST",
        f"{_AT}/answers",
        Permission.PROPOSALS_DECIDE,
        mark("Answer a question about a proposal, or a proposal that was sent"),
        NewAnswer,
        Thread,
        add_answer,
        conflict="somebody answered already, or decided",
    ),
    Operation(
        "GET",
        "/v1/waiting",
        Permission.PROPOSALS_DECIDE,
        mark("What waits for an answer about proposals"),
        Query,
        WaitingTold,
        show_waiting,
    ),
    Operation(
        "POST",
        "/v1/sendings",
        Permission.ROUNDS_REQUEST,
        mark("Send proposals to the head of a department"),
        NewSending,
        SentTold,
        add_sending,
    ),
)
