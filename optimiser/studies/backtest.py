"""An online rule that hands out vehicles as trips begin, and a backtest of a fleet under it.

The rule knows a trip when it departs, how long it is and what it needs, and nothing of later ones:

1. Among the vehicles that stand at the depot and can do the trip, battery and day's limit included,
   those that offer least beyond what it needs come first, so that a van is not lent for a letter.
2. Among equals the cheapest to drive, priced CO2e included, and then the lowest number.
3. When none is free, the trip goes to the fallback.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from fleet.localtime import local_day
from optimiser.duties.limits import NEW, Vehicle, drive
from optimiser.duties.make_arrays import make_arrays
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.problem import Problem, RoundTrip
from optimiser.model.vehicle_slot import VehicleSlot


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a fleet did with some trips under the rule.

    `to_fallback` trips were not served by the fleet. `short_days` counts the local days on which
    one of them would have been, had one of the vehicles been free; `beyond` trips none of them can
    ever do. `co2_t_year` is what it emitted, fallback included, as a year.
    """

    vehicles: int
    trips: int
    to_fallback: int
    beyond: int
    short_days: int
    co2_t_year: float | None = None

    @property
    def served_share(self) -> float:
        """The share of trips that the fleet served; 1 of no trips."""
        return 1 - self.to_fallback / self.trips if self.trips else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A fleet chosen on the days before `split`, tried on those from it to `last`, both included.

    `today` is today's fleet on the same trips under the same rule.
    """

    first: date
    split: date
    last: date
    chosen: Replay
    today: Replay


def split_trips(
    trips: Sequence[RoundTrip], split: datetime
) -> tuple[list[RoundTrip], list[RoundTrip]]:
    """The trips divided in two.

    Returns:
        Those that start before `split`, and the rest.
    """
    before = [trip for trip in trips if trip.start < split]
    return before, [trip for trip in trips if trip.start >= split]


def replay(problem: Problem, counts: Mapping[str, int]) -> Replay:
    """Have `counts` vehicles of each kind, by its label, do the trips of `problem` as they come."""
    served = dispatch(problem, counts)
    missed = [trip for trip in problem.trips if served[trip.trip_id] is None]
    able = {
        arrays.trips[t].trip_id
        for arrays in _parts(problem, counts)
        for t in range(len(arrays.trips))
        if any(arrays.can[k, t] and arrays.high[k] for k in range(len(arrays.kinds)))
    }
    short = [trip for trip in missed if trip.trip_id in able]
    return Replay(
        vehicles=sum(counts.values()),
        trips=len(problem.trips),
        to_fallback=len(missed),
        beyond=len(missed) - len(short),
        short_days=len({local_day(trip.start) for trip in short}),
        co2_t_year=sum(_co2_t_year(arrays, served) for arrays in _parts(problem, counts)),
    )


def _co2_t_year(arrays: PoolArrays, served: Mapping[str, VehicleSlot | None]) -> float:
    numbers = {kind.type: k for k, kind in enumerate(arrays.kinds)}
    tonnes = 0.0
    for t, trip in enumerate(arrays.trips):
        vehicle = served[trip.trip_id]
        if vehicle is None:
            tonnes += float(arrays.fallback_co2_t[t])
        else:
            tonnes += float(arrays.co2_t[numbers[vehicle.type], t])
    return tonnes


def dispatch(problem: Problem, counts: Mapping[str, int]) -> dict[str, VehicleSlot | None]:
    """The vehicle that the rule gives each trip, by trip_id; None is the fallback."""
    given: dict[str, VehicleSlot | None] = {}
    for arrays in _parts(problem, counts):
        given |= _dispatch(arrays)
    return given


def _parts(problem: Problem, counts: Mapping[str, int]) -> list[PoolArrays]:
    """One part for each pool with trips, with the counts as its bounds."""
    parts: list[PoolArrays] = []
    for pool, trips in groupby(sorted(problem.trips, key=lambda t: t.pool), lambda t: t.pool):
        kinds = [kind for kind in problem.kinds if kind.pool == pool]
        exact = [counts.get(kind.label, 0) for kind in kinds]
        bounds = list(zip(exact, exact, strict=True))
        parts.append(make_arrays(problem, list(trips), kinds, bounds, None))
    return parts


def _dispatch(arrays: PoolArrays) -> dict[str, VehicleSlot | None]:
    fleet: list[list[Vehicle]] = [[NEW] * count for count in arrays.high]
    given: dict[str, VehicleSlot | None] = {}
    for t, trip in enumerate(arrays.trips):
        able = [k for k in range(len(arrays.kinds)) if arrays.can[k, t]]
        able.sort(key=lambda k: (len(arrays.kinds[k].offers), float(arrays.kr[k, t]), k))
        given[trip.trip_id] = _first_free(arrays, fleet, able, t)
    return given


def _first_free(
    arrays: PoolArrays, fleet: Sequence[list[Vehicle]], able: Sequence[int], t: int
) -> VehicleSlot | None:
    """The first vehicle of the kinds `able` that can leave on trip `t`, sent on its way."""
    for k in able:
        for v, vehicle in enumerate(fleet[k]):
            after = drive(arrays, k, vehicle, t)
            if after is not None:
                fleet[k][v] = after
                return arrays.kinds[k].slot(v + 1)
    return None
