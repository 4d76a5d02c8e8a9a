"""Doubts a place before it is stored: what is written by a slip looks like a place all the same."""

from collections.abc import Iterable, Sequence
from math import cos, hypot, radians

from fleet.earth import M_PER_DEG
from register.places.coordinates import in_denmark
from register.zones import Zone, ZoneError, ZoneKind, grid_shape

OUTSIDE_DENMARK = "{name} lies at {lat}, {lon}, which is not in Denmark. Is that right?"
CLOSES_WITH_VEHICLES = (
    "{name} closes, and vehicles belong to it ({count}): they stay in its plan until somebody moves"
    " them. Is that right?"
)
SAME_SPOT = "{name} lies where {other} lies. Are they two depots?"
OVERLAPS = (
    "Part of {name} lies in other depots: {others}. Are they two depots? What lies in both belongs"
    " to the one whose middle is nearer."
)

#: The area in square metres from which two depots overlap: less is the rounding of their shapes.
OVERLAP_M2 = 1.0

#: Middles of two depots that are closer to each other are one spot: a yard is wider.
SAME_SPOT_M = 25.0


class DoubtfulPlaceError(ZoneError):
    """A zone is where none is meant to be as a rule, or closes while vehicles belong to it; it is
    stored once somebody confirms it."""


def doubt_place(zone: Zone, known: Iterable[Zone]) -> None:
    """Doubt the place of a zone that is to be stored among the `known` ones, unless it is there
    already.

    Raises:
        DoubtfulPlaceError: it lies outside Denmark, or is a depot where another one is, or overlaps
            with others more than it did.
    """
    depots: list[Zone] = []
    before: Zone | None = None
    for one in known:
        if one.zone_id == zone.zone_id:
            before = one
        elif one.kind is ZoneKind.DEPOT and _at_the_same_time(one, zone):
            depots.append(one)
    is_there = before is not None and (
        (before.kind, before.lat, before.lon) == (zone.kind, zone.lat, zone.lon)
    )
    if not is_there and not in_denmark(zone.lat, zone.lon):
        lat, lon = f"{zone.lat:.4f}", f"{zone.lon:.4f}"
        raise DoubtfulPlaceError(OUTSIDE_DENMARK, name=zone.name, lat=lat, lon=lon)
    if zone.kind is not ZoneKind.DEPOT:
        return
    for one in depots:
        if not is_there and _metres(one, zone) < SAME_SPOT_M:
            raise DoubtfulPlaceError(SAME_SPOT, name=zone.name, other=one.name)
    was_depot = before is not None and before.kind is ZoneKind.DEPOT
    overlaps = _overlaps(zone, depots, before if was_depot else None)
    if overlaps:
        others = ", ".join(f"{one.name} {percent} %" for one, percent in overlaps)
        raise DoubtfulPlaceError(OVERLAPS, name=zone.name, others=others)


def _at_the_same_time(one: Zone, other: Zone) -> bool:
    """Whether two zones are in use on the same day: one that moved is two zones."""
    return all(
        first is None or last is None or first <= last
        for first, last in (
            (one.active_from, other.active_to),
            (other.active_from, one.active_to),
        )
    )


def _overlaps(zone: Zone, depots: Sequence[Zone], before: Zone | None) -> list[tuple[Zone, int]]:
    """The depots with which a zone overlaps by more than `before`, the most overlapping first, and
    the share of its area in per cent, at least 1."""
    shape = grid_shape(zone)
    former = None if before is None else grid_shape(before)
    found: list[tuple[float, Zone]] = []
    for one in depots:
        other = grid_shape(one)
        shared = shape.intersection(other).area
        was = 0.0 if former is None else former.intersection(other).area
        if shared > was + OVERLAP_M2:
            found.append((shared / shape.area, one))
    found.sort(key=lambda pair: -pair[0])
    return [(one, max(round(100 * share), 1)) for share, one in found]


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
