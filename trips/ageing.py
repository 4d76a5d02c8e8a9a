"""Ages trips: rounds the places of older trips, and deletes the oldest trips, of which only the
figures of days stay.

The ends of a trip are rounded when its positions are deleted and the days for which it is kept
exactly are over. An end at a depot stays exact, for a depot is no secret. Any other end moves to
the nearest point of a grid that lies in the same zone, or in no zone if the end does, so that all
figures stay as they were.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ldexp

import numpy as np

from db.connect import Pool
from db.statements import statements
from fleet.arrays import Floats
from fleet.earth import M_PER_DEG
from fleet.localtime import local_day
from register.zones import Zone, ZoneIndex
from register.zones_stored import depot_index, zones

SQL = statements("retention")


#: How many trips are rounded in one transaction.
BATCH = 5_000

#: The search for a point in the same zone goes up to so many lines of the grid away, in so many
#: grids. Each grid has half the step of the one before.
_LINES = 3
_GRIDS = 8

#: The least cosine of the latitude that a grid is made with. Lines of longitude meet at the poles,
#: where there would be no grid.
_COS_MIN = 0.01


@dataclass(frozen=True, slots=True)
class AgedTrips:
    """The counts of what one run rounded and deleted."""

    trips_rounded: int = 0
    trips: int = 0
    round_trips: int = 0
    engine_sessions: int = 0


async def age_trips(
    pool: Pool, now: datetime, *, exact_days: int, round_m: float, keep_days: int
) -> AgedTrips:
    """Round the ends of trips that ended more than `exact_days` ago to about `round_m`, and delete
    trips, round trips and engine sessions that ended more than `keep_days` ago; 0 days: never.

    Every deletion and rounding leaves a row in the table `deletion`. The days of devices stay as
    they were counted, and so do the figures of rounds of proposals. The statements of rounds on
    single days are deleted.
    """
    rounded = 0
    if exact_days:
        rounded = await _round_ends(pool, now - timedelta(days=exact_days), round_m, exact_days)
    if not keep_days:
        return AgedTrips(rounded)
    cutoff = now - timedelta(days=keep_days)
    gone: list[int] = []
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["keep_counted_days"], cutoff)
        await connection.execute(SQL["forget_round_days"], local_day(cutoff))
        await connection.execute(SQL["forget_trial_days"], local_day(cutoff))
        for subject in ("trip", "round_trip", "engine_session"):
            items = int(await connection.fetchval(SQL[f"delete_{subject}"], cutoff))
            if items:
                await connection.execute(
                    SQL["record_deletion"], subject, None, cutoff, items, keep_days
                )
            gone.append(items)
    return AgedTrips(rounded, *gone)


async def _round_ends(pool: Pool, cutoff: datetime, round_m: float, exact_days: int) -> int:
    """Round the ends of all trips that ended before `cutoff`; returns how many trips."""
    everywhere = await zones(pool)
    rounding = PlaceRounding(depot_index(everywhere), ZoneIndex(everywhere), round_m)
    total = 0
    while True:
        async with pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(SQL["exact_trips"], cutoff, BATCH)
            if not rows:
                return total
            columns: list[list[float]] = []
            for end in ("start", "end"):
                lat = np.array([row[f"{end}_lat"] for row in rows])
                lon = np.array([row[f"{end}_lon"] for row in rows])
                days = [local_day(row[f"{end}_ts"]) for row in rows]
                columns += (column.tolist() for column in rounding.round(lat, lon, days))
            keys = [row["device"] for row in rows], [row["start_ts"] for row in rows]
            await connection.execute(SQL["round_ends_of_trips"], *keys, *columns)
            first = min(row["start_ts"] for row in rows)
            await connection.execute(
                SQL["record_deletion"], "trip_ends", first, cutoff, len(rows), exact_days
            )
        total += len(rows)


class PlaceRounding:
    """Moves places to the points of a grid of about `round_m`. No place moves into or out of a
    zone."""

    def __init__(self, depots: ZoneIndex, zones: ZoneIndex, round_m: float) -> None:
        self._depots = depots
        self._zones = zones
        self._round_m = round_m

    def round(self, lat: Floats, lon: Floats, days: Sequence[date]) -> tuple[Floats, Floats]:
        """Round the places at which vehicles were on some days, unless they are at a depot; returns
        the latitudes and the longitudes."""
        was = self._zones.at(lat, lon, days)
        at_depot = np.array(
            [one is not None for one in self._depots.at(lat, lon, days)], dtype=bool
        )
        found_lat, found_lon = self._snapped(lat, lon, 0, 0)
        now = self._zones.at(found_lat, found_lon, days)
        found_lat[at_depot], found_lon[at_depot] = lat[at_depot], lon[at_depot]
        for index in map(int, np.flatnonzero(~at_depot)):
            if now[index] is not was[index]:
                place = self._beside(lat[index], lon[index], was[index], days[index])
                found_lat[index], found_lon[index] = place
        return found_lat, found_lon

    def _beside(self, lat: float, lon: float, zone: Zone | None, day: date) -> tuple[float, float]:
        """The nearest point of the grid in the same zone, or in no zone where `zone` is None. Where
        none is near, the nearest one of a finer grid."""
        here = np.array([lat]), np.array([lon])
        for finer in range(_GRIDS):
            for up, right in _rings():
                there = self._snapped(*here, up, right, finer)
                if self._zones.at(*there, [day])[0] is zone:
                    return float(there[0][0]), float(there[1][0])
        return lat, lon

    def _snapped(
        self, lat: Floats, lon: Floats, up: int, right: int, finer: int = 0
    ) -> tuple[Floats, Floats]:
        """The nearest points of a grid, or those some lines up and to the right of them.

        `finer` is how often the step of the grid is halved.
        """
        lat_step = ldexp(self._round_m / M_PER_DEG, -finer)
        lat_snapped = (np.round(lat / lat_step) + up) * lat_step
        # The points on a line of latitude are as far apart as the lines of latitude.
        lon_step = lat_step / np.maximum(np.cos(np.radians(lat_snapped)), _COS_MIN)
        return lat_snapped, (np.round(lon / lon_step) + right) * lon_step


def _rings() -> Iterator[tuple[int, int]]:
    """The numbers of lines up and to the right, the nearest first."""
    reach = range(-_LINES, _LINES + 1)
    return iter(
        sorted(((u, r) for u in reach for r in reach), key=lambda at: at[0] ** 2 + at[1] ** 2)
    )
