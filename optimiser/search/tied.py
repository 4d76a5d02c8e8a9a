"""Plans large components that rules on counts tie together: a bound on all, and a roster of each.

The rules get prices (a Lagrangian relaxation): at prices nothing ties the components, so that each
is planned by itself, and what all cost together, less what the prices add to fleets that keep the
rules, is a lower bound. The prices come from a sample of days, of which all components share a
master. At good prices the counts nearly keep the rules; a few vehicles more, fewer or of another
kind, where that costs least, are enough for the rest.

That green vehicles are no fewer than today is one of two cases. The other is that no fossil one is
left.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from fleet.arrays import Ints
from optimiser.bounds.decomposition import Decomposition
from optimiser.bounds.highs import MasterProblem
from optimiser.bounds.master_rules import MasterRules
from optimiser.duties.cost_model import CostModel
from optimiser.duties.fleet_rules import CountTies, TiePrices
from optimiser.duties.incumbent import Incumbent, first_incumbent
from optimiser.duties.make_arrays import with_bounds
from optimiser.duties.pieces import days_of
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import with_counts
from optimiser.model.clock import Clock
from optimiser.search.within_ties import Counts, within_ties

#: The share of the time for the plans at prices; the rest is for counts that keep the rules.
_PRICED_SHARE = 0.7

#: A sample for prices has about this many trips, of every day or of every n-th; n is no multiple of
#: a week's days.
_SAMPLE_TRIPS = 15_000
_SAMPLE_EVERY = (1, 3, 9, 17, 33)

#: Improves incumbents in place until the clock is over, each to its gap.
Improve = Callable[[Sequence[Incumbent], Clock], None]


@dataclass(slots=True)
class TiedPlan:
    """The best incumbents of all components, none if there are none, and their cost in kr a year.

    `bound` is a proven lower bound on the cost of all components together.
    """

    incumbents: list[Incumbent]
    kr: float
    bound: float

    def is_near(self, gap: float) -> bool:
        return self.kr - self.bound <= gap * self.kr


def improve_tied(
    components: Sequence[PoolArrays],
    ties: CountTies,
    prices: TiePrices,
    *,
    improve: Improve,
    gap: float,
    clock: Clock,
) -> TiedPlan:
    """The plan of `components` within `ties`, whose kinds are numbered one after another.

    Any `prices` are right, and those of `tie_prices` are good.
    """
    plan = _with_green(components, ties, prices, gap, improve, clock)
    fossil = {k for green in ties.greens for k in green.fossil}
    if fossil:
        other = _without_fossil(components, fossil, plan, gap, improve, clock)
        plan = TiedPlan(
            incumbents=min(plan, other, key=lambda one: one.kr).incumbents,
            kr=min(plan.kr, other.kr),
            bound=min(plan.bound, other.bound),
        )
    if not plan.incumbents:
        now = [[kind.count_now for kind in arrays.kinds] for arrays in components]
        if _are_allowed(components, now):
            incumbents = _at_counts(components, now)
            improve(incumbents, clock)
            plan = _plan(incumbents, plan.bound)
    return plan


def tie_prices(
    components: Sequence[PoolArrays], ties: CountTies, seed: int, clock: Clock
) -> TiePrices:
    """Prices at which the counts nearly keep `ties`; 0 if time ended the search for them."""
    trips = sum(len(arrays.trips) for arrays in components)
    every = next((n for n in _SAMPLE_EVERY if trips <= n * _SAMPLE_TRIPS), _SAMPLE_EVERY[-1])
    sample = [days_of(arrays, every) for arrays in components]
    decomposition = Decomposition(sample, lambda: clock.is_over, _ignore, ties)
    prices = decomposition.tie_prices(seed, clock)
    if prices is None:
        return ties.free
    # At no price costs a vehicle less than nothing: then idle ones would lower the bound.
    kinds = [kind for arrays in components for kind in arrays.kinds]
    most = [min(kinds[k].fixed_kr_year for k in green.green) for green in ties.greens]
    return prices._replace(
        greens=tuple(min(pair) for pair in zip(prices.greens, most, strict=True))
    )


def _ignore(counts: Sequence[int], served: Sequence[Ints] | None) -> None:
    """Promising counts of a sample are of no use here."""


def _with_green(
    components: Sequence[PoolArrays],
    ties: CountTies,
    prices: TiePrices,
    gap: float,
    improve: Improve,
    clock: Clock,
) -> TiedPlan:
    """The plan if green vehicles are no fewer than today."""
    priced: list[Incumbent] = []
    first = 0
    for arrays in components:
        more = [ties.price(first + k, prices) for k in range(len(arrays.kinds))]
        kinds = tuple(
            replace(kind, fixed_kr_year=max(0.0, kind.fixed_kr_year + kr))
            for kind, kr in zip(arrays.kinds, more, strict=True)
        )
        first += len(kinds)
        priced.append(first_incumbent(replace(arrays, kinds=kinds)))
    improve(priced, clock.for_share(_PRICED_SHARE))
    bound = sum(incumbent.bound for incumbent in priced) - ties.priced_kr(prices)
    rosters = [incumbent.roster for incumbent in priced if incumbent.roster is not None]
    if len(rosters) < len(components):
        return TiedPlan([], inf, bound)
    found = [roster.counts for roster in rosters]
    models = [incumbent.model for incumbent in priced]
    counts = within_ties(_with_spare(components, ties), ties, found, models, lambda: clock.is_over)
    if counts is None:
        return TiedPlan([], inf, bound)
    incumbents = _at_counts(components, counts)
    changed: list[Incumbent] = []
    for incumbent, roster, own in zip(incumbents, rosters, counts, strict=True):
        if roster.counts == own:
            incumbent.offer(roster)
        else:
            incumbent.offer(with_counts(incumbent.arrays, roster, own))
            changed.append(incumbent)
    plan = _plan(incumbents, bound)
    if not plan.is_near(gap):
        improve(changed, clock)
        plan = _plan(incumbents, bound)
    for incumbent, one in zip(incumbents, priced, strict=True):
        incumbent.model = one.model
    return plan


def _without_fossil(
    components: Sequence[PoolArrays],
    fossil: set[int],
    best: TiedPlan,
    gap: float,
    improve: Improve,
    clock: Clock,
) -> TiedPlan:
    """The plan if no vehicle of the kinds `fossil` is left, or only its bound if that is enough."""
    green: list[PoolArrays] = []
    first = 0
    for arrays in components:
        kinds = range(len(arrays.kinds))
        if any(arrays.low[k] for k in kinds if first + k in fossil):
            return TiedPlan([], inf, inf)
        high = tuple(0 if first + k in fossil else arrays.high[k] for k in kinds)
        green.append(replace(arrays, high=high))
        first += len(kinds)
    incumbents = [first_incumbent(arrays) for arrays in green]
    for incumbent, known in zip(incumbents, best.incumbents, strict=False):
        if known.model is not None:
            incumbent.raise_bound(_least_kr(incumbent.arrays, known.model))
    plan = TiedPlan([], inf, sum(incumbent.bound for incumbent in incumbents))
    if plan.bound >= best.bound or (1 - gap) * best.kr <= plan.bound:
        return plan
    improve(incumbents, clock)
    return _plan(incumbents, sum(incumbent.bound for incumbent in incumbents))


def _least_kr(arrays: PoolArrays, model: CostModel) -> float:
    """A lower bound on the cost of `arrays` at all counts that it allows, by its model."""
    rules = MasterRules(arrays, arrays.high, is_alone=True)
    own = np.zeros(len(rules.low))
    cost = np.append([kind.fixed_kr_year for kind in arrays.kinds], own)
    master = MasterProblem(
        cost, [*arrays.low, *rules.low], [*arrays.high, *rules.high], model.least, 1.0, 0
    )
    for weights, most in rules.rows:
        master.add_row(weights, most)
    for number, cuts in enumerate(model.cuts):
        for cut in cuts:
            master.add_cut(number, cut.constant, cut.slopes, 0)
    answer = master.solve(inf)
    return -inf if answer is None else min(answer[2], rules.bound_otherwise)


def _plan(incumbents: Sequence[Incumbent], bound: float) -> TiedPlan:
    """The plan of `incumbents`, without them if one has no roster."""
    kr = sum(incumbent.kr for incumbent in incumbents)
    return TiedPlan(list(incumbents) if kr < inf else [], kr, min(bound, kr))


def _with_spare(components: Sequence[PoolArrays], ties: CountTies) -> list[PoolArrays]:
    """`components` where a kind without a bound may be as many as `ties` have use for."""
    wider: list[PoolArrays] = []
    first = 0
    for arrays in components:
        high = [
            most if kind.max_count is not None else max(most, ties.spare(first + k))
            for k, (kind, most) in enumerate(zip(arrays.kinds, arrays.high, strict=True))
        ]
        first += len(high)
        wider.append(replace(arrays, high=tuple(high)))
    return wider


def _are_allowed(components: Sequence[PoolArrays], counts: Counts) -> bool:
    return all(
        least <= count <= most
        for arrays, own in zip(components, counts, strict=True)
        for least, count, most in zip(arrays.low, own, arrays.high, strict=True)
    )


def _at_counts(components: Sequence[PoolArrays], counts: Counts) -> list[Incumbent]:
    incumbents: list[Incumbent] = []
    for arrays, own in zip(components, counts, strict=True):
        fixed = replace(arrays, rules=replace(arrays.rules, limits=(), greens=()))
        incumbents.append(first_incumbent(with_bounds(fixed, [(n, n) for n in own])))
    return incumbents
