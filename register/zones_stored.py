"""The zones of the database: read, put, removed, and what a change of one sets off."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import orjson

from db.connect import Pool, PooledConnection
from db.statements import statements
from register.zones import Put, Zone, ZoneIndex, ZoneKind, bounds

SQL = statements("zone")


class ZoneInUseError(ValueError):
    """Vehicles or proposals belong to the depot, so that it can be moved but not removed."""


async def zones(connection: Pool | PooledConnection) -> list[Zone]:
    """Every zone, by name."""
    return [_zone(row) for row in await connection.fetch(SQL["list"])]


def depots(all_zones: Sequence[Zone]) -> ZoneIndex:
    """The index of those that are depots."""
    return ZoneIndex(zone for zone in all_zones if zone.kind is ZoneKind.DEPOT)


async def put_zones(pool: Pool, given: Sequence[Zone]) -> Put:
    """Add zones, or change those with the same id; all or none.

    Round trips of the vehicles that were in a zone, as it was or is, are found anew by the worker.
    """
    changed = 0
    async with pool.acquire() as connection, connection.transaction():
        for zone in given:
            before = await connection.fetchrow(SQL["shape"], zone.zone_id)
            changed += before is not None
            await connection.execute(
                SQL["put"],
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
                    await connection.execute(SQL["touch"], *bounds(shape))
    return Put(len(given) - changed, changed)


async def remove_zone(pool: Pool, zone_id: str) -> None:
    """Remove a zone.

    Raises:
        KeyError: there is none.
        ZoneInUseError: it is the depot of vehicles or of proposals.
    """
    async with pool.acquire() as connection, connection.transaction():
        before = await connection.fetchrow(SQL["shape"], zone_id)
        if before is None:
            raise KeyError(zone_id)
        try:
            await connection.execute(SQL["remove"], zone_id)
        except asyncpg.ForeignKeyViolationError:
            raise ZoneInUseError(zone_id) from None
        await connection.execute(SQL["touch"], *bounds(_zone(before)))


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
