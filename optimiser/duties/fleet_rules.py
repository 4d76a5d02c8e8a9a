"""The rules of a component that bind its fleet as a whole: fallback, reserve, moves, green ones.

Kinds are given by their numbers in the component.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fleet.arrays import Bools
from optimiser.model.problem import Kind, Problem, RoundTrip


class Reserve(NamedTuple):
    """If any vehicle of `kinds` is kept, at least `least` of them are at home at every moment."""

    kinds: tuple[int, ...]
    least: int


class CountLimit(NamedTuple):
    """The counts of `kinds` add up to at most `most`."""

    kinds: tuple[int, ...]
    most: int


class GreenLeast(NamedTuple):
    """The counts of `green` add up to at least `least`, or those of `fossil` to nothing."""

    green: tuple[int, ...]
    fossil: tuple[int, ...]
    least: int


class TiePrices(NamedTuple):
    """Prices of the rules of `CountTies`, in kr a year.

    A vehicle costs the price of each of `limits` that counts it more, and of each of `greens` less.
    """

    limits: tuple[float, ...]
    greens: tuple[float, ...]


class CountTies(NamedTuple):
    """Rules on the counts of kinds of several components, which are numbered one after another."""

    limits: tuple[CountLimit, ...]
    greens: tuple[GreenLeast, ...]

    def spare(self, k: int) -> int:
        """The number in which kind `k` may be of use without a trip."""
        return max((green.least for green in self.greens if k in green.green), default=0)

    @property
    def free(self) -> TiePrices:
        """Prices of 0."""
        return TiePrices((0.0,) * len(self.limits), (0.0,) * len(self.greens))

    def price(self, k: int, prices: TiePrices) -> float:
        """What a vehicle of kind `k` costs more at `prices`."""
        more = zip(self.limits, prices.limits, strict=True)
        less = zip(self.greens, prices.greens, strict=True)
        return sum(kr for limit, kr in more if k in limit.kinds) - sum(
            kr for green, kr in less if k in green.green
        )

    def priced_kr(self, prices: TiePrices) -> float:
        """What fleets that keep the rules to the letter cost more at `prices`."""
        more = zip(self.limits, prices.limits, strict=True)
        less = zip(self.greens, prices.greens, strict=True)
        return sum(kr * limit.most for limit, kr in more) - sum(
            kr * green.least for green, kr in less
        )

    def are_kept(self, counts: Sequence[int]) -> bool:
        return all(
            sum(counts[k] for k in limit.kinds) <= limit.most for limit in self.limits
        ) and all(
            sum(counts[k] for k in green.green) >= green.least
            or not any(counts[k] for k in green.fossil)
            for green in self.greens
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRules:
    """The rules of a component with T trips.

    `must_serve` (T) tells whether a trip may not use the fallback. The cost of such a trip with the
    fallback includes `penalty_kr` a year, which is more than all other costs together. If
    `is_goal`, today's fleet breaks that rule as little as it can; otherwise no roster may.
    """

    must_serve: Bools
    is_goal: bool
    penalty_kr: float
    reserves: tuple[Reserve, ...]
    limits: tuple[CountLimit, ...]
    greens: tuple[GreenLeast, ...]

    @property
    def bind_counts(self) -> bool:
        """Whether a rule may ask for other counts than the trips do."""
        return bool(self.reserves or self.limits or self.greens)

    @property
    def bind(self) -> bool:
        return self.bind_counts or bool(self.must_serve.any())

    def count_useful(self, k: int, count_for_trips: int) -> int:
        """The most vehicles of kind `k` of which the last may be useful.

        `count_for_trips` of them can serve all trips at once. More are idle, and of use only for a
        reserve or for the number of green vehicles.
        """
        spare = max((reserve.least for reserve in self.reserves if k in reserve.kinds), default=0)
        return max(self.ties.spare(k), count_for_trips + spare)

    @property
    def ties(self) -> CountTies:
        """The rules on counts alone."""
        return CountTies(self.limits, self.greens)


def fleet_rules(
    problem: Problem, trips: Sequence[RoundTrip], kinds: Sequence[Kind], *, today: bool
) -> FleetRules:
    """The rules of the component of `problem` with `trips` and `kinds`.

    Rules that tie pools together are only in a component of all kinds. Those of `today` are the
    ones that today's counts leave possible.
    """
    rules = problem.rules
    reserves: list[Reserve] = []
    limits: list[CountLimit] = []
    greens: list[GreenLeast] = []
    for pool in sorted({kind.pool for kind in kinds}):
        motor = tuple(k for k, kind in enumerate(kinds) if kind.pool == pool and kind.is_motor)
        count = rules.reserve_of(pool)
        if motor and count and not (today and sum(kinds[k].count_now for k in motor) < count):
            reserves.append(Reserve(motor, count))
    if not today and rules.green_keep:
        places = [None] if rules.moves else sorted({kind.pool for kind in kinds})
        for place in places:
            own = [k for k, kind in enumerate(kinds) if place is None or kind.pool == place]
            green = tuple(k for k in own if kinds[k].is_green_motor)
            fossil = tuple(k for k in own if kinds[k].is_fossil)
            least = sum(kinds[k].count_now for k in green)
            if fossil and least and (place is not None or len(kinds) == len(problem.kinds)):
                greens.append(GreenLeast(green, fossil, least))
    if not today and rules.moves and rules.green_only_new and len(kinds) == len(problem.kinds):
        for type_ in sorted({kind.type for kind in kinds if kind.is_fossil}):
            own = tuple(k for k, kind in enumerate(kinds) if kind.type == type_)
            if len(own) > 1:
                limits.append(CountLimit(own, problem.type_count_now(type_)))
    return FleetRules(
        must_serve=np.array([rules.must_be_served(trip) for trip in trips], dtype=np.bool_),
        is_goal=today,
        penalty_kr=0.0,
        reserves=tuple(reserves),
        limits=tuple(limits),
        greens=tuple(greens),
    )
