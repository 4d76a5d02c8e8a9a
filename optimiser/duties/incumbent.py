"""The incumbent of a component: the best roster so far, with a proven lower bound."""

import math
from dataclasses import dataclass, replace

import numpy as np

from optimiser.duties.conflicts import largest_clique
from optimiser.duties.cost_model import CostModel
from optimiser.duties.make_arrays import with_penalty
from optimiser.duties.mending import forbidden_count, mended
from optimiser.duties.pool_arrays import PoolArrays
from optimiser.duties.roster import Roster
from optimiser.model.plan import OPTIMAL_GAP

#: A gram: a sum of tonnes that is above the cap on CO2e by at most this counts as within the cap.
_CO2_NOISE_T = 1e-6

#: The relative accuracy of sums of kr.
_SOLVER_NOISE = 1e-9


@dataclass(slots=True)
class Incumbent:
    """The best roster of `arrays` so far, None if there is none, with its cost `kr` per year.

    `bound` is a proven lower bound; `infeasible` is true when it is proven that no roster exists.
    Cost and bound include `penalty_kr`, which stands for trips of today's fleet that use the
    fallback against a rule. `model` is what a decomposition knows of the cost at other counts.
    `stuck_at` is the finest relative gap at which the relaxation had no more to tell.
    """

    arrays: PoolArrays
    bound: float
    roster: Roster | None = None
    kr: float = float("inf")
    infeasible: bool = False
    penalty_kr: float = 0.0
    model: CostModel | None = None
    stuck_at: float = math.inf

    @property
    def paid_kr(self) -> float:
        """The cost without the penalty."""
        return self.kr - self.penalty_kr

    @property
    def paid_bound(self) -> float:
        """A lower bound on the cost of every roster that breaks a rule no oftener than the best."""
        return max(0.0, self.bound - self.penalty_kr) if self.penalty_kr else self.bound

    def is_near(self, bound: float, gap: float) -> bool:
        """Whether `bound` proves the best roster within the relative `gap`."""
        return math.isfinite(self.kr) and self.kr - bound <= gap * self.paid_kr

    @property
    def is_optimal(self) -> bool:
        """Whether it is proven that no roster is better than the best, or that there is none."""
        if self.infeasible:
            return True
        noise_kr = OPTIMAL_GAP * self.paid_kr + _SOLVER_NOISE * self.kr
        return math.isfinite(self.kr) and self.kr - self.bound <= noise_kr

    @property
    def is_settled(self) -> bool:
        """Whether no search can do more: there is an optimum, or nothing to go on from."""
        return self.is_optimal or (self.stuck_at == 0 and self.roster is None)

    def offer(self, roster: Roster) -> None:
        """Keeps `roster` if it is within the cap on CO2e and costs less than the best so far.

        If it breaks a rule, the function first mends it.
        """
        if self.arrays.rules.bind:
            kept = mended(self.arrays, roster)
            if kept is None:
                return
            roster = kept
        cap = self.arrays.co2_max_t
        if cap is not None and roster.co2_t(self.arrays) > cap + _CO2_NOISE_T:
            return
        kr = roster.kr(self.arrays)
        if kr < self.kr:
            self.roster, self.kr = roster, kr
            self.bound = min(self.bound, kr)
            forbidden = forbidden_count(self.arrays, roster)
            self.penalty_kr = forbidden * self.arrays.rules.penalty_kr

    def take(self, other: "Incumbent") -> None:
        """Becomes `other`."""
        self.arrays, self.roster, self.bound = other.arrays, other.roster, other.bound
        self.kr, self.penalty_kr = other.kr, other.penalty_kr
        self.model, self.stuck_at = other.model, other.stuck_at

    def raise_bound(self, bound: float) -> None:
        """Raises the bound to another proven one, but not above the cost of the best roster."""
        self.bound = max(self.bound, min(bound, self.kr))


def first_incumbent(arrays: PoolArrays) -> Incumbent:
    """An incumbent without a roster, with a lower bound from trips and from vehicles.

    Each trip costs at least as much as with the cheapest kind or the fallback. The vehicles cost at
    least as much as the lower bounds of the counts. They also cost at least as much as the trips at
    the busiest moment need: each of these needs a vehicle, or the fallback, which is dearer.
    """
    allowed = np.array(arrays.high, dtype=np.int64).reshape(-1, 1) > 0
    by_fleet = np.where(arrays.can_serve & allowed, arrays.kr, np.inf).min(axis=0, initial=np.inf)
    least = np.minimum(by_fleet, arrays.fallback_kr)
    peak = largest_clique(arrays, np.arange(len(arrays.start)))
    dearer = float((arrays.fallback_kr - least)[peak].min(initial=np.inf)) if len(peak) else 0.0
    vehicles = sorted(
        min(kind.fixed_kr_year, dearer)
        for kind, high in zip(arrays.kinds, arrays.high, strict=True)
        for _ in range(min(high, len(peak)))
    )
    vehicles += [dearer] * max(0, len(peak) - len(vehicles))
    fixed_kr = max(arrays.fixed_kr(arrays.low), sum(vehicles[: len(peak)]))
    return Incumbent(arrays=arrays, bound=fixed_kr + float(least.sum()))


def least_co2(arrays: PoolArrays) -> PoolArrays:
    """`arrays` with tonnes a year in place of kr, so that its optimum has the least CO2e."""
    tonnes = replace(
        arrays,
        kinds=tuple(replace(kind, fixed_kr_year=0.0) for kind in arrays.kinds),
        kr=arrays.co2_t,
        fallback_kr=arrays.fallback_co2_t,
        co2_max_t=None,
    )
    return with_penalty(tonnes)
