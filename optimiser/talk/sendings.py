"""The act of sending proposals to the head of the department that they concern."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.localtime import local_now
from optimiser.talk.entries import EntryKind
from optimiser.talk.faults import SENT_MAX, TalkError, TalkFault, check_day, checked_text
from optimiser.talk.recipients import head_of, topic, topic_of
from optimiser.talk.telling import News, Words, tell

SQL = statements("talk")
ROUND_SQL = statements("round")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was sent: how many proposals, how many waited for the recipient's answer already, and
    whether a mail tells the recipient."""

    proposals: int
    already: int
    by_mail: bool


@unscoped
async def send(
    pool: Pool,
    actor: Actor,
    proposal_ids: Sequence[int],
    account_id: int,
    text: str,
    answer_day: date | None,
    words: Words,
) -> Sent:
    """Send proposals to the head of departments with the account `account_id`, who answers or
    decides by the day. One mail tells of all of them; without it they wait on the head's page. A
    proposal that waits for this head already is not sent again.

    Raises:
        NotAllowedError: the actor is not of those who see all departments.
        NoProposalError: there is no such proposal.
        TalkError: nothing is sent, and `fault` says why.
    """
    actor.require(Permission.ROUNDS_REQUEST)
    if actor.departments is not None:
        raise NotAllowedError(None, f"{actor} may not do this: the fleet unit sends proposals")
    message = checked_text(text, needed=False)
    chosen = list(dict.fromkeys(proposal_ids))
    if not chosen:
        raise TalkError(TalkFault.NO_PROPOSALS)
    if len(chosen) > SENT_MAX:
        raise TalkError(TalkFault.TOO_MANY)
    if answer_day is None:
        raise TalkError(TalkFault.DAY_MISSING)
    check_day(answer_day, local_now().date())
    async with pool.acquire() as connection, connection.transaction():
        # Two who send the same at once would both find nothing sent.
        await connection.execute(ROUND_SQL["one_decision_at_a_time"])
        head = await head_of(connection, account_id)
        entries: list[int] = []
        told: list[int] = []
        for proposal_id in chosen:
            about = await topic_of(connection, await topic(connection, proposal_id, None), head)
            if await connection.fetchval(SQL["has_open_sending"], about.key, account_id):
                continue
            entry_id = await connection.fetchval(
                SQL["add"],
                *(EntryKind.SENDING.value, about.key, about.proposal_id, message, actor.account_id),
                *(account_id, head.name, answer_day, None, None, str(actor)),
            )
            entries.append(entry_id)
            told.append(about.proposal_id)
            detail = {
                "key": about.key,
                "to": head.name,
                "answer_by": answer_day.isoformat(),
                "comment": message,
            }
            await record(connection, actor, Act.SENT, Subject.PROPOSAL, about.proposal_id, detail)
        if not entries:
            raise TalkError(TalkFault.ALREADY_SENT)
        news = News(
            kind=EntryKind.SENDING,
            actor=str(actor),
            text=message,
            proposals=len(told),
            proposal_id=told[0] if len(told) == 1 else None,
            answer_day=answer_day,
        )
        mails = await tell(connection, words, actor, entries[0], [account_id], news)
    return Sent(proposals=len(told), already=len(chosen) - len(told), by_mail=mails > 0)
