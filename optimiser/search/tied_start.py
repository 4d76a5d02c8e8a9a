"""The start of a search over large components that rules on counts tie together: a sample of days.

All components share a master of the few days, which tells prices of the rules, and counts that keep
them.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from fleet.arrays import Ints
from optimiser.bounds.decomposition import Decomposition
from optimiser.duties.fleet_rules import CountTies, TiePrices
from optimiser.duties.pieces import days_of
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.clock import Clock
from optimiser.search.within_ties import Counts, within_ties

#: A sample has about this many trips, of every day or of every n-th; n is no multiple of
#: a week's days.
_SAMPLE_TRIPS = 15_000
_SAMPLE_EVERY = (1, 3, 9, 17, 33)


class TiedStart(NamedTuple):
    """The start of a search: prices of the ties, and counts that keep them, None if not known."""

    prices: TiePrices
    counts: Counts | None


def tied_sample(components: Sequence[PoolArrays]) -> list[PoolArrays]:
    """A few days of `components`, which stand for all of them."""
    trips = sum(len(arrays.start) for arrays in components)
    every = next((n for n in _SAMPLE_EVERY if trips <= n * _SAMPLE_TRIPS), _SAMPLE_EVERY[-1])
    return [days_of(arrays, every) for arrays in components]


def tied_start(sample: Sequence[PoolArrays], ties: CountTies, seed: int, clock: Clock) -> TiedStart:
    """Prices at which the counts of `sample` nearly keep `ties`, and counts that keep them.

    The prices are 0 if time ended the search for them.
    """
    decomposition = Decomposition(sample, lambda: clock.is_over, ignore, ties)
    prices = decomposition.tie_prices(seed, clock)
    if prices is None:
        return TiedStart(ties.free, None)
    counts, first = decomposition.ceiled_counts, 0
    found: list[list[int]] = []
    for arrays in sample:
        found.append(counts[first : first + len(arrays.kinds)])
        first += len(arrays.kinds)
    kept = within_ties(
        with_spare(sample, ties), ties, found, decomposition.models, lambda: clock.is_over
    )
    return TiedStart(possible_prices(prices, sample, ties), kept)


def kept_bounds(
    components: Sequence[PoolArrays], ties: CountTies, counts: Counts
) -> list[PoolArrays] | None:
    """`components` within bounds in which all counts keep `ties`, as `counts` do.

    A search of them begins with `counts`. None if their own bounds do not allow these.
    """
    limited = {k for limit in ties.limits for k in limit.kinds}
    green = {k for rule in ties.greens for k in rule.green}
    bounded: list[PoolArrays] = []
    first = 0
    for arrays, own in zip(components, counts, strict=True):
        low, high = list(arrays.low), list(arrays.high)
        for k, count in enumerate(own):
            low[k] = max(low[k], count) if first + k in green else low[k]
            high[k] = min(high[k], count) if first + k in limited else max(high[k], low[k])
        if any(least > most for least, most in zip(low, high, strict=True)):
            return None
        first += len(own)
        kinds = tuple(
            replace(kind, count_now=count) for kind, count in zip(arrays.kinds, own, strict=True)
        )
        rules = replace(arrays.rules, limits=(), greens=())
        bounded.append(replace(arrays, kinds=kinds, low=tuple(low), high=tuple(high), rules=rules))
    return bounded


def possible_prices(
    prices: TiePrices, components: Sequence[PoolArrays], ties: CountTies
) -> TiePrices:
    """`prices`, but none at which a vehicle costs less than nothing."""
    # Idle vehicles would lower the bound.
    kinds = [kind for arrays in components for kind in arrays.kinds]
    most = [min(kinds[k].fixed_kr_year for k in green.green) for green in ties.greens]
    return prices._replace(
        greens=tuple(min(pair) for pair in zip(prices.greens, most, strict=True))
    )


def with_spare(components: Sequence[PoolArrays], ties: CountTies) -> list[PoolArrays]:
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


def ignore(counts: Sequence[int], served: Sequence[Ints] | None) -> None:
    """Promising counts of a sample are of no use here."""
