"""The yearly cost and CO2e of one pool."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from optimiser.model.plan import FleetAnswer, Plan
from optimiser.model.problem import Kind, Problem
from optimiser.solve import solve_today
from optimiser.wanted import stop_if
from optimiser.workers import CancelCheck

GRAMS_PER_TONNE = 1e6


@dataclass(frozen=True, slots=True)
class KrRange:
    """An amount in kr. a year of which it is proven that it is at least `low` and at most
    `high`."""

    low: float
    high: float

    def __add__(self, other: "KrRange") -> "KrRange":
        return KrRange(self.low + other.low, self.high + other.high)

    def plus(self, kr_year: float) -> "KrRange":
        """The range of the amount and so much more."""
        return self + KrRange(kr_year, kr_year)


class PoolCost(NamedTuple):
    """The cost of a pool in kr. a year, priced CO2e included, and its CO2e in tonnes a year.

    `without_vehicle` trips use the fallback and may not: no vehicle is left for them. The reserve
    lacks `reserve_lacking` vehicles at the busiest moment. While a vehicle is in the workshop,
    `workshop_lacking` trips more than with today's fleet have none; 0 where nobody asks for that.
    """

    cost_kr_year: float
    co2_t_year: float
    without_vehicle: int = 0
    reserve_lacking: int = 0
    workshop_lacking: int = 0

    def keeps_rules_as(self, other: "PoolCost") -> bool:
        """Whether the pool breaks no rule further than the `other` one."""
        return (
            self.without_vehicle <= other.without_vehicle
            and self.reserve_lacking <= other.reserve_lacking
            and self.workshop_lacking <= other.workshop_lacking
        )


#: Counts by type, in the order of the types.
Counts = tuple[tuple[str, int], ...]

#: A function from the counts of a pool, by kind, to its cost and CO2e.
PoolCostFunction = Callable[[Mapping[str, int]], PoolCost]


def pool_cost(problem: Problem, answer: FleetAnswer, pool: str) -> PoolCost:
    """The cost and CO2e of `pool`. The figures of all pools add up to those of the answer."""
    rules = problem.rules
    kinds = {kind.type: kind for kind in problem.kinds if kind.pool == pool}
    counts = {(line.pool, line.type): line.count for line in answer.fleet}
    fixed_kr = sum(counts[kind.pool, kind.type] * kind.fixed_kr_year for kind in kinds.values())
    driving_kr = grams = 0.0
    without_vehicle = 0
    for trip in problem.trips:
        if trip.pool != pool:
            continue
        vehicle = answer.assignments[trip.trip_id]
        if vehicle is None:
            driving_kr += rules.fallback_kr_trip + rules.fallback_kr_km * trip.km
            grams += rules.fallback_co2_g_km * trip.km
            without_vehicle += rules.must_be_served(trip)
        else:
            kind = kinds[vehicle.type]
            driving_kr += kind.kr_km * trip.km
            grams += kind.co2_g_km * trip.km
    co2_t_year = problem.year_factor * grams / GRAMS_PER_TONNE
    cost = fixed_kr + problem.year_factor * driving_kr + rules.co2_kr_t * co2_t_year
    reserve_lacking = sum(
        broken.by for broken in answer.broken if (broken.rule, broken.pool) == ("reserve", pool)
    )
    return PoolCost(cost, co2_t_year, without_vehicle, reserve_lacking)


def fleet_counts(problem: Problem, plan: Plan, pool: str) -> tuple[dict[str, int], dict[str, int]]:
    """The counts of a pool's vehicles.

    Returns:
        The counts by kind today, and those in the plan.
    """
    lines = [line for line in plan.best.fleet if line.pool == pool]
    return {x.type: x.count_now for x in lines}, {x.type: x.count for x in lines}


def cost_function(
    problem: Problem,
    plan: Plan,
    pool: str,
    *,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck | None = None,
    solved: dict[Counts, PoolCost] | None = None,
) -> PoolCostFunction:
    """The cost function of `pool`.

    The function solves the problem once for each set of counts, where kinds that differ by their
    yearly cost alone are one: they serve the same trips at the same cost. It knows the costs of
    today's fleet and of the plan already, and those in `solved`, to which it adds what it solves.
    It ends with a `NobodyWaitsError` once `cancelled()` is true.
    """
    now, then = fleet_counts(problem, plan, pool)
    alike = _first_alike(problem, pool)
    fixed = {kind.type: kind.fixed_kr_year for kind in problem.kinds if kind.pool == pool}
    known = {} if solved is None else solved
    known |= {
        counts_key(now): pool_cost(problem, plan.baseline, pool),
        counts_key(then): pool_cost(problem, plan.best, pool),
    }
    merged_known: dict[Counts, PoolCost] = {}

    def extra(counts: Mapping[str, int]) -> float:
        """What the kinds of `counts` cost more a year than if each were the first one alike."""
        return sum(count * (fixed[kind] - fixed[alike[kind]]) for kind, count in counts.items())

    none = dict.fromkeys(alike, 0)
    for key, cost in known.items():
        counts = {**none, **dict(key)}
        kr = cost.cost_kr_year - extra(counts)
        merged_known[counts_key(_merged(counts, alike))] = cost._replace(cost_kr_year=kr)

    def evaluate(counts: Mapping[str, int]) -> PoolCost:
        wanted = counts_key(counts)
        if wanted not in known:
            merged = _merged(counts, alike)
            key = counts_key(merged)
            if key not in merged_known:
                stop_if(cancelled)
                cost = _cost_at_counts(problem, pool, merged, seconds_max, gap, cancelled)
                stop_if(cancelled)
                merged_known[key] = cost
            cost = merged_known[key]
            known[wanted] = cost._replace(cost_kr_year=cost.cost_kr_year + extra(counts))
        return known[wanted]

    return evaluate


def counts_key(counts: Mapping[str, int]) -> Counts:
    """The counts as a key, without the kinds of which there is none."""
    return tuple(sorted((kind, count) for kind, count in counts.items() if count))


def _first_alike(problem: Problem, pool: str) -> dict[str, str]:
    """By type, the first kind of the pool that differs from it by counts and yearly cost alone."""
    first: dict[Kind, str] = {}
    found: dict[str, str] = {}
    for kind in problem.kinds:
        if kind.pool == pool:
            plain = replace(
                kind, type="any", count_now=0, min_count=0, max_count=None, fixed_kr_year=0.0
            )
            found[kind.type] = first.setdefault(plain, kind.type)
    return found


def _merged(counts: Mapping[str, int], alike: Mapping[str, str]) -> dict[str, int]:
    """The counts, with all vehicles of kinds alike as those of the first one."""
    merged = dict.fromkeys(counts, 0)
    for kind, count in counts.items():
        merged[alike[kind]] += count
    return merged


def _cost_at_counts(
    problem: Problem,
    pool: str,
    counts: Mapping[str, int],
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck | None,
) -> PoolCost:
    kinds = tuple(kind.with_count(counts[kind.type]) for kind in problem.kinds if kind.pool == pool)
    own = tuple(trip for trip in problem.trips if trip.pool == pool)
    # What a rule forbids has a cost all the same: it is what a decision is compared with.
    motor = sum(counts[kind.type] for kind in kinds if kind.is_motor)
    rules = replace(
        problem.rules,
        period_days=problem.period_days,
        co2_max_t_year=None,
        green_keep=False,
        reserve=min(problem.rules.reserve_of(pool), motor),
    )
    fixed = Problem(trips=own, kinds=kinds, rules=rules)
    answer = solve_today(fixed, seconds_max=seconds_max, gap=gap, cancelled=cancelled)
    return pool_cost(fixed, answer, pool)
