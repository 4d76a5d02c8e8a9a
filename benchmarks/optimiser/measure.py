"""A timed solve with a checked plan, for all benchmarks of the optimiser."""

import resource
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass

from optimiser.model.check import check_plan
from optimiser.model.files import kind_cells, trip_cells
from optimiser.model.plan import Plan
from optimiser.model.problem import Problem
from optimiser.solve import SolveProgress, solve


@dataclass(frozen=True)
class MeasuredSolve:
    """A plan, the CPU seconds of all processes, and the peak MB of this process and of a worker."""

    plan: Plan
    cpu_s: float
    own_mb: float
    worker_mb: float


def measure(problem: Problem, *, seconds: float, gap: float, workers: int = 1) -> MeasuredSolve:
    """Solves `problem` and checks the plan.

    Raises:
        SystemExit: the checker finds an error.
    """
    before = _cpu_s()
    plan = solve(problem, seconds_max=seconds, gap=gap, workers=workers, on_progress=_shown())
    cpu_s = _cpu_s() - before
    wrong = check_errors(plan, problem)
    if wrong:
        raise SystemExit(f"the checker refuses the plan: {wrong[:5]}")
    own, workers_ = (_usage(who).ru_maxrss / 1024 for who in _BOTH)
    return MeasuredSolve(plan, cpu_s, own, workers_)


def check_errors(plan: Plan, problem: Problem) -> list[str]:
    """The errors that the checker finds in `plan`."""
    rules = {name: value for name, value in asdict(problem.rules).items() if value is not None}
    return check_plan(plan.to_json(), trip_cells(problem), kind_cells(problem), rules)


_BOTH = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
_usage = resource.getrusage


def _cpu_s() -> float:
    return sum(_usage(who).ru_utime + _usage(who).ru_stime for who in _BOTH)


def _shown() -> Callable[[SolveProgress], None] | None:
    """A function that shows progress on a terminal; None if standard error is no terminal."""
    if not sys.stderr.isatty():
        return None

    def show(progress: SolveProgress) -> None:
        print(
            f"\r{progress.phase} {progress.done}/{progress.tasks} {progress.seconds:.0f} s",
            end="   ",
            file=sys.stderr,
        )

    return show
