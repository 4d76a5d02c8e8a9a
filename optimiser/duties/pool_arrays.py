"""One component of a problem as arrays: the kinds that may serve each trip, and their yearly cost.

Pools share no vehicles, so each pool is a component; only a cap on CO2e, vehicles that may move and
the number of green ones tie them together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from optimiser.duties.fleet_rules import FleetRules
from optimiser.model.problem import Kind, RoundTrip

#: Times are whole microseconds, and vehicles regain range per hour.
MICROSECONDS_PER_HOUR = 3_600_000_000

#: The km by which a sum may exceed a limit: the noise of adding floats.
KM_NOISE = 1e-9

#: The number of useful pairs of kind and trip from which on a component is large.
LARGE = 8_000


class PlainTrip(NamedTuple):
    """The times and the km of one trip as plain numbers; units as in `PoolArrays`."""

    start: int
    end: int
    busy_until: int
    day: int
    km: float


def plain_trips(
    start: Ints, end: Ints, busy_until: Ints, day: Ints, km: Floats
) -> tuple[PlainTrip, ...]:
    """The trips of columns one by one."""
    columns = (start.tolist(), end.tolist(), busy_until.tolist(), day.tolist(), km.tolist())
    return tuple(map(PlainTrip._make, zip(*columns, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolArrays:
    """T trips in order of (start, end, trip_id) and K kinds of vehicle, with bounds on counts.

    `start`, `end` (T) are microseconds since 1970, and `busy_until` (T) is `end` and the
    turnaround. `day` (T) is the local day of the start as an ordinal. `can_serve` (K, T) tells
    whether a full vehicle of a kind may serve a trip. `kr` (K, T), `fallback_kr` (T) are kr a year
    and include the price of CO2e, and `fallback_kr` also the penalty of `rules`; `co2_t`,
    `fallback_co2_t` are tonnes a year. `low`, `high` bound the counts. `plain_trips` (T) has the
    trips one by one, because access to single elements of arrays is slow.
    """

    trips: tuple[RoundTrip, ...]
    kinds: tuple[Kind, ...]
    start: Ints
    end: Ints
    busy_until: Ints
    day: Ints
    km: Floats
    can_serve: Bools
    kr: Floats
    fallback_kr: Floats
    co2_t: Floats
    fallback_co2_t: Floats
    low: tuple[int, ...]
    high: tuple[int, ...]
    co2_max_t: float | None
    rules: FleetRules
    plain_trips: tuple[PlainTrip, ...]

    @property
    def useful(self) -> Bools:
        """(K, T): the kind is allowed, may serve the trip, and is cheaper than the fallback.

        Under a cap on CO2e, less CO2e than the fallback is enough.
        """
        better = self.kr < self.fallback_kr
        if self.co2_max_t is not None:
            better |= self.co2_t < self.fallback_co2_t
        allowed = np.array(self.high, dtype=np.int64).reshape(-1, 1) > 0
        return self.can_serve & allowed & better

    @property
    def is_large(self) -> bool:
        """Whether to decompose the component by time; a cap on CO2e does not allow that."""
        return self.co2_max_t is None and int(np.count_nonzero(self.useful)) >= LARGE

    @property
    def as_numbers(self) -> "PoolArrays":
        """The component without `trips` and `plain_trips`, which is quick to send to a process."""
        return replace(self, trips=(), plain_trips=())

    @property
    def with_plain_trips(self) -> "PoolArrays":
        """The component of `as_numbers` as a search needs it, with `plain_trips` made anew."""
        columns = (self.start, self.end, self.busy_until, self.day, self.km)
        return replace(self, plain_trips=plain_trips(*columns))

    def fixed_kr(self, counts: Sequence[int]) -> float:
        """The fixed cost of `counts` vehicles of each kind, in kr a year."""
        return sum(n * kind.fixed_kr_year for n, kind in zip(counts, self.kinds, strict=True))
