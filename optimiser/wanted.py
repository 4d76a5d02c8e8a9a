"""Ends a calculation of several solves for whose result nobody waits any more.

A cancelled solve still returns a plan, from which the next solve would follow.
"""

from optimiser.model.plan import FleetAnswer, Plan
from optimiser.model.problem import Problem
from optimiser.solve import solve
from optimiser.workers import CancelCheck


class NobodyWaitsError(Exception):
    """Nobody waits for the result any more."""


def stop_if(cancelled: CancelCheck | None) -> None:
    """Ends the calculation if it is cancelled.

    Raises:
        NobodyWaitsError: `cancelled()` is true.
    """
    if cancelled is not None and cancelled():
        raise NobodyWaitsError


def solve_wanted(
    problem: Problem,
    *,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck | None,
    baseline: FleetAnswer | None = None,
) -> Plan:
    """The plan of `problem`, as `solve`, but none if it is cancelled.

    Raises:
        NobodyWaitsError: `cancelled()` is true before or after.
    """
    stop_if(cancelled)
    plan = solve(problem, seconds_max=seconds_max, gap=gap, cancelled=cancelled, baseline=baseline)
    stop_if(cancelled)
    return plan
