"""The greedy assignment of the peers: first-fit in order of cost, for given counts of vehicles.

The assignment takes trips in the order of their start. It tries the kinds in the order of the
trip's cost with them, priced CO2e included, and gives the trip to the first free vehicle that may
serve it. If no kind cheaper than the fallback has such a vehicle, the trip falls back. Ranges,
charging, daily limits, windows and needs are kept. Numba compiles the assignment, so that a peer
spends its time in its search and not in Python.
"""

from dataclasses import dataclass

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from optimiser.duties.conflicts import largest_clique
from optimiser.duties.pool_arrays import KM_NOISE, MICROSECONDS_PER_HOUR, PoolArrays

try:
    from numba import njit  # pyright: ignore[reportMissingImports]
except ImportError as missing:
    raise SystemExit("the peers need more packages: pip install -e '.[bench]'") from missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Greedy:
    """A component as the greedy assignment sees it: trips in order of start, kinds by cost.

    `options` (T, K) are the kinds that may serve a trip and cost less than the fallback, cheapest
    first, then -1. `low` and `high` (K) bound the counts; `high` is never above the number of trips
    that a kind may have under way at once.
    """

    arrays: PoolArrays
    options: Ints
    low: Ints
    high: Ints
    fixed_kr: Floats
    range_km: Floats
    charge_km: Floats
    day_max_km: Floats

    def year_kr(self, counts: Ints) -> float:
        """The cost of a year with `counts` vehicles of each kind."""
        return self.assign(counts)[0]

    def assign(self, counts: Ints) -> tuple[float, Ints]:
        """Assigns all trips to `counts` vehicles of each kind.

        Returns:
            The cost of a year, and the number of the vehicle of each trip, counted on from kind to
            kind; -1 is the fallback.
        """
        arrays = self.arrays
        driving_kr, vehicle = _first_fit(
            counts,
            self.options,
            (arrays.start, arrays.end, arrays.busy_until, arrays.day),
            arrays.km,
            arrays.kr,
            arrays.fallback_kr,
            (self.range_km, self.charge_km, self.day_max_km),
        )
        return driving_kr + float(counts @ self.fixed_kr), vehicle


def greedy(arrays: PoolArrays) -> Greedy:
    """The component `arrays`, which has no cap on CO2e, for the peers."""
    assert arrays.co2_max_t is None, "the peers know no cap"
    useful: Bools = arrays.can_serve & (arrays.kr < arrays.fallback_kr)
    order = np.argsort(np.where(useful, arrays.kr, np.inf), axis=0, kind="stable")
    options = np.where(np.take_along_axis(useful, order, axis=0), order, -1)
    low = np.array(arrays.low, dtype=np.int64)
    at_once = [len(largest_clique(arrays, np.flatnonzero(row))) for row in useful]
    kinds = arrays.kinds
    return Greedy(
        arrays=arrays,
        options=np.ascontiguousarray(options.T),
        low=low,
        high=np.maximum(low, np.minimum(arrays.high, at_once)).astype(np.int64),
        fixed_kr=np.array([kind.fixed_kr_year for kind in kinds], dtype=np.float64),
        range_km=_limits([kind.range_km for kind in kinds]),
        charge_km=np.array([(kind.charge_km_h or 0.0) / MICROSECONDS_PER_HOUR for kind in kinds]),
        day_max_km=_limits([kind.limits.max_day_km for kind in kinds]),
    )


def _limits(values: list[float | None]) -> Floats:
    return np.array([np.inf if value is None else value for value in values], dtype=np.float64)


@njit(cache=True)
def _first_fit(counts, options, times, km, kr, fallback_kr, limits):
    start, end, busy_until, day = times
    range_km, charge_km, day_max_km = limits
    first = np.zeros(len(counts) + 1, dtype=np.int64)
    first[1:] = np.cumsum(counts)
    free_at = np.full(first[-1], -(2**62), dtype=np.int64)
    home_at = np.full(first[-1], -(2**62), dtype=np.int64)
    lack_km = np.zeros(first[-1])
    its_day = np.zeros(first[-1], dtype=np.int64)
    day_km = np.zeros(first[-1])
    vehicle = np.full(len(km), -1, dtype=np.int64)
    cost = 0.0
    for t in range(len(km)):
        for k in options[t]:
            if k < 0:
                break
            for v in range(first[k], first[k + 1]):
                if free_at[v] > start[t]:
                    continue
                lack = max(0.0, lack_km[v] - charge_km[k] * (start[t] - home_at[v])) + km[t]
                if lack > range_km[k] + KM_NOISE:
                    continue
                today_km = km[t] + (day_km[v] if its_day[v] == day[t] else 0.0)
                if today_km > day_max_km[k] + KM_NOISE:
                    continue
                free_at[v], home_at[v], lack_km[v] = busy_until[t], end[t], lack
                its_day[v], day_km[v] = day[t], today_km
                vehicle[t] = v
                cost += kr[k, t]
                break
            if vehicle[t] >= 0:
                break
        if vehicle[t] < 0:
            cost += fallback_kr[t]
    return cost, vehicle
