"""The proposals of a round, each with its verdict in force, and their sums."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import asyncpg

from db.connect import Pool
from db.scope.seen import departments_seen
from db.statements import statements
from fleet.period import Period
from optimiser.depot.decision_key import Action
from optimiser.depot.decisions import BOUGHT_PREFIX, Decision
from optimiser.parts.depot_plan import DepotPlan
from optimiser.rounds.decisions import (
    ACCEPTING,
    DecisionEntry,
    Verdict,
    decision_history,
    is_seen,
    other_departments,
)
from optimiser.rounds.studies import RoundStudies, depot_plans, round_studies
from optimiser.studies.budget import DecisionBudget, begins_after, decision_budget
from optimiser.studies.depot_backtest import DepotBacktest
from optimiser.studies.read_bodies import decision_of
from optimiser.studies.sensitivity import MovedFigure, overturning_moves
from optimiser.studies.study import Study
from register.vehicles import Scope

SQL = statements("round")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A decision that people can take by itself, as a round proposes it.

    `verdict` is the one in force at the end of its round, which `decided_by` gave in the round
    `decided_in`; None before any. `asked` is true while a question has no verdict after it, the
    last of which is of the round `asked_in`. `entries` is how long its history is.
    `overturned_by` are the moves of a price or of demand under which the round would not
    propose the decision. It is None before the study is made, and for ever if `study_failed`.

    The head of a department sees a decision without the names of other departments and of their
    vehicles: `other_departments` share it, and vehicles of theirs take over `taken_by_others` of
    its trips. `study_hidden`: its study is of a depot at which vehicles of others stand, too.

    It may take hold in the month `begins`. A vehicle that moves comes to the depot with the name
    `to_depot`. A change that saves less than `least_saving_kr_year` is not proposed by itself; None
    where a round has no such limit, or kept none.
    """

    proposal_id: int
    depot_id: str
    depot: str
    decision: Decision
    verdict: Verdict | None
    overturned_by: Sequence[tuple[MovedFigure, float]] | None = None
    asked: bool = False
    study_failed: bool = False
    other_departments: int = 0
    taken_by_others: int = 0
    study_hidden: bool = False
    begins: date
    to_depot: str | None = None
    least_saving_kr_year: float | None = None
    decided_in: int | None = None
    decided_by: str | None = None
    asked_in: int | None = None
    entries: int = 0

    @property
    def is_small(self) -> bool:
        """Whether it is a change that saves less than the least saving."""
        least = self.least_saving_kr_year
        return least is not None and self.is_change and self.decision.saving_kr_year < least

    @property
    def budget(self) -> DecisionBudget:
        """What it saves in each year."""
        return decision_budget(self.decision, self.begins)

    @property
    def shared(self) -> bool:
        """Whether it is of departments that are not seen, too: its figures are theirs as well."""
        return self.other_departments > 0

    @property
    def is_change(self) -> bool:
        """Whether the proposal is a change; the other proposals are vehicles that stay."""
        return self.decision.action is not Action.KEEP

    @property
    def open(self) -> bool:
        """Whether the proposal awaits a verdict."""
        return self.verdict is None

    @property
    def accepted(self) -> bool:
        """Whether its acceptance is in force."""
        return self.verdict in ACCEPTING


@dataclass(frozen=True, slots=True)
class InPresentVersion:
    """The latest version of a proposal's round, and the id of the proposal there about the same
    decision; None: that version does not propose it."""

    version: int
    proposal_id: int | None


@dataclass(frozen=True, slots=True)
class LaterRounds:
    """What became of a proposal of an earlier round until the round `latest`. `newer` is the id of
    the newest proposal about the same decision; None: no later round proposes it, so that what is
    in force on it is decided here (`is_carried`), or it is gone. `decided_later`: people decided on
    it after the end of its round."""

    latest: int
    newer: int | None
    is_carried: bool
    decided_later: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalCase:
    """One proposal with its round, the depot's plan, its study and its history.

    `study` and `backtest` are None before the study is made. The head of a department sees
    neither these nor the `plan` of a depot at which vehicles of others stand, too.
    `year_over_period` is that of its round (`optimiser.rounds.overview.Round`). `later` is None for
    a proposal of the latest round.
    """

    proposal: Proposal
    round_id: int
    number: int
    version: int
    period: Period
    year_over_period: float
    plan: DepotPlan | None
    study: Study | None
    backtest: DepotBacktest | None
    history: Sequence[DecisionEntry]
    present: InPresentVersion
    later: LaterRounds | None

    @property
    def outcomes(self) -> list[tuple[MovedFigure, float, bool | None]] | None:
        """Whether the plan still has the decision after each move of a figure.

        Returns:
            The figure, its factor, and whether the plan has the decision (None if no fleet keeps
            the cap on CO2e); None for a vehicle that stays, and before the study is made.
        """
        if self.study is None or not self.proposal.is_change:
            return None
        key = self.proposal.decision.key_apart
        return [
            (outcome.moved, outcome.factor, key in outcome.keys if outcome.possible else None)
            for outcome in self.study.sensitivity
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalSums:
    """The sums over some decisions; `unpriced` of them have no known price. One-off costs of
    about `uncounted_kr` are taken to be paid with the yearly cost or the price of new vehicles."""

    decisions: int
    saving_kr_year: float
    saving_co2_t_year: float
    upfront_kr: float
    unpriced: int
    uncounted_kr: float


async def read_proposals(
    pool: Pool, round_id: int, scope: Scope | None = None, *, changes_only: bool = False
) -> list[Proposal]:
    """The proposals of a round's version, in order of rank, without what its studies say of them
    (`with_studies`); those of a `scope` only, where there is one."""
    rows = await pool.fetch(SQL["proposals"], round_id, changes_only)
    return await _seen(pool, [_proposal(row) for row in rows], scope)


async def decided_proposals(pool: Pool, number: int, scope: Scope | None = None) -> list[Proposal]:
    """The decisions with a verdict or a question that is in force in the round `number`, whether
    one of its versions proposes them or an earlier round did.

    Each is read as it was proposed last.
    """
    rows = await pool.fetch(SQL["decided"], number)
    return await _seen(pool, [_proposal(row) for row in rows], scope)


async def proposals_by_id(
    pool: Pool, proposal_ids: Sequence[int], scope: Scope | None = None
) -> list[Proposal]:
    """The proposals with some ids that are seen, of whichever rounds."""
    rows = await pool.fetch(SQL["proposals_by_id"], list(proposal_ids))
    return await _seen(pool, [_proposal(row) for row in rows], scope)


def with_studies(
    proposals: Iterable[Proposal], studies: RoundStudies, scope: Scope | None
) -> list[Proposal]:
    """The proposals with what the `studies` of their round say of them; those of a `scope` only,
    where there is one."""
    kept, failed = studies.kept, studies.failed_depots
    is_narrowed = departments_seen() is not None
    return [
        replace(
            one,
            overturned_by=overturning_moves(one.decision.key_apart, kept[one.depot_id])
            if one.is_change and kept.get(one.depot_id)
            else None,
            study_failed=one.depot_id in failed,
            study_hidden=is_narrowed and one.depot_id not in studies.depot_ids,
        )
        for one in proposals
        if is_seen(one.decision, scope)
    ]


async def done_and_there(
    pool: Pool, round_id: int, number: int, scope: Scope | None
) -> list[Proposal]:
    """The departures that were carried out in a round before the `number` and whose vehicles the
    version `round_id` counts all the same; those of a `scope` only, where there is one."""
    rows = await pool.fetch(SQL["done_and_there"], round_id, number)
    return await _seen(pool, [_proposal(row) for row in rows], scope)


async def decided_since(pool: Pool, round_id: int) -> bool:
    """Whether somebody accepted or rejected a proposal of the round since this version's start."""
    return await pool.fetchval(SQL["decided_since"], round_id)


async def read_proposal(
    pool: Pool, proposal_id: int, scope: Scope | None = None
) -> ProposalCase | None:
    """One proposal; None if there is no such proposal, or none that is seen in the `scope`."""
    row = await pool.fetchrow(SQL["proposal"], proposal_id)
    if row is None:
        return None
    depot_id = row["depot_id"]
    studies = await round_studies(pool, row["round_id"])
    study = studies.of_depot(depot_id)
    plans = await depot_plans(pool, row["round_id"])
    seen = await _seen(pool, [_proposal(row)], scope)
    if not seen:
        return None
    [proposal] = with_studies(seen, studies, scope)
    present = await pool.fetchrow(SQL["in_present_version"], proposal_id)
    assert present is not None, "a proposal is of a version that is done"
    newest = await pool.fetchrow(SQL["newest_of_key"], row["key"])
    assert newest is not None, "the proposal itself has the key"
    period = Period(row["period_first"], row["period_last"])
    return ProposalCase(
        proposal=proposal,
        round_id=row["round_id"],
        number=row["number"],
        version=row["version"],
        period=period,
        year_over_period=period.days / row["period_days"],
        plan=next((plan for plan in plans if plan.depot_id == depot_id), None),
        study=study,
        backtest=None
        if study is None
        else next(backtest for backtest in study.backtest if backtest.depot_id == depot_id),
        history=await decision_history(pool, proposal_id),
        present=InPresentVersion(present["version"], present["proposal_id"]),
        later=None
        if row["number"] >= newest["latest_number"]
        else LaterRounds(
            latest=newest["latest_number"],
            newer=newest["proposal_id"] if newest["number"] > row["number"] else None,
            is_carried=proposal.verdict is not None or proposal.asked,
            decided_later=row["decided_later"],
        ),
    )


async def proposal_of_vehicle(pool: Pool, vehicle_id: str) -> Proposal | None:
    """What the latest round proposes for a vehicle, without what its studies say of it; None: it
    says nothing of the vehicle."""
    proposal_id = await pool.fetchval(SQL["proposal_of_vehicle"], vehicle_id)
    return None if proposal_id is None else await one_proposal(pool, proposal_id)


async def one_proposal(pool: Pool, proposal_id: int, scope: Scope | None = None) -> Proposal | None:
    """One proposal without its case; None if there is no such one, or none that is seen in the
    `scope`."""
    row = await pool.fetchrow(SQL["proposal"], proposal_id)
    found = [] if row is None else await _seen(pool, [_proposal(row)], scope)
    return found[0] if found else None


async def _seen(pool: Pool, found: Sequence[Proposal], scope: Scope | None) -> list[Proposal]:
    """The proposals that are seen in a `scope`, and of the departments that this task sees."""
    seen = [one for one in found if is_seen(one.decision, scope)]
    departments = departments_seen()
    if departments is None:
        return seen
    names = frozenset(row["name"] for row in await pool.fetch(SQL["vehicles_seen"]))
    return [_narrowed(one, departments, names) for one in seen]


def _narrowed(proposal: Proposal, departments: frozenset[str], names: frozenset[str]) -> Proposal:
    """A proposal without the names of other departments, and of their vehicles."""
    decision = proposal.decision
    own = tuple(one for one in decision.departments if one in departments)
    # A vehicle that the plan buys is of no department yet.
    takers = tuple(
        one
        for one in decision.taken_over_by
        if one.name in names or one.name.startswith(BOUGHT_PREFIX)
    )
    instead = tuple(one for one in decision.instead if one.name in names)
    return replace(
        proposal,
        decision=replace(decision, departments=own, taken_over_by=takers, instead=instead),
        other_departments=other_departments(decision, departments),
        taken_by_others=sum(one.trips for one in decision.taken_over_by)
        - sum(one.trips for one in takers),
    )


def sum_proposals(proposals: Iterable[Proposal]) -> ProposalSums:
    """The sums over the decisions of `proposals`."""
    decisions = [proposal.decision for proposal in proposals]
    return ProposalSums(
        decisions=len(decisions),
        saving_kr_year=sum(decision.saving_kr_year for decision in decisions),
        saving_co2_t_year=sum(decision.saving_co2_t_year for decision in decisions),
        upfront_kr=sum(decision.upfront_kr or 0.0 for decision in decisions),
        unpriced=sum(decision.upfront_kr is None for decision in decisions),
        uncounted_kr=sum(
            decision.uncounted_purchase.about_kr
            for decision in decisions
            if decision.uncounted_purchase is not None
        ),
    )


def _proposal(row: asyncpg.Record) -> Proposal:
    return Proposal(
        proposal_id=row["proposal_id"],
        depot_id=row["depot_id"],
        depot=row["depot"],
        decision=decision_of(row["content"]),
        verdict=None if row["verdict"] is None else Verdict(row["verdict"]),
        asked=row["asked"],
        begins=begins_after(row["finished_at"]),
        to_depot=row["to_depot"],
        least_saving_kr_year=row["least_saving_kr_year"],
        decided_in=None if row["verdict"] is None else row["decided_in"],
        decided_by=None if row["verdict"] is None else row["decided_by"],
        asked_in=row["asked_in"] if row["asked"] else None,
        entries=row["entries"],
    )
