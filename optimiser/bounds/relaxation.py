"""The mixed-integer model whose optimum is never above the true optimum.

Its columns are the count of each kind, and whether a kind serves a trip. At every moment a kind
serves at most as many trips as its count. That is exact for kinds without range and day limit. For
other kinds, the search adds knapsacks and columns per vehicle when a solution turns out not to be
drivable (see `docs/optimisation-model.md`). Rules on the whole fleet are rows on the counts. Two of
them need a column of their own: whether any motor vehicle is kept, and whether any fossil one is.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np

from fleet.arrays import Ints
from optimiser.bounds.highs import MixedIntegerModel
from optimiser.duties.conflicts import (
    Knapsack,
    all_blocks,
    block_knapsacks,
    day_knapsacks,
    maximal_cliques,
    violated_knapsacks,
)
from optimiser.duties.packing import vehicles_max
from optimiser.duties.pool_arrays import PoolArrays

#: A block gets columns per vehicle only up to this many columns and this many rows of knapsacks.
_BLOCK_COLUMNS_MAX = 4_000
_BLOCK_ROWS_MAX = 20_000

#: The most windows added at a time when a kind's vehicles together lack energy in a block.
_WINDOWS_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaxationResult:
    """The result of a relaxation: counts, the trips of each kind, a proven bound in kr a year.

    `labels[k][b]` maps the trips in block `b` of kind `k` to vehicles, where the block has columns
    per vehicle. Without a point (`has_point`) the result is only a bound, and perhaps promising
    counts. A `complete` solve was not ended by time.
    """

    has_point: bool
    complete: bool
    counts: tuple[int, ...]
    served: tuple[Ints, ...]
    labels: tuple[Mapping[int, Mapping[int, int]], ...]
    bound: float
    infeasible: bool


class Relaxation:
    """A lower bound for one component.

    The search solves it, strengthens it where its solution is not drivable, and solves it again.
    """

    def __init__(self, arrays: PoolArrays, time_is_short: Callable[[], bool]) -> None:
        self._arrays = arrays
        self._useful = arrays.useful
        self.blocks = all_blocks(arrays, time_is_short)
        self._high = [
            vehicles_max(arrays, k, np.flatnonzero(useful), blocks)
            for k, (useful, blocks) in enumerate(zip(arrays.useful, self.blocks, strict=True))
        ]
        # The fallback of a trip that must be served has no column, or one of its own: its penalty
        # would make all other costs seem small.
        self._without_kr = np.where(arrays.rules.must_serve, 0.0, arrays.fallback_kr)
        self._model = MixedIntegerModel(offset=float(self._without_kr.sum()))
        self._count_columns = [
            self._model.add_column(cost=kind.fixed_kr_year, low=low, high=high)
            for kind, low, high in zip(arrays.kinds, arrays.low, self._high, strict=True)
        ]
        self._serve_columns = [
            {
                t: self._model.add_column(cost=float(arrays.kr[k, t] - self._without_kr[t]))
                for t in np.flatnonzero(self._useful[k]).tolist()
            }
            for k in range(len(arrays.kinds))
        ]
        self._added_knapsacks: set[tuple[int, bytes]] = set()
        self._add_rows()
        self._add_fleet_rows()
        self._vehicle_columns: dict[int, list[int]] = {}
        self._drive_columns: list[dict[int, dict[int, list[int]]]] = [{} for _ in arrays.kinds]

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

        A first bound may take longer, up to `seconds_bound`. HiGHS calls `stop` with the bound so
        far, and ends when `stop` returns true.
        """
        begin = time.monotonic()

        def is_enough(bound: float) -> bool:
            is_late = bound > -math.inf and time.monotonic() - begin >= seconds_max
            return is_late or stop(bound)

        outcome = self._model.solve(
            seconds_max=max(seconds_max, seconds_bound), gap=gap, seed=seed, stop=is_enough
        )
        if outcome.values is None:
            return RelaxationResult(
                has_point=False,
                complete=outcome.complete,
                counts=(),
                served=(),
                labels=(),
                bound=outcome.bound,
                infeasible=outcome.infeasible,
            )
        chosen = np.rint(outcome.values).astype(np.int64)
        return RelaxationResult(
            has_point=True,
            complete=outcome.complete,
            counts=tuple(int(chosen[column]) for column in self._count_columns),
            served=tuple(
                np.array([t for t, column in serves.items() if chosen[column]], dtype=np.int64)
                for serves in self._serve_columns
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
                for blocks in self._drive_columns
            ),
            bound=outcome.bound,
            infeasible=False,
        )

    def add_knapsacks(self, k: int, number: int, served: Ints, count: int) -> bool:
        """Adds the knapsacks that `count` vehicles of kind `k` together violate in block `number`.

        Returns false if the trips `served` violate no knapsack that the model does not have yet.
        """
        block = self.blocks[k][number]
        violated = violated_knapsacks(self._arrays, k, block, served, count, _WINDOWS_MAX)
        # A list, as all are added: the solution may violate one of the model by its tolerance.
        added = [self._add_knapsack(k, knapsack) for knapsack in violated]
        return any(added)

    def _add_rows(self) -> None:
        arrays, model = self._arrays, self._model
        for t in range(len(arrays.start)):
            columns = [serves[t] for serves in self._serve_columns if t in serves]
            if arrays.rules.must_serve[t]:
                if arrays.rules.is_goal:
                    columns.append(model.add_column(cost=float(arrays.fallback_kr[t])))
                model.add_row(columns, [1.0] * len(columns), low=1, high=1)
            elif len(columns) > 1:
                model.add_row(columns, [1.0] * len(columns), high=1)
        for k, serves in enumerate(self._serve_columns):
            for clique in maximal_cliques(arrays, np.flatnonzero(self._useful[k])):
                if len(clique) > arrays.low[k]:
                    columns = [serves[t] for t in clique.tolist()]
                    model.add_row(
                        [*columns, self._count_columns[k]], [1.0] * len(columns) + [-1.0], high=0
                    )
            for knapsack in day_knapsacks(arrays, k, np.flatnonzero(self._useful[k])):
                self._add_knapsack(k, knapsack)
        if arrays.co2_max_t is not None:
            weights = {
                column: float(arrays.co2_t[k, t] - arrays.fallback_co2_t[t])
                for k, serves in enumerate(self._serve_columns)
                for t, column in serves.items()
            }
            spare = arrays.co2_max_t - float(arrays.fallback_co2_t.sum())
            model.add_row(list(weights), list(weights.values()), high=spare)

    def _add_fleet_rows(self) -> None:
        """Adds the rows of the `FleetRules`."""
        model, rules = self._model, self._arrays.rules
        for reserve in rules.reserves:
            counts = [self._count_columns[k] for k in reserve.kinds]
            is_kept = self._any_of(reserve.kinds)
            model.add_row([*counts, is_kept], [-1.0] * len(counts) + [reserve.least], high=0)
            served = np.flatnonzero(self._useful[list(reserve.kinds)].any(axis=0))
            for clique in maximal_cliques(self._arrays, served):
                columns = [
                    self._serve_columns[k][t]
                    for t in clique.tolist()
                    for k in reserve.kinds
                    if t in self._serve_columns[k]
                ]
                model.add_row(
                    [*columns, *counts, is_kept],
                    [1.0] * len(columns) + [-1.0] * len(counts) + [reserve.least],
                    high=0,
                )
        for limit in rules.limits:
            counts = [self._count_columns[k] for k in limit.kinds]
            model.add_row(counts, [1.0] * len(counts), high=limit.most)
        for green in rules.greens:
            counts = [self._count_columns[k] for k in green.green]
            is_left = self._any_of(green.fossil)
            model.add_row([*counts, is_left], [1.0] * len(counts) + [-green.least], low=0)

    def _any_of(self, kinds: Sequence[int]) -> int:
        """A new column that is 1 if any vehicle of `kinds` is kept."""
        is_any = self._model.add_column()
        for k in kinds:
            if self._high[k]:
                self._model.add_row(
                    [self._count_columns[k], is_any], [1.0, -float(self._high[k])], high=0
                )
        return is_any

    def _add_knapsack(self, k: int, knapsack: Knapsack) -> bool:
        """Adds a row: the vehicles of kind `k` together keep `knapsack`. False if it exists."""
        key = (k, knapsack.trips.tobytes())
        if key in self._added_knapsacks:
            return False
        self._added_knapsacks.add(key)
        serves = self._serve_columns[k]
        self._model.add_row(
            [*(serves[t] for t in knapsack.trips.tolist()), self._count_columns[k]],
            [*knapsack.weights.tolist(), -knapsack.capacity],
            high=0,
        )
        return True

    def add_vehicle_columns(self, k: int, number: int) -> bool:
        """Adds a column per trip and vehicle to block `number` of kind `k`.

        The model of the block is then exact. Returns false if the block has such columns already,
        or if it would be too large.
        """
        arrays, model, block = self._arrays, self._model, self.blocks[k][number]
        if (
            number in self._drive_columns[k]
            or len(block.trips) * self._high[k] > _BLOCK_COLUMNS_MAX
        ):
            return False
        rows_max = _BLOCK_ROWS_MAX // self._high[k]
        knapsacks = list(islice(block_knapsacks(arrays, k, block), rows_max + 1))
        if len(knapsacks) > rows_max:
            return False
        exists = self._columns_of_vehicles(k)
        drives: dict[int, list[int]] = {}
        for position, t in enumerate(block.trips.tolist()):
            # Vehicles are alike, so they are numbered by their first trip in the block.
            drives[t] = [model.add_column() for _ in exists[: position + 1]]
            columns = [*drives[t], self._serve_columns[k][t]]
            model.add_row(columns, [1.0] * len(drives[t]) + [-1.0], low=0, high=0)
        cliques = maximal_cliques(arrays, block.trips)
        for v, vehicle in enumerate(exists):
            for clique in cliques:
                columns = [drives[t][v] for t in clique.tolist() if v < len(drives[t])]
                model.add_row([*columns, vehicle], [1.0] * len(columns) + [-1.0], high=0)
            for knapsack in knapsacks:
                weights = {
                    drives[t][v]: weight
                    for t, weight in zip(
                        knapsack.trips.tolist(), knapsack.weights.tolist(), strict=True
                    )
                    if v < len(drives[t])
                }
                model.add_row([*weights, vehicle], [*weights.values(), -knapsack.capacity], high=0)
        self._drive_columns[k][number] = drives
        return True

    def _columns_of_vehicles(self, k: int) -> list[int]:
        """The columns of all vehicles that kind `k` may have, whose sum is the kind's count."""
        if k not in self._vehicle_columns:
            model = self._model
            columns = [model.add_column() for _ in range(self._high[k])]
            model.add_row(
                [*columns, self._count_columns[k]], [1.0] * len(columns) + [-1.0], low=0, high=0
            )
            for earlier, later in pairwise(columns):
                model.add_row([earlier, later], [1.0, -1.0], low=0)
            self._vehicle_columns[k] = columns
        return self._vehicle_columns[k]
