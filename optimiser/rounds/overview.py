"""Readers of rounds: the latest one, the one under way, and the history of all."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import asyncpg

from db.connect import Pool
from db.scope.read_once import read_once
from db.scope.seen import departments_seen
from db.statements import statements
from fleet.names.order import name_order
from fleet.period import Period
from fleet.saying import Saying
from optimiser.depot.decisions import Decision, StayReason
from optimiser.parts.depot_plan import FleetFigures, RuleBreak
from optimiser.parts.workshop import Shifts, asked_shifts
from optimiser.rounds.basis import BasisChanges, changes_since
from optimiser.rounds.data import round_period
from optimiser.rounds.decisions import Verdict
from optimiser.rounds.failure import FailureReason, read_detail
from optimiser.rounds.named_trips import name_trips
from optimiser.rounds.proposals import (
    Proposal,
    ProposalSums,
    decided_proposals,
    joined,
    proposals_by_id,
    read_proposals,
    sum_proposals,
)
from optimiser.rounds.studies import CostAndCo2, RoundEnds, RoundStudies
from optimiser.rounds.summary import RoundSummary, read_summary, summarise
from optimiser.studies.budget import (
    Budget,
    DecisionBudget,
    begins_after,
    budget_together,
    decision_budget,
)
from optimiser.studies.read_bodies import part_plan_of

SQL = statements("round")


class RoundState(StrEnum):
    """The state of a round."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine, which no round calculates: it is measured in engine hours and makes no trips."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCalculated:
    """Depots without a plan in a round that is done, by name, and the reason."""

    depots: Sequence[str]
    reason: FailureReason


@dataclass(frozen=True, slots=True, kw_only=True)
class NarrowedTo:
    """The depots of a head's vehicles, by name: those at which only vehicles of theirs stand, and
    those that others share, whose figures cannot be told apart."""

    alone: Sequence[str]
    shared: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Round:
    """A version of a round that is done.

    `summary` is of the whole round. The head of a department sees that of the depots at which only
    vehicles of their own stand, and None where there is no such depot. `narrowed` has those depots
    for a head, by name, and is None for who sees all.

    `proposals` are those that are seen, without what the studies say of them.
    `changes` are the sums over the proposed changes of the departments that are seen, without those
    that other departments share. `undecided` of the proposals await a verdict; the fleet unit gives
    it to those that other departments share, which `undecided_shared` counts. `co2_kr_t` and
    `co2_max_t_year` are the price of CO2e and the cap on it in the rules. `without_trips` are
    depots whose vehicles made no trips; at `unknown_depots` too little is known of all. `breaks`
    are the rules that fleets of depots break, with the name of the depot. `year_over_period` is the
    figure by which the trips of the year are more or fewer than those of the period.
    `chosen_prices` are the prices of CO2e by depot of a fleet that somebody chose on the curve;
    None: it proposes the fleet that its rules give. `greenest_within` is the share of the least
    cost by which its greenest fleet may cost more; None in rounds of earlier software.
    """

    round_id: int
    number: int
    version: int
    finished_at: datetime
    period: Period
    summary: RoundSummary | None
    proposals: Sequence[Proposal]
    changes: ProposalSums
    undecided: int
    undecided_shared: int
    co2_kr_t: float
    co2_max_t_year: float | None
    machines: Sequence[Machine] = ()
    without_trips: Sequence[str] = ()
    unknown_depots: Sequence[str] = ()
    not_calculated: Sequence[NotCalculated] = ()
    breaks: Sequence[tuple[str, RuleBreak]] = ()
    narrowed: NarrowedTo | None = None
    year_over_period: float = 1.0
    chosen_prices: Mapping[str, float] | None = None
    greenest_within: float | None = None
    #: The number of the round before, whose chosen fleet it does not take over; None: it has none,
    #: or somebody chose one here.
    chosen_before: int | None = None
    #: The decisions of people that its plan keeps: what was accepted and what was rejected.
    verdicts_kept: int = 0
    #: What these cost a year, with each depot by itself; None: it is not known, or not shown to who
    #: sees some departments only.
    decisions_kr_year: float | None = None
    #: With which other times the trips count for the workshop; None: nobody asks for that, or the
    #: round is of software that compared no kinds.
    workshop: Shifts | None = None

    def within(self, today: float) -> float:
        """The share by which its greenest fleet may cost more: its own, or else that of `today`."""
        return today if self.greenest_within is None else self.greenest_within

    def ends(self, studies: RoundStudies, today: float) -> RoundEnds | None:
        """The ends between which it chooses, beside the fleet that it proposes; see `within`."""
        proposed = None if self.summary is None else self.summary.proposed
        return studies.ends(
            self.within(today),
            self.co2_max_t_year,
            None
            if proposed is None
            else CostAndCo2(self.paid_kr_year(proposed), proposed.co2_t_year),
        )

    @cached_property
    def own_changes(self) -> list[Proposal]:
        """The proposed changes that are seen, without those that other departments share."""
        return [one for one in self.proposals if one.is_change and not one.shared]

    @property
    def _single_decisions(self) -> list[Decision]:
        """The decisions of the proposed changes, those of bundles each by itself."""
        return [one.decision for whole in self.own_changes for one in whole.singles]

    @property
    def rejected_since(self) -> Sequence[Decision]:
        """The decisions of the changes that somebody rejected since the plan was calculated, which
        would not have them: they are in its sums still."""
        return [
            one.decision
            for whole in self.own_changes
            for one in whole.singles
            if one.verdict is Verdict.REJECTED
        ]

    @property
    def rejected_since_kr_year(self) -> float:
        """What these save in the sums of the plan."""
        return sum(one.saving_kr_year for one in self.rejected_since)

    @property
    def kept_for_workshop(self) -> list[Proposal]:
        """The vehicles that stay for the workshop alone."""
        return [one for one in self.proposals if one.decision.why is StayReason.WORKSHOP]

    @property
    def kept_unknown(self) -> list[Proposal]:
        """The vehicles that stay since too little is known of them, at the depots of `summary`."""
        depots = None if self.narrowed is None else self.narrowed.alone
        return [
            one
            for one in self.proposals
            if one.decision.why is StayReason.UNKNOWN and (depots is None or one.depot in depots)
        ]

    @property
    def moving(self) -> list[Proposal]:
        """The vehicles that move to another depot."""
        return [
            one
            for whole in self.proposals
            for one in whole.singles
            if one.decision.arrival is not None
        ]

    @property
    def begins(self) -> date:
        """The month in which its decisions may take hold."""
        return begins_after(self.finished_at)

    @cached_property
    def budget(self) -> Budget:
        """What the changes save together in each year."""
        return budget_together(self._budgets, self.begins)

    def budget_of(self, depot_id: str) -> Budget:
        """What those at a depot save together in each year."""
        return budget_together(self._budgets_by_depot.get(depot_id, ()), self.begins)

    @cached_property
    def _budgets(self) -> list[tuple[Decision, DecisionBudget]]:
        """The decisions of the changes, each with what it saves in each year."""
        return [(one, decision_budget(one, self.begins)) for one in self._single_decisions]

    @cached_property
    def _budgets_by_depot(self) -> Mapping[str, Sequence[tuple[Decision, DecisionBudget]]]:
        """The same by depot, where each has the end of a move that is its own."""
        found = dict[str, list[tuple[Decision, DecisionBudget]]]()
        for one, whole in self._budgets:
            for end in one.by_depot:
                own = whole if end is one else decision_budget(end, self.begins)
                found.setdefault(end.depot_id, []).append((end, own))
        return found

    @property
    def saving_kr_year(self) -> float:
        """What the changes save together."""
        if self.narrowed is None and self.summary is not None:
            return self.summary.saving_kr_year
        return self.changes.saving_kr_year

    @property
    def saving_co2_t_year(self) -> float:
        """The CO2e that the changes save together."""
        if self.narrowed is None and self.summary is not None:
            return self.summary.saving_co2_t_year
        return self.changes.saving_co2_t_year

    @property
    def rounds_apart(self) -> bool:
        """Whether what is told of its fleets and of what it saves in whole DKK differs by the
        rounding alone, as each amount is rounded by itself."""
        found = self.summary
        listed = [one.decision.saving_kr_year for one in self.own_changes]
        if round(sum(listed)) != sum(map(round, listed)):
            return True
        if found is None:
            return False
        rows = [
            (self.paid_kr_year(found.baseline), self.paid_kr_year(found.proposed)),
            (self.co2_kr_year(found.baseline), self.co2_kr_year(found.proposed)),
        ]
        savings = [today - then for today, then in rows]
        return round(sum(savings)) != sum(map(round, savings)) or any(
            round(today) - round(then) != round(saving)
            for (today, then), saving in zip(rows, savings, strict=True)
        )

    @property
    def driven_otherwise(self) -> CostAndCo2 | None:
        """What would be paid and emitted less without any proposal, if the vehicle of today that
        suits it best drove each trip; None in rounds of earlier software. The trips that only the
        reserve sends by taxi were driven in truth, so that they do not count against it."""
        found = self.summary
        if found is None or found.driven is None:
            return None
        spare, best, driven = found.spare_today, found.baseline, found.driven
        spare_paid_kr_year = spare.kr_year - self.co2_kr_t * spare.co2_t_year
        return CostAndCo2(
            self.paid_kr_year(driven) - self.paid_kr_year(best) + spare_paid_kr_year,
            driven.co2_t_year - best.co2_t_year + spare.co2_t_year,
        )

    def co2_kr_year(self, figures: FleetFigures) -> float:
        """The value of the CO2e of a fleet, which nobody pays."""
        return self.co2_kr_t * figures.co2_t_year

    def paid_kr_year(self, figures: FleetFigures) -> float:
        """The cost of a fleet without the value of its CO2e."""
        return figures.cost_kr_year - self.co2_kr_year(figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRun:
    """A version of a round in any state.

    `reason` and `detail` say why it failed. `planned_parts` of its `parts` have a plan.
    """

    round_id: int
    number: int
    version: int
    state: RoundState
    requested_at: datetime
    requested_by: str
    reason: FailureReason | None
    detail: Saying | None
    parts: int
    planned_parts: int
    cancelled_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundHistory:
    """The latest version of a round that is done, and the verdicts in force on what it proposes.

    `done` is all that somebody had said by its end was carried out, in whichever round. `rejected`
    are also those of earlier versions and rounds: what is rejected is in no later one. `changes`
    are those of its basis since the round before; None for the first round. `earlier` are its
    versions before, by id and number of the version.
    """

    round: Round
    requested_by: str
    proposed: ProposalSums
    accepted: ProposalSums
    done: ProposalSums
    rejected: int
    changes: BasisChanges | None
    earlier: Sequence[tuple[int, int]]


@read_once
async def latest_round(pool: Pool) -> Round | None:
    """The latest round that is done."""
    row = await pool.fetchrow(SQL["latest_done"])
    if row is None:
        return None
    return await _round(pool, row, await read_proposals(pool, row["round_id"]))


async def latest_round_id(pool: Pool) -> int | None:
    """The id of the latest version that is done; None: there is none."""
    row = await pool.fetchrow(SQL["latest_done"])
    return None if row is None else row["round_id"]


async def latest_number(pool: Pool) -> int | None:
    """The number of the latest round that is done; None: there is none."""
    row = await pool.fetchrow(SQL["latest_done"])
    return None if row is None else row["number"]


async def latest_run(pool: Pool) -> RoundRun | None:
    """The round that somebody requested last, in any state."""
    found = await runs_before(pool, None, 1)
    return found[0] if found else None


async def runs_before(pool: Pool, before: int | None, most: int) -> list[RoundRun]:
    """At most `most` versions of rounds in any state with ids below `before`, the latest first."""
    return await _runs(pool, await pool.fetch(SQL["runs"], before, None, most))


async def run_of(pool: Pool, round_id: int) -> RoundRun | None:
    """A version of a round in any state; None: there is no such version."""
    found = await _runs(pool, await pool.fetch(SQL["runs"], None, round_id, 1))
    return found[0] if found else None


async def done_version(pool: Pool, round_id: int) -> Round | None:
    """A version of a round; None: it is not done."""
    row = await pool.fetchrow(SQL["done_version"], round_id)
    return None if row is None else await _round(pool, row, await read_proposals(pool, round_id))


async def ended_runs(pool: Pool, most: int) -> list[RoundRun]:
    """At most `most` rounds that failed or were cancelled, the latest first."""
    return await _runs(pool, await pool.fetch(SQL["unfinished"], most))


async def round_histories(pool: Pool) -> list[RoundHistory]:
    """Every round that is done, in order of number."""
    rows = await pool.fetch(SQL["rounds"])
    versions: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in await pool.fetch(SQL["versions"]):
        versions[row["number"]].append((row["round_id"], row["version"]))
    return [
        await _history(pool, row, before, versions[row["number"]][:-1])
        for before, row in zip([None, *rows], rows, strict=False)
    ]


async def _history(
    pool: Pool,
    row: asyncpg.Record,
    before: asyncpg.Record | None,
    earlier: Sequence[tuple[int, int]],
) -> RoundHistory:
    proposals = await read_proposals(pool, row["round_id"])
    version = await _round(pool, row, proposals)
    # What was carried out is the register, so that no later version proposes it any more.
    done = await pool.fetch(SQL["carried_out_until"], version.number)
    carried_out = joined(await proposals_by_id(pool, [one["proposal_id"] for one in done]))
    decided = joined(await decided_proposals(pool, version.number))
    return RoundHistory(
        round=version,
        requested_by=row["requested_by"],
        proposed=version.changes,
        accepted=sum_proposals(one for one in version.own_changes if one.accepted),
        done=sum_proposals(one for one in carried_out if not one.shared),
        rejected=sum(one.verdict is Verdict.REJECTED for one in decided),
        changes=None
        if before is None
        else await changes_since(pool, before["round_id"], version.round_id),
        earlier=earlier,
    )


async def _round(pool: Pool, row: asyncpg.Record, proposals: Sequence[Proposal]) -> Round:
    """A version of a round with its `proposals`."""
    rules: Mapping[str, Any] = row["rules"]
    whole = read_summary(row["summary"])
    narrowed: NarrowedTo | None = None
    summary: RoundSummary | None = whole
    without_trips, unknown_depots = whole.without_trips, whole.unknown_depots
    if departments_seen() is not None:
        summary, narrowed = await _narrowed(pool, row["round_id"])
        if summary is not None:
            summary = replace(summary, moves=whole.moves, moves_failed=whole.moves_failed)
        own = {*narrowed.alone, *narrowed.shared}
        without_trips = tuple(name for name in without_trips if name in own)
        unknown_depots = tuple(name for name in unknown_depots if name in own)
    # All at once: each waits for the database, and none needs another.
    period, kept, machines, breaks, chosen_before, failed_parts = await asyncio.gather(
        round_period(pool, row),
        pool.fetchrow(SQL["verdicts_kept"], row["round_id"]),
        pool.fetch(SQL["vehicles_named"], list(whole.machines)),
        _named_breaks(pool, summary),
        pool.fetchval(SQL["chosen_before"], row["number"]),
        pool.fetch(SQL["failed_parts"], row["round_id"]),
    )
    assert kept is not None, "a sum is one row"
    return Round(
        round_id=row["round_id"],
        number=row["number"],
        version=row["version"],
        finished_at=row["finished_at"],
        period=period,
        year_over_period=period.days / rules["period_days"],
        chosen_prices=row["chosen_prices"],
        greenest_within=rules.get("greenest_within"),
        workshop=asked_shifts(rules) if "workshop_copies" in rules else None,
        summary=summary,
        proposals=proposals,
        changes=sum_proposals(one for one in proposals if one.is_change and not one.shared),
        undecided=sum(one.open for one in proposals if one.is_change and not one.shared),
        undecided_shared=sum(one.open for one in proposals if one.is_change and one.shared),
        co2_kr_t=rules["co2_kr_t"],
        co2_max_t_year=rules.get("co2_max_t_year"),
        machines=[
            Machine(machine["vehicle_id"], machine["name"])
            for machine in sorted(machines, key=lambda machine: name_order(machine["name"]))
        ],
        without_trips=without_trips,
        unknown_depots=unknown_depots,
        breaks=breaks,
        narrowed=narrowed,
        chosen_before=chosen_before,
        verdicts_kept=kept["kept"],
        decisions_kr_year=kept["kr_year"] if narrowed is None else None,
        not_calculated=[
            NotCalculated(
                depots=sorted(failed["names"], key=name_order),
                reason=FailureReason(failed["reason"]),
            )
            for failed in failed_parts
        ],
    )


async def _named_breaks(
    pool: Pool, summary: RoundSummary | None
) -> Sequence[tuple[str, RuleBreak]]:
    if summary is None or not summary.breaks:
        return ()
    rows = await pool.fetch(SQL["depots_named"], [depot_id for depot_id, _ in summary.breaks])
    names: dict[str, str] = {row["depot_id"]: row["name"] for row in rows}
    return [(names[depot_id], broken) for depot_id, broken in summary.breaks]


async def _narrowed(pool: Pool, round_id: int) -> tuple[RoundSummary | None, NarrowedTo]:
    """What the head of a department sees of the figures of a round: the sums over the parts that
    are of depots of their own alone, which were calculated and proven without the others."""
    rows = await pool.fetch(SQL["depots_seen"])
    names: dict[str, str] = {
        row["depot_id"]: row["name"]
        for row in sorted(rows, key=lambda row: name_order(row["name"]))
    }
    rows = await pool.fetch(SQL["part_plans_shown"], round_id)
    alone = {depot_id for row in rows for depot_id in row["depots"]}
    return (
        summarise([part_plan_of(row["part_plan"]) for row in rows]) if rows else None,
        NarrowedTo(
            alone=[name for depot_id, name in names.items() if depot_id in alone],
            shared=[name for depot_id, name in names.items() if depot_id not in alone],
        ),
    )


async def _runs(pool: Pool, rows: Sequence[asyncpg.Record]) -> list[RoundRun]:
    details = [read_detail(row["detail"]) for row in rows]
    named = iter(await name_trips(pool, [detail for detail in details if detail is not None]))
    return [
        _run(row, None if detail is None else next(named))
        for row, detail in zip(rows, details, strict=True)
    ]


def _run(row: asyncpg.Record, detail: Saying | None) -> RoundRun:
    return RoundRun(
        round_id=row["round_id"],
        number=row["number"],
        version=row["version"],
        state=RoundState(row["state"]),
        requested_at=row["requested_at"],
        requested_by=row["requested_by"],
        reason=FailureReason(row["reason"]) if row["reason"] else None,
        detail=detail,
        parts=row["parts"],
        planned_parts=row["planned_parts"],
        cancelled_by=row["cancelled_by"],
    )
