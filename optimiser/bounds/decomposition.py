"""Benders' decomposition: a lower bound and counts for large components.

Days interact only through the counts. A master problem chooses the counts, and slices of time give
the cost of their trips at these counts. The master holds, for each slice, cuts that bound that cost
from below as a function of the counts; the optimum of the master is a lower bound. The search
evaluates the slices half way from the best counts so far to the master's counts, which stabilises
the master (in-out separation, Ben-Ameur and Neto, Networks 49(1), 2007). It begins with a sample of
the slices that represents all, and so finds nearly the best counts in little time. The counts are
continuous at first; when they are known well enough, the master makes them integer.

Components that a rule on counts ties together can share a master, with that rule as a row, which
gives the rule a price.
"""

import time
from collections.abc import Callable, Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from fleet.arrays import Floats, Ints
from optimiser.bounds.decomposed_pool import DecomposedPool
from optimiser.bounds.highs import MasterProblem
from optimiser.bounds.master_rules import Row
from optimiser.bounds.relaxation import RelaxationResult
from optimiser.duties.conflicts import Block
from optimiser.duties.cost_model import CostModel
from optimiser.duties.fleet_rules import CountTies, TiePrices
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.clock import Clock

#: A sample has every ninth slice, which is no multiple of a week's days. A component with fewer
#: slices than the second number has no sample.
_SAMPLE_EVERY, _SAMPLED_MIN = 9, 90

#: The gap of the sample at which the search goes on to all slices; a sample is no more exact.
_SAMPLE_GAP = 0.005

#: The gap at which the prices of ties are good enough.
_PRICE_GAP = 0.001

#: The gap of continuous counts at which a bound is good enough to be the first one.
_FIRST_GAP = 0.02

#: The share of the way from the best counts to the master's at which the slices are evaluated.
_STEP = 0.5

#: The share of the penalty of one trip at which counts are held not to serve what they must.
_PENALTY_SHARE = 0.05

#: Shares of the gap at which continuous counts become integer, and integer ones are good enough.
_CONTINUOUS_SHARE, _INTEGER_SHARE = 0.5, 0.25

#: The master keeps a cut that raises a slice's value by more than this, relative and in kr.
_RISE, _RISE_KR = 1e-9, 1e-6

#: The share of the time for the counts; the rest is for the trips of each kind at these counts.
_COUNTS_SHARE = 0.9

#: Nothing ties a single component to others.
_NO_TIES = CountTies((), ())


class _SlicesValue(NamedTuple):
    """The cost `kr` of the slices at the counts `point`, and whether the master got a new cut.

    `bound` is the master's lower bound on the cost at any counts.
    """

    point: Floats
    kr: float
    bound: float
    master_learnt: bool


class Decomposition:
    """A lower bound for components, and counts and trips of each kind that come near it.

    The search calls `on_promising` with promising counts, and then also with the trips of each
    kind, long before these are the best. Kinds are those of all components, one after another.
    """

    def __init__(
        self,
        components: Sequence[PoolArrays],
        time_is_short: Callable[[], bool],
        on_promising: Callable[[Sequence[int], Sequence[Ints] | None], None],
        ties: CountTies = _NO_TIES,
        known: Sequence[CostModel | None] = (),
    ) -> None:
        """`known` is what earlier searches learnt of the cost of each component, if anything."""
        self._on_promising = on_promising
        self._ties = ties
        self._pools: list[DecomposedPool] = []
        width = kinds = 0
        columns: list[int] = []
        for arrays in components:
            spare = [ties.spare(kinds + k) for k in range(len(arrays.kinds))]
            is_alone = len(components) == 1
            pool = DecomposedPool(arrays, width, spare, time_is_short, is_alone=is_alone)
            self._pools.append(pool)
            columns += range(width, width + len(arrays.kinds))
            width += len(pool.cost)
            kinds += len(arrays.kinds)
        self._slices = [
            (pool, number) for pool in self._pools for number in range(len(pool.slices))
        ]
        self._low = [low for pool in self._pools for low in pool.low]
        self._low_assumed = [low for pool in self._pools for low in pool.low_assumed]
        self._high = [high for pool in self._pools for high in pool.high]
        self._rows: list[Row] = [
            ({pool.first_column + column: weight for column, weight in weights.items()}, most)
            for pool in self._pools
            for weights, most in pool.rules.rows
        ]
        self._first_tie = len(self._rows)
        for limit in ties.limits:
            self._rows.append(({columns[k]: 1.0 for k in limit.kinds}, limit.most))
        for green in ties.greens:
            self._rows.append(({columns[k]: -1.0 for k in green.green}, -green.least))
        self._cost = np.concatenate([pool.cost for pool in self._pools])
        self._core = np.concatenate([pool.core for pool in self._pools])
        # With further columns or rows, the first core is not known to keep the rows of the master.
        self._is_core_known = not self._rows
        # An assumption, as that a pool keeps a motor vehicle, makes a bound that is not proven.
        self._assumes = self._low_assumed != self._low
        self._least = np.concatenate([pool.slices.least for pool in self._pools])
        penalties = [arrays.rules.penalty_kr for arrays in components if arrays.rules.penalty_kr]
        self._penalty_kr = _PENALTY_SHARE * min(penalties, default=0.0)
        self._bound = -inf
        # The first bounds are worth little, as slices without a cut count with nearly nothing.
        self._is_bounded = False
        # Its sample shows the way to a search that knows nothing of all slices yet.
        self._needs_sample = len(self._slices) >= _SAMPLED_MIN
        self._unknown = list(range(len(self._slices)))
        for pool, model in zip(self._pools, known, strict=False):
            if model is not None and pool.learn_from(model):
                self._needs_sample = self._is_core_known = False
                self._unknown = [at for at in self._unknown if self._slices[at][0] is not pool]
        self._is_bounded = not self._unknown

    @property
    def models(self) -> list[CostModel]:
        """What the cuts so far tell of the cost of each component."""
        return [pool.model for pool in self._pools]

    @property
    def blocks(self) -> list[list[Block]]:
        """The blocks of each kind."""
        return [blocks for pool in self._pools for blocks in pool.blocks]

    def solve(
        self,
        *,
        seconds_max: float,
        seconds_bound: float,
        gap: float,
        seed: int,
        stop: Callable[[float], bool],
    ) -> RelaxationResult:
        """The optimum of the relaxation, or the best that `seconds_max` and `gap` (relative) allow.

        A first good bound may take longer, up to `seconds_bound`. The search calls `stop` with the
        bound so far, -inf before there is a good one, and ends when `stop` returns true.
        """
        whole_clock = self._clock(seconds_max, seconds_bound, stop)
        clock = self._clock(_COUNTS_SHARE * seconds_max, seconds_bound, stop)
        all_slices = range(len(self._slices))
        complete = True
        if self._needs_sample:
            sample = all_slices[::_SAMPLE_EVERY]
            complete = self._continuous_counts(sample, seed, _SAMPLE_GAP, clock)
            complete = complete and self._first_served(sample, seed, clock)
            self._needs_sample = not complete
        if complete:
            complete = self._continuous_counts(all_slices, seed, gap, clock)
        if complete:
            self._is_bounded = True
            counts, complete = self._integer_counts(all_slices, seed, gap, clock)
        else:
            counts = self._ceiled_core()
        if not complete:
            self._raise_by_known(seed)
        served = self._served(counts, whole_clock, integer=True)
        while complete and served is not None and self._add_knapsacks_of_all(counts, served):
            counts, complete = self._integer_counts(all_slices, seed, gap, clock)
            served = self._served(counts, whole_clock, integer=True)
        otherwise = min(pool.rules.bound_otherwise for pool in self._pools)
        return RelaxationResult(
            has_point=served is not None,
            complete=complete,
            counts=tuple(self._kind_counts(counts)),
            served=tuple(served or ()),
            labels=tuple({} for _ in served or ()),
            bound=min(self._bound, otherwise),
            infeasible=False,
        )

    def _clock(
        self, seconds_max: float, seconds_bound: float, stop: Callable[[float], bool]
    ) -> Clock:
        """A clock of `seconds_max`, or until a good bound, but at most of `seconds_bound`."""
        begin = time.monotonic()

        def is_enough() -> bool:
            is_late = self._is_bounded and time.monotonic() - begin >= seconds_max
            return is_late or stop(self._bound if self._is_bounded else -inf)

        return Clock(begin + max(seconds_max, seconds_bound), is_enough)

    def _raise_by_known(self, seed: int) -> None:
        """Raises the bound by all cuts so far; slices that have none count with their least."""
        answer = self._master(range(len(self._slices)), seed, self._low).solve(inf)
        if answer is not None:
            self._bound = max(self._bound, answer[2])

    def tie_prices(self, seed: int, clock: Clock) -> TiePrices | None:
        """The prices at which continuous counts keep the ties, if a fossil vehicle is left.

        None if time ended the search, or if no counts keep the ties.
        """
        slices = range(len(self._slices))
        if not self._continuous_counts(slices, seed, _PRICE_GAP, clock):
            return None
        return self.known_prices(seed, clock)

    def known_prices(self, seed: int, clock: Clock) -> TiePrices | None:
        """The prices at which continuous counts keep the ties, as far as the cuts so far tell.

        Of a component of which nothing was known they tell all.
        """
        master = self._master(range(len(self._slices)), seed, self._low_assumed)
        learns = True
        while learns:
            answer = master.solve(clock.seconds_left())
            if answer is None or clock.is_over:
                return None
            learns = False
            for at in self._unknown:
                pool, number = self._slices[at]
                here, least = pool.slice_counts(answer[0]), answer[1][at]
                cut = pool.slices[number].cut(here, clock.seconds_left())
                if cut.at(here) > least + _RISE * abs(least) + _RISE_KR:
                    master.add_cut(at, cut.constant, cut.slopes, pool.first_column)
                    pool.cuts[number].append(cut)
                    learns = True
        prices = master.row_prices()[self._first_tie : len(self._rows)].tolist()
        limits = len(self._ties.limits)
        return TiePrices(tuple(prices[:limits]), tuple(prices[limits:]))

    @property
    def ceiled_counts(self) -> list[int]:
        """The best continuous counts so far, rounded up."""
        return self._kind_counts(self._ceiled_core())

    def add_knapsacks(self, k: int, number: int, served: Ints, count: int) -> bool:
        """Adds knapsacks as `DecomposedPool.add_knapsacks`, for the only component."""
        [pool] = self._pools
        return pool.add_knapsacks(k, number, served, count)

    def _kind_counts(self, values: Floats) -> list[int]:
        return [count for pool in self._pools for count in pool.kind_counts(values)]

    def _ceiled_core(self) -> Floats:
        """The best continuous counts so far, rounded up."""
        return np.ceil(self._core - 1e-6)

    def _first_served(self, sample: range, seed: int, clock: Clock) -> bool:
        """Evaluates the sample's best counts in all slices, and reports the trips of each kind.

        The cuts of all slices there give a first bound, before anything else. Returns false if time
        ended the search.
        """
        counts, complete = self._integer_counts(sample, seed, _SAMPLE_GAP, clock)
        if not complete:
            return False
        for pool, number in self._slices:
            point = pool.slice_counts(counts)
            pool.cuts[number].append(pool.slices[number].cut(point, clock.seconds_left()))
            if clock.is_over:
                return False
        self._raise_by_known(seed)
        self._is_bounded = True
        integer_counts = self._kind_counts(counts)
        self._on_promising(integer_counts, None)
        served = self._served(counts, clock, integer=False)
        if served is None:
            return False
        self._on_promising(integer_counts, served)
        return True

    def _add_knapsacks_of_all(self, counts: Floats, served: Sequence[Ints]) -> bool:
        added, first = False, 0
        for pool in self._pools:
            own = pool.kind_counts(counts)
            added |= pool.add_knapsacks_of_all(own, served[first : first + len(own)])
            first += len(own)
        return added

    def _master(self, sampled: range, seed: int, low: Sequence[int]) -> MasterProblem:
        """A master for continuous counts with all cuts of `sampled`, which represent all slices."""
        scale = len(self._slices) / len(sampled)
        master = MasterProblem(self._cost, low, self._high, self._least[sampled], scale, seed)
        for weights, most in self._rows:
            master.add_row(weights, most)
        for position, at in enumerate(sampled):
            pool, number = self._slices[at]
            for cut in pool.cuts[number]:
                master.add_cut(position, cut.constant, cut.slopes, pool.first_column)
        return master

    def _continuous_counts(self, slices: range, seed: int, gap: float, clock: Clock) -> bool:
        """Sets `self._core` to the best continuous counts for `slices`; false if time ended it."""
        master = self._master(slices, seed, self._low_assumed)
        step, best_kr = _STEP if self._is_core_known else 1.0, inf
        while True:
            answer = self._evaluate(master, slices, clock, step, is_proof=not self._assumes)
            if answer is None:
                return False
            if answer.kr < best_kr:
                best_kr, self._core = answer.kr, answer.point
                self._is_core_known = True
            if len(slices) == len(self._slices):
                self._is_bounded |= best_kr - answer.bound <= _FIRST_GAP * best_kr
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
        master = self._master(slices, seed, self._low)
        master.make_integer(_INTEGER_SHARE * gap, lambda: clock.is_over)
        counts, best_kr = self._ceiled_core(), inf
        while True:
            answer = self._evaluate(master, slices, clock, None, is_proof=True)
            if answer is None:
                return counts, False
            if answer.kr < best_kr:
                best_kr, counts = answer.kr, answer.point
            close = best_kr - answer.bound <= _INTEGER_SHARE * gap * best_kr
            if close or not answer.master_learnt:
                return counts, True

    def _evaluate(
        self,
        master: MasterProblem,
        slices: range,
        clock: Clock,
        step: float | None,
        *,
        is_proof: bool,
    ) -> _SlicesValue | None:
        """Evaluates `slices`, which are those of the master; raises the bound if they are all.

        The slices are evaluated at the master's counts, rounded, if `step` is None, and else at the
        share `step` of the way from the core to them. None if time ended it.
        """
        answer = master.solve(clock.seconds_left())
        if answer is None:
            return None
        target, values, bound = answer
        if is_proof and len(slices) == len(self._slices):
            self._bound = max(self._bound, bound)
        point = np.rint(target) if step is None else self._core + step * (target - self._core)
        scale = len(self._slices) / len(slices)
        kr = float(self._cost @ point)
        master_learnt = False
        for position, at in enumerate(slices):
            if clock.is_over:
                return None
            pool, number = self._slices[at]
            here = pool.slice_counts(point)
            cut = pool.slices[number].cut(here, clock.seconds_left())
            kr += scale * cut.at(here)
            least = values[position]
            if cut.at(pool.slice_counts(target)) > least + _RISE * abs(least) + _RISE_KR:
                master.add_cut(position, cut.constant, cut.slopes, pool.first_column)
                pool.cuts[number].append(cut)
                master_learnt = True
        return _SlicesValue(point, kr, bound, master_learnt)

    def _served(self, counts: Floats, clock: Clock, *, integer: bool) -> list[Ints] | None:
        """The trips of each kind, as `DecomposedPool.served` has them; None if time ended it."""
        served: list[Ints] = []
        for pool in self._pools:
            own = pool.served(counts, clock, integer=integer)
            if own is None:
                return None
            served += own
        return served
