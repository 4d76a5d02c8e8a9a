"""Joins the problems and the plans of parts into one, so that all can be checked together."""

from collections.abc import Sequence
from dataclasses import replace

from optimiser.model.plan import OPTIMAL_GAP, FleetAnswer, Plan
from optimiser.model.problem import Problem, Rules
from optimiser.parts.own_vehicles import OWN_VEHICLE


def bounded(answer: FleetAnswer, bound: float) -> FleetAnswer:
    """An answer with a cost, and with the bound of another problem whose cost is no higher."""
    assert answer.cost_kr_year is not None
    bound = min(bound, answer.cost_kr_year)
    gap = (answer.cost_kr_year - bound) / answer.cost_kr_year if answer.cost_kr_year > 0 else 0.0
    status = "optimal" if gap <= OPTIMAL_GAP else "feasible"
    return replace(answer, status=status, lower_bound_kr_year=bound, gap=gap)


def joined_plan(parts: Sequence[tuple[Problem, Plan]], rules: Rules) -> tuple[Problem, Plan]:
    """The problems of parts as one under `rules`, and their plans as one.

    Which trips may not use the fallback, and how many vehicles each pool holds in reserve, is told
    by the problems of the parts. The bound is the sum of theirs.
    """
    problems = [problem for problem, _ in parts]
    named = {need for problem in problems for need in problem.rules.no_fallback_needs}
    assert named <= {OWN_VEHICLE}, "trips that must be served have that need in a part"
    reserve = {
        kind.pool: count
        for problem in problems
        for kind in problem.kinds
        if (count := problem.rules.reserve_of(kind.pool))
    }
    problem = Problem(
        trips=tuple(trip for one in problems for trip in one.trips),
        kinds=tuple(kind for one in problems for kind in one.kinds),
        rules=replace(
            rules,
            period_days=problems[0].period_days,
            reserve=reserve,
            no_fallback_needs=tuple(sorted(named)),
            no_fallback_pools=(),
        ),
    )
    plans = [plan for _, plan in parts]
    plan = Plan(
        best=_joined([plan.best for plan in plans]),
        baseline=_joined([plan.baseline for plan in plans]),
        period_days=problem.period_days,
        seconds=sum(plan.seconds for plan in plans),
    )
    return problem, plan


def _joined(answers: Sequence[FleetAnswer]) -> FleetAnswer:
    """Answers that have a cost as one."""
    whole = replace(
        answers[0],
        cost_kr_year=sum(one.cost_kr_year or 0.0 for one in answers),
        co2_t_year=sum(one.co2_t_year or 0.0 for one in answers),
        fleet=tuple(line for one in answers for line in one.fleet),
        assignments={trip_id: slot for one in answers for trip_id, slot in one.assignments.items()},
        broken=tuple(broken for one in answers for broken in one.broken),
    )
    return bounded(whole, sum(one.lower_bound_kr_year or 0.0 for one in answers))
