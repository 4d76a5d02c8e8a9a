"""Reads where the vehicles of the fleet spend their nights, from the stored trips."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import cast

from asyncpg import Record

from db.connect import Pool
from db.statements import statements
from fleet.period import Period
from register.zones import Zone
from register.zones_stored import every_depot
from trips.detect.nights import (
    Night,
    NightRules,
    SleepingPlace,
    TripEnd,
    known_nights,
    night_depots,
    sleeping_place,
)

SQL = statements("zone")

#: The rules by which every page tells where vehicles sleep.
NIGHT_RULES = NightRules()

#: The time before a period whose trips are read to place a vehicle in its first nights. A vehicle
#: that has not moved for longer is placed from its first trip on.
LOOK_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SleepingVehicle:
    """A vehicle and the place where it spends its nights, by its `nights` known ones; `depot` is a
    name, None where there is none or it is not shown."""

    vehicle_id: str
    name: str
    own_depot: str
    sleeps: SleepingPlace
    depot: str | None
    nights: int


@dataclass(frozen=True, slots=True)
class FleetNights:
    """The known nights of a period with the depot of each, None at none, and where each vehicle
    spent them."""

    nights: Sequence[Night]
    depots: Sequence[str | None]
    vehicles: Sequence[SleepingVehicle]


async def fleet_nights(
    pool: Pool,
    zones: Sequence[Zone],
    period: Period | None,
    vehicle_id: str | None = None,
) -> FleetNights:
    """The known nights of all vehicles in a period, or of one vehicle; without a period there are
    none. `zones` are those whose names are shown."""
    if period is None:
        return FleetNights([], [], [])
    depots = await every_depot(pool)
    names = {zone.zone_id: zone.name for zone in zones}
    rows = await pool.fetch(
        *(SQL["night_trips"], period.start - LOOK_BACK, period.end, vehicle_id, NIGHT_RULES.at)
    )
    every: list[Night] = []
    fleet: list[tuple[Record, int]] = []
    for vehicle, group in groupby(rows, key=lambda row: cast(str, row["vehicle_id"])):
        own = list(group)
        trips = [
            TripEnd(row["start_ts"], row["end_ts"], row["end_lat"], row["end_lon"])
            for row in own
            if row["start_ts"] is not None
        ]
        nights = known_nights(vehicle, trips, period, NIGHT_RULES)
        every += nights
        fleet.append((own[0], len(nights)))
    at = night_depots(every, depots)  # of all vehicles at once
    found: list[SleepingVehicle] = []
    end = 0
    for row, count in fleet:
        begin, end = end, end + count
        nights = every[begin:end]
        sleeps, depot = sleeping_place(nights, at[begin:end], row["depot_id"], NIGHT_RULES)
        found.append(
            SleepingVehicle(
                vehicle_id=row["vehicle_id"],
                name=row["name"],
                own_depot=names.get(row["depot_id"], ""),
                sleeps=sleeps,
                depot=None if depot is None else names.get(depot),
                nights=len(nights),
            )
        )
    return FleetNights(every, at, found)
