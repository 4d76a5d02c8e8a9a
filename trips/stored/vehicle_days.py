"""Reads the days on which a vehicle drove, and the trips of a day with their paths."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from asyncpg import Record

from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.localtime import day_start
from register.devices import device_in_vehicle
from register.track_reasons import TrackAccess, record_track
from register.zones import Zone, ZoneIndex

SQL = statements("trip")


@dataclass(frozen=True, slots=True)
class TripDays:
    """The day of the last departure on or before a day, and the nearest days with trips before and
    after the day; None where there is none."""

    day: date | None
    earlier: date | None
    later: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTrip:
    """A trip of one day. `path` is (lon, lat) in degrees of its departure, of its positions, and of
    its arrival; a zone is named when the trip starts or ends in one.

    The tracker was silent within the trip (`gap_inside`), or at its ends, so that their moments are
    concluded (`cut_by_silence`).
    """

    start: datetime
    end: datetime
    km: float
    start_zone: str | None
    end_zone: str | None
    path: Sequence[tuple[float, float]]
    gap_inside: bool
    cut_by_silence: bool


async def trip_days(pool: Pool, vehicle_id: str, asked: date | None) -> TripDays:
    """The days with trips of a vehicle around the `asked` day, or (None) the last of all."""
    row = await pool.fetchrow(SQL["days_of_vehicle"], vehicle_id, asked)
    assert row is not None
    return TripDays(row["day"], row["earlier"], row["later"])


async def trips_on(
    pool: Pool, actor: Actor, access: TrackAccess, day: date, zones: Sequence[Zone]
) -> list[DayTrip]:
    """The trips that departed on a local day, the earliest first, of the tracker that sat in the
    vehicle then. It is recorded that the actor is shown them."""
    actor.require(Permission.TRACKS_READ)
    assert access.vehicle_id is not None, "the access is to one vehicle"
    device = await device_in_vehicle(pool, access.vehicle_id, day)
    if device is None:
        return []
    begin, end = day_start(day), day_start(day + timedelta(days=1))
    rows = await pool.fetch(SQL["trips_of_device"], device, begin, end)
    if not rows:
        return []
    await record_track(pool, actor, access, day)
    fixes = await pool.fetch(
        SQL["positions_between"], device, rows[0]["start_ts"], rows[-1]["end_ts"]
    )
    index = ZoneIndex(zones)
    starts = _zones_at(index, rows, "start_lat", "start_lon", day)
    ends = _zones_at(index, rows, "end_lat", "end_lon", day)
    return [
        DayTrip(
            start=row["start_ts"],
            end=row["end_ts"],
            km=row["km"],
            start_zone=start_zone,
            end_zone=end_zone,
            path=[
                (row["start_lon"], row["start_lat"]),
                *(
                    (fix["lon"], fix["lat"])
                    for fix in fixes
                    if row["start_ts"] <= fix["ts"] <= row["end_ts"]
                ),
                (row["end_lon"], row["end_lat"]),
            ],
            gap_inside=row["gap_inside"],
            cut_by_silence=row["cut_by_silence"],
        )
        for row, start_zone, end_zone in zip(rows, starts, ends, strict=True)
    ]


def _zones_at(
    index: ZoneIndex, rows: Sequence[Record], lat: str, lon: str, day: date
) -> list[str | None]:
    """The name of the zone at each of the places in two columns."""
    found = index.at(
        np.array([row[lat] for row in rows], dtype=np.float64),
        np.array([row[lon] for row in rows], dtype=np.float64),
        [day] * len(rows),
    )
    return [None if zone is None else zone.name for zone in found]
