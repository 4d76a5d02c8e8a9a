"""Plans large components that rules on counts tie together: a bound on all, and a roster of each.

A quick plan comes first: counts that keep the rules and suit a sample of days, with first-fit. What
follows makes the plan and its bound better until the time is over.

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

from optimiser.bounds.decomposition import Decomposition
from optimiser.bounds.highs import MasterProblem
from optimiser.bounds.master_rules import MasterRules
from optimiser.duties.cost_model import CostModel
from optimiser.duties.fleet_rules import CountTies, TiePrices
from optimiser.duties.incumbent import Incumbent, first_incumbent
from optimiser.duties.make_arrays import with_bounds
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import with_counts
from optimiser.model.clock import Clock
from optimiser.search.gaps import finer
from optimiser.search.known_rosters import KnownRosters
from optimiser.search.tied_start import (
    TiedStart,
    ignore,
    kept_bounds,
    possible_prices,
    with_spare,
)
from optimiser.search.within_ties import Counts, within_ties

#: The share of the time for the plans at prices; the rest is for counts that keep the rules.
_PRICED_SHARE = 0.7

#: The share of the time for the case in which a fossil vehicle is left, if there may be none.
_GREEN_SHARE = 0.85

#: The share of the gap that a component may have by itself.
_POOL_SHARE = 0.75

#: The share of the time for the quick plan.
_QUICK_SHARE = 0.2

#: The most times that counts are mended where a component has no roster at those that were found.
_MENDINGS_MAX = 5

#: Improves incumbents in place, each to a relative gap, until the first clock is over or it is
#: stuck; one without a bound goes on until it has one, or until the second clock is over.
Improve = Callable[[Sequence[Incumbent], Clock, Clock, float], None]


@dataclass(slots=True)
class TiedPlan:
    """The best incumbents of all components, none if there are none, and their cost in kr a year.

    `bound` is a proven lower bound on the cost of all components together.
    """

    incumbents: list[Incumbent]
    kr: float
    bound: float

    def is_near(self, gap: float) -> bool:
        return self.kr < inf and self.kr - self.bound <= gap * self.kr


def improve_tied(
    components: Sequence[PoolArrays],
    ties: CountTies,
    start: TiedStart,
    *,
    improve: Improve,
    gap: float,
    clock: Clock,
) -> TiedPlan:
    """The plan of `components` within `ties`, whose kinds are numbered one after another.

    Any `start` is right, and one of `tied_start` is good. The search ends at the relative `gap`,
    when the time is over, or where prices and plans get no better.
    """
    fossil = {k for green in ties.greens for k in green.fossil}
    own_clock = clock.for_share(_GREEN_SHARE) if fossil else clock
    quick = _quick(components, ties, start.counts, improve, clock.for_share(_QUICK_SHARE))
    clocks = own_clock, clock
    plan = _with_green(components, ties, start.prices, quick, gap, improve, clocks)
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
            improve(incumbents, clock, clock, _POOL_SHARE * gap)
            plan = _plan(incumbents, plan.bound)
    return plan


def _quick(
    components: Sequence[PoolArrays],
    ties: CountTies,
    counts: Counts | None,
    improve: Improve,
    clock: Clock,
) -> TiedPlan:
    """A plan of first-fit from `counts`, or else from today's; without one, its bound is -inf."""
    now = [[kind.count_now for kind in arrays.kinds] for arrays in components]
    for begin in (counts, now):
        if begin is None or not ties.are_kept([n for own in begin for n in own]):
            continue
        bounded = kept_bounds(components, ties, begin)
        if bounded is None:
            continue
        quick = [first_incumbent(arrays) for arrays in bounded]
        # A gap of 1 asks for any plan.
        improve(quick, clock, clock, 1.0)
        rosters = [incumbent.roster for incumbent in quick if incumbent.roster is not None]
        if len(rosters) == len(quick):
            incumbents = _at_counts(components, [roster.counts for roster in rosters])
            for incumbent, roster in zip(incumbents, rosters, strict=True):
                incumbent.offer(roster)
            return _plan(incumbents, -inf)
    return TiedPlan([], inf, -inf)


def _with_green(
    components: Sequence[PoolArrays],
    ties: CountTies,
    prices: TiePrices,
    plan: TiedPlan,
    gap: float,
    improve: Improve,
    clocks: tuple[Clock, Clock],
) -> TiedPlan:
    """The plan if green vehicles are no fewer than today, no dearer than `plan`.

    What the components cost at the first prices tells better prices, and so on, until the first
    clock is over; components without a bound have until the second one is.
    """
    clock, _ = clocks
    models: list[CostModel | None] = [None] * len(components)
    own_gap = _POOL_SHARE * gap
    known = KnownRosters(components)
    for number, incumbent in enumerate(plan.incumbents):
        if incumbent.roster is not None:
            known.add(number, incumbent.roster)
    while True:
        gaps = own_gap, gap
        found, models = _at_prices(
            components, ties, prices, plan, known, models, gaps, improve, clocks
        )
        plan.bound = max(plan.bound, found.bound)
        if found.kr < plan.kr:
            plan.incumbents, plan.kr = found.incumbents, found.kr
        plan.bound = min(plan.bound, plan.kr)
        if clock.is_over or plan.is_near(gap):
            break
        better = _better_prices(components, ties, models, clock)
        if better is None or (own_gap == 0 and _are_alike(better, prices)):
            break
        prices, own_gap = better, finer(own_gap)
    return plan


def _are_alike(some: TiePrices, other: TiePrices) -> bool:
    """Whether prices differ by less than the noise of the solver."""
    return np.allclose(some.limits, other.limits) and np.allclose(some.greens, other.greens)


def _better_prices(
    components: Sequence[PoolArrays],
    ties: CountTies,
    models: Sequence[CostModel | None],
    clock: Clock,
) -> TiePrices | None:
    """The best prices by what is known of all components; None if time ended the search."""
    master = Decomposition(components, lambda: clock.is_over, ignore, ties, models)
    prices = master.known_prices(0, clock)
    return None if prices is None else possible_prices(prices, components, ties)


def _at_prices(
    components: Sequence[PoolArrays],
    ties: CountTies,
    prices: TiePrices,
    best: TiedPlan,
    known: KnownRosters,
    models: Sequence[CostModel | None],
    gaps: tuple[float, float],
    improve: Improve,
    clocks: tuple[Clock, Clock],
) -> tuple[TiedPlan, list[CostModel | None]]:
    """The plan from what the components do at `prices`, and what they cost.

    The gaps are the one for each component, and the one for all together. The clocks are the one of
    the search, and the one of components without a bound.
    """
    own_gap, gap = gaps
    clock, bound_clock = clocks
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
    for incumbent, model in zip(priced, models, strict=True):
        incumbent.model = model
        if model is not None:
            incumbent.raise_bound(_least_kr(incumbent.arrays, model))
    for incumbent, planned in zip(priced, best.incumbents, strict=False):
        if planned.roster is not None:
            incumbent.offer(planned.roster)
    # A component without a bound would count with nearly nothing, so its bound may take all time.
    priced_clock = clock.for_share(_PRICED_SHARE)
    improve(priced, priced_clock, bound_clock, own_gap)
    if not priced_clock.is_over:
        # What some did not need is for those that their share of the time cut short.
        improve(priced, priced_clock, bound_clock, own_gap)
    bound = sum(incumbent.bound for incumbent in priced) - ties.priced_kr(prices)
    learnt = [incumbent.model for incumbent in priced]
    for number, incumbent in enumerate(priced):
        if incumbent.roster is not None:
            known.add(number, incumbent.roster)
    plan = _chosen(components, ties, known, learnt, bound)
    found = [incumbent.roster.counts for incumbent in priced if incumbent.roster is not None]
    if plan.is_near(gap) or len(found) < len(components):
        return plan, learnt
    wider = with_spare(components, ties)
    for _ in range(_MENDINGS_MAX):
        counts = within_ties(wider, ties, found, learnt, lambda: clock.is_over)
        if counts is None:
            break
        failed = _plan_changed(components, priced, counts, known, improve, own_gap, clock)
        plan = _chosen(components, ties, known, learnt, bound)
        if not failed or plan.is_near(gap) or clock.is_over:
            break
        for number in failed:
            # What it costs to do with fewer of a kind is not known well enough there.
            wider[number] = replace(wider[number], low=tuple(found[number]))
    return plan, learnt


def _plan_changed(
    components: Sequence[PoolArrays],
    priced: Sequence[Incumbent],
    counts: Counts,
    known: KnownRosters,
    improve: Improve,
    gap: float,
    clock: Clock,
) -> list[int]:
    """Adds to `known` a roster of each component at `counts` of which none is known yet.

    Each begins with that of `priced`.

    Returns:
        The components for which the search found none.
    """
    incumbents = _at_counts(components, counts)
    changed = {
        number: incumbents[number]
        for number, own in enumerate(counts)
        if known.at(number, own) is None
    }
    for number, incumbent in changed.items():
        roster = priced[number].roster
        if roster is not None:
            incumbent.offer(with_counts(incumbent.arrays, roster, counts[number]))
    improve(list(changed.values()), clock, clock, gap)
    for number, incumbent in changed.items():
        if incumbent.roster is not None:
            known.add(number, incumbent.roster)
    return [number for number, incumbent in changed.items() if incumbent.roster is None]


def _chosen(
    components: Sequence[PoolArrays],
    ties: CountTies,
    known: KnownRosters,
    models: Sequence[CostModel | None],
    bound: float,
) -> TiedPlan:
    """The cheapest plan of `known` rosters within `ties`, none if they allow none."""
    rosters = known.cheapest_within(ties)
    if rosters is None:
        return TiedPlan([], inf, bound)
    incumbents = _at_counts(components, [roster.counts for roster in rosters])
    for incumbent, roster, model in zip(incumbents, rosters, models, strict=True):
        incumbent.offer(roster)
        incumbent.model = model
    return _plan(incumbents, bound)


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
    own_gap = _POOL_SHARE * gap
    while not clock.is_over:
        improve(incumbents, clock, clock, own_gap)
        plan = _plan(incumbents, sum(incumbent.bound for incumbent in incumbents))
        least = min(plan.kr, best.kr)
        if clock.is_over or (1 - gap) * least <= plan.bound or plan.bound >= best.bound:
            return plan
        if all(incumbent.is_optimal or incumbent.stuck_at == 0 for incumbent in incumbents):
            return plan
        own_gap = finer(own_gap)
    return plan


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
