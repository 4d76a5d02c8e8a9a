"""Zones that are no depots, the zones that were removed, and files of zones for programs:
`/v1/zones`, `/v1/removed-zones` and `/v1/zone-files`."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    FileQuery,
    Name,
    Nothing,
    PageBody,
    PageQuery,
    Query,
    ResponseBody,
    Revision,
    Told,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import page_of
from api.rest.frame.problems import Problem
from api.rest.places.shapes import Place, PlaceShape, outline
from fleet.actor import Permission
from ingest.listeners.problem import RefusedPart
from register import zones_stored
from register.history import RegisterSubject, changes_of_each, count_changes
from register.zones import Zone, ZoneKind, zone_id_from_name, zones_of_answer

#: The latest removed zones that are told.
REMOVED_MAX = 1_000


class ZoneShape(PlaceShape):
    """The name of a zone that is no depot, such as a workshop, and where it is: a circle of
    `radius_m` metres around a place in degrees (WGS 84), or a `polygon` as in GeoJSON: its outline
    and its holes, each a ring of (longitude, latitude) whose last corner is the first.
    `active_from` and `active_to` are local days, both included. A place outside Denmark is refused
    until it is sent with `confirmed`."""

    def zone(self, zone_id: str, kind: ZoneKind) -> Zone:
        """The zone with this id.

        Raises:
            ZoneError: its shape is none.
            Problem: it has none.
        """
        if self.has_no_place:
            reason = "give lat, lon and radius_m, or a polygon"
            raise Problem(422, "the zone is nowhere", [RefusedPart(None, "lat", reason)])
        return self.placed(zone_id, kind)


class NewZone(ZoneShape):
    """A zone that is added. Without an `id` it gets one that is made of its name."""

    model_config = example(name="Værkstedet", lat=55.7861, lon=12.4921, radius_m=80)

    id: Name | None = None
    revision: Told = None


class ZoneChange(ZoneShape):
    """Another name or shape of a zone; with the kind `depot` it becomes one. `revision` is that of
    the zone as the program read it: if somebody else has changed it since, nothing is changed."""

    model_config = example(
        revision=1, name="Værkstedet", lat=55.7861, lon=12.4921, radius_m=120, kind="other"
    )

    revision: Revision
    kind: Annotated[ZoneKind, Field(strict=False)] = ZoneKind.OTHER
    id: Told = None


class ZoneTold(Place):
    """A zone that is no depot, around or with (lat, lon) in it; a polygon has no radius but an
    outline."""


class Zones(PageBody):
    """Zones that are no depots, in the order of their ids."""

    items: list[ZoneTold]


class RemovedZone(ResponseBody):
    """A depot or another zone that was removed, by whom and when. It can be restored."""

    id: str
    name: str
    kind: ZoneKind
    removed_by: str
    removed_at: datetime


class RemovedZones(PageBody):
    """The zones that were removed and have not come back, in the order of their ids."""

    items: list[RemovedZone]


class ZoneFileQuery(FileQuery):
    """The name of a GeoJSON file, and whether the places in it are right that must be confirmed."""

    model_config = example(name="zones.geojson")

    name: Annotated[Name, Field(description="the name of the file, which is GeoJSON")]
    confirmed: Annotated[
        bool, Field(description="true: places outside Denmark and depots at one spot are right")
    ] = False


class ZoneFileTold(ResponseBody):
    """How many zones of a file were new, and how many replaced one with the same id."""

    added: int
    changed: int


async def list_zones(call: Call[PageQuery]) -> Zones:
    found = [one for one in await zones_stored.zones(call.pool) if one.kind is ZoneKind.OTHER]
    items, more = page_of(found, call.asked, lambda one: one.zone_id)
    changes = await changes_of_each(call.pool, RegisterSubject.ZONE)
    return Zones(items=[_told(one, changes.get(one.zone_id, 0)) for one in items], next=more)


async def show_zone(call: Call[Any]) -> ZoneTold:
    return await _with_revision(call, await _zone(call, call.name("zone")))


async def add_zone(call: Call[NewZone]) -> ZoneTold:
    asked = call.asked
    zone = asked.zone(asked.id or zone_id_from_name(asked.name), ZoneKind.OTHER)
    await zones_stored.put_zone(call.pool, call.actor, zone, new=True, confirmed=asked.confirmed)
    return await _with_revision(call, zone)


async def change_zone(call: Call[ZoneChange]) -> ZoneTold:
    known, asked = await _zone(call, call.name("zone")), call.asked
    # What a zone has that was a depot stays its own, though nobody asks for it.
    zone = replace(asked.zone(known.zone_id, asked.kind), charge_points=known.charge_points)
    await zones_stored.put_zone(
        call.pool,
        call.actor,
        zone,
        new=False,
        confirmed=asked.confirmed,
        seen=asked.revision,
    )
    return await _with_revision(call, zone)


async def remove_zone(call: Call[Nothing]) -> ZoneTold:
    known = await show_zone(call)
    await zones_stored.remove_zone(call.pool, call.actor, known.id)
    return known


async def restore_zone(call: Call[Nothing]) -> ZoneTold:
    zone_id = call.name("zone")
    removed = await zones_stored.removed_zone(call.pool, zone_id)
    if removed is None or removed.kind is not ZoneKind.OTHER:
        raise Problem(404, f"no zone {zone_id} was removed, or it has come back")
    await zones_stored.restore_zone(call.pool, call.actor, zone_id)
    return await _with_revision(call, removed)


async def list_removed(call: Call[PageQuery]) -> RemovedZones:
    found = await zones_stored.removed_zones(call.pool, REMOVED_MAX)
    items, more = page_of(found, call.asked, lambda one: one.zone.zone_id)
    return RemovedZones(
        items=[
            RemovedZone(
                id=one.zone.zone_id,
                name=one.zone.name,
                kind=one.zone.kind,
                removed_by=one.actor,
                removed_at=one.at,
            )
            for one in items
        ],
        next=more,
    )


async def send_file(call: Call[ZoneFileQuery]) -> ZoneFileTold:
    read = await call.context.read_in_own_process(
        "register.zones:read_zones", call.asked.name, call.content
    )
    put = await zones_stored.put_zones(
        call.pool, call.actor, zones_of_answer(read), confirmed=call.asked.confirmed
    )
    return ZoneFileTold(added=put.added, changed=put.changed)


async def _zone(call: Call[Any], zone_id: str) -> Zone:
    """A zone that is no depot.

    Raises:
        Problem: there is none.
    """
    found = await zones_stored.zone_of(call.pool, zone_id)
    if found is None or found.kind is not ZoneKind.OTHER:
        raise Problem(404, f"there is no zone {zone_id} that is no depot")
    return found


async def _with_revision(call: Call[Any], zone: Zone) -> ZoneTold:
    return _told(zone, await count_changes(call.pool, RegisterSubject.ZONE, zone.zone_id))


def _told(zone: Zone, revision: int) -> ZoneTold:
    return ZoneTold(
        id=zone.zone_id,
        name=zone.name,
        lat=zone.lat,
        lon=zone.lon,
        radius_m=zone.radius_m,
        polygon=outline(zone),
        active_from=zone.active_from,
        active_to=zone.active_to,
        revision=revision,
    )


_ONE = "/v1/zones/{zone}"

ZONES = (
    Operation(
        "GET",
        "/v1/zones",
        Permission.FIGURES_READ,
        mark("The zones that are no depots"),
        PageQuery,
        Zones,
        list_zones,
    ),
    Operation(
        "POST",
        "/v1/zones",
        Permission.REGISTER_CHANGE,
        mark("Add a zone that is no depot"),
        NewZone,
        ZoneTold,
        add_zone,
        located="/v1/zones/{id}",
    ),
    Operation(
        "GET",
        _ONE,
        Permission.FIGURES_READ,
        mark("One zone that is no depot"),
        Query,
        ZoneTold,
        show_zone,
    ),
    Operation(
        "PUT",
        _ONE,
        Permission.REGISTER_CHANGE,
        mark("Give a zone another name or shape, or make it a depot"),
        ZoneChange,
        ZoneTold,
        change_zone,
        conflict="somebody else has changed it since",
    ),
    Operation(
        "DELETE",
        _ONE,
        Permission.REGISTER_CHANGE,
        mark("Remove a zone; it can be restored"),
        Nothing,
        ZoneTold,
        remove_zone,
    ),
    Operation(
        "POST",
        "/v1/zones/{zone}/restore",
        Permission.REGISTER_CHANGE,
        mark("Take a removed zone back, as it was"),
        Nothing,
        ZoneTold,
        restore_zone,
    ),
    Operation(
        "GET",
        "/v1/removed-zones",
        Permission.REGISTER_CHANGE,
        mark("The depots and other zones that were removed and can be restored"),
        PageQuery,
        RemovedZones,
        list_removed,
    ),
    Operation(
        "POST",
        "/v1/zone-files",
        Permission.REGISTER_CHANGE,
        mark("Take in a GeoJSON file of depots and other zones, all or none"),
        ZoneFileQuery,
        ZoneFileTold,
        send_file,
        takes_file=True,
    ),
)
