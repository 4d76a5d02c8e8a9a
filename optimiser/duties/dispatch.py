"""A dispatch rule that assigns vehicles as trips begin.

The rule knows a trip only when it departs, with its length and its needs, and no later trip:

1. Among the vehicles at the depot that can serve the trip, battery and day limit included, those
   that offer the fewest capabilities come first, so that nobody takes a van for a letter.
2. Among equals the cheapest to drive comes first, priced CO2e included, then the lowest number.
3. If no vehicle is free, the fallback serves the trip.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from heapq import heapreplace
from itertools import groupby

import numpy as np

from optimiser.duties.conflicts import critical_blocks
from optimiser.duties.limits import AT_START, VehicleState, drive, most_trip_km, only_overlaps_bind
from optimiser.duties.make_arrays import make_arrays
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.problem import Kind, Problem, RoundTrip
from optimiser.model.vehicle_slot import VehicleSlot


class Lack(StrEnum):
    """Why the rule gives a trip no vehicle. The first that holds is the reason.

    EMPTY: the pool has no vehicle. NEED: none offers what the trip needs. REACH: the trip is longer
    than any that offers it may drive. HOURS: it lies outside of their hours. OUT: all that could
    are out, or back for less than the turnaround. BATTERY: one is at the depot, and its battery or
    the km of its day do not allow the trip.
    """

    EMPTY = "empty"
    NEED = "need"
    REACH = "reach"
    HOURS = "hours"
    OUT = "out"
    BATTERY = "battery"


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
        self._plain = [only_overlaps_bind(kind) for kind in kinds]

    def assign(self, counts: Mapping[str, int]) -> list[VehicleSlot | None]:
        """The vehicle that each trip gets from `counts` vehicles of each kind, by its label; None
        is the fallback. The trips are in the order of the arrays."""
        return [None if isinstance(found, Lack) else found for found in self.judge(counts)]

    def judge(self, counts: Mapping[str, int]) -> list[VehicleSlot | Lack]:
        """The vehicle that each trip gets, likewise, or why it gets none."""
        kinds = self.arrays.kinds
        return [
            found if isinstance(found, Lack) else kinds[found[0]].slot(found[1] + 1)
            for found in self._assigned(counts)
        ]

    def unserved(self, counts: Mapping[str, int]) -> int:
        """The number of trips for which no vehicle is free.

        This is asked of many fleets, so it keeps no account of which vehicle serves a trip. Of a
        kind that only overlaps bind, it matters no more than when the next one is back.
        """
        kinds, able_of = self.arrays.kinds, self._able
        back = [[AT_START.busy_until] * counts.get(kind.label, 0) for kind in kinds]
        fleet = [
            [] if plain else [AT_START] * len(own)
            for own, plain in zip(back, self._plain, strict=True)
        ]
        unserved = 0
        for t, trip in enumerate(self.arrays.plain_trips):
            for k in able_of[t]:
                if self._plain[k]:
                    own = back[k]
                    if own and own[0] <= trip.start:
                        heapreplace(own, trip.busy_until)
                        break
                elif self._drives(fleet[k], k, t):
                    break
            else:
                unserved += 1
        return unserved

    def serves_as_much(self, one: Kind, other: Kind) -> bool:
        """Whether a kind may serve, by itself, each trip that another one may."""
        kinds, can_serve = self.arrays.kinds, self.arrays.can_serve
        return bool(np.all(can_serve[kinds.index(one)] | ~can_serve[kinds.index(other)]))

    def only_overlaps_bind(self, kind: Kind) -> bool:
        """Whether neither its battery nor its day keeps a vehicle of a kind from a trip that it may
        serve by itself, whatever it served before."""
        k = self.arrays.kinds.index(kind)
        trips = np.flatnonzero(self.arrays.can_serve[k])
        return self._plain[k] or not critical_blocks(self.arrays, k, trips, lambda: False)

    def able(self, counts: Mapping[str, int]) -> list[bool]:
        """Whether one of the vehicles could serve each trip by itself."""
        kinds = self.arrays.kinds
        return [any(counts.get(kinds[k].label, 0) for k in able) for able in self._able]

    def _assigned(self, counts: Mapping[str, int]) -> list[tuple[int, int] | Lack]:
        """For each trip the kind and the number of its vehicle, both from 0, or what lacks."""
        fleet = [[AT_START] * counts.get(kind.label, 0) for kind in self.arrays.kinds]
        return [self._first_free(fleet, t) for t in range(len(self._able))]

    def _first_free(self, fleet: Sequence[list[VehicleState]], t: int) -> tuple[int, int] | Lack:
        """The first vehicle that can serve trip `t`; `fleet` gets its new state."""
        for k in self._able[t]:
            number = self._drives(fleet[k], k, t)
            if number:
                return k, number - 1
        return self._lack(fleet, t)

    def _drives(self, vehicles: list[VehicleState], k: int, t: int) -> int:
        """The number, from 1, of the first of the `vehicles` of kind `k` that can serve trip `t`,
        which gets its new state; 0 if none can."""
        start = self.arrays.plain_trips[t].start
        for v, vehicle in enumerate(vehicles):
            if vehicle.busy_until > start:
                continue
            after = drive(self.arrays, k, vehicle, t)
            if after is not None:
                vehicles[v] = after
                return v + 1
        return 0

    def _lack(self, fleet: Sequence[list[VehicleState]], t: int) -> Lack:
        """Why none of `fleet` serves trip `t`."""
        trip, start = self.arrays.trips[t], self.arrays.plain_trips[t].start
        able = [vehicle for k in self._able[t] for vehicle in fleet[k]]
        if able:
            return Lack.OUT if all(one.busy_until > start for one in able) else Lack.BATTERY
        kinds = [kind for kind, own in zip(self.arrays.kinds, fleet, strict=True) if own]
        offering = [kind for kind in kinds if trip.needs <= kind.offers]
        if not kinds:
            return Lack.EMPTY
        if not offering:
            return Lack.NEED
        far = any(trip.km <= most_trip_km(kind) for kind in offering)
        return Lack.HOURS if far else Lack.REACH


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
