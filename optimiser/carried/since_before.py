"""What a round carries over from the rounds before, and what is new, changed and gone in it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import asyncpg

from db.connect import Pool
from db.statements import statements
from optimiser.carried.no_room import Unfit, unfit
from optimiser.carried.saved_before import SavedBefore, saved_before
from optimiser.depot.decision_key import DecisionKey
from optimiser.rounds.decisions import Status, beside_the_plan
from optimiser.rounds.proposals import (
    Proposal,
    ProposalSums,
    decided_proposals,
    joined,
    proposed_changes,
    sum_proposals,
)
from optimiser.settings import OptimiserSettings
from register.inventory.since_round import (
    ClosingDepot,
    RegisterState,
    closing_depots,
    stored_register,
)
from register.vehicles import RulingEntry, Scope, ruled_to_stay

SQL = statements("round")


NOTHING_KNOWN = RegisterState(vehicles={}, depots={})


class Since(StrEnum):
    """What became of a proposal since the round before."""

    #: An earlier round has its verdict or its open question.
    CARRIED = "carried"
    NEW = "new"
    #: An earlier round proposed it, and the one before this did not.
    AGAIN = "again"
    #: It saves clearly another sum, or something else replaces the vehicle. What was accepted in an
    #: earlier round is changed where something else is proposed now.
    CHANGED = "changed"
    SAME = "same"
    #: It is carried out, and the register has it so: this round need not propose it.
    DELIVERED = "delivered"
    #: The round before proposed it; this one does not, and nothing on it is carried over.
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class LeastChange:
    """From which difference on a saving is another one than before: it is at least so many kr. a
    year, and at least this share of what was saved."""

    kr_year: float = 500.0
    share: float = 0.01

    @classmethod
    def of(cls, settings: OptimiserSettings) -> "LeastChange":
        return cls(settings.changed_kr_year, settings.changed_share)

    def is_reached(self, before: float, now: float) -> bool:
        moved = abs(now - before)
        return moved >= max(self.kr_year, self.share * abs(before)) and moved > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedProposal:
    """A proposal and what became of it. `before` is what the round before proposed of its
    decisions; None: nothing. `since` is None for a vehicle that stays, in the first round, and for
    what an earlier version of the same round proposed. `is_proposed`: it is in the version itself.
    `unfit` is set where it is accepted, carried over and not proposed, and `ruled` is the ruling by
    which its vehicle stays since; None: no ruling says so now."""

    proposal: Proposal
    since: Since | None = None
    before: SavedBefore | None = None
    is_proposed: bool = True
    unfit: Unfit | None = None
    ruled: RulingEntry | None = None
    least_change: LeastChange = LeastChange()

    @property
    def status(self) -> Status:
        """Its status, in the plan or beside it."""
        if self.is_proposed:
            return self.proposal.status
        return beside_the_plan(self.proposal.status, asked=self.proposal.asked)

    @property
    def differs(self) -> bool:
        """Whether its figures are clearly others than in the round before."""
        return (
            self.is_proposed
            and self.before is not None
            and _differ(self.before, self.proposal, self.least_change)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A depot that closes, with what is decided or asked about vehicles that leave it or come."""

    depot: ClosingDepot
    decided: Sequence[Proposal]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundComparison:
    """A version of a round beside the round with the number `before`, in its latest version; None:
    it is of the first round.

    `rows` are its own proposals, then those that are decided and that it does not propose. `gone`
    are those of the round before that are in neither, those that are delivered among them. `sums`
    are those of the changes that are its own and of the departments that are seen, and of those
    that are gone or delivered; they add up to the round without these. `unproposed` counts what is
    carried over beside them. `closing` are depots that had a last day when it was calculated, and
    whose vehicles it plans as if they stayed open.
    """

    number: int
    before: int | None
    rows: Sequence[ComparedProposal]
    gone: Sequence[ComparedProposal]
    sums: Mapping[Since, ProposalSums]
    unproposed: int
    closing: Sequence[Closing] = ()

    @property
    def there(self) -> Sequence[Proposal]:
        """The decisions that somebody said in an earlier round were carried out, and that the
        register does not have so: the round counts their vehicles."""
        return [
            single
            for one in self.rows
            for single in one.proposal.singles
            if single.status is Status.REPORTED and is_carried(single, self.number)
        ]

    @property
    def every(self) -> Sequence[ComparedProposal]:
        """All of them, with those that are gone."""
        return [*self.rows, *self.gone]


async def compare_with_before(
    pool: Pool,
    round_id: int,
    number: int,
    proposals: Sequence[Proposal],
    scope: Scope | None,
    least_change: LeastChange,
) -> RoundComparison:
    """The version `round_id` of the round `number`, whose `proposals` are seen in the `scope`,
    beside the round before."""
    row = await pool.fetchrow(SQL["round_before"], number)
    decided, former, earlier, closing = await asyncio.gather(
        decided_proposals(pool, number, scope),
        _former(pool, row, scope),
        pool.fetch(SQL["proposed_before"], None if row is None else row["number"]),
        closing_depots(pool, round_id),
    )
    known_before = frozenset(DecisionKey.parse(one["key"]) for one in earlier)
    present = {key for one in proposals if one.is_change for key in one.keys}
    beside = joined(
        (one for one in decided if one.is_change and one.decision.key not in present), scope
    )
    saved = await saved_before(pool, number, [*proposals, *beside, *former])

    def since(one: Proposal) -> Since:
        return _since(one, saved.get(one.proposal_id), known_before, number, least_change)

    rows = [
        ComparedProposal(
            proposal=one,
            since=None if row is None or not one.is_change else since(one),
            before=saved.get(one.proposal_id),
            least_change=least_change,
        )
        for one in proposals
    ]
    is_lacking = any(
        (one.accepted or one.approved is not None) and is_carried(one, number) for one in beside
    )
    state = await stored_register(pool, round_id) if is_lacking else NOTHING_KNOWN
    ruled = await ruled_to_stay(pool, {key for one in beside for key in _accepted_to_leave(one)})
    rows += [
        ComparedProposal(
            proposal=one,
            since=_since_beside(one, number),
            before=saved.get(one.proposal_id),
            is_proposed=False,
            unfit=unfit(one, state, present) if is_carried(one, number) else None,
            ruled=next((ruled[key] for key in _accepted_to_leave(one) if key in ruled), None),
        )
        for one in beside
    ]
    known = present.union(*(one.keys for one in beside))
    gone = [
        ComparedProposal(
            proposal=one,
            since=Since.DELIVERED if one.status is Status.DONE else Since.GONE,
            before=saved.get(one.proposal_id),
            is_proposed=False,
        )
        for one in former
        if known.isdisjoint(one.keys)
    ]
    return RoundComparison(
        number=number,
        before=None if row is None else row["number"],
        rows=rows,
        gone=gone,
        sums={
            since: sum_proposals(
                one.proposal
                for one in (*rows, *gone)
                if one.since is since
                and not one.proposal.shared
                and (one.is_proposed or since in (Since.GONE, Since.DELIVERED))
            )
            for since in Since
        },
        unproposed=sum(one.since is Since.CARRIED and not one.is_proposed for one in rows),
        closing=[
            Closing(
                depot=depot,
                decided=[
                    one.proposal
                    for one in rows
                    if (one.proposal.has_verdict or one.proposal.asked)
                    and depot.depot_id in _places(one.proposal)
                ],
            )
            for depot in closing
        ],
    )


def _places(proposal: Proposal) -> set[str]:
    """The depots that vehicles of a proposal leave, stay at or come to."""
    decisions = [one.decision for one in proposal.singles]
    ends = {one.arrival.depot_id for one in decisions if one.arrival is not None}
    return {one.depot_id for one in decisions} | ends


async def _former(
    pool: Pool, row: asyncpg.Record | None, scope: Scope | None
) -> Sequence[Proposal]:
    """The changes that the round before proposed; none where there is no such round."""
    if row is None:
        return ()
    return await proposed_changes(pool, row["round_id"], scope)


def is_carried(proposal: Proposal, number: int) -> bool:
    """Whether the round `number` has a verdict or a question on it from an earlier round."""
    return (proposal.decided_in is not None and proposal.decided_in < number) or (
        proposal.asked_in is not None and proposal.asked_in < number
    )


def _accepted_to_leave(proposal: Proposal) -> list[str]:
    """The vehicles of a proposal of which it was accepted that they leave."""
    return [
        one.decision.vehicle_id
        for one in proposal.singles
        if one.accepted and one.decision.vehicle_id is not None
    ]


def _since(
    proposal: Proposal,
    before: SavedBefore | None,
    known_before: frozenset[DecisionKey],
    number: int,
    least_change: LeastChange,
) -> Since:
    if proposal.status is Status.CHANGED or proposal.approved is not None:
        return Since.CHANGED
    if all(is_carried(one, number) for one in proposal.singles):
        return Since.CARRIED
    if before is None:
        return Since.NEW if known_before.isdisjoint(proposal.whole_keys) else Since.AGAIN
    return Since.CHANGED if _differ(before, proposal, least_change) else Since.SAME


def _since_beside(proposal: Proposal, number: int) -> Since | None:
    """What became of a decision that the round does not propose."""
    if not is_carried(proposal, number):
        return None
    return Since.DELIVERED if proposal.status is Status.DONE else Since.CARRIED


def _differ(before: SavedBefore, now: Proposal, least: LeastChange) -> bool:
    """Whether what a round proposes saves clearly another sum than what the one before proposed of
    the same decisions, by another kind, or with other parts."""
    return (
        not before.is_whole
        or not before.is_alike
        or least.is_reached(before.saving_kr_year, now.decision.saving_kr_year)
    )
