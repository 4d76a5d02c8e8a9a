"""What today's fleet costs more since it, too, is planned with a vehicle spare for the workshop.

Under the rule, today's fleet leaves trips to the fallback that it drove in truth. Nobody pays for
these, so a saving that holds them is told apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from costs.kind_figures import KindFigures
from optimiser.depot.charge_points import PartPoints
from optimiser.depot.vehicle_pool import VehiclePool
from optimiser.model.problem import Problem
from optimiser.parts.depot_plan import NO_SPARE_TODAY, FleetFigures, SpareToday, fleet_figures
from optimiser.solve import solve_today
from optimiser.workers import CancelCheck


def spare_today(
    problem: Problem,
    baseline: FleetFigures,
    own: Sequence[VehiclePool],
    kinds: Mapping[str, KindFigures],
    points: PartPoints,
    *,
    seconds_max: float,
    gap: float,
    cancelled: CancelCheck,
) -> SpareToday:
    """What keeping the reserve costs today's fleet in the pools `own`, whose figures under the
    rules of `problem` are `baseline`."""
    pools = {pool.pool_id for pool in own}
    if not any(problem.rules.reserve_of(pool) for pool in pools):
        return NO_SPARE_TODAY
    free = replace(
        problem,
        rules=replace(problem.rules, reserve=0),
        trips=[trip for trip in problem.trips if trip.pool in pools],
        kinds=[kind for kind in problem.kinds if kind.pool in pools],
    )
    answer = solve_today(free, seconds_max=seconds_max, gap=gap, cancelled=cancelled)
    figures = fleet_figures(free, answer, own, kinds, points)
    return SpareToday(
        kr_year=max(0.0, baseline.cost_kr_year - figures.cost_kr_year),
        trips_year=max(0.0, baseline.fallback_trips_year - figures.fallback_trips_year),
        co2_t_year=baseline.co2_t_year - figures.co2_t_year,
    )
