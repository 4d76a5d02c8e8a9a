"""The optimum of a very small problem by trying everything; shares no code with the solver.

Every trip is given to every kind and to the fallback; the fewest vehicles that can then do it are
found by trying every split of a kind's trips into vehicles. Only what already costs more than the
best is not tried further. Where a rule may ask for vehicles without a trip, a few more of every
kind are tried too; where the workshop may, all counts that are allowed.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
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

#: Tells whether counts of the kinds suffice.
Suffices = Callable[[tuple[int, ...]], bool]


def optimum(problem: Problem) -> float:
    """The least cost in kr a year within every rule; inf when no fleet keeps them."""
    return _best(problem, _limits(problem), problem.rules.co2_max_t_year, today=False).kr


def workshop_optimum(problem: Problem) -> float:
    """The least cost likewise, if no more trips than today may lack a vehicle while one is in the
    workshop, or as few more as possible; inf when no fleet keeps the other rules. Every kind has a
    greatest count.
    """
    limits, cap = _limits(problem), problem.rules.co2_max_t_year
    pools = [_lacking_more(problem, pool) for pool in sorted({trip.pool for trip in problem.trips})]
    ranges = [range(low, int(high) + 1) for low, high in limits]
    more = {counts: sum(of(counts) for of in pools) for counts in itertools.product(*ranges)}
    for most in sorted(set(more.values())):
        allowed = {counts for counts, n in more.items() if n <= most}
        best = _best(problem, limits, cap, today=False, suffices=allowed.__contains__)
        if math.isfinite(best.kr):
            return best.kr
    return math.inf


def _limits(problem: Problem) -> list[tuple[int, float]]:
    """The least and the greatest count of each kind."""
    limits: list[tuple[int, float]] = []
    for kind in problem.kinds:
        most = math.inf if kind.max_count is None else kind.max_count
        if problem.rules.green_only_new and kind.energy.value not in GREEN:
            most = most if problem.rules.moves else min(most, kind.count_now)
        limits.append((kind.min_count, most))
    return limits


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
    suffices: Suffices | None = None,
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
    if suffices is not None:
        spare = max(int(high) for _, high in limits)

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
            if suffices is not None and not suffices(counts):
                continue
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


def _lacking_more(problem: Problem, pool: str) -> Callable[[Sequence[int]], int]:
    """Tells how many more trips of a pool than today lack a vehicle while one is in the workshop.

    With one of a kind away, a fleet may lack no more trips than today's with one of that kind away;
    with one of a kind that nobody has today, no more than today's with the one that is missed most.
    Kinds that serve alike are one kind, and bicycles are never away.
    """
    kinds = [(k, kind) for k, kind in enumerate(problem.kinds) if kind.pool == pool]
    first: dict[Hashable, int] = {}
    stands_for = {k: first.setdefault(_service(kind), k) for k, kind in kinds}
    motor = [k for k in first.values() if problem.kinds[k].energy.value != "bicycle"]

    def merged(counts: Sequence[int]) -> dict[int, int]:
        return {k: sum(counts[j] for j, _ in kinds if stands_for[j] == k) for k in first.values()}

    def lacking(fleet: dict[int, int], away: int | None) -> int:
        left = {k: n - (k == away and n > 0) for k, n in fleet.items()}
        return without_vehicle(problem, pool, left)

    now = merged([kind.count_now for kind in problem.kinds])
    owned = [k for k in motor if now[k]]
    today = {k: lacking(now, k) for k in owned}
    worst = max(today.values(), default=lacking(now, None))

    def more(counts: Sequence[int]) -> int:
        fleet = merged(counts)
        asked: list[int | None] = [k for k in motor if fleet[k] or k in today]
        allowed = {None: worst} | today
        return max(0, *(lacking(fleet, k) - allowed.get(k, worst) for k in asked or [None]))

    return more


def _service(kind: Kind) -> Hashable:
    """What a vehicle does, and what a km of it costs."""
    does = (kind.pool, kind.offers, kind.range_km, kind.charge_km_h, kind.limits)
    return does, kind.energy, kind.kr_km, kind.co2_g_km


def without_vehicle(problem: Problem, pool: str, counts: dict[int, int]) -> int:
    """The trips of a pool that get no vehicle if each gets one as it begins: the one that offers
    least, then the one that is cheapest to drive."""
    rules, kinds = problem.rules, problem.kinds
    order = sorted(
        counts,
        key=lambda k: (
            len(kinds[k].offers),
            kinds[k].kr_km + rules.co2_kr_t * kinds[k].co2_g_km / 1e6,
            k,
        ),
    )
    pause = timedelta(minutes=rules.turnaround_min)
    duties = [(k, list[RoundTrip]()) for k in order for _ in range(counts[k])]
    without = 0
    trips = [trip for trip in problem.trips if trip.pool == pool]
    for trip in sorted(trips, key=lambda one: (one.start, one.end, one.trip_id)):
        for k, duty in duties:
            if _can_do(kinds[k], [*duty, trip], pause):
                duty.append(trip)
                break
        else:
            without += 1
    return without


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
