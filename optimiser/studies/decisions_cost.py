"""What the decisions of people cost: the cheapest fleet that keeps them beside the cheapest one
that need not.

Each depot is by itself, as in the proof of a plan: what other moves between depots would save is
not in it.
"""

from dataclasses import replace

from optimiser.depot.charge_points import points_kr_year
from optimiser.depot.verdicts import Verdicts
from optimiser.parts.part_plan import VALUE_GAP, PartInput, part_points, part_problem
from optimiser.parts.ready_plan import solve_ready
from optimiser.workers import CancelCheck


def decisions_kr_year(
    part_input: PartInput,
    *,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck | None = None,
) -> float | None:
    """What the verdicts that bind a part cost a year, the value of CO2e included. `part_input` is
    counted. None: people chose its fleet, which need not be a cheap one, or no fleet keeps the
    rules."""
    verdicts = part_input.verdicts
    if not (verdicts.accepted or verdicts.rejected):
        return 0.0
    if part_input.chosen_kr_t is not None:
        return None

    def cheapest(kept: Verdicts) -> float | None:
        bound = replace(part_input, verdicts=kept, kept=())
        part, points = part_problem(bound), part_points(bound)
        # What single decisions cost is small beside the cost of a depot.
        plan = solve_ready(
            part.problem,
            points,
            ready=part.ready,
            seconds_max=seconds_max,
            gap=min(gap, VALUE_GAP),
            cancelled=cancelled,
            proven=False,
        ).pointed.plan
        if plan.best.cost_kr_year is None:
            return None
        return plan.best.cost_kr_year + points_kr_year(plan.best, points)

    decided, free = cheapest(verdicts), cheapest(Verdicts())
    return None if decided is None or free is None else max(0.0, decided - free)
