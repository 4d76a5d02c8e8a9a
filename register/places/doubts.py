"""Doubts a place before it is stored: what is written by a slip looks like a place all the same."""

from collections.abc import Iterable
from math import cos, hypot, radians

from fleet.earth import M_PER_DEG
from register.places.coordinates import in_denmark
from register.zones import Zone, ZoneError, ZoneKind

OUTSIDE_DENMARK = "{name} lies at {lat}, {lon}, which is not in Denmark. Is that right?"
CLOSES_WITH_VEHICLES = (
    "{name} closes, and vehicles belong to it ({count}): they stay in its plan until somebody moves"
    " them. Is that right?"
)
SAME_SPOT = "{name} lies where {other} lies. Are they two depots?"

#: Middles of two depots that are closer to each other are one spot: a yard is wider.
SAME_SPOT_M = 25.0


class DoubtfulPlaceError(ZoneError):
    """A zone is where none is meant to be as a rule, or closes while vehicles belong to it; it is
    stored once somebody confirms it."""


def doubt_place(zone: Zone, known: Iterable[Zone]) -> None:
    """Doubt the place of a zone that is to be stored among the `known` ones, unless it is there
    already.

    Raises:
        DoubtfulPlaceError: it lies outside Denmark, or is a depot where another one is.
    """
    others: list[Zone] = []
    for one in known:
        if one.zone_id != zone.zone_id:
            others.append(one)
        elif (one.kind, one.lat, one.lon) == (zone.kind, zone.lat, zone.lon):
            return
    if not in_denmark(zone.lat, zone.lon):
        lat, lon = f"{zone.lat:.4f}", f"{zone.lon:.4f}"
        raise DoubtfulPlaceError(OUTSIDE_DENMARK, name=zone.name, lat=lat, lon=lon)
    if zone.kind is not ZoneKind.DEPOT:
        return
    for one in others:
        if one.kind is ZoneKind.DEPOT and _metres(one, zone) < SAME_SPOT_M:
            raise DoubtfulPlaceError(SAME_SPOT, name=zone.name, other=one.name)


def doubt_closing(zone: Zone, before: Zone | None, vehicles: int) -> None:
    """Doubt the last day of a depot to which `vehicles` belong, unless it has that day already.

    Raises:
        DoubtfulPlaceError: the depot closes.
    """
    if zone.kind is not ZoneKind.DEPOT or zone.active_to is None or not vehicles:
        return
    if before is None or before.active_to != zone.active_to:
        raise DoubtfulPlaceError(CLOSES_WITH_VEHICLES, name=zone.name, count=str(vehicles))


def _metres(one: Zone, other: Zone) -> float:
    """The distance of two middles, where they are close to each other."""
    wide = cos(radians(one.lat))
    return M_PER_DEG * hypot(one.lat - other.lat, (one.lon - other.lon) * wide)
