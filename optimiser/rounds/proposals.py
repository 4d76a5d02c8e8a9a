"""The proposals of a round, each with what is decided on it, and what they add up to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from db.connect import Pool
from db.statements import statements
from fleet.period import Period
from optimiser.depot.decision_key import Action
from optimiser.depot.decisions import Decision, read_decision
from optimiser.depot.part_plan import DepotPlan
from optimiser.rounds.decisions import DecisionEntry, Verdict, decision_history
from optimiser.rounds.studies import NO_STUDIES, RoundStudies, depot_plans, round_studies
from optimiser.studies.sensitivity import Moved, Outcome, overturning_moves
from optimiser.studies.study import DepotBacktest, Study

SQL = statements("round")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A decision that can be taken by itself, proposed by a round.

    `verdict` is the one in force; None before any. A question is no verdict: it is `asked` as long
    as nobody decides after it. `overturned_by` are the moves of a price or of demand under which the
    round would not propose it; None before the study is made, which never comes if `study_failed`.
    """

    proposal_id: int
    depot_id: str
    depot: str
    decision: Decision
    verdict: Verdict | None
    overturned_by: Sequence[tuple[Moved, float]] | None
    asked: bool = False
    study_failed: bool = False

    @property
    def is_change(self) -> bool:
        """Whether something would change: all but a vehicle that stays."""
        return self.decision.action is not Action.KEEP

    @property
    def open(self) -> bool:
        """Whether it awaits a decision."""
        return self.verdict is None

    @property
    def accepted(self) -> bool:
        """Whether its acceptance is in force; what is carried out was accepted."""
        return self.verdict in (Verdict.ACCEPTED, Verdict.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalCase:
    """All that is known of one proposal: its round, the depot's plan, how it stands when prices or
    demand move, and its history. `study` is None before it is worked out, and so is `backtest`."""

    proposal: Proposal
    round_id: int
    number: int
    version: int
    period: Period
    plan: DepotPlan
    study: Study | None
    backtest: DepotBacktest | None
    history: Sequence[DecisionEntry]

    @property
    def outcomes(self) -> list[tuple[Moved, float, bool | None]] | None:
        """For each move of a figure whether the plan still has the decision.

        Returns:
            The figure, its factor, and whether the plan has it (None: no fleet keeps the cap on
            CO2e); None for a vehicle that stays, and before the study is made.
        """
        if self.study is None or not self.proposal.is_change:
            return None
        key = self.proposal.decision.key
        return [
            (outcome.moved, outcome.factor, key in outcome.keys if outcome.possible else None)
            for outcome in self.study.sensitivity
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What some decisions add up to; `unpriced` of them have no known price."""

    decisions: int
    saving_kr_year: float
    saving_co2_t_year: float
    upfront_kr: float
    unpriced: int


async def read_proposals(
    pool: Pool, round_id: int, studies: RoundStudies = NO_STUDIES
) -> list[Proposal]:
    """The proposals of a round's version, in order of rank; with `studies` how they stand when
    prices or demand move."""
    outcomes, failed = studies.outcomes, studies.failed_depots
    rows = await pool.fetch(SQL["proposals"], round_id)
    return [_proposal(row, outcomes, row["depot_id"] in failed) for row in rows]


async def decided_proposals(pool: Pool, number: int) -> list[Proposal]:
    """Each decision of the round `number` that something was decided or asked on, in all its
    versions, as it was proposed last."""
    return [_proposal(row, {}, False) for row in await pool.fetch(SQL["decided"], number)]


async def decided_since(pool: Pool, round_id: int) -> bool:
    """Whether something was accepted or rejected in the round after this version was asked for."""
    return await pool.fetchval(SQL["decided_since"], round_id)


async def read_proposal(pool: Pool, proposal_id: int) -> ProposalCase | None:
    """One proposal; None when there is no such one."""
    row = await pool.fetchrow(SQL["proposal"], proposal_id)
    if row is None:
        return None
    depot_id = row["depot_id"]
    studies = await round_studies(pool, row["round_id"])
    study = studies.of_depot(depot_id)
    plans = await depot_plans(pool, row["round_id"])
    return ProposalCase(
        proposal=_proposal(row, studies.outcomes, depot_id in studies.failed_depots),
        round_id=row["round_id"],
        number=row["number"],
        version=row["version"],
        period=Period(row["period_first"], row["period_last"]),
        plan=next(plan for plan in plans if plan.depot_id == depot_id),
        study=study,
        backtest=None
        if study is None
        else next(backtest for backtest in study.backtest if backtest.depot_id == depot_id),
        history=await decision_history(pool, proposal_id),
    )


def sums(proposals: Iterable[Proposal]) -> Sums:
    """What decisions add up to."""
    decisions = [proposal.decision for proposal in proposals]
    return Sums(
        decisions=len(decisions),
        saving_kr_year=sum(decision.saving_kr_year for decision in decisions),
        saving_co2_t_year=sum(decision.saving_co2_t_year for decision in decisions),
        upfront_kr=sum(decision.upfront_kr or 0.0 for decision in decisions),
        unpriced=sum(decision.upfront_kr is None for decision in decisions),
    )


def _proposal(
    row: asyncpg.Record, outcomes: Mapping[str, Sequence[Outcome]], study_failed: bool
) -> Proposal:
    decision = read_decision(row["content"])
    of_depot = outcomes.get(row["depot_id"])
    return Proposal(
        proposal_id=row["proposal_id"],
        depot_id=row["depot_id"],
        depot=row["depot"],
        decision=decision,
        verdict=None if row["verdict"] is None else Verdict(row["verdict"]),
        asked=row["asked"],
        overturned_by=overturning_moves(decision.key, of_depot)
        if of_depot and decision.action is not Action.KEEP
        else None,
        study_failed=study_failed,
    )
