"""A report as it was on one day: its figures, its proposals and its words, which stay as they are,
and how two of them differ. It is pure.

It holds no day on which a vehicle drove, so that private time deletes nothing in it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from pydantic import TypeAdapter

from optimiser.depot.decision_key import Action
from optimiser.pilot_end.evaluation import Evaluation, Outcome
from optimiser.pilot_end.roll_out import RollOut
from optimiser.rounds.decisions import Verdict
from optimiser.rounds.overview import Round
from optimiser.rounds.proposals import Proposal, sum_proposals
from reports.plan_status import PlanStatus, StatusMove, moves_between


class ReportKind(StrEnum):
    """What a report is of, as the table names it."""

    ROUND = "round"
    EVALUATION = "evaluation"
    ROLL_OUT = "roll_out"
    #: The status of a quarter of a plan.
    STATUS = "status"


class FigureName(StrEnum):
    """A figure of a report."""

    VEHICLES_TODAY = "vehicles_today"
    VEHICLES_PROPOSED = "vehicles_proposed"
    PAID_TODAY = "paid_today_kr"
    PAID_PROPOSED = "paid_proposed_kr"
    CO2_TODAY = "co2_today_t"
    CO2_PROPOSED = "co2_proposed_t"
    FALLBACK_TODAY = "fallback_today"
    FALLBACK_PROPOSED = "fallback_proposed"
    BOUND = "bound_kr"
    SAVING = "saving_kr"
    SAVING_CO2 = "saving_t"
    BUDGET = "budget_kr"
    ACCEPTED = "accepted"
    ACCEPTED_SAVING = "accepted_kr"
    DONE = "done"
    DONE_SAVING = "done_kr"
    VEHICLES_BEFORE = "vehicles_before"
    VEHICLES_AFTER = "vehicles_after"
    PAID_BEFORE = "paid_before_kr"
    PAID_AFTER = "paid_after_kr"
    CO2_BEFORE = "co2_before_t"
    CO2_AFTER = "co2_after_t"
    PROPOSED = "proposed"
    REJECTED = "rejected"
    LATE = "late"
    GOALS = "goals"
    GOALS_REACHED = "goals_reached"
    CHIPS = "chips"
    DEPOTS_TO_DRAW = "depots_to_draw"
    EXPECTED = "expected_kr"
    EXPECTED_CO2 = "expected_t"
    MILESTONES = "milestones"
    MILESTONES_DONE = "milestones_done"
    MILESTONES_LATE = "milestones_late"
    PROMISES = "promises"
    PROMISES_KEPT = "promises_kept"
    PROMISES_BROKEN = "promises_broken"
    DECISIONS_NEEDED = "decisions_needed"
    WITHOUT_OWNER = "without_owner"
    SILENT = "silent"

    @property
    def is_kr(self) -> bool:
        return self.value.endswith("_kr")

    @property
    def is_tonnes(self) -> bool:
        return self.value.endswith("_t")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenProposal:
    """A proposal as it stood; `key` names the same decision in every version of a round. `together`
    are the other vehicles, or new kinds, with which it is decided as one."""

    key: str
    action: Action
    vehicle: str | None
    new_kind: str | None
    departments: tuple[str, ...]
    depot: str
    saving_kr_year: float
    saving_co2_t_year: float
    verdict: Verdict | None
    together: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenReport:
    """A report that was kept. `papers` are its documents in each language, as `Paper.to_json` tells
    them. One of a round has the number and the version of it."""

    number: int | None = None
    version: int | None = None
    figures: Mapping[FigureName, float]
    proposals: tuple[FrozenProposal, ...] = ()
    papers: Mapping[str, Mapping[str, Any]]
    #: Of a quarter of a plan, its status.
    status: PlanStatus | None = None


_FROZEN = TypeAdapter(FrozenReport)


def freeze(
    found: Round, rows: Sequence[Proposal], papers: Mapping[str, Mapping[str, Any]]
) -> FrozenReport:
    """The report of a round with its proposed changes, as they are now."""
    assert found.summary is not None, "who sees all departments sees the whole summary"
    now, then = found.summary.baseline, found.summary.proposed
    accepted = sum_proposals(one for one in rows if one.accepted)
    done = sum_proposals(one for one in rows if one.verdict is Verdict.DONE)
    return FrozenReport(
        number=found.number,
        version=found.version,
        figures={
            FigureName.VEHICLES_TODAY: now.vehicles,
            FigureName.VEHICLES_PROPOSED: then.vehicles,
            FigureName.PAID_TODAY: found.paid_kr_year(now),
            FigureName.PAID_PROPOSED: found.paid_kr_year(then),
            FigureName.CO2_TODAY: now.co2_t_year,
            FigureName.CO2_PROPOSED: then.co2_t_year,
            FigureName.FALLBACK_TODAY: now.fallback_trips_year,
            FigureName.FALLBACK_PROPOSED: then.fallback_trips_year,
            FigureName.BOUND: found.summary.lower_bound_kr_year,
            FigureName.SAVING: found.saving_kr_year,
            FigureName.SAVING_CO2: found.saving_co2_t_year,
            FigureName.BUDGET: sum(year.total_kr for year in found.budget.years),
            FigureName.ACCEPTED: accepted.decisions,
            FigureName.ACCEPTED_SAVING: accepted.saving_kr_year,
            FigureName.DONE: done.decisions,
            FigureName.DONE_SAVING: done.saving_kr_year,
        },
        proposals=tuple(
            FrozenProposal(
                key=str(one.decision.key),
                action=one.decision.action,
                vehicle=one.decision.vehicle,
                new_kind=one.decision.new_kind,
                departments=tuple(one.decision.departments),
                depot=one.depot,
                saving_kr_year=one.decision.saving_kr_year,
                saving_co2_t_year=one.decision.saving_co2_t_year,
                verdict=one.verdict,
                together=tuple(
                    part.decision.vehicle or part.decision.new_kind or part.depot
                    for part in one.parts[1:]
                ),
            )
            for one in rows
        ),
        papers=papers,
    )


def freeze_evaluation(found: Evaluation, papers: Mapping[str, Mapping[str, Any]]) -> FrozenReport:
    """The report of an evaluation of the pilot, as it is now."""
    decided, paid, both = found.decided, found.paid_kr_year, found.both
    figures: dict[FigureName, float] = {
        FigureName.PROPOSED: decided.proposed,
        FigureName.ACCEPTED: decided.accepted,
        FigureName.ACCEPTED_SAVING: found.accepted_kr_year,
        FigureName.REJECTED: decided.rejected,
        FigureName.DONE: decided.done,
        FigureName.DONE_SAVING: found.carried_kr_year,
        FigureName.LATE: decided.late,
        FigureName.GOALS: len(found.goals),
        FigureName.GOALS_REACHED: sum(one.outcome is Outcome.REACHED for one in found.goals),
    }
    if both is not None and paid is not None:
        figures |= {
            FigureName.VEHICLES_BEFORE: both[0].vehicles,
            FigureName.VEHICLES_AFTER: both[1].vehicles,
            FigureName.PAID_BEFORE: paid[0],
            FigureName.PAID_AFTER: paid[1],
            FigureName.CO2_BEFORE: both[0].co2_t_year,
            FigureName.CO2_AFTER: both[1].co2_t_year,
        }
    return FrozenReport(figures=figures, papers=papers)


def freeze_roll_out(plan: RollOut, papers: Mapping[str, Mapping[str, Any]]) -> FrozenReport:
    """The report of the roll-out plan, as it is now."""
    figures: dict[FigureName, float] = {
        FigureName.CHIPS: plan.chips,
        FigureName.DEPOTS_TO_DRAW: plan.depots_to_draw,
    }
    if plan.saving is not None:
        figures |= {
            FigureName.EXPECTED: plan.saving.kr_year,
            FigureName.EXPECTED_CO2: plan.saving.co2_t_year,
        }
    return FrozenReport(figures=figures, papers=papers)


def freeze_status(found: PlanStatus, papers: Mapping[str, Mapping[str, Any]]) -> FrozenReport:
    """The report of a quarter of a plan, as it is now."""
    whole = found.whole
    figures: dict[FigureName, float] = {
        FigureName.MILESTONES: whole.counted,
        FigureName.MILESTONES_DONE: whole.done,
        FigureName.MILESTONES_LATE: whole.late,
        FigureName.PROMISES: len(found.promises),
        FigureName.PROMISES_KEPT: len(found.kept),
        FigureName.PROMISES_BROKEN: len(found.broken),
        FigureName.DECISIONS_NEEDED: whole.needs_decision,
        FigureName.WITHOUT_OWNER: whole.unowned,
        FigureName.SILENT: whole.silent,
    }
    return FrozenReport(figures=figures, papers=papers, status=found)


def frozen_json(report: FrozenReport) -> Any:
    """The JSON of a report, as it is stored."""
    return _FROZEN.dump_python(report, mode="json")


def read_frozen(content: object) -> FrozenReport:
    """The report in its stored JSON."""
    return _FROZEN.validate_python(content)


def digest_of(content: object) -> str:
    """The SHA-256 of the stored JSON of a report, whatever the order of its names and the way in
    which the database writes a number."""
    plain = json.dumps(_alike(content), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


def _alike(value: object) -> object:
    """A value with every number as a float, and without a zero that is negative."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) + 0.0
    if isinstance(value, dict):
        return {name: _alike(one) for name, one in cast(dict[str, object], value).items()}
    if isinstance(value, list):
        return [_alike(one) for one in cast(list[object], value)]
    return value


@dataclass(frozen=True, slots=True)
class ProposalDifference:
    """A proposal that two reports tell differently; None: one of them has none such."""

    before: FrozenProposal | None
    after: FrozenProposal | None

    @property
    def told(self) -> FrozenProposal:
        """The proposal as the later report has it, or as the earlier one had it."""
        found = self.after or self.before
        assert found is not None, "one of the two has it"
        return found


@dataclass(frozen=True, slots=True)
class ReportDifferences:
    """How two reports differ: figures before and after, and proposals."""

    figures: Sequence[tuple[FigureName, float, float]]
    proposals: Sequence[ProposalDifference]
    #: The milestones of a plan that stand otherwise.
    moves: Sequence[StatusMove] = ()


def differences(before: FrozenReport, after: FrozenReport) -> ReportDifferences:
    """How the report `after` differs from the one `before`."""
    earlier = {one.key: one for one in before.proposals}
    later = {one.key: one for one in after.proposals}
    return ReportDifferences(
        figures=[
            (name, before.figures[name], after.figures[name])
            for name in FigureName
            if name in before.figures
            and name in after.figures
            and before.figures[name] != after.figures[name]
        ],
        proposals=[
            ProposalDifference(earlier.get(key), later.get(key))
            for key in [*later, *(key for key in earlier if key not in later)]
            if earlier.get(key) != later.get(key)
        ],
        moves=(
            ()
            if before.status is None or after.status is None
            else moves_between(before.status, after.status)
        ),
    )
