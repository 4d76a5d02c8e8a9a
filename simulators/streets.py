"""A generated town: corners and streets inside an outline, and the quickest paths along them."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree
from scipy.spatial import Delaunay

from fleet.arrays import Bools, Floats, Ints
from simulators.municipality import PilotDepotRow, Town

#: The mean radius of the earth with which the pilot is generated. The radius of `fleet.earth` is
#: 1.4 millionths smaller and would change the pilot's positions.
PILOT_EARTH_RADIUS_M = 6_371_008.8

#: No address is nearer to a depot than this, so that no visit looks like a return.
NO_HOMES_M = 300.0


@dataclass(frozen=True, slots=True)
class LocalPlane:
    """A plane in metres east and north of a reference point; exact to 0.1 % in a municipality."""

    lat: float
    lon: float

    def to_metres(self, degrees: Floats) -> Floats:
        """x and y in metres, (n, 2), of latitudes and longitudes in degrees, (n, 2)."""
        x = np.radians(degrees[:, 1] - self.lon) * np.cos(np.radians(self.lat))
        y = np.radians(degrees[:, 0] - self.lat)
        return PILOT_EARTH_RADIUS_M * np.column_stack((x, y))

    def to_degrees(self, xy: Floats) -> Floats:
        """Latitudes and longitudes in degrees, (n, 2), of x and y in metres, (n, 2)."""
        lat = self.lat + np.degrees(xy[:, 1] / PILOT_EARTH_RADIUS_M)
        lon = self.lon + np.degrees(xy[:, 0] / PILOT_EARTH_RADIUS_M / np.cos(np.radians(self.lat)))
        return np.column_stack((lat, lon))


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetPath:
    """A path along streets: n corners in metres, (n, 2), and the speed on n - 1 streets."""

    xy: Floats
    kmh: Floats


class Streets:
    """The streets of a town; the same `town` and `depots` always give the same streets.

    `depots` maps the id of each depot to its corner, `addresses` to the corners that it serves.
    """

    def __init__(self, town: Town, depots: tuple[PilotDepotRow, ...]) -> None:
        rng = np.random.default_rng(town.seed)
        self.plane = LocalPlane(*np.array(town.outline).mean(axis=0).tolist())
        sites = self.plane.to_metres(np.array([(depot.lat, depot.lon) for depot in depots]))
        main, main_speed = _arterials(town, self.plane)
        fixed = np.concatenate([sites, main])
        corners = _corners(town, self.plane, rng)
        corners = corners[_distance_to_nearest(corners, fixed) > town.block_m / 2]
        self.xy = np.concatenate([fixed, corners])

        speed = {(a + len(sites), b + len(sites)): kmh for (a, b), kmh in main_speed.items()}
        for side in _streets_built(self.xy, town, rng):
            speed.setdefault(side, float(rng.uniform(*town.street_kmh)))
        edges = np.array(list(speed), dtype=np.int64)
        length_km = np.linalg.norm(self.xy[edges[:, 0]] - self.xy[edges[:, 1]], axis=1) / 1000
        graph = _graph(edges, length_km / np.array(list(speed.values())), len(self.xy))

        homes = np.flatnonzero(_largest_component(graph))
        homes = homes[homes >= len(fixed)]
        homes = homes[_distance_to_nearest(self.xy[homes], sites) > NO_HOMES_M]
        self.depots = {depot.id: corner for corner, depot in enumerate(depots)}
        self.addresses = {
            depot.id: _addresses(depot, site, self.xy, homes, rng)
            for depot, site in zip(depots, sites, strict=True)
        }
        origins = np.unique(np.concatenate([np.arange(len(sites)), *self.addresses.values()]))
        before = dijkstra(graph, directed=False, indices=origins, return_predecessors=True)[1]
        self._before = {int(o): row for o, row in zip(origins, before.tolist(), strict=True)}
        self._kmh = speed | {(b, a): kmh for (a, b), kmh in speed.items()}
        self._paths: dict[tuple[int, int], StreetPath] = {}

    def path(self, origin: int, destination: int) -> StreetPath:
        """The quickest path from a depot or an address to another."""
        known = self._paths.get((origin, destination))
        if known is not None:
            return known
        corners = [destination]
        before = self._before[origin]
        while corners[-1] != origin:
            corners.append(before[corners[-1]])
        corners.reverse()
        kmh = [self._kmh[side] for side in pairwise(corners)]
        path = StreetPath(xy=self.xy[corners], kmh=np.array(kmh, dtype=np.float64))
        self._paths[origin, destination] = path
        return path


def _arterials(town: Town, plane: LocalPlane) -> tuple[Floats, dict[tuple[int, int], float]]:
    """The corners of all main roads.

    Returns:
        The distinct corners, (n, 2), and the speed between each pair of neighbouring ones.
    """
    courses = [_spaced(plane.to_metres(np.array(a.course)), town.block_m) for a in town.arterial]
    points, index = np.unique(np.round(np.concatenate(courses)), axis=0, return_inverse=True)
    speed: dict[tuple[int, int], float] = {}
    first = 0
    for arterial, course in zip(town.arterial, courses, strict=True):
        corners: list[int] = index[first : first + len(course)].tolist()
        for a, b in pairwise(corners):
            speed[min(a, b), max(a, b)] = arterial.kmh
        first += len(course)
    return points, speed


def _spaced(course: Floats, step_m: float) -> Floats:
    """Points along a line, about `step_m` apart; they include the points that define the line."""
    parts: list[Floats] = []
    for a, b in pairwise(course):
        pieces = max(1, round(float(np.linalg.norm(b - a)) / step_m))
        parts.append(a + (b - a) * (np.arange(pieces) / pieces)[:, None])
    return np.concatenate([*parts, course[-1:]])


def _corners(town: Town, plane: LocalPlane, rng: np.random.Generator) -> Floats:
    """Corners on a jittered grid inside the outline and outside the areas without streets."""
    outline = plane.to_metres(np.array(town.outline))
    low, high = outline.min(axis=0), outline.max(axis=0)
    x, y = np.meshgrid(*(np.arange(low[i], high[i], town.block_m) for i in (0, 1)))
    grid = np.column_stack((x.ravel(), y.ravel()))
    grid += rng.normal(0.0, town.jitter_m, grid.shape)
    keep = is_inside(grid, outline)
    for area in town.without_streets:
        keep &= ~is_inside(grid, plane.to_metres(np.array(area)))
    return grid[keep]


def is_inside(points: Floats, polygon: Floats) -> Bools:
    """Whether each of the (n, 2) points lies inside the (m, 2) polygon, by counting crossings."""
    x, y = points[:, :1], points[:, 1:]
    x0, y0 = polygon[:, 0], polygon[:, 1]
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    crosses = (y0 > y) != (y1 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        left_of = x < x0 + (y - y0) / (y1 - y0) * (x1 - x0)
    return (crosses & left_of).sum(axis=1) % 2 == 1


def _distance_to_nearest(points: Floats, others: Floats) -> Floats:
    gaps = np.linalg.norm(points[:, None, :] - others[None, :, :], axis=2)
    return gaps.min(axis=1)


def _streets_built(xy: Floats, town: Town, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Streets between neighbouring corners: those that connect the town, and some others."""
    corners_of: Ints = Delaunay(xy).simplices.astype(np.int64)
    sides = np.concatenate([corners_of[:, [0, 1]], corners_of[:, [1, 2]], corners_of[:, [2, 0]]])
    edges = np.unique(np.sort(sides, axis=1), axis=0)
    length = np.linalg.norm(xy[edges[:, 0]] - xy[edges[:, 1]], axis=1)
    edges, length = edges[length < town.street_max_m], length[length < town.street_max_m]
    tree = minimum_spanning_tree(_graph(edges, length, len(xy))).tocoo()
    connects = {(int(a), int(b)) for a, b in zip(tree.row, tree.col, strict=True)}
    kept = rng.random(len(edges)) >= town.dropped_share
    pairs = [(int(a), int(b)) for a, b in edges]
    return [pair for pair, keep in zip(pairs, kept, strict=True) if keep or pair in connects]


def _addresses(
    depot: PilotDepotRow, site: Floats, xy: Floats, homes: Ints, rng: np.random.Generator
) -> Ints:
    """The corners that a depot's vehicles visit.

    Raises:
        ValueError: fewer corners lie within the depot's reach.
    """
    near = homes[np.linalg.norm(xy[homes] - site, axis=1) < depot.reach_km * 1000]
    if len(near) < depot.addresses:
        raise ValueError(f"depot {depot.id!r}: {len(near)} corners within {depot.reach_km} km")
    return np.sort(rng.choice(near, depot.addresses, replace=False))


def _graph(edges: Ints, weight: Floats, corners: int) -> csr_array:
    return coo_array((weight, (edges[:, 0], edges[:, 1])), shape=(corners, corners)).tocsr()


def _largest_component(graph: csr_array) -> Bools:
    label = connected_components(graph, directed=False)[1]
    return label == np.bincount(label).argmax()
