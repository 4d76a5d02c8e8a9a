"""Which round trips may not go by taxi, and which of them no fleet that may be had can do.

The rules of a round name capabilities, pools and departments. Each trip that they mean gets one
need more, which every vehicle of its pool offers: so the solver must give it a vehicle. A trip that
cannot have one, whatever is kept and bought, does not get that need and uses the fallback; the plan
then says that it breaks the rule. Real data have a trip beyond every range, or two at once for the
only crane, and a round must not fail for them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fleet.localtime import LOCAL_ZONE
from optimiser.depot.vehicle_pool import VehiclePool, is_pool_of
from optimiser.duties.limits import may_serve
from optimiser.model.problem import Kind, Problem, RoundTrip, Rules
from optimiser.solve import solve_today

#: What a trip needs that may not use the fallback. No capability of the register has this name.
OWN_VEHICLE = "own-vehicle"

#: The beginning of an entry of `no_fallback_needs` that means the trips of a department.
OF_DEPARTMENT = "department:"

#: The time limit of looking for trips that no fleet can do; few trips are in question.
_SECONDS_MAX = 10.0


def with_own_vehicles(
    pools: Sequence[VehiclePool], problem: Problem
) -> tuple[Problem, frozenset[str]]:
    """`problem` where a trip must be served if a rule says so and some fleet can.

    A reserve that no fleet can hold beside these trips is dropped.

    Returns:
        The problem, and the ids of all trips that the rules mean.
    """
    rules = problem.rules
    departments = {c.vehicle_id: c.department for pool in pools for c in pool.vehicles}
    bound = [trip for trip in problem.trips if is_bound(trip, rules, departments)]
    plain = replace(rules, no_fallback_needs=(), no_fallback_pools=())
    if not bound:
        return replace(problem, rules=plain), frozenset()
    kinds = tuple(replace(kind, offers=kind.offers | {OWN_VEHICLE}) for kind in problem.kinds)
    marked = [replace(trip, needs=trip.needs | {OWN_VEHICLE}) for trip in bound]
    goal = replace(plain, no_fallback_needs=(OWN_VEHICLE,))
    impossible, reserves = _impossible(replace(problem, kinds=kinds, rules=goal), marked)
    must = {trip.trip_id: trip for trip in marked if trip.trip_id not in impossible}
    trips = tuple(must.get(trip.trip_id, trip) for trip in problem.trips)
    whole = replace(problem, trips=trips, kinds=kinds, rules=replace(goal, reserve=reserves))
    return whole, frozenset(trip.trip_id for trip in bound)


def is_bound(trip: RoundTrip, rules: Rules, departments: Mapping[str, str]) -> bool:
    """Whether a rule means `trip`; `departments` are those of the vehicles, by id."""
    named = frozenset(rules.no_fallback_needs)
    own = OF_DEPARTMENT + departments.get(trip.vehicle or "", "")
    return (
        not trip.needs.isdisjoint(named)
        or own in named
        or any(is_pool_of(trip.pool, pool) for pool in rules.no_fallback_pools)
    )


def _impossible(
    problem: Problem, trips: Sequence[RoundTrip]
) -> tuple[frozenset[str], Mapping[str, int]]:
    """The trips that no fleet within the bounds on counts can do, of `trips`, which must be served.

    A kind without a bound serves each trip that one of its vehicles can do by itself. The others
    have the bounded kinds in their greatest number.

    Returns:
        The ids of the trips, and the reserve of each pool that some fleet can hold beside the rest.
    """
    kinds: defaultdict[str, list[Kind]] = defaultdict(list)
    for kind in problem.kinds:
        kinds[kind.pool].append(kind)
    reserves = {pool: count for pool in kinds if (count := problem.rules.reserve_of(pool))}
    unbounded = {
        pool: [kind for kind in own if problem.count_max(kind) is None]
        for pool, own in kinds.items()
    }
    scarce = [trip for trip in trips if not _can_serve(unbounded.get(trip.pool, ()), trip)]
    if not scarce:
        return frozenset(), reserves
    largest = tuple(
        replace(kind, count_now=most, min_count=0, max_count=None)
        for kind in problem.kinds
        if (most := problem.count_max(kind))
    )
    held = {
        pool: count
        for pool, count in reserves.items()
        if not any(kind.is_motor for kind in unbounded[pool])
    }
    rules = replace(
        problem.rules,
        period_days=problem.period_days,
        reserve=held,
        co2_max_t_year=None,
        green_keep=False,
        moves=False,
    )
    found = solve_today(
        Problem(trips=tuple(scarce), kinds=largest, rules=rules), seconds_max=_SECONDS_MAX, gap=0.0
    )
    dropped = {broken.pool for broken in found.broken if broken.rule == "reserve"}
    return (
        frozenset(trip_id for trip_id, slot in found.assignments.items() if slot is None),
        {pool: count for pool, count in reserves.items() if pool not in dropped},
    )


def _can_serve(kinds: Sequence[Kind], trip: RoundTrip) -> bool:
    local = [(trip.start.astimezone(LOCAL_ZONE), trip.end.astimezone(LOCAL_ZONE))]
    return any(may_serve(kind, [trip], local)[0] for kind in kinds)
