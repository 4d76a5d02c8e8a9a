"""A dispatch rule that assigns vehicles as trips begin.

The rule knows a trip only when it departs, with its length and its needs, and no later trip:

1. Among the vehicles at the depot that can serve the trip, battery and day limit included, those
   that offer the fewest capabilities come first, so that nobody takes a van for a letter.
2. Among equals the cheapest to drive comes first, priced CO2e included, then the lowest number.
3. If no vehicle is free, the fallback serves the trip.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby

from optimiser.duties.limits import AT_START, VehicleState, drive
from optimiser.duties.make_arrays import make_arrays
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.problem import Kind, Problem, RoundTrip
from optimiser.model.vehicle_slot import VehicleSlot


class PoolDispatch:
    """The rule on the trips of one pool, for any counts of its kinds."""

    def __init__(self, problem: Problem, trips: Sequence[RoundTrip], kinds: Sequence[Kind]) -> None:
        bounds = [(0, kind.count_now) for kind in kinds]
        self.arrays: PoolArrays = make_arrays(problem, trips, kinds, bounds, None)
        # A km costs the same on every trip, so each trip asks the kinds in the same order.
        order = sorted(
            range(len(kinds)),
            key=lambda k: (
                len(kinds[k].offers),
                kinds[k].kr_km + problem.rules.co2_kr_t * kinds[k].co2_g_km / 1e6,
                k,
            ),
        )
        can_serve = self.arrays.can_serve.tolist()
        self._able = [[k for k in order if can_serve[k][t]] for t in range(len(self.arrays.trips))]

    def assign(self, counts: Mapping[str, int]) -> list[VehicleSlot | None]:
        """The vehicle that each trip gets from `counts` vehicles of each kind, by its label; None
        is the fallback. The trips are in the order of the arrays."""
        kinds = self.arrays.kinds
        return [
            None if found is None else kinds[found[0]].slot(found[1] + 1)
            for found in self._assigned(counts)
        ]

    def unserved(self, counts: Mapping[str, int]) -> int:
        """The number of trips for which no vehicle is free."""
        return self._assigned(counts).count(None)

    def able(self, counts: Mapping[str, int]) -> list[bool]:
        """Whether one of the vehicles could serve each trip by itself."""
        kinds = self.arrays.kinds
        return [any(counts.get(kinds[k].label, 0) for k in able) for able in self._able]

    def _assigned(self, counts: Mapping[str, int]) -> list[tuple[int, int] | None]:
        """For each trip the kind and the number of its vehicle, both from 0."""
        fleet = [[AT_START] * counts.get(kind.label, 0) for kind in self.arrays.kinds]
        return [self._first_free(fleet, t) for t in range(len(self._able))]

    def _first_free(self, fleet: Sequence[list[VehicleState]], t: int) -> tuple[int, int] | None:
        """The first vehicle that can serve trip `t`; `fleet` gets its new state."""
        start = self.arrays.plain_trips[t].start
        for k in self._able[t]:
            for v, vehicle in enumerate(fleet[k]):
                if vehicle.busy_until > start:
                    continue
                after = drive(self.arrays, k, vehicle, t)
                if after is not None:
                    fleet[k][v] = after
                    return k, v
        return None


def pool_dispatches(problem: Problem) -> dict[str, PoolDispatch]:
    """The rule on each pool that has trips, by its id."""
    return {
        pool: PoolDispatch(problem, list(trips), [k for k in problem.kinds if k.pool == pool])
        for pool, trips in groupby(
            sorted(problem.trips, key=lambda trip: trip.pool), lambda trip: trip.pool
        )
    }


def dispatch(problem: Problem, counts: Mapping[str, int]) -> dict[str, VehicleSlot | None]:
    """The vehicle that the rule assigns to each trip, by trip_id; None is the fallback."""
    given: dict[str, VehicleSlot | None] = {}
    for rule in pool_dispatches(problem).values():
        ids = [trip.trip_id for trip in rule.arrays.trips]
        given |= zip(ids, rule.assign(counts), strict=True)
    return given
