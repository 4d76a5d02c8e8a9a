"""Zones: named places such as depots, circles or polygons, with an index and a GeoJSON reader.

Shapes are WGS 84 in degrees, (lon, lat) as in GeoJSON. Metres are those of EPSG:25832, the grid of
Denmark.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, cast

import numpy as np
import orjson
import shapely
from pyproj import Transformer

from fleet.arrays import Floats, Ints
from fleet.earth import M_PER_DEG
from fleet.files.own_process import ReadFile, ReadingBounds
from fleet.files.refusal import FileRefusedError

#: The number of sides in a quarter of the polygon that stands for a circle.
QUARTER_SIDES = 16


class ZoneKind(StrEnum):
    """The kinds of zones, as the table `zone` names them."""

    DEPOT = "depot"
    OTHER = "other"


class ZoneError(FileRefusedError):
    """A shape or a file of zones is refused."""


NO_JSON = "The file is not GeoJSON: line {line}, character {column} cannot be read"
NO_TYPE = 'The file is not GeoJSON: it has no "type"'
NO_FEATURES = 'The file is not GeoJSON: its "features" are no list'
NO_ZONES = "The file holds no zones"
NO_NAME = 'Zone {number} has no name (property "name")'
UNKNOWN_SHAPE = '{name}: a zone is a Polygon, or a Point with the property "radius_m"'
UNKNOWN_KIND = "{name}: kind must be depot or other, not {kind}"
BAD_RADIUS = "{name}: the radius must be more than 0 and at most {most} metres"
NOT_ON_EARTH = "{name}: the coordinates are no place on earth (longitude comes before latitude)"
BAD_CHARGE_POINTS = "{name}: the charge points are a whole number from 0 to {most}"
BAD_NAME = "Zone {number}: its name or id has more than {most} characters, or one that no name has"
TOO_MANY_ZONES = "The file has {zones} zones, and at most {most} are read"
TOO_MANY_POINTS = "{name}: the outline has more than {most} corners"
TOO_FEW_POINTS = "{name}: a polygon has three corners or more"
CROSSES_ITSELF = "{name}: the outline crosses itself at {lat}, {lon}"
NAME_TAKEN = "There is a zone of this name already: choose another, or change that one"
STILL_A_DEPOT = "{name} stays a depot: vehicles or proposals belong to it"
NOT_A_SHAPE = "{name}: the outline is no polygon: {detail}"

#: The most characters of a name or an id.
NAME_MAX = 128

#: The most zones of a file and corners of a zone: no municipality has more, and reading takes
#: seconds.
ZONES_MAX = 5_000
CORNERS_MAX = 20_000

#: More charge points at a depot are a typing mistake.
CHARGE_POINTS_MAX = 10_000

#: A circle with a larger radius is a typing mistake.
RADIUS_MAX_M = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A circle around (lat, lon) or, without `radius_m`, a `polygon` of rings of (lon, lat).

    A polygon contains (lat, lon). `active_from` and `active_to` are local days, both included.
    `charge_points` are those that stand there already; None: it is not known how many.
    """

    zone_id: str
    name: str
    kind: ZoneKind
    lat: float
    lon: float
    radius_m: float | None = None
    polygon: tuple[tuple[tuple[float, float], ...], ...] | None = None
    active_from: date | None = None
    active_to: date | None = None
    charge_points: int | None = None

    @property
    def geometry(self) -> dict[str, Any]:
        """The shape as GeoJSON; a circle is a Point."""
        if self.polygon is None:
            return {"type": "Point", "coordinates": [self.lon, self.lat]}
        return {"type": "Polygon", "coordinates": self.polygon}

    def is_active(self, day: date) -> bool:
        return (self.active_from is None or self.active_from <= day) and (
            self.active_to is None or day <= self.active_to
        )


def circle(
    zone_id: str, name: str, kind: ZoneKind, lat: float, lon: float, radius_m: float
) -> Zone:
    """A round zone.

    Raises:
        ZoneError: it is no place on earth, or the radius is out of bounds.
    """
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise ZoneError(NOT_ON_EARTH, name=name)
    if not 0 < radius_m <= RADIUS_MAX_M:
        raise ZoneError(BAD_RADIUS, name=name, most=RADIUS_MAX_M)
    return Zone(zone_id=zone_id, name=name, kind=kind, lat=lat, lon=lon, radius_m=radius_m)


def polygon(zone_id: str, name: str, kind: ZoneKind, rings: Sequence[Sequence[Any]]) -> Zone:
    """A zone with corners; the first ring is its outline, further ones are holes.

    Raises:
        ZoneError: it has too few corners, lies nowhere on earth, or crosses itself; then the
            message says where.
    """
    try:
        if sum(len(ring) for ring in rings) > CORNERS_MAX:
            raise ZoneError(TOO_MANY_POINTS, name=name, most=CORNERS_MAX)
        closed = tuple(tuple((float(p[0]), float(p[1])) for p in ring) for ring in rings)
    except (TypeError, IndexError, KeyError, OverflowError):
        raise ZoneError(UNKNOWN_SHAPE, name=name) from None
    except ValueError as error:
        if isinstance(error, ZoneError):
            raise
        raise ZoneError(UNKNOWN_SHAPE, name=name) from None
    if not closed or any(len(set(ring)) < 3 for ring in closed):
        raise ZoneError(TOO_FEW_POINTS, name=name)
    # The condition is written so that it is false for NaN.
    if not all(abs(lon) <= 180 and abs(lat) <= 90 for ring in closed for lon, lat in ring):
        raise ZoneError(NOT_ON_EARTH, name=name)
    shape = shapely.Polygon(closed[0], closed[1:])
    if not shape.is_valid:
        detail = shapely.is_valid_reason(shape)
        where = re.search(r"Self-intersection\[(\S+) (\S+)\]", detail)
        if where is None:
            raise ZoneError(NOT_A_SHAPE, name=name, detail=detail)
        lon, lat = (f"{float(number):.5f}" for number in where.groups())
        raise ZoneError(CROSSES_ITSELF, name=name, lat=lat, lon=lon)
    inside = shape.representative_point()
    rings_closed = tuple(ring if ring[0] == ring[-1] else (*ring, ring[0]) for ring in closed)
    return Zone(
        zone_id=zone_id, name=name, kind=kind, lat=inside.y, lon=inside.x, polygon=rings_closed
    )


def read_geojson(text: str | bytes) -> list[Zone]:
    """The zones in a GeoJSON file: a Feature or a FeatureCollection.

    Properties are `name`, and optionally `id`, `kind` (depot, which is the default, or other),
    `charge_points` (those that stand there already) and, of a Point, `radius_m`.

    Raises:
        ZoneError: the file or one of its zones is refused, and with it all zones.
    """
    try:
        content: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ZoneError(NO_JSON, line=error.lineno, column=error.colno) from None
    if not isinstance(content, dict) or "type" not in content:
        raise ZoneError(NO_TYPE)
    whole = cast(dict[str, Any], content)
    features: Any = whole.get("features", [whole])
    if not isinstance(features, list):
        raise ZoneError(NO_FEATURES)
    features = cast(list[Any], features)
    if len(features) > ZONES_MAX:
        raise ZoneError(TOO_MANY_ZONES, zones=len(features), most=ZONES_MAX)
    zones = [_zone(number, feature) for number, feature in enumerate(features, start=1)]
    if not zones:
        raise ZoneError(NO_ZONES)
    return zones


def _zone(number: int, feature: Any) -> Zone:
    parts = _object(feature)
    properties = _object(parts.get("properties"))
    zone = _shaped(number, parts, properties)
    return replace(zone, charge_points=_charge_points(zone.name, properties))


def _charge_points(name: str, properties: Mapping[str, Any]) -> int | None:
    points = properties.get("charge_points")
    if points is None or points == "":
        return None
    # Programs of map departments write every number with decimals, or as text.
    text = str(points).removesuffix(".0")
    if not text.isascii() or not text.isdecimal() or int(text) > CHARGE_POINTS_MAX:
        raise ZoneError(BAD_CHARGE_POINTS, name=name, most=CHARGE_POINTS_MAX)
    return int(text)


def _shaped(number: int, parts: Mapping[str, Any], properties: Mapping[str, Any]) -> Zone:
    shape = _object(parts.get("geometry"))
    name = str(properties.get("name") or "").strip()
    if not name:
        raise ZoneError(NO_NAME, number=number)
    if len(name) > NAME_MAX or "\0" in name:
        raise ZoneError(BAD_NAME, number=number, most=NAME_MAX)
    given = str(properties.get("kind") or ZoneKind.DEPOT)
    if given not in set(ZoneKind):
        raise ZoneError(UNKNOWN_KIND, name=name, kind=given)
    zone_id = str(properties.get("id") or parts.get("id") or zone_id_from_name(name))
    if len(zone_id) > NAME_MAX or "\0" in zone_id:
        raise ZoneError(BAD_NAME, number=number, most=NAME_MAX)
    places = shape.get("coordinates")
    try:
        if shape.get("type") == "Point" and isinstance(places, list) and places:
            places = cast(list[Any], places)
            lon, lat = (float(value) for value in places[:2])
            radius_m = float(properties.get("radius_m") or 0)
            return circle(zone_id, name, ZoneKind(given), lat, lon, radius_m)
    except (TypeError, ValueError, OverflowError) as error:
        if isinstance(error, ZoneError):
            raise
        raise ZoneError(UNKNOWN_SHAPE, name=name) from None
    if shape.get("type") != "Polygon" or not isinstance(places, list):
        raise ZoneError(UNKNOWN_SHAPE, name=name)
    return polygon(zone_id, name, ZoneKind(given), cast(list[Any], places))


def _object(value: Any) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def read_zones(name: str, content: bytes, bounds: ReadingBounds) -> ReadFile:
    """`read_geojson` for `fleet.files.own_process`; `zones_of_answer` reads its answer."""
    return ReadFile([asdict(zone) for zone in read_geojson(content)])


def zones_of_answer(read: ReadFile) -> list[Zone]:
    """The zones that `read_zones` read in another process."""
    return [_zone_of_answer(parts) for parts in read.answer]


def _zone_of_answer(parts: dict[str, Any]) -> Zone:
    rings = parts["polygon"]
    polygon = rings and tuple(tuple((lon, lat) for lon, lat in ring) for ring in rings)
    return Zone(
        zone_id=parts["zone_id"],
        name=parts["name"],
        kind=ZoneKind(parts["kind"]),
        lat=parts["lat"],
        lon=parts["lon"],
        radius_m=parts["radius_m"],
        polygon=polygon,
        charge_points=parts["charge_points"],
    )


def zone_id_from_name(name: str) -> str:
    """An id from a name: lower case, letters and digits, `aeoeaa` for `æøå`."""
    plain = name.lower().translate(str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"}))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "zone"


@cache
def _to_grid() -> Transformer:
    return Transformer.from_crs(4326, 25832, always_xy=True)


def grid_metres(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """The coordinates of places in EPSG:25832.

    Returns:
        East and north, in metres.
    """
    east, north = _to_grid().transform(lon, lat)
    return np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)


class Named(Protocol):
    """A thing with an id and a name, as zones and depots that wait for their place are."""

    @property
    def zone_id(self) -> str: ...

    @property
    def name(self) -> str: ...


def refuse_taken_name(zone: Zone, known: Iterable[Named], *, new: bool) -> None:
    """Refuse a zone with the name of another one, or a new zone with the id of another one.

    Raises:
        ZoneError: there is such a zone.
    """
    for other in known:
        same_id, same_name = other.zone_id == zone.zone_id, other.name == zone.name
        if (same_id and new) or (same_name and not same_id):
            raise ZoneError(NAME_TAKEN)


@dataclass(frozen=True, slots=True)
class ZoneCounts:
    """The numbers of zones of a file that were new, and that replaced one with the same id."""

    added: int
    changed: int


class ZoneIndex:
    """An index of zones that finds the zone around a point. Of several that hold it, one that lies
    within another comes before that one; otherwise it is the one whose middle is nearest."""

    def __init__(self, zones: Iterable[Zone]) -> None:
        shaped = [(zone, grid_shape(zone)) for zone in zones]
        shaped.sort(key=lambda pair: pair[1].area)
        self._zones: list[Zone] = [zone for zone, _ in shaped]
        shapes = [shape for _, shape in shaped]
        self._tree = shapely.STRtree(shapes)
        self._middles = np.array([(zone.lat, zone.lon) for zone in self._zones]).reshape(-1, 2)
        found: Ints = self._tree.query(np.array(shapes, dtype=object), predicate="contains")
        holding = cast(list[list[int]], found.T.tolist())
        #: The pairs of a zone and one within it; of two that are alike the second holds the first.
        self._nested = [(outer, inner) for outer, inner in holding if inner < outer]

    def at(self, lat: Floats, lon: Floats, days: Sequence[date]) -> list[Zone | None]:
        """The zone around each point on its day; None where there is none."""
        if not self._zones or not len(days):
            return [None] * len(days)
        east, north = grid_metres(lat, lon)
        hits: Ints = self._tree.query(shapely.points(east, north), predicate="intersects")
        pairs = cast(list[tuple[int, int]], hits.T.tolist())
        active = [self._zones[n].is_active(days[p]) for p, n in pairs]
        point, number = hits[:, active]
        found = np.full(len(days), len(self._zones))
        found[point] = number
        several = np.bincount(point, minlength=len(days))[point] > 1
        if several.any():
            point, number = self._innermost(point[several], number[several])
            middle_east, middle_north = grid_metres(*self._middles[number].T)
            away = np.hypot(east[point] - middle_east, north[point] - middle_north)
            # The last one that is written of a point stays: the nearest.
            order = np.lexsort((-number, -away))
            found[point[order]] = number[order]
        # After the last zone comes none.
        zones: list[Zone | None] = [*self._zones, None]
        return [zones[n] for n in found.tolist()]

    def _innermost(self, point: Ints, number: Ints) -> tuple[Ints, Ints]:
        """The pairs of points and zones without those of a zone around another one that holds the
        point as well."""
        kept = np.ones(len(point), dtype=np.bool_)
        for outer, inner in self._nested:
            is_outer = number == outer
            if is_outer.any():
                kept &= ~(is_outer & np.isin(point, point[number == inner]))
        return point[kept], number[kept]


def zone_box(zone: Zone) -> tuple[float, float, float, float]:
    """The box around a zone.

    Returns:
        The least latitude and longitude, and the greatest latitude and longitude.
    """
    if zone.polygon is None:
        assert zone.radius_m is not None
        high = zone.radius_m / M_PER_DEG
        wide = high / np.cos(np.radians(zone.lat))
        return zone.lat - high, zone.lon - wide, zone.lat + high, zone.lon + wide
    lon, lat = zip(*zone.polygon[0], strict=True)
    return min(lat), min(lon), max(lat), max(lon)


def grid_shape(zone: Zone) -> shapely.Polygon:
    """The shape of a zone in EPSG:25832, in metres; a circle has many corners there."""
    if zone.polygon is None:
        assert zone.radius_m is not None
        [east], [north] = grid_metres(np.array([zone.lat]), np.array([zone.lon]))
        return shapely.Point(east, north).buffer(zone.radius_m, quad_segs=QUARTER_SIDES)
    rings = [
        np.column_stack(grid_metres(np.array([p[1] for p in ring]), np.array([p[0] for p in ring])))
        for ring in zone.polygon
    ]
    return shapely.Polygon(rings[0], rings[1:])
