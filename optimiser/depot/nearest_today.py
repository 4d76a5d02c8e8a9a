"""Chooses the plan nearest today's fleet among the plans that cost the same.

The solver looks for the least cost and returns any fleet with it. Nobody should have to decide on a
vehicle that leaves for one that costs the same. So this module withdraws changes that save nothing,
one by one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from optimiser.depot.pool_cost import PoolCostFunction, fleet_counts
from optimiser.model.plan import OPTIMAL_GAP, Plan
from optimiser.model.problem import Problem
from optimiser.solve import solve

#: A saving of at most this, in kr. a year, counts as nothing: a plan states its cost no finer.
NEGLIGIBLE_KR = 1.0

Counts = dict[str, int]


def nearest_today(
    problem: Problem,
    plan: Plan,
    cost_functions: Mapping[str, PoolCostFunction],
    *,
    seconds_max: float,
    gap: float,
) -> Plan:
    """`plan` without the changes that save nothing, or `plan` itself; its bound still holds.

    `cost_functions` give for each pool the cost of any counts of its kinds.
    """
    kept: dict[tuple[str, str], int] = {}
    for pool, evaluate in cost_functions.items():
        counts = _nearest_counts(problem, plan, pool, evaluate)
        kept |= {(pool, kind): count for kind, count in counts.items()}
    if all(kept[line.pool, line.type] == line.count for line in plan.best.fleet):
        return plan
    kinds = tuple(
        replace(kind, min_count=kept[kind.pool, kind.type], max_count=kept[kind.pool, kind.type])
        for kind in problem.kinds
    )
    best = solve(replace(problem, kinds=kinds), seconds_max=seconds_max, gap=gap).best
    cost, most, bound = (
        best.cost_kr_year,
        plan.best.cost_kr_year,
        plan.best.lower_bound_kr_year,
    )
    assert most is not None
    assert bound is not None
    # A cap on CO2e may not allow these counts, or the time may be too short.
    if cost is None or cost > most + NEGLIGIBLE_KR:
        return plan
    bound = min(bound, cost)
    gap_left = (cost - bound) / cost if cost > 0 else 0.0
    status = "optimal" if gap_left <= OPTIMAL_GAP else "feasible"
    return replace(plan, best=replace(best, status=status, lower_bound_kr_year=bound, gap=gap_left))


def _nearest_counts(problem: Problem, plan: Plan, pool: str, evaluate: PoolCostFunction) -> Counts:
    """The counts of `pool` nearest today's that cost no more than the plan's."""
    now, counts = fleet_counts(problem, plan, pool)
    most_kr = evaluate(counts).cost_kr_year + NEGLIGIBLE_KR
    while True:
        nearer = next(
            (
                other
                for other in _nearer_counts(now, counts)
                if _allowed(problem, pool, other) and evaluate(other).cost_kr_year <= most_kr
            ),
            None,
        )
        if nearer is None:
            return counts
        counts = nearer


def _nearer_counts(now: Counts, counts: Counts) -> Iterator[Counts]:
    """The counts one step nearer today's: one leaving vehicle stays, one new one is not bought."""
    gone = [kind for kind in counts if counts[kind] < now[kind]]
    came = [kind for kind in counts if counts[kind] > now[kind]]
    for back in (*gone, None):
        for away in (*came, None):
            other = dict(counts)
            if back is not None:
                other[back] += 1
            if away is not None:
                other[away] -= 1
            if other != counts:
                yield other


def _allowed(problem: Problem, pool: str, counts: Counts) -> bool:
    for kind in problem.kinds:
        if kind.pool == pool:
            most = problem.count_max(kind)
            if counts[kind.type] < kind.min_count or (
                most is not None and counts[kind.type] > most
            ):
                return False
    return True
