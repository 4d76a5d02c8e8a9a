"""Changes counts of components, one vehicle at a time, until they keep the rules that tie them.

A step is one vehicle more, one fewer, or one of another kind. The search takes the step that costs
least for what it mends, and then steps that save something, by the `CostModel` of each component.
"""

from collections.abc import Callable, Sequence

import numpy as np

from fleet.arrays import Bools, Floats, Ints
from optimiser.bounds.decomposed_pool import DecomposedPool
from optimiser.duties.cost_model import CostModel, points_at
from optimiser.duties.fleet_rules import CountTies
from optimiser.duties.pool_arrays import PoolArrays

#: The most steps of a search; each takes a few milliseconds.
_STEPS_MAX = 2_000

#: A step that saves less, in kr a year, is none.
_WORTH_KR = 1.0

#: The counts of each component.
Counts = Sequence[Sequence[int]]


def within_ties(
    components: Sequence[PoolArrays],
    ties: CountTies,
    counts: Counts,
    models: Sequence[CostModel | None],
    time_is_short: Callable[[], bool],
) -> list[list[int]] | None:
    """Counts near `counts` that keep `ties` with a fossil vehicle left; None if no step helps.

    The kinds of all `components` are numbered one after another. A small component without a model
    gets one of its own, with cuts at the counts that the search looks at. A large one without a
    model keeps its counts.
    """
    pools: list[_TiedPool] = []
    first = 0
    for arrays, own, model in zip(components, counts, models, strict=True):
        pools.append(_TiedPool(arrays, ties, first, own, model, time_is_short))
        first += len(arrays.kinds)
    for _ in range(_STEPS_MAX):
        broken = _broken(ties, np.sum([pool.sums(pool.counts) for pool in pools], axis=0))
        step = _best_step(pools, ties, broken.sum())
        if step is None or time_is_short():
            return None if broken.any() else [pool.counts.tolist() for pool in pools]
        pool, position = step
        pool.take(position)
    return None


def _best_step(
    pools: "Sequence[_TiedPool]", ties: CountTies, broken: float
) -> "tuple[_TiedPool, int] | None":
    """The pool and the position of the best step; None if no step is worth while."""
    total = np.sum([pool.sums(pool.counts) for pool in pools], axis=0)
    while True:
        best: tuple[float, _TiedPool, int] | None = None
        for pool in pools:
            after = _broken(ties, total + pool.step_sums).sum(axis=1)
            if broken:
                # What a step costs for each vehicle by which the rules are broken less.
                mends = np.maximum(broken - after, 0.0)
                rank = np.where(mends > 0, pool.step_kr / np.maximum(mends, 1.0), np.inf)
            else:
                rank = np.where(after == 0, pool.step_kr, np.inf)
                rank = np.where(rank < -_WORTH_KR, rank, np.inf)
            position = int(np.argmin(rank))
            if np.isfinite(rank[position]) and (best is None or rank[position] < best[0]):
                best = float(rank[position]), pool, position
        if best is None:
            return None
        _, pool, position = best
        if not pool.learn(position):
            return pool, position


def _broken(ties: CountTies, sums: Floats) -> Floats:
    """By how many vehicles each rule is broken, for sums (..., rules) as of `_TiedPool.sums`."""
    most = np.array([limit.most for limit in ties.limits], dtype=np.float64)
    least = np.array([green.least for green in ties.greens], dtype=np.float64)
    over = sums[..., : len(most)] - most
    return np.maximum(0.0, np.concatenate((over, least - sums[..., len(most) :]), axis=-1))


class _TiedPool:
    """One component of the search: its counts, and what each step from there costs.

    `step_kr` (N) is what each step costs, in kr a year, and `step_sums` (N, rules) is what it adds
    to the sums of the rules.
    """

    def __init__(
        self,
        arrays: PoolArrays,
        ties: CountTies,
        first: int,
        counts: Sequence[int],
        model: CostModel | None,
        time_is_short: Callable[[], bool],
    ) -> None:
        self._arrays = arrays
        self.counts: Ints = np.array(counts, dtype=np.int64)
        kinds = range(first, first + len(arrays.kinds))
        rules = [limit.kinds for limit in ties.limits] + [green.green for green in ties.greens]
        #: (rules, K): whether a rule counts a kind.
        self._counted: Bools = np.array(
            [[k in rule for k in kinds] for rule in rules], dtype=np.bool_
        ).reshape(len(rules), len(kinds))
        units = np.eye(len(kinds), dtype=np.int64)
        pairs = [units[j] - units[k] for j in range(len(kinds)) for k in range(len(kinds))]
        self._steps: Ints = np.array([*units, *-units, *pairs], dtype=np.int64)
        self.step_sums = self.sums(self._steps)
        self._fixed_kr = np.array([kind.fixed_kr_year for kind in arrays.kinds])
        self._live: DecomposedPool | None = None
        self._learnt: set[bytes] = set()
        # A large component without a model takes too long to learn: its counts stay as they are.
        if model is None and not arrays.is_large and not time_is_short():
            spare = [ties.spare(k) for k in kinds]
            self._live = DecomposedPool(arrays, 0, spare, time_is_short, is_alone=True)
            self._learn_at(self.counts)
            model = self._live.model
        self._model = model
        self.step_kr = self._kr_of_steps()

    def sums(self, counts: Ints) -> Floats:
        """The sums (..., rules) that the rules look at, of counts (..., K)."""
        return (counts @ self._counted.T).astype(np.float64)

    def take(self, position: int) -> None:
        """Takes a step."""
        self.counts = self.counts + self._steps[position]
        self.step_kr = self._kr_of_steps()

    def learn(self, position: int) -> bool:
        """Learns what the counts after a step cost; false if that is known as well as it can be."""
        if self._live is None or not self._learn_at(self.counts + self._steps[position]):
            return False
        self._model = self._live.model
        self.step_kr = self._kr_of_steps()
        return True

    def _learn_at(self, counts: Ints) -> bool:
        if self._live is None or counts.tobytes() in self._learnt:
            return False
        self._learnt.add(counts.tobytes())
        [point], _ = points_at(self._arrays.rules.reserves, counts.reshape(1, -1))
        self._live.learn(point)
        return True

    def _kr_of_steps(self) -> Floats:
        low, high = np.array(self._arrays.low), np.array(self._arrays.high)
        if self._model is None:
            return np.full(len(self._steps), np.inf)
        after = np.concatenate((self.counts.reshape(1, -1), self.counts + self._steps))
        within = np.all((after >= low) & (after <= high), axis=1)
        points, possible = points_at(self._arrays.rules.reserves, np.maximum(after, 0))
        kr = after @ self._fixed_kr + self._model.trips_kr(points)
        return np.where(within & possible, kr - kr[0], np.inf)[1:]
