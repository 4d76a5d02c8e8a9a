"""Reads, adds, changes and removes zones, and marks the devices that a change affects."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import asyncpg
import orjson

from db.connect import Pool, PooledConnection
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from fleet.names.order import name_order
from register.history import REMOVED, RegisterSubject, record_change, refuse_unseen_changes
from register.places.doubts import doubt_closing, doubt_place
from register.places.waiting import waiting_depot, waiting_depots
from register.zones import (
    STILL_A_DEPOT,
    Zone,
    ZoneCounts,
    ZoneError,
    ZoneIndex,
    ZoneKind,
    refuse_taken_name,
    zone_box,
)

SQL = statements("zone")


@dataclass(frozen=True, slots=True)
class RemovedZone:
    """A zone that was removed, as it was, with who removed it and when."""

    zone: Zone
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """A zone to which vehicles belong; it contains (lat, lon), and a polygon has no radius. One
    that waits for its place has none of these. `charge_points` stand there already; None: it is not
    known how many."""

    depot_id: str
    name: str
    lat: float | None
    lon: float | None
    radius_m: float | None
    charge_points: int | None = None


class ZoneInUseError(ExpectedError, ValueError):
    """A depot cannot be removed, as vehicles or proposals belong to it."""

    def __init__(self, zone_id: str) -> None:
        super().__init__(f"vehicles or proposals belong to the depot {zone_id}")


async def zones(connection: Pool | PooledConnection) -> list[Zone]:
    """Every zone that may be seen and has a place, by name: the head of a department sees the
    depots of their own vehicles only."""
    found = [_zone(row) for row in await connection.fetch(SQL["zones"])]
    return sorted(found, key=lambda zone: name_order(zone.name))


@unscoped
async def every_depot(pool: Pool) -> tuple[Zone, ...]:
    """Every depot, also those whose names are not shown to who asks: that a vehicle stands at a
    depot is so for everybody."""
    return tuple(zone for zone in await zones(pool) if zone.kind is ZoneKind.DEPOT)


def depot_index(all_zones: Sequence[Zone]) -> ZoneIndex:
    """The index of those of `all_zones` that are depots."""
    return ZoneIndex(zone for zone in all_zones if zone.kind is ZoneKind.DEPOT)


async def depots(connection: Pool | PooledConnection) -> list[Depot]:
    """Every depot, by name."""
    found = [Depot(**row) for row in await connection.fetch(SQL["depots"])]
    return sorted(found, key=lambda depot: name_order(depot.name))


async def zone_of(pool: Pool, zone_id: str) -> Zone | None:
    """One zone; None: there is no such zone, or it is a depot that waits for its place."""
    row = await pool.fetchrow(SQL["zone"], zone_id)
    return None if row is None else _zone(row)


async def vehicles_of_depot(pool: Pool, zone_id: str) -> int:
    """The number of vehicles of the fleet that belong to a zone as their depot."""
    return await pool.fetchval(SQL["belongings"], zone_id)


async def removed_zones(pool: Pool, most: int) -> list[RemovedZone]:
    """The zones that were removed and have not come back, the latest first."""
    rows = await pool.fetch(SQL["removed_zones"], most, None)
    return [
        RemovedZone(_removed(row["zone_id"], row["content"]), row["actor"], row["at"])
        for row in rows
    ]


async def removed_zone(pool: Pool, zone_id: str) -> Zone | None:
    """A zone that was removed, as it was; None: no such zone was removed, or it has come back."""
    row = await pool.fetchrow(SQL["removed_zones"], 1, zone_id)
    return None if row is None else _removed(zone_id, row["content"])


async def devices_waiting(pool: Pool) -> int:
    """The number of devices whose round trips must be detected again, as a zone changed."""
    return await pool.fetchval(SQL["waiting_devices"])


async def put_zone(
    pool: Pool,
    actor: Actor,
    zone: Zone,
    *,
    new: bool,
    confirmed: bool = False,
    seen: int | None = None,
) -> str:
    """Add or change one zone, as `put_zones` does. A new depot with the name of one that waits for
    its place is that one. `seen` is the number of its changes that the actor saw. Returns its id.

    Raises:
        ZoneError: another zone has its name, or the id of a new zone, or it is to be no depot, and
            vehicles or proposals belong to it.
        DoubtfulPlaceError: it is in a place that somebody must confirm.
        ChangedSinceError: somebody else changed it.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        await refuse_unseen_changes(connection, RegisterSubject.ZONE, zone.zone_id, seen)
        known = await zones(connection)
        waiting = await waiting_depots(connection)
        if new and zone.kind is ZoneKind.DEPOT:
            own = next((one for one in waiting if one.name == zone.name), None)
            if own is not None:
                zone, new = replace(zone, zone_id=own.depot_id), False
        refuse_taken_name(zone, [*known, *waiting], new=new)
        if not confirmed:
            doubt_place(zone, known)
            before = next((one for one in known if one.zone_id == zone.zone_id), None)
            await _doubt_closing(connection, zone, before)
        await _put(connection, actor, zone)
    return zone.zone_id


async def put_zones(
    pool: Pool, actor: Actor, given: Sequence[Zone], *, confirmed: bool = False
) -> ZoneCounts:
    """Add zones, or change those with the same id; all or none.

    The trip service then detects again the round trips of the devices that were in one of the
    zones, in its former or its new shape. Where a file does not say how many charge points a depot
    has, those that are known stay.

    Raises:
        DoubtfulPlaceError: one is in a place that somebody must confirm.
        ZoneError: one is to be no depot, and vehicles or proposals belong to it.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        known = {zone.zone_id: zone for zone in await zones(connection)}
        return await _put_each(connection, actor, given, known, confirmed=confirmed)


async def put_circles_within(
    connection: PooledConnection, actor: Actor, given: Sequence[Zone], *, confirmed: bool
) -> None:
    """Add the depots of a register file, or give those with the same id its circles and names,
    within the transaction of the caller. What such a file does not say of them stays.

    Raises:
        DoubtfulPlaceError: one is in a place that somebody must confirm.
    """
    actor.require(Permission.REGISTER_CHANGE)
    known = {zone.zone_id: zone for zone in await zones(connection)}
    kept = [
        zone
        if (before := known.get(zone.zone_id)) is None
        else replace(zone, active_from=before.active_from, active_to=before.active_to)
        for zone in given
    ]
    await _put_each(connection, actor, kept, known, confirmed=confirmed)


async def _put_each(
    connection: PooledConnection,
    actor: Actor,
    given: Sequence[Zone],
    known: Mapping[str, Zone],
    *,
    confirmed: bool,
) -> ZoneCounts:
    changed = 0
    if not confirmed:
        _doubt_each(given, known)
        for zone in given:
            await _doubt_closing(connection, zone, known.get(zone.zone_id))
    for zone in given:
        points = zone.charge_points
        if points is None and zone.zone_id in known:
            points = known[zone.zone_id].charge_points
        changed += await _put(connection, actor, replace(zone, charge_points=points))
    return ZoneCounts(len(given) - changed, changed)


async def _doubt_closing(connection: PooledConnection, zone: Zone, before: Zone | None) -> None:
    """Doubt the last day of a depot to which vehicles of the fleet belong."""
    if zone.active_to is not None:
        vehicles = await connection.fetchval(SQL["vehicles_of_depot"], zone.zone_id)
        doubt_closing(zone, before, vehicles)


def _doubt_each(given: Sequence[Zone], known: Mapping[str, Zone]) -> None:
    """Doubt the place of each given zone, among those that are known and those before it."""
    after = dict(known)
    for zone in given:
        doubt_place(zone, after.values())
        after[zone.zone_id] = zone


async def remove_zone(pool: Pool, actor: Actor, zone_id: str) -> None:
    """Remove a zone, or a depot that waits for its place. The history of a zone keeps what it was,
    so that it can be restored.

    Raises:
        KeyError: there is no such zone.
        ZoneInUseError: it is the depot of vehicles or of proposals.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        before = await connection.fetchrow(SQL["zone"], zone_id)
        waiting = await waiting_depot(connection, zone_id)
        if before is None and waiting is None:
            raise KeyError(zone_id)
        try:
            await connection.execute(SQL["remove_zone"], zone_id)
        except asyncpg.ForeignKeyViolationError:
            raise ZoneInUseError(zone_id) from None
        content = dict(REMOVED)
        if waiting is not None:
            content["name"] = waiting.name
        if before is not None:
            await connection.execute(SQL["mark_round_trips_near"], *zone_box(_zone(before)))
            content |= _content(_zone(before))
        await record_change(connection, actor, RegisterSubject.ZONE, zone_id, content)


async def restore_zone(pool: Pool, actor: Actor, zone_id: str) -> None:
    """Take a removed zone back, as it was.

    Raises:
        KeyError: no such zone was removed, or it has come back already.
        ZoneError: another zone has its name by now.
    """
    actor.require(Permission.REGISTER_CHANGE)
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(SQL["removed_zones"], 1, zone_id)
        if row is None:
            raise KeyError(zone_id)
        zone = _removed(zone_id, row["content"])
        refuse_taken_name(zone, await zones(connection), new=True)
        await _put(connection, actor, zone)


async def _put(connection: PooledConnection, actor: Actor, zone: Zone) -> bool:
    """Store one zone; returns whether it existed already.

    Raises:
        ZoneError: it is to be no depot, and vehicles or proposals belong to it.
    """
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
        zone.charge_points,
    )
    known = None if before is None else _zone(before)
    becomes_other = zone.kind is ZoneKind.OTHER and await connection.fetchval(
        SQL["has_belongings"], zone.zone_id
    )
    if becomes_other:
        raise ZoneError(STILL_A_DEPOT, name=zone.name)
    # Charge points are no matter of round trips.
    if known is None or replace(known, charge_points=zone.charge_points) != zone:
        for shape in (zone, known):
            if shape is not None:
                await connection.execute(SQL["mark_round_trips_near"], *zone_box(shape))
    was = None if known is None else _content(known)
    await record_change(connection, actor, RegisterSubject.ZONE, zone.zone_id, _content(zone), was)
    return before is not None


def _content(zone: Zone) -> dict[str, object]:
    """A zone as its history keeps it."""
    return {name: value for name, value in asdict(zone).items() if name != "zone_id"}


def _removed(zone_id: str, content: Mapping[str, Any]) -> Zone:
    """A zone as its history has it."""
    rings = content["polygon"]
    first, last = (content[name] for name in ("active_from", "active_to"))
    return Zone(
        zone_id=zone_id,
        name=content["name"],
        kind=ZoneKind(content["kind"]),
        lat=content["lat"],
        lon=content["lon"],
        radius_m=content["radius_m"],
        polygon=rings and tuple(tuple((lon, lat) for lon, lat in ring) for ring in rings),
        active_from=None if first is None else date.fromisoformat(first),
        active_to=None if last is None else date.fromisoformat(last),
        charge_points=content.get("charge_points"),
    )


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
        charge_points=row["charge_points"],
    )
