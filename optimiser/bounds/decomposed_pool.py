"""One component in a decomposition: its slices of time with their cuts, and its master columns."""

from collections.abc import Callable, Sequence

import numpy as np

from fleet.arrays import Floats, Ints
from optimiser.bounds.master_rules import MasterRules
from optimiser.bounds.stand_ins import stand_ins
from optimiser.bounds.time_slices import TimeSlices
from optimiser.duties.conflicts import (
    Block,
    critical_blocks,
    day_knapsacks,
    largest_clique,
    violated_knapsacks,
)
from optimiser.duties.cost_model import CostModel, Cut
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.model.clock import Clock

#: The most windows added at a time when a kind's vehicles together lack energy in a block.
_WINDOWS_MAX = 10


class DecomposedPool:
    """A component of a decomposition.

    Its `columns` in the master begin with the counts of its kinds; those of `MasterRules` follow.
    A kind of `spare` may be kept in that number without a trip. A component that is alone keeps no
    vehicle of a kind that has a stand-in; others may, as a rule that ties them may limit that one.
    A kind with a stand-in has no blocks.
    """

    def __init__(
        self,
        arrays: PoolArrays,
        first_column: int,
        spare: Sequence[int],
        time_is_short: Callable[[], bool],
        *,
        is_alone: bool,
    ) -> None:
        self._arrays = arrays
        in_place_of = stand_ins(arrays)
        useful = arrays.useful
        useful[in_place_of != np.arange(len(arrays.kinds))] = False
        self.blocks = [
            critical_blocks(arrays, k, np.flatnonzero(own), time_is_short)
            for k, own in enumerate(useful)
        ]
        high = [
            self._useful_count_max(k, spare[k], is_needed=not is_alone or in_place_of[k] == k)
            for k in range(len(arrays.kinds))
        ]
        self.slices = TimeSlices(arrays, self.blocks, useful, in_place_of)
        for k, own in enumerate(useful):
            for knapsack in day_knapsacks(arrays, k, np.flatnonzero(own)):
                self.slices.add_knapsack(k, knapsack)
        self.cuts: list[list[Cut]] = [[] for _ in range(len(self.slices))]
        self.rules = MasterRules(arrays, high, is_alone=is_alone)
        self.first_column = first_column
        self.low = [*arrays.low, *self.rules.low]
        self.low_assumed = [*arrays.low, *self.rules.low_assumed]
        self.high = [*high, *self.rules.high]
        own = np.zeros(len(self.rules.low))
        self.cost = np.append([kind.fixed_kr_year for kind in arrays.kinds], own)
        now = [kind.count_now for kind in arrays.kinds]
        self.core = np.append(np.clip(now, arrays.low, high), own).astype(np.float64)

    @property
    def model(self) -> CostModel:
        """What the cuts so far tell of the cost."""
        return CostModel(least=self.slices.least, cuts=tuple(tuple(cuts) for cuts in self.cuts))

    def learn_from(self, model: CostModel) -> bool:
        """Takes over the cuts of `model`; false if it is one of other slices."""
        if not np.array_equal(model.least, self.slices.least):
            return False
        for own, cuts in zip(self.cuts, model.cuts, strict=True):
            own += cuts
        return True

    def learn(self, point: Floats) -> None:
        """Adds the cut of each slice that is highest at `point`."""
        for time_slice, cuts in zip(self.slices, self.cuts, strict=True):
            cuts.append(time_slice.cut(point))

    def slice_counts(self, values: Floats) -> Floats:
        """The counts that slices of the pool know, of the values of all columns."""
        return self.rules.slice_counts(values[self.first_column :])

    def kind_counts(self, values: Floats) -> list[int]:
        """The counts of the kinds, of the values of all columns."""
        own = values[self.first_column :][: len(self._arrays.kinds)]
        return [int(count) for count in own]

    def add_knapsacks(self, k: int, number: int, served: Ints, count: int) -> bool:
        """Adds the knapsacks that `count` vehicles of kind `k` together violate in block `number`.

        Returns false if the trips `served` violate no knapsack that the slices do not have yet.
        """
        block = self.blocks[k][number]
        added = False
        for time_slice in self.slices.of(block.trips):
            part = Block(
                begin=block.begin, finish=block.finish, trips=time_slice.inside(block.trips)
            )
            for knapsack in violated_knapsacks(self._arrays, k, part, served, count, _WINDOWS_MAX):
                added |= time_slice.add_knapsack(k, knapsack)
        return added

    def add_knapsacks_of_all(self, counts: Sequence[int], served: Sequence[Ints]) -> bool:
        """Adds the knapsacks that are violated in all blocks; returns whether there is any."""
        added = False
        for k, blocks in enumerate(self.blocks):
            for number in range(len(blocks)):
                added |= self.add_knapsacks(k, number, served[k], counts[k])
        return added

    def served(self, values: Floats, clock: Clock, *, integer: bool) -> list[Ints] | None:
        """The trips that each kind serves with the counts in `values`; None if time ended it.

        If not `integer`, trips that a slice divides between kinds are omitted.
        """
        point = self.slice_counts(values)
        served: list[list[Ints]] = [[] for _ in self._arrays.kinds]
        for time_slice in self.slices:
            of_kinds = time_slice.served(point, clock.seconds_left(), integer=integer)
            if clock.is_over:
                return None
            for k, trips in enumerate(of_kinds):
                served[k].append(trips)
        return [np.concatenate(trips) if trips else np.zeros(0, dtype=np.int64) for trips in served]

    def _useful_count_max(self, k: int, spare: int, *, is_needed: bool) -> int:
        """A number of vehicles of kind `k` above which further ones are useless or not allowed."""
        if not is_needed:
            return self._arrays.low[k]
        useful = np.flatnonzero(self._arrays.useful[k])
        in_blocks = [len(block.trips) for block in self.blocks[k]]
        enough = max([len(largest_clique(self._arrays, useful)), *in_blocks])
        most = max(spare, self._arrays.rules.count_useful(k, enough))
        return max(self._arrays.low[k], min(self._arrays.high[k], most))
