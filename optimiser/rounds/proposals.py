"""The proposals of a round, each with its verdict in force, and their sums."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

import asyncpg

from costs.assumptions import FigureKey
from costs.assumptions_stored import read_assumptions
from db.connect import Pool
from db.scope.read_once import read_once
from db.scope.seen import departments_seen
from db.statements import statements
from fleet.localtime import local_now
from fleet.period import Period
from optimiser.bundles.joint import joint
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import BOUGHT_PREFIX, Decision
from optimiser.parts.depot_plan import DepotPlan
from optimiser.rounds.decisions import (
    ACCEPTING,
    DecisionEntry,
    Status,
    Verdict,
    accepted_otherwise,
    beside_the_plan,
    decision_histories,
    is_seen,
    other_departments,
    others_of_whole,
    status_of,
    status_of_whole,
)
from optimiser.rounds.studies import RoundStudies, depot_plans, round_studies
from optimiser.studies.budget import DecisionBudget, begins_after, decision_budget, joint_budget
from optimiser.studies.depot_backtest import DepotBacktest
from optimiser.studies.grid import grid_kr, grid_needs
from optimiser.studies.read_bodies import decision_of
from optimiser.studies.sensitivity import KeptDecisions, MovedFigure, overturning_moves
from optimiser.studies.study import Study
from register.vehicles import Scope

SQL = statements("round")

#: The place of each figure in the order in which pages tell them.
_ORDER: Mapping[MovedFigure, int] = {figure: at for at, figure in enumerate(MovedFigure)}


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A decision that people can take by itself, as a round proposes it.

    `verdict` is the one in force at the end of its round, which `decided_by` gave in the round
    `decided_in` at the moment `decided_at`; None before any. `asked` is true while a question has
    no verdict after it, the last of which is of the round `asked_in`. `entries` is how long its
    history is.
    `approved` is what was accepted in the round `decided_in` with the same key where that is
    something else, as another kind of vehicle: then the proposal itself has no verdict, and what
    was accepted stays so until somebody decides on it. None: nothing else was accepted.
    `overturned_by` are the moves of a price or of demand under which the round would not
    propose the decision. It is None before the study is made, and for ever if `study_failed`.
    `grid_kr` is about what its share of the grid connection costs once, which is in no saving; None
    before the charging is studied.

    The head of a department sees a decision without the names of other departments and of their
    vehicles: `other_departments` share it, and vehicles of theirs take over `taken_by_others` of
    its trips. `study_hidden`: its study is of a depot at which vehicles of others stand, too.

    Decisions of a bundle are one proposal with `parts`, those that are seen, each of which is a
    proposal by itself with its own verdict. It is named by the first of them, has the figures of
    all, and has a verdict where all its parts have the same one.

    It may take hold in the month `begins`. A vehicle that moves comes to the depot with the name
    `to_depot`. A change that saves less than `least_saving_kr_year` is not proposed by itself; None
    where a round has no such limit, or kept none. `register_follows`: the register has today what
    it changes there.
    """

    proposal_id: int
    depot_id: str
    depot: str
    decision: Decision
    verdict: Verdict | None
    overturned_by: tuple[tuple[MovedFigure, float], ...] | None = None
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
    decided_at: datetime | None = None
    approved: Decision | None = None
    asked_in: int | None = None
    entries: int = 0
    grid_kr: float | None = None
    register_follows: bool = True
    parts: tuple["Proposal", ...] = ()

    def __hash__(self) -> int:
        """A hash of what tells most proposals apart, as that of a decision."""
        return hash((self.proposal_id, self.verdict, self.decided_at))

    @property
    def status(self) -> Status:
        """Its status where a plan proposes it; beside the plan, `beside_the_plan` says it."""
        if self.parts:
            return status_of_whole([one.status for one in self.parts])
        return status_of(
            self.verdict,
            is_changed=self.approved is not None,
            register_follows=self.register_follows,
            is_leaving=self.decision.action is Action.DISPOSE,
        )

    @property
    def singles(self) -> "Sequence[Proposal]":
        """Its parts, or itself where it has none."""
        return self.parts or (self,)

    @property
    def hidden_parts(self) -> int:
        """How many parts of it are of other departments alone, and are not seen."""
        bundle = self.decision.bundle
        if bundle is None or not self.parts or not self.shared:
            return 0
        return len(bundle.keys) - len(self.parts)

    @property
    def keys(self) -> frozenset[DecisionKey]:
        """The keys of its decisions that are seen."""
        return frozenset(one.decision.key for one in self.singles)

    @property
    def whole_keys(self) -> Sequence[DecisionKey]:
        """The keys of all decisions whose figures it has, those that are not seen included."""
        bundle = self.decision.bundle
        return (self.decision.key,) if bundle is None or not self.parts else bundle.keys

    @property
    def depot_ids(self) -> frozenset[str]:
        """The depots of its parts that are seen."""
        return frozenset(one.depot_id for one in self.singles)

    @property
    def actions(self) -> frozenset[Action]:
        """What is done with the vehicles of its parts."""
        return frozenset(one.decision.action for one in self.singles)

    @property
    def is_small(self) -> bool:
        """Whether it is a change that saves less than the least saving, and nobody decided it."""
        least = self.least_saving_kr_year
        return (
            least is not None
            and self.is_change
            and self.open
            and self.decision.saving_kr_year < least
        )

    @cached_property
    def budget(self) -> DecisionBudget:
        """What it saves in each year."""
        if self.parts:
            bundle = self.decision.bundle
            assert bundle is not None, "only a bundle has parts"
            return joint_budget([one.budget for one in self.parts], bundle.terms, self.begins)
        return decision_budget(self.decision, self.begins)

    @property
    def uncounted_kr(self) -> float:
        """About what its one-off costs are that are taken to be paid with the yearly cost or the
        price of new vehicles."""
        bought = (one.decision.uncounted_purchase for one in self.singles)
        return sum(one.about_kr for one in bought if one is not None)

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
    def has_verdict(self) -> bool:
        """Whether a verdict is in force on what is decided: on this proposal, or on another one
        with the same key (`approved`)."""
        return self.verdict is not None or self.approved is not None

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
    """One proposal with its round, the depot's plan, its study and its history. `whole` is the
    proposal of which it is a part, which people decide on; else it is the proposal itself.

    `study` and `backtest` are None before the study is made. The head of a department sees
    neither these nor the `plan` of a depot at which vehicles of others stand, too.
    `year_over_period` is that of its round (`optimiser.rounds.overview.Round`). `later` is None for
    a proposal of the latest round. `is_latest`: it is of the latest version of that round. `newer`
    is the id of the newest proposal of the same decision in a later version or round; None: none
    proposes it.
    """

    proposal: Proposal
    whole: Proposal
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
    is_latest: bool
    newer: int | None

    @property
    def status(self) -> Status:
        """The status of the whole, where people see it: in its round, or beside the latest one."""
        return self.status_of(self.whole)

    def status_of(self, proposal: Proposal) -> Status:
        """The status of the whole, or of a part of it."""
        if self.is_latest or self.newer is not None:
            return proposal.status
        return beside_the_plan(proposal.status, asked=proposal.asked)

    @property
    def outcomes(self) -> list[tuple[MovedFigure, float, bool | None]] | None:
        """Whether the plan still has the decision after each move of a figure.

        Returns:
            The figure, its factor, and whether the plan has the decision (None if no fleet keeps
            the cap on CO2e); None for a vehicle that stays, and before the study is made.
        """
        if self.study is None or not self.proposal.is_change:
            return None
        keys = {
            one.decision.key_apart
            for one in self.whole.singles
            if one.depot_id == self.proposal.depot_id
        }
        return [
            (
                outcome.moved,
                outcome.factor,
                keys.issubset(outcome.keys) if outcome.possible else None,
            )
            for outcome in self.study.sensitivity
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalSums:
    """The sums over some decisions; `unpriced` of them have no known price. One-off costs of
    about `uncounted_kr` are taken to be paid with the yearly cost or the price of new vehicles.
    Their share of the grid connection, as far as it is known, costs about `grid_kr` once more."""

    decisions: int
    saving_kr_year: float
    saving_co2_t_year: float
    upfront_kr: float
    unpriced: int
    uncounted_kr: float
    grid_kr: float


@read_once
async def read_proposals(
    pool: Pool, round_id: int, scope: Scope | None = None
) -> Sequence[Proposal]:
    """The proposals of a round's version, in order of rank, without what its studies say of them
    (`with_studies`); those of a `scope` only, where there is one. Those of a bundle are one."""
    rows = await pool.fetch(SQL["proposals"], round_id)
    return joined(await _seen(pool, [_proposal(row) for row in rows], scope), scope)


async def proposed_changes(
    pool: Pool, round_id: int, scope: Scope | None = None
) -> Sequence[Proposal]:
    """The proposals of a round's version as `read_proposals`, without vehicles that stay."""
    return [one for one in await read_proposals(pool, round_id, scope) if one.is_change]


@read_once
async def decided_proposals(
    pool: Pool, number: int, scope: Scope | None = None
) -> Sequence[Proposal]:
    """The decisions with a verdict or a question that is in force in the round `number`, whether
    one of its versions proposes them or an earlier round did.

    Each is read as it was proposed last, by itself: rounds may bundle them in other ways. Where
    something else than what was accepted was proposed since, it is what was accepted.
    """
    rows = await pool.fetch(SQL["decided"], number)
    return await _seen(pool, [_proposal(row) for row in rows], scope)


async def proposals_by_id(
    pool: Pool, proposal_ids: Sequence[int], scope: Scope | None = None
) -> list[Proposal]:
    """The proposals with some ids that are seen, of whichever rounds, each by itself."""
    rows = await pool.fetch(SQL["proposals_by_id"], list(proposal_ids))
    return await _seen(pool, [_proposal(row) for row in rows], scope)


def with_studies(
    proposals: Iterable[Proposal],
    studies: RoundStudies,
    scope: Scope | None,
    grid: Mapping[DecisionKey, float | None],
) -> list[Proposal]:
    """The proposals with what the `studies` of their round say of them, and what the `grid` costs
    for each; those of a `scope` only, where there is one."""
    kept, failed = studies.kept, studies.failed_depots
    is_narrowed = departments_seen() is not None
    return [
        replace(
            one,
            overturned_by=_overturned(one, kept),
            study_failed=not one.depot_ids.isdisjoint(failed),
            study_hidden=is_narrowed and not one.depot_ids <= set(studies.depot_ids),
            grid_kr=_sum_known(grid.get(part.decision.key) for part in one.singles),
        )
        for one in proposals
        if is_seen(one.decision, scope)
    ]


async def read_grid_kr(
    pool: Pool, proposals: Iterable[Proposal], studies: RoundStudies
) -> dict[DecisionKey, float | None]:
    """What the grid connection of each change of a round costs once, by its `studies` and at what a
    kW costs this year."""
    assumptions = await read_assumptions(pool)
    return grid_kr(
        (part.decision for one in proposals if one.is_change for part in one.singles),
        grid_needs(studies.charging.values()),
        assumptions.at(local_now().year)[FigureKey.GRID_KR_KW],
    )


def _sum_known(found: Iterable[float | None]) -> float | None:
    """The sum; None where one of them is not known."""
    every = list(found)
    return None if None in every else sum(kr or 0.0 for kr in every)


def _overturned(
    proposal: Proposal, kept: Mapping[str, Sequence[KeptDecisions]]
) -> tuple[tuple[MovedFigure, float], ...] | None:
    """The moves under which a round would not propose some part of it; None before the study."""
    if not proposal.is_change or not all(kept.get(depot_id) for depot_id in proposal.depot_ids):
        return None
    found = {
        move: None
        for one in proposal.singles
        for move in overturning_moves(one.decision.key_apart, kept[one.depot_id])
    }
    return tuple(sorted(found, key=lambda move: (_ORDER[move[0]], move[1])))


def joined(proposals: Iterable[Proposal], scope: Scope | None = None) -> list[Proposal]:
    """The proposals that are seen in a `scope`, where those of a bundle are one, at the place of
    the first of them. Where all departments are seen, a part without the others is by itself."""
    departments = departments_seen() if scope is None else scope.departments
    found: dict[object, list[Proposal]] = {}
    for one in proposals:
        found.setdefault(one.decision.bundle or one.decision.key, []).append(one)
    return [
        parts[0]
        if parts[0].decision.bundle is None or (len(parts) == 1 and departments is None)
        else _joint(parts, departments)
        for parts in found.values()
    ]


def _joint(parts: Sequence[Proposal], departments: frozenset[str] | None) -> Proposal:
    """The proposal whose parts are seen by who sees some departments (None: all)."""
    bundle = parts[0].decision.bundle
    assert bundle is not None, "the caller has seen that it is one"
    parts = sorted(parts, key=lambda one: bundle.keys.index(one.decision.key))
    first, decision = parts[0], joint([one.decision for one in parts])
    verdicts = {one.verdict for one in parts}
    verdict = Verdict.ACCEPTED if verdicts <= ACCEPTING else None
    if len(verdicts) == 1:
        verdict = first.verdict
    approved = next((one.approved for one in parts if one.approved is not None), None)
    given = next((one for one in parts if one.verdict is verdict is not None), None) or next(
        (one for one in parts if one.approved is not None), None
    )
    if departments is not None:
        own = tuple(name for name in decision.departments if name in departments)
        decision = replace(decision, departments=own)
    return replace(
        first,
        decision=decision,
        verdict=verdict,
        decided_in=None if given is None else given.decided_in,
        decided_by=None if given is None else given.decided_by,
        decided_at=None if given is None else given.decided_at,
        approved=approved,
        asked=any(one.asked for one in parts),
        asked_in=next((one.asked_in for one in parts if one.asked), None),
        study_failed=any(one.study_failed for one in parts),
        other_departments=0
        if departments is None
        else others_of_whole(first.decision, departments),
        taken_by_others=sum(one.taken_by_others for one in parts),
        parts=tuple(parts),
    )


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
    changes = await proposed_changes(pool, row["round_id"], scope)
    grid = await read_grid_kr(pool, changes, studies)
    [proposal] = with_studies(seen, studies, scope, grid)
    [whole] = with_studies([await _whole(pool, seen[0], scope)], studies, scope, grid)
    present = await pool.fetchrow(SQL["in_present_version"], proposal_id)
    assert present is not None, "a proposal is of a version that is done"
    newest = await pool.fetchrow(SQL["newest_of_key"], row["key"])
    assert newest is not None, "the proposal itself has the key"
    period = Period(row["period_first"], row["period_last"])
    return ProposalCase(
        proposal=proposal,
        whole=whole,
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
        history=(await decision_histories(pool, [proposal_id]))[proposal_id],
        present=InPresentVersion(present["version"], present["proposal_id"]),
        later=None
        if row["number"] >= newest["latest_number"]
        else LaterRounds(
            latest=newest["latest_number"],
            newer=newest["proposal_id"] if newest["number"] > row["number"] else None,
            is_carried=proposal.has_verdict or proposal.asked,
            decided_later=row["decided_later"],
        ),
        is_latest=row["round_id"] >= newest["latest_id"],
        newer=newest["proposal_id"] if newest["round_id"] > row["round_id"] else None,
    )


async def proposal_of_vehicle(pool: Pool, vehicle_id: str) -> Proposal | None:
    """What the latest round proposes for a vehicle, with the others of its bundle and without what
    its studies say of it; None: it says nothing of the vehicle."""
    proposal_id = await pool.fetchval(SQL["proposal_of_vehicle"], vehicle_id)
    found = None if proposal_id is None else await one_proposal(pool, proposal_id)
    return None if found is None else await _whole(pool, found, None)


async def one_proposal(pool: Pool, proposal_id: int, scope: Scope | None = None) -> Proposal | None:
    """One proposal without its case; None if there is no such one, or none that is seen in the
    `scope`."""
    row = await pool.fetchrow(SQL["proposal"], proposal_id)
    found = [] if row is None else await _seen(pool, [_proposal(row)], scope)
    return found[0] if found else None


async def _whole(pool: Pool, proposal: Proposal, scope: Scope | None) -> Proposal:
    """The proposal of which another one is a part; that itself, where it is none."""
    if proposal.decision.bundle is None:
        return proposal
    rows = await pool.fetch(SQL["bundle_of"], proposal.proposal_id)
    parts = await proposals_by_id(pool, [row["proposal_id"] for row in rows], scope)
    return joined(parts, scope)[0]


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
    bound = decision.bound and tuple(one for one in decision.bound if one.name in names)
    return replace(
        proposal,
        decision=replace(
            decision, departments=own, taken_over_by=takers, instead=instead, bound=bound
        ),
        other_departments=other_departments(decision, departments),
        taken_by_others=sum(one.trips for one in decision.taken_over_by)
        - sum(one.trips for one in takers),
    )


def sum_proposals(proposals: Iterable[Proposal]) -> ProposalSums:
    """The sums over the decisions of `proposals`."""
    every = list(proposals)
    decisions = [proposal.decision for proposal in every]
    return ProposalSums(
        decisions=len(decisions),
        saving_kr_year=sum(decision.saving_kr_year for decision in decisions),
        saving_co2_t_year=sum(decision.saving_co2_t_year for decision in decisions),
        upfront_kr=sum(decision.upfront_kr or 0.0 for decision in decisions),
        unpriced=sum(decision.upfront_kr is None for decision in decisions),
        uncounted_kr=sum(one.uncounted_kr for one in every),
        grid_kr=sum(one.grid_kr or 0.0 for one in every),
    )


def _proposal(row: asyncpg.Record) -> Proposal:
    decision = decision_of(row["content"])
    verdict = None if row["verdict"] is None else Verdict(row["verdict"])
    content = row["accepted_content"]
    accepted = None if content is None else decision_of(content)
    approved = accepted_otherwise(decision, verdict, accepted)
    return Proposal(
        proposal_id=row["proposal_id"],
        depot_id=row["depot_id"],
        depot=row["depot"],
        decision=decision,
        verdict=verdict if approved is None else None,
        asked=row["asked"],
        begins=begins_after(row["finished_at"]),
        to_depot=row["to_depot"],
        least_saving_kr_year=row["least_saving_kr_year"],
        decided_in=None if verdict is None else row["decided_in"],
        decided_by=None if verdict is None else row["decided_by"],
        decided_at=None if verdict is None else row["decided_at"],
        approved=approved,
        asked_in=row["asked_in"] if row["asked"] else None,
        entries=row["entries"],
        register_follows=row["register_follows"],
    )
