"""Reads where the vehicles of the fleet spend their nights, from the stored trips."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import groupby
from typing import cast

from asyncpg import Record

from db.connect import Pool
from db.statements import statements
from register.zones import Zone, ZoneIndex
from register.zones_stored import every_depot
from trips.detect.nights import (
    Night,
    NightRules,
    ProposedDepot,
    SleepingPlace,
    night_depots,
    nights_before,
    proposed_depots,
    sleeping_place,
)

SQL = statements("zone")

#: The rules by which every page tells where vehicles sleep.
NIGHT_RULES = NightRules()

#: The answers that are remembered by what the stored nights say: of the fleet as each scope sees
#: it, and of some single vehicles.
TOLD_KEPT = 16


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


@dataclass(frozen=True)
class FleetNights:
    """The known nights with the depot of each, None at none, and where each vehicle
    spent them."""

    nights: Sequence[Night]
    depots: Sequence[str | None]
    vehicles: Sequence[SleepingVehicle]

    @cached_property
    def proposed(self) -> Sequence[ProposedDepot]:
        """The places where several vehicles sleep that are no depots yet."""
        return proposed_depots(self.nights, self.depots, NIGHT_RULES)


async def fleet_nights(
    pool: Pool,
    zones: Sequence[Zone],
    last: date | None,
    vehicle_id: str | None = None,
) -> FleetNights:
    """The known nights of all vehicles up to the day `last`, or of one vehicle; without a day there
    are none. `zones` are those whose names are shown."""
    if last is None:
        return FleetNights([], [], [])
    mornings = nights_before(last, NIGHT_RULES)
    moments = [moment for _, moment in mornings]
    rows = await pool.fetch(SQL["nights"], moments, NIGHT_RULES.stands_for, vehicle_id)
    return _told(
        tuple(rows),
        tuple(morning for morning, _ in mornings),
        await every_depot(pool),
        tuple((zone.zone_id, zone.name) for zone in zones),
    )


@lru_cache(TOLD_KEPT)
def _told(
    rows: tuple[Record, ...],
    mornings: tuple[date, ...],
    depots: tuple[Zone, ...],
    zone_names: tuple[tuple[str, str], ...],
) -> FleetNights:
    """What the stored nights tell. While no row changes, and few do by day, it stays the same."""
    names = dict(zone_names)
    every: list[Night] = []
    fleet: list[tuple[Record, int]] = []
    for vehicle, group in groupby(rows, key=lambda row: cast(str, row["vehicle_id"])):
        own = list(group)
        nights = [
            Night(vehicle, mornings[row["night"] - 1], row["lat"], row["lon"])
            for row in own
            if row["night"] is not None
        ]
        every += nights
        fleet.append((own[0], len(nights)))
    at = night_depots(every, ZoneIndex(depots))  # of all vehicles at once
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
