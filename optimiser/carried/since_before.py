"""What a round carries over from the rounds before, and what is new, changed and gone in it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import asyncpg

from db.connect import Pool
from db.statements import statements
from optimiser.depot.decision_key import LEAVING, DecisionKey
from optimiser.rounds.decisions import ACCEPTING
from optimiser.rounds.proposals import (
    Proposal,
    ProposalSums,
    decided_proposals,
    done_and_there,
    read_proposals,
    sum_proposals,
)
from register.inventory.since_round import RegisterState, stored_register
from register.vehicles import Scope

SQL = statements("round")


NOTHING_KNOWN = RegisterState(vehicles={}, depots={})


class Since(StrEnum):
    """What became of a proposal since the round before."""

    #: An earlier round has its verdict or its open question.
    CARRIED = "carried"
    NEW = "new"
    #: It saves another sum, or something else replaces the vehicle.
    CHANGED = "changed"
    SAME = "same"
    #: The round before proposed it; this one does not, and nothing on it is carried over.
    GONE = "gone"


class Unfit(StrEnum):
    """Why what was accepted in an earlier round binds nothing in this one."""

    NO_VEHICLE = "no_vehicle"
    MOVED = "moved"
    NO_DEPOT = "no_depot"
    #: A contract, a ruling, a lack of data or a rule keeps it.
    BOUND = "bound"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedProposal:
    """A proposal and what became of it. `before` is the same decision in the round before, where
    that proposed it. `since` is None for a vehicle that stays, in the first round, and for what an
    earlier version of the same round proposed. `is_proposed`: it is in the version itself. `unfit`
    is set where it is accepted, carried over and not proposed."""

    proposal: Proposal
    since: Since | None = None
    before: Proposal | None = None
    is_proposed: bool = True
    unfit: Unfit | None = None

    @property
    def differs(self) -> bool:
        """Whether its figures are others than in the round before."""
        return self.is_proposed and self.before is not None and _differ(self.before, self.proposal)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundComparison:
    """A version of a round beside the round with the number `before`, in its latest version; None:
    it is of the first round.

    `rows` are its own proposals, then those that are decided and that it does not propose. `gone`
    are those of the round before that are in neither. `sums` are those of the changes that are its
    own and of the departments that are seen, and of those that are gone; they add up to the round
    without these. `unproposed` counts what is carried over beside them. `there` are vehicles that
    were to leave, that somebody said were gone, and that the round counts.
    """

    before: int | None
    rows: Sequence[ComparedProposal]
    gone: Sequence[ComparedProposal]
    sums: Mapping[Since, ProposalSums]
    unproposed: int
    there: Sequence[Proposal]

    @property
    def every(self) -> Sequence[ComparedProposal]:
        """All of them, with those that are gone."""
        return [*self.rows, *self.gone]


async def compare_with_before(
    pool: Pool, round_id: int, number: int, proposals: Sequence[Proposal], scope: Scope | None
) -> RoundComparison:
    """The version `round_id` of the round `number`, whose `proposals` are seen in the `scope`,
    beside the round before."""
    row = await pool.fetchrow(SQL["round_before"], number)
    decided, former, there = await asyncio.gather(
        decided_proposals(pool, number, scope),
        _former(pool, row, scope),
        done_and_there(pool, round_id, number, scope),
    )
    before = {one.decision.key: one for one in former}
    present = {one.decision.key for one in proposals if one.is_change}
    rows = [
        ComparedProposal(
            proposal=one,
            since=None if row is None or not one.is_change else _since(one, before, number),
            before=before.get(one.decision.key) if one.is_change else None,
        )
        for one in proposals
    ]
    beside = [one for one in decided if one.is_change and one.decision.key not in present]
    is_lacking = any(one.accepted and is_carried(one, number) for one in beside)
    state = await stored_register(pool, round_id) if is_lacking else NOTHING_KNOWN
    rows += [
        ComparedProposal(
            proposal=one,
            since=Since.CARRIED if is_carried(one, number) else None,
            before=before.get(one.decision.key),
            is_proposed=False,
            unfit=_unfit(one, state) if is_carried(one, number) else None,
        )
        for one in beside
    ]
    known = present | {one.decision.key for one in beside}
    gone = [
        ComparedProposal(proposal=one, since=Since.GONE, before=one, is_proposed=False)
        for key, one in before.items()
        if key not in known
    ]
    return RoundComparison(
        before=None if row is None else row["number"],
        rows=rows,
        gone=gone,
        sums={
            since: sum_proposals(
                one.proposal
                for one in (*rows, *gone)
                if one.since is since
                and not one.proposal.shared
                and (one.is_proposed or since is Since.GONE)
            )
            for since in Since
        },
        unproposed=sum(one.since is Since.CARRIED and not one.is_proposed for one in rows),
        there=there,
    )


async def _former(
    pool: Pool, row: asyncpg.Record | None, scope: Scope | None
) -> Sequence[Proposal]:
    """The changes that the round before proposed; none where there is no such round."""
    if row is None:
        return ()
    return await read_proposals(pool, row["round_id"], scope, changes_only=True)


def is_carried(proposal: Proposal, number: int) -> bool:
    """Whether the round `number` has a verdict or a question on it from an earlier round."""
    return (proposal.decided_in is not None and proposal.decided_in < number) or (
        proposal.asked_in is not None and proposal.asked_in < number
    )


def _since(proposal: Proposal, before: Mapping[DecisionKey, Proposal], number: int) -> Since:
    if is_carried(proposal, number):
        return Since.CARRIED
    was = before.get(proposal.decision.key)
    if was is None:
        return Since.NEW
    return Since.CHANGED if _differ(was, proposal) else Since.SAME


def _differ(before: Proposal, now: Proposal) -> bool:
    """Whether two proposals of one decision save other sums in whole kr., or by another kind."""
    was, is_now = before.decision, now.decision
    return (round(was.saving_kr_year), was.new_kind, was.count) != (
        round(is_now.saving_kr_year),
        is_now.new_kind,
        is_now.count,
    )


def _unfit(proposal: Proposal, state: RegisterState) -> Unfit | None:
    """Why an accepted decision is not in the plan of a round that found the register in `state`."""
    if proposal.verdict not in ACCEPTING or not state.is_known:
        return None
    key = proposal.decision.key
    if key.action in LEAVING:
        vehicle = state.vehicles.get(key.subject)
        if vehicle is None:
            return Unfit.NO_VEHICLE
        end = proposal.decision.arrival
        if end is not None and vehicle.facts["depot_id"] == end.depot_id:
            return Unfit.MOVED
    if proposal.depot_id not in {one.facts.get("depot_id") for one in state.vehicles.values()}:
        return Unfit.NO_DEPOT
    return Unfit.BOUND
