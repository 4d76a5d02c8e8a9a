"""Keeps the table `trip` current as positions arrive, late ones included."""

import asyncio
from datetime import UTC, datetime
from math import isinf

import asyncpg
import numpy as np
import structlog

from db.connect import UNAVAILABLE, Pool, PooledConnection
from db.statements import statements
from trips.detect import DetectedTrip, Track, TripParameters
from trips.recut import Cut, cut, recut, settled_before
from trips.rollup import refresh_days
from trips.roundtrip import Depot, round_trips

SQL = statements("trip")
LOG: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_BEGINNING = datetime(1, 1, 2, tzinfo=UTC)

_END = datetime(9999, 12, 30, tzinfo=UTC)

_ROUND_TRIP_COLUMNS = ("device", "start_ts", "end_ts", "vehicle_id", "depot_id", "km", "legs")
_TRIP_COLUMNS = (
    "device",
    "start_ts",
    "end_ts",
    "start_lat",
    "start_lon",
    "end_lat",
    "end_lon",
    "km",
)


class TripService:
    """Finds the trips of every device whose positions moved since the last round.

    Any number of services may run on one database: a device is refreshed by one at a time.
    """

    def __init__(self, pool: Pool, parameters: TripParameters | None = None) -> None:
        self._pool = pool
        self._parameters = parameters or TripParameters()

    async def run(self, every_s: float) -> None:
        """Refresh, pause, refresh, until cancelled. A database that is away is waited for."""
        while True:
            try:
                await self.refresh()
            except UNAVAILABLE as error:
                LOG.warning("trips are waiting for the database", error=str(error))
            await asyncio.sleep(every_s)

    async def refresh(self) -> int:
        """Bring the trips of every dirty device up to date; returns how many devices that were."""
        devices = [row["device"] for row in await self._pool.fetch(SQL["dirty_devices"])]
        for device in devices:
            await self.refresh_device(device)
        return len(devices)

    async def refresh_device(self, device: str) -> None:
        """Bring one device's trips up to date, unless another service is at it."""
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(SQL["lock_device"], device):
                return
            # Read before the positions: what comes in later moves the revision and is seen again.
            state = await connection.fetchrow(SQL["state"], device)
            if state is None:
                return
            # No position before it is left to find trips from, but the trips themselves are.
            cut_from: datetime = state["cut_from"]
            dirty_from = max(state["dirty_from"], cut_from)
            before = settled_before(dirty_from.timestamp(), self._parameters)
            last_two = await connection.fetch(SQL["last_two"], device, _moment(before))
            where = cut([_trip(row) for row in last_two], cut_from.timestamp())
            rows = await connection.fetch(SQL["track"], device, _moment(where.feed_from))
            found = await asyncio.to_thread(_recut, rows, where, self._parameters)
            await connection.execute(SQL["remove"], device, _moment(where.keep_from))
            await connection.copy_records_to_table(
                "trip",
                records=[(device, _moment(t.start), _moment(t.end), *t[2:]) for t in found],
                columns=_TRIP_COLUMNS,
            )
            away_from = await _store_round_trips(connection, device, _moment(where.keep_from))
            changed_from = min(dirty_from, _moment(where.keep_from), away_from)
            await refresh_days(
                connection, device, max(changed_from, state["whole_from"]), state["last_ts"]
            )
            await connection.execute(SQL["settle"], device, state["revision"])


async def _store_round_trips(
    connection: PooledConnection, device: str, changed_from: datetime
) -> datetime:
    """Find the round trips anew from the last return home before `changed_from`; returns when."""
    home = await connection.fetchrow(SQL["home"], device)
    if home is None:
        return changed_from
    begin: datetime = (
        await connection.fetchval(SQL["last_return"], device, changed_from) or _BEGINNING
    )
    rows = await connection.fetch(SQL["of_device"], device, begin, _END)
    depot = Depot(home["lat"], home["lon"], home["radius_m"])
    await connection.execute(SQL["remove_round_trips"], device, begin)
    await connection.copy_records_to_table(
        "round_trip",
        records=[
            (
                device,
                _moment(round_trip.start),
                _moment(round_trip.end),
                home["vehicle_id"],
                home["depot_id"],
                round_trip.km,
                round_trip.legs,
            )
            for round_trip in round_trips([_trip(row) for row in rows], depot)
        ],
        columns=_ROUND_TRIP_COLUMNS,
    )
    return begin


def _recut(
    rows: list[asyncpg.Record], where: Cut, parameters: TripParameters
) -> list[DetectedTrip]:
    return recut(_track(rows), where, parameters)


def _track(rows: list[asyncpg.Record]) -> Track:
    """Rows of the statement `track` as arrays; absent values become NaN."""
    return Track(
        ts=np.array([row["ts"].timestamp() for row in rows], dtype=np.float64),
        lat=np.array([row["lat"] for row in rows], dtype=np.float64),
        lon=np.array([row["lon"] for row in rows], dtype=np.float64),
        speed=np.array([row["speed_kmh"] for row in rows], dtype=np.float64) / 3.6,
        odometer=np.array([row["odometer_km"] for row in rows], dtype=np.float64),
        ignition=np.array([row["ignition"] for row in rows], dtype=np.float64),
    )


def _trip(row: asyncpg.Record) -> DetectedTrip:
    return DetectedTrip(
        row["start_ts"].timestamp(),
        row["end_ts"].timestamp(),
        row["start_lat"],
        row["start_lon"],
        row["end_lat"],
        row["end_lon"],
        row["km"],
    )


def _moment(seconds: float) -> datetime:
    return _BEGINNING if isinf(seconds) else datetime.fromtimestamp(seconds, UTC)
