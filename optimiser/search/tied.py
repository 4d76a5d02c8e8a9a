"""The counts of large components that a rule on counts ties together, and a bound on their cost.

One decomposition of all components chooses the counts. At given counts nothing ties the components,
so that the search improves the roster of each by itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from optimiser.bounds.decomposition import Decomposition
from optimiser.duties.fleet_rules import CountTies
from optimiser.duties.incumbent import Incumbent, first_incumbent
from optimiser.duties.make_arrays import with_bounds
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.clock import Clock

#: The share of the time for the counts.
_COUNTS_SHARE = 0.7


class TiedCounts(NamedTuple):
    """Components at the counts of the decomposition, none if it found no counts in time.

    `bound` is a proven lower bound on the cost of all components at any counts.
    """

    incumbents: list[Incumbent]
    bound: float


def tied_counts(
    components: Sequence[PoolArrays], ties: CountTies, *, gap: float, seed: int, clock: Clock
) -> TiedCounts:
    """The best counts of `components` within `ties`, whose kinds are numbered one after another."""
    found: list[Sequence[int]] = [
        [kind.count_now for arrays in components for kind in arrays.kinds]
    ]
    counts_clock = clock.for_share(_COUNTS_SHARE)
    decomposition = Decomposition(
        components,
        lambda: counts_clock.is_over,
        lambda counts, _: found.append(counts),
        ties,
    )
    result = decomposition.solve(
        seconds_max=counts_clock.seconds_left(),
        gap=gap / 2,
        seed=seed,
        stop=lambda _: counts_clock.is_over,
    )
    found.append(result.counts)
    for counts in reversed(found):
        if _are_allowed(components, counts) and ties.are_kept(counts):
            return TiedCounts(_at_counts(components, counts), result.bound)
    return TiedCounts([], result.bound)


def _are_allowed(components: Sequence[PoolArrays], counts: Sequence[int]) -> bool:
    low = [low for arrays in components for low in arrays.low]
    high = [high for arrays in components for high in arrays.high]
    return all(least <= count <= most for least, count, most in zip(low, counts, high, strict=True))


def _at_counts(components: Sequence[PoolArrays], counts: Sequence[int]) -> list[Incumbent]:
    incumbents: list[Incumbent] = []
    first = 0
    for arrays in components:
        own = counts[first : first + len(arrays.kinds)]
        first += len(own)
        fixed = replace(arrays, rules=replace(arrays.rules, limits=(), greens=()))
        incumbents.append(first_incumbent(with_bounds(fixed, [(n, n) for n in own])))
    return incumbents
