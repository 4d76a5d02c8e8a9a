"""The acts of asking, answering and commenting on the page of a proposal."""

from datetime import date

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.localtime import local_now
from optimiser.rounds.decisions import DecidedMeanwhileError, Verdict, require_latest
from optimiser.talk.entries import EntryKind
from optimiser.talk.faults import (
    NoEntryError,
    NothingWaitsError,
    TalkError,
    TalkFault,
    check_day,
    checked_text,
)
from optimiser.talk.recipients import Topic, head_of, topic, topic_of, topics
from optimiser.talk.telling import News, Words, fleet_unit, tell
from register.vehicles import scope_of

SQL = statements("talk")
ROUND_SQL = statements("round")


@unscoped
async def ask(
    pool: Pool,
    actor: Actor,
    proposal_id: int,
    text: str,
    words: Words,
    *,
    recipient: int | None = None,
    answer_day: date | None = None,
    seen: int | None = None,
) -> int:
    """Ask a question about a proposal: the head of departments with the account `recipient`, or the
    fleet unit; returns the entry. It stays open until somebody answers or decides. `seen` is as in
    `optimiser.rounds.decisions.decide`.

    Raises:
        NoProposalError: there is no such proposal, or the actor does not see it.
        DecidedMeanwhileError: the history has other entries than the actor saw.
        SupersededError: people decide elsewhere, or nowhere, as `optimiser.rounds.decisions` says.
        TalkError: nothing is asked, and `fault` says why.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    question = checked_text(text)
    check_day(answer_day, local_now().date())
    if recipient is not None and actor.departments is not None:
        raise TalkError(TalkFault.FOR_FLEET_UNIT)
    scope = await scope_of(pool, actor)
    async with pool.acquire() as connection, connection.transaction():
        # Decisions wait for each other, and a question stands in their history.
        await connection.execute(ROUND_SQL["one_decision_at_a_time"])
        about = await topic(connection, proposal_id, scope)
        row = await connection.fetchrow(ROUND_SQL["proposal"], proposal_id)
        assert row is not None, "something is said about it"
        await require_latest(connection, row, Verdict.QUESTION)
        history = await connection.fetch(ROUND_SQL["decisions"], [proposal_id])
        if seen is not None and len(history) != seen:
            raise DecidedMeanwhileError(f"somebody decided on proposal {proposal_id} meanwhile")
        name, recipients = "", await fleet_unit(connection)
        if recipient is not None:
            head = await head_of(connection, recipient)
            about = await topic_of(connection, about, head)
            name, recipients = head.name, [recipient]
        proposal_id = about.proposal_id
        decision_id = await connection.fetchval(SQL["ask"], proposal_id, question, str(actor))
        entry_id = await connection.fetchval(
            SQL["add"],
            *(EntryKind.QUESTION.value, about.key, proposal_id, question, actor.account_id),
            *(recipient, name, answer_day, None, decision_id, str(actor)),
        )
        detail = {"key": about.key, "verdict": Verdict.QUESTION.value, "comment": question}
        if name:
            detail["to"] = name
        await record(connection, actor, Act.DECIDED, Subject.PROPOSAL, proposal_id, detail)
        news = News(
            kind=EntryKind.QUESTION,
            actor=str(actor),
            text=question,
            proposals=1,
            proposal_id=proposal_id,
            answer_day=answer_day,
        )
        await tell(connection, words, actor, entry_id, recipients, news)
    return entry_id


@unscoped
async def answer(
    pool: Pool, actor: Actor, proposal_id: int, entry_id: int, text: str, words: Words
) -> int:
    """Answer a question or a sending in the thread of a proposal; returns the entry. Whoever takes
    part in decisions and sees the proposal may answer, since a recipient may be away: the
    answer has their name. It decides nothing.

    Raises:
        NoProposalError: there is no such proposal, or the actor does not see it.
        NoEntryError: there is no such entry in its thread.
        NothingWaitsError: it was answered already, or a verdict followed it.
        TalkError: the text is empty or too long.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    said = checked_text(text)
    scope = await scope_of(pool, actor)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(ROUND_SQL["one_decision_at_a_time"])
        found = await topics(connection, await topic(connection, proposal_id, scope), scope)
        asked = await connection.fetchrow(SQL["entry"], entry_id)
        about = next((one for one in found if asked and one.key == asked["key"]), None)
        if asked is None or about is None:
            raise NoEntryError(f"there is no entry {entry_id}")
        if not asked["waits"]:
            raise NothingWaitsError("somebody answered this already, or decided")
        answer_id = await _say(connection, actor, EntryKind.ANSWER, about, said, entry_id)
        news = News(
            kind=EntryKind.ANSWER,
            actor=str(actor),
            text=said,
            proposals=1,
            proposal_id=about.proposal_id,
        )
        askers = [] if asked["account_id"] is None else [asked["account_id"]]
        await tell(connection, words, actor, answer_id, askers, news)
    return answer_id


@unscoped
async def comment(pool: Pool, actor: Actor, proposal_id: int, text: str) -> int:
    """Comment on a proposal; returns the entry. It waits for nobody.

    Raises:
        NoProposalError: there is no such proposal, or the actor does not see it.
        TalkError: the text is empty or too long.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    said = checked_text(text)
    scope = await scope_of(pool, actor)
    async with pool.acquire() as connection, connection.transaction():
        about = await topic(connection, proposal_id, scope)
        return await _say(connection, actor, EntryKind.COMMENT, about, said, None)


async def _say(
    connection: PooledConnection,
    actor: Actor,
    kind: EntryKind,
    about: Topic,
    text: str,
    answers: int | None,
) -> int:
    entry_id = await connection.fetchval(
        SQL["add"],
        *(kind.value, about.key, about.proposal_id, text, actor.account_id),
        *(None, "", None, answers, None, str(actor)),
    )
    detail = {"key": about.key, "comment": text}
    act = Act.ANSWERED if kind is EntryKind.ANSWER else Act.COMMENTED
    await record(connection, actor, act, Subject.PROPOSAL, about.proposal_id, detail)
    return entry_id
