"""The optimum of a very small problem by trying everything; shares no code with the solver.

Every trip is given to every kind and to the fallback; the fewest vehicles that can then do it are
found by trying every split of a kind's trips into vehicles. Only what already costs more than the
best is not tried further.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from optimiser.model.problem import Kind, Problem, RoundTrip

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
GREEN = {"electric", "hydrogen", "biogas", "bicycle"}


def optimum(problem: Problem) -> float:
    """The least cost in kr a year within every rule; inf when no fleet keeps them."""
    limits: list[tuple[int, float]] = []
    for kind in problem.kinds:
        most = math.inf if kind.max_count is None else kind.max_count
        if problem.rules.green_only_new and kind.energy.value not in GREEN:
            most = min(most, kind.count_now)
        limits.append((kind.min_count, most))
    return _best(problem, limits, problem.rules.co2_max_t_year)


def todays_optimum(problem: Problem) -> float:
    """The least cost in kr a year with today's vehicles, bounds and cap left aside."""
    return _best(problem, [(kind.count_now, kind.count_now) for kind in problem.kinds], None)


def _best(problem: Problem, limits: Sequence[tuple[int, float]], co2_max_t: float | None) -> float:
    rules, kinds = problem.rules, problem.kinds
    trips = sorted(problem.trips, key=lambda trip: (trip.start, trip.end))
    days = [_local(trip.start).date() for trip in trips]
    year = 365 / (rules.period_days or (max(days) - min(days)).days + 1)
    pause = timedelta(minutes=rules.turnaround_min)
    best = math.inf

    @cache
    def can_do(k: int, duty: tuple[int, ...]) -> bool:
        return _can_do(kinds[k], [trips[t] for t in duty], pause)

    @cache
    def fewest_vehicles(k: int, served: tuple[int, ...]) -> float:
        """Every other trip is the first one's vehicle's or is left to the others."""
        if not served:
            return 0
        first, *others = served
        fewest = math.inf
        for is_same in itertools.product((True, False), repeat=len(others)):
            if can_do(k, (first, *itertools.compress(others, is_same))):
                rest = tuple(t for t, same in zip(others, is_same, strict=True) if not same)
                fewest = min(fewest, 1 + fewest_vehicles(k, rest))
        return fewest

    @cache
    def vehicles_kr(k: int, served: tuple[int, ...]) -> float:
        """What the fewest vehicles of kind `k` cost that can do `served`; inf if none can."""
        low, high = limits[k]
        count = max(low, fewest_vehicles(k, served))
        possible = math.isfinite(count) and count <= high
        return count * kinds[k].fixed_kr_year if possible else math.inf

    def give(t: int, served: tuple[tuple[int, ...], ...], kr: float, tonnes: float) -> None:
        nonlocal best
        cost = kr + sum(vehicles_kr(k, some) for k, some in enumerate(served))
        if cost >= best:
            return
        if t < len(trips):
            for k in (None, *range(len(kinds))):
                kr_km = rules.fallback_kr_km if k is None else kinds[k].kr_km
                g_km = rules.fallback_co2_g_km if k is None else kinds[k].co2_g_km
                own_kr = kr_km * trips[t].km + (rules.fallback_kr_trip if k is None else 0)
                own_t = year * g_km * trips[t].km / 1e6
                more = year * own_kr + rules.co2_kr_t * own_t
                then = tuple((*some, t) if i == k else some for i, some in enumerate(served))
                give(t + 1, then, kr + more, tonnes + own_t)
        elif co2_max_t is None or tonnes <= co2_max_t + 1e-9:
            best = cost

    give(0, ((),) * len(kinds), 0.0, 0.0)
    return best


@cache
def _local(moment: datetime) -> datetime:
    return moment.astimezone(COPENHAGEN)


def _can_do(kind: Kind, duty: Sequence[RoundTrip], pause: timedelta) -> bool:
    """Rules 1 to 3 for one vehicle; `duty` in order of start."""
    limits = kind.limits
    day_km: defaultdict[object, float] = defaultdict(float)
    for trip in duty:
        start, end = _local(trip.start), _local(trip.end)
        day_km[start.date()] += trip.km
        if trip.pool != kind.pool or trip.needs - kind.offers:
            return False
        if limits.max_trip_km is not None and trip.km > limits.max_trip_km:
            return False
        if limits.window is not None:
            opens, closes = limits.window
            if start.date() != end.date() or start.time() < opens or end.time() > closes:
                return False
    if limits.max_day_km is not None and max(day_km.values()) > limits.max_day_km:
        return False
    if any(later.start < earlier.end + pause for earlier, later in itertools.pairwise(duty)):
        return False
    if kind.range_km is None:
        return True
    battery_km = kind.range_km
    for i, trip in enumerate(duty):
        if i > 0:
            parked = (trip.start - duty[i - 1].end).total_seconds() / 3600
            battery_km = min(kind.range_km, battery_km + (kind.charge_km_h or 0) * parked)
        battery_km -= trip.km
        if battery_km < 0:
            return False
    return True
