"""A small interface to the solver HiGHS: integer columns, sparse rows, and a proven outcome."""

import ctypes
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np

from fleet.arrays import Floats, Ints

INFINITY = highspy.kHighsInf

_STDOUT = 1

#: The limits on the search for integer values of a linear program: nodes, and the relative gap.
_NODES_MAX = 200
_INTEGER_GAP = 1e-4

_EXPECTED_STATUSES = (
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kTimeLimit,
    highspy.HighsModelStatus.kInterrupt,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedIntegerOutcome:
    """The proven outcome of a solve. `values` is None if no feasible point is known.

    `bound` is a proven lower bound on the objective, -inf if there is none yet. `complete` is true
    if the gap was reached, and `infeasible` only if infeasibility was proven.
    """

    values: Floats | None
    bound: float
    complete: bool
    infeasible: bool


@dataclass(slots=True)
class MixedIntegerModel:
    """A mixed-integer minimisation, which can grow by rows and columns and be solved again."""

    offset: float = 0.0
    _cost: list[float] = field(default_factory=list[float])
    _low: list[float] = field(default_factory=list[float])
    _high: list[float] = field(default_factory=list[float])
    _row_low: list[float] = field(default_factory=list[float])
    _row_high: list[float] = field(default_factory=list[float])
    _row_columns: list[Sequence[int]] = field(default_factory=list[Sequence[int]])
    _row_weights: list[Sequence[float]] = field(default_factory=list[Sequence[float]])

    def add_column(self, *, cost: float = 0.0, low: int = 0, high: int = 1) -> int:
        """Adds an integer column; returns its number."""
        self._cost.append(cost)
        self._low.append(low)
        self._high.append(high)
        return len(self._cost) - 1

    def add_row(
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
    ) -> MixedIntegerOutcome:
        """The best point that the search found until `gap` (relative), time or `stop` ended it.

        HiGHS calls `stop` often, with the lower bound so far, and ends when `stop` returns true.
        With one thread and a fixed seed, the same model gives the same outcome unless time ends it.
        """
        solver = _quiet_solver()
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


class LinearProgram:
    """min cost x with 0 <= x <= 1 and rows sum of weights x <= high, solved again and again.

    Rows may be added and their `high` changed; each solve starts from the basis of the last.
    """

    def __init__(self, cost: Floats) -> None:
        self._solver = _quiet_solver()
        # Presolve would discard the basis.
        self._solver.setOptionValue("presolve", "off")
        self._solver.setOptionValue("solver", "simplex")
        self._solver.setOptionValue("mip_max_nodes", _NODES_MAX)
        self._solver.setOptionValue("mip_rel_gap", _INTEGER_GAP)
        lp = highspy.HighsLp()
        lp.num_col_ = len(cost)
        lp.col_cost_ = cost
        lp.col_lower_ = np.zeros(len(cost))
        lp.col_upper_ = np.ones(len(cost))
        self._solver.passModel(lp)

    def add_rows(self, sizes: Ints, columns: Ints, weights: Floats) -> None:
        """Adds rows of `sizes` entries each; `columns` and `weights` hold them one after another.

        `solve` takes the upper bounds of the rows.
        """
        count = len(sizes)
        starts = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int32)
        self._solver.addRows(
            count,
            np.full(count, -INFINITY),
            np.full(count, INFINITY),
            len(columns),
            starts,
            columns.astype(np.int32),
            weights,
        )

    def solve(self, high: Floats, seconds_max: float = INFINITY) -> tuple[Floats, Floats]:
        """Solves the program with the upper bounds `high` of all rows.

        If `seconds_max` end the search, the values and prices are the last ones, and not optimal.

        Returns:
            The values of the columns, and the prices of the rows, which are at least 0.
        """
        solver = self._solver
        solver.setOptionValue("time_limit", solver.getRunTime() + seconds_max)
        count = len(high)
        rows = np.arange(count, dtype=np.int32)
        # The type stubs of the library lack this method.
        solver.changeRowsBounds(  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
            count, rows, np.full(count, -INFINITY), high
        )
        solver.run()
        solution = solver.getSolution()
        return np.array(solution.col_value), np.maximum(0.0, -np.array(solution.row_dual))

    def solve_integer(self, seconds_max: float) -> Floats:
        """Integer values at the last `high` from a short search, else the continuous values."""
        solver = self._solver
        solver.setOptionValue("time_limit", solver.getRunTime() + seconds_max)
        continuous = np.array(solver.getSolution().col_value)
        self._set_type(highspy.HighsVarType.kInteger)
        solver.run()
        info = solver.getInfo()
        is_feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        values = np.array(solver.getSolution().col_value) if is_feasible else continuous
        self._set_type(highspy.HighsVarType.kContinuous)
        return values

    def _set_type(self, kind: highspy.HighsVarType) -> None:
        count = self._solver.getNumCol()
        columns = np.arange(count, dtype=np.int32)
        self._solver.changeColsIntegrality(count, columns, np.full(count, int(kind), np.uint8))


class MasterProblem:
    """The master problem: min cost n + `scale` x the sum of a value per slice, above added cuts.

    The counts n are continuous or integer, and the value of a slice is at least its `least`. Rows
    may bind the counts.
    """

    def __init__(
        self,
        cost: Floats,
        low: Sequence[int],
        high: Sequence[int],
        least: Floats,
        scale: float,
        seed: int,
    ) -> None:
        self._solver = _quiet_solver()
        self._solver.setOptionValue("random_seed", seed)
        self._counts = len(cost)
        lp = highspy.HighsLp()
        lp.num_col_ = len(cost) + len(least)
        lp.col_cost_ = np.concatenate((cost, np.full(len(least), scale)))
        lp.col_lower_ = np.concatenate((low, least))
        lp.col_upper_ = np.concatenate((high, np.full(len(least), INFINITY)))
        self._solver.passModel(lp)

    def add_cut(self, number: int, constant: float, slopes: Floats, first: int) -> None:
        """Adds a cut: the value of slice `number` is at least `constant` - `slopes` n.

        The slopes are those of the counts from number `first` on.
        """
        nonzero = np.flatnonzero(slopes)
        columns = np.append(first + nonzero, self._counts + number).astype(np.int32)
        weights = np.append(slopes[nonzero], 1.0)
        self._solver.addRow(constant, INFINITY, len(columns), columns, weights)

    def add_row(self, weights: Mapping[int, float], high: float) -> None:
        """Adds a row: the sum of `weights` x counts is at most `high`."""
        columns = np.array(list(weights), dtype=np.int32)
        values = np.array(list(weights.values()), dtype=np.float64)
        self._solver.addRow(-INFINITY, high, len(columns), columns, values)

    def row_prices(self) -> Floats:
        """The prices of all rows and cuts in the order in which they were added, at least 0.

        They are those of the last solve, with continuous counts.
        """
        return np.maximum(0.0, -np.array(self._solver.getSolution().row_dual))

    def make_integer(self, gap: float, time_is_short: Callable[[], bool]) -> None:
        """Makes the counts integer from now on, solved to the relative `gap`.

        A solve ends, as if it had too few seconds, once `time_is_short()`.
        """
        columns = np.arange(self._counts, dtype=np.int32)
        types = np.full(self._counts, int(highspy.HighsVarType.kInteger), np.uint8)
        self._solver.changeColsIntegrality(self._counts, columns, types)
        self._solver.setOptionValue("mip_rel_gap", gap)
        self._solver.setOptionValue("mip_abs_gap", 0.0)
        self._is_integer = True

        def in_search(event: highspy.HighsCallbackEvent) -> None:
            if time_is_short():
                event.interrupt()

        self._solver.cbMipInterrupt += in_search

    _is_integer = False

    def solve(self, seconds_max: float) -> tuple[Floats, Floats, float] | None:
        """Solves the master with all cuts so far.

        Returns:
            The counts, the values of the slices, and a proven lower bound; None if `seconds_max`
            were too few.
        """
        self._solver.setOptionValue("time_limit", self._solver.getRunTime() + seconds_max)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        info = self._solver.getInfo()
        values = np.array(self._solver.getSolution().col_value)
        bound = info.mip_dual_bound if self._is_integer else info.objective_function_value
        return values[: self._counts], values[self._counts :], bound


def _silence_banner() -> None:
    """Make the first solver of the process while the standard output leads nowhere.

    HiGHS prints a banner before anybody can switch its output off, and the standard output is for
    the answers of commands.
    """
    try:
        kept = os.dup(_STDOUT)
    except OSError:  # the process has no standard output
        return
    library = ctypes.CDLL(None)
    sys.stdout.flush()
    library.fflush(None)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _STDOUT)
        highspy.Highs()
        library.fflush(None)  # or the end of the process prints the banner
    finally:
        os.dup2(kept, _STDOUT)
        os.close(kept)
        os.close(nowhere)


_silence_banner()


def _quiet_solver() -> highspy.Highs:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    return solver


def _outcome(solver: highspy.Highs) -> MixedIntegerOutcome:
    status = solver.getModelStatus()
    if status not in _EXPECTED_STATUSES:
        raise RuntimeError(f"HiGHS ended with the status {solver.modelStatusToString(status)}")
    info = solver.getInfo()
    is_feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    infeasible = status == highspy.HighsModelStatus.kInfeasible
    return MixedIntegerOutcome(
        values=np.array(solver.getSolution().col_value) if is_feasible else None,
        bound=INFINITY if infeasible else info.mip_dual_bound,
        complete=infeasible or status == highspy.HighsModelStatus.kOptimal,
        infeasible=infeasible,
    )
