"""The fleet that people chose on the curve of cost against CO2e.

Each fleet on the curve is the best one of a pool at some price of CO2e. Where people chose a fleet,
its vehicles and what each drives are decided at that price. All figures are told at the price in
the rules.

At a price p every fleet with cost c and emissions e has c + p e >= L, the proven bound. So a fleet
that emits no more than the chosen one, e*, costs at least L - p e*: of those that are as green, the
chosen one is proven to be near the cheapest.
"""

from collections.abc import Mapping
from dataclasses import replace

from optimiser.depot.charge_points import PartPoints, PointedPlan
from optimiser.depot.pool_cost import PoolCost, PoolCostFunction, fleet_counts, pool_cost
from optimiser.model.plan import OPTIMAL_GAP, FleetAnswer, Plan
from optimiser.model.problem import Problem
from optimiser.parts.ready_plan import solve_ready
from optimiser.parts.workshop import WorkshopRule
from optimiser.wanted import solve_wanted
from optimiser.workers import CancelCheck


def at_chosen_price(problem: Problem, chosen_kr_t: float | None) -> Problem:
    """The problem at the price of CO2e of the chosen fleet; None: nobody chose one."""
    if chosen_kr_t is None:
        return problem
    rules = replace(problem.rules, co2_kr_t=chosen_kr_t, period_days=problem.period_days)
    return replace(problem, rules=rules)


def solve_chosen(
    problem: Problem,
    points: PartPoints,
    chosen_kr_t: float | None,
    *,
    ready: WorkshopRule | None,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck | None = None,
    proven: bool = True,
) -> PointedPlan:
    """The best plan of `problem`, or the one with the chosen fleet; with the vehicles that the
    workshop asks for by `ready`, the cheapest ones if that is to be `proven`."""
    decided = at_chosen_price(problem, chosen_kr_t)
    found = solve_ready(
        decided,
        points,
        ready=ready,
        seconds_max=seconds_max,
        gap=gap,
        cancelled=cancelled,
        proven=proven,
    ).pointed
    return at_own_price(
        problem, decided, found, seconds_max=seconds_max, gap=gap, cancelled=cancelled
    )


def at_own_price(
    problem: Problem,
    decided: Problem,
    found: PointedPlan,
    *,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck | None = None,
) -> PointedPlan:
    """A plan that was `found` for the problem at the chosen price, `decided`, at the price in the
    rules of `problem`. Pools whose vehicles are those of today drive as it costs least at that."""
    chosen, bound = found.plan.best, found.lower_bound_kr_year
    least = chosen.lower_bound_kr_year
    if decided is problem or bound is None or least is None:
        return found
    plan = solve_wanted(
        _with_counts_of(problem, chosen), seconds_max=seconds_max, gap=gap, cancelled=cancelled
    )
    changed = {line.pool for line in chosen.fleet if line.count != line.count_now}
    best = replace(
        chosen,
        assignments={
            trip.trip_id: (chosen if trip.pool in changed else plan.best).assignments[trip.trip_id]
            for trip in problem.trips
        },
    )
    costs = [
        pool_cost(problem, best, pool) for pool in sorted({kind.pool for kind in problem.kinds})
    ]
    cost, co2 = sum(one.cost_kr_year for one in costs), sum(one.co2_t_year for one in costs)
    # Where the chosen price is the lower one, its bound holds as it is: no fleet emits less than 0.
    paid = max(0.0, decided.rules.co2_kr_t - problem.rules.co2_kr_t) * co2
    least = min(cost, max(0.0, least - paid))
    gap_left = (cost - least) / cost if cost > 0 else 0.0
    best = replace(
        best,
        status="optimal" if gap_left <= OPTIMAL_GAP else "feasible",
        cost_kr_year=cost,
        co2_t_year=co2,
        lower_bound_kr_year=least,
        gap=gap_left,
    )
    return PointedPlan(replace(plan, best=best), max(0.0, bound - paid))


def costs_at_own_price(
    problem: Problem, decided: Problem, plan: Plan, values: Mapping[str, PoolCostFunction]
) -> dict[str, PoolCostFunction]:
    """What any counts of each pool cost at the price in the rules of `problem`, where `values` are
    their costs at the chosen price and `plan` is told at its own."""
    extra_kr_t = decided.rules.co2_kr_t - problem.rules.co2_kr_t

    def own(pool: str, at_chosen: PoolCostFunction) -> PoolCostFunction:
        now, _ = fleet_counts(problem, plan, pool)
        today = pool_cost(problem, plan.baseline, pool)

        def evaluate(counts: Mapping[str, int]) -> PoolCost:
            if dict(counts) == now:
                return today
            cost = at_chosen(counts)
            return cost._replace(cost_kr_year=cost.cost_kr_year - extra_kr_t * cost.co2_t_year)

        return evaluate

    return {pool: own(pool, evaluate) for pool, evaluate in values.items()}


def _with_counts_of(problem: Problem, answer: FleetAnswer) -> Problem:
    counts = {(line.pool, line.type): line.count for line in answer.fleet}
    kinds = tuple(
        replace(
            kind,
            min_count=counts[kind.pool, kind.type],
            max_count=counts[kind.pool, kind.type],
        )
        for kind in problem.kinds
    )
    return replace(problem, kinds=kinds)
