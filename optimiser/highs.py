"""A small face of HiGHS: integer columns, sparse rows, and an outcome that is never guessed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray

INFINITY = highspy.kHighsInf

_KNOWN = (
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kTimeLimit,
    highspy.HighsModelStatus.kInterrupt,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a solve proved. `values` is None when no feasible point is known.

    `bound` is a proven lower bound on the objective, -inf when there is none yet; `complete` is
    true when the gap was reached; `infeasible` only when that was proven.
    """

    values: NDArray[np.float64] | None
    bound: float
    complete: bool
    infeasible: bool


@dataclass(slots=True)
class MixedIntegerModel:
    """Columns and rows of a minimisation, built up and then solved, any number of times."""

    offset: float = 0.0
    _cost: list[float] = field(default_factory=list[float])
    _low: list[float] = field(default_factory=list[float])
    _high: list[float] = field(default_factory=list[float])
    _row_low: list[float] = field(default_factory=list[float])
    _row_high: list[float] = field(default_factory=list[float])
    _row_columns: list[Sequence[int]] = field(default_factory=list[Sequence[int]])
    _row_weights: list[Sequence[float]] = field(default_factory=list[Sequence[float]])

    def column(self, *, cost: float = 0.0, low: int = 0, high: int = 1) -> int:
        """Adds an integer column; returns its number."""
        self._cost.append(cost)
        self._low.append(low)
        self._high.append(high)
        return len(self._cost) - 1

    def row(
        self,
        columns: Sequence[int],
        weights: Sequence[float],
        *,
        low: float = -INFINITY,
        high: float = INFINITY,
    ) -> None:
        """Adds low <= sum of weights x columns <= high."""
        self._row_columns.append(columns)
        self._row_weights.append(weights)
        self._row_low.append(low)
        self._row_high.append(high)

    def solve(
        self,
        *,
        seconds_max: float,
        gap: float,
        seed: int,
        stop: Callable[[float], bool],
    ) -> Outcome:
        """The best point found until the relative `gap`, the time, or `stop` ends the search.

        `stop` is called often, with the lower bound so far, and ends it by returning true.
        One thread and a fixed seed: the same model gives the same answer unless time ends it.
        """
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("random_seed", seed)
        solver.setOptionValue("time_limit", seconds_max)
        solver.setOptionValue("mip_rel_gap", gap)
        solver.setOptionValue("mip_abs_gap", 0.0)
        solver.passModel(self._lp())

        def in_search(event: highspy.HighsCallbackEvent) -> None:
            if stop(event.data_out.mip_dual_bound):
                event.interrupt()

        def in_simplex(event: highspy.HighsCallbackEvent) -> None:
            if stop(-INFINITY):
                event.interrupt()

        solver.cbMipInterrupt += in_search
        solver.cbSimplexInterrupt += in_simplex
        solver.run()
        return _outcome(solver)

    def _lp(self) -> highspy.HighsLp:
        lp = highspy.HighsLp()
        lp.num_col_ = len(self._cost)
        lp.num_row_ = len(self._row_columns)
        lp.offset_ = self.offset
        lp.col_cost_ = np.array(self._cost)
        lp.col_lower_ = np.array(self._low, dtype=np.float64)
        lp.col_upper_ = np.array(self._high, dtype=np.float64)
        lp.row_lower_ = np.array(self._row_low)
        lp.row_upper_ = np.array(self._row_high)
        lp.integrality_ = [highspy.HighsVarType.kInteger] * len(self._cost)
        sizes = [len(columns) for columns in self._row_columns]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_col_ = lp.num_col_
        lp.a_matrix_.num_row_ = lp.num_row_
        lp.a_matrix_.start_ = np.concatenate(([0], np.cumsum(sizes, dtype=np.int32)))
        lp.a_matrix_.index_ = np.array(
            [c for row in self._row_columns for c in row], dtype=np.int32
        )
        lp.a_matrix_.value_ = np.array([w for row in self._row_weights for w in row])
        return lp


def _outcome(solver: highspy.Highs) -> Outcome:
    status = solver.getModelStatus()
    if status not in _KNOWN:
        raise RuntimeError(f"HiGHS ended with the status {solver.modelStatusToString(status)}")
    info = solver.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    infeasible = status == highspy.HighsModelStatus.kInfeasible
    return Outcome(
        values=np.array(solver.getSolution().col_value) if found else None,
        bound=INFINITY if infeasible else info.mip_dual_bound,
        complete=infeasible or status == highspy.HighsModelStatus.kOptimal,
        infeasible=infeasible,
    )
