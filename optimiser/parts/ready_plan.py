"""Plans of which no more trips than today lack a vehicle while one is in the workshop.

Where the best plan lacks more, `optimiser.parts.ready_search` finds the cheapest one that does not.
The bound is one on every fleet that lacks no more than today. The vehicles of today that the plan
could else do without are those that are kept for the workshop.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from time import monotonic

from optimiser.depot.charge_points import (
    PartPoints,
    PointedPlan,
    points_kr_year,
    solve_with_points,
)
from optimiser.depot.fate import KeptVehicles
from optimiser.depot.nearest_today import NEGLIGIBLE_KR, may_have
from optimiser.depot.pool_cost import PoolCostFunction, pool_cost
from optimiser.model.plan import FleetAnswer
from optimiser.model.problem import Problem
from optimiser.model.vehicle_slot import kind_label
from optimiser.parts.joined_plan import bounded
from optimiser.parts.ready_search import Bounds, ReadyFleet, ReadySearch, with_least
from optimiser.parts.workshop import PoolWorkshop, WorkshopRule
from optimiser.workers import CancelCheck


def with_kept(problem: Problem, kept: Sequence[KeptVehicles]) -> Problem:
    """The problem with these least counts, as far as its bounds allow them; the problem itself
    where there are none."""
    return with_least(problem, {kind_label(one.pool, one.kind): one.least for one in kept})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyPlan:
    """A plan of a problem that keeps the rule, and the `first` plan, which need not; they are one
    where that keeps it."""

    pointed: PointedPlan
    first: PointedPlan

    @property
    def is_bound(self) -> bool:
        """Whether the rule changes the plan."""
        return self.pointed is not self.first


def kept_for_workshop(
    problem: Problem,
    answer: FleetAnswer,
    values: Mapping[str, PoolCostFunction],
    least_saving_kr_year: float,
) -> tuple[KeptVehicles, ...]:
    """The vehicles of today that an `answer` has for the workshop alone: without each of them in
    turn, the one first that saves most, the fleet costs at least so much less and breaks no other
    rule. `values` are the costs of any counts of each pool."""
    then = answer.counts_of(problem.kinds)
    found: list[KeptVehicles] = []
    for pool, evaluate in values.items():
        own = [kind for kind in problem.kinds if kind.pool == pool]
        whole = {kind.type: then[kind.label] for kind in own}
        of_today = {kind.type for kind in own if 0 < then[kind.label] <= kind.count_now}
        counts = _without_spare(problem, pool, whole, of_today, evaluate, least_saving_kr_year)
        found += [
            KeptVehicles(
                pool=pool,
                kind=kind.type,
                least=whole[kind.type],
                kept=whole[kind.type] - counts[kind.type],
                own_least=kind.min_count,
            )
            for kind in own
            if counts[kind.type] < whole[kind.type]
        ]
    return tuple(found)


def _without_spare(
    problem: Problem,
    pool: str,
    whole: dict[str, int],
    of_today: Set[str],
    evaluate: PoolCostFunction,
    least_saving_kr_year: float,
) -> dict[str, int]:
    """The counts `whole` of a pool without those of the kinds `of_today` that only the workshop
    asks for."""
    asked, counts = evaluate(whole), whole
    while True:
        before = evaluate(counts)
        steps: list[tuple[float, str]] = []
        for kind in sorted(of_today):
            other = {**counts, kind: counts[kind] - 1}
            if other[kind] < 0 or not may_have(problem, pool, other):
                continue
            cost = evaluate(other)
            saving = before.cost_kr_year - cost.cost_kr_year
            only_workshop = cost._replace(workshop_lacking=0).keeps_rules_as(asked)
            if (
                only_workshop
                and cost.workshop_lacking > asked.workshop_lacking
                and saving >= max(least_saving_kr_year, NEGLIGIBLE_KR)
            ):
                steps.append((saving, kind))
        if not steps:
            return counts
        _, kind = max(steps)
        counts = {**counts, kind: counts[kind] - 1}


def solve_ready(
    problem: Problem,
    points: PartPoints,
    *,
    ready: WorkshopRule | None,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck | None = None,
    known: PointedPlan | None = None,
    workshops: Mapping[str, PoolWorkshop] | None = None,
    proven: bool = True,
) -> ReadyPlan:
    """The best plan of `problem` by its true cost; with the rule `ready` the best one that keeps
    it. What is `known` is not solved again, which is the best plan without that rule, nor are the
    `workshops` of its pools. Unless it is to be `proven`, a good plan that keeps the rule is
    enough: the proof takes most of the time."""
    first = known or solve_with_points(
        problem, points, seconds_max=seconds_max, gap=gap, cancelled=cancelled
    )
    if ready is None or first.plan.best.cost_kr_year is None:
        return ReadyPlan(pointed=first, first=first)
    if workshops is None:
        workshops = ready.workshops(problem)
    before = first.plan.best.counts_of(problem.kinds)
    short = {pool: one for pool, one in workshops.items() if not one.is_ready(before)}
    if not short:
        return ReadyPlan(pointed=first, first=first)
    began = monotonic()

    def solve(asked: Problem) -> PointedPlan | None:
        # All that follows takes no longer than the first plan may.
        seconds = began + seconds_max - monotonic()
        if seconds <= 0:
            return None
        own = {kind.pool for kind in asked.kinds}
        return solve_with_points(
            asked,
            {pool: found for pool, found in points.items() if pool in own},
            seconds_max=seconds,
            gap=gap,
            cancelled=cancelled,
            baseline=first.plan.baseline,
        )

    def find(asked: Problem, of: Mapping[str, PoolWorkshop], bounds: Bounds) -> ReadyFleet | None:
        return ReadySearch(asked, points, of, solve=solve, gap=gap).find(
            before, bounds, proven=proven
        )

    pools = {kind.pool for kind in problem.kinds} | {trip.pool for trip in problem.trips}
    bounds = _bounds(first)
    if len(pools) == 1 or problem.rules.moves or problem.rules.co2_max_t_year is not None:
        found = find(problem, workshops, bounds)
        fleets = [] if found is None else [found]
    else:
        own = [
            find(_of_pool(problem, pool), {pool: one}, _NO_BOUNDS) for pool, one in short.items()
        ]
        fleets = [one for one in own if one is not None]
    if not fleets:
        return ReadyPlan(pointed=first, first=first)
    best = first.plan.best
    for fleet in fleets:
        best, bounds = _with_fleet(problem, points, best, bounds, fleet)
    plan = replace(
        first.plan,
        best=bounded(best, bounds.plain_kr),
        seconds=first.plan.seconds + monotonic() - began,
    )
    return ReadyPlan(pointed=PointedPlan(plan, bounds.true_kr), first=first)


#: What is known of a pool of which no bound by itself is known: it costs something.
_NO_BOUNDS = Bounds(0.0, 0.0)


def _bounds(pointed: PointedPlan) -> Bounds:
    true_kr, plain_kr = pointed.lower_bound_kr_year, pointed.plan.best.lower_bound_kr_year
    assert true_kr is not None, "a plan with a cost has a bound"
    assert plain_kr is not None, "a plan with a cost has a bound"
    return Bounds(true_kr, plain_kr)


def _of_pool(problem: Problem, pool: str) -> Problem:
    """The problem of a pool that nothing ties to others."""
    return replace(
        problem,
        trips=tuple(trip for trip in problem.trips if trip.pool == pool),
        kinds=tuple(kind for kind in problem.kinds if kind.pool == pool),
        rules=replace(problem.rules, period_days=problem.period_days),
    )


def _with_fleet(
    problem: Problem, points: PartPoints, best: FleetAnswer, bounds: Bounds, fleet: ReadyFleet
) -> tuple[FleetAnswer, Bounds]:
    """An answer and its bounds with another fleet of some of its pools.

    The other pools cost at least the bound less what the answer has for these.
    """
    own = fleet.pointed.plan.best
    pools = {line.pool for line in own.fleet}
    lines = {(line.pool, line.type): line for line in own.fleet}
    found = replace(
        best,
        fleet=tuple(lines.get((line.pool, line.type), line) for line in best.fleet),
        assignments={**best.assignments, **own.assignments},
    )
    costs = [pool_cost(problem, found, pool) for pool in sorted({k.pool for k in problem.kinds})]
    found = replace(
        found,
        cost_kr_year=sum(one.cost_kr_year for one in costs),
        co2_t_year=sum(one.co2_t_year for one in costs),
    )
    plain_kr = sum(pool_cost(problem, best, pool).cost_kr_year for pool in pools)
    built_kr = points_kr_year(best, {pool: one for pool, one in points.items() if pool in pools})
    other = Bounds(bounds.true_kr - plain_kr - built_kr, bounds.plain_kr - plain_kr)
    whole = Bounds(other.true_kr + fleet.bounds.true_kr, other.plain_kr + fleet.bounds.plain_kr)
    return found, bounds.higher(whole)
