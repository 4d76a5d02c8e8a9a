"""Reads the form of a zone, whose mistakes have the same words as those in a file of zones."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

import orjson

from api.pages.frame.forms import DAYS_BACKWARDS, day_in, signed_number
from api.pages.words.language import mark
from register import zones
from register.places.coordinates import read_coordinates
from register.places.doubts import DoubtfulPlaceError
from register.zones import Zone, ZoneError, ZoneKind

NAME_MISSING = mark("Enter a name for the zone")
SHAPE_MISSING = mark("Click on the map where the middle is, or write its coordinates")
CENTRE_WRONG = mark(
    "Enter coordinates such as 55.7701, 12.5012, as maps and phones show them, or"
    " east and north of UTM zone 32, such as 705000, 6160000"
)
RADIUS_MISSING = mark("Enter the radius in metres")
DAY_WRONG = mark("Enter a date, or leave the field empty")
CHARGE_POINTS_WRONG = mark("Enter a whole number, or leave the field empty")
CHARGE_POINTS_BOUNDS = mark("Enter a number from 0 to {most}, or leave the field empty")

#: The fields that make a zone.
FIELDS = (
    *("zone_id", "name", "kind", "centre", "shape", "radius_m"),
    *("active_from", "charge_points", "active_to"),
)


def read_zone(values: Mapping[str, str]) -> Zone:
    """Read the zone that was drawn on the map or written in the fields.

    Raises:
        ZoneError: it is no zone; `field_of` gives the field that is wrong.
    """
    first, last = (_day(values, name) for name in ("active_from", "active_to"))
    if first is not None and last is not None and first > last:
        raise ZoneError(DAYS_BACKWARDS, field="active_to")
    points = _charge_points(values)
    return replace(_shaped(values), active_from=first, active_to=last, charge_points=points)


def _charge_points(values: Mapping[str, str]) -> int | None:
    text = values.get("charge_points", "").strip()
    if not text:
        return None
    points = signed_number(text)
    if points is None:
        raise ZoneError(CHARGE_POINTS_WRONG, field="charge_points")
    most = zones.CHARGE_POINTS_MAX
    if not 0 <= points <= most:
        raise ZoneError(CHARGE_POINTS_BOUNDS, field="charge_points", most=most)
    return points


def _day(values: Mapping[str, str], name: str) -> date | None:
    text = values.get(name, "")
    if not text:
        return None
    day = day_in(text)
    if day is None:
        raise ZoneError(DAY_WRONG, field=name)
    return day


def _shaped(values: Mapping[str, str]) -> Zone:
    name = values.get("name", "")
    if not name:
        raise ZoneError(NAME_MISSING)
    zone_id = values.get("zone_id") or zones.zone_id_from_name(name)
    kind = ZoneKind.OTHER if values.get("kind") == ZoneKind.OTHER else ZoneKind.DEPOT
    if len(name) > zones.NAME_MAX or len(zone_id) > zones.NAME_MAX:
        raise ZoneError(zones.BAD_NAME, number=1, most=zones.NAME_MAX)
    if values.get("centre"):
        place = read_coordinates(values["centre"])
        if place is None:
            raise ZoneError(CENTRE_WRONG)
        return zones.circle(zone_id, name, kind, *place, _radius(values))
    try:
        shape: Any = orjson.loads(values.get("shape", ""))
    except ValueError:
        raise ZoneError(SHAPE_MISSING) from None
    parts = cast(dict[str, Any], shape) if isinstance(shape, dict) else {}
    if parts.get("type") == "Polygon":
        corners: Any = parts.get("coordinates")
        return zones.polygon(
            zone_id, name, kind, cast(list[Any], corners) if isinstance(corners, list) else []
        )
    try:
        lon, lat = (float(number) for number in parts["coordinates"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ZoneError(SHAPE_MISSING) from None
    return zones.circle(zone_id, name, kind, lat, lon, _radius(values))


def _radius(values: Mapping[str, str]) -> float:
    try:
        return float(values.get("radius_m", "").replace(",", "."))
    except ValueError:
        raise ZoneError(RADIUS_MISSING) from None


def values_of(zone: Zone) -> dict[str, str]:
    """The fields of the form as they are for a zone."""
    is_circle = zone.polygon is None
    return {
        "zone_id": zone.zone_id,
        "name": zone.name,
        "kind": zone.kind,
        "centre": f"{zone.lat:.6f}, {zone.lon:.6f}" if is_circle else "",
        "shape": "" if is_circle else orjson.dumps(zone.geometry).decode(),
        "radius_m": "" if zone.radius_m is None else f"{zone.radius_m:g}",
        "active_from": "" if zone.active_from is None else zone.active_from.isoformat(),
        "charge_points": "" if zone.charge_points is None else str(zone.charge_points),
        "active_to": "" if zone.active_to is None else zone.active_to.isoformat(),
    }


def field_of(error: ZoneError) -> str:
    """The field of the form for which a zone is refused."""
    if isinstance(error, DoubtfulPlaceError):
        return "confirmed"
    if error.reason in (NAME_MISSING, zones.NAME_TAKEN, zones.BAD_NAME):
        return "name"
    if error.reason in (RADIUS_MISSING, zones.BAD_RADIUS):
        return "radius_m"
    if error.reason in (DAY_WRONG, DAYS_BACKWARDS, CHARGE_POINTS_WRONG, CHARGE_POINTS_BOUNDS):
        return str(error.values["field"])
    if error.reason == zones.STILL_A_DEPOT:
        return "kind"
    if error.reason in (CENTRE_WRONG, SHAPE_MISSING):
        return "centre"
    return "shape"
