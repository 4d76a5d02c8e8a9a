"""Reads, adds, changes and removes zones, and marks the devices that a change affects."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import asyncpg
import orjson

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor, Permission
from register.history import REMOVED, RegisterSubject, record_change
from register.zones import Zone, ZoneCounts, ZoneIndex, ZoneKind, refuse_taken_name, zone_box

SQL = statements("zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """A zone to which vehicles belong; it contains (lat, lon), and a polygon has no radius."""

    depot_id: str
    name: str
    lat: float
    lon: float
    radius_m: float | None


class ZoneInUseError(ValueError):
    """A depot cannot be removed, as vehicles or proposals belong to it."""


async def zones(connection: Pool | PooledConnection) -> list[Zone]:
    """Every zone, by name."""
    return [_zone(row) for row in await connection.fetch(SQL["zones"])]


def depot_index(all_zones: Sequence[Zone]) -> ZoneIndex:
    """The index of those of `all_zones` that are depots."""
    return ZoneIndex(zone for zone in all_zones if zone.kind is ZoneKind.DEPOT)


async def depots(connection: Pool | PooledConnection) -> list[Depot]:
    """Every depot, by name."""
    return [Depot(**row) for row in await connection.fetch(SQL["depots"])]


async def devices_waiting(pool: Pool) -> int:
    """The number of devices whose round trips must be detected again, as a zone changed."""
    return await pool.fetchval(SQL["waiting_devices"])


async def put_zone(pool: Pool, actor: Actor, zone: Zone, *, new: bool) -> None:
    """Add or change one zone, as `put_zones` does.

    Raises:
        ZoneError: another zone has its name, or the id of a new zone.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        refuse_taken_name(zone, await zones(connection), new=new)
        await _put(connection, actor, zone)


async def put_zones(pool: Pool, actor: Actor, given: Sequence[Zone]) -> ZoneCounts:
    """Add zones, or change those with the same id; all or none.

    The trip service then detects again the round trips of the devices that were in one of the
    zones, in its former or its new shape.
    """
    actor.require(Permission.REGISTER_CHANGE)
    changed = 0
    async with pool.acquire() as connection, connection.transaction():
        for zone in given:
            changed += await _put(connection, actor, zone)
    return ZoneCounts(len(given) - changed, changed)


async def remove_zone(pool: Pool, actor: Actor, zone_id: str) -> None:
    """Remove a zone.

    Raises:
        KeyError: there is no such zone.
        ZoneInUseError: it is the depot of vehicles or of proposals.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        before = await connection.fetchrow(SQL["zone"], zone_id)
        if before is None:
            raise KeyError(zone_id)
        try:
            await connection.execute(SQL["remove_zone"], zone_id)
        except asyncpg.ForeignKeyViolationError:
            raise ZoneInUseError(zone_id) from None
        await connection.execute(SQL["mark_round_trips_near"], *zone_box(_zone(before)))
        await record_change(connection, actor, RegisterSubject.ZONE, zone_id, REMOVED)


async def _put(connection: PooledConnection, actor: Actor, zone: Zone) -> bool:
    """Store one zone; returns whether it existed already."""
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
    await record_change(connection, actor, RegisterSubject.ZONE, zone.zone_id, content)
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
