"""Benders' decomposition: a lower bound and counts for a large component.

Days interact only through the counts. A master problem chooses the counts, and slices of time give
the cost of their trips at these counts. The master holds, for each slice, cuts that bound that cost
from below as a function of the counts; the optimum of the master is a lower bound. The search
evaluates the slices half way from the best counts so far to the master's counts, which stabilises
the master (in-out separation, Ben-Ameur and Neto, Networks 49(1), 2007). It begins with a sample of
the slices that represents all, and so finds nearly the best counts in little time. The counts are
continuous at first; when they are known well enough, the master makes them integer.
"""

import time
from collections.abc import Callable, Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from fleet.arrays import Floats, Ints
from optimiser.bounds.highs import MasterProblem
from optimiser.bounds.master_rules import MasterRules
from optimiser.bounds.relaxation import RelaxationResult
from optimiser.bounds.time_slices import Cut, TimeSlices
from optimiser.duties.conflicts import (
    Block,
    all_blocks,
    day_knapsacks,
    largest_clique,
    violated_knapsacks,
)
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.clock import Clock

#: A sample has every ninth slice, which is no multiple of a week's days. A component with fewer
#: slices than the second number has no sample.
_SAMPLE_EVERY, _SAMPLED_MIN = 9, 90

#: The gap of the sample at which the search goes on to all slices; a sample is no more exact.
_SAMPLE_GAP = 0.005

#: The share of the way from the best counts to the master's at which the slices are evaluated.
_STEP = 0.5

#: The share of the penalty of one trip at which counts are held not to serve what they must.
_PENALTY_SHARE = 0.05

#: Shares of the gap at which continuous counts become integer, and integer ones are good enough.
_CONTINUOUS_SHARE, _INTEGER_SHARE = 0.5, 0.25

#: The master keeps a cut that raises a slice's value by more than this, relative and in kr.
_RISE, _RISE_KR = 1e-9, 1e-6

#: The most windows added at a time when a kind's vehicles together lack energy in a block.
_WINDOWS_MAX = 10

#: The share of the time for the counts; the rest is for the trips of each kind at these counts.
_COUNTS_SHARE = 0.9


class _SlicesValue(NamedTuple):
    """The cost `kr` of the slices at the counts `point`, and whether the master got a new cut.

    `bound` is the master's lower bound on the cost at any counts.
    """

    point: Floats
    kr: float
    bound: float
    master_learnt: bool


class Decomposition:
    """A lower bound for one component, and counts and trips of each kind that come near it.

    The search calls `on_promising` with promising counts, and then also with the trips of each
    kind, long before these are the best.
    """

    def __init__(
        self,
        arrays: PoolArrays,
        time_is_short: Callable[[], bool],
        on_promising: Callable[[Sequence[int], Sequence[Ints] | None], None],
    ) -> None:
        self._arrays = arrays
        self._on_promising = on_promising
        self.blocks = all_blocks(arrays, time_is_short)
        self._high = [self._useful_count_max(k) for k in range(len(arrays.kinds))]
        self._slices = TimeSlices(arrays, self.blocks)
        for k in range(len(arrays.kinds)):
            for knapsack in day_knapsacks(arrays, k, np.flatnonzero(arrays.useful[k])):
                self._slices.add_knapsack(k, knapsack)
        self._rules = MasterRules(arrays, self._high)
        own = np.zeros(len(self._rules.low))
        self._fixed_kr = np.append([kind.fixed_kr_year for kind in arrays.kinds], own)
        self._cuts: list[list[Cut]] = [[] for _ in range(len(self._slices))]
        now = [kind.count_now for kind in arrays.kinds]
        self._core = np.append(np.clip(now, arrays.low, self._high), own).astype(np.float64)
        # With further columns, the first core is not known to keep the rows of the master.
        self._is_core_known = not len(own)
        self._penalty_kr = _PENALTY_SHARE * arrays.rules.penalty_kr
        self._bound = -inf

    def solve(
        self, *, seconds_max: float, gap: float, seed: int, stop: Callable[[float], bool]
    ) -> RelaxationResult:
        """The optimum of the relaxation, or the best that `seconds_max` and `gap` (relative) allow.

        The search calls `stop` with the bound so far, and ends when `stop` returns true.
        """
        whole_clock = Clock(time.monotonic() + seconds_max, lambda: stop(self._bound))
        clock = whole_clock.for_share(_COUNTS_SHARE)
        all_slices = range(len(self._slices))
        complete = True
        if len(all_slices) >= _SAMPLED_MIN:
            sample = all_slices[::_SAMPLE_EVERY]
            complete = self._continuous_counts(sample, seed, _SAMPLE_GAP, clock)
            complete = complete and self._first_served(sample, seed, clock)
        if complete:
            complete = self._continuous_counts(all_slices, seed, gap, clock)
        if complete:
            counts, complete = self._integer_counts(all_slices, seed, gap, clock)
        else:
            counts = self._ceiled_core()
        served = self._served(counts, whole_clock, integer=True)
        while complete and served is not None and self._add_knapsacks_of_all(counts, served):
            counts, complete = self._integer_counts(all_slices, seed, gap, clock)
            served = self._served(counts, whole_clock, integer=True)
        chosen = tuple(int(count) for count in counts[: len(self._high)])
        return RelaxationResult(
            has_point=served is not None,
            complete=complete,
            counts=chosen,
            served=tuple(served or ()),
            labels=tuple({} for _ in served or ()),
            bound=min(self._bound, self._rules.bound_otherwise),
            infeasible=False,
        )

    def _ceiled_core(self) -> Floats:
        """The best continuous counts so far, rounded up."""
        return np.ceil(self._core - 1e-6)

    def add_knapsacks(self, k: int, number: int, served: Ints, count: int) -> bool:
        """Adds the knapsacks that `count` vehicles of kind `k` together violate in block `number`.

        Returns false if the trips `served` violate no knapsack that the slices do not have yet.
        """
        block = self.blocks[k][number]
        added = False
        for time_slice in self._slices.of(block.trips):
            part = Block(
                begin=block.begin, finish=block.finish, trips=time_slice.inside(block.trips)
            )
            for knapsack in violated_knapsacks(self._arrays, k, part, served, count, _WINDOWS_MAX):
                added |= time_slice.add_knapsack(k, knapsack)
        return added

    def _useful_count_max(self, k: int) -> int:
        """A number of vehicles of kind `k` above which further ones are useless or not allowed."""
        useful = np.flatnonzero(self._arrays.useful[k])
        in_blocks = [len(block.trips) for block in self.blocks[k]]
        enough = max([len(largest_clique(self._arrays, useful)), *in_blocks])
        most = self._arrays.rules.count_useful(k, enough)
        return max(self._arrays.low[k], min(self._arrays.high[k], most))

    def _first_served(self, sample: range, seed: int, clock: Clock) -> bool:
        """Evaluates the sample's best counts in all slices, and reports the trips of each kind.

        The cuts of all slices there give a first bound. Returns false if time ended the search.
        """
        counts, complete = self._integer_counts(sample, seed, _SAMPLE_GAP, clock)
        if not complete:
            return False
        integer_counts = [int(count) for count in counts[: len(self._high)]]
        self._on_promising(integer_counts, None)
        for number, time_slice in enumerate(self._slices):
            point = self._rules.slice_counts(counts)
            self._cuts[number].append(time_slice.cut(point, clock.seconds_left()))
            if clock.is_over:
                return False
        answer = self._master(range(len(self._slices)), seed).solve(clock.seconds_left())
        if answer is not None:
            self._bound = max(self._bound, answer[2])
        served = self._served(counts, clock, integer=False)
        if served is None:
            return False
        self._on_promising(integer_counts, served)
        return True

    def _add_knapsacks_of_all(self, counts: Floats, served: list[Ints]) -> bool:
        added = False
        for k, blocks in enumerate(self.blocks):
            for number in range(len(blocks)):
                added |= self.add_knapsacks(k, number, served[k], int(counts[k]))
        return added

    def _master(self, sampled: range, seed: int) -> MasterProblem:
        """A master for continuous counts with all cuts of `sampled`, which represent all slices."""
        least = self._slices.least[sampled]
        scale = len(self._slices) / len(sampled)
        low = [*self._arrays.low, *self._rules.low]
        high = [*self._high, *self._rules.high]
        master = MasterProblem(self._fixed_kr, low, high, least, scale, seed)
        for weights, most in self._rules.rows:
            master.add_row(weights, most)
        for position, number in enumerate(sampled):
            for cut in self._cuts[number]:
                master.add_cut(position, *cut)
        return master

    def _continuous_counts(self, slices: range, seed: int, gap: float, clock: Clock) -> bool:
        """Sets `self._core` to the best continuous counts for `slices`; false if time ended it."""
        master = self._master(slices, seed)
        step, best_kr = _STEP if self._is_core_known else 1.0, inf
        while True:
            answer = self._evaluate(master, slices, clock, step)
            if answer is None:
                return False
            if answer.kr < best_kr:
                best_kr, self._core = answer.kr, answer.point
                self._is_core_known = True
            close = best_kr - answer.bound <= _CONTINUOUS_SHARE * gap * best_kr
            if close or (step == 1 and not answer.master_learnt):
                return True
            step = _STEP if answer.master_learnt else 1.0
            if 0 < self._penalty_kr < best_kr - answer.bound:
                # Half way from counts that cannot serve what they must, little is learnt.
                step = 1.0

    def _integer_counts(
        self, slices: range, seed: int, gap: float, clock: Clock
    ) -> tuple[Floats, bool]:
        """The best integer counts for `slices`.

        Returns:
            The counts, and whether the search for them was complete (not ended by time).
        """
        master = self._master(slices, seed)
        master.make_integer(_INTEGER_SHARE * gap)
        counts, best_kr = self._ceiled_core(), inf
        while True:
            answer = self._evaluate(master, slices, clock, None)
            if answer is None:
                return counts, False
            if answer.kr < best_kr:
                best_kr, counts = answer.kr, answer.point
            close = best_kr - answer.bound <= _INTEGER_SHARE * gap * best_kr
            if close or not answer.master_learnt:
                return counts, True

    def _evaluate(
        self, master: MasterProblem, slices: range, clock: Clock, step: float | None
    ) -> _SlicesValue | None:
        """Evaluates `slices`, which are those of the master; raises the bound if they are all.

        The slices are evaluated at the master's counts, rounded, if `step` is None, and else at the
        share `step` of the way from the core to them. None if time ended it.
        """
        answer = master.solve(clock.seconds_left())
        if answer is None:
            return None
        target, values, bound = answer
        if len(slices) == len(self._slices):
            self._bound = max(self._bound, bound)
        point = np.rint(target) if step is None else self._core + step * (target - self._core)
        scale = len(self._slices) / len(slices)
        slice_point, slice_target = map(self._rules.slice_counts, (point, target))
        kr = float(self._fixed_kr @ point)
        master_learnt = False
        for position, number in enumerate(slices):
            if clock.is_over:
                return None
            cut = self._slices[number].cut(slice_point, clock.seconds_left())
            kr += scale * cut.at(slice_point)
            if cut.at(slice_target) > values[position] + _RISE * abs(values[position]) + _RISE_KR:
                master.add_cut(position, *cut)
                self._cuts[number].append(cut)
                master_learnt = True
        return _SlicesValue(point, kr, bound, master_learnt)

    def _served(self, counts: Floats, clock: Clock, *, integer: bool) -> list[Ints] | None:
        """The trips that each kind serves with `counts` vehicles; None if time ended it.

        If not `integer`, trips that a slice divides between kinds are omitted.
        """
        served: list[list[Ints]] = [[] for _ in self._arrays.kinds]
        for time_slice in self._slices:
            point = self._rules.slice_counts(counts)
            of_kinds = time_slice.served(point, clock.seconds_left(), integer=integer)
            if clock.is_over:
                return None
            for k, trips in enumerate(of_kinds):
                served[k].append(trips)
        return [np.concatenate(trips) for trips in served]
