"""The figures of the system that indicators of plans may read."""

from api.pages.frame.context import PageContext
from api.pages.pilot_end.periods import asked_periods, pilot_limits
from fleet.actor import Actor
from fleet.localtime import local_now
from reports.pilot_end import read_evaluation
from tracker.indicators import Figure, Figures


async def plan_figures(context: PageContext, actor: Actor) -> Figures:
    """The figures that the system knows of itself now, as far as the actor sees the vehicles: those
    of the latest weeks that the evaluation tells of the depots at which trackers are heard. Empty
    before the first trips."""
    periods, _ = await asked_periods(context, {}, actor)
    found = await read_evaluation(
        context.pool, context.months, actor, periods, pilot_limits(context), local_now().date()
    )
    now = found.after
    if now is None or not now.vehicles:
        return {}
    return {
        Figure.VEHICLES: now.vehicles,
        Figure.CO2E: now.co2_t_year,
        Figure.KM: now.km_year,
        Figure.GREEN_SHARE: now.green / now.vehicles,
    }
