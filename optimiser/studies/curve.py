"""The curve of cost against CO2e: the best fleets from least cost to least CO2e, with proofs.

The module solves a pool at prices of CO2e. At the price p, every fleet with cost c' and emissions
e' has c' + p e' >= L(p), the proven bound; so a fleet that may emit E costs at least L(p) - p E for
every p. L is concave, so between two prices it is at least the straight line. This is a proof for
the whole municipality too: bounds of pools add up, and so do their fleets.

The next price is the one that tells most: at the price at which two neighbouring fleets are equally
good, the solver finds the fleet below both, or shows that there is none.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil

from optimiser.depot.charge_points import PartPoints, points_kr_year
from optimiser.model.plan import FleetLine
from optimiser.model.problem import Problem, ProblemError
from optimiser.model.remark import Remark, remark
from optimiser.parts.ready_plan import solve_ready
from optimiser.parts.workshop import WorkshopRule

#: The steps in which the greenest fleets may cost more than the cheapest ones.
_STEPS = 1_000

#: The share of the prices at which a fleet is the best, by which a price is away from their ends.
_BESIDE = 0.05

#: The relative difference of costs that the noise of floats explains.
RELATIVE_NOISE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedFleet:
    """A pool's best fleet at a price of CO2e.

    `cost_kr_year` does not include the price; `bound_kr_year` is a proven lower bound on cost and
    priced CO2e together.
    """

    price_kr_t: float
    cost_kr_year: float
    co2_t_year: float
    bound_kr_year: float
    fleet: tuple[FleetLine, ...]

    def total(self, price_kr_t: float) -> float:
        """The cost with CO2e at another price."""
        return self.cost_kr_year + price_kr_t * self.co2_t_year


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A point of the curve: a fleet that no other beats on both cost and CO2e.

    It is proven that no fleet that emits as little costs less than `lower_bound_kr_year`. The
    figures do not include a price of CO2e. `counts` are vehicles by kind, over all pools. At
    `prices_kr_t` of CO2e, by pool, the fleets of the pools are the best ones.
    """

    cost_kr_year: float
    co2_t_year: float
    lower_bound_kr_year: float
    counts: Mapping[str, int]
    prices_kr_t: Mapping[str, float]

    @property
    def key(self) -> str:
        """A name for the fleet among those of its curve, no two of which emit the same."""
        return f"{self.co2_t_year:.6f}"

    @property
    def gap(self) -> float:
        """The difference between cost and bound, relative to the cost."""
        if self.cost_kr_year <= 0:
            return 0.0
        return max(0.0, 1 - self.lower_bound_kr_year / self.cost_kr_year)


def best_at_price(
    problem: Problem,
    points: PartPoints,
    price_kr_t: float,
    *,
    ready: WorkshopRule | None = None,
    seconds_max: float,
    gap: float,
    cancelled: Callable[[], bool] | None = None,
) -> PricedFleet:
    """The best fleet of `problem` at a price of CO2e, with the charge points to be built. It has
    the vehicles that the workshop asks for by `ready`; the bound holds without them, too.

    Raises:
        ProblemError: no fleet keeps the rules.
    """
    rules = replace(
        problem.rules,
        co2_kr_t=price_kr_t,
        co2_max_t_year=None,
        period_days=problem.period_days,
    )
    priced_problem = replace(problem, rules=rules)
    found = solve_ready(
        priced_problem,
        points,
        ready=ready,
        seconds_max=seconds_max,
        gap=gap,
        cancelled=cancelled,
    )
    best, bound = found.pointed.plan.best, found.first.lower_bound_kr_year
    if best.cost_kr_year is None or bound is None or best.co2_t_year is None:
        raise ProblemError(best.reason or remark(Remark.NO_FLEET))
    return PricedFleet(
        price_kr_t=price_kr_t,
        cost_kr_year=best.cost_kr_year
        + points_kr_year(best, points)
        - price_kr_t * best.co2_t_year,
        co2_t_year=best.co2_t_year,
        bound_kr_year=bound,
        fleet=best.fleet,
    )


def priced_fleets(
    solve_at: Callable[[float], PricedFleet], *, price_max_kr_t: float, solves: int
) -> list[PricedFleet]:
    """A pool's fleets at prices from 0 to `price_max_kr_t`, at most `solves` of them, by price."""
    fleets = [solve_at(0.0), solve_at(price_max_kr_t)]
    searched: set[tuple[float, float]] = set()
    while len(fleets) < solves:
        ends = [
            (a, b)
            for a, b in pairwise(_hull(fleets))
            if (a.price_kr_t, b.price_kr_t) not in searched
        ]
        if not ends:
            break
        # The pair of fleets with the widest gap comes first, as there is most to find.
        a, b = max(ends, key=lambda pair: pair[0].co2_t_year - pair[1].co2_t_year)
        price = (b.cost_kr_year - a.cost_kr_year) / (a.co2_t_year - b.co2_t_year)
        searched.add((a.price_kr_t, b.price_kr_t))
        fleets.append(solve_at(price))
    return sorted(fleets, key=lambda f: f.price_kr_t)


def curve(pools: Sequence[Sequence[PricedFleet]]) -> list[CurvePoint]:
    """The curve of all pools together, from least cost to least CO2e, without dominated fleets.

    The fleets of each pool are those of `priced_fleets`.
    """
    hulls = [_hull(fleets) for fleets in pools]
    now = [hull[0] for hull in hulls]
    points = [_point(now, pools, hulls)]
    # The change of a pool that saves a tonne at the least cost comes first.
    changes = sorted(
        ((b.cost_kr_year - a.cost_kr_year) / (a.co2_t_year - b.co2_t_year), i, step)
        for i, hull in enumerate(hulls)
        for step, (a, b) in enumerate(pairwise(hull), start=1)
    )
    for _, i, step in changes:
        now[i] = hulls[i][step]
        points.append(_point(now, pools, hulls))
    return points


def greenest_within(pools: Sequence[Sequence[PricedFleet]], share: float) -> CurvePoint:
    """The fleets with the least CO2e together that cost at most the share `share` more than the
    cheapest ones. The fleets of each pool are those of `priced_fleets` that are best at some price.

    Which of them is a knapsack: the cost beyond the least is counted in `_STEPS` steps of what is
    allowed, each rounded up, so that the limit is kept.
    """
    hulls = [_hull(fleets) for fleets in pools]
    cheapest = [hull[0] for hull in hulls]
    allowed = share * sum(fleet.cost_kr_year for fleet in cheapest)
    step = allowed / _STEPS
    # By the steps that are used: the least CO2e until now, and the fleets that have it.
    best: dict[int, tuple[float, tuple[PricedFleet, ...]]] = {0: (0.0, ())}
    for hull, least in zip(hulls, cheapest, strict=True):
        options: dict[int, PricedFleet] = {0: least}
        for fleet in hull:
            beyond = fleet.cost_kr_year - least.cost_kr_year
            used = 0 if beyond <= 0 else ceil(beyond / step) if step > 0 else _STEPS + 1
            if used <= _STEPS and fleet.co2_t_year < options.get(used, least).co2_t_year:
                options[used] = fleet
        then: dict[int, tuple[float, tuple[PricedFleet, ...]]] = {}
        for used, (co2, chosen) in best.items():
            for more, fleet in options.items():
                total, tonnes = used + more, co2 + fleet.co2_t_year
                if total <= _STEPS and (total not in then or tonnes < then[total][0]):
                    then[total] = (tonnes, (*chosen, fleet))
        best = then
    _, fleets = min(best.values(), key=lambda found: found[0])
    return _point(fleets, pools, hulls)


def evenly_spaced(points: Sequence[CurvePoint], most: int) -> list[CurvePoint]:
    """At most `most` of the points, both ends among them, evenly spread."""
    if len(points) <= most:
        return list(points)
    return [points[round(i * (len(points) - 1) / (most - 1))] for i in range(most)]


def _hull(fleets: Sequence[PricedFleet]) -> list[PricedFleet]:
    """The fleets that are best at some price, from the least cost to the least CO2e."""
    ordered = sorted(fleets, key=lambda f: (f.co2_t_year, f.cost_kr_year))
    hull: list[PricedFleet] = []
    for fleet in ordered:
        if hull and fleet.cost_kr_year >= hull[-1].cost_kr_year - RELATIVE_NOISE * abs(
            hull[-1].cost_kr_year
        ):
            continue
        while len(hull) > 1 and _above(hull[-2], hull[-1], fleet):
            hull.pop()
        hull.append(fleet)
    return hull[::-1]


def _above(a: PricedFleet, middle: PricedFleet, b: PricedFleet) -> bool:
    """Whether `middle` lies on or above the line from `a` to `b`."""
    price = (a.cost_kr_year - b.cost_kr_year) / (b.co2_t_year - a.co2_t_year)
    return middle.total(price) >= a.total(price) * (1 - RELATIVE_NOISE)


def _best_at_kr_t(hull: Sequence[PricedFleet], fleet: PricedFleet) -> float:
    """A price of CO2e at which a fleet of a hull is better than its neighbours: the one at which it
    was found, unless a neighbour is as good there; then one a little way from that neighbour."""
    changes = [
        (b.cost_kr_year - a.cost_kr_year) / (a.co2_t_year - b.co2_t_year) for a, b in pairwise(hull)
    ]
    number, price = hull.index(fleet), fleet.price_kr_t
    low = changes[number - 1] if number else 0.0
    high = changes[number] if number < len(changes) else max(2 * low, price)
    beside = _BESIDE * (high - low)
    least = low + beside if number else 0.0
    return min(max(price, least), high - beside if number < len(changes) else high)


def _point(
    fleets: Sequence[PricedFleet],
    pools: Sequence[Sequence[PricedFleet]],
    hulls: Sequence[Sequence[PricedFleet]],
) -> CurvePoint:
    cost = sum(fleet.cost_kr_year for fleet in fleets)
    co2 = sum(fleet.co2_t_year for fleet in fleets)
    prices = sorted({fleet.price_kr_t for pool in pools for fleet in pool})
    counts: Counter[str] = Counter()
    for fleet in fleets:
        for line in fleet.fleet:
            counts[line.type] += line.count
    bound = max(sum(bound_at(pool, price) for pool in pools) - price * co2 for price in prices)
    return CurvePoint(
        cost_kr_year=cost,
        co2_t_year=co2,
        lower_bound_kr_year=min(cost, max(0.0, bound)),
        counts=counts,
        prices_kr_t={
            line.pool: _best_at_kr_t(hull, fleet)
            for hull, fleet in zip(hulls, fleets, strict=True)
            for line in fleet.fleet[:1]
        },
    )


def bound_at(pool: Sequence[PricedFleet], price_kr_t: float) -> float:
    """The lower bound of a pool at a price, by the line between the bounds at known prices."""
    known = sorted((fleet.price_kr_t, fleet.bound_kr_year) for fleet in pool)
    for (p, low), (q, high) in pairwise(known):
        if p <= price_kr_t <= q:
            weight = (price_kr_t - p) / (q - p) if q > p else 1.0
            return low + weight * (high - low)
    # Above the last price CO2e only costs more.
    return known[-1][1]
