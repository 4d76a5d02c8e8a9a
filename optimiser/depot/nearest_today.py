"""Chooses the plan nearest today's fleet among the plans that cost about the same.

The solver looks for the least cost and returns any fleet with it. Nobody should have to decide on a
vehicle that leaves for one that costs the same, or on a change that is not worth the trouble. So
this module withdraws changes that save nothing, and then those that save less than a setting, one
by one, or together where they rest on each other.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from optimiser.depot.pool_cost import PoolCostFunction, fleet_counts
from optimiser.model.plan import OPTIMAL_GAP, FleetAnswer, Plan
from optimiser.model.problem import Problem
from optimiser.wanted import solve_wanted
from optimiser.workers import CancelCheck

#: A saving of at most this, in kr. a year, counts as nothing: a plan states its cost no finer.
NEGLIGIBLE_KR = 1.0

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The counts of a pool without some changes: their number, and what they save together, in kr.
    a year."""

    counts: Counts
    changes: int
    kr_year: float


@dataclass(frozen=True, slots=True)
class WithdrawnChanges:
    """The changes that were withdrawn since each saves less than `least_kr_year`: their number, and
    what they would save together, in kr. a year."""

    changes: int = 0
    kr_year: float = 0.0
    least_kr_year: float = 0.0

    def __add__(self, other: "WithdrawnChanges") -> "WithdrawnChanges":
        return WithdrawnChanges(
            self.changes + other.changes,
            self.kr_year + other.kr_year,
            max(self.least_kr_year, other.least_kr_year),
        )


NOTHING_WITHDRAWN = WithdrawnChanges()


def nearest_today(
    problem: Problem,
    plan: Plan,
    cost_functions: Mapping[str, PoolCostFunction],
    *,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck | None = None,
    least_saving_kr_year: float = 0.0,
    beside: Callable[[FleetAnswer], float] = lambda _: 0.0,
    too_small: Callable[[str, Counts, Callable[[Counts], bool]], Withdrawal | None] = (
        lambda _pool, _counts, _may_have: None
    ),
    towards: Mapping[str, Mapping[str, int]] | None = None,
) -> tuple[Plan, WithdrawnChanges]:
    """`plan` without the changes that save nothing, or less than `least_saving_kr_year` each, or
    `plan` itself; its bound still holds.

    `cost_functions` give for each pool the cost of any counts of its kinds. `beside` is the part of
    the cost of an answer that the problem does not hold. `too_small` finds changes of a pool with
    some counts that save less than that together, none of which can be withdrawn by itself, where
    the counts without them are allowed. Changes are those from the counts `towards` of each pool,
    which another plan may have; None: from today's.
    """
    kept: dict[tuple[str, str], int] = {}
    withdrawn, withdrawn_kr = 0, 0.0
    for pool, evaluate in cost_functions.items():
        now, counts = fleet_counts(problem, plan, pool)
        if towards is not None:
            now = dict(towards[pool])
        counts = _free_of_nothing(problem, pool, now, counts, evaluate)
        allowed = partial(may_have, problem, pool)
        while True:
            cheapest = _cheapest_step(problem, pool, now, counts, evaluate)
            if cheapest is not None and cheapest[0] < least_saving_kr_year:
                found = Withdrawal(cheapest[1], 1, cheapest[0])
            else:
                found = too_small(pool, counts, allowed)
            if found is None:
                break
            withdrawn, withdrawn_kr = withdrawn + found.changes, withdrawn_kr + found.kr_year
            counts = found.counts
        kept |= {(pool, kind): count for kind, count in counts.items()}
    if all(kept[line.pool, line.type] == line.count for line in plan.best.fleet):
        return plan, NOTHING_WITHDRAWN
    kinds = tuple(
        replace(kind, min_count=kept[kind.pool, kind.type], max_count=kept[kind.pool, kind.type])
        for kind in problem.kinds
    )
    nearer = replace(problem, kinds=kinds)
    best = solve_wanted(nearer, seconds_max=seconds_max, gap=gap, cancelled=cancelled).best
    cost, most, bound = (
        best.cost_kr_year,
        plan.best.cost_kr_year,
        plan.best.lower_bound_kr_year,
    )
    assert most is not None
    assert bound is not None
    # A cap on CO2e may not allow these counts, or the time may be too short.
    if cost is None or cost + beside(best) > (
        most + beside(plan.best) + withdrawn_kr + NEGLIGIBLE_KR
    ):
        return plan, NOTHING_WITHDRAWN
    bound = min(bound, cost)
    gap_left = (cost - bound) / cost if cost > 0 else 0.0
    status = "optimal" if gap_left <= OPTIMAL_GAP else "feasible"
    nearest = replace(best, status=status, lower_bound_kr_year=bound, gap=gap_left)
    return replace(plan, best=nearest), WithdrawnChanges(
        withdrawn, withdrawn_kr, least_saving_kr_year
    )


def _cheapest_step(
    problem: Problem, pool: str, now: Counts, counts: Counts, evaluate: PoolCostFunction
) -> tuple[float, Counts] | None:
    """The counts one step nearer today's that cost least more, and how much; None: there are
    none."""
    found = evaluate(counts)
    steps = [
        (evaluate(other).cost_kr_year - found.cost_kr_year, other)
        for other in _nearer_counts(now, counts)
        if may_have(problem, pool, other) and evaluate(other).keeps_rules_as(found)
    ]
    return min(steps, key=lambda step: step[0], default=None)


def _free_of_nothing(
    problem: Problem, pool: str, now: Counts, counts: Counts, evaluate: PoolCostFunction
) -> Counts:
    """The counts of `pool` nearest today's that cost no more than `counts`."""
    found = evaluate(counts)
    most_kr = found.cost_kr_year + NEGLIGIBLE_KR
    while True:
        nearer = next(
            (
                other
                for other in _nearer_counts(now, counts)
                if may_have(problem, pool, other)
                and evaluate(other).cost_kr_year <= most_kr
                and evaluate(other).keeps_rules_as(found)
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


def may_have(problem: Problem, pool: str, counts: Counts) -> bool:
    """Whether the bounds on kinds, and that green ones are kept, allow these counts of a pool."""
    for kind in problem.kinds:
        if kind.pool == pool:
            most = problem.count_max(kind)
            if counts[kind.type] < kind.min_count or (
                most is not None and counts[kind.type] > most
            ):
                return False
    return _keeps_green(problem, pool, counts)


def _keeps_green(problem: Problem, pool: str, counts: Counts) -> bool:
    """Whether counts have as many green motor vehicles as today, or no fossil one, if the rules ask
    for that."""
    own = [kind for kind in problem.kinds if kind.pool == pool]
    green = [kind for kind in own if kind.is_green_motor]
    return (
        not problem.rules.green_keep
        or sum(counts[kind.type] for kind in green) >= sum(kind.count_now for kind in green)
        or not any(counts[kind.type] for kind in own if kind.is_fossil)
    )
