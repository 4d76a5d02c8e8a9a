"""The figures of the system that indicators of plans may read."""

from api.pages.frame.context import PageContext
from api.pages.pilot_end.periods import asked_periods, default_periods, pilot_limits
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor
from fleet.localtime import local_now
from reports.pilot_end import ComparedPeriods, read_evaluation
from tracker.indicators import Figure, Figures
from trips.use.month_cache import MonthCache


async def plan_figures(context: PageContext, actor: Actor) -> Figures:
    """The figures that the system knows of itself now, as far as the actor sees the vehicles: those
    of the latest weeks that the evaluation tells of the depots at which trackers are heard. Empty
    before the first trips."""
    periods, _ = await asked_periods(context, {}, actor)
    return await _figures(context.pool, context.months, context.settings, actor, periods)


async def figures_of_all(pool: Pool, settings: Settings, actor: Actor) -> Figures:
    """The same of all vehicles and to the day, for a command."""
    periods = await default_periods(pool, settings)
    return await _figures(pool, MonthCache(), settings, actor, periods)


async def _figures(
    pool: Pool, months: MonthCache, settings: Settings, actor: Actor, periods: ComparedPeriods
) -> Figures:
    today = local_now().date()
    found = await read_evaluation(pool, months, actor, periods, pilot_limits(settings), today)
    now = found.after
    if now is None or not now.vehicles:
        return {}
    return {
        Figure.VEHICLES: now.vehicles,
        Figure.CO2E: now.co2_t_year,
        Figure.KM: now.km_year,
        Figure.GREEN_SHARE: now.green / now.vehicles,
    }
