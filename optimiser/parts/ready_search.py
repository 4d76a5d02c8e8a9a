"""Searches for the cheapest fleet of which no more trips than today lack a vehicle while one is in
the workshop.

The solver knows nothing of the workshop. Where its best fleet is too small, the counts of its kinds
are raised as far as they stay too small: so every fleet that suffices has one vehicle more of one
of the kinds that are left. For each of these the problem is solved again with that least count, the
most promising one first, until no other can cost less than the cheapest fleet found. That is a
branch and bound: the least of the bounds of what is left is one on every fleet that suffices.

It holds as long as a vehicle more never makes more trips lack one. The rule by which vehicles are
handed out has rare exceptions, as a vehicle that takes a long trip is away from two short ones.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import NamedTuple

from optimiser.depot.charge_points import PartPoints, PointedPlan, points_kr_year
from optimiser.depot.pool_cost import GRAMS_PER_TONNE
from optimiser.model.problem import Kind, Problem
from optimiser.model.remark import Remark
from optimiser.parts.workshop import Counts, PoolWorkshop, serves_as

#: Why a problem has no plan though nobody has proven that it can have none.
_NOT_PROVEN = frozenset({Remark.RULES_NOT_PROVEN, Remark.CAP_NOT_PROVEN})

#: How many fleets that suffice are tried before the search.
_FIRST_TRIES = 2

#: The shares of the yearly costs that are taken off for bounds by the yearly costs alone.
_SHARES = (1.0, 0.8)

#: Gives the best plan of a problem; None: the time is over.
Solve = Callable[[Problem], PointedPlan | None]


class Bounds(NamedTuple):
    """Lower bounds on a cost: with the charge points that must be built, and without."""

    true_kr: float
    plain_kr: float

    def lower(self, other: "Bounds") -> "Bounds":
        return Bounds(min(self.true_kr, other.true_kr), min(self.plain_kr, other.plain_kr))

    def higher(self, other: "Bounds") -> "Bounds":
        return Bounds(max(self.true_kr, other.true_kr), max(self.plain_kr, other.plain_kr))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyFleet:
    """A plan that suffices, and bounds on every fleet that does."""

    pointed: PointedPlan
    bounds: Bounds


class _Group(NamedTuple):
    """Kinds that serve alike, the cheapest first: a fleet has one of them only if it has all of
    those that cost less. More than `most` of them are of no use, or may not be had."""

    kinds: tuple[Kind, ...]
    most: int

    @property
    def label(self) -> str:
        """That of the first kind, which stands for them all where only the trips matter."""
        return self.kinds[0].label

    def sum_of(self, counts: Counts) -> int:
        return sum(counts.get(kind.label, 0) for kind in self.kinds)


@dataclass(frozen=True, slots=True)
class _Looked:
    """The best plan with some least counts; without `counts` there is none, or none was found."""

    least: Counts
    pointed: PointedPlan
    counts: Counts | None

    def is_best_with(self, least: Counts) -> bool:
        """Whether its plan is the best one with other, greater least counts too."""
        return (
            self.counts is not None
            and all(least.get(label, 0) >= number for label, number in self.least.items())
            and all(self.counts[label] >= number for label, number in least.items())
        )


class _Plane(NamedTuple):
    """Bounds on the cost of every fleet less a share of the yearly costs of its vehicles."""

    share: float
    bounds: Bounds


def _bounds(pointed: PointedPlan) -> Bounds:
    true_kr, plain_kr = pointed.lower_bound_kr_year, pointed.plan.best.lower_bound_kr_year
    assert true_kr is not None, "a plan with a cost has a bound"
    assert plain_kr is not None, "a plan with a cost has a bound"
    return Bounds(true_kr, plain_kr)


class ReadySearch:
    """The search in a problem whose pools have `workshops`; `solve` gives plans up to the relative
    `gap`."""

    def __init__(
        self,
        problem: Problem,
        points: PartPoints,
        workshops: Mapping[str, PoolWorkshop],
        *,
        solve: Solve,
        gap: float,
    ) -> None:
        self._problem, self._points, self._workshops = problem, points, workshops
        self._solve, self._gap = solve, gap
        self._groups = {pool: self._groups_of(pool) for pool in workshops}
        self._excess = dict.fromkeys(workshops, 0)
        self._planes: list[_Plane] = []
        self._looked: list[_Looked] = []
        self._best: _Looked | None = None
        self._best_kr = inf

    def find(self, counts: Counts, bounds: Bounds, *, proven: bool) -> ReadyFleet | None:
        """The cheapest fleet found that suffices, where the best one of all has these `counts` and
        `bounds`; None: that one does, or no other was found. What can suffice in no number of
        vehicles that may be had is to lack as few trips as any. Unless it is to be `proven`, the
        best of the first tries is enough."""
        for pool, workshop in self._workshops.items():
            highest = {g.label: max(g.most, g.sum_of(counts)) for g in self._groups[pool]}
            self._excess[pool] = workshop.excess(highest)
        if self._short_pool(counts) is None:
            return None
        for least in self._first_tries(counts):
            self._look(least)
        left = bounds
        if proven or self._best is None:
            self._planes = list(self._find_planes())
            left = self._search(counts, bounds)
        if self._best is None:
            return None
        plain_kr = self._best.pointed.plan.best.cost_kr_year
        assert plain_kr is not None, "it is the best"
        found = Bounds(self._best_kr, plain_kr)
        return ReadyFleet(
            pointed=self._best.pointed,
            bounds=found.lower(left.higher(bounds)),
        )

    def _search(self, counts: Counts, bounds: Bounds) -> Bounds:
        """Looks wherever a fleet may be better than the best one found. Returns bounds on all that
        suffice."""
        number = count()
        waiting: list[tuple[float, int, Bounds, Counts]] = []
        left = Bounds(inf, inf)
        known: set[tuple[tuple[str, int], ...]] = set()

        def branch(counts: Counts, least: Counts, bounds: Bounds) -> None:
            for other in self._branches(counts, least):
                key = tuple(sorted(other.items()))
                if key not in known:
                    known.add(key)
                    own = self._by_planes(bounds, other)
                    heappush(waiting, (own.true_kr, next(number), own, other))

        branch(counts, {}, bounds)
        while waiting and waiting[0][0] < self._cutoff_kr:
            _, _, bounds, least = heappop(waiting)
            looked = self._look(least)
            if looked is None:
                left = left.lower(bounds)
                break
            if looked.counts is None:
                reason = looked.pointed.plan.best.reason
                if reason is None or reason.code in _NOT_PROVEN:
                    left = left.lower(bounds)
                continue
            bounds = bounds.higher(_bounds(looked.pointed))
            if bounds.true_kr < self._cutoff_kr and self._short_pool(looked.counts) is not None:
                branch(looked.counts, least, bounds)
            else:
                left = left.lower(bounds)
        for _, _, bounds, _ in waiting:
            left = left.lower(bounds)
        return left

    def _find_planes(self) -> Iterator[_Plane]:
        """What the problem costs at the least where vehicles cost only a part of what they do."""
        for share in _SHARES:
            kinds = (
                replace(kind, fixed_kr_year=(1 - share) * kind.fixed_kr_year)
                for kind in self._problem.kinds
            )
            pointed = self._solve(replace(self._problem, kinds=tuple(kinds)))
            if pointed is not None and pointed.plan.best.cost_kr_year is not None:
                yield _Plane(share, _bounds(pointed))

    def _by_planes(self, bounds: Bounds, least: Counts) -> Bounds:
        """Bounds on fleets with these least counts that also hold by their yearly costs: what is
        taken off in a plane, a fleet has to pay besides."""
        fixed_kr = sum(
            kind.fixed_kr_year * max(kind.min_count, least.get(kind.label, 0))
            for kind in self._problem.kinds
        )
        for plane in self._planes:
            off_kr = plane.share * fixed_kr
            found = Bounds(plane.bounds.true_kr + off_kr, plane.bounds.plain_kr + off_kr)
            bounds = bounds.higher(found)
        return bounds

    @property
    def _cutoff_kr(self) -> float:
        """The bound from which on nothing is better than the best fleet by more than the gap."""
        return self._best_kr - self._gap * abs(self._best_kr) if self._best else inf

    def _look(self, least: Counts) -> _Looked | None:
        """The best plan with these least counts; None: the time is over."""
        for one in self._looked:
            if one.is_best_with(least):
                return one
        pointed = self._solve(with_least(self._problem, least))
        if pointed is None:
            return None
        best = pointed.plan.best
        if best.cost_kr_year is None:
            return _Looked(least, pointed, None)
        looked = _Looked(least, pointed, best.counts_of(self._problem.kinds))
        self._looked.append(looked)
        true_kr = best.cost_kr_year + points_kr_year(best, self._points)
        assert looked.counts is not None
        if true_kr < self._best_kr and self._short_pool(looked.counts) is None:
            self._best, self._best_kr = looked, true_kr
        return looked

    def _short_pool(self, counts: Counts) -> str | None:
        """The first pool in which too many trips lack a vehicle."""
        return next((pool for pool in self._workshops if not self._is_ready(pool, counts)), None)

    def _is_ready(self, pool: str, counts: Counts) -> bool:
        return self._workshops[pool].is_ready(counts, self._excess[pool])

    def _branches(self, counts: Counts, least: Counts) -> Iterator[Counts]:
        """Least counts of which every fleet that suffices has one, where `counts` do not suffice
        and `least` are those so far."""
        pool = self._short_pool(counts)
        assert pool is not None, "the caller has looked"
        groups = self._groups[pool]
        sums = {group.label: group.sum_of(counts) for group in groups}
        for group in groups:
            most = self._short_most(pool, sums, group)
            sums[group.label] = max(most, sums[group.label])
            if most < group.most:
                yield {**least, **self._filled(group, least, most + 1)}

    def _short_most(self, pool: str, sums: dict[str, int], group: _Group) -> int:
        """The most of a group with which other `sums` stay too few, up to its most of all."""

        def is_short(number: int) -> bool:
            return not self._is_ready(pool, {**sums, group.label: number})

        low = sums[group.label]
        if low >= group.most or (is_short(low + 1) and is_short(group.most)):
            return group.most
        step = 1
        while low + step < group.most and is_short(low + step):
            low, step = low + step, 2 * step
        return _first_true(low, min(low + step, group.most), lambda n: not is_short(n)) - 1

    def _first_tries(self, counts: Counts) -> Iterator[Counts]:
        """Least counts with which a fleet suffices: in each pool that has too few, those that add
        least to the yearly cost."""
        short = [pool for pool in self._workshops if not self._is_ready(pool, counts)]
        found = {pool: self._enough(pool, counts) for pool in short}
        for number in range(_FIRST_TRIES):
            if any(number < len(own) for own in found.values()):
                yield {
                    label: wanted
                    for own in found.values()
                    for label, wanted in own[min(number, len(own) - 1)].items()
                }

    def _enough(self, pool: str, counts: Counts) -> Sequence[Counts]:
        """Least counts of a pool that suffice and of which none can be left out, cheapest first."""
        groups = self._groups[pool]
        had = {group.label: group.sum_of(counts) for group in groups}
        step, sums = 1, had
        while not self._is_ready(pool, sums) and any(sums[g.label] < g.most for g in groups):
            sums = {g.label: max(had[g.label], min(g.most, had[g.label] + step)) for g in groups}
            step *= 2
        found: dict[tuple[tuple[str, int], ...], float] = {}
        for last in groups:
            order = [*(group for group in reversed(groups) if group is not last), last]
            fewest = self._fewest(pool, had, sums, order)
            least: dict[str, int] = {}
            for group in groups:
                least |= self._filled(group, {}, fewest[group.label])
            kr = sum(least.get(k.label, 0) * k.fixed_kr_year for g in groups for k in g.kinds)
            found[tuple(sorted(least.items()))] = kr
        return [dict(key) for key in sorted(found, key=lambda key: (found[key], key))]

    def _fewest(
        self, pool: str, had: Counts, sums: Counts, order: Sequence[_Group]
    ) -> dict[str, int]:
        """`sums` that suffice with fewer of each group, one after the other, but not below what a
        fleet `had`."""
        fewest = dict(sums)

        def suffices(label: str, number: int) -> bool:
            return self._is_ready(pool, {**fewest, label: number})

        for group in order:
            fewest[group.label] = _first_true(
                had[group.label] - 1, fewest[group.label], partial(suffices, group.label)
            )
        return fewest

    def _filled(self, group: _Group, least: Counts, wanted: int) -> Counts:
        """The least counts of the kinds of a group that add up to `wanted`, the cheapest first."""
        found = {kind.label: max(kind.min_count, least.get(kind.label, 0)) for kind in group.kinds}
        lacking = wanted - sum(found.values())
        for kind in group.kinds:
            most = self._problem.count_max(kind)
            room = lacking if most is None else max(0, most - found[kind.label])
            more = max(0, min(lacking, room))
            found[kind.label] += more
            lacking -= more
        return {
            kind.label: found[kind.label]
            for kind in group.kinds
            if found[kind.label] > kind.min_count
        }

    def _groups_of(self, pool: str) -> list[_Group]:
        """The kinds of a pool by what they do, those with the least yearly cost first."""
        # One vehicle for each trip is enough, and one more is in the workshop.
        enough = sum(trip.pool == pool for trip in self._problem.trips) + 1
        alike: dict[object, list[Kind]] = {}
        for kind in self._workshops[pool].kinds:
            own = self._points.get(pool)
            taken = 0.0 if own is None else own.priced(kind.type)
            # Charge points that new ones bring are counted by kind.
            apart = kind.type if own is not None and kind.type in own.bringing else None
            alike.setdefault((serves_as(kind), taken, apart), []).append(kind)
        groups: list[_Group] = []
        for kinds in alike.values():
            kinds.sort(key=lambda kind: (kind.fixed_kr_year, kind.label))
            mosts = [self._problem.count_max(kind) for kind in kinds]
            most = sum(enough if one is None else one for one in mosts)
            groups.append(_Group(tuple(kinds), min(most, enough)))
        groups.sort(key=lambda group: (group.kinds[0].fixed_kr_year, group.label))
        return [
            one
            for number, one in enumerate(groups)
            if not any(self._is_better(pool, other, one) for other in groups[:number])
        ]

    def _is_better(self, pool: str, one: _Group, other: _Group) -> bool:
        """Whether a fleet that has one of a group, which costs no more, misses none of another one:
        it serves all that this does, for no more. One that must be there is exchanged for none."""
        a, b = one.kinds[0], other.kinds[0]
        if any(kind.min_count for kind in other.kinds):
            return False
        own, workshop = self._points.get(pool), self._workshops[pool]
        co2_kr_t = self._problem.rules.co2_kr_t
        return (
            self._problem.count_max(a) is None
            and a.is_motor is b.is_motor
            and (a.is_green_motor or a.is_fossil is b.is_fossil)
            and a.co2_g_km <= b.co2_g_km
            and _kr_km(a, co2_kr_t) <= _kr_km(b, co2_kr_t)
            and workshop.serves_as_much(a, b)
            and workshop.allows_as_much(a, b)
            and (_as_far(a, b) or workshop.only_overlaps_bind(a))
            and (own is None or own.takes_as_few(a.type, b.type))
        )


def _kr_km(kind: Kind, co2_kr_t: float) -> float:
    return kind.kr_km + co2_kr_t * kind.co2_g_km / GRAMS_PER_TONNE


def _as_far(one: Kind, other: Kind) -> bool:
    """Whether the battery and the day of a kind take it as far as those of another."""
    if one.limits.max_day_km is not None and one.limits.max_day_km < (
        inf if other.limits.max_day_km is None else other.limits.max_day_km
    ):
        return False
    if one.range_km is None:
        return True
    return (
        other.range_km is not None
        and one.range_km >= other.range_km
        and (one.charge_km_h or 0.0) >= (other.charge_km_h or 0.0)
    )


def with_least(problem: Problem, least: Counts) -> Problem:
    """The problem with these least counts, by label, as far as its bounds allow them; the problem
    itself where there are none."""
    if not least:
        return problem
    kinds: list[Kind] = []
    for kind in problem.kinds:
        most = problem.count_max(kind)
        wanted = least.get(kind.label, 0)
        number = wanted if most is None else min(wanted, most)
        kinds.append(replace(kind, min_count=max(kind.min_count, number)))
    return replace(problem, kinds=tuple(kinds))


def _first_true(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The least number above `low` from which on something holds, which does at `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
