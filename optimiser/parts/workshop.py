"""Keeps so many vehicles that no more trips than today lack one while one is in the workshop.

The one in the workshop is the motor vehicle that is missed most, all the time. Each trip gets a
vehicle as it begins, by the rule of `optimiser.duties.dispatch`, which knows no later trip. Trips
count as they were driven, and again with each of them begun up to half an hour earlier or later: a
fleet that just suffices on these days would be short on others on which today's is not.

A fleet that is worse than today's gets vehicles of today back.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from optimiser.depot.pool_cost import PoolCost, PoolCostFunction
from optimiser.duties.dispatch import PoolDispatch
from optimiser.model.problem import Kind, Problem, RoundTrip

#: How often the trips count with other times, and by how much a start may differ.
SHIFTED_COPIES = 2
SHIFT_MOST = timedelta(minutes=30)

#: Counts of the kinds of a problem, by label.
Counts = Mapping[str, int]


class PoolWorkshop:
    """How many trips of a pool lack a vehicle while the one that is missed most is in the workshop.

    Only the kinds and trips of the problem matter, not its bounds on counts.
    """

    def __init__(self, problem: Problem, pool: str) -> None:
        self.kinds = [kind for kind in problem.kinds if kind.pool == pool]
        trips = sorted(
            (trip for trip in problem.trips if trip.pool == pool),
            key=lambda trip: (trip.start, trip.end, trip.trip_id),
        )
        rng = random.Random(problem.rules.seed)
        shifted = [_shifted(trips, rng) for _ in range(SHIFTED_COPIES)]
        self._rules = [PoolDispatch(problem, copy, self.kinds) for copy in (trips, *shifted)]
        self._alike = _first_alike(self.kinds)
        self._lacking: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._today = self.lacking({kind.label: kind.count_now for kind in self.kinds})

    def lacking(self, counts: Counts) -> tuple[int, ...]:
        """The trips without a vehicle: as they were driven, and in each copy with other times."""
        merged = dict.fromkeys(self._alike, 0)
        for label, first in self._alike.items():
            merged[first] += counts.get(label, 0)
        key = tuple(merged.values())
        if key not in self._lacking:
            away = [
                {**merged, kind.label: merged[kind.label] - 1}
                for kind in self.kinds
                if kind.is_motor and merged[kind.label]
            ]
            self._lacking[key] = tuple(
                max(rule.unserved(one) for one in away or [merged]) for rule in self._rules
            )
        return self._lacking[key]

    def excess(self, counts: Counts) -> int:
        """How many more trips lack a vehicle than with today's counts."""
        pairs = zip(self.lacking(counts), self._today, strict=True)
        return sum(max(0, lacking - today) for lacking, today in pairs)

    def raised(self, counts: Counts) -> dict[str, int]:
        """`counts` with vehicles of today back until no more trips than today lack a vehicle, or
        until nothing more may come back: not above today's counts or the bounds of the kinds.

        The next is always the one that mends most trips per krone; what turns out not to be needed
        is taken back, the dearest first.
        """
        most = {kind.label: count_most(kind) for kind in self.kinds}
        found = {kind.label: counts.get(kind.label, 0) for kind in self.kinds}
        while self.excess(found):
            steps = [
                (self._mended_per_kr(found, kind), -kind.fixed_kr_year, kind.label)
                for kind in self.kinds
                if found[kind.label] < most[kind.label]
            ]
            if not steps:
                break
            found[max(steps)[2]] += 1
        dearest = sorted(self.kinds, key=lambda kind: (-kind.fixed_kr_year, kind.label))
        while True:
            fewer = (
                {**found, kind.label: found[kind.label] - 1}
                for kind in dearest
                if found[kind.label] > counts.get(kind.label, 0)
            )
            unneeded = next((one for one in fewer if self.excess(one) <= self.excess(found)), None)
            if unneeded is None:
                return found
            found = unneeded

    def _mended_per_kr(self, counts: Counts, kind: Kind) -> tuple[float, float]:
        """How many trips one vehicle more mends for its yearly cost, of those beyond today's and of
        all: where two vehicles are missed alike, one more may mend none beyond."""
        more = {**counts, kind.label: counts[kind.label] + 1}
        kr = max(1.0, kind.fixed_kr_year)
        beyond = self.excess(counts) - self.excess(more)
        return beyond / kr, (sum(self.lacking(counts)) - sum(self.lacking(more))) / kr


def count_most(kind: Kind) -> int:
    """The most vehicles of a kind that may be kept of those of today."""
    return kind.count_now if kind.max_count is None else min(kind.count_now, kind.max_count)


def _shifted(trips: Sequence[RoundTrip], rng: random.Random) -> list[RoundTrip]:
    most = SHIFT_MOST.total_seconds()
    moves = [timedelta(seconds=round(rng.uniform(-most, most))) for _ in trips]
    return [
        replace(trip, start=trip.start + by, end=trip.end + by)
        for trip, by in zip(trips, moves, strict=True)
    ]


def _first_alike(kinds: Sequence[Kind]) -> dict[str, str]:
    """By label, the first kind that serves the same trips at the same cost of a km."""
    first: dict[Kind, str] = {}
    return {
        kind.label: first.setdefault(
            replace(kind, type="any", count_now=0, min_count=0, max_count=None, fixed_kr_year=0.0),
            kind.label,
        )
        for kind in kinds
    }


def pool_workshops(problem: Problem) -> dict[str, PoolWorkshop]:
    """Each pool with trips, by its id."""
    pools = sorted({trip.pool for trip in problem.trips})
    return {pool: PoolWorkshop(problem, pool) for pool in pools}


def with_workshop(evaluate: PoolCostFunction, workshop: PoolWorkshop) -> PoolCostFunction:
    """A pool's cost of any counts, with how many more trips than today lack a vehicle."""
    labels = {kind.type: kind.label for kind in workshop.kinds}

    def told(counts: Mapping[str, int]) -> PoolCost:
        by_label = {labels[kind]: count for kind, count in counts.items()}
        return evaluate(counts)._replace(workshop_lacking=workshop.excess(by_label))

    return told
