"""Makes a depot larger, so that it also holds a place beside it where its vehicles sleep."""

from dataclasses import replace
from math import ceil, hypot

import numpy as np
import shapely

from register.places.coordinates import from_grid
from register.zones import Zone, circle, grid_metres, grid_shape, polygon


def enlarged(zone: Zone, lat: float, lon: float, radius_m: float) -> Zone:
    """The zone made as large as it must be to hold the circle around (lat, lon) as well.

    A circle becomes the smallest circle around both, corners become those around both.

    Raises:
        ZoneError: it would be larger than a zone can be.
    """
    beside = circle(zone.zone_id, zone.name, zone.kind, lat, lon, radius_m)
    if zone.polygon is not None:
        return _around(zone, beside)
    assert zone.radius_m is not None
    east, north = grid_metres(np.array([zone.lat, lat]), np.array([zone.lon, lon]))
    away = hypot(east[1] - east[0], north[1] - north[0])
    if away + radius_m <= zone.radius_m:
        return zone
    if away + zone.radius_m <= radius_m:
        return _same(zone, beside)
    both = (away + zone.radius_m + radius_m) / 2
    share = (both - zone.radius_m) / away
    middle = from_grid(
        float(east[0] + share * (east[1] - east[0])),
        float(north[0] + share * (north[1] - north[0])),
    )
    # A metre more, as the middle is rounded.
    return _same(zone, circle(zone.zone_id, zone.name, zone.kind, *middle, ceil(both) + 1))


def _around(zone: Zone, beside: Zone) -> Zone:
    together = shapely.union_all([grid_shape(zone), grid_shape(beside)])
    outline = shapely.convex_hull(together).simplify(1.0)
    corners = shapely.get_coordinates(outline).tolist()
    ring = [from_grid(east, north)[::-1] for east, north in corners]
    return _same(zone, polygon(zone.zone_id, zone.name, zone.kind, [ring]))


def _same(zone: Zone, shape: Zone) -> Zone:
    """A zone with another shape, and its own days."""
    return replace(
        shape,
        active_from=zone.active_from,
        active_to=zone.active_to,
        charge_points=zone.charge_points,
    )
