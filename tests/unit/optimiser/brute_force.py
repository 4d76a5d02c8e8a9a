"""The optimum of a very small problem by trying everything; shares no code with the solver.

Every trip is given to every kind and to the fallback; the fewest vehicles that can then do it are
found by trying every split of a kind's trips into vehicles. Only what already costs more than the
best is not tried further. Where a rule may ask for vehicles without a trip, a few more of every
kind are tried too.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from optimiser.model.problem import Kind, Problem, RoundTrip

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
GREEN = {"electric", "hydrogen", "biogas", "bicycle"}


class Least(NamedTuple):
    """The least that an answer can have, in this order of importance.

    `forbidden` trips use the fallback against a rule, `pools` lack their reserve, `kr` a year.
    """

    forbidden: float
    pools: float
    kr: float


NOTHING_KEEPS = Least(math.inf, math.inf, math.inf)


def optimum(problem: Problem) -> float:
    """The least cost in kr a year within every rule; inf when no fleet keeps them."""
    limits: list[tuple[int, float]] = []
    for kind in problem.kinds:
        most = math.inf if kind.max_count is None else kind.max_count
        if problem.rules.green_only_new and kind.energy.value not in GREEN:
            most = most if problem.rules.moves else min(most, kind.count_now)
        limits.append((kind.min_count, most))
    return _best(problem, limits, problem.rules.co2_max_t_year, today=False).kr


def todays_optimum(problem: Problem) -> float:
    """The least cost in kr a year with today's vehicles, bounds and cap left aside."""
    return todays_least(problem).kr


def todays_least(problem: Problem) -> Least:
    """What today's vehicles break of the rules, and what they cost a year, at the least."""
    limits = [(kind.count_now, kind.count_now) for kind in problem.kinds]
    return _best(problem, limits, None, today=True)


def _best(
    problem: Problem,
    limits: Sequence[tuple[int, float]],
    co2_max_t: float | None,
    *,
    today: bool,
) -> Least:
    rules, kinds = problem.rules, problem.kinds
    trips = sorted(problem.trips, key=lambda trip: (trip.start, trip.end))
    days = [_local(trip.start).date() for trip in trips]
    year = 365 / (rules.period_days or (max(days) - min(days)).days + 1)
    pause = timedelta(minutes=rules.turnaround_min)
    best = NOTHING_KEEPS
    now = [kind.count_now for kind in kinds]
    spare = 0
    if rules.reserve or rules.green_keep:
        spare = max(sum(now), *(rules.reserve_of(kind.pool) for kind in kinds), 0)

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

    def with_spare(served: tuple[tuple[int, ...], ...]) -> tuple[float, float]:
        """Pools without their reserve, and the cost of the vehicles, with the best counts."""
        least = [max(low, fewest_vehicles(k, served[k])) for k, (low, _) in enumerate(limits)]
        highest = [min(high, n + spare) for n, (_, high) in zip(least, limits, strict=True)]
        ranges = [range(int(low), int(high) + 1) for low, high in zip(least, highest, strict=True)]
        found = (math.inf, math.inf)
        for counts in itertools.product(*ranges):
            lacking = _pools_without_reserve(problem, trips, served, counts, pause)
            if today or (not lacking and _keeps_fleet_rules(problem, counts)):
                pairs = zip(counts, kinds, strict=True)
                found = min(found, (lacking, sum(n * kind.fixed_kr_year for n, kind in pairs)))
        return found

    def give(
        t: int, served: tuple[tuple[int, ...], ...], kr: float, tonnes: float, forbidden: int
    ) -> None:
        nonlocal best
        cost = kr + sum(vehicles_kr(k, some) for k, some in enumerate(served))
        if math.isinf(cost) or (forbidden, 0, cost) >= best or (forbidden and not today):
            return
        if t < len(trips):
            for k in (None, *range(len(kinds))):
                kr_km = rules.fallback_kr_km if k is None else kinds[k].kr_km
                g_km = rules.fallback_co2_g_km if k is None else kinds[k].co2_g_km
                own_kr = kr_km * trips[t].km + (rules.fallback_kr_trip if k is None else 0)
                own_t = year * g_km * trips[t].km / 1e6
                more = year * own_kr + rules.co2_kr_t * own_t
                then = tuple((*some, t) if i == k else some for i, some in enumerate(served))
                against = k is None and rules.must_be_served(trips[t])
                give(t + 1, then, kr + more, tonnes + own_t, forbidden + against)
        elif co2_max_t is None or tonnes <= co2_max_t + 1e-9:
            lacking, fixed_kr = with_spare(served)
            best = min(best, Least(forbidden, lacking, kr + fixed_kr))

    give(0, ((),) * len(kinds), 0.0, 0.0, 0)
    return best


def _pools_without_reserve(
    problem: Problem,
    trips: Sequence[RoundTrip],
    served: Sequence[Sequence[int]],
    counts: Sequence[int],
    pause: timedelta,
) -> int:
    lacking = 0
    for pool in {kind.pool for kind in problem.kinds}:
        motor = [
            k
            for k, kind in enumerate(problem.kinds)
            if kind.pool == pool and kind.energy.value != "bicycle"
        ]
        driven = [trips[t] for k in motor for t in served[k]]
        most_out = max(
            (
                sum(trip.start <= other.start < trip.end + pause for trip in driven)
                for other in driven
            ),
            default=0,
        )
        count = sum(counts[k] for k in motor)
        lacking += count > 0 and count - most_out < problem.rules.reserve_of(pool)
    return lacking


def _keeps_fleet_rules(problem: Problem, counts: Sequence[int]) -> bool:
    """Whether a new fleet of `counts` keeps the rules on moved vehicles and on green ones."""
    rules, pairs = problem.rules, list(zip(problem.kinds, counts, strict=True))
    if rules.moves and rules.green_only_new:
        for type_ in {kind.type for kind in problem.kinds if kind.energy.value not in GREEN}:
            own = [(kind, n) for kind, n in pairs if kind.type == type_]
            if sum(n for _, n in own) > sum(kind.count_now for kind, _ in own):
                return False
    if not rules.green_keep:
        return True
    for pool in {kind.pool for kind in problem.kinds}:
        own = [(kind, n) for kind, n in pairs if rules.moves or kind.pool == pool]
        green = [pair for pair in own if pair[0].energy.value in GREEN - {"bicycle"}]
        fossil = sum(n for kind, n in own if kind.energy.value not in GREEN)
        if fossil and sum(n for _, n in green) < sum(kind.count_now for kind, _ in green):
            return False
    return True


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
