"""A dispatch rule that assigns vehicles as trips begin, and a backtest of a fleet under it.

The rule knows a trip only when it departs, with its length and its needs, and no later trip:

1. Among the vehicles at the depot that can serve the trip, battery and day limit included, those
   that offer the fewest capabilities come first, so that nobody takes a van for a letter.
2. Among equals the cheapest to drive comes first, priced CO2e included, then the lowest number.
3. If no vehicle is free, the fallback serves the trip.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from fleet.localtime import local_day
from optimiser.duties.limits import AT_START, VehicleState, drive
from optimiser.duties.make_arrays import make_arrays
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.problem import Problem, RoundTrip
from optimiser.model.vehicle_slot import VehicleSlot


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetReplay:
    """The result of a fleet on some trips under the rule.

    The fleet did not serve `to_fallback` trips. Of these, no vehicle can ever serve `beyond` trips.
    `short_days` counts the local days of the others, for which no vehicle was free. `co2_t_year` is
    its CO2e as a year, fallback included.
    """

    vehicles: int
    trips: int
    to_fallback: int
    beyond: int
    short_days: int
    co2_t_year: float | None = None

    @property
    def served_share(self) -> float:
        """The share of the trips that the fleet served; 1 if there are no trips."""
        return 1 - self.to_fallback / self.trips if self.trips else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A backtest: `chosen` is the fleet of the days before `split`, on the days from it to `last`.

    `split` and `last` are included. `today` is today's fleet on the same trips under the same rule.
    `workshop` is the chosen fleet while one motor vehicle is in the workshop on all those days, the
    one that is missed most, and `workshop_today` is today's likewise; None: it has none, or the
    backtest is of earlier software.
    """

    first: date
    split: date
    last: date
    chosen: FleetReplay
    today: FleetReplay
    workshop: FleetReplay | None = None
    workshop_today: FleetReplay | None = None


def split_trips(
    trips: Sequence[RoundTrip], split: datetime
) -> tuple[list[RoundTrip], list[RoundTrip]]:
    """Divides the trips at a moment.

    Returns:
        The trips that start before `split`, and the rest.
    """
    before = [trip for trip in trips if trip.start < split]
    return before, [trip for trip in trips if trip.start >= split]


def replay(problem: Problem, counts: Mapping[str, int]) -> FleetReplay:
    """The result of `counts` vehicles of each kind, by its label, on the trips of `problem`."""
    served = dispatch(problem, counts)
    missed = [trip for trip in problem.trips if served[trip.trip_id] is None]
    able = {
        arrays.trips[t].trip_id
        for arrays in _components(problem, counts)
        for t in range(len(arrays.trips))
        if any(arrays.can_serve[k, t] and arrays.high[k] for k in range(len(arrays.kinds)))
    }
    short = [trip for trip in missed if trip.trip_id in able]
    return FleetReplay(
        vehicles=sum(counts.values()),
        trips=len(problem.trips),
        to_fallback=len(missed),
        beyond=len(missed) - len(short),
        short_days=len({local_day(trip.start) for trip in short}),
        co2_t_year=sum(_co2_t_year(arrays, served) for arrays in _components(problem, counts)),
    )


def workshop_replay(problem: Problem, counts: Mapping[str, int]) -> FleetReplay | None:
    """The result of `counts` without the motor vehicle that is missed most; None: there is none."""
    motor = [kind.label for kind in problem.kinds if kind.is_motor and counts[kind.label]]
    found = [replay(problem, {**counts, label: counts[label] - 1}) for label in motor]
    return max(found, key=lambda one: one.to_fallback, default=None)


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
    """The vehicle that the rule assigns to each trip, by trip_id; None is the fallback."""
    given: dict[str, VehicleSlot | None] = {}
    for arrays in _components(problem, counts):
        given |= _dispatch(arrays)
    return given


def _components(problem: Problem, counts: Mapping[str, int]) -> list[PoolArrays]:
    """One component for each pool with trips, with the counts as its bounds."""
    components: list[PoolArrays] = []
    for pool, trips in groupby(sorted(problem.trips, key=lambda t: t.pool), lambda t: t.pool):
        kinds = [kind for kind in problem.kinds if kind.pool == pool]
        exact = [counts.get(kind.label, 0) for kind in kinds]
        bounds = list(zip(exact, exact, strict=True))
        components.append(make_arrays(problem, list(trips), kinds, bounds, None))
    return components


def _dispatch(arrays: PoolArrays) -> dict[str, VehicleSlot | None]:
    fleet: list[list[VehicleState]] = [[AT_START] * count for count in arrays.high]
    given: dict[str, VehicleSlot | None] = {}
    for t, trip in enumerate(arrays.trips):
        able = [k for k in range(len(arrays.kinds)) if arrays.can_serve[k, t]]
        able.sort(key=lambda k: (len(arrays.kinds[k].offers), float(arrays.kr[k, t]), k))
        given[trip.trip_id] = _first_free(arrays, fleet, able, t)
    return given


def _first_free(
    arrays: PoolArrays, fleet: Sequence[list[VehicleState]], able: Sequence[int], t: int
) -> VehicleSlot | None:
    """The first vehicle of the kinds `able` that can serve trip `t`; `fleet` gets its new state."""
    for k in able:
        for v, vehicle in enumerate(fleet[k]):
            after = drive(arrays, k, vehicle, t)
            if after is not None:
                fleet[k][v] = after
                return arrays.kinds[k].slot(v + 1)
    return None
