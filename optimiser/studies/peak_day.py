"""What a named peak day does to a fleet, and what being ready for it costs.

The peak day is laid over the busiest day of the period: copies of trips of the same weekday are
added to it, or motor vehicles are taken away. Two fleets serve that day: the fleet itself, which
leaves trips without a vehicle, and the cheapest larger fleet that serves every trip which any
vehicle can serve at all. The difference of their fixed costs is the premium of an insurance; what
the trips cost by taxi, hire or own car on all such days of a year is the loss that it covers. Of
trips that may not go so it is told that nobody drives them.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from costs.peak_days import PeakDay, PeakDayName
from fleet.localtime import LOCAL_ZONE, local_day
from optimiser.depot.charge_points import PartPoints
from optimiser.duties.make_arrays import make_arrays
from optimiser.model.plan import FleetAnswer
from optimiser.model.problem import Problem, RoundTrip

#: Solves a problem; the caller bounds its time.
Solve = Callable[[Problem], FleetAnswer]

_DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakDayOutcome:
    """A peak day laid over the busiest day at one depot. Which day that was is not kept: it would
    tell of the day when the trips of it are gone.

    Attributes:
        trips: round trips of that day, those that were added included.
        missing: motor vehicles that are not there.
        without_vehicle: trips for which the proposed fleet has no vehicle.
        without_vehicle_today: trips for which today's fleet has none.
        not_driven: those of `without_vehicle` that may not use the fallback: nobody drives them.
        unserved_kr_year: what the others cost on all such days of a year by the fallback.
        ready_kr_year: yearly cost of the vehicles that must be added to serve them, and of their
            charge points; None: the kinds that may be bought cannot serve them.
        ready_vehicles: number of these vehicles, by kind.
        days_year, more_trips, missing_share: the peak day as it was laid over the day.
    """

    name: PeakDayName
    days_year: float
    more_trips: float
    missing_share: float
    trips: int
    missing: int
    without_vehicle: int
    without_vehicle_today: int
    unserved_kr_year: float
    ready_kr_year: float | None
    ready_vehicles: tuple[tuple[str, int], ...]
    not_driven: int = 0

    @property
    def ready_by_name(self) -> list[tuple[str, int]]:
        """The vehicles that must be added, each name once: several kinds may be called the same,
        such as those of single vehicles whose costs are known."""
        return named_once(self.ready_vehicles)


def named_once(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Counts by the names of kinds, added up where a name stands more than once; by name."""
    added = Counter[str]()
    for name, count in counts:
        added[name] += count
    return sorted((name, count) for name, count in added.items() if count)


def peak_day_outcome(
    problem: Problem,
    today: FleetAnswer,
    proposed: FleetAnswer,
    peak: PeakDay,
    points: PartPoints,
    solve: Solve,
) -> PeakDayOutcome:
    """What `peak` does to the `proposed` fleet of a problem, and what being ready costs, with the
    charge points that must be built."""
    day = busiest_day(problem)
    trips = trips_of_peak(problem, day, peak)
    then, now = proposed.counts_of(problem.kinds), today.counts_of(problem.kinds)
    missing = _missing(problem, then, peak.missing)
    of_day = _problem_of_day(problem, trips, peak)
    unready = solve(_with_counts(of_day, then, missing))
    before = solve(_with_counts(of_day, now, _missing(problem, now, peak.missing)))
    left = [trip for trip in trips if unready.assignments[trip.trip_id] is None]
    rules = problem.rules
    by_fallback = [trip for trip in left if not rules.must_be_served(trip)]
    ready = _ready(of_day, then, missing, solve) if left else then
    return PeakDayOutcome(
        name=peak.name,
        days_year=peak.days_year,
        more_trips=peak.more_trips,
        missing_share=peak.missing,
        trips=len(trips),
        missing=sum(missing.values()),
        without_vehicle=len(left),
        without_vehicle_today=sum(before.assignments[trip.trip_id] is None for trip in trips),
        unserved_kr_year=peak.days_year
        * sum(rules.fallback_kr_trip + rules.fallback_kr_km * trip.km for trip in by_fallback),
        not_driven=len(left) - len(by_fallback),
        ready_kr_year=None
        if ready is None
        else _kept_kr_year(problem, ready, points) - _kept_kr_year(problem, then, points),
        ready_vehicles=() if ready is None else _added(problem, then, ready),
    )


def ready_counts(
    problem: Problem, counts: Mapping[str, int], peak: PeakDay, solve: Solve
) -> dict[str, int] | None:
    """The counts, by label, of the cheapest fleet at least as large as `counts` that serves every
    trip of the peak day which any vehicle can serve at all; None: none that may be had does."""
    trips = trips_of_peak(problem, busiest_day(problem), peak)
    missing = _missing(problem, counts, peak.missing)
    of_day = _problem_of_day(problem, trips, peak)
    answer = solve(_with_counts(of_day, counts, missing))
    if all(answer.assignments[trip.trip_id] is not None for trip in trips):
        return dict(counts)
    return _ready(of_day, counts, missing, solve)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakDaySum:
    """A peak day over all depots, each on its busiest day; as `PeakDayOutcome`. Of `not_ready`
    depots no fleet that may be bought serves all trips: `ready_kr_year` is without them."""

    name: PeakDayName
    days_year: float
    more_trips: float
    missing_share: float
    trips: int
    without_vehicle: int
    without_vehicle_today: int
    not_driven: int
    unserved_kr_year: float
    ready_kr_year: float
    ready_vehicles: int
    not_ready: int


def sum_peak_days(outcomes: Iterable[PeakDayOutcome]) -> list[PeakDaySum]:
    """The sums over the outcomes of all depots, a peak day each."""
    by_name: dict[PeakDayName, list[PeakDayOutcome]] = {}
    for outcome in outcomes:
        by_name.setdefault(outcome.name, []).append(outcome)
    return [
        PeakDaySum(
            name=name,
            days_year=own[0].days_year,
            more_trips=own[0].more_trips,
            missing_share=own[0].missing_share,
            trips=sum(one.trips for one in own),
            without_vehicle=sum(one.without_vehicle for one in own),
            without_vehicle_today=sum(one.without_vehicle_today for one in own),
            not_driven=sum(one.not_driven for one in own),
            unserved_kr_year=sum(one.unserved_kr_year for one in own),
            ready_kr_year=sum(one.ready_kr_year or 0.0 for one in own),
            ready_vehicles=sum(count for one in own for _, count in one.ready_vehicles),
            not_ready=sum(one.ready_kr_year is None for one in own),
        )
        for name, own in sorted(by_name.items(), key=lambda pair: list(PeakDayName).index(pair[0]))
    ]


def _kept_kr_year(problem: Problem, counts: Mapping[str, int], points: PartPoints) -> float:
    """What vehicles of these counts cost a year before they drive."""
    by_pool: dict[str, dict[str, int]] = {}
    for kind in problem.kinds:
        by_pool.setdefault(kind.pool, {})[kind.type] = counts[kind.label]
    return sum(kind.fixed_kr_year * counts[kind.label] for kind in problem.kinds) + sum(
        own.cost_kr_year(by_pool.get(pool, {})) for pool, own in points.items()
    )


def _added(
    problem: Problem, then: Mapping[str, int], ready: Mapping[str, int]
) -> tuple[tuple[str, int], ...]:
    """How many vehicles of each kind `ready` has beyond `then`, over all pools."""
    added = Counter[str]()
    for kind in problem.kinds:
        added[kind.type] += ready[kind.label] - then[kind.label]
    return tuple(sorted((kind, count) for kind, count in added.items() if count))


def busiest_day(problem: Problem) -> date:
    """The local day on which the most trips of a problem begin, of several the first."""
    counts = Counter(local_day(trip.start) for trip in problem.trips)
    return min(counts, key=lambda day: (-counts[day], day))


def trips_of_peak(problem: Problem, day: date, peak: PeakDay) -> list[RoundTrip]:
    """The trips of a day with those that the peak adds.

    The added ones are trips of the same weekday in other weeks, at their own local time, or of the
    day itself where there are none; if more are wanted than there are, some are added again.
    """
    own = [trip for trip in problem.trips if local_day(trip.start) == day]
    others = [
        trip
        for trip in problem.trips
        if local_day(trip.start) != day and local_day(trip.start).weekday() == day.weekday()
    ]
    pattern = others or own
    wanted = round(peak.more_trips * len(own))
    rng = random.Random(problem.rules.seed)
    chosen: list[RoundTrip] = []
    while len(chosen) < wanted:
        chosen += rng.sample(pattern, min(wanted - len(chosen), len(pattern)))
    return own + [_copy(trip, day, number) for number, trip in enumerate(chosen)]


def _copy(trip: RoundTrip, day: date, number: int) -> RoundTrip:
    local = trip.start.astimezone(LOCAL_ZONE)
    start = (local + timedelta(days=(day - local.date()).days)).astimezone(trip.start.tzinfo)
    return replace(
        trip,
        trip_id=f"{trip.trip_id} + {number}",
        start=start,
        end=start + (trip.end - trip.start),
        vehicle=None,
    )


def _problem_of_day(problem: Problem, trips: list[RoundTrip], peak: PeakDay) -> Problem:
    """The problem of one day that comes `days_year` times; nothing but the peak binds its fleet."""
    rules = replace(
        problem.rules,
        period_days=_DAYS_A_YEAR / peak.days_year,
        co2_max_t_year=None,
        no_fallback_needs=(),
        no_fallback_pools=(),
        moves=False,
        green_keep=False,
    )
    return Problem(trips=tuple(trips), kinds=problem.kinds, rules=rules)


def _with_counts(of_day: Problem, counts: Mapping[str, int], missing: Mapping[str, int]) -> Problem:
    kinds = tuple(kind.with_count(counts[kind.label]) for kind in of_day.kinds)
    return replace(of_day, kinds=kinds, rules=replace(of_day.rules, reserve=missing))


def _ready(
    of_day: Problem, counts: Mapping[str, int], missing: Mapping[str, int], solve: Solve
) -> dict[str, int] | None:
    """The counts of the cheapest fleet that serves the day, at least as large as `counts`."""
    kinds = tuple(
        replace(
            kind,
            min_count=counts[kind.label],
            max_count=None
            if (most := of_day.count_max(kind)) is None
            else max(most, counts[kind.label]),
        )
        for kind in of_day.kinds
    )
    servable = _servable(replace(of_day, kinds=kinds))
    if not servable:
        return dict(counts)
    pools = tuple(sorted({trip.pool for trip in servable}))
    rules = replace(of_day.rules, reserve=missing, no_fallback_pools=pools)
    answer = solve(replace(of_day, trips=servable, kinds=kinds, rules=rules))
    if answer.cost_kr_year is None:
        return None
    return answer.counts_of(of_day.kinds)


def _servable(of_day: Problem) -> tuple[RoundTrip, ...]:
    """The trips that some vehicle can serve: the others have none on any day."""
    found: set[str] = set()
    for pool in {trip.pool for trip in of_day.trips}:
        trips = [trip for trip in of_day.trips if trip.pool == pool]
        kinds = [kind for kind in of_day.kinds if kind.pool == pool and kind.max_count != 0]
        bounds = [(kind.min_count, kind.max_count) for kind in kinds]
        arrays = make_arrays(of_day, trips, kinds, bounds, None)
        found |= {
            trip.trip_id
            for t, trip in enumerate(arrays.trips)
            if any(arrays.can_serve[k, t] for k in range(len(arrays.kinds)))
        }
    return tuple(trip for trip in of_day.trips if trip.trip_id in found)


def _missing(problem: Problem, counts: Mapping[str, int], share: float) -> dict[str, int]:
    """The motor vehicles that are missing in each pool; a part of one counts as one."""
    motor = Counter[str]()
    for kind in problem.kinds:
        if kind.is_motor:
            motor[kind.pool] += counts[kind.label]
    return {pool: math.ceil(share * count - 1e-9) for pool, count in motor.items()}
