"""Reads, adds, changes and removes the zones of the database, and marks what a change affects."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import asyncpg
import orjson

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor
from register.history import REMOVED, Subject, record_change
from register.zones import Zone, ZoneCounts, ZoneIndex, ZoneKind, refuse_taken_name, zone_box

SQL = statements("zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """Where vehicles belong; (lat, lon) is in it, and a polygon has no radius."""

    depot_id: str
    name: str
    lat: float
    lon: float
    radius_m: float | None


class ZoneInUseError(ValueError):
    """Vehicles or proposals belong to the depot, so that it can be moved but not removed."""


async def zones(connection: Pool | PooledConnection) -> list[Zone]:
    """Every zone, by name."""
    return [_zone(row) for row in await connection.fetch(SQL["zones"])]


def depot_index(all_zones: Sequence[Zone]) -> ZoneIndex:
    """The index of those that are depots."""
    return ZoneIndex(zone for zone in all_zones if zone.kind is ZoneKind.DEPOT)


async def depots(pool: Pool) -> list[Depot]:
    """Every depot, by name."""
    return [Depot(**row) for row in await pool.fetch(SQL["depots"])]


async def devices_waiting(pool: Pool) -> int:
    """How many devices wait for their round trips to be found anew, since a zone changed."""
    return await pool.fetchval(SQL["waiting_devices"])


async def put_zone(pool: Pool, actor: Actor, zone: Zone, *, new: bool) -> None:
    """Add one zone or change it, as `put_zones` does.

    Raises:
        ZoneError: another zone is called so, or has the id of a new one.
    """
    async with pool.acquire() as connection, connection.transaction():
        refuse_taken_name(zone, await zones(connection), new=new)
        await _put(connection, actor, zone)


async def put_zones(pool: Pool, actor: Actor, given: Sequence[Zone]) -> ZoneCounts:
    """Add zones, or change those with the same id; all or none.

    Round trips of the vehicles that were in a zone, as it was or is, are found anew by the worker.
    """
    changed = 0
    async with pool.acquire() as connection, connection.transaction():
        for zone in given:
            changed += await _put(connection, actor, zone)
    return ZoneCounts(len(given) - changed, changed)


async def remove_zone(pool: Pool, actor: Actor, zone_id: str) -> None:
    """Remove a zone.

    Raises:
        KeyError: there is none.
        ZoneInUseError: it is the depot of vehicles or of proposals.
    """
    async with pool.acquire() as connection, connection.transaction():
        before = await connection.fetchrow(SQL["zone"], zone_id)
        if before is None:
            raise KeyError(zone_id)
        try:
            await connection.execute(SQL["remove_zone"], zone_id)
        except asyncpg.ForeignKeyViolationError:
            raise ZoneInUseError(zone_id) from None
        await connection.execute(SQL["mark_round_trips_near"], *zone_box(_zone(before)))
        await record_change(connection, actor, Subject.ZONE, zone_id, REMOVED)


async def _put(connection: PooledConnection, actor: Actor, zone: Zone) -> bool:
    """Put one zone in; returns whether it was there already."""
    before = await connection.fetchrow(SQL["zone"], zone.zone_id)
    await connection.execute(
        SQL["put_zone"],
        zone.zone_id,
        zone.name,
        zone.kind,
        zone.lat,
        zone.lon,
        zone.radius_m,
        None if zone.polygon is None else orjson.dumps(zone.geometry).decode(),
        zone.active_from,
        zone.active_to,
    )
    for shape in (zone, None if before is None else _zone(before)):
        if shape is not None:
            await connection.execute(SQL["mark_round_trips_near"], *zone_box(shape))
    content = {name: value for name, value in asdict(zone).items() if name != "zone_id"}
    await record_change(connection, actor, Subject.ZONE, zone.zone_id, content)
    return before is not None


def _zone(row: asyncpg.Record) -> Zone:
    shape: dict[str, Any] | None = None if row["polygon"] is None else orjson.loads(row["polygon"])
    return Zone(
        zone_id=row["zone_id"],
        name=row["name"],
        kind=ZoneKind(row["kind"]),
        lat=row["lat"],
        lon=row["lon"],
        radius_m=row["radius_m"],
        polygon=None
        if shape is None
        else tuple(tuple((lon, lat) for lon, lat in ring) for ring in shape["coordinates"]),
        active_from=row["active_from"],
        active_to=row["active_to"],
    )
