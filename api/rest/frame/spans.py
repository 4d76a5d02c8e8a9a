"""The days that a list is asked for."""

from api.pages.frame.context import PageContext
from api.rest.frame.bodies import DaysQuery
from api.rest.frame.problems import Problem
from fleet.actor import Actor, Permission
from fleet.period import Period
from ingest.listeners.problem import RefusedPart
from trips.use.fleet_use import period_between

#: The error of days that a token without single trips may not be told of.
OUTSIDE_WEEKS = "is in no whole week with data that is over; without tracks:read you are told of"


async def asked_period(context: PageContext, asked: DaysQuery, reader: Actor) -> Period | None:
    """The local days that are asked for; those that are not said are the latest weeks with data.
    None before the first trip, and where no day is left. Who sees no single trips gets the weeks
    that hold these days.

    Raises:
        Problem: the last day is before the first; or none of the days is in a week that who asks
            may be told of.
    """
    if asked.first is None and asked.last is None:
        return await context.shown_period(reader)
    if asked.first is not None and asked.last is not None and asked.first > asked.last:
        part = RefusedPart(None, "to", "is before `from`")
        raise Problem(422, "the request cannot be read", [part])
    period = await period_between(context.pool, asked.first, asked.last)
    if period is None or reader.may(Permission.TRACKS_READ):
        return period
    weeks = await context.weeks_between(period.first, period.last)
    if weeks is None:
        told = await context.told_weeks()
        span = "there is none yet" if told is None else f"those from {told[0]} to {told[1]}"
        name = "from" if asked.first is not None else "to"
        part = RefusedPart(None, name, f"{OUTSIDE_WEEKS}: {span}")
        raise Problem(422, "the request cannot be read", [part])
    return weeks
