"""Solves a part of a round with what is to be different there, and compares the two.

The solver finds the best fleet and its bound. Of it the what-if keeps what is worth a change: steps
towards the fleet of the round that cost less than the least saving of the round are taken, as every
change of a round must save that. So a what-if that changes nothing worth anything is the round.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from time import monotonic

from optimiser.depot.charge_points import PartPoints, points_kr_year, solve_with_points
from optimiser.depot.fate import KeptVehicles
from optimiser.depot.nearest_today import NEGLIGIBLE_KR, nearest_today
from optimiser.depot.pool_cost import pool_cost
from optimiser.depot.vehicle_pool import PoolMoves, VehiclePool
from optimiser.model.plan import FleetAnswer, FleetLine, Plan
from optimiser.model.problem import Problem, ProblemError
from optimiser.model.remark import Remark, remark
from optimiser.parts.chosen_fleet import at_chosen_price, at_own_price
from optimiser.parts.depot_plan import ZERO_FIGURES, FleetFigures, fleet_figures
from optimiser.parts.joined_plan import bounded
from optimiser.parts.part_plan import VALUE_GAP, cost_functions, refuse_wrong_plan
from optimiser.parts.ready_plan import solve_ready, with_kept
from optimiser.parts.standing import driven_figures
from optimiser.parts.workshop import PoolWorkshop
from optimiser.studies.peak_day import ready_counts
from optimiser.what_if.answer import (
    BoughtDifference,
    FleetAccount,
    PartAnswer,
    VehicleDifference,
)
from optimiser.what_if.elsewhere import bare
from optimiser.what_if.outcomes import (
    DepotOutcomes,
    as_in_round,
    differences,
    outcomes_of_plan,
    outcomes_told,
)
from optimiser.what_if.question import OpenedQuestion, PartQuestion, opened, round_counts
from optimiser.workers import CancelCheck

Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """The time limit and the gap of each solve."""

    seconds_max: float
    gap: float


@dataclass(frozen=True, kw_only=True)
class _Fleets:
    """The fleets of a part with the plan that has them, and the proven bound of its true cost."""

    opened: OpenedQuestion
    plan: Plan
    bound_kr_year: float
    outcomes: Mapping[str, DepotOutcomes]

    @cached_property
    def counts(self) -> Counts:
        return round_counts(self.plan.best, self.opened.problem)


def answer_part(cancelled: CancelCheck, question: PartQuestion, effort: Effort) -> PartAnswer:
    """The answer to a question about a part.

    Raises:
        ProblemError: no fleet does what the changes ask for, or the plan failed its check.
    """
    began = monotonic()
    before = _told(question) if question.is_current else _solved_anew(question, effort, cancelled)
    asked = opened(question, changed=True)
    asked = asked.with_problem(
        _at_least(asked.problem, _wanted_counts(question, asked, before.counts))
    )
    found = _solved(question, asked, before, effort, cancelled)
    peak_is_met: bool | None = None
    if question.peak is not None:
        ready = _ready_counts(question, found, effort, cancelled)
        peak_is_met = ready is not None
        if ready is not None and ready != found.plan.best.counts_of(asked.problem.kinds):
            asked = asked.with_problem(_at_least(asked.problem, ready))
            found = _solved(question, asked, before, effort, cancelled)
    vehicles: list[VehicleDifference] = []
    bought: list[BoughtDifference] = []
    for depot in question.part_input.depots:
        cars, kinds = differences(
            depot.pool_id, before.outcomes[depot.pool_id], found.outcomes[depot.pool_id]
        )
        vehicles += cars
        bought += kinds
    return PartAnswer(
        before=_account_told(question) if question.is_current else _account(before),
        after=_account(found),
        unchanged=_unchanged(asked, before, found) if question.changes.figures else None,
        vehicles=tuple(vehicles),
        bought=tuple(bought),
        is_anew=not question.is_current,
        peak_is_met=peak_is_met,
        seconds=monotonic() - began,
    )


def _told(question: PartQuestion) -> _Fleets:
    """The fleets of the round."""
    told = question.told
    return _Fleets(
        opened=opened(question, changed=False),
        plan=question.round_plan,
        bound_kr_year=told.lower_bound_kr_year,
        outcomes={
            depot.pool_id: outcomes_told(told.decisions, depot.pool_id)
            for depot in question.part_input.depots
        },
    )


def _account_told(question: PartQuestion) -> FleetAccount:
    told = question.told
    return FleetAccount(
        figures=sum((depot.proposed for depot in told.depots), ZERO_FIGURES),
        lower_bound_kr_year=told.lower_bound_kr_year,
        co2_kr_t=question.part_input.rules.co2_kr_t,
    )


def _solved_anew(question: PartQuestion, effort: Effort, cancelled: CancelCheck) -> _Fleets:
    """The fleets that the round would have now, with its own figures."""
    part = opened(question, changed=False)
    return _solved(question, part, None, effort, cancelled)


def _solved(
    question: PartQuestion,
    part: OpenedQuestion,
    before: _Fleets | None,
    effort: Effort,
    cancelled: CancelCheck,
) -> _Fleets:
    """The best fleets of an opened question, near those `before` it, or else near today's."""
    given, points = part.counted, part.points
    if before is not None:
        part = part.with_problem(with_kept(part.problem, _kept_as(question, before.counts)))
    least = max(given.least_saving_kr_year, NEGLIGIBLE_KR)
    decided = at_chosen_price(part.problem, given.chosen_kr_t)
    first = solve_with_points(
        decided, points, seconds_max=effort.seconds_max, gap=effort.gap, cancelled=cancelled
    )
    if first.plan.best.cost_kr_year is None or first.lower_bound_kr_year is None:
        raise ProblemError(first.plan.best.reason or remark(Remark.NO_FLEET))
    kept = None if before is None else _still_allowed(question, part, before, first.plan)
    if (
        kept is not None
        and decided is part.problem
        and _true_kr(kept, points) - first.lower_bound_kr_year < least
    ):
        # No other fleet saves what a change must save.
        plan = replace(first.plan, best=kept)
        return _fleets(question, part, plan, first.lower_bound_kr_year, before)
    workshops: dict[str, PoolWorkshop] = {}
    rule = part.part.ready
    if rule is not None and not _has_as_many(question, first.plan, part.problem, before):
        workshops = rule.workshops(decided)
    ready = solve_ready(
        decided,
        points,
        ready=rule if workshops else None,
        seconds_max=effort.seconds_max,
        gap=effort.gap,
        cancelled=cancelled,
        known=first,
        workshops=workshops,
    )
    near, _ = nearest_today(
        decided,
        ready.pointed.plan,
        cost_functions(
            decided,
            ready.pointed.plan,
            points,
            effort.seconds_max,
            min(effort.gap, VALUE_GAP),
            cancelled,
            {pool: {} for pool in points},
            workshops,
        ),
        seconds_max=effort.seconds_max,
        gap=effort.gap,
        cancelled=cancelled,
        least_saving_kr_year=given.least_saving_kr_year,
        beside=lambda answer: points_kr_year(answer, points),
        towards=None if before is None else before.counts,
    )
    own = at_own_price(
        part.problem,
        decided,
        replace(ready.pointed, plan=near),
        seconds_max=effort.seconds_max,
        gap=effort.gap,
        cancelled=cancelled,
    )
    bound = own.lower_bound_kr_year
    assert bound is not None, "a plan with a cost has a bound"
    if kept is not None and _true_kr(kept, points) - _true_kr(own.plan.best, points) < least:
        return _fleets(question, part, replace(own.plan, best=kept), bound, before)
    refuse_wrong_plan(part.problem, own.plan)
    return _fleets(question, part, own.plan, bound, before)


def _has_as_many(
    question: PartQuestion, plan: Plan, problem: Problem, before: _Fleets | None
) -> bool:
    """Whether a plan has all vehicles of the fleets before it, so that it lacks none for a trip,
    while one is in the workshop, which these do not lack. Other needs may make these lack some."""
    if before is None or question.changes.needs:
        return False
    counts = round_counts(plan.best, problem)
    return all(
        counts.get(pool, {}).get(kind, 0) >= count
        for pool, of_pool in before.counts.items()
        for kind, count in of_pool.items()
    )


def _fleets(
    question: PartQuestion,
    part: OpenedQuestion,
    plan: Plan,
    bound_kr_year: float,
    before: _Fleets | None,
) -> _Fleets:
    return _Fleets(
        opened=part,
        plan=plan,
        bound_kr_year=bound_kr_year,
        outcomes=_outcomes(question, part, plan, before),
    )


def _true_kr(answer: FleetAnswer, points: PartPoints) -> float:
    """The cost of an answer with the charge points that it must have built."""
    assert answer.cost_kr_year is not None
    return answer.cost_kr_year + points_kr_year(answer, points)


def _still_allowed(
    question: PartQuestion, part: OpenedQuestion, before: _Fleets, plan: Plan
) -> FleetAnswer | None:
    """What the fleets before it drive, with its figures in a problem; None: it is not allowed. What
    trips need bears on what the workshop takes; nothing else of the changes does."""
    kept = _driven_as(part.problem, before.plan.best, plan)
    rule, rule_before = part.part.ready, before.opened.part.ready
    if kept is None or rule is None or rule_before is None or not question.changes.needs:
        return kept
    was, now = before.counts, rule.workshops(part.problem)
    for pool, then in rule_before.workshops(before.opened.problem).items():
        counts = {kind.label: was[pool].get(kind.type, 0) for kind in then.kinds}
        if now[pool].excess(counts) > then.excess(counts):
            return None
    return kept


def _kept_as(question: PartQuestion, counts: Counts) -> list[KeptVehicles]:
    """The vehicles that the round keeps for the workshop, as far as its fleets have them: moves
    between depots may have taken the place of some."""
    return [
        replace(one, least=min(one.least, counts.get(one.pool, {}).get(one.kind, 0)))
        for one in question.told.kept
    ]


def _driven_as(problem: Problem, answer: FleetAnswer, plan: Plan) -> FleetAnswer | None:
    """An answer with its figures in a problem and the bound of `plan`; None: the problem does not
    allow it."""
    if any(trip.trip_id not in answer.assignments for trip in problem.trips):
        return None
    counts = round_counts(answer, problem)
    lines = tuple(
        FleetLine(
            type=kind.type,
            pool=kind.pool,
            count=counts[kind.pool][kind.type],
            count_now=kind.count_now,
        )
        for kind in problem.kinds
    )
    assigned = {trip.trip_id: answer.assignments[trip.trip_id] for trip in problem.trips}
    found = replace(answer, fleet=lines, assignments=assigned, broken=())
    costs = [pool_cost(problem, found, pool) for pool in sorted(counts)]
    found = replace(
        found,
        cost_kr_year=sum(one.cost_kr_year for one in costs),
        co2_t_year=sum(one.co2_t_year for one in costs),
    )
    bound = plan.best.lower_bound_kr_year
    found = bounded(found, bound or 0.0)
    try:
        refuse_wrong_plan(problem, replace(plan, best=found))
    except ProblemError:
        return None
    return found


def _outcomes(
    question: PartQuestion, part: OpenedQuestion, plan: Plan, before: _Fleets | None
) -> dict[str, DepotOutcomes]:
    """What a plan makes of the vehicles of each depot."""
    problem, bare_best = bare(part.problem, plan.best)
    seen = replace(plan, best=bare_best)
    verdicts, found = part.counted.verdicts, dict[str, DepotOutcomes]()
    going = {key.subject: key.to for key in verdicts.accepted if key.to is not None}
    for depot, own in part.part.pools:
        standing = part.counted.standing[depot.pool_id]
        like = verdicts
        if before is not None:
            like = as_in_round(verdicts, before.outcomes[depot.pool_id], question.changes.stay)
        found[depot.pool_id] = outcomes_of_plan(
            own,
            part.counted.kinds,
            problem,
            seen,
            like,
            {
                pool.pool_id: PoolMoves(
                    going=going,
                    coming=[one.vehicle for one in part.arrived if one.pool == pool.pool_id],
                )
                for pool in own
            },
            [vehicle.vehicle_id for vehicle in standing.vehicles],
        )
    return found


def _account(found: _Fleets) -> FleetAccount:
    return _account_of(found.opened, found.plan.best, found.bound_kr_year)


def _account_of(part: OpenedQuestion, answer: FleetAnswer, bound_kr_year: float) -> FleetAccount:
    """The figures of an answer with those of the vehicles beside it."""
    kinds = part.counted.kinds
    problem, answer = bare(part.problem, answer)
    figures, beside = ZERO_FIGURES, ZERO_FIGURES
    for depot, own in part.part.pools:
        figures += fleet_figures(problem, answer, own, kinds, part.points)
        beside += _standing(part, depot)
    whole = figures + beside
    bound = min(bound_kr_year + beside.cost_kr_year, whole.cost_kr_year)
    return FleetAccount(figures=whole, lower_bound_kr_year=bound, co2_kr_t=problem.rules.co2_kr_t)


def _standing(part: OpenedQuestion, depot: VehiclePool) -> FleetFigures:
    problem = part.problem
    standing = part.counted.standing[depot.pool_id]
    return driven_figures(standing, part.counted.kinds, problem.rules, problem.year_factor)


def _unchanged(asked: OpenedQuestion, before: _Fleets, found: _Fleets) -> FleetAccount | None:
    """The fleets before under the changed figures; None: the changes do not allow them."""
    kept = _driven_as(asked.problem, before.plan.best, found.plan)
    return None if kept is None else _account_of(asked, kept, found.bound_kr_year)


def _wanted_counts(question: PartQuestion, part: OpenedQuestion, before: Counts) -> dict[str, int]:
    """The least counts, by label, of the kinds of which a depot is to have more than `before`.

    Of vehicles that differ by their own cost alone, those that go are kept first, the cheapest of
    them first; beyond these the kind is bought.

    Raises:
        ProblemError: there are too few.
    """
    problem, kinds = part.problem, part.counted.kinds
    least: dict[str, int] = {}
    for more in question.changes.more:
        own = next(own for depot, own in part.part.pools if depot.pool_id == more.depot_id)
        pools = {pool.pool_id for pool in own}
        same = sorted(
            (
                kind
                for kind in problem.kinds
                if kind.pool in pools
                and kind.type in kinds
                and kinds[kind.type].catalogue_kind == more.kind
            ),
            key=lambda kind: (kind.fixed_kr_year, kind.label),
        )
        had = {kind.label: before.get(kind.pool, {}).get(kind.type, 0) for kind in same}
        left = more.count
        for kind in same:
            back = min(left, max(0, kind.count_now - had[kind.label]))
            had[kind.label] += back
            left -= back
        for kind in same:
            most = problem.count_max(kind)
            added = left if most is None else min(left, max(0, most - had[kind.label]))
            had[kind.label] += added
            left -= added
        if left:
            name = question.kinds[more.kind].name
            raise ProblemError(remark(Remark.NO_MORE, kind=name, count=more.count))
        least |= had
    return least


def _at_least(problem: Problem, least: Mapping[str, int]) -> Problem:
    """The problem with these least counts, by label."""
    kinds = tuple(
        replace(kind, min_count=max(kind.min_count, least.get(kind.label, 0)))
        for kind in problem.kinds
    )
    return replace(problem, kinds=kinds)


def _ready_counts(
    question: PartQuestion, found: _Fleets, effort: Effort, cancelled: CancelCheck
) -> dict[str, int] | None:
    """The counts, by label, of the cheapest larger fleets that serve the peak day at each depot;
    None: a depot cannot."""
    peak = question.peak
    assert peak is not None
    part, answer = found.opened, found.plan.best
    problem, counts = part.problem, answer.counts_of(part.problem.kinds)

    def solve(of_day: Problem) -> FleetAnswer:
        return solve_with_points(
            of_day,
            part.points,
            seconds_max=effort.seconds_max,
            gap=effort.gap,
            cancelled=cancelled,
        ).plan.best

    for _, own in part.part.pools:
        pools = {pool.pool_id for pool in own}
        here = _of_pools(problem, pools)
        if here is None:
            continue
        then = {kind.label: counts[kind.label] for kind in here.kinds}
        ready = ready_counts(here, then, peak, solve)
        if ready is None:
            return None
        counts |= ready
    return counts


def _of_pools(problem: Problem, pools: set[str]) -> Problem | None:
    """The problem of some pools; None where nobody drove."""
    trips = tuple(trip for trip in problem.trips if trip.pool in pools)
    if not trips:
        return None
    return replace(
        problem, trips=trips, kinds=tuple(kind for kind in problem.kinds if kind.pool in pools)
    )
