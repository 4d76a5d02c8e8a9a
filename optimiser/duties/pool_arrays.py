"""One independent part of a problem as arrays: who may serve what, and what it costs a year.

Pools share no vehicles, so each is a part by itself; only a cap on CO2e ties them together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fleet.localtime import LOCAL
from optimiser.model.problem import Kind, Problem, RoundTrip

#: Microseconds in an hour: times are whole microseconds, ranges are regained per hour.
HOUR = 3_600_000_000

#: The most by which a sum of km may pass a limit: the noise of adding floats, in km.
KM_NOISE = 1e-9

#: Ways for a kind to serve a trip that make a part long.
_LONG = 8_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Leg(NamedTuple):
    """What the clock and the battery see of one trip; as in `PoolArrays`, but plain numbers."""

    start: int
    end: int
    busy_until: int
    day: int
    km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolArrays:
    """T trips in order of (start, end, trip_id) and K kinds of vehicle, with bounds on counts.

    `start`, `end` (T) are microseconds since 1970, `busy_until` (T) is `end` and the turnaround;
    `day` (T) is the local day of the start as an ordinal; `can` (K, T) whether a kind may serve
    a trip when it stands by full; `kr` (K, T), `fallback_kr` (T) are kr a year and include the
    price of CO2e; `co2_t`, `fallback_co2_t` are tonnes a year. `low`, `high` bound the counts.
    `legs` (T) repeats the trips one by one, because single elements of arrays are slow.
    """

    trips: tuple[RoundTrip, ...]
    kinds: tuple[Kind, ...]
    start: Ints
    end: Ints
    busy_until: Ints
    day: Ints
    km: Floats
    can: Bools
    kr: Floats
    fallback_kr: Floats
    co2_t: Floats
    fallback_co2_t: Floats
    low: tuple[int, ...]
    high: tuple[int, ...]
    co2_max_t: float | None
    legs: tuple[Leg, ...]

    @property
    def useful(self) -> Bools:
        """(K, T): the kind may be had and serve the trip, better than the fallback in some way."""
        better = self.kr < self.fallback_kr
        if self.co2_max_t is not None:
            better |= self.co2_t < self.fallback_co2_t
        allowed = np.array(self.high, dtype=np.int64).reshape(-1, 1) > 0
        return self.can & allowed & better

    @property
    def is_long(self) -> bool:
        """Whether it is better decomposed by time than solved as a whole; a cap needs the whole."""
        return self.co2_max_t is None and int(np.count_nonzero(self.useful)) >= _LONG

    def fixed_kr(self, counts: Sequence[int]) -> float:
        """Yearly kr of having `counts` vehicles of each kind."""
        return sum(n * kind.fixed_kr_year for n, kind in zip(counts, self.kinds, strict=True))


def make_arrays(
    problem: Problem,
    trips: Sequence[RoundTrip],
    kinds: Sequence[Kind],
    bounds: Sequence[tuple[int, int | None]],
    co2_max_t: float | None,
) -> PoolArrays:
    """The part of `problem` that holds `trips` and `kinds`, with bounds on each kind's count."""
    rules = problem.rules
    ordered = tuple(sorted(trips, key=lambda trip: (trip.start, trip.end, trip.trip_id)))
    start = _microseconds([trip.start for trip in ordered])
    end = _microseconds([trip.end for trip in ordered])
    km = np.array([trip.km for trip in ordered], dtype=np.float64)
    local = [(trip.start.astimezone(LOCAL), trip.end.astimezone(LOCAL)) for trip in ordered]
    can = np.array([_may_serve(kind, ordered, local) for kind in kinds], dtype=np.bool_)
    busy_until = end + round(rules.turnaround_min * HOUR / 60)
    day = np.array([moment.toordinal() for moment, _ in local], dtype=np.int64)
    columns = (start.tolist(), end.tolist(), busy_until.tolist(), day.tolist(), km.tolist())
    year_km = problem.year_factor * km
    kr_co2_g = rules.co2_kr_t / 1e6
    kr_km = np.array([kind.kr_km + kr_co2_g * kind.co2_g_km for kind in kinds])
    g_km = np.array([kind.co2_g_km for kind in kinds])
    fallback_kr_km = rules.fallback_kr_km + kr_co2_g * rules.fallback_co2_g_km
    part = PoolArrays(
        trips=ordered,
        kinds=tuple(kinds),
        start=start,
        end=end,
        busy_until=busy_until,
        day=day,
        km=km,
        can=can.reshape(len(kinds), len(ordered)),
        kr=kr_km.reshape(-1, 1) * year_km,
        fallback_kr=problem.year_factor * rules.fallback_kr_trip + fallback_kr_km * year_km,
        co2_t=g_km.reshape(-1, 1) / 1e6 * year_km,
        fallback_co2_t=rules.fallback_co2_g_km / 1e6 * year_km,
        low=(),
        high=(),
        co2_max_t=co2_max_t,
        legs=tuple(Leg(*row) for row in zip(*columns, strict=True)),
    )
    return with_bounds(part, bounds)


def with_bounds(part: PoolArrays, bounds: Sequence[tuple[int, int | None]]) -> PoolArrays:
    """`part` with other bounds on each kind's count.

    An open upper bound is closed at the number of trips that the kind may serve, because a
    vehicle without a trip is never needed.
    """
    return replace(
        part,
        low=tuple(low for low, _ in bounds),
        high=tuple(
            max(low, int(part.can[k].sum())) if high is None else high
            for k, (low, high) in enumerate(bounds)
        ),
    )


def _may_serve(
    kind: Kind, trips: Sequence[RoundTrip], local: Sequence[tuple[datetime, datetime]]
) -> list[bool]:
    """Rule 1 for every trip by itself, and that its km are within the range; local start, end."""
    most_km = kind.most_km
    fits = [
        trip.km <= most_km and trip.pool == kind.pool and trip.needs <= kind.offers
        for trip in trips
    ]
    if kind.window is None:
        return fits
    first, last = kind.window
    return [
        fit and start.date() == end.date() and first <= start.time() and end.time() <= last
        for fit, (start, end) in zip(fits, local, strict=True)
    ]


def _microseconds(moments: Sequence[datetime]) -> Ints:
    step = timedelta(microseconds=1)
    return np.array([(moment - _EPOCH) // step for moment in moments], dtype=np.int64)
