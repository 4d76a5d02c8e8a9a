"""How many trips lack a vehicle while one is in the workshop, of today's fleet and of any other.

The one in the workshop is there all the time. With one of a kind away, a fleet may lack no more
trips than today's with one of that kind away; with one of a kind that nobody has today, no more
than today's with the one away that is missed most. A kind of which a fleet has none is away as it
is. Bicycles are never in the workshop. Each trip gets a vehicle as it begins, by the rule of
`optimiser.duties.dispatch`, which knows no later trip. Trips count as they were driven, and again
with each of them begun a while earlier or later (`Shifts`): a fleet that just suffices on these
days would be short on others on which today's is not.

Today each department drives its own vehicles. So today's trips lack a vehicle where none of their
department is free, also where the departments of a new fleet share.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any

from optimiser.depot.pool_cost import PoolCost, PoolCostFunction
from optimiser.depot.vehicle_pool import VehiclePool, department_pools
from optimiser.duties.dispatch import PoolDispatch
from optimiser.model.problem import Kind, Problem, RoundTrip

#: Counts of the kinds of a problem, by label.
Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Shifts:
    """How often the trips count with other times, and by how many minutes a start may differ."""

    copies: int = 2
    most_min: float = 30.0


class PoolWorkshop:
    """How many trips of a pool lack a vehicle while the one that is missed most is in the workshop.

    Only the kinds and trips of the problem matter, not its bounds on counts. `departments` are the
    parts of the pool that drive apart today; none: its vehicles are shared today already.
    """

    def __init__(
        self,
        problem: Problem,
        pool: str,
        departments: Sequence[VehiclePool] = (),
        shifts: Shifts = Shifts(),
    ) -> None:
        self.kinds = [kind for kind in problem.kinds if kind.pool == pool]
        trips = sorted(
            (trip for trip in problem.trips if trip.pool == pool),
            key=lambda trip: (trip.start, trip.end, trip.trip_id),
        )
        rng = random.Random(problem.rules.seed)
        copies = [trips, *(_shifted(trips, rng, shifts) for _ in range(shifts.copies))]
        self._rules = [PoolDispatch(problem, copy, self.kinds) for copy in copies]
        self._alike = _first_alike(self.kinds)
        self._motor = sorted({self._alike[kind.label] for kind in self.kinds if kind.is_motor})
        self._away: dict[tuple[int, ...], Mapping[str, tuple[int, ...]]] = {}
        self._ready: dict[tuple[int, ...], bool] = {}
        now = {kind.label: kind.count_now for kind in self.kinds}
        if len(departments) > 1:
            today = self._away_apart(problem, copies, departments)
        else:
            today = self._with_one_away(now)
        self.today = _worst(today)
        self._most = {label: today.get(label, self.today) for label in [*self._motor, _NONE]}
        self._of_today = [label for label in self._motor if label in today]

    def lacking(self, counts: Counts) -> tuple[int, ...]:
        """The trips without a vehicle while the one that is missed most is away: as they were
        driven, and in each copy with other times."""
        return _worst(self._with_one_away(counts))

    def excess(self, counts: Counts) -> int:
        """How many more trips lack a vehicle than today, with one of the kind away of which these
        are most."""
        asked = self.asked(counts)
        return sum(
            max(0, *(lacking[copy] - most[copy] for lacking, most in asked.values()))
            for copy in range(len(self._rules))
        )

    def asked(self, counts: Counts) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
        """By the kind of which one is away, the trips of a fleet that lack a vehicle, and how many
        may, each as `lacking`; "" stands for none where there is no motor vehicle."""
        merged = self._merged(counts)
        away = self._with_one_away(counts)
        return {
            label: (away.get(label) or self._whole(merged), self._most[label])
            for label in self._asked(merged)
        }

    def is_ready(self, counts: Counts, excess_most: int = 0) -> bool:
        """Whether at most so many trips more than today lack a vehicle."""
        if excess_most:
            return self.excess(counts) <= excess_most
        merged = self._merged(counts)
        key = tuple(merged.values())
        if key not in self._ready:
            # A fleet that is too small shows that soon.
            self._ready[key] = all(
                rule.unserved(_less_one(merged, label)) <= self._most[label][copy]
                for copy, rule in enumerate(self._rules)
                for label in self._asked(merged)
            )
        return self._ready[key]

    def allows_as_much(self, one: Kind, other: Kind) -> bool:
        """Whether as many trips may lack a vehicle with one of a kind away as with one of another
        one."""
        pairs = zip(
            self._most[self._alike[one.label]], self._most[self._alike[other.label]], strict=True
        )
        return all(most >= than for most, than in pairs)

    def serves_as_much(self, one: Kind, other: Kind) -> bool:
        """Whether a kind may serve, by itself, each of the trips that another one may, also at
        other times."""
        return all(rule.serves_as_much(one, other) for rule in self._rules)

    def only_overlaps_bind(self, kind: Kind) -> bool:
        """Whether neither its battery nor its day keeps a vehicle of a kind from a trip, also at
        other times."""
        return all(rule.only_overlaps_bind(kind) for rule in self._rules)

    def _merged(self, counts: Counts) -> dict[str, int]:
        merged = dict.fromkeys(self._alike, 0)
        for label, first in self._alike.items():
            merged[first] += counts.get(label, 0)
        return merged

    def _asked(self, merged: Counts) -> Sequence[str]:
        """The kinds of which one is away in turn: the motor vehicles of today and of a fleet."""
        return [one for one in self._motor if merged[one] or one in self._of_today] or [_NONE]

    def _with_one_away(self, counts: Counts) -> Mapping[str, tuple[int, ...]]:
        """By kind, the trips that lack a vehicle with one of it away, in each copy; with none away
        where a fleet has no motor vehicle."""
        merged = self._merged(counts)
        key = tuple(merged.values())
        if key not in self._away:
            labels = [label for label in self._motor if merged[label]] or [_NONE]
            self._away[key] = {label: self._whole(_less_one(merged, label)) for label in labels}
        return self._away[key]

    def _whole(self, merged: Counts) -> tuple[int, ...]:
        return tuple(rule.unserved(merged) for rule in self._rules)

    def _away_apart(
        self,
        problem: Problem,
        copies: Sequence[Sequence[RoundTrip]],
        departments: Sequence[VehiclePool],
    ) -> Mapping[str, tuple[int, ...]]:
        """The same for today's fleet where each department has its own vehicles alone: of a kind,
        the one of them all is away that is missed most."""
        found = [self._lacking_apart(problem, copy, departments) for copy in copies]
        return {label: tuple(one[label] for one in found) for label in found[0]}

    def _lacking_apart(
        self, problem: Problem, trips: Sequence[RoundTrip], departments: Sequence[VehiclePool]
    ) -> Mapping[str, int]:
        labels = {kind.type: kind.label for kind in self.kinds}
        lacking, missed = 0, dict[str, int]()
        for own in departments:
            ids = {vehicle.vehicle_id for vehicle in own.road_vehicles}
            rule = PoolDispatch(problem, [t for t in trips if t.vehicle in ids], self.kinds)
            merged = self._merged(Counter(labels[one.kind] for one in own.road_vehicles))
            whole = rule.unserved(merged)
            lacking += whole
            for label in self._motor:
                if merged[label]:
                    more = rule.unserved(_less_one(merged, label)) - whole
                    missed[label] = max(more, missed.get(label, more))
        return {label: lacking + more for label, more in (missed or {_NONE: 0}).items()}


#: Stands for the kind of the vehicle that is away where none is.
_NONE = ""


def _less_one(merged: Counts, label: str) -> Counts:
    """The fleet with one less of a kind, if it has one."""
    return {**merged, label: merged[label] - 1} if merged.get(label) else merged


def _worst(away: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """The most of each copy."""
    return tuple(max(found) for found in zip(*away.values(), strict=True))


def _shifted(trips: Sequence[RoundTrip], rng: random.Random, shifts: Shifts) -> list[RoundTrip]:
    most = 60 * shifts.most_min
    moves = [timedelta(seconds=round(rng.uniform(-most, most))) for _ in trips]
    return [
        replace(trip, start=trip.start + by, end=trip.end + by)
        for trip, by in zip(trips, moves, strict=True)
    ]


def serves_as(kind: Kind) -> Kind:
    """What a kind does, without its name, its counts and its yearly cost: kinds of which this is
    equal serve the same trips at the same cost of a km."""
    return replace(kind, type="any", count_now=0, min_count=0, max_count=None, fixed_kr_year=0.0)


def _first_alike(kinds: Sequence[Kind]) -> dict[str, str]:
    """By label, the first kind that serves the same trips at the same cost of a km."""
    first: dict[Kind, str] = {}
    return {kind.label: first.setdefault(serves_as(kind), kind.label) for kind in kinds}


@dataclass(frozen=True, slots=True)
class WorkshopRule:
    """That no more trips than today lack a vehicle while one is in the workshop, in `pools`, also
    with these `shifts`."""

    pools: Sequence[VehiclePool] = ()
    shifts: Shifts = field(default_factory=Shifts)

    def workshops(self, problem: Problem) -> dict[str, PoolWorkshop]:
        """What it asks of each pool of a problem with trips, by its id. A pool that is not among
        its own is shared today."""
        departments = {pool.pool_id: department_pools(pool) for pool in self.pools}
        pools = sorted({trip.pool for trip in problem.trips})
        return {
            pool: PoolWorkshop(problem, pool, departments.get(pool, ()), self.shifts)
            for pool in pools
        }


def workshop_rule(pools: Iterable[VehiclePool], shifts: Shifts | None) -> WorkshopRule | None:
    """The rule in `pools` with some shifts; None if nobody asks for it."""
    return None if shifts is None else WorkshopRule(tuple(pools), shifts)


def workshop_file(rule: WorkshopRule, problem: Problem, counts: Counts) -> dict[str, Any]:
    """The content of `WORKSHOP.json`: the shifts of the rule, today's vehicles, and what the
    `counts` of a plan lack with one of each kind away, beside the most that they may lack.

    `optimiser.model.check_workshop` verifies it.
    """
    types = {kind.label: kind.type for kind in problem.kinds}
    return {
        "shifts": asdict(rule.shifts),
        "today": [
            {
                "vehicle": vehicle.vehicle_id,
                "pool": pool.pool_id,
                "department": vehicle.department,
                "type": vehicle.kind,
            }
            for pool in rule.pools
            for vehicle in pool.road_vehicles
        ],
        "away": [
            {"pool": pool, "type": types.get(label, label), "most": most, "proposed": lacking}
            for pool, workshop in rule.workshops(problem).items()
            for label, (lacking, most) in workshop.asked(counts).items()
        ],
    }


def asked_shifts(rules: Mapping[str, Any]) -> Shifts | None:
    """What the rules of a round ask of the workshop; None: nothing. Versions of a round of earlier
    software are planned as it was."""
    if not rules.get("workshop_ready", False):
        return None
    before = Shifts()
    return Shifts(
        rules.get("workshop_copies", before.copies),
        rules.get("workshop_shift_min", before.most_min),
    )


def with_workshop(evaluate: PoolCostFunction, workshop: PoolWorkshop) -> PoolCostFunction:
    """A pool's cost of any counts, with how many more trips than today lack a vehicle."""
    labels = {kind.type: kind.label for kind in workshop.kinds}

    def told(counts: Mapping[str, int]) -> PoolCost:
        by_label = {labels[kind]: count for kind, count in counts.items()}
        return evaluate(counts)._replace(workshop_lacking=workshop.excess(by_label))

    return told
