"""What was said about a decision, in the thread of its key, and what of it waits for an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import asyncpg

from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from optimiser.depot.decision_key import DecisionKey

SQL = statements("talk")


class EntryKind(StrEnum):
    """The kinds of entries, as the table names them."""

    #: The proposal was sent to the head of a department, who answers or decides.
    SENDING = "sending"
    QUESTION = "question"
    ANSWER = "answer"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a thread.

    A sending and a question are to the account `recipient`, who was called `recipient_name`; None
    and "": the fleet unit. They wait until somebody answers, or a verdict follows. A day on which
    an answer was asked for changes nothing when it is over, but that the entry is late.
    """

    entry_id: int
    kind: EntryKind
    key: DecisionKey
    proposal_id: int
    text: str
    account_id: int | None
    recipient: int | None
    recipient_name: str
    answer_day: date | None
    answers: int | None
    actor: str
    at: datetime
    waits: bool

    def is_late(self, today: date) -> bool:
        """Whether the answer was to be there before today and is not."""
        return self.waits and self.answer_day is not None and self.answer_day < today

    def is_for(self, actor: Actor) -> bool:
        """Whether it is the actor who is to answer: in person, or as one of the fleet unit."""
        if self.recipient is not None:
            return self.recipient == actor.account_id
        return actor.departments is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits for an answer of an actor, and what the actor waits for."""

    for_them: Sequence[Entry]
    of_others: Sequence[Entry]


async def thread(pool: Pool, reader: Actor, proposal_id: int) -> Sequence[Entry]:
    """What was said about the decision of a proposal, in all rounds, the earliest first. The head
    of a department reads with a pool that shows their departments only.

    Raises:
        NotAllowedError: the reader does not take part in decisions.
    """
    reader.require(Permission.PROPOSALS_DECIDE)
    return [_entry(row) for row in await pool.fetch(SQL["thread"], proposal_id)]


async def waiting(pool: Pool, reader: Actor) -> Waiting:
    """What waits for an answer, as far as it concerns the reader: who sees all departments also
    waits for what others of the fleet unit asked.

    Raises:
        NotAllowedError: the reader does not take part in decisions.
    """
    reader.require(Permission.PROPOSALS_DECIDE)
    found = [_entry(row) for row in await pool.fetch(SQL["waiting"])]
    for_them = [one for one in found if one.is_for(reader)]
    others = [
        one
        for one in found
        if not one.is_for(reader)
        and (reader.departments is None or one.account_id == reader.account_id is not None)
    ]
    return Waiting(for_them=for_them, of_others=others)


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(
        entry_id=row["change_id"],
        kind=EntryKind(row["kind"]),
        key=DecisionKey.parse(row["key"]),
        proposal_id=row["proposal_id"],
        text=row["text"],
        account_id=row["account_id"],
        recipient=row["recipient"],
        recipient_name=row["recipient_name"],
        answer_day=row["answer_day"],
        answers=row["answers"],
        actor=row["actor"],
        at=row["at"],
        waits=row["waits"],
    )
