"""Chooses which changes of fleets are one decision, since they rest on each other.

What a change saves depends on which others are made. Where an electric car becomes an electric van,
that alone may cost something and let another car go, which alone would leave trips without a
vehicle. Neither is a decision by itself: the two together are one, which saves their sum.

Bundles are made in order. They are added one after the other, those first without which most would
be lacking, and each saves the amount by which the cost then falls. As long as one saves less than
the least saving, it is joined with the one to which it is worth most. Changes of vehicles that move
belong to two pools, so that a bundle may be of several. What somebody has accepted comes before
the rest and is joined with nothing that is undecided: the verdict on it stays as it was given.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from optimiser.depot.decision_key import DecisionKey
from optimiser.depot.fleet_changes import FleetChange
from optimiser.depot.pool_cost import PoolCost, PoolCostFunction

#: What rounding may change in a saving, in kr. a year.
_NOISE_KR = 1e-6

#: The counts of some pools, by kind, and by the ids of the pools.
FleetCounts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Unit:
    """A single decision as changes of counts, by the ids of the pools. `is_decided`: somebody
    accepted it."""

    key: DecisionKey
    changes: Mapping[str, FleetChange] = field(compare=False)
    is_decided: bool = False

    @property
    def sort(self) -> tuple[tuple[str, tuple[str, str, str]], ...]:
        """A key that is equal for units that are exchangeable."""
        return tuple((pool, one.exchange_key) for pool, one in sorted(self.changes.items()))


#: The units of a bundle, or a single one, in the order in which they build on each other.
Units = tuple[Unit, ...]


def sort_of(units: Units) -> tuple[object, ...]:
    """A key that is equal for bundles that are exchangeable."""
    return units[0].is_decided, *(one.sort for one in units)


def exchangeable(bundles: Sequence[Units], pool_id: str) -> Iterator[Sequence[FleetChange]]:
    """The changes of a pool in the order of the bundles; those that are exchangeable together."""
    for _, group in groupby(bundles, key=sort_of):
        for units in zip(*group, strict=True):
            found = [unit.changes[pool_id] for unit in units if pool_id in unit.changes]
            if found:
                yield found


@dataclass(frozen=True, slots=True)
class FleetCost:
    """A pool: its counts today and in the plan, and what any counts cost."""

    now: Mapping[str, int]
    then: Mapping[str, int]
    evaluate: PoolCostFunction


class LeftOut(NamedTuple):
    """What lacks without some changes: the trips without a vehicle that must have one, the vehicles
    of the reserve, the trips that lack one beyond today's while a vehicle is in the workshop, and
    the kr. that the fleets then cost more a year. The greater, the sooner."""

    trips: int
    spare: int
    workshop: int
    kr_year: float

    def plus(self, other: "LeftOut", sign: int = 1) -> "LeftOut":
        """The sum of the two, or the difference where `sign` is -1."""
        return LeftOut(
            self.trips + sign * other.trips,
            self.spare + sign * other.spare,
            self.workshop + sign * other.workshop,
            self.kr_year + sign * other.kr_year,
        )


_NOTHING = LeftOut(0, 0, 0, 0.0)


@dataclass(frozen=True, slots=True)
class BundleChoice:
    """The bundles in their order. `too_small` is one that saves less than the least saving and may
    be left out: nothing of the choice holds then."""

    bundles: Sequence[Units]
    too_small: Units | None = None


def choose_bundles(
    units: Sequence[Unit],
    fleets: Mapping[str, FleetCost],
    least_saving_kr_year: float,
    may_leave: Callable[[FleetCounts], bool] | None = None,
) -> BundleChoice:
    """The bundles of `units`, which lead from today's counts of the `fleets` to those of the plan.

    `may_leave` tells whether the plan may have other counts in some pools; None: it has to have
    its own.
    """
    choice = _Choice(fleets, least_saving_kr_year)
    bundles: list[Units] = [(unit,) for unit in units]
    stuck: set[Units] = set()
    while True:
        bundles.sort(key=choice.place)
        shares = choice.shares(bundles)
        if may_leave is not None:
            for one in bundles:
                if not one[0].is_decided and choice.is_left_out(one, may_leave):
                    return BundleChoice(bundles, one)
        small = [
            one
            for one in bundles
            if shares[one] < least_saving_kr_year - _NOISE_KR and one not in stuck
        ]
        if not small:
            return BundleChoice(bundles)
        one = min(small, key=lambda found: shares[found])
        other = choice.partner(one, bundles, shares)
        if other is None:
            stuck.add(one)
            continue
        bundles = [found for found in bundles if found not in (one, other)]
        bundles.append(tuple(sorted((*one, *other), key=lambda unit: choice.place((unit,)))))


def left_out(units: Units, fleets: Mapping[str, FleetCost]) -> LeftOut:
    """What lacks in the plan without `units`, with all others made."""
    found = _NOTHING
    for pool, counts in counts_without(units, fleets).items():
        fleet = fleets[pool]
        found = found.plus(_lacking(fleet.evaluate(counts), fleet.evaluate(fleet.then)))
    return found


def counts_without(units: Units, fleets: Mapping[str, FleetCost]) -> dict[str, dict[str, int]]:
    """The counts of the pools that `units` change, without them."""
    counts: dict[str, dict[str, int]] = {}
    for unit in units:
        for pool, change in unit.changes.items():
            counts[pool] = change.without(counts.get(pool, fleets[pool].then))
    return counts


def _lacking(without: PoolCost, whole: PoolCost) -> LeftOut:
    return LeftOut(
        max(0, without.without_vehicle - whole.without_vehicle),
        max(0, without.reserve_lacking - whole.reserve_lacking),
        max(0, without.workshop_lacking - whole.workshop_lacking),
        without.cost_kr_year - whole.cost_kr_year,
    )


class _Choice:
    """What bundles are worth in some fleets."""

    def __init__(self, fleets: Mapping[str, FleetCost], least_kr: float) -> None:
        self._fleets = fleets
        self._least_kr = least_kr
        self._left_out: dict[Units, LeftOut] = {}

    def left_out(self, units: Units) -> LeftOut:
        if units not in self._left_out:
            self._left_out[units] = left_out(units, self._fleets)
        return self._left_out[units]

    def place(self, units: Units) -> tuple[object, ...]:
        """The place of a bundle in the order: that of its part that most others need."""
        first = max(self._weight(one) for one in units)
        keys = [str(one.key) for one in units]
        return (not units[0].is_decided, _NOTHING.plus(first, -1), sort_of(units), keys)

    def _weight(self, unit: Unit) -> LeftOut:
        """What lacks without a unit: trips, the reserve or what the workshop asks for, else kr."""
        found = self.left_out((unit,))
        is_lacking = found.trips or found.spare or found.workshop
        return found._replace(kr_year=0.0) if is_lacking else found

    def shares(self, bundles: Sequence[Units]) -> dict[Units, float]:
        """What each bundle saves in this order; those that are exchangeable share alike."""
        counts = {pool: dict(fleet.now) for pool, fleet in self._fleets.items()}
        shares: dict[Units, float] = {}
        for _, group in groupby(bundles, key=sort_of):
            members = list(group)
            pools = {pool for one in members for unit in one for pool in unit.changes}
            before = self._kr_year(counts, pools)
            for one in members:
                for unit in one:
                    for pool, change in unit.changes.items():
                        counts[pool] = change.applied_to(counts[pool])
            saving = (before - self._kr_year(counts, pools)) / len(members)
            shares |= dict.fromkeys(members, saving)
        return shares

    def _kr_year(self, counts: FleetCounts, pools: set[str]) -> float:
        return sum(self._fleets[pool].evaluate(counts[pool]).cost_kr_year for pool in pools)

    def is_left_out(self, units: Units, may_leave: Callable[[FleetCounts], bool]) -> bool:
        """Whether a bundle saves too little beside all others, and the plan may do without it."""
        if self.left_out(units).kr_year >= self._least_kr - _NOISE_KR:
            return False
        counts = counts_without(units, self._fleets)
        keeps_rules = all(
            fleet.evaluate(counts[pool]).keeps_rules_as(fleet.evaluate(fleet.then))
            for pool, fleet in self._fleets.items()
            if pool in counts
        )
        return keeps_rules and may_leave(counts)

    def partner(
        self, one: Units, bundles: Sequence[Units], shares: Mapping[Units, float]
    ) -> Units | None:
        """The bundle with which `one` is joined: the one that would lose most without it; None:
        there is no other one in its pools."""
        pools = _pools(one)
        found = [
            other
            for other in bundles
            if other != one
            and other[0].is_decided == one[0].is_decided
            and not pools.isdisjoint(_pools(other))
        ]

        def rests(other: Units) -> tuple[LeftOut, float]:
            alone = self.left_out(one).plus(self.left_out(other))
            return alone.plus(self.left_out((*one, *other)), -1), shares[other]

        return max(found, key=rests, default=None)


def _pools(units: Units) -> set[str]:
    return {pool for unit in units for pool in unit.changes}
