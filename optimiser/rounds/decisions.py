"""The act of deciding on a proposal, and the history of its verdicts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission

SQL = statements("round")


class Verdict(StrEnum):
    """The verdicts on a proposal. A question leaves the verdict before it in force."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    QUESTION = "question"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEntry:
    """One entry of a proposal's history."""

    verdict: Verdict
    comment: str
    actor: str
    at: datetime


class NoProposalError(LookupError):
    """There is no such proposal."""


async def decide(
    pool: Pool, actor: Actor, proposal_id: int, verdict: Verdict, comment: str
) -> None:
    """Decide on a proposal.

    The verdict is added to the proposal's history. The last verdict holds in every version of the
    round.

    Raises:
        NoProposalError: there is no such proposal.
    """
    actor.require(Permission.PROPOSALS_DECIDE)
    async with pool.acquire() as connection, connection.transaction():
        decided = await connection.fetchval(
            SQL["decide"], proposal_id, verdict.value, comment, str(actor)
        )
        if decided is None:
            raise NoProposalError(f"there is no proposal {proposal_id}")
        detail = {"verdict": verdict, "comment": comment}
        await record(connection, actor, Act.DECIDED, Subject.PROPOSAL, proposal_id, detail)


async def decision_history(pool: Pool, proposal_id: int) -> list[DecisionEntry]:
    """The history of a proposal in every version of its round, the latest entry first."""
    return [
        DecisionEntry(
            verdict=Verdict(row["verdict"]),
            comment=row["comment"],
            actor=row["actor"],
            at=row["at"],
        )
        for row in await pool.fetch(SQL["decisions"], proposal_id)
    ]
