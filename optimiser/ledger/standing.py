"""The decisions that stand, whichever round they are of: what is accepted, as follow-up has it, and
what is rejected, with the reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from db.connect import Pool
from optimiser.carried.no_room import Unfit
from optimiser.depot.decision_key import DecisionKey
from optimiser.ledger.stored import Ledger
from optimiser.rounds.decisions import DecisionEntry, Status, Verdict, decision_histories
from optimiser.rounds.proposals import (
    Proposal,
    ProposalSums,
    decided_proposals,
    sum_proposals,
)
from optimiser.studies.budget import decision_budget
from register.vehicles import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDecision:
    """A single decision that stands, by whom and when it was decided. `paid_kr_year` is what it
    saves as a budget has it; of what is accepted it is follow-up's, so that the sums are equal, and
    of what the latest plan has no room for it is what that would save, which is in no sum. A
    rejected one has the `reason` that was given, and `no_room` says why the latest plan cannot have
    what is accepted."""

    proposal: Proposal
    status: Status
    paid_kr_year: float
    decided_by: str
    decided_at: datetime
    reason: str = ""
    no_room: Unfit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingSums:
    """The decisions of one status, with the sums over them."""

    status: Status
    rows: Sequence[StandingDecision]

    @property
    def paid_kr_year(self) -> float:
        """What they save as a budget has it; what other departments share is in no sum."""
        return sum(one.paid_kr_year for one in self.rows if not one.proposal.shared)

    @property
    def wholes(self) -> Sequence[tuple[DecisionKey, ...]]:
        """For each of them the proposal of which it is, as `Decision.whole` names it."""
        return [one.proposal.decision.whole for one in self.rows]

    @property
    def sums(self) -> ProposalSums:
        """The sums over what was proposed."""
        return sum_proposals(one.proposal for one in self.rows)


async def standing_decisions(
    pool: Pool, number: int, scope: Scope | None, ledger: Ledger
) -> Sequence[StandingDecision]:
    """The decisions that stand in the latest round, which has the `number`, as far as they are seen
    in the `scope` of the `ledger`."""
    accepted = [
        StandingDecision(
            proposal=row.proposal,
            status=row.status,
            paid_kr_year=row.progress.undertaken.terms.paid_kr_year
            if row.progress.is_without_room
            else row.progress.accepted_kr_year,
            decided_by=row.accepted_by,
            decided_at=row.accepted_at,
            no_room=row.no_room,
        )
        for row in ledger.rows
    ]
    rejected = [
        one
        for one in await decided_proposals(pool, number, scope)
        if one.is_change and one.verdict is Verdict.REJECTED
    ]
    histories = await decision_histories(pool, [one.proposal_id for one in rejected])
    return [*accepted, *[_rejected(one, histories[one.proposal_id]) for one in rejected]]


def _rejected(one: Proposal, history: Sequence[DecisionEntry]) -> StandingDecision:
    entry = next(found for found in history if found.verdict is Verdict.REJECTED)
    return StandingDecision(
        proposal=one,
        status=Status.REJECTED,
        paid_kr_year=decision_budget(one.decision, one.begins).terms.paid_kr_year,
        decided_by=entry.actor,
        decided_at=entry.at,
        reason=entry.comment,
    )


def by_status(decisions: Iterable[StandingDecision]) -> Sequence[StandingSums]:
    """The decisions by their status, in its order; those of which there are any."""
    found: Mapping[Status, list[StandingDecision]] = {status: [] for status in Status}
    for one in decisions:
        found[one.status].append(one)
    return [StandingSums(status=status, rows=rows) for status, rows in found.items() if rows]
