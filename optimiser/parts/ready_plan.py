"""Plans of which no more trips than today lack a vehicle while one is in the workshop.

A plan that is worse than today's fleet is made again with vehicles kept: least counts, which become
part of the problem. So bound, proof and every figure beside the plan are told under them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from optimiser.depot.charge_points import PartPoints, PointedPlan, solve_with_points
from optimiser.depot.fate import KeptVehicles
from optimiser.model.problem import Problem
from optimiser.parts.workshop import PoolWorkshop, count_most, pool_workshops
from optimiser.workers import CancelCheck

#: The most plans with vehicles kept, each with more of them; the last keeps all that are wanted.
PLANS_MAX = 4


def with_kept(problem: Problem, kept: Sequence[KeptVehicles]) -> Problem:
    """The problem with these least counts, as far as its bounds allow them; the problem itself
    where there are none."""
    if not kept:
        return problem
    least = {(one.pool, one.kind): one.least for one in kept}
    kinds = [
        replace(
            kind,
            min_count=max(
                kind.min_count, min(least.get((kind.pool, kind.type), 0), count_most(kind))
            ),
        )
        for kind in problem.kinds
    ]
    return replace(problem, kinds=tuple(kinds))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyPlan:
    """A plan of a problem that keeps the vehicles `kept` beyond those that it must, and the `first`
    plan, which keeps none; they are one where none need be kept."""

    pointed: PointedPlan
    first: PointedPlan
    kept: tuple[KeptVehicles, ...] = ()


def solve_ready(
    problem: Problem,
    points: PartPoints,
    *,
    ready: bool,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck | None = None,
) -> ReadyPlan:
    """The best plan of `problem` by its true cost; if `ready`, with vehicles kept as they must be
    for the workshop."""
    first = found = solve_with_points(
        problem, points, seconds_max=seconds_max, gap=gap, cancelled=cancelled
    )
    if not ready or first.plan.best.cost_kr_year is None:
        return ReadyPlan(pointed=first, first=first)
    workshops = pool_workshops(problem)
    before = first.plan.best.counts_of(problem.kinds)
    # All of them together take no longer than the first may.
    end = monotonic() + seconds_max
    least: dict[str, int] = {}
    for number in range(1, PLANS_MAX + 1):
        counts = found.plan.best.counts_of(problem.kinds)
        more = _least_counts(problem, workshops, counts, every=number == PLANS_MAX)
        seconds = end - monotonic()
        if not more or seconds <= 0:
            break
        wanted = {**least, **more}
        again = solve_with_points(
            with_kept(problem, _kept(problem, wanted, before)),
            points,
            seconds_max=seconds,
            gap=gap,
            cancelled=cancelled,
        )
        # A cap on CO2e may not allow these counts.
        if again.plan.best.cost_kr_year is None:
            break
        least, found = wanted, again
    return ReadyPlan(pointed=found, first=first, kept=_kept(problem, least, before))


def _least_counts(
    problem: Problem,
    workshops: Mapping[str, PoolWorkshop],
    counts: Mapping[str, int],
    *,
    every: bool,
) -> dict[str, int]:
    """The counts, by label, below which a kind may not fall that has too few; with `every`, of all
    kinds of their pools."""
    least: dict[str, int] = {}
    for workshop in workshops.values():
        raised = workshop.raised(counts)
        if all(counts[label] == count for label, count in raised.items()):
            continue
        now = {kind.label: kind.count_now for kind in workshop.kinds}
        least |= {
            label: min(count, now[label])
            for label, count in raised.items()
            if every or count > counts[label]
        }
    return least


def _kept(
    problem: Problem, least: Mapping[str, int], before: Mapping[str, int]
) -> tuple[KeptVehicles, ...]:
    return tuple(
        KeptVehicles(
            pool=kind.pool,
            kind=kind.type,
            least=least[kind.label],
            kept=max(0, least[kind.label] - before[kind.label]),
            own_least=kind.min_count,
        )
        for kind in problem.kinds
        if least.get(kind.label, 0) > kind.min_count
    )
