"""Makes the arrays of a component of a problem from its trips and kinds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from fleet.arrays import Ints
from fleet.localtime import LOCAL_ZONE
from optimiser.duties.fleet_rules import fleet_rules
from optimiser.duties.limits import may_serve
from optimiser.duties.pool_arrays import MICROSECONDS_PER_HOUR, PoolArrays, plain_trips
from optimiser.model.problem import Kind, Problem, RoundTrip

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def make_arrays(
    problem: Problem,
    trips: Sequence[RoundTrip],
    kinds: Sequence[Kind],
    bounds: Sequence[tuple[int, int | None]],
    co2_max_t: float | None,
    *,
    today: bool = False,
) -> PoolArrays:
    """The component of `problem` with `trips` and `kinds`, and `bounds` on each kind's count.

    Those of `today` are the counts of the baseline, and the rules are then goals.
    """
    rules = problem.rules
    ordered = tuple(sorted(trips, key=lambda trip: (trip.start, trip.end, trip.trip_id)))
    start = _microseconds([trip.start for trip in ordered])
    end = _microseconds([trip.end for trip in ordered])
    km = np.array([trip.km for trip in ordered], dtype=np.float64)
    local = [
        (trip.start.astimezone(LOCAL_ZONE), trip.end.astimezone(LOCAL_ZONE)) for trip in ordered
    ]
    can_serve = np.array([may_serve(kind, ordered, local) for kind in kinds], dtype=np.bool_)
    busy_until = end + round(rules.turnaround_min * MICROSECONDS_PER_HOUR / 60)
    day = np.array([moment.toordinal() for moment, _ in local], dtype=np.int64)
    year_km = problem.year_factor * km
    kr_co2_g = rules.co2_kr_t / 1e6
    kr_km = np.array([kind.kr_km + kr_co2_g * kind.co2_g_km for kind in kinds])
    g_km = np.array([kind.co2_g_km for kind in kinds])
    fallback_kr_km = rules.fallback_kr_km + kr_co2_g * rules.fallback_co2_g_km
    of_fleet = fleet_rules(problem, ordered, kinds, today=today)
    arrays = PoolArrays(
        trips=ordered,
        kinds=tuple(kinds),
        start=start,
        end=end,
        busy_until=busy_until,
        day=day,
        km=km,
        can_serve=can_serve.reshape(len(kinds), len(ordered)),
        kr=kr_km.reshape(-1, 1) * year_km,
        fallback_kr=problem.year_factor * rules.fallback_kr_trip + fallback_kr_km * year_km,
        co2_t=g_km.reshape(-1, 1) / 1e6 * year_km,
        fallback_co2_t=rules.fallback_co2_g_km / 1e6 * year_km,
        low=(),
        high=(),
        co2_max_t=co2_max_t,
        rules=of_fleet,
        plain_trips=plain_trips(start, end, busy_until, day, km),
    )
    return with_bounds(with_penalty(arrays), bounds)


def with_penalty(arrays: PoolArrays) -> PoolArrays:
    """`arrays` where the fallback of a trip that must be served costs more than all else."""
    must_serve = arrays.rules.must_serve
    if not must_serve.any():
        return arrays
    dearest = np.maximum(arrays.kr.max(axis=0, initial=0.0), arrays.fallback_kr)
    vehicles_kr = sum(kind.fixed_kr_year for kind in arrays.kinds)
    penalty = 1.0 + 2 * vehicles_kr + float(dearest.sum())
    return replace(
        arrays,
        fallback_kr=np.where(must_serve, arrays.fallback_kr + penalty, arrays.fallback_kr),
        rules=replace(arrays.rules, penalty_kr=penalty),
    )


def with_bounds(arrays: PoolArrays, bounds: Sequence[tuple[int, int | None]]) -> PoolArrays:
    """`arrays` with other `bounds` on each kind's count.

    The number of trips that a kind may serve, with the vehicles that a rule may keep idle, replaces
    an upper bound of None.
    """
    return replace(
        arrays,
        low=tuple(low for low, _ in bounds),
        high=tuple(
            max(low, arrays.rules.count_useful(k, int(arrays.can_serve[k].sum())))
            if high is None
            else high
            for k, (low, high) in enumerate(bounds)
        ),
    )


def _microseconds(moments: Sequence[datetime]) -> Ints:
    step = timedelta(microseconds=1)
    return np.array([(moment - _EPOCH) // step for moment in moments], dtype=np.int64)
