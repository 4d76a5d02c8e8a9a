"""What is odd about a problem, row by row, and what the solver does about it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from math import inf

from optimiser.problem import Kind, Problem, RoundTrip

#: A trip whose mean speed is above this was hardly driven as it is recorded.
_KM_H_MAX = 130.0


def notes(problem: Problem) -> tuple[str, ...]:
    """A line for each trip that no kind can serve, that overlaps, or that is not believable.

    None of these is refused: such trips are served as they stand, by the fallback if need be.
    """
    kinds: defaultdict[str, list[Kind]] = defaultdict(list)
    for kind in problem.kinds:
        kinds[kind.pool].append(kind)
    alone = (
        f"trip {trip.trip_id!r}: {reason}; it goes to the fallback"
        for trip in problem.trips
        if (reason := _unserved(trip, kinds[trip.pool])) is not None
    )
    return (*alone, *_too_fast(problem.trips), *_overlaps(problem.trips))


def _unserved(trip: RoundTrip, kinds: Sequence[Kind]) -> str | None:
    """Why none of `kinds`, of the trip's pool, can serve `trip`; None if one can."""
    if not kinds:
        return f"no kind of vehicle is in its pool {trip.pool!r}"
    able = [kind for kind in kinds if trip.needs <= kind.offers]
    if not able:
        return f"no kind offers {', '.join(sorted(trip.needs))}"
    longest = max(_most_km(kind) for kind in able)
    if trip.km > longest:
        return f"{trip.km:g} km is more than any kind that offers its needs can go, {longest:g} km"
    return None


def _most_km(kind: Kind) -> float:
    limits = (kind.range_km, kind.max_trip_km, kind.max_day_km)
    return min((limit for limit in limits if limit is not None), default=inf)


def _too_fast(trips: Sequence[RoundTrip]) -> Iterator[str]:
    for trip in trips:
        km_h = trip.km / ((trip.end - trip.start) / timedelta(hours=1))
        if km_h > _KM_H_MAX:
            yield f"trip {trip.trip_id!r}: {km_h:,.0f} km/h on average; it is taken as it stands"


def _overlaps(trips: Sequence[RoundTrip]) -> Iterator[str]:
    """Trips recorded for one vehicle at the same time."""
    of_vehicle: defaultdict[str, list[RoundTrip]] = defaultdict(list)
    for trip in sorted(trips, key=lambda trip: (trip.start, trip.end)):
        if trip.vehicle is not None:
            of_vehicle[trip.vehicle].append(trip)
    for vehicle, driven in of_vehicle.items():
        latest = driven[0]
        for trip in driven[1:]:
            if trip.start < latest.end:
                yield (
                    f"trip {trip.trip_id!r}: begins before {latest.trip_id!r} of the same vehicle"
                    f" {vehicle!r} is over; both are planned, with two vehicles"
                )
            latest = max(latest, trip, key=lambda one: one.end)
