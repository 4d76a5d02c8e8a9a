"""Fewer vehicles serve the same trips, where it costs the same whichever vehicle serves a trip.

The search takes a vehicle out and gives its trips to others. These hand on the trips that are then
in the way, and so on (ejection chains). Trips that are hard to place get heavier, so that they
stay.
"""

import random
from collections.abc import Callable

import numpy as np

from fleet.arrays import Bools, Ints
from optimiser.duties.limits import is_free
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import Roster, can_insert

#: Moves for which a search goes on that does not come to fewer trips without a vehicle: for each
#: trip there is, and at most. Few trips are soon tried every way, and are solved exactly after
#: that.
_PATIENCE_A_TRIP, _PATIENCE_MAX = 50, 20_000

#: Moves between two looks at the clock.
_LOOK_EVERY = 100

_NOBODY = -1


def only_vehicles_cost(arrays: PoolArrays) -> bool:
    """Whether every vehicle is a kind of its own, and serves a trip at the same cost as others."""
    if max(arrays.high, default=0) > 1:
        return False
    most = np.where(arrays.can, arrays.kr, -np.inf).max(axis=0, initial=-np.inf)
    least = np.where(arrays.can, arrays.kr, np.inf).min(axis=0, initial=np.inf)
    return bool(np.all(most <= least))


def thin_out(
    arrays: PoolArrays, roster: Roster, rng: random.Random, enough: Callable[[Roster], bool]
) -> Roster:
    """`roster` with vehicles for as many trips as can be, less those that can go all the same.

    First all vehicles that may be had take what the fallback has; then they are taken out one by
    one, all trips kept, until none can go. `enough` is asked of the best so far, before every
    vehicle and every so many moves.
    """
    crew = _Crew(arrays, roster, rng, enough)
    left = [t for t in roster.unserved(arrays) if arrays.useful[:, t].any()]
    if left:
        crew.have |= np.array(arrays.high) > 0
        crew.place(left)
        crew.best = crew.roster()
    while _one_less(arrays, crew):
        crew.best = crew.roster()
    return crew.best


def _one_less(arrays: PoolArrays, crew: "_Crew") -> bool:
    """Whether `crew` could do with one vehicle less; false too when it is enough."""
    spare = np.flatnonzero(crew.have & (np.array(arrays.low) == 0))
    for k in spare[np.argsort(crew.loads[spare], kind="stable")].tolist():
        if crew.is_enough:
            return False
        before = crew.holder.copy()
        if crew.place(crew.dismiss(k)):
            return True
        # Back again, but with what the search has moved: the next one goes on from there.
        crew.have[k] = True
        if not crew.place(np.flatnonzero((crew.holder == _NOBODY) & (before != _NOBODY)).tolist()):
            crew.holder = before
    return False


class _Crew:
    """Who holds each trip, as arrays: `holder` (T) is a kind or nobody; `have` (K) who is there."""

    def __init__(
        self,
        arrays: PoolArrays,
        roster: Roster,
        rng: random.Random,
        enough: Callable[[Roster], bool],
    ) -> None:
        self.best = roster
        self._arrays = arrays
        self._rng = rng
        self._enough = enough
        self._ties = np.random.default_rng(rng.randrange(2**32))
        self._weight = np.ones(len(arrays.trips))
        self._able: list[Ints] = [np.flatnonzero(kinds) for kinds in arrays.useful.T]
        self._free = [is_free(kind) for kind in arrays.kinds]
        self._clashes = _clashes(arrays)
        self._patience = min(_PATIENCE_A_TRIP * len(arrays.trips), _PATIENCE_MAX)
        self.have: Bools = np.array(roster.counts) > 0
        self.holder: Ints = np.full(len(arrays.trips), _NOBODY)
        for k in range(len(arrays.kinds)):
            self.holder[roster.served(k)] = k

    @property
    def is_enough(self) -> bool:
        """Whether the search may end with the best roster so far."""
        return self._enough(self.best)

    @property
    def loads(self) -> Ints:
        """The number of trips of each kind."""
        return np.bincount(self.holder[self.holder != _NOBODY], minlength=len(self.have))

    def dismiss(self, k: int) -> list[int]:
        """Takes the vehicle of kind `k` out; the trips that it had."""
        self.have[k] = False
        waiting = np.flatnonzero(self.holder == k)
        self.holder[waiting] = _NOBODY
        return waiting.tolist()

    def roster(self) -> Roster:
        return Roster(
            [
                [np.flatnonzero(self.holder == k).tolist()] if self.have[k] else []
                for k in range(len(self._arrays.kinds))
            ]
        )

    def place(self, waiting: list[int]) -> bool:
        """Whether all of `waiting` found a vehicle; if not, as many as at any time have one."""
        least, kept, patience = len(waiting), self.holder.copy(), self._patience
        while waiting and patience:
            patience -= 1
            if patience % _LOOK_EVERY == 0 and self.is_enough:
                break
            t = waiting.pop(self._rng.randrange(len(waiting)))
            clashes = self._clashes[t]
            k = self._lightest(t, clashes)
            if k is None:
                waiting.append(t)
                break
            gone = clashes[self.holder[clashes] == k]
            self.holder[gone] = _NOBODY
            self.holder[t] = k
            self._weight[t] += 1
            waiting += gone.tolist()
            if len(waiting) < least:
                least, kept, patience = len(waiting), self.holder.copy(), self._patience
        self.holder = kept
        return least == 0

    def _lightest(self, t: int, clashes: Ints) -> int | None:
        """The vehicle for `t` that has least in the way; None if no vehicle can serve it."""
        able = self._able[t][self.have[self._able[t]]]
        if not len(able):
            return None
        held = np.bincount(
            self.holder[clashes] + 1, weights=self._weight[clashes], minlength=len(self.have) + 1
        )
        # Weights are whole numbers: less than one of chance breaks ties only.
        heavy = held[able + 1] + self._ties.random(len(able)) / 2
        for _ in able:
            at = int(heavy.argmin())
            k = int(able[at])
            if self._free[k] or self._within_limits(k, t, clashes):
                return k
            heavy[at] = np.inf
        return None

    def _within_limits(self, k: int, t: int, clashes: Ints) -> bool:
        held = self.holder == k
        held[clashes] = False
        return can_insert(self._arrays, k, np.flatnonzero(held).tolist(), t)


def _clashes(arrays: PoolArrays) -> list[Ints]:
    """For each trip those that no vehicle can serve beside it: under way or turning around."""
    longest = np.maximum.accumulate(arrays.busy_until)
    first = np.searchsorted(longest, arrays.start, side="right")
    last = np.searchsorted(arrays.start, arrays.busy_until, side="left")
    clashes: list[Ints] = []
    for t, (low, high) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        before: Ints = low + np.flatnonzero(arrays.busy_until[low:t] > arrays.start[t])
        after: Ints = np.arange(t + 1, max(high, t + 1), dtype=np.int64)
        clashes.append(np.concatenate((before, after)))
    return clashes
