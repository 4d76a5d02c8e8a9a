"""Charge points of a pool: those that exist are paid for, those beyond them must be built.

Every electric vehicle that stands at a depot has its charge point there, whatever its kind's
figures say of what a new one needs. An existing charge point costs nothing more and is not saved
when its car goes; it is free for another one. Where a kind's figures name no charge point, a new
vehicle of it brings its own, within its yearly cost or price. So the yearly cost
of a fleet holds a charge point only where its electric vehicles need more than exist: a cost that
no price for each vehicle gives, as it begins with the first one beyond.

The solver is asked at prices from nothing to the whole yearly cost of a charge point. At a share s
of the price p, with need n(x) of a fleet x and e existing ones, s p (n(x) - e) is at most the true
p max(0, n(x) - e) for every fleet. So the bound of the problem at that price, less s p e, is a
proven bound on the true cost, and the best of the fleets found is taken by its true cost. At the
price nothing, a fleet that needs no more than exist is the best one, and no more is asked.

Vehicles of a kind that brings its charge points need min(m, n) of those that exist, where m stand
there today. No price for each vehicle says that. The bound therefore leaves them out of n(x), which
makes it lower, and never too high, where such a kind and another one may both be bought.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from costs.kind_figures import KindFigures
from optimiser.depot.pool_cost import PoolCost, PoolCostFunction
from optimiser.depot.vehicle_pool import VehiclePool
from optimiser.model.plan import OPTIMAL_GAP, FleetAnswer, Plan
from optimiser.model.problem import Problem
from optimiser.wanted import solve_wanted
from optimiser.workers import CancelCheck

#: How often the solver is asked at most for a part.
SOLVES_MAX = 5

#: Charge points that rounding may change.
_NOISE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargePoints:
    """The charge points of a pool.

    `existing` are those that count as paid for: at least what today's electric vehicles take.
    `per_vehicle` are those that a vehicle of each kind takes. Of the kinds in `bringing`, vehicles
    beyond these numbers, which stand there today or come from another pool, bring their own. A new
    one costs `kr` once, which is `kr_year` a year. `is_known`: the register says how many the depot
    has.
    """

    existing: float
    per_vehicle: Mapping[str, float]
    kr: float
    kr_year: float
    is_known: bool
    bringing: Mapping[str, int] = field(default_factory=dict[str, int])

    def needed(self, counts: Mapping[str, int]) -> float:
        """The charge points that vehicles of these counts take."""
        return sum(self.per_vehicle.get(kind, 0.0) * count for kind, count in counts.items())

    def brought(self, counts: Mapping[str, int]) -> float:
        """Those of them that new vehicles bring."""
        return sum(
            self.per_vehicle[kind] * max(0, counts.get(kind, 0) - standing)
            for kind, standing in self.bringing.items()
        )

    def beyond(self, counts: Mapping[str, int]) -> float:
        """The charge points that lack for vehicles of these counts; below 0: free ones."""
        return self.needed(counts) - self.brought(counts) - self.existing

    def built(self, counts: Mapping[str, int]) -> int:
        """The charge points that must be built for vehicles of these counts."""
        return max(0, math.ceil(self.beyond(counts) - _NOISE))

    def held(self, counts: Mapping[str, int]) -> int:
        """Those beyond the existing ones that are not built, as new vehicles bring them."""
        beyond = self.needed(counts) - self.existing
        return max(0, math.ceil(beyond - _NOISE)) - self.built(counts)

    def cost_kr_year(self, counts: Mapping[str, int]) -> float:
        """What these cost a year."""
        return self.built(counts) * self.kr_year

    def priced(self, kind: str) -> float:
        """The charge points of a vehicle of a kind that have a price in a problem."""
        return 0.0 if kind in self.bringing else self.per_vehicle.get(kind, 0.0)

    def takes_as_few(self, kind: str, other: str) -> bool:
        """Whether a fleet with one more of a kind, and one less of another, never has more charge
        points built."""
        as_few = self.per_vehicle.get(kind, 0.0) <= self.per_vehicle.get(other, 0.0)
        return as_few and (kind in self.bringing or other not in self.bringing)

    def all_priced(self, counts: Mapping[str, int]) -> float:
        """The charge points of vehicles of these counts that have a price in a problem."""
        return sum(self.priced(kind) * count for kind, count in counts.items())

    def with_arrivals(self, came: Mapping[str, int]) -> "ChargePoints":
        """The charge points of a pool into which vehicles come from others, by kind: they leave
        theirs behind."""
        bringing = {kind: number + came.get(kind, 0) for kind, number in self.bringing.items()}
        return replace(self, bringing=bringing)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsNeed:
    """The charge points of a depot: those that exist, those that its electric vehicles take today
    and in the plan, those that must be built, which cost `kr`, and those beyond that new ones bring
    within their yearly cost or price (`held`). `is_known`: the register says how many exist; else
    they are those that are taken today."""

    existing: float
    today: float
    proposed: float
    to_build: int
    kr: float
    is_known: bool
    held: int = 0


#: The charge points of the pools of a part, by the ids of the pools.
PartPoints = Mapping[str, ChargePoints]


def charge_points(
    depot: VehiclePool, pools: Sequence[VehiclePool], kinds: Mapping[str, KindFigures]
) -> dict[str, ChargePoints]:
    """The charge points of a depot's pools.

    Each pool has those that its electric vehicles take today. What the depot has beyond these is
    that of the pool with most round trips.
    """
    per_vehicle = {kind.kind: kind.points_taken for kind in kinds.values() if kind.points_taken}
    bringing = [kind.kind for kind in kinds.values() if kind.offered and kind.brings_points]
    today = {
        pool.pool_id: sum(per_vehicle.get(c.kind, 0.0) for c in pool.road_vehicles)
        for pool in pools
    }
    standing = {pool.pool_id: Counter(c.kind for c in pool.road_vehicles) for pool in pools}
    busiest = max(pools, key=lambda pool: len(pool.road_trips)).pool_id
    spare = max(0.0, (depot.charge_points or 0) - sum(today.values()))
    kr = max((kind.charge_point_kr for kind in kinds.values()), default=0.0)
    kr_year = max((kind.charge_point_kr_year for kind in kinds.values()), default=0.0)
    return {
        pool_id: ChargePoints(
            existing=taken + (spare if pool_id == busiest else 0.0),
            per_vehicle=per_vehicle,
            kr=kr,
            kr_year=kr_year,
            is_known=depot.charge_points is not None,
            bringing={kind: standing[pool_id][kind] for kind in bringing},
        )
        for pool_id, taken in today.items()
    }


def points_kr_year(answer: FleetAnswer, points: PartPoints) -> float:
    """What the charge points that an answer must have built cost a year, over all pools."""
    return sum(own.cost_kr_year(_counts(answer, pool)) for pool, own in points.items())


def with_points(evaluate: PoolCostFunction, points: ChargePoints) -> PoolCostFunction:
    """A pool's cost of any counts, with the charge points that they must have built."""

    def true_cost(counts: Mapping[str, int]) -> PoolCost:
        cost = evaluate(counts)
        return cost._replace(cost_kr_year=cost.cost_kr_year + points.cost_kr_year(counts))

    return true_cost


def points_need(
    plan: Plan, own: Sequence[VehiclePool], points: PartPoints, standing: VehiclePool
) -> PointsNeed | None:
    """The charge points of a depot with the pools `own` and the vehicles `standing` beside them;
    None: it has none, and none is taken."""
    rows = [
        (
            points[pool.pool_id],
            _counts(plan.baseline, pool.pool_id),
            _counts(plan.best, pool.pool_id),
        )
        for pool in own
    ]
    beside = rows[0][0].needed(Counter(vehicle.kind for vehicle in standing.vehicles))
    built = [(one.built(then), one.kr) for one, _, then in rows]
    existing = beside + sum(one.existing for one, _, _ in rows)
    proposed = beside + sum(one.needed(then) for one, _, then in rows)
    if not rows[0][0].is_known and not existing and not proposed:
        return None
    return PointsNeed(
        existing=existing,
        today=beside + sum(one.needed(now) for one, now, _ in rows),
        proposed=proposed,
        held=sum(one.held(then) for one, _, then in rows),
        to_build=sum(number for number, _ in built),
        kr=sum(number * kr for number, kr in built),
        is_known=rows[0][0].is_known,
    )


@dataclass(frozen=True, slots=True)
class PointedPlan:
    """A plan and a proven bound on the true cost of every fleet.

    The figures of the `plan` are without charge points; its own bound is one on that cost.
    """

    plan: Plan
    lower_bound_kr_year: float | None


def solve_with_points(
    problem: Problem,
    points: PartPoints,
    *,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck | None = None,
    baseline: FleetAnswer | None = None,
) -> PointedPlan:
    """The best plan of `problem`, whose kinds cost nothing for charge points, by its true cost. A
    `baseline` that is known is not solved again."""

    def ask(asked: Problem, baseline: FleetAnswer | None) -> Plan:
        return solve_wanted(
            asked, seconds_max=seconds_max, gap=gap, cancelled=cancelled, baseline=baseline
        )

    first = ask(problem, baseline)
    if first.best.cost_kr_year is None or first.best.lower_bound_kr_year is None:
        return PointedPlan(first, first.best.lower_bound_kr_year)
    best, bound = first.best, first.best.lower_bound_kr_year
    shares = dict.fromkeys(points, 0.0)
    tops = dict.fromkeys(points, 1.0)
    bottoms = dict.fromkeys(points, 0.0)
    answer, seconds = first.best, first.seconds
    for _ in range(SOLVES_MAX - 1):
        if _true_kr(best, points) - bound <= gap * abs(_true_kr(best, points)):
            break
        moved = {
            pool: _next_share(own, _counts(answer, pool), shares, bottoms, tops, pool)
            for pool, own in points.items()
        }
        if moved == shares:
            break
        shares = moved
        asked = ask(_priced(problem, points, shares), first.baseline)
        answer, seconds = asked.best, seconds + asked.seconds
        if answer.cost_kr_year is None or answer.lower_bound_kr_year is None:
            break
        paid = {pool: shares[pool] * own.kr_year for pool, own in points.items()}
        existing = sum(paid[pool] * own.existing for pool, own in points.items())
        needed = sum(
            paid[pool] * own.all_priced(_counts(answer, pool)) for pool, own in points.items()
        )
        bound = max(bound, answer.lower_bound_kr_year - existing)
        unpriced = replace(answer, cost_kr_year=answer.cost_kr_year - needed)
        if _true_kr(unpriced, points) < _true_kr(best, points):
            best = unpriced
    plan = replace(first, best=_bounded(best, first.best), seconds=seconds)
    return PointedPlan(plan, bound)


def _next_share(
    own: ChargePoints,
    counts: Mapping[str, int],
    shares: Mapping[str, float],
    bottoms: dict[str, float],
    tops: dict[str, float],
    pool: str,
) -> float:
    """The share of the price at which a pool is asked next; the present one where it tells all."""
    share, beyond = shares[pool], own.beyond(counts)
    if own.kr_year <= 0 or abs(beyond) <= _NOISE:
        return share
    if beyond > 0 and share < 1:
        bottoms[pool] = share
        return 1.0 if share == 0 else (share + tops[pool]) / 2
    if beyond < 0 and share > 0:
        tops[pool] = share
        return (bottoms[pool] + share) / 2
    return share


def _priced(problem: Problem, points: PartPoints, shares: Mapping[str, float]) -> Problem:
    """The problem with a share of the price of charge points in the cost of each kind."""
    return replace(
        problem,
        kinds=tuple(
            replace(
                kind,
                fixed_kr_year=kind.fixed_kr_year
                + shares[kind.pool]
                * points[kind.pool].kr_year
                * points[kind.pool].priced(kind.type),
            )
            for kind in problem.kinds
        ),
    )


def _bounded(best: FleetAnswer, first: FleetAnswer) -> FleetAnswer:
    """An answer with the bound of the problem without charge points."""
    if best is first:
        return best
    cost, bound = best.cost_kr_year, first.lower_bound_kr_year
    assert cost is not None
    assert bound is not None
    bound = min(bound, cost)
    gap = (cost - bound) / cost if cost > 0 else 0.0
    status = "optimal" if gap <= OPTIMAL_GAP else "feasible"
    return replace(best, status=status, lower_bound_kr_year=bound, gap=gap)


def _true_kr(answer: FleetAnswer, points: PartPoints) -> float:
    assert answer.cost_kr_year is not None
    return answer.cost_kr_year + points_kr_year(answer, points)


def _counts(answer: FleetAnswer, pool: str) -> dict[str, int]:
    return {line.type: line.count for line in answer.fleet if line.pool == pool}
