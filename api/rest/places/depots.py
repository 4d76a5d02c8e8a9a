"""Depots for programs: `/v1/depots`."""

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Name,
    Nothing,
    PageBody,
    PageQuery,
    Query,
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
from register.history import RegisterSubject, changes_of_each, count_changes
from register.places.waiting import (
    WaitingDepot,
    put_waiting_depot,
    waiting_depot,
    waiting_depots,
)
from register.vehicles import scope_of
from register.zones import CHARGE_POINTS_MAX, Zone, ZoneKind, zone_id_from_name
from register.zones_stored import (
    put_zone,
    remove_zone,
    removed_zone,
    restore_zone,
    zone_of,
    zones,
)


class DepotShape(PlaceShape):
    """The name of a depot, and where it is: a circle of `radius_m` metres around a place in degrees
    (WGS 84), or a `polygon` as in GeoJSON: its outline and its holes, each a ring of (longitude,
    latitude) whose last corner is the first. A polygon has no radius, and a place in it is found
    for `lat` and `lon`. `active_from` and `active_to` are local days, both included.
    `charge_points` are those that stand there already; null: it is not known how many, and today's
    electric vehicles have theirs. Without any place the depot waits for one: vehicles may belong to
    it, and no trips are counted from there. A place outside Denmark or where another depot is, and
    another last day of a depot to which vehicles belong, are refused until they are sent with
    `confirmed`."""

    charge_points: Annotated[int, Field(ge=0, le=CHARGE_POINTS_MAX)] | None = None

    def waiting(self, depot_id: str) -> WaitingDepot:
        """The depot with this id, which waits for its place.

        Raises:
            Problem: it has days, which only a place has.
        """
        if self.active_from is not None or self.active_to is not None:
            part = RefusedPart(None, "active_from", "a depot without a place has no days")
            raise Problem(422, "the depot waits for its place", [part])
        return WaitingDepot(depot_id=depot_id, name=self.name, charge_points=self.charge_points)

    def zone(self, zone_id: str, kind: ZoneKind = ZoneKind.DEPOT) -> Zone:
        """The depot with this id, which has a place, or the zone that it becomes.

        Raises:
            ZoneError: its shape is none.
        """
        return replace(self.placed(zone_id, kind), charge_points=self.charge_points)


class NewDepot(DepotShape):
    """A depot that is added. Without an `id` it gets one that is made of its name. With the name of
    a depot that waits for its place it is that one."""

    model_config = example(name="Materielgården", lat=55.7853, lon=12.4936, radius_m=200)

    id: Name | None = None
    revision: Told = None


class DepotChange(DepotShape):
    """Another name or shape of a depot; with the kind `other` a depot to which nothing belongs is
    none any more. `revision` is that of the depot as the program read it: if somebody else has
    changed it since, nothing is changed."""

    model_config = example(revision=1, name="Rådhuset", lat=55.7701, lon=12.5012, radius_m=150)

    revision: Revision
    kind: Annotated[ZoneKind, Field(strict=False)] = ZoneKind.DEPOT
    id: Told = None


class Depot(Place):
    """A depot, around or with (lat, lon) in it; a polygon has no radius but an outline. One that
    waits for its place has none of these."""

    charge_points: int | None


class Depots(PageBody):
    """Depots, in the order of their ids."""

    items: list[Depot]


async def list_depots(call: Call[PageQuery]) -> Depots:
    scope = await scope_of(call.pool, call.actor)
    placed = [one for one in await zones(call.pool) if one.kind is ZoneKind.DEPOT]
    found = [
        one
        for one in (*placed, *await waiting_depots(call.pool))
        if scope is None or one.zone_id in scope.depot_ids
    ]
    items, more = page_of(found, call.asked, lambda one: one.zone_id)
    changes = await changes_of_each(call.pool, RegisterSubject.ZONE)
    return Depots(items=[_told(one, changes.get(one.zone_id, 0)) for one in items], next=more)


async def show_depot(call: Call[Query]) -> Depot:
    return await _depot(call, call.name("depot"))


async def add_depot(call: Call[NewDepot]) -> Depot:
    asked = call.asked
    depot_id = asked.id or zone_id_from_name(asked.name)
    if asked.has_no_place:
        await put_waiting_depot(call.pool, call.actor, asked.waiting(depot_id), new=True)
    else:
        zone = asked.zone(depot_id)
        depot_id = await put_zone(call.pool, call.actor, zone, new=True, confirmed=asked.confirmed)
    return await _depot(call, depot_id)


async def change_depot(call: Call[DepotChange]) -> Depot:
    known, asked = await _depot(call, call.name("depot")), call.asked
    if asked.has_no_place:
        if known.lat is not None:
            part = RefusedPart(None, "lat", "a depot that has a place keeps one")
            raise Problem(422, "the depot has a place", [part])
        if asked.kind is not ZoneKind.DEPOT:
            part = RefusedPart(None, "lat", "a zone that is no depot has a place")
            raise Problem(422, "the depot waits for its place", [part])
        depot = asked.waiting(known.id)
        await put_waiting_depot(call.pool, call.actor, depot, new=False, seen=asked.revision)
        return await _depot(call, known.id)
    zone = asked.zone(known.id, asked.kind)
    await put_zone(
        call.pool,
        call.actor,
        zone,
        new=False,
        confirmed=asked.confirmed,
        seen=asked.revision,
    )
    return _told(zone, await count_changes(call.pool, RegisterSubject.ZONE, known.id))


async def remove_depot(call: Call[Nothing]) -> Depot:
    known = await _depot(call, call.name("depot"))
    await remove_zone(call.pool, call.actor, known.id)
    return known


async def restore_depot(call: Call[Nothing]) -> Depot:
    depot_id = call.name("depot")
    removed = await removed_zone(call.pool, depot_id)
    if removed is None or removed.kind is not ZoneKind.DEPOT:
        raise Problem(404, f"no depot {depot_id} was removed, or it has come back")
    await restore_zone(call.pool, call.actor, depot_id)
    return await _depot(call, depot_id)


async def _depot(call: Call[Any], depot_id: str) -> Depot:
    """A depot that the actor sees.

    Raises:
        Problem: there is none.
    """
    scope = await scope_of(call.pool, call.actor)
    found = await zone_of(call.pool, depot_id) or await waiting_depot(call.pool, depot_id)
    hidden = scope is not None and depot_id not in scope.depot_ids
    is_zone = isinstance(found, Zone) and found.kind is not ZoneKind.DEPOT
    if found is None or is_zone or hidden:
        raise Problem(404, f"there is no depot {depot_id}")
    return _told(found, await count_changes(call.pool, RegisterSubject.ZONE, depot_id))


def _told(zone: Zone | WaitingDepot, revision: int) -> Depot:
    if isinstance(zone, WaitingDepot):
        return Depot(
            id=zone.depot_id,
            name=zone.name,
            lat=None,
            lon=None,
            radius_m=None,
            polygon=None,
            active_from=None,
            active_to=None,
            charge_points=zone.charge_points,
            revision=revision,
        )
    return Depot(
        id=zone.zone_id,
        name=zone.name,
        lat=zone.lat,
        lon=zone.lon,
        radius_m=zone.radius_m,
        polygon=outline(zone),
        active_from=zone.active_from,
        active_to=zone.active_to,
        charge_points=zone.charge_points,
        revision=revision,
    )


_ONE = "/v1/depots/{depot}"

DEPOTS = (
    Operation(
        "GET",
        "/v1/depots",
        Permission.FIGURES_READ,
        mark("All depots"),
        PageQuery,
        Depots,
        list_depots,
    ),
    Operation(
        "POST",
        "/v1/depots",
        Permission.REGISTER_CHANGE,
        mark("Add a depot"),
        NewDepot,
        Depot,
        add_depot,
        located="/v1/depots/{id}",
    ),
    Operation("GET", _ONE, Permission.FIGURES_READ, mark("One depot"), Query, Depot, show_depot),
    Operation(
        "PUT",
        _ONE,
        Permission.REGISTER_CHANGE,
        mark("Give a depot another name or shape; round trips are then found again"),
        DepotChange,
        Depot,
        change_depot,
        conflict="somebody else has changed it since",
    ),
    Operation(
        "DELETE",
        _ONE,
        Permission.REGISTER_CHANGE,
        mark("Remove a depot; it can be restored"),
        Nothing,
        Depot,
        remove_depot,
        conflict="vehicles or proposals belong to it",
    ),
    Operation(
        "POST",
        "/v1/depots/{depot}/restore",
        Permission.REGISTER_CHANGE,
        mark("Take a removed depot back, as it was"),
        Nothing,
        Depot,
        restore_depot,
    ),
)
