"""Lower bound and counts for a long part: a master chooses counts, slices of time price them.

Benders' decomposition: days interact only through the counts. The master holds, for each slice,
cuts from below on what its trips cost as a function of the counts; its optimum is a lower bound.
Slices are asked half way from the best counts so far to the master's, which calms the master down
(in-out separation, Ben-Ameur and Neto, Networks 49(1), 2007). It begins with a sample of the slices
that stands for all, which finds nearly the best counts in little time. When real counts are known
well enough, the master's become whole.
"""

import time
from collections.abc import Callable, Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from fleet.arrays import Floats, Ints
from optimiser.bounds.highs import Master
from optimiser.bounds.relaxation import Candidate
from optimiser.bounds.time_slices import Cut, Slices
from optimiser.duties.conflicts import (
    Block,
    all_blocks,
    broken_knapsacks,
    day_knapsacks,
    most_at_once,
)
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.clock import Clock

#: A sample is every so many slices, not a multiple of a week's days; below so many there is none.
_SAMPLE_EVERY, _SAMPLED_MIN = 9, 90

#: The gap of a sample at which all slices are asked: it is not more exact than that.
_SAMPLE_GAP = 0.005

#: How far on the way from the best counts to the master's the slices are asked.
_STEP = 0.5

#: Shares of the gap at which real counts give way to whole ones, and whole ones are good enough.
_REAL_SHARE, _WHOLE_SHARE = 0.5, 0.25

#: A cut is kept that raises a slice's value by more than this, relative and in kr.
_RISE, _RISE_KR = 1e-9, 1e-6

#: Windows added at a time when a kind's vehicles together lack energy in a block.
_WINDOWS_MAX = 10

#: Share of the time for counts; the rest is for what every kind then serves.
_COUNTS_SHARE = 0.9


class _SlicesAnswer(NamedTuple):
    """What the slices cost at `point`, `kr`, and whether the master got a new cut from them.

    `bound` is what the master knew of the least value at any point.
    """

    point: Floats
    kr: float
    bound: float
    master_learnt: bool


class Decomposition:
    """A lower bound for one part, and counts and trips of each kind that come near it.

    `on_promising` is called with promising counts, and then also with what each kind serves, long
    before these are the best.
    """

    def __init__(
        self,
        arrays: PoolArrays,
        hurry: Callable[[], bool],
        on_promising: Callable[[Sequence[int], Sequence[Ints] | None], None],
    ) -> None:
        self._arrays = arrays
        self._on_promising = on_promising
        self.blocks = all_blocks(arrays, hurry)
        self._high = [self._most(k) for k in range(len(arrays.kinds))]
        self._slices = Slices(arrays, self.blocks)
        for k in range(len(arrays.kinds)):
            for knapsack in day_knapsacks(arrays, k, np.flatnonzero(arrays.useful[k])):
                self._slices.add_knapsack(k, knapsack)
        self._fixed_kr = np.array([kind.fixed_kr_year for kind in arrays.kinds])
        self._cuts: list[list[Cut]] = [[] for _ in range(len(self._slices))]
        now = [kind.count_now for kind in arrays.kinds]
        self._core = np.clip(now, arrays.low, self._high).astype(np.float64)
        self._bound = -inf

    def solve(
        self, *, seconds_max: float, gap: float, seed: int, stop: Callable[[float], bool]
    ) -> Candidate:
        """The optimum of the relaxation, or the best that `seconds_max` and `gap` (relative) allow.

        `stop` is called with the bound so far and ends the search by returning true.
        """
        whole = Clock(time.monotonic() + seconds_max, lambda: stop(self._bound))
        clock = whole.for_share(_COUNTS_SHARE)
        everything = range(len(self._slices))
        complete = True
        if len(everything) >= _SAMPLED_MIN:
            sample = everything[::_SAMPLE_EVERY]
            complete = self._real_counts(sample, seed, _SAMPLE_GAP, clock)
            complete = complete and self._first_served(sample, seed, clock)
        if complete:
            complete = self._real_counts(everything, seed, gap, clock)
        if complete:
            counts, complete = self._whole_counts(everything, seed, gap, clock)
        else:
            counts = np.array(self._core_counts)
        served = self._served(counts, whole, whole=True)
        while complete and served is not None and self._add_knapsacks_of_all(counts, served):
            counts, complete = self._whole_counts(everything, seed, gap, clock)
            served = self._served(counts, whole, whole=True)
        chosen = tuple(int(count) for count in counts)
        return Candidate(
            known=served is not None,
            complete=complete,
            counts=chosen,
            served=tuple(served or ()),
            labels=tuple({} for _ in served or ()),
            bound=self._bound,
            infeasible=False,
        )

    @property
    def _core_counts(self) -> list[int]:
        """The best real counts so far, made whole."""
        return np.ceil(self._core - 1e-6).astype(np.int64).tolist()

    def add_knapsacks(self, k: int, number: int, served: Ints, count: int) -> bool:
        """Forbids what `count` vehicles of kind `k` break together in block `number`.

        False when `served` breaks nothing there that is not forbidden already.
        """
        block = self.blocks[k][number]
        added = False
        for time_slice in self._slices.of(block.trips):
            own = Block(
                begin=block.begin, finish=block.finish, trips=time_slice.inside(block.trips)
            )
            for knapsack in broken_knapsacks(self._arrays, k, own, served, count, _WINDOWS_MAX):
                added |= time_slice.add_knapsack(k, knapsack)
        return added

    def _most(self, k: int) -> int:
        """A number of vehicles of kind `k` above which more are of no use, or not allowed."""
        useful = np.flatnonzero(self._arrays.useful[k])
        in_blocks = [len(block.trips) for block in self.blocks[k]]
        enough = max([len(most_at_once(self._arrays, useful)), *in_blocks])
        return max(self._arrays.low[k], min(self._arrays.high[k], enough))

    def _first_served(self, sample: range, seed: int, clock: Clock) -> bool:
        """Says what the best counts for a sample come to in all slices.

        The cuts there are a first bound. False if time ended it.
        """
        counts, complete = self._whole_counts(sample, seed, _SAMPLE_GAP, clock)
        if not complete:
            return False
        whole = [int(count) for count in counts]
        self._on_promising(whole, None)
        for number, time_slice in enumerate(self._slices):
            self._cuts[number].append(time_slice.cut(counts, clock.seconds_left()))
            if clock.is_over:
                return False
        answer = self._master(range(len(self._slices)), seed).solve(clock.seconds_left())
        if answer is not None:
            self._bound = max(self._bound, answer[2])
        served = self._served(counts, clock, whole=False)
        if served is None:
            return False
        self._on_promising(whole, served)
        return True

    def _add_knapsacks_of_all(self, counts: Floats, served: list[Ints]) -> bool:
        added = False
        for k, blocks in enumerate(self.blocks):
            for number in range(len(blocks)):
                added |= self.add_knapsacks(k, number, served[k], int(counts[k]))
        return added

    def _master(self, sampled: range, seed: int) -> Master:
        """A master for real counts with all cuts of the slices `sampled`, which stand for all."""
        least = self._slices.least[sampled]
        scale = len(self._slices) / len(sampled)
        master = Master(self._fixed_kr, self._arrays.low, self._high, least, scale, seed)
        for position, number in enumerate(sampled):
            for cut in self._cuts[number]:
                master.cut(position, *cut)
        return master

    def _real_counts(self, slices: range, seed: int, gap: float, clock: Clock) -> bool:
        """Finds the best real counts for `slices`, `self._core`; false if time ended it."""
        master = self._master(slices, seed)
        step, best_kr = _STEP, inf
        while True:
            answer = self._ask(master, slices, clock, step)
            if answer is None:
                return False
            if answer.kr < best_kr:
                best_kr, self._core = answer.kr, answer.point
            close = best_kr - answer.bound <= _REAL_SHARE * gap * best_kr
            if close or (step == 1 and not answer.master_learnt):
                return True
            step = _STEP if answer.master_learnt else 1.0

    def _whole_counts(
        self, slices: range, seed: int, gap: float, clock: Clock
    ) -> tuple[Floats, bool]:
        """The best whole counts for `slices`, and whether time did not end the search for them."""
        master = self._master(slices, seed)
        master.make_whole(_WHOLE_SHARE * gap)
        counts, best_kr = np.array(self._core_counts), inf
        while True:
            answer = self._ask(master, slices, clock, None)
            if answer is None:
                return counts, False
            if answer.kr < best_kr:
                best_kr, counts = answer.kr, answer.point
            if best_kr - answer.bound <= _WHOLE_SHARE * gap * best_kr or not answer.master_learnt:
                return counts, True

    def _ask(
        self, master: Master, slices: range, clock: Clock, step: float | None
    ) -> _SlicesAnswer | None:
        """Asks every one of `slices`, which are the master's; if they are all, raises the bound.

        At the master's counts, made whole when `step` is None, or `step` on the way from the core.
        """
        answer = master.solve(clock.seconds_left())
        if answer is None:
            return None
        target, values, bound = answer
        if len(slices) == len(self._slices):
            self._bound = max(self._bound, bound)
        point = np.rint(target) if step is None else self._core + step * (target - self._core)
        scale = len(self._slices) / len(slices)
        kr = float(self._fixed_kr @ point)
        master_learnt = False
        for position, number in enumerate(slices):
            if clock.is_over:
                return None
            cut = self._slices[number].cut(point, clock.seconds_left())
            kr += scale * cut.at(point)
            if cut.at(target) > values[position] + _RISE * abs(values[position]) + _RISE_KR:
                master.cut(position, *cut)
                self._cuts[number].append(cut)
                master_learnt = True
        return _SlicesAnswer(point, kr, bound, master_learnt)

    def _served(self, counts: Floats, clock: Clock, *, whole: bool) -> list[Ints] | None:
        """What each kind serves when there are `counts`; None if time ended it.

        Not `whole`, trips that a slice divides between kinds are left out.
        """
        served: list[list[Ints]] = [[] for _ in self._arrays.kinds]
        for time_slice in self._slices:
            of_kinds = time_slice.served(counts, clock.seconds_left(), whole=whole)
            if clock.is_over:
                return None
            for k, trips in enumerate(of_kinds):
                served[k].append(trips)
        return [np.concatenate(trips) for trips in served]
