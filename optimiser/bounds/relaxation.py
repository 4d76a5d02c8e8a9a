"""The mixed-integer model whose optimum is never above the true one.

Columns: the count of each kind, and whether a kind serves a trip. At every moment a kind serves at
most as many trips as its count. That is exact for kinds without range and day limit. Other kinds
get knapsacks, and blocks in which vehicles are told apart, when an answer turns out not to be
drivable (see `docs/optimisation-model.md`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np

from fleet.arrays import Ints
from optimiser.bounds.highs import MixedIntegerModel
from optimiser.duties.conflicts import (
    Knapsack,
    all_blocks,
    block_knapsacks,
    broken_knapsacks,
    day_knapsacks,
    maximal_cliques,
)
from optimiser.duties.packing import vehicles_max
from optimiser.duties.pool_arrays import PoolArrays

#: A block gets vehicles of its own only below this many columns and this many rows of knapsacks.
_BLOCK_COLUMNS_MAX = 4_000
_BLOCK_ROWS_MAX = 20_000

#: Windows added at a time when a kind's vehicles together lack energy in a block.
_WINDOWS_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The outcome of a solve: counts, the trips of each kind, a proven lower bound in kr a year.

    `labels[k][b]` tells the trips in block `b` of kind `k` apart by vehicle, where the block has
    vehicles of its own. When no point is `known` there is only the bound, and perhaps promising
    counts; a `complete` solve was not ended by time.
    """

    known: bool
    complete: bool
    counts: tuple[int, ...]
    served: tuple[Ints, ...]
    labels: tuple[Mapping[int, Mapping[int, int]], ...]
    bound: float
    infeasible: bool


class Relaxation:
    """A lower bound for one part: it is solved, strengthened where it was wrong, and solved
    again."""

    def __init__(self, arrays: PoolArrays, hurry: Callable[[], bool]) -> None:
        self._arrays = arrays
        self._useful = arrays.useful
        self.blocks = all_blocks(arrays, hurry)
        self._high = [
            vehicles_max(arrays, k, np.flatnonzero(useful), blocks)
            for k, (useful, blocks) in enumerate(zip(arrays.useful, self.blocks, strict=True))
        ]
        self._model = MixedIntegerModel(offset=float(arrays.fallback_kr.sum()))
        self._count = [
            self._model.column(cost=kind.fixed_kr_year, low=low, high=high)
            for kind, low, high in zip(arrays.kinds, arrays.low, self._high, strict=True)
        ]
        self._serves = [
            {
                t: self._model.column(cost=float(arrays.kr[k, t] - arrays.fallback_kr[t]))
                for t in np.flatnonzero(self._useful[k]).tolist()
            }
            for k in range(len(arrays.kinds))
        ]
        self._known: set[tuple[int, bytes]] = set()
        self._add_rows()
        self._exists: dict[int, list[int]] = {}
        self._drives: list[dict[int, dict[int, list[int]]]] = [{} for _ in arrays.kinds]

    def solve(
        self, *, seconds_max: float, gap: float, seed: int, stop: Callable[[float], bool]
    ) -> Candidate:
        """The optimum of the relaxation, or the best that `seconds_max` and `gap` (relative) allow.

        `stop` is called with the bound so far and ends the search by returning true.
        """
        outcome = self._model.solve(seconds_max=seconds_max, gap=gap, seed=seed, stop=stop)
        if outcome.values is None:
            return Candidate(
                known=False,
                complete=outcome.complete,
                counts=(),
                served=(),
                labels=(),
                bound=outcome.bound,
                infeasible=outcome.infeasible,
            )
        chosen = np.rint(outcome.values).astype(np.int64)
        return Candidate(
            known=True,
            complete=outcome.complete,
            counts=tuple(int(chosen[column]) for column in self._count),
            served=tuple(
                np.array([t for t, column in serves.items() if chosen[column]], dtype=np.int64)
                for serves in self._serves
            ),
            labels=tuple(
                {
                    number: {
                        t: label
                        for t, columns in drives.items()
                        for label, column in enumerate(columns)
                        if chosen[column]
                    }
                    for number, drives in blocks.items()
                }
                for blocks in self._drives
            ),
            bound=outcome.bound,
            infeasible=False,
        )

    def add_knapsacks(self, k: int, number: int, served: Ints, count: int) -> bool:
        """Forbids what `count` vehicles of kind `k` break together in block `number`.

        False when `served` breaks nothing there that the model does not forbid already.
        """
        block = self.blocks[k][number]
        broken = broken_knapsacks(self._arrays, k, block, served, count, _WINDOWS_MAX)
        # All are added: the answer may break a known one by the tolerance of the solver.
        added = [self._add_knapsack(k, knapsack) for knapsack in broken]
        return any(added)

    def _add_rows(self) -> None:
        arrays, model = self._arrays, self._model
        for t in range(len(arrays.trips)):
            columns = [serves[t] for serves in self._serves if t in serves]
            if len(columns) > 1:
                model.row(columns, [1.0] * len(columns), high=1)
        for k, serves in enumerate(self._serves):
            for clique in maximal_cliques(arrays, np.flatnonzero(self._useful[k])):
                if len(clique) > arrays.low[k]:
                    columns = [serves[t] for t in clique.tolist()]
                    model.row([*columns, self._count[k]], [1.0] * len(columns) + [-1.0], high=0)
            for knapsack in day_knapsacks(arrays, k, np.flatnonzero(self._useful[k])):
                self._add_knapsack(k, knapsack)
        if arrays.co2_max_t is not None:
            weights = {
                column: float(arrays.co2_t[k, t] - arrays.fallback_co2_t[t])
                for k, serves in enumerate(self._serves)
                for t, column in serves.items()
            }
            spare = arrays.co2_max_t - float(arrays.fallback_co2_t.sum())
            model.row(list(weights), list(weights.values()), high=spare)

    def _add_knapsack(self, k: int, knapsack: Knapsack) -> bool:
        """The vehicles of kind `k` together keep `knapsack`; False if they were told so before."""
        key = (k, knapsack.trips.tobytes())
        if key in self._known:
            return False
        self._known.add(key)
        serves = self._serves[k]
        self._model.row(
            [*(serves[t] for t in knapsack.trips.tolist()), self._count[k]],
            [*knapsack.weights.tolist(), -knapsack.capacity],
            high=0,
        )
        return True

    def tell_apart(self, k: int, number: int) -> bool:
        """Gives block `number` of kind `k` a column per trip and vehicle.

        After that the model knows all about it. False if it does already, or would be too large.
        """
        arrays, model, block = self._arrays, self._model, self.blocks[k][number]
        if number in self._drives[k] or len(block.trips) * self._high[k] > _BLOCK_COLUMNS_MAX:
            return False
        rows_max = _BLOCK_ROWS_MAX // self._high[k]
        knapsacks = list(islice(block_knapsacks(arrays, k, block), rows_max + 1))
        if len(knapsacks) > rows_max:
            return False
        exists = self._vehicles(k)
        drives: dict[int, list[int]] = {}
        for position, t in enumerate(block.trips.tolist()):
            # Vehicles are alike: number them by their first trip in the block.
            drives[t] = [model.column() for _ in exists[: position + 1]]
            columns = [*drives[t], self._serves[k][t]]
            model.row(columns, [1.0] * len(drives[t]) + [-1.0], low=0, high=0)
        cliques = maximal_cliques(arrays, block.trips)
        for v, vehicle in enumerate(exists):
            for clique in cliques:
                columns = [drives[t][v] for t in clique.tolist() if v < len(drives[t])]
                model.row([*columns, vehicle], [1.0] * len(columns) + [-1.0], high=0)
            for knapsack in knapsacks:
                weights = {
                    drives[t][v]: weight
                    for t, weight in zip(
                        knapsack.trips.tolist(), knapsack.weights.tolist(), strict=True
                    )
                    if v < len(drives[t])
                }
                model.row([*weights, vehicle], [*weights.values(), -knapsack.capacity], high=0)
        self._drives[k][number] = drives
        return True

    def _vehicles(self, k: int) -> list[int]:
        """A column for every vehicle that kind `k` may have; there are as many as it counts."""
        if k not in self._exists:
            model = self._model
            columns = [model.column() for _ in range(self._high[k])]
            model.row([*columns, self._count[k]], [1.0] * len(columns) + [-1.0], low=0, high=0)
            for earlier, later in pairwise(columns):
                model.row([earlier, later], [1.0, -1.0], low=0)
            self._exists[k] = columns
        return self._exists[k]
