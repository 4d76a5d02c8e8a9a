"""The planned fleet beside one that a study found.

A study searches less long than a plan: of the fleets that the workshop asks for it takes a good one
and not the best. So what it found may differ from the plan by chance. The planned fleet is known,
and stands where it is as good.
"""

from dataclasses import replace

from optimiser.depot.charge_points import (
    PartPoints,
    PointedPlan,
    points_kr_year,
    solve_with_points,
)
from optimiser.model.plan import FleetAnswer
from optimiser.model.problem import Problem
from optimiser.parts.workshop import WorkshopRule
from optimiser.workers import CancelCheck


def planned_if_as_good(
    problem: Problem,
    points: PartPoints,
    found: PointedPlan,
    planned: FleetAnswer,
    *,
    ready: WorkshopRule | None,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck | None = None,
) -> PointedPlan:
    """What was `found` for `problem`, with the `planned` fleet instead where that keeps its rules,
    those of the workshop by `ready` among them, and costs no more up to the relative `gap`, below
    which a search tells no difference. Its trips are shared out anew."""
    if found.plan.best.cost_kr_year is None:
        return found
    counts = {(line.pool, line.type): line.count for line in planned.fleet}
    if counts.keys() != {(kind.pool, kind.type) for kind in problem.kinds}:
        return found
    if not _may_have(problem, planned) or not _is_as_ready(problem, found, planned, ready):
        return found
    fixed = tuple(
        replace(kind, min_count=count, max_count=count)
        for kind in problem.kinds
        for count in [counts[kind.pool, kind.type]]
    )
    own = solve_with_points(
        replace(problem, kinds=fixed),
        points,
        seconds_max=seconds_max,
        gap=gap,
        cancelled=cancelled,
        baseline=found.plan.baseline,
    ).plan.best
    if own.cost_kr_year is None or _kr(own, points) > _kr(found.plan.best, points) * (1 + gap):
        return found
    return replace(found, plan=replace(found.plan, best=own))


def _kr(answer: FleetAnswer, points: PartPoints) -> float:
    return (answer.cost_kr_year or 0.0) + points_kr_year(answer, points)


def _may_have(problem: Problem, planned: FleetAnswer) -> bool:
    counts = planned.counts_of(problem.kinds)
    return all(
        kind.min_count <= counts[kind.label]
        and ((most := problem.count_max(kind)) is None or counts[kind.label] <= most)
        for kind in problem.kinds
    )


def _is_as_ready(
    problem: Problem, found: PointedPlan, planned: FleetAnswer, ready: WorkshopRule | None
) -> bool:
    """Whether no more trips lack a vehicle while one is in the workshop than with what was
    `found`."""
    if ready is None:
        return True
    counts, other = (one.counts_of(problem.kinds) for one in (planned, found.plan.best))
    return all(one.excess(counts) <= one.excess(other) for one in ready.workshops(problem).values())
