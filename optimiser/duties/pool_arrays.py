"""One independent part of a problem as arrays: who may serve what, and what it costs a year.

Pools share no vehicles, so each is a part by itself; only a cap on CO2e ties them together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from optimiser.model.problem import Kind, RoundTrip

#: Microseconds in an hour: times are whole microseconds, ranges are regained per hour.
HOUR = 3_600_000_000

#: The most by which a sum of km may pass a limit: the noise of adding floats, in km.
KM_NOISE = 1e-9

#: Ways for a kind to serve a trip that make a part long.
_LONG = 8_000


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
