"""Where vehicles spend their nights, as the pages show it."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import cast

from api.pages.frame.context import Context
from api.pages.frame.views import Choice
from api.pages.zones.views import Asleep
from db.statements import statements
from fleet.period import Period
from register import zones_stored
from register.zones import Zone
from trips.detect.nights import Night, NightRules, Stop, nights_of, where_it_sleeps

SQL = statements("zone")

RULES = NightRules()

#: A vehicle that has not moved for this long before the period is not placed in its first nights.
LOOK_BACK = timedelta(days=30)


async def asleep(
    context: Context, known: Sequence[Zone], period: Period | None, vehicle_id: str | None = None
) -> tuple[list[Night], list[Asleep]]:
    """The known nights of a period and where each vehicle spent them, of one vehicle or of all."""
    if period is None:
        return [], []
    depots = zones_stored.depots(known)
    names = {zone.zone_id: zone.name for zone in known}
    rows = await context.pool.fetch(
        SQL["night_trips"], period.start - LOOK_BACK, period.end, vehicle_id
    )
    every: list[Night] = []
    found: list[Asleep] = []
    for vehicle, group in groupby(rows, key=lambda row: cast(str, row["vehicle_id"])):
        own = list(group)
        trips = [
            Stop(row["start_ts"], row["end_ts"], row["end_lat"], row["end_lon"])
            for row in own
            if row["start_ts"] is not None
        ]
        nights = nights_of(vehicle, trips, period, RULES)
        every += nights
        sleeps, depot = where_it_sleeps(nights, depots, own[0]["depot_id"], RULES)
        found.append(
            Asleep(
                vehicle=Choice(vehicle, own[0]["name"]),
                own_depot=names.get(own[0]["depot_id"], ""),
                sleeps=sleeps,
                depot=None if depot is None else names[depot],
                nights=len(nights),
            )
        )
    return every, found
