"""Notes on odd rows of a problem, and on how the solver treats them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from math import inf

import numpy as np

from fleet.saying import Saying, SayingValue
from optimiser.duties.limits import most_trip_km
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.problem import Kind, Problem, RoundTrip
from optimiser.model.remark import Remark, remark

#: A trip with a higher mean speed was hardly driven as it is recorded.
_KM_H_MAX = 130.0

#: The most trips that a reason names.
_NAMED_MAX = 5


def notes(problem: Problem) -> tuple[Saying, ...]:
    """Notes on doubtful readings of the files, on pools and needs that no rule finds, and on odd
    trips.

    A trip is odd if no kind can serve it, if it overlaps another one of its vehicle, or if its
    speed is unbelievable. The solver refuses none of them: it serves them as they stand, if need be
    by the fallback.
    """
    kinds: defaultdict[str, list[Kind]] = defaultdict(list)
    for kind in problem.kinds:
        kinds[kind.pool].append(kind)
    alone = (
        reason
        for trip in problem.trips
        if (reason := _unserved(trip, kinds[trip.pool])) is not None
    )
    return (
        *problem.notes,
        *_rule_pools(problem),
        *_rule_needs(problem),
        *alone,
        *_too_fast(problem.trips),
        *_overlaps(problem.trips),
    )


def largest_co2(components: Sequence[PoolArrays]) -> dict[str, SayingValue]:
    """The values `trips` and `share` of a remark on a cap that cannot be kept.

    `trips` names the trips that cause most CO2e even if the greenest vehicle serves them, with
    their tonnes a year. `share` says whether these cause all or most of it.
    """
    least: list[tuple[float, str]] = []
    for arrays in components:
        allowed = np.array(arrays.high, dtype=np.int64).reshape(-1, 1) > 0
        by_fleet = np.where(arrays.can_serve & allowed, arrays.co2_t, inf).min(axis=0, initial=inf)
        tonnes = np.minimum(by_fleet, arrays.fallback_co2_t).tolist()
        least += [(-t, trip.trip_id) for t, trip in zip(tonnes, arrays.trips, strict=True)]
    first = sorted(least)[:_NAMED_MAX]
    share = Remark.ALL if len(least) <= _NAMED_MAX else Remark.MOST
    named = tuple(
        remark(Remark.TRIP_TONNES, trip=trip_id, tonnes=round(-tonnes, 3))
        for tonnes, trip_id in first
    )
    return {"share": (remark(share),), "trips": named}


def _rule_pools(problem: Problem) -> Iterator[Saying]:
    """Pools that a rule names and that have neither trips nor kinds, as after a typing mistake."""
    rules = problem.rules
    known = {one.pool for one in (*problem.kinds, *problem.trips)}
    of_reserve = rules.reserve if isinstance(rules.reserve, Mapping) else ()
    for name, pools in (("reserve", of_reserve), ("no_fallback_pools", rules.no_fallback_pools)):
        for pool in pools:
            if pool not in known:
                yield remark(Remark.RULE_POOL, name=name, pool=pool)


def _rule_needs(problem: Problem) -> Iterator[Saying]:
    """Capabilities that a rule names and that no kind offers and no trip needs, likewise."""
    known = frozenset[str]().union(
        *(kind.offers for kind in problem.kinds), *(trip.needs for trip in problem.trips)
    )
    for need in problem.rules.no_fallback_needs:
        if need not in known:
            yield remark(Remark.RULE_NEED, name="no_fallback_needs", needs=need)


def _unserved(trip: RoundTrip, kinds: Sequence[Kind]) -> Saying | None:
    """The remark that none of `kinds`, which are of its pool, can serve `trip`; None if one can."""
    if not kinds:
        return remark(Remark.NO_KIND, trip=trip.trip_id, pool=trip.pool)
    able = [kind for kind in kinds if trip.needs <= kind.offers]
    if not able:
        needs = ", ".join(sorted(trip.needs))
        return remark(Remark.NO_OFFER, trip=trip.trip_id, needs=needs)
    longest = max(most_trip_km(kind) for kind in able)
    if trip.km > longest:
        return remark(
            Remark.TOO_LONG, trip=trip.trip_id, km=round(trip.km, 3), longest=round(longest, 3)
        )
    return None


def _too_fast(trips: Sequence[RoundTrip]) -> Iterator[Saying]:
    for trip in trips:
        km_h = trip.km / ((trip.end - trip.start) / timedelta(hours=1))
        if km_h > _KM_H_MAX:
            yield remark(Remark.TOO_FAST, trip=trip.trip_id, km_h=round(km_h))


def _overlaps(trips: Sequence[RoundTrip]) -> Iterator[Saying]:
    """Trips recorded for one vehicle at the same time."""
    of_vehicle: defaultdict[str, list[RoundTrip]] = defaultdict(list)
    for trip in sorted(trips, key=lambda trip: (trip.start, trip.end)):
        if trip.vehicle is not None:
            of_vehicle[trip.vehicle].append(trip)
    for vehicle, driven in of_vehicle.items():
        latest = driven[0]
        for trip in driven[1:]:
            if trip.start < latest.end:
                yield remark(
                    Remark.OVERLAP, trip=trip.trip_id, earlier=latest.trip_id, vehicle=vehicle
                )
            latest = max(latest, trip, key=lambda one: one.end)
