"""Removes vehicles where a trip costs the same with every vehicle that can serve it.

The search removes a vehicle and gives its trips to others. These eject the trips that overlap,
which go to others in turn, and so on (ejection chains). A trip that was ejected often gets heavier,
so that it is ejected less.
"""

import random
from collections.abc import Callable

import numpy as np

from fleet.arrays import Bools, Ints
from optimiser.duties.limits import only_overlaps_bind
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import Roster, can_insert

#: The search gives up after so many moves that leave no fewer trips without a vehicle: the number
#: per trip, and the maximum. It soon tries a few trips in every way, and an exact solver follows.
_PATIENCE_PER_TRIP, _PATIENCE_MAX = 50, 20_000

#: The number of moves between two looks at the clock.
_LOOK_EVERY = 100

_NOBODY = -1


def only_vehicles_cost(arrays: PoolArrays) -> bool:
    """Whether every vehicle is a kind of its own, and each trip costs the same with all of them."""
    if max(arrays.high, default=0) > 1:
        return False
    most = np.where(arrays.can_serve, arrays.kr, -np.inf).max(axis=0, initial=-np.inf)
    least = np.where(arrays.can_serve, arrays.kr, np.inf).min(axis=0, initial=np.inf)
    return bool(np.all(most <= least))


def thin_out(
    arrays: PoolArrays, roster: Roster, rng: random.Random, enough: Callable[[Roster], bool]
) -> Roster:
    """A roster that serves as many trips as the search can, with as few vehicles.

    First all allowed vehicles take the trips of the fallback. Then the search removes vehicles one
    by one, without losing a trip, until it can remove no more. It ends early when `enough` is true
    of the best roster so far; the search asks that before every vehicle and between moves.
    """
    holders = _TripHolders(arrays, roster, rng, enough)
    left = [t for t in roster.unserved(arrays) if arrays.useful[:, t].any()]
    if left:
        holders.in_use |= np.array(arrays.high) > 0
        holders.place(left)
        holders.best = holders.roster()
    while _one_less(arrays, holders):
        holders.best = holders.roster()
    return holders.best


def _one_less(arrays: PoolArrays, holders: "_TripHolders") -> bool:
    """Whether one vehicle of `holders` could be removed; false also if the best is good enough."""
    spare = np.flatnonzero(holders.in_use & (np.array(arrays.low) == 0))
    for k in spare[np.argsort(holders.loads[spare], kind="stable")].tolist():
        if holders.is_enough:
            return False
        before = holders.holder.copy()
        if holders.place(holders.dismiss(k)):
            return True
        # The vehicle comes back, but the moves of the search stay: the next attempt goes on there.
        holders.in_use[k] = True
        if not holders.place(
            np.flatnonzero((holders.holder == _NOBODY) & (before != _NOBODY)).tolist()
        ):
            holders.holder = before
    return False


class _TripHolders:
    """The holder of each trip: `holder` (T) is a kind or `_NOBODY`, `in_use` (K) the vehicles."""

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
        self._weight = np.ones(len(arrays.start))
        self._able: list[Ints] = [np.flatnonzero(kinds) for kinds in arrays.useful.T]
        self._free = [only_overlaps_bind(kind) for kind in arrays.kinds]
        self._clashes = _clashes(arrays)
        self._patience = min(_PATIENCE_PER_TRIP * len(arrays.start), _PATIENCE_MAX)
        self.in_use: Bools = np.array(roster.counts) > 0
        self.holder: Ints = np.full(len(arrays.start), _NOBODY)
        for k in range(len(arrays.kinds)):
            self.holder[roster.served(k)] = k

    @property
    def is_enough(self) -> bool:
        """Whether the search may end with the best roster so far."""
        return self._enough(self.best)

    @property
    def loads(self) -> Ints:
        """The number of trips of each kind."""
        return np.bincount(self.holder[self.holder != _NOBODY], minlength=len(self.in_use))

    def dismiss(self, k: int) -> list[int]:
        """Removes the vehicle of kind `k`; returns its trips."""
        self.in_use[k] = False
        waiting = np.flatnonzero(self.holder == k)
        self.holder[waiting] = _NOBODY
        return waiting.tolist()

    def roster(self) -> Roster:
        return Roster(
            [
                [np.flatnonzero(self.holder == k).tolist()] if self.in_use[k] else []
                for k in range(len(self._arrays.kinds))
            ]
        )

    def place(self, waiting: list[int]) -> bool:
        """Places the trips `waiting`; returns whether all of them got a vehicle.

        If not, the holders with the fewest waiting trips during the search are kept.
        """
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
        """The vehicle for `t` whose overlapping trips weigh least; None if none can serve `t`."""
        able = self._able[t][self.in_use[self._able[t]]]
        if not len(able):
            return None
        held = np.bincount(
            self.holder[clashes] + 1, weights=self._weight[clashes], minlength=len(self.in_use) + 1
        )
        # Weights are integers, so that a random number below 1 only breaks ties.
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
    """For each trip the trips that overlap it, turnaround included: no vehicle serves both."""
    longest = np.maximum.accumulate(arrays.busy_until)
    first = np.searchsorted(longest, arrays.start, side="right")
    last = np.searchsorted(arrays.start, arrays.busy_until, side="left")
    clashes: list[Ints] = []
    for t, (low, high) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        before: Ints = low + np.flatnonzero(arrays.busy_until[low:t] > arrays.start[t])
        after: Ints = np.arange(t + 1, max(high, t + 1), dtype=np.int64)
        clashes.append(np.concatenate((before, after)))
    return clashes
